/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-path-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  char *directory; /* what may be opened is below DIRECTORY/inside */
  int fd;
} Place;

static void
make_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (fd);
}

static void
place_set_up (Place *self, gconstpointer unused)
{
  self->directory = g_dir_make_tmp ("v-XXXXXX", NULL);
  g_assert_cmpint (g_chdir (self->directory), ==, 0);
  g_mkdir_with_parents ("inside/disks/old", 0700);
  g_file_set_contents ("secret", "secret", -1, NULL);
  g_file_set_contents ("inside/disks/a.qcow2", "inside", -1, NULL);
  g_assert_cmpint (symlink ("../../secret", "inside/disks/link"), ==, 0);
  g_assert_cmpint (symlink ("a.qcow2", "inside/disks/near"), ==, 0);
  g_assert_cmpint (symlink ("..", "inside/up"), ==, 0);
  g_assert_cmpint (symlink ("/", "inside/root"), ==, 0);
  g_assert_cmpint (mkfifo ("inside/disks/fifo", 0600), ==, 0);
  make_socket ("inside/disks/socket");
  self->fd = g_open ("inside", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

static void
place_tear_down (Place *self, gconstpointer unused)
{
  close (self->fd);
  g_assert_cmpint (g_chdir ("/"), ==, 0);
  g_assert_true (valise_directory_remove (self->directory, NULL));
  g_free (self->directory);
}

static const struct
{
  const char *path;
  int flags;
  int code;     /* of ValisePathError, or -1 */
  int io_error; /* GIOErrorEnum when code is -1, or -1 when it opens */
} opens[] = {
  { "disks/a.qcow2", O_RDONLY, -1, -1 },
  { "disks/a.qcow2", O_RDWR, -1, -1 },
  { "disks", O_RDONLY | O_DIRECTORY, -1, -1 },
  { "disks/new", O_WRONLY | O_CREAT | O_EXCL, -1, -1 },
  { "disks/none", O_RDONLY, -1, G_IO_ERROR_NOT_FOUND },
  { "disks/link", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "disks/near", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "disks/near", O_WRONLY | O_CREAT, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "up/secret", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "root/etc/passwd", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "../secret", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "disks/../../secret", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "/etc/passwd", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "disks//a.qcow2", O_RDONLY, VALISE_PATH_ERROR_UNSAFE, 0 },
  { "disks/fifo", O_RDONLY, VALISE_PATH_ERROR_SPECIAL, 0 },
  { "disks/fifo", O_WRONLY, VALISE_PATH_ERROR_SPECIAL, 0 },
  { "disks/fifo", O_RDWR, VALISE_PATH_ERROR_SPECIAL, 0 },
  { "disks/socket", O_RDONLY, VALISE_PATH_ERROR_SPECIAL, 0 },
};

static void
test_open (Place *self, gconstpointer unused)
{
  g_test_summary ("Only what lies in the directory opens, and nothing blocks");
  for (gsize i = 0; i < G_N_ELEMENTS (opens); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = valise_path_open_beneath (self->fd, opens[i].path, opens[i].flags, 0600, &error);

      g_test_message ("%s %x: %s", opens[i].path, (guint) opens[i].flags, error != NULL ? error->message : "opened");
      if (opens[i].code >= 0)
        g_assert_error (error, VALISE_PATH_ERROR, opens[i].code);
      else if (opens[i].io_error >= 0)
        g_assert_error (error, G_IO_ERROR, opens[i].io_error);
      else
        {
          g_assert_no_error (error);
          g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
          g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, 0);
          close (fd);
        }
    }
}

static void
test_device (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  int dev = g_open ("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  g_test_summary ("A device is refused");
  g_assert_cmpint (valise_path_open_beneath (dev, "null", O_RDWR, 0, &error), ==, -1);
  g_assert_error (error, VALISE_PATH_ERROR, VALISE_PATH_ERROR_SPECIAL);
  close (dev);
}

static void
test_walk (Place *self, gconstpointer unused)
{
  g_test_summary ("The walk for older kernels gives the same answers");
  for (gsize i = 0; i < G_N_ELEMENTS (opens); i++)
    {
      int fd;

      if (!valise_path_is_plain_relative (opens[i].path) || opens[i].code == VALISE_PATH_ERROR_SPECIAL)
        continue;
      fd = _valise_path_walk_beneath (self->fd, opens[i].path, opens[i].flags | O_NONBLOCK | O_CLOEXEC, 0600);
      g_test_message ("%s", opens[i].path);
      if (opens[i].code == VALISE_PATH_ERROR_UNSAFE)
        g_assert_true (fd < 0 && errno == ELOOP);
      else if (opens[i].io_error >= 0)
        g_assert_true (fd < 0 && errno == ENOENT);
      else
        {
          g_assert_cmpint (fd, >=, 0);
          close (fd);
        }
    }
  g_assert_cmpint (_valise_path_walk_beneath (self->fd, "disks/../../secret", O_RDONLY, 0), ==, -1);
}

static const struct
{
  const char *path;
  gboolean plain;
} plains[] = {
  { "a", TRUE },        { "disks/a b.qcow2", TRUE },
  { "..a/b..", TRUE },  { "a/...", TRUE },
  { "\xc3\xa4", TRUE }, { "", FALSE },
  { "/", FALSE },       { "a/", FALSE },
  { "a//b", FALSE },    { ".", FALSE },
  { "./a", FALSE },     { "a/.", FALSE },
  { "..", FALSE },      { "a/../b", FALSE },
  { "a\nb", FALSE },    { "a\x7f", FALSE },
};

static void
test_plain (void)
{
  g_test_summary ("What a path inside a bundle may look like");
  g_assert_false (valise_path_is_plain_relative (NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (plains); i++)
    {
      g_test_message ("%s", plains[i].path);
      g_assert_cmpint (valise_path_is_plain_relative (plains[i].path), ==, plains[i].plain);
    }
}

static const struct
{
  const char *label;
  const char *name;
} names[] = {
  { "Debian 12", "Debian 12" },
  { "my_vm-2.0", "my_vm-2.0" },
  { "M\xc3\xa4schin", "M\xc3\xa4schin" },
  { "Ma\xcc\x88schin", "M\xc3\xa4schin" }, /* composed, so that both spellings are one directory */
  { "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80",
    "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6\xe0\xa5\x80" },
  { "a/b", "a-b" },
  { "../../etc/passwd", "etc-passwd" },
  { ".hidden", "hidden" },
  { "--force", "force" },
  { "  spaces  ", "spaces" },
  { "ends...", "ends" },
  { "a\nb\tc", "a-b-c" },
  { "\xf0\x9f\x90\xa7", "machine" },
  { "Tux \xf0\x9f\x90\xa7", "Tux -" },
  { "", "machine" },
  { "....", "machine" },
  { "a\xff"
    "b",
    "a-b" },
  { "<b>bold</b>", "b-bold--b-" },
};

static void
test_name (void)
{
  g_autofree char *ascii = g_strnfill (300, 'x');
  g_autofree char *long_name = valise_path_name_from_label (ascii);
  GString *wide = g_string_new (NULL);
  g_autofree char *wide_name = NULL;

  g_test_summary ("A directory name from any label");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = valise_path_name_from_label (names[i].label);

      g_assert_cmpstr (name, ==, names[i].name);
    }
  g_assert_cmpuint (strlen (long_name), ==, 80);
  for (guint i = 0; i < 100; i++)
    g_string_append (wide, "\xe6\xbc\xa2");
  wide_name = valise_path_name_from_label (wide->str);
  g_assert_true (g_utf8_validate (wide_name, -1, NULL));
  g_assert_cmpuint (strlen (wide_name), ==, 78);
  g_string_free (wide, TRUE);
}

static const struct
{
  const char *raw;
  guint most;
  const char *shown;
} shows[] = {
  { "plain", 80, "plain" },
  { "a\nb\tc", 80, "a b c" },
  { "a\x1b[31m", 80, "a\xef\xbf\xbd[31m" },
  { "a\xe2\x80\xae"
    "b",
    80,
    "a\xef\xbf\xbd"
    "b" },
  { "a\xe2\x81\xa6"
    "b",
    80,
    "a\xef\xbf\xbd"
    "b" },
  { "a\xff", 80, "a\xef\xbf\xbd" },
  { "abcdef", 6, "abcdef" },
  { "abcdefg", 6, "abcde\xe2\x80\xa6" },
  { "\xc3\xa4\xc3\xa4\xc3\xa4", 2, "\xc3\xa4\xe2\x80\xa6" },
  { "a", 0, "" },
};

static void
test_show (void)
{
  g_test_summary ("A stranger's text cannot steer what is shown");
  for (gsize i = 0; i < G_N_ELEMENTS (shows); i++)
    {
      g_autofree char *shown = valise_text_for_display (shows[i].raw, shows[i].most);

      g_assert_cmpstr (shown, ==, shows[i].shown);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/path/open", Place, NULL, place_set_up, test_open, place_tear_down);
  g_test_add ("/base/path/device", Place, NULL, place_set_up, test_device, place_tear_down);
  g_test_add ("/base/path/walk", Place, NULL, place_set_up, test_walk, place_tear_down);
  g_test_add_func ("/base/path/plain", test_plain);
  g_test_add_func ("/base/path/name", test_name);
  g_test_add_func ("/base/path/show", test_show);
  return g_test_run ();
}
