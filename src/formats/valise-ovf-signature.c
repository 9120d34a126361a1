/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The signature of an OVF package: one line "SHA256(x.mf)= HEX" that signs its manifest, and the signer's certificate. */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"
#include "bundle/valise-gnutls.h"

/* VMware pads it to 100 KiB with spaces. */
#define LONGEST_CERTIFICATE (1 << 20)
#define LONGEST_NAME 120
#define MOST_CERTIFICATES 8
#define PEM "-----BEGIN CERTIFICATE-----"

static const struct
{
  const char *word;
  gnutls_digest_algorithm_t digest;
} kinds[] = {
  { "SHA1", GNUTLS_DIG_SHA1 },
  { "SHA256", GNUTLS_DIG_SHA256 },
  { "SHA384", GNUTLS_DIG_SHA384 },
  { "SHA512", GNUTLS_DIG_SHA512 },
};

/* --- the file --- */

static GByteArray *
read_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; g_ascii_isxdigit (hex[0]) && g_ascii_isxdigit (hex[1]); hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

/* The signature before the certificate, and how it was made. (transfer full) (nullable) */
static GByteArray *
read_signature (const char *text, gnutls_digest_algorithm_t *digest)
{
  const char *open = strchr (text, '('), *close = strstr (text, ")=");
  g_autofree char *word = NULL;

  if (open == NULL || close == NULL || close < open)
    return NULL;
  word = g_strstrip (g_strndup (text, (gsize) (open - text)));
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (word, kinds[i].word) == 0)
      {
        *digest = kinds[i].digest;
        close += strlen (")=");
        return read_hex (close + strspn (close, " \t"));
      }
  return NULL;
}

/* --- what is checked --- */

static gboolean
is_signed (gnutls_x509_crt_t certificate,
           gnutls_digest_algorithm_t digest,
           GBytes *manifest,
           const GByteArray *signature)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (manifest, &length);
  gnutls_datum_t data = { (unsigned char *) bytes, (unsigned) length };
  gnutls_datum_t sign = { signature->data, signature->len };
  gnutls_pubkey_t key;
  gboolean valid;

  if (gnutls_pubkey_init (&key) < 0)
    return FALSE;
  /* SHA-1 is what the standard of its time asked for. */
  valid = gnutls_pubkey_import_x509 (key, certificate, 0) >= 0
          && gnutls_pubkey_verify_data2 (
                 key, gnutls_pk_to_sign ((gnutls_pk_algorithm_t) gnutls_pubkey_get_pk_algorithm (key, NULL), digest),
                 GNUTLS_VERIFY_ALLOW_BROKEN, &data, &sign)
                 >= 0;
  gnutls_pubkey_deinit (key);
  return valid;
}

static gboolean
is_trusted (gnutls_x509_crt_t *certificates, guint count, const char *authorities)
{
  gnutls_x509_trust_list_t list;
  unsigned status = 0;
  gboolean known;

  if (gnutls_x509_trust_list_init (&list, 0) < 0)
    return FALSE;
  known = authorities != NULL
              ? gnutls_x509_trust_list_add_trust_file (list, authorities, NULL, GNUTLS_X509_FMT_PEM, 0, 0) > 0
              : gnutls_x509_trust_list_add_system_trust (list, 0, 0) > 0;
  known = known && gnutls_x509_trust_list_verify_crt2 (list, certificates, count, NULL, 0, 0, &status, NULL) >= 0
          && status == 0;
  gnutls_x509_trust_list_deinit (list, 1);
  return known;
}

static char *
name_signer (gnutls_x509_crt_t certificate)
{
  char name[256];
  gsize length = sizeof name;

  if (gnutls_x509_crt_get_dn_by_oid (certificate, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, 0, name, &length) >= 0)
    return valise_text_for_display (name, LONGEST_NAME);
  length = sizeof name;
  if (gnutls_x509_crt_get_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &length) >= 0)
    return valise_text_for_display (name, LONGEST_NAME);
  return g_strdup (_ ("somebody without a name"));
}

ValiseOvfSignature
_valise_ovf_check_signature (GBytes *manifest, GBytes *certificate, const char *authorities, char **signer)
{
  const char *text = g_bytes_get_data (certificate, NULL);
  const char *pem = text != NULL ? g_strstr_len (text, (gssize) g_bytes_get_size (certificate), PEM) : NULL;
  gnutls_datum_t data = { (unsigned char *) pem, 0 };
  gnutls_digest_algorithm_t digest = GNUTLS_DIG_UNKNOWN;
  gnutls_x509_crt_t certificates[MOST_CERTIFICATES];
  unsigned count = MOST_CERTIFICATES;
  g_autofree char *head = pem != NULL ? g_strndup (text, (gsize) (pem - text)) : NULL;
  g_autoptr (GByteArray) signature = head != NULL ? read_signature (head, &digest) : NULL;
  ValiseOvfSignature result = VALISE_OVF_SIGNATURE_BROKEN;

  if (signature == NULL)
    return VALISE_OVF_SIGNATURE_BROKEN;
  data.size = (unsigned) (g_bytes_get_size (certificate) - (gsize) (pem - text));
  if (gnutls_x509_crt_list_import (certificates, &count, &data, GNUTLS_X509_FMT_PEM, 0) < 0 || count == 0)
    return VALISE_OVF_SIGNATURE_BROKEN;
  *signer = name_signer (certificates[0]);
  if (is_signed (certificates[0], digest, manifest, signature))
    result =
        is_trusted (certificates, count, authorities) ? VALISE_OVF_SIGNATURE_VALID : VALISE_OVF_SIGNATURE_UNTRUSTED;
  for (unsigned i = 0; i < count; i++)
    gnutls_x509_crt_deinit (certificates[i]);
  return result;
}

/* --- what is told --- */

static const ValisePackageMember *
find_certificate (ValisePackage *package, const ValisePackageMember *manifest)
{
  g_autofree char *stem = g_strndup (manifest->name, strlen (manifest->name) - strlen (".mf"));
  g_autofree char *name = g_strconcat (stem, ".cert", NULL);

  return valise_package_find (package, NULL, name);
}

void
_valise_ovf_tell_signature (ValiseOvf *self, ValiseBlueprint *machine)
{
  const ValisePackageMember *manifest = _valise_ovf_find_manifest (self->package, self->descriptor);
  const ValisePackageMember *member = manifest != NULL ? find_certificate (self->package, manifest) : NULL;
  g_autoptr (GBytes) signed_bytes = NULL;
  g_autoptr (GBytes) certificate = NULL;
  g_autofree char *signer = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  ValiseOvfSignature result;

  if (member == NULL)
    return;
  if (!valise_late_load (&valise_gnutls, &error))
    {
      valise_blueprint_tell (machine, VALISE_SEVERITY_WARNING, "signature-unchecked", member->name, error->message,
                             NULL);
      return;
    }
  signed_bytes = valise_package_read (self->package, manifest, LONGEST_CERTIFICATE, NULL);
  certificate = valise_package_read (self->package, member, LONGEST_CERTIFICATE, NULL);
  result = signed_bytes != NULL && certificate != NULL
               ? _valise_ovf_check_signature (signed_bytes, certificate, NULL, &signer)
               : VALISE_OVF_SIGNATURE_BROKEN;
  if (result == VALISE_OVF_SIGNATURE_VALID)
    text = g_strdup_printf (_ ("Signed by %s, whom this computer trusts."), signer);
  else if (result == VALISE_OVF_SIGNATURE_UNTRUSTED)
    text = g_strdup_printf (_ ("Signed by %s, whom this computer does not know, or whose certificate has expired."),
                            signer);
  else
    text = g_strdup (_ ("The signature is not one of this machine: it was changed, or damaged."));
  valise_blueprint_tell (machine,
                         result == VALISE_OVF_SIGNATURE_BROKEN ? VALISE_SEVERITY_WARNING : VALISE_SEVERITY_INFO,
                         result == VALISE_OVF_SIGNATURE_VALID       ? "signature-valid"
                         : result == VALISE_OVF_SIGNATURE_UNTRUSTED ? "signature-untrusted"
                                                                    : "signature-broken",
                         member->name, text,
                         result == VALISE_OVF_SIGNATURE_BROKEN ? _ ("Get it again from its maker.") : NULL);
}
