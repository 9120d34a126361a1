/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hostile set: every row is read in a child that can do nothing but read, and ends as its line says. Before that it
 * is shown that the child would be caught. */
#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "formats/valise-plist.h"
#include "formats/valise-reader.h"
#include "hostile-set.h"
#include "sealed-child.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What there has to be at least. */
#define ROWS 161

static char *root;

/* --- the rows --- */

static const char *
error_word (const GError *error)
{
  static const char *const reader[] = { "unknown", "damaged", "refused", "configuration" };
  static const char *const package[] = { "missing", "unreadable", "outside", "limit", "broken" };

  if (error->domain == VALISE_READER_ERROR)
    return reader[error->code];
  if (error->domain == VALISE_PACKAGE_ERROR)
    return package[error->code];
  return error->domain == VALISE_PLIST_ERROR ? "plist" : error->domain == VALISE_XML_ERROR ? "xml" : "other";
}

static gboolean
is_shown (const char *text)
{
  if (text == NULL)
    return TRUE;
  if (!g_utf8_validate (text, -1, NULL) || strstr (text, HOSTILE_SET_TOKEN) != NULL)
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar one = g_utf8_get_char (c);

      if (g_unichar_iscntrl (one) || g_unichar_type (one) == G_UNICODE_FORMAT)
        return FALSE;
    }
  return TRUE;
}

/* A file that somebody named may have any name. */
static gboolean
is_inside (ValisePackage *package, const char *member)
{
  const ValisePackageMember *found = member != NULL ? valise_package_lookup (package, member) : NULL;

  if (member == NULL)
    return TRUE;
  return found != NULL && (found == valise_package_get_main (package) || valise_path_is_plain_relative (member));
}

static gboolean
are_inside (ValisePackage *package, char **members)
{
  for (char **one = members; one != NULL && *one != NULL; one++)
    if (!is_inside (package, *one))
      return FALSE;
  return TRUE;
}

/* What is wrong whatever the row: %NULL for nothing. */
static const char *
find_fault (ValisePackage *package, const ValiseBlueprint *blueprint)
{
  const char *const files[] = { blueprint->nvram, blueprint->kernel, blueprint->initrd, blueprint->dtb };

  if (!is_shown (blueprint->name) || !is_shown (blueprint->os_type) || !is_shown (blueprint->sound)
      || strlen (blueprint->name) > 1000)
    return "FAULT name";
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!is_inside (package, files[i]))
      return "FAULT file outside";
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

      if (!is_inside (package, drive->member) || !are_inside (package, drive->parts)
          || !are_inside (package, drive->beside))
        return "FAULT disk outside";
    }
  for (guint i = 0; i < blueprint->asks->len; i++)
    if (!is_shown (blueprint->asks->pdata[i]))
      return "FAULT asks";
  for (guint i = 0; i < blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = blueprint->findings->pdata[i];

      if (!is_shown (finding->text) || !is_shown (finding->where) || !is_shown (finding->remedy))
        return "FAULT finding";
    }
  return NULL;
}

/* "refused disk-difference@disk.qcow2", "import asks=2" */
static void
describe (GString *said, const ValiseBlueprint *blueprint)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_string_append (said, valise_blueprint_outcome_word (valise_blueprint_get_outcome (blueprint)));
  for (guint i = 0; i < blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = blueprint->findings->pdata[i];
      g_autofree char *one = finding->severity == VALISE_SEVERITY_ERROR
                                 ? g_strconcat (finding->code, "@", finding->where, NULL)
                                 : g_strdup (finding->code);

      if (finding->severity == VALISE_SEVERITY_INFO || g_hash_table_contains (seen, one))
        continue;
      g_string_append_printf (said, " %s", one);
      g_hash_table_add (seen, g_steal_pointer (&one));
    }
  if (blueprint->asks->len > 0)
    g_string_append_printf (said, " asks=%u", blueprint->asks->len);
}

/* Which file it is that something is wrong with: the one that was given, or a description in it. */
static gboolean
names_file (const char *path, const char *message)
{
  static const char *const descriptions[] = { "config.plist", "config.pvs", "box.ovf", "metadata.json", "config.json" };
  g_autofree char *base = g_path_get_basename (path);

  for (gsize i = 0; i < G_N_ELEMENTS (descriptions); i++)
    if (strstr (message, descriptions[i]) != NULL)
      return TRUE;
  return strstr (message, base) != NULL;
}

static char *
describe_error (const char *path, const GError *error)
{
  if (!is_shown (error->message))
    return g_strdup ("FAULT message");
  if (!names_file (path, error->message))
    return g_strconcat ("FAULT no file in: ", error->message, NULL);
  return g_strconcat ("error ", error_word (error), NULL);
}

static char *
read_row (gpointer data)
{
  const char *path = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePackage) package = valise_package_open (path, &error);
  g_autoptr (GPtrArray) machines = package != NULL ? valise_reader_read_package (package, NULL, NULL, &error) : NULL;
  g_autoptr (GString) said = g_string_new (NULL);

  if (machines == NULL)
    return describe_error (path, error);
  for (guint i = 0; i < machines->len; i++)
    {
      const char *fault = find_fault (package, machines->pdata[i]);

      g_string_append (said, i > 0 ? "; " : "");
      if (fault != NULL)
        g_string_append (said, fault);
      describe (said, machines->pdata[i]);
    }
  g_string_replace (said, root, "ROOT", 0);
  return g_string_free (g_steal_pointer (&said), FALSE);
}

/* --- tests --- */

static void
check_row (const char *name, const char *path, const char *outcome, gpointer data)
{
  guint *wrong = data;
  g_autofree char *said = sealed_child_run (read_row, (gpointer) path);

  if (g_getenv ("HOSTILE_OUTCOMES") != NULL)
    g_printerr ("%s\t%s\n", name, said);
  if (g_str_equal (said, outcome))
    return;
  g_test_message ("%s ends with “%s”, not with “%s”", name, said, outcome);
  (*wrong)++;
}

static void
test_set (void)
{
  g_autofree char *before = hostile_set_list (root), *after = NULL;
  guint wrong = 0;

  g_assert_cmpuint (hostile_set_each (root, check_row, &wrong), >=, ROWS);
  after = hostile_set_list (root);
  g_assert_true (g_str_equal (before, after));
  g_assert_cmpuint (wrong, ==, 0);
}

static char *
start_program (gpointer data)
{
  execl ("/bin/true", "true", NULL);
  return g_strdup ("started");
}

static char *
open_socket (gpointer data)
{
  return g_strdup_printf ("%d", socket (AF_UNIX, SOCK_STREAM, 0));
}

static char *
write_file (gpointer data)
{
  return g_strdup_printf ("%d", open (data, O_WRONLY | O_CREAT, 0600));
}

static char *
remove_file (gpointer data)
{
  return g_strdup_printf ("%d", unlink (data));
}

static char *
say_hello (gpointer data)
{
  return g_strdup ("hello");
}

G_GNUC_UNUSED static char *
take_memory (gpointer data)
{
  gsize size = (gsize) 400 << 20;
  volatile char *memory = g_malloc (size);

  for (gsize i = 0; i < size; i += 4096)
    memory[i] = 1;
  return g_strdup_printf ("%d", memory[size / 2]);
}

/* A seal that holds nothing would let every row pass. */
static void
test_seal (void)
{
  static const SealedWork deeds[] = { start_program, open_socket, write_file, remove_file };
  g_autofree char *path = g_build_filename (root, "canary", "secret", NULL);
  g_autofree char *hello = sealed_child_run (say_hello, NULL);

  g_assert_cmpstr (hello, ==, "hello");
  for (gsize i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *said = sealed_child_run (deeds[i], path);

      g_assert_cmpstr (said, ==, "killed by signal 31");
    }
#if !defined(__SANITIZE_ADDRESS__)
  {
    g_autofree char *said = sealed_child_run (take_memory, NULL);

    g_assert_true (g_str_has_prefix (said, "grew to 40"));
  }
#endif
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  root = hostile_set_make ();
  g_test_add_func ("/formats/hostile/seal", test_seal);
  g_test_add_func ("/formats/hostile/set", test_set);
  result = g_test_run ();
  hostile_set_remove (root);
  g_free (root);
  return result;
}
