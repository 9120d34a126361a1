/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-accel-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-process.h"
#include "valise-config.h"

#define KVM_DEVICE "/dev/kvm"
#define PROBE_NAME "valise-accel-probe"

static GMutex probe_mutex;
static char *known_key;
static ValiseAccel known;

/* What a measured verdict holds for: this boot of this kernel with this device. */
static char *
build_key (void)
{
  g_autofree char *boot = NULL;
  struct utsname system;
  struct stat device;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL))
    boot = g_strdup ("-");
  if (uname (&system) < 0 || stat (KVM_DEVICE, &device) < 0)
    return NULL;
  return g_strdup_printf ("%s %s %o:%u:%u", g_strchomp (boot), system.release, (guint) device.st_mode,
                          (guint) device.st_uid, (guint) device.st_gid);
}

static char *
cache_path (void)
{
  g_autofree char *state = valise_state_directory ();

  return g_build_filename (state, "accel", NULL);
}

static gboolean
read_cache (const char *key, ValiseAccel *accel)
{
  g_autofree char *path = cache_path ();
  g_autofree char *text = NULL;
  g_autofree char *native = g_strconcat (key, "\nnative\n", NULL);
  g_autofree char *unusable = g_strconcat (key, "\nunusable\n", NULL);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  *accel = g_str_equal (text, native) ? VALISE_ACCEL_NATIVE : VALISE_ACCEL_UNUSABLE;
  return g_str_equal (text, native) || g_str_equal (text, unusable);
}

/* A cache that cannot be written costs the next start 150 ms; nobody need be told. */
static void
write_cache (const char *key, ValiseAccel accel)
{
  g_autofree char *path = cache_path ();
  g_autofree char *text = g_strdup_printf ("%s\n%s\n", key, accel == VALISE_ACCEL_NATIVE ? "native" : "unusable");

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

/* Installed, named by the environment (tests), or in the build directory that this program was started from. */
static char *
find_probe (void)
{
  const char *build = g_getenv ("VALISE_BUILDDIR");
  g_autofree char *self = NULL;
  g_autofree char *here = NULL;
  g_autofree char *beside = NULL;
  g_autofree char *built = NULL;

  if (build != NULL)
    return g_build_filename (build, "src", "engine", PROBE_NAME, NULL);
  self = g_file_read_link ("/proc/self/exe", NULL);
  here = g_path_get_dirname (self != NULL ? self : ".");
  beside = g_build_filename (here, PROBE_NAME, NULL);
  built = g_build_filename (here, "..", "engine", PROBE_NAME, NULL);
  if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (VALISE_LIBEXECDIR, PROBE_NAME, NULL);
}

/* %FALSE when the program could not tell. */
static gboolean
measure (ValiseAccel *accel)
{
  g_autofree char *program = find_probe ();
  const char *argv[] = { program, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  if (!valise_process_run (argv, NULL, NULL, &output, NULL, &error) || output == NULL)
    return FALSE;
  *accel = g_str_has_prefix (output, "native") ? VALISE_ACCEL_NATIVE : VALISE_ACCEL_UNUSABLE;
  return TRUE;
}

static gboolean
can_open (ValiseAccel *verdict)
{
  int fd = open (KVM_DEVICE, O_RDWR | O_CLOEXEC);

  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  *verdict = errno == EACCES || errno == EPERM ? VALISE_ACCEL_PERMISSION : VALISE_ACCEL_ABSENT;
  return FALSE;
}

static ValiseAccel
look_up_or_measure (const char *key)
{
  ValiseAccel accel = VALISE_ACCEL_UNUSABLE;

  if (!read_cache (key, &accel) && measure (&accel))
    write_cache (key, accel);
  return accel;
}

ValiseAccel
_valise_accel_probe (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&probe_mutex);
  g_autofree char *key = build_key ();
  ValiseAccel accel;

  if (key == NULL)
    return VALISE_ACCEL_ABSENT;
  if (g_strcmp0 (key, known_key) == 0)
    return known;
  if (!can_open (&accel))
    return accel;
  known = look_up_or_measure (key);
  g_free (known_key);
  known_key = g_steal_pointer (&key);
  return known;
}

const char *
_valise_accel_get_reason (ValiseAccel accel)
{
  switch (accel)
    {
    case VALISE_ACCEL_NATIVE:
      return _ ("KVM runs guests at this computer's own speed.");
    case VALISE_ACCEL_UNUSABLE:
      return _ (
          "KVM is there but runs guests hundreds of times too slowly (it is probably nested); they are translated "
          "by QEMU instead.");
    case VALISE_ACCEL_PERMISSION:
      return _ ("You may not use KVM: join the group kvm and log in again. Until then guests are translated, which is "
                "slower.");
    case VALISE_ACCEL_ABSENT:
    default:
      return _ (
          "This computer offers no KVM (switch virtualization on in its firmware, if it has it); guests are translated "
          "by QEMU, which is slower.");
    }
}
