/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/valise-guest-system.h"

#include <string.h>

#include "base/valise-path.h"

#define LONGEST 200

/* CIM_OperatingSystem.OSType as a word of ours, and as people call it; those that are not here say nothing about drivers. */
static const struct
{
  guint number;
  const char *word, *name;
} numbers[] = {
  { 14, "dos", "MS-DOS" },
  { 15, "windows31", "Windows 3.1" },
  { 16, "windows95", "Windows 95" },
  { 17, "windows98", "Windows 98" },
  { 18, "winnt", "Windows NT" },
  { 21, "netware", "NetWare" },
  { 29, "solaris", "Solaris" },
  { 30, "solaris", "SunOS" },
  { 36, "linux", "Linux" },
  { 41, "bsd", "BSD" },
  { 42, "freebsd", "FreeBSD" },
  { 43, "netbsd", "NetBSD" },
  { 58, "win2000", "Windows 2000" },
  { 63, "winme", "Windows Me" },
  { 65, "openbsd", "OpenBSD" },
  { 67, "winxp", "Windows XP" },
  { 69, "winnet", "Windows Server 2003" },
  { 70, "winnet", "Windows Server 2003" },
  { 71, "winxp", "Windows XP" },
  { 72, "winxp", "Windows XP Embedded" },
  { 73, "winvista", "Windows Vista" },
  { 74, "winvista", "Windows Vista" },
  { 75, "winxp", "Windows Embedded" },
  { 76, "longhorn", "Windows Server 2008" },
  { 77, "longhorn", "Windows Server 2008" },
  { 78, "freebsd", "FreeBSD" },
  { 79, "rhel", "Red Hat Enterprise Linux" },
  { 80, "rhel", "Red Hat Enterprise Linux" },
  { 81, "solaris", "Solaris" },
  { 82, "suse", "SUSE Linux" },
  { 83, "suse", "SUSE Linux" },
  { 84, "suse", "SUSE Linux Enterprise Server" },
  { 85, "suse", "SUSE Linux Enterprise Server" },
  { 86, "suse", "Novell Linux Desktop" },
  { 87, "suse", "Novell Linux Desktop" },
  { 88, "linux", "Sun Java Desktop System" },
  { 89, "mandriva", "Mandriva" },
  { 90, "mandriva", "Mandriva" },
  { 91, "turbolinux", "Turbolinux" },
  { 92, "turbolinux", "Turbolinux" },
  { 93, "ubuntu", "Ubuntu" },
  { 94, "ubuntu", "Ubuntu" },
  { 95, "debian", "Debian" },
  { 96, "debian", "Debian" },
  { 97, "linux", "Linux 2.4" },
  { 98, "linux", "Linux 2.4" },
  { 99, "linux", "Linux 2.6" },
  { 100, "linux", "Linux 2.6" },
  { 101, "linux", "Linux" },
  { 103, "windows7srv", "Windows Server 2008 R2" },
  { 105, "windows7", "Windows 7" },
  { 106, "centos", "CentOS" },
  { 107, "centos", "CentOS" },
  { 108, "oraclelinux", "Oracle Linux" },
  { 109, "oraclelinux", "Oracle Linux" },
  { 111, "longhorn", "Windows Server 2011" },
  { 112, "windows8srv", "Windows Server 2012" },
  { 113, "windows8", "Windows 8" },
  { 114, "windows8", "Windows 8" },
  { 115, "windows2012r2", "Windows Server 2012 R2" },
  { 116, "windows9srv", "Windows Server 2016" },
  { 117, "windows81", "Windows 8.1" },
  { 118, "windows81", "Windows 8.1" },
  { 119, "windows10", "Windows 10" },
  { 120, "windows10", "Windows 10" },
  { 121, "windows2019", "Windows Server 2019" },
  { 122, "windows2019", "Windows Server 2019" },
};

/* What the words begin with, without capitals and signs; the first that fits counts. */
static const struct
{
  const char *begin;
  ValiseGuestFamily family;
  const char *id;
} systems[] = {
  { "windows2022srvnext", VALISE_GUEST_WINDOWS, NULL },
  { "windows2022", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k22" },
  { "windows2019srvnext", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k22" },
  { "windows2019", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k19" },
  { "windows2016", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k16" },
  { "windows2012r2", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k12r2" },
  { "windows2012", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k12" },
  { "windows2008r2", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k8r2" },
  { "windows2008", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k8" },
  { "windows2003", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/2k3" },
  { "windows2000", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/2k" },
  { "windowsxp", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/xp" },
  { "windowsvista", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/vista" },
  { "windowsnt", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/winnt/4.0" },
  { "windowsme", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/me" },
  { "windows98", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/98" },
  { "windows95", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/95" },
  { "windows31", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/3.1" },
  { "windows12", VALISE_GUEST_WINDOWS, NULL },
  { "windows11", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/11" },
  { "windows10", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/10" },
  /* VMware's names from before Microsoft had chosen its own. */
  { "windows9s", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k16" },
  { "windows9", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/10" },
  { "windows81", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/8.1" },
  { "windows8s", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k12" },
  { "windows8", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/8" },
  { "windows7s", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k8r2" },
  { "windows7", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/7" },
  { "winvista", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/vista" },
  { "winlonghorn", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k8" },
  { "longhorn", VALISE_GUEST_WINDOWS, "http://microsoft.com/win/2k8" },
  { "winnet", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/2k3" },
  { "winxp", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/xp" },
  { "win2000", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/2k" },
  { "winnt", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/winnt/4.0" },
  { "winme", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/me" },
  { "win98", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/98" },
  { "win95", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/95" },
  { "win31", VALISE_GUEST_OLD_WINDOWS, "http://microsoft.com/win/3.1" },
  { "dos", VALISE_GUEST_OTHER, NULL },
  { "freedos", VALISE_GUEST_OTHER, NULL },
  { "netware", VALISE_GUEST_OTHER, NULL },
  { "os2", VALISE_GUEST_OTHER, NULL },
  { "solaris", VALISE_GUEST_OTHER, NULL },
  { "opensolaris", VALISE_GUEST_OTHER, NULL },
  { "vmkernel", VALISE_GUEST_OTHER, NULL },
  { "darwin", VALISE_GUEST_OTHER, NULL },
  { "macos", VALISE_GUEST_OTHER, NULL },
};

/* Systems of which the words say the release: "debian10" is http://debian.org/debian/10. */
static const struct
{
  const char *begin;
  ValiseGuestFamily family;
  const char *id; /* what the number is put behind */
  guint first;    /* no release before this one has such an id, nor have those behind @last */
  guint last;
  const char *tail;
} releases[] = {
  { "debian", VALISE_GUEST_LINUX, "http://debian.org/debian/", 4, 99, "" },
  { "centos", VALISE_GUEST_LINUX, "http://centos.org/centos/", 5, 7, ".0" },
  { "centos", VALISE_GUEST_LINUX, "http://centos.org/centos/", 8, 8, "" },
  { "rhel", VALISE_GUEST_LINUX, "http://redhat.com/rhel/", 4, 99, ".0" },
  { "redhat", VALISE_GUEST_LINUX, "http://redhat.com/rhel/", 4, 99, ".0" },
  { "oraclelinux", VALISE_GUEST_LINUX, "http://oracle.com/ol/", 6, 99, ".0" },
  { "oracle", VALISE_GUEST_LINUX, "http://oracle.com/ol/", 6, 99, ".0" },
  { "sles", VALISE_GUEST_LINUX, "http://suse.com/sles/", 10, 99, "" },
  { "freebsd", VALISE_GUEST_BSD, "http://freebsd.org/freebsd/", 10, 99, ".0" },
  { "ubuntu", VALISE_GUEST_LINUX, "http://ubuntu.com/ubuntu/", 4, 99, ".04" },
};

/* Anywhere in the words, for what names no release. */
static const struct
{
  const char *word;
  ValiseGuestFamily family;
} families[] = {
  { "windows", VALISE_GUEST_WINDOWS }, { "freebsd", VALISE_GUEST_BSD },         { "openbsd", VALISE_GUEST_BSD },
  { "netbsd", VALISE_GUEST_BSD },      { "dragonfly", VALISE_GUEST_BSD },       { "bsd", VALISE_GUEST_BSD },
  { "linux", VALISE_GUEST_LINUX },     { "ubuntu", VALISE_GUEST_LINUX },        { "debian", VALISE_GUEST_LINUX },
  { "centos", VALISE_GUEST_LINUX },    { "fedora", VALISE_GUEST_LINUX },        { "redhat", VALISE_GUEST_LINUX },
  { "rhel", VALISE_GUEST_LINUX },      { "suse", VALISE_GUEST_LINUX },          { "sles", VALISE_GUEST_LINUX },
  { "alpine", VALISE_GUEST_LINUX },    { "photon", VALISE_GUEST_LINUX },        { "coreos", VALISE_GUEST_LINUX },
  { "flatcar", VALISE_GUEST_LINUX },   { "gentoo", VALISE_GUEST_LINUX },        { "mandriva", VALISE_GUEST_LINUX },
  { "mandrake", VALISE_GUEST_LINUX },  { "mandrakelinux", VALISE_GUEST_LINUX }, { "oracle", VALISE_GUEST_LINUX },
  { "asianux", VALISE_GUEST_LINUX },   { "amazonlinux", VALISE_GUEST_LINUX },   { "nixos", VALISE_GUEST_LINUX },
  { "crxpod", VALISE_GUEST_LINUX },    { "cbl-mariner", VALISE_GUEST_LINUX },
};

/* --- words --- */

static void
cut_end (char *word, const char *end)
{
  gsize length = strlen (word), tail = strlen (end);

  if (length > tail && g_str_equal (word + length - tail, end))
    word[length - tail] = '\0';
}

/* "windows9_64Guest", "Windows10_64", "rhel_8x64" and "arm-debian12-64" as "windows9", "windows10", "rhel8x" and
 * "debian12". */
static char *
fold (const char *stated)
{
  g_autofree char *lower = g_ascii_strdown (stated, MIN ((gssize) strlen (stated), LONGEST));
  const char *from = g_str_has_prefix (lower, "arm-") ? lower + strlen ("arm-") : lower;
  char *word = g_strdup (from), *to = word;

  for (; *from != '\0'; from++)
    if (g_ascii_isalnum (*from))
      *to++ = *from;
  *to = '\0';
  cut_end (word, "guest");
  cut_end (word, "guest64");
  cut_end (word, "arm64");
  cut_end (word, "64");
  return word;
}

/* Whether it is a number of CIM. @word, @name: of a system, NULL when it says nothing */
static gboolean
find_number (const char *stated, const char **word, const char **name)
{
  guint64 number;

  *word = *name = NULL;
  if (!g_str_has_prefix (stated, "CIM ") || !g_ascii_string_to_unsigned (stated + 4, 10, 0, G_MAXUINT64, &number, NULL))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].number == number)
      {
        *word = numbers[i].word;
        *name = numbers[i].name;
      }
  return TRUE;
}

/* --- what they mean --- */

/* "22lts" and "2204" of Ubuntu are 22.04, "2110" is 21.10; elsewhere two digits are all. */
static char *
read_release (const char *digits, const char *tail, guint *release)
{
  gsize length = strspn (digits, "0123456789");

  if (length == 0 || length > 4 || (length > 2 && !g_str_equal (tail, ".04")))
    return NULL;
  *release = (guint) g_ascii_strtoull (digits, NULL, 10);
  if (length <= 2)
    return g_strdup_printf ("%u%s", *release, tail);
  *release /= 100;
  return g_strdup_printf ("%u.%s", *release, digits + length - 2);
}

static ValiseGuestFamily
find_release (const char *word, char **id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (releases); i++)
    {
      g_autofree char *release = NULL;
      guint number = 0;

      if (!g_str_has_prefix (word, releases[i].begin))
        continue;
      release = read_release (word + strlen (releases[i].begin), releases[i].tail, &number);
      if (release == NULL || number < releases[i].first || number > releases[i].last)
        continue;
      release[strspn (release, "0123456789.")] = '\0';
      *id = g_strconcat (releases[i].id, release, NULL);
      return releases[i].family;
    }
  return VALISE_GUEST_UNKNOWN;
}

static ValiseGuestFamily
find_family (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    if (strstr (word, families[i].word) != NULL)
      return families[i].family;
  return VALISE_GUEST_UNKNOWN;
}

static ValiseGuestFamily
identify_word (const char *word, char **id)
{
  ValiseGuestFamily family = find_release (word, id);

  for (gsize i = 0; family == VALISE_GUEST_UNKNOWN && i < G_N_ELEMENTS (systems); i++)
    if (g_str_has_prefix (word, systems[i].begin))
      {
        *id = g_strdup (systems[i].id);
        return systems[i].family;
      }
  return family != VALISE_GUEST_UNKNOWN ? family : find_family (word);
}

static gboolean
is_uri (const char *stated)
{
  return g_str_has_prefix (stated, "http://") && strlen (stated) < LONGEST
         && strspn (stated, "abcdefghijklmnopqrstuvwxyz0123456789-._/:") == strlen (stated);
}

static ValiseGuestFamily
identify_uri (const char *uri, char **id)
{
  static const char *const old[] = {
    "/win/xp", "/win/2k", "/win/2k3", "/win/2k3r2", "/winnt/4.0", "/win/me", "/win/98"
  };

  *id = g_strdup (uri);
  if (!g_str_has_prefix (uri, "http://microsoft.com/"))
    return find_family (uri);
  for (gsize i = 0; i < G_N_ELEMENTS (old); i++)
    if (g_str_has_suffix (uri, old[i]))
      return VALISE_GUEST_OLD_WINDOWS;
  return strstr (uri, "dos") != NULL ? VALISE_GUEST_OTHER : VALISE_GUEST_WINDOWS;
}

ValiseGuestFamily
valise_guest_system_identify (const char *stated, char **id)
{
  g_autofree char *found = NULL;
  ValiseGuestFamily family = VALISE_GUEST_UNKNOWN;

  if (stated != NULL && is_uri (stated))
    family = identify_uri (stated, &found);
  else if (stated != NULL)
    {
      const char *known, *name;
      g_autofree char *word = find_number (stated, &known, &name) ? g_strdup (known) : fold (stated);

      if (word != NULL)
        family = identify_word (word, &found);
    }
  if (id != NULL)
    *id = g_steal_pointer (&found);
  return family;
}

char *
valise_guest_system_describe (const char *stated)
{
  const char *word, *name;

  if (stated == NULL)
    return NULL;
  if (find_number (stated, &word, &name))
    return g_strdup (name);
  return valise_text_for_display (stated, LONGEST);
}
