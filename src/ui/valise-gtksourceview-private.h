/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtksourceview/gtksource.h>

#include "base/valise-late.h"

/* GtkSourceView is loaded by the first page that shows XML. Private to this room; whoever needs one more of its
 * functions names it here, or the program does not link. */
extern ValiseLate _valise_gtksourceview;

#define gtk_source_buffer_create_source_mark VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_create_source_mark)
#define gtk_source_buffer_get_source_marks_at_line                                                                     \
  VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_get_source_marks_at_line)
#define gtk_source_buffer_get_type VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_get_type)
#define gtk_source_buffer_new_with_language VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_new_with_language)
#define gtk_source_buffer_remove_source_marks VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_remove_source_marks)
#define gtk_source_buffer_set_max_undo_levels VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_set_max_undo_levels)
#define gtk_source_buffer_set_style_scheme VALISE_LATE (_valise_gtksourceview, gtk_source_buffer_set_style_scheme)
#define gtk_source_completion_add_provider VALISE_LATE (_valise_gtksourceview, gtk_source_completion_add_provider)
#define gtk_source_completion_context_add_proposals                                                                    \
  VALISE_LATE (_valise_gtksourceview, gtk_source_completion_context_add_proposals)
#define gtk_source_completion_context_get_activation                                                                   \
  VALISE_LATE (_valise_gtksourceview, gtk_source_completion_context_get_activation)
#define gtk_source_completion_context_get_iter                                                                         \
  VALISE_LATE (_valise_gtksourceview, gtk_source_completion_context_get_iter)
#define gtk_source_completion_item_new VALISE_LATE (_valise_gtksourceview, gtk_source_completion_item_new)
#define gtk_source_completion_proposal_get_text                                                                        \
  VALISE_LATE (_valise_gtksourceview, gtk_source_completion_proposal_get_text)
#define gtk_source_completion_provider_get_type                                                                        \
  VALISE_LATE (_valise_gtksourceview, gtk_source_completion_provider_get_type)
#define gtk_source_language_manager_get_default                                                                        \
  VALISE_LATE (_valise_gtksourceview, gtk_source_language_manager_get_default)
#define gtk_source_language_manager_get_language                                                                       \
  VALISE_LATE (_valise_gtksourceview, gtk_source_language_manager_get_language)
#define gtk_source_mark_attributes_new VALISE_LATE (_valise_gtksourceview, gtk_source_mark_attributes_new)
#define gtk_source_mark_attributes_set_icon_name                                                                       \
  VALISE_LATE (_valise_gtksourceview, gtk_source_mark_attributes_set_icon_name)
#define gtk_source_style_scheme_manager_get_default                                                                    \
  VALISE_LATE (_valise_gtksourceview, gtk_source_style_scheme_manager_get_default)
#define gtk_source_style_scheme_manager_get_scheme                                                                     \
  VALISE_LATE (_valise_gtksourceview, gtk_source_style_scheme_manager_get_scheme)
#define gtk_source_view_get_completion VALISE_LATE (_valise_gtksourceview, gtk_source_view_get_completion)
#define gtk_source_view_get_type VALISE_LATE (_valise_gtksourceview, gtk_source_view_get_type)
#define gtk_source_view_new_with_buffer VALISE_LATE (_valise_gtksourceview, gtk_source_view_new_with_buffer)
#define gtk_source_view_set_auto_indent VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_auto_indent)
#define gtk_source_view_set_indent_width VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_indent_width)
#define gtk_source_view_set_insert_spaces_instead_of_tabs                                                              \
  VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_insert_spaces_instead_of_tabs)
#define gtk_source_view_set_mark_attributes VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_mark_attributes)
#define gtk_source_view_set_show_line_marks VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_show_line_marks)
#define gtk_source_view_set_show_line_numbers VALISE_LATE (_valise_gtksourceview, gtk_source_view_set_show_line_numbers)
