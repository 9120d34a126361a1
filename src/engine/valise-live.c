/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-live-private.h"

#include <glib/gi18n-lib.h>
#include <libvirt/virterror.h>

#include "base/valise-size.h"
#include "engine/valise-engine-error-private.h"
#include "model/valise-label.h"

#define LIVE VIR_DOMAIN_AFFECT_LIVE

typedef struct
{
  virDomainPtr domain;
  ValiseDocument *before;
  ValiseDocument *after;
  ValiseDocument *effective;
  ValiseDocument *live; /* what libvirt runs */
  ValiseLiveAnswers *answers;
  GPtrArray *findings;
} Change;

/* A kind of device that can come and go. */
typedef struct
{
  const char *element;
  const char *identity; /* what tells one from the other */
} Kind;

static const Kind disks = { "disk", "target/@dev" };
static const Kind cards = { "interface", "mac/@address" };

/* --- the documents --- */

static char *
device_knob (const char *element, guint number, const char *rest)
{
  return rest != NULL ? g_strdup_printf ("devices/%s[%u]/%s", element, number, rest)
                      : g_strdup_printf ("devices/%s[%u]", element, number);
}

/* The number (from 1) of the element below devices/@element whose @attribute is @value, 0 for none. */
static guint
find_device (ValiseDocument *document, const char *element, const char *attribute, const char *value)
{
  g_autofree char *all = g_strdup_printf ("devices/%s", element);
  guint count = valise_document_count (document, all);

  for (guint i = 1; value != NULL && i <= count; i++)
    {
      g_autofree char *found = valise_document_get_device (document, element, i, attribute);

      if (found != NULL && g_ascii_strcasecmp (found, value) == 0)
        return i;
    }
  return 0;
}

static gboolean
differs (Change *self, const char *knob)
{
  g_autofree char *before = valise_document_get (self->before, knob);
  g_autofree char *after = valise_document_get (self->after, knob);

  return g_strcmp0 (before, after) != 0;
}

/* --- what is refused --- */

static void
refuse (Change *self, const char *knob, const char *text)
{
  g_ptr_array_add (self->findings,
                   valise_finding_new (VALISE_SEVERITY_WARNING, "live-refused", knob, text,
                                       _ ("It is saved, and takes effect when the machine is started again.")));
}

static void
check (Change *self, int result, const char *what, const char *knob)
{
  g_autoptr (GError) error = NULL;

  if (result >= 0)
    return;
  /* Processors that the guest has to give back: libvirt itself waits for them, and then says that somebody should
   * look. */
  _valise_engine_error_set (&error, VALISE_ENGINE_ERROR_STATE, what,
                            virGetLastErrorCode () == VIR_ERR_OPERATION_TIMEOUT
                                ? _ ("the guest has been asked and has not answered")
                                : virGetLastErrorMessage ());
  refuse (self, knob, error->message);
  virResetLastError ();
}

/* --- numbers --- */

static gboolean
get_kib (ValiseDocument *document, const char *knob, guint64 *kib)
{
  guint64 bytes;

  if (!valise_label_get_size (document, knob, &bytes))
    return FALSE;
  *kib = bytes / VALISE_KIB;
  return TRUE;
}

/* The balloon cannot give more than the machine was started with, whatever its settings say by now. TRUE when @kib had
 * to be lowered. */
static gboolean
lower_to_most (Change *self, const char *knob, guint64 *kib)
{
  guint64 most;
  g_autofree char *wanted = NULL;
  g_autofree char *can = NULL;
  g_autofree char *text = NULL;

  if (!get_kib (self->live, "memory", &most) || *kib <= most)
    return FALSE;
  wanted = valise_size_format (*kib * VALISE_KIB);
  can = valise_size_format (most * VALISE_KIB);
  text = g_strdup_printf (_ ("%s of memory cannot be used yet: the machine was started with %s at most."), wanted, can);
  refuse (self, knob, text);
  *kib = most;
  return TRUE;
}

/* Without a currentMemory all of the memory is in use. */
static void
change_memory (Change *self)
{
  const char *knob = "currentMemory";
  guint64 before, after, now;
  int result;

  if (!get_kib (self->before, knob, &before) && !get_kib (self->before, "memory", &before))
    return;
  if (!get_kib (self->after, knob, &after) && !get_kib (self->after, "memory", &after))
    return;
  if (before == after || (differs (self, "memory") && !differs (self, knob)))
    return;
  if (lower_to_most (self, knob, &after) && get_kib (self->live, knob, &now) && now == after)
    return;
  result = virDomainSetMemoryFlags (self->domain, (unsigned long) after, LIVE);
  check (self, result, _ ("The memory in use could not be changed while it runs"), knob);
  if (result >= 0)
    _valise_live_answers_expect_memory (self->answers, after);
}

static void
change_processors (Change *self)
{
  const char *knob = "vcpu/@current";
  g_autofree char *current = valise_document_get (self->after, knob);
  g_autofree char *all = valise_document_get (self->after, "vcpu");
  const char *wanted = current != NULL ? current : all;

  if (wanted == NULL || !differs (self, knob))
    return;
  check (self, virDomainSetVcpusFlags (self->domain, (guint) g_ascii_strtoull (wanted, NULL, 10), LIVE),
         _ ("The number of processors in use could not be changed while it runs"), knob);
}

/* --- drives and cards that stay --- */

static gboolean
is_drive (ValiseDocument *document, guint number)
{
  g_autofree char *kind = valise_document_get_device (document, "disk", number, "@device");

  return g_strcmp0 (kind, "cdrom") == 0 || g_strcmp0 (kind, "floppy") == 0;
}

/* A guest that has locked its drive is overruled: it was the user who asked. */
static int
update_medium (Change *self, const char *xml)
{
  if (virDomainUpdateDeviceFlags (self->domain, xml, LIVE) == 0)
    return 0;
  return virDomainUpdateDeviceFlags (self->domain, xml, LIVE | VIR_DOMAIN_DEVICE_MODIFY_FORCE);
}

/* The drive as it runs, with another disc in it. */
static char *
with_medium (Change *self, guint live, const char *file)
{
  static const char *const parts[] = { "source", "backingStore" };
  g_autoptr (ValiseDocument) copy = valise_document_copy (self->live);
  g_autofree char *device = device_knob ("disk", live, NULL);
  g_autofree char *source = device_knob ("disk", live, "source/@file");

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *knob = device_knob ("disk", live, parts[i]);

      if (!valise_document_unset (copy, knob, NULL))
        return NULL;
    }
  if (file != NULL && !valise_document_set (copy, source, file, NULL))
    return NULL;
  return valise_document_get_fragment (copy, device);
}

static void
change_medium (Change *self, guint effective, guint live, const char *knob)
{
  g_autofree char *now = valise_document_get_device (self->live, "disk", live, "source/@file");
  g_autofree char *wanted = valise_document_get_device (self->effective, "disk", effective, "source/@file");
  g_autofree char *xml = NULL;

  if (g_strcmp0 (now, wanted) == 0)
    return;
  xml = with_medium (self, live, wanted);
  check (self, xml != NULL ? update_medium (self, xml) : -1,
         wanted != NULL ? _ ("The disc could not be inserted") : _ ("The disc could not be ejected"), knob);
}

static void
change_link (Change *self, guint effective, guint live, const char *knob)
{
  g_autofree char *now = valise_document_get_device (self->live, "interface", live, "link/@state");
  g_autofree char *wanted = valise_document_get_device (self->effective, "interface", effective, "link/@state");
  g_autofree char *device = device_knob ("interface", live, NULL);
  g_autofree char *link = device_knob ("interface", live, "link/@state");
  g_autoptr (ValiseDocument) copy = NULL;
  g_autofree char *xml = NULL;

  if (g_strcmp0 (now != NULL ? now : "up", wanted != NULL ? wanted : "up") == 0)
    return;
  copy = valise_document_copy (self->live);
  if (valise_document_set (copy, link, wanted != NULL ? wanted : "up", NULL))
    xml = valise_document_get_fragment (copy, device);
  check (self, xml != NULL ? virDomainUpdateDeviceFlags (self->domain, xml, LIVE) : -1,
         _ ("The network cable could not be changed while it runs"), knob);
}

/* --- devices that come and go --- */

static void
attach (Change *self, const Kind *kind, guint effective, const char *knob)
{
  g_autofree char *device = device_knob (kind->element, effective, NULL);
  g_autofree char *xml = valise_document_get_fragment (self->effective, device);

  check (self, virDomainAttachDeviceFlags (self->domain, xml, LIVE), _ ("The device could not be added while it runs"),
         knob);
}

/* Only asks: the guest lets a device go in its own time, and several may be going at once. */
static void
detach (Change *self, const Kind *kind, guint before, guint live)
{
  g_autofree char *device = device_knob (kind->element, before, NULL);
  g_autofree char *label = valise_label_device (self->before, device);
  g_autofree char *alias = valise_document_get_device (self->live, kind->element, live, "alias/@name");
  g_autofree char *what = g_strdup_printf (_ ("%s could not be removed while it runs"), label);
  int result = alias != NULL ? virDomainDetachDeviceAlias (self->domain, alias, LIVE) : -1;

  /* In what is stored it has no place any more. */
  check (self, result, what, NULL);
  if (result >= 0)
    _valise_live_answers_expect_removal (self->answers, alias, label);
}

/* What was told to go earlier and is still there keeps its name. */
static void
check_way_is_free (Change *self, guint effective, guint live, const char *knob)
{
  g_autofree char *now = valise_document_get_device (self->live, "disk", live, "source/@file");
  g_autofree char *wanted = valise_document_get_device (self->effective, "disk", effective, "source/@file");

  if (g_strcmp0 (now, wanted) != 0)
    refuse (self, knob, _ ("The guest has not let go of the disk that had this place before."));
}

static void
change_one (Change *self, const Kind *kind, guint number)
{
  g_autofree char *identity = valise_document_get_device (self->after, kind->element, number, kind->identity);
  guint before = find_device (self->before, kind->element, kind->identity, identity);
  guint effective = find_device (self->effective, kind->element, kind->identity, identity);
  guint live = find_device (self->live, kind->element, kind->identity, identity);
  g_autofree char *knob = device_knob (kind->element, number, NULL);

  if (effective == 0)
    return;
  if (live == 0 && before == 0)
    attach (self, kind, effective, knob);
  else if (before == 0 && kind == &disks && !is_drive (self->effective, effective))
    check_way_is_free (self, effective, live, knob);
  else if (live != 0 && kind == &cards)
    {
      g_autofree char *link = device_knob (kind->element, number, "link/@state");
      change_link (self, effective, live, link);
    }
  else if (live != 0 && is_drive (self->effective, effective))
    {
      g_autofree char *source = device_knob (kind->element, number, "source/@file");
      change_medium (self, effective, live, source);
    }
}

static void
change_devices (Change *self, const Kind *kind)
{
  g_autofree char *all = g_strdup_printf ("devices/%s", kind->element);

  for (guint i = valise_document_count (self->before, all); i > 0; i--)
    {
      g_autofree char *identity = valise_document_get_device (self->before, kind->element, i, kind->identity);
      guint live = find_device (self->live, kind->element, kind->identity, identity);

      if (live != 0 && find_device (self->after, kind->element, kind->identity, identity) == 0)
        detach (self, kind, i, live);
    }
  for (guint i = 1; i <= valise_document_count (self->after, all); i++)
    change_one (self, kind, i);
}

void
_valise_live_change (virDomainPtr domain,
                     ValiseDocument *before,
                     ValiseDocument *after,
                     ValiseDocument *effective,
                     ValiseLiveAnswers *answers,
                     GPtrArray *findings)
{
  char *xml = virDomainGetXMLDesc (domain, 0);
  g_autoptr (ValiseDocument) live = xml != NULL ? valise_document_new (xml, -1, "domain", NULL) : NULL;
  Change change = { domain, before, after, effective, live, answers, findings };

  free (xml);
  if (live == NULL)
    {
      check (&change, -1, _ ("The running machine could not be changed"), NULL);
      return;
    }
  change_memory (&change);
  change_processors (&change);
  change_devices (&change, &disks);
  change_devices (&change, &cards);
}
