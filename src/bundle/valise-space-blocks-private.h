/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* Blocks of a medium, each counted once. */
typedef struct _ValiseSpaceBlocks ValiseSpaceBlocks;

ValiseSpaceBlocks *_valise_space_blocks_new (void);
void _valise_space_blocks_free (ValiseSpaceBlocks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSpaceBlocks, _valise_space_blocks_free)
/* Bytes that the file takes and nothing did that was asked about before. @status: of it. A file that cannot be opened
 * counts with all of its blocks. */
guint64 _valise_space_blocks_take (ValiseSpaceBlocks *self, int folder, const char *name, const struct stat *status);
/* The same of blocks from @start to @end of the medium @device that others may share. */
guint64 _valise_space_blocks_take_range (ValiseSpaceBlocks *self, guint64 device, guint64 start, guint64 end);

G_END_DECLS
