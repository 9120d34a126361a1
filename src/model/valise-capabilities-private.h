/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-capabilities.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  char *canonical; /* full name behind an alias, or NULL */
  gboolean deprecated;
  guint most_cpus; /* 0: not told */
} ValiseMachineType;

typedef struct
{
  char *name;
  gboolean usable;
  char *blockers; /* CPU features that are missing here, separated by ", ", or NULL when not told */
} ValiseCpuModel;

/* The values of a domainCapabilities <enum>: "devices/disk/bus", "os/firmware". %NULL when the host does not tell. */
const char *const *_valise_capabilities_enum (ValiseCapabilities *self, const char *path);
/* As the host lists them for machines of @arch; %NULL: of the one that the host was asked about. (element-type
 * ValiseMachineType) (nullable) */
GPtrArray *_valise_capabilities_machine_types (ValiseCapabilities *self, const char *arch);
/* Whether what libvirt told of devices and processors is about machines of @arch; %NULL is. */
gboolean _valise_capabilities_describe (ValiseCapabilities *self, const char *arch);
/* (element-type ValiseCpuModel) */
GPtrArray *_valise_capabilities_cpu_models (ValiseCapabilities *self);
/* Whether domain type @type ("kvm", "qemu") is offered. */
gboolean _valise_capabilities_has_domain_type (ValiseCapabilities *self, const char *type);

G_END_DECLS
