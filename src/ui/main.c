/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <locale.h>
#include <pango/pangocairo.h>

#include "ui/valise-application.h"
#include "valise-config.h"

int
main (int argc, char **argv)
{
  g_autoptr (ValiseApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, VALISE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* Pango reads what fonts there are in a thread of its own, which is done by the time the first word is measured when
   * it begins here. */
  pango_cairo_font_map_get_default ();
  application = valise_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
