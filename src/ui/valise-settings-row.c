/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-row-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Long enough that a held spin button or a word being typed is one undo step, short enough to be "at once". */
#define COMMIT_DELAY_MS 250

enum
{
  PROP_0,
  PROP_KNOB,
  PROP_ALSO,
  PROP_WHEN,
  PROP_HELP,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (ValiseSettingsRow, valise_settings_row, HDY_TYPE_PREFERENCES_ROW)

#define PRIVATE(self) ((ValiseSettingsRowPrivate *) valise_settings_row_get_instance_private (self))

static void
on_reset_clicked_cb (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_clear_handle_id (&priv->commit_id, g_source_remove);
  g_clear_pointer (&priv->problem, g_free);
  if (priv->session != NULL)
    VALISE_SETTINGS_ROW_GET_CLASS (self)->reset (self);
}

static void
on_remedy_clicked_cb (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  g_autofree char *knob = g_strdup (priv->fix_knob);
  g_autofree char *value = g_strdup (priv->fix_value);
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (knob == NULL)
    return;
  done = value != NULL ? valise_edit_session_set (priv->session, knob, value, &error)
                       : valise_edit_session_unset (priv->session, knob, &error);
  valise_settings_row_set_problem (self, done ? NULL : error->message);
}

static gboolean
on_commit_due_cb (gpointer user_data)
{
  ValiseSettingsRow *self = user_data;

  PRIVATE (self)->commit_id = 0;
  valise_settings_row_commit_now (self);
  return G_SOURCE_REMOVE;
}

static void
on_title_changed_cb (ValiseSettingsRow *self)
{
  gtk_label_set_text (PRIVATE (self)->title_label, hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self)));
}

static void
valise_settings_row_real_reset (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  valise_edit_session_begin (priv->session);
  for (char **knob = priv->also; knob != NULL && *knob != NULL; knob++)
    valise_settings_row_set_value (self, *knob, NULL);
  if (priv->knob != NULL)
    valise_settings_row_set_value (self, priv->knob, NULL);
  valise_edit_session_end (priv->session);
}

static void
valise_settings_row_nothing (ValiseSettingsRow *self)
{
}

static void
valise_settings_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (VALISE_SETTINGS_ROW (object));

  switch (id)
    {
    case PROP_KNOB:
      g_value_set_string (value, priv->knob);
      break;
    case PROP_ALSO:
      g_value_take_string (value, priv->also != NULL ? g_strjoinv (" ", priv->also) : NULL);
      break;
    case PROP_WHEN:
      g_value_take_string (value, priv->when != NULL ? g_strjoinv (" ", priv->when) : NULL);
      break;
    case PROP_HELP:
      g_value_set_string (value, priv->help);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
take_words (char ***words, const GValue *value)
{
  g_strfreev (*words);
  *words = g_value_get_string (value) != NULL ? g_strsplit (g_value_get_string (value), " ", -1) : NULL;
}

static void
valise_settings_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ValiseSettingsRow *self = VALISE_SETTINGS_ROW (object);
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  switch (id)
    {
    case PROP_KNOB:
      valise_settings_row_set_knob (self, g_value_get_string (value));
      break;
    case PROP_ALSO:
      take_words (&priv->also, value);
      break;
    case PROP_WHEN:
      take_words (&priv->when, value);
      break;
    case PROP_HELP:
      valise_settings_row_set_help (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_settings_row_dispose (GObject *object)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (VALISE_SETTINGS_ROW (object));

  g_clear_handle_id (&priv->commit_id, g_source_remove);
  g_clear_object (&priv->session);
  G_OBJECT_CLASS (valise_settings_row_parent_class)->dispose (object);
}

static void
valise_settings_row_finalize (GObject *object)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (VALISE_SETTINGS_ROW (object));

  g_clear_pointer (&priv->refusals, g_ptr_array_unref);
  g_free (priv->device);
  g_free (priv->knob);
  g_strfreev (priv->also);
  g_strfreev (priv->when);
  g_free (priv->help);
  g_free (priv->source);
  g_free (priv->problem);
  g_free (priv->fix_knob);
  g_free (priv->fix_value);
  G_OBJECT_CLASS (valise_settings_row_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-settings-row.glade");
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, line);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, title_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, help_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, source_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, timing_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, control_box);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, extra_box);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, reset_button);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, finding_box);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, finding_image);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, finding_label);
  gtk_widget_class_bind_template_child_private (widget_class, ValiseSettingsRow, remedy_button);
  gtk_widget_class_bind_template_callback (widget_class, on_reset_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy_clicked_cb);
}

static void
valise_settings_row_class_init (ValiseSettingsRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = valise_settings_row_get_property;
  object_class->set_property = valise_settings_row_set_property;
  object_class->dispose = valise_settings_row_dispose;
  object_class->finalize = valise_settings_row_finalize;
  klass->bound = valise_settings_row_nothing;
  klass->refresh = valise_settings_row_nothing;
  klass->commit = valise_settings_row_nothing;
  klass->reset = valise_settings_row_real_reset;

  properties[PROP_KNOB] = g_param_spec_string ("knob", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ALSO] = g_param_spec_string ("also", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_WHEN] = g_param_spec_string ("when", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HELP] = g_param_spec_string ("help", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
valise_settings_row_init (ValiseSettingsRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "valise-row");
  g_signal_connect (self, "notify::title", G_CALLBACK (on_title_changed_cb), NULL);
}

void
valise_settings_row_bind (ValiseSettingsRow *self, ValiseEditSession *session, const char *device)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  gboolean same = priv->session == session && g_strcmp0 (priv->device, device) == 0;

  if (!same)
    {
      valise_settings_row_flush (self);
      priv->asked = FALSE;
      g_clear_pointer (&priv->problem, g_free);
      g_set_object (&priv->session, session);
      g_free (priv->device);
      priv->device = g_strdup (device);
      _valise_settings_row_show_words (self);
      if (session != NULL)
        VALISE_SETTINGS_ROW_GET_CLASS (self)->bound (self);
    }
  valise_settings_row_refresh (self);
}

ValiseEditSession *
valise_settings_row_get_session (ValiseSettingsRow *self)
{
  return PRIVATE (self)->session;
}

ValiseDocument *
valise_settings_row_get_draft (ValiseSettingsRow *self)
{
  return valise_edit_session_get_draft (PRIVATE (self)->session);
}

const char *
valise_settings_row_get_device (ValiseSettingsRow *self)
{
  return PRIVATE (self)->device;
}

void
valise_settings_row_refresh (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (priv->session == NULL)
    return;
  if (priv->commit_id == 0)
    {
      priv->refreshing = TRUE;
      VALISE_SETTINGS_ROW_GET_CLASS (self)->refresh (self);
      priv->refreshing = FALSE;
    }
  _valise_settings_row_show_source (self);
  _valise_settings_row_show_timing (self);
  _valise_settings_row_show_finding (self);
  _valise_settings_row_show_use (self);
}

void
valise_settings_row_set_refusals (ValiseSettingsRow *self, GPtrArray *findings)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_clear_pointer (&priv->refusals, g_ptr_array_unref);
  priv->refusals = findings != NULL ? g_ptr_array_ref (findings) : NULL;
  if (priv->session == NULL)
    return;
  _valise_settings_row_show_finding (self);
  _valise_settings_row_show_use (self);
}

const char *
valise_settings_row_get_knob (ValiseSettingsRow *self)
{
  return PRIVATE (self)->knob;
}

void
valise_settings_row_set_knob (ValiseSettingsRow *self, const char *knob)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_free (priv->knob);
  priv->knob = g_strdup (knob);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KNOB]);
}

void
valise_settings_row_describe (ValiseSettingsRow *self, const ValiseKnob *knob)
{
  PRIVATE (self)->description = knob;
}

const ValiseKnob *
valise_settings_row_get_description (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (priv->description != NULL || priv->knob == NULL)
    return priv->description;
  return valise_knob_lookup (priv->knob);
}

void
valise_settings_row_set_help (ValiseSettingsRow *self, const char *help)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (g_strcmp0 (priv->help, help) == 0)
    return;
  g_free (priv->help);
  priv->help = g_strdup (help);
  _valise_settings_row_show_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HELP]);
}

void
valise_settings_row_set_source (ValiseSettingsRow *self, const char *text)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_free (priv->source);
  priv->source = g_strdup (text);
  if (priv->session != NULL)
    _valise_settings_row_show_source (self);
}

void
valise_settings_row_set_problem (ValiseSettingsRow *self, const char *text)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (g_strcmp0 (priv->problem, text) == 0)
    return;
  g_free (priv->problem);
  priv->problem = g_strdup (text);
  if (priv->session != NULL)
    _valise_settings_row_show_finding (self);
}

void
valise_settings_row_queue_commit (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (priv->refreshing || priv->committing || priv->session == NULL)
    return;
  g_clear_handle_id (&priv->commit_id, g_source_remove);
  priv->commit_id = g_timeout_add (COMMIT_DELAY_MS, on_commit_due_cb, self);
}

void
valise_settings_row_commit_now (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_clear_handle_id (&priv->commit_id, g_source_remove);
  if (priv->refreshing || priv->committing || priv->session == NULL)
    return;
  priv->committing = TRUE;
  VALISE_SETTINGS_ROW_GET_CLASS (self)->commit (self);
  priv->committing = FALSE;
}

void
valise_settings_row_flush (ValiseSettingsRow *self)
{
  if (PRIVATE (self)->commit_id != 0)
    valise_settings_row_commit_now (self);
}

gboolean
valise_settings_row_is_refreshing (ValiseSettingsRow *self)
{
  return PRIVATE (self)->refreshing;
}

void
valise_settings_row_reveal (ValiseSettingsRow *self)
{
  PRIVATE (self)->asked = TRUE;
  _valise_settings_row_show_use (self);
}

void
valise_settings_row_focus (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (!gtk_widget_child_focus (GTK_WIDGET (priv->control_box), GTK_DIR_TAB_FORWARD)
      && !gtk_widget_child_focus (GTK_WIDGET (priv->extra_box), GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (GTK_WIDGET (self));
}

ValiseSettingsRowPrivate *
_valise_settings_row_get_private (ValiseSettingsRow *self)
{
  return PRIVATE (self);
}
