/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clone-tool BUNDLE DIRECTORY full|linked: clones it and prints how many milliseconds that took, with the snapshot that a
 * linked clone needs. */
#include "bundle/valise-clone.h"
#include "bundle/valise-snapshot.h"

#include <string.h>

static const char disk[] = "<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                           "<source file='disks/root.img'/><target dev='vda' bus='virtio'/></disk>";

/* clone-tool DIRECTORY make NAME: a machine whose disks/root.img is put there afterwards. */
static gboolean
make (const char *directory, const char *name, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_begin (directory, name, error);
  g_autoptr (ValiseDocument) document = NULL;

  if (bundle == NULL)
    return FALSE;
  document = valise_document_copy (valise_bundle_get_document (bundle));
  return valise_document_add_fragment (document, "devices", disk, error)
         && valise_bundle_commit (bundle, document, error);
}

static char *
take (ValiseBundle *bundle, GError **error)
{
  g_autoptr (ValiseSnapshotTaking) taking = valise_snapshot_begin (bundle, "Base", NULL, NULL, error);

  return taking != NULL ? valise_snapshot_taking_commit (taking, VALISE_SNAPSHOT_MEMORY_NONE, error) : NULL;
}

static gboolean
clone_one (const char *path, const char *directory, gboolean linked, GError **error)
{
  g_autoptr (ValiseBundle) bundle = valise_bundle_open (path, error);
  g_autofree char *id = bundle != NULL && linked ? take (bundle, error) : NULL;
  const ValiseCloneChoice choice = { .linked = linked, .snapshot = id, .keep_keys = TRUE };
  g_autoptr (ValiseClone) clone = NULL;

  if (bundle == NULL || (linked && id == NULL))
    return FALSE;
  clone = valise_clone_begin (bundle, directory, "Clone", &choice, FALSE, NULL, error);
  return clone != NULL && valise_clone_fill (clone, NULL, NULL, error)
         && valise_bundle_commit (valise_clone_get_bundle (clone), valise_clone_get_document (clone), error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();
  gboolean done;

  if (argc != 4)
    return 2;
  done = strcmp (argv[2], "make") == 0 ? make (argv[1], argv[3], &error)
                                       : clone_one (argv[1], argv[2], strcmp (argv[3], "linked") == 0, &error);
  if (!done)
    g_printerr ("%s\n", error->message);
  else
    g_print ("%.3f\n", (double) (g_get_monotonic_time () - began) / G_TIME_SPAN_MILLISECOND);
  return done ? 0 : 1;
}
