/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/valise-verb-service.h"
#include "ui/valise-application.h"
#include "ui/valise-window.h"

G_BEGIN_DECLS

struct _ValiseApplication
{
  GtkApplication parent_instance;

  ValiseHost *host;
  ValiseLibrary *library;
  ValiseWindow *window; /* weak */
  ValiseVerbService *door;
  gboolean quitting; /* machines are being suspended or shut down before */
};

/* valise-application-quit.c: quits, after asking about work under way and running machines where that is needed. */
void _valise_application_ask_quit (ValiseApplication *self);

G_END_DECLS
