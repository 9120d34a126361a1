/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-rules-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/valise-path.h"
#include "model/valise-knob.h"
#include "model/valise-same-value-private.h"
#include "model/valise-size-unit-private.h"

#define LONGEST_QUOTE 40

typedef struct
{
  ValiseRulesRun *run;
  const ValiseKnob *knob;
  xmlNode *node;
  const char *leaf; /* "@cache", or NULL for the element's own text */
  const char *value;
} Value;

static const struct
{
  const char *knob;
  const char *code;
} HOST_CODES[] = {
  { "os/type/@machine", "machine-type-unknown" },
  { "cpu/model", "cpu-model-unusable" },
};

static void
add_invalid (Value *self, char *remedy)
{
  g_autofree char *owned = remedy;
  g_autofree char *quote = valise_text_for_display (self->value, LONGEST_QUOTE);
  const char *label = valise_knob_get_label (self->knob);

  _valise_rules_add (self->run, VALISE_SEVERITY_ERROR, "value-invalid", self->node, self->leaf,
                     /* Translators: the name of a setting and what somebody typed there */
                     *quote != '\0' ? g_strdup_printf (_ ("%s cannot be “%s”."), label, quote)
                                    : g_strdup_printf (_ ("%s is empty."), label),
                     owned);
}

static char *
describe_bounds (const ValiseKnob *knob)
{
  if (knob->minimum == 0 && knob->maximum == 0)
    return g_strdup (_ ("Write a whole number."));
  return g_strdup_printf (_ ("Write a whole number from %" PRId64 " to %" PRId64 "."), knob->minimum, knob->maximum);
}

static gboolean
is_number (const char *text, gint64 *number)
{
  g_autofree char *plain = g_strstrip (g_strdup (text));

  return g_ascii_string_to_signed (plain, 10, G_MININT64, G_MAXINT64, number, NULL);
}

static void
check_number (Value *self)
{
  const ValiseKnob *knob = self->knob;
  gboolean bounded = knob->minimum != 0 || knob->maximum != 0;
  gint64 number;
  guint64 large;

  if (!is_number (self->value, &number))
    {
      if (bounded || !_valise_rules_number (self->value, &large))
        add_invalid (self, describe_bounds (knob));
    }
  else if (bounded && (number < knob->minimum || number > knob->maximum))
    add_invalid (self, describe_bounds (knob));
}

static void
check_size (Value *self)
{
  const char *unit = self->leaf == NULL ? _valise_rules_attribute (self->node, "unit") : "b";
  guint64 one = _valise_size_unit_bytes (self->knob->path, unit);
  guint64 number, bytes;

  if (!_valise_rules_number (self->value, &number))
    add_invalid (self, g_strdup (_ ("Write a size such as 4 GiB.")));
  else if (one == 0)
    _valise_rules_add (self->run, VALISE_SEVERITY_ERROR, "value-invalid", self->node, self->leaf,
                       g_strdup_printf (_ ("%s has an unknown unit."), valise_knob_get_label (self->knob)),
                       _ ("Use KiB, MiB or GiB."));
  else if (!g_uint64_checked_mul (&bytes, number, one) || bytes > G_MAXINT64)
    add_invalid (self, g_strdup (_ ("That is more than any computer has; write less.")));
}

static guint
count_hex (const char *text)
{
  guint count = 0;

  while (g_ascii_isxdigit (text[count]))
    count++;
  return count;
}

static gboolean
is_mac (const char *text)
{
  for (guint group = 0; group < 6; group++, text += 3)
    if (count_hex (text) != 2 || text[2] != (group < 5 ? ':' : '\0'))
      return FALSE;
  return TRUE;
}

static void
check_word (Value *self, const char *yes, const char *no)
{
  if (!g_str_equal (self->value, yes) && !g_str_equal (self->value, no))
    add_invalid (self, g_strdup_printf (_ ("Write %s or %s."), yes, no));
}

static const char *
host_code (const ValiseKnob *knob)
{
  for (guint i = 0; i < G_N_ELEMENTS (HOST_CODES); i++)
    if (g_str_equal (HOST_CODES[i].knob, knob->path))
      return HOST_CODES[i].code;
  return "option-unavailable";
}

/* What this computer cannot do is a warning: the machine may well be for another one. */
static void
add_unavailable (Value *self, const char *reason)
{
  g_autofree char *quote = valise_text_for_display (self->value, LONGEST_QUOTE);

  _valise_rules_add (self->run, VALISE_SEVERITY_WARNING, host_code (self->knob), self->node, self->leaf,
                     reason != NULL ? g_strdup_printf (_ ("%s “%s” is not possible on this computer: %s"),
                                                       valise_knob_get_label (self->knob), quote, reason)
                                    : g_strdup_printf (_ ("%s “%s” is not known on this computer."),
                                                       valise_knob_get_label (self->knob), quote),
                     _ ("Choose another one to start the machine here."));
}

/* What only floppy drives have is what they have. */
static gboolean
is_floppy (Value *self)
{
  return g_str_equal (self->value, "fdc") && self->node->parent != NULL
         && g_strcmp0 (_valise_rules_attribute (self->node->parent, "device"), "floppy") == 0;
}

static void
check_host_options (Value *self)
{
  const char *machine = *self->run->machine != '\0' ? self->run->machine : NULL;
  g_autoptr (GPtrArray) options =
      valise_capabilities_options (self->run->capabilities, self->knob->path, self->run->arch, machine);

  for (guint i = 0; options != NULL && i < options->len; i++)
    {
      const ValiseOption *option = g_ptr_array_index (options, i);

      if (!g_str_equal (option->value, self->value))
        continue;
      if (option->reason != NULL && !is_floppy (self))
        add_unavailable (self, option->reason);
      return;
    }
  if (options != NULL && options->len > 0 && self->knob->choices == NULL && !self->knob->open)
    add_unavailable (self, NULL);
}

static void
check_choice (Value *self)
{
  const ValiseKnobChoice *choice = self->knob->choices;

  while (choice != NULL && choice->value != NULL && !g_str_equal (choice->value, self->value))
    choice++;
  if (choice != NULL && choice->value == NULL && !self->knob->open)
    add_invalid (self, g_strdup (_ ("Choose one of the values in the list.")));
  else if (*self->value != '\0')
    check_host_options (self);
}

/* Marks that show a text in another order than it is stored in, or nothing at all. */
static gboolean
is_hidden (gunichar c)
{
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static void
check_hidden (Value *self)
{
  const char *p = self->value;

  while (*p != '\0' && !is_hidden (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  if (*p != '\0')
    _valise_rules_add (self->run, VALISE_SEVERITY_WARNING, "value-hidden-characters", self->node, self->leaf,
                       g_strdup_printf (_ ("%s holds characters that cannot be seen, and may read otherwise than it "
                                           "is."),
                                        valise_knob_get_label (self->knob)),
                       _ ("Type it anew."));
}

static void
check_value (Value *self)
{
  guint64 last;

  switch (self->knob->kind)
    {
    case VALISE_KNOB_NUMBER:
      check_number (self);
      break;
    case VALISE_KNOB_SIZE:
      check_size (self);
      break;
    case VALISE_KNOB_YES_NO:
      check_word (self, "yes", "no");
      break;
    case VALISE_KNOB_ON_OFF:
      check_word (self, "on", "off");
      break;
    case VALISE_KNOB_CHOICE:
      check_choice (self);
      break;
    case VALISE_KNOB_MAC:
      if (!is_mac (self->value))
        add_invalid (self, g_strdup (_ ("Write six pairs of digits and letters a to f, as in 52:54:00:12:34:56.")));
      break;
    case VALISE_KNOB_UUID:
      if (!g_uuid_string_is_valid (self->value))
        add_invalid (self, g_strdup (_ ("Write it as in 2fb9c0de-3a51-4c1e-9d6b-8a4e5f0c7d21.")));
      break;
    case VALISE_KNOB_CPU_SET:
      if (!_valise_value_get_last (self->value, &last))
        add_invalid (self, g_strdup (_ ("Write numbers and ranges with commas between them, as in 0-3,6.")));
      break;
    case VALISE_KNOB_TEXT:
    case VALISE_KNOB_PATH:
      check_hidden (self);
      break;
    default:
      break;
    }
}

static void
check_attributes (ValiseRulesRun *run, xmlNode *node, GString *path)
{
  gsize length = path->len;

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      const ValiseKnob *knob;

      if (attribute->ns != NULL)
        continue;
      g_string_append_printf (path, length > 0 ? "/@%s" : "@%s", (const char *) attribute->name);
      knob = valise_knob_lookup (path->str);
      if (knob != NULL)
        {
          const char *value = _valise_rules_attribute (node, (const char *) attribute->name);

          check_value (&(Value){ run, knob, node, strrchr (path->str, '@'), value });
        }
      g_string_truncate (path, length);
    }
}

static void
check_element (ValiseRulesRun *run, xmlNode *node, GString *path)
{
  gsize length = path->len;
  const ValiseKnob *knob = length > 0 ? valise_knob_lookup (path->str) : NULL;

  if (knob != NULL)
    {
      const char *text = _valise_rules_text (node);

      check_value (&(Value){ run, knob, node, NULL, text != NULL ? text : "" });
    }
  check_attributes (run, node, path);
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    {
      const char *prefix = child->ns == NULL ? "" : "valise:";

      if (child->ns != NULL && !g_str_equal (child->ns->href, VALISE_METADATA_NAMESPACE))
        continue;
      g_string_append_printf (path, "%s%s%s", length > 0 ? "/" : "", prefix, (const char *) child->name);
      check_element (run, child, path);
      g_string_truncate (path, length);
    }
}

void
_valise_rules_check_values (ValiseRulesRun *run)
{
  g_autoptr (GString) path = g_string_sized_new (128);

  check_element (run, run->domain, path);
}
