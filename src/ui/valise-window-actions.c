/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-grant-dialog.h"
#include "ui/valise-settings-window.h"
#include "ui/valise-several-window.h"
#include "ui/valise-shortcuts.h"
#include "ui/valise-thumbnails.h"

static const struct
{
  const char *action;
  ValiseVerb verb;
} verbs[] = {
  { "start", VALISE_VERB_START },     { "shutdown", VALISE_VERB_SHUTDOWN }, { "stop", VALISE_VERB_STOP },
  { "reset", VALISE_VERB_RESET },     { "pause", VALISE_VERB_PAUSE },       { "resume", VALISE_VERB_RESUME },
  { "suspend", VALISE_VERB_SUSPEND }, { "discard", VALISE_VERB_DISCARD },
};

/* --- verbs --- */

typedef struct
{
  ValiseWindow *window;
  ValiseMachine *machine;
  ValiseVerb verb;
  char *from; /* what it starts from this time, or NULL */
  gboolean disposable;
} VerbCall;

static void
verb_call_free (VerbCall *call)
{
  g_object_unref (call->window);
  g_object_unref (call->machine);
  g_free (call->from);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VerbCall, verb_call_free)

static void
on_settled_cb (GtkWidget *dialog, ValiseMachine *machine)
{
  ValiseWindow *self = g_object_get_data (G_OBJECT (dialog), "valise-window");
  const char *from = g_object_get_data (G_OBJECT (dialog), "valise-from");

  if (g_object_get_data (G_OBJECT (dialog), "valise-disposable") != NULL)
    _valise_window_start_disposable (self, machine);
  else if (from != NULL)
    _valise_window_start_once (self, machine, from);
  else
    _valise_window_do (self, machine, VALISE_VERB_START);
}

static void
present_grants (ValiseWindow *self, ValiseMachine *machine, const char *from, gboolean disposable)
{
  GtkWidget *dialog = valise_grant_dialog_new (machine, GTK_WINDOW (self));

  g_object_set_data (G_OBJECT (dialog), "valise-window", self);
  g_object_set_data_full (G_OBJECT (dialog), "valise-from", g_strdup (from), g_free);
  g_object_set_data (G_OBJECT (dialog), "valise-disposable", GINT_TO_POINTER (disposable));
  g_signal_connect_object (dialog, "settled", G_CALLBACK (on_settled_cb), machine, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
is_settled (ValiseMachine *machine)
{
  gboolean settled = FALSE;
  g_autoptr (GPtrArray) asks = valise_machine_list_asks (machine, &settled);

  return settled;
}

/* The machine may not start yet: whose identity it has, and whether memory from elsewhere is trusted, is asked on its
 * page, what it may reach in the grant dialog. */
static void
ask_before_start (ValiseWindow *self, ValiseMachine *machine, const char *from, gboolean disposable)
{
  if (_valise_window_get_machine (self) != machine)
    valise_window_show_machine (self, machine, FALSE);
  if (self->machine_page != NULL && valise_machine_page_ask_identity (self->machine_page))
    return;
  if (self->machine_page != NULL && is_settled (machine) && valise_machine_has_strange_memory (machine))
    valise_machine_page_ask_memory (self->machine_page);
  else
    present_grants (self, machine, from, disposable);
}

/* A guest may well not listen, and then nothing at all would be seen of it. */
static void
say_asked (ValiseWindow *self, ValiseMachine *machine)
{
  g_autofree char *text = NULL;

  if (!valise_machine_is_live (machine))
    return;
  text = g_strdup_printf (_ ("“%s” has been asked to shut down. If it does not listen, its menu has Force Off."),
                          valise_machine_get_name (machine));
  valise_notice_bar_say (self->notices, GTK_MESSAGE_INFO, text);
}

/* What a crash had interrupted is finished or taken back before anything else is done with the machine. */
static void
say_interrupted (ValiseWindow *self, ValiseMachine *machine)
{
  g_autofree char *notice = valise_machine_take_notice (machine);
  g_autofree char *text = notice != NULL ? g_strdup_printf ("%s: %s", valise_machine_get_name (machine), notice) : NULL;

  if (text != NULL)
    valise_notice_bar_say (self->notices, GTK_MESSAGE_WARNING, text);
}

static void
verb_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (VerbCall) call = data;
  g_autoptr (GError) kept = valise_machine_dup_error (call->machine);
  g_autoptr (GError) error = NULL;
  gboolean shown = _valise_window_get_machine (call->window) == call->machine;

  say_interrupted (call->window, call->machine);
  if (valise_machine_do_finish (call->machine, result, &error))
    {
      if (call->verb == VALISE_VERB_SHUTDOWN)
        say_asked (call->window, call->machine);
      return;
    }
  if (g_error_matches (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_ASK))
    ask_before_start (call->window, call->machine, call->from, call->disposable);
  /* The page of the machine shows its own error. */
  else if (!shown || kept == NULL)
    valise_notice_bar_say_error (call->window->notices, valise_machine_get_name (call->machine), error);
}

static void
screen_kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  VerbCall *call = data;

  valise_thumbnails_keep_finish (VALISE_THUMBNAILS (source), result);
  valise_machine_do_async (call->machine, call->verb, NULL, verb_done_cb, call);
}

static VerbCall *
verb_call_new (ValiseWindow *self, ValiseMachine *machine, ValiseVerb verb)
{
  VerbCall *call = g_new0 (VerbCall, 1);

  call->window = g_object_ref (self);
  call->machine = g_object_ref (machine);
  call->verb = verb;
  return call;
}

/* A machine that is suspended shows how it looked, also when nobody looked at it. */
void
_valise_window_do (ValiseWindow *self, ValiseMachine *machine, ValiseVerb verb)
{
  VerbCall *call = verb_call_new (self, machine, verb);

  if (verb == VALISE_VERB_SUSPEND)
    valise_thumbnails_keep_async (valise_thumbnails_get_default (), machine, screen_kept_cb, call);
  else
    valise_machine_do_async (machine, verb, NULL, verb_done_cb, call);
}

void
_valise_window_start_once (ValiseWindow *self, ValiseMachine *machine, const char *from)
{
  VerbCall *call = verb_call_new (self, machine, VALISE_VERB_START);

  call->from = g_strdup (from);
  valise_machine_start_once_async (machine, from, NULL, verb_done_cb, call);
}

void
_valise_window_start_disposable (ValiseWindow *self, ValiseMachine *machine)
{
  VerbCall *call = verb_call_new (self, machine, VALISE_VERB_START);

  call->disposable = TRUE;
  valise_machine_start_disposable_async (machine, NULL, verb_done_cb, call);
}

static void
do_with_selected (ValiseWindow *self, ValiseVerb verb)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_copy (self->selected, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  g_ptr_array_set_free_func (machines, g_object_unref);
  for (guint i = 0; i < machines->len; i++)
    if (valise_machine_can (g_ptr_array_index (machines, i), verb))
      _valise_window_do (self, g_ptr_array_index (machines, i), verb);
}

/* --- what cannot be taken back is asked --- */

static void
on_confirm_cb (GtkDialog *dialog, int response, ValiseWindow *self)
{
  ValiseVerb verb = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (dialog), "valise-verb"));

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_ACCEPT)
    do_with_selected (self, verb);
}

static char *
describe_selected (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (machine != NULL)
    return g_strdup_printf (_ ("“%s”"), valise_machine_get_name (machine));
  return g_strdup_printf (ngettext ("%u machine", "%u machines", self->selected->len), self->selected->len);
}

static void
confirm (ValiseWindow *self, ValiseVerb verb, const char *question, const char *label)
{
  GtkWidget *dialog, *button;

  dialog = gtk_message_dialog_new (GTK_WINDOW (self), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                   GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", question);
  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog), "%s",
      ngettext ("What the guest has not saved yet is lost, as when the plug is pulled on a real computer.",
                "What the guests have not saved yet is lost, as when the plug is pulled on a real computer.",
                self->selected->len));
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (dialog), label, GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  g_object_set_data (G_OBJECT (dialog), "valise-verb", GINT_TO_POINTER (verb));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_confirm_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_verb_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_strcmp0 (verbs[i].action, name) == 0)
      do_with_selected (data, verbs[i].verb);
}

static void
on_trust_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseMachine *machine = _valise_window_get_machine (data);

  if (machine != NULL)
    valise_machine_start_trusting_async (machine, NULL, verb_done_cb, verb_call_new (data, machine, VALISE_VERB_START));
}

static void
on_stop_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *who = describe_selected (data);
  g_autofree char *question = g_strdup_printf (_ ("Force %s off?"), who);

  confirm (data, VALISE_VERB_STOP, question, _ ("_Force Off"));
}

static void
on_reset_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *who = describe_selected (data);
  g_autofree char *question = g_strdup_printf (_ ("Reset %s?"), who);

  confirm (data, VALISE_VERB_RESET, question, _ ("_Reset"));
}

/* --- windows --- */

static ValiseSettingsWindow *
find_settings_window (ValiseMachine *machine)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (VALISE_IS_SETTINGS_WINDOW (l->data) && valise_settings_window_get_machine (l->data) == machine)
      return l->data;
  return NULL;
}

static void
on_settings_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);
  GtkWindow *window;
  g_autoptr (GError) error = NULL;

  if (machine == NULL)
    {
      if (self->selected->len > 1)
        gtk_window_present (GTK_WINDOW (valise_several_window_new (self->selected, GTK_WINDOW (self))));
      return;
    }
  if (!valise_machine_load (machine, FALSE, &error))
    {
      valise_notice_bar_say_error (self->notices, valise_machine_get_name (machine), error);
      return;
    }
  window = (GtkWindow *) find_settings_window (machine);
  if (window == NULL)
    window = GTK_WINDOW (valise_settings_window_new (machine, self->library, GTK_WINDOW (self)));
  gtk_window_present (window);
}

static void
on_window_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;

  if (self->machine_page != NULL)
    valise_machine_page_open_window (self->machine_page, FALSE);
}

static void
on_fullscreen_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (self->machine_page != NULL && machine != NULL && valise_machine_is_live (machine))
    valise_machine_page_open_window (self->machine_page, TRUE);
}

static void
on_change_cd_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_machine_page_change_cd (((ValiseWindow *) data)->machine_page);
}

static void
on_eject_cd_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_machine_page_eject_cd (((ValiseWindow *) data)->machine_page);
}

static void
on_back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;

  hdy_leaflet_set_visible_child (self->leaflet, self->library_pane);
  valise_machine_list_focus (self->machine_list);
}

static void
on_find_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;

  hdy_leaflet_set_visible_child (self->leaflet, self->library_pane);
  valise_machine_list_focus_search (self->machine_list);
}

static void
on_select_all_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;

  hdy_leaflet_set_visible_child (self->leaflet, self->library_pane);
  valise_machine_list_select_all (self->machine_list);
}

static void
on_menu_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;

  hdy_leaflet_set_visible_child (self->leaflet, self->library_pane);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->app_button), TRUE);
}

static void
on_shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_shortcuts_present (data);
}

static const GActionEntry window_entries[] = {
  { .name = "back", .activate = on_back_cb },           { .name = "find", .activate = on_find_cb },
  { .name = "menu", .activate = on_menu_cb },           { .name = "select-all", .activate = on_select_all_cb },
  { .name = "shortcuts", .activate = on_shortcuts_cb },
};

static const GActionEntry machine_entries[] = {
  { .name = "start", .activate = on_verb_cb },          { .name = "shutdown", .activate = on_verb_cb },
  { .name = "stop", .activate = on_stop_cb },           { .name = "reset", .activate = on_reset_cb },
  { .name = "pause", .activate = on_verb_cb },          { .name = "resume", .activate = on_verb_cb },
  { .name = "suspend", .activate = on_verb_cb },        { .name = "discard", .activate = on_verb_cb },
  { .name = "trust", .activate = on_trust_cb },         { .name = "settings", .activate = on_settings_cb },
  { .name = "window", .activate = on_window_cb },       { .name = "fullscreen", .activate = on_fullscreen_cb },
  { .name = "change-cd", .activate = on_change_cd_cb }, { .name = "eject-cd", .activate = on_eject_cd_cb },
};

/* --- room-private --- */

gboolean
_valise_window_any_can (ValiseWindow *self, ValiseVerb verb)
{
  for (guint i = 0; i < self->selected->len; i++)
    if (valise_machine_can (g_ptr_array_index (self->selected, i), verb))
      return TRUE;
  return FALSE;
}

void
_valise_window_init_actions (ValiseWindow *self)
{
  self->machine_actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), machine_entries,
                                   G_N_ELEMENTS (machine_entries), self);
  _valise_window_add_start_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "machine", G_ACTION_GROUP (self->machine_actions));
  g_action_map_add_action_entries (G_ACTION_MAP (self), window_entries, G_N_ELEMENTS (window_entries), self);
}

static gboolean
any_broken (ValiseWindow *self)
{
  for (guint i = 0; i < self->selected->len; i++)
    if (valise_machine_get_state (g_ptr_array_index (self->selected, i)) == VALISE_MACHINE_BROKEN)
      return TRUE;
  return FALSE;
}

static void
enable (ValiseWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->machine_actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
_valise_window_update_actions (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  const ValiseLibraryEntry *entry =
      machine != NULL ? valise_library_find_entry (self->library, valise_machine_get_path (machine)) : NULL;
  gboolean some = self->selected->len > 0;
  gboolean live = machine != NULL && valise_machine_is_live (machine);
  gboolean sound = machine != NULL && valise_machine_get_state (machine) != VALISE_MACHINE_BROKEN;
  gboolean has_cd = sound && self->machine_page != NULL && valise_machine_page_has_cd (self->machine_page);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    enable (self, verbs[i].action, _valise_window_any_can (self, verbs[i].verb));
  enable (self, "settings", sound || self->selected->len > 1);
  enable (self, "window", live);
  enable (self, "fullscreen", live);
  enable (self, "change-cd", has_cd);
  enable (self, "eject-cd", has_cd && valise_machine_page_get_cd (self->machine_page) != NULL);
  enable (self, "rename", sound);
  enable (self, "group", some);
  enable (self, "export", some && !any_broken (self));
  _valise_window_update_clone_actions (self);
  enable (self, "show-files", machine != NULL);
  enable (self, "snapshots", sound);
  enable (self, "space", sound);
  enable (self, "verify", machine != NULL);
  enable (self, "undo-change",
          sound && !live && self->machine_page != NULL && valise_machine_page_can_undo (self->machine_page));
  enable (self, "forget", entry != NULL && entry->elsewhere);
  enable (self, "delete", some);
}
