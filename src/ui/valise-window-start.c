/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-window-private.h"

#include <glib/gi18n-lib.h>

#include "model/valise-boot-once.h"

/* What it can start from in one part of the menu, the other ways to start below. */
static void
fill_menu (GMenu *menu, ValiseDocument *document)
{
  g_autoptr (GPtrArray) list = valise_boot_once_list (document);
  g_autoptr (GMenu) devices = g_menu_new ();
  g_autoptr (GMenu) firmware = g_menu_new ();
  g_autoptr (GMenu) other = g_menu_new ();

  g_menu_remove_all (menu);
  for (guint i = 0; i < list->len; i++)
    {
      const ValiseBootOnce *entry = list->pdata[i];
      g_autoptr (GMenuItem) item = g_menu_item_new (entry->label, NULL);

      g_menu_item_set_action_and_target (item, "machine.start-once", "s", entry->word);
      g_menu_append_item (g_str_equal (entry->word, VALISE_BOOT_ONCE_SETUP) ? firmware : devices, item);
    }
  if (g_menu_model_get_n_items (G_MENU_MODEL (devices)) > 0)
    g_menu_append_section (menu, _ ("Start This Time From"), G_MENU_MODEL (devices));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (firmware));
  g_menu_append (other, _ ("Start Without Keeping Changes"), "machine.start-disposable");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (other));
}

static void
on_start_once_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (machine != NULL)
    _valise_window_start_once (self, machine, g_variant_get_string (parameter, NULL));
}

static void
on_start_disposable_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ValiseWindow *self = data;
  ValiseMachine *machine = _valise_window_get_machine (self);

  if (machine != NULL)
    _valise_window_start_disposable (self, machine);
}

void
_valise_window_add_start_actions (ValiseWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "start-once", .parameter_type = "s", .activate = on_start_once_cb },
    { .name = "start-disposable", .activate = on_start_disposable_cb },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->machine_actions), entries, G_N_ELEMENTS (entries), self);
}

void
_valise_window_show_start_menu (ValiseWindow *self)
{
  ValiseMachine *machine = _valise_window_get_machine (self);
  ValiseDocument *document = machine != NULL && valise_machine_get_state (machine) == VALISE_MACHINE_OFF
                                     && valise_machine_can (machine, VALISE_VERB_START)
                                 ? valise_machine_get_document (machine)
                                 : NULL;
  GMenuModel *model = gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (self->once_button));

  gtk_widget_set_visible (self->once_button, document != NULL);
  /* Nothing changes below somebody's pointer. */
  if (document == NULL || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->once_button)))
    return;
  /* One popover for good: a new one at each change would come and go below the rest of the window. */
  if (model == NULL)
    {
      g_autoptr (GMenu) menu = g_menu_new ();

      gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->once_button), G_MENU_MODEL (menu));
      fill_menu (menu, document);
      return;
    }
  fill_menu (G_MENU (model), document);
}
