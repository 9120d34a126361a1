/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-host.h"
#include "engine/valise-libvirt-private.h"

G_BEGIN_DECLS

/* A new reference to the connection, or %NULL with the reason why there is none. virConnectClose when done. */
virConnectPtr _valise_host_dup_connect (ValiseHost *self, GError **error);

/* Nobody knows yet: there is neither a connection nor a reason why not. */
gboolean _valise_host_is_unanswered (ValiseHost *self);

/* Then the attempt that is under way is waited for, or made, so that what somebody asks for before libvirt has answered
 * is done and not refused: up to a minute. A connection that is lost, or could not be made, is not waited for, and
 * _valise_host_dup_connect() says why. %FALSE when it could not be made now. In a thread. */
gboolean _valise_host_await (ValiseHost *self, GCancellable *cancellable, GError **error);

/* Ends an event of a domain, by the connection, which knows it longer than the domain is there. */
void _valise_host_unlisten (ValiseHost *self, int event);

/* See ValiseHostChoice. */
gboolean _valise_host_has_quick_questions (ValiseHost *self);

/* What libvirt last said about one of our domains (vm-UUID). */
typedef struct
{
  gboolean live;
  int state;             /* virDomainState */
  int reason;            /* of that state */
  gboolean out_of_space; /* paused because this computer's disk is full */
} ValiseLife;

/* @path: the bundle's, absolute; @uuid: (nullable): not read yet. */
ValiseLife _valise_host_look (ValiseHost *self, const char *uuid, const char *path);
/* The bundle that was started is no longer where it was, and is found to lie at @path. Nobody is told. */
void _valise_host_move (ValiseHost *self, const char *uuid, const char *path);
/* Of the one that lives and was started from @path. (transfer full) (nullable) */
char *_valise_host_dup_live_uuid (ValiseHost *self, const char *path);
/* The bundles that are live. (element-type filename) (transfer full) */
GPtrArray *_valise_host_list_live_paths (ValiseHost *self);
/* Asks libvirt about the domain, now and in this thread; who watches it is told. */
void _valise_host_refresh (ValiseHost *self, virDomainPtr domain);
/* A domain found when connecting may still be on its way back to the driver; waits until it is there. Once per
 * domain. */
void _valise_host_settle (ValiseHost *self, virDomainPtr domain);

/* @func (object) is called, in any thread, when something about the domain of @key (a uuid, a bundle's path, or any at
 * all) has changed. The watch ends with the object. */
#define VALISE_LIFE_ANY "*"
typedef void (*ValiseLifeFunc) (gpointer object);
void _valise_host_watch (ValiseHost *self, const char *key, gpointer object, ValiseLifeFunc func);

/* Drops the watches of @key whose objects are gone; from their finalize. */
void _valise_host_unwatch (ValiseHost *self, const char *key);

/* Waits until @func (data) is true. %FALSE when @timeout_ms are over or @cancellable is cancelled. Not in the main
 * loop's thread while it runs. */
typedef gboolean (*ValiseConditionFunc) (gpointer data);
gboolean _valise_host_wait (ValiseHost *self,
                            ValiseConditionFunc func,
                            gpointer data,
                            guint timeout_ms,
                            GCancellable *cancellable);
/* Wakes those who wait, because something that their conditions look at has changed. */
void _valise_host_wake (ValiseHost *self);

/* Calls @func in the host's main context when that next runs; never from within, so that locks may be held here. */
void _valise_host_invoke (ValiseHost *self, GSourceFunc func, gpointer data, GDestroyNotify destroy);

G_END_DECLS
