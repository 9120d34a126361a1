/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/valise-command.h"

G_BEGIN_DECLS

/**
 * _valise_turn_take:
 * @call: whose library's host is to be connected
 * @arguments: verb and what follows, for whoever carries it out instead
 * @seconds: how long to wait for a program that holds the embedded driver and has no door
 * @code: (out): the verb's exit code, when another process has carried it out
 *
 * %TRUE once the host is connected. %FALSE without @error when another process has done it: who holds the embedded driver,
 * or an application that uses the same daemon. Until either is possible, sleeps until the driver is free or its holder
 * opens a door. What somebody has begun is never done a second time: when they end before it is done, that is told, and
 * @code is set. Errors are those of valise_host_connect_sync.
 */
gboolean _valise_turn_take (ValiseCall *call, char **arguments, guint seconds, int *code, GError **error);

G_END_DECLS
