/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-schedule.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "bundle/valise-bundle-private.h"

#define SCHEDULE_KNOB "metadata/valise:machine/valise:schedule"
#define EVERY_KNOB SCHEDULE_KNOB "/@every"
#define KEEP_KNOB SCHEDULE_KNOB "/@keep"
#define PRECAUTIONS_KNOB "metadata/valise:machine/@precautions"
#define UNWANTED "no"

static const struct
{
  const char *word;
  const char *label;
  gint64 hours;
} spans[] = {
  [VALISE_EVERY_OFF] = { "off", N_ ("Never"), 0 },
  [VALISE_EVERY_HOUR] = { "hour", N_ ("Every hour"), 1 },
  [VALISE_EVERY_DAY] = { "day", N_ ("Every day"), 24 },
  [VALISE_EVERY_WEEK] = { "week", N_ ("Every week"), 7 * 24 },
};

const char *
valise_every_to_word (ValiseEvery every)
{
  g_return_val_if_fail (every < G_N_ELEMENTS (spans), NULL);
  return spans[every].word;
}

gboolean
valise_every_from_word (const char *word, ValiseEvery *every)
{
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    if (g_strcmp0 (spans[i].word, word) == 0)
      {
        *every = i;
        return TRUE;
      }
  return FALSE;
}

const char *
valise_every_to_label (ValiseEvery every)
{
  g_return_val_if_fail (every < G_N_ELEMENTS (spans), NULL);
  return _ (spans[every].label);
}

gint64
valise_every_to_span (ValiseEvery every)
{
  g_return_val_if_fail (every < G_N_ELEMENTS (spans), 0);
  return spans[every].hours * G_TIME_SPAN_HOUR;
}

ValiseSchedule
valise_schedule_read (ValiseDocument *document)
{
  ValiseSchedule schedule = { VALISE_EVERY_OFF, VALISE_SCHEDULE_KEEP };
  g_autofree char *every = NULL;
  g_autofree char *keep = NULL;
  guint64 number;

  g_return_val_if_fail (document != NULL, schedule);

  every = valise_document_get (document, EVERY_KNOB);
  keep = valise_document_get (document, KEEP_KNOB);
  (void) valise_every_from_word (every, &schedule.every);
  if (keep != NULL && g_ascii_string_to_unsigned (keep, 10, 1, VALISE_SCHEDULE_KEEP_MOST, &number, NULL))
    schedule.keep = (guint) number;
  return schedule;
}

gboolean
valise_schedule_write (ValiseDocument *document, const ValiseSchedule *schedule, GError **error)
{
  g_autofree char *keep = NULL;

  g_return_val_if_fail (document != NULL && schedule != NULL, FALSE);

  if (schedule->every == VALISE_EVERY_OFF)
    return !valise_document_has (document, SCHEDULE_KNOB) || valise_document_unset (document, SCHEDULE_KNOB, error);
  keep = g_strdup_printf ("%u", schedule->keep);
  return valise_document_set (document, EVERY_KNOB, valise_every_to_word (schedule->every), error)
         && valise_document_set (document, KEEP_KNOB, keep, error);
}

gboolean
valise_precautions_read (ValiseDocument *document)
{
  g_autofree char *said = NULL;

  g_return_val_if_fail (document != NULL, TRUE);

  said = valise_document_get (document, PRECAUTIONS_KNOB);
  return g_strcmp0 (said, UNWANTED) != 0;
}

gboolean
valise_precautions_write (ValiseDocument *document, gboolean wanted, GError **error)
{
  g_return_val_if_fail (document != NULL, FALSE);

  if (wanted == valise_precautions_read (document))
    return TRUE;
  return wanted ? valise_document_unset (document, PRECAUTIONS_KNOB, error)
                : valise_document_set (document, PRECAUTIONS_KNOB, UNWANTED, error);
}

gboolean
valise_schedule_copy (ValiseDocument *from, ValiseDocument *to, GError **error)
{
  ValiseSchedule schedule = valise_schedule_read (from);

  return valise_schedule_write (to, &schedule, error)
         && valise_precautions_write (to, valise_precautions_read (from), error);
}

gint64
valise_schedule_get_due (const ValiseSchedule *schedule, GPtrArray *snapshots, gint64 now)
{
  gint64 span, last = 0;

  g_return_val_if_fail (schedule != NULL && snapshots != NULL, G_MAXINT64);

  span = valise_every_to_span (schedule->every);
  if (span == 0)
    return G_MAXINT64;
  for (guint i = 0; i < snapshots->len; i++)
    {
      const ValiseSnapshot *snapshot = snapshots->pdata[i];

      /* One of the future was taken before the clock was set back. */
      if (snapshot->scheduled && snapshot->time <= now)
        last = MAX (last, snapshot->time);
    }
  return last > 0 ? last + span : now;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const ValiseSnapshot *first = *(ValiseSnapshot *const *) a, *second = *(ValiseSnapshot *const *) b;

  return first->time < second->time ? -1 : first->time > second->time;
}

GPtrArray *
valise_schedule_list_surplus (const ValiseSchedule *schedule, GPtrArray *snapshots)
{
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < snapshots->len; i++)
    if (((ValiseSnapshot *) snapshots->pdata[i])->scheduled)
      g_ptr_array_add (own, snapshots->pdata[i]);
  g_ptr_array_sort (own, compare_times);
  for (guint i = 0; i + schedule->keep < own->len; i++)
    g_ptr_array_add (ids, g_strdup (((ValiseSnapshot *) own->pdata[i])->id));
  return ids;
}

/* Most machines have none, which is seen without parsing. */
static gboolean
may_have_one (const char *bundle_path)
{
  g_autofree char *config = g_build_filename (bundle_path, VALISE_BUNDLE_CONFIG, NULL);
  g_autofree char *text = NULL;
  struct stat status;

  return lstat (config, &status) == 0 && S_ISREG (status.st_mode) && status.st_size <= VALISE_BUNDLE_CONFIG_MOST
         && g_file_get_contents (config, &text, NULL, NULL) && strstr (text, "schedule") != NULL;
}

gint64
valise_schedule_look (const char *bundle_path, gint64 now)
{
  g_autoptr (ValiseBundle) bundle = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  ValiseSchedule schedule;

  g_return_val_if_fail (bundle_path != NULL, G_MAXINT64);

  bundle = may_have_one (bundle_path) ? valise_bundle_open (bundle_path, NULL) : NULL;
  snapshots = bundle != NULL ? valise_snapshots_list (bundle, NULL) : NULL;
  if (snapshots == NULL)
    return G_MAXINT64;
  schedule = valise_schedule_read (valise_bundle_get_document (bundle));
  return valise_schedule_get_due (&schedule, snapshots, now);
}
