/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * HostileRequest:
 * @name: of the test case
 * @knob: under which the ask must be listed
 * @marker: what must not occur in what libvirt gets without a grant; with it, it is there
 * @os: what stands in <os>; "MACHINE=" or "ARCH=" and a value stand for the type's attribute
 * @top: what stands below <domain>
 * @device: what stands below <devices>
 *
 * What a stranger's file may ask of this computer, and libvirt lets through as an ordinary user. CANARY stands for the
 * path of a file outside of the bundle.
 */
typedef struct
{
  const char *name;
  const char *knob;
  const char *marker;
  const char *os;
  const char *top;
  const char *device;
} HostileRequest;

/* Ends with a row without a name. */
extern const HostileRequest hostile_requests[];

G_END_DECLS
