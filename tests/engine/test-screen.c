/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-frame-private.h"
#include "engine/valise-keys-private.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/valise-engine-error.h"

/* --- keys --- */

static void
test_characters (void)
{
  static const struct
  {
    gunichar character;
    guint length, last;
  } cases[] = {
    { 'a', 1, KEY_A },
    { 'A', 2, KEY_A },
    { '0', 1, KEY_0 },
    { '\n', 1, KEY_ENTER },
    { '|', 2, KEY_BACKSLASH },
    { ' ', 1, KEY_SPACE },
    { '_', 2, KEY_MINUS },
    { '~', 2, KEY_GRAVE },
    { 0xe9, 0, 0 },
    { 0, 0, 0 },
  };
  ValiseKeys keys;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpint (_valise_keys_from_character (cases[i].character, &keys), ==, cases[i].length > 0);
      if (cases[i].length == 0)
        continue;
      g_assert_cmpuint (keys.length, ==, cases[i].length);
      g_assert_cmpuint (keys.codes[keys.length - 1], ==, cases[i].last);
    }
  for (gunichar character = 0x20; character < 0x7f; character++)
    g_assert_true (_valise_keys_from_character (character, &keys));
}

static void
test_combinations (void)
{
  static const struct
  {
    const char *text;
    guint length, last;
  } cases[] = {
    { "ctrl-alt-delete", 3, KEY_DELETE },
    { "Ctrl+Alt+F2", 3, KEY_F2 },
    { "super", 1, KEY_LEFTMETA },
    { "enter", 1, KEY_ENTER },
    { "alt-x", 2, KEY_X },
    { "ctrl-alt-X", 3, KEY_X },
    { "", 0, 0 },
    { "ctrl-", 0, 0 },
    { "hyper-x", 0, 0 },
    { "a-b-c-d-e-f-g-h-i", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      ValiseKeys keys;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (_valise_keys_from_combination (cases[i].text, &keys, &error), ==, cases[i].length > 0);
      g_assert_cmpint (error == NULL, ==, cases[i].length > 0);
      if (cases[i].length == 0)
        continue;
      g_assert_cmpuint (keys.length, ==, cases[i].length);
      g_assert_cmpuint (keys.codes[keys.length - 1], ==, cases[i].last);
    }
}

/* --- what counts as drawn --- */

#define WIDTH 640
#define HEIGHT 480

static void
fill (guint32 *pixels, guint left, guint top, guint width, guint height)
{
  for (guint y = top; y < top + height; y++)
    for (guint x = left; x < left + width; x++)
      pixels[y * WIDTH + x] = 0xaaaaaa;
}

static void
test_drawn (void)
{
  static const struct
  {
    const char *what;
    guint left, top, width, height;
    gboolean drawn;
  } cases[] = {
    { "nothing", 0, 0, 0, 0, FALSE },
    { "a cursor", 0, 0, 9, 16, FALSE },
    { "QEMU's own notice", 152, 224, 336, 12, FALSE },
    { "a line at the top", 0, 0, 200, 12, TRUE },
    { "a window", 100, 100, 300, 200, TRUE },
    { "a line in the middle, not centred", 0, 224, 200, 12, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree guint32 *pixels = g_new0 (guint32, WIDTH * HEIGHT);

      g_test_message ("%s", cases[i].what);
      fill (pixels, cases[i].left, cases[i].top, cases[i].width, cases[i].height);
      g_assert_cmpint (_valise_frame_is_drawn (pixels, WIDTH, HEIGHT), ==, cases[i].drawn);
    }
}

/* --- displays that lie --- */

static void
test_hostile_display (void)
{
  static const struct
  {
    const char *what;
    const char *bytes;
    gsize length;
  } cases[] = {
    { "ends at once", "", 0 },
    { "no greeting", "HTTP/1.1 200", 12 },
    { "wants a password", "RFB 003.008\n\x01\x02", 14 },
    { "no size",
      "RFB 003.008\n\x01\x01\0\0\0\0"
      "\0\0\0\0"
      "0123456789abcdef"
      "\0\0\0\0",
      42 },
    { "a name of 4 GiB",
      "RFB 003.008\n\x01\x01\0\0\0\0"
      "\0\x10\0\x10"
      "0123456789abcdef"
      "\xff\xff\xff\xff",
      42 },
    { "a rectangle outside",
      "RFB 003.008\n\x01\x01\0\0\0\0"
      "\0\x10\0\x10"
      "0123456789abcdef"
      "\0\0\0\0"
      "\0\0\0\1"
      "\0\x08\0\x08\xff\xff\xff\xff\0\0\0\0",
      58 },
    { "an unknown message",
      "RFB 003.008\n\x01\x01\0\0\0\0"
      "\0\x10\0\x10"
      "0123456789abcdef"
      "\0\0\0\0"
      "\x77",
      43 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      int ends[2];

      g_test_message ("%s", cases[i].what);
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
      g_assert_cmpint (write (ends[1], cases[i].bytes, cases[i].length), ==, (gssize) cases[i].length);
      shutdown (ends[1], i == 0 ? SHUT_RDWR : SHUT_WR);
      g_assert_false (_valise_frame_wait (ends[0], 5000, NULL, &error));
      g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_HYPERVISOR);
      close (ends[0]);
      close (ends[1]);
    }
}

static void
test_silent_display (void)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_false (_valise_frame_wait (ends[0], 100, NULL, &error));
  g_assert_error (error, VALISE_ENGINE_ERROR, VALISE_ENGINE_ERROR_TIMEOUT);
  close (ends[0]);
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/screen/characters", test_characters);
  g_test_add_func ("/engine/screen/combinations", test_combinations);
  g_test_add_func ("/engine/screen/drawn", test_drawn);
  g_test_add_func ("/engine/screen/hostile-display", test_hostile_display);
  g_test_add_func ("/engine/screen/silent-display", test_silent_display);
  return g_test_run ();
}
