/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules.h"

#include "model/valise-rules-private.h"

static const ValiseRule *const *const TABLES[] = {
  &_valise_rules_machine, &_valise_rules_devices, &_valise_rules_disks, &_valise_rules_fit,
  &_valise_rules_parts,   &_valise_rules_limits,  &_valise_rules_traps,
};

xmlNode *
_valise_rules_child (xmlNode *node, const char *name)
{
  for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    if (child->type == XML_ELEMENT_NODE && child->ns == NULL && g_str_equal (child->name, name))
      return child;
  return NULL;
}

xmlNode *
_valise_rules_next (xmlNode *node)
{
  for (xmlNode *next = node->next; next != NULL; next = next->next)
    if (next->type == XML_ELEMENT_NODE && next->ns == node->ns && g_str_equal (next->name, node->name))
      return next;
  return NULL;
}

xmlNode *
_valise_rules_find (xmlNode *node, const char *path)
{
  while (node != NULL && *path != '\0')
    {
      gsize length = strcspn (path, "/");
      xmlNode *child = node->children;

      while (child != NULL
             && (child->type != XML_ELEMENT_NODE || child->ns != NULL
                 || strncmp ((const char *) child->name, path, length) != 0 || child->name[length] != '\0'))
        child = child->next;
      node = child;
      path += length;
      path += *path == '/';
    }
  return node;
}

const char *
_valise_rules_attribute (xmlNode *node, const char *name)
{
  for (xmlAttr *attribute = node != NULL ? node->properties : NULL; attribute != NULL; attribute = attribute->next)
    if (attribute->ns == NULL && g_str_equal (attribute->name, name))
      return attribute->children != NULL && attribute->children->content != NULL
                 ? (const char *) attribute->children->content
                 : "";
  return NULL;
}

const char *
_valise_rules_text (xmlNode *node)
{
  for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    if ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) && !xmlIsBlankNode (child))
      return (const char *) child->content;
  return NULL;
}

gboolean
_valise_rules_number (const char *text, guint64 *number)
{
  g_autofree char *plain = text != NULL ? g_strstrip (g_strdup (text)) : NULL;

  return plain != NULL && g_ascii_string_to_unsigned (plain, 10, 0, G_MAXUINT64, number, NULL);
}

char *
_valise_rules_path_of (ValiseDocument *document, xmlNode *node)
{
  const char *name = _valise_rules_attribute (node, "name");
  g_autofree char *parent = NULL;

  if ((!g_str_equal (node->name, "feature") && !g_str_equal (node->name, "timer")) || name == NULL
      || strpbrk (name, "'\"[]/") != NULL)
    return valise_document_path_of (document, node);
  parent = valise_document_path_of (document, node->parent);
  return g_strdup_printf ("%s/%s[@name='%s']", parent, (const char *) node->name, name);
}

ValiseFinding *
_valise_rules_add (ValiseRulesRun *run,
                   ValiseSeverity severity,
                   const char *code,
                   xmlNode *node,
                   const char *leaf,
                   char *text,
                   const char *remedy)
{
  g_autofree char *owned = text;
  g_autofree char *element = node == run->domain ? NULL : _valise_rules_path_of (run->document, node);
  g_autofree char *where = leaf == NULL
                               ? g_strdup (element)
                               : g_strjoin ("/", element != NULL ? element : leaf, element != NULL ? leaf : NULL, NULL);
  ValiseFinding *finding = valise_finding_new (severity, code, where, owned, remedy);

  g_ptr_array_add (run->findings, finding);
  return finding;
}

void
_valise_rules_set_fix (ValiseRulesRun *run, ValiseFinding *finding, xmlNode *node, const char *leaf, const char *value)
{
  g_autofree char *element = _valise_rules_path_of (run->document, node);
  g_autofree char *knob = g_strconcat (element, "/", leaf, NULL);

  valise_finding_set_fix (finding, knob, value);
}

GPtrArray *
valise_rules_check (ValiseDocument *document, ValiseCapabilities *capabilities, const char *directory)
{
  ValiseRulesRun run = { document, capabilities, directory };
  xmlNode *type;
  const char *machine;

  g_return_val_if_fail (document != NULL && capabilities != NULL, NULL);

  run.domain = xmlDocGetRootElement (valise_document_get_tree (document));
  run.devices = _valise_rules_child (run.domain, "devices");
  type = _valise_rules_find (run.domain, "os/type");
  machine = _valise_rules_attribute (type, "machine");
  run.arch = _valise_rules_attribute (type, "arch");
  run.machine = machine != NULL ? machine : "";
  run.findings = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_finding_free);

  _valise_rules_check_values (&run);
  for (guint table = 0; table < G_N_ELEMENTS (TABLES); table++)
    for (const ValiseRule *rule = *TABLES[table]; *rule != NULL; rule++)
      (*rule) (&run);
  return run.findings;
}
