/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "base/valise-libxml2.h"

G_BEGIN_DECLS

#define VALISE_DOCUMENT_ERROR (valise_document_error_quark ())
GQuark valise_document_error_quark (void);
typedef enum
{
  VALISE_DOCUMENT_ERROR_NOT_A_DOMAIN, /* the root element is not <domain> */
  VALISE_DOCUMENT_ERROR_PATH,         /* the knob path is not one */
  VALISE_DOCUMENT_ERROR_MISSING,      /* names the third disk where there are two */
  VALISE_DOCUMENT_ERROR_VALUE,        /* a value that XML cannot hold */
} ValiseDocumentError;

/**
 * ValiseDocument:
 *
 * A libvirt domain XML that loses nothing: the text is the truth, the tree is read from it, and an edit replaces
 * exactly the bytes of what it changes. Comments, foreign namespaces, attribute order, quotes and white space survive.
 *
 * Knob paths are written below <domain>: "vcpu", "@type", "memory/@unit", "devices/disk[2]/driver/@cache" (1-based; no
 * index means the first), "cpu/feature[@name='vmx']/@policy", "metadata/valise:machine/@accel". An element's path
 * stands for its text. The prefix valise: (https://valise.page/bundle/1) and those of
 * libvirt's hypervisors (qemu:, lxc:, bhyve:, xen:, vmware: for http://libvirt.org/schemas/domain/qemu/1.0 and so on)
 * are known.
 */
typedef struct _ValiseDocument ValiseDocument;

#define VALISE_TYPE_DOCUMENT (valise_document_get_type ())
GType valise_document_get_type (void);

#define VALISE_METADATA_NAMESPACE "https://valise.page/bundle/1"

/**
 * valise_document_new:
 * @text: the bytes; need not end with a NUL
 * @length: their number, or -1 if NUL-terminated
 * @name: what errors call it
 *
 * Not thread-safe: another thread takes a copy.
 *
 * Returns: (transfer full): the document, or %NULL with #ValiseXmlError (%VALISE_XML_ERROR_LIMIT also beyond 10,000
 * elements) or %VALISE_DOCUMENT_ERROR_NOT_A_DOMAIN
 */
ValiseDocument *valise_document_new (const char *text, gssize length, const char *name, GError **error);
/* (transfer full) */
ValiseDocument *valise_document_copy (ValiseDocument *self);
ValiseDocument *valise_document_ref (ValiseDocument *self);
void valise_document_unref (ValiseDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDocument, valise_document_unref)

/* The document's bytes as they are to be written; valid until the next edit. */
const char *valise_document_get_text (ValiseDocument *self);
gsize valise_document_get_length (ValiseDocument *self);
/* For reading only, and only until the next edit. (transfer none) */
xmlDoc *valise_document_get_tree (ValiseDocument *self);
/* All of it at once (the XML page, undo). Errors as valise_document_new; then nothing changes. */
gboolean valise_document_set_text (ValiseDocument *self, const char *text, gssize length, GError **error);

/* %NULL when it is not set, or @path is none; "" when the element is there and empty. (transfer full) (nullable) */
char *valise_document_get (ValiseDocument *self, const char *path);
/* The same of devices/@device[@number]/@rest: ("disk", 2, "target/@dev"). (transfer full) (nullable) */
char *valise_document_get_device (ValiseDocument *self, const char *device, guint number, const char *rest);
gboolean valise_document_has (ValiseDocument *self, const char *path);
/* How many elements there are, e.g. of "devices/disk". */
guint valise_document_count (ValiseDocument *self, const char *path);
/* Makes the elements on the way that are missing (an index may name the next one, not a later one).
 * %VALISE_DOCUMENT_ERROR_PATH, _MISSING, _VALUE, or %VALISE_XML_ERROR_LIMIT when it would be too long, deep or many;
 * then nothing has changed. */
gboolean valise_document_set (ValiseDocument *self, const char *path, const char *value, GError **error);
/* Removes an attribute, or an element with all below it and the line it stood on. Missing is success.
 * %VALISE_DOCUMENT_ERROR_PATH when @path is none or the whole; then nothing has changed. */
gboolean valise_document_unset (ValiseDocument *self, const char *path, GError **error);
/* The source of an element, e.g. of "devices/disk[2]"; %NULL when it is not there or an attribute. (transfer full)
 * (nullable) */
char *valise_document_get_fragment (ValiseDocument *self, const char *path);
/**
 * valise_document_add_fragment:
 * @parent: path of an element, made if missing; "" is <domain>
 * @xml: one element; the prefixes known to knob paths are declared where needed, others must be
 * @error: return location for #ValiseXmlError (@xml is not well-formed, or the whole too large) or #ValiseDocumentError
 * (@parent is no path)
 *
 * Puts it in after the last child of the same name, else as the last child, indented to fit.
 *
 * Returns: %TRUE if it is there; otherwise nothing has changed
 */
gboolean valise_document_add_fragment (ValiseDocument *self, const char *parent, const char *xml, GError **error);
/* Path of an element node of this document's tree, with indices only where there are several of the name.
 * (transfer full) */
char *valise_document_path_of (ValiseDocument *self, xmlNode *node);
/* Line (from 1) of an element or attribute in the text; 0 when it is not set. */
guint valise_document_line_of (ValiseDocument *self, const char *path);

/**
 * ValiseDocumentChange:
 * @path: knob path in the newer document (in the older one when it was removed)
 * @before: (nullable): old value
 * @after: (nullable): new value
 */
typedef struct
{
  char *path;
  char *before;
  char *after;
} ValiseDocumentChange;

/* Which leaves differ, in document order. Devices are matched by what identifies them (disk: target, interface: MAC,
 * controller: type and index, other: place), so that removing the first disk is one removal and not a change of every
 * later one. (element-type ValiseDocumentChange) (transfer full) */
GPtrArray *valise_document_diff (ValiseDocument *before, ValiseDocument *after);

G_END_DECLS
