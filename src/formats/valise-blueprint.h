/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_BLUEPRINT_FIRMWARE_UNSPECIFIED,
  VALISE_BLUEPRINT_FIRMWARE_BIOS,
  VALISE_BLUEPRINT_FIRMWARE_EFI,
} ValiseBlueprintFirmware;

typedef enum
{
  VALISE_BLUEPRINT_DISK,
  VALISE_BLUEPRINT_CDROM,
  VALISE_BLUEPRINT_FLOPPY,
} ValiseBlueprintDevice;

/* From best to worst. */
typedef enum
{
  VALISE_BLUEPRINT_IMPORTS,
  VALISE_BLUEPRINT_DECIDE, /* a person must settle something first */
  VALISE_BLUEPRINT_REFUSED,
} ValiseBlueprintOutcome;

/**
 * ValiseBlueprintDrive:
 * @device: a hard disk, a CD or a floppy
 * @bus: "ide", "sata", "scsi", "nvme", "usb", "virtio", "mtd", "nvdimm" or "fdc"; %NULL: not stated
 * @controller: the controller's kind as written ("lsilogic"), or %NULL
 * @unit: place on the bus, as the source counts it ("0", "1:0"), or %NULL when it is not stated
 * @file: the image as written in the source; %NULL: an empty disk is to be made, or the drive holds nothing
 * @member: the image as the source can open it (see valise_package_find()), or %NULL when @file is not there
 * @parts: (nullable): the members of an image in pieces, in order, instead of @member
 * @beside: (nullable): further members that the image needs beside @member, and that were found: its extents, and the
 *   images that it is the difference to, with theirs
 * @compression: (nullable): the image lies compressed with "gzip", "xz", "zstd" or "lz4-apple" (a static word)
 * @format: as the source states it ("vmdk-streamOptimized", "qcow2", "raw"), or %NULL; the image's own bytes decide
 * @capacity: bytes that the guest sees; 0: only the image knows
 * @capacity_step: the source states whole ones of these bytes, so that @capacity may be less than one too large; 0: it
 *   is exact
 * @digest: (nullable): "sha256:HEX" of the file as it lies in the source; of @parts one each, with a space between and
 *   "-" where none is stated
 * @read_only: the guest may not write to it
 * @order: the machine starts from the one with the smallest first; 0: not stated, or never
 *
 * A drive that is attached in the source's default configuration.
 */
typedef struct
{
  ValiseBlueprintDevice device;
  char *bus;
  char *controller;
  char *unit;
  char *file;
  char *member;
  char **parts;
  char **beside;
  const char *compression;
  char *format;
  guint64 capacity;
  guint64 capacity_step;
  char *digest;
  gboolean read_only;
  guint order;
} ValiseBlueprintDrive;

/**
 * ValiseBlueprintNic:
 * @model: as written ("VMXNET3"), or %NULL
 * @network: the network's name as written, or %NULL
 * @mac: as written, or %NULL
 * @connected: its cable is plugged in
 * @order: as of a drive: it is started from the network
 */
typedef struct
{
  char *model;
  char *network;
  char *mac;
  gboolean connected;
  guint order;
} ValiseBlueprintNic;

typedef enum
{
  VALISE_WISH_FOLDER,
  VALISE_WISH_PORT,
  VALISE_WISH_USB,
  VALISE_WISH_CARD,
  VALISE_WISH_SERIAL,
  VALISE_WISH_DEVICE,
  VALISE_WISH_SETTING,
  VALISE_WISH_NETWORK,
} ValiseWishKind;

/**
 * ValiseBlueprintWish:
 * @ask: which of the blueprint's asks says so, from 0; one may say several
 * @kind: what it is
 * @path: (nullable): of a folder: absolute, exactly what the ask shows; %NULL: it has to be chosen
 * @read_only: of a folder: the guest may not write to it
 * @tag: (nullable): of a folder: what the guest knows it by
 * @udp, @port, @to: of a port: where this computer is to listen (TCP without @udp), and the guest's own port
 * @vendor, @product: of a USB device
 * @address: of a PCI card: domain, bus, slot and function
 * @number: of a serial port, from 0: the one that ends in @xml's <serial>, which says no target
 * @xml: (nullable): of a serial port, a device or a setting of the whole machine: libvirt's element for it. The ask
 *   shows all that it says.
 *
 * A network (of this computer, that a card would be in) has none of these: it is chosen with the card.
 *
 * Something of this computer that a machine here can have, too.
 */
typedef struct
{
  guint ask;
  ValiseWishKind kind;
  char *path;
  gboolean read_only;
  char *tag;
  gboolean udp;
  guint port;
  guint to;
  guint vendor;
  guint product;
  guint address[4];
  guint number;
  char *xml;
} ValiseBlueprintWish;

/**
 * ValiseBlueprint:
 * @format: the word for the source's format: "ovf", "ova", "utm", "vmx", "vbox", "tart", ...
 * @name: as a person knows the machine; never %NULL, whatever bytes it came from it is UTF-8 without control characters
 * @os_type: the guest system as the source names it, or %NULL
 * @arch: "x86_64", "aarch64", ..., or %NULL when it is not stated
 * @machine: the machine type as written ("q35"), or %NULL
 * @vcpus: how many processors; -1: not stated, 0: the source says "as usual"
 * @cores_per_socket: 0: not stated
 * @memory: MiB; 0: not stated
 * @firmware: what the source states
 * @secure_boot: the firmware checks what it starts
 * @tpm: there is a security chip
 * @local_time: the hardware clock shows local time
 * @nvram: (nullable): the member that holds the firmware's variables
 * @nvram_kept: they are of EDK2's kind, so that the firmware here goes on with them
 * @sound: the sound card as written, or %NULL
 * @serial_ports: how many
 * @kernel: (nullable): member that is started instead of a boot loader, with @initrd, @dtb and @cmdline
 * @drives: (element-type ValiseBlueprintDrive): disks in the order of their buses, then CDs and floppies
 * @nics: (element-type ValiseBlueprintNic): in the guest's order
 * @configurations: (nullable): the choices that the source offers; @configuration is the one that this is
 * @asks: (element-type utf8): what the source would have of this computer, one sentence each; carried only when granted
 * @wishes: (element-type ValiseBlueprintWish): those of @asks that a machine here can have
 * @refused: the machine cannot be brought in; a finding says why
 * @findings: (element-type ValiseFinding): what was approximated, dropped or needs a decision, with its place in the source
 *
 * A machine as its source states it, before anything of this computer is thought of.
 */
typedef struct
{
  const char *format;
  char *name;
  char *os_type;
  char *arch;
  char *machine;
  int vcpus;
  guint cores_per_socket;
  guint64 memory;
  ValiseBlueprintFirmware firmware;
  gboolean secure_boot;
  gboolean tpm;
  gboolean local_time;
  char *nvram;
  gboolean nvram_kept;
  char *sound;
  guint serial_ports;
  char *kernel;
  char *initrd;
  char *dtb;
  char *cmdline;
  GPtrArray *drives;
  GPtrArray *nics;
  char **configurations;
  char *configuration;
  GPtrArray *asks;
  GPtrArray *wishes;
  gboolean refused;
  GPtrArray *findings;
} ValiseBlueprint;

/* With nothing stated. @format: a static word; @name: copied and made safe to show. (transfer full) */
ValiseBlueprint *valise_blueprint_new (const char *format, const char *name);
void valise_blueprint_free (ValiseBlueprint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBlueprint, valise_blueprint_free)

/* Replaces the name by what of @name can be shown, or leaves it when that is nothing. */
void valise_blueprint_set_name (ValiseBlueprint *self, const char *name);

/* Adds an empty one at the end and returns it. (transfer none) */
ValiseBlueprintDrive *valise_blueprint_add_drive (ValiseBlueprint *self, ValiseBlueprintDevice device);
ValiseBlueprintNic *valise_blueprint_add_nic (ValiseBlueprint *self);

/* What the last of the asks is about, beside what it is about already; wrong numbers are none. A path that is not
 * absolute, or that would be shown other than it is, has to be chosen: nobody could know what he grants. */
void valise_blueprint_wish_folder (ValiseBlueprint *self, const char *path, const char *tag, gboolean read_only);
void valise_blueprint_wish_port (ValiseBlueprint *self, gboolean udp, guint64 port, guint64 to);
void valise_blueprint_wish_usb (ValiseBlueprint *self, guint64 vendor, guint64 product);
/* @address: "0000:02:00.0", "02:00.0", or as VMware writes it, the bus decimal: "00000:002:00.0" */
void valise_blueprint_wish_card (ValiseBlueprint *self, const char *address);
void valise_blueprint_wish_card_at (ValiseBlueprint *self, guint64 bus, guint64 slot, guint64 function);
/* What a port ends in. @number: of the serial port, from 0; -1: a printer port; @type: "file", "unix" or "dev"; @binds:
 * it makes the socket instead of finding one */
void
valise_blueprint_wish_port_end (ValiseBlueprint *self, int number, const char *type, const char *path, gboolean binds);
/* The same over TCP. @host: (nullable): an address or name; a port that listens does so on this computer only */
void valise_blueprint_wish_port_socket (ValiseBlueprint *self,
                                        int number,
                                        const char *host,
                                        guint64 port,
                                        gboolean binds,
                                        gboolean telnet);
/* @words: (array zero-terminated=1): of QEMU's command line, as the ask shows them */
void valise_blueprint_wish_arguments (ValiseBlueprint *self, const char *const *words);
/* The same as they were written, in a shell's quotes. */
void valise_blueprint_wish_command_line (ValiseBlueprint *self, const char *written);
/* @kind: a serial port (the last so far), a device or a setting; @xml: libvirt's element; @shown: all that it says */
void valise_blueprint_wish_element (ValiseBlueprint *self, ValiseWishKind kind, const char *xml, const char *shown);
void valise_blueprint_wish_network (ValiseBlueprint *self);

/* A number from 1 to @most, written at @key. %FALSE: it is none, and @wrong says so. @wrong: (out) (transfer full) */
gboolean
valise_blueprint_read_number (const char *key, const char *written, guint64 most, guint64 *number, char **wrong);

/* Adds a finding. @place: where in the source (nullable); @text and @remedy: translated, @remedy is nullable */
void valise_blueprint_tell (ValiseBlueprint *self,
                            ValiseSeverity severity,
                            const char *code,
                            const char *place,
                            const char *text,
                            const char *remedy);
/* The same as an error, and the machine cannot be brought in. */
void valise_blueprint_refuse (ValiseBlueprint *self,
                              const char *code,
                              const char *place,
                              const char *text,
                              const char *remedy);

/* What can be done with it, from its findings. */
ValiseBlueprintOutcome valise_blueprint_get_outcome (const ValiseBlueprint *self);
/* "import", "decide" or "refused". */
const char *valise_blueprint_outcome_word (ValiseBlueprintOutcome outcome);

G_END_DECLS
