/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-trial.h"

/* Longer than a row waits for the next key, so that a word being typed is asked about once. */
#define DELAY_MS 400

typedef struct
{
  ValiseEditSession *session; /* owns this */
  ValiseMachine *machine;
  GCancellable *cancellable;
  char *asked; /* the text that libvirt was last asked about: an answer that failed is not asked for again */
  guint delay_id;
  gboolean busy;
} Trial;

static void
trial_free (gpointer data)
{
  Trial *trial = data;

  g_cancellable_cancel (trial->cancellable);
  g_clear_handle_id (&trial->delay_id, g_source_remove);
  g_object_unref (trial->cancellable);
  g_object_unref (trial->machine);
  g_free (trial->asked);
  g_free (trial);
}

static void schedule (Trial *trial);

static void
on_answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ValiseReadBack) back = NULL;
  Trial *trial = user_data;

  /* With the session this went too. */
  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  back = valise_machine_try_finish (VALISE_MACHINE (source), result, NULL);
  trial->busy = FALSE;
  if (back != NULL)
    valise_edit_session_set_read_back (trial->session, back);
  schedule (trial);
}

static gboolean
on_delay_over_cb (gpointer user_data)
{
  Trial *trial = user_data;
  ValiseDocument *draft = valise_edit_session_get_draft (trial->session);

  trial->delay_id = 0;
  trial->busy = TRUE;
  g_free (trial->asked);
  trial->asked = g_strdup (valise_document_get_text (draft));
  valise_machine_try_async (trial->machine, draft, valise_edit_session_get_original (trial->session),
                            trial->cancellable, on_answer_cb, trial);
  return G_SOURCE_REMOVE;
}

static void
schedule (Trial *trial)
{
  const char *text = valise_document_get_text (valise_edit_session_get_draft (trial->session));

  if (trial->busy || !valise_edit_session_wants_read_back (trial->session) || g_strcmp0 (text, trial->asked) == 0)
    return;
  g_clear_handle_id (&trial->delay_id, g_source_remove);
  trial->delay_id = g_timeout_add (DELAY_MS, on_delay_over_cb, trial);
}

void
valise_settings_trial_follow (ValiseEditSession *session, ValiseMachine *machine)
{
  Trial *trial = g_new0 (Trial, 1);

  trial->session = session;
  trial->machine = g_object_ref (machine);
  trial->cancellable = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (session), "valise-settings-trial", trial, trial_free);
  g_signal_connect_swapped (session, "changed", G_CALLBACK (schedule), trial);
  schedule (trial);
}
