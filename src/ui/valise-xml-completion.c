/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-xml-completion.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-xml-proposal.h"

#define COMPLETION "valise-xml-completion"
#define PROPOSAL "valise-proposal"

struct _ValiseXmlCompletion
{
  GObject parent_instance;

  GtkSourceView *view; /* it owns this */
  ValiseEditSession *session;
  guint again_id;
};

static void implement_provider (GtkSourceCompletionProviderIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseXmlCompletion,
                               valise_xml_completion,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROVIDER, implement_provider))

static ValiseXmlPlace *
find_place (const GtkTextIter *at)
{
  GtkTextIter start, end;
  g_autofree char *text = NULL, *before = NULL;

  gtk_text_buffer_get_bounds (gtk_text_iter_get_buffer (at), &start, &end);
  before = gtk_text_iter_get_text (&start, at);
  text = gtk_text_iter_get_text (&start, &end);
  return valise_xml_place_find (text, strlen (before));
}

/* The word at a place is before the caret, all of it. */
static void
go_to_word (GtkTextIter *iter, const ValiseXmlPlace *place)
{
  gtk_text_iter_backward_chars (iter, (int) g_utf8_strlen (place->word, -1));
}

static gboolean
is_of_word (gunichar c, const ValiseXmlPlace *place)
{
  if (place->kind == VALISE_XML_PLACE_VALUE)
    return c >= ' ' && c < 128 && c != (gunichar) place->quote && strchr ("<>=", (char) c) == NULL;
  return place->kind != VALISE_XML_PLACE_TEXT && (g_unichar_isalnum (c) || (c < 128 && strchr (":_-.", (int) c) && c));
}

/* What of the word is behind the caret goes too, and a ">" that the proposal brings itself. */
static void
go_behind_word (GtkTextIter *iter, const ValiseXmlPlace *place, const char *insertion)
{
  while (is_of_word (gtk_text_iter_get_char (iter), place))
    gtk_text_iter_forward_char (iter);
  if (g_str_has_suffix (insertion, ">") && gtk_text_iter_get_char (iter) == '>')
    gtk_text_iter_forward_char (iter);
}

/* --- proposals --- */

static char *
markup_of (const ValiseXmlProposal *proposal)
{
  if (proposal->reason == NULL)
    return g_markup_escape_text (proposal->label, -1);
  return g_markup_printf_escaped ("<span alpha=\"60%%\">%s  <small>%s</small></span>", proposal->label,
                                  proposal->reason);
}

/* Marked up as well, or (nullable). */
static char *
info_of (const ValiseXmlProposal *proposal)
{
  const char *first = proposal->help != NULL ? proposal->help : proposal->reason;

  if (proposal->help != NULL && proposal->reason != NULL)
    return g_markup_printf_escaped ("%s\n%s", proposal->help, proposal->reason);
  return first != NULL ? g_markup_escape_text (first, -1) : NULL;
}

static GtkSourceCompletionItem *
make_item (const ValiseXmlProposal *proposal)
{
  g_autofree char *markup = markup_of (proposal), *info = info_of (proposal);
  GtkSourceCompletionItem *item = gtk_source_completion_item_new ();

  g_object_set (item, "markup", markup, "text", proposal->text, "info", info, NULL);
  g_object_set_data (G_OBJECT (item), PROPOSAL, GUINT_TO_POINTER (proposal->back));
  return item;
}

/* While somebody types, only what is about to be a name or a value is worth a list; one that is whole is not. */
static gboolean
is_called_for (GtkSourceCompletionContext *context, const ValiseXmlPlace *place, GPtrArray *list)
{
  const ValiseXmlProposal *only = list->len == 1 ? list->pdata[0] : NULL;

  if (gtk_source_completion_context_get_activation (context) == GTK_SOURCE_COMPLETION_ACTIVATION_USER_REQUESTED)
    return TRUE;
  if (place->kind == VALISE_XML_PLACE_TEXT && *place->word == '\0')
    return FALSE;
  return only == NULL || g_strcmp0 (only->label, place->word) != 0;
}

static void
propose (ValiseXmlCompletion *self, GtkSourceCompletionContext *context, const GtkTextIter *at)
{
  ValiseCapabilities *here = self->session != NULL ? valise_edit_session_get_capabilities (self->session) : NULL;
  g_autoptr (ValiseXmlPlace) place = find_place (at);
  g_autoptr (GPtrArray) list = valise_xml_proposal_list (place, valise_knob_catalogue_get_default (), here);
  GList *items = NULL;

  for (guint i = list->len; i > 0 && is_called_for (context, place, list); i--)
    items = g_list_prepend (items, make_item (list->pdata[i - 1]));
  gtk_source_completion_context_add_proposals (context, GTK_SOURCE_COMPLETION_PROVIDER (self), items, TRUE);
  g_list_free_full (items, g_object_unref);
}

/* --- the interface --- */

static char *
get_name (GtkSourceCompletionProvider *provider)
{
  return g_strdup (_ ("What may stand here"));
}

static gboolean
match (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context)
{
  GtkTextIter at;

  return gtk_source_completion_context_get_iter (context, &at);
}

static void
populate (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context)
{
  GtkTextIter at;

  if (gtk_source_completion_context_get_iter (context, &at))
    propose (VALISE_XML_COMPLETION (provider), context, &at);
  else
    gtk_source_completion_context_add_proposals (context, provider, NULL, TRUE);
}

static gboolean
get_start_iter (GtkSourceCompletionProvider *provider,
                GtkSourceCompletionContext *context,
                GtkSourceCompletionProposal *proposal,
                GtkTextIter *iter)
{
  g_autoptr (ValiseXmlPlace) place = NULL;

  if (!gtk_source_completion_context_get_iter (context, iter))
    return FALSE;
  place = find_place (iter);
  go_to_word (iter, place);
  return TRUE;
}

static gboolean
on_again_cb (gpointer user_data)
{
  ValiseXmlCompletion *self = user_data;

  self->again_id = 0;
  g_signal_emit_by_name (self->view, "show-completion");
  return G_SOURCE_REMOVE;
}

/* An attribute that has its value already only changes its name. */
static char *
text_to_insert (const char *text, guint *back, const GtkTextIter *behind)
{
  const char *equals = *back > 0 ? strchr (text, '=') : NULL;

  if (equals == NULL || gtk_text_iter_get_char (behind) != '=')
    return g_strdup (text);
  *back = 0;
  return g_strndup (text, (gsize) (equals - text));
}

static gboolean
activate_proposal (GtkSourceCompletionProvider *provider, GtkSourceCompletionProposal *proposal, GtkTextIter *iter)
{
  ValiseXmlCompletion *self = VALISE_XML_COMPLETION (provider);
  GtkTextBuffer *buffer = gtk_text_iter_get_buffer (iter);
  g_autoptr (ValiseXmlPlace) place = find_place (iter);
  g_autofree char *text = gtk_source_completion_proposal_get_text (proposal), *insertion = NULL;
  guint back = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (proposal), PROPOSAL));
  GtkTextIter start = *iter, end = *iter;

  go_to_word (&start, place);
  go_behind_word (&end, place, text);
  insertion = text_to_insert (text, &back, &end);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, insertion, -1);
  gtk_text_buffer_end_user_action (buffer);
  gtk_text_iter_backward_chars (&start, (int) back);
  gtk_text_buffer_place_cursor (buffer, &start);
  if (back > 0 && self->again_id == 0)
    self->again_id = g_idle_add (on_again_cb, self);
  return TRUE;
}

static void
implement_provider (GtkSourceCompletionProviderIface *iface)
{
  iface->get_name = get_name;
  iface->match = match;
  iface->populate = populate;
  iface->get_start_iter = get_start_iter;
  iface->activate_proposal = activate_proposal;
}

/* --- the object --- */

static void
valise_xml_completion_dispose (GObject *object)
{
  ValiseXmlCompletion *self = VALISE_XML_COMPLETION (object);

  g_clear_handle_id (&self->again_id, g_source_remove);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (valise_xml_completion_parent_class)->dispose (object);
}

static void
valise_xml_completion_class_init (ValiseXmlCompletionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_xml_completion_dispose;
}

static void
valise_xml_completion_init (ValiseXmlCompletion *self)
{
}

static void
on_view_destroy_cb (GtkSourceView *view, ValiseXmlCompletion *self)
{
  g_clear_handle_id (&self->again_id, g_source_remove);
  g_clear_object (&self->session);
}

void
valise_xml_completion_add (GtkSourceView *view)
{
  GtkSourceCompletion *completion = gtk_source_view_get_completion (view);
  g_autoptr (ValiseXmlCompletion) self = g_object_new (VALISE_TYPE_XML_COMPLETION, NULL);

  self->view = view;
  g_signal_connect_object (view, "destroy", G_CALLBACK (on_view_destroy_cb), self, 0);
  g_object_set (completion, "show-headers", FALSE, "show-icons", FALSE, NULL);
  gtk_source_completion_add_provider (completion, GTK_SOURCE_COMPLETION_PROVIDER (self), NULL);
  g_object_set_data (G_OBJECT (view), COMPLETION, self);
}

void
valise_xml_completion_set_session (GtkSourceView *view, ValiseEditSession *session)
{
  ValiseXmlCompletion *self = g_object_get_data (G_OBJECT (view), COMPLETION);

  g_return_if_fail (self != NULL);

  g_set_object (&self->session, session);
}
