/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a foreign machine would have of this computer: off, until somebody grants it item by item. */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"

#define LONGEST_ASK 300
/* Only this computer itself reaches a forwarded port; who wants more opens it in the settings. */
#define LISTENS_ON "127.0.0.1"

static const ValiseBlueprintWish *
find_wish (const ValiseImportChoices *self, guint number, ValiseWishKind kind)
{
  GPtrArray *wishes = self->blueprint->wishes;

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (wish->ask == number && wish->kind == kind)
        return wish;
    }
  return NULL;
}

static gboolean
has_passt (void)
{
  g_autofree char *program = g_find_program_in_path ("passt");

  return program != NULL;
}

static gboolean
has_card (const ValiseImportChoices *self)
{
  for (guint i = 0; i < self->blueprint->nics->len; i++)
    if (self->nics[i].taken)
      return !g_str_equal (self->nics[i].network, "bridge");
  return FALSE;
}

char *
valise_import_choices_grant_reason (const ValiseImportChoices *self, guint number)
{
  if (find_wish (self, number, VALISE_WISH_FOLDER) != NULL || find_wish (self, number, VALISE_WISH_USB) != NULL)
    return NULL;
  if (find_wish (self, number, VALISE_WISH_PORT) == NULL)
    return g_strdup (_ ("Cannot be given as it is asked for. Set it up in the machine's settings if you want it."));
  if (!has_card (self))
    return g_strdup (_ ("Only a machine in the shared network can be reached at a port of this computer."));
  return has_passt () ? NULL : g_strdup (_ ("Install passt to have ports of this computer lead into a machine."));
}

const char *
valise_import_choices_get_folder (const ValiseImportChoices *self, guint number, gboolean *wants)
{
  const ValiseBlueprintWish *wish = find_wish (self, number, VALISE_WISH_FOLDER);

  if (wants != NULL)
    *wants = wish != NULL;
  if (wish == NULL || self->asks[number].folder != NULL)
    return wish != NULL ? self->asks[number].folder : NULL;
  return wish->path != NULL && g_file_test (wish->path, G_FILE_TEST_IS_DIR) ? wish->path : NULL;
}

void
valise_import_choices_set_folder (ValiseImportChoices *self, guint number, const char *folder)
{
  char *kept = g_strdup (folder);

  g_return_if_fail (number < self->blueprint->asks->len);

  g_free (self->asks[number].folder);
  self->asks[number].folder = kept;
}

/* --- in the document --- */

/* Granted, and still possible. */
static gboolean
is_granted (const ValiseImportPlan *self, guint number)
{
  g_autofree char *reason = NULL;

  if (!self->choices->asks[number].granted)
    return FALSE;
  reason = valise_import_choices_grant_reason (self->choices, number);
  return reason == NULL;
}

static void
write_folder (const ValiseImportPlan *self, const ValiseBlueprintWish *wish, guint count, GString *text)
{
  const char *folder = valise_import_choices_get_folder (self->choices, wish->ask, NULL);
  g_autofree char *xml = NULL;

  if (folder == NULL)
    return;
  xml = g_markup_printf_escaped ("    <filesystem type='mount' accessmode='mapped'>\n      <source dir='%s'/>\n"
                                 "      <target dir='share%u'/>\n",
                                 folder, count);
  g_string_append (text, xml);
  g_string_append (text, wish->read_only ? "      <readonly/>\n    </filesystem>\n" : "    </filesystem>\n");
}

static void
write_usb (const ValiseBlueprintWish *wish, GString *text)
{
  g_string_append_printf (text,
                          "    <hostdev mode='subsystem' type='usb'>\n      <source startupPolicy='optional'>\n"
                          "        <vendor id='0x%04x'/>\n        <product id='0x%04x'/>\n      </source>\n"
                          "    </hostdev>\n",
                          wish->vendor, wish->product);
}

void
_valise_import_write_grants (const ValiseImportPlan *self, GString *text)
{
  GPtrArray *wishes = self->blueprint->wishes;
  guint folders = 0;

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (!is_granted (self, wish->ask))
        continue;
      if (wish->kind == VALISE_WISH_FOLDER)
        write_folder (self, wish, ++folders, text);
      else if (wish->kind == VALISE_WISH_USB)
        write_usb (wish, text);
    }
}

gboolean
_valise_import_has_ports (const ValiseImportPlan *self)
{
  GPtrArray *wishes = self->blueprint->wishes;

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (wish->kind == VALISE_WISH_PORT && is_granted (self, wish->ask))
        return TRUE;
    }
  return FALSE;
}

void
_valise_import_write_ports (const ValiseImportPlan *self, GString *text)
{
  GPtrArray *wishes = self->blueprint->wishes;

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (wish->kind == VALISE_WISH_PORT && is_granted (self, wish->ask))
        g_string_append_printf (text,
                                "      <portForward proto='%s' address='" LISTENS_ON "'>\n"
                                "        <range start='%u' to='%u'/>\n      </portForward>\n",
                                wish->udp ? "udp" : "tcp", wish->port, wish->to);
    }
}

/* --- findings --- */

static void
tell_granted (ValiseImportPlan *self, guint number, const char *shown)
{
  gboolean wants;
  const char *folder = valise_import_choices_get_folder (self->choices, number, &wants);
  g_autofree char *text = NULL;

  if (wants && folder == NULL)
    {
      text = g_strdup_printf (_ ("Allowed, but the folder has yet to be chosen: %s"), shown);
      _valise_import_plan_tell (self, VALISE_SEVERITY_ERROR, "folder-missing", NULL, text,
                                _ ("Choose a folder of this computer, or do not allow it."));
      return;
    }
  text = g_strdup_printf (_ ("Allowed by you: %s"), shown);
  _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "host-access-granted", NULL, text, NULL);
}

/* What it would have of this computer is never carried over silently. */
void
_valise_import_tell_asks (ValiseImportPlan *self)
{
  for (guint i = 0; i < self->blueprint->asks->len; i++)
    {
      g_autofree char *shown = valise_text_for_display (g_ptr_array_index (self->blueprint->asks, i), LONGEST_ASK);
      g_autofree char *text = NULL;

      if (is_granted (self, i))
        {
          tell_granted (self, i, shown);
          continue;
        }
      text = g_strdup_printf (_ ("Not carried over, because it reaches into this computer: %s"), shown);
      _valise_import_plan_tell (self, VALISE_SEVERITY_INFO, "host-access-dropped", NULL, text,
                                _ ("Set it up anew in the machine's settings if you want it."));
    }
}
