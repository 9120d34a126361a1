/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a package has to say to whoever brings the machine in: licences, and settings that it waits for. */
#include "formats/valise-ovf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define LICENCE_SHOWN 700
#define NAMES_SHOWN 300
#define MOST_NAMES 20
#define MOST_LICENCES 10

static char *
read_licence (const xmlNode *section)
{
  g_autofree char *text = valise_foreign_xml_text (section, "License");

  return text != NULL && *g_strstrip (text) != '\0' ? valise_text_for_display (text, LICENCE_SHOWN) : NULL;
}

/* Those of the machine and of the collections that it is in. */
static void
tell_licences (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  guint n = 0;

  for (xmlNode *node = system; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent)
    for (xmlNode *section = _valise_ovf_section (node, "EulaSection"); section != NULL && n < MOST_LICENCES;
         section = _valise_ovf_next_section (section->next, "EulaSection"), n++)
      {
        g_autofree char *licence = read_licence (section);
        g_autofree char *text = NULL;

        if (licence == NULL)
          continue;
        text = g_strdup_printf (_ ("Whoever uses the machine agrees to its maker's terms: “%s”"), licence);
        _valise_ovf_tell (self, machine, VALISE_SEVERITY_INFO, "licence", section, text,
                          _ ("Read them in full in the descriptor before you start the machine."));
      }
}

static void
add_names (xmlNode *section, GString *names, guint *count)
{
  for (const xmlNode *node = valise_foreign_xml_child (section, "Property"); node != NULL;
       node = valise_foreign_xml_next (node->next, "Property"))
    {
      g_autofree char *key = valise_foreign_xml_attribute (node, "key");
      g_autofree char *asked = valise_foreign_xml_attribute (node, "userConfigurable");

      if (key == NULL || g_strcmp0 (asked, "true") != 0)
        continue;
      if (*count < MOST_NAMES)
        g_string_append_printf (names, "%s%s", *count > 0 ? ", " : "", key);
      (*count)++;
    }
}

/* VMware hands them to the guest on a disc or through its tools. */
static void
tell_properties (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;
  xmlNode *first = _valise_ovf_section (system, "ProductSection");
  guint count = 0;

  for (xmlNode *section = first; section != NULL; section = _valise_ovf_next_section (section->next, "ProductSection"))
    add_names (section, names, &count);
  if (count == 0)
    return;
  shown = valise_text_for_display (names->str, NAMES_SHOWN);
  text = g_strdup_printf (ngettext ("The machine waits for %u setting when it first starts, which it is not given: %s",
                                    "The machine waits for %u settings when it first starts, which it is not given: %s",
                                    count),
                          count, shown);
  _valise_ovf_tell (self, machine, VALISE_SEVERITY_WARNING, "properties-not-passed", first, text,
                    _ ("Set them inside the system, as its maker describes it."));
}

void
_valise_ovf_tell_terms (ValiseOvf *self, ValiseBlueprint *machine, xmlNode *system)
{
  tell_licences (self, machine, system);
  tell_properties (self, machine, system);
}
