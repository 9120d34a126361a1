/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files with the facts that a person read off each of them, in an expected.json that is a list of machines: our own
 * samples (data/FORMAT/expected.json beside this), and those that other programs wrote, from the directory that
 * VALISE_CORPORA names. Every fact is compared with what the readers yield, and every one that differs is told before the
 * machine's test fails. In our own, "codes" are the findings' in their order and "error" is how a refusal begins. */
#include <string.h>

#include "formats/valise-blueprint-json.h"
#include "formats/valise-reader.h"

/* Remarks of the person who read the file, and what the reader knows but a blueprint does not hold. */
static const char *const remarks[] = {
  "file", "notes",   "flavour",  "vm_index", "vm_count", "ovf_version", "utm_version", "cpu_model", "firmware_detail",
  "tar",  "meaning", "required", "bootable", "alt_file", "vbox_type",
};

/* Where the sheet and the reader disagree and both are right; the guide to importing says why. */
static const struct
{
  const char *file, *where;
} explained[] = {
  { "vbox/libvirt__libvirt/vboxsnapshotxmldata/2disks-2snap.vbox", "outcome" }, /* QEMU reads no differencing VDI */
  { "vmx/DrDonk__OC4VM/vmware/macos.vmx", "disks" },   /* the one on USB is a disk, too: it starts from it */
  { "vmx/DrDonk__OC4VM/vmware/macos.vmx", "outcome" }, /* macOS runs on Apple's machines */
};

typedef struct
{
  char *directory; /* that "file" is relative to */
  JsonObject *expected;
  guint differences;
} Sheet;

/* --- what is told --- */

static char *
show (JsonNode *node)
{
  return node != NULL ? json_to_string (node, FALSE) : g_strdup ("nothing");
}

static void
differ_text (Sheet *sheet, const char *where, const char *expected, const char *seen)
{
  const char *file = json_object_get_string_member (sheet->expected, "file");

  for (gsize i = 0; i < G_N_ELEMENTS (explained); i++)
    if (g_str_equal (file, explained[i].file) && g_str_equal (where, explained[i].where))
      return;
  g_test_message ("%s: %s: %s is expected, %s was read", file, where, expected, seen);
  sheet->differences++;
}

static void
differ (Sheet *sheet, const char *where, JsonNode *expected, JsonNode *seen)
{
  g_autofree char *wanted = show (expected), *read = show (seen);

  differ_text (sheet, where, wanted, read);
}

/* --- single facts --- */

static gboolean
is_null (JsonNode *node)
{
  return node == NULL || JSON_NODE_HOLDS_NULL (node);
}

static const char *
text_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* A place is a number, counted on its controller, or "controller:number". */
static gboolean
same_unit (JsonNode *expected, JsonNode *seen)
{
  const char *wanted = text_of (expected), *read = text_of (seen), *colon = read != NULL ? strrchr (read, ':') : NULL;
  g_autofree char *number = NULL;

  if (read == NULL || wanted != NULL)
    return g_strcmp0 (wanted, read) == 0;
  number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (expected));
  return g_str_equal (colon != NULL ? colon + 1 : read, number);
}

/* "other26xLinux64Guest (CIM 100)", "CIM 94 / Ubuntu_64": any of the words by which the file names it. */
static gboolean
same_system (const char *expected, const char *seen)
{
  g_auto (GStrv) words = expected != NULL ? g_strsplit_set (expected, "(/,)", -1) : NULL;

  for (char **word = words; word != NULL && *word != NULL; word++)
    if (g_strcmp0 (g_strstrip (*word), seen) == 0)
      return TRUE;
  return g_strcmp0 (expected, seen) == 0 || (expected != NULL && seen != NULL && g_str_has_prefix (expected, seen));
}

/* What follows in brackets is a remark. */
static gboolean
same_file (const char *expected, const char *seen)
{
  const char *remark = expected != NULL ? strstr (expected, " (grandchild") : NULL;

  if (remark != NULL)
    return seen != NULL && strlen (seen) == (gsize) (remark - expected) && g_str_has_prefix (expected, seen);
  return g_strcmp0 (expected, seen) == 0;
}

/* Addresses are the same in either case. */
static gboolean
same_mac (const char *expected, const char *seen)
{
  return expected != NULL && seen != NULL ? g_ascii_strcasecmp (expected, seen) == 0 : expected == seen;
}

static gboolean
same_format (const char *expected, JsonObject *seen)
{
  const char *read = text_of (json_object_get_member (seen, "format"));
  const char *compression = text_of (json_object_get_member (seen, "compression"));
  g_autofree char *whole = NULL;

  if (compression == NULL)
    return g_strcmp0 (expected, read) == 0;
  whole = g_strconcat (read != NULL ? read : "", "+", compression, NULL);
  return g_strcmp0 (expected, whole) == 0;
}

static gboolean
is_remark (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (remarks); i++)
    if (g_str_equal (key, remarks[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_address (JsonNode *node)
{
  return text_of (node) != NULL && g_regex_match_simple ("^[0-9]+:[0-9]+$", text_of (node), 0, 0);
}

static gboolean
same_value (const char *key, JsonNode *expected, JsonObject *whole)
{
  JsonNode *seen = json_object_get_member (whole, key);

  if (g_str_equal (key, "unit"))
    return same_unit (expected, seen);
  if (g_str_equal (key, "address"))
    return !is_address (expected) || same_unit (expected, json_object_get_member (whole, "unit"));
  if (g_str_equal (key, "os_type"))
    return same_system (text_of (expected), text_of (seen));
  if (g_str_equal (key, "file"))
    return same_file (text_of (expected), text_of (seen));
  if (g_str_equal (key, "mac"))
    return same_mac (text_of (expected), text_of (seen));
  if (g_str_equal (key, "format"))
    return same_format (text_of (expected), whole);
  /* A size that was measured on an image, which the corpus does not hold, is told by nobody. */
  if (g_str_equal (key, "capacity_bytes") && is_null (seen) && is_null (json_object_get_member (whole, "member"))
      && !is_null (json_object_get_member (whole, "file")))
    return TRUE;
  if (is_null (expected) || is_null (seen))
    return is_null (expected) && is_null (seen);
  return json_node_equal (expected, seen);
}

/* --- lists of objects --- */

static void
compare_object (Sheet *sheet, const char *where, JsonObject *expected, JsonObject *seen, gboolean is_drive)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, expected);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      g_autofree char *longer = g_strconcat (where, " ", key, NULL);

      if ((!is_remark (key) || (is_drive && g_str_equal (key, "file"))) && !same_value (key, value, seen))
        differ (sheet, longer, value, json_object_get_member (seen, key));
    }
  /* A disk of which no file is told is a new one. */
  if (g_str_has_prefix (where, "disks") && !json_object_has_member (expected, "file")
      && !is_null (json_object_get_member (seen, "file")))
    differ_text (sheet, where, "no file", text_of (json_object_get_member (seen, "file")));
}

static void
compare_list (Sheet *sheet, const char *key, JsonArray *expected, JsonArray *seen, gboolean are_drives)
{
  guint length = MIN (json_array_get_length (expected), json_array_get_length (seen));

  if (json_array_get_length (expected) != json_array_get_length (seen))
    {
      g_autofree char *wanted = g_strdup_printf ("%u", json_array_get_length (expected));
      g_autofree char *read = g_strdup_printf ("%u", json_array_get_length (seen));

      differ_text (sheet, key, wanted, read);
    }
  for (guint i = 0; i < length; i++)
    {
      g_autofree char *where = g_strdup_printf ("%s[%u]", key, i);

      compare_object (sheet, where, json_array_get_object_element (expected, i),
                      json_array_get_object_element (seen, i), are_drives);
    }
}

static gboolean
is_list_of_objects (JsonNode *node)
{
  return JSON_NODE_HOLDS_ARRAY (node)
         && (json_array_get_length (json_node_get_array (node)) == 0
             || JSON_NODE_HOLDS_OBJECT (json_array_get_element (json_node_get_array (node), 0)));
}

static gint64
count_of (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node));
  return JSON_NODE_HOLDS_NULL (node) ? -1 : json_node_get_int (node);
}

/* A fact may be a mere count of what is listed. */
static void
compare_fact (Sheet *sheet, const char *where, const char *key, JsonNode *expected, JsonObject *machine)
{
  JsonNode *seen = json_object_get_member (machine, key);
  gboolean counted =
      seen != NULL && JSON_NODE_HOLDS_ARRAY (seen) && JSON_NODE_HOLDS_VALUE (expected) && text_of (expected) == NULL;

  if (seen == NULL)
    differ (sheet, where, expected, seen);
  else if (counted ? count_of (seen) != count_of (expected) : FALSE)
    differ (sheet, where, expected, seen);
  else if (!counted && is_list_of_objects (expected) && JSON_NODE_HOLDS_ARRAY (seen))
    compare_list (sheet, where, json_node_get_array (expected), json_node_get_array (seen), !g_str_equal (key, "nics"));
  else if (!counted && JSON_NODE_HOLDS_OBJECT (expected) && JSON_NODE_HOLDS_OBJECT (seen))
    compare_object (sheet, where, json_node_get_object (expected), json_node_get_object (seen), FALSE);
  else if (!counted && !same_value (key, expected, machine))
    differ (sheet, where, expected, seen);
}

/* --- the machine --- */

static JsonNode *
to_json (const ValiseBlueprint *blueprint)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  valise_blueprint_add_json (blueprint, builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* A .utm is a folder; the sheet names the file in it. */
static char *
find_source (const Sheet *sheet)
{
  g_autofree char *path =
      g_build_filename (sheet->directory, json_object_get_string_member (sheet->expected, "file"), NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  return g_str_has_suffix (folder, ".utm") ? g_steal_pointer (&folder) : g_steal_pointer (&path);
}

static gint64
index_of (Sheet *sheet)
{
  return json_object_has_member (sheet->expected, "vm_index") ? json_object_get_int_member (sheet->expected, "vm_index")
                                                              : 0;
}

static void
compare_alternatives (Sheet *sheet, const char *source, JsonObject *alternatives)
{
  JsonObjectIter iter;
  const char *id;
  JsonNode *facts;

  json_object_iter_init_ordered (&iter, alternatives);
  while (json_object_iter_next_ordered (&iter, &id, &facts))
    {
      g_autoptr (GPtrArray) machines = valise_reader_read (source, id, NULL, NULL);
      g_autoptr (JsonNode) machine = machines != NULL ? to_json (machines->pdata[index_of (sheet)]) : NULL;
      JsonObjectIter each;
      const char *key;
      JsonNode *value;

      if (machine == NULL)
        {
          differ_text (sheet, id, "a configuration", "none");
          continue;
        }
      json_object_iter_init_ordered (&each, json_node_get_object (facts));
      while (json_object_iter_next_ordered (&each, &key, &value))
        {
          g_autofree char *where = g_strconcat (id, " ", key, NULL);

          compare_fact (sheet, where, key, value, json_node_get_object (machine));
        }
    }
}

/* "SHA1, 4 entries OK": the disks have digests of that kind, and they are right. */
static void
compare_manifest (Sheet *sheet, const char *source, const char *manifest, const ValiseBlueprint *machine)
{
  g_autoptr (ValisePackage) package = valise_package_open (source, NULL);
  const GChecksumType types[] = { G_CHECKSUM_SHA1, G_CHECKSUM_SHA256, G_CHECKSUM_SHA512 };
  static const char *const words[] = { "SHA1", "SHA256", "SHA512" };

  for (guint i = 0; i < machine->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = machine->drives->pdata[i];
      const ValisePackageMember *member = drive->member != NULL ? valise_package_lookup (package, drive->member) : NULL;
      g_autoptr (GBytes) bytes = member != NULL ? valise_package_read (package, member, 1 << 30, NULL) : NULL;

      for (gsize kind = 0; bytes != NULL && kind < G_N_ELEMENTS (words); kind++)
        if (strstr (manifest, words[kind]) != NULL)
          {
            g_autofree char *hex = g_compute_checksum_for_bytes (types[kind], bytes);
            g_autofree char *prefix = g_ascii_strdown (words[kind], -1);
            g_autofree char *digest = g_strconcat (prefix, ":", hex, NULL);

            if (g_strcmp0 (digest, drive->digest) != 0)
              differ_text (sheet, "digest", digest, drive->digest != NULL ? drive->digest : "none");
          }
    }
}

/* The corpus holds descriptors, mostly without their disks: that they are missing is no fault of the machine. */
static gboolean
lacks_only_files (const ValiseBlueprint *machine)
{
  for (guint i = 0; i < machine->findings->len; i++)
    {
      const ValiseFinding *finding = machine->findings->pdata[i];

      if (finding->severity == VALISE_SEVERITY_ERROR && !g_str_equal (finding->code, "disk-missing"))
        return FALSE;
    }
  return !machine->refused;
}

static void
compare_outcome (Sheet *sheet, const char *outcome, const ValiseBlueprint *machine)
{
  const char *word = valise_blueprint_outcome_word (valise_blueprint_get_outcome (machine));

  if (g_str_has_prefix (outcome, "import")
          ? !lacks_only_files (machine)
          : strstr (outcome, "or-warn") == NULL && strstr (outcome, "ignore") == NULL
                && strstr (outcome, "metadata ok") == NULL && g_str_equal (word, "import"))
    differ_text (sheet, "outcome", outcome, word);
  if (g_str_equal (outcome, "reject-or-warn") && valise_findings_worst (machine->findings) < VALISE_SEVERITY_WARNING)
    differ_text (sheet, "outcome", outcome, "no warning");
}

/* In our own sheets every finding is foreseen. */
static void
compare_codes (Sheet *sheet, JsonArray *expected, const ValiseBlueprint *machine)
{
  const char *outcome = json_object_get_string_member (sheet->expected, "outcome");
  const char *word = valise_blueprint_outcome_word (valise_blueprint_get_outcome (machine));

  for (guint i = 0; i < MAX (json_array_get_length (expected), machine->findings->len); i++)
    {
      const char *wanted = i < json_array_get_length (expected) ? json_array_get_string_element (expected, i) : "none";
      const ValiseFinding *finding = i < machine->findings->len ? machine->findings->pdata[i] : NULL;

      if (g_strcmp0 (wanted, finding != NULL ? finding->code : "none") != 0)
        differ_text (sheet, "finding", wanted, finding != NULL ? finding->code : "none");
    }
  if (!g_str_equal (outcome, word))
    differ_text (sheet, "outcome", outcome, word);
}

static void
compare_member (Sheet *sheet,
                const char *source,
                const char *key,
                JsonNode *expected,
                JsonObject *json,
                const ValiseBlueprint *machine)
{
  if (g_str_equal (key, "alternatives"))
    compare_alternatives (sheet, source, json_node_get_object (expected));
  else if (g_str_equal (key, "manifest"))
    compare_manifest (sheet, source, text_of (expected), machine);
  else if (g_str_equal (key, "codes"))
    compare_codes (sheet, json_node_get_array (expected), machine);
  else if (g_str_equal (key, "outcome"))
    compare_outcome (sheet, text_of (expected), machine);
  else if (g_str_equal (key, "default_configuration"))
    {
      if (g_strcmp0 (text_of (expected), machine->configuration) != 0)
        differ_text (sheet, key, text_of (expected), machine->configuration);
    }
  else
    compare_fact (sheet, key, key, expected, json);
}

static void
compare_machine (Sheet *sheet, const char *source, const ValiseBlueprint *machine)
{
  g_autoptr (JsonNode) json = to_json (machine);
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, sheet->expected);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    if (!is_remark (key))
      compare_member (sheet, source, key, value, json_node_get_object (json), machine);
}

static void
compare_source (Sheet *sheet, const char *source, GPtrArray *machines)
{
  gint64 index = index_of (sheet);

  if (json_object_has_member (sheet->expected, "vm_count")
      && json_object_get_int_member (sheet->expected, "vm_count") != machines->len)
    {
      g_autofree char *read = g_strdup_printf ("%u", machines->len);

      differ_text (sheet, "vm_count", "another number", read);
    }
  if (index < machines->len)
    compare_machine (sheet, source, machines->pdata[index]);
  else
    differ_text (sheet, "vm_index", "a machine", "fewer of them");
}

static void
test_sheet (gconstpointer data)
{
  Sheet *sheet = (Sheet *) data;
  g_autoptr (GError) error = NULL;
  g_autofree char *source = find_source (sheet);
  g_autoptr (GPtrArray) machines = valise_reader_read (source, NULL, NULL, &error);

  if (machines != NULL && json_object_has_member (sheet->expected, "error"))
    differ_text (sheet, "the whole", "an error", "a machine");
  else if (machines != NULL)
    compare_source (sheet, source, machines);
  else if (!g_str_equal (json_object_get_string_member (sheet->expected, "outcome"), "reject"))
    differ_text (sheet, "the whole", "a machine", error->message);
  else if (strstr (error->message, json_object_get_string_member_with_default (sheet->expected, "error", "")) == NULL)
    differ_text (sheet, "error", json_object_get_string_member (sheet->expected, "error"), error->message);
  if (sheet->differences > 0)
    g_test_fail ();
}

static void
sheet_free (gpointer data)
{
  Sheet *sheet = data;

  g_free (sheet->directory);
  json_object_unref (sheet->expected);
  g_free (sheet);
}

/* @root: of the tests' names */
static void
add_sheets (const char *root, const char *file, const char *directory)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *sheets;

  if (!json_parser_load_from_file (parser, file, &error))
    g_error ("%s", error->message);
  sheets = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (sheets); i++)
    {
      Sheet *sheet = g_new0 (Sheet, 1);
      g_autofree char *name = NULL;

      sheet->directory = g_strdup (directory);
      sheet->expected = json_object_ref (json_array_get_object_element (sheets, i));
      name = g_strdup_printf ("%s/%s/%u", root, json_object_get_string_member (sheet->expected, "format"), i);
      g_test_add_data_func_full (name, sheet, test_sheet, sheet_free);
    }
}

static void
add_own (void)
{
  g_autofree char *data = g_test_build_filename (G_TEST_DIST, "formats", "data", NULL);
  g_autoptr (GDir) formats = g_dir_open (data, 0, NULL);
  const char *format;

  while ((format = g_dir_read_name (formats)) != NULL)
    {
      g_autofree char *file = g_build_filename (data, format, "expected.json", NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        add_sheets ("/formats/corpora/own", file, data);
    }
}

int
main (int argc, char **argv)
{
  const char *corpora = g_getenv ("VALISE_CORPORA");
  g_autofree char *file = corpora != NULL ? g_build_filename (corpora, "expected.json", NULL) : NULL;

  g_test_init (&argc, &argv, NULL);
  add_own ();
  if (file != NULL)
    add_sheets ("/formats/corpora", file, corpora);
  return g_test_run ();
}
