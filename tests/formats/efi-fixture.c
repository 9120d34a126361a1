/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "efi-fixture.h"

#include <string.h>

#define VOLUME_HEADER 72 /* in EDK2's builds: with one row of blocks and the row of zeros that ends them */
#define STORE_HEADER 28

/* EFI_GLOBAL_VARIABLE */
static const guint8 global[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
                                   0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c };

static void
put (GByteArray *to, guint64 number, guint bytes)
{
  for (guint i = 0; i < bytes; i++)
    {
      guint8 byte = i < 8 ? (guint8) (number >> (8 * i)) : 0;

      g_byte_array_append (to, &byte, 1);
    }
}

static void
put_text (GByteArray *to, const char *text)
{
  for (; *text != '\0'; text++)
    put (to, (guint8) *text, 2);
  put (to, 0, 2);
}

/* An EFI_LOAD_OPTION with the short form of a device path, as installers write it. */
static GByteArray *
load_option (const char *file, guint32 signature, guint64 start, guint64 count)
{
  GByteArray *option = g_byte_array_new ();
  guint name = (guint) strlen (file) * 2 + 2;

  put (option, 1, 4);
  put (option, 42 + 4 + name + 4, 2);
  put_text (option, "Test");
  put (option, 0x0104, 2);
  put (option, 42, 2);
  put (option, 1, 4);
  put (option, start, 8);
  put (option, count, 8);
  put (option, signature, 8);
  put (option, 0, 8);
  put (option, 0x0101, 2);
  put (option, 0x0404, 2);
  put (option, 4 + name, 2);
  put_text (option, file);
  put (option, 0x0004ff7f, 4);
  return option;
}

static void
put_variable (GByteArray *to, const char *name, const guint8 *data, gsize length)
{
  put (to, 0x3f55aa, 4);
  put (to, 7, 4);
  put (to, 0, 8 + 16 + 4);
  put (to, strlen (name) * 2 + 2, 4);
  put (to, length, 4);
  g_byte_array_append (to, global, sizeof global);
  put_text (to, name);
  g_byte_array_append (to, data, (guint) length);
  while (to->len % 4 != 0)
    put (to, 0xff, 1);
}

void
efi_fixture_write (const char *path,
                   const char *template,
                   const char *file,
                   guint32 signature,
                   guint64 start,
                   guint64 count)
{
  g_autoptr (GByteArray) option = load_option (file, signature, start, count);
  g_autoptr (GByteArray) store = g_byte_array_new ();
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  guint32 size;

  put_variable (store, "Boot0000", option->data, option->len);
  put_variable (store, "BootOrder", (const guint8 *) "\0\0", 2);
  put_variable (store, EFI_FIXTURE_MARK, (const guint8 *) "here", 4);
  g_file_get_contents (template, &bytes, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bytes[48], ==, VOLUME_HEADER);
  memcpy (&size, bytes + VOLUME_HEADER + 16, sizeof size);
  memset (bytes + VOLUME_HEADER + STORE_HEADER, 0xff, GUINT32_FROM_LE (size) - STORE_HEADER);
  memcpy (bytes + VOLUME_HEADER + STORE_HEADER, store->data, store->len);
  g_file_set_contents (path, bytes, (gssize) length, &error);
  g_assert_no_error (error);
}

gboolean
efi_fixture_has_mark (const char *path)
{
  g_autoptr (GByteArray) mark = g_byte_array_new ();
  g_autofree char *bytes = NULL;
  gsize length;

  put_text (mark, EFI_FIXTURE_MARK);
  g_byte_array_append (mark, (const guint8 *) "here", 4);
  return g_file_get_contents (path, &bytes, &length, NULL) && memmem (bytes, length, mark->data, mark->len) != NULL;
}

guint
efi_fixture_count (GBytes *volume)
{
  static const char begin[] = { (char) 0xaa, 0x55, 0x3f, 0 };
  gsize length;
  const char *bytes = g_bytes_get_data (volume, &length);
  guint count = 0;

  for (gsize i = 0; i + sizeof begin <= length; i += 4)
    count += memcmp (bytes + i, begin, sizeof begin) == 0;
  return count;
}
