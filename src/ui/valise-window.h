/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <handy.h>
#include "engine/valise-library.h"
#include "ui/valise-notice-bar.h"

G_BEGIN_DECLS

/**
 * ValiseWindow:
 *
 * The main window: the library on the left, the machine on the right, what there is to say at the lower edge. Takes
 * files anywhere.
 */
#define VALISE_TYPE_WINDOW (valise_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseWindow, valise_window, VALISE, WINDOW, HdyApplicationWindow)

ValiseWindow *valise_window_new (GtkApplication *application, ValiseLibrary *library);
/* Where to say something. (transfer none) */
ValiseNoticeBar *valise_window_get_notices (ValiseWindow *self);
/* Why there is no connection to libvirt, with a way to the preferences where somebody chose another one. @error:
 * (nullable): says nothing */
void valise_window_say_host_error (ValiseWindow *self, const GError *error);
/* As if it had been dropped: an ISO begins a new machine, a bundle is opened in place, an archive is brought in, what
 * another program made opens the assistant; anything else is refused in words. @count: how many came together; of
 * several those machines of other programs that need no decision come in at once. */
void valise_window_take_file (ValiseWindow *self, const char *path, guint count);
/* Selects and shows it, starting it when @start. */
void valise_window_show_machine (ValiseWindow *self, ValiseMachine *machine, gboolean start);

G_END_DECLS
