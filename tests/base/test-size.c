/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/valise-size.h"

static const struct
{
  const char *text;
  guint64 unit;
  guint64 bytes;
} good[] = {
  { "0", 1, 0 },
  { "512", 1, 512 },
  { "512", VALISE_MIB, 512 * VALISE_MIB },
  { " 4 GiB ", 1, 4 * VALISE_GIB },
  { "4gib", 1, 4 * VALISE_GIB },
  { "4G", 1, 4 * VALISE_GIB },
  { "4GB", 1, G_GUINT64_CONSTANT (4000000000) },
  { "1kB", 1, 1000 },
  { "1K", 1, 1024 },
  { "7 B", VALISE_MIB, 7 },
  { "7 bytes", VALISE_MIB, 7 },
  { "1.5G", 1, VALISE_GIB * 3 / 2 },
  { ".5 MiB", 1, VALISE_MIB / 2 },
  { "0.1T", 1, G_GUINT64_CONSTANT (109951162777) },
  { "1.9999999999999999999999999", 1, 1 },
  { "18446744073709551615", 1, G_MAXUINT64 },
  { "15.9999999 EiB", 1, G_GUINT64_CONSTANT (18446743958417401155) },
};

static const struct
{
  const char *text;
  int code;
} bad[] = {
  { "", VALISE_SIZE_ERROR_SYNTAX },      { "GiB", VALISE_SIZE_ERROR_SYNTAX },
  { ".", VALISE_SIZE_ERROR_SYNTAX },     { "-1", VALISE_SIZE_ERROR_SYNTAX },
  { "1,5G", VALISE_SIZE_ERROR_SYNTAX },  { "4 GiBB", VALISE_SIZE_ERROR_SYNTAX },
  { "4 X", VALISE_SIZE_ERROR_SYNTAX },   { "0x10", VALISE_SIZE_ERROR_SYNTAX },
  { "1e9", VALISE_SIZE_ERROR_SYNTAX },   { "18446744073709551616", VALISE_SIZE_ERROR_RANGE },
  { "16 EiB", VALISE_SIZE_ERROR_RANGE }, { "99999999999999999999999999 T", VALISE_SIZE_ERROR_RANGE },
};

static const struct
{
  guint64 bytes;
  const char *text;
} formats[] = {
  { 0, "0 B" },
  { 1023, "1023 B" },
  { 1024, "1 KiB" },
  { VALISE_MIB - 1, "1023.9 KiB" },
  { 4 * VALISE_GIB, "4 GiB" },
  { 3 * VALISE_GIB + VALISE_GIB / 8, "3.1 GiB" },
  { 3 * VALISE_GIB + VALISE_GIB / 11, "3 GiB" },
  { VALISE_GIB * 5 / 2, "2.5 GiB" },
  { G_MAXUINT64, "15.9 EiB" },
};

static void
test_parse (void)
{
  guint64 bytes;

  g_test_summary ("Sizes as people and libvirt write them");
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      valise_size_parse (good[i].text, good[i].unit, &bytes, &error);
      g_assert_no_error (error);
      g_test_message ("%s", good[i].text);
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }
}

static void
test_refuse (void)
{
  g_test_summary ("What is no size, or does not fit, is refused and nothing is written");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 42;

      g_test_message ("%s", bad[i].text);
      g_assert_false (valise_size_parse (bad[i].text, 1, &bytes, &error));
      g_assert_error (error, VALISE_SIZE_ERROR, bad[i].code);
      g_assert_cmpuint (bytes, ==, 42);
    }
}

static void
test_format (void)
{
  g_test_summary ("Never rounded up past what is there");
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *text = valise_size_format (formats[i].bytes);

      g_assert_cmpstr (text, ==, formats[i].text);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/size/parse", test_parse);
  g_test_add_func ("/base/size/refuse", test_refuse);
  g_test_add_func ("/base/size/format", test_format);
  return g_test_run ();
}
