/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts are written as letters, a line each. */
#include "bundle/valise-line-diff.h"

#include <string.h>

static char *
lines_of (const char *letters)
{
  GString *text = g_string_new (NULL);

  for (; *letters != '\0'; letters++)
    g_string_append_printf (text, "%c\n", *letters);
  return g_string_free (text, FALSE);
}

/* "-a" removed, "+b" added, " c" the same, "~2" two lines that are left out. */
static char *
in_short (GPtrArray *list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const ValiseDiffLine *line = list->pdata[i];

      if (line->kind == VALISE_LINE_SKIPPED)
        g_string_append_printf (text, "~%u", line->count);
      else
        g_string_append_printf (text, "%c%s", " -+"[line->kind], line -> text);
    }
  return g_string_free (text, FALSE);
}

static void
test_list (void)
{
  static const struct
  {
    const char *before;
    const char *after;
    guint context;
    const char *expected;
  } cases[] = {
    { "", "", 3, "" },
    { "abc", "abc", 3, "" },
    { "", "ab", 3, "+a+b" },
    { "ab", "", 3, "-a-b" },
    { "abc", "axc", 3, " a-b+x c" },
    { "abc", "ac", 3, " a-b c" },
    { "ac", "abc", 3, " a+b c" },
    { "abcabba", "cbabac", 3, "-a-b c+b a b-b a+c" },
    { "aaaa", "aa", 3, " a a-a-a" },
    { "abcdefgh", "abcdXfgh", 1, "~3 d-e+X f~2" },
    { "abcdefgh", "XbcdefgY", 0, "-a+X~6-h+Y" },
    { "abcdefgh", "Xbcdefgh", 2, "-a+X b c~5" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *before = lines_of (cases[i].before), *after = lines_of (cases[i].after);
      g_autoptr (GPtrArray) list = valise_line_diff (before, after, cases[i].context);
      g_autofree char *text = in_short (list);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* Whatever the texts are, the lines that are not added are the older one, those that are not removed the newer. */
static void
assert_whole (const char *before, const char *after)
{
  g_autoptr (GPtrArray) list = valise_line_diff (before, after, G_MAXUINT / 2);
  g_autoptr (GString) older = g_string_new (NULL), newer = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const ValiseDiffLine *line = list->pdata[i];

      if (line->kind != VALISE_LINE_ADDED)
        g_string_append_printf (older, "%s\n", line->text);
      if (line->kind != VALISE_LINE_REMOVED)
        g_string_append_printf (newer, "%s\n", line->text);
    }
  if (list->len == 0)
    g_assert_cmpstr (before, ==, after);
  else
    {
      g_assert_cmpstr (older->str, ==, before);
      g_assert_cmpstr (newer->str, ==, after);
    }
}

static char *
roll (GRand *dice, int length, int letters)
{
  GString *text = g_string_new (NULL);

  for (int i = g_rand_int_range (dice, 0, length + 1); i > 0; i--)
    g_string_append_printf (text, "%d\n", g_rand_int_range (dice, 0, letters));
  return g_string_free (text, FALSE);
}

static void
test_random (void)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed (7);

  for (int i = 0; i < 500; i++)
    {
      g_autofree char *before = roll (dice, 30, 1 + i % 9), *after = roll (dice, 30, 1 + i % 9);

      assert_whole (before, after);
    }
}

/* Many lines with next to nothing in common: no more time than it takes to look at them. */
static void
test_large (void)
{
  g_autoptr (GString) before = g_string_new (NULL), after = g_string_new (NULL);

  for (int i = 0; i < 20000; i++)
    {
      g_string_append_printf (before, "%d\n", i);
      g_string_append_printf (after, "%d\n", i * 2 + 1);
    }
  assert_whole (before->str, after->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/line-diff/list", test_list);
  g_test_add_func ("/bundle/line-diff/random", test_random);
  g_test_add_func ("/bundle/line-diff/large", test_large);
  return g_test_run ();
}
