/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-import-table.h"

#include <glib/gi18n-lib.h>
#include <handy.h>

#include "base/valise-path.h"
#include "base/valise-size.h"
#include "formats/valise-guest-system.h"
#include "model/valise-systems.h"
#include "ui/valise-ask-row.h"
#include "ui/valise-import-rows.h"

#define NUMBER "valise-number"
#define LONGEST_NAME 120
#define MEMORY_LEAST 16

struct _ValiseImportTable
{
  GtkBox parent_instance;

  ValiseImportChoices *choices;
  ValiseCapabilities *capabilities;
  const ValiseImportPlan *plan;
  GtkWidget *hardware; /* the groups that do not count once somebody has set the machine up by hand */
  ValiseImportRow *said;
  ValiseImportRow *cpus, *memory, *firmware, *tpm, *sound, *by_hand;
  GPtrArray *drives; /* of ValiseImportRow, of the blueprint's places */
  GPtrArray *nics;
  GPtrArray *asks; /* the switches */
  GtkWidget *name;
  GtkWidget *configuration;
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_CONFIGURATION,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseImportTable, valise_import_table, GTK_TYPE_BOX)

static void
changed (ValiseImportTable *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static GtkWidget *
group_new (GtkWidget *parent, const char *title)
{
  GtkWidget *group = hdy_preferences_group_new ();

  if (title != NULL)
    hdy_preferences_group_set_title (HDY_PREFERENCES_GROUP (group), title);
  gtk_widget_show (group);
  gtk_container_add (GTK_CONTAINER (parent), group);
  return group;
}

static guint
number_of (GtkWidget *control)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (control), NUMBER));
}

static void
connect (ValiseImportTable *self, GtkWidget *control, const char *signal, guint number, GCallback callback)
{
  g_object_set_data (G_OBJECT (control), NUMBER, GUINT_TO_POINTER (number));
  g_signal_connect_object (control, signal, callback, self, 0);
}

/* --- the machine --- */

static void
on_name_changed_cb (GtkWidget *entry, ValiseImportTable *self)
{
  g_free (self->choices->name);
  self->choices->name = g_strstrip (g_strdup (gtk_entry_get_text (GTK_ENTRY (entry))));
  changed (self);
}

static void
on_configuration_cb (GtkWidget *combo, ValiseImportTable *self)
{
  g_signal_emit (self, signals[SIGNAL_CONFIGURATION], 0, gtk_combo_box_get_active_id (GTK_COMBO_BOX (combo)));
}

static void
add_configurations (ValiseImportTable *self, GtkWidget *group)
{
  const ValiseBlueprint *blueprint = self->choices->blueprint;
  g_autofree ValiseImportRow *row = NULL;
  GtkWidget *combo;

  if (blueprint->configurations == NULL || blueprint->configurations[0] == NULL)
    return;
  row = valise_import_row_new (group, _ ("Size that its maker offers"));
  combo = valise_import_combo_new ((const char *const *) blueprint->configurations, NULL, blueprint->configuration);
  valise_import_row_add (row, combo, _ ("Size that its maker offers"));
  connect (self, combo, "changed", 0, G_CALLBACK (on_configuration_cb));
  self->configuration = combo;
}

/* Only what libosinfo knows is a system; anything else is not known. */
static void
on_system_changed_cb (GtkWidget *entry, ValiseImportTable *self)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (entry));
  GPtrArray *systems = valise_systems_list ();
  const char *found = NULL;

  for (guint i = 0; found == NULL && i < systems->len; i++)
    {
      const ValiseSystem *system = systems->pdata[i];

      if (g_ascii_strcasecmp (system->name, text) == 0)
        found = system->id;
    }
  if ((found == NULL && *text != '\0') || g_strcmp0 (found, self->choices->system) == 0)
    return;
  valise_import_choices_set_system (self->choices, found);
  changed (self);
}

static void
complete_systems (GtkWidget *entry)
{
  g_autoptr (GtkEntryCompletion) completion = gtk_entry_completion_new ();
  g_autoptr (GtkListStore) store = gtk_list_store_new (1, G_TYPE_STRING);
  GPtrArray *systems = valise_systems_list ();

  for (guint i = 0; i < systems->len; i++)
    gtk_list_store_insert_with_values (store, NULL, -1, 0, ((const ValiseSystem *) systems->pdata[i])->name, -1);
  gtk_entry_completion_set_model (completion, GTK_TREE_MODEL (store));
  gtk_entry_completion_set_text_column (completion, 0);
  gtk_entry_set_completion (GTK_ENTRY (entry), completion);
}

static GtkWidget *
entry_new (const char *text)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_width_chars (GTK_ENTRY (entry), 18);
  gtk_entry_set_text (GTK_ENTRY (entry), text != NULL ? text : "");
  return entry;
}

static void
add_identity (ValiseImportTable *self)
{
  const ValiseBlueprint *blueprint = self->choices->blueprint;
  GtkWidget *group = group_new (GTK_WIDGET (self), NULL);
  g_autofree ValiseImportRow *name = valise_import_row_new (group, _ ("Name"));
  g_autofree ValiseImportRow *system = valise_import_row_new (group, _ ("System"));
  g_autofree char *stated = valise_guest_system_describe (blueprint->os_type);
  GtkWidget *entry = self->name = entry_new (self->choices->name);

  valise_import_row_add (name, entry, _ ("Name"));
  connect (self, entry, "changed", 0, G_CALLBACK (on_name_changed_cb));
  entry = entry_new (valise_systems_get_name (self->choices->system));
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("not known"));
  complete_systems (entry);
  valise_import_row_add (system, entry, _ ("System"));
  connect (self, entry, "changed", 0, G_CALLBACK (on_system_changed_cb));
  if (stated != NULL)
    valise_import_row_set_subtitle (system, stated);
  add_configurations (self, group);
}

/* --- processor, memory, firmware --- */

static void
on_cpus_changed_cb (GtkWidget *spin, ValiseImportTable *self)
{
  self->choices->cpus = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin));
  changed (self);
}

static void
on_memory_changed_cb (GtkWidget *spin, ValiseImportTable *self)
{
  self->choices->memory = (guint64) gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin));
  changed (self);
}

static void
on_firmware_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  self->choices->firmware = gtk_combo_box_get_active (GTK_COMBO_BOX (combo));
  changed (self);
}

static void
on_tpm_changed_cb (GtkWidget *toggle, GParamSpec *pspec, ValiseImportTable *self)
{
  self->choices->tpm = gtk_switch_get_active (GTK_SWITCH (toggle)) ? VALISE_CHOICE_YES : VALISE_CHOICE_NO;
  changed (self);
}

static void
on_sound_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  self->choices->sound = valise_import_combo_get (combo, valise_import_sounds (self->plan));
  changed (self);
}

static void
add_spin (ValiseImportTable *self,
          ValiseImportRow *row,
          double value,
          double least,
          double most,
          double step,
          GCallback callback)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (least, MAX (value, most), step);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  valise_import_row_add (row, spin, gtk_label_get_text (row->title));
  connect (self, spin, "value-changed", 0, callback);
}

static void
add_firmware (ValiseImportTable *self, GtkWidget *group)
{
  GtkWidget *combo = gtk_combo_box_text_new ();

  self->firmware = valise_import_row_new (group, _ ("Firmware"));
  for (gsize i = 0; valise_firmware_words ()[i] != NULL; i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), valise_firmware_label ((ValiseFirmware) i));
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), (int) self->plan->firmware);
  valise_import_row_add (self->firmware, combo, _ ("Firmware"));
  connect (self, combo, "changed", 0, G_CALLBACK (on_firmware_changed_cb));
}

static void
add_rest (ValiseImportTable *self, GtkWidget *group)
{
  GtkWidget *toggle = gtk_switch_new ();
  GtkWidget *sound = valise_import_combo_new (valise_import_sounds (self->plan), NULL,
                                              self->plan->sound != NULL ? self->plan->sound : "none");

  self->tpm = valise_import_row_new (group, _ ("Security chip (TPM)"));
  gtk_switch_set_active (GTK_SWITCH (toggle), self->plan->tpm);
  gtk_widget_set_sensitive (toggle, valise_capabilities_has_tpm (self->capabilities));
  valise_import_row_add (self->tpm, toggle, _ ("Security chip (TPM)"));
  connect (self, toggle, "notify::active", 0, G_CALLBACK (on_tpm_changed_cb));
  self->sound = valise_import_row_new (group, _ ("Sound"));
  valise_import_row_add (self->sound, sound, _ ("Sound"));
  connect (self, sound, "changed", 0, G_CALLBACK (on_sound_changed_cb));
}

static void
add_system (ValiseImportTable *self)
{
  GtkWidget *group = group_new (self->hardware, _ ("System"));
  double memory = (double) (valise_capabilities_get_memory (self->capabilities) / VALISE_MIB);

  self->cpus = valise_import_row_new (group, _ ("Processors"));
  add_spin (self, self->cpus, self->plan->cpus, 1, valise_capabilities_get_cpus (self->capabilities), 1,
            G_CALLBACK (on_cpus_changed_cb));
  self->memory = valise_import_row_new (group, _ ("Memory (MiB)"));
  add_spin (self, self->memory, (double) self->plan->memory, MEMORY_LEAST, memory, 256,
            G_CALLBACK (on_memory_changed_cb));
  add_firmware (self, group);
  add_rest (self, group);
}

/* --- disks --- */

static void
on_drive_taken_cb (GtkWidget *toggle, GParamSpec *pspec, ValiseImportTable *self)
{
  self->choices->drives[number_of (toggle)].taken = gtk_switch_get_active (GTK_SWITCH (toggle));
  changed (self);
}

static void
on_bus_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  self->choices->drives[number_of (combo)].bus = valise_import_combo_get (combo, valise_import_disk_buses (self->plan));
  changed (self);
}

static void
on_format_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  self->choices->drives[number_of (combo)].to_qcow2 = gtk_combo_box_get_active (GTK_COMBO_BOX (combo)) == 1;
  changed (self);
}

static void
add_disk_controls (ValiseImportTable *self, ValiseImportRow *row, guint number, const char *name)
{
  g_autofree char *bus_name = g_strdup_printf (_ ("Bus of %s"), name);
  g_autofree char *format_name = g_strdup_printf (_ ("Image of %s"), name);
  GtkWidget *bus = valise_import_combo_new (valise_import_disk_buses (self->plan), _ ("Bus that fits"),
                                            self->choices->drives[number].bus);
  GtkWidget *format = valise_import_combo_new (NULL, _ ("Keep its format"), NULL);

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (format), "qcow2", _ ("Make it qcow2"));
  gtk_combo_box_set_active (GTK_COMBO_BOX (format), self->choices->drives[number].to_qcow2);
  valise_import_row_add_below (row, bus, bus_name);
  valise_import_row_add_below (row, format, format_name);
  connect (self, bus, "changed", number, G_CALLBACK (on_bus_changed_cb));
  connect (self, format, "changed", number, G_CALLBACK (on_format_changed_cb));
}

static char *
name_drive (const ValiseBlueprintDrive *drive)
{
  static const char *const empty[] = { N_ ("New disk"), N_ ("Empty CD drive"), N_ ("Empty floppy drive") };
  g_autofree char *base = drive->file != NULL ? g_path_get_basename (drive->file) : NULL;

  return base != NULL ? valise_text_for_display (base, LONGEST_NAME) : g_strdup (_ (empty[drive->device]));
}

static void
add_drive (ValiseImportTable *self, GtkWidget *group, guint number)
{
  const ValiseBlueprintDrive *drive = self->choices->blueprint->drives->pdata[number];
  g_autofree char *name = name_drive (drive);
  g_autofree char *bring = g_strdup_printf (_ ("Bring in %s"), name);
  ValiseImportRow *row = valise_import_row_new (group, name);
  GtkWidget *toggle = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (toggle), self->choices->drives[number].taken);
  valise_import_row_add (row, toggle, bring);
  connect (self, toggle, "notify::active", number, G_CALLBACK (on_drive_taken_cb));
  if (drive->device == VALISE_BLUEPRINT_DISK)
    add_disk_controls (self, row, number, name);
  g_ptr_array_add (self->drives, row);
}

static void
add_drives (ValiseImportTable *self)
{
  guint count = self->choices->n_drives;
  GtkWidget *group = count > 0 ? group_new (self->hardware, _ ("Disks")) : NULL;

  for (guint i = 0; i < count; i++)
    add_drive (self, group, i);
}

/* --- network cards --- */

static void
on_nic_taken_cb (GtkWidget *toggle, GParamSpec *pspec, ValiseImportTable *self)
{
  self->choices->nics[number_of (toggle)].taken = gtk_switch_get_active (GTK_SWITCH (toggle));
  changed (self);
}

static void
on_model_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  self->choices->nics[number_of (combo)].model = valise_import_combo_get (combo, valise_import_nic_models (self->plan));
  changed (self);
}

/* The first bridge of this computer, so that the choice works where there is one. (nullable) */
static char *
find_bridge (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/sys/class/net", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *mark = g_build_filename ("/sys/class/net", name, "bridge", NULL);

      if (g_file_test (mark, G_FILE_TEST_IS_DIR))
        return g_strdup (name);
    }
  return NULL;
}

static void
on_network_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  ValiseNicChoice *nic = &self->choices->nics[number_of (combo)];

  nic->network = valise_import_combo_get (combo, valise_import_networks ());
  g_free (nic->bridge);
  nic->bridge = g_str_equal (nic->network, "bridge") ? find_bridge () : NULL;
  changed (self);
}

static void
on_mac_changed_cb (GtkWidget *combo, ValiseImportTable *self)
{
  gboolean fresh = gtk_combo_box_get_active (GTK_COMBO_BOX (combo)) == 1;

  self->choices->nics[number_of (combo)].mac = fresh ? VALISE_MAC_NEW : VALISE_MAC_KEEP;
  changed (self);
}

static void
add_nic_controls (ValiseImportTable *self, ValiseImportRow *row, guint number, const char *title)
{
  const ValiseNicChoice *choice = &self->choices->nics[number];
  GtkWidget *model =
      valise_import_combo_new (valise_import_nic_models (self->plan), _ ("Card that fits"), choice->model);
  GtkWidget *network = valise_import_combo_new (valise_import_networks (), NULL, choice->network);
  GtkWidget *mac = valise_import_combo_new (NULL, _ ("Keep its address"), NULL);
  g_autofree char *model_name = g_strdup_printf (_ ("Model of %s"), title);
  g_autofree char *network_name = g_strdup_printf (_ ("Network of %s"), title);
  g_autofree char *mac_name = g_strdup_printf (_ ("Address of %s"), title);

  gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (mac), "new", _ ("New address"));
  gtk_combo_box_set_active (GTK_COMBO_BOX (mac), choice->mac == VALISE_MAC_NEW);
  valise_import_row_add_below (row, model, model_name);
  valise_import_row_add_below (row, network, network_name);
  valise_import_row_add_below (row, mac, mac_name);
  connect (self, model, "changed", number, G_CALLBACK (on_model_changed_cb));
  connect (self, network, "changed", number, G_CALLBACK (on_network_changed_cb));
  connect (self, mac, "changed", number, G_CALLBACK (on_mac_changed_cb));
}

static void
add_nics (ValiseImportTable *self)
{
  guint count = self->choices->n_nics;
  GtkWidget *group = count > 0 ? group_new (self->hardware, _ ("Network")) : NULL;

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *title = g_strdup_printf (_ ("Network card %u"), i + 1);
      g_autofree char *bring = g_strdup_printf (_ ("Bring in %s"), title);
      ValiseImportRow *row = valise_import_row_new (group, title);
      GtkWidget *toggle = gtk_switch_new ();

      gtk_switch_set_active (GTK_SWITCH (toggle), self->choices->nics[i].taken);
      valise_import_row_add (row, toggle, bring);
      connect (self, toggle, "notify::active", i, G_CALLBACK (on_nic_taken_cb));
      add_nic_controls (self, row, i, title);
      g_ptr_array_add (self->nics, row);
    }
}

/* --- what it asks for --- */

static void
on_granted_cb (GtkWidget *allow, GParamSpec *pspec, ValiseImportTable *self)
{
  GtkWidget *folder = g_object_get_data (G_OBJECT (allow), "valise-folder");

  self->choices->asks[number_of (allow)].granted = gtk_switch_get_active (GTK_SWITCH (allow));
  if (folder != NULL)
    gtk_widget_set_visible (folder, gtk_switch_get_active (GTK_SWITCH (allow)));
  changed (self);
}

static void
on_folder_set_cb (GtkWidget *button, ValiseImportTable *self)
{
  g_autofree char *folder = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (button));

  valise_import_choices_set_folder (self->choices, number_of (button), folder);
  changed (self);
}

/* Under the row: which folder, once it is allowed. */
static GtkWidget *
add_folder (ValiseImportTable *self, GtkWidget *group, guint number)
{
  GtkWidget *button = gtk_file_chooser_button_new (_ ("Folder to Share"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
  const char *folder = valise_import_choices_get_folder (self->choices, number, NULL);
  g_autofree ValiseImportRow *row = valise_import_row_new (group, _ ("Folder to share"));

  if (folder != NULL)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (button), folder);
  gtk_file_chooser_button_set_width_chars (GTK_FILE_CHOOSER_BUTTON (button), 12);
  valise_import_row_add (row, button, _ ("Folder to share"));
  connect (self, button, "file-set", number, G_CALLBACK (on_folder_set_cb));
  gtk_widget_set_visible (row->row, self->choices->asks[number].granted);
  return row->row;
}

static void
add_ask (ValiseImportTable *self, GtkWidget *group, guint number)
{
  GtkWidget *allow;
  GtkWidget *row = valise_ask_row_new (self->choices->blueprint->asks->pdata[number], NULL, NULL, &allow);
  gboolean wants;

  g_ptr_array_add (self->asks, allow);
  gtk_container_add (GTK_CONTAINER (group), row);
  gtk_switch_set_active (GTK_SWITCH (allow), self->choices->asks[number].granted);
  valise_import_choices_get_folder (self->choices, number, &wants);
  if (wants)
    g_object_set_data (G_OBJECT (allow), "valise-folder", add_folder (self, group, number));
  connect (self, allow, "notify::active", number, G_CALLBACK (on_granted_cb));
}

static void
add_asks (ValiseImportTable *self)
{
  guint count = self->choices->n_asks;
  GtkWidget *group;

  if (count == 0)
    return;
  group = group_new (self->hardware, _ ("What it asks of this computer"));
  hdy_preferences_group_set_description (HDY_PREFERENCES_GROUP (group),
                                         _ ("Leave off what you do not know. The machine works without it."));
  for (guint i = 0; i < count; i++)
    add_ask (self, group, i);
}

/* --- what is said --- */

static void
clear_findings (ValiseImportRow *row)
{
  if (row == NULL)
    return;
  valise_import_clear (GTK_WIDGET (row->findings));
  gtk_widget_hide (GTK_WIDGET (row->findings));
}

static void
clear_all (ValiseImportTable *self)
{
  ValiseImportRow *const rows[] = { self->said, self->cpus, self->memory, self->firmware, self->tpm, self->sound };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    clear_findings (rows[i]);
  for (guint i = 0; i < self->drives->len; i++)
    clear_findings (self->drives->pdata[i]);
  for (guint i = 0; i < self->nics->len; i++)
    clear_findings (self->nics->pdata[i]);
}

static ValiseImportRow *
find_row (ValiseImportTable *self, const ValiseImportPoint *point)
{
  const struct
  {
    const char *where;
    ValiseImportRow *row;
  } places[] = {
    { "vcpu", self->cpus },       { "memory", self->memory },        { "os/@firmware", self->firmware },
    { "devices/tpm", self->tpm }, { "os/firmware", self->firmware },
  };

  if (self->choices->document != NULL)
    return self->said;
  if (point->drive >= 0 && (guint) point->drive < self->drives->len)
    return self->drives->pdata[point->drive];
  if (point->nic >= 0 && (guint) point->nic < self->nics->len)
    return self->nics->pdata[point->nic];
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_strcmp0 (places[i].where, point->finding->where) == 0 && places[i].row != NULL)
      return places[i].row;
  return self->said;
}

static void
on_answer (const ValiseImportPoint *point, const char *answer, gpointer user_data)
{
  ValiseImportTable *self = user_data;

  valise_import_choices_answer (self->choices, point, answer);
  if (point->drive >= 0 && (guint) point->drive < self->drives->len)
    {
      /* The row's own switch follows; what it says is the same. */
      ValiseImportRow *row = self->drives->pdata[point->drive];
      g_autoptr (GList) children = gtk_container_get_children (GTK_CONTAINER (row->beside));

      g_signal_handlers_block_by_func (children->data, on_drive_taken_cb, self);
      gtk_switch_set_active (children->data, self->choices->drives[point->drive].taken);
      g_signal_handlers_unblock_by_func (children->data, on_drive_taken_cb, self);
    }
  changed (self);
}

static const ValiseImportDrive *
find_planned (ValiseImportTable *self, guint number)
{
  const ValiseBlueprintDrive *source = self->choices->blueprint->drives->pdata[number];

  for (guint i = 0; self->plan != NULL && i < self->plan->drives->len; i++)
    if (((const ValiseImportDrive *) self->plan->drives->pdata[i])->source == source)
      return self->plan->drives->pdata[i];
  return NULL;
}

static void
show_drive (ValiseImportTable *self, guint number)
{
  const ValiseBlueprintDrive *source = self->choices->blueprint->drives->pdata[number];
  const ValiseImportDrive *drive = find_planned (self, number);
  ValiseImportRow *row = self->drives->pdata[number];
  g_autofree char *size = source->capacity > 0 ? valise_size_format (source->capacity) : NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_sensitive (row->below, drive != NULL);
  if (drive == NULL)
    text = g_strdup (_ ("Left out"));
  else
    text = g_strdup_printf ("%s%s%s, %s", size != NULL ? size : "", size != NULL ? ", " : "", drive->target,
                            valise_import_word_label (drive->bus));
  valise_import_row_set_subtitle (row, text);
}

static void
show_nic (ValiseImportTable *self, guint number)
{
  const ValiseBlueprintNic *source = self->choices->blueprint->nics->pdata[number];
  ValiseImportRow *row = self->nics->pdata[number];
  const ValiseImportNic *found = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; self->plan != NULL && i < self->plan->nics->len; i++)
    if (((const ValiseImportNic *) self->plan->nics->pdata[i])->source == source)
      found = self->plan->nics->pdata[i];
  gtk_widget_set_sensitive (row->below, found != NULL);
  text = found != NULL ? g_strdup_printf ("%s, %s", valise_import_word_label (found->model), found->mac)
                       : g_strdup (_ ("Left out"));
  valise_import_row_set_subtitle (row, text);
}

/* Another network for a card can make a port impossible. */
static void
show_ask (ValiseImportTable *self, guint number)
{
  g_autofree char *reason = valise_import_choices_grant_reason (self->choices, number);
  g_autofree char *here = valise_import_choices_describe_ask (self->choices, number);

  valise_ask_row_set_reason (self->asks->pdata[number], here, reason);
}

/* What waits for a decision comes first. */
static void
add_points (ValiseImportTable *self, GPtrArray *points, gboolean open)
{
  for (guint i = 0; i < points->len; i++)
    {
      const ValiseImportPoint *point = points->pdata[i];
      gboolean waits = point->finding->severity == VALISE_SEVERITY_ERROR;

      /* The switches below say the same of what is asked for. */
      if (waits == open && !g_str_equal (point->finding->code, "host-access-dropped"))
        valise_import_finding_add (find_row (self, point)->findings, point, on_answer, self);
    }
}

static void
set_group_visible (ValiseImportRow *row, gboolean visible)
{
  gtk_widget_set_visible (gtk_widget_get_ancestor (row->row, HDY_TYPE_PREFERENCES_GROUP), visible);
}

void
valise_import_table_show (ValiseImportTable *self, const ValiseImportPlan *plan, GPtrArray *points)
{
  g_autoptr (GList) said = NULL;
  g_autofree char *focus = valise_import_focused_question (GTK_WIDGET (self));

  self->plan = plan;
  clear_all (self);
  for (guint i = 0; i < self->drives->len; i++)
    show_drive (self, i);
  for (guint i = 0; i < self->nics->len; i++)
    show_nic (self, i);
  for (guint i = 0; i < self->asks->len; i++)
    show_ask (self, i);
  add_points (self, points, TRUE);
  add_points (self, points, FALSE);
  said = gtk_container_get_children (GTK_CONTAINER (self->said->findings));
  set_group_visible (self->said, said != NULL);
  gtk_widget_set_visible (self->hardware, self->choices->document == NULL);
  if (self->by_hand != NULL)
    set_group_visible (self->by_hand, self->choices->document != NULL);
  if (focus != NULL)
    valise_import_focus_question (GTK_WIDGET (self), focus);
}

void
valise_import_table_focus (ValiseImportTable *self)
{
  GtkWidget *first = self->configuration != NULL ? self->configuration : self->name;

  if (first != NULL)
    gtk_widget_grab_focus (first);
}

/* --- set up by hand --- */

static void
on_start_over_cb (GtkWidget *button, ValiseImportTable *self)
{
  g_clear_pointer (&self->choices->document, valise_document_unref);
  changed (self);
}

static void
add_by_hand (ValiseImportTable *self)
{
  GtkWidget *group = group_new (GTK_WIDGET (self), NULL);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Start Over"));

  self->by_hand = valise_import_row_new (group, _ ("Set up in all settings"));
  valise_import_row_set_subtitle (self->by_hand,
                                  _ ("What you have set there counts. Starting over brings the rows back."));
  valise_import_row_add (self->by_hand, button, _ ("Start Over"));
  connect (self, button, "clicked", 0, G_CALLBACK (on_start_over_cb));
}

static void
valise_import_table_finalize (GObject *object)
{
  ValiseImportTable *self = VALISE_IMPORT_TABLE (object);
  ValiseImportRow *const rows[] = { self->said, self->cpus,  self->memory, self->firmware,
                                    self->tpm,  self->sound, self->by_hand };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_free (rows[i]);
  g_ptr_array_unref (self->drives);
  g_ptr_array_unref (self->nics);
  g_ptr_array_unref (self->asks);
  g_clear_pointer (&self->capabilities, valise_capabilities_unref);
  G_OBJECT_CLASS (valise_import_table_parent_class)->finalize (object);
}

static void
valise_import_table_class_init (ValiseImportTableClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = valise_import_table_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CONFIGURATION] =
      g_signal_new ("configuration", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
valise_import_table_init (ValiseImportTable *self)
{
  self->drives = g_ptr_array_new_with_free_func (g_free);
  self->nics = g_ptr_array_new_with_free_func (g_free);
  self->asks = g_ptr_array_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 18);
}

GtkWidget *
valise_import_table_new (ValiseImportChoices *choices, ValiseCapabilities *capabilities, const ValiseImportPlan *plan)
{
  ValiseImportTable *self = g_object_new (VALISE_TYPE_IMPORT_TABLE, "visible", TRUE, NULL);
  GtkWidget *group;

  self->choices = choices;
  self->capabilities = valise_capabilities_ref (capabilities);
  self->plan = plan;
  self->hardware = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  if (plan != NULL)
    {
      add_identity (self);
      add_by_hand (self);
    }
  group =
      group_new (GTK_WIDGET (self), plan != NULL ? _ ("What is different here") : _ ("Why it cannot be brought in"));
  self->said = valise_import_row_new (group, NULL);
  gtk_widget_hide (GTK_WIDGET (self->said->title));
  gtk_container_add (GTK_CONTAINER (self), self->hardware);
  if (plan != NULL)
    {
      add_asks (self);
      add_system (self);
      add_drives (self);
      add_nics (self);
    }
  gtk_widget_show (self->hardware);
  return GTK_WIDGET (self);
}
