/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-embed-root-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine/valise-engine-error-private.h"

/* A socket's name ends at 108 bytes, and below the root lies
 * lib/qemu/channel/target/domain-999-vm-01234567-89ab-cde/org.qemu.guest_agent.0. */
#define LONGEST_ROOT 28
/* What lies there has short names. */
#define LONGEST_RUNTIME 50

static const char configuration[] = "# Written by Valise for its own driver; changes here are kept.\n"
                                    "stdio_handler = \"file\"\n"
                                    "security_default_confined = 0\n";
/* As root the driver would change to another user, another mount namespace and other owners: the machine's files are
 * root's. */
static const char configuration_of_root[] = "user = \"root\"\n"
                                            "group = \"root\"\n"
                                            "security_driver = \"none\"\n"
                                            "remember_owner = 0\n"
                                            "namespaces = []\n"
                                            "cgroup_controllers = []\n";

static char *
private_directory (void)
{
  return g_strdup_printf ("/var/tmp/valise-%u", (guint) geteuid ());
}

/* In a directory that everybody can write to, somebody else may have been there first. */
static gboolean
check_private (const char *directory, GError **error)
{
  struct stat status;

  if (lstat (directory, &status) == 0 && S_ISDIR (status.st_mode) && status.st_uid == geteuid ()
      && (status.st_mode & 0022) == 0)
    return TRUE;
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_PERMISSION,
               _ ("“%s” is not a directory that only you can write to. Move it away and try again."), directory);
  return FALSE;
}

static gboolean
make_private (const char *directory, GError **error)
{
  /* What could not be made is not there, which the check says. */
  g_mkdir_with_parents (directory, 0700);
  return check_private (directory, error);
}

char *
_valise_embed_root_default (void)
{
  g_autofree char *state = valise_state_directory ();
  g_autofree char *root = g_build_filename (state, "e", NULL);
  g_autofree char *base = NULL;
  g_autofree char *hash = NULL;

  if (strlen (root) <= LONGEST_ROOT)
    return g_steal_pointer (&root);
  base = private_directory ();
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, state, -1);
  return g_strdup_printf ("%s/%.6s", base, hash);
}

char *
_valise_embed_root_to_uri (const char *directory)
{
  g_autofree char *escaped = g_uri_escape_string (directory, "/", FALSE);

  return g_strdup_printf ("qemu:///embed?root=%s", escaped);
}

char *
_valise_embed_root_from_uri (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED_QUERY, NULL);
  g_autoptr (GHashTable) parameters = NULL;

  if (parsed == NULL || g_strcmp0 (g_uri_get_path (parsed), "/embed") != 0 || g_uri_get_query (parsed) == NULL)
    return NULL;
  parameters = g_uri_parse_params (g_uri_get_query (parsed), -1, "&", G_URI_PARAMS_NONE, NULL);
  return parameters != NULL ? g_strdup (g_hash_table_lookup (parameters, "root")) : NULL;
}

static gboolean
write_configuration (const char *directory, GError **error)
{
  g_autofree char *etc = g_build_filename (directory, "etc", NULL);
  g_autofree char *path = g_build_filename (etc, "qemu.conf", NULL);
  g_autofree char *text = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!make_private (etc, error))
    return FALSE;
  text = g_strconcat (configuration, geteuid () == 0 ? configuration_of_root : NULL, NULL);
  return valise_file_replace (path, text, -1, 0600, error);
}

gboolean
_valise_embed_root_prepare (const char *directory, GError **error)
{
  g_autofree char *base = private_directory ();

  if (g_str_has_prefix (directory, base) && !make_private (base, error))
    return FALSE;
  return make_private (directory, error) && write_configuration (directory, error);
}

gboolean
_valise_embed_root_check (const char *directory, GError **error)
{
  g_autofree char *base = private_directory ();

  if (g_str_has_prefix (directory, base) && !check_private (base, error))
    return FALSE;
  return check_private (directory, error);
}

pid_t
_valise_embed_root_get_holder (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "run", "qemu", "driver.pid", NULL);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  pid_t holder = 0;

  if (fd < 0)
    return 0;
  if (fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
    holder = lock.l_pid;
  close (fd);
  return holder;
}

/* One process, one driver: libvirt knows no second root. */
static int claim_fd = -1;

static int
open_claim (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "claim", NULL);

  return open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

gboolean
_valise_embed_root_claim (const char *directory)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd;

  if (claim_fd >= 0)
    return TRUE;
  fd = open_claim (directory);
  /* Where nothing can be locked, libvirt's own lock has to do. */
  if (fd < 0)
    return TRUE;
  if (fcntl (fd, F_OFD_SETLK, &range) < 0 && (errno == EAGAIN || errno == EACCES))
    {
      close (fd);
      return FALSE;
    }
  claim_fd = fd;
  return TRUE;
}

static void
wait_for_lock (int fd, short type)
{
  struct flock range = { .l_type = type, .l_whence = SEEK_SET };

  while (fd >= 0 && fcntl (fd, F_OFD_SETLKW, &range) < 0 && errno == EINTR)
    ;
}

/* Programs that know no claim, as virsh. */
static void
wait_for_holder (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "run", "qemu", "driver.pid", NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  wait_for_lock (fd, F_RDLCK);
  if (fd >= 0)
    close (fd);
}

void
_valise_embed_root_wait (const char *directory, GCancellable *cancellable)
{
  int fd = claim_fd < 0 ? open_claim (directory) : -1;

  wait_for_lock (fd, F_WRLCK);
  if (!g_cancellable_is_cancelled (cancellable))
    wait_for_holder (directory);
  if (fd < 0)
    return;
  if (g_cancellable_is_cancelled (cancellable) || claim_fd >= 0)
    close (fd);
  else
    claim_fd = fd;
}

void
_valise_embed_root_release (void)
{
  if (claim_fd >= 0)
    close (claim_fd);
  claim_fd = -1;
}

char *
_valise_embed_root_describe_process (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/comm", (int) pid);
  g_autofree char *name = NULL;

  if (!g_file_get_contents (path, &name, NULL, NULL))
    return g_strdup_printf (_ ("process %d"), (int) pid);
  g_strchomp (name);
  return g_strdup_printf (_ ("%s (process %d)"), name, (int) pid);
}

char *
_valise_runtime_directory (GError **error)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *base = NULL;
  g_autofree char *directory = NULL;

  if (runtime != NULL && g_path_is_absolute (runtime) && strlen (runtime) <= LONGEST_RUNTIME
      && g_access (runtime, W_OK) == 0)
    directory = g_build_filename (runtime, "valise", NULL);
  else
    {
      base = private_directory ();
      if (!make_private (base, error))
        return NULL;
      directory = g_build_filename (base, "run", NULL);
    }
  return make_private (directory, error) ? g_steal_pointer (&directory) : NULL;
}
