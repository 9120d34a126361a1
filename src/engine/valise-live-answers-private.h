/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseLiveAnswers:
 *
 * What a running guest has been asked for and answers in its own time: to let a device go, to use more or less memory.
 * Made before the guest is asked, so that no answer is missed. To be used and freed from any thread, one at a time;
 * libvirt's event loop fills it.
 */
typedef struct _ValiseLiveAnswers ValiseLiveAnswers;

ValiseLiveAnswers *_valise_live_answers_new (virDomainPtr domain);
void _valise_live_answers_free (ValiseLiveAnswers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLiveAnswers, _valise_live_answers_free)

/* The device with libvirt's @alias was told to go; people know it as @label. */
void _valise_live_answers_expect_removal (ValiseLiveAnswers *self, const char *alias, const char *label);
/* The balloon was told to leave the guest @kib. */
void _valise_live_answers_expect_memory (ValiseLiveAnswers *self, guint64 kib);

/* Waits until all is answered, the machine is off, @seconds have gone by or @cancellable is cancelled, and adds what
 * the guest refused
 * ("live-refused") and what it has not answered yet ("live-waiting") to @findings (element-type ValiseFinding). */
void _valise_live_answers_wait (ValiseLiveAnswers *self, guint seconds, GCancellable *cancellable, GPtrArray *findings);

G_END_DECLS
