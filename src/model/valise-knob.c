/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob.h"

#include <glib/gi18n-lib.h>

#include "model/valise-knob-private.h"

/* What search looks at, folded once: the words as people see them and as the table writes them. */
typedef struct
{
  char *label;
  char *label_english;
  char *path;
  char *synonyms;
  char *help;
} SearchText;

typedef struct
{
  const ValiseKnob *knob;
  guint rank;
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

static const ValiseKnob *const *const PARTS[] = {
  &_valise_knobs_system, &_valise_knobs_processor, &_valise_knobs_memory,  &_valise_knobs_boot,  &_valise_knobs_disk,
  &_valise_knobs_cdrom,  &_valise_knobs_network,   &_valise_knobs_display, &_valise_knobs_sound, &_valise_knobs_input,
};

static const ValiseKnob *
join_parts (gsize *length)
{
  GArray *all = g_array_new (TRUE, TRUE, sizeof (ValiseKnob));

  for (guint part = 0; part < G_N_ELEMENTS (PARTS); part++)
    for (const ValiseKnob *knob = *PARTS[part]; knob->path != NULL; knob++)
      g_array_append_val (all, *knob);
  *length = all->len;
  return (const ValiseKnob *) g_array_free (all, FALSE);
}

static GHashTable *
index_by_path (void)
{
  static gsize once = 0;
  static GHashTable *index = NULL;

  if (g_once_init_enter (&once))
    {
      gsize length;
      const ValiseKnob *table = valise_knob_table (&length);

      index = g_hash_table_new (g_str_hash, g_str_equal);
      for (gsize i = 0; i < length; i++)
        g_hash_table_insert (index, (gpointer) table[i].path, (gpointer) &table[i]);
      g_once_init_leave (&once, 1);
    }
  return index;
}

/* The end of the predicate that starts at @open ("["), after its "]"; quotes may hold brackets. */
static const char *
skip_predicate (const char *open)
{
  char quote = 0;

  for (const char *p = open; *p != '\0'; p++)
    if (quote != 0)
      quote = *p == quote ? 0 : quote;
    else if (*p == '\'' || *p == '"')
      quote = *p;
    else if (*p == ']')
      return p + 1;
  return open + strlen (open);
}

static void
strip_predicates (const char *path, gboolean keep_named, GString *out)
{
  g_string_truncate (out, 0);
  for (const char *p = path; *p != '\0';)
    {
      const char *end = *p == '[' ? skip_predicate (p) : p + 1;

      if (*p != '[' || (keep_named && !g_ascii_isdigit (p[1])))
        g_string_append_len (out, p, end - p);
      p = end;
    }
}

static char *
fold (const char *text)
{
  return text == NULL ? g_strdup ("") : g_utf8_casefold (text, -1);
}

static const SearchText *
search_texts (void)
{
  static gsize once = 0;
  static SearchText *texts = NULL;

  if (g_once_init_enter (&once))
    {
      gsize length;
      const ValiseKnob *table = valise_knob_table (&length);

      texts = g_new0 (SearchText, length);
      for (gsize i = 0; i < length; i++)
        {
          texts[i].label = fold (valise_knob_get_label (&table[i]));
          texts[i].label_english = fold (table[i].label);
          texts[i].path = fold (table[i].path);
          texts[i].synonyms = fold (table[i].synonyms);
          texts[i].help = fold (valise_knob_get_help (&table[i]));
        }
      g_once_init_leave (&once, 1);
    }
  return texts;
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
  if (g_str_has_prefix (text->label, word) || g_str_has_prefix (text->label_english, word))
    return RANK_LABEL_PREFIX;
  if (has_word_starting_with (text->label, word) || has_word_starting_with (text->label_english, word))
    return RANK_LABEL_WORD;
  if (strstr (text->path, word) != NULL)
    return RANK_PATH;
  if (strstr (text->synonyms, word) != NULL)
    return RANK_SYNONYM;
  if (strstr (text->help, word) != NULL || strstr (text->label, word) != NULL)
    return RANK_HELP;
  return RANK_NONE;
}

/* The sum over all words, each of which must be found. A label that is the phrase, or starts with it, beats everything. */
static guint
rank_phrase (const SearchText *text, const char *phrase, char **words)
{
  guint sum = 2;

  if (g_str_equal (text->label, phrase) || g_str_equal (text->label_english, phrase))
    return 0;
  if (g_str_has_prefix (text->label, phrase) || g_str_has_prefix (text->label_english, phrase))
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
  return left->knob < right->knob ? -1 : left->knob > right->knob;
}

const ValiseKnob *
valise_knob_table (gsize *length)
{
  static gsize once = 0;
  static const ValiseKnob *table = NULL;
  static gsize table_length = 0;

  if (g_once_init_enter (&once))
    {
      table = join_parts (&table_length);
      g_once_init_leave (&once, 1);
    }
  if (length != NULL)
    *length = table_length;
  return table;
}

const ValiseKnob *
valise_knob_lookup (const char *path)
{
  g_autoptr (GString) plain = NULL;
  const ValiseKnob *knob;

  g_return_val_if_fail (path != NULL, NULL);

  knob = g_hash_table_lookup (index_by_path (), path);
  if (knob != NULL || strchr (path, '[') == NULL)
    return knob;
  plain = g_string_sized_new (64);
  strip_predicates (path, TRUE, plain);
  knob = g_hash_table_lookup (index_by_path (), plain->str);
  if (knob != NULL)
    return knob;
  strip_predicates (path, FALSE, plain);
  return g_hash_table_lookup (index_by_path (), plain->str);
}

char *
valise_knob_pattern (const char *path)
{
  GString *pattern;

  g_return_val_if_fail (path != NULL, NULL);

  pattern = g_string_sized_new (64);
  strip_predicates (path, TRUE, pattern);
  return g_string_free (pattern, FALSE);
}

const char *
valise_knob_get_label (const ValiseKnob *knob)
{
  g_return_val_if_fail (knob != NULL, NULL);

  return _ (knob->label);
}

const char *
valise_knob_get_help (const ValiseKnob *knob)
{
  g_return_val_if_fail (knob != NULL, NULL);

  return _ (knob->help);
}

const char *
valise_knob_get_choice_label (const ValiseKnob *knob, const char *value)
{
  g_return_val_if_fail (knob != NULL, NULL);

  for (const ValiseKnobChoice *choice = knob->choices; value != NULL && choice != NULL && choice->value != NULL;
       choice++)
    if (g_str_equal (choice->value, value))
      return _ (choice->label);
  return NULL;
}

GPtrArray *
valise_knob_search (const char *words)
{
  GPtrArray *found = g_ptr_array_new ();
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (Hit));
  g_autofree char *stripped = g_strstrip (g_strdup (words != NULL ? words : ""));
  g_autofree char *phrase = fold (stripped);
  g_auto (GStrv) parts = g_strsplit_set (phrase, " \t", -1);
  const SearchText *texts = search_texts ();
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  for (gsize i = 0; *phrase != '\0' && i < length; i++)
    {
      Hit hit = { &table[i], rank_phrase (&texts[i], phrase, parts) };

      if (hit.rank != G_MAXUINT)
        g_array_append_val (hits, hit);
    }
  g_array_sort (hits, compare_hits);
  for (guint i = 0; i < hits->len; i++)
    g_ptr_array_add (found, (gpointer) g_array_index (hits, Hit, i).knob);
  return found;
}
