/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-attached.h"

#include "model/valise-node-private.h"

typedef struct
{
  char *type; /* of the controller: "scsi" */
  guint64 index;
} Controller;

static gboolean
read_number (const char *text, guint64 *number)
{
  const char *digits = text != NULL && g_str_has_prefix (text, "0x") ? text + 2 : text;

  return text != NULL && g_ascii_string_to_unsigned (digits, digits == text ? 10 : 16, 0, G_MAXUINT, number, NULL);
}

static gboolean
says (xmlNode *node, const char *attribute, guint64 wanted)
{
  g_autofree char *text = node != NULL ? _valise_node_get (node, attribute) : NULL;
  guint64 number;

  return read_number (text, &number) && number == wanted;
}

/* Drives of each kind of controller have addresses of the same form; their bus tells them apart. */
static gboolean
is_on_bus (xmlNode *device, const char *type)
{
  if (_valise_node_is (device, "hostdev"))
    return _valise_node_is_set_to (device, "type", type);
  return _valise_node_is_set_to (_valise_node_child (device, "target"), "bus", type);
}

static gboolean
is_attached (xmlNode *device, const Controller *controller)
{
  xmlNode *address = _valise_node_child (device, "address");
  g_autofree char *form = address != NULL ? _valise_node_get (address, "type") : NULL;

  if (form == NULL)
    return FALSE;
  if (g_str_equal (form, "drive"))
    return is_on_bus (device, controller->type) && says (address, "controller", controller->index);
  if (g_str_equal (form, "pci") || g_str_equal (form, "usb"))
    return g_str_equal (form, controller->type) && says (address, "bus", controller->index);
  return g_str_equal (form, controller->type) && says (address, "controller", controller->index);
}

/* With a number also where it is the only one of its kind. */
static char *
path_of (ValiseDocument *document, xmlNode *device)
{
  g_autofree char *path = valise_document_path_of (document, device);

  return g_strconcat (path, g_str_has_suffix (path, "]") ? "" : "[1]", NULL);
}

static gboolean
read_controller (ValiseDocument *document, const char *path, Controller *controller)
{
  g_autofree char *type_path = g_strconcat (path, "/@type", NULL);
  g_autofree char *index_path = g_strconcat (path, "/@index", NULL);
  g_autofree char *index = valise_document_get (document, index_path);

  controller->type = valise_document_get (document, type_path);
  return controller->type != NULL && read_number (index, &controller->index);
}

GPtrArray *
valise_attached_list (ValiseDocument *document, const char *path)
{
  GPtrArray *attached = g_ptr_array_new_with_free_func (g_free);
  Controller controller = { NULL, 0 };
  xmlNode *devices;

  g_return_val_if_fail (document != NULL && path != NULL, attached);

  devices = _valise_node_child (xmlDocGetRootElement (valise_document_get_tree (document)), "devices");
  if (devices != NULL && read_controller (document, path, &controller))
    for (xmlNode *device = devices->children; device != NULL; device = device->next)
      if (device->type == XML_ELEMENT_NODE && is_attached (device, &controller))
        g_ptr_array_add (attached, path_of (document, device));
  g_free (controller.type);
  return attached;
}
