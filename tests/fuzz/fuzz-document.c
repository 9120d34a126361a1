/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document, the knob paths and the two forms. Input: a domain; after a NUL, if there is one, a knob path; after
 * another, a value or a fragment. */
#include "base/valise-xml.h"
#include "bundle/valise-document.h"
#include "bundle/valise-forms.h"

#include <string.h>

#define MOST_KNOBS 12
#define DIRECTORY "/b"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What an edit leaves behind must read again, as the same bytes. */
static void
check_reads (ValiseDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) again =
      valise_document_new (valise_document_get_text (document), (gssize) valise_document_get_length (document), "again",
                           &error);

  g_assert_no_error (error);
  g_assert_cmpstr (valise_document_get_text (again), ==, valise_document_get_text (document));
  g_assert_nonnull (valise_document_get_tree (document));
}

/* Our own reading against libxml2's. */
static void
collect (ValiseDocument *document, xmlNode *node, GPtrArray *knobs)
{
  g_autofree char *path = valise_document_path_of (document, node);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autoptr (ValiseXmlChar) expected = xmlNodeGetContent ((xmlNode *) attribute);
      char *knob = valise_document_path_of (document, (xmlNode *) attribute);
      g_autofree char *value = valise_document_get (document, knob);

      g_assert_cmpstr (value, ==, (const char *) expected);
      g_ptr_array_add (knobs, knob);
    }
  if (xmlFirstElementChild (node) == NULL)
    {
      g_autoptr (ValiseXmlChar) expected = xmlNodeGetContent (node);
      g_autofree char *value = valise_document_get (document, path);

      g_assert_cmpstr (value, ==, (const char *) expected);
    }
  g_ptr_array_add (knobs, g_strdup (path));
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    collect (document, child, knobs);
}

static void
check_set (ValiseDocument *document, const char *knob, const char *value)
{
  g_autofree char *before = g_strdup (valise_document_get_text (document));
  g_autoptr (GError) error = NULL;

  if (valise_document_set (document, knob, value, &error))
    {
      g_autofree char *now = valise_document_get (document, knob);

      check_reads (document);
      /* A value that the path itself asks about may be set so that the path no longer leads to it. */
      if (strchr (knob, '=') != NULL)
        return;
      g_assert_cmpstr (now, ==, value);
      g_assert_cmpuint (valise_document_count (document, knob), >=, 1);
    }
  else
    {
      g_assert_nonnull (error);
      g_assert_cmpstr (valise_document_get_text (document), ==, before);
    }
}

static void
check_unset (ValiseDocument *document, const char *knob)
{
  guint before = valise_document_count (document, knob);

  if (!valise_document_unset (document, knob, NULL))
    return;
  /* One less; an index now names the next one. */
  g_assert_true (before == 0 || strchr (knob, '[') != NULL || valise_document_count (document, knob) == before - 1);
  check_reads (document);
}

static void
check_move (ValiseDocument *document, const char *knob)
{
  g_autofree char *fragment = valise_document_get_fragment (document, knob);
  g_autofree char *parent = g_path_get_dirname (knob);

  if (fragment == NULL || *knob == '\0')
    return;
  if (valise_document_add_fragment (document, strcmp (parent, ".") == 0 ? "" : parent, fragment, NULL))
    check_reads (document);
}

static void
check_knob (ValiseDocument *original, const char *knob, const char *value)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (original);
  g_autoptr (GPtrArray) changes = NULL;

  g_assert_true (valise_document_line_of (document, knob) > 0 || !valise_document_has (document, knob));
  check_set (document, knob, value);
  check_move (document, knob);
  check_unset (document, knob);
  check_set (document, knob, "");
  changes = valise_document_diff (original, document);
}

static void
is_inside_cb (const char *knob, const char *value, gpointer any)
{
  if (g_str_has_prefix (value, DIRECTORY "/"))
    *(gboolean *) any = TRUE;
}

static void
is_absolute_cb (const char *knob, const char *value, gpointer unused)
{
  g_assert_true (*value == '/');
}

/* A stored form has no absolute path into its own directory; from any other the way there and back is no identity. */
static void
check_forms (ValiseDocument *original)
{
  g_autoptr (ValiseDocument) document = valise_document_copy (original);
  g_autoptr (GPtrArray) changes = NULL;
  gboolean inside = FALSE;

  valise_forms_foreach (document, is_inside_cb, &inside);
  if (!valise_forms_to_absolute (document, DIRECTORY, NULL))
    {
      g_assert_cmpstr (valise_document_get_text (document), ==, valise_document_get_text (original));
      return;
    }
  check_reads (document);
  valise_forms_foreach (document, is_absolute_cb, NULL);
  if (!valise_forms_to_stored (document, DIRECTORY, NULL) || inside)
    return;
  changes = valise_document_diff (original, document);
  g_assert_cmpuint (changes->len, ==, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gsize length = strlen (text);
  const char *knob = length < size ? (const char *) data + length + 1 : NULL;
  gsize knob_length = knob != NULL ? strnlen (knob, size - length - 1) : 0;
  g_autofree char *path = g_strndup (knob != NULL ? knob : "name", knob != NULL ? knob_length : 4);
  gboolean has_value = knob != NULL && length + 1 + knob_length < size;
  g_autofree char *value =
      g_strndup (has_value ? knob + knob_length + 1 : "a<b", has_value ? size - length - knob_length - 2 : 3);
  g_autoptr (ValiseDocument) document = valise_document_new (text, (gssize) length, "fuzz", NULL);
  g_autoptr (GPtrArray) knobs = g_ptr_array_new_with_free_func (g_free);

  if (document == NULL)
    return 0;
  g_assert_cmpmem (valise_document_get_text (document), valise_document_get_length (document), text, length);
  collect (document, xmlDocGetRootElement (valise_document_get_tree (document)), knobs);
  g_ptr_array_add (knobs, g_steal_pointer (&path));
  for (guint i = 0; i < knobs->len; i += 1 + knobs->len / MOST_KNOBS)
    check_knob (document, g_ptr_array_index (knobs, i), value);
  check_knob (document, g_ptr_array_index (knobs, knobs->len - 1), value);
  if (valise_document_add_fragment (document, "devices", value, NULL))
    check_reads (document);
  check_forms (document);
  return 0;
}
