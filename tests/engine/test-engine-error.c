/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt and QEMU say in one text, told apart whatever language this program speaks. */
#include "engine/valise-engine-error-private.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* As it is where the user's language is not QEMU's. */
const char *
g_strerror (int number)
{
  return number == EACCES ? "Keine Berechtigung" : number == ENOSPC ? "Kein Platz" : "Anderes";
}

static void
on_error_cb (void *data, virErrorPtr error)
{
}

/* The driver for tests opens a file, and says its name when it cannot. */
static ValiseEngineError
code_of (const char *said)
{
  g_autofree char *uri = g_strdup_printf ("test:///nowhere/%s", said);
  ValiseEngineError code;

  g_assert_null (virConnectOpen (uri));
  code = _valise_engine_error_peek ();
  virResetLastError ();
  return code;
}

static void
test_languages (void)
{
  static const struct
  {
    const char *said;
    ValiseEngineError code;
  } cases[] = {
    { "Could not open it: Permission denied", VALISE_ENGINE_ERROR_PERMISSION },
    { "Could not open it: Keine Berechtigung", VALISE_ENGINE_ERROR_PERMISSION },
    { "Could not write it: No space left on device", VALISE_ENGINE_ERROR_SPACE },
    { "Could not write it: Kein Platz", VALISE_ENGINE_ERROR_SPACE },
    { "Failed to get \"write\" lock", VALISE_ENGINE_ERROR_BUSY },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].said);
      g_assert_cmpint (code_of (cases[i].said), ==, cases[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  virSetErrorFunc (NULL, on_error_cb);
  g_test_add_func ("/engine/engine-error/languages", test_languages);
  return g_test_run ();
}
