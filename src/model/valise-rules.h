/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/valise-finding.h"
#include "bundle/valise-document.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* Checks a document as far as it can be told without a hypervisor: values against their knob, duplicate targets, addresses and boot
 * numbers, memory and CPUs against each other and against @capabilities (warnings for what exceeds this computer), topology,
 * Secure Boot and TPM against firmware and machine type, missing files when @directory (the bundle) is given.
 * Fast enough for every key press. (element-type ValiseFinding) (transfer full) */
GPtrArray *valise_rules_check (ValiseDocument *document, ValiseCapabilities *capabilities, const char *directory);

G_END_DECLS
