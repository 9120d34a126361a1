/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a machine that exclude, need or repeat each other. */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-path.h"
#include "bundle/valise-bundle.h"

#define LONGEST_VNC_PASSWORD 8
#define LONGEST_QUOTE 60

/* --- devices of which there is one --- */

static void
check_once (ValiseRulesRun *run)
{
  static const char *const SINGLE[] = { "watchdog", "memballoon", "iommu", "vsock", "tpm" };

  for (guint i = 0; i < G_N_ELEMENTS (SINGLE); i++)
    {
      xmlNode *first = _valise_rules_child (run->devices, SINGLE[i]);
      xmlNode *second = first != NULL ? _valise_rules_next (first) : NULL;
      g_autofree char *path = second != NULL ? valise_document_path_of (run->document, second) : NULL;

      if (second != NULL)
        valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "device-twice", second, NULL,
                                                   g_strdup (_ ("A machine can have only one of these.")),
                                                   _ ("Remove this one.")),
                                path, NULL);
    }
}

/* --- video cards --- */

static const char *
video_model (xmlNode *video)
{
  const char *type = _valise_rules_attribute (_valise_rules_child (video, "model"), "type");

  return type != NULL ? type : "";
}

static void
check_second_video (ValiseRulesRun *run, xmlNode *first, xmlNode *video)
{
  static const char *const FIRST_ONLY[] = { "vga", "cirrus", "vmvga", NULL };

  if (g_str_equal (video_model (video), "none") || g_str_equal (video_model (first), "none"))
    _valise_rules_set_fix (run,
                           _valise_rules_add (run, VALISE_SEVERITY_ERROR, "video-none-among-others", video,
                                              "model/@type",
                                              g_strdup (_ ("A machine without a video card cannot have another one.")),
                                              _ ("Remove the one that is none.")),
                           first, "model/@type", "virtio");
  else if (g_strv_contains (FIRST_ONLY, video_model (video)))
    _valise_rules_set_fix (run,
                           _valise_rules_add (run, VALISE_SEVERITY_ERROR, "video-second-model", video, "model/@type",
                                              g_strdup (_ ("This video card can only be the first one.")),
                                              _ ("Use virtio for further ones.")),
                           video, "model/@type", "virtio");
  else if (g_strcmp0 (_valise_rules_attribute (_valise_rules_child (video, "model"), "primary"), "yes") == 0)
    _valise_rules_set_fix (run,
                           _valise_rules_add (run, VALISE_SEVERITY_ERROR, "video-primary-twice", video,
                                              "model/@primary",
                                              g_strdup (_ ("Another video card is the first one already.")),
                                              _ ("Let that one be the first.")),
                           video, "model/@primary", "no");
}

static void
check_videos (ValiseRulesRun *run)
{
  xmlNode *first = _valise_rules_child (run->devices, "video");

  for (xmlNode *video = first != NULL ? _valise_rules_next (first) : NULL; video != NULL;
       video = _valise_rules_next (video))
    check_second_video (run, first, video);
}

/* --- sound --- */

static GHashTable *
collect_outputs (ValiseRulesRun *run)
{
  GHashTable *ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (xmlNode *audio = _valise_rules_child (run->devices, "audio"); audio != NULL; audio = _valise_rules_next (audio))
    {
      const char *id = _valise_rules_attribute (audio, "id");

      if (id != NULL && !g_hash_table_add (ids, (gpointer) id))
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "audio-number-duplicate", audio, "@id",
                           g_strdup (_ ("Another sound output has the same number.")), _ ("Give this one another."));
    }
  return ids;
}

static void
check_output_of (ValiseRulesRun *run, GHashTable *outputs, const char *element)
{
  for (xmlNode *device = _valise_rules_child (run->devices, element); device != NULL;
       device = _valise_rules_next (device))
    {
      const char *id = _valise_rules_attribute (_valise_rules_child (device, "audio"), "id");

      if (id != NULL && !g_hash_table_contains (outputs, id))
        _valise_rules_set_fix (run,
                               _valise_rules_add (run, VALISE_SEVERITY_ERROR, "audio-missing", device, "audio/@id",
                                                  g_strdup (_ ("There is no sound output with this number.")),
                                                  _ ("Use the first one.")),
                               device, "audio/@id", NULL);
    }
}

static void
check_audio (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) outputs = collect_outputs (run);

  check_output_of (run, outputs, "sound");
  check_output_of (run, outputs, "graphics");
}

/* --- displays --- */

static void
check_passwords (ValiseRulesRun *run)
{
  for (xmlNode *display = _valise_rules_child (run->devices, "graphics"); display != NULL;
       display = _valise_rules_next (display))
    {
      const char *password = _valise_rules_attribute (display, "passwd");

      if (password != NULL && strlen (password) > LONGEST_VNC_PASSWORD
          && g_strcmp0 (_valise_rules_attribute (display, "type"), "vnc") == 0)
        _valise_rules_add (run, VALISE_SEVERITY_ERROR, "vnc-password-long", display, "@passwd",
                           g_strdup_printf (_ ("A VNC password has at most %d characters."), LONGEST_VNC_PASSWORD),
                           _ ("Shorten it."));
    }
}

/* --- threads and queues --- */

static void
check_io_thread (ValiseRulesRun *run, xmlNode *disk, guint64 threads)
{
  const char *text = _valise_rules_attribute (_valise_rules_child (disk, "driver"), "iothread");
  guint64 number;

  if (!_valise_rules_number (text, &number) || number <= threads || number > 64)
    return;
  valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "iothread-missing", disk, "driver/@iothread",
                                             g_strdup (_ ("There are not that many input and output threads.")),
                                             _ ("Make more of them.")),
                          "iothreads", text);
}

/* Threads with numbers of their own (<iothreadids>) are for those who write XML; they know their numbers. */
static void
check_io_threads (ValiseRulesRun *run)
{
  guint64 threads = 0;

  if (_valise_rules_child (run->domain, "iothreadids") != NULL)
    return;
  _valise_rules_number (_valise_rules_text (_valise_rules_child (run->domain, "iothreads")), &threads);
  for (xmlNode *disk = _valise_rules_child (run->devices, "disk"); disk != NULL; disk = _valise_rules_next (disk))
    check_io_thread (run, disk, threads);
}

static void
check_power_of_two (ValiseRulesRun *run, const char *element, const char *attribute)
{
  for (xmlNode *device = _valise_rules_child (run->devices, element); device != NULL;
       device = _valise_rules_next (device))
    {
      const char *text = _valise_rules_attribute (_valise_rules_child (device, "driver"), attribute);
      g_autofree char *leaf = g_strconcat ("driver/@", attribute, NULL);
      guint64 number;

      if (_valise_rules_number (text, &number) && (number & (number - 1)) != 0)
        _valise_rules_set_fix (run,
                               _valise_rules_add (run, VALISE_SEVERITY_ERROR, "queue-length", device, leaf,
                                                  g_strdup (_ ("The length has to be a power of two.")),
                                                  _ ("Write 256, 512 or 1024.")),
                               device, leaf, "256");
    }
}

static void
check_queues (ValiseRulesRun *run)
{
  check_power_of_two (run, "disk", "queue_size");
  check_power_of_two (run, "interface", "rx_queue_size");
  check_power_of_two (run, "interface", "tx_queue_size");
}

/* --- processor features --- */

static void
check_cpu_features (ValiseRulesRun *run)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (xmlNode *feature = _valise_rules_find (run->domain, "cpu/feature"); feature != NULL;
       feature = _valise_rules_next (feature))
    {
      const char *name = _valise_rules_attribute (feature, "name");
      g_autofree char *path = NULL;

      if (name == NULL || g_hash_table_add (seen, (gpointer) name))
        continue;
      path = valise_document_path_of (run->document, feature);
      valise_finding_set_fix (_valise_rules_add (run, VALISE_SEVERITY_ERROR, "cpu-feature-twice", run->domain, path,
                                                 g_strdup (_ ("This processor feature is there twice.")),
                                                 _ ("Remove this one.")),
                              path, NULL);
    }
}

/* --- Secure Boot's keys --- */

static xmlNode *
find_firmware_feature (ValiseRulesRun *run, const char *name)
{
  xmlNode *feature = _valise_rules_find (run->domain, "os/firmware/feature");

  while (feature != NULL && g_strcmp0 (_valise_rules_attribute (feature, "name"), name) != 0)
    feature = _valise_rules_next (feature);
  return feature;
}

static void
check_keys (ValiseRulesRun *run)
{
  xmlNode *keys = find_firmware_feature (run, "enrolled-keys");
  xmlNode *secure = find_firmware_feature (run, "secure-boot");

  if (g_strcmp0 (_valise_rules_attribute (keys, "enabled"), "yes") == 0
      && g_strcmp0 (_valise_rules_attribute (secure, "enabled"), "no") == 0)
    _valise_rules_set_fix (run,
                           _valise_rules_add (run, VALISE_SEVERITY_ERROR, "keys-without-secure-boot", keys, "@enabled",
                                              g_strdup (_ ("Without Secure Boot there are no keys.")),
                                              _ ("Leave the keys out.")),
                           keys, "@enabled", "no");
}

/* --- USB --- */

static gboolean
is_on_usb (xmlNode *device)
{
  const char *bus = _valise_rules_attribute (device, "bus");
  const char *target = _valise_rules_attribute (_valise_rules_child (device, "target"), "bus");

  return g_strcmp0 (bus, "usb") == 0 || g_strcmp0 (target, "usb") == 0;
}

static xmlNode *
find_usb_off (ValiseRulesRun *run)
{
  for (xmlNode *controller = _valise_rules_child (run->devices, "controller"); controller != NULL;
       controller = _valise_rules_next (controller))
    if (g_strcmp0 (_valise_rules_attribute (controller, "type"), "usb") == 0
        && g_strcmp0 (_valise_rules_attribute (controller, "model"), "none") == 0)
      return controller;
  return NULL;
}

static void
check_usb (ValiseRulesRun *run)
{
  xmlNode *off = find_usb_off (run);

  for (xmlNode *device = off != NULL ? xmlFirstElementChild (run->devices) : NULL; device != NULL;
       device = xmlNextElementSibling (device))
    if (is_on_usb (device))
      _valise_rules_set_fix (run,
                             _valise_rules_add (run, VALISE_SEVERITY_ERROR, "usb-off", device, NULL,
                                                g_strdup (_ ("The machine has no USB to connect this to.")),
                                                _ ("Give it USB 3.")),
                             off, "@model", "qemu-xhci");
}

/* --- folders --- */

/* libvirt looks at the start only. One of a bundle is made by whoever shares it. */
static void
check_folders (ValiseRulesRun *run)
{
  for (xmlNode *share = _valise_rules_child (run->devices, "filesystem"); share != NULL;
       share = _valise_rules_next (share))
    {
      const char *folder = _valise_rules_attribute (_valise_rules_child (share, "source"), "dir");
      g_autofree char *path =
          folder != NULL && *folder != '\0' ? valise_bundle_source_path (run->directory, folder) : NULL;
      g_autofree char *quote = NULL;

      if (path == NULL || g_file_test (path, G_FILE_TEST_IS_DIR))
        continue;
      quote = valise_text_for_display (folder, LONGEST_QUOTE);
      _valise_rules_add (run, VALISE_SEVERITY_WARNING, "folder-missing", share, "source/@dir",
                         g_strdup_printf (_ ("The folder %s is not there, and the machine does not start without it."),
                                          quote),
                         _ ("Make it, or choose another one."));
    }
}

static const ValiseRule RULES[] = {
  check_once,   check_videos,       check_audio, check_passwords, check_io_threads,
  check_queues, check_cpu_features, check_keys,  check_usb,       check_folders,
  NULL,
};

const ValiseRule *const _valise_rules_parts = RULES;
