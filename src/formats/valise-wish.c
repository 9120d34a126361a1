/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of this computer a foreign machine could be given, said in a way that a plan can write down. */
#include "formats/valise-blueprint.h"

#include "base/valise-path.h"

#define MOST_WISHES 256
/* As long as asks show paths at most. */
#define LONGEST_PATH 120

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
is_shown_as_it_is (const char *path)
{
  g_autofree char *shown = valise_text_for_display (path, LONGEST_PATH);

  return g_path_is_absolute (path) && g_str_equal (shown, path);
}

void
valise_blueprint_wish_folder (ValiseBlueprint *self, const char *path, gboolean read_only)
{
  ValiseBlueprintWish *wish = add_wish (self, VALISE_WISH_FOLDER);

  if (wish == NULL)
    return;
  wish->path = path != NULL && is_shown_as_it_is (path) ? g_strdup (path) : NULL;
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
