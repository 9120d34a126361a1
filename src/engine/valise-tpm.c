/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-tpm-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>

#include "base/valise-process.h"
#include "engine/valise-embed-root-private.h"
#include "engine/valise-engine-error-private.h"

#define PROGRAM "swtpm"

static char *
runtime_file (const char *uuid, const char *suffix, GError **error)
{
  g_autofree char *directory = _valise_runtime_directory (error);

  return directory != NULL ? g_strdup_printf ("%s/tpm-%s%s", directory, uuid, suffix) : NULL;
}

gboolean
_valise_tpm_is_wanted (ValiseDocument *document)
{
  g_autofree char *type = valise_document_get (document, "devices/tpm/backend/@type");

  return valise_document_has (document, "devices/tpm") && (type == NULL || g_str_equal (type, "emulator"));
}

static gboolean
is_version_1 (ValiseDocument *document)
{
  g_autofree char *version = valise_document_get (document, "devices/tpm/backend/@version");

  return g_strcmp0 (version, "1.2") == 0;
}

/* The commas that part swtpm's options cannot be quoted. */
static gboolean
check_path (const char *path, GError **error)
{
  if (strchr (path, ',') == NULL)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
               _ ("The TPM cannot be kept in “%s”, because there is a comma in the name. Rename the machine's folder."),
               path);
  return FALSE;
}

static gboolean
run_program (ValiseBundle *bundle,
             const char *directory,
             const char *socket,
             const char *pid_file,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *state = g_strdup_printf ("dir=%s,mode=0600", directory);
  g_autofree char *control = g_strdup_printf ("type=unixio,path=%s,mode=0600", socket);
  g_autofree char *pid = g_strdup_printf ("file=%s", pid_file);
  const char *argv[] = { PROGRAM,         "socket",   "--tpmstate", state, "--ctrl",      control,  "--flags",
                         "startup-clear", "--daemon", "--pid",      pid,   "--terminate", "--tpm2", NULL };

  if (is_version_1 (valise_bundle_get_document (bundle)))
    argv[G_N_ELEMENTS (argv) - 2] = NULL;
  if (!check_path (directory, error))
    return FALSE;
  g_mkdir_with_parents (directory, 0700);
  return valise_process_run (argv, NULL, NULL, NULL, cancellable, error);
}

char *
_valise_tpm_start (ValiseBundle *bundle,
                   const char *directory,
                   const char *uuid,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autofree char *socket = runtime_file (uuid, ".sock", error);
  g_autofree char *pid_file = socket != NULL ? runtime_file (uuid, ".pid", error) : NULL;

  if (pid_file == NULL)
    return NULL;
  _valise_tpm_stop (uuid);
  return run_program (bundle, directory, socket, pid_file, cancellable, error) ? g_steal_pointer (&socket) : NULL;
}

/* Process numbers are used again: it must be the program that was given this socket. */
static gboolean
is_ours (int pid, const char *socket)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *line = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &line, &length, NULL))
    return FALSE;
  for (gsize i = 0; i + 1 < length; i++)
    if (line[i] == '\0')
      line[i] = ' ';
  return strstr (line, PROGRAM) != NULL && strstr (line, socket) != NULL;
}

void
_valise_tpm_stop (const char *uuid)
{
  g_autofree char *socket = runtime_file (uuid, ".sock", NULL);
  g_autofree char *pid_file = runtime_file (uuid, ".pid", NULL);
  g_autofree char *text = NULL;

  if (socket == NULL || pid_file == NULL || !g_file_get_contents (pid_file, &text, NULL, NULL))
    return;
  if (atoi (text) > 1 && is_ours (atoi (text), socket))
    kill (atoi (text), SIGTERM);
  g_unlink (pid_file);
  g_unlink (socket);
}
