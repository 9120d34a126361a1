/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-notice-bar.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-style.h"

/* More at once would hide the window behind what it has to say. */
#define SHOWN_MOST 3
#define SECONDS_INFO 8
#define SECONDS_OFFER 20

struct _ValiseNoticeBar
{
  GtkBox parent_instance;
};

typedef struct
{
  ValiseNoticeFunc func;
  gpointer data;
  GDestroyNotify destroy;
  guint timeout_id;
} Notice;

G_DEFINE_FINAL_TYPE (ValiseNoticeBar, valise_notice_bar, GTK_TYPE_BOX)

static void
notice_free (gpointer data)
{
  Notice *notice = data;

  g_clear_handle_id (&notice->timeout_id, g_source_remove);
  if (notice->destroy != NULL)
    notice->destroy (notice->data);
  g_free (notice);
}

static Notice *
notice_of (GtkInfoBar *bar)
{
  return g_object_get_data (G_OBJECT (bar), "valise-notice");
}

static gboolean
time_over_cb (gpointer bar)
{
  notice_of (bar)->timeout_id = 0;
  gtk_widget_destroy (bar);
  return G_SOURCE_REMOVE;
}

static void
on_response_cb (GtkInfoBar *bar, int response, gpointer unused)
{
  Notice *notice = notice_of (bar);

  if (response == GTK_RESPONSE_ACCEPT && notice->func != NULL)
    notice->func (notice->data);
  gtk_widget_destroy (GTK_WIDGET (bar));
}

static GtkWidget *
make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

/* GTK's own close button is an icon without a name. */
static void
name_close_button (GtkWidget *widget, gpointer unused)
{
  if (GTK_IS_BUTTON (widget))
    atk_object_set_name (gtk_widget_get_accessible (widget), _ ("Close this notice"));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), name_close_button, NULL);
}

static void
drop_oldest (ValiseNoticeBar *self)
{
  g_autoptr (GList) shown = gtk_container_get_children (GTK_CONTAINER (self));

  if (g_list_length (shown) > SHOWN_MOST)
    gtk_widget_destroy (shown->data);
}

static gboolean
is_shown (ValiseNoticeBar *self, const char *text, ValiseNoticeFunc func, gpointer data)
{
  g_autoptr (GList) shown = gtk_container_get_children (GTK_CONTAINER (self));

  for (GList *l = shown; l != NULL; l = l->next)
    if (g_strcmp0 (g_object_get_data (l->data, "valise-text"), text) == 0 && notice_of (l->data)->func == func
        && notice_of (l->data)->data == data)
      return TRUE;
  return FALSE;
}

static void
valise_notice_bar_class_init (ValiseNoticeBarClass *class)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               VALISE_RESOURCE_PATH "/ui/valise-notice-bar.glade");
}

static void
valise_notice_bar_init (ValiseNoticeBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
valise_notice_bar_offer (ValiseNoticeBar *self,
                         GtkMessageType type,
                         const char *text,
                         const char *label,
                         ValiseNoticeFunc func,
                         gpointer data,
                         GDestroyNotify destroy)
{
  GtkWidget *bar;
  Notice *notice;

  g_return_if_fail (VALISE_IS_NOTICE_BAR (self));
  if (is_shown (self, text, func, data))
    {
      if (destroy != NULL)
        destroy (data);
      return;
    }
  bar = gtk_info_bar_new ();
  notice = g_new0 (Notice, 1);
  notice->func = func;
  notice->data = data;
  notice->destroy = destroy;
  g_object_set_data_full (G_OBJECT (bar), "valise-notice", notice, notice_free);
  g_object_set_data_full (G_OBJECT (bar), "valise-text", g_strdup (text), g_free);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (bar), type);
  gtk_info_bar_set_show_close_button (GTK_INFO_BAR (bar), TRUE);
  name_close_button (bar, NULL);
  gtk_container_add (GTK_CONTAINER (gtk_info_bar_get_content_area (GTK_INFO_BAR (bar))), make_label (text));
  if (label != NULL)
    gtk_info_bar_add_button (GTK_INFO_BAR (bar), label, GTK_RESPONSE_ACCEPT);
  g_signal_connect (bar, "response", G_CALLBACK (on_response_cb), NULL);
  if (type == GTK_MESSAGE_INFO)
    notice->timeout_id = g_timeout_add_seconds (func != NULL ? SECONDS_OFFER : SECONDS_INFO, time_over_cb, bar);
  gtk_container_add (GTK_CONTAINER (self), bar);
  gtk_widget_show_all (bar);
  drop_oldest (self);
}

void
valise_notice_bar_withdraw (ValiseNoticeBar *self, ValiseNoticeFunc func, ValiseNoticeTest is_over)
{
  g_autoptr (GList) shown = gtk_container_get_children (GTK_CONTAINER (self));

  for (GList *l = shown; l != NULL; l = l->next)
    {
      Notice *notice = notice_of (l->data);

      if (notice->func == func && (is_over == NULL || is_over (notice->data)))
        gtk_widget_destroy (l->data);
    }
}

void
valise_notice_bar_take_up (ValiseNoticeBar *self, ValiseNoticeFunc func)
{
  g_autoptr (GList) shown = gtk_container_get_children (GTK_CONTAINER (self));

  for (GList *l = g_list_last (shown); l != NULL; l = l->prev)
    if (notice_of (l->data)->func == func)
      {
        gtk_info_bar_response (l->data, GTK_RESPONSE_ACCEPT);
        return;
      }
}

void
valise_notice_bar_say (ValiseNoticeBar *self, GtkMessageType type, const char *text)
{
  valise_notice_bar_offer (self, type, text, NULL, NULL, NULL, NULL);
}

void
valise_notice_bar_say_error (ValiseNoticeBar *self, const char *prefix, const GError *error)
{
  g_autofree char *text = NULL;

  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  text = prefix != NULL ? g_strdup_printf ("%s: %s", prefix, error->message) : g_strdup (error->message);
  valise_notice_bar_say (self, GTK_MESSAGE_ERROR, text);
}
