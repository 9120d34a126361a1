/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-blueprint-json.h"

static void
add_string (JsonBuilder *builder, const char *member, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, member);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *member, gint64 value, gboolean stated)
{
  json_builder_set_member_name (builder, member);
  if (stated)
    json_builder_add_int_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_boolean (JsonBuilder *builder, const char *member, gboolean value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, value);
}

static void
add_strings (JsonBuilder *builder, const char *member, char *const *values)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (; values != NULL && *values != NULL; values++)
    {
      g_autofree char *valid = g_utf8_make_valid (*values, -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
}

static void
add_drive (JsonBuilder *builder, const ValiseBlueprintDrive *drive)
{
  json_builder_begin_object (builder);
  add_number (builder, "capacity_bytes", (gint64) drive->capacity, drive->capacity > 0);
  add_string (builder, "bus", drive->bus);
  add_string (builder, "controller", drive->controller);
  add_string (builder, "unit", drive->unit);
  add_string (builder, "file", drive->file);
  add_string (builder, "member", drive->member);
  if (drive->parts != NULL)
    add_strings (builder, "parts", drive->parts);
  if (drive->beside != NULL)
    add_strings (builder, "beside", drive->beside);
  add_string (builder, "format", drive->format);
  add_string (builder, "compression", drive->compression);
  add_string (builder, "digest", drive->digest);
  add_boolean (builder, "read_only", drive->read_only);
  add_number (builder, "boot_order", drive->order, drive->order > 0);
  json_builder_end_object (builder);
}

static void
add_drives (JsonBuilder *builder, const char *member, const ValiseBlueprint *self, ValiseBlueprintDevice device)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = self->drives->pdata[i];

      if (drive->device == device)
        add_drive (builder, drive);
    }
  json_builder_end_array (builder);
}

static void
add_nics (JsonBuilder *builder, const ValiseBlueprint *self)
{
  json_builder_set_member_name (builder, "nics");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->nics->len; i++)
    {
      const ValiseBlueprintNic *nic = self->nics->pdata[i];

      json_builder_begin_object (builder);
      add_string (builder, "model", nic->model);
      add_string (builder, "network", nic->network);
      add_string (builder, "mac", nic->mac);
      add_boolean (builder, "connected", nic->connected);
      add_number (builder, "boot_order", nic->order, nic->order > 0);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_findings (JsonBuilder *builder, const ValiseBlueprint *self)
{
  static const char *const words[] = { "info", "warning", "error" };

  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->findings->len; i++)
    {
      const ValiseFinding *finding = self->findings->pdata[i];

      json_builder_begin_object (builder);
      add_string (builder, "severity", words[finding->severity]);
      add_string (builder, "code", finding->code);
      add_string (builder, "place", finding->where);
      add_string (builder, "text", finding->text);
      add_string (builder, "remedy", finding->remedy);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_kernel (JsonBuilder *builder, const ValiseBlueprint *self)
{
  json_builder_set_member_name (builder, "direct_kernel");
  if (self->kernel == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  add_string (builder, "kernel", self->kernel);
  add_string (builder, "initrd", self->initrd);
  add_string (builder, "dtb", self->dtb);
  add_string (builder, "append", self->cmdline);
  json_builder_end_object (builder);
}

static void
add_system (JsonBuilder *builder, const ValiseBlueprint *self)
{
  static const char *const firmwares[] = { "unspecified", "bios", "efi" };

  add_string (builder, "name", self->name);
  add_string (builder, "format", self->format);
  add_number (builder, "vcpus", self->vcpus, self->vcpus >= 0);
  add_number (builder, "cores_per_socket", self->cores_per_socket, self->cores_per_socket > 0);
  add_number (builder, "memory_mib", (gint64) self->memory, self->memory > 0);
  add_string (builder, "firmware", firmwares[self->firmware]);
  add_boolean (builder, "secure_boot", self->secure_boot);
  add_boolean (builder, "tpm", self->tpm);
  add_boolean (builder, "local_time", self->local_time);
  add_string (builder, "arch", self->arch);
  add_string (builder, "machine", self->machine);
  add_string (builder, "os_type", self->os_type);
  add_string (builder, "sound", self->sound);
  add_string (builder, "nvram", self->nvram);
  add_number (builder, "serial_ports", self->serial_ports, TRUE);
}

void
valise_blueprint_add_json (const ValiseBlueprint *self, JsonBuilder *builder)
{
  add_system (builder, self);
  add_kernel (builder, self);
  add_drives (builder, "disks", self, VALISE_BLUEPRINT_DISK);
  add_drives (builder, "cdroms", self, VALISE_BLUEPRINT_CDROM);
  add_drives (builder, "floppies", self, VALISE_BLUEPRINT_FLOPPY);
  add_nics (builder, self);
  add_strings (builder, "configurations", self->configurations);
  add_string (builder, "configuration", self->configuration);
  json_builder_set_member_name (builder, "asks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->asks->len; i++)
    json_builder_add_string_value (builder, self->asks->pdata[i]);
  json_builder_end_array (builder);
  add_string (builder, "outcome", valise_blueprint_outcome_word (valise_blueprint_get_outcome (self)));
  add_findings (builder, self);
}
