/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snapshot.xml. It may come from anybody: bounds first, and names only what lies in the bundle. */
#include "bundle/valise-snapshot-private.h"

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-medium.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEDULED "schedule"
#define PRECAUTION "precaution"
#define RECORD "snapshot.xml"
#define RECORD_MOST (256 * 1024)
#define ID_LENGTH 12
#define DISKS_MOST 1024

static const char *const memory_words[] = { "none", "paused", "running" };

void
_valise_snapshot_disk_free (gpointer data)
{
  ValiseSnapshotDisk *disk = data;

  g_free (disk->target);
  g_free (disk->file);
  g_free (disk->format);
  g_free (disk->upper);
  _valise_image_stamp_clear (&disk->stamp);
  g_free (disk);
}

void
valise_snapshot_free (ValiseSnapshot *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->parent);
  g_free (self->name);
  g_free (self->note);
  g_ptr_array_unref (self->disks);
  g_free (self);
}

ValiseSnapshot *
_valise_snapshot_new (const char *id, const char *name, const char *note)
{
  ValiseSnapshot *self = g_new0 (ValiseSnapshot, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);
  self->note = g_strdup (note != NULL ? note : "");
  self->disks = g_ptr_array_new_with_free_func (_valise_snapshot_disk_free);
  return self;
}

gboolean
_valise_snapshot_is_id (const char *text)
{
  return text != NULL && strlen (text) == ID_LENGTH && strspn (text, "0123456789abcdef") == ID_LENGTH;
}

/* --- parts --- */

gboolean
_valise_snapshot_has_part (const char *folder, const char *part)
{
  g_autofree char *path = g_build_filename (folder, part, NULL);
  g_autoptr (GDir) directory = NULL;
  struct stat status;

  if (lstat (path, &status) != 0 || (!S_ISREG (status.st_mode) && !S_ISDIR (status.st_mode)))
    return FALSE;
  directory = S_ISDIR (status.st_mode) ? g_dir_open (path, 0, NULL) : NULL;
  return S_ISREG (status.st_mode) || (directory != NULL && g_dir_read_name (directory) != NULL);
}

gboolean
_valise_snapshot_lacks (const char *folder, const ValiseSnapshot *self, const char *part)
{
  gboolean kept = g_str_equal (part, "vars.fd") ? self->has_variables
                  : g_str_equal (part, "tpm")   ? self->has_tpm
                                                : self->memory != VALISE_SNAPSHOT_MEMORY_NONE;

  return kept && !_valise_snapshot_has_part (folder, part);
}

/* --- reading --- */

static char *
get (xmlNode *node, const char *name)
{
  g_autoptr (ValiseXmlChar) value = xmlGetNoNsProp (node, (const xmlChar *) name);

  return g_strdup ((const char *) value);
}

static gint64
get_number (xmlNode *node, const char *name)
{
  g_autofree char *text = get (node, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/* A format that is not stated right is found out when the image is looked at. */
/* What the bundle itself is made of is no disk, and would go with a merge. */
static gboolean
may_be_image (const char *file)
{
  static const char *const own[] = { "snapshots/", "nvram/", "tpm/", "state/", "logs/", NULL };

  for (gsize i = 0; own[i] != NULL; i++)
    if (g_str_has_prefix (file, own[i]))
      return FALSE;
  return valise_path_is_plain_relative (file) && file[0] != '.' && !g_str_equal (file, VALISE_BUNDLE_CONFIG);
}

static gboolean
read_disk (xmlNode *node, ValiseSnapshot *self)
{
  ValiseSnapshotDisk *disk = g_new0 (ValiseSnapshotDisk, 1);

  disk->target = get (node, "target");
  disk->file = get (node, "file");
  disk->format = get (node, "format");
  disk->upper = get (node, "upper");
  disk->stamp.size = get_number (node, "size");
  disk->stamp.modified = get_number (node, "modified");
  disk->stamp.inode = get_number (node, "inode");
  disk->stamp.born = get_number (node, "born");
  disk->stamp.sample = get (node, "sample");
  g_ptr_array_add (self->disks, disk);
  return disk->target != NULL && disk->format != NULL && disk->file != NULL && may_be_image (disk->file)
         && self->disks->len <= DISKS_MOST;
}

static ValiseSnapshotMemory
read_memory (xmlNode *node)
{
  g_autofree char *word = get (node, "memory");

  for (guint i = 0; i < G_N_ELEMENTS (memory_words); i++)
    if (g_strcmp0 (word, memory_words[i]) == 0)
      return i;
  return VALISE_SNAPSHOT_MEMORY_NONE;
}

static ValiseSnapshot *
read_tree (xmlNode *root, const char *id)
{
  g_autofree char *name = get (root, "name");
  g_autofree char *parent = get (root, "parent");
  g_autofree char *hidden = get (root, "hidden");
  g_autofree char *made = get (root, "made");
  g_autofree char *variables = get (root, "variables");
  g_autofree char *tpm = get (root, "tpm");
  g_autoptr (ValiseSnapshot) self = _valise_snapshot_new (id, name != NULL ? name : id, NULL);

  self->parent = _valise_snapshot_is_id (parent) && !g_str_equal (parent, id) ? g_steal_pointer (&parent) : NULL;
  self->time = get_number (root, "time");
  self->memory = read_memory (root);
  self->hidden = g_strcmp0 (hidden, "yes") == 0;
  self->scheduled = g_strcmp0 (made, SCHEDULED) == 0;
  self->precaution = g_strcmp0 (made, PRECAUTION) == 0;
  self->has_variables = g_strcmp0 (variables, "yes") == 0;
  self->has_tpm = g_strcmp0 (tpm, "yes") == 0;
  for (xmlNode *node = root->children; node != NULL; node = node->next)
    if (node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, "note") == 0)
      {
        g_autoptr (ValiseXmlChar) note = xmlNodeGetContent (node);

        g_free (self->note);
        self->note = g_strdup ((const char *) note);
      }
    else if (node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, "disk") == 0
             && !read_disk (node, self))
      return NULL;
  return g_steal_pointer (&self);
}

static char *
read_text (const char *folder, gsize *length)
{
  g_autofree char *text = NULL;
  int root = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int fd = root >= 0 ? valise_path_open_beneath (root, RECORD, O_RDONLY | O_NONBLOCK, 0, NULL) : -1;
  struct stat status;
  gssize got = -1;

  if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size <= RECORD_MOST)
    {
      text = g_malloc (status.st_size + 1);
      got = pread (fd, text, status.st_size, 0);
    }
  if (fd >= 0)
    close (fd);
  if (root >= 0)
    close (root);
  *length = MAX (got, 0);
  return got >= 0 ? g_steal_pointer (&text) : NULL;
}

void
_valise_snapshot_set_damaged (GError **error, const char *id, const char *file)
{
  g_autofree char *shown = file != NULL ? valise_text_for_display (file, 200) : NULL;

  if (file == NULL)
    g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED,
                 _ ("The record of a snapshot, “%s/%s/%s”, cannot be read. Restore that file from a backup, or delete "
                    "the snapshot."),
                 VALISE_SNAPSHOTS, id, RECORD);
  else
    g_set_error (error, VALISE_SNAPSHOT_ERROR, VALISE_SNAPSHOT_ERROR_DAMAGED,
                 _ ("The record of a snapshot, “%s/%s/%s”, cannot be read, and the image “%s” may be one that it needs "
                    "as it is. Restore that file from a backup, or delete the snapshot."),
                 VALISE_SNAPSHOTS, id, RECORD, shown);
}

ValiseSnapshot *
_valise_snapshot_read (const char *folder, const char *id, GError **error)
{
  gsize length;
  g_autofree char *text = read_text (folder, &length);
  g_autoptr (xmlDoc) tree = text != NULL ? valise_xml_parse (text, (gssize) length, RECORD, NULL) : NULL;
  xmlNode *root = tree != NULL ? xmlDocGetRootElement (tree) : NULL;
  ValiseSnapshot *self =
      root != NULL && strcmp ((const char *) root->name, "snapshot") == 0 ? read_tree (root, id) : NULL;

  if (self == NULL)
    _valise_snapshot_set_damaged (error, id, NULL);
  return self;
}

/* --- writing --- */

static void
set (xmlNode *node, const char *name, const char *value)
{
  if (value != NULL)
    xmlNewProp (node, (const xmlChar *) name, (const xmlChar *) value);
}

static void
set_number (xmlNode *node, const char *name, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" PRId64, value);

  set (node, name, text);
}

static void
write_disk (xmlNode *root, const ValiseSnapshotDisk *disk)
{
  xmlNode *node = xmlNewChild (root, NULL, (const xmlChar *) "disk", NULL);

  set (node, "target", disk->target);
  set (node, "file", disk->file);
  set (node, "format", disk->format);
  set (node, "upper", disk->upper);
  if (disk->stamp.sample == NULL)
    return;
  set_number (node, "size", (gint64) disk->stamp.size);
  set_number (node, "modified", disk->stamp.modified);
  set_number (node, "inode", (gint64) disk->stamp.inode);
  if (disk->stamp.born != 0)
    set_number (node, "born", disk->stamp.born);
  set (node, "sample", disk->stamp.sample);
}

static void
fill (xmlNode *root, const ValiseSnapshot *self)
{
  g_autofree char *name = g_utf8_make_valid (self->name, -1);
  g_autofree char *note = g_utf8_make_valid (self->note, -1);

  set (root, "name", name);
  set (root, "parent", self->parent);
  set_number (root, "time", self->time);
  set (root, "memory", memory_words[self->memory]);
  set (root, "variables", self->has_variables ? "yes" : NULL);
  set (root, "tpm", self->has_tpm ? "yes" : NULL);
  set (root, "hidden", self->hidden ? "yes" : NULL);
  set (root, "made", self->scheduled ? SCHEDULED : self->precaution ? PRECAUTION : NULL);
  if (*note != '\0')
    xmlNewTextChild (root, NULL, (const xmlChar *) "note", (const xmlChar *) note);
  for (guint i = 0; i < self->disks->len; i++)
    write_disk (root, self->disks->pdata[i]);
}

gboolean
_valise_snapshot_write (const char *folder, const ValiseSnapshot *self, GError **error)
{
  g_autofree char *file = g_build_filename (folder, RECORD, NULL);
  g_autoptr (xmlDoc) tree = xmlNewDoc ((const xmlChar *) "1.0");
  xmlNode *root = xmlNewNode (NULL, (const xmlChar *) "snapshot");
  g_autoptr (ValiseXmlChar) text = NULL;
  int length;

  xmlDocSetRootElement (tree, root);
  fill (root, self);
  xmlDocDumpFormatMemoryEnc (tree, &text, &length, "UTF-8", 1);
  if (valise_file_replace (file, (const char *) text, length, 0600, error))
    return TRUE;
  _valise_medium_translate (error, file, length);
  return FALSE;
}
