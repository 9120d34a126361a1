/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  VALISE_VERDICT_ASK,  /* not known to be harmless: the user decides */
  VALISE_VERDICT_PASS, /* harmless whatever file it came from */
  VALISE_VERDICT_DROP, /* this host decides, or it says something about a past run: neither copied nor asked about */
  VALISE_VERDICT_PATH, /* harmless when it names a file of the bundle */
} ValiseVerdict;

/* @path: an element below <domain> without indices, e.g. "devices/disk/driver". ASK when the table does not know it. */
ValiseVerdict _valise_whitelist_element (const char *path);
/* @text: what stands between its tags, without the white space around it. */
ValiseVerdict _valise_whitelist_text (const char *path, const char *text);
ValiseVerdict _valise_whitelist_attribute (const char *path, const char *name, const char *value);

G_END_DECLS
