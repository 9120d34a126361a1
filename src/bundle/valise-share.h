/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-document.h"

G_BEGIN_DECLS

/* What becomes of the addresses of a machine's network cards when it goes elsewhere. */
typedef enum
{
  VALISE_SHARE_MACS_KEEP,  /* its guest finds its cards again */
  VALISE_SHARE_MACS_NEW,   /* the original may go on in the same network */
  VALISE_SHARE_MACS_STRIP, /* whoever takes it in chooses */
} ValiseShareMacs;

/* Edits @document only. #ValiseDocumentError; @document may then be half changed. */
gboolean valise_share_set_macs (ValiseDocument *document, ValiseShareMacs macs, GError **error);

/**
 * valise_share_strip:
 * @document: in stored form
 *
 * Takes out what tells about its owner: uuid, serial numbers of the system and MAC addresses become others or go; notes
 * and the heading in the library go; and so does what names files and devices of this computer, with the device that
 * would be nothing without. What every computer has (/usr, /dev/urandom) stays.
 *
 * Fails with #ValiseDocumentError; @document is then half changed.
 */
gboolean valise_share_strip (ValiseDocument *document, GError **error);

G_END_DECLS
