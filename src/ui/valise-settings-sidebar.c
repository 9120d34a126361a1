/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/valise-hardware.h"
#include "ui/valise-settings-pages.h"

#define KEY "valise-key"
#define LINES_AT_ONCE 32 /* more than a large screen shows */

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

/* --- the lines --- */

static gboolean
same_mark (const ValiseSidebarEntry *one, const ValiseSidebarEntry *other)
{
  return one->severity == other->severity && one->changed == other->changed;
}

/* Whether the lines stay and only their marks change. */
static gboolean
same_lines (GPtrArray *one, GPtrArray *other)
{
  if (one == NULL || one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++)
    {
      const ValiseSidebarEntry *a = g_ptr_array_index (one, i), *b = g_ptr_array_index (other, i);
      if (!g_str_equal (a->key, b->key) || !g_str_equal (a->title, b->title)
          || g_strcmp0 (a->identity, b->identity) != 0 || g_strcmp0 (a->subtitle, b->subtitle) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
same_marks (GPtrArray *one, GPtrArray *other)
{
  for (guint i = 0; i < one->len; i++)
    if (!same_mark (g_ptr_array_index (one, i), g_ptr_array_index (other, i)))
      return FALSE;
  return TRUE;
}

/* Those below the edge of the list; they have their place from the beginning. */
static gboolean
fill_lines_cb (gpointer data)
{
  ValiseSettings *self = data;
  guint last = MIN (self->entries->len, self->filled + LINES_AT_ONCE);

  for (; self->filled < last; self->filled++)
    _valise_sidebar_row_fill (gtk_list_box_get_row_at_index (self->page_list, (int) self->filled),
                              g_ptr_array_index (self->entries, self->filled));
  if (self->filled < self->entries->len)
    return G_SOURCE_CONTINUE;
  self->fill_id = 0;
  return G_SOURCE_REMOVE;
}

static void
make_lines (ValiseSettings *self)
{
  g_clear_handle_id (&self->fill_id, g_source_remove);
  _valise_settings_empty (GTK_CONTAINER (self->page_list));
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (self->entries, i);
      GtkWidget *row = _valise_sidebar_row_new (entry);

      gtk_container_add (GTK_CONTAINER (self->page_list), row);
      _valise_sidebar_row_name (GTK_LIST_BOX_ROW (row), entry);
    }
  self->filled = 0;
  if (fill_lines_cb (self) == G_SOURCE_CONTINUE)
    self->fill_id = g_idle_add_full (G_PRIORITY_LOW, fill_lines_cb, self, NULL);
}

static void
mark_lines (ValiseSettings *self, GPtrArray *before)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ValiseSidebarEntry *entry = g_ptr_array_index (self->entries, i);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->page_list, (int) i);

      if (same_mark (g_ptr_array_index (before, i), entry))
        continue;
      _valise_sidebar_row_name (row, entry);
      if (i < self->filled)
        _valise_sidebar_row_fill (row, entry);
    }
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
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->entries);
  const ValiseSidebarEntry *current;
  gboolean had_focus = gtk_container_get_focus_child (GTK_CONTAINER (self->page_list)) != NULL;
  gboolean stays;

  self->entries = list_entries (self);
  mark_entries (self, self->entries);
  stays = same_lines (before, self->entries);
  if (stays && same_marks (before, self->entries))
    return;
  self->rebuilding = TRUE;
  if (stays)
    mark_lines (self, before);
  else
    make_lines (self);
  self->rebuilding = FALSE;
  if (self->current == NULL)
    return;
  current = find_current (self);
  if (current == NULL)
    current = g_ptr_array_index (self->entries, 0);
  _valise_settings_show_entry (self, current);
  if (stays)
    return;
  self->reveal = TRUE;
  if (had_focus)
    gtk_widget_child_focus (GTK_WIDGET (self->page_list), GTK_DIR_TAB_FORWARD);
}

/* A list that was made anew starts at its top, and lines may get higher with what they say. */
void
_valise_settings_reveal_current (ValiseSettings *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->page_list);
  GtkAdjustment *adjustment = gtk_list_box_get_adjustment (self->page_list);
  GtkAllocation place;

  if (!self->reveal || row == NULL || adjustment == NULL)
    return;
  self->reveal = self->fill_id != 0;
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
      if (row != NULL && g_strcmp0 (_valise_sidebar_row_get_key (row), key) == 0)
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
