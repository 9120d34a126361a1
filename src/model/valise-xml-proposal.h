/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-capabilities.h"
#include "model/valise-knob-catalogue.h"
#include "model/valise-xml-place.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_XML_PROPOSAL_ELEMENT,
  VALISE_XML_PROPOSAL_CLOSING,
  VALISE_XML_PROPOSAL_ATTRIBUTE,
  VALISE_XML_PROPOSAL_VALUE,
} ValiseXmlProposalKind;

/**
 * ValiseXmlProposal:
 * @text: what is put in the place of the word that stands there, escaped as it must be: "driver", "type=''", "qcow2"
 * @back: how many characters before its end the caret belongs: between the quotes of "type=''"
 * @label: how it is listed: "driver", "type", "qcow2"
 * @help: (nullable): what it is, translated
 * @reason: (nullable): why it cannot stand there or cannot be had on this computer, translated
 */
typedef struct
{
  ValiseXmlProposalKind kind;
  char *text;
  guint back;
  char *label;
  char *help;
  char *reason;
} ValiseXmlProposal;

/* What may stand at @place instead of its word, as libvirt's schema and this computer have it: what begins with the
 * word first, then what contains it; what is not possible there is behind what is. @capabilities: (nullable).
 * (element-type ValiseXmlProposal) (transfer full) */
GPtrArray *valise_xml_proposal_list (const ValiseXmlPlace *place,
                                     ValiseKnobCatalogue *catalogue,
                                     ValiseCapabilities *capabilities);

G_END_DECLS
