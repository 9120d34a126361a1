/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GLib allocates its table of quarks while it is loaded and drops it, on purpose, when a program has more than two
 * thousand; a program with many widget types has. The stack of that allocation ends in g_malloc, where no suppression
 * can tell it from a leak of ours, so what is allocated before main is not looked at. */
#ifdef __SANITIZE_ADDRESS__

#  include <gio/gio.h>
#  include <sanitizer/lsan_interface.h>

typedef void (*Hook) (void);

/* Runs before the constructors of all libraries. */
__attribute__ ((section (".preinit_array"), used)) static const Hook before_libraries = __lsan_disable;

/* Runs after them. GIO loses its tables of file types when it chooses the directories for them after it has first used
 * them, as a file chooser lets it do; chosen now, they are chosen before. */
__attribute__ ((constructor)) static void
after_libraries (void)
{
  g_content_type_get_mime_dirs ();
  __lsan_enable ();
}

#else

typedef int ValiseNoSanitizer;

#endif
