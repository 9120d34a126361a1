/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-disk-facts.h"

#include "bundle/valise-bundle.h"
#include "bundle/valise-image-chain.h"

struct _ValiseDiskFacts
{
  GObject parent_instance;
  GHashTable *known; /* path -> ValiseImageInfo, or NULL while it is read or when it cannot be */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseDiskFacts, valise_disk_facts, G_TYPE_OBJECT)

static void
free_info (gpointer info)
{
  if (info != NULL)
    valise_image_info_free (info);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char **what = data;
  g_autoptr (GError) error = NULL;
  ValiseImageInfo *info = valise_image_inspect_chain (what[0], what[1], NULL, &error);

  if (info != NULL)
    g_task_return_pointer (task, info, free_info);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ValiseDiskFacts *self = VALISE_DISK_FACTS (source);
  char **what = g_task_get_task_data (G_TASK (result));
  ValiseImageInfo *info = g_task_propagate_pointer (G_TASK (result), NULL);

  /* What is wrong with an image is said by the rules and at start; here it is merely not known. */
  if (info == NULL)
    return;
  g_hash_table_insert (self->known, g_strdup (what[0]), info);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
start_reading (ValiseDiskFacts *self, const char *path, const char *format)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_read_cb, NULL);
  const char *what[] = { path, format, NULL };

  g_hash_table_insert (self->known, g_strdup (path), NULL);
  g_task_set_task_data (task, g_strdupv ((char **) what), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, read_in_thread);
}

static void
valise_disk_facts_finalize (GObject *object)
{
  g_hash_table_unref (VALISE_DISK_FACTS (object)->known);
  G_OBJECT_CLASS (valise_disk_facts_parent_class)->finalize (object);
}

static void
valise_disk_facts_class_init (ValiseDiskFactsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_disk_facts_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", VALISE_TYPE_DISK_FACTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_disk_facts_init (ValiseDiskFacts *self)
{
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_info);
}

ValiseDiskFacts *
valise_disk_facts_get (void)
{
  static ValiseDiskFacts *facts = NULL;

  if (facts == NULL)
    facts = g_object_new (VALISE_TYPE_DISK_FACTS, NULL);
  return facts;
}

/* @path: absolute. %NULL when it is not known yet (it is being read, "changed" follows) or there is no such image.
 * (transfer none) */
static const ValiseImageInfo *
look (ValiseDiskFacts *self, const char *path, const char *format)
{
  if (!g_hash_table_contains (self->known, path))
    start_reading (self, path, format);
  return g_hash_table_lookup (self->known, path);
}

void
valise_disk_facts_forget (ValiseDiskFacts *self)
{
  g_hash_table_remove_all (self->known);
}

/* Not a path: those begin with a slash. */
static char *
key_of_promise (ValiseDocument *document, const char *source)
{
  g_autofree char *uuid = valise_document_get (document, "uuid");

  return g_strdup_printf ("%s/%s", uuid != NULL ? uuid : "", source);
}

static const ValiseImageInfo *
find_promised (ValiseDiskFacts *self, ValiseDocument *document, const char *source)
{
  g_autofree char *key = key_of_promise (document, source);

  return g_hash_table_lookup (self->known, key);
}

void
valise_disk_facts_promise (ValiseDiskFacts *self,
                           ValiseDocument *document,
                           const char *source,
                           const ValiseImageInfo *info)
{
  g_autofree char *key = key_of_promise (document, source);

  if (info != NULL)
    g_hash_table_insert (self->known, g_steal_pointer (&key), valise_image_info_copy (info));
  else
    g_hash_table_remove (self->known, key);
}

const ValiseImageInfo *
valise_disk_facts_of (ValiseDiskFacts *self, ValiseDocument *document, const char *directory, const char *device)
{
  g_autofree char *source_knob = g_strconcat (device, "/source/@file", NULL);
  g_autofree char *type_knob = g_strconcat (device, "/driver/@type", NULL);
  g_autofree char *source = valise_document_get (document, source_knob);
  g_autofree char *format = valise_document_get (document, type_knob);
  g_autofree char *path = NULL;

  if (source == NULL || *source == '\0')
    return NULL;
  if (directory == NULL)
    return find_promised (self, document, source);
  path = valise_bundle_source_path (directory, source);
  if (path == NULL)
    return NULL;
  return look (self, path, format != NULL ? format : "raw");
}
