/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of this computer a foreign machine could be given, said in a way that a plan can write down. */
#include "formats/valise-blueprint.h"

#include <stdio.h>
#include <string.h>

#include "base/valise-path.h"

#define MOST_WISHES 256
/* As long as asks show paths at most. */
#define LONGEST_PATH 120
/* What is longer is cut where it is shown, and nobody could know what he grants. */
#define LONGEST_SHOWN 240
#define LONGEST_TAG 31
#define LONGEST_HOST 64
#define MOST_WORDS 64
#define LISTENS_ON "127.0.0.1"
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

static ValiseBlueprintWish *
add_wish (ValiseBlueprint *self, ValiseWishKind kind)
{
  ValiseBlueprintWish *wish;

  if (self->asks->len == 0 || self->wishes->len == MOST_WISHES)
    return NULL;
  wish = g_new0 (ValiseBlueprintWish, 1);
  wish->kind = kind;
  wish->ask = self->asks->len - 1;
  g_ptr_array_add (self->wishes, wish);
  return wish;
}

static gboolean
is_shown_whole (const char *text, guint most)
{
  g_autofree char *shown = valise_text_for_display (text, most);

  return g_str_equal (shown, text);
}

static gboolean
is_shown_as_it_is (const char *path)
{
  return g_path_is_absolute (path) && is_shown_whole (path, LONGEST_PATH);
}

static gboolean
is_plain_word (const char *word, gsize longest)
{
  gsize length = word != NULL ? strlen (word) : 0;

  return length > 0 && length <= longest && g_ascii_isalnum (*word)
         && strspn (word, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._:-") == length;
}

/* --- folders, ports and devices that have numbers --- */

void
valise_blueprint_wish_folder (ValiseBlueprint *self, const char *path, const char *tag, gboolean read_only)
{
  ValiseBlueprintWish *wish = add_wish (self, VALISE_WISH_FOLDER);

  if (wish == NULL)
    return;
  wish->path = path != NULL && is_shown_as_it_is (path) ? g_strdup (path) : NULL;
  wish->tag = is_plain_word (tag, LONGEST_TAG) ? g_strdup (tag) : NULL;
  wish->read_only = read_only;
}

void
valise_blueprint_wish_port (ValiseBlueprint *self, gboolean udp, guint64 port, guint64 to)
{
  ValiseBlueprintWish *wish =
      port > 0 && port <= G_MAXUINT16 && to > 0 && to <= G_MAXUINT16 ? add_wish (self, VALISE_WISH_PORT) : NULL;

  if (wish == NULL)
    return;
  wish->udp = udp;
  wish->port = (guint) port;
  wish->to = (guint) to;
}

void
valise_blueprint_wish_usb (ValiseBlueprint *self, guint64 vendor, guint64 product)
{
  ValiseBlueprintWish *wish =
      vendor > 0 && vendor <= G_MAXUINT16 && product <= G_MAXUINT16 ? add_wish (self, VALISE_WISH_USB) : NULL;

  if (wish == NULL)
    return;
  wish->vendor = (guint) vendor;
  wish->product = (guint) product;
}

static void
add_card (ValiseBlueprint *self, guint64 domain, guint64 bus, guint64 slot, guint64 function)
{
  const guint64 address[] = { domain, bus, slot, function };
  gboolean fits = domain <= G_MAXUINT16 && bus <= G_MAXUINT8 && slot < 32 && function < 8;
  ValiseBlueprintWish *wish = fits ? add_wish (self, VALISE_WISH_CARD) : NULL;

  for (gsize i = 0; wish != NULL && i < G_N_ELEMENTS (address); i++)
    wish->address[i] = (guint) address[i];
}

void
valise_blueprint_wish_card_at (ValiseBlueprint *self, guint64 bus, guint64 slot, guint64 function)
{
  add_card (self, 0, bus, slot, function);
}

void
valise_blueprint_wish_card (ValiseBlueprint *self, const char *address)
{
  guint domain = 0, bus, slot, function;
  int end = -1;

  if (address == NULL || strlen (address) > LONGEST_TAG
      || strspn (address, "0123456789abcdefABCDEF:.") != strlen (address))
    return;
  /* VMware's newer ones have five digits and three, of which the bus's are decimal. */
  if (sscanf (address, "%5x:%3u:%2x.%1x%n", &domain, &bus, &slot, &function, &end) == 4 && end == 14
      && address[end] == '\0')
    add_card (self, domain, bus, slot, function);
  else if (sscanf (address, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) == 4 && address[end] == '\0')
    add_card (self, domain, bus, slot, function);
  else if (sscanf (address, "%2x:%2x.%1x%n", &bus, &slot, &function, &end) == 3 && address[end] == '\0')
    add_card (self, 0, bus, slot, function);
}

void
valise_blueprint_wish_network (ValiseBlueprint *self)
{
  add_wish (self, VALISE_WISH_NETWORK);
}

/* --- what is said in libvirt's words --- */

static void
add_element (ValiseBlueprint *self, ValiseWishKind kind, guint number, const char *xml)
{
  ValiseBlueprintWish *wish = add_wish (self, kind);

  if (wish == NULL)
    return;
  wish->xml = g_strdup (xml);
  wish->number = number;
}

void
valise_blueprint_wish_element (ValiseBlueprint *self, ValiseWishKind kind, const char *xml, const char *shown)
{
  if (is_shown_whole (shown, LONGEST_SHOWN))
    add_element (self, kind, kind == VALISE_WISH_SERIAL ? MAX (self->serial_ports, 1) - 1 : 0, xml);
}

static void
add_end (ValiseBlueprint *self, int number, const char *type, const char *rest)
{
  const char *element = number < 0 ? "parallel" : "serial";
  g_autofree char *xml = g_strdup_printf ("<%s type='%s'>%s</%s>", element, type, rest, element);

  add_element (self, number < 0 ? VALISE_WISH_DEVICE : VALISE_WISH_SERIAL, (guint) MAX (number, 0), xml);
}

void
valise_blueprint_wish_port_end (ValiseBlueprint *self, int number, const char *type, const char *path, gboolean binds)
{
  g_autofree char *source = NULL;

  if (path == NULL || !is_shown_as_it_is (path))
    return;
  if (g_str_equal (type, "unix"))
    source = g_markup_printf_escaped ("<source mode='%s' path='%s'/>", binds ? "bind" : "connect", path);
  else
    source = g_markup_printf_escaped ("<source path='%s'/>", path);
  add_end (self, number, type, source);
}

void
valise_blueprint_wish_port_socket (ValiseBlueprint *self,
                                   int number,
                                   const char *host,
                                   guint64 port,
                                   gboolean binds,
                                   gboolean telnet)
{
  g_autofree char *rest = NULL;

  if (port == 0 || port > G_MAXUINT16 || (!binds && !is_plain_word (host, LONGEST_HOST)))
    return;
  rest = g_markup_printf_escaped ("<source mode='%s' host='%s' service='%u'/><protocol type='%s'/>",
                                  binds ? "bind" : "connect", binds ? LISTENS_ON : host, (guint) port,
                                  telnet ? "telnet" : "raw");
  add_end (self, number, "tcp", rest);
}

void
valise_blueprint_wish_arguments (ValiseBlueprint *self, const char *const *words)
{
  g_autofree char *shown = g_strjoinv (" ", (char **) words);
  g_autoptr (GString) xml = g_string_new ("<qemu:commandline xmlns:qemu='" QEMU_NAMESPACE "'>");

  if (words[0] == NULL || g_strv_length ((char **) words) > MOST_WORDS || !is_shown_whole (shown, LONGEST_SHOWN))
    return;
  for (; *words != NULL; words++)
    {
      g_autofree char *word = g_markup_printf_escaped ("<qemu:arg value='%s'/>", *words);

      g_string_append (xml, word);
    }
  g_string_append (xml, "</qemu:commandline>");
  add_element (self, VALISE_WISH_SETTING, 0, xml->str);
}

void
valise_blueprint_wish_command_line (ValiseBlueprint *self, const char *written)
{
  g_auto (GStrv) words = NULL;

  if (strlen (written) <= LONGEST_SHOWN && g_shell_parse_argv (written, NULL, &words, NULL))
    valise_blueprint_wish_arguments (self, (const char *const *) words);
}
