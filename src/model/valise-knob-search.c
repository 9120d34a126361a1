/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-search-private.h"

#include <string.h>

typedef struct
{
  char *label;
  char *english;
  char *path;
  char *synonyms;
  char *help;
  gboolean behind;
  guint depth; /* of one that is behind: what stands further up comes first */
} SearchText;

struct _ValiseKnobIndex
{
  GArray *texts;
};

typedef struct
{
  guint number;
  guint rank;
  guint depth;
} Hit;

enum
{
  RANK_LABEL_PREFIX,
  RANK_LABEL_WORD,
  RANK_PATH,
  RANK_SYNONYM,
  RANK_HELP,
  RANK_NONE,
};

static char *
fold (const char *text)
{
  return text == NULL ? g_strdup ("") : g_utf8_casefold (text, -1);
}

static void
search_text_clear (gpointer data)
{
  SearchText *self = data;

  g_free (self->label);
  g_free (self->english);
  g_free (self->path);
  g_free (self->synonyms);
  g_free (self->help);
}

static gboolean
has_word_starting_with (const char *text, const char *word)
{
  for (const char *found = strstr (text, word); found != NULL; found = strstr (found + 1, word))
    if (found == text || !g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (found))))
      return TRUE;
  return FALSE;
}

static guint
rank_word (const SearchText *text, const char *word)
{
  if (g_str_has_prefix (text->label, word) || g_str_has_prefix (text->english, word))
    return RANK_LABEL_PREFIX;
  if (has_word_starting_with (text->label, word) || has_word_starting_with (text->english, word))
    return RANK_LABEL_WORD;
  if (strstr (text->path, word) != NULL)
    return RANK_PATH;
  if (strstr (text->synonyms, word) != NULL)
    return RANK_SYNONYM;
  if (strstr (text->help, word) != NULL || strstr (text->label, word) != NULL)
    return RANK_HELP;
  return RANK_NONE;
}

/* The sum over all words, each of which must be found. A label that is the phrase, or starts with it, beats
 * everything. */
static guint
rank_phrase (const SearchText *text, const char *phrase, char **words)
{
  guint sum = 2;

  if (g_str_equal (text->label, phrase) || g_str_equal (text->english, phrase))
    return 0;
  if (g_str_has_prefix (text->label, phrase) || g_str_has_prefix (text->english, phrase))
    return 1;
  for (; *words != NULL; words++)
    {
      guint rank = **words == '\0' ? 0 : rank_word (text, *words);

      if (rank == RANK_NONE)
        return G_MAXUINT;
      sum += rank;
    }
  return sum;
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const Hit *left = a, *right = b;

  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  if (left->depth != right->depth)
    return left->depth < right->depth ? -1 : 1;
  return left->number < right->number ? -1 : left->number > right->number;
}

ValiseKnobIndex *
_valise_knob_index_new (void)
{
  ValiseKnobIndex *self = g_new0 (ValiseKnobIndex, 1);

  self->texts = g_array_new (FALSE, FALSE, sizeof (SearchText));
  g_array_set_clear_func (self->texts, search_text_clear);
  return self;
}

void
_valise_knob_index_free (ValiseKnobIndex *self)
{
  g_array_unref (self->texts);
  g_free (self);
}

void
_valise_knob_index_add (ValiseKnobIndex *self,
                        const char *path,
                        const char *label,
                        const char *english,
                        const char *synonyms,
                        const char *help,
                        gboolean behind)
{
  SearchText text = { fold (label), fold (english), fold (path), fold (synonyms), fold (help), behind, 0 };

  for (const char *p = behind ? path : ""; *p != '\0'; p++)
    text.depth += *p == '/';
  g_array_append_val (self->texts, text);
}

GArray *
_valise_knob_index_search (ValiseKnobIndex *self, const char *words)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (Hit));
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *stripped = g_strstrip (g_strdup (words != NULL ? words : ""));
  g_autofree char *phrase = fold (stripped);
  g_auto (GStrv) parts = g_strsplit_set (phrase, " \t", -1);

  for (guint i = 0; *phrase != '\0' && i < self->texts->len; i++)
    {
      const SearchText *text = &g_array_index (self->texts, SearchText, i);
      guint rank = rank_phrase (text, phrase, parts);
      Hit hit = { i, 2 * rank + (text->behind ? 1 : 0), text->depth };

      if (rank != G_MAXUINT)
        g_array_append_val (hits, hit);
    }
  g_array_sort (hits, compare_hits);
  for (guint i = 0; i < hits->len; i++)
    g_array_append_val (numbers, g_array_index (hits, Hit, i).number);
  return numbers;
}
