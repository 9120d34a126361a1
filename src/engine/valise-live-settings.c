/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-change-private.h"

#include <glib/gi18n-lib.h>

/* --- drives --- */

/* A guest that has locked its drive is overruled: it was the user who asked. */
static int
update_medium (ValiseLiveChange *self, const char *xml)
{
  if (virDomainUpdateDeviceFlags (self->domain, xml, VIR_DOMAIN_AFFECT_LIVE) == 0)
    return 0;
  return virDomainUpdateDeviceFlags (self->domain, xml, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_DEVICE_MODIFY_FORCE);
}

/* The drive as it runs, with another disc in it. */
static char *
with_medium (ValiseLiveChange *self, guint live, const char *file)
{
  static const char *const parts[] = { "source", "backingStore" };
  g_autoptr (ValiseDocument) copy = valise_document_copy (self->live);
  g_autofree char *device = _valise_live_knob ("disk", live, NULL);
  g_autofree char *source = _valise_live_knob ("disk", live, "source/@file");

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *knob = _valise_live_knob ("disk", live, parts[i]);

      if (!valise_document_unset (copy, knob, NULL))
        return NULL;
    }
  if (file != NULL && !valise_document_set (copy, source, file, NULL))
    return NULL;
  return valise_document_get_fragment (copy, device);
}

static void
change_medium (ValiseLiveChange *self, guint number, guint effective, guint live)
{
  g_autofree char *knob = _valise_live_knob ("disk", number, "source/@file");
  g_autofree char *now = valise_document_get_device (self->live, "disk", live, "source/@file");
  g_autofree char *wanted = valise_document_get_device (self->effective, "disk", effective, "source/@file");
  g_autofree char *xml = NULL;

  if (g_strcmp0 (now, wanted) == 0)
    return;
  xml = with_medium (self, live, wanted);
  _valise_live_check (self, xml != NULL ? update_medium (self, xml) : -1,
                      wanted != NULL ? _ ("The disc could not be inserted") : _ ("The disc could not be ejected"),
                      knob);
}

/* --- throttling --- */

/* Below iotune; libvirt's parameters have the same names. */
static const char *const limits[] = {
  VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC,     VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC,
  VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC,     VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC,
  VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC,       VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC,
  VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX, VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC_MAX,
  VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC_MAX, VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC_MAX,
  VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC_MAX,   VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC_MAX,
  VIR_DOMAIN_BLOCK_IOTUNE_SIZE_IOPS_SEC,
};

static guint64
get_limit (ValiseDocument *document, guint disk, const char *limit)
{
  g_autofree char *rest = g_strconcat ("iotune/", limit, NULL);
  g_autofree char *text = valise_document_get_device (document, "disk", disk, rest);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* All of them at once: the sum of reading and writing excludes each of them. */
static void
change_limits (ValiseLiveChange *self, guint number, guint effective, guint live)
{
  g_autoptr (GPtrArray) knobs = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *target = valise_document_get_device (self->live, "disk", live, "target/@dev");
  virTypedParameterPtr parameters = NULL;
  int length = 0, size = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      guint64 wanted = get_limit (self->effective, effective, limits[i]);

      if (wanted != get_limit (self->live, live, limits[i]))
        g_ptr_array_add (knobs, g_strdup_printf ("devices/disk[%u]/iotune/%s", number, limits[i]));
      virTypedParamsAddULLong (&parameters, &length, &size, limits[i], wanted);
    }
  if (knobs->len > 0 && target != NULL)
    _valise_live_check_all (self,
                            virDomainSetBlockIoTune (self->domain, target, parameters, length, VIR_DOMAIN_AFFECT_LIVE),
                            _ ("The disk's limits could not be changed while it runs"), knobs);
  virTypedParamsFree (parameters, length);
}

void
_valise_live_change_disk (ValiseLiveChange *self, guint number, guint effective, guint live)
{
  g_autofree char *device = valise_document_get_device (self->effective, "disk", effective, "@device");

  if (g_strcmp0 (device, "cdrom") == 0 || g_strcmp0 (device, "floppy") == 0)
    change_medium (self, number, effective, live);
  else
    change_limits (self, number, effective, live);
}

/* --- network cards --- */

/* The card as it runs, with the cable and the limits that are wanted. */
static char *
with_card (ValiseLiveChange *self, guint effective, guint live)
{
  g_autoptr (ValiseDocument) copy = valise_document_copy (self->live);
  g_autofree char *device = _valise_live_knob ("interface", live, NULL);
  g_autofree char *link = _valise_live_knob ("interface", live, "link/@state");
  g_autofree char *bandwidth = _valise_live_knob ("interface", live, "bandwidth");
  g_autofree char *wanted = _valise_live_knob ("interface", effective, "bandwidth");
  g_autofree char *limits_xml = valise_document_get_fragment (self->effective, wanted);
  g_autofree char *state = valise_document_get_device (self->effective, "interface", effective, "link/@state");

  if (!valise_document_unset (copy, bandwidth, NULL)
      || (limits_xml != NULL && !valise_document_add_fragment (copy, device, limits_xml, NULL))
      || !valise_document_set (copy, link, state != NULL ? state : "up", NULL))
    return NULL;
  return valise_document_get_fragment (copy, device);
}

static const char *const rates[] = {
  "bandwidth/inbound/@average",  "bandwidth/inbound/@peak",  "bandwidth/inbound/@burst",  "bandwidth/inbound/@floor",
  "bandwidth/outbound/@average", "bandwidth/outbound/@peak", "bandwidth/outbound/@burst",
};

/* Some cards have no limits that libvirt could set or show, so those are compared as they are stored. @before: its
 * number there, 0 for a new one. (element-type utf8) (transfer full) */
static GPtrArray *
list_changed_rates (ValiseLiveChange *self, guint number, guint before)
{
  GPtrArray *knobs = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; before != 0 && i < G_N_ELEMENTS (rates); i++)
    {
      g_autofree char *old = valise_document_get_device (self->before, "interface", before, rates[i]);
      g_autofree char *new = valise_document_get_device (self->after, "interface", number, rates[i]);

      if (g_strcmp0 (old, new) != 0)
        g_ptr_array_add (knobs, _valise_live_knob ("interface", number, rates[i]));
    }
  return knobs;
}

static gboolean
has_link_changed (ValiseLiveChange *self, guint effective, guint live)
{
  g_autofree char *now = valise_document_get_device (self->live, "interface", live, "link/@state");
  g_autofree char *wanted = valise_document_get_device (self->effective, "interface", effective, "link/@state");

  return g_strcmp0 (now != NULL ? now : "up", wanted != NULL ? wanted : "up") != 0;
}

void
_valise_live_change_card (ValiseLiveChange *self, guint number, guint before, guint effective, guint live)
{
  g_autoptr (GPtrArray) knobs = list_changed_rates (self, number, before);
  gboolean limits_changed = knobs->len > 0;
  g_autofree char *xml = NULL;

  if (!limits_changed && !has_link_changed (self, effective, live))
    return;
  if (has_link_changed (self, effective, live))
    g_ptr_array_add (knobs, _valise_live_knob ("interface", number, "link/@state"));
  xml = with_card (self, effective, live);
  _valise_live_check_all (self,
                          xml != NULL ? virDomainUpdateDeviceFlags (self->domain, xml, VIR_DOMAIN_AFFECT_LIVE) : -1,
                          limits_changed ? _ ("The network card's limits could not be changed while it runs")
                                         : _ ("The network cable could not be changed while it runs"),
                          knobs);
}
