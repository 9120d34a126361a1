/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-wake-host-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "bundle/valise-document.h"
#include "engine/valise-engine-error-private.h"
#include "engine/valise-timed-call-private.h"

#define GROUP "host"
#define NOTE_MOST (64 * 1024)
#define CAPABILITIES_MOST (16 * 1024 * 1024)
#define MINOR 1000 /* libvirt's numbers: 7.2.11 is 7002011 */
#define CHECK_SECONDS 60

static char *
note_path (const char *bundle_path)
{
  return g_build_filename (bundle_path, "state", "suspend.host", NULL);
}

/* --- processors --- */

static char *
dump (xmlDoc *document, xmlNode *node)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text;

  xmlNodeDump (buffer, document, node, 0, 0);
  text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

/* <cpu> of this computer. (transfer full) (nullable) */
static char *
describe_processor (virConnectPtr connect)
{
  char *text = virConnectGetCapabilities (connect);
  g_autoptr (xmlDoc) document =
      text != NULL ? valise_xml_parse_up_to (text, -1, CAPABILITIES_MOST, "capabilities", NULL) : NULL;
  xmlNode *host = document != NULL ? valise_xml_find_child (xmlDocGetRootElement (document), "host") : NULL;
  xmlNode *cpu = valise_xml_find_child (host, "cpu");

  free (text);
  return cpu != NULL ? dump (document, cpu) : NULL;
}

/* --- the note --- */

void
_valise_wake_host_note (virConnectPtr connect, const char *bundle_path)
{
  g_autofree char *path = note_path (bundle_path);
  g_autofree char *processor = describe_processor (connect);
  g_autoptr (GKeyFile) note = g_key_file_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  unsigned long version = 0;

  if (virConnectGetVersion (connect, &version) == 0)
    g_key_file_set_uint64 (note, GROUP, "qemu", version);
  if (processor != NULL)
    g_key_file_set_string (note, GROUP, "processor", processor);
  text = g_key_file_to_data (note, NULL, NULL);
  if (!valise_file_replace (path, text, -1, 0600, &error))
    g_debug ("%s: %s", path, error->message);
}

void
_valise_wake_host_forget (const char *bundle_path)
{
  g_autofree char *path = note_path (bundle_path);

  g_unlink (path);
}

/* What came with the bundle may be anything. (transfer full) */
static GKeyFile *
read_note (const char *bundle_path)
{
  g_autofree char *path = note_path (bundle_path);
  GKeyFile *note = g_key_file_new ();
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size <= NOTE_MOST)
    g_key_file_load_from_file (note, path, G_KEY_FILE_NONE, NULL);
  return note;
}

/* --- whether it goes on here --- */

typedef struct
{
  virConnectPtr connect;
  char *saved, *name;
  GKeyFile *note;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  virConnectClose (check->connect);
  g_free (check->saved);
  g_free (check->name);
  g_key_file_unref (check->note);
  g_free (check);
}

static gboolean
refuse (const Check *check, GError **error, const char *why)
{
  g_set_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR,
               _ ("“%s” cannot go on with its suspended memory on this computer: %s Nothing was changed. Wake it where "
                  "it was suspended and shut it down there, or discard its suspended memory to start it afresh here."),
               check->name, why);
  return FALSE;
}

/* QEMU reads what older ones wrote, not what newer ones did. */
static gboolean
check_qemu (const Check *check, GError **error)
{
  guint64 then = g_key_file_get_uint64 (check->note, GROUP, "qemu", NULL);
  g_autofree char *why = NULL;
  unsigned long now = 0;

  if (virConnectGetVersion (check->connect, &now) != 0 || then / MINOR <= now / MINOR)
    return TRUE;
  why = g_strdup_printf (_ ("it was written by QEMU %u.%u, and here is QEMU %u.%u, which is older."),
                         (guint) (then / 1000000), (guint) (then / MINOR % 1000), (guint) (now / 1000000),
                         (guint) (now / MINOR % 1000));
  return refuse (check, error, why);
}

static gboolean
check_machine (const Check *check, ValiseDocument *then, GError **error)
{
  g_autofree char *type = valise_document_get (then, "@type");
  g_autofree char *arch = valise_document_get (then, "os/type/@arch");
  g_autofree char *machine = valise_document_get (then, "os/type/@machine");
  char *known = virConnectGetDomainCapabilities (check->connect, NULL, arch, machine, type, 0);
  g_autofree char *shown = NULL, *why = NULL;

  if (known != NULL)
    {
      free (known);
      return TRUE;
    }
  virResetLastError ();
  shown = valise_text_for_display (machine != NULL ? machine : "?", 80);
  why = g_strdup_printf (_ ("it ran as a machine of the type “%s” (%s, %s), which cannot be run here."), shown,
                         arch != NULL ? arch : "?", g_strcmp0 (type, "kvm") == 0 ? "KVM" : "TCG");
  return refuse (check, error, why);
}

static gboolean
refuse_processor (const Check *check, GError **error)
{
  return refuse (check, error, _ ("its programs run on abilities of a processor that this computer's does not have."));
}

/* One that the settings name is looked for by libvirt when it is woken, before the memory is read. The host's own has no
 * name, and nothing but the note tells what it could do; one that QEMU makes up by itself is the same everywhere. */
static gboolean
check_processor (const Check *check, ValiseDocument *then, GError **error)
{
  g_autofree char *type = valise_document_get (then, "@type");
  g_autofree char *mode = valise_document_get (then, "cpu/@mode");
  g_autofree char *processor = g_key_file_get_string (check->note, GROUP, "processor", NULL);
  int found;

  if (g_strcmp0 (type, "kvm") != 0 || processor == NULL
      || (g_strcmp0 (mode, "host-passthrough") != 0 && g_strcmp0 (mode, "maximum") != 0))
    return TRUE;
  found = virConnectCompareCPU (check->connect, processor, 0);
  virResetLastError ();
  return found != VIR_CPU_COMPARE_INCOMPATIBLE || refuse_processor (check, error);
}

static gpointer
run_check (gpointer data, GError **error)
{
  const Check *check = data;
  char *text = virDomainSaveImageGetXMLDesc (check->connect, check->saved, 0);
  g_autoptr (ValiseDocument) then = NULL;

  if (text == NULL)
    {
      _valise_engine_error_take (error, _ ("Reading the suspended memory"));
      return NULL;
    }
  then = valise_document_new (text, -1, "memory", error);
  free (text);
  return then != NULL && check_qemu (check, error) && check_machine (check, then, error)
                 && check_processor (check, then, error)
             ? GINT_TO_POINTER (TRUE)
             : NULL;
}

gboolean
_valise_wake_host_check (virConnectPtr connect,
                         const char *bundle_path,
                         const char *saved,
                         const char *name,
                         GError **error)
{
  Check *check = g_new0 (Check, 1);

  virConnectRef (connect);
  check->connect = connect;
  check->saved = g_strdup (saved);
  check->name = g_strdup (name);
  check->note = read_note (bundle_path);
  return _valise_timed_call (_ ("Reading the suspended memory"), run_check, check, check_free, NULL, CHECK_SECONDS,
                             NULL, error)
         != NULL;
}
