/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-finding.h"

static void
test_copy (void)
{
  g_autoptr (ValiseFinding) finding = NULL, copy = NULL;

  g_test_summary ("A copy holds everything and shares nothing");
  finding = valise_finding_new (VALISE_SEVERITY_WARNING, "memory-above-host", "memory", "Too much", "Use less");
  valise_finding_set_fix (finding, "memory", "1048576");
  copy = valise_finding_copy (finding);
  g_assert_true (copy->text != finding->text && copy->fix_value != finding->fix_value);
  g_assert_cmpint (copy->severity, ==, VALISE_SEVERITY_WARNING);
  g_assert_cmpstr (copy->code, ==, "memory-above-host");
  g_assert_cmpstr (copy->where, ==, "memory");
  g_assert_cmpstr (copy->text, ==, "Too much");
  g_assert_cmpstr (copy->remedy, ==, "Use less");
  g_assert_cmpstr (copy->fix_knob, ==, "memory");
  g_assert_cmpstr (copy->fix_value, ==, "1048576");
  valise_finding_set_fix (finding, "memory", NULL);
  g_assert_null (finding->fix_value);
}

static void
test_worst (void)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  g_test_summary ("The worst of several counts, wherever it stands");
  g_assert_cmpint (valise_findings_worst (NULL), ==, VALISE_SEVERITY_INFO);
  g_assert_cmpint (valise_findings_worst (findings), ==, VALISE_SEVERITY_INFO);
  g_ptr_array_add (findings, valise_finding_new (VALISE_SEVERITY_ERROR, "a", NULL, "a", NULL));
  g_ptr_array_add (findings, valise_finding_new (VALISE_SEVERITY_WARNING, "b", NULL, "b", NULL));
  g_assert_cmpint (valise_findings_worst (findings), ==, VALISE_SEVERITY_ERROR);
  g_ptr_array_remove_index (findings, 0);
  g_assert_cmpint (valise_findings_worst (findings), ==, VALISE_SEVERITY_WARNING);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/finding/copy", test_copy);
  g_test_add_func ("/base/finding/worst", test_worst);
  return g_test_run ();
}
