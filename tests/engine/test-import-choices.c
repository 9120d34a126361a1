/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person chooses for a foreign machine, and what the plan and the findings make of it. */
#include "engine/valise-import-points.h"

#include <string.h>

static ValiseCapabilities *capabilities;

static ValiseImportChoices *
choices_new (void)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("vbox", "Chosen");

  blueprint->os_type = g_strdup ("Ubuntu_64");
  blueprint->vcpus = 1;
  blueprint->memory = 512;
  for (guint i = 0; i < 2; i++)
    {
      ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);
      ValiseBlueprintNic *nic = valise_blueprint_add_nic (blueprint);

      drive->bus = g_strdup ("sata");
      drive->file = g_strdup_printf ("d%u.vdi", i);
      drive->member = i == 0 ? g_strdup (drive->file) : NULL;
      drive->capacity = 1 << 20;
      nic->model = g_strdup ("e1000");
      nic->mac = g_strdup_printf ("08:00:27:00:00:%02x", i);
    }
  return valise_import_choices_new (blueprint, VALISE_MAC_KEEP);
}

static ValiseImportPlan *
plan_of (const ValiseImportChoices *choices)
{
  g_autoptr (GError) error = NULL;
  ValiseImportPlan *plan = valise_import_plan_new (choices, capabilities, &error);

  g_assert_no_error (error);
  return plan;
}

static GPtrArray *
points_of (const ValiseImportChoices *choices)
{
  g_autoptr (ValiseImportPlan) plan = plan_of (choices);

  return valise_import_points_new (choices, plan);
}

static void
assert_knob (const ValiseImportChoices *choices, const char *knob, const char *expected)
{
  g_autoptr (ValiseImportPlan) plan = plan_of (choices);
  g_autofree char *value = valise_document_get (plan->document, knob);

  g_assert_cmpstr (value, ==, expected);
}

static const char *
word (const char *const *words, const char *wanted)
{
  while (*words != NULL && !g_str_equal (*words, wanted))
    words++;
  g_assert_nonnull (*words);
  return *words;
}

static void
test_rows (void)
{
  g_autoptr (ValiseImportChoices) choices = choices_new ();
  g_autoptr (ValiseImportPlan) plan = plan_of (choices);

  choices->cpus = 3;
  choices->memory = 768;
  choices->name = g_strdup ("Mine & yours");
  choices->sound = word (valise_import_sounds (plan), "ac97");
  choices->drives[0].bus = word (valise_import_disk_buses (plan), "ide");
  choices->drives[1].taken = FALSE;
  choices->nics[0].model = word (valise_import_nic_models (plan), "rtl8139");
  choices->nics[0].network = word (valise_import_networks (), "bridge");
  choices->nics[0].bridge = g_strdup ("br<0");
  choices->nics[1].taken = FALSE;
  valise_import_choices_set_system (choices, "http://debian.org/debian/10");
  assert_knob (choices, "vcpu", "3");
  assert_knob (choices, "memory", "786432");
  assert_knob (choices, "title", "Mine & yours");
  assert_knob (choices, "metadata/valise:machine/@os", "http://debian.org/debian/10");
  assert_knob (choices, "devices/sound/@model", "ac97");
  assert_knob (choices, "os/type/@machine", "pc");
  assert_knob (choices, "devices/disk/target/@dev", "hda");
  assert_knob (choices, "devices/disk[2]/target/@dev", NULL);
  assert_knob (choices, "devices/interface/model/@type", "rtl8139");
  assert_knob (choices, "devices/interface/source/@bridge", "br<0");
  assert_knob (choices, "devices/interface[2]/mac/@address", NULL);
}

/* Nothing changes from plan to plan that nobody has changed. */
static void
test_stable (void)
{
  g_autoptr (ValiseImportChoices) choices = choices_new ();
  g_autoptr (ValiseImportPlan) one = NULL, other = NULL;

  choices->nics[0].mac = VALISE_MAC_NEW;
  one = plan_of (choices);
  other = plan_of (choices);
  g_assert_cmpstr (valise_document_get_text (one->document), ==, valise_document_get_text (other->document));
  assert_knob (choices, "devices/interface/mac/@address", choices->nics[0].fresh);
  assert_knob (choices, "devices/interface[2]/mac/@address", "08:00:27:00:00:01");
}

static const ValiseImportPoint *
find_point (GPtrArray *points, const char *code)
{
  const ValiseImportPoint *found = NULL;

  for (guint i = 0; i < points->len; i++)
    {
      const ValiseImportPoint *point = points->pdata[i];

      if (!g_str_equal (point->finding->code, code))
        continue;
      g_assert_null (found);
      found = point;
    }
  return found;
}

static void
test_answers (void)
{
  g_autoptr (ValiseImportChoices) choices = choices_new ();
  g_autoptr (GPtrArray) first = NULL, second = NULL, third = NULL;
  const ValiseImportPoint *point;

  valise_blueprint_tell (choices->blueprint, VALISE_SEVERITY_ERROR, "disk-missing", "x.vbox, line 3",
                         "“d1.vdi” is not in the machine's folder.", NULL);
  valise_blueprint_tell (choices->blueprint, VALISE_SEVERITY_ERROR, "number", "x.vbox, line 4", "What?", NULL);
  first = points_of (choices);
  point = find_point (first, "disk-missing");
  g_assert_cmpint (point->drive, ==, 1);
  g_assert_cmpstr (point->finding->where, ==, "x.vbox, line 3");
  g_assert_cmpint (valise_import_points_get_outcome (first, choices), ==, VALISE_BLUEPRINT_DECIDE);
  g_assert_false (valise_import_choices_decide (choices, first, "disk-missing", "go-on"));
  g_assert_true (valise_import_choices_decide (choices, first, "disk-missing", "empty"));
  g_assert_true (valise_import_choices_decide (choices, first, "number", "go-on"));

  second = points_of (choices);
  g_assert_null (valise_import_points_find_open (second));
  g_assert_cmpint (valise_import_points_get_outcome (second, choices), ==, VALISE_BLUEPRINT_IMPORTS);
  g_assert_cmpstr (find_point (second, "disk-missing")->answer, ==, "empty");
  assert_knob (choices, "metadata/valise:machine/valise:disk[@source='disks/disk2.qcow2']/@size", "1048576");

  valise_import_choices_answer (choices, find_point (second, "disk-missing"), "leave-out");
  assert_knob (choices, "devices/disk[2]/target/@dev", NULL);
  valise_import_choices_answer (choices, find_point (second, "number"), NULL);
  third = points_of (choices);
  g_assert_cmpstr (valise_import_points_find_open (third)->finding->code, ==, "number");
}

static void
test_refused (void)
{
  g_autoptr (ValiseImportChoices) choices = choices_new ();
  g_autoptr (GPtrArray) points = NULL;

  valise_blueprint_refuse (choices->blueprint, "encrypted", NULL, "No.", NULL);
  points = valise_import_points_new (choices, NULL);
  g_assert_cmpint (valise_import_points_get_outcome (points, choices), ==, VALISE_BLUEPRINT_REFUSED);
  g_assert_null (find_point (points, "encrypted")->answers[0]);
}

static void
add_ask (ValiseBlueprint *blueprint, const char *text)
{
  g_ptr_array_add (blueprint->asks, g_strdup (text));
}

static ValiseImportChoices *
asking_new (void)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("vbox", "Asking");

  add_ask (blueprint, "a folder that is there");
  valise_blueprint_wish_folder (blueprint, "/tmp", NULL, TRUE);
  add_ask (blueprint, "a folder that is not");
  valise_blueprint_wish_folder (blueprint, "/nowhere/at/all", "work", FALSE);
  add_ask (blueprint, "a folder whose name is not what it looks like");
  valise_blueprint_wish_folder (blueprint, "/tm\xe2\x80\xaep", NULL, FALSE);
  add_ask (blueprint, "a device");
  valise_blueprint_wish_usb (blueprint, 0x951, 0x1666);
  add_ask (blueprint, "the moon");
  valise_blueprint_wish_usb (blueprint, 0x10000, 1);
  valise_blueprint_wish_port (blueprint, FALSE, 70000, 22);
  return valise_import_choices_new (blueprint, VALISE_MAC_KEEP);
}

static void
test_grants (void)
{
  g_autoptr (ValiseImportChoices) choices = asking_new ();
  g_autoptr (GPtrArray) points = NULL;
  g_autofree char *moon = valise_import_choices_grant_reason (choices, 4);

  g_assert_nonnull (moon);
  assert_knob (choices, "devices/filesystem/source/@dir", NULL);
  assert_knob (choices, "devices/hostdev/@type", NULL);
  for (guint i = 0; i < 5; i++)
    choices->asks[i].granted = TRUE;
  g_assert_null (valise_import_choices_get_folder (choices, 2, NULL));
  points = points_of (choices);
  g_assert_cmpstr (valise_import_points_find_open (points)->finding->code, ==, "folder-missing");
  valise_import_choices_set_folder (choices, 1, "/usr");
  choices->asks[2].granted = FALSE;
  g_ptr_array_unref (points);
  points = points_of (choices);
  g_assert_null (valise_import_points_find_open (points));
  assert_knob (choices, "devices/filesystem/source/@dir", "/tmp");
  assert_knob (choices, "devices/filesystem/readonly", "");
  assert_knob (choices, "devices/filesystem[2]/source/@dir", "/usr");
  assert_knob (choices, "devices/filesystem[2]/readonly", NULL);
  assert_knob (choices, "devices/filesystem[2]/target/@dir", "work");
  assert_knob (choices, "devices/filesystem[3]/source/@dir", NULL);
  assert_knob (choices, "devices/hostdev/source/vendor/@id", "0x0951");
  assert_knob (choices, "devices/hostdev[2]/@type", NULL);
}

/* What a machine here has one of is another one then, and a card is only what this computer has. */
static ValiseImportChoices *
bound_new (void)
{
  static const char *const words[] = { "-device", "isa-debug-exit,iobase=0x501", NULL };
  ValiseBlueprint *blueprint = valise_blueprint_new ("domain", "Bound");

  blueprint->serial_ports = 2;
  add_ask (blueprint, "arguments");
  valise_blueprint_wish_arguments (blueprint, words);
  add_ask (blueprint, "a file for the second port");
  valise_blueprint_wish_port_end (blueprint, 1, "file", "/tmp/said & done", FALSE);
  add_ask (blueprint, "a printer");
  valise_blueprint_wish_port_end (blueprint, -1, "dev", "/dev/lp0", FALSE);
  add_ask (blueprint, "a screen for all");
  valise_blueprint_wish_element (blueprint, VALISE_WISH_DEVICE, "<graphics type='vnc' listen='0.0.0.0'/>",
                                 "vnc 0.0.0.0");
  add_ask (blueprint, "a card that is nowhere");
  valise_blueprint_wish_card (blueprint, "fffe:ff:1f.7");
  add_ask (blueprint, "the fifth port");
  valise_blueprint_wish_port_socket (blueprint, 4, NULL, 2001, TRUE, FALSE);
  add_ask (blueprint, "a network");
  valise_blueprint_wish_network (blueprint);
  return valise_import_choices_new (blueprint, VALISE_MAC_KEEP);
}

static void
test_grants_of_elements (void)
{
  g_autoptr (ValiseImportChoices) choices = bound_new ();

  assert_knob (choices, "devices/serial[2]/@type", "pty");
  assert_knob (choices, "devices/graphics/@listen", NULL);
  for (guint i = 0; i < choices->n_asks; i++)
    {
      g_autofree char *reason = valise_import_choices_grant_reason (choices, i);

      g_assert_cmpint (reason == NULL, ==, i < 4);
      choices->asks[i].granted = TRUE;
    }
  assert_knob (choices, "qemu:commandline/qemu:arg[2]/@value", "isa-debug-exit,iobase=0x501");
  assert_knob (choices, "devices/serial/@type", "pty");
  assert_knob (choices, "devices/serial[2]/source/@path", "/tmp/said & done");
  assert_knob (choices, "devices/serial[2]/target/@port", "1");
  assert_knob (choices, "devices/serial[3]/@type", NULL);
  assert_knob (choices, "devices/parallel/source/@path", "/dev/lp0");
  assert_knob (choices, "devices/graphics/@listen", "0.0.0.0");
  assert_knob (choices, "devices/graphics[2]/@type", NULL);
  assert_knob (choices, "devices/hostdev/@type", NULL);
}

/* Whichever card this computer has: it is named with what it is here. */
static void
test_card (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/sys/bus/pci/devices", 0, NULL);
  const char *address = dir != NULL ? g_dir_read_name (dir) : NULL;
  ValiseBlueprint *blueprint = valise_blueprint_new ("vbox", "Card");
  g_autoptr (ValiseImportChoices) choices = NULL;
  g_autofree char *here = NULL, *reason = NULL;

  add_ask (blueprint, "a card");
  valise_blueprint_wish_card (blueprint, address != NULL ? address : "00:00.0");
  choices = valise_import_choices_new (blueprint, VALISE_MAC_KEEP);
  here = valise_import_choices_describe_ask (choices, 0);
  reason = valise_import_choices_grant_reason (choices, 0);
  g_assert_cmpint (here != NULL, ==, reason == NULL);
  choices->asks[0].granted = TRUE;
  assert_knob (choices, "devices/hostdev/@managed", here != NULL ? "yes" : NULL);
  if (address == NULL)
    g_test_skip ("This computer has no PCI cards.");
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  capabilities = valise_capabilities_new (NULL, NULL, 8, G_GUINT64_CONSTANT (16) << 30, &error);
  g_assert_no_error (error);
  g_test_add_func ("/engine/import-choices/rows", test_rows);
  g_test_add_func ("/engine/import-choices/stable", test_stable);
  g_test_add_func ("/engine/import-choices/answers", test_answers);
  g_test_add_func ("/engine/import-choices/refused", test_refused);
  g_test_add_func ("/engine/import-choices/grants", test_grants);
  g_test_add_func ("/engine/import-choices/grants-of-elements", test_grants_of_elements);
  g_test_add_func ("/engine/import-choices/card", test_card);
  result = g_test_run ();
  valise_capabilities_unref (capabilities);
  return result;
}
