/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-words-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-knob-spelling-private.h"

#define DEVICES "devices/"

/* --- labels --- */

/* The next word of @name, and where the one behind it starts: at a hump or behind a hyphen. */
static char *
take_word (const char **name)
{
  const char *start = *name, *end = start + 1;
  char *word;

  while (*end != '\0' && strchr ("_-:", *end) == NULL
         && !(g_ascii_isupper (end[0]) && g_ascii_islower (end[-1]) && g_ascii_islower (end[1])))
    end++;
  *name = *end != '\0' && strchr ("_-:", *end) != NULL ? end + 1 : end;
  word = g_strndup (start, (gsize) (end - start));
  if (g_ascii_isupper (word[0]) && g_ascii_islower (word[1]))
    word[0] = g_ascii_tolower (word[0]);
  return word;
}

/* "rx_queueSize" as "receive queue size". */
static void
append_words (GString *text, const char *name)
{
  const char *whole = _valise_knob_spelling_lookup (name);

  if (whole == NULL && *name == '@')
    whole = _valise_knob_spelling_lookup (++name);
  if (whole != NULL)
    {
      g_string_append (text, whole);
      return;
    }
  for (const char *rest = name; *rest != '\0';)
    {
      g_autofree char *word = take_word (&rest);
      const char *spelt = _valise_knob_spelling_lookup (word);

      if (text->len > 0 && text->str[text->len - 1] != ' ')
        g_string_append_c (text, ' ');
      g_string_append (text, spelt != NULL ? spelt : word);
    }
}

/* Of "cookies/cookie" the second says all. */
static gboolean
is_list_of (const char *name, const char *next)
{
  return next != NULL && strlen (next) >= strlen ("slot") && g_str_has_prefix (name, next);
}

static void
append_name (GString *text, char **names)
{
  const char *name = names[0];

  /* One prefix for all of "qemu:commandline/qemu:arg" is enough. */
  const char *colon = text->len > 0 ? strchr (name, ':') : NULL;

  if (is_list_of (name, names[1]))
    return;
  if (text->len > 0)
    g_string_append (text, names[1] == NULL ? ": " : " ");
  append_words (text, colon != NULL ? colon + 1 : name);
}

char *
_valise_knob_words_dup_label (const char *path)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  char **rest = names;

  if (g_str_has_prefix (path, DEVICES) && names[1] != NULL)
    {
      g_autofree char *device = g_strconcat (DEVICES, names[1], NULL);
      const char *spelt = _valise_knob_spelling_lookup (device);

      rest += 1;
      if (spelt != NULL)
        {
          g_string_append (text, spelt);
          rest += 1;
        }
    }
  for (; *rest != NULL; rest++)
    append_name (text, rest);
  if (text->len > 0)
    text->str[0] = g_ascii_toupper (text->str[0]);
  return g_string_free (text, FALSE);
}

const char *
_valise_knob_words_label (GStringChunk *strings, const char *path)
{
  g_autofree char *label = _valise_knob_words_dup_label (path);

  return g_string_chunk_insert (strings, label);
}

/* --- help --- */

const char *
_valise_knob_words_help (GStringChunk *strings, const char *path, ValiseKnobKind kind)
{
  const char *slash = strrchr (path, '/');
  const char *leaf = slash != NULL ? slash + 1 : path;
  g_autofree char *above = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : g_strdup ("domain");
  const char *parent = strrchr (above, '/') != NULL ? strrchr (above, '/') + 1 : above;
  g_autofree char *text = NULL;

  if (*leaf == '@')
    /* Translators: the name of an XML attribute, and the element that it stands in */
    text = g_strdup_printf (_ ("The attribute “%s” of <%s> in libvirt's description of a machine."), leaf + 1, parent);
  else if (kind == VALISE_KNOB_PRESENCE)
    /* Translators: an XML element, and the one around it */
    text = g_strdup_printf (_ ("Whether <%s> stands in <%s> of libvirt's description of a machine."), leaf, parent);
  else
    /* Translators: an XML element, and the one around it */
    text = g_strdup_printf (_ ("What <%s> holds, in <%s> of libvirt's description of a machine."), leaf, parent);
  return g_string_chunk_insert (strings, text);
}
