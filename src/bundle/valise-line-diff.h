/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_LINE_SAME,
  VALISE_LINE_REMOVED,
  VALISE_LINE_ADDED,
  VALISE_LINE_SKIPPED, /* stands for lines that are the same and far from any that is not */
} ValiseLineKind;

/**
 * ValiseDiffLine:
 * @before: its number in the older text, from 1; 0 when it is not in it
 * @after: its number in the newer text
 * @text: without its end; "" of VALISE_LINE_SKIPPED
 * @count: lines that it stands for: 1, or more of VALISE_LINE_SKIPPED
 */
typedef struct
{
  ValiseLineKind kind;
  guint before, after;
  char *text;
  guint count;
} ValiseDiffLine;

/**
 * valise_line_diff:
 * @context: lines that are kept before and behind one that differs
 *
 * The newer text with what the older one had instead, line by line; removed lines come before those added in their
 * place. The shortest such list, except of texts that differ in more than a thousand lines: those may be longer.
 *
 * Returns: (element-type ValiseDiffLine) (transfer full): empty when there is no difference
 */
GPtrArray *valise_line_diff (const char *before, const char *after, guint context);

G_END_DECLS
