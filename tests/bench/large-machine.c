/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "large-machine.h"

#define DEVICES 200

ValiseDocument *
large_machine_new (void)
{
  g_autoptr (GString) text = g_string_new ("<domain type='kvm'>\n  <name>large</name>\n  <memory>1048576</memory>\n"
                                           "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n  <devices>\n");

  for (guint i = 0; i < DEVICES; i++)
    g_string_append_printf (text,
                            "    <interface type='user'>\n      <mac address='52:54:00:99:%02x:%02x'/>\n"
                            "      <model type='virtio'/>\n    </interface>\n",
                            i / 256, i % 256);
  g_string_append (text, "  </devices>\n</domain>\n");
  return valise_document_new (text->str, -1, "large", NULL);
}
