/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-settings-remainder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/valise-knob-catalogue.h"
#include "ui/valise-knob-row.h"
#include "ui/valise-settings-page.h"
#include "ui/valise-settings-pages.h"
#include "ui/valise-special-rows.h"

/* An element that may stand several times becomes lines with a field for each of its knobs, if they are few. */
#define MOST_COLUMNS 5

/* What is folded into one row. */
typedef struct
{
  char *element; /* "devices/disk/source"; NULL: what is not folded further */
  GPtrArray *entries;
  HdyExpanderRow *expander;
  gboolean filled;
} Fold;

struct _ValiseRemainder
{
  HdyExpanderRow parent_instance;

  const char *page;
  GPtrArray *taken; /* rows of the page, until the rest is listed */
  ValiseRowMade made;
  gpointer user_data;
  GPtrArray *folds; /* NULL until it is first unfolded */
};

G_DEFINE_FINAL_TYPE (ValiseRemainder, valise_remainder, HDY_TYPE_EXPANDER_ROW)

static void
fold_free (gpointer data)
{
  Fold *fold = data;

  g_free (fold->element);
  g_ptr_array_unref (fold->entries);
  g_free (fold);
}

/* --- what there is --- */

/* As the catalogue writes it: CDs and disks are one to it. */
static char *
plain_pattern (const char *knob)
{
  g_autofree char *pattern = valise_knob_pattern (knob);
  char *open = strstr (pattern, "[@device=");
  const char *close = open != NULL ? strchr (open, ']') : NULL;

  if (close == NULL)
    return g_steal_pointer (&pattern);
  return g_strdup_printf ("%.*s%s", (int) (open - pattern), pattern, close + 1);
}

static GHashTable *
list_taken (GPtrArray *rows)
{
  GHashTable *taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *knob = NULL, *also = NULL;
      g_auto (GStrv) others = NULL;

      g_object_get (g_ptr_array_index (rows, i), "knob", &knob, "also", &also, NULL);
      others = g_strsplit (also != NULL ? also : "", " ", -1);
      if (knob != NULL)
        g_hash_table_add (taken, plain_pattern (knob));
      for (char **other = others; *other != NULL; other++)
        g_hash_table_add (taken, plain_pattern (*other));
    }
  return taken;
}

static gboolean
is_below (const char *path, const char *element)
{
  return g_str_has_prefix (path, element) && path[strlen (element)] == '/';
}

/* Drives are disks, and further video cards are on the page of the display. */
static GPtrArray *
list_entries (const char *page)
{
  ValiseKnobCatalogue *catalogue = valise_knob_catalogue_get_default ();
  const ValisePageInfo *info = valise_settings_pages_lookup (page);

  if (g_str_equal (page, "cdrom") || g_str_equal (page, "video"))
    return valise_knob_catalogue_list_below (catalogue, info->element);
  return valise_knob_catalogue_list_page (catalogue, page);
}

/* The element that a knob is folded into: the first one below the page's own. (nullable) (transfer full) */
static char *
fold_of (const char *page, const ValiseKnobEntry *entry)
{
  const ValisePageInfo *info = valise_settings_pages_lookup (page);
  const char *path = entry->knob.path;
  const char *rest = path, *slash;

  if (info != NULL && info->element != NULL && is_below (path, info->element))
    rest = path + strlen (info->element) + 1;
  else if (g_str_has_prefix (path, "devices/"))
    rest = path + strlen ("devices/");
  slash = strchr (rest, '/');
  return entry->is_curated || slash == NULL ? NULL : g_strndup (path, (gsize) (slash - path));
}

static Fold *
get_fold (GPtrArray *folds, const char *element)
{
  Fold *fold;

  for (guint i = 0; i < folds->len; i++)
    if (g_strcmp0 (((Fold *) g_ptr_array_index (folds, i))->element, element) == 0)
      return g_ptr_array_index (folds, i);
  fold = g_new0 (Fold, 1);
  fold->element = g_strdup (element);
  fold->entries = g_ptr_array_new ();
  g_ptr_array_add (folds, fold);
  return fold;
}

static GPtrArray *
list_folds (ValiseRemainder *self)
{
  GPtrArray *folds = g_ptr_array_new_with_free_func (fold_free);
  g_autoptr (GHashTable) taken = list_taken (self->taken);
  g_autoptr (GPtrArray) entries = list_entries (self->page);

  /* What has our words comes first. */
  get_fold (folds, NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const ValiseKnobEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *pattern = plain_pattern (entry->knob.path);
      g_autofree char *element = fold_of (self->page, entry);

      /* Names that anybody may make up have no row: "metadata/NAME". */
      if (g_hash_table_contains (taken, pattern) || valise_settings_page_is_boot_order (pattern)
          || strchr (pattern, '*') != NULL)
        continue;
      g_ptr_array_add (get_fold (folds, element)->entries, (gpointer) entry);
    }
  return folds;
}

/* --- rows --- */

static char *
help_for (const ValiseKnobEntry *entry)
{
  g_autofree char *situations = valise_knob_entry_describe_situations (entry);
  const char *help = valise_knob_get_help (&entry->knob);

  if (entry->is_curated || situations == NULL)
    return g_strdup (help);
  /* Translators: the first is a sentence, the second a condition: "devices/disk/@type is file or block". */
  return g_strdup_printf (_ ("%s Only where %s."), help, situations);
}

static GtkWidget *
make_row (const ValiseKnobEntry *entry)
{
  GtkWidget *row = valise_knob_row_new (entry->knob.path);
  g_autofree char *help = help_for (entry);

  valise_settings_row_describe (VALISE_SETTINGS_ROW (row), &entry->knob);
  valise_settings_row_set_help (VALISE_SETTINGS_ROW (row), help);
  return row;
}

/* The knobs from @first on that are leaves of the same element of which there may be several; 0 when they are no line.
 */
static guint
count_columns (Fold *fold, guint first)
{
  const ValiseKnobEntry *entry = g_ptr_array_index (fold->entries, first);
  const char *each = entry->each;
  guint count = 0;

  if (each == NULL || fold->element == NULL || !(g_str_equal (each, fold->element) || is_below (each, fold->element)))
    return 0;
  for (guint i = first; i < fold->entries->len; i++, count++)
    if (g_strcmp0 (((ValiseKnobEntry *) g_ptr_array_index (fold->entries, i))->each, each) != 0)
      break;
  return count <= MOST_COLUMNS ? count : 0;
}

static const char *
name_of (const char *element)
{
  const char *slash = strrchr (element, '/');

  return slash != NULL ? slash + 1 : element;
}

static GtkWidget *
make_table (Fold *fold, guint first, guint count)
{
  const ValiseKnobEntry *entry = g_ptr_array_index (fold->entries, first);
  const char *label = valise_knob_get_label (&entry->knob);
  const char *colon = strchr (label, ':');
  g_autofree char *title = colon != NULL ? g_strndup (label, (gsize) (colon - label)) : g_strdup (label);
  /* Translators: %s is the name of an XML element */
  g_autofree char *help = g_strdup_printf (_ ("There may be several <%s>, each a line"), name_of (entry->each));
  g_autoptr (GString) also = g_string_new (NULL);

  for (guint i = first; i < first + count; i++)
    g_string_append_printf (also, "%s%s", also->len > 0 ? " " : "",
                            ((ValiseKnobEntry *) g_ptr_array_index (fold->entries, i))->knob.path);
  return g_object_new (valise_table_row_get_type (), "visible", TRUE, "knob", entry->each, "also", also->str, "title",
                       title, "help", help, NULL);
}

static void
fill_fold (ValiseRemainder *self, Fold *fold)
{
  GtkContainer *into = GTK_CONTAINER (fold->expander != NULL ? fold->expander : &self->parent_instance);

  if (fold->filled)
    return;
  fold->filled = TRUE;
  for (guint i = 0; i < fold->entries->len;)
    {
      guint count = count_columns (fold, i);
      GtkWidget *row = count > 0 ? make_table (fold, i, count) : make_row (g_ptr_array_index (fold->entries, i));

      gtk_container_add (into, row);
      self->made (VALISE_SETTINGS_ROW (row), self->user_data);
      i += MAX (count, 1);
    }
}

/* --- folds --- */

static Fold *
find_by_expander (ValiseRemainder *self, HdyExpanderRow *expander)
{
  for (guint i = 0; i < self->folds->len; i++)
    if (((Fold *) g_ptr_array_index (self->folds, i))->expander == expander)
      return g_ptr_array_index (self->folds, i);
  return NULL;
}

static void
on_fold_expanded_cb (HdyExpanderRow *expander, GParamSpec *pspec, ValiseRemainder *self)
{
  if (hdy_expander_row_get_expanded (expander))
    fill_fold (self, find_by_expander (self, expander));
}

static void
add_expander (ValiseRemainder *self, Fold *fold)
{
  g_autofree char *title = g_strdup_printf ("<%s>", name_of (fold->element));
  g_autofree char *subtitle =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u setting", "%u settings", fold->entries->len),
                       fold->entries->len);

  fold->expander = HDY_EXPANDER_ROW (hdy_expander_row_new ());
  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (fold->expander), title);
  hdy_expander_row_set_subtitle (fold->expander, subtitle);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (fold->expander)), title);
  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (fold->expander));
  gtk_widget_show (GTK_WIDGET (fold->expander));
  g_signal_connect_object (fold->expander, "notify::expanded", G_CALLBACK (on_fold_expanded_cb), self, 0);
}

/* Without libvirt's description there is only what our table has. */
static void
say_what_is_missing (ValiseRemainder *self)
{
  const GError *error = valise_knob_catalogue_get_error (valise_knob_catalogue_get_default ());

  if (error != NULL)
    hdy_expander_row_set_subtitle (HDY_EXPANDER_ROW (self), error->message);
}

static void
unfold (ValiseRemainder *self)
{
  if (self->folds != NULL)
    return;
  self->folds = list_folds (self);
  say_what_is_missing (self);
  for (guint i = 0; i < self->folds->len; i++)
    {
      Fold *fold = g_ptr_array_index (self->folds, i);

      if (fold->element == NULL)
        fill_fold (self, fold);
      else
        add_expander (self, fold);
    }
}

static void
on_expanded_cb (ValiseRemainder *self)
{
  if (hdy_expander_row_get_expanded (HDY_EXPANDER_ROW (self)))
    unfold (self);
}

static void
valise_remainder_finalize (GObject *object)
{
  ValiseRemainder *self = VALISE_REMAINDER (object);

  g_ptr_array_unref (self->taken);
  g_clear_pointer (&self->folds, g_ptr_array_unref);
  G_OBJECT_CLASS (valise_remainder_parent_class)->finalize (object);
}

static void
valise_remainder_class_init (ValiseRemainderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_remainder_finalize;
}

static void
valise_remainder_init (ValiseRemainder *self)
{
  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (self), _ ("More settings"));
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("More settings"));
  g_signal_connect (self, "notify::expanded", G_CALLBACK (on_expanded_cb), NULL);
}

GtkWidget *
valise_remainder_new (const char *page, GPtrArray *rows, ValiseRowMade made, gpointer user_data)
{
  ValiseRemainder *self = g_object_new (VALISE_TYPE_REMAINDER, "visible", TRUE, NULL);

  self->page = page;
  self->taken = g_ptr_array_ref (rows);
  self->made = made;
  self->user_data = user_data;
  return GTK_WIDGET (self);
}

gboolean
valise_remainder_reveal (ValiseRemainder *self, const char *knob)
{
  const ValiseKnobEntry *entry = valise_knob_catalogue_lookup (valise_knob_catalogue_get_default (), knob);

  if (entry == NULL)
    return FALSE;
  unfold (self);
  for (guint i = 0; i < self->folds->len; i++)
    {
      Fold *fold = g_ptr_array_index (self->folds, i);

      if (!g_ptr_array_find (fold->entries, entry, NULL))
        continue;
      fill_fold (self, fold);
      hdy_expander_row_set_expanded (HDY_EXPANDER_ROW (self), TRUE);
      if (fold->expander != NULL)
        hdy_expander_row_set_expanded (fold->expander, TRUE);
      return TRUE;
    }
  return FALSE;
}
