/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt takes and shows back, and what does nothing, or not what people expect. Each was tried. */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>

/* Only passt forwards ports; QEMU's own network ignores what is written. */
static void
check_forwards (ValiseRulesRun *run)
{
  for (xmlNode *card = _valise_rules_child (run->devices, "interface"); card != NULL; card = _valise_rules_next (card))
    {
      xmlNode *forward = _valise_rules_child (card, "portForward");
      const char *backend = _valise_rules_attribute (_valise_rules_child (card, "backend"), "type");

      if (forward == NULL || g_strcmp0 (backend, "passt") == 0)
        continue;
      _valise_rules_set_fix (run,
                             _valise_rules_add (run, VALISE_SEVERITY_WARNING, "port-forward-without-effect", card,
                                                "portForward",
                                                g_strdup (_ ("Ports are forwarded by passt only; without it libvirt "
                                                             "keeps this and forwards nothing.")),
                                                _ ("Choose passt where it is installed, or leave this out.")),
                             card, "portForward", NULL);
    }
}

/* libvirt limits what goes through a device of the kernel's, and passes over the rest with a word in its log. */
static void
check_bandwidth (ValiseRulesRun *run)
{
  static const char *const LIMITED[] = { "network", "bridge", "direct", "ethernet", NULL };
  static const char *const DIRECTIONS[] = { "inbound", "outbound" };

  for (xmlNode *card = _valise_rules_child (run->devices, "interface"); card != NULL; card = _valise_rules_next (card))
    {
      xmlNode *limits = _valise_rules_child (card, "bandwidth");
      const char *type = _valise_rules_attribute (card, "type");

      for (gsize i = 0; limits != NULL && type != NULL && i < G_N_ELEMENTS (DIRECTIONS); i++)
        {
          xmlNode *limit = _valise_rules_child (limits, DIRECTIONS[i]);

          if (limit == NULL || g_strv_contains (LIMITED, type))
            continue;
          _valise_rules_set_fix (
              run,
              _valise_rules_add (run, VALISE_SEVERITY_WARNING, "bandwidth-without-effect", limit, "@average",
                                 g_strdup (_ ("libvirt cannot limit the traffic of a card that is connected like this; "
                                              "it keeps the limit and limits nothing.")),
                                 _ ("Connect the card to a network or a bridge, or leave the limit out.")),
              card, "bandwidth", NULL);
        }
    }
}

static void
check_template (ValiseRulesRun *run)
{
  xmlNode *os = _valise_rules_child (run->domain, "os");
  xmlNode *nvram = _valise_rules_child (os, "nvram");

  if (_valise_rules_attribute (nvram, "template") == NULL || _valise_rules_attribute (os, "firmware") == NULL)
    return;
  valise_finding_set_fix (
      _valise_rules_add (run, VALISE_SEVERITY_WARNING, "nvram-template-without-effect", nvram, "@template",
                         g_strdup (_ ("The firmware is chosen automatically, and its variables with it.")),
                         _ ("Leave the template out.")),
      "os/nvram/@template", NULL);
}

static void
check_clipboard (ValiseRulesRun *run)
{
  for (xmlNode *channel = _valise_rules_child (run->devices, "channel"); channel != NULL;
       channel = _valise_rules_next (channel))
    if (g_strcmp0 (_valise_rules_attribute (channel, "type"), "qemu-vdagent") == 0)
      _valise_rules_add (run, VALISE_SEVERITY_INFO, "clipboard-no-suspend", channel, "@type",
                         g_strdup (_ ("With the clipboard of this window the machine cannot be suspended.")),
                         _ ("Remove it to suspend the machine."));
}

static const ValiseRule RULES[] = { check_forwards, check_bandwidth, check_template, check_clipboard, NULL };

const ValiseRule *const _valise_rules_traps = RULES;
