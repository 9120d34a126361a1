/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-foreign-xml.h"
#include "formats/valise-reader.h"

G_BEGIN_DECLS

/**
 * ValiseOvf:
 * @descriptor: the member that is read
 * @folder: the descriptor's own, which references are relative to; "" for the source's
 * @dialect: how its namespace says that it is written; what stands in it is taken by local name all the same
 * @configuration: (nullable): the deployment option that counts
 * @digests: (element-type utf8 utf8): member name to "sha256:HEX", of the manifest
 *
 * A descriptor while it is read.
 */
typedef enum
{
  VALISE_OVF_STANDARD,
  VALISE_OVF_RHV,
  VALISE_OVF_UNKNOWN,
} ValiseOvfDialect;

typedef struct
{
  ValisePackage *package;
  const ValisePackageMember *descriptor;
  char *folder;
  xmlDoc *document;
  xmlNode *root;
  gboolean encoding_lied;
  ValiseOvfDialect dialect;
  char **configurations;
  char *configuration;
  GHashTable *digests;
  GHashTable *files;         /* id to File element */
  GHashTable *files_by_href; /* the same by name */
  GHashTable *disks;         /* diskId to Disk element */
  GHashTable *disks_by_file; /* the same by fileRef */
  GHashTable *properties;    /* key to array of Property elements */
} ValiseOvf;

/* What one Item of a machine's hardware says; all strings are nullable. */
typedef struct
{
  xmlNode *node;
  char *id;
  char *parent;
  int type;
  char *subtype;
  char *units;
  char *quantity;
  char *host_resource;
  gboolean labelled;           /* for some deployment options only */
  ValiseBlueprintDrive *drive; /* what became of it, when that is a drive */
  guint nic;                   /* or the network card of that number, from 1 */
} ValiseOvfItem;

void _valise_ovf_tell (ValiseOvf *self,
                       ValiseBlueprint *machine,
                       ValiseSeverity severity,
                       const char *code,
                       const xmlNode *node,
                       const char *text,
                       const char *remedy);

/* --- numbers --- */

/* A whole number that is not negative. */
gboolean _valise_ovf_parse_number (const char *text, guint64 *number);
/* A number of @units ("byte * 2^20", "MegaBytes"; none: of @missing bytes); %FALSE also when 63 bits do not hold it. */
gboolean _valise_ovf_parse_size (const char *text, const char *units, guint64 missing, guint64 *bytes);

/* --- sections --- */

gboolean _valise_ovf_is_section (const xmlNode *node, const char *kind);
/* The next section of a kind from @node on, in the old or new spelling ("VirtualHardwareSection"). */
xmlNode *_valise_ovf_next_section (xmlNode *node, const char *kind);
xmlNode *_valise_ovf_section (const xmlNode *parent, const char *kind);
/* Whether what is marked with deployment options counts. @labelled: (out) (optional): it is marked */
gboolean _valise_ovf_applies (ValiseOvf *self, const xmlNode *node, gboolean *labelled);

/* --- hardware --- */

/* The Items that count, each once. (element-type ValiseOvfItem) (transfer full) */
GPtrArray *_valise_ovf_read_items (ValiseOvf *self, xmlNode *hardware);
void _valise_ovf_read_hardware (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system);
/* Drives and the controllers they hang on. */
void _valise_ovf_read_drives (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system, GPtrArray *items);

/* Fills in what the Item's HostResource means: image, format, size. */
void _valise_ovf_read_image (ValiseOvf *self,
                             ValiseBlueprint *machine,
                             xmlNode *system,
                             const ValiseOvfItem *item,
                             ValiseBlueprintDrive *drive);

/* What the machine starts from, once its hardware is known: VMware's <BootOrderSection>s and settings, <BootOrder> in
 * Items, OVF 2's <BootDeviceSection>. */
void _valise_ovf_read_order (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system, GPtrArray *items);

/* --- what makers add --- */

void _valise_ovf_read_vmware (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *hardware);
void _valise_ovf_read_virtualbox (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system);
void _valise_ovf_read_rhv (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system);

/* What the package says to people, as findings: licences, and settings that it waits for. */
void _valise_ovf_tell_terms (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system);

/* --- signature --- */

typedef enum
{
  VALISE_OVF_SIGNATURE_VALID,     /* by somebody whom this computer trusts */
  VALISE_OVF_SIGNATURE_UNTRUSTED, /* by somebody else, or by a certificate that has expired */
  VALISE_OVF_SIGNATURE_BROKEN,
} ValiseOvfSignature;
/* Checks @certificate, the bytes of a ".cert", against @manifest. @authorities: (nullable): a file of the certificates
 * that are trusted instead of this computer's; @signer: (out) (transfer full): set unless nobody can be made out */
ValiseOvfSignature
_valise_ovf_check_signature (GBytes *manifest, GBytes *certificate, const char *authorities, char **signer);
/* A finding, when there is one beside the manifest. */
void _valise_ovf_tell_signature (ValiseOvf *self, ValiseBlueprint *machine);

/* --- manifest --- */

/* (nullable) */
const ValisePackageMember *_valise_ovf_find_manifest (ValisePackage *package, const ValisePackageMember *descriptor);

/* Empty without a manifest; %NULL for one that cannot be read. (transfer full) (element-type utf8 utf8) */
GHashTable *_valise_ovf_read_manifest (ValisePackage *package, const ValisePackageMember *descriptor, GError **error);
/* %FALSE with an error when the manifest has another digest for the descriptor. */
gboolean _valise_ovf_check_descriptor (ValiseOvf *self, GBytes *bytes, GError **error);
/* --- what is looked up --- */

void _valise_ovf_make_index (ValiseOvf *self);
/* By its id, or what it is when that is none: its name. (nullable) */
xmlNode *_valise_ovf_file (ValiseOvf *self, const char *id);
xmlNode *_valise_ovf_disk (ValiseOvf *self, const char *id);
/* The member that a reference means, below the descriptor's folder. (nullable) */
const ValisePackageMember *_valise_ovf_find (ValiseOvf *self, const char *href);
/* "${disksize}" is what the property of that name says, anything else is itself. (transfer full) (nullable) */
char *_valise_ovf_expand (ValiseOvf *self, xmlNode *system, const char *text);

G_END_DECLS
