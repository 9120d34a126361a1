/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots that are taken by themselves: when, of what, and which of them go again; also before something risky. */
#include <glib/gstdio.h>
#include <string.h>

#include "engine/valise-keeper.h"
#include "engine/valise-machine-schedule.h"
#include "engine/valise-machine-snapshots.h"
#include "engine/valise-shrink-job.h"
#include "place.h"

#define DAY G_TIME_SPAN_DAY
#define NOW (1000 * DAY)

static const char config[] =
    "<domain type='qemu'><name>box</name><uuid>5b6c7a31-6d6e-4d0c-9d0e-0d1f5a3c9b10</uuid><metadata>"
    "<valise:machine xmlns:valise='https://valise.page/bundle/1' version='1' name='Box'/></metadata>"
    "<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='disks/root.qcow2'/>"
    "<target dev='vda' bus='virtio'/></disk></devices></domain>";

/* --- when --- */

static const struct
{
  const char *name;
  ValiseEvery every;
  gint64 times[4]; /* of scheduled ones, those by hand below 0; 0 ends them */
  gint64 due;
} dues[] = {
  { "off", VALISE_EVERY_OFF, { NOW - 9 * DAY }, G_MAXINT64 },
  { "none-yet", VALISE_EVERY_DAY, { 0 }, NOW },
  { "only-by-hand", VALISE_EVERY_DAY, { -(NOW - DAY / 2) }, NOW },
  { "later-today", VALISE_EVERY_DAY, { NOW - 2 * DAY, NOW - DAY / 2 }, NOW + DAY / 2 },
  { "overdue", VALISE_EVERY_HOUR, { NOW - DAY }, NOW - DAY + G_TIME_SPAN_HOUR },
  { "week", VALISE_EVERY_WEEK, { NOW - DAY }, NOW + 6 * DAY },
  { "clock-set-back", VALISE_EVERY_DAY, { NOW - DAY / 4, NOW + 99 * DAY }, NOW + 3 * DAY / 4 },
  { "all-in-the-future", VALISE_EVERY_DAY, { NOW + 99 * DAY }, NOW },
};

static GPtrArray *
make_snapshots (const gint64 *times)
{
  GPtrArray *snapshots = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < 4 && times[i] != 0; i++)
    {
      ValiseSnapshot *snapshot = g_new0 (ValiseSnapshot, 1);

      snapshot->time = ABS (times[i]);
      snapshot->scheduled = times[i] > 0;
      g_ptr_array_add (snapshots, snapshot);
    }
  return snapshots;
}

static void
test_due (gconstpointer data)
{
  ValiseSchedule schedule = { dues[GPOINTER_TO_UINT (data)].every, 7 };
  g_autoptr (GPtrArray) snapshots = make_snapshots (dues[GPOINTER_TO_UINT (data)].times);

  g_assert_cmpint (valise_schedule_get_due (&schedule, snapshots, NOW), ==, dues[GPOINTER_TO_UINT (data)].due);
}

/* --- of what --- */

typedef struct
{
  Place place;
  char *library, *path;
  ValiseHost *host;
  ValiseMachine *machine;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autofree char *file = NULL;
  g_autofree char *state = NULL;
  g_autoptr (GError) error = NULL;

  place_begin (&self->place, "none");
  state = g_build_filename (self->place.directory, "s", NULL);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  self->library = g_build_filename (self->place.directory, "l", NULL);
  self->path = g_build_filename (self->library, "Box.vmbundle", NULL);
  file = g_build_filename (self->path, "config.xml", NULL);
  place_run (self->place.directory, "mkdir -p s l/Box.vmbundle/disks"
                                    " && qemu-img create -q -f qcow2 l/Box.vmbundle/disks/root.qcow2 1M");
  g_assert_true (g_file_set_contents (file, config, -1, NULL));
  self->host = valise_host_new ("test:///default");
  self->machine = valise_machine_new (self->host, self->path);
  valise_machine_load (self->machine, FALSE, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  g_clear_object (&self->machine);
  g_clear_object (&self->host);
  g_free (self->library);
  g_free (self->path);
  place_tear_down (&self->place, NULL);
}

static void
set_schedule (Fixture *self, ValiseEvery every, guint keep)
{
  ValiseSchedule schedule = { every, keep };
  g_autoptr (GError) error = NULL;

  valise_machine_set_schedule (self->machine, &schedule, &error);
  g_assert_no_error (error);
}

static gint64
follow (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  gint64 next;

  valise_machine_follow_schedule (self->machine, &next, NULL, &error);
  g_assert_no_error (error);
  return next;
}

static GPtrArray *
list (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *snapshots = valise_machine_list_snapshots (self->machine, &error);

  g_assert_no_error (error);
  return snapshots;
}

static void
assert_count (Fixture *self, guint scheduled, guint by_hand)
{
  g_autoptr (GPtrArray) snapshots = list (self);
  guint found = 0;

  for (guint i = 0; i < snapshots->len; i++)
    found += ((ValiseSnapshot *) snapshots->pdata[i])->scheduled;
  g_assert_cmpuint (found, ==, scheduled);
  g_assert_cmpuint (snapshots->len - found, ==, by_hand);
}

/* As if two days had gone by, in which the machine was used or not. */
static void
let_time_go_by (Fixture *self, gboolean used)
{
  place_run (self->path, "for record in snapshots/*/snapshot.xml; do"
                         "  time=$(sed -n 's/.* time=\"\\([0-9]*\\)\".*/\\1/p' $record);"
                         "  sed -i \"s/ time=\\\"$time\\\"/ time=\\\"$((time - 172800000000))\\\"/\" $record;"
                         " done;"
                         " touch -d '2 days ago' snapshots/*/snapshot.xml");
  /* What it writes to; the frozen ones stay as they are. */
  place_run (self->path, used ? "touch $(sed -n \"s/.*source file='\\([^']*\\)'.*/\\1/p\" config.xml)"
                              : "touch -d '3 days ago' $(sed -n \"s/.*source file='\\([^']*\\)'.*/\\1/p\" config.xml)");
}

static void
test_follow (Fixture *self, gconstpointer unused)
{
  gint64 now = g_get_real_time ();

  g_test_summary ("One is taken when it is due and the machine was used, and the oldest go; named ones stay");
  g_assert_cmpint (follow (self), ==, G_MAXINT64);
  set_schedule (self, VALISE_EVERY_DAY, 2);
  g_assert_cmpint (follow (self), >=, now + DAY);
  assert_count (self, 1, 0);
  g_assert_cmpint (follow (self), <=, g_get_real_time () + DAY);
  assert_count (self, 1, 0);

  let_time_go_by (self, FALSE);
  g_assert_cmpint (follow (self), >=, now + DAY);
  assert_count (self, 1, 0);
  for (guint i = 0; i < 3; i++)
    {
      let_time_go_by (self, TRUE);
      follow (self);
      assert_count (self, MIN (i + 2, 2), 0);
    }
}

static void
test_named (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What somebody has named, or taken, is not the schedule's to delete");
  set_schedule (self, VALISE_EVERY_DAY, 1);
  follow (self);
  snapshots = list (self);
  g_assert_cmpuint (snapshots->len, ==, 1);
  g_assert_true (g_str_has_prefix (((ValiseSnapshot *) snapshots->pdata[0])->name, "Daily, "));
  valise_machine_describe_snapshot (self->machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, "Mine", NULL, &error);
  g_assert_no_error (error);
  assert_count (self, 0, 1);
  for (guint i = 0; i < 3; i++)
    {
      follow (self);
      let_time_go_by (self, TRUE);
    }
  assert_count (self, 1, 1);
}

static void
test_back (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;
  ValiseSchedule schedule;

  g_test_summary ("Going back keeps the schedule that there is now");
  set_schedule (self, VALISE_EVERY_DAY, 3);
  follow (self);
  set_schedule (self, VALISE_EVERY_WEEK, 9);
  snapshots = list (self);
  valise_machine_revert_snapshot (self->machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, VALISE_REVERT_DEFAULT,
                                  NULL, &error);
  g_assert_no_error (error);
  valise_machine_get_schedule (self->machine, &schedule, &error);
  g_assert_no_error (error);
  g_assert_cmpint (schedule.every, ==, VALISE_EVERY_WEEK);
  g_assert_cmpuint (schedule.keep, ==, 9);
  set_schedule (self, VALISE_EVERY_OFF, 1);
  g_assert_cmpint (follow (self), ==, G_MAXINT64);
  g_assert_null (strstr (valise_document_get_text (valise_machine_get_document (self->machine)), "schedule"));
}

/* --- who sees to it --- */

static void
on_failed_cb (ValiseKeeper *keeper, ValiseMachine *machine, const GError *error, guint *failed)
{
  g_assert_cmpstr (valise_machine_get_name (machine), ==, "Box");
  (*failed)++;
}

static gboolean
has_one (Fixture *self)
{
  g_autoptr (GPtrArray) snapshots = list (self);

  return snapshots->len > 0;
}

static void
test_keeper (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseLibrary) library = valise_library_new (self->host, self->library);
  g_autoptr (ValiseKeeper) keeper = NULL;
  g_autoptr (GError) error = NULL;
  gpointer alive;
  guint failed = 0;

  g_test_summary ("What is due is taken by the keeper of a library; what cannot be is told of once");
  valise_library_scan (library, &error);
  g_assert_no_error (error);
  alive = keeper = valise_keeper_new (library);
  g_signal_connect (keeper, "failed", G_CALLBACK (on_failed_cb), &failed);
  place_run (self->path, "mv disks/root.qcow2 disks/away.qcow2");
  set_schedule (self, VALISE_EVERY_DAY, 2);
  while (failed == 0)
    g_main_context_iteration (NULL, TRUE);
  place_run (self->path, "mv disks/away.qcow2 disks/root.qcow2");
  valise_keeper_wake ();
  while (!has_one (self))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (failed, ==, 1);
  valise_keeper_stop (keeper);
  /* What it began in a thread keeps it alive until it has let go of the machine. */
  g_object_add_weak_pointer (alive, &alive);
  g_clear_object (&keeper);
  while (alive != NULL)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  assert_count (self, 1, 0);
}

/* --- before something risky --- */

/* Applies it; whether it was told that a snapshot was taken. */
static gboolean
apply (Fixture *self, ValiseDocument *draft)
{
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  gboolean told = FALSE;

  valise_machine_apply (self->machine, draft, &findings, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      told = told || g_str_equal (finding->code, "precaution-taken");
      g_assert_cmpstr (finding->code, !=, "precaution-failed");
    }
  return told;
}

/* BIOS for %NULL. */
static gboolean
change_firmware (Fixture *self, const char *firmware)
{
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_machine_get_document (self->machine));
  g_autoptr (GError) error = NULL;

  if (firmware != NULL)
    valise_document_set (draft, "os/@firmware", firmware, &error);
  else
    valise_document_unset (draft, "os/@firmware", &error);
  g_assert_no_error (error);
  return apply (self, draft);
}

static guint
count_precautions (Fixture *self)
{
  g_autoptr (GPtrArray) snapshots = list (self);
  guint found = 0;

  for (guint i = 0; i < snapshots->len; i++)
    found += ((ValiseSnapshot *) snapshots->pdata[i])->precaution;
  return found;
}

static void
use_disk (Fixture *self)
{
  place_run (self->path, "qemu-io -f qcow2 -c 'write -q -P 7 0 1M' "
                         "$(sed -n \"s/.*source file='\\([^']*\\)'.*/\\1/p\" config.xml) > /dev/null");
}

static void
test_precaution (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL, *firmware = NULL;

  g_test_summary ("Before another firmware a snapshot is taken of a machine that was used, and going back undoes it");
  g_assert_false (change_firmware (self, "efi"));
  g_assert_false (change_firmware (self, NULL));
  use_disk (self);
  g_assert_true (change_firmware (self, "efi"));
  file = valise_document_get_device (valise_machine_get_document (self->machine), "disk", 1, "source/@file");
  g_assert_cmpstr (file, !=, "disks/root.qcow2");
  firmware = valise_document_get (valise_machine_get_document (self->machine), "os/@firmware");
  g_assert_cmpstr (firmware, ==, "efi");
  g_assert_cmpuint (count_precautions (self), ==, 1);
  snapshots = list (self);
  g_assert_true (g_str_has_prefix (((ValiseSnapshot *) snapshots->pdata[0])->name, "Before another firmware, "));
  valise_machine_revert_snapshot (self->machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, VALISE_REVERT_DEFAULT,
                                  NULL, &error);
  g_assert_no_error (error);
  g_assert_false (valise_document_has (valise_machine_get_document (self->machine), "os/@firmware"));
  place_run (self->path, "qemu-io -r -f qcow2 -c 'read -q -P 7 0 1M' disks/root-*.qcow2 > /dev/null");
}

static void
set_precautions (Fixture *self, gboolean wanted)
{
  g_autoptr (GError) error = NULL;

  valise_machine_set_precautions (self->machine, wanted, &error);
  g_assert_no_error (error);
}

static gboolean
get_precautions (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  gboolean wanted = FALSE;

  valise_machine_get_precautions (self->machine, &wanted, &error);
  g_assert_no_error (error);
  return wanted;
}

static void
test_precautions (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("Three are kept besides what somebody named; none is taken where none is wanted, going back or not");
  for (guint i = 0; i < 5; i++)
    {
      use_disk (self);
      g_assert_true (change_firmware (self, i % 2 == 0 ? "efi" : NULL));
      g_assert_cmpuint (count_precautions (self), ==, MIN (i + 1, 3));
    }
  snapshots = list (self);
  valise_machine_describe_snapshot (self->machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, "Mine", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_precautions (self), ==, 2);
  set_precautions (self, FALSE);
  use_disk (self);
  g_assert_false (change_firmware (self, NULL));
  g_assert_cmpuint (count_precautions (self), ==, 2);
  valise_machine_revert_snapshot (self->machine, ((ValiseSnapshot *) snapshots->pdata[0])->id, VALISE_REVERT_DEFAULT,
                                  NULL, &error);
  g_assert_no_error (error);
  g_assert_false (get_precautions (self));
  set_precautions (self, TRUE);
  g_assert_true (get_precautions (self));
  g_assert_false (
      valise_document_has (valise_machine_get_document (self->machine), "metadata/valise:machine/@precautions"));
}

static void
test_precaution_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_machine_get_document (self->machine));
  g_autoptr (GError) error = NULL;

  g_test_summary ("Settings that cannot be saved leave no snapshot behind");
  use_disk (self);
  g_assert_true (valise_document_set (draft, "os/@firmware", "efi", &error));
  g_assert_true (valise_document_unset (draft, "uuid", &error));
  g_assert_false (valise_machine_apply (self->machine, draft, NULL, NULL, &error));
  g_assert_nonnull (error);
  assert_count (self, 0, 0);
  g_assert_cmpuint (count_precautions (self), ==, 0);
}

static void
test_precaution_cancelled (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseDocument) draft = valise_document_copy (valise_machine_get_document (self->machine));
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("Who cancels while the snapshot is taken gets no other firmware");
  use_disk (self);
  g_assert_true (valise_document_set (draft, "os/@firmware", "efi", &error));
  g_cancellable_cancel (cancelled);
  g_assert_false (valise_machine_apply (self->machine, draft, NULL, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  valise_machine_load (self->machine, TRUE, &error);
  g_assert_no_error (error);
  g_assert_false (valise_document_has (valise_machine_get_document (self->machine), "os/@firmware"));
  assert_count (self, 0, 0);
}

/* Of all snapshots, in order. */
static char *
list_ids (Fixture *self)
{
  g_autoptr (GPtrArray) snapshots = list (self);
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < snapshots->len; i++)
    g_string_append_printf (ids, "%s ", ((ValiseSnapshot *) snapshots->pdata[i])->id);
  return g_string_free (ids, FALSE);
}

static void
test_precaution_pruned_late (Fixture *self, gconstpointer unused)
{
  g_autoptr (ValiseDocument) draft = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  g_test_summary ("The oldest stays when the settings could not be stored after all");
  for (guint i = 0; i < 3; i++)
    {
      use_disk (self);
      g_assert_true (change_firmware (self, i % 2 == 0 ? "efi" : NULL));
    }
  use_disk (self);
  before = list_ids (self);
  draft = valise_document_copy (valise_machine_get_document (self->machine));
  g_assert_true (valise_document_unset (draft, "os/@firmware", &error));
  g_assert_true (valise_document_unset (draft, "uuid", &error));
  g_assert_false (valise_machine_apply (self->machine, draft, NULL, NULL, &error));
  g_assert_nonnull (error);
  after = list_ids (self);
  g_assert_cmpstr (after, ==, before);
}

static gboolean
shrink (Fixture *self, guint64 bytes, gboolean lose)
{
  g_autoptr (ValiseJob) job = valise_shrink_job_new (self->machine, "vda", bytes, lose);
  g_autoptr (GError) error = NULL;
  gboolean done = valise_job_run_sync (job, &error);

  g_assert_no_error (error);
  return done;
}

static void
test_shrink (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "A disk is made smaller over such a snapshot, also where none is wanted; three of all kinds are kept");
  set_precautions (self, FALSE);
  g_assert_true (shrink (self, 900 * 1024, FALSE));
  g_assert_cmpuint (count_precautions (self), ==, 1);
  snapshots = list (self);
  g_assert_true (
      g_str_has_prefix (((ValiseSnapshot *) snapshots->pdata[0])->name, "Before disk vda was made smaller, "));
  g_assert_cmpstr (((ValiseSnapshot *) snapshots->pdata[0])->note, !=, "");
  g_assert_true (shrink (self, 800 * 1024, FALSE));
  g_assert_true (shrink (self, 700 * 1024, FALSE));
  set_precautions (self, TRUE);
  g_assert_true (shrink (self, 600 * 1024, FALSE));
  g_assert_cmpuint (count_precautions (self), ==, 3);
  valise_machine_load (self->machine, TRUE, &error);
  g_assert_no_error (error);
}

static void
test_shrink_and_lose (Fixture *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) snapshots = NULL;

  g_test_summary ("What alone keeps that which was cut off does not go by itself");
  use_disk (self);
  g_assert_true (shrink (self, 900 * 1024, TRUE));
  snapshots = list (self);
  g_assert_cmpuint (snapshots->len, ==, 1);
  g_assert_cmpuint (count_precautions (self), ==, 0);
}

static void
test_precaution_clock (Fixture *self, gconstpointer unused)
{
  g_autofree char *before = NULL;
  g_autoptr (GPtrArray) snapshots = NULL;
  guint fresh = 0;

  g_test_summary ("The one just taken stays, also when the clock was set back before");
  for (guint i = 0; i < 3; i++)
    {
      use_disk (self);
      g_assert_true (change_firmware (self, i % 2 == 0 ? "efi" : NULL));
    }
  place_run (self->path, "sed -i 's/ time=\"[0-9]*\"/ time=\"8888888888888888\"/' snapshots/*/snapshot.xml");
  before = list_ids (self);
  use_disk (self);
  g_assert_true (change_firmware (self, NULL));
  g_assert_cmpuint (count_precautions (self), ==, 3);
  snapshots = list (self);
  for (guint i = 0; i < snapshots->len; i++)
    fresh += strstr (before, ((ValiseSnapshot *) snapshots->pdata[i])->id) == NULL;
  g_assert_cmpuint (fresh, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (dues); i++)
    {
      g_autofree char *path = g_strdup_printf ("/engine/schedule/due/%s", dues[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_due);
    }
  g_test_add ("/engine/schedule/follow", Fixture, NULL, set_up, test_follow, tear_down);
  g_test_add ("/engine/schedule/named", Fixture, NULL, set_up, test_named, tear_down);
  g_test_add ("/engine/schedule/back", Fixture, NULL, set_up, test_back, tear_down);
  g_test_add ("/engine/schedule/keeper", Fixture, NULL, set_up, test_keeper, tear_down);
  g_test_add ("/engine/schedule/precaution", Fixture, NULL, set_up, test_precaution, tear_down);
  g_test_add ("/engine/schedule/precautions", Fixture, NULL, set_up, test_precautions, tear_down);
  g_test_add ("/engine/schedule/precaution-refused", Fixture, NULL, set_up, test_precaution_refused, tear_down);
  g_test_add ("/engine/schedule/precaution-cancelled", Fixture, NULL, set_up, test_precaution_cancelled, tear_down);
  g_test_add ("/engine/schedule/shrink", Fixture, NULL, set_up, test_shrink, tear_down);
  g_test_add ("/engine/schedule/shrink-and-lose", Fixture, NULL, set_up, test_shrink_and_lose, tear_down);
  g_test_add ("/engine/schedule/precaution-clock", Fixture, NULL, set_up, test_precaution_clock, tear_down);
  g_test_add ("/engine/schedule/precaution-pruned-late", Fixture, NULL, set_up, test_precaution_pruned_late, tear_down);
  return g_test_run ();
}
