/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A foreign machine from any bytes: they are laid into a tar archive in memory and given to one reader. A line
 * "==== NAME" begins a further file of the archive. Whatever is read, every text that is shown is fit to be shown, and
 * every file that is named is in the archive. */
#include "formats/valise-drive-check-private.h"
#include "formats/valise-reader.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FUZZ_BLOCK 512
#define FUZZ_MARK "\n==== "

static void
fuzz_add_member (GByteArray *tar, const char *name, const guint8 *data, gsize size)
{
  char header[FUZZ_BLOCK] = { 0 };
  guint sum = 0;

  g_strlcpy (header, name, 100);
  strcpy (header + 100, "0000644");
  snprintf (header + 124, 12, "%011lo", (gulong) size);
  strcpy (header + 136, "00000000000");
  memset (header + 148, ' ', 8);
  header[156] = '0';
  memcpy (header + 257, "ustar\00000", 8);
  for (gsize i = 0; i < sizeof header; i++)
    sum += (guchar) header[i];
  snprintf (header + 148, 8, "%06o", sum);
  g_byte_array_append (tar, (const guint8 *) header, sizeof header);
  g_byte_array_append (tar, data, (guint) size);
  g_byte_array_set_size (tar, (tar->len + FUZZ_BLOCK - 1) / FUZZ_BLOCK * FUZZ_BLOCK);
}

/* The name behind a mark at @data; what is left begins after its line. */
static char *
fuzz_take_name (const guint8 **data, gsize *size)
{
  const guint8 *end = memchr (*data, '\n', *size);
  gsize length = end != NULL ? (gsize) (end - *data) : *size;
  char *name = g_strndup ((const char *) *data, MIN (length, 99));
  gsize taken = end != NULL ? length + 1 : length;

  *data += taken;
  *size -= taken;
  return name;
}

static GByteArray *
fuzz_pack (const char *name, const guint8 *data, gsize size)
{
  GByteArray *tar = g_byte_array_new ();
  g_autofree char *current = g_strdup (name);

  for (guint n = 0; n < 16; n++)
    {
      const guint8 *mark = memmem (data, size, FUZZ_MARK, strlen (FUZZ_MARK));
      gsize length = mark != NULL ? (gsize) (mark - data) + 1 : size;

      fuzz_add_member (tar, current, data, length);
      if (mark == NULL)
        break;
      data += length + strlen (FUZZ_MARK) - 1;
      size -= length + strlen (FUZZ_MARK) - 1;
      g_free (current);
      current = fuzz_take_name (&data, &size);
    }
  g_byte_array_set_size (tar, tar->len + 2 * FUZZ_BLOCK);
  memset (tar->data + tar->len - 2 * FUZZ_BLOCK, 0, 2 * FUZZ_BLOCK);
  return tar;
}

static void
fuzz_assert_shown (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
  for (const char *c = text; c != NULL && *c != '\0'; c++)
    g_assert ((guchar) *c >= 0x20 && *c != 0x7f);
}

static void
fuzz_assert_member (ValisePackage *package, const char *name)
{
  g_assert (name == NULL || valise_package_lookup (package, name) != NULL);
}

static void
fuzz_check (ValisePackage *package, const ValiseBlueprint *blueprint)
{
  fuzz_assert_shown (blueprint->name);
  fuzz_assert_shown (blueprint->os_type);
  fuzz_assert_shown (blueprint->sound);
  fuzz_assert_member (package, blueprint->nvram);
  g_assert (*blueprint->name != '\0');
  for (guint i = 0; i < blueprint->asks->len; i++)
    fuzz_assert_shown (blueprint->asks->pdata[i]);
  for (guint i = 0; i < blueprint->findings->len; i++)
    {
      const ValiseFinding *finding = blueprint->findings->pdata[i];

      fuzz_assert_shown (finding->text);
      fuzz_assert_shown (finding->where);
      fuzz_assert_shown (finding->remedy);
    }
  for (guint i = 0; i < blueprint->drives->len; i++)
    {
      const ValiseBlueprintDrive *drive = blueprint->drives->pdata[i];

      fuzz_assert_member (package, drive->member);
      g_assert (drive->file == NULL || g_utf8_validate (drive->file, -1, NULL));
      g_assert (drive->capacity <= G_MAXINT64);
    }
}

G_GNUC_UNUSED static void
fuzz_machine (const ValiseReader *reader, const char *name, const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) tar = fuzz_pack (name, data, size);
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("machine-XXXXXX", &path, NULL);
  g_autoptr (ValisePackage) package = NULL;
  g_autoptr (GPtrArray) machines = NULL;

  g_assert (fd >= 0 && write (fd, tar->data, tar->len) == (gssize) tar->len);
  /* Some names are none for libarchive, and then it is no archive. */
  package = valise_package_open (path, NULL);
  if (package != NULL && reader->recognise (package))
    machines = reader->read (package, NULL, NULL);
  for (guint i = 0; machines != NULL && i < machines->len; i++)
    {
      _valise_drive_check (package, machines->pdata[i], NULL, NULL);
      fuzz_check (package, machines->pdata[i]);
    }
  g_unlink (path);
  close (fd);
}

/* The same for readers that want one file, which then lies alone in a folder. */
G_GNUC_UNUSED static void
fuzz_file (const ValiseReader *reader, const char *name, const guint8 *data, gsize size)
{
  g_autofree char *folder = g_dir_make_tmp ("fuzz-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (ValisePackage) package = NULL;
  g_autoptr (GPtrArray) machines = NULL;
  int fd;

  fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert (fd >= 0 && write (fd, data, size) == (gssize) size);
  close (fd);
  package = valise_package_open (path, NULL);
  if (package != NULL && valise_package_get_main (package) != NULL && reader->recognise (package))
    machines = reader->read (package, NULL, NULL);
  for (guint i = 0; machines != NULL && i < machines->len; i++)
    {
      _valise_drive_check (package, machines->pdata[i], NULL, NULL);
      fuzz_check (package, machines->pdata[i]);
    }
  g_unlink (path);
  g_rmdir (folder);
}
