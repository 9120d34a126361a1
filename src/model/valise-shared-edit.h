/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/valise-edit-session.h"

G_BEGIN_DECLS

typedef enum
{
  VALISE_SHARED_PENDING, /* not looked at yet: valise_shared_edit_work */
  VALISE_SHARED_CHANGES, /* it would change, and can be saved */
  VALISE_SHARED_SAME,    /* it has that value already */
  VALISE_SHARED_REFUSED, /* it cannot have it; reason says why */
} ValiseSharedState;

/**
 * ValiseSharedPart:
 * @session: the machine's own, in which the knob and what follows from it is all that is changed
 * @changes: (element-type ValiseChange): what would become different
 * @findings: (element-type ValiseFinding): what there is to say about it that was not to be said before
 * @value: (nullable): what the knob is now, as people read it, when nothing changes
 * @reason: (nullable): why it is refused, translated
 *
 * One machine of several that get the same value.
 */
typedef struct
{
  ValiseEditSession *session;
  ValiseSharedState state;
  GPtrArray *changes;
  GPtrArray *findings;
  char *value;
  char *reason;
  GHashTable *known; /* findings of the original */
} ValiseSharedPart;

/* No place in the document, as the devices of several machines are not the same ones: which kind of device each of them
 * tries to start from first, a VALISE_BOOT_... of valise-boot-places.h. */
#define VALISE_SHARED_BOOT_FIRST "boot-first"

/**
 * ValiseSharedEdit:
 *
 * One knob set to one value in several machines. Nothing is saved here: each part's draft is what is to be applied to
 * its machine. A knob of a device counts for every device of its kind: a cache mode for each disk.
 */
typedef struct _ValiseSharedEdit ValiseSharedEdit;

ValiseSharedEdit *valise_shared_edit_new (void);
void valise_shared_edit_free (ValiseSharedEdit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSharedEdit, valise_shared_edit_free)

/* The part is the edit's; it is pending. (transfer none) */
ValiseSharedPart *valise_shared_edit_add (ValiseSharedEdit *self, ValiseEditSession *session);
/* The part's machine is another now, by hand or because it was saved: a new session on what it is. It is pending. */
void valise_shared_edit_renew (ValiseSharedEdit *self, ValiseSharedPart *part, ValiseEditSession *session);
/* @knob: without indices: "devices/disk/driver/@cache"; (nullable): nothing is to be changed. @value: as
 * valise_edit_session_set takes it, sizes with their unit; %NULL unsets. All parts are pending afterwards. */
void valise_shared_edit_set (ValiseSharedEdit *self, const char *knob, const char *value);
const char *valise_shared_edit_get_knob (ValiseSharedEdit *self);
/* Works out one pending part, which takes as long as an edit does. (nullable) (transfer none): it, or %NULL when none is
 * pending */
ValiseSharedPart *valise_shared_edit_work (ValiseSharedEdit *self);
/* How many are in @state. */
guint valise_shared_edit_count (ValiseSharedEdit *self, ValiseSharedState state);

/* (nullable): why several machines cannot have the same, as with an address, translated */
const char *valise_shared_edit_reason (const char *knob);
/* The element of @knob that a machine may have none of: "devices/disk[@device='cdrom']" of what is below it; %NULL for
 * what is not in a device. (transfer full) */
char *valise_shared_edit_device (const char *knob);
/* The paths of @knob in @document, one for each device of the kind: none when it has no such device. (element-type utf8)
 * (transfer full) */
GPtrArray *valise_shared_edit_paths (ValiseDocument *document, const char *knob);

G_END_DECLS
