/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "blueprint-text.h"

#include <string.h>

#include "formats/valise-reader.h"

static const char *const firmwares[] = { NULL, "bios", "efi" };
static const char *const severities[] = { "info", "warning", "error" };
static const char *const devices[] = { "disk", "cdrom", "floppy" };

static void
add (GString *text, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (text, "%s: %s\n", name, value);
}

static void
add_number (GString *text, const char *name, gint64 value, gint64 unstated)
{
  if (value != unstated)
    g_string_append_printf (text, "%s: %" G_GINT64_FORMAT "\n", name, value);
}

static void
add_word (GString *text, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (text, " %s=%s", name, value);
}

static void
add_order (GString *text, guint order)
{
  if (order > 0)
    g_string_append_printf (text, " boot=%u", order);
}

static void
add_drive (GString *text, const ValiseBlueprintDrive *drive)
{
  g_autofree char *parts = drive->parts != NULL ? g_strjoinv ("+", drive->parts) : NULL;
  g_autofree char *beside = drive->beside != NULL ? g_strjoinv ("+", drive->beside) : NULL;
  g_autofree char *bytes = drive->capacity > 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, drive->capacity) : NULL;

  g_string_append (text, devices[drive->device]);
  add_word (text, "bus", drive->bus);
  add_word (text, "controller", drive->controller);
  add_word (text, "unit", drive->unit);
  add_word (text, "file", drive->file);
  add_word (text, "member", drive->member);
  add_word (text, "parts", parts);
  add_word (text, "beside", beside);
  add_word (text, "format", drive->format);
  add_word (text, "bytes", bytes);
  add_word (text, "digest", drive->digest);
  add_word (text, "compression", drive->compression);
  add_order (text, drive->order);
  g_string_append_printf (text, "%s\n", drive->read_only ? " read-only" : "");
}

static void
add_nic (GString *text, const ValiseBlueprintNic *nic)
{
  g_string_append (text, "nic");
  add_word (text, "model", nic->model);
  add_word (text, "network", nic->network);
  add_word (text, "mac", nic->mac);
  add_order (text, nic->order);
  g_string_append_printf (text, "%s\n", nic->connected ? "" : " unplugged");
}

static void
add_machine (GString *text, const ValiseBlueprint *blueprint)
{
  add (text, "name", blueprint->name);
  add (text, "os", blueprint->os_type);
  add (text, "arch", blueprint->arch);
  add (text, "machine", blueprint->machine);
  add_number (text, "vcpus", blueprint->vcpus, -1);
  add_number (text, "cores", blueprint->cores_per_socket, 0);
  add_number (text, "memory", (gint64) blueprint->memory, 0);
  add (text, "firmware", firmwares[blueprint->firmware]);
  add_number (text, "secure-boot", blueprint->secure_boot, 0);
  add_number (text, "tpm", blueprint->tpm, 0);
  add_number (text, "local-time", blueprint->local_time, 0);
  add (text, "nvram", blueprint->nvram);
  add_number (text, "nvram-kept", blueprint->nvram_kept, 0);
  add (text, "sound", blueprint->sound);
  add_number (text, "serial", blueprint->serial_ports, 0);
  add (text, "kernel", blueprint->kernel);
  add (text, "initrd", blueprint->initrd);
  add (text, "dtb", blueprint->dtb);
  add (text, "cmdline", blueprint->cmdline);
}

static void
add_said (GString *text, const ValiseBlueprint *blueprint)
{
  g_autofree char *choices = blueprint->configurations != NULL ? g_strjoinv (" ", blueprint->configurations) : NULL;

  add (text, "choices", choices);
  add (text, "choice", blueprint->configuration);
  for (guint i = 0; i < blueprint->asks->len; i++)
    add (text, "asks", blueprint->asks->pdata[i]);
  for (guint i = 0; i < blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = blueprint->findings->pdata[i];

      g_string_append_printf (text, "%s: %s %s\n", severities[finding->severity], finding->code,
                              finding->where != NULL ? finding->where : "-");
    }
  if (blueprint->refused)
    g_string_append (text, "refused\n");
}

char *
blueprint_text (const ValiseBlueprint *blueprint)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "format: %s\n", blueprint->format);
  add_machine (text, blueprint);
  for (guint i = 0; i < blueprint->drives->len; i++)
    add_drive (text, blueprint->drives->pdata[i]);
  for (guint i = 0; i < blueprint->nics->len; i++)
    add_nic (text, blueprint->nics->pdata[i]);
  add_said (text, blueprint);
  return g_string_free (text, FALSE);
}

static char *
read_all (const char *path, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = valise_reader_read (path, NULL, NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (machines == NULL)
    {
      g_string_append_printf (text, "error: %s\n", error->message);
      g_string_replace (text, folder, "DATA", 0);
    }
  for (guint i = 0; machines != NULL && i < machines->len; i++)
    {
      g_autofree char *one = blueprint_text (machines->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", one);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
check_one (const char *folder, const char *expectation)
{
  g_autofree char *name = g_strndup (expectation, strlen (expectation) - strlen (".txt"));
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *expected_path = g_build_filename (folder, expectation, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *text = read_all (path, folder);

  if (g_strcmp0 (g_getenv ("BLUEPRINT_TEXTS"), "write") == 0)
    g_assert_true (g_file_set_contents (expected_path, text, -1, NULL));
  g_assert_true (g_file_get_contents (expected_path, &expected, NULL, NULL));
  if (!g_str_equal (expected, text))
    g_error ("%s: expected\n%sread\n%s", path, expected, text);
}

void
blueprint_check_folder (const char *format)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "formats", "data", format, NULL);
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (directory);
  for (; (name = g_dir_read_name (directory)) != NULL;)
    if (g_str_has_suffix (name, ".txt"))
      {
        check_one (folder, name);
        n++;
      }
  g_assert_cmpuint (n, >, 0);
}
