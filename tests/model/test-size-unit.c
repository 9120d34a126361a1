/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a size without a unit means, asked of libvirt itself: it writes the unit when it gives the machine back. */
#include "base/valise-process.h"
#include "base/valise-size.h"
#include "model/valise-edit-session.h"
#include "model/valise-label.h"

#include <glib/gstdio.h>
#include <string.h>

static const char bare[] =
    "<domain type='test'><name>u</name><memory>65536</memory><currentMemory>65536</currentMemory>"
    "<maxMemory slots='4'>262144</maxMemory><vcpu>1</vcpu>"
    "<memtune><hard_limit>1024</hard_limit><soft_limit>1024</soft_limit><min_guarantee>512</min_guarantee>"
    "<swap_hard_limit>2048</swap_hard_limit></memtune><cpu><numa><cell id='0' cpus='0' memory='16384'/></numa></cpu>"
    "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
    "<features><acpi/><smm state='on'><tseg>8</tseg></smm><tcg><tb-cache>128</tb-cache></tcg></features>"
    "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'>"
    "<metadata_cache><max_size>1048576</max_size></metadata_cache></driver><source file='/tmp/x'/>"
    "<target dev='vda' bus='virtio'/></disk>"
    "<video><model type='qxl' ram='65536' vram='32768' vgamem='16384' vram64='131072'/></video>"
    "<controller type='pci' index='0' model='pcie-root'><pcihole64>1048576</pcihole64></controller>"
    "<shmem name='s'><model type='ivshmem-plain'/><size>4194304</size></shmem>"
    "<memory model='nvdimm'><source><path>/tmp/n</path>"
    "<alignsize>2048</alignsize></source><target><size>16384</size><node>0</node><label><size>128</size></label>"
    "</target></memory>"
    "<memory model='virtio-mem'><source><pagesize>4</pagesize></source><target><size>32768</size><node>0</node>"
    "<block>2048</block><requested>16384</requested></target></memory></devices></domain>";

/* Sizes as libvirt understands them, and as we do. */
static const struct
{
  const char *knob;
  guint64 bytes;
} cases[] = {
  { "memory", 65536 * VALISE_KIB },
  { "currentMemory", 65536 * VALISE_KIB },
  { "maxMemory", 262144 * VALISE_KIB },
  { "memtune/hard_limit", 1024 * VALISE_KIB },
  { "memtune/soft_limit", 1024 * VALISE_KIB },
  { "memtune/swap_hard_limit", 2048 * VALISE_KIB },
  { "features/smm/tseg", 8 * VALISE_MIB },
  { "features/tcg/tb-cache", 128 * VALISE_KIB },
  { "devices/disk/driver/metadata_cache/max_size", VALISE_MIB },
  { "memtune/min_guarantee", 512 * VALISE_KIB },
  { "devices/controller/pcihole64", VALISE_GIB },
  { "devices/shmem/size", 4 * VALISE_MIB },
  { "devices/memory/source/alignsize", 2 * VALISE_MIB },
  { "devices/memory/target/size", 16 * VALISE_MIB },
  { "devices/memory/target/label/size", 128 * VALISE_KIB },
  { "devices/memory[2]/source/pagesize", 4 * VALISE_KIB },
  { "devices/memory[2]/target/block", 2 * VALISE_MIB },
  { "devices/memory[2]/target/requested", 16 * VALISE_MIB },
  { "devices/video/model/@ram", 64 * VALISE_MIB },
  { "devices/video/model/@vram", 32 * VALISE_MIB },
  { "devices/video/model/@vgamem", 16 * VALISE_MIB },
  { "devices/video/model/@vram64", 128 * VALISE_MIB },
};

static ValiseDocument *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ValiseDocument *document = valise_document_new (text, -1, "u.xml", &error);

  g_assert_no_error (error);
  return document;
}

static void
assert_sizes (ValiseDocument *document)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 bytes = 0;

      g_test_message ("%s", cases[i].knob);
      g_assert_true (valise_label_get_size (document, cases[i].knob, &bytes));
      g_assert_cmpuint (bytes, ==, cases[i].bytes);
    }
}

static void
test_bare (void)
{
  g_autoptr (ValiseDocument) document = parse (bare);

  g_test_summary ("A size without a unit is what libvirt takes it for");
  assert_sizes (document);
}

static void
test_libvirt (void)
{
  g_autofree char *directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (directory, "u.xml", NULL);
  g_autofree char *script = g_strdup_printf ("define %s; dumpxml u", file);
  const char *argv[] = { "virsh", "-q", "-c", "test:///default", script, NULL };
  g_autofree char *output = NULL;
  g_autoptr (ValiseDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("libvirt agrees, and no size of our table has been forgotten here");
  g_assert_true (g_file_set_contents (file, bare, -1, NULL));
  if (!valise_process_run (argv, NULL, NULL, &output, NULL, &error)
      && g_error_matches (error, VALISE_PROCESS_ERROR, VALISE_PROCESS_ERROR_MISSING))
    {
      g_test_skip ("virsh is not installed (package libvirt-clients)");
      return;
    }
  g_assert_no_error (error);
  g_unlink (file);
  g_rmdir (directory);
  document = parse (strstr (output, "<domain"));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *unit = g_strconcat (cases[i].knob, "/@unit", NULL);

      if (strstr (cases[i].knob, "/@") != NULL)
        continue; /* libvirt's manual says KiB */
      g_assert_true (valise_document_has (document, unit));
    }
  assert_sizes (document);
}

static void
test_complete (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);

  g_test_summary ("Every element with a unit in our table is among the cases");
  for (gsize i = 0; i < length; i++)
    {
      gboolean known = strstr (table[i].path, "/@") != NULL;

      for (gsize j = 0; j < G_N_ELEMENTS (cases); j++)
        {
          g_autofree char *pattern = valise_knob_pattern (cases[j].knob);

          known |= g_str_equal (table[i].path, pattern);
        }
      if (table[i].kind == VALISE_KNOB_SIZE && !known)
        g_error ("%s is not", table[i].path);
    }
}

/* Writing keeps the unit, or the lack of one, and says KiB for what was not there. */
static void
test_write (void)
{
  g_autoptr (ValiseDocument) document = parse (bare);
  g_autoptr (ValiseCapabilities) capabilities = valise_capabilities_new (NULL, NULL, 8, 16 * VALISE_GIB, NULL);
  g_autoptr (ValiseEditSession) session = NULL;

  g_test_summary ("A size that is written is the size that is read, also where no unit stands");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint fresh = 0; fresh < 2; fresh++)
      {
        guint64 bytes = 0;

        g_clear_pointer (&session, g_object_unref);
        session = valise_edit_session_new (document, capabilities, NULL);
        if (fresh)
          g_assert_true (valise_edit_session_unset (session, cases[i].knob, NULL));
        g_assert_true (valise_edit_session_set (session, cases[i].knob, "16MiB", NULL));
        g_assert_true (valise_edit_session_get_size (session, cases[i].knob, &bytes));
        g_assert_cmpuint (bytes, ==, 16 * VALISE_MIB);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/size-unit/bare", test_bare);
  g_test_add_func ("/model/size-unit/libvirt", test_libvirt);
  g_test_add_func ("/model/size-unit/complete", test_complete);
  g_test_add_func ("/model/size-unit/write", test_write);
  return g_test_run ();
}
