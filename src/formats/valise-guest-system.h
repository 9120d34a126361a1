/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What drivers a guest brings. */
typedef enum
{
  VALISE_GUEST_UNKNOWN,
  VALISE_GUEST_LINUX,
  VALISE_GUEST_WINDOWS,
  VALISE_GUEST_OLD_WINDOWS, /* of the age before SATA, up to XP and Server 2003 */
  VALISE_GUEST_BSD,
  VALISE_GUEST_OTHER, /* DOS, Solaris, OS/2... */
} ValiseGuestFamily;

/**
 * valise_guest_system_identify:
 * @stated: (nullable): the system as a source names it: VMware's words ("windows9_64Guest", "debian10-64"),
 *   VirtualBox's ("Windows10_64", "Ubuntu22_LTS_64"), RHV's ("rhel_8x64"), a number of CIM ("CIM 101"), libosinfo's own
 *   URI, or a word
 * @id: (out) (optional) (nullable) (transfer full): libosinfo's URI of the system, %NULL when the words name no release
 *
 * Returns: the family
 */
ValiseGuestFamily valise_guest_system_identify (const char *stated, char **id);

/* @stated for people to read: CIM's numbers by name, and nothing of those that name no system. (transfer full)
 * (nullable) */
char *valise_guest_system_describe (const char *stated);

G_END_DECLS
