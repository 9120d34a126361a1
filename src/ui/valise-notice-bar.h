/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ValiseNoticeBar:
 *
 * What a window has to say, one line each, at its lower edge: what went wrong and what to do next, or what was done and
 * how to undo it. Errors stay until closed; the rest goes by itself.
 */
#define VALISE_TYPE_NOTICE_BAR (valise_notice_bar_get_type ())
G_DECLARE_FINAL_TYPE (ValiseNoticeBar, valise_notice_bar, VALISE, NOTICE_BAR, GtkBox)

typedef void (*ValiseNoticeFunc) (gpointer data);
typedef gboolean (*ValiseNoticeTest) (gpointer data);

void valise_notice_bar_say (ValiseNoticeBar *self, GtkMessageType type, const char *text);
/* @prefix: (nullable): what was tried, as in "Debian 12"; cancelled work is no error and says nothing. */
void valise_notice_bar_say_error (ValiseNoticeBar *self, const char *prefix, const GError *error);
/* With a button (as in Undo) that calls @func and closes the notice. @data is destroyed when the notice goes, whichever
 * way, and at once when the same offer is shown already. */
void valise_notice_bar_offer (ValiseNoticeBar *self,
                              GtkMessageType type,
                              const char *text,
                              const char *label,
                              ValiseNoticeFunc func,
                              gpointer data,
                              GDestroyNotify destroy);
/* Takes back the offers of @func for whose data @is_over holds (%NULL: all): what they offer has come about
 * otherwise. */
void valise_notice_bar_withdraw (ValiseNoticeBar *self, ValiseNoticeFunc func, ValiseNoticeTest is_over);
/* As if the button of the newest offer of @func had been pressed; does nothing when there is none. */
void valise_notice_bar_take_up (ValiseNoticeBar *self, ValiseNoticeFunc func);

G_END_DECLS
