/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents that are wrong or enormous, and a libvirt without its schema: they open, say what is wrong, and can be
 * mended; nothing else of them changes. */
#include "model/valise-edit-session.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-rules.h"

#include <glib/gstdio.h>

#include "base/valise-xml.h"
#include "model-fixture.h"

#define HEAD                                                                                                           \
  "<domain type='kvm'>\n  <name>box</name>\n  <memory unit='MiB'>1024</memory>\n"                                      \
  "  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>\n"
#define MACHINE(more, devices) HEAD more "  <devices>\n" devices "  </devices>\n</domain>\n"

static ValiseEditSession *
open (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "bad", &error);
  g_autoptr (ValiseCapabilities) capabilities = NULL;

  g_assert_no_error (error);
  capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  return valise_edit_session_new (document, capabilities, NULL);
}

static const char *
text_of (ValiseEditSession *session)
{
  return valise_document_get_text (valise_edit_session_get_draft (session));
}

/* --- mended --- */

static const struct
{
  const char *wrong;
  const char *where;
  const char *value; /* that mends it; NULL: taking it away does */
  const char *right;
} REPAIRS[] = {
  { MACHINE ("  <memroy>1</memroy>\n", ""), "memroy", NULL, MACHINE ("", "") },
  { MACHINE ("  <on_crash>explode</on_crash>\n", ""), "on_crash", "destroy",
    MACHINE ("  <on_crash>destroy</on_crash>\n", "") },
  { MACHINE ("", "    <sound model='trumpet'/>\n    <!-- kept -->\n"), "devices/sound/@model", "ich9",
    MACHINE ("", "    <sound model='ich9'/>\n    <!-- kept -->\n") },
  { MACHINE ("", "    <trumpet/>\n"), "devices/trumpet", NULL, HEAD "  <devices/>\n</domain>\n" },
  { MACHINE ("  <vcpu cpuset='0-'>1</vcpu>\n", ""), "vcpu/@cpuset", NULL, MACHINE ("  <vcpu>1</vcpu>\n", "") },
  { MACHINE ("  <vcpu>99999999999999999999</vcpu>\n", ""), "vcpu", "2", MACHINE ("  <vcpu>2</vcpu>\n", "") },
};

static void
test_repair (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (REPAIRS); i++)
    {
      g_autoptr (ValiseEditSession) session = open (REPAIRS[i].wrong);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", REPAIRS[i].where);
      g_assert_nonnull (valise_edit_session_find (session, REPAIRS[i].where));
      g_assert_cmpstr (text_of (session), ==, REPAIRS[i].wrong);
      if (REPAIRS[i].value != NULL)
        valise_edit_session_set (session, REPAIRS[i].where, REPAIRS[i].value, &error);
      else
        valise_edit_session_unset (session, REPAIRS[i].where, &error);
      g_assert_no_error (error);
      g_assert_null (valise_edit_session_find (session, REPAIRS[i].where));
      g_assert_cmpstr (text_of (session), ==, REPAIRS[i].right);
      g_assert_true (valise_edit_session_can_apply (session, NULL));
    }
}

/* --- enormous --- */

static char *
make_many (guint count)
{
  GString *text = g_string_new (HEAD "  <devices>\n");

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "    <interface type='user' trustGuestRxFilters='no' managed='%u'/>\n", i % 2);
  g_string_append (text, "  </devices>\n</domain>\n");
  return g_string_free (text, FALSE);
}

static void
test_too_many (void)
{
  g_autofree char *text = make_many (10000);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "many", &error);

  g_test_summary ("Ten thousand devices are too many, and that is said");
  g_assert_null (document);
  g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
}

static void
test_many (void)
{
  g_autofree char *text = make_many (9000);
  g_autoptr (ValiseEditSession) session = open (text);
  g_autoptr (GError) error = NULL;

  g_test_summary ("Nine thousand can be edited");
  valise_edit_session_set (session, "devices/interface[8999]/mac/@address", "52:54:00:12:34:56", &error);
  g_assert_no_error (error);
  valise_edit_session_set (session, "devices/interface[9000]/mac/@address", "52:54:00:12:34:56", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_edit_session_find (session, "devices/interface[9000]/mac/@address")->code, ==,
                   "mac-duplicate");
  valise_edit_session_undo (session);
  valise_edit_session_undo (session);
  g_assert_cmpstr (text_of (session), ==, text);
}

/* --- without a schema --- */

/* In a process of its own, because the schema is read once. */
static void
edit_without_schema (void)
{
  g_autoptr (ValiseEditSession) session = open (MACHINE ("  <vcpu>two</vcpu>\n  <memroy/>\n", ""));
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();
  g_autoptr (GPtrArray) found = valise_knob_catalogue_search (catalogue, "cache");
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (valise_knob_catalogue_get_error (catalogue));
  g_assert_cmpuint (found->len, >, 0);
  /* Our own words and rules go on. */
  g_assert_nonnull (valise_edit_session_find (session, "vcpu"));
  g_assert_cmpstr (valise_edit_session_find (session, "vcpu")->code, ==, "value-invalid");
  g_assert_null (valise_edit_session_find (session, "memroy"));
  valise_edit_session_set (session, "vcpu", "2", &error);
  g_assert_no_error (error);
  g_assert_true (valise_edit_session_can_apply (session, NULL));
}

static void
test_without_schema (void)
{
  static const char *const DIRECTORIES[] = { "/nonexistent", "empty", "broken" };

  if (g_test_subprocess ())
    {
      edit_without_schema ();
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (DIRECTORIES); i++)
    {
      g_autofree char *directory = g_path_is_absolute (DIRECTORIES[i])
                                       ? g_strdup (DIRECTORIES[i])
                                       : g_build_filename (model_fixture_directory (), DIRECTORIES[i], NULL);
      g_autofree char *file = g_build_filename (directory, "domain.rng", NULL);

      if (!g_path_is_absolute (DIRECTORIES[i]))
        g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
      if (g_str_equal (DIRECTORIES[i], "broken"))
        g_assert_true (g_file_set_contents (file, "<grammar><start><ref name='none'/>", -1, NULL));
      g_setenv ("VALISE_SCHEMA_DIR", directory, TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
    }
  g_unsetenv ("VALISE_SCHEMA_DIR");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/bad-documents/repair", test_repair);
  g_test_add_func ("/model/bad-documents/too-many", test_too_many);
  g_test_add_func ("/model/bad-documents/many", test_many);
  g_test_add_func ("/model/bad-documents/without-schema", test_without_schema);
  model_fixture_begin ();
  status = g_test_run ();
  model_fixture_end ();
  return status;
}
