/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-vbox-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/valise-path.h"

#define NAME_SHOWN 120
#define MOST_ADAPTERS 64
#define MOST_FORWARDS 64

/* How a card is connected: the element, the attribute that names the network, and the word for it. What is turned off
 * stands in another element, which is none of these. */
static const struct
{
  const char *element, *attribute, *word;
} modes[] = {
  { "NAT", NULL, "nat" },
  { "BridgedInterface", "name", "bridged" },
  { "HostOnlyInterface", "name", "hostonly" },
  { "HostOnlyNetwork", "name", "hostonly" },
  { "InternalNetwork", "name", "internal" },
  { "NATNetwork", "name", "natnetwork" },
  { "GenericInterface", "driver", "generic" },
  { "CloudNetwork", "name", "cloud" },
};

static char *
name_network (const xmlNode *adapter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const xmlNode *mode = valise_foreign_xml_child (adapter, modes[i].element);
      g_autofree char *name = modes[i].attribute != NULL ? _valise_vbox_shown (mode, modes[i].attribute) : NULL;

      if (mode != NULL)
        return name != NULL ? g_strconcat (modes[i].word, " ", name, NULL) : g_strdup (modes[i].word);
    }
  return NULL;
}

/* "0800272A589D" as it is written everywhere else. */
static char *
read_mac (const xmlNode *adapter)
{
  g_autofree char *digits = _valise_vbox_shown (adapter, "MACAddress");

  if (digits == NULL || strlen (digits) != 12 || strspn (digits, "0123456789abcdefABCDEF") != 12)
    return g_steal_pointer (&digits);
  return g_strdup_printf ("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2, digits + 4, digits + 6, digits + 8,
                          digits + 10);
}

static guint64
read_port (const char *text)
{
  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* A port of this computer that leads into the guest. */
static void
ask_for_ports (ValiseVbox *self, const xmlNode *adapter)
{
  const xmlNode *nat = valise_foreign_xml_child (adapter, "NAT");
  guint n = 0;

  for (const xmlNode *node = valise_foreign_xml_child (nat, "Forwarding"); node != NULL && n < MOST_FORWARDS;
       node = valise_foreign_xml_next (node->next, "Forwarding"), n++)
    {
      g_autofree char *from = _valise_vbox_shown (node, "hostport");
      g_autofree char *to = _valise_vbox_shown (node, "guestport");
      g_autofree char *protocol = _valise_vbox_shown (node, "proto");

      g_ptr_array_add (self->blueprint->asks,
                       g_strdup_printf (_ ("To be reached at port %s of this computer, as its port %s."),
                                        from != NULL ? from : "?", to != NULL ? to : "?"));
      /* VirtualBox writes TCP as 1, and UDP as 0. */
      valise_blueprint_wish_port (self->blueprint, g_strcmp0 (protocol, "0") == 0, read_port (from), read_port (to));
    }
}

static void
add_nic (ValiseVbox *self, const xmlNode *adapter)
{
  ValiseBlueprintNic *nic = valise_blueprint_add_nic (self->blueprint);

  nic->model = _valise_vbox_shown (adapter, "type");
  nic->network = name_network (adapter);
  nic->mac = read_mac (adapter);
  nic->connected = nic->network != NULL && _valise_vbox_is_on (adapter, "cable", TRUE);
  ask_for_ports (self, adapter);
}

static void
read_sound (ValiseVbox *self)
{
  const xmlNode *node = _valise_vbox_part (self, "AudioAdapter");
  g_autofree char *driver = valise_foreign_xml_attribute (node, "driver");

  if (node == NULL || !_valise_vbox_is_on (node, "enabled", driver != NULL)
      || (driver != NULL && g_ascii_strcasecmp (driver, "Null") == 0))
    return;
  self->blueprint->sound = _valise_vbox_shown (node, "controller");
  if (self->blueprint->sound == NULL)
    self->blueprint->sound = g_strdup ("AC97");
}

void
_valise_vbox_add_cards (ValiseVbox *self)
{
  for (const xmlNode *node = valise_foreign_xml_child (_valise_vbox_part (self, "Network"), "Adapter");
       node != NULL && self->blueprint->nics->len < MOST_ADAPTERS;
       node = valise_foreign_xml_next (node->next, "Adapter"))
    if (_valise_vbox_is_on (node, "enabled", FALSE))
      add_nic (self, node);
  read_sound (self);
}
