/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/valise-hardware.h"
#include "ui/valise-settings-pages.h"

#define KEY "valise-key"

static void
free_entry (gpointer data)
{
  ValiseSidebarEntry *entry = data;

  g_free (entry->key);
  g_free (entry->identity);
  g_free (entry->title);
  g_free (entry->subtitle);
  g_free (entry);
}

static void
add_fixed (GPtrArray *entries, const ValisePageInfo *info)
{
  ValiseSidebarEntry *entry = g_new0 (ValiseSidebarEntry, 1);

  entry->key = g_strdup (info->id);
  entry->identity = g_strdup (info->id);
  entry->page = info->id;
  entry->icon = info->icon;
  entry->title = g_strdup (_ (info->title));
  entry->severity = -1;
  g_ptr_array_add (entries, entry);
}

/* A modern board has a dozen ports that nobody ever looks for: search finds them, and adding one shows it. */
static gboolean
is_quiet (ValiseDocument *document, const ValiseDevice *device)
{
  g_autofree char *knob = g_strconcat (device->path, "/@type", NULL);
  g_autofree char *type = g_str_equal (device->page, "controller") ? valise_document_get (document, knob) : NULL;

  return g_strcmp0 (type, "pci") == 0;
}

static void
add_devices (GPtrArray *entries, ValiseDocument *document, GPtrArray *devices, const char *page)
{
  for (guint i = 0; i < devices->len; i++)
    {
      ValiseDevice *device = g_ptr_array_index (devices, i);
      ValiseSidebarEntry *entry;

      if (!g_str_equal (device->page, page))
        continue;
      entry = g_new0 (ValiseSidebarEntry, 1);
      entry->key = g_strdup (device->path);
      entry->identity = g_strdup (device->identity);
      entry->page = device->page;
      entry->icon = device->icon;
      entry->title = g_strdup (device->title);
      entry->subtitle = g_strdup (device->subtitle);
      entry->severity = -1;
      entry->quiet = is_quiet (document, device);
      g_ptr_array_add (entries, entry);
    }
}

static GPtrArray *
list_entries (ValiseSettings *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (free_entry);
  g_autoptr (GPtrArray) devices =
      valise_device_list_new (valise_edit_session_get_draft (self->session),
                              valise_edit_session_get_directory (self->session), valise_disk_facts_get ());
  gsize length;
  const ValisePageInfo *pages = valise_settings_pages (&length);

  for (gsize i = 0; i < length; i++)
    if (pages[i].element == NULL)
      add_fixed (entries, &pages[i]);
    else
      add_devices (entries, valise_edit_session_get_draft (self->session), devices, pages[i].id);
  return entries;
}

/* A knob below a device belongs to that device's entry; "devices/disk/..." without a number means the first. */
static gboolean
is_in_device (const char *knob, const char *device)
{
  gsize length = strlen (device);
  gsize bare = strcspn (device, "[");

  if (strncmp (knob, device, length) == 0 && (knob[length] == '/' || knob[length] == '\0'))
    return TRUE;
  return g_str_equal (device + bare, "[1]") && strncmp (knob, device, bare) == 0
         && (knob[bare] == '/' || knob[bare] == '\0');
}

static ValiseSidebarEntry *
entry_of_knob (GPtrArray *entries, const char *knob)
{
  const char *page = valise_settings_pages_of_knob (knob);

  for (guint i = 0; i < entries->len; i++)
    {
      ValiseSidebarEntry *entry = g_ptr_array_index (entries, i);
      if (strchr (entry->key, '[') != NULL ? is_in_device (knob, entry->key) : g_strcmp0 (page, entry->page) == 0)
        return entry;
    }
  return NULL;
}

static void
mark_entries (ValiseSettings *self, GPtrArray *entries)
{
  GPtrArray *findings = valise_edit_session_get_findings (self->session);
  g_autoptr (GPtrArray) changes = valise_edit_session_list_changes (self->session);

  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);
      ValiseSidebarEntry *entry = finding->where != NULL ? entry_of_knob (entries, finding->where) : NULL;
      if (entry != NULL)
        entry->severity = MAX (entry->severity, (int) finding->severity);
    }
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseChange *change = g_ptr_array_index (changes, i);
      ValiseSidebarEntry *entry = entry_of_knob (entries, change->knob);
      if (entry != NULL)
        entry->changed = TRUE;
    }
}

static gboolean
same_entries (GPtrArray *one, GPtrArray *other)
{
  if (one == NULL || one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++)
    {
      const ValiseSidebarEntry *a = g_ptr_array_index (one, i), *b = g_ptr_array_index (other, i);
      if (!g_str_equal (a->key, b->key) || !g_str_equal (a->title, b->title)
          || g_strcmp0 (a->subtitle, b->subtitle) != 0 || a->severity != b->severity || a->changed != b->changed)
        return FALSE;
    }
  return TRUE;
}

static GtkWidget *
make_words (const ValiseSidebarEntry *entry)
{
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (entry->title);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (words), title);
  if (entry->subtitle != NULL && *entry->subtitle != '\0')
    {
      GtkWidget *subtitle = gtk_label_new (entry->subtitle);
      gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
      gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_MIDDLE);
      gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), GTK_STYLE_CLASS_DIM_LABEL);
      gtk_style_context_add_class (gtk_widget_get_style_context (subtitle), "valise-caption");
      gtk_container_add (GTK_CONTAINER (words), subtitle);
    }
  return words;
}

static const char *
mark_in_words (const ValiseSidebarEntry *entry)
{
  if (entry->severity == VALISE_SEVERITY_ERROR)
    return _ ("Something is wrong here");
  if (entry->severity == VALISE_SEVERITY_WARNING)
    return _ ("Something is worth a look here");
  return entry->changed ? _ ("Changed") : NULL;
}

static GtkWidget *
make_mark (const ValiseSidebarEntry *entry)
{
  GtkWidget *mark;

  if (entry->severity == VALISE_SEVERITY_ERROR)
    mark = gtk_image_new_from_icon_name ("dialog-error-symbolic", GTK_ICON_SIZE_BUTTON);
  else if (entry->severity == VALISE_SEVERITY_WARNING)
    mark = gtk_image_new_from_icon_name ("dialog-warning-symbolic", GTK_ICON_SIZE_BUTTON);
  else
    mark = gtk_label_new (entry->changed ? "●" : "");
  gtk_style_context_add_class (gtk_widget_get_style_context (mark), "valise-mark");
  if (entry->severity >= VALISE_SEVERITY_WARNING)
    gtk_style_context_add_class (gtk_widget_get_style_context (mark),
                                 entry->severity == VALISE_SEVERITY_ERROR ? "error" : "warning");
  gtk_widget_set_tooltip_text (mark, mark_in_words (entry));
  return mark;
}

static void
add_row (ValiseSettings *self, const ValiseSidebarEntry *entry)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10));
  g_autofree char *name =
      g_strjoin (", ", entry->title, entry->subtitle != NULL ? entry->subtitle : mark_in_words (entry), NULL);

  g_object_set (box, "margin", 6, "margin-start", 10, NULL);
  gtk_widget_set_size_request (GTK_WIDGET (box), -1, 32);
  gtk_box_pack_start (box, gtk_image_new_from_icon_name (entry->icon, GTK_ICON_SIZE_BUTTON), FALSE, FALSE, 0);
  gtk_box_pack_start (box, make_words (entry), TRUE, TRUE, 0);
  gtk_box_pack_end (box, make_mark (entry), FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (row), GTK_WIDGET (box));
  g_object_set_data_full (G_OBJECT (row), KEY, g_strdup (entry->key), g_free);
  /* The line may be too short for it. */
  gtk_widget_set_tooltip_text (row, name);
  atk_object_set_name (gtk_widget_get_accessible (row), name);
  gtk_container_add (GTK_CONTAINER (self->page_list), row);
  gtk_widget_show_all (row);
  gtk_widget_set_visible (row, !entry->quiet || entry->changed || entry->severity >= VALISE_SEVERITY_WARNING);
}

/* The device that was shown may have another number now, or be gone. */
static const ValiseSidebarEntry *
find_current (ValiseSettings *self)
{
  const ValiseSidebarEntry *by_key = self->current != NULL ? _valise_settings_find_entry (self, self->current) : NULL;

  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (self->entries, i);
      if (g_strcmp0 (entry->identity, self->identity) == 0)
        return entry;
    }
  return by_key;
}

void
_valise_settings_update_sidebar (ValiseSettings *self)
{
  g_autoptr (GPtrArray) entries = list_entries (self);
  const ValiseSidebarEntry *current;
  gboolean had_focus = gtk_container_get_focus_child (GTK_CONTAINER (self->page_list)) != NULL;

  mark_entries (self, entries);
  if (same_entries (self->entries, entries))
    return;
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  self->entries = g_steal_pointer (&entries);
  self->rebuilding = TRUE;
  _valise_settings_empty (GTK_CONTAINER (self->page_list));
  for (guint i = 0; i < self->entries->len; i++)
    add_row (self, g_ptr_array_index (self->entries, i));
  self->rebuilding = FALSE;
  if (self->current == NULL)
    return;
  current = find_current (self);
  if (current == NULL)
    current = g_ptr_array_index (self->entries, 0);
  _valise_settings_show_entry (self, current);
  self->reveal = TRUE;
  if (had_focus)
    gtk_widget_child_focus (GTK_WIDGET (self->page_list), GTK_DIR_TAB_FORWARD);
}

/* A list that was made anew starts at its top. */
void
_valise_settings_reveal_current (ValiseSettings *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->page_list);
  GtkAdjustment *adjustment = gtk_list_box_get_adjustment (self->page_list);
  GtkAllocation place;

  if (!self->reveal || row == NULL || adjustment == NULL)
    return;
  self->reveal = FALSE;
  gtk_widget_get_allocation (GTK_WIDGET (row), &place);
  gtk_adjustment_clamp_page (adjustment, place.y, place.y + place.height);
}

const ValiseSidebarEntry *
_valise_settings_find_entry (ValiseSettings *self, const char *key)
{
  for (guint i = 0; self->entries != NULL && i < self->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (self->entries, i);
      if (g_str_equal (entry->key, key))
        return entry;
    }
  return NULL;
}

const ValiseSidebarEntry *
_valise_settings_find_page (ValiseSettings *self, const char *page)
{
  /* The one that is shown, if it fits: of several disks the one that is being looked at. */
  const ValiseSidebarEntry *current = self->current != NULL ? _valise_settings_find_entry (self, self->current) : NULL;

  if (current != NULL && g_str_equal (current->page, page))
    return current;
  for (guint i = 0; self->entries != NULL && i < self->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (self->entries, i);
      if (g_str_equal (entry->page, page))
        return entry;
    }
  return NULL;
}

static void
add_findings (ValiseSettings *self, const char *key, GPtrArray *findings, GPtrArray *list)
{
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      ValiseFinding *finding = g_ptr_array_index (findings, i);
      const ValiseSidebarEntry *entry = finding->where != NULL ? entry_of_knob (self->entries, finding->where) : NULL;

      if (entry != NULL && g_strcmp0 (entry->key, key) == 0)
        g_ptr_array_add (list, finding);
    }
}

GPtrArray *
_valise_settings_list_findings (ValiseSettings *self, const char *key)
{
  GPtrArray *list = g_ptr_array_new ();

  add_findings (self, key, valise_edit_session_get_findings (self->session), list);
  add_findings (self, key, self->refusals, list);
  return list;
}

void
_valise_settings_select_entry (ValiseSettings *self, const char *key)
{
  for (int i = 0; i < (int) self->entries->len; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->page_list, i);
      if (row != NULL && g_strcmp0 (g_object_get_data (G_OBJECT (row), KEY), key) == 0)
        {
          self->rebuilding = TRUE;
          gtk_widget_show (GTK_WIDGET (row));
          gtk_list_box_select_row (self->page_list, row);
          self->rebuilding = FALSE;
          return;
        }
    }
}

static void
on_hardware_clicked_cb (GtkWidget *button, ValiseSettings *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), KEY);
  const ValiseHardware *hardware = valise_hardware_lookup (id);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  gtk_popover_popdown (GTK_POPOVER (self->hardware_popover));
  path = valise_hardware_add (self->session, id, &error);
  if (path == NULL)
    {
      g_warning ("cannot add %s: %s", id, error->message);
      return;
    }
  if (!valise_settings_show_page (self, path))
    valise_settings_show_page (self, hardware->page);
}

void
_valise_settings_fill_hardware (ValiseSettings *self)
{
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);

  _valise_settings_empty (GTK_CONTAINER (self->hardware_box));
  for (gsize i = 0; i < length; i++)
    {
      GtkWidget *button = gtk_model_button_new ();
      g_autofree char *reason = valise_hardware_reason (self->session, table[i].id);
      g_autofree char *text = reason != NULL ? g_strdup_printf ("%s — %s", _ (table[i].label), reason) : NULL;
      g_autoptr (GIcon) icon = g_themed_icon_new (table[i].icon);

      g_object_set (button, "text", text != NULL ? text : _ (table[i].label), "icon", icon, NULL);
      gtk_widget_set_sensitive (button, reason == NULL);
      g_object_set_data (G_OBJECT (button), KEY, (gpointer) table[i].id);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_hardware_clicked_cb), self, 0);
      gtk_container_add (GTK_CONTAINER (self->hardware_box), button);
      gtk_widget_show (button);
    }
}
