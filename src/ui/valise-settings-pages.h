/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A page of the settings. One table, in the order of the sidebar; sidebar, search and Add Hardware read it. */
typedef struct
{
  const char *id;    /* the knob table's word for it */
  const char *title; /* untranslated: "Disk" */
  const char *icon;
  GType (*get_type) (void); /* %NULL: a page that is made in its own way */
  const char *element;      /* "devices/rng": it is there once for each of those; %NULL: always there, once */
  const char *details[3];   /* leaves below the element that tell one from another, for the sidebar; ends with %NULL */
} ValisePageInfo;

const ValisePageInfo *valise_settings_pages (gsize *length);
/* (nullable) */
const ValisePageInfo *valise_settings_pages_lookup (const char *id);
/* The page that shows @knob, whether our table or only libvirt's schema has it. (nullable) */
const char *valise_settings_pages_of_knob (const char *knob);

G_END_DECLS
