/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-row-private.h"

#include <string.h>

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

static char *
plain_pattern (const char *knob)
{
  g_autofree char *pattern = valise_knob_pattern (knob);
  return without_kind (pattern);
}

gboolean
valise_settings_row_has_knob (ValiseSettingsRow *self, const char *knob)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
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
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
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
  return valise_edit_session_get (_valise_settings_row_get_private (self)->session, path);
}

gboolean
valise_settings_row_set_value (ValiseSettingsRow *self, const char *knob, const char *value)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autofree char *path = valise_settings_row_resolve (self, knob);
  g_autoptr (GError) error = NULL;
  gboolean done = value != NULL ? valise_edit_session_set (priv->session, path, value, &error)
                                : valise_edit_session_unset (priv->session, path, &error);

  valise_settings_row_set_problem (self, done ? NULL : error->message);
  return done;
}

gboolean
_valise_settings_row_is_set (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autofree char *value = priv->knob != NULL ? valise_settings_row_get_value (self, priv->knob) : NULL;

  for (char **knob = priv->also; value == NULL && knob != NULL && *knob != NULL; knob++)
    value = valise_settings_row_get_value (self, *knob);
  return value != NULL;
}

gboolean
_valise_settings_row_is_about_here (ValiseSettingsRow *self, const char *where)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  const char *bracket = priv->device != NULL ? strchr (priv->device, '[') : NULL;
  gsize length = bracket != NULL ? (gsize) (bracket - priv->device) : 0;

  if (length == 0 || strncmp (where, priv->device, length) != 0)
    return TRUE;
  if (where[length] == '[')
    return g_str_has_prefix (where, priv->device);
  return (where[length] == '/' || where[length] == '\0') && g_str_equal (bracket, "[1]");
}

static gboolean
is_of_use (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  g_autofree char *value = priv->when != NULL ? valise_settings_row_get_value (self, priv->when[0]) : NULL;

  return priv->when == NULL || g_strv_contains ((const char *const *) priv->when + 1, value != NULL ? value : "-");
}

void
_valise_settings_row_show_use (ValiseSettingsRow *self)
{
  ValiseSettingsRowPrivate *priv = _valise_settings_row_get_private (self);
  /* Never away from under the fingers of whoever empties it. */
  gboolean busy = gtk_container_get_focus_child (GTK_CONTAINER (self)) != NULL;

  if (priv->when == NULL || priv->session == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self), priv->asked || busy || _valise_settings_row_is_set (self)
                                                 || gtk_widget_get_visible (priv->finding_box) || is_of_use (self));
}
