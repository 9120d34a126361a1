/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-editor-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "cli/valise-command.h"

/* git, crontab and others look for it in the same places. NULL where nobody sits in front of one. */
static const char *
find_editor (void)
{
  const char *const names[] = { "VISUAL", "EDITOR" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *editor = g_getenv (names[i]);

      if (editor != NULL && *editor != '\0')
        return editor;
    }
  return isatty (STDIN_FILENO) ? "vi" : NULL;
}

static int
fail (const GError *error)
{
  g_printerr ("valisectl: %s\n", error->message);
  return valise_command_exit_code (error);
}

const char *
_valise_editor_missing (void)
{
  return _ ("There is no terminal for an editor here. Give the new settings with --from FILE, or set EDITOR.");
}

/* @program and the words after it, which end with %NULL. Its exit code, or -1 with @error. */
static int
run (const char *const *program, char **output, GError **error, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_INHERIT;
  g_autoptr (GSubprocess) process = NULL;
  va_list list;
  const char *word;

  for (; *program != NULL; program++)
    g_ptr_array_add (words, (gpointer) *program);
  va_start (list, error);
  while ((word = va_arg (list, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);
  if (output != NULL)
    flags |= G_SUBPROCESS_FLAGS_STDOUT_PIPE;
  process = g_subprocess_newv ((const char *const *) words->pdata, flags, error);
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, output, NULL, error))
    return -1;
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : VALISE_EXIT_FAILED;
}

static gboolean
ask_again (void)
{
  char answer[16];

  if (!isatty (STDIN_FILENO))
    return FALSE;
  g_printerr ("%s ", _ ("Edit it again? [Y/n]"));
  return fgets (answer, sizeof answer, stdin) != NULL && g_ascii_tolower (*answer) != 'n';
}

/* @was and @file hold the same when this begins. */
static int
edit_until_good (const char *const *valisectl, const char *machine, const char *was, const char *file)
{
  const char *shell[] = { "/bin/sh", "-c", "$VALISE_EDITOR \"$1\"", "sh", NULL };

  g_setenv ("VALISE_EDITOR", find_editor (), TRUE);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      int code = run (shell, NULL, &error, file, NULL);

      if (code < 0 || !g_file_get_contents (was, &before, NULL, &error)
          || !g_file_get_contents (file, &after, NULL, &error))
        return fail (error);
      if (code != 0)
        {
          g_printerr ("valisectl: %s\n", _ ("The editor ended with an error. Nothing was changed."));
          return VALISE_EXIT_FAILED;
        }
      if (g_str_equal (before, after))
        {
          g_printerr ("%s\n", _ ("Nothing was changed."));
          return VALISE_EXIT_OK;
        }
      code = run (valisectl, NULL, &error, "edit", "--from", file, "--was", was, "--", machine, NULL);
      if (code < 0)
        return fail (error);
      if (code == VALISE_EXIT_OK || !ask_again ())
        return code;
    }
}

static gboolean
is_same (const char *one, const char *other)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  return g_file_get_contents (one, &first, NULL, NULL) && g_file_get_contents (other, &second, NULL, NULL)
         && g_str_equal (first, second);
}

int
_valise_editor_run (const char *const *valisectl, const char *machine)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *was = NULL;
  g_autofree char *file = NULL;
  int code;

  if (find_editor () == NULL)
    {
      g_set_error (&error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, "%s", _valise_editor_missing ());
      return fail (error);
    }
  code = run (valisectl, &text, &error, "xml", "--", machine, NULL);
  if (code != VALISE_EXIT_OK)
    return code < 0 ? fail (error) : code;
  directory = g_dir_make_tmp ("valisectl-XXXXXX", &error);
  if (directory == NULL)
    return fail (error);
  was = g_build_filename (directory, "was.xml", NULL);
  file = g_build_filename (directory, "config.xml", NULL);
  if (!g_file_set_contents (was, text, -1, &error) || !g_file_set_contents (file, text, -1, &error))
    return fail (error);
  code = edit_until_good (valisectl, machine, was, file);
  if (code != VALISE_EXIT_OK && !is_same (was, file))
    g_printerr (_ ("What you wrote is kept in %s.\n"), file);
  else
    valise_directory_remove (directory, NULL);
  return code;
}
