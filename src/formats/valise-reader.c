/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-reader.h"

#include <glib/gi18n-lib.h>

#include "formats/valise-drive-check-private.h"

G_DEFINE_QUARK (valise - reader - error - quark, valise_reader_error)

/* In the order in which they are asked; a package may look like several, and the first knows most of it. */
static const ValiseReader *const readers[] = {
  &valise_vagrant_reader,   &valise_ovf_reader,      &valise_vmx_reader,      &valise_vbox_reader,
  &valise_parallels_reader, &valise_utm_reader,      &valise_tart_reader,     &valise_linuxkit_reader,
  &valise_domain_reader,    &valise_quickemu_reader, &valise_hyperkit_reader, &valise_disk_reader,
};

static const ValiseReader *
find_reader (ValisePackage *package)
{
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (readers[i]->recognise (package))
      return readers[i];
  return NULL;
}

static GPtrArray *
read_checked (const ValiseReader *reader,
              ValisePackage *package,
              const char *configuration,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) machines = reader->read (package, configuration, error);

  for (guint i = 0; machines != NULL && i < machines->len; i++)
    if (!_valise_drive_check (package, machines->pdata[i], cancellable, error))
      return NULL;
  return g_steal_pointer (&machines);
}

GPtrArray *
valise_reader_read_package (ValisePackage *package,
                            const char *configuration,
                            GCancellable *cancellable,
                            GError **error)
{
  const ValiseReader *reader = find_reader (package);

  if (reader != NULL)
    return read_checked (reader, package, configuration, cancellable, error);
  g_set_error (error, VALISE_READER_ERROR, VALISE_READER_ERROR_UNKNOWN,
               _ ("%s is no machine that Valise knows. It takes OVF and OVA, VMX, VBOX, UTM, Tart, LinuxKit and "
                  "libvirt's own, quickemu's and xhyve's settings, and disk images."),
               valise_package_get_path (package));
  return NULL;
}

GPtrArray *
valise_reader_read (const char *path, const char *configuration, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValisePackage) package = valise_package_open (path, error);

  return package != NULL ? valise_reader_read_package (package, configuration, cancellable, error) : NULL;
}

gboolean
valise_reader_recognises (const char *path)
{
  g_autoptr (ValisePackage) package = valise_package_open (path, NULL);

  return package != NULL && find_reader (package) != NULL;
}
