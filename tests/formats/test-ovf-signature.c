/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages signed by a key of our own, by nobody known and by somebody trusted, and changed afterwards. */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#include "formats/valise-ovf-private.h"
#include "place.h"

#define MANIFEST "SHA256(box.ovf)= 12\nSHA256(disk.vmdk)= 34\n"
#define DESCRIPTOR                                                                                                     \
  "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1'><VirtualSystemCollection id='all'><EulaSection><License>"  \
  "Only on Sundays.</License></EulaSection><VirtualSystem id='x'><ProductSection><Property key='hostname'"             \
  " userConfigurable='true'/><Property key='fixed'/><Property key='password' userConfigurable='true'/>"                \
  "</ProductSection><VirtualHardwareSection/></VirtualSystem></VirtualSystemCollection></Envelope>"

static gnutls_x509_privkey_t key;

static void
set_up (Place *self, gconstpointer unused)
{
  place_begin (self, "signature");
}

/* Self-signed; @days from today to its end. (transfer full) */
static char *
make_certificate (int days)
{
  gnutls_x509_crt_t certificate;
  gnutls_datum_t pem;
  char *text;

  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, "\1", 1);
  gnutls_x509_crt_set_activation_time (certificate, g_get_real_time () / G_USEC_PER_SEC - 90 * 86400);
  gnutls_x509_crt_set_expiration_time (certificate, g_get_real_time () / G_USEC_PER_SEC + days * 86400);
  gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, "Box Makers", 10);
  gnutls_x509_crt_set_ca_status (certificate, 1);
  gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
  text = g_strndup ((const char *) pem.data, pem.size);
  gnutls_free (pem.data);
  gnutls_x509_crt_deinit (certificate);
  return text;
}

/* "SHA256(box.mf)= HEX" */
static char *
sign (const char *word, gnutls_digest_algorithm_t digest, const char *manifest)
{
  gnutls_datum_t data = { (unsigned char *) manifest, (unsigned) strlen (manifest) };
  gnutls_datum_t made;
  gnutls_privkey_t own;
  GString *line = g_string_new (NULL);

  g_assert_cmpint (gnutls_privkey_init (&own), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509 (own, key, 0), ==, 0);
  g_assert_cmpint (gnutls_privkey_sign_data (own, digest, 0, &data, &made), ==, 0);
  g_string_append_printf (line, "%s(box.mf)= ", word);
  for (unsigned i = 0; i < made.size; i++)
    g_string_append_printf (line, "%02x", made.data[i]);
  g_string_append_c (line, '\n');
  gnutls_free (made.data);
  gnutls_privkey_deinit (own);
  return g_string_free (line, FALSE);
}

static ValiseOvfSignature
check (const char *manifest, const char *signature, const char *certificate, const char *authorities)
{
  g_autofree char *padding = g_strnfill (1000, ' ');
  g_autofree char *text = g_strconcat (signature, certificate, padding, NULL);
  g_autoptr (GBytes) signed_bytes = g_bytes_new (manifest, strlen (manifest));
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autofree char *signer = NULL;
  ValiseOvfSignature result = _valise_ovf_check_signature (signed_bytes, bytes, authorities, &signer);

  if (result != VALISE_OVF_SIGNATURE_BROKEN)
    g_assert_cmpstr (signer, ==, "Box Makers");
  return result;
}

static void
test_check (Place *self, gconstpointer unused)
{
  static const struct
  {
    const char *word;
    gnutls_digest_algorithm_t digest;
  } kinds[] = { { "SHA256", GNUTLS_DIG_SHA256 }, { "SHA1", GNUTLS_DIG_SHA1 }, { "SHA512", GNUTLS_DIG_SHA512 } };
  g_autofree char *certificate = make_certificate (100);
  g_autofree char *expired = make_certificate (-30);

  g_assert_true (g_file_set_contents (self->file, certificate, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *signature = sign (kinds[i].word, kinds[i].digest, MANIFEST);

      g_assert_cmpint (check (MANIFEST, signature, certificate, self->file), ==, VALISE_OVF_SIGNATURE_VALID);
      g_assert_cmpint (check (MANIFEST, signature, certificate, NULL), ==, VALISE_OVF_SIGNATURE_UNTRUSTED);
      g_assert_cmpint (check (MANIFEST, signature, expired, self->file), ==, VALISE_OVF_SIGNATURE_UNTRUSTED);
      g_assert_cmpint (check (MANIFEST " ", signature, certificate, self->file), ==, VALISE_OVF_SIGNATURE_BROKEN);
      g_assert_cmpint (check (MANIFEST, signature, "", self->file), ==, VALISE_OVF_SIGNATURE_BROKEN);
      g_assert_cmpint (check (MANIFEST, "SHA256(box.mf)= 12", certificate, self->file), ==,
                       VALISE_OVF_SIGNATURE_BROKEN);
      g_assert_cmpint (check (MANIFEST, "MD5(box.mf)= 12\n", certificate, self->file), ==, VALISE_OVF_SIGNATURE_BROKEN);
      g_assert_cmpint (check (MANIFEST, "", certificate, self->file), ==, VALISE_OVF_SIGNATURE_BROKEN);
    }
}

/* What is told of a whole package: its signature, its licence and the settings that it waits for. */
static void
test_told (Place *self, gconstpointer unused)
{
  static const char *const manifests[] = { "SHA512(nothing)= 12\n", "SHA512(changed)= 12\n" };
  static const char *const codes[] = { "signature-untrusted", "signature-broken" };
  g_autofree char *certificate = make_certificate (100);
  g_autofree char *signature = sign ("SHA256", GNUTLS_DIG_SHA256, manifests[0]);
  g_autofree char *signed_text = g_strconcat (signature, certificate, NULL);
  g_autofree char *ovf = g_build_filename (self->directory, "box.ovf", NULL);
  g_autofree char *mf = g_build_filename (self->directory, "box.mf", NULL);
  g_autofree char *cert = g_build_filename (self->directory, "box.cert", NULL);

  g_assert_true (g_file_set_contents (ovf, DESCRIPTOR, -1, NULL));
  g_assert_true (g_file_set_contents (cert, signed_text, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (manifests); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) machines = NULL;
      g_autoptr (GString) found = g_string_new (NULL);
      g_autofree char *expected = g_strconcat ("licence properties-not-passed ", codes[i], " ", NULL);

      g_assert_true (g_file_set_contents (mf, manifests[i], -1, NULL));
      machines = valise_reader_read (ovf, NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint j = 0; j < ((ValiseBlueprint *) machines->pdata[0])->findings->len; j++)
        {
          const ValiseFinding *finding = ((ValiseBlueprint *) machines->pdata[0])->findings->pdata[j];

          if (!g_str_has_suffix (finding->code, "-default"))
            g_string_append_printf (found, "%s ", finding->code);
          if (g_str_equal (finding->code, "licence"))
            g_assert_nonnull (strstr (finding->text, "Only on Sundays."));
          if (g_str_equal (finding->code, "properties-not-passed"))
            g_assert_nonnull (strstr (finding->text, "hostname, password"));
        }
      g_assert_cmpstr (found->str, ==, expected);
    }
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (key, GNUTLS_PK_RSA, 2048, 0), ==, 0);
  g_test_add ("/formats/ovf-signature/check", Place, NULL, set_up, test_check, place_tear_down);
  g_test_add ("/formats/ovf-signature/told", Place, NULL, set_up, test_told, place_tear_down);
  result = g_test_run ();
  gnutls_x509_privkey_deinit (key);
  return result;
}
