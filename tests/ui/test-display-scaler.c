/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "ui/valise-display-keys.h"
#include "ui/valise-display-scaler.h"

static guint32 *
make_noise (int width, int height)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint32 *pixels = g_new (guint32, (gsize) width * height);

  for (gsize i = 0; i < (gsize) width * height; i++)
    pixels[i] = g_rand_int (random);
  return pixels;
}

static const struct
{
  int width;
  int height;
} SIZES[] = { { 64, 48 },  { 63, 47 }, { 65, 49 }, { 128, 96 }, { 17, 300 },
              { 300, 17 }, { 1, 1 },   { 2, 1 },   { 9, 8 },    { 200, 150 } };

/* Every way of computing it gives the same bytes, also when it is done in pieces. */
static void
test_same (void)
{
  g_autofree guint32 *source = make_noise (64, 48);

  for (gsize i = 0; i < G_N_ELEMENTS (SIZES); i++)
    for (int smooth = 0; smooth < 2; smooth++)
      {
        int width = SIZES[i].width, height = SIZES[i].height;
        gsize bytes = (gsize) width * height * 4;
        g_autoptr (ValiseDisplayScaler) scaler = valise_display_scaler_new (64, 48, width, height, smooth);
        g_autofree guint8 *fast = g_malloc0 (bytes);
        g_autofree guint8 *plain = g_malloc0 (bytes);
        g_autofree guint8 *pieces = g_malloc0 (bytes);
        cairo_rectangle_int_t all = { 0, 0, width, height };

        valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, fast, (gsize) width * 4, &all);
        for (int x = 0; x < width; x += 7)
          {
            cairo_rectangle_int_t piece = { x, 0, MIN (7, width - x), height };

            valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, pieces, (gsize) width * 4, &piece);
          }
        for (guint level = 0; level < 2; level++)
          {
            valise_display_scaler_set_level (scaler, level);
            valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, plain, (gsize) width * 4, &all);
            g_assert_cmpmem (fast, bytes, plain, bytes);
          }
        g_assert_cmpmem (fast, bytes, pieces, bytes);
      }
}

/* Filtering only what the map says is touched gives the same as filtering all again. */
static void
test_map (void)
{
  g_autofree guint32 *source = make_noise (64, 48);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (gsize i = 0; i < G_N_ELEMENTS (SIZES); i++)
    for (int round = 0; round < 20; round++)
      {
        int width = SIZES[i].width, height = SIZES[i].height;
        gsize bytes = (gsize) width * height * 4;
        g_autoptr (ValiseDisplayScaler) scaler = valise_display_scaler_new (64, 48, width, height, round % 2);
        g_autofree guint8 *part = g_malloc0 (bytes);
        g_autofree guint8 *whole = g_malloc0 (bytes);
        cairo_rectangle_int_t all = { 0, 0, width, height };
        cairo_rectangle_int_t changed = { g_rand_int_range (random, 0, 60), g_rand_int_range (random, 0, 44), 1, 1 };
        cairo_rectangle_int_t area;

        changed.width = g_rand_int_range (random, 1, 65 - changed.x);
        changed.height = g_rand_int_range (random, 1, 49 - changed.y);
        valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, part, (gsize) width * 4, &all);
        for (int y = changed.y; y < changed.y + changed.height; y++)
          for (int x = changed.x; x < changed.x + changed.width; x++)
            source[y * 64 + x] ^= 0xffffff;
        valise_display_scaler_map (scaler, &changed, &area);
        valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, part, (gsize) width * 4, &area);
        valise_display_scaler_run (scaler, (guint8 *) source, 64 * 4, whole, (gsize) width * 4, &all);
        g_assert_cmpmem (part, bytes, whole, bytes);
      }
}

/* One colour stays that colour, and the same size is the same picture. */
static void
test_flat (void)
{
  g_autofree guint32 *noise = make_noise (64, 48);
  g_autofree guint32 *same = g_new0 (guint32, 64 * 48);
  g_autofree guint32 *flat = g_new0 (guint32, 64 * 48);
  g_autofree guint32 *large = g_new0 (guint32, 101 * 77);
  g_autoptr (ValiseDisplayScaler) identity = valise_display_scaler_new (64, 48, 64, 48, TRUE);
  g_autoptr (ValiseDisplayScaler) scaler = valise_display_scaler_new (64, 48, 101, 77, TRUE);

  valise_display_scaler_run (identity, (guint8 *) noise, 64 * 4, (guint8 *) same, 64 * 4,
                             &(cairo_rectangle_int_t){ 0, 0, 64, 48 });
  g_assert_cmpmem (noise, 64 * 48 * 4, same, 64 * 48 * 4);
  for (int i = 0; i < 64 * 48; i++)
    flat[i] = 0x00ff8001;
  valise_display_scaler_run (scaler, (guint8 *) flat, 64 * 4, (guint8 *) large, 101 * 4,
                             &(cairo_rectangle_int_t){ 0, 0, 101, 77 });
  for (int i = 0; i < 101 * 77; i++)
    g_assert_cmphex (large[i], ==, 0x00ff8001);
}

static void
test_keys_table (void)
{
  static const struct
  {
    guint evdev;
    guint keyval;
    guint scancode;
  } keys[] = {
    { 1, GDK_KEY_Escape, 0x01 },     { 28, GDK_KEY_Return, 0x1c },    { 29, GDK_KEY_Control_L, 0x1d },
    { 30, GDK_KEY_a, 0x1e },         { 57, GDK_KEY_space, 0x39 },     { 53, GDK_KEY_slash, 0x35 },
    { 87, GDK_KEY_F11, 0x57 },       { 97, GDK_KEY_Control_R, 0x9d }, { 100, GDK_KEY_Alt_R, 0xb8 },
    { 103, GDK_KEY_Up, 0xc8 },       { 111, GDK_KEY_Delete, 0xd3 },   { 125, GDK_KEY_Super_L, 0xdb },
    { 99, GDK_KEY_Print, 0x54 },     { 108, GDK_KEY_Down, 0xd0 },     { 12, GDK_KEY_minus, 0x0c },
    { 43, GDK_KEY_backslash, 0x2b }, { 41, GDK_KEY_grave, 0x29 },     { 96, GDK_KEY_KP_Enter, 0x9c },
  };
  gboolean shift;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_assert_cmphex (valise_display_keys_from_evdev (keys[i].evdev), ==, keys[i].scancode);
      g_assert_cmphex (valise_display_keys_from_keyval (keys[i].keyval, &shift), ==, keys[i].scancode);
      g_assert_false (shift);
    }
  g_assert_cmphex (valise_display_keys_from_keyval (GDK_KEY_A, &shift), ==, 0x1e);
  g_assert_true (shift);
  g_assert_cmphex (valise_display_keys_from_keyval (GDK_KEY_question, &shift), ==, 0x35);
  g_assert_true (shift);
  g_assert_cmphex (valise_display_keys_from_keyval (GDK_KEY_Adiaeresis, &shift), ==, 0);
  g_assert_cmphex (valise_display_keys_from_evdev (100000), ==, 0);
}

static void
test_keys_held (void)
{
  g_autoptr (ValiseDisplayKeys) keys = valise_display_keys_new (NULL);
  guint16 scancode;
  guint keyval;

  valise_display_keys_press (keys, 0x1e, GDK_KEY_a);
  valise_display_keys_press (keys, 0x1d, GDK_KEY_Control_L);
  g_assert_false (valise_display_keys_release (keys, 0x1f, &keyval));
  g_assert_true (valise_display_keys_release (keys, 0x1e, &keyval));
  g_assert_cmpuint (keyval, ==, GDK_KEY_a);
  g_assert_true (valise_display_keys_take (keys, &scancode, &keyval));
  g_assert_cmphex (scancode, ==, 0x1d);
  g_assert_false (valise_display_keys_take (keys, &scancode, &keyval));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/display-scaler/same", test_same);
  g_test_add_func ("/ui/display-scaler/map", test_map);
  g_test_add_func ("/ui/display-scaler/flat", test_flat);
  g_test_add_func ("/ui/display-keys/table", test_keys_table);
  g_test_add_func ("/ui/display-keys/held", test_keys_held);
  return g_test_run ();
}
