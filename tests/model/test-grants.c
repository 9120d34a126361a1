/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "model/valise-grants.h"

#define UUID "6f9d2c5e-3a1b-4c8d-9e0f-112233445566"
#define FILE_KNOB "devices/disk[2]/source/@file"

static ValiseGrants *
load (const char *uuid)
{
  g_autoptr (GError) error = NULL;
  ValiseGrants *grants = valise_grants_load (uuid, &error);

  g_assert_no_error (error);
  return grants;
}

static char *
grants_path (void)
{
  return g_build_filename (g_getenv ("VALISE_STATE_DIR"), "grants", UUID, NULL);
}

static void
test_exact (void)
{
  g_autoptr (ValiseGrants) grants = load (UUID);

  g_assert_false (valise_grants_has (grants, FILE_KNOB, "/a"));
  g_assert_true (valise_grants_allow (grants, FILE_KNOB, "/a", NULL));
  g_assert_true (valise_grants_has (grants, FILE_KNOB, "/a"));
  /* The place in the list may change, the value may not. */
  g_assert_true (valise_grants_has (grants, "devices/disk/source/@file", "/a"));
  g_assert_true (valise_grants_has (grants, "devices/disk[7]/source/@file", "/a"));
  g_assert_false (valise_grants_has (grants, FILE_KNOB, "/a/b"));
  g_assert_false (valise_grants_has (grants, FILE_KNOB, ""));
  g_assert_false (valise_grants_has (grants, "devices/disk/source/@dev", "/a"));
}

static void
test_kept (void)
{
  {
    g_autoptr (ValiseGrants) grants = load (UUID);

    g_assert_true (valise_grants_allow (grants, "os/kernel", "/boot/\"v\"\nline <&> é", NULL));
    g_assert_true (valise_grants_settle (grants, NULL));
  }
  {
    g_autoptr (ValiseGrants) grants = load (UUID);
    g_autoptr (ValiseGrants) upper = load ("6F9D2C5E-3A1B-4C8D-9E0F-112233445566");

    g_assert_true (valise_grants_has (grants, "os/kernel", "/boot/\"v\"\nline <&> é"));
    g_assert_true (valise_grants_is_settled (grants));
    g_assert_true (valise_grants_is_settled (upper));
    g_assert_true (valise_grants_revoke (grants, "os/kernel", "/boot/\"v\"\nline <&> é", NULL));
  }
  {
    g_autoptr (ValiseGrants) grants = load (UUID);

    g_assert_false (valise_grants_has (grants, "os/kernel", "/boot/\"v\"\nline <&> é"));
  }
}

static void
test_private (void)
{
  g_autoptr (ValiseGrants) grants = load (UUID);
  g_autofree char *path = grants_path ();
  struct stat status;

  g_assert_true (valise_grants_allow (grants, "os/kernel", "/x", NULL));
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
test_other_machine (void)
{
  g_autoptr (ValiseGrants) one = load (UUID);
  g_autoptr (ValiseGrants) other = load ("00000000-1111-2222-3333-444444444444");

  g_assert_true (valise_grants_allow (one, "os/kernel", "/x", NULL));
  g_assert_false (valise_grants_has (other, "os/kernel", "/x"));
  g_assert_false (valise_grants_is_settled (other));
}

/* Damage never grants anything; the user is asked again. */
static void
test_damaged (void)
{
  static const char *const texts[] = { "", "{", "[]", "{\"settled\":\"yes\",\"grants\":{}}",
                                       "{\"grants\":[1,null,{\"knob\":2}]}" };
  g_autofree char *path = grants_path ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (ValiseGrants) grants = NULL;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      grants = load (UUID);
      g_assert_false (valise_grants_is_settled (grants));
      g_assert_false (valise_grants_has (grants, "os/kernel", "/x"));
    }
}

static void
test_not_a_uuid (void)
{
  static const char *const names[] = { "", "x", "../../etc/passwd", "6f9d2c5e-3a1b-4c8d-9e0f-11223344556/" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_grants_load (names[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

/* What could not be written is not granted either. */
static void
test_unwritable (void)
{
  g_autofree char *state = g_build_filename (model_fixture_directory (), "blocked", NULL);
  g_autofree char *before = g_strdup (g_getenv ("VALISE_STATE_DIR"));
  g_autofree char *obstacle = g_build_filename (state, "grants", NULL);
  g_autoptr (ValiseGrants) grants = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  grants = load (UUID);
  g_assert_true (g_file_set_contents (obstacle, "a file where the directory should be", -1, NULL));
  g_assert_false (valise_grants_allow (grants, "os/kernel", "/x", &error));
  g_assert_nonnull (error);
  g_assert_false (valise_grants_has (grants, "os/kernel", "/x"));
  g_assert_false (valise_grants_settle (grants, NULL));
  g_assert_false (valise_grants_is_settled (grants));
  g_setenv ("VALISE_STATE_DIR", before, TRUE);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  g_test_add_func ("/model/grants/exact", test_exact);
  g_test_add_func ("/model/grants/kept", test_kept);
  g_test_add_func ("/model/grants/private", test_private);
  g_test_add_func ("/model/grants/other-machine", test_other_machine);
  g_test_add_func ("/model/grants/damaged", test_damaged);
  g_test_add_func ("/model/grants/not-a-uuid", test_not_a_uuid);
  g_test_add_func ("/model/grants/unwritable", test_unwritable);
  result = g_test_run ();
  model_fixture_end ();
  return result;
}
