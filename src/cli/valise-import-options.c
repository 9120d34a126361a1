/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/valise-import-options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli/valise-command.h"

void
_valise_import_options_clear (ValiseImportOptions *self)
{
  g_strfreev (self->names);
  g_free (self->in);
  g_free (self->configuration);
  g_free (self->mac);
  g_free (self->machine);
  g_free (self->disk_bus);
  g_strfreev (self->decisions);
  g_strfreev (self->grants);
}

G_GNUC_PRINTF (2, 3)
static gboolean
set_usage (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, VALISE_COMMAND_ERROR, VALISE_COMMAND_ERROR_USAGE, text);
  return FALSE;
}

/* "2=Web" is the second machine's; 0: no number stands there. @rest: (out): what follows */
static guint
read_number (const char *word, const char **rest)
{
  gsize digits = strspn (word, "0123456789");

  *rest = word;
  if (digits == 0 || digits > 4 || (word[digits] != '=' && word[digits] != '\0'))
    return 0;
  *rest = word[digits] == '=' ? word + digits + 1 : word + digits;
  return (guint) g_ascii_strtoull (word, NULL, 10);
}

const char *
_valise_import_options_get_name (const ValiseImportOptions *self)
{
  for (char **name = self->names; name != NULL && *name != NULL; name++)
    {
      const char *rest;

      if (read_number (*name, &rest) == 0 || *rest == '\0')
        return *name;
    }
  return NULL;
}

/* --- which --- */

static gboolean
mark_machines (const ValiseImportOptions *self, gboolean *chosen, guint count, GError **error)
{
  g_auto (GStrv) words = self->machine != NULL ? g_strsplit (self->machine, ",", -1) : NULL;

  for (guint i = 0; i < count; i++)
    chosen[i] = words == NULL;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (words[i], 10, 1, count, &number, NULL))
        return set_usage (error,
                          ngettext ("There is %u machine in it.",
                                    "There are %u machines in it; --machine counts from 1.", count),
                          count);
      chosen[number - 1] = TRUE;
    }
  return TRUE;
}

static gboolean
set_names (const ValiseImportOptions *self, GPtrArray *all, guint count, GError **error)
{
  const char *plain = _valise_import_options_get_name (self);

  if (plain != NULL && count > 1)
    return set_usage (
        error,
        _ ("There are several machines in it. Choose one with --machine to give it a name, or write --name 2=NAME."));
  for (guint i = 0; i < all->len; i++)
    {
      ValiseImportChoices *choices = all->pdata[i];

      if (choices->taken)
        choices->name = g_strdup (plain);
      for (char **name = self->names; name != NULL && *name != NULL; name++)
        {
          const char *rest;

          if (read_number (*name, &rest) != i + 1 || *rest == '\0')
            continue;
          g_free (choices->name);
          choices->name = g_strdup (rest);
        }
    }
  return TRUE;
}

/* --- how --- */

static gboolean
read_mac (const ValiseImportOptions *self, ValiseMacPolicy *policy, GError **error)
{
  *policy = g_strcmp0 (self->mac, "new") == 0 ? VALISE_MAC_NEW : VALISE_MAC_KEEP;
  if (self->mac == NULL || g_str_equal (self->mac, "new") || g_str_equal (self->mac, "keep"))
    return TRUE;
  return set_usage (error, _ ("--mac is “new” or “keep”."));
}

static gboolean
set_bus (const ValiseImportOptions *self, ValiseImportChoices *choices, const ValiseImportPlan *plan, GError **error)
{
  const char *const *buses = valise_import_disk_buses (plan);
  g_autofree char *all = NULL;
  guint i = 0;

  if (self->disk_bus == NULL)
    return TRUE;
  while (buses[i] != NULL && !g_str_equal (buses[i], self->disk_bus))
    i++;
  all = g_strjoinv (", ", (char **) buses);
  if (buses[i] == NULL)
    return set_usage (error, _ ("--disk-bus is one of %s."), all);
  for (guint j = 0; j < choices->blueprint->drives->len; j++)
    choices->drives[j].bus = buses[i];
  return TRUE;
}

static gboolean
grant (ValiseImportChoices *choices, const char *word, GError **error)
{
  const char *folder;
  guint number = read_number (word, &folder);
  g_autofree char *reason = NULL;
  gboolean wants;

  if (number == 0 || number > choices->blueprint->asks->len)
    return set_usage (error, _ ("“%s” asks for %u things; --grant counts from 1."), choices->blueprint->name,
                      choices->blueprint->asks->len);
  reason = valise_import_choices_grant_reason (choices, number - 1);
  if (reason != NULL)
    return set_usage (error, "--grant %u: %s", number, reason);
  valise_import_choices_get_folder (choices, number - 1, &wants);
  if (*folder != '\0' && (!wants || !g_path_is_absolute (folder) || !g_file_test (folder, G_FILE_TEST_IS_DIR)))
    return set_usage (error, _ ("“%s” is no folder that can be shared; write it from / on."), folder);
  if (*folder != '\0')
    valise_import_choices_set_folder (choices, number - 1, folder);
  choices->asks[number - 1].granted = TRUE;
  return TRUE;
}

static gboolean
grant_all (const ValiseImportOptions *self, ValiseImportChoices *choices, guint count, GError **error)
{
  if (self->grants == NULL)
    return TRUE;
  if (count > 1)
    return set_usage (error, _ ("There are several machines in it. Choose one with --machine to grant it something."));
  for (char **word = self->grants; *word != NULL; word++)
    if (!grant (choices, *word, error))
      return FALSE;
  return TRUE;
}

/* Returns: whether the word fitted this machine; nothing is an error until it has fitted none of them */
static gboolean
decide (ValiseImportChoices *choices, ValiseCapabilities *capabilities, const char *word)
{
  g_autoptr (ValiseImportPlan) plan = valise_import_plan_new (choices, capabilities, NULL);
  g_autoptr (GPtrArray) points = valise_import_points_new (choices, plan);
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);

  return parts[0] != NULL && parts[1] != NULL && valise_import_choices_decide (choices, points, parts[0], parts[1]);
}

static gboolean
decide_all (const ValiseImportOptions *self, GPtrArray *taken, ValiseCapabilities *capabilities, GError **error)
{
  for (char **word = self->decisions; word != NULL && *word != NULL; word++)
    {
      gboolean fits = FALSE;

      for (guint i = 0; i < taken->len; i++)
        fits = decide (taken->pdata[i], capabilities, *word) || fits;
      if (!fits)
        return set_usage (error, _ ("There is nothing to be decided with “%s”; --dry-run says what there is."), *word);
    }
  return TRUE;
}

static gboolean
set_up (const ValiseImportOptions *self, GPtrArray *taken, ValiseCapabilities *capabilities, GError **error)
{
  for (guint i = 0; i < taken->len; i++)
    {
      ValiseImportChoices *choices = taken->pdata[i];
      g_autoptr (ValiseImportPlan) plan =
          choices->blueprint->refused ? NULL : valise_import_plan_new (choices, capabilities, NULL);

      if (plan != NULL && (!set_bus (self, choices, plan, error) || !grant_all (self, choices, taken->len, error)))
        return FALSE;
    }
  return decide_all (self, taken, capabilities, error);
}

GPtrArray *
_valise_import_options_choose (const ValiseImportOptions *self,
                               GPtrArray *machines,
                               ValiseCapabilities *capabilities,
                               GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_import_choices_free);
  g_autofree gboolean *chosen = g_new0 (gboolean, machines->len + 1);
  ValiseMacPolicy mac;
  gboolean done = mark_machines (self, chosen, machines->len, error) && read_mac (self, &mac, error);
  guint count = 0;

  if (!done)
    {
      g_ptr_array_unref (machines);
      return NULL;
    }
  g_ptr_array_set_free_func (machines, NULL);
  for (guint i = 0; i < machines->len; i++)
    {
      ValiseImportChoices *choices = valise_import_choices_new (machines->pdata[i], mac);

      choices->taken = chosen[i];
      count += chosen[i];
      g_ptr_array_add (all, choices);
    }
  g_ptr_array_unref (machines);
  if (!set_names (self, all, count, error))
    return NULL;
  for (guint i = all->len; i > 0; i--)
    if (!((ValiseImportChoices *) all->pdata[i - 1])->taken)
      g_ptr_array_remove_index (all, i - 1);
  return set_up (self, all, capabilities, error) ? g_steal_pointer (&all) : NULL;
}
