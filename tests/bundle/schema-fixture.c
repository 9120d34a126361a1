/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-libxml2.h"
#include "schema-fixture.h"

static void
on_schema_complaint_cb (void *data, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_test_message ("%s", g_strchomp (text));
}

gboolean
schema_fixture_is_valid (const char *file, xmlDoc *tree)
{
  xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt (file);
  xmlRelaxNG *schema = xmlRelaxNGParse (parser);
  xmlRelaxNGValidCtxt *context;
  int answer;

  g_assert_nonnull (schema);
  context = xmlRelaxNGNewValidCtxt (schema);
  xmlRelaxNGSetValidErrors (context, on_schema_complaint_cb, on_schema_complaint_cb, NULL);
  answer = xmlRelaxNGValidateDoc (context, tree);
  xmlRelaxNGFreeValidCtxt (context);
  xmlRelaxNGFree (schema);
  xmlRelaxNGFreeParserCtxt (parser);
  return answer == 0;
}
