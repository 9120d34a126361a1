/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "base/valise-late.h"

G_BEGIN_DECLS

/* libarchive, which brings libxml2 with it on Debian, is loaded by the first archive. Whoever needs one more of its
 * functions names it here, or the program does not link. valise_late_load() comes first wherever work begins that cannot
 * do without. */
extern ValiseLate valise_libarchive;

#define archive_entry_filetype VALISE_LATE (valise_libarchive, archive_entry_filetype)
#define archive_entry_free VALISE_LATE (valise_libarchive, archive_entry_free)
#define archive_entry_hardlink VALISE_LATE (valise_libarchive, archive_entry_hardlink)
#define archive_entry_new VALISE_LATE (valise_libarchive, archive_entry_new)
#define archive_entry_new2 VALISE_LATE (valise_libarchive, archive_entry_new2)
#define archive_entry_pathname VALISE_LATE (valise_libarchive, archive_entry_pathname)
#define archive_entry_set_filetype VALISE_LATE (valise_libarchive, archive_entry_set_filetype)
#define archive_entry_set_hardlink VALISE_LATE (valise_libarchive, archive_entry_set_hardlink)
#define archive_entry_set_mtime VALISE_LATE (valise_libarchive, archive_entry_set_mtime)
#define archive_entry_set_pathname VALISE_LATE (valise_libarchive, archive_entry_set_pathname)
#define archive_entry_set_perm VALISE_LATE (valise_libarchive, archive_entry_set_perm)
#define archive_entry_set_size VALISE_LATE (valise_libarchive, archive_entry_set_size)
#define archive_entry_set_symlink VALISE_LATE (valise_libarchive, archive_entry_set_symlink)
#define archive_entry_size VALISE_LATE (valise_libarchive, archive_entry_size)
#define archive_entry_sparse_add_entry VALISE_LATE (valise_libarchive, archive_entry_sparse_add_entry)
#define archive_entry_sparse_count VALISE_LATE (valise_libarchive, archive_entry_sparse_count)
#define archive_entry_symlink VALISE_LATE (valise_libarchive, archive_entry_symlink)
#define archive_errno VALISE_LATE (valise_libarchive, archive_errno)
#define archive_error_string VALISE_LATE (valise_libarchive, archive_error_string)
#define archive_filter_bytes VALISE_LATE (valise_libarchive, archive_filter_bytes)
#define archive_filter_count VALISE_LATE (valise_libarchive, archive_filter_count)
#define archive_read_data VALISE_LATE (valise_libarchive, archive_read_data)
#define archive_read_data_block VALISE_LATE (valise_libarchive, archive_read_data_block)
#define archive_read_free VALISE_LATE (valise_libarchive, archive_read_free)
#define archive_read_new VALISE_LATE (valise_libarchive, archive_read_new)
#define archive_read_next_header VALISE_LATE (valise_libarchive, archive_read_next_header)
#define archive_read_open VALISE_LATE (valise_libarchive, archive_read_open)
#define archive_read_open_fd VALISE_LATE (valise_libarchive, archive_read_open_fd)
#define archive_read_support_filter_by_code VALISE_LATE (valise_libarchive, archive_read_support_filter_by_code)
#define archive_read_support_filter_bzip2 VALISE_LATE (valise_libarchive, archive_read_support_filter_bzip2)
#define archive_read_support_filter_xz VALISE_LATE (valise_libarchive, archive_read_support_filter_xz)
#define archive_read_support_filter_zstd VALISE_LATE (valise_libarchive, archive_read_support_filter_zstd)
#define archive_read_support_format_raw VALISE_LATE (valise_libarchive, archive_read_support_format_raw)
#define archive_read_support_format_tar VALISE_LATE (valise_libarchive, archive_read_support_format_tar)
#define archive_set_error VALISE_LATE (valise_libarchive, archive_set_error)
#define archive_write_add_filter_zstd VALISE_LATE (valise_libarchive, archive_write_add_filter_zstd)
#define archive_write_close VALISE_LATE (valise_libarchive, archive_write_close)
#define archive_write_data VALISE_LATE (valise_libarchive, archive_write_data)
#define archive_write_free VALISE_LATE (valise_libarchive, archive_write_free)
#define archive_write_header VALISE_LATE (valise_libarchive, archive_write_header)
#define archive_write_new VALISE_LATE (valise_libarchive, archive_write_new)
#define archive_write_open VALISE_LATE (valise_libarchive, archive_write_open)
#define archive_write_open_filename VALISE_LATE (valise_libarchive, archive_write_open_filename)
#define archive_write_set_bytes_per_block VALISE_LATE (valise_libarchive, archive_write_set_bytes_per_block)
#define archive_write_set_format_pax_restricted VALISE_LATE (valise_libarchive, archive_write_set_format_pax_restricted)

G_END_DECLS
