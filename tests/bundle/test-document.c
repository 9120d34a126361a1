/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document-fixture.h"

#include "base/valise-xml.h"

#include <string.h>

/* --- reading --- */

static const struct
{
  const char *file;
  const char *path;
  const char *value;
} gets[] = {
  { "desktop.xml", "name", "desktop" },
  { "desktop.xml", "@type", "qemu" },
  { "desktop.xml", "title", "Desktop “everyday”" },
  { "desktop.xml", "memory/@unit", "GiB" },
  { "desktop.xml", "features/acpi", "" },
  { "desktop.xml", "features/pae", NULL },
  { "desktop.xml", "features", "" },
  { "desktop.xml", "os/boot/@dev", "cdrom" },
  { "desktop.xml", "os/boot[2]/@dev", "hd" },
  { "desktop.xml", "os/boot[3]/@dev", NULL },
  { "desktop.xml", "devices/disk[2]/driver/@cache", "none" },
  { "desktop.xml", "devices/disk[@device='cdrom']/target/@dev", "sda" },
  { "desktop.xml", "devices/disk[@device='disk'][2]/target/@dev", "vdb" },
  { "desktop.xml", "devices/disk[target/@dev='vdb']/source/@file", "disks/data.qcow2" },
  { "desktop.xml", "cpu/feature[@name='aes']/@policy", "require" },
  { "desktop.xml", "cpu/feature[@name=\"vmx\"]/@policy", "disable" },
  { "desktop.xml", "cpu/feature[@name='svm']/@policy", NULL },
  { "desktop.xml", "metadata/valise:machine/@accel", "auto" },
  { "desktop.xml", "metadata/valise:machine/valise:notes", "Line one\nLine two & a half" },
  { "desktop.xml", "metadata/valise:machine/valise:forward[2]/@host", "8080" },
  { "desktop.xml", "metadata/libosinfo:libosinfo/libosinfo:os/@id", "http://debian.org/debian/12" },
  { "desktop.xml", "qemu:commandline/qemu:arg[2]/@value", "edu" },
  { "own-prefixes.xml", "qemu:commandline/qemu:arg/@value", "-S" },
  { "own-prefixes.xml", "metadata/valise:machine/@version", "1" },
  { "own-prefixes.xml", "metadata/valise:machine/valise:notes", "default namespace" },
  { "own-prefixes.xml", "metadata/valise:thing/@kept", NULL },
  { "own-prefixes.xml", "metadata/:valise:thing/@kept", "yes" },
  { "own-prefixes.xml", "metadata/machine/@version", NULL },
  { "odd.xml", "name", "a <b> & c" },
  { "odd.xml", "title", "5 < 6 & \"7\"" },
  { "odd.xml", "description", "beforeafter" },
  { "odd.xml", "@type", "kvm" },
  { "odd.xml", "@id", "7" },
  { "odd.xml", "memory", "4194304" },
  { "odd.xml", "vcpu/@placement", "static" },
  { "odd.xml", "vcpu", "2" },
  { "odd.xml", "sysinfo/entry", "it's \n here" },
  { "odd.xml", "elsewhere/@attr", "a'b\nc\td e" },
  { "odd.xml", "elsewhere/deep/x:er/@x:y", "1" },
  { "odd.xml", "devices/disk/source/@file", "disks/it's.qcow2" },
  { "odd.xml", "devices/disk[3]/target/@dev", "vdc" },
  { "odd.xml", "devices/unknown:device/@b", "/>" },
  { "crlf.xml", "description", "two\nlines" },
  { "empty.xml", "name", NULL },
  { "empty.xml", "", "" },
};

static void
test_get (void)
{
  g_test_summary ("What stands at a knob path");
  for (gsize i = 0; i < G_N_ELEMENTS (gets); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_read (gets[i].file);
      g_autofree char *value = valise_document_get (document, gets[i].path);

      g_test_message ("%s %s", gets[i].file, gets[i].path);
      g_assert_cmpstr (value, ==, gets[i].value);
      g_assert_cmpint (valise_document_has (document, gets[i].path), ==, gets[i].value != NULL);
    }
}

static const char *const bad_paths[] = {
  "/name",
  "name/",
  "a//b",
  "@type/x",
  "disk[",
  "disk[0]",
  "disk[1",
  "disk[x]",
  "disk[1]x",
  "disk[@a=b]",
  "disk[@a='b]",
  "disk[1][2]",
  "a b",
  "a:b:c",
  ":a",
  "a:",
  "@",
  "devices/",
  "disk[@a='1'][@b='1'][@c='1'][@d='1'][@e='1']",
  "no such/thing",
  "zzz/a//b",
  "<a/>",
  "a&b",
};

static void
test_bad_paths (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_read ("desktop.xml");
  g_autofree char *before = g_strdup (valise_document_get_text (document));

  g_test_summary ("What is no path reads as nothing and is not written");
  for (gsize i = 0; i < G_N_ELEMENTS (bad_paths); i++)
    {
      g_autoptr (GError) error = NULL, second = NULL;

      g_test_message ("%s", bad_paths[i]);
      g_assert_null (valise_document_get (document, bad_paths[i]));
      g_assert_false (valise_document_set (document, bad_paths[i], "1", &error));
      g_assert_error (error, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH);
      g_assert_false (valise_document_unset (document, bad_paths[i], &second));
      g_assert_error (second, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH);
      g_assert_cmpstr (valise_document_get_text (document), ==, before);
    }
}

static void
test_count (void)
{
  g_autoptr (ValiseDocument) document = document_fixture_read ("desktop.xml");

  g_test_summary ("How many there are");
  g_assert_cmpuint (valise_document_count (document, "devices/disk"), ==, 3);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[@device='disk']"), ==, 2);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[2]"), ==, 1);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[2]/source"), ==, 1);
  g_assert_cmpuint (valise_document_count (document, "devices/disk[9]/source"), ==, 0);
  g_assert_cmpuint (valise_document_count (document, "devices/shmem"), ==, 0);
  g_assert_cmpuint (valise_document_count (document, "qemu:commandline/qemu:arg"), ==, 2);
  g_assert_cmpuint (valise_document_count (document, "@type"), ==, 1);
  g_assert_cmpuint (valise_document_count (document, "devices/disk["), ==, 0);
}

static const struct
{
  const char *text;
  GQuark (*domain) (void);
  int code;
} refusals[] = {
  { "<network/>", valise_document_error_quark, VALISE_DOCUMENT_ERROR_NOT_A_DOMAIN },
  { "<domain xmlns='http://example.com/'/>", valise_document_error_quark, VALISE_DOCUMENT_ERROR_NOT_A_DOMAIN },
  { "<domain>", valise_xml_error_quark, VALISE_XML_ERROR_SYNTAX },
  { "", valise_xml_error_quark, VALISE_XML_ERROR_SYNTAX },
  { "<domain :a='1'/>", valise_xml_error_quark, VALISE_XML_ERROR_SYNTAX },
  { "<domain><a:b:c/></domain>", valise_xml_error_quark, VALISE_XML_ERROR_SYNTAX },
  { "<!DOCTYPE domain><domain/>", valise_xml_error_quark, VALISE_XML_ERROR_FORBIDDEN },
};

static void
test_refuse (void)
{
  g_autoptr (ValiseDocument) kept = document_fixture_read ("odd.xml");
  g_autofree char *before = g_strdup (valise_document_get_text (kept));

  g_test_summary ("What is no domain is refused, also as a new text, which then changes nothing");
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL, second = NULL;

      g_assert_null (valise_document_new (refusals[i].text, -1, "config.xml", &error));
      g_assert_error (error, refusals[i].domain (), refusals[i].code);
      g_assert_nonnull (strstr (error->message, "config.xml"));
      g_assert_false (valise_document_set_text (kept, refusals[i].text, -1, &second));
      g_assert_error (second, refusals[i].domain (), refusals[i].code);
      g_assert_cmpstr (valise_document_get_text (kept), ==, before);
    }
}

/* --- writing --- */

/* Each case: set (or unset, when the value is NULL) and compare every byte. */
static const struct
{
  const char *name;
  const char *before;
  const char *path;
  const char *value;
  const char *after;
} edits[] = {
  { "attribute keeps its quote", "<domain type=\"kvm\" id='1'/>", "@type", "qemu", "<domain type=\"qemu\" id='1'/>" },
  { "attribute is escaped", "<domain type='kvm'/>", "@type", "a'b\"<&>\n",
    "<domain type='a&apos;b\"&lt;&amp;&gt;&#10;'/>" },
  { "spaces around the equals sign stay", "<domain  type = 'kvm' />", "@type", "x", "<domain  type = 'x' />" },
  { "same value touches nothing", "<domain a='it&apos;s &#x41;'/>", "@a", "it's A", "<domain a='it&apos;s &#x41;'/>" },
  { "new attribute, prevailing quote", "<domain><a x=\"1\" y=\"2\"/></domain>", "a/@z", "3",
    "<domain><a x=\"1\" y=\"2\" z=\"3\"/></domain>" },
  { "new attribute, none before", "<domain><a/></domain>", "a/@z", "3", "<domain><a z='3'/></domain>" },
  { "new attribute, lines of their own", "<domain>\n  <a\n     x='1'\n     y='2'\n  />\n</domain>", "a/@z", "3",
    "<domain>\n  <a\n     x='1'\n     y='2'\n     z='3'\n  />\n</domain>" },
  { "attribute goes", "<domain><a x='1' y='2' z='3'/></domain>", "a/@y", NULL, "<domain><a x='1' z='3'/></domain>" },
  { "attribute that is not there goes", "<domain><a/></domain>", "a/@y", NULL, "<domain><a/></domain>" },
  { "text", "<domain><name>a</name></domain>", "name", "b & <c>", "<domain><name>b &amp; &lt;c&gt;</name></domain>" },
  { "text keeps its comment", "<domain><name>a<!-- x --></name></domain>", "name", "b",
    "<domain><name>b<!-- x --></name></domain>" },
  { "CDATA stays CDATA", "<domain><name><![CDATA[a]]></name></domain>", "name", "<b>",
    "<domain><name><![CDATA[<b>]]></name></domain>" },
  { "CDATA that cannot hold it", "<domain><name><![CDATA[a]]></name></domain>", "name", "]]>",
    "<domain><name>]]&gt;</name></domain>" },
  { "text between elements", "<domain><rng>a<log>x</log>b</rng></domain>", "rng", "c",
    "<domain><rng>c<log>x</log></rng></domain>" },
  { "text into an empty tag", "<domain><name/></domain>", "name", "b", "<domain><name>b</name></domain>" },
  { "text into an empty element", "<domain><name></name></domain>", "name", "b", "<domain><name>b</name></domain>" },
  { "text goes", "<domain><name a='1'>b</name></domain>", "name", "", "<domain><name a='1'/></domain>" },
  { "new element like its siblings", "<domain>\n  <name>a</name>\n</domain>\n", "vcpu", "2",
    "<domain>\n  <name>a</name>\n  <vcpu>2</vcpu>\n</domain>\n" },
  { "new element, tabs", "<domain>\n\t<name>a</name>\n</domain>", "vcpu", "2",
    "<domain>\n\t<name>a</name>\n\t<vcpu>2</vcpu>\n</domain>" },
  { "new element, CRLF", "<domain>\r\n  <name>a</name>\r\n</domain>\r\n", "vcpu", "2",
    "<domain>\r\n  <name>a</name>\r\n  <vcpu>2</vcpu>\r\n</domain>\r\n" },
  { "new element, all on one line", "<domain><name>a</name></domain>", "vcpu", "2",
    "<domain><name>a</name><vcpu>2</vcpu></domain>" },
  { "new element behind the last of its name", "<domain>\n  <os>\n    <boot dev='a'/>\n    <menu/>\n  </os>\n</domain>",
    "os/boot[2]/@dev", "b",
    "<domain>\n  <os>\n    <boot dev='a'/>\n    <boot dev='b'/>\n    <menu/>\n  </os>\n</domain>" },
  { "new element behind a remark", "<domain>\n  <a/> <!-- about a -->\n  <b/>\n</domain>", "a[2]", "",
    "<domain>\n  <a/> <!-- about a -->\n  <a/>\n  <b/>\n</domain>" },
  { "new elements into an empty tag", "<domain>\n  <devices/>\n</domain>", "devices/disk/driver/@cache", "none",
    "<domain>\n  <devices>\n    <disk>\n      <driver cache='none'/>\n    </disk>\n  </devices>\n</domain>" },
  { "new element into an element with a comment", "<domain>\n    <os>\n        <!-- x -->\n    </os>\n</domain>",
    "os/type", "hvm", "<domain>\n    <os>\n        <!-- x -->\n        <type>hvm</type>\n    </os>\n</domain>" },
  { "new elements all the way", "<domain/>", "cpu/topology/@cores", "2",
    "<domain>\n  <cpu>\n    <topology cores='2'/>\n  </cpu>\n</domain>" },
  { "element goes with its line", "<domain>\n  <a/>\n  <b>\n    <c/>\n  </b>\n  <d/>\n</domain>", "b", NULL,
    "<domain>\n  <a/>\n  <d/>\n</domain>" },
  { "element goes, its remark stays", "<domain>\n  <a/> <!-- x -->\n  <b/>\n</domain>", "a", NULL,
    "<domain>\n   <!-- x -->\n  <b/>\n</domain>" },
  { "element among others on a line goes", "<domain><a/><b/><c/></domain>", "b", NULL, "<domain><a/><c/></domain>" },
  { "the last element goes", "<domain>\n  <os>\n    <boot/>\n  </os>\n</domain>", "os/boot", NULL,
    "<domain>\n  <os/>\n</domain>" },
  { "the last element goes, a comment stays", "<domain>\n  <os>\n    <!-- x -->\n    <boot/>\n  </os>\n</domain>",
    "os/boot", NULL, "<domain>\n  <os>\n    <!-- x -->\n  </os>\n</domain>" },
  { "CRLF line goes", "<domain>\r\n  <a/>\r\n  <b/>\r\n</domain>\r\n", "a", NULL,
    "<domain>\r\n  <b/>\r\n</domain>\r\n" },
  { "predicate makes its attribute", "<domain>\n  <cpu>\n    <feature name='a' policy='x'/>\n  </cpu>\n</domain>",
    "cpu/feature[@name='b']/@policy", "y",
    "<domain>\n  <cpu>\n    <feature name='a' policy='x'/>\n    <feature name='b' policy='y'/>\n  </cpu>\n</domain>" },
  { "predicate makes its child", "<domain/>", "devices/disk[target/@dev='vda']/target/@bus", "virtio",
    "<domain>\n  <devices>\n    <disk>\n      <target dev='vda' bus='virtio'/>\n    </disk>\n  </devices>\n</domain>" },
  { "our namespace is declared", "<domain>\n  <name>a</name>\n</domain>", "metadata/valise:machine/@accel", "tcg",
    "<domain>\n  <name>a</name>\n  <metadata>\n    <valise:machine xmlns:valise='https://valise.page/bundle/1' "
    "accel='tcg'/>\n  </metadata>\n</domain>" },
  { "our namespace under another prefix", "<domain xmlns:v='https://valise.page/bundle/1'>\n  <metadata/>\n</domain>",
    "metadata/valise:machine/@accel", "tcg",
    "<domain xmlns:v='https://valise.page/bundle/1'>\n  <metadata>\n    <v:machine accel='tcg'/>\n  "
    "</metadata>\n</domain>" },
  { "our prefix is somebody else's", "<domain xmlns:valise='http://example.com/'>\n  <metadata/>\n</domain>",
    "metadata/valise:machine", "",
    "<domain xmlns:valise='http://example.com/'>\n  <metadata>\n    <valise1:machine "
    "xmlns:valise1='https://valise.page/bundle/1'/>\n  </metadata>\n</domain>" },
  { "our namespace as the default",
    "<domain><metadata><machine xmlns='https://valise.page/bundle/1'/></metadata></domain>",
    "metadata/valise:machine/valise:notes", "x",
    "<domain><metadata><machine xmlns='https://valise.page/bundle/1'><notes>x</notes></machine></metadata></domain>" },
  { "no namespace inside ours", "<domain><metadata><machine xmlns='https://valise.page/bundle/1'/></metadata></domain>",
    "metadata/valise:machine/plain", "x",
    "<domain><metadata><machine xmlns='https://valise.page/bundle/1'><plain "
    "xmlns=''>x</plain></machine></metadata></domain>" },
  { "qemu namespace is declared", "<domain/>", "qemu:commandline/qemu:arg/@value", "-S",
    "<domain>\n  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n    <qemu:arg "
    "value='-S'/>\n  </qemu:commandline>\n</domain>" },
#define DECLARED(prefix) "xmlns:" prefix "='http://libvirt.org/schemas/domain/" prefix "/1.0'"
  { "LXC's namespace is declared", "<domain/>", "lxc:namespace/lxc:sharenet/@type", "netns",
    "<domain>\n  <lxc:namespace " DECLARED (
        "lxc") ">\n    <lxc:sharenet type='netns'/>\n  </lxc:namespace>\n</domain>" },
  { "bhyve's", "<domain/>", "bhyve:commandline/bhyve:arg/@value", "-s",
    "<domain>\n  <bhyve:commandline " DECLARED (
        "bhyve") ">\n    <bhyve:arg value='-s'/>\n  </bhyve:commandline>\n</domain>" },
  { "Xen's", "<domain/>", "xen:commandline/xen:arg/@value", "-s",
    "<domain>\n  <xen:commandline " DECLARED ("xen") ">\n    <xen:arg value='-s'/>\n  </xen:commandline>\n</domain>" },
  { "VMware's", "<domain/>", "vmware:datacenterpath", "a/b",
    "<domain>\n  <vmware:datacenterpath " DECLARED ("vmware") ">a/b</vmware:datacenterpath>\n</domain>" },
  { "theirs under another name",
    "<domain xmlns:b='http://libvirt.org/schemas/domain/bhyve/1.0'><b:commandline/></domain>",
    "bhyve:commandline/bhyve:arg/@value", "-s",
    "<domain xmlns:b='http://libvirt.org/schemas/domain/bhyve/1.0'><b:commandline><b:arg "
    "value='-s'/></b:commandline></domain>" },
#undef DECLARED
};

static void
test_edit (void)
{
  g_test_summary ("An edit changes the bytes of its knob and nothing else");
  for (gsize i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse (edits[i].before);
      g_autoptr (GError) error = NULL;
      g_autofree char *value = NULL;

      g_test_message ("%s", edits[i].name);
      if (edits[i].value != NULL)
        valise_document_set (document, edits[i].path, edits[i].value, &error);
      else
        valise_document_unset (document, edits[i].path, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (valise_document_get_text (document), ==, edits[i].after);
      g_assert_cmpuint (valise_document_get_length (document), ==, strlen (edits[i].after));
      value = valise_document_get (document, edits[i].path);
      g_assert_cmpstr (value, ==, edits[i].value);
      g_assert_nonnull (valise_document_get_tree (document));
    }
}

static const struct
{
  const char *before;
  const char *path;
  const char *value;
  int code;
} failures[] = {
  { "<domain><devices><disk/></devices></domain>", "devices/disk[3]/@type", "x", VALISE_DOCUMENT_ERROR_MISSING },
  { "<domain/>", "devices/disk[2]/@type", "x", VALISE_DOCUMENT_ERROR_MISSING },
  { "<domain><devices><disk/></devices></domain>", "devices", "x", VALISE_DOCUMENT_ERROR_VALUE },
  { "<domain/>", "name", "a\x01", VALISE_DOCUMENT_ERROR_VALUE },
  { "<domain/>", "name", "a\xff", VALISE_DOCUMENT_ERROR_VALUE },
  { "<domain/>", "name", "a\xef\xbf\xbf", VALISE_DOCUMENT_ERROR_VALUE },
  { "<domain/>", "1name", "a", VALISE_DOCUMENT_ERROR_PATH },
  { "<domain/>", "a/@xmlns", "a", VALISE_DOCUMENT_ERROR_PATH },
  { "<domain/>", "a/@xmlns:b", "a", VALISE_DOCUMENT_ERROR_PATH },
  { "<domain/>", "a/unknown:b", "a", VALISE_DOCUMENT_ERROR_PATH },
  { "<domain/>", "a/b[@x='1'][@x='2']", "a", VALISE_DOCUMENT_ERROR_PATH },
  { "<domain/>", "a/b[@@='1']", "a", VALISE_DOCUMENT_ERROR_PATH },
};

static void
test_edit_fails (void)
{
  GString *deep = g_string_new ("a");
  g_autoptr (ValiseDocument) empty = document_fixture_parse ("<domain/>");
  g_autofree char *big = g_strnfill (1 << 20, 'x');
  g_autoptr (GError) too_deep = NULL, too_long = NULL;

  g_test_summary ("A failed edit names the knob and changes nothing");
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (ValiseDocument) document = document_fixture_parse (failures[i].before);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", failures[i].path);
      g_assert_false (valise_document_set (document, failures[i].path, failures[i].value, &error));
      g_assert_error (error, VALISE_DOCUMENT_ERROR, failures[i].code);
      g_assert_nonnull (strstr (error->message, failures[i].path));
      g_assert_cmpstr (valise_document_get_text (document), ==, failures[i].before);
    }
  for (guint i = 0; i < 80; i++)
    g_string_append (deep, "/a");
  g_assert_false (valise_document_set (empty, deep->str, "", &too_deep));
  g_assert_error (too_deep, VALISE_DOCUMENT_ERROR, VALISE_DOCUMENT_ERROR_PATH);
  g_assert_false (valise_document_set (empty, "name", big, &too_long));
  g_assert_error (too_long, VALISE_XML_ERROR, VALISE_XML_ERROR_LIMIT);
  g_assert_cmpstr (valise_document_get_text (empty), ==, "<domain/>");
  g_string_free (deep, TRUE);
}

/* --- whole files --- */

/* The tree of libxml2 and our map must agree on every value. */
static void
compare_with_tree (ValiseDocument *document, xmlNode *node, GPtrArray *paths)
{
  g_autofree char *path = valise_document_path_of (document, node);

  for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
    {
      g_autoptr (ValiseXmlChar) expected = xmlNodeGetContent ((xmlNode *) attribute);
      char *attribute_path = valise_document_path_of (document, (xmlNode *) attribute);
      g_autofree char *value = valise_document_get (document, attribute_path);

      g_assert_cmpstr (value, ==, (const char *) expected);
      g_ptr_array_add (paths, attribute_path);
    }
  if (xmlFirstElementChild (node) == NULL)
    {
      g_autoptr (ValiseXmlChar) expected = xmlNodeGetContent (node);
      g_autofree char *value = valise_document_get (document, path);

      g_assert_cmpstr (value, ==, (const char *) expected);
      g_ptr_array_add (paths, g_strdup (path));
    }
  for (xmlNode *child = xmlFirstElementChild (node); child != NULL; child = xmlNextElementSibling (child))
    compare_with_tree (document, child, paths);
}

/* Whether there is only one way to write the value: only then can setting it back give the same bytes. */
static gboolean
is_plain (ValiseDocument *document, const char *path, const char *value)
{
  g_autofree char *fragment = valise_document_get_fragment (document, path);

  if (fragment == NULL)
    return value[strcspn (value, "&<>'\"\n\t\r ")] == '\0';
  return value[strcspn (value, "&<>\r")] == '\0' && strchr (fragment, '&') == NULL && strstr (fragment, "<!") == NULL
         && strstr (fragment, "<?") == NULL && strchr (fragment, '\r') == NULL && strstr (fragment, "></") == NULL;
}

/* The bytes before the first and after the last difference. */
static void
assert_small_change (const char *before, const char *after, const char *old, const char *new)
{
  gsize head = 0, tail = 0, n_before = strlen (before), n_after = strlen (after);

  while (head < n_before && head < n_after && before[head] == after[head])
    head++;
  while (tail < n_before - head && tail < n_after - head && before[n_before - 1 - tail] == after[n_after - 1 - tail])
    tail++;
  /* An empty tag that gets text also gets an end tag; a longer one than this is no knob's own bytes. */
  g_assert_cmpuint (n_after - head - tail, <=, strlen (new) + 80);
  g_assert_cmpuint (n_before - head - tail, <=, strlen (old) * 6 + 80);
}

static void
check_set_and_back (ValiseDocument *document, const char *path, const char *original)
{
  g_autofree char *value = valise_document_get (document, path);
  g_autoptr (GError) error = NULL;

  if (strstr (path, "@xmlns") != NULL)
    return;
  g_assert_nonnull (value);
  valise_document_set (document, path, "other", &error);
  g_assert_no_error (error);
  assert_small_change (original, valise_document_get_text (document), value, "other");
  valise_document_set (document, path, value, &error);
  g_assert_no_error (error);
  if (strcmp (valise_document_get_text (document), original) != 0)
    {
      g_autoptr (ValiseDocument) first = document_fixture_parse (original);
      g_autofree char *now = valise_document_get (document, path);

      g_assert_cmpstr (now, ==, value);
      g_test_message ("%s = %s", path, value);
      g_assert_false (is_plain (first, path, value));
      valise_document_set_text (document, original, -1, &error);
    }
}

static guint n_sets;

static gboolean
check_file (const char *path, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDocument) document = valise_document_new (text, (gssize) length, path, &error);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  /* Collections hold other kinds of XML too; those are refused, which is also an answer. */
  if (document == NULL)
    {
      g_assert_nonnull (error);
      return TRUE;
    }
  g_test_message ("%s", path);
  g_assert_cmpmem (valise_document_get_text (document), valise_document_get_length (document), text, length);
  compare_with_tree (document, xmlDocGetRootElement (valise_document_get_tree (document)), paths);
  for (guint i = 0; i < paths->len; i++)
    check_set_and_back (document, g_ptr_array_index (paths, i), text);
  n_sets += paths->len;
  return TRUE;
}

static void
test_fixtures (void)
{
  g_autofree char *directory = g_test_build_filename (G_TEST_DIST, "fixtures", "domains", NULL);

  g_test_summary ("Our own documents: saved as loaded, and every single knob set and set back");
  g_assert_cmpuint (document_fixture_each (directory, check_file), >=, 10);
}

static void
test_corpora (void)
{
  g_autofree char *directory = document_fixture_dup_corpus ();
  guint n;

  g_test_summary ("The same over other people's documents");
  if (directory == NULL)
    return;
  n_sets = 0;
  n = document_fixture_each (directory, check_file);
  g_test_message ("%u files, %u knobs", n, n_sets);
  g_assert_cmpuint (n, >, 0);
}

/* --- lines --- */

static void
test_lines (void)
{
  const char *text = "<?xml version='1.0'?>\n" /* 1 */
                     "<domain type='kvm'\n"    /* 2 */
                     "        id='1'>\n"       /* 3 */
                     "  <devices>\n"           /* 4 */
                     "    <disk/>\n"           /* 5 */
                     "\n"                      /* 6 */
                     "    <disk><a b='c'/>\n"  /* 7 */
                     "    </disk>\n"           /* 8 */
                     "  </devices>\n"          /* 9 */
                     "</domain>\n"             /* 10 */
                     "<!-- end -->\n";         /* 11 */
  g_autoptr (ValiseDocument) document = document_fixture_parse (text);

  g_test_summary ("From a path to its line");
  g_assert_cmpuint (valise_document_line_of (document, ""), ==, 2);
  g_assert_cmpuint (valise_document_line_of (document, "@id"), ==, 3);
  g_assert_cmpuint (valise_document_line_of (document, "devices/disk[2]"), ==, 7);
  g_assert_cmpuint (valise_document_line_of (document, "devices/disk[2]/a/@b"), ==, 7);
  g_assert_cmpuint (valise_document_line_of (document, "devices/disk[3]"), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/document/get", test_get);
  g_test_add_func ("/bundle/document/bad-paths", test_bad_paths);
  g_test_add_func ("/bundle/document/count", test_count);
  g_test_add_func ("/bundle/document/refuse", test_refuse);
  g_test_add_func ("/bundle/document/edit", test_edit);
  g_test_add_func ("/bundle/document/edit-fails", test_edit_fails);
  g_test_add_func ("/bundle/document/fixtures", test_fixtures);
  g_test_add_func ("/bundle/document/corpora", test_corpora);
  g_test_add_func ("/bundle/document/lines", test_lines);
  return g_test_run ();
}
