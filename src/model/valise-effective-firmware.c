/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-effective-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "model/valise-node-private.h"

#define NVRAM "nvram/vars.fd"

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

char *
valise_effective_dup_variables (ValiseDocument *stored, const char *directory)
{
  g_autofree char *stated = NULL;

  g_return_val_if_fail (stored != NULL && directory != NULL, NULL);

  if (valise_effective_get_firmware (stored) == VALISE_FIRMWARE_BIOS)
    return NULL;
  stated = valise_document_get (stored, "os/nvram");
  return stated != NULL ? _valise_sieve_relative (directory, stated) : g_strdup (NVRAM);
}

static void
add_feature (xmlNode *firmware, const char *name, gboolean enabled)
{
  xmlNode *feature = _valise_node_add (firmware, "feature");

  _valise_node_set (feature, "enabled", enabled ? "yes" : "no");
  _valise_node_set (feature, "name", name);
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
add_nvram (ValiseBuild *build, xmlNode *os, GError **error)
{
  g_autofree char *stated = valise_document_get (build->stored, "os/nvram");
  g_autofree char *relative = stated != NULL ? _valise_sieve_relative (build->directory, stated) : NULL;
  g_autofree char *absolute = g_build_filename (build->directory, relative != NULL ? relative : NVRAM, NULL);
  g_autoptr (GError) local = NULL;

  if (!_valise_build_check_beneath (build, relative != NULL ? relative : NVRAM, &local)
      && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  _valise_node_add_text (os, "nvram", absolute);
  return TRUE;
}

static gboolean
settle_uefi (ValiseBuild *build, xmlNode *os, gboolean secure, GError **error)
{
  g_autofree char *reason =
      valise_capabilities_firmware_reason (build->capabilities,
                                           secure ? VALISE_FIRMWARE_UEFI_SECURE : VALISE_FIRMWARE_UEFI);
  xmlNode *firmware;

  if (reason != NULL)
    return firmware_failed (reason, error);
  _valise_node_set (os, "firmware", "efi");
  firmware = _valise_node_add (os, "firmware");
  add_feature (firmware, "secure-boot", secure);
  add_feature (firmware, "enrolled-keys", secure && !feature_is (build->stored, "enrolled-keys", "no"));
  if (secure)
    _valise_node_set (_valise_node_ensure (_valise_node_ensure (build->root, "features"), "smm"), "state", "on");
  return _valise_node_child (os, "nvram") != NULL || add_nvram (build, os, error);
}

/* A loader that was granted stands for itself; everything else is this host's own. */
gboolean
_valise_build_settle_firmware (ValiseBuild *build, GError **error)
{
  xmlNode *os = _valise_node_ensure (build->root, "os");
  xmlNode *loader = _valise_node_child (os, "loader");
  ValiseFirmware kind = valise_effective_get_firmware (build->stored);

  if (loader != NULL && _valise_node_is_set_to (loader, "type", "pflash"))
    return _valise_node_child (os, "nvram") != NULL || add_nvram (build, os, error);
  if (loader != NULL || kind == VALISE_FIRMWARE_BIOS)
    {
      _valise_node_remove (_valise_node_child (os, "nvram"));
      return TRUE;
    }
  if (_valise_node_child (os, "nvram") != NULL)
    xmlUnsetProp (_valise_node_child (os, "nvram"), (const xmlChar *) "template");
  return settle_uefi (build, os, kind == VALISE_FIRMWARE_UEFI_SECURE, error);
}
