/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-script-words.h"

#include <string.h>

#define LONGEST_WORD 65536

typedef struct
{
  const char *at;
  GHashTable *variables;
  guint left; /* words */
  GString *word;
  gboolean in_word; /* "" is a word too */
  GPtrArray *line;
  GPtrArray *lines;
} Script;

static gboolean
is_name (char c, gboolean first)
{
  return g_ascii_isalpha (c) || c == '_' || (!first && g_ascii_isdigit (c));
}

/* --- words --- */

static gboolean
end_word (Script *self)
{
  if (!self->in_word)
    return TRUE;
  if (self->left == 0)
    return FALSE;
  self->left--;
  g_ptr_array_add (self->line, g_strdup (self->word->str));
  g_string_truncate (self->word, 0);
  self->in_word = FALSE;
  return TRUE;
}

/* Where the value begins when the line's first word is "NAME=value", or NULL. */
static const char *
find_value (Script *self)
{
  const char *word = self->line->len > 0 ? self->line->pdata[0] : "", *equal = strchr (word, '=');

  if (self->variables == NULL || equal == NULL || !is_name (*word, TRUE))
    return NULL;
  for (const char *c = word; c < equal; c++)
    if (!is_name (*c, FALSE))
      return NULL;
  return equal + 1;
}

static gboolean
is_list (const char *value)
{
  return value != NULL && *value == '(';
}

/* A list, "NAME=(one two)", goes on over lines until it is closed. */
static gboolean
is_open_list (Script *self)
{
  return is_list (find_value (self)) && !g_str_has_suffix (self->line->pdata[self->line->len - 1], ")");
}

static char *
join_list (Script *self, const char *first)
{
  GString *text = g_string_new (first + 1);

  for (guint i = 1; i < self->line->len; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", (const char *) self->line->pdata[i]);
  if (g_str_has_suffix (text->str, ")"))
    g_string_truncate (text, text->len - 1);
  g_strstrip (text->str);
  return g_string_free (text, FALSE);
}

/* An assignment that is alone on its line; one before a command is that command's and of no use here. */
static gboolean
take_assignment (Script *self)
{
  const char *value = find_value (self), *word;

  if (value == NULL || (self->line->len > 1 && !is_list (value)))
    return FALSE;
  word = self->line->pdata[0];
  g_hash_table_replace (self->variables, g_strndup (word, (gsize) (value - 1 - word)),
                        is_list (value) ? join_list (self, value) : g_strdup (value));
  return TRUE;
}

static gboolean
end_line (Script *self)
{
  if (!end_word (self))
    return FALSE;
  if (is_open_list (self) && *self->at != '\0')
    return TRUE;
  if (self->line->len > 0 && !take_assignment (self))
    {
      g_ptr_array_add (self->lines, self->line);
      self->line = g_ptr_array_new_with_free_func (g_free);
    }
  else
    g_ptr_array_set_size (self->line, 0);
  return TRUE;
}

/* Without quotes the value falls into words. */
static gboolean
put_value (Script *self, const char *value, gboolean quoted)
{
  for (; *value != '\0' && self->word->len <= LONGEST_WORD; value++)
    if (quoted || !g_ascii_isspace (*value))
      {
        g_string_append_c (self->word, *value);
        self->in_word = TRUE;
      }
    else if (!end_word (self))
      return FALSE;
  return TRUE;
}

/* "$NAME" or "${NAME}" of a known name; anything else of a shell stays as it is. */
static gboolean
take_variable (Script *self, gboolean quoted)
{
  const char *from = self->at + 1 + (self->at[1] == '{'), *to = from;
  g_autofree char *name = NULL;
  const char *value;

  while (is_name (*to, to == from))
    to++;
  name = g_strndup (from, (gsize) (to - from));
  value = self->variables != NULL ? g_hash_table_lookup (self->variables, name) : NULL;
  if (value == NULL || (self->at[1] == '{' && *to != '}'))
    return FALSE;
  self->at = to + (self->at[1] == '{');
  return put_value (self, value, quoted);
}

static gboolean
take_quoted (Script *self)
{
  char quote = *self->at++;

  self->in_word = TRUE;
  while (*self->at != '\0' && *self->at != quote)
    {
      if (quote == '"' && *self->at == '\\' && self->at[1] != '\0' && strchr ("\"\\$`\n", self->at[1]) != NULL)
        {
          if (*++self->at == '\n')
            {
              self->at++;
              continue;
            }
        }
      else if (quote == '"' && *self->at == '$' && take_variable (self, TRUE))
        continue;
      g_string_append_c (self->word, *self->at++);
    }
  return *self->at++ == quote;
}

static void
take_escaped (Script *self)
{
  self->at++;
  if (*self->at == '\r' && self->at[1] == '\n')
    self->at++;
  if (*self->at == '\0')
    return;
  if (*self->at != '\n')
    {
      g_string_append_c (self->word, *self->at);
      self->in_word = TRUE;
    }
  self->at++;
}

static gboolean
take_one (Script *self)
{
  char c = *self->at;

  if (c == '\'' || c == '"')
    return take_quoted (self);
  if (c == '\\')
    take_escaped (self);
  else if (c == '\n' || c == ';')
    {
      self->at++;
      return end_line (self);
    }
  else if (g_ascii_isspace (c))
    {
      self->at++;
      return end_word (self);
    }
  else if (c == '#' && !self->in_word)
    self->at += strcspn (self->at, "\n");
  else if (c != '$' || !take_variable (self, FALSE))
    {
      g_string_append_c (self->word, c);
      self->in_word = TRUE;
      self->at++;
    }
  return TRUE;
}

GPtrArray *
_valise_script_words (const char *text, GHashTable *variables, guint most)
{
  Script script = { .at = text, .variables = variables, .left = most };
  g_autoptr (GString) word = script.word = g_string_new (NULL);
  g_autoptr (GPtrArray) lines = script.lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  gboolean whole = TRUE;

  script.line = g_ptr_array_new_with_free_func (g_free);
  while (whole && *script.at != '\0')
    whole = take_one (&script);
  whole = whole && end_line (&script);
  g_ptr_array_unref (script.line);
  return whole ? g_steal_pointer (&lines) : NULL;
}
