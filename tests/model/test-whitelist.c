/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-knob.h"
#include "model/valise-whitelist-private.h"

#include <string.h>

/* Knobs of the curated pages that reach out of the machine: setting them here grants them, a stranger's file has to
 * ask. */
static const struct
{
  const char *knob;
  const char *value;
} asking[] = {
  { "on_crash", "coredump-destroy" },
  { "on_crash", "coredump-restart" },
  { "os/smbios/@mode", "host" },
  { "devices/watchdog/@action", "dump" },
  { "devices/rng/backend/@model", "egd" },
  { "devices/rng/backend", NULL },
  { "devices/vsock/cid/@auto", NULL },
  { "devices/vsock/cid/@address", NULL },
  { "devices/memballoon/@model", "xen" },
  { "devices/tpm/@model", "tpm-spapr" },
  { "devices/tpm/@model", "spapr-tpm-proxy" },
  { "devices/tpm/backend/@type", "passthrough" },
  { "devices/tpm/backend/@type", "external" },
  { "devices/tpm/backend/device/@path", NULL },
  { "devices/disk/@device", "lun" },
  { "devices/disk/@type", "block" },
  { "devices/disk/@type", "dir" },
  { "devices/disk/@type", "network" },
  { "devices/disk/@type", "volume" },
  { "devices/disk/@type", "nvme" },
  { "devices/disk/@type", "vhostuser" },
  { "devices/disk/source/@dev", NULL },
  { "devices/disk/@rawio", NULL },
  { "devices/disk/@sgio", NULL },
  { "devices/interface/@type", "bridge" },
  { "devices/interface/@type", "direct" },
  { "devices/interface/@type", "ethernet" },
  { "devices/interface/@type", "hostdev" },
  { "devices/interface/@type", "internal" },
  { "devices/interface/@type", "vhostuser" },
  { "devices/interface/@type", "vdpa" },
  { "devices/interface/@type", "mcast" },
  { "devices/interface/@type", "server" },
  { "devices/interface/@type", "client" },
  { "devices/interface/@type", "udp" },
  { "devices/interface/@type", "vds" },
  { "devices/interface/source/@port", NULL },
  { "devices/interface/source/@mode", NULL },
  { "devices/interface/driver/@name", "vhost" },
  { "devices/interface/rom/@file", NULL },
  { "devices/interface/portForward/@proto", NULL },
  { "devices/interface/portForward/range/@start", NULL },
  { "devices/interface/portForward/range/@end", NULL },
  { "devices/interface/portForward/range/@to", NULL },
  { "devices/interface/vlan/tag/@id", NULL },
  { "devices/video/model/acceleration/@accel3d", "yes" },
  { "devices/video/model/acceleration/@rendernode", NULL },
  { "devices/video/driver/@name", "vhostuser" },
  { "devices/audio/@type", "pulseaudio" },
  { "devices/audio/@type", "alsa" },
  { "devices/audio/@type", "jack" },
  { "devices/audio/@type", "oss" },
  { "devices/audio/@type", "sdl" },
  { "devices/audio/@type", "spice" },
  { "devices/audio/@type", "dbus" },
  { "devices/audio/@type", "file" },
  { "devices/audio/@path", NULL },
  { "devices/input/@type", "passthrough" },
  { "devices/input/@type", "evdev" },
  { "devices/input/source/@evdev", NULL },
  { "devices/input/source/@dev", NULL },
  { "devices/input/source/@grab", NULL },
  { "devices/input/source/@grabToggle", NULL },
  { "devices/input/source/@repeat", NULL },
  { "devices/serial/@type", "unix" },
  { "devices/parallel/@type", "unix" },
  { "devices/console/@type", "unix" },
  { "devices/channel/source/@path", NULL },
  { "devices/channel/target/@type", "guestfwd" },
  { "devices/channel/target/@type", "xen" },
  { "devices/tpm/backend/encryption/@secret", NULL },
  { "devices/tpm/backend/source/@path", NULL },
  { "devices/rng/backend/source/@path", NULL },
  { "devices/memory/@model", "nvdimm" },
  { "devices/memory/@model", "virtio-pmem" },
  { "devices/memory/@model", "sgx-epc" },
  { "devices/memory/target/label/size", NULL },
  { "devices/memory/target/readonly", NULL },
  { "devices/memory/source/path", NULL },
  { "devices/memory/source/alignsize", NULL },
  { "devices/memory/source/pmem", NULL },
  { "devices/memory/uuid", NULL },
  { "devices/controller/@type", "xenbus" },
};

/* Reach out of the machine whatever they say, so that they are asked about as a whole. */
static const char *const reaching[] = {
  "devices/filesystem",    "devices/hostdev",   "devices/redirdev",
  "devices/redirfilter",   "devices/vsock",     "devices/shmem",
  "devices/lease",         "devices/smartcard", "cputune/vcpusched",
  "cputune/emulatorsched", "blkiotune",         "seclabel",
  "launchSecurity",        "keywrap",           "resource",
  "qemu:commandline",      "qemu:capabilities",
};

/* The same for serial and parallel ports, consoles and channels: what they end in asks, unless it is a terminal of
 * libvirt's, its own socket or nothing. */
static const char *const ports[] = { "devices/serial", "devices/parallel", "devices/console", "devices/channel" };
static const struct
{
  const char *leaf;
  const char *values; /* with spaces around each; NULL: all */
} asking_ports[] = {
  { "/@type", " file tcp udp dev pipe stdio spicevmc spiceport qemu-vdagent dbus " },
  { "/source/@append", NULL },
  { "/source/@mode", " connect " },
  { "/source/@tls", NULL },
  { "/source/reconnect/@enabled", NULL },
  { "/source/reconnect/@timeout", NULL },
  { "/source/clipboard/@copypaste", NULL },
  { "/protocol/@type", NULL },
  { "/log/@file", NULL },
  { "/log/@append", NULL },
};

/* What is written for people to fill in is tried with a plain value of its kind. */
static const char *
sample (const ValiseKnob *knob)
{
  switch (knob->kind)
    {
    case VALISE_KNOB_YES_NO:
      return "yes";
    case VALISE_KNOB_ON_OFF:
      return "on";
    case VALISE_KNOB_NUMBER:
    case VALISE_KNOB_SIZE:
      return "1";
    case VALISE_KNOB_MAC:
      return "52:54:00:01:02:03";
    case VALISE_KNOB_UUID:
      return "6f9d2c5e-3a1b-4c8d-9e0f-112233445566";
    case VALISE_KNOB_PRESENCE:
      return "";
    case VALISE_KNOB_PATH:
      return "disks/x.img";
    case VALISE_KNOB_TEXT:
    case VALISE_KNOB_CHOICE:
    default:
      return NULL;
    }
}

static char *
without_predicates (const char *path)
{
  GString *plain = g_string_new (NULL);

  for (gboolean inside = FALSE; *path != '\0'; path++)
    {
      if (*path == '[')
        inside = TRUE;
      else if (*path == ']')
        inside = FALSE;
      else if (!inside)
        g_string_append_c (plain, *path);
    }
  return g_string_free (plain, FALSE);
}

static ValiseVerdict
judge (const char *knob, const char *value)
{
  g_autofree char *path = without_predicates (knob);
  char *attribute = strstr (path, "/@");

  if (*path == '@')
    return VALISE_VERDICT_DROP;
  if (attribute != NULL)
    *attribute = '\0';
  if (_valise_whitelist_element (path) == VALISE_VERDICT_DROP || g_str_has_prefix (path, "metadata/"))
    return VALISE_VERDICT_DROP;
  return attribute != NULL ? _valise_whitelist_attribute (path, attribute + 2, value)
                           : _valise_whitelist_text (path, value);
}

/* What is decided element by element (tests/model/test-effective.c), not by this table. */
static gboolean
is_judged_elsewhere (const char *knob)
{
  static const char *const prefixes[] = { "os/firmware/", "os/loader", "os/nvram", "devices/graphics/" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (knob, prefixes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_below (const char *knob, const char *element)
{
  return g_str_has_prefix (knob, element) && knob[strlen (element)] == '/';
}

static gboolean
port_may_ask (const char *knob, const char *value)
{
  g_autofree char *word = g_strdup_printf (" %s ", value);
  const char *leaf = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    if (is_below (knob, ports[i]))
      leaf = knob + strlen (ports[i]);
  for (guint i = 0; leaf != NULL && i < G_N_ELEMENTS (asking_ports); i++)
    if (g_str_equal (leaf, asking_ports[i].leaf)
        && (asking_ports[i].values == NULL || strstr (asking_ports[i].values, word) != NULL))
      return TRUE;
  return FALSE;
}

static gboolean
may_ask (const char *knob, const char *value)
{
  if (port_may_ask (knob, value))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (asking); i++)
    if (g_str_equal (asking[i].knob, knob) && (asking[i].value == NULL || g_strcmp0 (asking[i].value, value) == 0))
      return TRUE;
  return FALSE;
}

static void
check (const ValiseKnob *knob, const char *value, guint *wrong)
{
  gboolean asks = judge (knob->path, value) == VALISE_VERDICT_ASK;

  if (is_judged_elsewhere (knob->path) || asks == may_ask (knob->path, value))
    return;
  g_test_message ("%s = %s %s", knob->path, value, asks ? "asks" : "does not ask any more");
  (*wrong)++;
}

static gboolean
is_reaching (const char *knob)
{
  for (guint i = 0; i < G_N_ELEMENTS (reaching); i++)
    if (is_below (knob, reaching[i]))
      return TRUE;
  return FALSE;
}

static void
test_reaching (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reaching); i++)
    {
      g_test_message ("%s", reaching[i]);
      g_assert_cmpint (_valise_whitelist_element (reaching[i]), ==, VALISE_VERDICT_ASK);
    }
}

/* Every knob of the curated pages takes effect without a grant when it is harmless. */
static void
test_knobs (void)
{
  gsize length;
  const ValiseKnob *table = valise_knob_table (&length);
  guint wrong = 0;

  for (gsize i = 0; i < length; i++)
    {
      const char *value = sample (&table[i]);

      if (is_reaching (table[i].path))
        continue;
      for (const ValiseKnobChoice *choice = table[i].choices; choice != NULL && choice->value != NULL; choice++)
        check (&table[i], choice->value, &wrong);
      if (table[i].choices == NULL && value != NULL)
        check (&table[i], value, &wrong);
    }
  g_assert_cmpuint (wrong, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/whitelist/reaching", test_reaching);
  g_test_add_func ("/model/whitelist/knobs", test_knobs);
  return g_test_run ();
}
