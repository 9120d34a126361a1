/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "engine/valise-engine-error-private.h"
#include "engine/valise-frame-private.h"
#include "engine/valise-keys-private.h"

#define SECONDS 20
#define MOST_PICTURE ((gsize) 512 << 20)
#define HOLD_MS 20
#define BETWEEN_KEYS_MS 30 /* a firmware's keyboard buffer holds fifteen */

static gboolean
check_live (ValiseMachine *self, GError **error)
{
  if (!valise_machine_load (self, FALSE, error))
    return FALSE;
  if (valise_machine_is_live (self))
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, _ ("“%s” is not running. Start it first."),
               valise_machine_get_name (self));
  return FALSE;
}

/* --- the display --- */

static int
call_open_display (virDomainPtr domain, gpointer data)
{
  return virDomainOpenGraphicsFD (domain, 0, VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH);
}

int
valise_machine_open_display (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), -1);
  if (!check_live (self, error))
    return -1;
  what = g_strdup_printf (_ ("Opening the display of “%s”"), valise_machine_get_name (self));
  return _valise_machine_call_for_fd (self, what, call_open_display, SECONDS, cancellable, error);
}

static void
open_display_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  int fd = valise_machine_open_display (source, cancellable, &error);

  if (fd < 0)
    g_task_return_error (task, error);
  else if (g_task_return_error_if_cancelled (task))
    close (fd);
  else
    g_task_return_int (task, fd);
}

void
valise_machine_open_display_async (ValiseMachine *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, valise_machine_open_display_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, open_display_thread);
}

int
valise_machine_open_display_finish (ValiseMachine *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return (int) g_task_propagate_int (G_TASK (result), error);
}

gboolean
valise_machine_wait_frame (ValiseMachine *self, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  int fd = valise_machine_open_display (self, cancellable, error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = _valise_frame_wait (fd, timeout_ms, cancellable, error);
  close (fd);
  return done;
}

/* --- a picture of it --- */

static int
on_bytes_cb (virStreamPtr stream, const char *bytes, size_t length, void *data)
{
  GByteArray *picture = data;

  if (picture->len + length > MOST_PICTURE)
    return -1;
  g_byte_array_append (picture, (const guint8 *) bytes, (guint) length);
  return (int) length;
}

static int
call_screenshot (virDomainPtr domain, gpointer data)
{
  virStreamPtr stream = virStreamNew (virDomainGetConnect (domain), 0);
  char *type = stream != NULL ? virDomainScreenshot (domain, stream, 0, 0) : NULL;
  int result = -1;

  if (type != NULL && virStreamRecvAll (stream, on_bytes_cb, data) == 0)
    result = virStreamFinish (stream);
  else if (type != NULL)
    (void) virStreamAbort (stream);
  free (type);
  if (stream != NULL)
    virStreamFree (stream);
  return result;
}

static void
unref_bytes (gpointer data)
{
  g_byte_array_unref (data);
}

static GdkPixbuf *
decode (GByteArray *picture, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  GdkPixbuf *pixbuf;

  if (!gdk_pixbuf_loader_write (loader, picture->data, picture->len, error))
    {
      (void) gdk_pixbuf_loader_close (loader, NULL);
      return NULL;
    }
  if (!gdk_pixbuf_loader_close (loader, error))
    return NULL;
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf == NULL)
    g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
                 _ ("The guest's screen came without a picture. Try again."));
  return pixbuf != NULL ? g_object_ref (pixbuf) : NULL;
}

GdkPixbuf *
valise_machine_screenshot (ValiseMachine *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) picture = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), NULL);
  if (!check_live (self, error))
    return NULL;
  what = g_strdup_printf (_ ("Taking a picture of “%s”"), valise_machine_get_name (self));
  picture = g_byte_array_new ();
  if (_valise_machine_call (self, what, call_screenshot, g_byte_array_ref (picture), unref_bytes, SECONDS, cancellable,
                            error)
      < 0)
    return NULL;
  return decode (picture, error);
}

/* --- keys --- */

typedef struct
{
  GArray *keys; /* of ValiseKeys */
  GCancellable *cancellable;
} Typing;

static void
typing_free (gpointer data)
{
  Typing *typing = data;

  g_array_unref (typing->keys);
  g_clear_object (&typing->cancellable);
  g_free (typing);
}

static int
call_type (virDomainPtr domain, gpointer data)
{
  Typing *typing = data;

  for (guint i = 0; i < typing->keys->len && !g_cancellable_is_cancelled (typing->cancellable); i++)
    {
      ValiseKeys *keys = &g_array_index (typing->keys, ValiseKeys, i);

      if (virDomainSendKey (domain, VIR_KEYCODE_SET_LINUX, HOLD_MS, keys->codes, (int) keys->length, 0) < 0)
        return -1;
      g_usleep (BETWEEN_KEYS_MS * 1000);
    }
  return 0;
}

static gboolean
press (ValiseMachine *self, GArray *keys, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf (_ ("Typing into “%s”"), valise_machine_get_name (self));
  Typing *typing = g_new0 (Typing, 1);
  guint seconds = SECONDS + keys->len * (HOLD_MS + BETWEEN_KEYS_MS) / 500;

  typing->keys = g_array_ref (keys);
  typing->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  return _valise_machine_call (self, what, call_type, typing, typing_free, seconds, cancellable, error) >= 0;
}

gboolean
valise_machine_type (ValiseMachine *self, const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (ValiseKeys));

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  g_return_val_if_fail (g_utf8_validate (text, -1, NULL), FALSE);
  if (!check_live (self, error))
    return FALSE;
  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    {
      ValiseKeys pressed;

      if (!_valise_keys_from_character (g_utf8_get_char (next), &pressed))
        {
          g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
                       _ ("A US keyboard has no key for “%.*s”. Nothing was typed; leave it out or put it in from "
                          "within the guest."),
                       (int) (g_utf8_next_char (next) - next), next);
          return FALSE;
        }
      g_array_append_val (keys, pressed);
    }
  return press (self, keys, cancellable, error);
}

gboolean
valise_machine_send_keys (ValiseMachine *self, const char *combination, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (ValiseKeys));
  ValiseKeys pressed;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  if (!_valise_keys_from_combination (combination, &pressed, error) || !check_live (self, error))
    return FALSE;
  g_array_append_val (keys, pressed);
  return press (self, keys, cancellable, error);
}
