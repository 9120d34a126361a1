/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

/* A machine with a disk, a CD drive and a network card. */
extern const char EDIT_SESSION_TEXT[];

typedef struct
{
  ValiseEditSession *session;
  guint signals; /* how often it has changed */
} EditSessionFixture;

/* Edits @text on a computer of 8 CPUs and 16 GiB. */
void edit_session_fixture_set_up (EditSessionFixture *fixture, gconstpointer text);
void edit_session_fixture_tear_down (EditSessionFixture *fixture, gconstpointer text);
void edit_session_fixture_set (EditSessionFixture *fixture, const char *knob, const char *value);
void edit_session_fixture_unset (EditSessionFixture *fixture, const char *knob);
void edit_session_fixture_expect (EditSessionFixture *fixture, const char *knob, const char *expected);

G_END_DECLS
