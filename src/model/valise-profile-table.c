/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/valise-profile-private.h"

#include <string.h>

#include "base/valise-size.h"

typedef enum
{
  PLAIN = 0,
  VIRTIO = 1 << 0,
  WINDOWS = 1 << 1,
  TPM = 1 << 2,
} Traits;

/* "\1" in name and id is the first group of the label's pattern, as g_match_info_expand_references reads it. */
typedef struct
{
  const char *label; /* regular expression */
  const char *name;
  const char *os_id;
  guint64 memory; /* MiB */
  guint64 disk;   /* GiB */
  Traits traits;
} Row;

static const Row rows[] = {
  { "^Debian (\\d+)\\b", "Debian \\1", "http://debian.org/debian/\\1", 2048, 25, VIRTIO },
  { "^d-live (\\d+)\\b", "Debian \\1 Live", "http://debian.org/debian/\\1", 2048, 25, VIRTIO },
  { "^Ubuntu-Server (\\d+\\.\\d+)", "Ubuntu Server \\1", "http://ubuntu.com/ubuntu/\\1", 2048, 25, VIRTIO },
  { "^Ubuntu(?:-\\S+)? (\\d+\\.\\d+)", "Ubuntu \\1", "http://ubuntu.com/ubuntu/\\1", 4096, 25, VIRTIO },
  { "^([KXL]ubuntu|Ubuntu\\S*) (\\d+\\.\\d+)", "\\1 \\2", "http://ubuntu.com/ubuntu/\\2", 4096, 25, VIRTIO },
  { "^Linux Mint (\\d+(?:\\.\\d+)?)", "Linux Mint \\1", NULL, 4096, 25, VIRTIO },
  { "^Fedora-S-dvd-\\S*?-(\\d\\d)\\b", "Fedora Server \\1", "http://fedoraproject.org/fedora/\\1", 2048, 25, VIRTIO },
  { "^Fedora-.*?-(\\d\\d)(?:-|$)", "Fedora \\1", "http://fedoraproject.org/fedora/\\1", 4096, 25, VIRTIO },
  { "^alpine-\\S+ v?(\\d+\\.\\d+)", "Alpine Linux \\1", "http://alpinelinux.org/alpinelinux/\\1", 512, 8, VIRTIO },
  { "^ARCH_\\d{6}", "Arch Linux", "http://archlinux.org/archlinux/rolling", 2048, 25, VIRTIO },
  { "^openSUSE-Tumbleweed", "openSUSE Tumbleweed", "http://opensuse.org/opensuse/tumbleweed", 2048, 40, VIRTIO },
  { "^openSUSE-Leap-(\\d+\\.\\d+)", "openSUSE Leap \\1", "http://opensuse.org/opensuse/\\1", 2048, 40, VIRTIO },
  { "^SLE-(\\d+)-SP(\\d+)", "SUSE Linux Enterprise \\1 SP\\2", NULL, 2048, 40, VIRTIO },
  { "^RHEL-(\\d+)-(\\d+)", "Red Hat Enterprise Linux \\1.\\2", "http://redhat.com/rhel/\\1.\\2", 2048, 25, VIRTIO },
  { "^AlmaLinux-(\\d+)", "AlmaLinux \\1", "http://almalinux.org/almalinux/\\1", 2048, 25, VIRTIO },
  { "^Rocky-(\\d+)", "Rocky Linux \\1", "http://rockylinux.org/rocky/\\1", 2048, 25, VIRTIO },
  { "^CentOS-Stream-(\\d+)", "CentOS Stream \\1", "http://centos.org/centos-stream/\\1", 2048, 25, VIRTIO },
  { "^nixos-\\S*?(\\d\\d\\.\\d\\d)", "NixOS \\1", "http://nixos.org/nixos/\\1", 4096, 25, VIRTIO },
  { "^Kali(?: Linux| Live)?", "Kali Linux", NULL, 2048, 40, VIRTIO },
  { "^Pop_OS (\\d+\\.\\d+)", "Pop!_OS \\1", "http://system76.com/popos/\\1", 4096, 25, VIRTIO },
  { "^Zorin OS (\\d+)", "Zorin OS \\1", NULL, 4096, 25, VIRTIO },
  { "^(?:EOS_|ENDEAVOUROS)", "EndeavourOS", NULL, 4096, 25, VIRTIO },
  { "^MANJARO", "Manjaro", "http://manjaro.org/manjaro/rolling", 4096, 30, VIRTIO },
  { "^VOIDLIVE|^VOID_LIVE", "Void Linux", "http://voidlinux.org/voidlinux/rolling", 1024, 20, VIRTIO },
  { "^GParted", "GParted Live", NULL, 1024, 25, VIRTIO },
  { "^(\\d+)_(\\d+)_RELEASE_AMD64", "FreeBSD \\1.\\2", "http://freebsd.org/freebsd/\\1.\\2", 2048, 25, VIRTIO },
  { "^OpenBSD[/_ ]?(?:amd64)?\\s*(\\d+\\.\\d+)", "OpenBSD \\1", "http://openbsd.org/openbsd/\\1", 1024, 20, VIRTIO },
  { "^NETBSD_(\\d)(\\d)", "NetBSD \\1.\\2", "http://netbsd.org/netbsd/\\1.\\2", 1024, 20, VIRTIO },
  { "^haiku", "Haiku", "http://haiku-os.org/haiku/r1beta4", 2048, 20, VIRTIO },
  { "^MT86PLUS", "Memtest86+", NULL, 1024, 1, VIRTIO },
  { "^virtio-win", "VirtIO drivers for Windows", NULL, 4096, 64, WINDOWS },
  { "^SSS_X64FRE|^SERVER_EVAL_X64FRE|^IN1_SSS_X64FRE", "Windows Server", "http://microsoft.com/win/2k22", 4096, 64,
    WINDOWS },
  { "^C[A-Z]{2,5}_X64FRE|^Win11", "Windows 11", "http://microsoft.com/win/11", 4096, 64, WINDOWS | TPM },
  { "^C[A-Z]{2,5}_X86FRE|^Win10", "Windows 10", "http://microsoft.com/win/10", 4096, 64, WINDOWS },
};

static ValiseAdvice *
advice_from_row (const Row *row, const GMatchInfo *match)
{
  ValiseAdvice *self = g_new0 (ValiseAdvice, 1);

  self->name = g_match_info_expand_references (match, row->name, NULL);
  self->os_id = row->os_id != NULL ? g_match_info_expand_references (match, row->os_id, NULL) : NULL;
  self->memory = row->memory * VALISE_MIB;
  self->disk = row->disk * VALISE_GIB;
  self->virtio = (row->traits & VIRTIO) != 0;
  self->windows = (row->traits & WINDOWS) != 0;
  self->tpm = (row->traits & TPM) != 0;
  return self;
}

ValiseAdvice *
_valise_advice_from_label (const char *label)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GRegex) pattern = g_regex_new (rows[i].label, G_REGEX_CASELESS, 0, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      g_assert (pattern != NULL);
      if (g_regex_match (pattern, label, 0, &match))
        return advice_from_row (&rows[i], match);
    }
  return NULL;
}

gboolean
_valise_advice_is_old_windows (const char *os_id)
{
  static const char *const names[] = { "1.0",   "2.0",   "2.1", "3.1",   "95", "98",    "me",    "2k",    "xp", "2k3",
                                       "2k3r2", "vista", "2k8", "2k8r2", "7",  "nt3.1", "nt3.5", "nt4.0", NULL };
  const char *prefix = "http://microsoft.com/win";
  const char *name = os_id != NULL && g_str_has_prefix (os_id, prefix) ? strrchr (os_id, '/') : NULL;

  return name != NULL && g_strv_contains (names, name + 1);
}

void
_valise_advice_free (ValiseAdvice *self)
{
  if (self == NULL)
    return;
  g_free (self->os_id);
  g_free (self->name);
  g_free (self);
}
