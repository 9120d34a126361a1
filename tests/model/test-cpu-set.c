/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-cpu-set.h"

static void
test_round (void)
{
  static const struct
  {
    const char *text;
    const char *expected; /* NULL: it is none */
  } cases[] = {
    { "", "" },
    { "0", "0" },
    { "3", "3" },
    { "0-3", "0-3" },
    { "0-3,^2", "0-1,3" },
    { "0-3,^3", "0-2" },
    { "^2,0-3", "0-3" },
    { "8,0,1,2", "0-2,8" },
    { " 1 - 2 , 4 ", "1-2,4" },
    { "0-1,^0,^1", "" },
    { "16383", "16383" },
    { "16384", NULL },
    { "99999999999999999999", NULL },
    { "0-99999999999999999999", NULL },
    { "3-1", NULL },
    { "1,", NULL },
    { ",1", NULL },
    { "-1", NULL },
    { "1-", NULL },
    { "^1-2", NULL },
    { "^", NULL },
    { "a", NULL },
    { "1 2", NULL },
    { "0x1", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) flags = valise_cpu_set_parse (cases[i].text);
      g_autofree char *text = flags != NULL ? valise_cpu_set_format (flags) : NULL;

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/cpu-set/round", test_round);
  return g_test_run ();
}
