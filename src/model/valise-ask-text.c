/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-sieve-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "base/valise-xml.h"
#include "model/valise-node-private.h"

/* What a sentence names: the value itself (all of the element when it is asked about as a whole), what it is connected
 * to, or its text. */
typedef enum
{
  NAMES_VALUE,
  NAMES_ENDS,
  NAMES_TEXT,
  NAMES_ALL, /* every value in it, text last */
} Names;

typedef struct
{
  const char *pattern; /* "devices/hostdev"; a final "*" stands for the rest */
  const char *format;  /* untranslated, with one %s */
  Names names;
} Sentence;

static const Sentence sentences[] = {
  { "devices/emulator", N_ ("Run the program %s with your rights"), NAMES_VALUE },
  { "os/loader", N_ ("Use the firmware %s"), NAMES_TEXT },
  { "os/nvram", N_ ("Read and write the firmware variables in %s"), NAMES_ALL },
  { "os/kernel", N_ ("Start the kernel %s of this computer"), NAMES_VALUE },
  { "os/initrd", N_ ("Read the file %s"), NAMES_VALUE },
  { "os/dtb", N_ ("Read the file %s"), NAMES_VALUE },
  { "os/acpi/table", N_ ("Read the file %s"), NAMES_VALUE },
  { "os/smbios/@mode", N_ ("Show the guest this computer's serial numbers (%s)"), NAMES_VALUE },
  { "qemu:commandline", N_ ("Start QEMU with arguments of its own: %s"), NAMES_ENDS },
  { "qemu:*", N_ ("Change how QEMU is started: %s"), NAMES_VALUE },
  { "sysinfo", N_ ("Hand data of this computer to the guest's firmware: %s"), NAMES_VALUE },
  { "seclabel", N_ ("Run with a security label of its own: %s"), NAMES_VALUE },
  { "launchSecurity", N_ ("Use memory encryption of this computer: %s"), NAMES_VALUE },
  { "devices/disk", N_ ("Use as a disk: %s"), NAMES_ENDS },
  { "devices/disk/backingStore", N_ ("Read further disk images: %s"), NAMES_VALUE },
  { "devices/interface", N_ ("Join a network of this computer: %s"), NAMES_ENDS },
  { "devices/interface/script/@path", N_ ("Run the program %s with your rights"), NAMES_VALUE },
  { "devices/*/rom/@file", N_ ("Read the file %s"), NAMES_VALUE },
  { "devices/graphics", N_ ("Offer the screen to other programs or computers: %s"), NAMES_VALUE },
  { "devices/video/model/acceleration/@accel3d", N_ ("Use this computer's graphics card (3D): %s"), NAMES_VALUE },
  { "devices/audio", N_ ("Play and record sound on this computer: %s"), NAMES_ENDS },
  { "devices/serial", N_ ("Connect a serial port to: %s"), NAMES_ENDS },
  { "devices/console", N_ ("Connect a console to: %s"), NAMES_ENDS },
  { "devices/parallel", N_ ("Connect a parallel port to: %s"), NAMES_ENDS },
  { "devices/channel", N_ ("Open a channel to the guest: %s"), NAMES_ENDS },
  { "devices/*/log", N_ ("Write what the guest says into: %s"), NAMES_VALUE },
  { "devices/filesystem", N_ ("Share a folder with the guest: %s"), NAMES_ENDS },
  { "devices/hostdev", N_ ("Hand a device of this computer to the guest: %s"), NAMES_ENDS },
  { "devices/redirdev", N_ ("Redirect a USB device to the guest: %s"), NAMES_ENDS },
  { "devices/shmem", N_ ("Share memory with other programs: %s"), NAMES_VALUE },
  { "devices/memory", N_ ("Use a file as memory: %s"), NAMES_ENDS },
  { "devices/tpm", N_ ("Use a security chip of this computer: %s"), NAMES_ENDS },
  { "devices/rng", N_ ("Take random numbers from: %s"), NAMES_ENDS },
  { "devices/input", N_ ("Read an input device of this computer: %s"), NAMES_ENDS },
  { "devices/smartcard", N_ ("Use a smart card of this computer: %s"), NAMES_ENDS },
  { "devices/vsock", N_ ("Open a socket between guest and this computer: %s"), NAMES_VALUE },
};

#define SHOWN_MAX 240

static gboolean
is_about (const char *pattern, const char *path)
{
  for (; *pattern != '\0'; pattern++)
    {
      if (*pattern == '*' && pattern[1] == '\0')
        return TRUE;
      if (*pattern == '*')
        path += strcspn (path, "/");
      else if (*pattern != *path++)
        return FALSE;
    }
  return *path == '\0';
}

static void
append_values (GString *text, xmlNode *node)
{
  g_autofree char *own = _valise_node_text (node);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autoptr (ValiseXmlChar) value = xmlNodeGetContent ((xmlNode *) attribute);

      if (value != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", (const char *) value);
    }
  if (*own != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", own);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE)
      append_values (text, child);
}

/* What a device is connected to: its kind, and what stands in <source> and the like. */
static char *
ends_of (xmlNode *node)
{
  static const char *const ends[] = { "source", "backend", "arg", "env", "server", "protocol", NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *type = _valise_node_get (node, "type");
  g_autofree char *model = _valise_node_get (node, "model");

  g_string_append (text, type != NULL ? type : model != NULL ? model : "");
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && g_strv_contains (ends, (const char *) child->name))
      append_values (text, child);
  return g_strdup (text->str);
}

static char *
all_of (xmlNode *node)
{
  GString *text = g_string_new (NULL);

  append_values (text, node);
  return g_string_free (text, FALSE);
}

static char *
named_part (const Sentence *sentence, xmlNode *node)
{
  switch (sentence->names)
    {
    case NAMES_ENDS:
      return ends_of (node);
    case NAMES_TEXT:
      return _valise_node_text (node);
    case NAMES_ALL:
      return all_of (node);
    case NAMES_VALUE:
    default:
      return NULL;
    }
}

static const Sentence *
find_sentence (const char *pattern)
{
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (is_about (sentences[i].pattern, pattern))
      return &sentences[i];
  return NULL;
}

static gboolean
only_reads (xmlNode *source)
{
  xmlNode *disk = source->parent;

  return _valise_node_is_set_to (disk, "device", "cdrom") || _valise_node_child (disk, "readonly") != NULL;
}

/* A translated format from the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *
fill (const char *format, const char *shown)
{
  return g_strdup_printf (format, shown);
}
#pragma GCC diagnostic pop

char *
_valise_ask_text (const char *pattern, const char *value, xmlNode *node)
{
  const Sentence *sentence = find_sentence (pattern);
  g_autofree char *ends = sentence != NULL ? named_part (sentence, node) : NULL;
  g_autofree char *shown = valise_text_for_display (ends != NULL && *ends != '\0' ? ends : value, SHOWN_MAX);

  if (g_str_equal (pattern, "devices/disk/source/@file"))
    return fill (only_reads (node) ? _ ("Read the file %s") : _ ("Read and write the file %s"), shown);
  if (sentence != NULL)
    return fill (_ (sentence->format), shown);
  /* Translators: the first is a place in the machine's file ("memory", "devices/disk/serial"), the second what stands
   * there. */
  return g_strdup_printf (_ ("Set %s: %s"), pattern, shown);
}
