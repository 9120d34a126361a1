/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-tap.h"

#include <glib/gi18n-lib.h>
#include <libnbd.h>
#include <string.h>

#include "base/valise-late.h"
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "bundle/valise-image.h"

static ValiseLate libnbd = { .file = "libnbd.so.0" };

#define nbd_add_meta_context VALISE_LATE (libnbd, nbd_add_meta_context)
#define nbd_block_status VALISE_LATE (libnbd, nbd_block_status)
#define nbd_can_meta_context VALISE_LATE (libnbd, nbd_can_meta_context)
#define nbd_close VALISE_LATE (libnbd, nbd_close)
#define nbd_connect_systemd_socket_activation VALISE_LATE (libnbd, nbd_connect_systemd_socket_activation)
#define nbd_create VALISE_LATE (libnbd, nbd_create)
#define nbd_get_error VALISE_LATE (libnbd, nbd_get_error)
#define nbd_get_size VALISE_LATE (libnbd, nbd_get_size)
#define nbd_pread VALISE_LATE (libnbd, nbd_pread)

/* Asked for at once; QEMU answers with as much as it finds quickly. */
#define LOOK_BYTES (G_GUINT64_CONSTANT (1) << 31)

struct _ValiseImageTap
{
  struct nbd_handle *nbd;
  char *name;
  guint64 size;
};

typedef struct
{
  guint64 at;
  guint64 offset;
  guint64 length; /* of the first run of bytes */
  gboolean ended; /* by zeros after it */
} Look;

static gboolean
set_failed (ValiseImageTap *self, GError **error)
{
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED, _ ("The disk “%s” cannot be read: %s"),
               self->name, nbd_get_error ());
  return FALSE;
}

static gboolean
connect_program (ValiseImageTap *self, const char *path, const char *format, GError **error)
{
  g_autofree char *program = g_find_program_in_path ("qemu-nbd");
  char *argv[] = { program, (char *) "--read-only", (char *) "--format", (char *) format, (char *) "--", (char *) path,
                   NULL };

  if (program == NULL)
    {
      g_set_error (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING,
                   _ ("The program “%s” is not installed. Install the package that has it."), "qemu-nbd");
      return FALSE;
    }
  if (nbd_add_meta_context (self->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) != 0
      || nbd_connect_systemd_socket_activation (self->nbd, argv) != 0)
    return set_failed (self, error);
  return TRUE;
}

ValiseImageTap *
valise_image_tap_open (const char *path, const char *format, GError **error)
{
  g_autoptr (ValiseImageTap) self = g_new0 (ValiseImageTap, 1);
  gint64 size;

  self->name = g_path_get_basename (path);
  if (!valise_late_load (&libnbd, error))
    {
      g_prefix_error (error, _ ("“%s” cannot be read. Install libnbd (package libnbd0) and try again: "), self->name);
      return NULL;
    }
  self->nbd = nbd_create ();
  if (self->nbd == NULL)
    {
      set_failed (self, error);
      return NULL;
    }
  if (!connect_program (self, path, format, error))
    return NULL;
  size = nbd_get_size (self->nbd);
  if (size < 0)
    {
      set_failed (self, error);
      return NULL;
    }
  self->size = (guint64) size;
  return g_steal_pointer (&self);
}

/* The program ends when nobody is connected to it any more. */
void
valise_image_tap_free (ValiseImageTap *self)
{
  if (self->nbd != NULL)
    nbd_close (self->nbd);
  g_free (self->name);
  g_free (self);
}

guint64
valise_image_tap_get_size (ValiseImageTap *self)
{
  return self->size;
}

/* Pairs of a length and its flags. */
static int
on_extents_cb (void *data, const char *context, uint64_t offset, uint32_t *entries, size_t count, int *error)
{
  Look *self = data;

  for (size_t i = 0; i + 1 < count && !self->ended; i += 2)
    {
      gboolean zeros = (entries[i + 1] & LIBNBD_STATE_ZERO) != 0;

      if (!zeros && self->length == 0)
        self->offset = self->at;
      if (!zeros)
        self->length += entries[i];
      self->ended = zeros && self->length > 0;
      self->at += entries[i];
    }
  return 0;
}

gboolean
valise_image_tap_next (ValiseImageTap *self, guint64 from, guint64 *offset, guint64 *length, GError **error)
{
  Look look = { .at = from };

  while (look.at < self->size && look.length == 0)
    {
      nbd_extent_callback callback = { .callback = on_extents_cb, .user_data = &look };
      guint64 before = look.at;

      if (nbd_can_meta_context (self->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) != 1)
        {
          look.offset = look.at;
          look.length = self->size - look.at;
          break;
        }
      if (nbd_block_status (self->nbd, MIN (LOOK_BYTES, self->size - look.at), look.at, callback, 0) != 0)
        return set_failed (self, error);
      if (look.at == before)
        return set_failed (self, error);
    }
  *offset = look.offset;
  *length = look.length > 0 ? MIN (look.length, self->size - look.offset) : 0;
  return TRUE;
}

gboolean
valise_image_tap_read (ValiseImageTap *self, guint64 offset, void *bytes, gsize length, GError **error)
{
  return nbd_pread (self->nbd, bytes, length, offset, 0) == 0 || set_failed (self, error);
}
