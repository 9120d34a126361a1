/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/valise-verb-service.h"
#include "engine/valise-keeper.h"
#include "ui/valise-application.h"
#include "ui/valise-window.h"

G_BEGIN_DECLS

struct _ValiseApplication
{
  GtkApplication parent_instance;

  char *uri;       /* as the preferences had it, or NULL */
  char *directory; /* likewise */
  ValiseHost *host;
  ValiseLibrary *library;
  ValiseKeeper *keeper;
  ValiseWindow *window; /* weak */
  ValiseVerbService *door;
  gboolean considering;
  gboolean quitting;    /* machines are being suspended or shut down before */
  gboolean told_to_end; /* by a signal: nobody is there to answer questions */
  guint signal_sources[2];
};

/* valise-application-quit.c: quits, after asking about work under way and running machines where that is needed. */
void _valise_application_ask_quit (ValiseApplication *self);
/* The end of the session, or Ctrl+C: work under way is broken off and undone, machines go on running, nothing is
 * asked. */
void _valise_application_heed_signals (ValiseApplication *self);
void _valise_application_ignore_signals (ValiseApplication *self);

/* valise-application-renew.c: the connection and the library that the preferences name; again when those have changed,
 * and then everything that is shown with them, as soon as nothing is under way. */
void _valise_application_make_library (ValiseApplication *self);
void _valise_application_drop_library (ValiseApplication *self);
void _valise_application_consider_renewal (ValiseApplication *self);

G_END_DECLS
