/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/valise-finding.h"
#include "bundle/valise-document.h"
#include "model/valise-capabilities.h"

G_BEGIN_DECLS

/* Checks a document as far as it can be told without a hypervisor: values against their knob, duplicate targets,
 * addresses and boot numbers, memory and CPUs against each other and against @capabilities (warnings for what exceeds
 * this computer), topology, Secure Boot and TPM against firmware and machine type, missing files when @directory (the
 * bundle) is given. Fast enough for every key press. (element-type ValiseFinding) (transfer full) */
GPtrArray *valise_rules_check (ValiseDocument *document, ValiseCapabilities *capabilities, const char *directory);
/* Checks a document against the installed libvirt's own schema, and names the smallest thing that it does not accept:
 * an attribute or element each, code "schema-invalid", where being its knob path (valise_document_line_of has the
 * line). Empty when all is well or libvirt is not installed. Tens of milliseconds, and a few tenths of a second the
 * first time; any thread, as long as nobody edits @document meanwhile. (element-type ValiseFinding) (transfer full) */
GPtrArray *valise_rules_check_schema (ValiseDocument *document);

G_END_DECLS
