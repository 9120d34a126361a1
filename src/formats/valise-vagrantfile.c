/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vagrantfile.h"

#include <string.h>

#define LONGEST ((gsize) 256 * 1024)
#define LONGEST_WORD 32
#define MOST_VCPUS 4096
#define MOST_MEMORY (64 * 1024 * 1024)

/* "  libvirt.memory = 2048  # MiB" gives the text behind the equals sign, without quotes; NULL when the line is another.
 * (transfer full) */
static char *
read_assignment (const char *line, const char *name)
{
  const char *at = strstr (line, name);
  const char *comment = strchr (line, '#');
  char *value;

  if (at == NULL || at == line || at[-1] != '.' || (comment != NULL && comment < at))
    return NULL;
  at += strlen (name);
  at += strspn (at, " \t");
  if (at[0] != '=' || at[1] == '=')
    return NULL;
  at += 1 + strspn (at + 1, " \t");
  value = *at == '"' || *at == '\'' || *at == ':' ? g_strndup (at + 1, strcspn (at + 1, "\"' \t\r"))
                                                  : g_strndup (at, strcspn (at, " \t\r#"));
  return value;
}

static gboolean
read_number (const char *line, const char *name, guint64 most, guint64 *number)
{
  g_autofree char *value = read_assignment (line, name);

  return value != NULL && g_ascii_string_to_unsigned (value, 10, 1, most, number, NULL);
}

/* Only what can be a word: the rest is Ruby that would have to be run. */
static void
read_word (const char *line, const char *name, char **word)
{
  g_autofree char *value = read_assignment (line, name);

  if (value == NULL || *value == '\0' || strlen (value) > LONGEST_WORD
      || strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != strlen (value))
    return;
  g_free (*word);
  *word = g_steal_pointer (&value);
}

static void
read_line (ValiseVagrantfile *self, const char *line)
{
  g_autofree char *loader = read_assignment (line, "loader");
  guint64 number;

  if (read_number (line, "cpus", MOST_VCPUS, &number))
    self->vcpus = (guint) number;
  if (read_number (line, "memory", MOST_MEMORY, &number))
    self->memory = number;
  read_word (line, "disk_bus", &self->disk_bus);
  read_word (line, "nic_model_type", &self->nic_model);
  read_word (line, "machine_type", &self->machine);
  self->efi = self->efi || (loader != NULL && *loader != '\0');
}

ValiseVagrantfile *
valise_vagrantfile_read (ValisePackage *package)
{
  const ValisePackageMember *member = valise_package_lookup (package, "Vagrantfile");
  g_autoptr (GBytes) bytes = member != NULL ? valise_package_read (package, member, LONGEST, NULL) : NULL;
  ValiseVagrantfile *self = g_new0 (ValiseVagrantfile, 1);
  g_auto (GStrv) lines = NULL;

  self->found = bytes != NULL;
  /* A NUL follows the bytes. */
  lines = g_strsplit (bytes != NULL ? g_bytes_get_data (bytes, NULL) : "", "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    read_line (self, *line);
  return self;
}

void
valise_vagrantfile_free (ValiseVagrantfile *self)
{
  g_free (self->disk_bus);
  g_free (self->nic_model);
  g_free (self->machine);
  g_free (self);
}
