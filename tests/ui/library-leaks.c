/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GLib allocates its table of quarks while it is loaded and drops it, on purpose, when a program has more than two
 * thousand; a program with many widget types has. The stack of that allocation ends in g_malloc, where no suppression
 * can tell it from a leak of ours, so what is allocated before main is not looked at. */
#ifdef __SANITIZE_ADDRESS__

#  include <sanitizer/lsan_interface.h>

typedef void (*Hook) (void);

/* Runs before the constructors of all libraries. */
__attribute__ ((section (".preinit_array"), used)) static const Hook before_libraries = __lsan_disable;

/* Runs after them. */
__attribute__ ((constructor)) static void
after_libraries (void)
{
  __lsan_enable ();
}

#else

typedef int ValiseNoSanitizer;

#endif
