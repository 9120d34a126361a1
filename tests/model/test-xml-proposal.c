/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be typed at a place of the XML, over the installed libvirt's schema. "|" is the caret. */
#include "model/valise-xml-proposal.h"

#include <string.h>

#include "model-fixture.h"
#include "model/valise-schema-private.h"

#define DISK "<domain type='kvm'><devices><disk type='file' device='disk'>"
#define Q35 "<domain><os><type machine='pc-q35-7.2'>hvm</type></os><devices><disk device='disk'>"

static ValiseKnobCatalogue *catalogue;

static ValiseXmlPlace *
find_place (const char *marked)
{
  const char *caret = strchr (marked, '|');
  g_autofree char *text = NULL;

  g_assert_nonnull (caret);
  text = g_strdup_printf ("%.*s%s", (int) (caret - marked), marked, caret + 1);
  return valise_xml_place_find (text, (gsize) (caret - marked));
}

static const struct
{
  const char *text;
  ValiseXmlPlaceKind kind;
  const char *path; /* or NULL */
  const char *word;
  const char *attribute; /* or NULL */
} places[] = {
  { "|", VALISE_XML_PLACE_TEXT, NULL, "", NULL },
  { "<doma|", VALISE_XML_PLACE_ELEMENT, NULL, "doma", NULL },
  { "<domain>|", VALISE_XML_PLACE_TEXT, "", "", NULL },
  { "<domain>\n  <na|\n</domain>", VALISE_XML_PLACE_ELEMENT, "", "na", NULL },
  { "<domain ty|", VALISE_XML_PLACE_ATTRIBUTE, "", "ty", NULL },
  { "<domain |>", VALISE_XML_PLACE_ATTRIBUTE, "", "", NULL },
  { "<domain type='|'>", VALISE_XML_PLACE_VALUE, "", "", "type" },
  { "<domain type=\"k|vm\">", VALISE_XML_PLACE_VALUE, "", "k", "type" },
  { "<domain type='k|", VALISE_XML_PLACE_VALUE, "", "k", "type" },
  { "<domain type|='kvm'>", VALISE_XML_PLACE_ATTRIBUTE, "", "type", NULL },
  { "<domain type=|'kvm'>", VALISE_XML_PLACE_NOWHERE, NULL, "", NULL },
  { "<domain type='kvm' id='1'|>", VALISE_XML_PLACE_NOWHERE, NULL, "", NULL },
  { DISK "<source f|", VALISE_XML_PLACE_ATTRIBUTE, "devices/disk/source", "f", NULL },
  { DISK "</disk><disk><driver cache='|'/>", VALISE_XML_PLACE_VALUE, "devices/disk[2]/driver", "", "cache" },
  { DISK "<source file='a'/></|", VALISE_XML_PLACE_CLOSING, "devices/disk", "", NULL },
  { DISK "<source file='a>b'/><t|", VALISE_XML_PLACE_ELEMENT, "devices/disk", "t", NULL },
  { "<domain><vcpu placement='static'>2|</vcpu>", VALISE_XML_PLACE_TEXT, "vcpu", "2", NULL },
  { "<domain><!-- <os> | -->", VALISE_XML_PLACE_NOWHERE, NULL, "", NULL },
  { "<domain><!-- <os> --><o|", VALISE_XML_PLACE_ELEMENT, "", "o", NULL },
  { "<domain><name><![CDATA[<os>|]]></name>", VALISE_XML_PLACE_NOWHERE, NULL, "", NULL },
  { "<?xml version='1.0'?><!DOCTYPE x>\n<domain><|", VALISE_XML_PLACE_ELEMENT, "", "", NULL },
  { "<domain><os></bios></os><|", VALISE_XML_PLACE_ELEMENT, "", "", NULL },
  { "<domain><os><boot <|", VALISE_XML_PLACE_ELEMENT, "os/boot", "", NULL },
  { "<domain>< <|", VALISE_XML_PLACE_ELEMENT, "", "", NULL },
  { "<network><|", VALISE_XML_PLACE_ELEMENT, NULL, "", NULL },
};

static void
test_place (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (ValiseXmlPlace) place = find_place (places[i].text);

      g_test_message ("%s", places[i].text);
      g_assert_cmpint (place->kind, ==, places[i].kind);
      g_assert_cmpstr (place->path, ==, places[i].path);
      g_assert_cmpstr (place->word, ==, places[i].word);
      g_assert_cmpstr (place->attribute, ==, places[i].attribute);
    }
}

/* Whatever is typed, and wherever the caret is: an answer, and no byte read that is not there. */
static void
test_place_anywhere (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (gsize length = 0; length <= strlen (places[i].text); length++)
      for (gsize offset = 0; offset <= length; offset++)
        {
          g_autofree char *text = g_strndup (places[i].text, length);
          g_autoptr (ValiseXmlPlace) place = valise_xml_place_find (text, offset);

          g_assert_cmpuint (place->start + strlen (place->word), <=, MAX (offset, strlen (place->word)));
        }
}

static const struct
{
  const char *text;
  const char *first; /* NULL: nothing is proposed */
  const char *has[3];
  const char *lacks[3];
} proposals[] = {
  { "<doma|", NULL, { NULL }, { NULL } },
  { "<domain>\n  <memo|", "memory", { "memoryBacking" }, { "vcpu" } },
  { "<domain><name>a</name><|<vcpu/></domain>", NULL, { "os", "memory", "/domain" }, { "name", "vcpu" } },
  { "<domain><devices><disk/><dis|<disk/></devices></domain>", "disk", { NULL }, { NULL } },
  { "<domain ty|", "type='|'", { NULL }, { "id" } },
  { "<domain id=\"1\" ty|", "type=\"|\"", { NULL }, { NULL } },
  { "<domain type='kvm' |>", NULL, { "id" }, { "type" } },
  { "<domain><devices><disk |", NULL, { "device", "type", "snapshot" }, { "driver" } },
  { "<domain type='q|'", "qemu", { NULL }, { "kvm" } },
  { DISK "<driver cache='|'/>", NULL, { "none", "writeback", "unsafe" }, { NULL } },
  { DISK "<driver cache='write|'/>", NULL, { "writeback", "writethrough" }, { "none" } },
  { DISK "<target bus='s|", NULL, { "sata", "scsi" }, { "ide" } },
  { DISK "<source |", "file='|'", { "index" }, { NULL } },
  { "<domain><os><bootmenu enable='|", "yes", { "no" }, { NULL } },
  { "<domain><clock offset='|", NULL, { "utc", "localtime" }, { NULL } },
  { "<domain><on_crash>des|", "destroy", { NULL }, { "restart" } },
  { DISK "</|", "disk>", { NULL }, { NULL } },
  { DISK "<source file='a'/>|", NULL, { "target", "/disk" }, { "source" } },
  { "<domain><metadata><|", NULL, { "/metadata" }, { "*" } },
  { "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:com|",
    "qemu:commandline",
    { NULL },
    { NULL } },
};

static const ValiseXmlProposal *
find (GPtrArray *list, const char *label)
{
  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (((const ValiseXmlProposal *) list->pdata[i])->label, label))
      return list->pdata[i];
  return NULL;
}

static char *
with_caret (const ValiseXmlProposal *proposal)
{
  gsize before = strlen (proposal->text) - proposal->back;

  return proposal->back > 0 ? g_strdup_printf ("%.*s|%s", (int) before, proposal->text, proposal->text + before)
                            : g_strdup (proposal->text);
}

static void
test_proposals (void)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");

  for (gsize i = 0; i < G_N_ELEMENTS (proposals); i++)
    {
      g_autoptr (ValiseXmlPlace) place = find_place (proposals[i].text);
      g_autoptr (GPtrArray) list = valise_xml_proposal_list (place, catalogue, capabilities);
      g_autofree char *first = list->len > 0 ? with_caret (list->pdata[0]) : NULL;

      g_test_message ("%s", proposals[i].text);
      for (guint j = 0; j < list->len; j++)
        g_test_message ("  %s (%s)", ((ValiseXmlProposal *) list->pdata[j])->label,
                        ((ValiseXmlProposal *) list->pdata[j])->reason);
      if (proposals[i].first != NULL || proposals[i].has[0] == NULL)
        g_assert_cmpstr (first, ==, proposals[i].first);
      for (guint j = 0; j < 3 && proposals[i].has[j] != NULL; j++)
        g_assert_nonnull (find (list, proposals[i].has[j]));
      for (guint j = 0; j < 3 && proposals[i].lacks[j] != NULL; j++)
        g_assert_null (find (list, proposals[i].lacks[j]));
    }
}

/* What libvirt's schema or this computer does not allow is there, behind the rest, and says why. */
static void
test_reasons (void)
{
  static const struct
  {
    const char *text;
    const char *label;
    gboolean possible;
  } cases[] = {
    { DISK "<source |", "file", TRUE },
    { DISK "<source |", "pool", FALSE },
    { "<domain><devices><disk type='volume'><source |", "pool", TRUE },
    { Q35 "<target bus='|", "virtio", TRUE },
    { Q35 "<target bus='|", "ide", FALSE },
  };
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseXmlPlace) place = find_place (cases[i].text);
      g_autoptr (GPtrArray) list = valise_xml_proposal_list (place, catalogue, capabilities);
      const ValiseXmlProposal *proposal = find (list, cases[i].label);

      g_test_message ("%s: %s", cases[i].text, cases[i].label);
      g_assert_nonnull (proposal);
      g_test_message ("%s", proposal->reason);
      g_assert_cmpint (proposal->reason == NULL, ==, cases[i].possible);
    }
}

/* What a knob's own words are, each value that is proposed is one that it takes. */
static void
test_values_hold (void)
{
  g_autoptr (GPtrArray) all = valise_knob_catalogue_list_below (catalogue, NULL);
  guint checked = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const ValiseKnobEntry *entry = all->pdata[i];
      const char *at = strrchr (entry->knob.path, '@');
      g_autofree char *element = NULL, *tags = NULL, *text = NULL;
      g_auto (GStrv) steps = NULL;
      g_autoptr (ValiseXmlPlace) place = NULL;
      g_autoptr (GPtrArray) list = NULL;

      if (at == NULL || at == entry->knob.path || strpbrk (entry->knob.path, "[*") != NULL)
        continue;
      element = g_strndup (entry->knob.path, (gsize) (at - entry->knob.path - 1));
      steps = g_strsplit (element, "/", -1);
      tags = g_strjoinv ("><", steps);
      text = g_strdup_printf ("<domain><%s %s='|", tags, at + 1);
      place = find_place (text);
      list = valise_xml_proposal_list (place, catalogue, NULL);
      for (guint j = 0; j < list->len; j++, checked++)
        {
          g_autoptr (GError) error = NULL;

          valise_knob_entry_check (entry, ((ValiseXmlProposal *) list->pdata[j])->label, &error);
          g_assert_no_error (error);
        }
      if (entry->words != NULL && entry->words[0] != NULL)
        g_assert_cmpuint (list->len, >, 0);
    }
  g_test_message ("%u values", checked);
  g_assert_cmpuint (checked, >, 1000);
}

static void
with_schema (gconstpointer data)
{
  void (*test) (void) = data;
  g_autoptr (GError) error = NULL;

  if (!_valise_schema_is_there ())
    {
      g_test_skip ("libvirt's schema is not installed (package libvirt0)");
      return;
    }
  if (catalogue == NULL)
    catalogue = valise_knob_catalogue_new (NULL, &error);
  g_assert_no_error (error);
  test ();
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  g_test_add_func ("/model/xml-proposal/place", test_place);
  g_test_add_func ("/model/xml-proposal/anywhere", test_place_anywhere);
  g_test_add_data_func ("/model/xml-proposal/list", test_proposals, with_schema);
  g_test_add_data_func ("/model/xml-proposal/reasons", test_reasons, with_schema);
  g_test_add_data_func ("/model/xml-proposal/values", test_values_hold, with_schema);
  result = g_test_run ();
  g_clear_pointer (&catalogue, valise_knob_catalogue_free);
  model_fixture_end ();
  return result;
}
