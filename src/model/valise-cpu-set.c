/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-cpu-set.h"

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

static gboolean
read_number (const char **at, guint *number)
{
  const char *digits = skip_space (*at);

  *number = 0;
  if (!g_ascii_isdigit (*digits))
    return FALSE;
  for (; g_ascii_isdigit (*digits) && *number < VALISE_CPU_SET_MOST; digits++)
    *number = *number * 10 + (guint) g_ascii_digit_value (*digits);
  *at = skip_space (digits);
  return *number < VALISE_CPU_SET_MOST;
}

static void
set_range (GArray *flags, guint first, guint last, gboolean on)
{
  if (on && last >= flags->len)
    g_array_set_size (flags, last + 1);
  for (guint i = first; i <= last && i < flags->len; i++)
    g_array_index (flags, gboolean, i) = on;
}

/* "3", "0-3" or "^2". */
static gboolean
read_part (const char **at, GArray *flags)
{
  guint first, last;
  gboolean on;

  *at = skip_space (*at);
  on = **at != '^';
  *at += !on;
  if (!read_number (at, &first))
    return FALSE;
  last = first;
  if (on && **at == '-')
    {
      (*at)++;
      if (!read_number (at, &last) || last < first)
        return FALSE;
    }
  set_range (flags, first, last, on);
  return TRUE;
}

static void
trim (GArray *flags)
{
  while (flags->len > 0 && !g_array_index (flags, gboolean, flags->len - 1))
    g_array_set_size (flags, flags->len - 1);
}

GArray *
valise_cpu_set_parse (const char *text)
{
  g_autoptr (GArray) flags = g_array_new (FALSE, TRUE, sizeof (gboolean));

  g_return_val_if_fail (text != NULL, NULL);

  text = skip_space (text);
  while (*text != '\0')
    {
      if (!read_part (&text, flags) || (*text != ',' && *text != '\0'))
        return NULL;
      if (*text == ',' && *skip_space (++text) == '\0')
        return NULL;
    }
  trim (flags);
  return g_steal_pointer (&flags);
}

char *
valise_cpu_set_format (GArray *flags)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (flags != NULL, g_string_free (text, FALSE));

  for (guint i = 0; i < flags->len; i++)
    {
      guint last = i;

      if (!g_array_index (flags, gboolean, i))
        continue;
      while (last + 1 < flags->len && g_array_index (flags, gboolean, last + 1))
        last++;
      g_string_append_printf (text, "%s%u", text->len > 0 ? "," : "", i);
      if (last > i)
        g_string_append_printf (text, "-%u", last);
      i = last;
    }
  return g_string_free (text, FALSE);
}
