/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/valise-machine-log-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/valise-path.h"
#include "engine/valise-embed-root-private.h"

#define MOST_BYTES (256 * 1024)

static char *
find_log (ValiseHost *host, const char *uuid)
{
  const char *uri = valise_host_get_uri (host);
  g_autofree char *root = _valise_embed_root_from_uri (uri);
  g_autofree char *name = g_strdup_printf ("vm-%s.log", uuid);

  if (root != NULL)
    return g_build_filename (root, "log", "qemu", name, NULL);
  if (g_str_equal (uri, "qemu:///session"))
    return g_build_filename (g_get_user_cache_dir (), "libvirt", "qemu", "log", name, NULL);
  return g_build_filename ("/var/log/libvirt/qemu", name, NULL);
}

/* From the first line that begins within the last MOST_BYTES. */
static char *
read_end (const char *path, gssize *length)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  g_autofree char *text = NULL;
  struct stat status;
  const char *line;
  off_t from = 0;

  if (fd < 0)
    return NULL;
  text = g_malloc (MOST_BYTES + 1);
  *length = -1;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      from = MAX (status.st_size - MOST_BYTES, 0);
      *length = pread (fd, text, MOST_BYTES, from);
    }
  close (fd);
  if (*length < 0)
    return NULL;
  text[*length] = '\0';
  line = from > 0 ? memchr (text, '\n', (gsize) *length) : NULL;
  if (line != NULL)
    {
      *length -= line + 1 - text;
      return g_memdup2 (line + 1, (gsize) *length + 1);
    }
  return g_steal_pointer (&text);
}

void
_valise_machine_log_keep (ValiseHost *host, const char *bundle_path, const char *uuid)
{
  g_autofree char *from = find_log (host, uuid);
  g_autofree char *directory = g_build_filename (bundle_path, "logs", NULL);
  g_autofree char *to = g_build_filename (directory, "qemu.log", NULL);
  gssize length = 0;
  g_autofree char *text = read_end (from, &length);

  if (text == NULL)
    return;
  g_mkdir (directory, 0700);
  g_file_set_contents_full (to, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
