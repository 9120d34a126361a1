/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-import-plan.h"

G_BEGIN_DECLS

#define VALISE_SERIAL_PORTS_MOST 4

/* Adds a finding; the text is translated and has one %s at most, for @what (nullable). */
void _valise_import_plan_tell (ValiseImportPlan *self,
                               ValiseSeverity severity,
                               const char *code,
                               const char *where,
                               const char *text,
                               const char *remedy);

/* Whether it has a PC inside. */
gboolean _valise_import_plan_is_pc (const ValiseImportPlan *self);
/* Whether a disk is attached to IDE, so that the machine should have it. */
gboolean _valise_import_wants_ide (const ValiseBlueprint *blueprint, gboolean old_windows);

/* Those without their blueprint, which is the caller's. */
void _valise_import_choices_free_but_blueprint (ValiseImportChoices *self);
/* An address of QEMU's own. (transfer full) */
char *_valise_import_random_mac (void);
/* The word of @words that says the same as @word, or NULL. */
const char *_valise_import_find_word (const char *const *words, const char *word);

/* What was granted, as lines of XML: of the devices, and of the first network card. */
void _valise_import_write_grants (const ValiseImportPlan *self, GString *text);
gboolean _valise_import_has_ports (const ValiseImportPlan *self);
void _valise_import_write_ports (const ValiseImportPlan *self, GString *text);
/* Of the whole machine. */
void _valise_import_write_settings (const ValiseImportPlan *self, GString *text);
/* Whether something was granted that stands in for what every machine has one of ("graphics"). */
gboolean _valise_import_is_replaced (const ValiseImportPlan *self, const char *element);
/* The serial port, ending where it was granted to, with @target as its last child; %FALSE: it ends in the window. */
gboolean _valise_import_write_serial (const ValiseImportPlan *self, guint number, const char *target, GString *text);
/* "0000:02:00.0". (transfer full) */
char *_valise_import_card_address (const ValiseBlueprintWish *wish);
/* What this computer has at that place, translated; %NULL when there is nothing. (transfer full) */
char *_valise_import_card_describe (const ValiseBlueprintWish *wish);
/* Says which of the asks were granted and which not. */
void _valise_import_tell_asks (ValiseImportPlan *self);

/* Each decides its part, with findings; machine type and firmware are known by then. */
void _valise_import_plan_drives (ValiseImportPlan *self, gboolean old_windows);
void _valise_import_plan_nics (ValiseImportPlan *self);
/* What is started first, once both are there. */
void _valise_import_plan_order (ValiseImportPlan *self);

/* The document's text. (transfer full) */
char *_valise_import_plan_write (ValiseImportPlan *self);

G_END_DECLS
