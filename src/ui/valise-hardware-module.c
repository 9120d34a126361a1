/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-hardware-module.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"
#include "model/valise-label.h"

#define NEW_MODULE (512 * VALISE_MIB)

/* All of @rest below the elements of @path. */
static guint64
sum (ValiseDocument *document, const char *path, const char *rest)
{
  guint64 all = 0, bytes;

  for (guint i = 1; i <= valise_document_count (document, path); i++)
    {
      g_autofree char *knob = g_strdup_printf ("%s[%u]/%s", path, i, rest);

      if (valise_label_get_size (document, knob, &bytes))
        all += bytes;
    }
  return all;
}

/* What is left of maxMemory. */
static guint64
room (ValiseDocument *document)
{
  guint64 used = sum (document, "cpu/numa/cell", "@memory") + sum (document, "devices/memory", "target/size");
  guint64 most = 0;

  return valise_label_get_size (document, "maxMemory", &most) && most > used ? most - used : 0;
}

static gboolean
is_full (ValiseDocument *document)
{
  g_autofree char *slots = valise_document_get (document, "maxMemory/@slots");

  return slots != NULL && valise_document_count (document, "devices/memory") >= g_ascii_strtoull (slots, NULL, 10);
}

char *
valise_hardware_module_reason (ValiseEditSession *session)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);

  if (!valise_document_has (draft, "maxMemory"))
    return g_strdup (_ ("needs room for memory modules, which is set on the page Memory"));
  if (!valise_document_has (draft, "cpu/numa/cell"))
    return g_strdup (_ ("needs a memory node (cpu/numa/cell)"));
  if (is_full (draft) || room (draft) < VALISE_MIB)
    return g_strdup (_ ("the room for memory modules, which is set on the page Memory, is used up"));
  return NULL;
}

char *
valise_hardware_module_xml (ValiseDocument *draft)
{
  g_autofree char *node = valise_document_get (draft, "cpu/numa/cell/@id");

  return g_markup_printf_escaped ("<memory model='dimm'><target><size unit='MiB'>%" G_GUINT64_FORMAT
                                  "</size><node>%s</node></target></memory>",
                                  MIN (NEW_MODULE, room (draft)) / VALISE_MIB, node != NULL ? node : "0");
}
