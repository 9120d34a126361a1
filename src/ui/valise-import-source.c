/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-import-source.h"

#include "formats/valise-reader.h"
#include "model/valise-systems.h"

typedef struct
{
  char *path;
  char *configuration;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_free (wish->path);
  g_free (wish->configuration);
  g_free (wish);
}

void
valise_import_source_free (ValiseImportSource *self)
{
  g_clear_pointer (&self->machines, g_ptr_array_unref);
  g_object_unref (self->package);
  g_free (self);
}

static GPtrArray *
choose (GPtrArray *blueprints)
{
  GPtrArray *machines = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_import_choices_free);

  g_ptr_array_set_free_func (blueprints, NULL);
  for (guint i = 0; i < blueprints->len; i++)
    g_ptr_array_add (machines, valise_import_choices_new (blueprints->pdata[i], VALISE_MAC_KEEP));
  g_ptr_array_unref (blueprints);
  return machines;
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  GError *error = NULL;
  g_autoptr (ValisePackage) package = valise_package_open (wish->path, &error);
  GPtrArray *blueprints =
      package != NULL ? valise_reader_read_package (package, wish->configuration, cancellable, &error) : NULL;
  ValiseImportSource *self;

  if (blueprints == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self = g_new0 (ValiseImportSource, 1);
  self->package = g_steal_pointer (&package);
  self->machines = choose (blueprints);
  /* So that the assistant, which shows a choice of them, does not stand still while they are read. */
  (void) valise_systems_list ();
  g_task_return_pointer (task, self, (GDestroyNotify) valise_import_source_free);
}

void
valise_import_source_read_async (gpointer owner,
                                 const char *path,
                                 const char *configuration,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (owner, cancellable, callback, user_data);
  Wish *wish = g_new0 (Wish, 1);

  wish->path = g_strdup (path);
  wish->configuration = g_strdup (configuration);
  g_task_set_source_tag (task, valise_import_source_read_async);
  g_task_set_task_data (task, wish, wish_free);
  g_task_run_in_thread (task, read_thread);
}

ValiseImportSource *
valise_import_source_read_finish (GAsyncResult *result, const char **path, GError **error)
{
  if (path != NULL)
    *path = ((const Wish *) g_task_get_task_data (G_TASK (result)))->path;
  return g_task_propagate_pointer (G_TASK (result), error);
}
