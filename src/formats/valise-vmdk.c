/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vmdk.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-foreign-image.h"
#include "formats/valise-reader.h"
#include "formats/valise-vmx-text.h"

#define SECTOR 512
#define LONGEST_TEXT ((gsize) 256 * 1024)
#define NO_CID 0xffffffffu
#define MOST_EXTENTS 4096
/* QEMU reads this much of an embedded descriptor, whatever its header says. */
#define LEAST_EMBEDDED (20 * SECTOR)
#define NAME_SHOWN 120

static void
extent_free (gpointer data)
{
  ValiseVmdkExtent *extent = data;

  g_free (extent->kind);
  g_free (extent->file);
  g_free (extent);
}

void
valise_vmdk_free (ValiseVmdk *self)
{
  g_free (self->kind);
  g_free (self->parent);
  g_ptr_array_unref (self->extents);
  g_free (self);
}

static gboolean
set_damaged (const ValisePackageMember *member, const char *what, GError **error)
{
  g_autofree char *shown = valise_text_for_display (what, NAME_SHOWN);
  g_autofree char *name = valise_text_for_display (member->name, NAME_SHOWN);

  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED,
               _ ("The disk “%s” is damaged, or no disk of VMware: %s."), name, shown);
  return FALSE;
}

static gboolean
set_refused (const ValisePackageMember *member, const char *what, GError **error)
{
  g_autofree char *shown = valise_text_for_display (what, NAME_SHOWN);
  g_autofree char *name = valise_text_for_display (member->name, NAME_SHOWN);

  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED, _ ("The disk “%s” cannot be read here: %s."),
               name, shown);
  return FALSE;
}

/* --- bytes --- */

/* What there is of @length bytes from @offset on. */
static GBytes *
read_at (ValisePackage *package, const ValisePackageMember *member, guint64 offset, gsize length)
{
  g_autofree char *buffer = g_malloc0 (length + 1);
  gsize there = valise_package_peek (package, member, offset, buffer, length);

  return g_bytes_new_take (g_steal_pointer (&buffer), there);
}

static guint64
get_le (GBytes *bytes, gsize at, gsize width)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint64 value = 0;

  for (gsize i = 0; i < width && at + i < length; i++)
    value |= (guint64) data[at + i] << (8 * i);
  return value;
}

static gboolean
begins_with (GBytes *bytes, const char *magic)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return length >= strlen (magic) && memcmp (data, magic, strlen (magic)) == 0;
}

/* --- lines --- */

static gboolean
read_number (const char *text, guint64 *number)
{
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64 / SECTOR, number, NULL);
}

static ValiseVmdkExtent *
extent_new (GMatchInfo *match)
{
  ValiseVmdkExtent *extent = g_new0 (ValiseVmdkExtent, 1);
  g_autofree char *sectors = g_match_info_fetch (match, 2);
  g_autofree char *file = g_match_info_fetch (match, 4);
  g_autofree char *offset = g_match_info_fetch (match, 5);
  guint64 start = 0;
  gboolean good = read_number (sectors, &extent->bytes);

  extent->kind = g_match_info_fetch (match, 3);
  extent->file = file != NULL && *file != '\0' ? g_steal_pointer (&file) : NULL;
  if (offset != NULL && *offset != '\0')
    good = read_number (offset, &start) && good;
  extent->bytes *= SECTOR;
  extent->offset = start * SECTOR;
  if (good)
    return extent;
  extent_free (extent);
  return NULL;
}

static gboolean
add_extent (ValiseVmdk *self, GMatchInfo *match)
{
  ValiseVmdkExtent *extent = self->extents->len < MOST_EXTENTS ? extent_new (match) : NULL;

  if (extent == NULL)
    return FALSE;
  g_ptr_array_add (self->extents, extent);
  return extent->bytes <= G_MAXINT64 - self->capacity && (self->capacity += extent->bytes, TRUE);
}

static GRegex *
extent_pattern (void)
{
  static gsize pattern;

  if (g_once_init_enter (&pattern))
    g_once_init_leave (&pattern,
                       (gsize) g_regex_new ("^(RW|RDONLY|NOACCESS)[ \t]+([0-9]{1,20})[ \t]+([A-Za-z0-9_]{1,32})"
                                            "(?:[ \t]+\"([^\"]*)\"(?:[ \t]+([0-9]{1,20}))?(?:[ \t].*)?)?$",
                                            G_REGEX_OPTIMIZE, 0, NULL));
  return (GRegex *) pattern;
}

/* A setting, a comment or an extent. Control characters would be the end of a line for some programs. */
static gboolean
read_line (ValiseVmdk *self, char *line)
{
  g_autoptr (GMatchInfo) match = NULL;

  for (const char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) && *c != '\t')
      return FALSE;
  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return TRUE;
  if (g_regex_match (extent_pattern (), line, 0, &match))
    return add_extent (self, match);
  return g_ascii_isalpha (*line) && strchr (line, '=') != NULL;
}

static gboolean
read_cid (ValiseVmxText *text, const char *key, guint32 *cid)
{
  const char *written = valise_vmx_text_get_filled (text, key);
  guint64 number;

  *cid = NO_CID;
  if (written == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (written, 16, 0, G_MAXUINT32, &number, NULL))
    return FALSE;
  *cid = (guint32) number;
  return TRUE;
}

static guint
count_lines_with (ValiseVmxText *text, const char *word)
{
  guint n = 0;

  for (char **line = valise_vmx_text_lines (text); *line != NULL; line++)
    for (const char *at = strstr (*line, word); at != NULL; at = strstr (at + 1, word))
      n++;
  return n;
}

/* QEMU looks for the words anywhere in the text, so they may stand only where they mean something. */
static gboolean
is_plain (ValiseVmxText *text)
{
  const char *const words[] = { "parentFileNameHint", "parentCID", "createType" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (count_lines_with (text, words[i]) != (valise_vmx_text_get (text, words[i]) != NULL))
      return FALSE;
  return valise_vmx_text_contradiction (text) == NULL;
}

static gboolean
read_keys (ValiseVmdk *self, ValiseVmxText *text)
{
  const char *parent = valise_vmx_text_get_filled (text, "parentFileNameHint");

  self->kind = g_strdup (valise_vmx_text_get_filled (text, "createType"));
  self->parent = g_strdup (parent);
  return read_cid (text, "CID", &self->cid) && read_cid (text, "parentCID", &self->parent_cid);
}

static gboolean
read_text (ValiseVmdk *self, const ValisePackageMember *member, GBytes *bytes, GError **error)
{
  g_autoptr (ValiseVmxText) text = valise_vmx_text_parse (bytes, member->name);

  if (text == NULL || !is_plain (text) || !read_keys (self, text))
    return set_damaged (member, _ ("its description contradicts itself"), error);
  for (char **line = valise_vmx_text_lines (text); *line != NULL; line++)
    if (!read_line (self, *line))
      return set_damaged (member, *line, error);
  return TRUE;
}

/* --- the kinds of file --- */

static GBytes *
until_nul (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return g_bytes_new_from_bytes (bytes, 0, strnlen (data, length));
}

static gboolean
read_descriptor (ValiseVmdk *self, ValisePackage *package, const ValisePackageMember *member, GError **error)
{
  g_autoptr (GBytes) bytes = NULL, text = NULL;

  if (member->size > LONGEST_TEXT)
    return set_damaged (member, _ ("its description is longer than any"), error);
  bytes = valise_package_read (package, member, LONGEST_TEXT, error);
  if (bytes == NULL)
    return FALSE;
  text = until_nul (bytes);
  if (!valise_foreign_image_ends_plainly (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)))
    return set_damaged (member, _ ("there is more behind its description"), error);
  if (!read_text (self, member, text, error))
    return FALSE;
  return self->extents->len > 0 || set_damaged (member, _ ("it names no file that holds its data"), error);
}

/* The extent that an embedded descriptor names is the file itself, by whatever name it had once. */
static gboolean
read_embedded (ValiseVmdk *self,
               ValisePackage *package,
               const ValisePackageMember *member,
               guint64 sectors,
               GError **error)
{
  g_autoptr (GBytes) bytes = NULL, text = NULL;
  guint64 capacity = self->capacity;

  if (sectors > LONGEST_TEXT / SECTOR)
    return set_damaged (member, _ ("its description is longer than any"), error);
  /* The half of a line would be blamed for what the whole of it does not say. */
  if (member->size < SECTOR + sectors * SECTOR)
    return set_damaged (member, _ ("it ends within its description, as it was cut short"), error);
  bytes = read_at (package, member, SECTOR, (gsize) MAX (sectors * SECTOR, LEAST_EMBEDDED));
  text = until_nul (bytes);
  if (g_bytes_get_size (text) > 0 && !read_text (self, member, text, error))
    return FALSE;
  g_ptr_array_set_size (self->extents, 0);
  self->capacity = capacity;
  return TRUE;
}

static gboolean
read_sparse (ValiseVmdk *self, ValisePackage *package, const ValisePackageMember *member, GBytes *head, GError **error)
{
  guint64 sectors = get_le (head, 12, 8);
  guint64 at = get_le (head, 28, 8);

  /* With 0 sectors QEMU takes the file for a descriptor, and elsewhere than at 1 it finds another than we do. */
  if (sectors == 0 || sectors > G_MAXINT64 / SECTOR)
    return set_damaged (member, _ ("its size cannot be true"), error);
  if (at > 1)
    return set_damaged (member, _ ("its description lies where none should"), error);
  self->capacity = sectors * SECTOR;
  return at == 0 || read_embedded (self, package, member, get_le (head, 36, 8), error);
}

static gboolean
read_any (ValiseVmdk *self, ValisePackage *package, const ValisePackageMember *member, GError **error)
{
  g_autoptr (GBytes) head = read_at (package, member, 0, SECTOR);

  if (begins_with (head, "KDMV"))
    return read_sparse (self, package, member, head, error);
  if (begins_with (head, "COWD"))
    {
      self->capacity = get_le (head, 12, 4) * SECTOR;
      return self->capacity > 0 || set_damaged (member, _ ("its size cannot be true"), error);
    }
  if (begins_with (head, "# Disk DescriptorFile"))
    return read_descriptor (self, package, member, error);
  return set_damaged (member, _ ("it does not begin as one"), error);
}

/* Disks whose bytes lie on a device of the computer that the machine ran on. */
static gboolean
check_kind (ValiseVmdk *self, const ValisePackageMember *member, GError **error)
{
  static const char *const readable[] = {
    "monolithicSparse",
    "monolithicFlat",
    "twoGbMaxExtentSparse",
    "twoGbMaxExtentFlat",
    "streamOptimized",
    "vmfs",
    "vmfsThin",
    "vmfsSparse",
    "seSparse",
    "vmfsEagerZeroedThick",
    "vmfsPreallocated",
    NULL,
  };

  for (gsize i = 0; self->kind != NULL && readable[i] != NULL; i++)
    if (g_ascii_strcasecmp (readable[i], self->kind) == 0)
      return TRUE;
  return self->kind == NULL || set_refused (member, self->kind, error);
}

ValiseVmdk *
valise_vmdk_read (ValisePackage *package, const ValisePackageMember *member, GError **error)
{
  g_autoptr (ValiseVmdk) self = g_new0 (ValiseVmdk, 1);

  self->extents = g_ptr_array_new_with_free_func (extent_free);
  self->cid = self->parent_cid = NO_CID;
  if (!read_any (self, package, member, error) || !check_kind (self, member, error))
    return NULL;
  return g_steal_pointer (&self);
}
