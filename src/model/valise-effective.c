/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-effective.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-forms.h"
#include "bundle/valise-image.h"
#include "model/valise-knob.h"
#include "model/valise-node-private.h"
#include "model/valise-sieve-private.h"

#define NVRAM "nvram/vars.fd"

typedef struct
{
  ValiseDocument *stored;
  const char *directory;
  int directory_fd;
  const ValiseHostChoice *choice;
  ValiseCapabilities *capabilities;
  ValiseSieve *sieve;
  xmlNode *root;
} Build;

G_DEFINE_QUARK (valise - effective - error - quark, valise_effective_error)

/* --- nodes of the new tree --- */

static void
set (xmlNode *node, const char *attribute, const char *value)
{
  xmlSetProp (node, (const xmlChar *) attribute, (const xmlChar *) value);
}

static void
set_if_missing (xmlNode *node, const char *attribute, const char *value)
{
  if (xmlHasProp (node, (const xmlChar *) attribute) == NULL)
    set (node, attribute, value);
}

static xmlNode *
add (xmlNode *parent, const char *name)
{
  return xmlNewChild (parent, NULL, (const xmlChar *) name, NULL);
}

static xmlNode *
add_text (xmlNode *parent, const char *name, const char *text)
{
  return xmlNewTextChild (parent, NULL, (const xmlChar *) name, (const xmlChar *) text);
}

static xmlNode *
ensure (xmlNode *parent, const char *name)
{
  xmlNode *node = _valise_node_child (parent, name);

  return node != NULL ? node : add (parent, name);
}

static void
remove_node (xmlNode *node)
{
  if (node == NULL)
    return;
  xmlUnlinkNode (node);
  xmlFreeNode (node);
}

static void
prepend (xmlNode *parent, xmlNode *node)
{
  xmlUnlinkNode (node);
  if (parent->children != NULL)
    xmlAddPrevSibling (parent->children, node);
  else
    xmlAddChild (parent, node);
}

static gboolean
is_granted (Build *build, xmlNode *node)
{
  return g_hash_table_contains (build->sieve->granted, node);
}

/* --- files of the bundle --- */

static gboolean
check_plain (int fd, const char *path, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    return TRUE;
  g_set_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL, _ ("%s is not a plain file."), path);
  return FALSE;
}

/* A file of the bundle, reached through no link. */
static gboolean
check_beneath (Build *build, const char *relative, GError **error)
{
  int fd = valise_path_open_beneath (build->directory_fd, relative, O_RDONLY | O_NONBLOCK, 0, error);
  gboolean plain;

  if (fd < 0)
    return FALSE;
  plain = check_plain (fd, relative, error);
  close (fd);
  return plain;
}

/* A file that was granted; links on the way are the user's own. A FIFO would block libvirt for ever. */
static gboolean
check_outside (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  gboolean plain;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be opened: %s"), path,
                   g_strerror (errno));
      return FALSE;
    }
  plain = check_plain (fd, path, error);
  close (fd);
  return plain;
}

static gboolean
is_drive (xmlNode *node)
{
  return node->parent != NULL && _valise_node_is (node->parent, "disk");
}

static gboolean
has_medium (xmlNode *disk)
{
  return !_valise_node_is_set_to (disk, "device", "cdrom") && !_valise_node_is_set_to (disk, "device", "floppy");
}

/* What is not there is an error that says what to do about it. */
static void
explain_missing (const char *relative, GError **error)
{
  g_clear_error (error);
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_MISSING,
               _ ("%s is missing from the bundle. Put it back, or remove it from the settings."), relative);
}

/* Kernels, firmware tables and the like: each must be a plain file. A disk's own path is looked at with the disk. */
static gboolean
settle_files (Build *build, GError **error)
{
  for (guint i = 0; i < build->sieve->files->len; i++)
    {
      const ValiseSieveFile *file = build->sieve->files->pdata[i];
      g_autofree char *absolute = NULL;
      g_autoptr (GError) local = NULL;

      if (is_drive (file->node))
        continue;
      if (!check_beneath (build, file->relative, &local))
        {
          if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
            explain_missing (file->relative, &local);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      absolute = g_build_filename (build->directory, file->relative, NULL);
      if (file->attribute != NULL)
        set (file->node, file->attribute, absolute);
      else
        {
          xmlNodeSetContent (file->node, NULL);
          xmlNodeAddContent (file->node, (const xmlChar *) absolute);
        }
    }
  return TRUE;
}

/* --- disks --- */

static gboolean
image_failed (GError *local, gboolean chain_granted, GError **error)
{
  if (chain_granted && g_error_matches (local, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_UNSAFE))
    return TRUE;
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_IMAGE, "%s", local->message);
  return FALSE;
}

static gboolean
inspect (xmlNode *disk, const char *path, GError **error)
{
  g_autofree char *format = _valise_node_get (_valise_node_child (disk, "driver"), "type");
  g_autoptr (ValiseImageInfo) info = NULL;
  g_autoptr (GError) local = NULL;

  /* A disc is opened as raw whatever is in it. */
  if (!has_medium (disk) && g_strcmp0 (format, "raw") == 0)
    return TRUE;
  info = valise_image_inspect (path, format, &local);
  return info != NULL || image_failed (local, _valise_node_child (disk, "backingStore") != NULL, error);
}

/* Formats are always said, never probed, and a chain that was not granted ends here. */
static void
settle_driver (xmlNode *disk)
{
  xmlNode *driver = ensure (disk, "driver");

  set (driver, "name", "qemu");
  set_if_missing (driver, "type", "raw");
  if (!has_medium (disk))
    return;
  set_if_missing (driver, "error_policy", "stop");
  set_if_missing (driver, "rerror_policy", "stop");
}

static gboolean
settle_image (Build *build, xmlNode *disk, xmlNode *source, const char *file, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (file, build->directory);
  g_autoptr (GError) local = NULL;

  if (g_path_is_absolute (file) ? check_outside (file, &local) : check_beneath (build, file, &local))
    {
      set (source, "file", absolute);
      if (!inspect (disk, absolute, error))
        return FALSE;
      if (_valise_node_child (disk, "backingStore") == NULL)
        add (disk, "backingStore");
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) && !has_medium (disk))
    {
      remove_node (source);
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    explain_missing (file, &local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* A disk without its file is left out; a drive for discs stays, empty. */
static gboolean
settle_disk (Build *build, xmlNode *disk, GError **error)
{
  xmlNode *source = _valise_node_child (disk, "source");
  g_autofree char *file = source != NULL ? _valise_node_get (source, "file") : NULL;

  if (file == NULL || *file == '\0')
    {
      remove_node (has_medium (disk) ? disk : source);
      return TRUE;
    }
  settle_driver (disk);
  return settle_image (build, disk, source, file, error);
}

static gboolean
settle_disks (Build *build, xmlNode *devices, GError **error)
{
  xmlNode *next;

  for (xmlNode *node = devices->children; node != NULL; node = next)
    {
      next = node->next;
      if (!_valise_node_is (node, "disk") || is_granted (build, node))
        continue;
      set_if_missing (node, "type", "file");
      set_if_missing (node, "device", "disk");
      if (!settle_disk (build, node, error))
        return FALSE;
    }
  return TRUE;
}

/* --- firmware --- */

static gboolean
feature_is (ValiseDocument *stored, const char *name, const char *value)
{
  g_autofree char *knob = g_strdup_printf ("os/firmware/feature[@name='%s']/@enabled", name);
  g_autofree char *enabled = valise_document_get (stored, knob);

  return g_strcmp0 (enabled, value) == 0;
}

static gboolean
value_is (ValiseDocument *stored, const char *knob, const char *value)
{
  g_autofree char *actual = valise_document_get (stored, knob);

  return g_strcmp0 (actual, value) == 0;
}

ValiseFirmware
valise_effective_get_firmware (ValiseDocument *stored)
{
  gboolean secure;

  g_return_val_if_fail (stored != NULL, VALISE_FIRMWARE_BIOS);

  if (!value_is (stored, "os/@firmware", "efi") && !value_is (stored, "os/loader/@type", "pflash"))
    return VALISE_FIRMWARE_BIOS;
  secure = feature_is (stored, "secure-boot", "yes") || value_is (stored, "os/loader/@secure", "yes");
  return secure ? VALISE_FIRMWARE_UEFI_SECURE : VALISE_FIRMWARE_UEFI;
}

static void
add_feature (xmlNode *firmware, const char *name, gboolean enabled)
{
  xmlNode *feature = add (firmware, "feature");

  set (feature, "enabled", enabled ? "yes" : "no");
  set (feature, "name", name);
}

static gboolean
firmware_failed (const char *reason, GError **error)
{
  g_set_error (error, VALISE_EFFECTIVE_ERROR, VALISE_EFFECTIVE_ERROR_FIRMWARE, _ ("This machine starts with UEFI. %s"),
               reason);
  return FALSE;
}

/* The variables lie in the bundle. They are made by libvirt at the first start; what is there must be a plain file. */
static gboolean
add_nvram (Build *build, xmlNode *os, GError **error)
{
  g_autofree char *stated = valise_document_get (build->stored, "os/nvram");
  g_autofree char *relative = stated != NULL ? _valise_sieve_relative (build->directory, stated) : NULL;
  g_autofree char *absolute = g_build_filename (build->directory, relative != NULL ? relative : NVRAM, NULL);
  g_autoptr (GError) local = NULL;

  if (!check_beneath (build, relative != NULL ? relative : NVRAM, &local)
      && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  add_text (os, "nvram", absolute);
  return TRUE;
}

static gboolean
settle_uefi (Build *build, xmlNode *os, gboolean secure, GError **error)
{
  g_autofree char *reason =
      valise_capabilities_firmware_reason (build->capabilities,
                                           secure ? VALISE_FIRMWARE_UEFI_SECURE : VALISE_FIRMWARE_UEFI);
  xmlNode *firmware;

  if (reason != NULL)
    return firmware_failed (reason, error);
  set (os, "firmware", "efi");
  firmware = add (os, "firmware");
  add_feature (firmware, "secure-boot", secure);
  add_feature (firmware, "enrolled-keys", secure && !feature_is (build->stored, "enrolled-keys", "no"));
  if (secure)
    set (ensure (ensure (build->root, "features"), "smm"), "state", "on");
  return _valise_node_child (os, "nvram") != NULL || add_nvram (build, os, error);
}

/* A loader that was granted stands for itself; everything else is this host's own. */
static gboolean
settle_firmware (Build *build, GError **error)
{
  xmlNode *os = ensure (build->root, "os");
  xmlNode *loader = _valise_node_child (os, "loader");
  ValiseFirmware kind = valise_effective_get_firmware (build->stored);

  if (loader != NULL && _valise_node_is_set_to (loader, "type", "pflash"))
    return _valise_node_child (os, "nvram") != NULL || add_nvram (build, os, error);
  if (loader != NULL || kind == VALISE_FIRMWARE_BIOS)
    {
      remove_node (_valise_node_child (os, "nvram"));
      return TRUE;
    }
  if (_valise_node_child (os, "nvram") != NULL)
    xmlUnsetProp (_valise_node_child (os, "nvram"), (const xmlChar *) "template");
  return settle_uefi (build, os, kind == VALISE_FIRMWARE_UEFI_SECURE, error);
}

/* --- what this host decides --- */

static void
remove_children (xmlNode *parent, const char *const *names)
{
  xmlNode *next;

  for (xmlNode *node = parent->children; node != NULL; node = next)
    {
      next = node->next;
      if (node->type == XML_ELEMENT_NODE && g_strv_contains (names, (const char *) node->name))
        remove_node (node);
    }
}

/* "Same as this computer" is for KVM alone; emulation offers everything it can instead. */
static void
settle_cpu (Build *build)
{
  static const char *const bound_to_host[] = { "model", "vendor", "feature", "cache", "maxphysaddr", NULL };
  xmlNode *cpu = _valise_node_child (build->root, "cpu");
  gboolean host;

  if (cpu == NULL || build->choice->kvm)
    return;
  host = _valise_node_is_set_to (cpu, "mode", "host-passthrough") || _valise_node_is_set_to (cpu, "mode", "host-model");
  if (!host)
    return;
  set (cpu, "mode", "maximum");
  set (cpu, "check", "none");
  xmlUnsetProp (cpu, (const xmlChar *) "migratable");
  remove_children (cpu, bound_to_host);
}

static char *
label_of (ValiseDocument *stored)
{
  static const char *const places[] = { "metadata/valise:machine/@name", "title", "name" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *raw = valise_document_get (stored, places[i]);
      g_autofree char *shown = raw != NULL ? valise_text_for_display (raw, 80) : NULL;

      if (shown != NULL && *g_strstrip (shown) != '\0')
        return g_steal_pointer (&shown);
    }
  return NULL;
}

static gboolean
settle_identity (Build *build, GError **error)
{
  g_autofree char *uuid = valise_document_get (build->stored, "uuid");
  g_autofree char *lower = uuid != NULL ? g_ascii_strdown (uuid, -1) : NULL;
  g_autofree char *name = g_strdup_printf ("vm-%s", lower != NULL ? lower : "");
  g_autofree char *label = label_of (build->stored);
  xmlNode *node;

  if (lower == NULL || !g_uuid_string_is_valid (lower))
    {
      g_set_error_literal (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_MISSING,
                           _ ("The machine has no uuid. Give it one in the XML page of its settings."));
      return FALSE;
    }
  set (build->root, "type", build->choice->kvm ? "kvm" : "qemu");
  if (label != NULL)
    {
      node = add_text (build->root, "title", label);
      prepend (build->root, node);
    }
  prepend (build->root, add_text (build->root, "uuid", lower));
  prepend (build->root, add_text (build->root, "name", name));
  return TRUE;
}

static void
settle_emulator (Build *build, xmlNode *devices)
{
  if (_valise_node_child (devices, "emulator") == NULL && build->choice->emulator != NULL)
    prepend (devices, add_text (devices, "emulator", build->choice->emulator));
}

static void
keep_attribute (Build *build, xmlNode *node, const char *attribute, const char *knob)
{
  static const char *const allowed = "abcdefghijklmnopqrstuvwxyz-0123456789";
  g_autofree char *value = valise_document_get (build->stored, knob);

  if (value != NULL && *value != '\0' && strlen (value) < 32 && strspn (value, allowed) == strlen (value))
    set (node, attribute, value);
}

/* One screen over VNC without a port, which Valise opens by file descriptor; granted ones come on top. */
static void
settle_graphics (Build *build, xmlNode *devices)
{
  xmlNode *graphics;

  for (xmlNode *node = devices->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "graphics") && _valise_node_is_set_to (node, "type", "vnc"))
      return;
  graphics = add (devices, "graphics");
  set (graphics, "type", "vnc");
  keep_attribute (build, graphics, "keymap", "devices/graphics[@type='vnc']/@keymap");
  keep_attribute (build, graphics, "sharePolicy", "devices/graphics[@type='vnc']/@sharePolicy");
  set (add (graphics, "listen"), "type", "none");
}

/* The TPM's state lies in the bundle: swtpm runs on its own and QEMU connects to it. Without a socket libvirt starts one of its own. */
static void
settle_tpm (Build *build, xmlNode *devices)
{
  xmlNode *tpm = _valise_node_child (devices, "tpm");
  xmlNode *backend, *source;

  if (tpm == NULL || is_granted (build, tpm))
    return;
  backend = ensure (tpm, "backend");
  if (build->choice->tpm_socket == NULL)
    {
      set (backend, "type", "emulator");
      set (backend, "persistent_state", "yes");
      return;
    }
  remove_node (backend);
  backend = add (tpm, "backend");
  set (backend, "type", "external");
  source = add (backend, "source");
  set (source, "type", "unix");
  set (source, "mode", "connect");
  set (source, "path", build->choice->tpm_socket);
}

static gboolean
settle (Build *build, GError **error)
{
  xmlNode *devices = ensure (build->root, "devices");

  if (!settle_identity (build, error) || !settle_files (build, error) || !settle_firmware (build, error)
      || !settle_disks (build, devices, error))
    return FALSE;
  settle_cpu (build);
  settle_emulator (build, devices);
  settle_graphics (build, devices);
  settle_tpm (build, devices);
  return TRUE;
}

/* --- public --- */

static ValiseDocument *
to_document (xmlDoc *tree, const char *directory, GError **error)
{
  g_autoptr (ValiseXmlChar) text = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  int length;

  xmlDocDumpFormatMemoryEnc (tree, &text, &length, "UTF-8", 1);
  document = valise_document_new ((const char *) text, length, _ ("the machine as it is started"), error);
  if (document == NULL || !valise_forms_to_absolute (document, directory, error))
    return NULL;
  return g_steal_pointer (&document);
}

ValiseDocument *
valise_effective_document_new (ValiseDocument *stored,
                               const char *directory,
                               const ValiseHostChoice *choice,
                               ValiseCapabilities *capabilities,
                               ValiseGrants *grants,
                               GPtrArray **asks,
                               GError **error)
{
  g_autoptr (ValiseSieve) sieve = NULL;
  Build build = { stored, directory, -1, choice, capabilities };
  gboolean settled;

  g_return_val_if_fail (stored != NULL && directory != NULL && g_path_is_absolute (directory), NULL);
  g_return_val_if_fail (choice != NULL && capabilities != NULL, NULL);

  build.directory_fd = open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (build.directory_fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be opened: %s"), directory,
                   g_strerror (errno));
      return NULL;
    }
  build.sieve = sieve = _valise_sieve_new (stored, directory, grants);
  build.root = xmlDocGetRootElement (sieve->tree);
  settled = settle (&build, error);
  close (build.directory_fd);
  if (asks != NULL)
    *asks = g_ptr_array_ref (sieve->asks);
  return settled ? to_document (sieve->tree, directory, error) : NULL;
}

GPtrArray *
valise_effective_list_asks (ValiseDocument *stored, const char *directory, ValiseGrants *grants)
{
  g_autoptr (ValiseSieve) sieve = NULL;

  g_return_val_if_fail (stored != NULL && directory != NULL, NULL);

  sieve = _valise_sieve_new (stored, directory, grants);
  return g_ptr_array_ref (sieve->asks);
}

static gboolean
asks_for (GPtrArray *asks, const ValiseAsk *wanted)
{
  g_autofree char *pattern = valise_knob_pattern (wanted->knob);

  for (guint i = 0; asks != NULL && i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];
      g_autofree char *other = valise_knob_pattern (ask->knob);

      if (g_str_equal (other, pattern) && g_str_equal (ask->value, wanted->value))
        return TRUE;
    }
  return FALSE;
}

gboolean
valise_effective_grant_all (ValiseDocument *stored,
                            ValiseDocument *before,
                            const char *directory,
                            ValiseGrants *grants,
                            GError **error)
{
  g_autoptr (GPtrArray) asks = NULL;
  g_autoptr (GPtrArray) old = NULL;

  g_return_val_if_fail (stored != NULL && directory != NULL && grants != NULL, FALSE);

  asks = valise_effective_list_asks (stored, directory, grants);
  old = before != NULL ? valise_effective_list_asks (before, directory, grants) : NULL;
  for (guint i = 0; i < asks->len; i++)
    {
      const ValiseAsk *ask = asks->pdata[i];

      if (!ask->granted && !asks_for (old, ask) && !valise_grants_allow (grants, ask->knob, ask->value, error))
        return FALSE;
    }
  return TRUE;
}
