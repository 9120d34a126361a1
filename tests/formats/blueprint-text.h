/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/valise-blueprint.h"

/* What a blueprint says, one line for each thing that is stated, findings as "severity code place". (transfer full) */
char *blueprint_text (const ValiseBlueprint *blueprint);

/**
 * blueprint_check_folder:
 * @format: a folder of tests/formats/data
 *
 * Every folder or file NAME in it, which stands beside "NAME.txt": reads it, and compares what was read, or the error, with that
 * text. With BLUEPRINT_TEXTS=write the text is written anew.
 */
void blueprint_check_folder (const char *format);
