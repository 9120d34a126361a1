/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Read once for all files of a room in the sanitized build. No file includes it: the plain build shows that each includes
 * what it needs. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-libxml2.h"
