/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-keys-private.h"

#include <glib/gi18n-lib.h>
#include <linux/input-event-codes.h>
#include <string.h>

#include "engine/valise-engine-error.h"

/* Where each character of a US keyboard lies: the plain one, then the one with Shift. */
static const struct
{
  char plain, shifted;
  guint code;
} characters[] = {
  { '1', '!', KEY_1 },          { '2', '@', KEY_2 },           { '3', '#', KEY_3 },
  { '4', '$', KEY_4 },          { '5', '%', KEY_5 },           { '6', '^', KEY_6 },
  { '7', '&', KEY_7 },          { '8', '*', KEY_8 },           { '9', '(', KEY_9 },
  { '0', ')', KEY_0 },          { '-', '_', KEY_MINUS },       { '=', '+', KEY_EQUAL },
  { 'q', 'Q', KEY_Q },          { 'w', 'W', KEY_W },           { 'e', 'E', KEY_E },
  { 'r', 'R', KEY_R },          { 't', 'T', KEY_T },           { 'y', 'Y', KEY_Y },
  { 'u', 'U', KEY_U },          { 'i', 'I', KEY_I },           { 'o', 'O', KEY_O },
  { 'p', 'P', KEY_P },          { '[', '{', KEY_LEFTBRACE },   { ']', '}', KEY_RIGHTBRACE },
  { 'a', 'A', KEY_A },          { 's', 'S', KEY_S },           { 'd', 'D', KEY_D },
  { 'f', 'F', KEY_F },          { 'g', 'G', KEY_G },           { 'h', 'H', KEY_H },
  { 'j', 'J', KEY_J },          { 'k', 'K', KEY_K },           { 'l', 'L', KEY_L },
  { ';', ':', KEY_SEMICOLON },  { '\'', '"', KEY_APOSTROPHE }, { '`', '~', KEY_GRAVE },
  { '\\', '|', KEY_BACKSLASH }, { 'z', 'Z', KEY_Z },           { 'x', 'X', KEY_X },
  { 'c', 'C', KEY_C },          { 'v', 'V', KEY_V },           { 'b', 'B', KEY_B },
  { 'n', 'N', KEY_N },          { 'm', 'M', KEY_M },           { ',', '<', KEY_COMMA },
  { '.', '>', KEY_DOT },        { '/', '?', KEY_SLASH },       { ' ', 0, KEY_SPACE },
  { '\n', 0, KEY_ENTER },       { '\t', 0, KEY_TAB },          { '\b', 0, KEY_BACKSPACE },
  { 0x1b, 0, KEY_ESC },
};

static const struct
{
  const char *name;
  guint code;
} names[] = {
  { "ctrl", KEY_LEFTCTRL },
  { "control", KEY_LEFTCTRL },
  { "rightctrl", KEY_RIGHTCTRL },
  { "alt", KEY_LEFTALT },
  { "altgr", KEY_RIGHTALT },
  { "shift", KEY_LEFTSHIFT },
  { "super", KEY_LEFTMETA },
  { "meta", KEY_LEFTMETA },
  { "win", KEY_LEFTMETA },
  { "menu", KEY_COMPOSE },
  { "delete", KEY_DELETE },
  { "del", KEY_DELETE },
  { "insert", KEY_INSERT },
  { "home", KEY_HOME },
  { "end", KEY_END },
  { "pageup", KEY_PAGEUP },
  { "pagedown", KEY_PAGEDOWN },
  { "up", KEY_UP },
  { "down", KEY_DOWN },
  { "left", KEY_LEFT },
  { "right", KEY_RIGHT },
  { "enter", KEY_ENTER },
  { "return", KEY_ENTER },
  { "tab", KEY_TAB },
  { "space", KEY_SPACE },
  { "backspace", KEY_BACKSPACE },
  { "esc", KEY_ESC },
  { "escape", KEY_ESC },
  { "print", KEY_SYSRQ },
  { "sysrq", KEY_SYSRQ },
  { "pause", KEY_PAUSE },
  { "capslock", KEY_CAPSLOCK },
  { "numlock", KEY_NUMLOCK },
  { "scrolllock", KEY_SCROLLLOCK },
  { "minus", KEY_MINUS },
  { "plus", KEY_KPPLUS },
  { "f1", KEY_F1 },
  { "f2", KEY_F2 },
  { "f3", KEY_F3 },
  { "f4", KEY_F4 },
  { "f5", KEY_F5 },
  { "f6", KEY_F6 },
  { "f7", KEY_F7 },
  { "f8", KEY_F8 },
  { "f9", KEY_F9 },
  { "f10", KEY_F10 },
  { "f11", KEY_F11 },
  { "f12", KEY_F12 },
};

gboolean
_valise_keys_from_character (gunichar character, ValiseKeys *keys)
{
  for (gsize i = 0; character != 0 && i < G_N_ELEMENTS (characters); i++)
    {
      if (character == (guchar) characters[i].plain)
        {
          *keys = (ValiseKeys){ { characters[i].code }, 1 };
          return TRUE;
        }
      if (character == (guchar) characters[i].shifted)
        {
          *keys = (ValiseKeys){ { KEY_LEFTSHIFT, characters[i].code }, 2 };
          return TRUE;
        }
    }
  return FALSE;
}

static guint
code_from_name (const char *name)
{
  ValiseKeys single;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (names[i].name, name) == 0)
      return names[i].code;
  if (strlen (name) == 1 && _valise_keys_from_character ((guchar) g_ascii_tolower (*name), &single)
      && single.length == 1)
    return single.codes[0];
  return 0;
}

gboolean
_valise_keys_from_combination (const char *combination, ValiseKeys *keys, GError **error)
{
  /* An empty text has no parts, and yet names a key that is not there. */
  g_auto (GStrv) parts = g_strsplit_set (*combination != '\0' ? combination : "-", "-+", -1);

  *keys = (ValiseKeys){ { 0 }, 0 };
  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint code = code_from_name (parts[i]);

      if (code == 0 || keys->length == VALISE_KEYS_MOST)
        {
          g_set_error (
              error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
              _ ("There is no key “%s” in “%s”. Join names of keys with “-”, as in ctrl-alt-delete or ctrl-alt-f2."),
              parts[i], combination);
          return FALSE;
        }
      keys->codes[keys->length++] = code;
    }
  return TRUE;
}
