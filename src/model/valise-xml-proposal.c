/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-xml-proposal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  const ValiseXmlPlace *place;
  ValiseKnobCatalogue *catalogue;
  ValiseCapabilities *capabilities;
  ValiseDocument *around; /* NULL when what is before the place is not well-formed: then all is possible */
  GPtrArray *found;
} Query;

static void
proposal_free (gpointer data)
{
  ValiseXmlProposal *self = data;

  g_free (self->text);
  g_free (self->label);
  g_free (self->help);
  g_free (self->reason);
  g_free (self);
}

static ValiseXmlProposal *
add (Query *self, ValiseXmlProposalKind kind, const char *label)
{
  ValiseXmlProposal *proposal = g_new0 (ValiseXmlProposal, 1);

  proposal->kind = kind;
  proposal->label = g_strdup (label);
  g_ptr_array_add (self->found, proposal);
  return proposal;
}

static char *
join (const char *path, const char *name)
{
  return *path != '\0' ? g_strdup_printf ("%s/%s", path, name) : g_strdup (name);
}

static gboolean
is_present (Query *self, const char *name)
{
  return g_ptr_array_find_with_equal_func (self->place->present, name, g_str_equal, NULL);
}

/* --- words about a knob --- */

static char *
help_of (const ValiseKnobEntry *entry)
{
  const char *label = entry != NULL ? valise_knob_get_label (&entry->knob) : NULL;
  const char *help = entry != NULL ? valise_knob_get_help (&entry->knob) : NULL;
  g_autofree char *values = NULL;

  if (entry == NULL)
    return NULL;
  values = valise_knob_entry_describe_values (entry);
  if (help == NULL || *help == '\0' || g_str_equal (help, label))
    return g_strdup_printf ("%s\n%s", label, values);
  return g_strdup_printf ("%s\n%s\n%s", label, help, values);
}

static char *
reason_of (Query *self, const ValiseKnobEntry *entry, const char *path)
{
  g_autofree char *situations = NULL;

  if (entry == NULL || self->around == NULL || valise_knob_entry_is_possible (entry, self->around, path))
    return NULL;
  situations = valise_knob_entry_describe_situations (entry);
  /* Translators: %s is a condition: "devices/disk/@type is file or block". */
  return situations != NULL ? g_strdup_printf (_ ("Only where %s."), situations) : NULL;
}

static void
describe (Query *self, ValiseXmlProposal *proposal, const char *name)
{
  g_autofree char *path = join (self->place->path, name);
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (self->catalogue, path);

  proposal->help = help_of (entry);
  proposal->reason = reason_of (self, entry, path);
}

/* --- elements and attributes --- */

/* An element may hold any number of some; one of others is enough. */
static gboolean
is_wanted (Query *self, const char *name)
{
  g_autofree char *path = join (self->place->path, name);

  return !is_present (self, name) || valise_knob_catalogue_may_repeat (self->catalogue, path);
}

static void
add_elements (Query *self, GPtrArray *names, const char *before)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      ValiseXmlProposal *proposal;

      if (*name == '@' || *name == '*' || !is_wanted (self, name))
        continue;
      proposal = add (self, VALISE_XML_PROPOSAL_ELEMENT, name);
      proposal->text = g_strconcat (before, name, NULL);
      describe (self, proposal, name);
    }
}

static void
add_attributes (Query *self, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      ValiseXmlProposal *proposal;

      if (*name != '@' || name[1] == '*' || is_present (self, name + 1))
        continue;
      proposal = add (self, VALISE_XML_PROPOSAL_ATTRIBUTE, name + 1);
      proposal->text = g_strdup_printf ("%s=%c%c", name + 1, self->place->quote, self->place->quote);
      proposal->back = 1;
      describe (self, proposal, name);
    }
}

static void
add_closing (Query *self, const char *before)
{
  const char *name = self->place->name;
  ValiseXmlProposal *proposal;

  if (name == NULL)
    return;
  proposal = add (self, VALISE_XML_PROPOSAL_CLOSING, name);
  proposal->text = g_strdup_printf ("%s%s>", before, name);
  g_free (proposal->label);
  proposal->label = g_strdup_printf ("/%s", name);
  /* Translators: %s is the name of an XML element */
  proposal->help = g_strdup_printf (_ ("Ends the <%s> that is open here"), name);
}

/* --- values --- */

static void
add_value (Query *self, const char *value, const char *words, const char *reason)
{
  ValiseXmlProposal *proposal = add (self, VALISE_XML_PROPOSAL_VALUE, value);

  proposal->text = g_markup_escape_text (value, -1);
  proposal->help = g_strcmp0 (words, value) != 0 ? g_strdup (words) : NULL;
  proposal->reason = g_strdup (reason);
}

static gboolean
has_value (Query *self, const char *value)
{
  for (guint i = 0; i < self->found->len; i++)
    {
      const ValiseXmlProposal *proposal = self->found->pdata[i];

      if (proposal->kind == VALISE_XML_PROPOSAL_VALUE && g_str_equal (proposal->label, value))
        return TRUE;
    }
  return FALSE;
}

/* What this computer says of the knob; those that it cannot have say why. */
static void
add_options (Query *self, const char *path)
{
  g_autofree char *arch = self->around != NULL ? valise_document_get (self->around, "os/type/@arch") : NULL;
  g_autofree char *machine = self->around != NULL ? valise_document_get (self->around, "os/type/@machine") : NULL;
  g_autoptr (GPtrArray) options =
      self->capabilities != NULL ? valise_capabilities_options (self->capabilities, path, arch, machine) : NULL;

  for (guint i = 0; options != NULL && i < options->len; i++)
    {
      const ValiseOption *option = options->pdata[i];

      if (option->value != NULL && *option->value != '\0')
        add_value (self, option->value, option->label, option->reason);
    }
}

static void
add_word (Query *self, const ValiseKnobEntry *entry, const char *word, const char *reason)
{
  if (!has_value (self, word))
    add_value (self, word, valise_knob_get_choice_label (&entry->knob, word), reason);
}

/* What the schema has, those words first that fit to what is around it. */
static void
add_words (Query *self, const ValiseKnobEntry *entry, const char *path)
{
  g_autoptr (GPtrArray) fitting =
      self->around != NULL && entry->words != NULL ? valise_knob_entry_list_words (entry, self->around, path) : NULL;

  for (guint i = 0; fitting != NULL && i < fitting->len; i++)
    add_word (self, entry, fitting->pdata[i], NULL);
  for (guint i = 0; entry->words != NULL && entry->words[i] != NULL; i++)
    add_word (self, entry, entry->words[i], fitting != NULL ? _ ("Not with what stands around it.") : NULL);
}

static void
add_values (Query *self, const char *path)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (self->catalogue, path);

  if (entry == NULL || entry->knob.kind == VALISE_KNOB_PRESENCE)
    return;
  add_options (self, path);
  add_words (self, entry, path);
}

/* --- order --- */

/* Possible and beginning with the word: 0. Nothing of it in the label: -1. */
static int
rank (const ValiseXmlProposal *self, const char *word)
{
  g_autofree char *label = g_utf8_casefold (self->label, -1), *wanted = g_utf8_casefold (word, -1);
  const char *start = label + (label[0] == '/'), *found = strstr (start, wanted);

  if (found == NULL)
    return -1;
  return (found > start) + 2 * (self->reason != NULL);
}

/* A stable sort by rank: the schema's order is kept within one. */
static GPtrArray *
in_order (GPtrArray *found, const char *word)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (proposal_free);

  for (int wanted = 0; wanted < 4; wanted++)
    for (guint i = 0; i < found->len; i++)
      if (found->pdata[i] != NULL && rank (found->pdata[i], word) == wanted)
        g_ptr_array_add (list, g_steal_pointer (&found->pdata[i]));
  return list;
}

static const char *
word_of (const ValiseXmlPlace *place)
{
  return place->kind == VALISE_XML_PLACE_ELEMENT && place->word[0] == '/' ? place->word + 1 : place->word;
}

static void
free_some (gpointer proposal)
{
  if (proposal != NULL)
    proposal_free (proposal);
}

static void
ask (Query *self)
{
  g_autoptr (GPtrArray) names = valise_knob_catalogue_list_children (self->catalogue, self->place->path);
  g_autofree char *knob = NULL;

  switch (self->place->kind)
    {
    case VALISE_XML_PLACE_TEXT:
      add_values (self, self->place->path);
      add_elements (self, names, "<");
      add_closing (self, "</");
      break;
    case VALISE_XML_PLACE_ELEMENT:
      add_elements (self, names, "");
      add_closing (self, "/");
      break;
    case VALISE_XML_PLACE_CLOSING:
      add_closing (self, "");
      break;
    case VALISE_XML_PLACE_ATTRIBUTE:
      add_attributes (self, names);
      break;
    case VALISE_XML_PLACE_VALUE:
      knob =
          g_strdup_printf ("%s%s@%s", self->place->path, *self->place->path != '\0' ? "/" : "", self->place->attribute);
      add_values (self, knob);
      break;
    case VALISE_XML_PLACE_NOWHERE:
    default:
      break;
    }
}

GPtrArray *
valise_xml_proposal_list (const ValiseXmlPlace *place, ValiseKnobCatalogue *catalogue, ValiseCapabilities *capabilities)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (free_some);
  g_autoptr (ValiseDocument) around = NULL;
  Query query = { place, catalogue, capabilities, NULL, found };

  g_return_val_if_fail (place != NULL, NULL);
  g_return_val_if_fail (catalogue != NULL, NULL);

  if (place->path == NULL)
    return in_order (found, "");
  query.around = around = valise_document_new (place->around, -1, "config.xml", NULL);
  ask (&query);
  return in_order (found, word_of (place));
}
