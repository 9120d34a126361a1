/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-variables-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine/valise-machine-private.h"
#include "model/valise-effective.h"

#define HISTORY ".history"
/* In names there: what was put aside at the user's word is not brought back by a change of firmware. */
#define RESET "reset-"

/* Where one firmware's variables are and where they go: both folders reached without following a link. */
typedef struct
{
  int folder, history;
  char *name; /* in folder */
  char *kind; /* whose they are, as in names of the history: "uefi", "uefi-secure" */
} Place;

/* --- places --- */

static void
place_clear (Place *self)
{
  if (self->folder >= 0)
    close (self->folder);
  if (self->history >= 0)
    close (self->history);
  g_free (self->name);
  g_free (self->kind);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

/* %FALSE when the firmware of @document keeps none in the bundle, or their folder cannot be reached. */
static gboolean
place_open (Place *self, const char *path, ValiseDocument *document, gboolean make)
{
  g_autofree char *relative = valise_effective_dup_variables (document, path);
  int bundle = relative != NULL ? open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

  if (bundle < 0)
    return FALSE;
  if (make)
    mkdirat (bundle, HISTORY, 0700);
  self->folder = valise_bundle_open_folder (bundle, relative);
  self->history = valise_path_open_beneath (bundle, HISTORY, O_RDONLY | O_DIRECTORY, 0, NULL);
  self->name = g_path_get_basename (relative);
  self->kind = g_strdup (valise_firmware_words ()[valise_effective_get_firmware (document)]);
  close (bundle);
  return self->folder >= 0;
}

static gboolean
place_has_file (const Place *self)
{
  struct stat st;

  return fstatat (self->folder, self->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Microseconds, if @name is one that keep_name makes. A firmware's word has no full stop in it, so that nothing is taken
 * for something else. */
static gint64
time_of_kept (const Place *self, const char *mark, const char *name)
{
  g_autofree char *wanted = g_strdup_printf ("-%s%s.%s", mark, self->kind, self->name);
  char *end = NULL;
  gint64 time = g_ascii_isdigit (name[0]) ? g_ascii_strtoll (name, &end, 10) : 0;

  return time > 0 && g_str_equal (end, wanted) ? time : 0;
}

/* Named by the moment, as the versions beside it, so that nothing kept earlier is written over. */
static char *
keep_name (const Place *self, const char *mark, gint64 time)
{
  return g_strdup_printf ("%016" G_GINT64_FORMAT "-%s%s.%s", time, mark, self->kind, self->name);
}

/* When the newest of those kept under @mark was put aside, in microseconds; 0: there is none. */
static gint64
find_kept (const Place *self, const char *mark)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", self->history);
  g_autoptr (GDir) directory = self->history >= 0 ? g_dir_open (path, 0, NULL) : NULL;
  gint64 newest = 0;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    newest = MAX (newest, time_of_kept (self, mark, name));
  return newest;
}

static gboolean
fail (const Place *self, GError **error)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
               _ ("The firmware's settings (%s) cannot be moved: %s. Look at the permissions of the machine's folder."),
               self->name, g_strerror (saved));
  return FALSE;
}

static gboolean
move (const Place *self, int from, const char *name, int to, const char *new_name, GError **error)
{
  if (renameat (from, name, to, new_name) != 0)
    return fail (self, error);
  fsync (to);
  fsync (from);
  return TRUE;
}

static gboolean
put_aside (const Place *self, const char *mark, GError **error)
{
  /* A clock set back must not make these older than the ones before. */
  gint64 time = MAX (g_get_real_time (), find_kept (self, mark) + 1);
  g_autofree char *kept = keep_name (self, mark, time);

  return !place_has_file (self) || move (self, self->folder, self->name, self->history, kept, error);
}

static gboolean
bring_back (const Place *self, const char *mark, gint64 time, GError **error)
{
  g_autofree char *kept = keep_name (self, mark, time);

  return move (self, self->history, kept, self->folder, self->name, error);
}

/* --- a change of firmware --- */

static void
leave (const char *path, ValiseDocument *document)
{
  g_auto (Place) place = { -1, -1, NULL, NULL };

  if (place_open (&place, path, document, TRUE) && place.history >= 0)
    (void) put_aside (&place, "", NULL);
}

static void
enter (const char *path, ValiseDocument *document)
{
  g_auto (Place) place = { -1, -1, NULL, NULL };
  gint64 kept;

  if (!place_open (&place, path, document, FALSE) || place_has_file (&place))
    return;
  kept = find_kept (&place, "");
  if (kept > 0)
    (void) bring_back (&place, "", kept, NULL);
}

void
_valise_variables_follow (const char *path, ValiseDocument *before, ValiseDocument *after)
{
  g_autofree char *old = valise_effective_dup_variables (before, path);
  g_autofree char *now = valise_effective_dup_variables (after, path);

  if (valise_effective_get_firmware (before) == valise_effective_get_firmware (after))
    return;
  if (old != NULL && (now == NULL || g_str_equal (old, now)))
    leave (path, before);
  if (now != NULL)
    enter (path, after);
}

/* --- reset --- */

static gboolean
open_for_reset (Place *place, const char *path, ValiseDocument *document, GError **error)
{
  if (place_open (place, path, document, TRUE) && place->history >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("The folder of the firmware's settings cannot be opened. Look at the permissions of the machine's "
                  "folder."));
  return FALSE;
}

/* So that the firmware makes new ones; success where there are none. */
static gboolean
reset (const char *path, ValiseDocument *document, GError **error)
{
  g_auto (Place) place = { -1, -1, NULL, NULL };

  return open_for_reset (&place, path, document, error) && put_aside (&place, RESET, error);
}

/* Exchanges them for those that were reset last, so that a second call takes the first back. */
static gboolean
put_back_last (const char *path, ValiseDocument *document, GError **error)
{
  g_auto (Place) place = { -1, -1, NULL, NULL };
  gint64 kept;

  if (!open_for_reset (&place, path, document, error))
    return FALSE;
  kept = find_kept (&place, RESET);
  if (kept > 0)
    return put_aside (&place, RESET, error) && bring_back (&place, RESET, kept, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("There are no earlier settings of this firmware to put back."));
  return FALSE;
}

/* --- public --- */

ValiseVariables
valise_variables_look (const char *directory, ValiseDocument *document)
{
  g_auto (Place) place = { -1, -1, NULL, NULL };
  ValiseVariables found = { 0 };
  struct stat st;

  g_return_val_if_fail (directory != NULL && document != NULL, found);
  if (!place_open (&place, directory, document, FALSE))
    return found;
  found.keeps = TRUE;
  if (fstatat (place.folder, place.name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    found.written = st.st_mtime;
  found.reset = find_kept (&place, RESET) / G_USEC_PER_SEC;
  return found;
}

static gboolean
check_state (ValiseMachine *self, ValiseDocument *document, GError **error)
{
  g_autofree char *relative = valise_effective_dup_variables (document, self->path);
  const char *text = NULL;

  if (valise_machine_is_live (self))
    text = _ ("“%s” is running, and its firmware has its settings in memory. Shut it down, then reset them.");
  else if (valise_machine_get_state (self) == VALISE_MACHINE_SUSPENDED)
    text = _ ("“%s” is suspended, and its firmware has its settings in the suspended memory. Continue it and shut it "
              "down, then reset them.");
  else if (valise_effective_get_firmware (document) == VALISE_FIRMWARE_BIOS)
    text = _ ("“%s” starts with a BIOS, which keeps no settings. There is nothing to reset.");
  else if (relative == NULL)
    text = _ ("The firmware of “%s” keeps its settings in a file that does not lie in the machine's own folder. Move "
              "that file away yourself.");
  if (text == NULL)
    return TRUE;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_STATE, text, valise_machine_get_name (self));
#pragma GCC diagnostic pop
  return FALSE;
}

gboolean
valise_machine_reset_variables (ValiseMachine *self, gboolean put_back, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseTurn) locker = NULL;
  g_autoptr (ValiseBundle) bundle = NULL;
  ValiseDocument *document;
  gboolean done;

  g_return_val_if_fail (VALISE_IS_MACHINE (self), FALSE);
  locker = _valise_machine_take_turn (self, cancellable, error);
  if (locker == NULL || !valise_machine_load (self, FALSE, error))
    return FALSE;
  _valise_machine_catch_up (self);
  bundle = valise_bundle_open (self->path, error);
  document = bundle != NULL ? valise_bundle_get_document (bundle) : NULL;
  if (document == NULL || !check_state (self, document, error) || !_valise_machine_hold_lock (self, "editing", error))
    return FALSE;
  done = put_back ? put_back_last (self->path, document, error) : reset (self->path, document, error);
  _valise_machine_release_lock (self);
  return done;
}
