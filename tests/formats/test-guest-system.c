/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems as other programs name them. */
#include "formats/valise-guest-system.h"

#include <string.h>

#include "base/valise-process.h"

#define DATABASE "/usr/share/osinfo/os"

#define NO VALISE_GUEST_UNKNOWN
#define LINUX VALISE_GUEST_LINUX
#define WINDOWS VALISE_GUEST_WINDOWS
#define OLD VALISE_GUEST_OLD_WINDOWS
#define BSD VALISE_GUEST_BSD
#define OTHER VALISE_GUEST_OTHER

static const struct
{
  const char *stated;
  ValiseGuestFamily family;
  const char *id;
} systems[] = {
  { NULL, NO, NULL },
  { "", NO, NULL },
  { "Other", NO, NULL },
  { "otherGuest64", NO, NULL },
  { "CIM 1", NO, NULL },
  { "CIM 102", NO, NULL },
  { "CIM 99999", NO, NULL },
  { "CIM -100", NO, NULL },
  { "xen-3.0-unknown", NO, NULL },
  /* numbers of CIM */
  { "CIM 36", LINUX, NULL },
  { "CIM 42", BSD, NULL },
  { "CIM 67", OLD, "http://microsoft.com/win/xp" },
  { "CIM 77", WINDOWS, "http://microsoft.com/win/2k8" },
  { "CIM 80", LINUX, NULL },
  { "CIM 94", LINUX, NULL },
  { "CIM 101", LINUX, NULL },
  { "CIM 103", WINDOWS, "http://microsoft.com/win/2k8r2" },
  { "CIM 112", WINDOWS, "http://microsoft.com/win/2k12" },
  { "CIM 120", WINDOWS, "http://microsoft.com/win/10" },
  /* VMware */
  { "windows9_64Guest", WINDOWS, "http://microsoft.com/win/10" },
  { "windows9-64", WINDOWS, "http://microsoft.com/win/10" },
  { "windows9Server64Guest", WINDOWS, "http://microsoft.com/win/2k16" },
  { "windows2019srv_64Guest", WINDOWS, "http://microsoft.com/win/2k19" },
  { "windows2019srvNext-64", WINDOWS, "http://microsoft.com/win/2k22" },
  { "windows11-64", WINDOWS, "http://microsoft.com/win/11" },
  { "windows8srv-64", WINDOWS, "http://microsoft.com/win/2k12" },
  { "windows7Server64Guest", WINDOWS, "http://microsoft.com/win/2k8r2" },
  { "winNetStandardGuest", OLD, "http://microsoft.com/win/2k3" },
  { "winxppro", OLD, "http://microsoft.com/win/xp" },
  { "debian10-64", LINUX, "http://debian.org/debian/10" },
  { "arm-debian11-64", LINUX, "http://debian.org/debian/11" },
  { "centos7_64Guest", LINUX, "http://centos.org/centos/7.0" },
  { "centos-64", LINUX, NULL },
  { "rhel8_64Guest", LINUX, "http://redhat.com/rhel/8.0" },
  { "oracleLinux8-64", LINUX, "http://oracle.com/ol/8.0" },
  { "sles12-64", LINUX, "http://suse.com/sles/12" },
  { "freebsd12-64", BSD, "http://freebsd.org/freebsd/12.0" },
  { "ubuntu-64", LINUX, NULL },
  { "vmwarePhoton64Guest", LINUX, NULL },
  { "other26xLinux64Guest", LINUX, NULL },
  { "darwin20-64", OTHER, NULL },
  /* VirtualBox */
  { "Windows10_64", WINDOWS, "http://microsoft.com/win/10" },
  { "Windows81_64", WINDOWS, "http://microsoft.com/win/8.1" },
  { "Windows2012_64", WINDOWS, "http://microsoft.com/win/2k12" },
  { "WindowsNT4", OLD, "http://microsoft.com/winnt/4.0" },
  { "Ubuntu22_LTS_64", LINUX, "http://ubuntu.com/ubuntu/22.04" },
  { "Ubuntu21_10_64", LINUX, "http://ubuntu.com/ubuntu/21.10" },
  { "Debian11_64", LINUX, "http://debian.org/debian/11" },
  { "RedHat9_64", LINUX, "http://redhat.com/rhel/9.0" },
  { "Linux26_64", LINUX, NULL },
  { "ArchLinux_64", LINUX, NULL },
  { "OpenBSD_64", BSD, NULL },
  /* the others */
  { "rhel_8x64", LINUX, "http://redhat.com/rhel/8.0" },
  { "windows_2019x64", WINDOWS, "http://microsoft.com/win/2k19" },
  { "windows", WINDOWS, NULL },
  { "Windows Server", WINDOWS, NULL },
  { "http://microsoft.com/win/xp", OLD, "http://microsoft.com/win/xp" },
  { "http://microsoft.com/win/10", WINDOWS, "http://microsoft.com/win/10" },
  { "http://ubuntu.com/ubuntu/22.04", LINUX, "http://ubuntu.com/ubuntu/22.04" },
  { "http://debian.org/<evil>", LINUX, NULL },
};

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (systems); i++)
    {
      g_autofree char *id = NULL;
      ValiseGuestFamily family = valise_guest_system_identify (systems[i].stated, &id);

      g_test_message ("%s", systems[i].stated);
      g_assert_cmpint (family, ==, systems[i].family);
      g_assert_cmpstr (id, ==, systems[i].id);
    }
}

static void
test_people (void)
{
  static const struct
  {
    const char *stated, *shown;
  } shown[] = {
    { NULL, NULL },
    { "CIM 0", NULL },
    { "CIM 1", NULL },
    { "CIM 99999", NULL },
    { "CIM 94", "Ubuntu" },
    { "CIM 103", "Windows Server 2008 R2" },
    { "CIM of ours", "CIM of ours" },
    { "otherGuest", "otherGuest" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autofree char *text = valise_guest_system_describe (shown[i].stated);

      g_assert_cmpstr (text, ==, shown[i].shown);
    }
}

/* Every URI that comes out is one that the database has. */
static void
test_known (void)
{
  const char *const argv[] = { "grep", "-rhoE", "<os id=\"[^\"]*\"", DATABASE, NULL };
  g_autofree char *known = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (DATABASE, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("osinfo-db is not installed");
      return;
    }
  valise_process_run (argv, NULL, NULL, &known, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (systems); i++)
    {
      g_autofree char *id = NULL;
      g_autofree char *line = NULL;

      valise_guest_system_identify (systems[i].stated, &id);
      line = g_strdup_printf ("<os id=\"%s\"", id);
      if (id != NULL && strstr (known, line) == NULL)
        g_error ("%s is %s, which libosinfo does not know", systems[i].stated, id);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/guest-system/names", test_names);
  g_test_add_func ("/formats/guest-system/people", test_people);
  g_test_add_func ("/formats/guest-system/known", test_known);
  return g_test_run ();
}
