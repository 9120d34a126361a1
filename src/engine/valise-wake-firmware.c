/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-wake-firmware-private.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "bundle/valise-document.h"

/* The memory may come from elsewhere. What everybody may read and only root writes is nobody's secret. */
static gboolean
is_public (const char *path)
{
  struct stat status;

  return g_path_is_absolute (path) && stat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == 0
         && (status.st_mode & (S_IROTH | S_IWGRP | S_IWOTH)) == S_IROTH;
}

static gboolean
copy_value (ValiseDocument *from, ValiseDocument *to, const char *knob)
{
  g_autofree char *value = valise_document_get (from, knob);

  return value == NULL || valise_document_set (to, knob, value, NULL);
}

static gboolean
name_loader (ValiseDocument *document, ValiseDocument *then)
{
  g_autofree char *loader = valise_document_get (then, "os/loader");

  return loader != NULL && is_public (loader) && valise_document_unset (document, "os/@firmware", NULL)
         && valise_document_unset (document, "os/firmware", NULL)
         && valise_document_set (document, "os/loader", loader, NULL)
         && valise_document_set (document, "os/loader/@readonly", "yes", NULL)
         && copy_value (then, document, "os/loader/@type") && copy_value (then, document, "os/loader/@secure");
}

char *
_valise_wake_firmware_name (virConnectPtr connect, const char *saved, const char *xml)
{
  g_autoptr (ValiseDocument) document = valise_document_new (xml, -1, "domain", NULL);
  g_autoptr (ValiseDocument) then = NULL;
  char *text;

  if (document == NULL || !valise_document_has (document, "os/@firmware"))
    return g_strdup (xml);
  text = virDomainSaveImageGetXMLDesc (connect, saved, 0);
  then = text != NULL ? valise_document_new (text, -1, "memory", NULL) : NULL;
  free (text);
  if (then == NULL || !name_loader (document, then))
    return g_strdup (xml);
  return g_strndup (valise_document_get_text (document), valise_document_get_length (document));
}
