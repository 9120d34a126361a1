/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What qemu-img is told: every layer with its driver by name, so that it never guesses; files by descriptor, so that no
 * name of a stranger is read as more than a name and nothing is swapped between the look and the reading. */
#include "bundle/valise-image-convert.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image-server.h"
#include "bundle/valise-medium.h"

/* Address space of qemu-img: far above what it takes, and far below what a hostile table could have it take. */
#define ADDRESS_SPACE (4 * VALISE_GIB)
#define SECTOR 512

typedef struct
{
  JsonBuilder *json;
  int fds[VALISE_PROCESS_FDS_MOST];
  guint n_fds;
  int descriptions[VALISE_PROCESS_FDS_MOST]; /* of fds, those that are closed in the end */
  guint n_descriptions;
  ValiseImageServer *server; /* of the first place, when it is packed */
  const char *name;
} Options;

static void
add_string (JsonBuilder *json, const char *key, const char *value)
{
  json_builder_set_member_name (json, key);
  json_builder_add_string_value (json, value);
}

static void
add_number (JsonBuilder *json, const char *key, guint64 value)
{
  json_builder_set_member_name (json, key);
  json_builder_add_int_value (json, (gint64) value);
}

static gboolean
add_file (Options *options, const ValiseImagePlace *place, const char *path, GError **error)
{
  g_autofree char *name = NULL;

  if (options->n_fds == VALISE_PROCESS_FDS_MOST || (path != NULL && !g_utf8_validate (path, -1, NULL)))
    {
      g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
                   path != NULL ? _ ("The name of the folder of “%s” is not UTF-8 text. Rename the folder.")
                                : _ ("The disk “%s” has more snapshots than can be put together here."),
                   options->name);
      return FALSE;
    }
  if (path == NULL)
    {
      name = g_strdup_printf ("/proc/self/fd/%u", VALISE_PROCESS_FIRST_FD + options->n_fds);
      options->fds[options->n_fds++] = place->fd;
    }
  json_builder_begin_object (options->json);
  add_string (options->json, "driver", "file");
  add_string (options->json, "filename", path != NULL ? path : name);
  json_builder_end_object (options->json);
  return TRUE;
}

static gboolean
is_whole_file (const ValiseImagePlace *place)
{
  struct stat st;

  return place->offset == 0 && fstat (place->fd, &st) == 0 && (guint64) st.st_size == place->size;
}

/* QEMU counts in sectors; what an archive fills a member's last one up with are zeros. */
static guint64
whole_sectors (const ValiseImagePlace *place)
{
  struct stat st;
  guint64 rounded = (place->size + SECTOR - 1) / SECTOR * SECTOR;

  return fstat (place->fd, &st) == 0 && place->offset + rounded <= (guint64) st.st_size ? rounded : place->size;
}

/* What is packed is given to QEMU by this program. */
static gboolean
add_server (Options *options, const ValiseImagePlace *place, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%u", VALISE_PROCESS_FIRST_FD + options->n_fds);

  options->server = _valise_image_server_new (place->packed, error);
  if (options->server == NULL)
    return FALSE;
  options->fds[options->n_fds++] = _valise_image_server_get_fd (options->server);
  json_builder_begin_object (options->json);
  add_string (options->json, "driver", "nbd");
  json_builder_set_member_name (options->json, "server");
  json_builder_begin_object (options->json);
  add_string (options->json, "type", "fd");
  add_string (options->json, "str", number);
  json_builder_end_object (options->json);
  json_builder_end_object (options->json);
  return TRUE;
}

static gboolean
add_place (Options *options, const ValiseImagePlace *place, const char *path, GError **error)
{
  if (place->packed != NULL)
    return add_server (options, place, error);
  if (path != NULL || is_whole_file (place))
    return add_file (options, place, path, error);
  json_builder_begin_object (options->json);
  add_string (options->json, "driver", "raw");
  add_number (options->json, "offset", place->offset);
  add_number (options->json, "size", whole_sectors (place));
  json_builder_set_member_name (options->json, "file");
  if (!add_file (options, place, NULL, error))
    return FALSE;
  json_builder_end_object (options->json);
  return TRUE;
}

/* --- a disk in several files inside of an archive --- */

/* All of them lie in the archive, which is open once. Returns: the descriptor's number for the child; 0: there are too many */
static guint
number_of_file (Options *options, int fd)
{
  for (guint i = 0; i < options->n_fds; i++)
    if (options->fds[i] == fd)
      return VALISE_PROCESS_FIRST_FD + i;
  if (options->n_fds == VALISE_PROCESS_FDS_MOST)
    return 0;
  options->fds[options->n_fds++] = fd;
  return VALISE_PROCESS_FIRST_FD + options->n_fds - 1;
}

static gboolean
is_plain_word (const char *word)
{
  return word != NULL && *word != '\0' && strspn (word, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS) == strlen (word);
}

/* The description, with the archive's descriptor in place of each file's name: QEMU finds that beside /proc/self/fd/N, and is
 * told with each where in it to read. Nothing else of what a stranger wrote comes along. (transfer full) (nullable) */
static char *
describe (Options *options, const ValiseImageSource *source, const ValiseForeignImage *image)
{
  g_autoptr (GString) text = g_string_new ("# Disk DescriptorFile\nversion=1\n");

  if (source->n_extents != image->layout->len || !is_plain_word (image->kind) || !is_plain_word (image->cid))
    return NULL;
  g_string_append_printf (text, "CID=%s\nparentCID=%s\ncreateType=\"%s\"\n", image->cid,
                          is_plain_word (image->parent_cid) ? image->parent_cid : "ffffffff", image->kind);
  for (guint i = 0; i < image->layout->len; i++)
    {
      const ValiseForeignExtent *extent = &g_array_index (image->layout, ValiseForeignExtent, i);
      guint number = number_of_file (options, source->extents[i].fd);

      if (number == 0)
        return NULL;
      g_string_append_printf (text, "RW %" G_GUINT64_FORMAT " %s \"%u\"", extent->sectors, extent->kind, number);
      if (extent->offset >= 0)
        g_string_append_printf (text, " %" G_GINT64_FORMAT, extent->offset);
      g_string_append_c (text, '\n');
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
write_description (Options *options, const char *text, ValiseImagePlace *place)
{
  gsize length = strlen (text);

  place->fd = memfd_create ("description", MFD_CLOEXEC);
  if (place->fd < 0)
    return FALSE;
  options->descriptions[options->n_descriptions++] = place->fd;
  return write (place->fd, text, length) == (gssize) length;
}

/* "file", and where each of the files that it names lies. */
static gboolean
add_described (Options *options, const ValiseImageSource *source, const ValiseForeignImage *image, GError **error)
{
  g_autofree char *text = describe (options, source, image);
  ValiseImagePlace place = { .fd = -1, .name = source->parts[0].name };

  if (text == NULL || options->n_fds == VALISE_PROCESS_FDS_MOST || !write_description (options, text, &place))
    {
      g_set_error (
          error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
          _ ("The disk “%s” cannot be read inside an archive. Unpack the archive and bring the machine in from the "
             "folder."),
          options->name);
      return FALSE;
    }
  if (!add_file (options, &place, NULL, error))
    return FALSE;
  json_builder_set_member_name (options->json, "extents");
  json_builder_begin_array (options->json);
  for (guint i = 0; i < source->n_extents; i++)
    {
      json_builder_begin_object (options->json);
      add_string (options->json, "driver", "raw");
      add_number (options->json, "offset", source->extents[i].offset);
      add_number (options->json, "size", whole_sectors (&source->extents[i]));
      json_builder_end_object (options->json);
    }
  json_builder_end_array (options->json);
  return TRUE;
}

/* Without a parent there is none, whatever the file says. */
static gboolean
add_image (Options *options, const ValiseImageSource *source, const ValiseForeignImage *image, GError **error)
{
  gboolean described = image->extents != NULL;

  json_builder_begin_object (options->json);
  add_string (options->json, "driver", image->driver);
  json_builder_set_member_name (options->json, "file");
  if (described && source->path == NULL
          ? !add_described (options, source, image, error)
          : !add_place (options, &source->parts[0], described ? source->path : NULL, error))
    return FALSE;
  if (g_str_equal (image->driver, "vmdk"))
    json_builder_set_member_name (options->json, "backing");
  if (source->parent != NULL)
    {
      g_autoptr (ValiseForeignImage) parent = valise_foreign_image_look (&source->parent->parts[0], error);

      if (parent == NULL || !add_image (options, source->parent, parent, error))
        return FALSE;
    }
  else if (g_str_equal (image->driver, "vmdk"))
    json_builder_add_null_value (options->json);
  json_builder_end_object (options->json);
  return TRUE;
}

static char *
options_end (Options *options)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (options->json);
  g_autofree char *text = NULL;

  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat ("json:", text, NULL);
}

/* A raw one has its whole length at once, and fills it from its beginning. */
static guint64
filled (const struct stat *st)
{
  return MIN ((guint64) st->st_size, (guint64) st->st_blocks * 512);
}

static void
write_behind (ValiseImageProgress *self)
{
  int fd = open (self->to, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;

  if (fd < 0)
    return;
  if (fstat (fd, &st) == 0)
    _valise_medium_begin_writing (fd, &self->behind, filled (&st));
  close (fd);
}

/* "    (12.34/100%)" */
void
_valise_image_progress_cb (const char *line, gpointer progress)
{
  ValiseImageProgress *self = progress;
  const char *number = strchr (line, '(');
  double percent = number != NULL ? g_ascii_strtod (number + 1, NULL) : 0;
  guint64 done = (guint64) ((double) self->size * CLAMP (percent, 0, 100) / 100);

  if (done <= self->told)
    return;
  valise_job_advance (self->job, done - self->told);
  self->told = done;
  if (self->to != NULL)
    write_behind (self);
}

/* No table that lies can fill the disk: what comes out is bounded by what the guest sees, and qcow2's own tables. */
static gboolean
run (const Options *options,
     const char *from,
     const char *to,
     guint64 capacity,
     ValiseImageProgress *progress,
     GCancellable *cancellable,
     GError **error)
{
  const ValiseProcessLimits limits = { .file_size = capacity + capacity / 1000 + 64 * VALISE_MIB,
                                       .address_space = ADDRESS_SPACE };
  const char *const argv[] = {
    "qemu-img", "convert", "-p", "-t", "writeback", "-O", "qcow2", "-o", "compat=1.1,lazy_refcounts=off",
    "--",       from,      to,   NULL,
  };

  return valise_process_run_with_files (argv, &limits, options->fds, options->n_fds, _valise_image_progress_cb,
                                        progress, cancellable, error);
}

/* qemu-img knows the file by its descriptor only; a person knows its name. */
static void
translate (GError **error, const char *name, const char *to, guint64 capacity)
{
  g_autofree char *shown = valise_text_for_display (name, 120);
  g_autoptr (GError) cause = NULL;

  if (!g_error_matches (*error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_FAILED))
    return;
  cause = g_steal_pointer (error);
  if (valise_process_said (cause->message, ENOSPC))
    _valise_medium_set_error_at_rate (error, ENOSPC, to, 0, capacity);
  else
    g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
                 _ ("The disk “%s” could not be converted. Get it once more from where it came. %s"), shown,
                 cause->message);
}

static void
options_clear (Options *options)
{
  _valise_image_server_free (options->server);
  for (guint i = 0; i < options->n_descriptions; i++)
    close (options->descriptions[i]);
}

gboolean
_valise_image_convert (const ValiseImageSource *source,
                       const ValiseForeignImage *image,
                       const char *to,
                       guint64 size,
                       ValiseJob *job,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Options options = { .json = json, .name = source->parts[0].name };
  ValiseImageProgress progress = { .job = job, .size = size, .to = to };
  g_autofree char *from = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GError) served = NULL;
  gboolean done;

  if (!add_image (&options, source, image, error))
    {
      options_clear (&options);
      return FALSE;
    }
  from = options_end (&options);
  done = run (&options, from, to, image->capacity, &progress, cancellable, &local);
  /* What could not be unpacked is nearer to the cause than what QEMU makes of it. */
  if (options.server != NULL)
    _valise_image_server_stop (options.server, &served);
  options_clear (&options);
  if (served != NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&served));
      return FALSE;
    }
  if (!done)
    {
      translate (&local, options.name, to, image->capacity);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  valise_job_advance (job, size - progress.told);
  return TRUE;
}
