/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-boot-places.h"

#include <glib/gi18n-lib.h>

/* The words of os/boot/@dev and what they mean. */
static const struct
{
  const char *dev;
  const char *kind;
} words[] = { { "hd", VALISE_BOOT_DISKS },
              { "cdrom", VALISE_BOOT_CDS },
              { "fd", VALISE_BOOT_FLOPPIES },
              { "network", VALISE_BOOT_NETWORK } };

static const char *const elements[] = { "disk", "interface", "hostdev", "redirdev", "filesystem" };

G_DEFINE_QUARK (valise_boot_places_error_quark, valise_boot_places_error)

/* --- reading --- */

static void
place_free (gpointer data)
{
  ValiseBootPlace *self = data;

  g_free (self->device);
  g_free (self);
}

static guint
read_number (ValiseDocument *document, const char *device)
{
  g_autofree char *knob = g_strconcat (device, "/boot/@order", NULL);
  g_autofree char *text = valise_document_get (document, knob);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 0;
}

static guint
read_word (ValiseDocument *document, const char *kind)
{
  guint count = valise_document_count (document, "os/boot");

  for (guint i = 1; kind != NULL && i <= count; i++)
    {
      g_autofree char *knob = g_strdup_printf ("os/boot[%u]/@dev", i);
      g_autofree char *dev = valise_document_get (document, knob);

      for (gsize j = 0; j < G_N_ELEMENTS (words); j++)
        if (g_strcmp0 (dev, words[j].dev) == 0 && g_str_equal (kind, words[j].kind))
          return i;
    }
  /* Without a word about booting libvirt tries the disks. */
  return count == 0 && g_strcmp0 (kind, VALISE_BOOT_DISKS) == 0 ? 1 : 0;
}

static const char *
kind_of (ValiseDocument *document, const char *element, const char *device)
{
  g_autofree char *knob = g_strconcat (device, "/@device", NULL);
  g_autofree char *drive = NULL;

  if (g_str_equal (element, "interface"))
    return VALISE_BOOT_NETWORK;
  if (!g_str_equal (element, "disk"))
    return NULL;
  drive = valise_document_get (document, knob);
  return g_strcmp0 (drive, "cdrom") == 0    ? VALISE_BOOT_CDS
         : g_strcmp0 (drive, "floppy") == 0 ? VALISE_BOOT_FLOPPIES
                                            : VALISE_BOOT_DISKS;
}

static gboolean
can_boot (ValiseDocument *document, const char *element, const char *device)
{
  g_autofree char *knob = g_strconcat (device, "/driver/@type", NULL);
  g_autofree char *driver = g_str_equal (element, "filesystem") ? valise_document_get (document, knob) : NULL;

  return !g_str_equal (element, "filesystem") || g_strcmp0 (driver, "virtiofs") == 0;
}

static gboolean
add_places (GPtrArray *places, ValiseDocument *document, const char *element)
{
  g_autofree char *all = g_strconcat ("devices/", element, NULL);
  guint count = valise_document_count (document, all);
  gboolean stated = FALSE;

  for (guint i = 1; i <= count; i++)
    {
      g_autofree char *device = g_strdup_printf ("%s[%u]", all, i);
      ValiseBootPlace *place;

      if (!can_boot (document, element, device))
        continue;
      place = g_new0 (ValiseBootPlace, 1);
      place->kind = kind_of (document, element, device);
      place->order = read_number (document, device);
      place->device = g_steal_pointer (&device);
      stated |= place->order > 0;
      g_ptr_array_add (places, place);
    }
  return stated;
}

/* Those that take part first, by number; equal numbers keep the document's order. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const ValiseBootPlace *one = *(ValiseBootPlace *const *) a, *other = *(ValiseBootPlace *const *) b;
  guint first = one->order > 0 ? one->order : G_MAXUINT, second = other->order > 0 ? other->order : G_MAXUINT;

  return first < second ? -1 : first > second;
}

GPtrArray *
valise_boot_places_read (ValiseDocument *document)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (place_free);
  gboolean stated = FALSE;

  g_return_val_if_fail (document != NULL, places);
  for (gsize i = 0; i < G_N_ELEMENTS (elements); i++)
    stated |= add_places (places, document, elements[i]);
  for (guint i = 0; !stated && i < places->len; i++)
    {
      ValiseBootPlace *place = places->pdata[i];

      place->order = read_word (document, place->kind);
    }
  g_ptr_array_sort (places, compare);
  return places;
}

/* --- writing --- */

static gboolean
write_place (ValiseEditSession *session, const ValiseBootPlace *place, guint *number, GError **error)
{
  g_autofree char *boot = g_strconcat (place->device, "/boot", NULL);
  g_autofree char *order = g_strconcat (boot, "/@order", NULL);
  g_autofree char *text = NULL;

  if (place->order == 0)
    return valise_edit_session_unset (session, boot, error);
  text = g_strdup_printf ("%u", ++*number);
  return valise_edit_session_set (session, order, text, error);
}

gboolean
valise_boot_places_write (ValiseEditSession *session, GPtrArray *places, GError **error)
{
  gboolean done = TRUE;
  guint number = 0;

  g_return_val_if_fail (session != NULL && places != NULL, FALSE);
  valise_edit_session_begin (session);
  while (done && valise_document_has (valise_edit_session_get_draft (session), "os/boot"))
    done = valise_edit_session_unset (session, "os/boot", error);
  for (guint i = 0; done && i < places->len; i++)
    done = write_place (session, places->pdata[i], &number, error);
  valise_edit_session_end (session);
  return done;
}

/* --- a kind before all others --- */

static const char *
first_of (GPtrArray *places)
{
  const ValiseBootPlace *place = places->len > 0 ? places->pdata[0] : NULL;

  return place != NULL && place->order > 0 ? place->kind : NULL;
}

const char *
valise_boot_places_first (ValiseDocument *document)
{
  g_autoptr (GPtrArray) places = valise_boot_places_read (document);

  return first_of (places);
}

const char *
valise_boot_places_label (const char *kind)
{
  return g_str_equal (kind, VALISE_BOOT_CDS)        ? _ ("CD drives")
         : g_str_equal (kind, VALISE_BOOT_FLOPPIES) ? _ ("Floppy drives")
         : g_str_equal (kind, VALISE_BOOT_NETWORK)  ? _ ("Network")
                                                    : _ ("Disks");
}

static gboolean
refuse (const char *kind, GError **error)
{
  const char *text = g_str_equal (kind, VALISE_BOOT_CDS)        ? _ ("The machine has no CD drive.")
                     : g_str_equal (kind, VALISE_BOOT_FLOPPIES) ? _ ("The machine has no floppy drive.")
                     : g_str_equal (kind, VALISE_BOOT_NETWORK)  ? _ ("The machine has no network card.")
                                                                : _ ("The machine has no disk.");

  g_set_error_literal (error, VALISE_BOOT_PLACES_ERROR, VALISE_BOOT_PLACES_ERROR_NONE_THERE, text);
  return FALSE;
}

/* Takes those of the kind out, in their order. (transfer full) */
static GPtrArray *
take_kind (GPtrArray *places, const char *kind)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func (place_free);

  for (guint i = 0; i < places->len;)
    if (g_strcmp0 (((ValiseBootPlace *) places->pdata[i])->kind, kind) == 0)
      g_ptr_array_add (taken, g_ptr_array_steal_index (places, i));
    else
      i++;
  return taken;
}

gboolean
valise_boot_places_put_first (ValiseEditSession *session, const char *kind, GError **error)
{
  ValiseDocument *draft = valise_edit_session_get_draft (session);
  g_autoptr (GPtrArray) others = valise_boot_places_read (draft);
  g_autoptr (GPtrArray) order = NULL;

  if (valise_document_has (draft, "os/kernel"))
    {
      g_set_error_literal (
          error, VALISE_BOOT_PLACES_ERROR, VALISE_BOOT_PLACES_ERROR_KERNEL,
          _ ("The machine starts a Linux kernel directly, before any device. Take the kernel out first."));
      return FALSE;
    }
  if (g_strcmp0 (first_of (others), kind) == 0)
    return TRUE;
  order = take_kind (others, kind);
  if (order->len == 0)
    return refuse (kind, error);
  for (guint i = 0; i < order->len; i++)
    ((ValiseBootPlace *) order->pdata[i])->order = 1;
  g_ptr_array_extend_and_steal (order, g_steal_pointer (&others));
  return valise_boot_places_write (session, order, error);
}
