/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-source-map-private.h"

#include "bundle/valise-document.h"

#include <string.h>

static const struct
{
  const char *prefix;
  const char *uri;
} namespaces[] = {
  [VALISE_SOURCE_NS_NONE] = { "", "" },
  [VALISE_SOURCE_NS_VALISE] = { "valise", VALISE_METADATA_NAMESPACE },
  [VALISE_SOURCE_NS_QEMU] = { "qemu", "http://libvirt.org/schemas/domain/qemu/1.0" },
  [VALISE_SOURCE_NS_LXC] = { "lxc", "http://libvirt.org/schemas/domain/lxc/1.0" },
  [VALISE_SOURCE_NS_BHYVE] = { "bhyve", "http://libvirt.org/schemas/domain/bhyve/1.0" },
  [VALISE_SOURCE_NS_XEN] = { "xen", "http://libvirt.org/schemas/domain/xen/1.0" },
  [VALISE_SOURCE_NS_VMWARE] = { "vmware", "http://libvirt.org/schemas/domain/vmware/1.0" },
};

static const struct
{
  const char *name;
  char character;
} references[] = { { "lt;", '<' }, { "gt;", '>' }, { "amp;", '&' }, { "quot;", '"' }, { "apos;", '\'' } };

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- tokens --- */

/* The end of what begins at @offset with @open and ends with @shut; 0 when it is not that, or has no end. */
static gsize
end_of_bracket (const char *text, gsize length, gsize offset, const char *open, const char *shut)
{
  const char *found;
  gsize start = offset + strlen (open);

  if (length - offset < strlen (open) || memcmp (text + offset, open, strlen (open)) != 0)
    return 0;
  found = memmem (text + start, length - start, shut, strlen (shut));
  return found != NULL ? (gsize) (found - text) + strlen (shut) : 0;
}

static gsize
end_of_tag (const char *text, gsize length, gsize offset)
{
  char quote = '\0';

  for (gsize i = offset; i < length; i++)
    {
      if (quote != '\0')
        quote = text[i] == quote ? '\0' : quote;
      else if (text[i] == '\'' || text[i] == '"')
        quote = text[i];
      else if (text[i] == '>')
        return i + 1;
    }
  return 0;
}

gboolean
_valise_token_at (const char *text, gsize length, gsize offset, ValiseToken *token)
{
  token->start = offset;
  if (offset >= length)
    return FALSE;
  if (text[offset] != '<')
    {
      const char *next = memchr (text + offset, '<', length - offset);

      token->kind = VALISE_TOKEN_TEXT;
      token->end = next != NULL ? (gsize) (next - text) : length;
      return TRUE;
    }
  if ((token->end = end_of_bracket (text, length, offset, "<!--", "-->")) != 0)
    token->kind = VALISE_TOKEN_COMMENT;
  else if ((token->end = end_of_bracket (text, length, offset, "<![CDATA[", "]]>")) != 0)
    token->kind = VALISE_TOKEN_CDATA;
  else if ((token->end = end_of_bracket (text, length, offset, "<?", "?>")) != 0)
    token->kind = VALISE_TOKEN_INSTRUCTION;
  else if ((token->end = end_of_bracket (text, length, offset, "</", ">")) != 0)
    token->kind = VALISE_TOKEN_END;
  else if ((token->end = end_of_tag (text, length, offset)) != 0)
    token->kind = text[token->end - 2] == '/' ? VALISE_TOKEN_EMPTY : VALISE_TOKEN_START;
  return token->end != 0;
}

/* --- namespaces --- */

gboolean
_valise_source_ns_is_known (ValiseSourceNs ns)
{
  return ns > VALISE_SOURCE_NS_NONE && ns < VALISE_SOURCE_NS_OTHER;
}

const char *
_valise_source_ns_uri (ValiseSourceNs ns)
{
  return namespaces[ns].uri;
}

const char *
_valise_source_ns_prefix (ValiseSourceNs ns)
{
  return namespaces[ns].prefix;
}

ValiseSourceNs
_valise_source_ns_of_prefix (const char *prefix, gsize length)
{
  for (int ns = VALISE_SOURCE_NS_VALISE; ns < VALISE_SOURCE_NS_OTHER; ns++)
    if (strlen (namespaces[ns].prefix) == length && memcmp (namespaces[ns].prefix, prefix, length) == 0)
      return (ValiseSourceNs) ns;
  return VALISE_SOURCE_NS_OTHER;
}

gboolean
_valise_source_declares (const ValiseSourceMap *self, guint attribute, const char **prefix, gsize *length)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (self, attribute);
  const char *name = self->text + found->name;
  gsize size = found->name_end - found->name;

  if (size < 5 || memcmp (name, "xmlns", 5) != 0 || (size > 5 && name[5] != ':'))
    return FALSE;
  *prefix = size > 5 ? name + 6 : name + size;
  *length = size > 5 ? size - 6 : 0;
  return TRUE;
}

static ValiseSourceNs
declared_ns (const ValiseSourceMap *self, guint attribute)
{
  for (int ns = VALISE_SOURCE_NS_NONE; ns < VALISE_SOURCE_NS_OTHER; ns++)
    if (_valise_source_attribute_equals (self, attribute, namespaces[ns].uri, strlen (namespaces[ns].uri)))
      return (ValiseSourceNs) ns;
  return VALISE_SOURCE_NS_OTHER;
}

/* What the element itself declares for @prefix; FALSE when it says nothing about it. */
static gboolean
declared_here (const ValiseSourceMap *self,
               const ValiseSourceElement *element,
               const char *prefix,
               gsize length,
               ValiseSourceNs *ns)
{
  for (guint i = 0; i < element->n_attributes; i++)
    {
      const char *name;
      gsize size;

      if (!_valise_source_declares (self, element->first_attribute + i, &name, &size) || size != length
          || memcmp (name, prefix, length) != 0)
        continue;
      *ns = declared_ns (self, element->first_attribute + i);
      return TRUE;
    }
  return FALSE;
}

ValiseSourceNs
_valise_source_lookup (const ValiseSourceMap *self, guint element, const char *prefix, gsize length)
{
  ValiseSourceNs ns = VALISE_SOURCE_NS_NONE;

  for (; element != VALISE_SOURCE_NONE; element = _valise_source_element (self, element)->parent)
    if (declared_here (self, _valise_source_element (self, element), prefix, length, &ns))
      return ns;
  return VALISE_SOURCE_NS_NONE;
}

/* --- making the map --- */

/* One colon at most, and something on both sides of it: what else a parser lets through has no knob path. */
static gboolean
is_qualified_name (const char *name, gsize length)
{
  const char *colon = memchr (name, ':', length);
  gsize before = colon != NULL ? (gsize) (colon - name) : 0;

  if (colon == NULL)
    return length > 0;
  return before > 0 && before + 1 < length && memchr (colon + 1, ':', length - before - 1) == NULL;
}

static gboolean
read_attribute (ValiseSourceMap *self, gsize *cursor, gsize end)
{
  ValiseSourceAttribute attribute = { .start = *cursor };
  const char *text = self->text;
  gsize p = *cursor;
  char quote;

  while (p < end && is_space (text[p]))
    p++;
  attribute.name = p;
  while (p < end && !is_space (text[p]) && text[p] != '=')
    p++;
  attribute.name_end = p;
  while (p < end && text[p] != '\'' && text[p] != '"')
    p++;
  if (p >= end || !is_qualified_name (text + attribute.name, attribute.name_end - attribute.name))
    return FALSE;
  quote = text[p];
  attribute.value = ++p;
  while (p < end && text[p] != quote)
    p++;
  attribute.value_end = p;
  *cursor = p + 1;
  g_array_append_val (self->attributes, attribute);
  return p < end;
}

static ValiseSourceNs
element_ns (const ValiseSourceMap *self, guint index, const ValiseSourceElement *element)
{
  ValiseSourceNs ns;

  if (element->local == element->name)
    return element->default_ns;
  ns = _valise_source_lookup (self, index, self->text + element->name, element->local - 1 - element->name);
  return ns == VALISE_SOURCE_NS_NONE ? VALISE_SOURCE_NS_OTHER : ns;
}

static void
link_to_parent (ValiseSourceMap *self, guint index)
{
  ValiseSourceElement *all = (ValiseSourceElement *) (void *) self->elements->data;
  ValiseSourceElement *parent;

  if (all[index].parent == VALISE_SOURCE_NONE)
    return;
  parent = &all[all[index].parent];
  if (parent->last_child == VALISE_SOURCE_NONE)
    parent->first_child = index;
  else
    all[parent->last_child].next = index;
  parent->last_child = index;
}

static void
read_name (ValiseSourceMap *self, ValiseSourceElement *element, gsize end)
{
  gsize p = element->name;

  element->local = p;
  for (; p < end && !is_space (self->text[p]) && self->text[p] != '/' && self->text[p] != '>'; p++)
    if (self->text[p] == ':' && element->local == element->name)
      element->local = p + 1;
  element->name_end = p;
}

static gboolean
add_element (ValiseSourceMap *self, const ValiseToken *token, guint parent)
{
  guint index = self->elements->len;
  gsize end = token->end - (token->kind == VALISE_TOKEN_EMPTY ? 2 : 1);
  gsize cursor;
  ValiseSourceElement element = {
    .start = token->start,
    .end = token->end,
    .name = token->start + 1,
    .inner = token->end,
    .close = token->end,
    .empty_tag = token->kind == VALISE_TOKEN_EMPTY,
    .parent = parent,
    .first_child = VALISE_SOURCE_NONE,
    .last_child = VALISE_SOURCE_NONE,
    .next = VALISE_SOURCE_NONE,
    .first_attribute = self->attributes->len,
    .depth = 1,
  };
  ValiseSourceElement *stored;

  if (parent != VALISE_SOURCE_NONE)
    {
      element.default_ns = _valise_source_element (self, parent)->default_ns;
      element.depth = _valise_source_element (self, parent)->depth + 1;
    }
  read_name (self, &element, end);
  for (cursor = element.name_end; cursor < end;)
    {
      gsize p = cursor;

      while (p < end && is_space (self->text[p]))
        p++;
      if (p == end)
        break;
      if (!read_attribute (self, &cursor, end))
        return FALSE;
    }
  element.n_attributes = self->attributes->len - element.first_attribute;
  declared_here (self, &element, "", 0, &element.default_ns);
  g_array_append_val (self->elements, element);
  stored = &g_array_index (self->elements, ValiseSourceElement, index);
  stored->ns = element_ns (self, index, stored);
  link_to_parent (self, index);
  return is_qualified_name (self->text + element.name, element.name_end - element.name);
}

static gboolean
read_all (ValiseSourceMap *self)
{
  ValiseToken token = { VALISE_TOKEN_TEXT, 0, 0 };
  guint open = VALISE_SOURCE_NONE;

  while (_valise_token_at (self->text, self->length, token.end, &token))
    {
      if (token.kind == VALISE_TOKEN_START || token.kind == VALISE_TOKEN_EMPTY)
        {
          if ((open == VALISE_SOURCE_NONE && self->elements->len > 0) || !add_element (self, &token, open))
            return FALSE;
          if (token.kind == VALISE_TOKEN_START)
            open = self->elements->len - 1;
        }
      else if (token.kind == VALISE_TOKEN_END)
        {
          ValiseSourceElement *element;

          if (open == VALISE_SOURCE_NONE)
            return FALSE;
          element = &g_array_index (self->elements, ValiseSourceElement, open);
          element->close = token.start;
          element->end = token.end;
          open = element->parent;
        }
    }
  return token.start == self->length && open == VALISE_SOURCE_NONE && self->elements->len > 0;
}

static char
prevailing_quote (const ValiseSourceMap *self)
{
  guint n_double = 0;

  for (guint i = 0; i < self->attributes->len; i++)
    if (self->text[_valise_source_attribute (self, i)->value_end] == '"')
      n_double++;
  return n_double * 2 > self->attributes->len ? '"' : '\'';
}

ValiseSourceMap *
_valise_source_map_new (const char *text, gsize length)
{
  g_autoptr (ValiseSourceMap) self = g_new0 (ValiseSourceMap, 1);

  self->text = text;
  self->length = length;
  self->elements = g_array_sized_new (FALSE, FALSE, sizeof (ValiseSourceElement), (guint) (length / 64 + 1));
  self->attributes = g_array_sized_new (FALSE, FALSE, sizeof (ValiseSourceAttribute), (guint) (length / 64 + 1));
  if (!read_all (self))
    return NULL;
  self->quote = prevailing_quote (self);
  return g_steal_pointer (&self);
}

void
_valise_source_map_free (ValiseSourceMap *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->elements);
  g_array_unref (self->attributes);
  g_free (self);
}

/* --- values --- */

/* Appends what the reference at @raw (past the "&") stands for; returns its length, 0 when it is none. */
static gsize
decode_reference (GString *out, const char *raw, gsize length)
{
  const char *end = memchr (raw, ';', MIN (length, 12));
  gboolean hex = length > 1 && raw[1] == 'x';

  if (end == NULL)
    return 0;
  if (raw[0] == '#')
    {
      g_string_append_unichar (out, (gunichar) g_ascii_strtoull (raw + (hex ? 2 : 1), NULL, hex ? 16 : 10));
      return (gsize) (end - raw) + 1;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (references); i++)
    if (length >= strlen (references[i].name) && memcmp (raw, references[i].name, strlen (references[i].name)) == 0)
      {
        g_string_append_c (out, references[i].character);
        return strlen (references[i].name);
      }
  return 0;
}

static void
decode_into (GString *out, const char *raw, gsize length, gboolean attribute, gboolean with_references)
{
  for (gsize i = 0; i < length; i++)
    {
      gsize used;

      if (raw[i] == '&' && with_references && (used = decode_reference (out, raw + i + 1, length - i - 1)) > 0)
        i += used;
      else if (raw[i] == '\r')
        {
          g_string_append_c (out, attribute ? ' ' : '\n');
          if (i + 1 < length && raw[i + 1] == '\n')
            i++;
        }
      else
        g_string_append_c (out, attribute && is_space (raw[i]) ? ' ' : raw[i]);
    }
}

/* As the XML rules read it: references resolved, line ends made "\n", in attributes white space made a space. */
static char *
decode (const char *raw, gsize length, gboolean attribute)
{
  GString *out = g_string_sized_new (length);

  decode_into (out, raw, length, attribute, TRUE);
  return g_string_free (out, FALSE);
}

static const char *
reference_for (char c, char quote)
{
  switch (c)
    {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':
      return "&#13;";
    case '\n':
      return quote != '\0' ? "&#10;" : NULL;
    case '\t':
      return quote != '\0' ? "&#9;" : NULL;
    case '\'':
      return quote == '\'' ? "&apos;" : NULL;
    case '"':
      return quote == '"' ? "&quot;" : NULL;
    default:
      return NULL;
    }
}

char *
_valise_source_encode (const char *value, char quote)
{
  GString *out = g_string_sized_new (strlen (value) + 8);

  for (const char *p = value; *p != '\0'; p++)
    {
      const char *reference = reference_for (*p, quote);

      if (reference != NULL)
        g_string_append (out, reference);
      else
        g_string_append_c (out, *p);
    }
  return g_string_free (out, FALSE);
}

char *
_valise_source_attribute_value (const ValiseSourceMap *self, guint attribute)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (self, attribute);

  return decode (self->text + found->value, found->value_end - found->value, TRUE);
}

/* Whether the bytes are already what they mean. */
static gboolean
is_literal (const char *raw, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (raw[i] == '&' || (raw[i] != ' ' && is_space (raw[i])))
      return FALSE;
  return TRUE;
}

gboolean
_valise_source_attribute_equals (const ValiseSourceMap *self, guint attribute, const char *value, gsize length)
{
  const ValiseSourceAttribute *found = _valise_source_attribute (self, attribute);
  const char *raw = self->text + found->value;
  gsize size = found->value_end - found->value;
  g_autofree char *decoded = NULL;

  if (is_literal (raw, size))
    return size == length && memcmp (raw, value, length) == 0;
  decoded = _valise_source_attribute_value (self, attribute);
  return strlen (decoded) == length && memcmp (decoded, value, length) == 0;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

char *
_valise_source_element_text (const ValiseSourceMap *self, guint element)
{
  const ValiseSourceElement *found = _valise_source_element (self, element);
  GString *out = g_string_new (NULL);
  guint child = found->first_child;
  ValiseToken token = { .end = found->inner };

  while (token.end < found->close && _valise_token_at (self->text, found->close, token.end, &token))
    {
      if (token.kind == VALISE_TOKEN_TEXT)
        decode_into (out, self->text + token.start, token.end - token.start, FALSE, TRUE);
      else if (token.kind == VALISE_TOKEN_CDATA)
        decode_into (out, self->text + token.start + 9, token.end - token.start - 12, FALSE, FALSE);
      else if (child != VALISE_SOURCE_NONE && token.start == _valise_source_element (self, child)->start)
        {
          token.end = _valise_source_element (self, child)->end;
          child = _valise_source_element (self, child)->next;
        }
    }
  if (found->first_child != VALISE_SOURCE_NONE && is_blank (out->str))
    g_string_truncate (out, 0);
  return g_string_free (out, FALSE);
}
