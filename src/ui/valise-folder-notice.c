/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-folder-notice.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  ValiseNoticeBar *notices; /* which holds this */
  char *path;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->path);
  g_free (place);
}

static void
show_place (gpointer data)
{
  Place *place = data;
  g_autofree char *folder = g_path_get_dirname (place->path);

  valise_folder_notice_show (place->notices, folder);
}

void
valise_folder_notice_show (ValiseNoticeBar *notices, const char *folder)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (notices));
  g_autofree char *uri = g_filename_to_uri (folder, NULL, NULL);
  g_autofree char *text = NULL;

  if (uri != NULL && gtk_show_uri_on_window (GTK_WINDOW (window), uri, GDK_CURRENT_TIME, NULL))
    return;
  text = g_strdup_printf (_ ("No file manager opened. The machine lies in %s."), folder);
  valise_notice_bar_say (notices, GTK_MESSAGE_WARNING, text);
}

void
valise_folder_notice_offer (ValiseNoticeBar *notices, GtkMessageType type, const char *text, const char *path)
{
  Place *place = g_new0 (Place, 1);

  place->notices = notices;
  place->path = g_strdup (path);
  valise_notice_bar_offer (notices, type, text, _ ("Show in _Files"), show_place, place, place_free);
}
