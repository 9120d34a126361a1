/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"
#include "formats/valise-package.h"

G_BEGIN_DECLS

#define VALISE_READER_ERROR (valise_reader_error_quark ())
GQuark valise_reader_error_quark (void);
typedef enum
{
  VALISE_READER_ERROR_UNKNOWN,       /* no reader knows what it is */
  VALISE_READER_ERROR_DAMAGED,       /* a reader knows it, and it makes no sense; the message names file and place */
  VALISE_READER_ERROR_REFUSED,       /* known, and nothing that Valise can run; the message says why */
  VALISE_READER_ERROR_DECISION,      /* known, and a person must settle something first; the message says what */
  VALISE_READER_ERROR_CONFIGURATION, /* it has no deployment option of the chosen name; the message lists those it has */
} ValiseReaderError;

/**
 * ValiseReader:
 * @format: the word for the format
 * @recognise: whether the source is of this format, by its content
 * @read: (transfer full) (element-type ValiseBlueprint): its machines, at least one, or %NULL with a #ValiseReaderError
 *   or #ValisePackageError; @configuration (nullable) is the deployment option that somebody has chosen
 */
typedef struct
{
  const char *format;
  gboolean (*recognise) (ValisePackage *package);
  GPtrArray *(*read) (ValisePackage *package, const char *configuration, GError **error);
} ValiseReader;

extern const ValiseReader valise_disk_reader;
extern const ValiseReader valise_domain_reader;
extern const ValiseReader valise_hyperkit_reader;
extern const ValiseReader valise_linuxkit_reader;
extern const ValiseReader valise_ovf_reader;
extern const ValiseReader valise_quickemu_reader;
extern const ValiseReader valise_tart_reader;
extern const ValiseReader valise_utm_reader;
extern const ValiseReader valise_parallels_reader;
extern const ValiseReader valise_vagrant_reader;
extern const ValiseReader valise_vbox_reader;
extern const ValiseReader valise_vmx_reader;

/**
 * valise_reader_read:
 * @path: a file or folder of any foreign format
 * @configuration: (nullable): a deployment option; the source's default without
 *
 * Recognises by content and reads. Starts no process, writes nothing. Looking through the disks' tables, which takes
 * longest, ends when it is cancelled, with %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full) (element-type ValiseBlueprint): the machines in it, or %NULL with an error
 */
GPtrArray *valise_reader_read (const char *path, const char *configuration, GCancellable *cancellable, GError **error);
/* The same of a package that is open, in which the blueprints' members are found. */
GPtrArray *valise_reader_read_package (ValisePackage *package,
                                       const char *configuration,
                                       GCancellable *cancellable,
                                       GError **error);

/* Whether @path is of a foreign format, by its content; what is damaged may be. Blocking, short. */
gboolean valise_reader_recognises (const char *path);

G_END_DECLS
