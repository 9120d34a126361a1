/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts that start xhyve, hyperkit or bhyve: what the command would have been given is read, and nothing is run. */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-disk-header.h"
#include "formats/valise-script-words.h"

#define LONGEST_SCRIPT (64 * 1024)
#define MOST_WORDS 4000
#define MOST_VCPUS 1024
#define MOST_DEVICES 64
#define LONGEST_ASK 400

typedef struct
{
  ValisePackage *package;
  const char *file;
  ValiseBlueprint *blueprint;
} Command;

static void
tell (Command *self, ValiseSeverity severity, const char *code, const char *word, const char *text, const char *remedy)
{
  g_autofree char *shown = valise_text_for_display (word, 60);
  g_autofree char *place = g_strdup_printf ("%s: %s", self->file, shown);

  valise_blueprint_tell (self->blueprint, severity, code, place, text, remedy);
}

static void
ask (Command *self, const char *text, const char *what)
{
  g_autofree char *whole = g_strdup_printf ("%s: %s", text, what);

  g_ptr_array_add (self->blueprint->asks, valise_text_for_display (whole, LONGEST_ASK));
}

/* "file:///x/y.img?sync=os" is a path too; what was elsewhere may lie beside the script. */
static const ValisePackageMember *
find (Command *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (self->file);
  g_autofree char *plain = g_strdup (g_str_has_prefix (path, "file://") ? path + strlen ("file://") : path);
  const char *from = g_str_equal (folder, ".") ? NULL : folder, *slash;
  const ValisePackageMember *member;

  if (plain != NULL && g_str_has_prefix (path, "file://"))
    plain[strcspn (plain, "?")] = '\0';
  slash = strrchr (plain, '/');
  member = *plain != '/' ? valise_package_find (self->package, from, plain) : NULL;
  return member != NULL || slash == NULL ? member : valise_package_find (self->package, from, slash + 1);
}

static char *
find_start (Command *self, const char *path)
{
  const ValisePackageMember *member = path != NULL && *path != '\0' ? find (self, path) : NULL;

  if (member != NULL)
    return g_strdup (member->name);
  if (path != NULL && *path != '\0')
    tell (self, VALISE_SEVERITY_ERROR, "disk-missing", path,
          _ ("The machine starts from a file that is not beside the script."),
          _ ("Put the file into the script's folder."));
  return NULL;
}

/* --- options --- */

static void
read_processors (Command *self, const char *value)
{
  guint64 number;

  value = g_str_has_prefix (value, "cpus=") ? value + 5 : value;
  if (g_ascii_string_to_unsigned (value, 10, 1, MOST_VCPUS, &number, NULL))
    self->blueprint->vcpus = (int) number;
}

static void
read_memory (Command *self, const char *value)
{
  guint64 bytes;

  if (valise_size_parse (value, VALISE_MIB, &bytes, NULL))
    self->blueprint->memory = bytes / VALISE_MIB;
}

/* "kexec,KERNEL,INITRD,COMMAND LINE", where the last may hold commas. */
static void
read_start (Command *self, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", 4);
  guint count = g_strv_length (parts);

  if (g_strcmp0 (parts[0], "kexec") == 0)
    {
      /* Of two the last counts, as for the program itself. */
      g_free (self->blueprint->kernel);
      g_free (self->blueprint->initrd);
      g_free (self->blueprint->cmdline);
      self->blueprint->kernel = count > 1 ? find_start (self, parts[1]) : NULL;
      self->blueprint->initrd = count > 2 ? find_start (self, parts[2]) : NULL;
      self->blueprint->cmdline = count > 3 ? g_strdup (parts[3]) : NULL;
    }
  else if (g_strcmp0 (parts[0], "bootrom") == 0)
    self->blueprint->firmware = VALISE_BLUEPRINT_FIRMWARE_EFI;
  else
    tell (self, VALISE_SEVERITY_ERROR, "start-unknown", value,
          _ ("The machine is started by a loader that lies on the Mac."),
          _ ("Choose the firmware in the settings; the disk may start by itself."));
}

static void
add_drive (Command *self, ValiseBlueprintDevice device, const char *bus, const char *path, const char *word)
{
  const ValisePackageMember *member = find (self, path);
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, device);

  drive->bus = g_strdup (bus);
  drive->file = g_strdup (path);
  drive->read_only = device == VALISE_BLUEPRINT_CDROM;
  if (member != NULL)
    valise_disk_header_apply (self->package, member, self->blueprint, drive, member->name);
  else
    tell (self, device == VALISE_BLUEPRINT_DISK ? VALISE_SEVERITY_ERROR : VALISE_SEVERITY_WARNING, "disk-missing", word,
          _ ("The disk is not beside the script."), _ ("Put the file into the script's folder."));
}

static void
add_nic (Command *self)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);

  nic->model = g_strdup ("virtio-net");
  nic->network = g_strdup ("user");
}

/* "4,virtio-blk,disk.img,format=raw" */
static void
read_slot (Command *self, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", 4);
  const char *device = g_strv_length (parts) > 1 ? parts[1] : "", *path = g_strv_length (parts) > 2 ? parts[2] : NULL;

  if (self->blueprint->drives->len + self->blueprint->nics->len >= MOST_DEVICES)
    return;
  if (path != NULL && (g_str_equal (device, "virtio-blk") || g_str_equal (device, "nvme")))
    add_drive (self, VALISE_BLUEPRINT_DISK, g_str_equal (device, "nvme") ? "nvme" : "virtio", path, value);
  else if (path != NULL && (g_str_equal (device, "ahci-hd") || g_str_has_prefix (path, "hd:")))
    add_drive (self, VALISE_BLUEPRINT_DISK, "sata", path + (g_str_has_prefix (path, "hd:") ? 3 : 0), value);
  else if (path != NULL && (g_str_equal (device, "ahci-cd") || g_str_has_prefix (path, "cd:")))
    add_drive (self, VALISE_BLUEPRINT_CDROM, "sata", path + (g_str_has_prefix (path, "cd:") ? 3 : 0), value);
  else if (g_str_equal (device, "virtio-net") || g_str_equal (device, "virtio-vpnkit")
           || g_str_equal (device, "virtio-tap") || g_str_equal (device, "e1000"))
    add_nic (self);
  else if (g_str_equal (device, "virtio-9p") || g_str_equal (device, "virtio-sock") || g_str_equal (device, "passthru"))
    ask (self, _ ("Use something of this computer"), value);
}

static void
read_console (Command *self, const char *value)
{
  if (!g_str_has_prefix (value, "com"))
    return;
  self->blueprint->serial_ports++;
  /* "com1,stdio" ends in the window that it was started from; anything else at a path. */
  if (strchr (value, '/') != NULL || strstr (value, "sock") != NULL)
    ask (self, _ ("Connect a serial port to something of this computer"), value);
}

static const struct
{
  char option;
  void (*read) (Command *self, const char *value);
} options[] = {
  { 'c', read_processors },
  { 'm', read_memory },
  { 'f', read_start },
  { 's', read_slot },
  { 'l', read_console },
  /* They have a value too, which is of no use here. */
  { 'U', NULL },
  { 'F', NULL },
  { 'G', NULL },
  { 'p', NULL },
  { 'o', NULL },
};

/* The option's number, or -1 for what has no value; @value: what stands in the same word */
static gssize
find_option (const char *word, const char **value)
{
  for (gsize i = 0; word[0] == '-' && i < G_N_ELEMENTS (options); i++)
    if (word[1] == options[i].option)
      {
        *value = word[2] != '\0' ? word + 2 : NULL;
        return (gssize) i;
      }
  return -1;
}

static void
read_words (Command *self, GPtrArray *words, guint from)
{
  for (guint i = from; i < words->len; i++)
    {
      const char *value = NULL;
      gssize option = find_option (words->pdata[i], &value);

      if (option < 0)
        continue;
      if (value == NULL && i + 1 < words->len)
        value = words->pdata[++i];
      if (value != NULL && options[option].read != NULL)
        options[option].read (self, value);
    }
}

/* --- the reader --- */

/* Where the command's own arguments begin in the line, or 0: "sudo build/xhyve -m 1G ..." */
static guint
find_command (GPtrArray *words)
{
  static const char *const programs[] = { "xhyve", "hyperkit", "bhyve", "com.docker.hyperkit", NULL };

  for (guint i = 0; i < MIN (words->len, 4); i++)
    {
      g_autofree char *base = g_path_get_basename (words->pdata[i]);

      if (g_strv_contains (programs, base) && i + 2 < words->len)
        return i + 1;
    }
  return 0;
}

/* The line that starts the machine, or NULL. */
static GPtrArray *
read_script (ValisePackage *package, guint *from)
{
  const ValisePackageMember *member = valise_package_get_main (package);
  g_autoptr (GBytes) bytes = member != NULL && member->size <= LONGEST_SCRIPT
                                 ? valise_package_read (package, member, LONGEST_SCRIPT, NULL)
                                 : NULL;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  g_autoptr (GHashTable) variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) lines = NULL;

  if (text == NULL || !g_utf8_validate (text, (gssize) g_bytes_get_size (bytes), NULL) || strstr (text, "hy") == NULL)
    return NULL;
  lines = _valise_script_words (text, variables, MOST_WORDS);
  for (guint i = 0; lines != NULL && i < lines->len; i++)
    if ((*from = find_command (lines->pdata[i])) > 0)
      return g_ptr_array_ref (lines->pdata[i]);
  return NULL;
}

static gboolean
recognise (ValisePackage *package)
{
  guint from = 0;
  g_autoptr (GPtrArray) words = read_script (package, &from);

  return words != NULL;
}

static char *
make_name (const ValisePackageMember *member)
{
  char *name = g_path_get_basename (member->name);

  if (g_str_has_suffix (name, ".sh"))
    name[strlen (name) - 3] = '\0';
  return name;
}

static GPtrArray *
read_machines (ValisePackage *package, const char *configuration, GError **error)
{
  guint from = 0;
  g_autoptr (GPtrArray) words = read_script (package, &from);
  const ValisePackageMember *member = valise_package_get_main (package);
  g_autofree char *name = make_name (member);
  Command command = { .package = package, .file = member->name };
  GPtrArray *machines;

  (void) configuration;
  if (words == NULL)
    {
      g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DAMAGED, _ ("%s cannot be read."), member->name);
      return NULL;
    }
  command.blueprint = valise_blueprint_new ("hyperkit", name);
  command.blueprint->arch = g_strdup ("x86_64");
  command.blueprint->vcpus = 1;
  command.blueprint->memory = 256;
  read_words (&command, words, from);
  machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_blueprint_free);
  g_ptr_array_add (machines, command.blueprint);
  return machines;
}

const ValiseReader valise_hyperkit_reader = { "hyperkit", recognise, read_machines };
