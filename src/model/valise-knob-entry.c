/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-catalogue.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/valise-libxml2.h"
#include "base/valise-path.h"
#include "base/valise-size.h"
#include "model/valise-schema-tree-private.h"

#define LONGEST_QUOTE 60
/* Longer patterns are for machines. */
#define LONGEST_PATTERN 60
#define MOST_WORDS 40

/* --- checking --- */

static void
be_silent (void *data, const char *format, ...)
{
}

/* NULL for what is no expression, about which libxml2 would write to standard error. */
static xmlRegexp *
compile (const char *regex)
{
  xmlGenericErrorFunc before = xmlGenericError;
  void *data = xmlGenericErrorContext;
  xmlRegexp *compiled;

  xmlSetGenericErrorFunc (NULL, be_silent);
  compiled = xmlRegexpCompile (BAD_CAST regex);
  xmlSetGenericErrorFunc (data, before);
  return compiled;
}

static gboolean
matches_all (const GPtrArray *regexes, const char *value)
{
  for (guint i = 0; regexes != NULL && i < regexes->len; i++)
    {
      xmlRegexp *compiled = compile (regexes->pdata[i]);
      gboolean matches = compiled == NULL || xmlRegexpExec (compiled, BAD_CAST value) == 1;

      if (compiled != NULL)
        xmlRegFreeRegexp (compiled);
      if (!matches)
        return FALSE;
    }
  return TRUE;
}

static gboolean
contains (const GPtrArray *words, const char *value)
{
  for (guint i = 0; words != NULL && i < words->len; i++)
    if (g_str_equal (words->pdata[i], value))
      return TRUE;
  return FALSE;
}

/* Numbers beyond 63 bits are left to libvirt where the schema does not bound them. */
static gboolean
is_number_of (const ValisePattern *data, const char *value)
{
  g_autoptr (GError) error = NULL;
  const char *digits = *value == '+' ? value + 1 : value;
  gint64 number;

  if (g_ascii_string_to_signed (digits, 10, data->minimum, data->maximum, &number, &error))
    return TRUE;
  return g_error_matches (error, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS) && *value != '-'
         && data->maximum == G_MAXINT64 && g_ascii_string_to_unsigned (digits, 10, G_MAXINT64, G_MAXUINT64, NULL, NULL);
}

/* Of XML Schema's other types those are looked at that libxml2 looks at as well. */
static gboolean
fits_type (const char *type, const char *value)
{
  if (g_str_equal (type, "NCName"))
    return xmlValidateNCName (BAD_CAST value, 1) == 0;
  if (g_str_equal (type, "boolean"))
    return g_str_equal (value, "true") || g_str_equal (value, "false") || g_str_equal (value, "1")
           || g_str_equal (value, "0");
  return TRUE;
}

static gboolean
fits_data (const ValisePattern *data, const char *value)
{
  if (data->is_number && !is_number_of (data, value))
    return FALSE;
  if (data->longest > 0 && g_utf8_strlen (value, -1) > (glong) data->longest)
    return FALSE;
  return fits_type (data->text, value) && !contains (data->except, value) && matches_all (data->regexes, value);
}

static gboolean
fits_one (const ValiseSchemaNode *node, const char *value)
{
  g_autofree char *stripped = g_strstrip (g_strdup (value));

  if (node->text || contains (node->words, stripped))
    return TRUE;
  for (guint i = 0; i < node->data->len; i++)
    {
      const ValisePattern *data = node->data->pdata[i];

      if (fits_data (data, data->is_number ? stripped : value))
        return TRUE;
    }
  return FALSE;
}

static gboolean
fits_list (const ValiseSchemaNode *node, const char *value)
{
  g_auto (GStrv) words = g_strsplit_set (value, " \t\r\n", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !fits_one (node, words[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_switch_word (const char *value)
{
  static const char *const WORDS[] = { "", "yes", "no", "on", "off", "true", "false", "1", "0", NULL };

  return g_strv_contains (WORDS, value);
}

/* What has no pattern is known by our table alone. */
static gboolean
fits_kind (const ValiseKnob *knob, const char *value)
{
  const ValiseKnobChoice *choice = knob->choices;
  gint64 number;

  switch (knob->kind)
    {
    case VALISE_KNOB_YES_NO:
      return g_str_equal (value, "yes") || g_str_equal (value, "no");
    case VALISE_KNOB_ON_OFF:
      return g_str_equal (value, "on") || g_str_equal (value, "off");
    case VALISE_KNOB_NUMBER:
      return g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &number, NULL);
    case VALISE_KNOB_CHOICE:
      while (choice != NULL && choice->value != NULL && !g_str_equal (choice->value, value))
        choice++;
      return knob->open || choice == NULL || choice->value != NULL;
    default:
      return TRUE;
    }
}

/* Our table knows bounds that the schema does not tell. */
static gboolean
is_within (const ValiseKnob *knob, const char *value)
{
  gint64 number;

  if (knob->kind != VALISE_KNOB_NUMBER || knob->minimum == knob->maximum
      || !g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return TRUE;
  return number >= knob->minimum && number <= knob->maximum;
}

static gboolean
fits (const ValiseKnobEntry *self, const char *value)
{
  const ValiseSchemaNode *node = self->node;
  guint64 bytes;

  if (self->knob.kind == VALISE_KNOB_PRESENCE)
    return is_switch_word (value);
  if (self->knob.kind == VALISE_KNOB_SIZE && valise_size_parse (value, 1, &bytes, NULL))
    return TRUE;
  if (!is_within (&self->knob, value))
    return FALSE;
  if (node == NULL)
    return fits_kind (&self->knob, value);
  if (*value == '\0' && node->may_lack_text)
    return TRUE;
  return node->list ? fits_list (node, value) : fits_one (node, value);
}

/* --- describing --- */

static char *
join_words (const ValiseKnobEntry *self)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; self->words[i] != NULL && i < MOST_WORDS; i++)
    g_string_append_printf (words, "%s%s", i > 0 ? ", " : "", self->words[i]);
  if (g_strv_length ((char **) self->words) > MOST_WORDS)
    g_string_append (words, ", …");
  return g_string_free (words, FALSE);
}

static char *
describe_bounds (const ValiseKnobEntry *self)
{
  gboolean narrower = self->knob.minimum != self->knob.maximum;
  gint64 minimum = narrower ? self->knob.minimum : self->minimum;
  gint64 maximum = narrower ? self->knob.maximum : self->maximum;

  if (maximum != G_MAXINT64 && minimum != G_MININT64)
    return g_strdup_printf (_ ("a whole number from %" PRId64 " to %" PRId64), minimum, maximum);
  if (minimum != G_MININT64)
    return g_strdup_printf (_ ("a whole number from %" PRId64), minimum);
  return g_strdup (_ ("a whole number"));
}

static char *
describe_number (const ValiseKnobEntry *self)
{
  g_autofree char *bounds = describe_bounds (self);

  /* Translators: a range of numbers, which may also be written in base 16 */
  return self->hexadecimal ? g_strdup_printf (_ ("%s, or as in 0x1f"), bounds) : g_steal_pointer (&bounds);
}

static char *
describe_text (const ValiseKnobEntry *self)
{
  if (self->pattern == NULL || g_utf8_strlen (self->pattern, -1) > LONGEST_PATTERN)
    return g_strdup (_ ("text"));
  /* Translators: a regular expression */
  return g_strdup_printf (_ ("text of the form %s"), self->pattern);
}

/* What is possible beside the words. */
static char *
describe_other (const ValiseKnobEntry *self)
{
  return self->minimum != G_MININT64 || self->maximum != G_MAXINT64 ? describe_number (self)
                                                                    : g_strdup (_ ("other text"));
}

static char *
describe_choice (const ValiseKnobEntry *self)
{
  g_autofree char *words = self->words != NULL ? join_words (self) : NULL;
  g_autofree char *other = self->open ? describe_other (self) : NULL;

  if (words == NULL)
    return describe_text (self);
  /* Translators: words with commas between them, and what else is possible */
  if (other != NULL)
    return g_strdup_printf (_ ("one of %s, or %s"), words, other);
  return self->words[1] == NULL ? g_strdup (words) : g_strdup_printf (_ ("one of %s"), words);
}

static char *
describe_condition (const ValiseKnobCondition *self)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < self->words->len; i++)
    g_string_append_printf (words, "%s%s", i > 0 ? "|" : "", (const char *) self->words->pdata[i]);
  /* Translators: a setting, and the values that it may have, as in "file|block" */
  return g_strdup_printf (self->or_unset ? _ ("%s is %s or not set") : _ ("%s is %s"), self->path, words->str);
}

static void
append_situation (GString *text, const ValiseKnobSituation *self)
{
  for (guint i = self->conditions->len; i > 0; i--)
    {
      g_autofree char *condition = describe_condition (self->conditions->pdata[i - 1]);

      /* Translators: between two conditions of which both must be so */
      g_string_append_printf (text, "%s%s", i < self->conditions->len ? _ (" and ") : "", condition);
    }
}

/* --- public --- */

char *
valise_knob_entry_describe_values (const ValiseKnobEntry *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  switch (self->knob.kind)
    {
    case VALISE_KNOB_YES_NO:
      return g_strdup (_ ("yes or no"));
    case VALISE_KNOB_ON_OFF:
      return g_strdup (_ ("on or off"));
    case VALISE_KNOB_CHOICE:
      return describe_choice (self);
    case VALISE_KNOB_NUMBER:
    case VALISE_KNOB_PCI_ADDRESS:
      return describe_number (self);
    case VALISE_KNOB_SIZE:
      return g_strdup (_ ("a size such as 4 GiB"));
    case VALISE_KNOB_PATH:
      return g_strdup (_ ("the path of a file"));
    case VALISE_KNOB_MAC:
      return g_strdup (_ ("six pairs of digits and letters a to f, as in 52:54:00:12:34:56"));
    case VALISE_KNOB_UUID:
      return g_strdup (_ ("a UUID, as in 2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21"));
    case VALISE_KNOB_PRESENCE:
      return g_strdup (_ ("yes, or no to take it out"));
    case VALISE_KNOB_CPU_SET:
      return g_strdup (_ ("numbers of processors, as in 0-3,^2"));
    case VALISE_KNOB_LIST:
      return g_strdup (_ ("words with spaces between them"));
    case VALISE_KNOB_TEXT:
      break;
    }
  return describe_text (self);
}

char *
valise_knob_entry_describe_situations (const ValiseKnobEntry *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->situations->len; i++)
    {
      if (i > 0)
        /* Translators: between two conditions of which one is enough */
        g_string_append (text, _ (", or "));
      append_situation (text, self->situations->pdata[i]);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

gboolean
valise_knob_entry_check (const ValiseKnobEntry *self, const char *value, GError **error)
{
  g_autofree char *quote = NULL;
  g_autofree char *values = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  if (fits (self, value))
    return TRUE;
  quote = valise_text_for_display (value, LONGEST_QUOTE);
  values = valise_knob_entry_describe_values (self);
  g_set_error (error, VALISE_KNOB_CATALOGUE_ERROR, VALISE_KNOB_CATALOGUE_ERROR_VALUE,
               /* Translators: a setting's name, its path, what somebody typed, and what it takes ("one of a, b") */
               _ ("%s (%s) cannot be “%s”. It takes %s."), valise_knob_get_label (&self->knob), self->knob.path, quote,
               values);
  return FALSE;
}
