/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot order as one list, and a kind of device before all others. */
#include "model/valise-boot-places.h"

#include "model-fixture.h"

#define DISK(target, rest)                                                                                             \
  "<disk type='file' device='disk'><source file='" target ".img'/><target dev='" target "' bus='virtio'/>" rest        \
  "</disk>"
#define CD(target, rest)                                                                                               \
  "<disk type='file' device='cdrom'><target dev='" target "' bus='sata'/><readonly/>" rest "</disk>"
#define FLOPPY "<disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>"
#define CARD(rest) "<interface type='user'>" rest "</interface>"
#define ORDER(number) "<boot order='" number "'/>"

static const struct
{
  const char *name;
  const char *os;
  const char *devices;
  const char *before; /* the devices that take part, in their order */
  const char *first;  /* their kind */
  const char *put;    /* what is put first */
  const char *after;  /* NULL: refused */
} cases[] = {
  { "nothing said: the disks", "", DISK ("vda", "") CD ("sda", "") DISK ("vdb", ""), "disk[1] disk[3]", "disk", "cdrom",
    "disk[2] disk[1] disk[3]" },
  { "first already", "", DISK ("vda", "") CD ("sda", ""), "disk[1]", "disk", "disk", "disk[1]" },
  { "words", "<boot dev='cdrom'/><boot dev='hd'/>", DISK ("vda", "") CD ("sda", "") CARD (""), "disk[2] disk[1]",
    "cdrom", "network", "interface[1] disk[2] disk[1]" },
  { "words stay as they are when nothing moves", "<boot dev='cdrom'/><boot dev='hd'/>", DISK ("vda", "") CD ("sda", ""),
    "disk[2] disk[1]", "cdrom", "cdrom", "disk[2] disk[1]" },
  { "a floppy is no CD", "<boot dev='fd'/><boot dev='hd'/>", DISK ("vda", "") CD ("sda", "") FLOPPY, "disk[3] disk[1]",
    "floppy", "cdrom", "disk[2] disk[3] disk[1]" },
  { "numbers, whatever they are", "", DISK ("vda", ORDER ("20")) CD ("sda", ORDER ("7")) CARD (ORDER ("9")),
    "disk[2] interface[1] disk[1]", "cdrom", "disk", "disk[1] disk[2] interface[1]" },
  { "all of a kind, in their order", "",
    DISK ("vda", ORDER ("3")) CD ("sda", ORDER ("1")) DISK ("vdb", ORDER ("2")) DISK ("vdc", ""),
    "disk[2] disk[3] disk[1]", "cdrom", "disk", "disk[3] disk[1] disk[4] disk[2]" },
  { "no such device", "", DISK ("vda", ""), "disk[1]", "disk", "network", NULL },
  { "nothing at all", "", "", "", NULL, "disk", NULL },
  { "a kernel comes before", "<kernel>/k</kernel>", DISK ("vda", "") CD ("sda", ""), "disk[1]", "disk", "cdrom", NULL },
};

static ValiseEditSession *
open_case (gsize number)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  g_autofree char *text = g_strdup_printf (
      "<domain type='qemu'><name>n</name><memory>1048576</memory><vcpu>1</vcpu><os><type arch='x86_64' "
      "machine='q35'>hvm</type>%s</os><devices>%s</devices></domain>",
      cases[number].os, cases[number].devices);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "config.xml", &error);

  g_assert_no_error (error);
  return valise_edit_session_new (document, capabilities, NULL);
}

static char *
order_of (ValiseEditSession *session)
{
  g_autoptr (GPtrArray) places = valise_boot_places_read (valise_edit_session_get_draft (session));
  GString *order = g_string_new (NULL);

  for (guint i = 0; i < places->len; i++)
    {
      const ValiseBootPlace *place = places->pdata[i];

      if (place->order > 0)
        g_string_append_printf (order, "%s%s", order->len > 0 ? " " : "", place->device + strlen ("devices/"));
    }
  return g_string_free (order, FALSE);
}

static void
check_put (ValiseEditSession *session, gsize number)
{
  g_autofree char *text = g_strdup (valise_document_get_text (valise_edit_session_get_draft (session)));
  g_autoptr (GError) error = NULL;
  gboolean moved = cases[number].after != NULL && !g_str_equal (cases[number].before, cases[number].after);
  gboolean done = valise_boot_places_put_first (session, cases[number].put, &error);
  g_autofree char *after = order_of (session);

  g_assert_cmpint (done, ==, cases[number].after != NULL);
  g_assert_cmpint (error != NULL && error->domain == VALISE_BOOT_PLACES_ERROR, ==, !done);
  g_assert_cmpstr (after, ==, done ? cases[number].after : cases[number].before);
  g_assert_cmpint (valise_edit_session_is_changed (session), ==, moved);
  if (!moved)
    return;
  g_assert_cmpstr (valise_boot_places_first (valise_edit_session_get_draft (session)), ==, cases[number].put);
  g_assert_false (valise_document_has (valise_edit_session_get_draft (session), "os/boot"));
  valise_edit_session_undo (session); /* one step */
  g_assert_cmpstr (valise_document_get_text (valise_edit_session_get_draft (session)), ==, text);
}

static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseEditSession) session = open_case (i);
      g_autofree char *before = order_of (session);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpstr (before, ==, cases[i].before);
      g_assert_cmpstr (valise_boot_places_first (valise_edit_session_get_draft (session)), ==, cases[i].first);
      check_put (session, i);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  g_test_add_func ("/model/boot-places/cases", test_cases);
  result = g_test_run ();
  model_fixture_end ();
  return result;
}
