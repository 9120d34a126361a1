/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-export-notice.h"

#include <glib/gi18n-lib.h>

#include "ui/valise-folder-notice.h"

/* What is true of several machines is said once. */
static void
append_findings (GString *text, GPtrArray *findings)
{
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < findings->len; i++)
    {
      const ValiseFinding *finding = findings->pdata[i];

      if (!g_hash_table_add (said, finding->text))
        continue;
      g_string_append_printf (text, "\n%s", finding->text);
      if (finding->remedy != NULL)
        g_string_append_printf (text, " %s", finding->remedy);
    }
}

void
valise_export_notice_say (ValiseNoticeBar *notices, ValiseJob *job)
{
  guint n = valise_export_job_count (job);
  g_autofree char *path = valise_job_dup_result_path (job);
  g_autofree char *shown = path != NULL ? g_filename_display_name (path) : NULL;
  g_autoptr (GPtrArray) findings = valise_export_job_get_report (job);
  g_autoptr (GString) text = g_string_new (NULL);
  GtkMessageType type = GTK_MESSAGE_INFO;

  if (path == NULL)
    return;
  if (n == 1)
    g_string_printf (text, _ ("The machine was exported to %s."), shown);
  else
    g_string_printf (text, ngettext ("%u machine was exported to %s.", "%u machines were exported to %s.", n), n,
                     shown);
  if (findings != NULL && valise_findings_worst (findings) > VALISE_SEVERITY_INFO)
    type = GTK_MESSAGE_WARNING;
  if (findings != NULL)
    append_findings (text, findings);
  valise_folder_notice_offer (notices, type, text->str, path);
}
