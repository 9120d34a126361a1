/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-image-sum.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "bundle/valise-gnutls.h"

#define DIGEST_MOST 64

struct _ValiseImageSum
{
  char *name;
  char *promise; /* lower-case hexadecimal, or NULL */
  gnutls_digest_algorithm_t algorithm;
  gnutls_hash_hd_t hash; /* NULL: nothing to check */

  GThread *thread;
  ValiseImagePlace place;
  GCancellable *cancellable;
  GError *wrong; /* what the thread found */
};

static const struct
{
  const char *prefix;
  gnutls_digest_algorithm_t algorithm;
} known[] = {
  { "sha1:", GNUTLS_DIG_SHA1 },
  { "sha256:", GNUTLS_DIG_SHA256 },
  { "sha512:", GNUTLS_DIG_SHA512 },
};

static gboolean
read_promise (ValiseImageSum *self, const char *promise)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (promise, known[i].prefix))
      {
        self->algorithm = known[i].algorithm;
        self->promise = g_ascii_strdown (promise + strlen (known[i].prefix), -1);
        return gnutls_hash_init (&self->hash, self->algorithm) == 0;
      }
  return FALSE;
}

ValiseImageSum *
_valise_image_sum_new (const char *promise, const char *name, GError **error)
{
  g_autoptr (ValiseImageSum) self = g_new0 (ValiseImageSum, 1);

  self->name = valise_text_for_display (name, 120);
  if (promise != NULL && !valise_late_load (&valise_gnutls, error))
    return NULL;
  if (promise == NULL || read_promise (self, promise))
    return g_steal_pointer (&self);
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT,
               _ ("The digest of “%s” is of a kind that cannot be checked here."), self->name);
  return NULL;
}

gboolean
_valise_image_sum_matters (ValiseImageSum *self)
{
  return self->hash != NULL;
}

void
_valise_image_sum_add (ValiseImageSum *self, const void *bytes, gsize length)
{
  if (self->hash != NULL)
    gnutls_hash (self->hash, bytes, length);
}

gboolean
_valise_image_sum_check (ValiseImageSum *self, GError **error)
{
  guint8 digest[DIGEST_MOST];
  g_autoptr (GString) text = g_string_new (NULL);
  guint length;

  if (self->hash == NULL)
    return TRUE;
  length = gnutls_hash_get_len (self->algorithm);
  gnutls_hash_deinit (g_steal_pointer (&self->hash), digest);
  for (guint i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  if (g_str_equal (text->str, self->promise))
    return TRUE;
  g_set_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED,
               _ ("“%s” is not the file that the list of digests beside it speaks of. It was changed or damaged on its "
                  "way; get it once more."),
               self->name);
  return FALSE;
}

static void
set_unreadable (ValiseImageSum *self, int code)
{
  g_set_error (&self->wrong, G_IO_ERROR, g_io_error_from_errno (code), _ ("The disk “%s” cannot be read: %s"),
               self->name, g_strerror (code));
}

static gpointer
read_thread (gpointer data)
{
  ValiseImageSum *self = data;
  g_autofree guint8 *buffer = g_malloc (VALISE_MIB);
  guint64 done = 0;

  while (done < self->place.size && !g_cancellable_is_cancelled (self->cancellable))
    {
      gsize want = MIN (VALISE_MIB, self->place.size - done);
      gssize got = pread (self->place.fd, buffer, want, (off_t) (self->place.offset + done));

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          set_unreadable (self, got < 0 ? errno : EIO);
          break;
        }
      _valise_image_sum_add (self, buffer, (gsize) got);
      done += (guint64) got;
    }
  if (done == self->place.size)
    _valise_image_sum_check (self, &self->wrong);
  if (self->wrong != NULL)
    g_cancellable_cancel (self->cancellable);
  return NULL;
}

void
_valise_image_sum_start (ValiseImageSum *self, const ValiseImagePlace *place, GCancellable *cancellable)
{
  if (self->hash == NULL)
    return;
  self->place = *place;
  self->cancellable = g_object_ref (cancellable);
  self->thread = g_thread_new ("digest", read_thread, self);
}

gboolean
_valise_image_sum_join (ValiseImageSum *self, GError **error)
{
  if (self->thread == NULL)
    return TRUE;
  g_thread_join (g_steal_pointer (&self->thread));
  if (self->wrong == NULL)
    return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
  g_propagate_error (error, g_steal_pointer (&self->wrong));
  return FALSE;
}

void
_valise_image_sum_free (ValiseImageSum *self)
{
  if (self == NULL)
    return;
  if (self->thread != NULL)
    g_thread_join (self->thread);
  if (self->hash != NULL)
    gnutls_hash_deinit (self->hash, NULL);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->wrong);
  g_free (self->promise);
  g_free (self->name);
  g_free (self);
}
