/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-words-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEVICES "devices/"

/* "rxQueue_size" as "rx queue size"; an abbreviation such as QoS or UUID stays together. */
static void
append_words (GString *text, const char *name, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      gboolean begins = i > 0 && g_ascii_isupper (name[i]) && g_ascii_islower (name[i - 1]) && i + 1 < length
                        && g_ascii_islower (name[i + 1]);

      if (begins)
        g_string_append_c (text, ' ');
      if (name[i] == '_' || name[i] == '-' || name[i] == ':')
        g_string_append_c (text, ' ');
      else if (name[i] != '@')
        g_string_append_c (text, begins ? g_ascii_tolower (name[i]) : name[i]);
    }
}

const char *
_valise_knob_words_label (GStringChunk *strings, const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *rest = g_str_has_prefix (path, DEVICES) ? path + strlen (DEVICES) : path;

  while (*rest != '\0')
    {
      gsize length = strcspn (rest, "/");
      const char *next = rest[length] == '/' ? rest + length + 1 : rest + length;
      gboolean is_last = *next == '\0';

      /* One prefix for all of "qemu:commandline/qemu:arg" is enough. */
      const char *colon = text->len > 0 ? memchr (rest, ':', length) : NULL;
      gsize prefix = colon != NULL ? (gsize) (colon + 1 - rest) : 0;

      if (text->len > 0)
        g_string_append (text, is_last ? ": " : " ");
      append_words (text, rest + prefix, length - prefix);
      rest = next;
    }
  if (text->len > 0)
    text->str[0] = g_ascii_toupper (text->str[0]);
  return g_string_chunk_insert (strings, text->str);
}

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
