/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing is lost or left behind: what is set and unset again, or set back, leaves every byte as it was. */
#include "model/valise-edit-session.h"
#include "model/valise-knob-catalogue.h"

#include "document-fixture.h"
#include "model-fixture.h"

static const char MINIMAL[] = "<domain type='kvm'>\n"
                              "  <name>box</name>\n"
                              "  <memory unit='KiB'>1048576</memory>\n"
                              "  <os><type machine=\"q35\">hvm</type></os><!-- kept -->\n"
                              "  <devices/>\n"
                              "</domain>\n";

/* What else an edit changes is part of it, and is undone, not unset: firmware brings its variables, and so on. */
static gboolean
has_consequence (const char *path)
{
  static const char *const PATHS[] = {
    "os/@firmware",
    "os/type/@machine",
    "cpu/@mode",
    "memory",
    "memory/@unit",
    "vcpu",
    "clock/@offset",
    "title",
    "name",
    "devices/disk/target/@bus",
    "devices/disk/@device",
    "devices/disk/driver/@type",
    NULL,
  };

  return g_strv_contains (PATHS, path) || g_str_has_prefix (path, "cpu/topology/");
}

static const char *
sample (const ValiseKnobEntry *entry)
{
  if (entry->words != NULL && entry->words[0] != NULL)
    return entry->words[0];
  return entry->knob.kind == VALISE_KNOB_PRESENCE ? "yes" : "1";
}

/* A device that the machine does not have is added as a whole, which is another thing. */
static gboolean
is_of_missing_device (ValiseDocument *document, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", 3);
  g_autofree char *device = NULL;

  if (!g_str_equal (names[0], "devices") || names[1] == NULL)
    return FALSE;
  device = g_strjoin ("/", names[0], names[1], NULL);
  return names[2] == NULL || !valise_document_has (document, device);
}

/* One step, so that nothing in between is checked. */
static gboolean
set_and_take_back (ValiseEditSession *session, const ValiseKnobEntry *entry)
{
  const char *path = entry->knob.path;
  g_autofree char *before = valise_edit_session_get (session, path);
  g_autofree char *text = g_strdup (valise_document_get_text (valise_edit_session_get_draft (session)));
  g_autoptr (GError) error = NULL;
  gboolean same;

  valise_edit_session_begin (session);
  valise_edit_session_set (session, path, sample (entry), &error);
  g_assert_no_error (error);
  if (before == NULL)
    valise_edit_session_unset (session, path, &error);
  else
    valise_edit_session_set (session, path, entry->knob.kind == VALISE_KNOB_PRESENCE ? "yes" : before, &error);
  g_assert_no_error (error);
  same = g_str_equal (valise_document_get_text (valise_edit_session_get_draft (session)), text);
  if (!same)
    {
      g_test_message ("%s: %s", path, valise_document_get_text (valise_edit_session_get_draft (session)));
      valise_edit_session_set_text (session, text, NULL);
    }
  valise_edit_session_end (session);
  return same;
}

static guint
check_all (const char *text, guint *wrong)
{
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  g_autoptr (ValiseEditSession) session = valise_edit_session_new (document, capabilities, NULL);
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (valise_knob_catalogue_get_default (), NULL);
  guint count = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];

      if (!entry->is_in_schema || strpbrk (entry->knob.path, "[*") != NULL || has_consequence (entry->knob.path)
          || is_of_missing_device (document, entry->knob.path))
        continue;
      count++;
      if (!set_and_take_back (session, entry))
        (*wrong)++;
    }
  g_assert_false (valise_edit_session_is_changed (session));
  return count;
}

static void
test_every (void)
{
  g_autofree char *text = model_fixture_read ("every-device.xml");
  guint wrong = 0;
  guint small, large;

  g_test_summary ("Each knob of the schema set, and taken back");
  if (valise_knob_catalogue_get_error (valise_knob_catalogue_get_default ()) != NULL)
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  small = check_all (MINIMAL, &wrong);
  large = check_all (text, &wrong);
  g_test_message ("%u knobs of a small machine, %u of one with every device; %u differ", small, large, wrong);
  g_assert_cmpuint (small, >, 300);
  g_assert_cmpuint (large, >, 1200);
  g_assert_cmpuint (wrong, ==, 0);
}

static void
edit (ValiseDocument **document, const char *path, const char *value)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  g_autoptr (ValiseEditSession) session = valise_edit_session_new (*document, capabilities, NULL);
  g_autoptr (GError) error = NULL;

  if (value != NULL)
    valise_edit_session_set (session, path, value, &error);
  else
    valise_edit_session_unset (session, path, &error);
  g_assert_no_error (error);
  valise_document_unref (*document);
  *document = valise_document_copy (valise_edit_session_get_draft (session));
}

/* What stands in a hypervisor's own namespace goes without a trace also when somebody takes it back another day. */
static void
test_another_day (void)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (valise_knob_catalogue_get_default (), NULL);
  guint count = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];
      g_autoptr (ValiseDocument) document = NULL;

      if (!entry->is_in_schema || strchr (entry->knob.path, ':') == NULL
          || g_str_has_prefix (entry->knob.path, "metadata/"))
        continue;
      count++;
      document = document_fixture_parse (MINIMAL);
      edit (&document, entry->knob.path, sample (entry));
      g_assert_cmpstr (valise_document_get_text (document), !=, MINIMAL);
      edit (&document, entry->knob.path, NULL);
      g_test_message ("%s", entry->knob.path);
      g_assert_cmpstr (valise_document_get_text (document), ==, MINIMAL);
    }
  g_test_message ("%u knobs in namespaces", count);
  if (valise_knob_catalogue_get_error (valise_knob_catalogue_get_default ()) == NULL)
    g_assert_cmpuint (count, >, 15);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/corpus/every", test_every);
  g_test_add_func ("/model/corpus/another-day", test_another_day);
  model_fixture_begin ();
  status = g_test_run ();
  model_fixture_end ();
  return status;
}
