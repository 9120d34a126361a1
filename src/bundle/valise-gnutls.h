/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/valise-late.h"

G_BEGIN_DECLS

/* GnuTLS, for digests and signatures, is loaded by the first of them. Whoever needs one more of its functions names it
 * here, or the program does not link. valise_late_load() comes first wherever work begins that cannot do without. */
extern ValiseLate valise_gnutls;

#define gnutls_hash VALISE_LATE (valise_gnutls, gnutls_hash)
#define gnutls_hash_deinit VALISE_LATE (valise_gnutls, gnutls_hash_deinit)
#define gnutls_hash_get_len VALISE_LATE (valise_gnutls, gnutls_hash_get_len)
#define gnutls_hash_init VALISE_LATE (valise_gnutls, gnutls_hash_init)
#define gnutls_hash_output VALISE_LATE (valise_gnutls, gnutls_hash_output)
#define gnutls_pk_to_sign VALISE_LATE (valise_gnutls, gnutls_pk_to_sign)
#define gnutls_pubkey_deinit VALISE_LATE (valise_gnutls, gnutls_pubkey_deinit)
#define gnutls_pubkey_get_pk_algorithm VALISE_LATE (valise_gnutls, gnutls_pubkey_get_pk_algorithm)
#define gnutls_pubkey_import_x509 VALISE_LATE (valise_gnutls, gnutls_pubkey_import_x509)
#define gnutls_pubkey_init VALISE_LATE (valise_gnutls, gnutls_pubkey_init)
#define gnutls_pubkey_verify_data2 VALISE_LATE (valise_gnutls, gnutls_pubkey_verify_data2)
#define gnutls_x509_crt_deinit VALISE_LATE (valise_gnutls, gnutls_x509_crt_deinit)
#define gnutls_x509_crt_get_dn_by_oid VALISE_LATE (valise_gnutls, gnutls_x509_crt_get_dn_by_oid)
#define gnutls_x509_crt_list_import VALISE_LATE (valise_gnutls, gnutls_x509_crt_list_import)
#define gnutls_x509_trust_list_add_system_trust VALISE_LATE (valise_gnutls, gnutls_x509_trust_list_add_system_trust)
#define gnutls_x509_trust_list_add_trust_file VALISE_LATE (valise_gnutls, gnutls_x509_trust_list_add_trust_file)
#define gnutls_x509_trust_list_deinit VALISE_LATE (valise_gnutls, gnutls_x509_trust_list_deinit)
#define gnutls_x509_trust_list_init VALISE_LATE (valise_gnutls, gnutls_x509_trust_list_init)
#define gnutls_x509_trust_list_verify_crt2 VALISE_LATE (valise_gnutls, gnutls_x509_trust_list_verify_crt2)

G_END_DECLS
