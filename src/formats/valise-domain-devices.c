/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices of a libvirt description. */
#include "formats/valise-domain-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "formats/valise-disk-header.h"

#define MOST_DEVICES 512
#define LONGEST_WORD 100
#define MOST_ORDER 100000

/* --- drives --- */

static ValiseBlueprintDevice
choose_device (const char *device)
{
  if (g_strcmp0 (device, "cdrom") == 0)
    return VALISE_BLUEPRINT_CDROM;
  return g_strcmp0 (device, "floppy") == 0 ? VALISE_BLUEPRINT_FLOPPY : VALISE_BLUEPRINT_DISK;
}

/* The description says how the bytes are to be understood; bytes that say otherwise may want to be misunderstood. */
static void
compare_formats (ValiseDomain *self, xmlNode *disk, const ValiseBlueprintDrive *drive, const char *stated)
{
  if (stated == NULL || drive->format == NULL || g_str_has_prefix (drive->format, stated)
      || drive->device != VALISE_BLUEPRINT_DISK)
    return;
  _valise_domain_tell (self, VALISE_SEVERITY_ERROR, "disk-format-differs", disk,
                       _ ("The description calls the disk's format another one than its bytes are."),
                       _ ("Only use the disk if you know where it comes from; its bytes decide."));
}

static void
add_image (ValiseDomain *self, xmlNode *disk, ValiseBlueprintDrive *drive, const char *path)
{
  g_autofree char *stated = _valise_domain_get (_valise_domain_child (disk, "driver"), "type");
  const ValisePackageMember *member;

  drive->file = g_strdup (path);
  drive->format = g_strdup (stated);
  if (drive->device != VALISE_BLUEPRINT_DISK)
    {
      _valise_domain_tell (self, VALISE_SEVERITY_INFO, "medium-left", disk,
                           _ ("The drive comes in without its medium."), NULL);
      return;
    }
  drive->member = _valise_domain_member (self, disk, path);
  member = drive->member != NULL ? valise_package_lookup (self->package, drive->member) : NULL;
  if (member == NULL)
    return;
  valise_disk_header_apply (self->package, member, self->blueprint, drive, member->name);
  compare_formats (self, disk, drive, stated);
}

static guint
read_order (xmlNode *device)
{
  g_autofree char *written = _valise_domain_get (_valise_domain_child (device, "boot"), "order");
  guint64 order = 0;

  return written != NULL && g_ascii_string_to_unsigned (written, 10, 1, MOST_ORDER, &order, NULL) ? (guint) order : 0;
}

static void
tell_elsewhere (ValiseDomain *self, xmlNode *disk, const char *type)
{
  _valise_domain_ask (self, g_strdup_printf (_ ("Use a disk that is no file (%s)"), type));
  _valise_domain_tell (
      self, VALISE_SEVERITY_ERROR, "disk-elsewhere", disk,
      _ ("The disk is no file: it is a device, a volume or a place in the network of another computer."),
      _ ("Copy it into a file with “qemu-img convert” there, or bring the machine in without it."));
}

static void
read_disk (ValiseDomain *self, xmlNode *disk)
{
  g_autofree char *device = _valise_domain_get (disk, "device");
  g_autofree char *type = _valise_domain_get (disk, "type");
  xmlNode *target = _valise_domain_child (disk, "target"), *source = _valise_domain_child (disk, "source");
  g_autofree char *path = _valise_domain_get (source, "file");
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (self->blueprint, choose_device (device));

  drive->bus = _valise_domain_get (target, "bus");
  drive->unit = _valise_domain_get (target, "dev");
  drive->order = read_order (disk);
  drive->read_only = drive->device == VALISE_BLUEPRINT_CDROM || _valise_domain_child (disk, "readonly") != NULL;
  if (path != NULL && (type == NULL || g_str_equal (type, "file")))
    add_image (self, disk, drive, path);
  else if (source != NULL && source->properties != NULL && g_strcmp0 (type, "file") != 0)
    tell_elsewhere (self, disk, type != NULL ? type : "?");
  if (_valise_domain_child (disk, "encryption") != NULL)
    _valise_domain_tell (self, VALISE_SEVERITY_ERROR, "disk-encrypted", disk,
                         _ ("The disk is encrypted. Take the encryption off where the machine was made."), NULL);
}

/* --- network --- */

static void
read_interface (ValiseDomain *self, xmlNode *interface)
{
  g_autofree char *type = _valise_domain_get (interface, "type");
  xmlNode *source = _valise_domain_child (interface, "source");
  g_autofree char *network = _valise_domain_get (source, "network");
  g_autofree char *bridge = _valise_domain_get (source, "bridge");
  g_autofree char *state = _valise_domain_get (_valise_domain_child (interface, "link"), "state");
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);

  nic->model = _valise_domain_get (_valise_domain_child (interface, "model"), "type");
  nic->mac = _valise_domain_get (_valise_domain_child (interface, "mac"), "address");
  nic->connected = g_strcmp0 (state, "down") != 0;
  nic->order = read_order (interface);
  nic->network = g_strdup (network != NULL ? network : bridge != NULL ? bridge : type);
  if (g_strcmp0 (type, "user") == 0 || g_strcmp0 (type, "network") == 0)
    return;
  _valise_domain_ask (self, g_strdup_printf (_ ("Be in a network of this computer (%s)"), type != NULL ? type : "?"));
  valise_blueprint_wish_network (self->blueprint);
}

/* --- ports --- */

/* Ports that end in a file, a program or a socket of the computer. */
static void
read_port (ValiseDomain *self, xmlNode *port)
{
  static const char *const inside[] = { "pty", "null", "vc", "spicevmc", "qemu-vdagent", "stdio", NULL };
  g_autofree char *type = _valise_domain_get (port, "type");
  g_autofree char *target = _valise_domain_get (_valise_domain_child (port, "target"), "name");
  gboolean agent = g_strcmp0 (target, "org.qemu.guest_agent.0") == 0;

  if (g_str_equal ((const char *) port->name, "serial"))
    self->blueprint->serial_ports++;
  if (type == NULL || agent || g_strv_contains (inside, type))
    return;
  _valise_domain_ask_for (self,
                          g_str_equal ((const char *) port->name, "serial") ? VALISE_WISH_SERIAL : VALISE_WISH_DEVICE,
                          port, _ ("Connect a port of the guest to something of this computer"));
  _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "port-outside", port,
                       _ ("The port ended in a file, a program or a connection of the other computer; here it ends in "
                          "the machine's own window, unless that is allowed."),
                       NULL);
}

static void
read_graphics (ValiseDomain *self, xmlNode *graphics)
{
  g_autofree char *listen = _valise_domain_get (graphics, "listen");
  g_autofree char *address = _valise_domain_get (_valise_domain_child (graphics, "listen"), "address");
  const char *where = address != NULL ? address : listen;

  if (where != NULL && !g_str_has_prefix (where, "127.") && !g_str_equal (where, "::1")
      && !g_str_equal (where, "localhost"))
    _valise_domain_ask_for (self, VALISE_WISH_DEVICE, graphics, _ ("Show its screen to others in the network"));
}

/* --- the rest --- */

static void
read_sound (ValiseDomain *self, xmlNode *sound)
{
  g_autofree char *model = _valise_domain_get (sound, "model");

  if (self->blueprint->sound == NULL && model != NULL)
    self->blueprint->sound = valise_text_for_display (model, LONGEST_WORD);
}

static void
read_tpm (ValiseDomain *self, xmlNode *tpm)
{
  g_autofree char *type = _valise_domain_get (_valise_domain_child (tpm, "backend"), "type");

  self->blueprint->tpm = TRUE;
  if (g_strcmp0 (type, "passthrough") == 0)
    _valise_domain_ask_for (self, VALISE_WISH_DEVICE, tpm, _ ("Use the security chip of this computer"));
  _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "tpm-new", tpm, _ ("The security chip begins empty here."),
                       _ ("If the guest encrypts its disk (BitLocker), have its recovery key at hand."));
}

static void
tell_host_device (ValiseDomain *self, xmlNode *device)
{
  _valise_domain_ask_for_device (self, device);
  _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "host-device", device,
                       _ ("Something of the computer that ran the machine is left out unless it is allowed."),
                       _ ("Allow it, or add it in the settings with what this computer has."));
}

/* Sound goes into the machine's window; only what is written to a file or another place needs to be asked for. */
static void
read_audio (ValiseDomain *self, xmlNode *audio)
{
  g_autofree char *type = _valise_domain_get (audio, "type");

  if (g_strcmp0 (type, "file") == 0)
    _valise_domain_ask_for (self, VALISE_WISH_DEVICE, audio,
                            _ ("Write the machine's sound into a file of this computer"));
}

/* This computer's own QEMU is taken always. What is called as distributions call it is no wish for another. */
static void
read_emulator (ValiseDomain *self, xmlNode *emulator)
{
  g_autofree char *path = _valise_domain_text (emulator);

  if (path != NULL && (!g_str_has_prefix (path, "/usr/") || strstr (path, "/../") != NULL))
    _valise_domain_ask_for (self, VALISE_WISH_DEVICE, emulator, _ ("Run a program as the machine, with your rights"));
}

/* libvirt writes the first serial port down a second time, as a console. */
static void
read_console (ValiseDomain *self, xmlNode *console)
{
  g_autofree char *target = _valise_domain_get (_valise_domain_child (console, "target"), "type");

  if (g_strcmp0 (target, "serial") != 0)
    read_port (self, console);
}

/* A keyboard or mouse that the guest has instead of this computer. */
static void
read_input (ValiseDomain *self, xmlNode *input)
{
  g_autofree char *type = _valise_domain_get (input, "type");

  if (g_strcmp0 (type, "passthrough") == 0 || g_strcmp0 (type, "evdev") == 0)
    tell_host_device (self, input);
}

/* Memory that is a file. */
static void
read_memory (ValiseDomain *self, xmlNode *memory)
{
  g_autofree char *model = _valise_domain_get (memory, "model");

  if (g_strcmp0 (model, "nvdimm") == 0 || g_strcmp0 (model, "virtio-pmem") == 0)
    tell_host_device (self, memory);
}

static void
read_redirection (ValiseDomain *self, xmlNode *device)
{
  g_autofree char *type = _valise_domain_get (device, "type");

  if (g_strcmp0 (type, "spicevmc") != 0)
    tell_host_device (self, device);
}

static const struct
{
  const char *element;
  void (*read) (ValiseDomain *self, xmlNode *device);
} readers[] = {
  { "disk", read_disk },
  { "interface", read_interface },
  { "serial", read_port },
  { "parallel", read_port },
  { "channel", read_port },
  { "console", read_console },
  { "input", read_input },
  { "memory", read_memory },
  { "redirdev", read_redirection },
  { "vsock", tell_host_device },
  { "graphics", read_graphics },
  { "sound", read_sound },
  { "tpm", read_tpm },
  { "audio", read_audio },
  { "emulator", read_emulator },
  { "hostdev", tell_host_device },
  { "filesystem", tell_host_device },
  { "shmem", tell_host_device },
  { "lease", tell_host_device },
  { "nvram", tell_host_device },
  { "crypto", tell_host_device },
  { "smartcard", tell_host_device },
};

void
_valise_domain_read_devices (ValiseDomain *self, xmlNode *devices)
{
  guint count = 0;

  for (xmlNode *child = devices != NULL ? devices->children : NULL; child != NULL; child = child->next)
    for (gsize i = 0; child->type == XML_ELEMENT_NODE && i < G_N_ELEMENTS (readers) && count <= MOST_DEVICES; i++)
      if (g_str_equal ((const char *) child->name, readers[i].element))
        {
          readers[i].read (self, child);
          if (++count > MOST_DEVICES)
            _valise_domain_tell (self, VALISE_SEVERITY_WARNING, "too-many", child,
                                 _ ("There are more devices than any machine has; the rest is left out."), NULL);
        }
}
