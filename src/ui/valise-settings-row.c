/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-row.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Long enough that a held spin button or a word being typed is one undo step, short enough to be "at once". */
#define COMMIT_DELAY_MS 250
#define CHOICE_WIDTH 250

typedef struct
{
  GtkLabel *title_label;
  GtkLabel *help_label;
  GtkLabel *source_label;
  GtkLabel *timing_label;
  GtkBox *control_box;
  GtkBox *extra_box;
  GtkButton *reset_button;
  GtkWidget *finding_box;
  GtkImage *finding_image;
  GtkLabel *finding_label;
  GtkButton *remedy_button;

  ValiseEditSession *session;
  GPtrArray *refusals;
  char *device;
  char *knob;
  const ValiseKnob *description;
  char **also;
  char *help;
  char *source;
  char *problem;
  char *fix_knob;
  char *fix_value;
  guint commit_id;
  gboolean refreshing;
  gboolean committing;
} ValiseSettingsRowPrivate;

enum
{
  PROP_0,
  PROP_KNOB,
  PROP_ALSO,
  PROP_HELP,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (ValiseSettingsRow, valise_settings_row, HDY_TYPE_PREFERENCES_ROW)

#define PRIVATE(self) ((ValiseSettingsRowPrivate *) valise_settings_row_get_instance_private (self))

static void
set_class (GtkWidget *widget, const char *name, gboolean on)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  if (on)
    gtk_style_context_add_class (context, name);
  else
    gtk_style_context_remove_class (context, name);
}

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static void
show_words (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  const char *title = hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self));
  const char *help = priv->help;

  if ((title == NULL || *title == '\0') && priv->knob != NULL)
    hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (self),
                                   knob != NULL ? valise_knob_get_label (knob) : priv->knob);
  if (help == NULL && knob != NULL)
    help = valise_knob_get_help (knob);
  set_text (priv->title_label, hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self)));
  set_text (priv->help_label, help);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)),
                       hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self)));
}

static gboolean
is_set (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  g_autofree char *value = priv->knob != NULL ? valise_settings_row_get_value (self, priv->knob) : NULL;

  for (char **knob = priv->also; value == NULL && knob != NULL && *knob != NULL; knob++)
    value = valise_settings_row_get_value (self, *knob);
  return value != NULL;
}

static void
show_source (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  gboolean set = is_set (self);
  gboolean can_reset = set && (knob == NULL || !knob->required);
  g_autofree char *text = NULL;

  if (priv->source != NULL)
    text = g_strdup (priv->source);
  else if (set)
    text = g_strdup (_ ("Set here"));
  else if (knob != NULL && knob->fallback != NULL)
    /* Translators: %s is what libvirt does when the setting is not set, for example "write-back" */
    text = g_strdup_printf (_ ("Default: %s"), _ (knob->fallback));
  else
    text = g_strdup (_ ("Default"));
  gtk_label_set_text (priv->source_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (priv->source_label), text);
  set_class (GTK_WIDGET (self), "is-set", set);
  set_class (GTK_WIDGET (self), "is-default", !set);

  /* Kept in its place, so that controls stay aligned from row to row. */
  gtk_widget_set_opacity (GTK_WIDGET (priv->reset_button), can_reset ? 1.0 : 0.0);
  gtk_widget_set_sensitive (GTK_WIDGET (priv->reset_button), can_reset);
}

static void
show_timing (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  const ValiseKnob *knob = valise_settings_row_get_description (self);
  gboolean live = knob != NULL && knob->timing == VALISE_KNOB_LIVE;
  gboolean running = valise_edit_session_get_running (priv->session);

  gtk_label_set_text (priv->timing_label, live ? _ ("now") : _ ("after restart"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (priv->timing_label),
                               live ? _ ("A change takes effect in the running machine as soon as it is applied")
                                    : _ ("A change takes effect when the machine is started the next time"));
  gtk_widget_set_visible (GTK_WIDGET (priv->timing_label), running);
}

/* "devices/disk[@device='cdrom']/..." is the table's way to tell CDs from disks; a page knows which it has. */
static char *
without_kind (const char *knob)
{
  const char *open = strstr (knob, "[@device=");
  const char *close = open != NULL ? strchr (open, ']') : NULL;

  if (close == NULL)
    return g_strdup (knob);
  return g_strdup_printf ("%.*s%s", (int) (open - knob), knob, close + 1);
}

/* Whether @where, a finding's place, is outside devices or in this row's device. */
static gboolean
is_about_here (ValiseSettingsRow *self, const char *where)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  const char *bracket = priv->device != NULL ? strchr (priv->device, '[') : NULL;
  gsize length = bracket != NULL ? (gsize) (bracket - priv->device) : 0;

  if (length == 0 || strncmp (where, priv->device, length) != 0)
    return TRUE;
  if (where[length] == '[')
    return g_str_has_prefix (where, priv->device);
  return (where[length] == '/' || where[length] == '\0') && g_str_equal (bracket, "[1]");
}

static const ValiseFinding *
find_refusal (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  for (guint i = 0; priv->refusals != NULL && i < priv->refusals->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (priv->refusals, i);
      if (finding->where != NULL && is_about_here (self, finding->where)
          && valise_settings_row_has_knob (self, finding->where))
        return finding;
    }
  return NULL;
}

static const ValiseFinding *
find_worst (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
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
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
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

static void
show_finding (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
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
    case PROP_HELP:
      g_value_set_string (value, priv->help);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
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
      g_strfreev (priv->also);
      priv->also = g_value_get_string (value) != NULL ? g_strsplit (g_value_get_string (value), " ", -1) : NULL;
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
      g_clear_pointer (&priv->problem, g_free);
      g_set_object (&priv->session, session);
      g_free (priv->device);
      priv->device = g_strdup (device);
      show_words (self);
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
  show_source (self);
  show_timing (self);
  show_finding (self);
}

void
valise_settings_row_set_refusals (ValiseSettingsRow *self, GPtrArray *findings)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_clear_pointer (&priv->refusals, g_ptr_array_unref);
  priv->refusals = findings != NULL ? g_ptr_array_ref (findings) : NULL;
  if (priv->session != NULL)
    show_finding (self);
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

static char *
plain_pattern (const char *knob)
{
  g_autofree char *pattern = valise_knob_pattern (knob);
  return without_kind (pattern);
}

gboolean
valise_settings_row_has_knob (ValiseSettingsRow *self, const char *knob)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  g_autofree char *pattern = plain_pattern (knob);
  g_autofree char *own = priv->knob != NULL ? plain_pattern (priv->knob) : NULL;

  if (g_strcmp0 (own, pattern) == 0)
    return TRUE;
  for (char **other = priv->also; other != NULL && *other != NULL; other++)
    {
      g_autofree char *also = plain_pattern (*other);
      if (g_str_equal (also, pattern))
        return TRUE;
    }
  return FALSE;
}

char *
valise_settings_row_resolve (ValiseSettingsRow *self, const char *knob)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  g_autofree char *plain = without_kind (knob);
  const char *bracket = priv->device != NULL ? strchr (priv->device, '[') : NULL;
  gsize length = bracket != NULL ? (gsize) (bracket - priv->device) : 0;

  if (length == 0 || strncmp (plain, priv->device, length) != 0 || (plain[length] != '/' && plain[length] != '\0'))
    return g_strdup (knob);
  return g_strconcat (priv->device, plain + length, NULL);
}

char *
valise_settings_row_get_value (ValiseSettingsRow *self, const char *knob)
{
  g_autofree char *path = valise_settings_row_resolve (self, knob);
  return valise_edit_session_get (PRIVATE (self)->session, path);
}

gboolean
valise_settings_row_set_value (ValiseSettingsRow *self, const char *knob, const char *value)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);
  g_autofree char *path = valise_settings_row_resolve (self, knob);
  g_autoptr (GError) error = NULL;
  gboolean done = value != NULL ? valise_edit_session_set (priv->session, path, value, &error)
                                : valise_edit_session_unset (priv->session, path, &error);

  valise_settings_row_set_problem (self, done ? NULL : error->message);
  return done;
}

/* A choice is as wide as its longest entry with its reason; in the row it need not be. */
static GtkWidget *
clamp (GtkWidget *combo)
{
  GtkWidget *box = hdy_clamp_new ();

  hdy_clamp_set_maximum_size (HDY_CLAMP (box), CHOICE_WIDTH);
  hdy_clamp_set_tightening_threshold (HDY_CLAMP (box), CHOICE_WIDTH);
  gtk_widget_set_size_request (box, CHOICE_WIDTH, -1);
  gtk_container_add (GTK_CONTAINER (box), combo);
  gtk_widget_show (box);
  return box;
}

void
valise_settings_row_name_control (ValiseSettingsRow *self, GtkWidget *control, const char *part)
{
  AtkObject *accessible = gtk_widget_get_accessible (control);
  const char *title;
  g_autofree char *name = NULL;

  show_words (self);
  title = hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (self));
  name = part != NULL ? g_strdup_printf ("%s: %s", title, part) : g_strdup (title);
  atk_object_set_name (accessible, name);
  atk_object_add_relationship (accessible, ATK_RELATION_LABELLED_BY,
                               gtk_widget_get_accessible (GTK_WIDGET (PRIVATE (self)->title_label)));
}

void
valise_settings_row_add_control (ValiseSettingsRow *self, GtkWidget *control, const char *part)
{
  GtkWidget *shown = GTK_IS_COMBO_BOX (control) ? clamp (control) : control;

  valise_settings_row_name_control (self, control, part);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (PRIVATE (self)->control_box), shown);
  gtk_widget_show (control);
}

void
valise_settings_row_add_wide (ValiseSettingsRow *self, GtkWidget *control)
{
  gtk_container_add (GTK_CONTAINER (PRIVATE (self)->extra_box), control);
  gtk_widget_show (control);
}

void
valise_settings_row_set_help (ValiseSettingsRow *self, const char *help)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (g_strcmp0 (priv->help, help) == 0)
    return;
  g_free (priv->help);
  priv->help = g_strdup (help);
  show_words (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HELP]);
}

void
valise_settings_row_set_source (ValiseSettingsRow *self, const char *text)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  g_free (priv->source);
  priv->source = g_strdup (text);
  if (priv->session != NULL)
    show_source (self);
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
    show_finding (self);
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
valise_settings_row_focus (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = PRIVATE (self);

  if (!gtk_widget_child_focus (GTK_WIDGET (priv->control_box), GTK_DIR_TAB_FORWARD)
      && !gtk_widget_child_focus (GTK_WIDGET (priv->extra_box), GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (GTK_WIDGET (self));
}
