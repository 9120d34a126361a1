/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-plist.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The settings of a machine with dozens of devices have some hundred parts. */
#define MOST_NODES 10000
#define MOST_CONTAINERS 2000
#define DEEPEST 32
#define TRAILER 32
#define ARRAY 0xa
#define SET 0xc
#define DICTIONARY 0xd

G_DEFINE_QUARK (valise - plist - error - quark, valise_plist_error)

/* --- binary lists: what they unfold to --- */

typedef struct
{
  const guint8 *data;
  gsize length; /* before the trailer */
  guint offset_size, reference_size;
  guint64 count, root, table;
  guint *weights; /* 0: not weighed yet, G_MAXUINT: being weighed */
} Binary;

static guint64
get_number (const guint8 *bytes, guint size)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

static gboolean
read_trailer (Binary *self, const guint8 *trailer)
{
  self->offset_size = trailer[6];
  self->reference_size = trailer[7];
  self->count = get_number (trailer + 8, 8);
  self->root = get_number (trailer + 16, 8);
  self->table = get_number (trailer + 24, 8);
  return self->offset_size >= 1 && self->offset_size <= 8 && self->reference_size >= 1 && self->reference_size <= 8
         && self->count >= 1 && self->count <= MOST_NODES && self->root < self->count && self->table < self->length
         && self->count * self->offset_size <= self->length - self->table;
}

/* Where the references of the container at @at begin and how many there are; 0 for what is no container. */
static guint64
count_references (const Binary *self, guint64 *at)
{
  guint kind = self->data[*at] >> 4;
  guint64 count = self->data[*at] & 0xf;

  *at += 1;
  if (kind != ARRAY && kind != SET && kind != DICTIONARY)
    return 0;
  if (count == 0xf)
    {
      guint size;

      if (*at >= self->length || self->data[*at] >> 4 != 1)
        return G_MAXUINT;
      size = 1u << (self->data[*at] & 0xf);
      if (size > 8 || size >= self->length - *at)
        return G_MAXUINT;
      count = get_number (self->data + *at + 1, size);
      *at += 1 + size;
    }
  if (count > MOST_NODES)
    return G_MAXUINT;
  return kind == DICTIONARY ? count * 2 : count;
}

/* How many nodes the object becomes; 0 for too many, too deep, or a circle. */
static guint
weigh (Binary *self, guint64 index, guint depth)
{
  guint64 at, count;
  guint weight = 1;

  if (index >= self->count || depth > DEEPEST || self->weights[index] == G_MAXUINT)
    return 0;
  if (self->weights[index] > 0)
    return self->weights[index];
  at = get_number (self->data + self->table + index * self->offset_size, self->offset_size);
  if (at >= self->length)
    return 0;
  self->weights[index] = G_MAXUINT;
  count = count_references (self, &at);
  if (count > self->length || count * self->reference_size > self->length - MIN (at, self->length))
    return 0;
  for (guint64 i = 0; i < count; i++)
    {
      guint part =
          weigh (self, get_number (self->data + at + i * self->reference_size, self->reference_size), depth + 1);

      weight += part;
      if (part == 0 || weight > MOST_NODES)
        return 0;
    }
  self->weights[index] = weight;
  return weight;
}

static gboolean
is_bounded_binary (const char *data, gsize length)
{
  Binary binary = { .data = (const guint8 *) data };
  g_autofree guint *weights = NULL;

  if (length < 8 + TRAILER)
    return FALSE;
  binary.length = length - TRAILER;
  if (!read_trailer (&binary, binary.data + binary.length))
    return FALSE;
  weights = binary.weights = g_new0 (guint, binary.count);
  return weigh (&binary, binary.root, 1) > 0;
}

/* --- XML lists --- */

/* Each that opens counts, for what closes may be written where no parser sees it. */
static gboolean
is_bounded_xml (const char *data, gsize length)
{
  guint containers = 0, nodes = 0;

  for (gsize i = 0; i + 7 <= length; i++)
    if (data[i] == '<')
      {
        /* Apple's own type of document says nothing within; what says something there wants to be unfolded. */
        if (memcmp (data + i, "<!ENTIT", 7) == 0 || memcmp (data + i, "<!ELEME", 7) == 0)
          return FALSE;
        nodes++;
        if (memcmp (data + i, "<array", 6) == 0 || memcmp (data + i, "<dict", 5) == 0
            || memcmp (data + i, "<plist", 6) == 0)
          containers++;
      }
  return containers <= MOST_CONTAINERS && nodes <= 4 * MOST_NODES;
}

/* --- public --- */

plist_t
valise_plist_parse (GBytes *bytes, const char *name, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gboolean binary = length >= 8 && memcmp (data, "bplist00", 8) == 0;
  plist_t list = NULL;

  if (length > G_MAXINT32 || !(binary ? is_bounded_binary (data, length) : is_bounded_xml (data, length)))
    {
      g_set_error (error, VALISE_PLIST_ERROR, VALISE_PLIST_ERROR_LIMIT,
                   _ ("%s is damaged, or holds more than any settings do."), name);
      return NULL;
    }
  if (binary)
    plist_from_bin (data, (uint32_t) length, &list);
  else if (length > 0)
    plist_from_xml (data, (uint32_t) length, &list);
  if (list != NULL && plist_get_node_type (list) == PLIST_DICT)
    return list;
  plist_free (list);
  g_set_error (error, VALISE_PLIST_ERROR, VALISE_PLIST_ERROR_SYNTAX,
               _ ("%s is no property list of settings, or it is damaged."), name);
  return NULL;
}

plist_t
valise_plist_get (plist_t dictionary, const char *key, plist_type type)
{
  plist_t node = dictionary != NULL ? plist_dict_get_item (dictionary, key) : NULL;

  return node != NULL && plist_get_node_type (node) == type ? node : NULL;
}

char *
valise_plist_get_text (plist_t dictionary, const char *key)
{
  plist_t node = valise_plist_get (dictionary, key, PLIST_STRING);
  const char *text = node != NULL ? plist_get_string_ptr (node, NULL) : NULL;

  return text != NULL && g_utf8_validate (text, -1, NULL) ? g_strdup (text) : NULL;
}

guint64
valise_plist_get_number (plist_t dictionary, const char *key, guint64 most, guint64 fallback)
{
  plist_t node = valise_plist_get (dictionary, key, PLIST_UINT);
  guint64 value = fallback;

  if (node != NULL)
    plist_get_uint_val (node, &value);
  return value <= most ? value : fallback;
}

gboolean
valise_plist_get_flag (plist_t dictionary, const char *key, gboolean fallback)
{
  plist_t node = valise_plist_get (dictionary, key, PLIST_BOOLEAN);
  guint8 value = fallback;

  if (node != NULL)
    plist_get_bool_val (node, &value);
  return value != 0;
}

guint
valise_plist_count (plist_t array)
{
  return array != NULL ? plist_array_get_size (array) : 0;
}

plist_t
valise_plist_nth (plist_t array, guint index)
{
  plist_t node = plist_array_get_item (array, index);

  return node != NULL && plist_get_node_type (node) == PLIST_DICT ? node : NULL;
}
