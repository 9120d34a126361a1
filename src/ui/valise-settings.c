/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-hardware.h"
#include "ui/valise-settings-pages.h"
#include "ui/valise-sidebar-list.h"
#include "ui/valise-special-rows.h"
#include "ui/valise-style.h"

/* With less than this for a page, list and page are not shown together. */
#define PAGE_WIDTH 520
/* With less than this a row's words and its control get into each other's way, and the control goes below them. */
#define LEAST_WIDTH 320

enum
{
  PROP_0,
  PROP_SESSION,
  PROP_FOLDED,
  PROP_APPLY_VISIBLE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_APPLY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSettings, valise_settings, GTK_TYPE_BIN)

static GType
type_of_page (const char *id)
{
  const ValisePageInfo *info = valise_settings_pages_lookup (id);

  return info != NULL && info->get_type != NULL ? info->get_type () : G_TYPE_INVALID;
}

static void
destroy_child (GtkWidget *child, gpointer user_data)
{
  gtk_widget_destroy (child);
}

void
_valise_settings_empty (GtkContainer *container)
{
  gtk_container_foreach (container, destroy_child, NULL);
}

static void
on_remove_cb (ValiseSettings *self, ValiseSettingsPage *page)
{
  g_autofree char *device = g_strdup (valise_settings_page_get_device (page));
  g_autoptr (GError) error = NULL;

  if (device != NULL && !valise_hardware_remove (self->session, device, &error))
    g_warning ("cannot remove %s: %s", device, error->message);
}

static gboolean
on_narrow_due_cb (gpointer user_data)
{
  ValiseSettingsPage *page = user_data;
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (page), GTK_TYPE_SCROLLED_WINDOW);

  if (scroller != NULL)
    valise_settings_page_set_narrow (page, gtk_widget_get_allocated_width (scroller) < VALISE_SETTINGS_ROW_WIDTH);
  return G_SOURCE_REMOVE;
}

/* Not at once: whoever is being given its size cannot ask for another one. */
static void
on_page_sized_cb (ValiseSettingsPage *page)
{
  g_idle_add_full (GTK_PRIORITY_RESIZE - 1, on_narrow_due_cb, g_object_ref (page), g_object_unref);
}

/* Pages are narrow columns in the middle, as in every settings window of GNOME. */
static GtkWidget *
wrap_page (GtkWidget *page)
{
  GtkWidget *scroller = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *clamp = hdy_clamp_new ();

  /* The same width for all pages: whether list and page fit side by side depends on the window, not on what is shown.
   */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (scroller), LEAST_WIDTH);
  gtk_scrolled_window_set_max_content_width (GTK_SCROLLED_WINDOW (scroller), PAGE_WIDTH);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  g_signal_connect_object (scroller, "size-allocate", G_CALLBACK (on_page_sized_cb), page, G_CONNECT_SWAPPED);
  hdy_clamp_set_maximum_size (HDY_CLAMP (clamp), 860);
  hdy_clamp_set_tightening_threshold (HDY_CLAMP (clamp), 700);
  gtk_container_add (GTK_CONTAINER (clamp), page);
  gtk_container_add (GTK_CONTAINER (scroller), clamp);
  gtk_widget_show (clamp);
  gtk_widget_show (page);
  gtk_widget_show (scroller);
  return scroller;
}

static ValiseSettingsPage *
get_page (ValiseSettings *self, const char *id)
{
  ValiseSettingsPage *page = g_hash_table_lookup (self->pages, id);

  if (page != NULL || type_of_page (id) == G_TYPE_INVALID)
    return page;
  page = g_object_new (type_of_page (id), NULL);
  g_signal_connect_object (page, "remove-device", G_CALLBACK (on_remove_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->page_stack, wrap_page (GTK_WIDGET (page)), id);
  g_hash_table_insert (self->pages, g_strdup (id), page);
  return page;
}

static ValiseSettingsPage *
current_page (ValiseSettings *self)
{
  const char *shown = gtk_stack_get_visible_child_name (self->page_stack);
  return shown != NULL ? g_hash_table_lookup (self->pages, shown) : NULL;
}

static void
refresh_strip (ValiseSettings *self)
{
  const char *problem = self->xml_page != NULL ? valise_page_xml_get_problem (self->xml_page) : NULL;
  valise_changes_bar_refresh (self->changes_bar, problem);
}

static void
on_disk_facts_cb (ValiseSettings *self)
{
  if (self->session != NULL)
    _valise_settings_update_sidebar (self);
}

static void
show_xml (ValiseSettings *self)
{
  if (self->xml_page == NULL)
    {
      self->xml_page = g_object_new (VALISE_TYPE_PAGE_XML, NULL);
      gtk_stack_add_named (self->page_stack, GTK_WIDGET (self->xml_page), "xml");
      gtk_widget_show (GTK_WIDGET (self->xml_page));
      valise_page_xml_set_session (self->xml_page, self->session);
      g_signal_connect_object (self->xml_page, "changed", G_CALLBACK (refresh_strip), self, G_CONNECT_SWAPPED);
    }
  gtk_stack_set_visible_child_name (self->page_stack, "xml");
  valise_page_xml_refresh (self->xml_page);
}

static void
show_findings (ValiseSettings *self, ValiseSettingsPage *page)
{
  g_autoptr (GPtrArray) findings = _valise_settings_list_findings (self, self->current);

  valise_settings_page_set_findings (page, findings);
}

static void
show_settings_page (ValiseSettings *self, const ValiseSidebarEntry *entry)
{
  ValiseSettingsPage *page = get_page (self, entry->page);
  gboolean device = strchr (entry->key, '[') != NULL;

  valise_settings_page_bind (page, self->session, device ? entry->key : NULL, device ? entry->title : NULL);
  valise_settings_page_set_refusals (page, self->refusals);
  show_findings (self, page);
  gtk_stack_set_visible_child_name (self->page_stack, entry->page);
}

void
_valise_settings_show_entry (ValiseSettings *self, const ValiseSidebarEntry *entry)
{
  ValiseSettingsPage *before = current_page (self);

  if (before != NULL && g_strcmp0 (self->current, entry->key) != 0 && !self->rebuilding)
    {
      /* What is being typed belongs to the device that is left; taking it may rebuild the list that @entry is from. */
      g_autofree char *key = g_strdup (entry->key);
      valise_settings_page_flush (before);
      entry = _valise_settings_find_entry (self, key);
      if (entry == NULL)
        return;
    }
  g_free (self->current);
  self->current = g_strdup (entry->key);
  g_free (self->identity);
  self->identity = g_strdup (entry->identity);
  _valise_settings_select_entry (self, entry->key);
  if (g_str_equal (entry->page, "xml"))
    show_xml (self);
  else
    show_settings_page (self, entry);
}

static void
on_add_absent_cb (GtkWidget *button, ValiseSettings *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "valise-id");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = valise_hardware_add (self->session, id, &error);

  if (path == NULL)
    g_warning ("cannot add %s: %s", id, error->message);
  else
    valise_settings_show_page (self, path);
}

/* The first kind of hardware that can be added, or else the first, that @page shows. */
static const ValiseHardware *
hardware_for (ValiseSettings *self, const char *page, char **reason)
{
  const ValiseHardware *first = NULL;
  gsize length;
  const ValiseHardware *table = valise_hardware_table (&length);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *why =
          g_str_equal (table[i].page, page) ? valise_hardware_reason (self->session, table[i].id) : NULL;

      if (!g_str_equal (table[i].page, page))
        continue;
      if (why == NULL)
        {
          g_clear_pointer (reason, g_free);
          return &table[i];
        }
      if (first != NULL)
        continue;
      first = &table[i];
      *reason = g_steal_pointer (&why);
    }
  return first;
}

/* A setting of a device that the machine does not have: say so, and offer it. */
static void
show_absent (ValiseSettings *self, const char *page)
{
  g_autofree char *reason = NULL;
  const ValiseHardware *hardware = hardware_for (self, page, &reason);
  GtkWidget *status = gtk_stack_get_child_by_name (self->page_stack, "absent");
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Add It"));
  g_autofree char *refusal =
      reason != NULL ? g_strdup_printf (_ ("The machine has none, and none can be added: %s."), reason) : NULL;

  if (status != NULL)
    gtk_widget_destroy (status);
  status = hdy_status_page_new ();
  hdy_status_page_set_icon_name (HDY_STATUS_PAGE (status), hardware != NULL ? hardware->icon : NULL);
  hdy_status_page_set_title (HDY_STATUS_PAGE (status), hardware != NULL ? _ (hardware->label) : page);
  hdy_status_page_set_description (HDY_STATUS_PAGE (status),
                                   refusal != NULL ? refusal
                                                   : _ ("The machine has none. Its settings appear once it is added."));
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (button), "valise-id", (gpointer) (hardware != NULL ? hardware->id : NULL));
  gtk_widget_set_sensitive (button, hardware != NULL && reason == NULL);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_add_absent_cb), self, 0);
  gtk_container_add (GTK_CONTAINER (status), button);
  gtk_widget_show_all (status);
  gtk_stack_add_named (self->page_stack, status, "absent");
  gtk_stack_set_visible_child_name (self->page_stack, "absent");
  gtk_list_box_unselect_all (self->page_list);
  g_clear_pointer (&self->current, g_free);
  g_clear_pointer (&self->identity, g_free);
  hdy_leaflet_set_visible_child (self->leaflet, self->content);
  gtk_widget_grab_focus (button);
}

static void
refresh_page (ValiseSettings *self)
{
  ValiseSettingsPage *page = current_page (self);

  if (page != NULL)
    {
      valise_settings_page_refresh (page);
      show_findings (self, page);
    }
  else if (self->xml_page != NULL && gtk_widget_get_mapped (GTK_WIDGET (self->xml_page)))
    valise_page_xml_refresh (self->xml_page);
}

static void
on_session_changed_cb (ValiseSettings *self)
{
  _valise_settings_update_sidebar (self);
  refresh_page (self);
  refresh_strip (self);
}

static void
on_page_selected_cb (ValiseSettings *self, GtkListBoxRow *row)
{
  const ValiseSidebarEntry *entry;

  if (row == NULL || self->rebuilding || self->entries == NULL)
    return;
  entry = g_ptr_array_index (self->entries, (guint) gtk_list_box_row_get_index (row));
  if (g_strcmp0 (entry->key, self->current) != 0)
    _valise_settings_show_entry (self, entry);
}

static void
on_page_activated_cb (ValiseSettings *self, GtkListBoxRow *row)
{
  on_page_selected_cb (self, row);
  hdy_leaflet_set_visible_child (self->leaflet, self->content);
}

static void
on_search_changed_cb (ValiseSettings *self)
{
  _valise_settings_search (self);
}

static void
on_search_activate_cb (ValiseSettings *self)
{
  /* Enter may come before the entry's own delay has passed. */
  _valise_settings_search (self);
  _valise_settings_activate_result (self, gtk_list_box_get_row_at_index (self->result_list, 0));
}

static void
on_search_stop_cb (ValiseSettings *self)
{
  _valise_settings_stop_search (self);
}

static gboolean
on_search_key_cb (ValiseSettings *self, GdkEvent *event)
{
  guint key = 0;

  gdk_event_get_keyval (event, &key);
  if (key != GDK_KEY_Down || gtk_list_box_get_row_at_index (self->result_list, 0) == NULL)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (self->result_list, 0)));
  return GDK_EVENT_STOP;
}

static void
on_result_activated_cb (ValiseSettings *self, GtkListBoxRow *row)
{
  _valise_settings_activate_result (self, row);
}

static void
on_hardware_opened_cb (ValiseSettings *self)
{
  if (self->session != NULL && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->hardware_button)))
    _valise_settings_fill_hardware (self);
}

static void
on_folded_cb (ValiseSettings *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDED]);
}

static void
on_apply_cb (ValiseSettings *self)
{
  if (valise_settings_flush (self))
    g_signal_emit (self, signals[SIGNAL_APPLY], 0);
}

static void
on_before_undo_cb (ValiseSettings *self)
{
  valise_settings_flush (self);
}

static gboolean
undo_or_redo (ValiseSettings *self, gboolean redo)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkWidget *focus = GTK_IS_WINDOW (top) ? gtk_window_get_focus (GTK_WINDOW (top)) : NULL;

  /* The XML page does it itself, having taken its own text first. */
  if (GTK_IS_TEXT_VIEW (focus) || self->session == NULL)
    return FALSE;
  valise_settings_flush (self);
  if (redo)
    valise_edit_session_redo (self->session);
  else
    valise_edit_session_undo (self->session);
  return TRUE;
}

static gboolean
valise_settings_handle_key (ValiseSettings *self, GdkEventKey *event)
{
  GdkModifierType held = event->state & gtk_accelerator_get_default_mod_mask ();

  if (event->keyval == GDK_KEY_f && held == GDK_CONTROL_MASK)
    {
      hdy_leaflet_set_visible_child (self->leaflet, self->sidebar);
      gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
      return TRUE;
    }
  if (event->keyval == GDK_KEY_Left && held == GDK_MOD1_MASK && valise_settings_get_folded (self))
    {
      valise_settings_go_back (self);
      return TRUE;
    }
  if (event->keyval == GDK_KEY_z && held == GDK_CONTROL_MASK)
    return undo_or_redo (self, FALSE);
  if ((event->keyval == GDK_KEY_Z && held == (GDK_CONTROL_MASK | GDK_SHIFT_MASK))
      || (event->keyval == GDK_KEY_y && held == GDK_CONTROL_MASK))
    return undo_or_redo (self, TRUE);
  if (event->keyval == GDK_KEY_s && held == GDK_CONTROL_MASK && self->apply_visible)
    {
      on_apply_cb (self);
      return TRUE;
    }
  return FALSE;
}

/* Before the focused entry sees it: an entry of GTK 3 has no undo of its own to be robbed of. */
static gboolean
on_toplevel_key_cb (GtkWidget *toplevel, GdkEventKey *event, ValiseSettings *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self)) && valise_settings_handle_key (self, event);
}

static void
valise_settings_hierarchy_changed (GtkWidget *widget, GtkWidget *before)
{
  GtkWidget *top = gtk_widget_get_toplevel (widget);

  if (before != NULL)
    g_signal_handlers_disconnect_by_func (before, on_toplevel_key_cb, widget);
  if (GTK_IS_WINDOW (top))
    g_signal_connect_object (top, "key-press-event", G_CALLBACK (on_toplevel_key_cb), widget, 0);
}

/* The search entry is first on the screen; the focus starts on the pages, so that its words can be read. */
static void
valise_settings_map (GtkWidget *widget)
{
  ValiseSettings *self = VALISE_SETTINGS (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->page_list);
  GtkWidget *top = gtk_widget_get_toplevel (widget);

  GTK_WIDGET_CLASS (valise_settings_parent_class)->map (widget);
  if (row != NULL && GTK_IS_WINDOW (top) && gtk_window_get_focus (GTK_WINDOW (top)) == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
valise_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ValiseSettings *self = VALISE_SETTINGS (object);

  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    case PROP_FOLDED:
      g_value_set_boolean (value, valise_settings_get_folded (self));
      break;
    case PROP_APPLY_VISIBLE:
      g_value_set_boolean (value, self->apply_visible);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ValiseSettings *self = VALISE_SETTINGS (object);

  switch (id)
    {
    case PROP_SESSION:
      valise_settings_set_session (self, g_value_get_object (value));
      break;
    case PROP_APPLY_VISIBLE:
      self->apply_visible = g_value_get_boolean (value);
      valise_changes_bar_set_apply_visible (self->changes_bar, self->apply_visible);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
valise_settings_dispose (GObject *object)
{
  ValiseSettings *self = VALISE_SETTINGS (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_handle_id (&self->fill_id, g_source_remove);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->pages, g_hash_table_unref);
  g_clear_pointer (&self->refusals, g_ptr_array_unref);
  G_OBJECT_CLASS (valise_settings_parent_class)->dispose (object);
}

static void
valise_settings_finalize (GObject *object)
{
  g_free (VALISE_SETTINGS (object)->current);
  g_free (VALISE_SETTINGS (object)->identity);
  G_OBJECT_CLASS (valise_settings_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/valise/Valise/ui/valise-settings.glade");
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, sidebar);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, content);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, search_entry);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, sidebar_stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, page_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, result_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, hardware_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, hardware_popover);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, hardware_box);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, page_stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseSettings, changes_bar);
  gtk_widget_class_bind_template_callback (widget_class, on_page_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_page_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_result_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_hardware_opened_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_before_undo_cb);
}

static void
valise_settings_class_init (ValiseSettingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  valise_style_load ();
  valise_special_rows_ensure ();
  g_type_ensure (VALISE_TYPE_CHANGES_BAR);
  g_type_ensure (VALISE_TYPE_SIDEBAR_LIST);
  object_class->get_property = valise_settings_get_property;
  object_class->set_property = valise_settings_set_property;
  object_class->dispose = valise_settings_dispose;
  object_class->finalize = valise_settings_finalize;
  GTK_WIDGET_CLASS (klass)->hierarchy_changed = valise_settings_hierarchy_changed;
  GTK_WIDGET_CLASS (klass)->map = valise_settings_map;
  properties[PROP_SESSION] =
      g_param_spec_object ("session", NULL, NULL, VALISE_TYPE_EDIT_SESSION, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLDED] =
      g_param_spec_boolean ("folded", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_APPLY_VISIBLE] =
      g_param_spec_boolean ("apply-visible", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_APPLY] =
      g_signal_new ("apply", VALISE_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
valise_settings_init (ValiseSettings *self)
{
  self->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->hardware_button, "toggled", G_CALLBACK (on_hardware_opened_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (valise_disk_facts_get (), "changed", G_CALLBACK (on_disk_facts_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->page_list, "size-allocate", G_CALLBACK (_valise_settings_reveal_current), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  /* Whoever opens the settings is about to search or set something. */
  valise_knob_catalogue_preload ();
}

void
valise_settings_set_session (ValiseSettings *self, ValiseEditSession *session)
{
  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  g_clear_pointer (&self->refusals, g_ptr_array_unref);
  valise_changes_bar_set_session (self->changes_bar, session);
  if (self->xml_page != NULL)
    valise_page_xml_set_session (self->xml_page, session);
  if (session != NULL)
    {
      g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed_cb), self, G_CONNECT_SWAPPED);
      if (self->current == NULL)
        self->current = g_strdup ("system");
      g_clear_handle_id (&self->fill_id, g_source_remove);
      g_clear_pointer (&self->entries, g_ptr_array_unref);
      _valise_settings_update_sidebar (self);
    }
  refresh_strip (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
}

gboolean
valise_settings_select_page (ValiseSettings *self, const char *page)
{
  const ValiseSidebarEntry *entry = _valise_settings_find_entry (self, page);

  if (entry == NULL)
    entry = _valise_settings_find_page (self, page);
  if (entry != NULL)
    _valise_settings_show_entry (self, entry);
  return entry != NULL;
}

gboolean
valise_settings_show_page (ValiseSettings *self, const char *page)
{
  if (!valise_settings_select_page (self, page))
    return FALSE;
  hdy_leaflet_set_visible_child (self->leaflet, self->content);
  return TRUE;
}

/* CDs and disks share their knobs. */
static const ValiseSidebarEntry *
find_place (ValiseSettings *self, const char *knob)
{
  const char *page = valise_settings_pages_of_knob (knob);
  const char *bracket = strchr (knob, ']');
  const ValiseSidebarEntry *entry = NULL;

  if (valise_settings_page_is_boot_order (knob))
    return _valise_settings_find_page (self, "boot");
  if (bracket != NULL && g_str_has_prefix (knob, "devices/"))
    {
      g_autofree char *device = g_strndup (knob, (gsize) (bracket - knob) + 1);
      entry = _valise_settings_find_entry (self, device);
    }
  if (entry == NULL && page != NULL)
    entry = _valise_settings_find_page (self, page);
  return entry;
}

gboolean
valise_settings_show_knob (ValiseSettings *self, const char *knob)
{
  const ValiseSidebarEntry *entry = find_place (self, knob);
  const char *known = valise_settings_pages_of_knob (knob);
  ValiseSettingsPage *page;
  ValiseSettingsRow *row;

  if (entry == NULL && known != NULL)
    {
      show_absent (self, known);
      return FALSE;
    }
  if (entry == NULL)
    return FALSE;
  valise_settings_show_page (self, entry->key);
  page = current_page (self);
  row = page != NULL ? valise_settings_page_find_row (page, knob) : NULL;
  if (row == NULL)
    return FALSE;
  valise_settings_row_focus (row);
  _valise_settings_reveal_row (GTK_WIDGET (row));
  return TRUE;
}

void
valise_settings_go_back (ValiseSettings *self)
{
  gboolean searching = g_strcmp0 (gtk_stack_get_visible_child_name (self->sidebar_stack), "results") == 0;
  GtkListBoxRow *row = gtk_list_box_get_selected_row (searching ? self->result_list : self->page_list);

  /* From where somebody was in the list the keys go on. */
  if (hdy_leaflet_navigate (self->leaflet, HDY_NAVIGATION_DIRECTION_BACK) && row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

gboolean
valise_settings_get_folded (ValiseSettings *self)
{
  return hdy_leaflet_get_folded (self->leaflet) && hdy_leaflet_get_visible_child (self->leaflet) == self->content;
}

gboolean
valise_settings_flush (ValiseSettings *self)
{
  ValiseSettingsPage *page = current_page (self);

  if (page != NULL)
    valise_settings_page_flush (page);
  return self->xml_page == NULL || valise_page_xml_flush (self->xml_page);
}

gboolean
valise_settings_is_sound (ValiseSettings *self, char **reason)
{
  const char *unread = self->xml_page != NULL ? valise_page_xml_get_problem (self->xml_page) : NULL;
  GPtrArray *findings = self->session != NULL ? valise_edit_session_get_findings (self->session) : NULL;
  g_autofree char *problem = g_strdup (unread);
  gboolean sound;

  for (guint i = 0; problem == NULL && findings != NULL && i < findings->len; i++)
    {
      const ValiseFinding *finding = g_ptr_array_index (findings, i);
      if (finding->severity == VALISE_SEVERITY_ERROR)
        problem = finding->remedy != NULL ? g_strdup_printf ("%s %s", finding->text, finding->remedy)
                                          : g_strdup (finding->text);
    }
  sound = problem == NULL;
  if (reason != NULL)
    *reason = g_steal_pointer (&problem);
  return sound;
}

void
valise_settings_set_refusals (ValiseSettings *self, GPtrArray *findings)
{
  ValiseSettingsPage *page = current_page (self);

  g_clear_pointer (&self->refusals, g_ptr_array_unref);
  self->refusals = findings != NULL ? g_ptr_array_ref (findings) : NULL;
  if (page == NULL)
    return;
  valise_settings_page_set_refusals (page, findings);
  show_findings (self, page);
}

void
valise_settings_refresh (ValiseSettings *self)
{
  g_return_if_fail (VALISE_IS_SETTINGS (self));

  refresh_page (self);
}
