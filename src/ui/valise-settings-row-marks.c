/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-row-private.h"

#include <glib/gi18n-lib.h>

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  if (on)
    gtk_style_context_add_class (context, name);
  else
    gtk_style_context_remove_class (context, name);
}

/* A switch is on or off, whatever words the document has for it. */
static const char *
words_of_fallback (const ValiseKnob *knob)
{
  if (knob->kind == VALISE_KNOB_YES_NO && g_str_equal (knob->fallback, "yes"))
    return _ ("on");
  if (knob->kind == VALISE_KNOB_YES_NO && g_str_equal (knob->fallback, "no"))
    return _ ("off");
  return _ (knob->fallback);
}

char *
valise_settings_row_dup_default (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autofree char *path = priv->knob != NULL ? valise_settings_row_resolve (self, priv->knob) : NULL;

  return path != NULL && priv->session != NULL ? valise_edit_session_dup_default (priv->session, path) : NULL;
}

/* What libvirt fills in, or what is known of that without asking it. */
static char *
describe_default (ValiseSettingsRow *self, const ValiseKnob *knob)
{
  g_autofree char *filled = valise_settings_row_dup_default (self);
  const char *known = knob != NULL && knob->fallback != NULL ? words_of_fallback (knob) : NULL;

  if (filled != NULL || known != NULL)
    /* Translators: %s is what libvirt does when the setting is not set, for example "write-back" */
    return g_strdup_printf (_ ("Default: %s"), filled != NULL ? filled : known);
  return g_strdup (_ ("Default"));
}

void
_valise_settings_row_show_source (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  gboolean set = _valise_settings_row_is_set (self);
  gboolean can_reset = set && (knob == NULL || !knob->required);
  g_autofree char *text = NULL;

  if (priv->source != NULL)
    text = g_strdup (priv->source);
  else if (set)
    text = g_strdup (_ ("Set here"));
  else
    text = describe_default (self, knob);
  gtk_label_set_text (priv->source_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (priv->source_label), text);
  set_class (GTK_WIDGET (self), "is-set", set);
  set_class (GTK_WIDGET (self), "is-default", !set);

  /* Kept in its place, so that controls stay aligned from row to row. */
  gtk_widget_set_opacity (GTK_WIDGET (priv->reset_button), can_reset ? 1.0 : 0.0);
  gtk_widget_set_sensitive (GTK_WIDGET (priv->reset_button), can_reset);
}

void
_valise_settings_row_show_timing (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  gboolean live = knob != NULL && knob->timing == VALISE_KNOB_LIVE;
  gboolean running = valise_edit_session_get_running (priv->session);

  gtk_label_set_text (priv->timing_label, live ? _ ("now") : _ ("after restart"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (priv->timing_label),
                               live ? _ ("A change takes effect in the running machine as soon as it is applied")
                                    : _ ("A change takes effect when the machine is started the next time"));
  gtk_widget_set_visible (GTK_WIDGET (priv->timing_label), running);
}

static const ValiseFinding *
find_refusal (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);

  for (guint i = 0; priv->refusals != NULL && i < priv->refusals->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (priv->refusals, i);
      if (finding->where != NULL && _valise_settings_row_is_about_here (self, finding->where)
          && valise_settings_row_has_knob (self, finding->where))
        return finding;
    }
  return NULL;
}

static const ValiseFinding *
find_worst (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autofree char *main_knob = priv->knob != NULL ? valise_settings_row_resolve (self, priv->knob) : NULL;
  const ValiseFinding *worst = main_knob != NULL ? valise_edit_session_find (priv->session, main_knob) : NULL;
  const ValiseFinding *refusal = find_refusal (self);

  for (char **knob = priv->also; knob != NULL && *knob != NULL; knob++)
    {
      g_autofree char *path = valise_settings_row_resolve (self, *knob);
      const ValiseFinding *other = valise_edit_session_find (priv->session, path);
      if (other != NULL && (worst == NULL || other->severity > worst->severity))
        worst = other;
    }
  if (refusal != NULL && (worst == NULL || worst->severity < VALISE_SEVERITY_ERROR))
    worst = refusal;
  return worst;
}

static void
show_finding_text (ValiseSettingsRow *self, ValiseSeverity severity, const char *text, const char *remedy)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  static const char *const icons[] = { "dialog-information-symbolic", "dialog-warning-symbolic",
                                       "dialog-error-symbolic" };
  g_autofree char *words = remedy != NULL ? g_strdup_printf ("%s %s", text, remedy) : g_strdup (text);

  gtk_label_set_text (priv->finding_label, words);
  gtk_image_set_from_icon_name (priv->finding_image, icons[severity], GTK_ICON_SIZE_BUTTON);
  gtk_widget_show (priv->finding_box);
  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (self)), words);
  set_class (GTK_WIDGET (self), "has-error", severity == VALISE_SEVERITY_ERROR);
  set_class (GTK_WIDGET (self), "has-warning", severity == VALISE_SEVERITY_WARNING);
}

void
_valise_settings_row_show_finding (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  const ValiseFinding *finding = priv->problem == NULL ? find_worst (self) : NULL;

  g_clear_pointer (&priv->fix_knob, g_free);
  g_clear_pointer (&priv->fix_value, g_free);
  if (finding != NULL)
    {
      priv->fix_knob = g_strdup (finding->fix_knob);
      priv->fix_value = g_strdup (finding->fix_value);
    }
  gtk_widget_set_visible (GTK_WIDGET (priv->remedy_button), priv->fix_knob != NULL);

  if (priv->problem != NULL)
    show_finding_text (self, VALISE_SEVERITY_ERROR, priv->problem, NULL);
  else if (finding != NULL)
    show_finding_text (self, finding->severity, finding->text, finding->remedy);
  else
    {
      gtk_widget_hide (priv->finding_box);
      set_class (GTK_WIDGET (self), "has-error", FALSE);
      set_class (GTK_WIDGET (self), "has-warning", FALSE);
      atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (self)), gtk_label_get_text (priv->help_label));
    }
}
