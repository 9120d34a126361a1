/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-firmware-private.h"

#include <json-glib/json-glib.h>

/* A descriptor is a few hundred bytes; anything much larger is none. */
#define DESCRIPTOR_MAX (64 * 1024)

static void
build_free (ValiseFirmwareBuild *self)
{
  g_free (self->executable);
  g_free (self->template);
  g_strfreev (self->machines);
  g_free (self->arch);
  g_free (self);
}

static JsonObject *
member_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
member_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
member_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static const char *
element_string (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static GStrv
strings (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (element_string (array, i) != NULL)
      g_strv_builder_add (builder, element_string (array, i));
  return g_strv_builder_end (builder);
}

static gboolean
has_string (JsonObject *object, const char *name, const char *wanted)
{
  g_auto (GStrv) all = strings (member_array (object, name));

  return g_strv_contains ((const char *const *) all, wanted);
}

static JsonObject *
first_target (JsonObject *root)
{
  JsonArray *targets = member_array (root, "targets");

  if (targets == NULL || json_array_get_length (targets) == 0)
    return NULL;
  return JSON_NODE_HOLDS_OBJECT (json_array_get_element (targets, 0)) ? json_array_get_object_element (targets, 0)
                                                                      : NULL;
}

static ValiseFirmwareBuild *
build_from_object (JsonObject *root)
{
  JsonObject *mapping = member_object (root, "mapping");
  const char *executable = member_string (member_object (mapping, "executable"), "filename");
  JsonObject *target = first_target (root);
  ValiseFirmwareBuild *self;

  if (g_strcmp0 (member_string (mapping, "device"), "flash") != 0 || !has_string (root, "interface-types", "uefi")
      || executable == NULL || member_string (target, "architecture") == NULL)
    return NULL;
  self = g_new0 (ValiseFirmwareBuild, 1);
  self->executable = g_strdup (executable);
  self->template = g_strdup (member_string (member_object (mapping, "nvram-template"), "filename"));
  self->machines = strings (member_array (target, "machines"));
  self->arch = g_strdup (member_string (target, "architecture"));
  self->secure_boot = has_string (root, "features", "secure-boot");
  self->enrolled_keys = has_string (root, "features", "enrolled-keys");
  return self;
}

static ValiseFirmwareBuild *
build_from_file (const char *path)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *text = NULL;
  gsize length;
  JsonNode *root;

  if (!g_file_get_contents (path, &text, &length, NULL) || length > DESCRIPTOR_MAX
      || !json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? build_from_object (json_node_get_object (root)) : NULL;
}

/* Fills @files (base name to path); a later directory takes a name over, and an empty file there hides it, as QEMU's
 * rule is. */
static void
collect (GHashTable *files, const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_hash_table_replace (files, g_strdup (name), g_build_filename (directory, name, NULL));
}

static void
collect_all (GHashTable *files)
{
  const char *override = g_getenv ("VALISE_FIRMWARE_DIR");
  g_autofree char *own = NULL;

  if (override != NULL)
    {
      collect (files, override);
      return;
    }
  collect (files, "/usr/share/qemu/firmware");
  collect (files, "/etc/qemu/firmware");
  own = g_build_filename (g_get_user_config_dir (), "qemu", "firmware", NULL);
  collect (files, own);
}

GPtrArray *
_valise_firmware_list (void)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) builds = g_ptr_array_new_with_free_func ((GDestroyNotify) build_free);
  g_autoptr (GList) names = NULL;

  collect_all (files);
  names = g_list_sort (g_hash_table_get_keys (files), (GCompareFunc) g_strcmp0);
  for (GList *l = names; l != NULL; l = l->next)
    {
      ValiseFirmwareBuild *build = build_from_file (g_hash_table_lookup (files, l->data));

      if (build != NULL)
        g_ptr_array_add (builds, build);
    }
  return g_steal_pointer (&builds);
}

const ValiseFirmwareBuild *
_valise_firmware_find (GPtrArray *builds, const char *arch, gboolean secure_boot)
{
  for (guint i = 0; i < builds->len; i++)
    {
      const ValiseFirmwareBuild *build = builds->pdata[i];

      if (g_str_equal (build->arch, arch) && build->secure_boot == secure_boot)
        return build;
    }
  return NULL;
}

gboolean
_valise_firmware_owns (GPtrArray *builds, const char *path)
{
  for (guint i = 0; i < builds->len; i++)
    {
      const ValiseFirmwareBuild *build = builds->pdata[i];

      if (g_strcmp0 (build->executable, path) == 0 || g_strcmp0 (build->template, path) == 0)
        return TRUE;
    }
  return FALSE;
}
