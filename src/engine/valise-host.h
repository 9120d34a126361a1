/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "engine/valise-engine-error.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_ACCEL_NATIVE,     /* KVM runs guests at the computer's own speed (measured) */
  VALISE_ACCEL_UNUSABLE,   /* /dev/kvm is there and does not run them, or a hundred times too slowly */
  VALISE_ACCEL_PERMISSION, /* /dev/kvm is there and may not be opened: join group kvm */
  VALISE_ACCEL_ABSENT,
} ValiseAccel;

/**
 * ValiseHost:
 *
 * The connection to libvirt and what this computer can do. Opening happens in a thread; libvirt's events are delivered
 * as signals in the main context; a lost daemon is reconnected to (properties "connected" and "error" say how it
 * stands).
 *
 * URI: given, else VALISE_CONNECT, else qemu:///session for a user and the embedded driver (under the state directory)
 * for root or where no session daemon can be had.
 *
 * Properties: uri, connected (boolean), error (boxed GError, the last one).
 */
#define VALISE_TYPE_HOST (valise_host_get_type ())
G_DECLARE_FINAL_TYPE (ValiseHost, valise_host, VALISE, HOST, GObject)

/* Does not connect yet. @uri: (nullable). (transfer full) */
ValiseHost *valise_host_new (const char *uri);
/* Connects in a thread, unless it is connected. After a failure that is no cancel, and after a loss, it is tried again
 * and again. */
void valise_host_connect_async (ValiseHost *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* %TRUE once connected; otherwise %VALISE_ENGINE_ERROR_NO_LIBVIRT, _BUSY (names the program that holds the embedded
 * driver), _PERMISSION, _TIMEOUT, _HYPERVISOR, or %G_IO_ERROR_CANCELLED. The property "error" says the same. */
gboolean valise_host_connect_finish (ValiseHost *self, GAsyncResult *result, GError **error);
/* The same in the calling thread, once, with the same errors. */
gboolean valise_host_connect_sync (ValiseHost *self, GCancellable *cancellable, GError **error);
/* The one that is connected to, or would be; interned. */
const char *valise_host_get_uri (ValiseHost *self);
gboolean valise_host_is_connected (ValiseHost *self);
/* Whether machines run under the embedded driver of this very process. */
gboolean valise_host_is_embedded (ValiseHost *self);

/* Directory of the embedded driver that is connected to or would be: this user's own unless the URI names another. It
 * need not exist, and is short enough for the sockets below it. (transfer full) */
char *valise_host_dup_embed_root (ValiseHost *self);
/* Makes it, for this user alone: sockets of ours lie there also where another driver is used. Fails with
 * %VALISE_ENGINE_ERROR_PERMISSION, and as valise_file_replace. */
gboolean valise_host_make_embed_root (ValiseHost *self, GError **error);
/* Whether it is there and nobody else can put anything into it; makes nothing. Fails with %VALISE_ENGINE_ERROR_PERMISSION. */
gboolean valise_host_check_embed_root (ValiseHost *self, GError **error);
/* After %VALISE_ENGINE_ERROR_BUSY: waits until no other program holds that driver, and keeps it from others until this
 * process has connected. Without an end of its own; @cancellable ends the wait with %G_IO_ERROR_CANCELLED. */
void valise_host_wait_for_embed_async (ValiseHost *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean valise_host_wait_for_embed_finish (ValiseHost *self, GAsyncResult *result, GError **error);

/* Blocking, cached: in a thread, or after connect. Never %NULL: without a connection it holds what the computer itself
 * says. Valid as long as the host. (transfer none) */
ValiseCapabilities *valise_host_get_capabilities (ValiseHost *self);

/* Runs the probe (at most 0.2 s, once per boot and kernel; see valise-accel-probe.c). @reason: (out) (optional)
 * (transfer full): a sentence for people. */
ValiseAccel valise_host_probe_accel (ValiseHost *self, char **reason);

G_END_DECLS
