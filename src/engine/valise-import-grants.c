/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a foreign machine would have of this computer: off, until somebody grants it item by item. */
#include "engine/valise-import-plan-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "engine/valise-passt-private.h"

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
has_card (const ValiseImportChoices *self)
{
  for (guint i = 0; i < self->blueprint->nics->len; i++)
    if (self->nics[i].taken)
      return !g_str_equal (self->nics[i].network, "bridge");
  return FALSE;
}

static char *
port_reason (const ValiseImportChoices *self)
{
  if (!has_card (self))
    return g_strdup (_ ("Only a machine in the shared network can be reached at a port of this computer."));
  return _valise_passt_reason ();
}

static char *
card_reason (const ValiseBlueprintWish *wish)
{
  g_autofree char *card = _valise_import_card_describe (wish);
  g_autofree char *address = card == NULL ? _valise_import_card_address (wish) : NULL;

  return card != NULL ? NULL : g_strdup_printf (_ ("This computer has no card at %s."), address);
}

static char *
serial_reason (const ValiseBlueprintWish *wish)
{
  if (wish->number < VALISE_SERIAL_PORTS_MOST)
    return NULL;
  return g_strdup (_ ("A machine here has four serial ports, and this would be another one."));
}

char *
valise_import_choices_grant_reason (const ValiseImportChoices *self, guint number)
{
  static const ValiseWishKind plain[] = { VALISE_WISH_FOLDER, VALISE_WISH_USB, VALISE_WISH_DEVICE,
                                          VALISE_WISH_SETTING };
  const ValiseBlueprintWish *wish;

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    if (find_wish (self, number, plain[i]) != NULL)
      return NULL;
  if ((wish = find_wish (self, number, VALISE_WISH_SERIAL)) != NULL)
    return serial_reason (wish);
  if ((wish = find_wish (self, number, VALISE_WISH_CARD)) != NULL)
    return card_reason (wish);
  if (find_wish (self, number, VALISE_WISH_PORT) != NULL)
    return port_reason (self);
  if (find_wish (self, number, VALISE_WISH_NETWORK) != NULL)
    return g_strdup (_ ("Choose the network of its card instead."));
  return g_strdup (_ ("Cannot be given as it is asked for. Set it up in the machine's settings if you want it."));
}

char *
valise_import_choices_describe_ask (const ValiseImportChoices *self, guint number)
{
  const ValiseBlueprintWish *wish = find_wish (self, number, VALISE_WISH_CARD);
  g_autofree char *card = wish != NULL ? _valise_import_card_describe (wish) : NULL;

  return card != NULL ? g_strdup_printf (_ ("On this computer that is: %s"), card) : NULL;
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
  g_autofree char *tag = wish->tag != NULL ? g_strdup (wish->tag) : g_strdup_printf ("share%u", count);
  g_autofree char *xml = NULL;

  if (folder == NULL)
    return;
  xml = g_markup_printf_escaped ("    <filesystem type='mount' accessmode='mapped'>\n      <source dir='%s'/>\n"
                                 "      <target dir='%s'/>\n",
                                 folder, tag);
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

static void
write_card (const ValiseBlueprintWish *wish, GString *text)
{
  g_string_append_printf (text,
                          "    <hostdev mode='subsystem' type='pci' managed='yes'>\n      <source>\n"
                          "        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
                          "      </source>\n    </hostdev>\n",
                          wish->address[0], wish->address[1], wish->address[2], wish->address[3]);
}

static void
write_element (const ValiseBlueprintWish *wish, GString *text)
{
  g_string_append_printf (text, "    %s\n", wish->xml);
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
      else if (wish->kind == VALISE_WISH_CARD)
        write_card (wish, text);
      else if (wish->kind == VALISE_WISH_DEVICE)
        write_element (wish, text);
    }
}

void
_valise_import_write_settings (const ValiseImportPlan *self, GString *text)
{
  GPtrArray *wishes = self->blueprint->wishes;

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (wish->kind == VALISE_WISH_SETTING && is_granted (self, wish->ask))
        write_element (wish, text);
    }
}

/* What was granted as it was asked for, and whose element begins like that. */
static const ValiseBlueprintWish *
find_element (const ValiseImportPlan *self, ValiseWishKind kind, const char *element, guint number)
{
  GPtrArray *wishes = self->blueprint->wishes;
  gsize length = strlen (element);

  for (guint i = 0; i < wishes->len; i++)
    {
      const ValiseBlueprintWish *wish = wishes->pdata[i];

      if (wish->kind == kind && wish->number == number && is_granted (self, wish->ask)
          && strncmp (wish->xml + 1, element, length) == 0 && !g_ascii_isalnum (wish->xml[length + 1]))
        return wish;
    }
  return NULL;
}

gboolean
_valise_import_is_replaced (const ValiseImportPlan *self, const char *element)
{
  return find_element (self, VALISE_WISH_DEVICE, element, 0) != NULL;
}

gboolean
_valise_import_write_serial (const ValiseImportPlan *self, guint number, const char *target, GString *text)
{
  static const char end[] = "</serial>";
  const ValiseBlueprintWish *wish = find_element (self, VALISE_WISH_SERIAL, "serial", number);

  if (wish == NULL || !g_str_has_suffix (wish->xml, end))
    return FALSE;
  g_string_append (text, "    ");
  g_string_append_len (text, wish->xml, (gssize) (strlen (wish->xml) - strlen (end)));
  g_string_append_printf (text, "%s%s\n", target, end);
  return TRUE;
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
