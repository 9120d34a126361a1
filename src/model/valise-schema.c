/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-schema-private.h"

#include "base/valise-libxml2.h"

#define FILE_NAME "domain.rng"

/* libxml2 keeps state in a schema while it validates, so one validation runs at a time. */
static GMutex mutex;
static xmlRelaxNG *schema;
static gboolean schema_is_read;

/* libxml2's callback types differ between versions in a const; a variadic function is what all of them take. */
static void G_GNUC_PRINTF (2, 3) keep_first (void *data, const char *format, ...)
{
  char **message = data;
  va_list arguments;

  if (message == NULL || *message != NULL)
    return;
  va_start (arguments, format);
  *message = g_strstrip (g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static xmlRelaxNG *
read_schema (void)
{
  g_autofree char *path = _valise_schema_find ();
  xmlRelaxNGParserCtxt *context = path != NULL ? xmlRelaxNGNewParserCtxt (path) : NULL;
  xmlRelaxNG *read;

  if (context == NULL)
    return NULL;
  xmlRelaxNGSetParserErrors (context, keep_first, keep_first, NULL);
  read = xmlRelaxNGParse (context);
  xmlRelaxNGFreeParserCtxt (context);
  return read;
}

static xmlRelaxNG *
get_schema_locked (void)
{
  if (!schema_is_read)
    schema = read_schema ();
  schema_is_read = TRUE;
  return schema;
}

char *
_valise_schema_find (void)
{
  const char *directory = g_getenv ("VALISE_SCHEMA_DIR");
  const char *const *data = g_get_system_data_dirs ();
  g_autofree char *path = directory != NULL ? g_build_filename (directory, FILE_NAME, NULL) : NULL;

  for (guint i = 0; directory == NULL && data[i] != NULL; i++)
    {
      g_free (path);
      path = g_build_filename (data[i], "libvirt", "schemas", FILE_NAME, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        break;
    }
  return path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

gboolean
_valise_schema_is_there (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  return get_schema_locked () != NULL;
}

gboolean
_valise_schema_validate (xmlDoc *tree, char **message)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autofree char *first = NULL;
  xmlRelaxNGValidCtxt *context;
  gboolean valid;

  if (get_schema_locked () == NULL)
    return TRUE;
  context = xmlRelaxNGNewValidCtxt (schema);
  xmlRelaxNGSetValidErrors (context, keep_first, keep_first, &first);
  valid = xmlRelaxNGValidateDoc (context, tree) == 0;
  xmlRelaxNGFreeValidCtxt (context);
  if (!valid && message != NULL)
    *message = g_steal_pointer (&first);
  return valid;
}
