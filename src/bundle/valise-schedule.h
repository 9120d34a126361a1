/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bundle/valise-snapshot.h"

G_BEGIN_DECLS

/* Snapshots that are taken by themselves, every so often or before something risky, as the machine's metadata have it. */

typedef enum
{
  VALISE_EVERY_OFF,
  VALISE_EVERY_HOUR,
  VALISE_EVERY_DAY,
  VALISE_EVERY_WEEK,
} ValiseEvery;

#define VALISE_SCHEDULE_KEEP 7
#define VALISE_SCHEDULE_KEEP_MOST 40

typedef struct
{
  ValiseEvery every;
  guint keep; /* how many of those it has taken, 1 to VALISE_SCHEDULE_KEEP_MOST */
} ValiseSchedule;

/* "off", "hour", "day", "week" */
const char *valise_every_to_word (ValiseEvery every);
gboolean valise_every_from_word (const char *word, ValiseEvery *every);
/* "Never", "Every hour", translated */
const char *valise_every_to_label (ValiseEvery every);
/* Microseconds; 0 for never. */
gint64 valise_every_to_span (ValiseEvery every);

/* What is not there or cannot be read counts as off. */
ValiseSchedule valise_schedule_read (ValiseDocument *document);
/* Errors as valise_document_set. */
gboolean valise_schedule_write (ValiseDocument *document, const ValiseSchedule *schedule, GError **error);
/* Whether one is taken before something risky: unless the settings say that none is wanted. */
gboolean valise_precautions_read (ValiseDocument *document);
/* Errors as valise_document_set. */
gboolean valise_precautions_write (ValiseDocument *document, gboolean wanted, GError **error);
/* Has @to keep to what @from keeps to, of both. Errors as valise_document_set. */
gboolean valise_schedule_copy (ValiseDocument *from, ValiseDocument *to, GError **error);
/* When the next one is to be taken, in microseconds of unix time: at once if it has taken none yet; G_MAXINT64 for never.
 * @snapshots: (element-type ValiseSnapshot) */
gint64 valise_schedule_get_due (const ValiseSchedule *schedule, GPtrArray *snapshots, gint64 now);
/* The same for the bundle at @bundle_path, G_MAXINT64 when it cannot be read. Quick for one without a schedule. */
gint64 valise_schedule_look (const char *bundle_path, gint64 now);
/* Those that are too many, the oldest first. (element-type utf8): their ids (transfer full) */
GPtrArray *valise_schedule_list_surplus (const ValiseSchedule *schedule, GPtrArray *snapshots);

G_END_DECLS
