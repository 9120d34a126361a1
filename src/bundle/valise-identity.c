/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-identity.h"

#include "base/valise-path.h"
#include "bundle/valise-bundle-private.h"
#include "bundle/valise-medium.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#define PLACE_GROUP "place"

/* The uuid becomes a file name, so it has to be one to the letter. */
static char *
uuid_of (ValiseDocument *document)
{
  g_autofree char *text = valise_document_get (document, "uuid");
  g_autofree char *uuid = text != NULL ? g_ascii_strdown (g_strstrip (text), -1) : NULL;

  return uuid != NULL && g_uuid_string_is_valid (uuid) ? g_steal_pointer (&uuid) : NULL;
}

static char *
record_directory (void)
{
  g_autofree char *state = valise_state_directory ();

  return g_build_filename (state, "identities", NULL);
}

static char *
record_path (const char *uuid)
{
  g_autofree char *directory = record_directory ();

  return g_build_filename (directory, uuid, NULL);
}

/* Where the machine was last; %NULL when nobody here has seen it. */
static char *
load_place (const char *uuid)
{
  g_autofree char *record = record_path (uuid);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *uri = NULL;

  if (!g_key_file_load_from_file (file, record, G_KEY_FILE_NONE, NULL))
    return NULL;
  uri = g_key_file_get_string (file, PLACE_GROUP, "uri", NULL);
  return uri != NULL ? g_filename_from_uri (uri, NULL, NULL) : NULL;
}

static gboolean
is_same_directory (const char *path, const char *other)
{
  struct stat first, second;

  return g_stat (path, &first) == 0 && g_stat (other, &second) == 0 && first.st_dev == second.st_dev
         && first.st_ino == second.st_ino;
}

static gboolean
holds_machine (const char *path, const char *uuid)
{
  g_autoptr (ValiseBundle) other = valise_bundle_open (path, NULL);
  g_autofree char *found = other != NULL ? uuid_of (valise_bundle_get_document (other)) : NULL;

  return g_strcmp0 (found, uuid) == 0;
}

ValiseIdentity
valise_identity_check (ValiseBundle *bundle, char **other_path)
{
  g_autofree char *uuid = NULL;
  g_autofree char *place = NULL;
  const char *path;
  ValiseIdentity answer;

  g_return_val_if_fail (bundle != NULL, VALISE_IDENTITY_NEW);

  if (other_path != NULL)
    *other_path = NULL;
  path = valise_bundle_get_path (bundle);
  uuid = uuid_of (valise_bundle_get_document (bundle));
  place = uuid != NULL ? load_place (uuid) : NULL;
  if (place == NULL)
    return VALISE_IDENTITY_NEW;
  /* One directory may be reached by two names, through a link or a mount. */
  if (g_str_equal (place, path) || is_same_directory (place, path))
    return VALISE_IDENTITY_KNOWN;
  answer = holds_machine (place, uuid) ? VALISE_IDENTITY_TWIN : VALISE_IDENTITY_MOVED;
  if (other_path != NULL)
    *other_path = g_steal_pointer (&place);
  return answer;
}

static char *
place_text (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *uri = g_filename_to_uri (path, NULL, error);

  if (uri == NULL)
    return NULL;
  g_key_file_set_string (file, PLACE_GROUP, "uri", uri);
  return g_key_file_to_data (file, NULL, error);
}

gboolean
valise_identity_remember (ValiseBundle *bundle, GError **error)
{
  g_autofree char *uuid = NULL;
  g_autofree char *text = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *record = NULL;

  g_return_val_if_fail (bundle != NULL, FALSE);

  uuid = uuid_of (valise_bundle_get_document (bundle));
  if (uuid == NULL)
    {
      g_set_error (error, VALISE_BUNDLE_ERROR, VALISE_BUNDLE_ERROR_DAMAGED,
                   _ ("config.xml has no valid <uuid>. Give the machine a new identity."));
      return FALSE;
    }
  text = place_text (valise_bundle_get_path (bundle), error);
  if (text == NULL)
    return FALSE;
  directory = record_directory ();
  record = record_path (uuid);
  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      _valise_medium_set_error (error, errno, directory, 0);
      return FALSE;
    }
  if (valise_file_replace (record, text, -1, 0600, error))
    return TRUE;
  _valise_medium_translate (error, record, 0);
  return FALSE;
}

/* "52:54:00" of "52:54:00:12:34:56"; QEMU's own when there is nothing to keep. */
static char *
vendor_of (const char *mac)
{
  static const char own[] = "52:54:00";

  for (guint i = 0; i < 8; i++)
    if (mac == NULL || (i % 3 == 2 ? mac[i] != ':' : !g_ascii_isxdigit (mac[i])))
      return g_strdup (own);
  return g_strndup (mac, 8);
}

static gboolean
renew_mac (ValiseDocument *document, guint number, GHashTable *taken, GError **error)
{
  g_autofree char *path = g_strdup_printf ("devices/interface[%u]/mac/@address", number);
  g_autofree char *old = valise_document_get (document, path);
  g_autofree char *vendor = NULL;
  char *mac = NULL;

  /* libvirt makes one up where there is none. */
  if (old == NULL)
    return TRUE;
  vendor = vendor_of (old);
  do
    {
      guint32 serial = g_random_int ();

      g_free (mac);
      mac = g_strdup_printf ("%s:%02x:%02x:%02x", vendor, serial & 0xff, (serial >> 8) & 0xff, (serial >> 16) & 0xff);
    }
  while (g_hash_table_contains (taken, mac) || g_ascii_strcasecmp (mac, old) == 0);
  g_hash_table_add (taken, mac);
  return valise_document_set (document, path, mac, error);
}

static gboolean
renew_macs (ValiseDocument *document, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint count = valise_document_count (document, "devices/interface");

  for (guint i = 1; i <= count; i++)
    if (!renew_mac (document, i, taken, error))
      return FALSE;
  return TRUE;
}

/* libvirt refuses a system uuid in <sysinfo> that is not the machine's; a generation id must change with each copy. */
static gboolean
renew_uuid (ValiseDocument *document, GError **error)
{
  static const char sysinfo[] = "sysinfo/system/entry[@name='uuid']";
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *generation = valise_document_get (document, "genid");
  g_autofree char *fresh = g_uuid_string_random ();

  if (!valise_document_set (document, "uuid", uuid, error))
    return FALSE;
  if (valise_document_has (document, sysinfo) && !valise_document_set (document, sysinfo, uuid, error))
    return FALSE;
  return generation == NULL || generation[0] == '\0' || valise_document_set (document, "genid", fresh, error);
}

gboolean
_valise_bundle_set_label (ValiseDocument *document, const char *label, GError **error)
{
  g_autofree char *clean = valise_text_for_display (label, 1000);
  g_autofree char *plain = valise_path_name_from_label (clean);

  return valise_document_set (document, "metadata/valise:machine/@name", clean, error)
         && (!valise_document_has (document, "title") || valise_document_set (document, "title", clean, error))
         && valise_document_set (document, "name", plain, error);
}

gboolean
valise_bundle_renew_identity (ValiseDocument *document, const char *name, GError **error)
{
  g_autoptr (ValiseDocument) draft = NULL;

  g_return_val_if_fail (document != NULL, FALSE);

  /* On a copy first, so that a failure half way leaves the document as it was. */
  draft = valise_document_copy (document);
  return renew_uuid (draft, error) && renew_macs (draft, error)
         && (name == NULL || _valise_bundle_set_label (draft, name, error))
         && valise_document_set_text (document, valise_document_get_text (draft), valise_document_get_length (draft),
                                      error);
}
