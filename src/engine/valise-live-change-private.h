/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-live-private.h"

G_BEGIN_DECLS

/* One call of _valise_live_change, for the files that share its work. */
typedef struct
{
  virDomainPtr domain;
  ValiseDocument *before;
  ValiseDocument *after;
  ValiseDocument *effective;
  ValiseDocument *live; /* what libvirt runs */
  ValiseLiveAnswers *answers;
  GPtrArray *findings;
} ValiseLiveChange;

/* @knob: (nullable): where it is in what is stored. */
void _valise_live_refuse (ValiseLiveChange *self, const char *knob, const char *text);
/* Tells of libvirt's last error when @result says that there is one. @what: what could not be done. */
void _valise_live_check (ValiseLiveChange *self, int result, const char *what, const char *knob);

/* The same of several that change at once: each of them says so. @knobs: (element-type utf8) */
void _valise_live_check_all (ValiseLiveChange *self, int result, const char *what, GPtrArray *knobs);

/* Devices that come and go. */
void _valise_live_change_devices (ValiseLiveChange *self);

/* What changes of a device that stays. @number, @before, @effective and @live are its numbers in what is stored, was
 * stored (0: not there), would be given to libvirt and runs. */
void _valise_live_change_disk (ValiseLiveChange *self, guint number, guint effective, guint live);
void _valise_live_change_card (ValiseLiveChange *self, guint number, guint before, guint effective, guint live);

/* Of devices/@element[@number]/@rest; @rest: (nullable). (transfer full) */
char *_valise_live_knob (const char *element, guint number, const char *rest);

G_END_DECLS
