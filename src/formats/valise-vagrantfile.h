/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-package.h"

G_BEGIN_DECLS

/**
 * ValiseVagrantfile:
 * @found: there is one
 * @vcpus: 0: not stated
 * @memory: MiB; 0: not stated
 * @efi: a firmware file is named
 *
 * What a box's Vagrantfile says about the machine in plain assignments. It is a program in Ruby; it is never run.
 */
typedef struct
{
  gboolean found;
  guint vcpus;
  guint64 memory;
  char *disk_bus;
  char *nic_model;
  char *machine;
  gboolean efi;
} ValiseVagrantfile;

/* (transfer full): with nothing stated when there is no file */
ValiseVagrantfile *valise_vagrantfile_read (ValisePackage *package);
void valise_vagrantfile_free (ValiseVagrantfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseVagrantfile, valise_vagrantfile_free)

G_END_DECLS
