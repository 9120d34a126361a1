/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-effective-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-forms.h"
#include "model/valise-knob.h"
#include "model/valise-node-private.h"

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

G_DEFINE_QUARK (valise_effective_error_quark, valise_effective_error)

gboolean
_valise_build_is_granted (ValiseBuild *build, xmlNode *node)
{
  return g_hash_table_contains (build->sieve->granted, node);
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
        _valise_node_remove (node);
    }
}

/* "Same as this computer" is for KVM alone; emulation offers everything it can instead. */
static void
settle_cpu (ValiseBuild *build)
{
  static const char *const bound_to_host[] = { "model", "vendor", "feature", "cache", "maxphysaddr", NULL };
  xmlNode *cpu = _valise_node_child (build->root, "cpu");
  gboolean host;

  if (cpu == NULL || build->choice->kvm)
    return;
  host = _valise_node_is_set_to (cpu, "mode", "host-passthrough") || _valise_node_is_set_to (cpu, "mode", "host-model");
  if (!host)
    return;
  _valise_node_set (cpu, "mode", "maximum");
  _valise_node_set (cpu, "check", "none");
  xmlUnsetProp (cpu, (const xmlChar *) "migratable");
  remove_children (cpu, bound_to_host);
}

static gboolean
has_whole_processor (ValiseBuild *build)
{
  g_autofree char *arch = valise_document_get (build->stored, "os/type/@arch");
  xmlNode *cpu = _valise_node_child (build->root, "cpu");

  return cpu != NULL && (arch == NULL || g_str_equal (arch, "x86_64") || g_str_equal (arch, "i686"))
         && (_valise_node_is_set_to (cpu, "mode", "host-passthrough")
             || _valise_node_is_set_to (cpu, "mode", "maximum"));
}

/* Before the guest may run, libvirt asks QEMU for the processor's features one by one, 400 questions that take longer
 * than everything else it does. Where it believes that QEMU cannot tell what is unavailable, it asks for all of them
 * with one. It then sees only what CPUID tells, which is enough for a processor that is taken as it comes; one that is
 * named feature by feature is left alone. */
static void
settle_questions (ValiseBuild *build)
{
  xmlNode *capabilities;
  xmlNs *name_space;

  if (!build->choice->quick_questions || !has_whole_processor (build)
      || _valise_node_child (build->root, "capabilities") != NULL)
    return;
  name_space = xmlSearchNsByHref (build->root->doc, build->root, (const xmlChar *) QEMU_NAMESPACE);
  if (name_space == NULL)
    name_space = xmlNewNs (build->root, (const xmlChar *) QEMU_NAMESPACE, (const xmlChar *) "qemu");
  if (name_space == NULL)
    return;
  capabilities = xmlNewChild (build->root, name_space, (const xmlChar *) "capabilities", NULL);
  _valise_node_set (xmlNewChild (capabilities, name_space, (const xmlChar *) "del", NULL), "capability",
                    "cpu-unavailable-features");
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
settle_identity (ValiseBuild *build, GError **error)
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
  _valise_node_set (build->root, "type", build->choice->kvm ? "kvm" : "qemu");
  if (label != NULL)
    {
      node = _valise_node_add_text (build->root, "title", label);
      _valise_node_prepend (build->root, node);
    }
  _valise_node_prepend (build->root, _valise_node_add_text (build->root, "uuid", lower));
  _valise_node_prepend (build->root, _valise_node_add_text (build->root, "name", name));
  return TRUE;
}

static void
settle_emulator (ValiseBuild *build, xmlNode *devices)
{
  if (_valise_node_child (devices, "emulator") == NULL && build->choice->emulator != NULL)
    _valise_node_prepend (devices, _valise_node_add_text (devices, "emulator", build->choice->emulator));
}

static void
keep_attribute (ValiseBuild *build, xmlNode *node, const char *attribute, const char *knob)
{
  static const char *const allowed = "abcdefghijklmnopqrstuvwxyz-0123456789";
  g_autofree char *value = valise_document_get (build->stored, knob);

  if (value != NULL && *value != '\0' && strlen (value) < 32 && strspn (value, allowed) == strlen (value))
    _valise_node_set (node, attribute, value);
}

/* One screen over VNC without a port, which Valise opens by file descriptor; granted ones come on top. */
static void
settle_graphics (ValiseBuild *build, xmlNode *devices)
{
  xmlNode *graphics;

  for (xmlNode *node = devices->children; node != NULL; node = node->next)
    if (_valise_node_is (node, "graphics") && _valise_node_is_set_to (node, "type", "vnc"))
      return;
  graphics = _valise_node_add (devices, "graphics");
  _valise_node_set (graphics, "type", "vnc");
  keep_attribute (build, graphics, "keymap", "devices/graphics[@type='vnc']/@keymap");
  keep_attribute (build, graphics, "sharePolicy", "devices/graphics[@type='vnc']/@sharePolicy");
  _valise_node_set (_valise_node_add (graphics, "listen"), "type", "none");
}

/* The TPM's state lies in the bundle: swtpm runs on its own and QEMU connects to it. Without a socket libvirt starts
 * one of its own. */
static void
settle_tpm (ValiseBuild *build, xmlNode *devices)
{
  xmlNode *tpm = _valise_node_child (devices, "tpm");
  xmlNode *backend, *source;

  if (tpm == NULL || _valise_build_is_granted (build, tpm))
    return;
  backend = _valise_node_ensure (tpm, "backend");
  if (build->choice->tpm_socket == NULL)
    {
      _valise_node_set (backend, "type", "emulator");
      _valise_node_set (backend, "persistent_state", "yes");
      return;
    }
  _valise_node_remove (backend);
  backend = _valise_node_add (tpm, "backend");
  _valise_node_set (backend, "type", "external");
  source = _valise_node_add (backend, "source");
  _valise_node_set (source, "type", "unix");
  _valise_node_set (source, "mode", "connect");
  _valise_node_set (source, "path", build->choice->tpm_socket);
}

/* libvirt has no word of QEMU's for a card that is connected to nothing, or to a switch of VMware's, and looks for one
 * where there is none: the program that starts such a machine ends. A card whose cable is out is the same to the guest. */
static void
settle_networks (xmlNode *devices)
{
  for (xmlNode *node = devices->children; node != NULL; node = node->next)
    {
      if (!_valise_node_is (node, "interface")
          || (!_valise_node_is_set_to (node, "type", "null") && !_valise_node_is_set_to (node, "type", "vds")))
        continue;
      _valise_node_set (node, "type", "user");
      _valise_node_remove (_valise_node_child (node, "source"));
      _valise_node_set (_valise_node_ensure (node, "link"), "state", "down");
    }
}

static gboolean
settle (ValiseBuild *build, GError **error)
{
  xmlNode *devices = _valise_node_ensure (build->root, "devices");

  if (!settle_identity (build, error) || !_valise_build_settle_files (build, error)
      || !_valise_build_settle_firmware (build, error) || !_valise_build_settle_disks (build, devices, error)
      || !_valise_build_settle_boot_once (build, devices, error))
    return FALSE;
  settle_cpu (build);
  settle_emulator (build, devices);
  settle_graphics (build, devices);
  settle_tpm (build, devices);
  settle_networks (devices);
  settle_questions (build);
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
  ValiseBuild build = { stored, directory, -1, choice, capabilities };
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

gboolean
valise_effective_asks_for (GPtrArray *asks, const ValiseAsk *wanted)
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

      if (!ask->granted && !valise_effective_asks_for (old, ask)
          && !valise_grants_allow (grants, ask->knob, ask->value, error))
        return FALSE;
    }
  return TRUE;
}
