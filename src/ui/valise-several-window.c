/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-several-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-boot-first-row.h"
#include "ui/valise-host-reader.h"
#include "ui/valise-knob-row.h"
#include "ui/valise-several-results.h"
#include "ui/valise-several-row.h"
#include "ui/valise-style.h"

typedef enum
{
  WAITS,
  WANTED, /* Apply was pressed, and it is still to come */
  APPLYING,
  APPLIED,
  FAILED,
} Progress;

typedef struct
{
  ValiseMachine *machine;
  ValiseSeveralRow *row;
  ValiseSharedPart *part; /* NULL while it has not been read, or cannot be */
  gboolean read;          /* what it is now is known */
  Progress progress;
  char *failure; /* of the last time it was applied */
} Member;

struct _ValiseSeveralWindow
{
  HdyWindow parent_instance;

  HdyHeaderBar *header_bar;
  GtkSpinner *spinner;
  GtkEntry *search_entry;
  GtkStack *stack;
  ValiseSeveralResults *results;
  GtkListBox *knob_list, *machine_list;
  GtkLabel *summary_label;
  GtkWidget *apply_button;

  GPtrArray *members;
  ValiseSharedEdit *edit;
  ValiseCapabilities *capabilities;
  ValiseEditSession *sample; /* what the row edits: a copy of one of the machines */
  char *path;                /* of the knob in it */
  ValiseSettingsRow *row;
  GCancellable *cancellable;
  guint work_id, narrow_id;
  gboolean applying, narrow;
};

G_DEFINE_FINAL_TYPE (ValiseSeveralWindow, valise_several_window, HDY_TYPE_WINDOW)

static void queue_work (ValiseSeveralWindow *self);
static void apply_next (ValiseSeveralWindow *self);

static void
member_free (gpointer data)
{
  Member *self = data;

  g_object_unref (self->machine);
  g_free (self->failure);
  g_free (self);
}

static void
destroy_child (GtkWidget *child, gpointer user_data)
{
  gtk_widget_destroy (child);
}

/* --- the strip below --- */

static guint
count_progress (ValiseSeveralWindow *self, Progress progress)
{
  guint count = 0;

  for (guint i = 0; i < self->members->len; i++)
    count += ((Member *) self->members->pdata[i])->progress == progress;
  return count;
}

static gboolean
is_working (ValiseSeveralWindow *self)
{
  return self->work_id != 0;
}

static char *
summarise (ValiseSeveralWindow *self)
{
  guint all = self->members->len, changes = valise_shared_edit_count (self->edit, VALISE_SHARED_CHANGES);
  guint applied = count_progress (self, APPLIED), failed = count_progress (self, FAILED);

  if (valise_shared_edit_get_knob (self->edit) == NULL)
    return g_strdup (_ ("Choose a setting."));
  if (failed > 0)
    /* Translators: both are numbers of machines, and the last is that of all */
    return g_strdup_printf (_ ("Applied to %u, failed with %u of %u machines. Apply tries those again."), applied,
                            failed, all);
  if (applied > 0)
    return g_strdup_printf (_ ("Applied to %u of %u machines."), applied, all);
  return g_strdup_printf (_ ("%u of %u machines change."), changes, all);
}

static void
update_strip (ValiseSeveralWindow *self)
{
  g_autofree char *words = summarise (self);
  gboolean ready =
      !self->applying && !is_working (self) && valise_shared_edit_count (self->edit, VALISE_SHARED_CHANGES) > 0;

  gtk_label_set_text (self->summary_label, words);
  gtk_widget_set_sensitive (self->apply_button, ready);
  gtk_widget_set_sensitive (GTK_WIDGET (self->search_entry), !self->applying);
  gtk_widget_set_sensitive (GTK_WIDGET (self->knob_list), !self->applying);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->applying);
  g_object_set (self->spinner, "active", self->applying, NULL);
}

/* --- reading and working out, a machine at a time --- */

static Member *
find_member (ValiseSeveralWindow *self, const ValiseSharedPart *part)
{
  for (guint i = 0; i < self->members->len; i++)
    if (((Member *) self->members->pdata[i])->part == part)
      return self->members->pdata[i];
  return NULL;
}

static void
take_session (ValiseSeveralWindow *self, Member *member)
{
  g_autoptr (ValiseEditSession) session =
      valise_edit_session_new (valise_machine_get_document (member->machine), self->capabilities,
                               valise_machine_get_path (member->machine));

  valise_edit_session_set_running (session, valise_machine_is_live (member->machine));
  if (member->part == NULL)
    member->part = valise_shared_edit_add (self->edit, session);
  else
    valise_shared_edit_renew (self->edit, member->part, session);
}

static void
read_member (ValiseSeveralWindow *self, Member *member)
{
  g_autoptr (GError) error = NULL;

  member->read = TRUE;
  if (valise_machine_load (member->machine, FALSE, &error))
    take_session (self, member);
  else
    valise_several_row_say (member->row, VALISE_SEVERAL_FAILED, error->message, NULL);
}

static Member *
next_unread (ValiseSeveralWindow *self)
{
  for (guint i = 0; i < self->members->len; i++)
    if (!((Member *) self->members->pdata[i])->read)
      return self->members->pdata[i];
  return NULL;
}

/* The row of one that was applied, or could not be, goes on saying so until something else is chosen. */
static void
show_member (Member *member)
{
  if (member->progress == WAITS || member->progress == WANTED)
    valise_several_row_show (member->row, member->part);
  else if (member->progress == FAILED)
    valise_several_row_fail (member->row, member->part, member->failure);
}

static gboolean
work_once (ValiseSeveralWindow *self)
{
  Member *unread = next_unread (self), *member;
  ValiseSharedPart *part;

  if (unread != NULL)
    {
      read_member (self, unread);
      return TRUE;
    }
  part = valise_shared_edit_work (self->edit);
  member = part != NULL ? find_member (self, part) : NULL;
  if (member != NULL)
    show_member (member);
  return part != NULL;
}

static gboolean
on_work_cb (gpointer user_data)
{
  ValiseSeveralWindow *self = user_data;

  if (work_once (self))
    return G_SOURCE_CONTINUE;
  self->work_id = 0;
  update_strip (self);
  return G_SOURCE_REMOVE;
}

static void
queue_work (ValiseSeveralWindow *self)
{
  if (self->work_id == 0)
    self->work_id = g_idle_add (on_work_cb, self);
  update_strip (self);
}

static void
finish_work (ValiseSeveralWindow *self)
{
  g_clear_handle_id (&self->work_id, g_source_remove);
  while (work_once (self))
    ;
  update_strip (self);
}

/* --- the setting --- */

static char *
read_value (ValiseSeveralWindow *self)
{
  const ValiseKnob *knob = valise_settings_row_get_description (self->row);
  guint64 bytes;

  if (G_TYPE_CHECK_INSTANCE_TYPE (self->row, VALISE_TYPE_BOOT_FIRST_ROW))
    return valise_boot_first_row_get (self->row);
  /* Each machine counts in a unit of its own. */
  if (knob->kind == VALISE_KNOB_SIZE && valise_edit_session_get_size (self->sample, self->path, &bytes))
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", bytes);
  return valise_edit_session_get (self->sample, self->path);
}

static void
plan (ValiseSeveralWindow *self)
{
  g_autofree char *value = read_value (self);

  for (guint i = 0; i < self->members->len; i++)
    ((Member *) self->members->pdata[i])->progress = WAITS;
  valise_shared_edit_set (self->edit, valise_settings_row_get_knob (self->row), value);
  queue_work (self);
}

static void
on_sample_changed_cb (ValiseSeveralWindow *self)
{
  valise_settings_row_refresh (self->row);
  plan (self);
}

/* The first machine that has the device, and else the first that could be read. */
static Member *
find_sample (ValiseSeveralWindow *self, const char *knob, char **path)
{
  Member *first = NULL;

  for (guint i = 0; i < self->members->len; i++)
    {
      Member *member = self->members->pdata[i];
      g_autoptr (GPtrArray) paths = NULL;

      if (member->part == NULL)
        continue;
      first = first != NULL ? first : member;
      paths = valise_shared_edit_paths (valise_edit_session_get_original (member->part->session), knob);
      if (paths->len == 0)
        continue;
      *path = g_strdup (paths->pdata[0]);
      return member;
    }
  *path = g_strdup (knob);
  return first;
}

static void
drop_sample (ValiseSeveralWindow *self)
{
  if (self->sample != NULL)
    g_signal_handlers_disconnect_by_data (self->sample, self);
  g_clear_object (&self->sample);
  g_clear_pointer (&self->path, g_free);
}

static void
take_sample (ValiseSeveralWindow *self, const char *knob)
{
  g_autofree char *path = NULL;
  Member *member = find_sample (self, knob, &path);

  drop_sample (self);
  if (member == NULL)
    return;
  self->path = g_steal_pointer (&path);
  self->sample = valise_edit_session_new (valise_edit_session_get_original (member->part->session), self->capabilities,
                                          valise_machine_get_path (member->machine));
  g_signal_connect_object (self->sample, "changed", G_CALLBACK (on_sample_changed_cb), self, G_CONNECT_SWAPPED);
}

static gboolean
on_narrow_due_cb (gpointer user_data)
{
  ValiseSeveralWindow *self = user_data;

  self->narrow_id = 0;
  if (self->row != NULL)
    valise_settings_row_set_narrow (self->row, self->narrow);
  return G_SOURCE_REMOVE;
}

/* Not at once: whoever is being given its size cannot ask for another one. */
static void
on_size_allocate_cb (ValiseSeveralWindow *self, GdkRectangle *allocation)
{
  gboolean narrow = allocation->width < VALISE_SETTINGS_ROW_WIDTH;

  if (narrow != self->narrow && self->narrow_id == 0)
    self->narrow_id = g_idle_add (on_narrow_due_cb, self);
  self->narrow = narrow;
}

static ValiseSettingsRow *
make_row (ValiseSeveralWindow *self, const ValiseKnobEntry *entry)
{
  ValiseSettingsRow *row;

  if (entry == NULL)
    {
      row = VALISE_SETTINGS_ROW (valise_boot_first_row_new ());
      g_signal_connect_object (row, "chosen", G_CALLBACK (plan), self, G_CONNECT_SWAPPED);
      return row;
    }
  row = VALISE_SETTINGS_ROW (valise_knob_row_new (entry->knob.path));
  valise_settings_row_describe (row, &entry->knob);
  return row;
}

/* @entry: %NULL: the boot order */
static void
build_row (ValiseSeveralWindow *self, const ValiseKnobEntry *entry)
{
  g_autofree char *device = valise_shared_edit_device (self->path);

  gtk_container_foreach (GTK_CONTAINER (self->knob_list), destroy_child, NULL);
  self->row = make_row (self, entry);
  gtk_container_add (GTK_CONTAINER (self->knob_list), GTK_WIDGET (self->row));
  gtk_widget_show (GTK_WIDGET (self->row));
  valise_settings_row_bind (self->row, self->sample, device != NULL && strchr (device, '[') != NULL ? device : NULL);
  valise_settings_row_set_narrow (self->row, self->narrow);
}

gboolean
valise_several_window_choose (ValiseSeveralWindow *self, const char *knob)
{
  gboolean is_boot_order = g_str_equal (knob, VALISE_SHARED_BOOT_FIRST);
  const ValiseKnobEntry *entry =
      is_boot_order ? NULL : valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), knob);

  g_return_val_if_fail (VALISE_IS_SEVERAL_WINDOW (self), FALSE);

  if ((entry == NULL && !is_boot_order) || self->applying)
    return FALSE;
  finish_work (self);
  take_sample (self, is_boot_order ? knob : entry->knob.path);
  if (self->sample == NULL) /* none could be read, and the rows say why */
    {
      gtk_stack_set_visible_child_name (self->stack, "edit");
      return FALSE;
    }
  build_row (self, entry);
  gtk_entry_set_text (self->search_entry, "");
  gtk_stack_set_visible_child_name (self->stack, "edit");
  plan (self);
  valise_settings_row_focus (self->row);
  return TRUE;
}

/* --- search --- */

static void
search (ValiseSeveralWindow *self)
{
  valise_several_results_search (self->results, gtk_entry_get_text (self->search_entry));
  gtk_stack_set_visible_child_name (self->stack, "results");
}

static void
on_search_changed_cb (ValiseSeveralWindow *self)
{
  /* An entry that was emptied by a choice asks for nothing. */
  if (*gtk_entry_get_text (self->search_entry) != '\0')
    search (self);
}

static void
on_search_activate_cb (ValiseSeveralWindow *self)
{
  search (self);
  valise_several_results_choose_first (self->results);
}

static void
on_search_stop_cb (ValiseSeveralWindow *self)
{
  gtk_entry_set_text (self->search_entry, "");
  if (self->row != NULL)
    gtk_stack_set_visible_child_name (self->stack, "edit");
  else
    search (self);
}

static gboolean
on_search_key_cb (ValiseSeveralWindow *self, GdkEvent *event)
{
  guint key = 0;

  gdk_event_get_keyval (event, &key);
  return key == GDK_KEY_Down && valise_several_results_focus_first (self->results) ? GDK_EVENT_STOP
                                                                                   : GDK_EVENT_PROPAGATE;
}

static void
on_chosen_cb (ValiseSeveralWindow *self, const char *knob)
{
  valise_several_window_choose (self, knob);
}

/* --- applying --- */

/* Before it is read again, while its draft still differs. */
static gboolean
waits_for_start (Member *member)
{
  g_autoptr (GPtrArray) changes = valise_edit_session_list_changes (member->part->session);

  for (guint i = 0; i < changes->len && valise_edit_session_get_running (member->part->session); i++)
    if (((const ValiseChange *) changes->pdata[i])->timing != VALISE_KNOB_LIVE)
      return TRUE;
  return FALSE;
}

/* What the running machine refused, or else what libvirt does not take as it is written. */
static const ValiseFinding *
find_remark (GPtrArray *findings, gboolean *live)
{
  const ValiseFinding *first = findings != NULL && findings->len > 0 ? findings->pdata[0] : NULL;

  *live = FALSE;
  for (guint i = 0; !*live && findings != NULL && i < findings->len; i++)
    {
      *live = g_str_has_prefix (((ValiseFinding *) findings->pdata[i])->code, "live-");
      first = *live ? findings->pdata[i] : first;
    }
  return first;
}

static gboolean
is_precaution (const ValiseFinding *remark)
{
  return remark != NULL && g_str_has_prefix (remark->code, "precaution-");
}

static void
say_applied (Member *member, GPtrArray *findings)
{
  gboolean live;
  const ValiseFinding *remark = find_remark (findings, &live);
  const char *words = live                       ? _ ("Saved. In the running machine it waits for the next start:")
                      : is_precaution (remark)   ? _ ("Saved.")
                      : remark != NULL           ? _ ("Saved. libvirt does not take it as it is written:")
                      : waits_for_start (member) ? _ ("Saved. It takes effect at the next start.")
                                                 : _ ("Applied");

  member->progress = APPLIED;
  valise_several_row_say (member->row, VALISE_SEVERAL_DONE, words, remark != NULL ? remark->text : NULL);
}

static void
say_failed (Member *member, const char *words)
{
  member->progress = FAILED;
  g_free (member->failure);
  member->failure = g_strdup (words);
  valise_several_row_fail (member->row, member->part, words);
}

/* Apply writes more than was asked at times, an address for instance. */
static void
read_again (ValiseSeveralWindow *self, Member *member)
{
  if (valise_machine_load (member->machine, TRUE, NULL))
    take_session (self, member);
}

static void
on_applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseSeveralWindow) self = user_data;
  g_autoptr (GPtrArray) refusals = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = valise_machine_apply_finish (VALISE_MACHINE (source), result, &refusals, &error);

  for (guint i = 0; self->edit != NULL && i < self->members->len; i++)
    {
      Member *member = self->members->pdata[i];

      if (member->progress != APPLYING)
        continue;
      if (done)
        {
          say_applied (member, refusals);
          read_again (self, member);
        }
      else
        say_failed (member, error->message);
    }
  if (self->edit != NULL) /* the window is still there */
    apply_next (self);
}

/* Somebody else wrote it since it was read: what they did is not thrown away, and what was shown is no longer so. */
static gboolean
is_as_read (ValiseSeveralWindow *self, Member *member)
{
  g_autoptr (GError) error = NULL;

  if (!valise_machine_load (member->machine, TRUE, &error))
    {
      say_failed (member, error->message);
      return FALSE;
    }
  if (g_strcmp0 (valise_document_get_text (valise_machine_get_document (member->machine)),
                 valise_document_get_text (valise_edit_session_get_original (member->part->session)))
      == 0)
    return TRUE;
  take_session (self, member);
  say_failed (member, _ ("Another program has changed it meanwhile. Look at what would change now, and apply again."));
  return FALSE;
}

static void
apply_next (ValiseSeveralWindow *self)
{
  for (guint i = 0; i < self->members->len; i++)
    {
      Member *member = self->members->pdata[i];
      g_autoptr (ValiseDocument) document = NULL;

      if (member->progress != WANTED || !is_as_read (self, member))
        continue;
      member->progress = APPLYING;
      valise_several_row_say (member->row, VALISE_SEVERAL_WAITS, _ ("Being applied"), NULL);
      document = valise_document_copy (valise_edit_session_get_draft (member->part->session));
      update_strip (self);
      valise_machine_apply_async (member->machine, document, self->cancellable, on_applied_cb, g_object_ref (self));
      return;
    }
  self->applying = FALSE;
  queue_work (self);
}

static void
on_apply_clicked_cb (ValiseSeveralWindow *self)
{
  if (self->applying || self->row == NULL)
    return;
  /* What is still being typed counts, and is shown before it is applied. */
  valise_settings_row_flush (self->row);
  finish_work (self);
  for (guint i = 0; i < self->members->len; i++)
    {
      Member *member = self->members->pdata[i];

      if (member->part != NULL && member->part->state == VALISE_SHARED_CHANGES)
        member->progress = WANTED;
    }
  self->applying = count_progress (self, WANTED) > 0;
  if (self->applying)
    apply_next (self);
}

/* --- the window --- */

static void
on_capabilities_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseSeveralWindow) self = user_data;
  ValiseCapabilities *capabilities = valise_host_reader_read_finish (result, NULL);

  if (capabilities == NULL)
    return;
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  self->capabilities = capabilities;
  /* What there is to say about each is made anew; one that is being applied has been looked at. */
  for (guint i = 0; !self->applying && i < self->members->len; i++)
    ((Member *) self->members->pdata[i])->read = FALSE;
  if (self->sample != NULL)
    valise_edit_session_set_capabilities (self->sample, capabilities);
  queue_work (self);
}

static gboolean
valise_several_window_delete_event (GtkWidget *widget, GdkEventAny *event)
{
  /* Half of them applied and nobody to say which. */
  return VALISE_SEVERAL_WINDOW (widget)->applying ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

static void
valise_several_window_dispose (GObject *object)
{
  ValiseSeveralWindow *self = VALISE_SEVERAL_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->work_id, g_source_remove);
  g_clear_handle_id (&self->narrow_id, g_source_remove);
  drop_sample (self);
  g_clear_pointer (&self->edit, valise_shared_edit_free);
  g_clear_pointer (&self->members, g_ptr_array_unref);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  G_OBJECT_CLASS (valise_several_window_parent_class)->dispose (object);
}

static void
valise_several_window_finalize (GObject *object)
{
  g_object_unref (VALISE_SEVERAL_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (valise_several_window_parent_class)->finalize (object);
}

static void
valise_several_window_class_init (ValiseSeveralWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_several_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_several_window_finalize;
  widget_class->delete_event = valise_several_window_delete_event;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-several-window.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, results);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, knob_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, machine_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, summary_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseSeveralWindow, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_apply_clicked_cb);
}

static void
valise_several_window_init (ValiseSeveralWindow *self)
{
  valise_style_load ();
  g_type_ensure (VALISE_TYPE_SEVERAL_RESULTS);
  self->cancellable = g_cancellable_new ();
  self->edit = valise_shared_edit_new ();
  self->members = g_ptr_array_new_with_free_func (member_free);
  self->capabilities = valise_host_reader_guess ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->stack, "size-allocate", G_CALLBACK (on_size_allocate_cb), self, G_CONNECT_SWAPPED);
}

static void
add_member (ValiseSeveralWindow *self, ValiseMachine *machine)
{
  Member *member = g_new0 (Member, 1);

  member->machine = g_object_ref (machine);
  member->row = VALISE_SEVERAL_ROW (valise_several_row_new (valise_machine_get_name (machine)));
  gtk_container_add (GTK_CONTAINER (self->machine_list), GTK_WIDGET (member->row));
  g_ptr_array_add (self->members, member);
}

GtkWidget *
valise_several_window_new (GPtrArray *machines, GtkWindow *parent)
{
  ValiseSeveralWindow *self;
  g_autofree char *title = NULL;

  g_return_val_if_fail (machines != NULL && machines->len > 0, NULL);

  self = g_object_new (VALISE_TYPE_SEVERAL_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);
  title = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u Machine: One Setting", "%u Machines: One Setting",
                                        machines->len),
                           machines->len);
  hdy_header_bar_set_title (self->header_bar, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
  for (guint i = 0; i < machines->len; i++)
    add_member (self, machines->pdata[i]);
  search (self);
  queue_work (self);
  valise_host_reader_read_async (valise_machine_get_host (machines->pdata[0]), self->cancellable, on_capabilities_cb,
                                 g_object_ref (self));
  return GTK_WIDGET (self);
}
