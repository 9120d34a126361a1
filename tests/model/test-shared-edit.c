/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-shared-edit.h"

#include <string.h>

#include "model-fixture.h"

#define MACHINE(memory, devices)                                                                                       \
  "<domain type='qemu'><name>n</name><uuid>8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b11</uuid>" memory                         \
  "<vcpu>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>" devices "</devices></domain>"
#define DISK(target)                                                                                                   \
  "<disk type='file' device='disk'><source file='" target ".img'/><target dev='" target "' bus='virtio'/></disk>"
#define CD "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>"

/* Two disks and a drive; the same in other units; neither disk nor drive. */
static const char *const machines[] = {
  MACHINE ("<memory unit='KiB'>1048576</memory>", DISK ("vda") CD DISK ("vdb")),
  MACHINE ("<memory unit='MiB'>2048</memory>", DISK ("vda")),
  MACHINE ("<memory unit='GiB'>1</memory>", ""),
};

static ValiseEditSession *
open_machine (const char *text)
{
  g_autoptr (ValiseCapabilities) capabilities = model_fixture_capabilities ("domcaps-q35-tcg.xml");
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, -1, "config.xml", &error);

  g_assert_no_error (error);
  return valise_edit_session_new (document, capabilities, NULL);
}

static const struct
{
  const char *knob;
  const char *value;
  const char *outcomes; /* of each: c changes, s the same, r refused */
  const char *has[3];   /* in the draft, or NULL */
  const char *reason;   /* of the last that is refused, or NULL */
} cases[] = {
  { NULL, NULL, "sss", { NULL, NULL, NULL }, NULL },
  { "vcpu", "4", "ccc", { "<vcpu>4</vcpu>", "<vcpu>4</vcpu>", "<vcpu>4</vcpu>" }, NULL },
  { "vcpu", "2", "sss", { NULL, NULL, NULL }, NULL },
  /* One size, three units. */
  { "memory", "2 GiB", "csc", { "'KiB'>2097152<", "'MiB'>2048<", "'GiB'>2<" }, NULL },
  { "iothreads", NULL, "sss", { NULL, NULL, NULL }, NULL },
  { "devices/disk/driver/@cache", "none", "ccr", { "cache='none'", "cache='none'", NULL }, "no such device" },
  { "devices/disk[@device='cdrom']/driver/@io", "threads", "crr", { "io='threads'", NULL, NULL }, "no such device" },
  { "devices/sound/@model", "ich9", "rrr", { NULL, NULL, NULL }, "no such device" },
  { "vcpu", "none", "rrr", { NULL, NULL, NULL }, "cannot be" },
  { "vcpu", "\x01", "rrr", { NULL, NULL, NULL }, "" },
  { "uuid", "8c4e5a0e-9c1b-4a53-8f3a-0d6f1f6a2b12", "rrr", { NULL, NULL, NULL }, "own" },
  { "devices/interface/mac/@address", "52:54:00:00:00:01", "rrr", { NULL, NULL, NULL }, "own" },
  { "os/bootmenu/@enable", "yes", "ccc", { "enable='yes'", "enable='yes'", "enable='yes'" }, NULL },
  { VALISE_SHARED_BOOT_FIRST, "disk", "ssr", { NULL, NULL, NULL }, "no disk" },
  { VALISE_SHARED_BOOT_FIRST,
    "cdrom",
    "crr",
    { "bus='sata'/><readonly/><boot order='1'/>", NULL, NULL },
    "no CD drive" },
  { VALISE_SHARED_BOOT_FIRST, "network", "rrr", { NULL, NULL, NULL }, "no network card" },
  { VALISE_SHARED_BOOT_FIRST, NULL, "sss", { NULL, NULL, NULL }, NULL },
};

static void
check_case (gsize number, ValiseSharedPart **parts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      static const char letters[] = "pcsr";
      const char *draft = valise_document_get_text (valise_edit_session_get_draft (parts[i]->session));

      g_test_message ("%s = %s in %u: %c %s", cases[number].knob, cases[number].value, (guint) i,
                      letters[parts[i]->state], parts[i]->reason);
      g_assert_cmpint (letters[parts[i]->state], ==, cases[number].outcomes[i]);
      if (cases[number].has[i] != NULL)
        g_assert_nonnull (strstr (draft, cases[number].has[i]));
      g_assert_cmpint (parts[i]->changes->len > 0, ==, valise_edit_session_is_changed (parts[i]->session));
      if (parts[i]->state == VALISE_SHARED_REFUSED)
        g_assert_nonnull (parts[i]->reason);
      if (parts[i]->state == VALISE_SHARED_REFUSED && cases[number].reason != NULL)
        g_assert_nonnull (strstr (parts[i]->reason, cases[number].reason));
    }
}

static void
test_cases (void)
{
  g_autoptr (ValiseSharedEdit) edit = valise_shared_edit_new ();
  ValiseSharedPart *parts[G_N_ELEMENTS (machines)];

  for (gsize i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      g_autoptr (ValiseEditSession) session = open_machine (machines[i]);
      parts[i] = valise_shared_edit_add (edit, session);
    }
  /* One after the other in the same edit: nothing of one is left when the next is tried. */
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      valise_shared_edit_set (edit, cases[i].knob, cases[i].value);
      g_assert_cmpuint (valise_shared_edit_count (edit, VALISE_SHARED_PENDING), ==, G_N_ELEMENTS (machines));
      while (valise_shared_edit_work (edit) != NULL)
        ;
      check_case (i, parts);
    }
}

/* Each disk gets it, and no drive. */
static void
test_every_device (void)
{
  g_autoptr (ValiseSharedEdit) edit = valise_shared_edit_new ();
  g_autoptr (ValiseEditSession) session = open_machine (machines[0]);
  ValiseSharedPart *part = valise_shared_edit_add (edit, session);
  g_autofree char *first = NULL, *drive = NULL, *second = NULL;

  valise_shared_edit_set (edit, "devices/disk/driver/@cache", "none");
  g_assert_true (valise_shared_edit_work (edit) == part);
  first = valise_edit_session_get (session, "devices/disk[1]/driver/@cache");
  drive = valise_edit_session_get (session, "devices/disk[2]/driver/@cache");
  second = valise_edit_session_get (session, "devices/disk[3]/driver/@cache");
  g_assert_cmpstr (first, ==, "none");
  g_assert_cmpstr (drive, ==, NULL);
  g_assert_cmpstr (second, ==, "none");
  g_assert_cmpuint (part->changes->len, ==, 2);
}

/* What was wrong before is not said again; what is wrong with the value is. */
static void
test_findings (void)
{
  g_autoptr (ValiseSharedEdit) edit = valise_shared_edit_new ();
  g_autoptr (ValiseEditSession) session =
      open_machine (MACHINE ("<memory unit='MiB'>512</memory>", DISK ("vda") DISK ("vda")));
  ValiseSharedPart *part = valise_shared_edit_add (edit, session);

  g_assert_cmpuint (valise_edit_session_get_findings (session)->len, >, 0);
  valise_shared_edit_set (edit, "vcpu", "none");
  valise_shared_edit_work (edit);
  g_assert_cmpint (part->state, ==, VALISE_SHARED_REFUSED);
  g_assert_cmpuint (part->findings->len, >, 0);
  for (guint i = 0; i < part->findings->len; i++)
    g_assert_cmpstr (((ValiseFinding *) part->findings->pdata[i])->where, ==, "vcpu");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  model_fixture_begin ();
  g_test_add_func ("/model/shared-edit/cases", test_cases);
  g_test_add_func ("/model/shared-edit/every-device", test_every_device);
  g_test_add_func ("/model/shared-edit/findings", test_findings);
  result = g_test_run ();
  model_fixture_end ();
  return result;
}
