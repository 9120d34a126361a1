/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-document-layout-private.h"

#include <string.h>

/* Where a new element goes, so that it stands as its siblings do: before, the element, after replace [start, end). */
typedef struct
{
  gsize start, end;
  char *before, *after; /* or NULL */
  char *indent;         /* of the new element; NULL: it shares its line with others */
} Insertion;

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_blank (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!is_space (text[i]))
      return FALSE;
  return TRUE;
}

/* Whether only blanks stand before @offset on its line; *line is where that begins. */
static gboolean
begins_line (ValiseDocument *self, gsize offset, gsize *line)
{
  gsize p = offset;

  while (p > 0 && (self->text[p - 1] == ' ' || self->text[p - 1] == '\t'))
    p--;
  *line = p;
  return p == 0 || self->text[p - 1] == '\n';
}

/* Past the newline of the line that @offset is on, when only blanks stand before it; else 0. */
static gsize
rest_of_line (ValiseDocument *self, gsize offset)
{
  while (offset < self->length && is_space (self->text[offset]))
    if (self->text[offset++] == '\n')
      return offset;
  return offset == self->length ? offset : 0;
}

/* Past the comments that stand behind @offset on the same line; @offset when anything else follows. */
static gsize
past_remarks (ValiseDocument *self, gsize offset)
{
  ValiseToken token = { .end = offset };

  while (_valise_token_at (self->text, self->length, token.end, &token))
    {
      const char *newline = memchr (self->text + token.start, '\n', token.end - token.start);

      if (token.kind == VALISE_TOKEN_TEXT && newline != NULL)
        {
          gsize end = (gsize) (newline - self->text);

          if (!is_blank (self->text + token.start, end - token.start))
            return offset;
          return end > 0 && self->text[end - 1] == '\r' ? end - 1 : end;
        }
      if (newline != NULL || (token.kind != VALISE_TOKEN_COMMENT && token.kind != VALISE_TOKEN_TEXT)
          || (token.kind == VALISE_TOKEN_TEXT && !is_blank (self->text + token.start, token.end - token.start)))
        return offset;
    }
  return offset;
}

static const char *
newline_of (ValiseDocument *self)
{
  const char *newline = memchr (self->text, '\n', self->length);

  return newline != NULL && newline > self->text && newline[-1] == '\r' ? "\r\n" : "\n";
}

/* What one level is indented by. */
static char *
unit_of (ValiseDocument *self)
{
  guint child = _valise_source_element (self->map, 0)->first_child;
  gsize line, root_line;
  gsize root = begins_line (self, _valise_source_element (self->map, 0)->start, &root_line)
                   ? _valise_source_element (self->map, 0)->start - root_line
                   : 0;

  for (; child != VALISE_SOURCE_NONE; child = _valise_source_element (self->map, child)->next)
    {
      gsize start = _valise_source_element (self->map, child)->start;

      if (begins_line (self, start, &line) && start - line > root)
        return g_strndup (self->text + line + root, start - line - root);
    }
  return g_strdup ("  ");
}

/* The blanks before the element on its line; NULL when something else stands there. */
static char *
indent_of (ValiseDocument *self, guint element)
{
  gsize start = _valise_source_element (self->map, element)->start, line;

  return begins_line (self, start, &line) ? g_strndup (self->text + line, start - line) : NULL;
}

/* --- putting in --- */

static gboolean
has_name (ValiseDocument *self, guint element, const char *name)
{
  const ValiseSourceElement *found = _valise_source_element (self->map, element);

  return strlen (name) == found->name_end - found->name && strncmp (self->text + found->name, name, strlen (name)) == 0;
}

/* The child to go behind: the last of the same name, else the last. */
static guint
find_anchor (ValiseDocument *self, guint parent, const char *name)
{
  guint child = _valise_source_element (self->map, parent)->first_child, anchor = VALISE_SOURCE_NONE;

  for (; child != VALISE_SOURCE_NONE; child = _valise_source_element (self->map, child)->next)
    if (has_name (self, child, name))
      anchor = child;
  return anchor != VALISE_SOURCE_NONE ? anchor : _valise_source_element (self->map, parent)->last_child;
}

static void
put_behind (ValiseDocument *self, guint anchor, Insertion *insertion)
{
  const ValiseSourceElement *element = _valise_source_element (self->map, anchor);

  insertion->indent = indent_of (self, anchor);
  insertion->start = insertion->indent != NULL ? past_remarks (self, element->end) : element->end;
  insertion->end = insertion->start;
  if (insertion->indent != NULL)
    insertion->before = g_strconcat (newline_of (self), insertion->indent, NULL);
}

static char *
end_tag (ValiseDocument *self, const ValiseSourceElement *element)
{
  return g_strdup_printf ("</%.*s>", (int) (element->name_end - element->name), self->text + element->name);
}

/* Into an element that has no elements in it yet, on the same line. */
static void
put_inside_inline (ValiseDocument *self, const ValiseSourceElement *element, Insertion *insertion)
{
  insertion->start = element->empty_tag ? element->end - 2 : element->close;
  insertion->end = element->empty_tag ? element->end : element->close;
  if (element->empty_tag)
    {
      insertion->before = g_strdup (">");
      insertion->after = end_tag (self, element);
    }
}

/* The same, on a line of its own. */
static void
put_inside (ValiseDocument *self, guint parent, char *indent, Insertion *insertion)
{
  const ValiseSourceElement *element = _valise_source_element (self->map, parent);
  g_autofree char *unit = unit_of (self), *shut = NULL;
  const char *newline = newline_of (self);
  gsize content = element->close;

  insertion->indent = g_strconcat (indent, unit, NULL);
  if (element->empty_tag)
    {
      shut = end_tag (self, element);
      insertion->start = element->end - 2;
      insertion->end = element->end;
      insertion->before = g_strconcat (">", newline, insertion->indent, NULL);
      insertion->after = g_strconcat (newline, indent, shut, NULL);
      return;
    }
  while (content > element->inner && is_space (self->text[content - 1]))
    content--;
  insertion->start = insertion->end = content;
  insertion->before = g_strconcat (newline, insertion->indent, NULL);
  if (memchr (self->text + content, '\n', element->close - content) == NULL)
    {
      insertion->end = element->close;
      insertion->after = g_strconcat (newline, indent, NULL);
    }
}

/* @name as it is written in the new element's tag. */
static void
find_insertion (ValiseDocument *self, guint parent, const char *name, Insertion *insertion)
{
  g_autofree char *indent = indent_of (self, parent);
  g_autofree char *text = _valise_source_element_text (self->map, parent);
  guint anchor = find_anchor (self, parent, name);

  memset (insertion, 0, sizeof *insertion);
  if (anchor != VALISE_SOURCE_NONE)
    put_behind (self, anchor, insertion);
  else if (indent == NULL || !is_blank (text, strlen (text)))
    put_inside_inline (self, _valise_source_element (self->map, parent), insertion);
  else
    put_inside (self, parent, indent, insertion);
}

static void
insertion_clear (Insertion *insertion)
{
  g_clear_pointer (&insertion->before, g_free);
  g_clear_pointer (&insertion->after, g_free);
  g_clear_pointer (&insertion->indent, g_free);
}

/* --- taking out --- */

void
_valise_document_find_removal (ValiseDocument *self, guint element, gsize *start, gsize *end, const char **left)
{
  const ValiseSourceElement *found = _valise_source_element (self->map, element);
  const ValiseSourceElement *parent = _valise_source_element (self->map, found->parent);
  gsize line, next;

  *left = "";
  if (is_blank (self->text + parent->inner, found->start - parent->inner)
      && is_blank (self->text + found->end, parent->close - found->end))
    {
      *start = parent->inner - 1;
      *end = parent->end;
      *left = "/>";
      return;
    }
  *start = found->start;
  *end = found->end;
  next = rest_of_line (self, found->end);
  if (next > 0 && begins_line (self, found->start, &line))
    {
      *start = line;
      *end = next;
    }
}

/* --- indenting source from elsewhere --- */

/* White space between tags may be changed; in an element that holds only white space it is the value. */
static gboolean
is_layout (const char *xml, gsize length, const ValiseToken *token, ValiseTokenKind previous)
{
  ValiseToken next;

  if (token->kind != VALISE_TOKEN_TEXT || !is_blank (xml + token->start, token->end - token->start)
      || memchr (xml + token->start, '\n', token->end - token->start) == NULL)
    return FALSE;
  return !_valise_token_at (xml, length, token->end, &next) || previous != VALISE_TOKEN_START
         || next.kind != VALISE_TOKEN_END;
}

/* Each line of the white space gets @indent for @base. */
static void
append_layout (GString *out, const char *blank, gsize length, const char *base, const char *indent, const char *newline)
{
  for (gsize i = 0; i < length; i++)
    {
      gsize run = 0;

      if (blank[i] != '\n')
        {
          if (blank[i] != '\r')
            g_string_append_c (out, blank[i]);
          continue;
        }
      g_string_append (out, newline);
      while (i + 1 + run < length && (blank[i + 1 + run] == ' ' || blank[i + 1 + run] == '\t'))
        run++;
      if (i + 1 + run < length)
        continue; /* an empty line */
      if (run >= strlen (base) && strncmp (blank + i + 1, base, strlen (base)) == 0)
        {
          g_string_append (out, indent);
          i += strlen (base);
        }
    }
}

/* @xml with its further lines indented to stand at @indent; text, CDATA and comments stay as they are. */
static char *
reindent (ValiseDocument *self, const char *xml, const char *indent)
{
  const char *last = strrchr (xml, '\n');
  g_autofree char *base = last != NULL ? g_strndup (last + 1, strspn (last + 1, " \t")) : g_strdup ("");
  const char *newline = newline_of (self);
  gsize length = strlen (xml);
  GString *out = g_string_new (NULL);
  ValiseToken token = { .end = 0 };
  ValiseTokenKind previous = VALISE_TOKEN_TEXT;

  while (_valise_token_at (xml, length, token.end, &token))
    {
      if (is_layout (xml, length, &token, previous))
        append_layout (out, xml + token.start, token.end - token.start, base, indent, newline);
      else
        g_string_append_len (out, xml + token.start, (gssize) (token.end - token.start));
      previous = token.kind;
    }
  return g_string_free (out, FALSE);
}

gboolean
_valise_document_insert (ValiseDocument *self, guint parent, const char *name, const char *xml, GError **error)
{
  Insertion insertion;
  g_autofree char *indented = NULL, *bytes = NULL;
  gsize start, end;

  find_insertion (self, parent, name, &insertion);
  indented = insertion.indent != NULL ? reindent (self, xml, insertion.indent) : g_strdup (xml);
  bytes = g_strconcat (insertion.before != NULL ? insertion.before : "", indented,
                       insertion.after != NULL ? insertion.after : "", NULL);
  start = insertion.start;
  end = insertion.end;
  insertion_clear (&insertion);
  return _valise_document_splice (self, start, end, bytes, error);
}
