/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle/valise-archive-private.h"

void
_valise_archive_locale_enter (ValiseArchiveLocale *self)
{
  self->utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
  self->before = self->utf8 != (locale_t) 0 ? uselocale (self->utf8) : (locale_t) 0;
}

void
_valise_archive_locale_leave (ValiseArchiveLocale *self)
{
  if (self->utf8 == (locale_t) 0)
    return;
  uselocale (self->before);
  freelocale (self->utf8);
}
