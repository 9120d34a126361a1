/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the leak checker is not to look at, because a library loses it and not this program: between __lsan_disable() and
 * __lsan_enable(), in one thread. Nothing of our own may be made there. */
#ifdef __SANITIZE_ADDRESS__
#  include <sanitizer/lsan_interface.h>
#else
#  define __lsan_disable()
#  define __lsan_enable()
#endif
