/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the samples in data/ovf cannot hold: numbers, encodings, archives, damaged packages. */
#include "formats/valise-ovf-private.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/valise-size.h"
#include "place.h"

#define SMALL                                                                                                          \
  "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1'><References><File id='f' href='disk.vmdk'/></References>"  \
  "<DiskSection><Disk diskId='d' fileRef='f' capacity='1048576'/></DiskSection><VirtualSystem id='small'>"             \
  "<Name>%s</Name><VirtualHardwareSection><Item><InstanceID>1</InstanceID><ResourceType>17</ResourceType>"             \
  "<HostResource>ovf:/disk/d</HostResource></Item></VirtualHardwareSection></VirtualSystem></Envelope>"

static void
place_set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "ovf");
}

/* --- numbers --- */

static const struct
{
  const char *number, *units;
  guint64 missing, bytes; /* G_MAXUINT64: not understood */
} sizes[] = {
  { "3", "byte * 2^20", 1, 3 * VALISE_MIB },
  { "3", " BYTE*2 ^ 30 ", 1, 3 * VALISE_GIB },
  { "3", "byte*1024*1024", 1, 3 * VALISE_MIB },
  { "3", "byte * 10^6", 1, 3000000 },
  { "3", "MegaBytes", 1, 3 * VALISE_MIB },
  { "3", "mb", 1, 3 * VALISE_MIB },
  { "3", "GigaBytes", 1, 3 * VALISE_GIB },
  { "3", "KiloBytes", 1, 3072 },
  { "3", NULL, VALISE_MIB, 3 * VALISE_MIB },
  { "3", "", 1, 3 },
  { "3", "Disk", 1, G_MAXUINT64 },
  { "3", "byte * 2^63", 1, G_MAXUINT64 },
  { "3", "byte * 2^-1", 1, G_MAXUINT64 },
  { "3", "byte * 0", 1, G_MAXUINT64 },
  { "3", "2*2*2*2*2*2*2*2*2", 1, G_MAXUINT64 },
  { "9223372036854775807", "byte", 1, G_MAXINT64 },
  { "9223372036854775808", "byte", 1, G_MAXUINT64 },
  { "-1", "byte", 1, G_MAXUINT64 },
  { "1.5", "byte", 1, G_MAXUINT64 },
  { "0x10", "byte", 1, G_MAXUINT64 },
  { "", "byte", 1, G_MAXUINT64 },
  { NULL, "byte", 1, G_MAXUINT64 },
};

static void
test_sizes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint64 bytes = 0;
      gboolean read = _valise_ovf_parse_size (sizes[i].number, sizes[i].units, sizes[i].missing, &bytes);

      if (read != (sizes[i].bytes != G_MAXUINT64) || (read && bytes != sizes[i].bytes))
        g_error ("“%s” of “%s” is %d, %" G_GUINT64_FORMAT, sizes[i].number, sizes[i].units, read, bytes);
    }
}

/* --- encodings --- */

static const struct
{
  const char *name, *declaration, *encoding;
  gboolean lied;
} encodings[] = {
  { "plain", "", NULL, FALSE },
  { "utf-8", "<?xml version='1.0' encoding='utf-8'?>\n", NULL, FALSE },
  { "lie", "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n", NULL, TRUE },
  { "latin", "<?xml version='1.0' encoding='ISO-8859-1'?>", "ISO-8859-1", FALSE },
  { "windows", "<?xml version='1.0' encoding='windows-1252'?>", "WINDOWS-1252", FALSE },
  { "chinese", "<?xml version='1.0' encoding='GB18030'?>", "GB18030", FALSE },
  { "wide", "<?xml version='1.0' encoding='utf-16'?>", "UTF-16", FALSE },
  { "wide without a mark", "<?xml version='1.0' encoding='utf-16'?>", "UTF-16LE", FALSE },
  { "wide the other way", "", "UTF-16BE", FALSE },
};

static void
test_encodings (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autofree char *text = g_strconcat (encodings[i].declaration, "<a><b>Bär</b></a>", NULL);
      const char *encoding = encodings[i].encoding;
      gsize length = strlen (text);
      char *raw = encoding != NULL ? g_convert (text, -1, encoding, "UTF-8", NULL, &length, NULL) : g_strdup (text);
      g_autoptr (GBytes) bytes = g_bytes_new_take (raw, length);
      g_autoptr (GError) error = NULL;
      gboolean lied = FALSE;
      g_autoptr (xmlDoc) document = valise_foreign_xml_parse (bytes, encodings[i].name, &lied, &error);
      g_autofree char *name = NULL;

      g_assert_no_error (error);
      name = valise_foreign_xml_text (xmlDocGetRootElement (document), "B");
      g_assert_cmpstr (name, ==, "Bär");
      g_assert_cmpint (lied, ==, encodings[i].lied);
    }
}

/* A stranger does not choose which converter is loaded. */
static void
test_strange_encodings (void)
{
  static const char *const names[] = { "ISO-2022-CN-EXT", "../evil", "UTF-7", "windows-1252//TRANSLIT" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *text = g_strdup_printf ("<?xml version='1.0' encoding='%s'?><a>\xe4</a>", names[i]);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_foreign_xml_parse (bytes, "strange", NULL, &error));
      g_assert_error (error, VALISE_XML_ERROR, VALISE_XML_ERROR_FORBIDDEN);
    }
}

/* --- packages --- */

static void
write_file (Place *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
write_small (Place *self, const char *name, const char *machine)
{
  g_autofree char *text = g_strdup_printf (SMALL, machine);

  write_file (self, name, text);
}

static void
write_digest (Place *self, const char *manifest, const char *name, gboolean right)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autofree char *bytes = NULL, *hex = NULL, *line = NULL;

  g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
  hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, right ? bytes : "another", -1);
  line = g_strdup_printf ("SHA256(%s)= %s\n", name, hex);
  write_file (self, manifest, line);
}

/* Packs what is named, in that order, and reads the archive. */
static GPtrArray *
read_archive (Place *self, const char *names, GError **error)
{
  g_autofree char *command = g_strdup_printf ("tar --format=ustar -cf box.ova %s", names);
  g_autofree char *path = g_build_filename (self->directory, "box.ova", NULL);

  place_run (self->directory, command);
  return valise_reader_read (path, NULL, NULL, error);
}

static void
test_archive (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = NULL;
  const ValiseBlueprint *machine;
  const ValiseBlueprintDrive *drive;

  write_small (self, "Other Name.OVF", "Small");
  write_file (self, "disk.vmdk", "disk");
  write_file (self, "readme.txt", "Read me.");
  write_digest (self, "only.mf", "disk.vmdk", TRUE);
  machines = read_archive (self, "readme.txt disk.vmdk only.mf 'Other Name.OVF'", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (machines->len, ==, 1);
  machine = machines->pdata[0];
  drive = machine->drives->pdata[0];
  g_assert_cmpstr (machine->format, ==, "ova");
  g_assert_cmpstr (machine->name, ==, "Small");
  g_assert_cmpstr (drive->member, ==, "disk.vmdk");
  g_assert_true (g_str_has_prefix (drive->digest, "sha256:"));
}

/* What is refused: what lies in the archive, the error's code and what it names. */
static const struct
{
  const char *name, *members;
  gboolean right;
  int code;
  const char *says;
} refusals[] = {
  { "changed", "box.ovf box.mf disk.vmdk", FALSE, VALISE_READER_ERROR_DAMAGED, "box.ovf" },
  { "two", "box.ovf other.ovf disk.vmdk", TRUE, VALISE_READER_ERROR_REFUSED, "2 descriptors" },
  { "none", "disk.vmdk", TRUE, VALISE_READER_ERROR_UNKNOWN, "box.ova" },
};

static void
test_refused (Place *self, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  write_small (self, "box.ovf", "Small");
  write_small (self, "other.ovf", "Other");
  write_file (self, "disk.vmdk", "disk");
  write_digest (self, "box.mf", "box.ovf", refusals[i].right);
  g_assert_null (read_archive (self, refusals[i].members, &error));
  g_assert_error (error, VALISE_READER_ERROR, refusals[i].code);
  g_assert_nonnull (strstr (error->message, refusals[i].says));
}

static void
test_whole (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) machines = NULL;

  write_small (self, "box.ovf", "Small");
  write_file (self, "disk.vmdk", "disk");
  write_digest (self, "box.mf", "box.ovf", TRUE);
  machines = read_archive (self, "box.ovf box.mf disk.vmdk", &error);
  g_assert_no_error (error);
}

static void
test_configuration (Place *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->directory, "box.ovf", NULL);
  g_autoptr (GError) error = NULL;

  write_small (self, "box.ovf", "Small");
  g_assert_null (valise_reader_read (path, "large", NULL, &error));
  g_assert_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "large"));
}

/* A folder is known by the one descriptor in it, a file by what it holds. */
static void
test_other_names (Place *self, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (self->directory, "template.xml", NULL);
  g_autoptr (GPtrArray) as_file = NULL, as_folder = NULL;
  g_autoptr (GError) error = NULL;

  write_small (self, "template.xml", "Small");
  as_file = valise_reader_read (file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (valise_reader_read (self->directory, NULL, NULL, NULL));
  write_small (self, "box.ovf", "Small");
  as_folder = valise_reader_read (self->directory, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (as_folder->len, ==, 1);
}

static void
test_packed (Place *self, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (self->directory, "box.ova", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "\x1f\x8b\x08\x00\x00", 5, NULL));
  g_assert_null (valise_reader_read (path, NULL, NULL, &error));
  g_assert_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "packed"));
}

/* --- what is not as long as it is said to be --- */

/* Of the MiB that SMALL says. @code: what is told of it, or NULL */
static const struct
{
  const char *make, *code;
  ValiseSeverity severity;
} lengths[] = {
  { "truncate -s 1048576 disk.vmdk", NULL, 0 },
  { "truncate -s 1048064 disk.vmdk", "disk-short", VALISE_SEVERITY_WARNING },
  { "truncate -s 2M disk.vmdk", "disk-longer", VALISE_SEVERITY_INFO },
  { "truncate -s 512K disk.vmdk.000000000; truncate -s 512K disk.vmdk.000000001", NULL, 0 },
  { "truncate -s 512K disk.vmdk.000000000; truncate -s 500K disk.vmdk.000000001", "disk-short",
    VALISE_SEVERITY_WARNING },
  { "truncate -s 1M disk.vmdk.000000000; truncate -s 1K disk.vmdk.000000001", "disk-longer", VALISE_SEVERITY_INFO },
  { "qemu-img create -q -f qcow2 disk.vmdk 10M", NULL, 0 },
  /* A VHD's end is 512 bytes. */
  { "sed -i s/disk.vmdk/disk.vhd/ box.ovf; qemu-img create -q -f vpc -o subformat=fixed,force_size disk.vhd 1M", NULL,
    0 },
  { "qemu-img create -q -f vpc -o subformat=fixed,force_size disk.vhd 1M; truncate -s -512 disk.vhd", "disk-short",
    VALISE_SEVERITY_WARNING },
  { "qemu-img create -q -f vpc -o subformat=fixed,force_size disk.vhd 1M; truncate -s -100 disk.vhd", "disk-short",
    VALISE_SEVERITY_WARNING },
  { "qemu-img create -q -f vpc -o subformat=fixed,force_size disk.vhd 1M; truncate -s -600 disk.vhd", "disk-short",
    VALISE_SEVERITY_WARNING },
};

static const ValiseFinding *
find_length (const ValiseBlueprint *machine)
{
  static const char *const codes[] = { "disk-short", "disk-longer", NULL };

  for (guint i = 0; i < machine->findings->len; i++)
    if (g_strv_contains (codes, ((const ValiseFinding *) machine->findings->pdata[i])->code))
      return machine->findings->pdata[i];
  return NULL;
}

static void
test_lengths (Place *self, gconstpointer unused)
{
  write_small (self, "box.ovf", "Small");
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GPtrArray) machines = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseFinding *found;

      g_test_message ("%s", lengths[i].make);
      place_run (self->directory, "rm -f disk.*");
      place_run (self->directory, lengths[i].make);
      machines = read_archive (self, "box.ovf disk.*", &error);
      g_assert_no_error (error);
      found = find_length (machines->pdata[0]);
      g_assert_cmpstr (found != NULL ? found->code : NULL, ==, lengths[i].code);
      g_assert_true (found == NULL || found->severity == lengths[i].severity);
    }
}

/* --- time --- */

static void
add_times (GString *text, guint times, const char *before, const char *after)
{
  for (guint i = 0; i < times; i++)
    g_string_append_printf (text, "%s%u%s", before, i, after);
}

/* As many drives, disks and files as the bound on the size lets through, all of them looked up. */
static void
test_many (Place *self, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new ("<Envelope><References>");
  g_autofree char *path = g_build_filename (self->directory, "box.ovf", NULL);
  g_autoptr (GPtrArray) machines = NULL;
  const ValiseBlueprint *machine;
  gint64 start;

  add_times (text, 15000, "<File id='f", "' href='gone'/>");
  g_string_append (text, "</References><DiskSection>");
  add_times (text, 15000, "<Disk diskId='d", "' fileRef='f14999' capacity='${key}'/>");
  g_string_append (text, "</DiskSection><VirtualSystem><ProductSection>");
  add_times (text, 15000, "<Property key='key' configuration='", "'/>");
  g_string_append (text, "</ProductSection><VirtualHardwareSection>");
  add_times (text, 500, "<Item><ResourceType>20</ResourceType><InstanceID>c", "</InstanceID></Item>");
  add_times (text, 9000, "<Item><ResourceType>17</ResourceType><HostResource>/disk/d14999</HostResource></Item><!-- ",
             " -->");
  g_string_append (text, "</VirtualHardwareSection></VirtualSystem></Envelope>");
  g_assert_cmpuint (text->len, <, 4 * VALISE_MIB);
  write_file (self, "box.ovf", text->str);
  start = g_get_monotonic_time ();
  machines = valise_reader_read (path, NULL, NULL, NULL);
  g_assert_nonnull (machines);
  machine = machines->pdata[0];
  g_test_message ("%u drives in %" G_GINT64_FORMAT " ms", machine->drives->len,
                  (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpuint (machine->drives->len, ==, 256);
}

#define ADD(name, func) g_test_add ("/formats/ovf/" name, Place, NULL, place_set_up, func, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/ovf/sizes", test_sizes);
  g_test_add_func ("/formats/ovf/encodings", test_encodings);
  g_test_add_func ("/formats/ovf/strange-encodings", test_strange_encodings);
  ADD ("archive", test_archive);
  ADD ("whole", test_whole);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/formats/ovf/refused/", refusals[i].name, NULL);

      g_test_add (path, Place, GSIZE_TO_POINTER (i), place_set_up, test_refused, place_tear_down);
    }
  ADD ("configuration", test_configuration);
  ADD ("other-names", test_other_names);
  ADD ("lengths", test_lengths);
  ADD ("packed", test_packed);
  ADD ("many", test_many);
  return g_test_run ();
}
