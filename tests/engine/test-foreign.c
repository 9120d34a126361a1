/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of every kind that qemu-img makes come in from folders and archives, and what must not come in does not; without
 * QEMU and without a connection. */
#include "base/valise-path.h"
#include "base/valise-process.h"
#include "bundle/valise-image.h"
#include "engine/valise-foreign-job.h"
#include "formats/valise-reader.h"

#include <glib/gstdio.h>
#include <string.h>

#define DISK_BYTES (12 * 1024 * 1024 + 512 * 3)
#define WRONG "0000000000000000000000000000000000000000000000000000000000000000"

typedef struct
{
  char *root;
  char *source;
  char *machines;
  char *original; /* what every disk is made of */
  ValiseLibrary *library;
} Fixture;

G_GNUC_PRINTF (2, 3)
static void
run (Fixture *fixture, const char *format, ...)
{
  va_list arguments;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  {
    g_autofree char *script = g_strdup_printf ("cd '%s' && %s", fixture->source, line);
    const char *const argv[] = { "sh", "-c", script, NULL };

    valise_process_run (argv, NULL, NULL, NULL, NULL, &error);
    g_assert_no_error (error);
  }
}

/* Some noise, a hole, some noise. */
static void
make_original (Fixture *fixture)
{
  g_autofree guint8 *bytes = g_malloc0 (DISK_BYTES);
  g_autoptr (GRand) noise = g_rand_new_with_seed (7);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < DISK_BYTES / 8; i++)
    bytes[i < DISK_BYTES / 16 ? i : DISK_BYTES - i] = (guint8) g_rand_int (noise);
  g_file_set_contents (fixture->original, (const char *) bytes, DISK_BYTES, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ValiseHost) host = valise_host_new ("test:///default");
  g_autofree char *state = NULL;

  fixture->root = g_dir_make_tmp ("v-XXXXXX", NULL);
  state = g_build_filename (fixture->root, "state", NULL);
  fixture->machines = g_build_filename (fixture->root, "machines", NULL);
  fixture->source = g_build_filename (fixture->root, "source", NULL);
  fixture->original = g_build_filename (fixture->root, "original", NULL);
  g_assert_cmpint (g_mkdir (fixture->source, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->machines, 0700), ==, 0);
  g_setenv ("VALISE_STATE_DIR", state, TRUE);
  make_original (fixture);
  fixture->library = valise_library_new (host, fixture->machines);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->library);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (valise_directory_remove (fixture->root, NULL));
  g_free (fixture->root);
  g_free (fixture->source);
  g_free (fixture->machines);
  g_free (fixture->original);
}

static ValiseBlueprint *
blueprint_new (const char *member)
{
  ValiseBlueprint *blueprint = valise_blueprint_new ("ova", "Box");
  ValiseBlueprintDrive *drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);

  drive->bus = g_strdup ("sata");
  drive->file = g_strdup (member);
  drive->member = g_strdup (member);
  return blueprint;
}

/* @place: a file or folder below the source. The bundle, or NULL. */
static char *
bring_in (Fixture *fixture, const char *place, ValiseBlueprint *blueprint, GError **error)
{
  g_autofree char *path = g_build_filename (fixture->source, place, NULL);
  g_autoptr (ValisePackage) package = valise_package_open (path, NULL);
  g_autoptr (ValiseJob) job = NULL;

  g_assert_nonnull (package);
  job =
      valise_foreign_job_new (fixture->library, package, valise_import_choices_new (blueprint, VALISE_MAC_KEEP), NULL);
  return valise_job_run_sync (job, error) ? valise_job_dup_result_path (job) : NULL;
}

static void
assert_same (Fixture *fixture, const char *bundle, const char *format)
{
  g_autofree char *image = g_strdup_printf ("%s/disks/root.%s", bundle, format);
  GStatBuf st;

  run (fixture, "qemu-img compare -q -f %s -F raw '%s' '%s'", format, image, fixture->original);
  run (fixture, "qemu-img check -q -f %s '%s' || test %s = raw", format, image, format);
  g_assert_cmpint (g_stat (image, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
}

static void
assert_empty (Fixture *fixture)
{
  g_autoptr (GDir) listing = g_dir_open (fixture->machines, 0, NULL);
  const char *name = g_dir_read_name (listing);

  g_assert_cmpstr (name, ==, NULL);
}

/* --- every kind --- */

static const struct
{
  const char *name;
  const char *driver, *options;
  const char *file;
  const char *result;
} kinds[] = {
  { "vmdk", "vmdk", "subformat=monolithicSparse", "d.vmdk", "qcow2" },
  { "vmdk-stream", "vmdk", "subformat=streamOptimized", "d.vmdk", "qcow2" },
  { "vmdk-flat", "vmdk", "subformat=monolithicFlat", "d.vmdk", "qcow2" },
  { "vmdk-split", "vmdk", "subformat=twoGbMaxExtentSparse", "d.vmdk", "qcow2" },
  { "vmdk-split-flat", "vmdk", "subformat=twoGbMaxExtentFlat", "d.vmdk", "qcow2" },
  { "vdi", "vdi", "static=off", "d.vdi", "qcow2" },
  { "vdi-static", "vdi", "static=on", "d.vdi", "qcow2" },
  { "vhd", "vpc", "subformat=dynamic,force_size=on", "d.vhd", "qcow2" },
  { "vhd-fixed", "vpc", "subformat=fixed,force_size=on", "d.vhd", "qcow2" },
  { "vhdx", "vhdx", "subformat=dynamic", "d.vhdx", "qcow2" },
  { "parallels", "parallels", "cluster_size=1M", "d.hdd", "qcow2" },
  { "qcow2", "qcow2", "compat=1.1", "d.qcow2", "qcow2" },
  { "qcow2-old", "qcow2", "compat=0.10", "d.img", "qcow2" },
  { "raw", "raw", "preallocation=off", "d.img", "raw" },
};

static void
check_kind (Fixture *fixture, gsize number, const char *place)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bundle = NULL;

  g_test_message ("%s from %s", kinds[number].name, place);
  bundle = bring_in (fixture, place, blueprint_new (kinds[number].file), &error);
  g_assert_no_error (error);
  assert_same (fixture, bundle, kinds[number].result);
  g_assert_true (valise_directory_remove (bundle, NULL));
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      run (fixture, "mkdir in && qemu-img convert -f raw -O %s -o %s '%s' in/%s", kinds[i].driver, kinds[i].options,
           fixture->original, kinds[i].file);
      run (fixture, "tar -C in --format=ustar -cf a.tar .");
      check_kind (fixture, i, "in");
      check_kind (fixture, i, "a.tar");
      run (fixture, "rm -r in a.tar");
    }
}

/* Where a zip packs them, there is nowhere that QEMU could read them. */
static void
test_packed_extents (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  run (fixture,
       "qemu-img convert -f raw -O vmdk -o subformat=monolithicFlat '%s' d.vmdk && python3 -m zipfile -c a.zip d.vmdk "
       "d-flat.vmdk",
       fixture->original);
  g_assert_null (bring_in (fixture, "a.zip", blueprint_new ("d.vmdk"), &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_FORMAT);
  assert_empty (fixture);
}

/* --- compressed, in pieces, with digests --- */

static void
set_digest (Fixture *fixture, ValiseBlueprint *blueprint, const char *program, const char *word, const char *file)
{
  ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, 0);
  g_autofree char *path = g_build_filename (fixture->source, file, NULL);
  const char *const argv[] = { program, path, NULL };
  g_autofree char *said = NULL;

  g_assert_true (valise_process_run (argv, NULL, NULL, &said, NULL, NULL));
  *strchr (said, ' ') = '\0';
  g_free (drive->digest);
  drive->digest = g_strdup_printf ("%s:%s", word, said);
}

static void
test_digests (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *program, *word;
  } sums[] = { { "sha1sum", "sha1" }, { "sha256sum", "sha256" }, { "sha512sum", "sha512" } };
  static const char *const files[] = { "d.vmdk", "d.img" };

  run (fixture,
       "mkdir in && cp '%s' in/d.img && "
       "qemu-img convert -f raw -O vmdk -o subformat=streamOptimized in/d.img in/d.vmdk && "
       "tar -C in -cf a.tar d.img d.vmdk",
       fixture->original);
  for (gsize i = 0; i < G_N_ELEMENTS (sums) * G_N_ELEMENTS (files); i++)
    {
      const char *file = files[i % G_N_ELEMENTS (files)];
      g_autofree char *inside = g_strconcat ("in/", file, NULL);
      ValiseBlueprint *blueprint = blueprint_new (file);
      g_autoptr (GError) error = NULL;
      g_autofree char *bundle = NULL;

      set_digest (fixture, blueprint, sums[i / 2].program, sums[i / 2].word, inside);
      bundle = bring_in (fixture, "a.tar", blueprint, &error);
      g_assert_no_error (error);
      assert_same (fixture, bundle, i % 2 == 0 ? "qcow2" : "raw");
      g_assert_true (valise_directory_remove (bundle, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      ValiseBlueprint *blueprint = blueprint_new (files[i]);
      g_autoptr (GError) error = NULL;

      ((ValiseBlueprintDrive *) g_ptr_array_index (blueprint->drives, 0))->digest = g_strdup ("sha256:" WRONG);
      g_assert_null (bring_in (fixture, "a.tar", blueprint, &error));
      g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, files[i]));
      assert_empty (fixture);
    }
}

static void
test_compressed (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "d.img", "d.vmdk", "d.qcow2" };

  run (fixture,
       "mkdir in && cp '%s' in/d.img && qemu-img convert -f raw -O vmdk in/d.img in/d.vmdk && "
       "qemu-img convert -f raw -O qcow2 in/d.img in/d.qcow2 && gzip in/* && tar -cf a.tar in",
       fixture->original);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *member = g_strconcat ("in/", files[i], ".gz", NULL);
      ValiseBlueprint *blueprint = blueprint_new (member);
      ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, 0);
      g_autoptr (GError) error = NULL;
      g_autofree char *bundle = NULL;

      drive->compression = "gzip";
      drive->capacity = DISK_BYTES;
      set_digest (fixture, blueprint, "sha256sum", "sha256", member);
      bundle = bring_in (fixture, "a.tar", blueprint, &error);
      g_assert_no_error (error);
      assert_same (fixture, bundle, i == 0 ? "raw" : "qcow2");
      g_assert_true (valise_directory_remove (bundle, NULL));
    }
}

static void
test_pieces (Fixture *fixture, gconstpointer data)
{
  static const char *const parts[] = { "in/d.0", "in/d.1", "in/d.2", NULL };
  ValiseBlueprint *blueprint = blueprint_new ("in/d.0");
  ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *bundle = NULL;

  run (fixture,
       "mkdir in && qemu-img convert -f raw -O vdi '%s' d.vdi && split -n 3 -a 1 -d d.vdi in/d. && tar -cf a.tar in",
       fixture->original);
  drive->parts = g_strdupv ((char **) parts);
  set_digest (fixture, blueprint, "sha1sum", "sha1", "in/d.0");
  {
    g_autofree char *first = g_steal_pointer (&drive->digest);

    drive->digest = g_strconcat (first, " - -", NULL);
  }
  bundle = bring_in (fixture, "a.tar", blueprint, &error);
  g_assert_no_error (error);
  assert_same (fixture, bundle, "qcow2");
}

/* --- what must not come in --- */

static const struct
{
  const char *name;
  const char *script; /* makes in/d; $O is the original, $S a file outside */
  int domain;         /* 0: VALISE_IMAGE_ERROR */
  int code;
} hostile[] = {
  { "backing", "qemu-img create -q -f qcow2 -b $S -F raw in/d", 0, VALISE_IMAGE_ERROR_UNSAFE },
  { "extent-absolute", "printf '# Disk DescriptorFile\\nRW 8 FLAT \"%s\" 0\\n' $S > in/d", 0,
    VALISE_IMAGE_ERROR_UNSAFE },
  { "extent-up", "printf '# Disk DescriptorFile\\nRW 8 FLAT \"../secret\" 0\\n' > in/d", 0, VALISE_IMAGE_ERROR_UNSAFE },
  { "extent-url", "printf '# Disk DescriptorFile\\nRW 8 FLAT \"nbd:x\" 0\\n' > in/d", 0, VALISE_IMAGE_ERROR_UNSAFE },
  { "extent-link", "ln -s $S in/e && printf '# Disk DescriptorFile\\nRW 8 FLAT \"e\" 0\\n' > in/d", 1, 0 },
  { "parent", "qemu-img convert -f raw -O vmdk $O in/d && sed -i 's/parentCID=ffffffff/parentCID=12345678/' in/d", 0,
    VALISE_IMAGE_ERROR_UNSAFE },
  { "no-capacity",
    "qemu-img convert -f raw -O vmdk $O in/d && printf '\\0\\0\\0\\0\\0\\0\\0\\0' | dd of=in/d bs=1 seek=12 "
    "conv=notrunc",
    0, VALISE_IMAGE_ERROR_DAMAGED },
  { "vdi-difference", "qemu-img convert -f raw -O vdi $O in/d && printf '\\4' | dd of=in/d bs=1 seek=76 conv=notrunc",
    0, VALISE_IMAGE_ERROR_UNSAFE },
  { "vhd-difference",
    "qemu-img convert -f raw -O vpc $O in/d && printf '\\0\\0\\0\\4' | dd of=in/d bs=1 seek=60 conv=notrunc", 0,
    VALISE_IMAGE_ERROR_UNSAFE },
  { "cut", "qemu-img convert -f raw -O vmdk -o subformat=streamOptimized $O t && head -c 400000 t > in/d", 0,
    VALISE_IMAGE_ERROR_DAMAGED },
  { "cut-in-description", "qemu-img convert -f raw -O vmdk $O t && head -c 570 t > in/d", 0,
    VALISE_IMAGE_ERROR_DAMAGED },
  { "empty", ": > in/d", 0, VALISE_IMAGE_ERROR_DAMAGED },
};

static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  run (fixture, "head -c 4096 /dev/zero | tr '\\0' S > ../secret");
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", hostile[i].name);
      run (fixture, "mkdir in && S='%s/secret' O='%s' && %s", fixture->root, fixture->original, hostile[i].script);
      g_assert_null (bring_in (fixture, "in", blueprint_new ("d"), &error));
      g_assert_true (error->domain == (hostile[i].domain == 0 ? VALISE_IMAGE_ERROR : VALISE_PACKAGE_ERROR));
      g_assert_cmpint (error->code, ==, hostile[i].code);
      assert_empty (fixture);
      run (fixture, "rm -r in");
    }
}

static void
test_bomb (Fixture *fixture, gconstpointer data)
{
  ValiseBlueprint *blueprint = blueprint_new ("d.gz");
  ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, 0);
  g_autoptr (GError) error = NULL;

  run (fixture, "mkdir in && head -c 200M /dev/zero | gzip > in/d.gz");
  drive->compression = "gzip";
  drive->capacity = 1024 * 1024;
  g_assert_null (bring_in (fixture, "in", blueprint, &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_SIZE);
  assert_empty (fixture);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  ValiseBlueprint *blueprint = blueprint_new ("d");
  ValiseBlueprintDrive *drive = g_ptr_array_index (blueprint->drives, 0);
  g_autoptr (GError) error = NULL;

  run (fixture, "mkdir in && : > in/other");
  g_clear_pointer (&drive->member, g_free);
  g_assert_null (bring_in (fixture, "in", blueprint, &error));
  g_assert_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_DECISION);
  assert_empty (fixture);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->source, "in", NULL);
  g_autoptr (ValisePackage) package = NULL;
  g_autoptr (ValiseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  run (fixture, "mkdir in && qemu-img convert -f raw -O vdi '%s' in/d", fixture->original);
  package = valise_package_open (path, &error);
  job = valise_foreign_job_new (fixture->library, package,
                                valise_import_choices_new (blueprint_new ("d"), VALISE_MAC_KEEP), NULL);
  valise_job_cancel (job);
  g_assert_false (valise_job_run_sync (job, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_empty (fixture);
}

/* --- in layers --- */

/* An image of Tart's as registries keep it: the disk in three pieces, each packed as Apple's library frames it. */
#define MAKE_LAYERS                                                                                                    \
  "import hashlib, json, os, sys\n"                                                                                    \
  "os.makedirs('in/blobs/sha256')\n"                                                                                   \
  "def blob(data):\n"                                                                                                  \
  "  name = hashlib.sha256(data).hexdigest()\n"                                                                        \
  "  open('in/blobs/sha256/' + name, 'wb').write(data)\n"                                                              \
  "  return {'digest': 'sha256:' + name, 'size': len(data), 'mediaType': 'x'}\n"                                       \
  "def kind(name, entry, **more):\n"                                                                                   \
  "  return dict(entry, mediaType='application/vnd.cirruslabs.tart.' + name, **more)\n"                                \
  "disk = open(sys.argv[1], 'rb').read()\n"                                                                            \
  "third = len(disk) // 3\n"                                                                                           \
  "pieces = disk[:third], disk[third:2 * third], disk[2 * third:]\n"                                                   \
  "layers = [kind('config.v1', blob(json.dumps({'os': 'linux', 'arch': 'amd64', 'cpuCount': 1, 'memorySize': 1 << "    \
  "27})"                                                                                                               \
  ".encode()))]\n"                                                                                                     \
  "for piece in pieces:\n"                                                                                             \
  "  data = b''.join(b'bv4-' + len(piece[i:i + 65536]).to_bytes(4, 'little') + piece[i:i + 65536]\n"                   \
  "                  for i in range(0, len(piece), 65536)) + b'bv4$'\n"                                                \
  "  layers.append(kind('disk.v2', blob(data), annotations={'org.cirruslabs.tart.uncompressed-size': "                 \
  "str(len(piece))}))\n"                                                                                               \
  "manifest = blob(json.dumps({'schemaVersion': 2, 'layers': layers}).encode())\n"                                     \
  "json.dump({'schemaVersion': 2, 'manifests': [manifest]}, open('in/index.json', 'w'))\n"                             \
  "open('in/oci-layout', 'w').write('{}')\n"

static ValiseBlueprint *
read_one (Fixture *fixture, const char *place)
{
  g_autofree char *path = g_build_filename (fixture->source, place, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = valise_reader_read (path, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (machines->len, ==, 1);
  g_ptr_array_set_free_func (machines, NULL);
  return g_ptr_array_index (machines, 0);
}

static void
test_layers (Fixture *fixture, gconstpointer data)
{
  g_autofree char *script = g_build_filename (fixture->source, "make.py", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *bundle = NULL;

  g_assert_true (g_file_set_contents (script, MAKE_LAYERS, -1, NULL));
  run (fixture, "python3 make.py '%s' && tar -C in -cf a.tar .", fixture->original);
  for (guint i = 0; i < 2; i++)
    {
      const char *place = i == 0 ? "in" : "a.tar";

      bundle = bring_in (fixture, place, read_one (fixture, place), &error);
      g_assert_no_error (error);
      assert_same (fixture, bundle, "raw");
      g_assert_true (valise_directory_remove (bundle, NULL));
      g_clear_pointer (&bundle, g_free);
    }
  /* One byte of the largest layers is another one, and their digests say so. */
  run (fixture,
       "for i in $(find in/blobs -size +%dk); do printf x | dd of=$i bs=1 seek=%d conv=notrunc status=none; done", 64,
       1000);
  g_assert_null (bring_in (fixture, "in", read_one (fixture, "in"), &error));
  g_assert_error (error, VALISE_IMAGE_ERROR, VALISE_IMAGE_ERROR_DAMAGED);
  assert_empty (fixture);
}

/* --- several disks, and one that is yet to be made --- */

static void
test_several (Fixture *fixture, gconstpointer data)
{
  ValiseBlueprint *blueprint = blueprint_new ("d0");
  g_autoptr (GError) error = NULL;
  g_autofree char *bundle = NULL;
  g_autofree char *second = NULL;
  ValiseBlueprintDrive *drive;

  run (fixture, "mkdir in");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("d%u", i);

      run (fixture, "qemu-img convert -f raw -O vmdk '%s' in/%s", fixture->original, name);
      if (i == 0)
        continue;
      drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);
      drive->file = g_strdup (name);
      drive->member = g_strdup (name);
    }
  drive = valise_blueprint_add_drive (blueprint, VALISE_BLUEPRINT_DISK);
  drive->capacity = 64 * 1024 * 1024;
  bundle = bring_in (fixture, "in", blueprint, &error);
  g_assert_no_error (error);
  assert_same (fixture, bundle, "qcow2");
  for (guint i = 2; i <= 5; i++)
    run (fixture, "qemu-img compare -q -f qcow2 -F raw '%s/disks/disk%u.qcow2' '%s'", bundle, i, fixture->original);
  run (fixture, "test \"$(qemu-img info -f qcow2 --output json '%s/disks/disk6.qcow2' | grep -c 67108864)\" = 1",
       bundle);

  /* Once more, beside the first. */
  second = bring_in (fixture, "in", blueprint_new ("d1"), &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (second, "/Box 2.vmbundle"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(name) g_test_add ("/engine/foreign/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  CASE (kinds);
  CASE (packed_extents);
  CASE (digests);
  CASE (compressed);
  CASE (pieces);
  CASE (hostile);
  CASE (bomb);
  CASE (missing);
  CASE (cancel);
  CASE (layers);
  CASE (several);
  return g_test_run ();
}
