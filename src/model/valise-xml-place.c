/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-xml-place.h"

#include <string.h>

#define ROOT "domain"

/* An element that is open at the place. */
typedef struct
{
  char *name;
  guint number;       /* of those of its name in the same element, from 1 */
  GPtrArray *present; /* names of the elements in it */
} Level;

typedef struct
{
  const char *text, *place, *end;
  GPtrArray *levels;
  GString *around;
  ValiseXmlPlace *found;
} Scan;

static Level *
level_new (const char *name, gsize length, guint number)
{
  Level *self = g_new0 (Level, 1);

  self->name = g_strndup (name, length);
  self->number = number;
  self->present = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static void
level_free (gpointer data)
{
  Level *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->present);
  g_free (self);
}

static Level *
innermost (Scan *self)
{
  return self->levels->len > 0 ? self->levels->pdata[self->levels->len - 1] : NULL;
}

static gboolean
is_name (char c)
{
  return c != '\0' && strchr (" \t\r\n<>/='\"&", c) == NULL;
}

static const char *
skip_name (const char *at, const char *end)
{
  while (at < end && is_name (*at))
    at++;
  return at;
}

static const char *
skip_space (const char *at, const char *end)
{
  while (at < end && g_ascii_isspace (*at))
    at++;
  return at;
}

/* Behind the next @what, or %NULL. */
static const char *
behind (const char *at, const char *end, const char *what)
{
  const char *found = g_strstr_len (at, end - at, what);

  return found != NULL ? found + strlen (what) : NULL;
}

/* --- the answer --- */

static guint
count_name (GPtrArray *names, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < names->len; i++)
    count += g_str_equal (names->pdata[i], name);
  return count;
}

/* Below <domain>, which has no step of its own. */
static char *
path_of_levels (Scan *self)
{
  g_autoptr (GString) path = g_string_new (NULL);

  if (self->levels->len == 0 || !g_str_equal (((Level *) self->levels->pdata[0])->name, ROOT))
    return NULL;
  for (guint i = 1; i < self->levels->len; i++)
    {
      const Level *level = self->levels->pdata[i];

      g_string_append_printf (path, "%s%s", i > 1 ? "/" : "", level->name);
      if (level->number > 1)
        g_string_append_printf (path, "[%u]", level->number);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static void
settle (Scan *self, ValiseXmlPlaceKind kind, const char *start)
{
  ValiseXmlPlace *found = self->found;

  found->kind = kind;
  found->start = (gsize) (start - self->text);
  found->word = g_strndup (start, (gsize) (self->place - start));
  found->path = path_of_levels (self);
  if (innermost (self) != NULL)
    found->name = g_strdup (innermost (self)->name);
}

/* --- a tag --- */

/* At an attribute's name: its end and where the value begins and ends. %FALSE where no attribute is. */
typedef struct
{
  const char *name, *name_end, *value, *value_end;
} Attribute;

static gboolean
read_attribute (const char *at, const char *end, Attribute *self)
{
  const char *quote;

  memset (self, 0, sizeof *self);
  self->name = skip_space (at, end);
  self->name_end = skip_name (self->name, end);
  if (self->name_end == self->name)
    return FALSE;
  at = skip_space (self->name_end, end);
  if (at == end || *at != '=')
    return TRUE;
  at = skip_space (at + 1, end);
  if (at == end || (*at != '\'' && *at != '"'))
    return TRUE;
  self->value = at + 1;
  quote = memchr (self->value, *at, (gsize) (end - self->value));
  self->value_end = quote;
  return TRUE;
}

static const char *
end_of_attribute (const Attribute *self)
{
  return self->value_end != NULL ? self->value_end + 1 : self->value != NULL ? self->value : self->name_end;
}

/* Where the tag that is read at @at ends: behind ">", at the next "<", or at the end of all. */
static const char *
end_of_tag (const char *at, const char *end, gboolean *empty)
{
  Attribute attribute;

  *empty = FALSE;
  while ((at = skip_space (at, end)) < end && *at != '<')
    {
      if (*at == '>')
        return at + 1;
      *empty = *at == '/';
      if (read_attribute (at, end, &attribute) && attribute.name_end > at)
        at = end_of_attribute (&attribute);
      else
        at++;
    }
  return at;
}

static void
add_attributes (GPtrArray *names, const char *at, const char *end)
{
  Attribute attribute;

  while ((at = skip_space (at, end)) < end && *at != '<' && *at != '>' && *at != '/')
    if (read_attribute (at, end, &attribute))
      {
        g_ptr_array_add (names, g_strndup (attribute.name, (gsize) (attribute.name_end - attribute.name)));
        at = end_of_attribute (&attribute);
      }
    else
      at++;
}

/* The place is behind the name of the tag that begins at @tag: among its attributes or in one. */
static void
settle_in_tag (Scan *self, const char *tag, const char *name_end)
{
  const char *at = name_end;
  Attribute attribute;

  for (;;)
    {
      const char *next = skip_space (at, self->place);

      if (next == self->place || !read_attribute (next, self->end, &attribute))
        {
          if (next < self->place)
            return;
          settle (self, VALISE_XML_PLACE_ATTRIBUTE, next);
          break;
        }
      if (self->place <= attribute.name_end)
        {
          settle (self, VALISE_XML_PLACE_ATTRIBUTE, attribute.name);
          at = attribute.name_end;
          break;
        }
      if (attribute.value != NULL && self->place >= attribute.value
          && (attribute.value_end == NULL || self->place <= attribute.value_end))
        {
          settle (self, VALISE_XML_PLACE_VALUE, attribute.value);
          self->found->attribute = g_strndup (attribute.name, (gsize) (attribute.name_end - attribute.name));
          self->found->quote = attribute.value[-1];
          break;
        }
      if (self->place <= end_of_attribute (&attribute))
        return; /* at the "=" or on the quote */
      at = end_of_attribute (&attribute);
    }
  if (self->found->kind == VALISE_XML_PLACE_ATTRIBUTE)
    {
      add_attributes (self->found->present, name_end, self->text + self->found->start);
      add_attributes (self->found->present, MAX (at, self->place), self->end);
    }
  g_string_append_len (self->around, tag, at - tag);
  g_string_append (self->around, "/>");
}

/* --- what is before the place --- */

static void
enter (Scan *self, const char *name, gsize length)
{
  Level *outer = innermost (self);
  g_autofree char *copy = g_strndup (name, length);
  guint number = 1;

  if (outer != NULL)
    {
      number += count_name (outer->present, copy);
      g_ptr_array_add (outer->present, g_steal_pointer (&copy));
    }
  g_ptr_array_add (self->levels, level_new (name, length, number));
}

/* A closing tag closes what it names; one that names nothing that is open is somebody's slip. */
static void
leave (Scan *self, const char *name, gsize length)
{
  for (guint i = self->levels->len; i > 0; i--)
    {
      const Level *level = self->levels->pdata[i - 1];

      if (strlen (level->name) != length || strncmp (level->name, name, length) != 0)
        continue;
      g_ptr_array_set_size (self->levels, (int) i - 1);
      return;
    }
}

/* %NULL: the place is in it. */
static const char *
read_closing (Scan *self, const char *tag)
{
  const char *name = tag + 2, *name_end = skip_name (name, self->end);
  const char *close = skip_space (name_end, self->end);

  if (self->place < name)
    return NULL; /* before the slash */
  if (self->place <= name_end)
    {
      settle (self, VALISE_XML_PLACE_CLOSING, name);
      return NULL;
    }
  if (close < self->end && *close == '>')
    close++;
  if (self->place < close)
    return NULL;
  leave (self, name, (gsize) (name_end - name));
  g_string_append_len (self->around, tag, close - tag);
  return close;
}

static const char *
read_opening (Scan *self, const char *tag)
{
  const char *name = tag + 1, *name_end = skip_name (name, self->end), *close;
  gboolean empty;

  if (self->place <= name_end)
    {
      settle (self, VALISE_XML_PLACE_ELEMENT, name);
      return NULL;
    }
  if (name_end == name)
    return name; /* a "<" that begins no tag */
  close = end_of_tag (name_end, self->end, &empty);
  enter (self, name, (gsize) (name_end - name));
  if (self->place < close || (self->place == close && close[-1] != '>'))
    {
      settle_in_tag (self, tag, name_end);
      return NULL;
    }
  if (empty)
    g_ptr_array_set_size (self->levels, (int) self->levels->len - 1);
  g_string_append_len (self->around, tag, close - tag);
  return close;
}

/* Comments, character data, instructions, declarations: passed over. %NULL: the place is in it. */
static const char *
read_other (Scan *self, const char *tag)
{
  static const char *const pairs[][2] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" }, { "<!", ">" } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (strncmp (tag, pairs[i][0], strlen (pairs[i][0])) == 0)
      {
        const char *close = behind (tag + strlen (pairs[i][0]), self->end, pairs[i][1]);

        return close != NULL && close <= self->place ? close : NULL;
      }
  return NULL;
}

static void
scan_before (Scan *self)
{
  const char *at = self->text;

  while (at != NULL)
    {
      const char *tag = memchr (at, '<', (gsize) (self->place - at));

      if (tag == NULL)
        {
          settle (self, VALISE_XML_PLACE_TEXT, skip_space (at, self->place));
          return;
        }
      g_string_append_len (self->around, at, tag - at);
      if (tag[1] == '/')
        at = read_closing (self, tag);
      else if (tag[1] == '!' || tag[1] == '?')
        at = read_other (self, tag);
      else
        at = read_opening (self, tag);
    }
}

/* --- what is behind it --- */

/* The other elements of the one that is open at the place. */
static void
add_later (Scan *self, GPtrArray *names)
{
  const char *at = self->place;
  int depth = 0;

  while (at < self->end && (at = memchr (at, '<', (gsize) (self->end - at))) != NULL && depth >= 0)
    {
      const char *name = at + 1, *name_end = skip_name (name, self->end);
      gboolean empty = FALSE;

      if (*name == '!' || *name == '?')
        name_end = behind (name, self->end, strncmp (name, "!--", 3) == 0 ? "-->" : ">");
      else if (*name == '/')
        depth--;
      else if (name_end > name)
        {
          if (depth == 0)
            g_ptr_array_add (names, g_strndup (name, (gsize) (name_end - name)));
          name_end = end_of_tag (name_end, self->end, &empty);
          depth += !empty;
        }
      if (name_end == NULL)
        return;
      at = MAX (name_end, at + 1);
    }
}

static void
add_present_elements (Scan *self)
{
  const Level *level = innermost (self);

  for (guint i = 0; level != NULL && i < level->present->len; i++)
    g_ptr_array_add (self->found->present, g_strdup (level->present->pdata[i]));
  if (level != NULL)
    add_later (self, self->found->present);
}

/* --- all of it --- */

/* As the writer of the document does it. */
static char
find_quote (const char *text, const char *place)
{
  for (const char *at = place - 1; at > text; at--)
    if (at[-1] == '=' && (*at == '\'' || *at == '"'))
      return *at;
  return '\'';
}

/* The elements that are open are closed, so that it can be read. */
static char *
close_around (Scan *self)
{
  gboolean in_tag = self->found->kind == VALISE_XML_PLACE_ATTRIBUTE || self->found->kind == VALISE_XML_PLACE_VALUE;

  for (guint i = self->levels->len; i > 0; i--)
    if (!in_tag || i < self->levels->len)
      g_string_append_printf (self->around, "</%s>", ((Level *) self->levels->pdata[i - 1])->name);
  return g_string_free (g_steal_pointer (&self->around), FALSE);
}

ValiseXmlPlace *
valise_xml_place_find (const char *text, gsize offset)
{
  Scan scan = { text, text + offset, text + strlen (text), NULL, NULL, NULL };
  g_autoptr (GPtrArray) levels = g_ptr_array_new_with_free_func (level_free);

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (scan.place <= scan.end, NULL);

  scan.levels = levels;
  scan.around = g_string_sized_new (offset + 64);
  scan.found = g_new0 (ValiseXmlPlace, 1);
  scan.found->present = g_ptr_array_new_with_free_func (g_free);
  scan.found->quote = find_quote (text, scan.place);
  scan_before (&scan);
  if (scan.found->kind == VALISE_XML_PLACE_TEXT || scan.found->kind == VALISE_XML_PLACE_ELEMENT)
    add_present_elements (&scan);
  if (scan.found->word == NULL)
    scan.found->word = g_strdup ("");
  scan.found->around = close_around (&scan);
  return scan.found;
}

void
valise_xml_place_free (ValiseXmlPlace *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self->attribute);
  g_ptr_array_unref (self->present);
  g_free (self->word);
  g_free (self->around);
  g_free (self);
}
