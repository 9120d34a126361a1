/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host-private.h"

G_BEGIN_DECLS

/**
 * ValiseLives:
 *
 * What is known of the domains that are ours, by uuid, and who wants to hear of them. Thread-safe. libvirt's events are
 * taken as hints to ask again, so that a late event never undoes what a call has told in the meantime.
 */
typedef struct _ValiseLives ValiseLives;

ValiseLives *_valise_lives_new (void);
void _valise_lives_free (ValiseLives *self);

/* Whether the domain is one of ours (its name is vm-UUID). */
gboolean _valise_lives_is_ours (virDomainPtr domain);
/* Asks libvirt now. */
void _valise_lives_refresh (ValiseLives *self, virDomainPtr domain);
/* Asks soon, in a thread; several hints about one domain become one question. */
void _valise_lives_hint (ValiseLives *self, virDomainPtr domain);
/* After connecting: @domains (element-type virDomainPtr) are all there are. */
void _valise_lives_replace (ValiseLives *self, GPtrArray *domains);
void _valise_lives_settle (ValiseLives *self, virDomainPtr domain);

ValiseLife _valise_lives_look (ValiseLives *self, const char *uuid, const char *path);
/* The bundle that was started is no longer where it was, and is found to lie at @path. Nobody is told. */
void _valise_lives_move (ValiseLives *self, const char *uuid, const char *path);
/* Of the one that lives and was started from @path. (transfer full) (nullable) */
char *_valise_lives_dup_uuid (ValiseLives *self, const char *path);
GPtrArray *_valise_lives_list_paths (ValiseLives *self);
void _valise_lives_watch (ValiseLives *self, const char *key, gpointer object, ValiseLifeFunc func);
/* Drops the watches of @key whose objects are gone; from their finalize. */
void _valise_lives_unwatch (ValiseLives *self, const char *key);
gboolean _valise_lives_wait (ValiseLives *self,
                             ValiseConditionFunc func,
                             gpointer data,
                             guint timeout_ms,
                             GCancellable *cancellable);
void _valise_lives_wake (ValiseLives *self);

G_END_DECLS
