/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-bundle.h"

G_BEGIN_DECLS

/* Two files of one disk, of which one is too many. What is to become of them is written down before there are two, so
 * that a program that was killed half way does not leave a machine that takes twice its space. */

/* Gives @partial the name @made (plain paths relative to the bundle in @path, the first with a dot before its name and
 * .partial after it) and writes down before that it is one disk with @old. A #GIOErrorEnum or #GFileError; @partial may
 * then have either name, and _valise_conversion_settle removes it. */
gboolean
_valise_conversion_begin (const char *path, const char *old, const char *partial, const char *made, GError **error);
/* Removes that one of the two which the settings as they are on the disk do not name, and everything half written beside
 * the disks. Files other than those that were written down here, on this computer, stay. The caller holds the lock of
 * the bundle in @path. */
void _valise_conversion_settle (const char *path);

G_END_DECLS
