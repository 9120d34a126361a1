/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/valise-libvirt-private.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/* A moment in which a guest stands still for us, and its end: that is tried again before anybody gives up, since a guest
 * that is not let go is as good as off. Also the end of a copy that nobody waits for any more, and of memory that its
 * guest has outlived. */

/* What came of asking the guest's agent to write everything and freeze the file systems. */
typedef enum
{
  VALISE_STILL_FREE,   /* nothing is frozen */
  VALISE_STILL_SILENT, /* nor here: the agent hangs, and was not asked for that */
  VALISE_STILL_LATE,   /* it answered, but has not said in time that it has frozen: it still may */
  VALISE_STILL_FROZEN, /* until _valise_still_thaw() */
} ValiseStill;

/* At most 20 seconds. What is, or may become, frozen is written down in the state directory until it is thawed; @mark
 * holds that, and goes to one of the functions below, unless the file systems are not frozen. */
ValiseStill _valise_still_freeze (virDomainPtr domain, int *mark);

/* Has the processors stand until _valise_still_resume(); written down meanwhile, so that whoever comes next lets them go on
 * when this process was killed. -1 with libvirt's error set when they do not stand. */
int _valise_still_pause (virDomainPtr domain);
/* They stand, or go on, because the user said so. Memory that was being written of a guest that could do so is forgotten,
 * too, so it must have been done. */
void _valise_still_forget (virDomainPtr domain);
/* Before it is started: nobody else may have it go on because of what was done to it in an earlier life. */
void _valise_still_forget_earlier (const char *uuid);

/* One that somebody has paused, and whose memory was written then, stays as QEMU leaves it ("postmigrate"): its memory is
 * not written a second time, and nothing but the guest may touch its images, until it has run. So it runs for about a
 * millisecond; one that stands for a fault stays as it is. -1 with libvirt's error set when it runs on. */
int _valise_still_stir (virDomainPtr domain);
/* Lets the processors go on. -1 with libvirt's error set when they stand still after all. */
int _valise_still_resume (virDomainPtr domain);
/* Lets the guest's file systems be written again. -1 with libvirt's error set when the agent has not said that they
 * are; @mark is the caller's then. */
int _valise_still_thaw (virDomainPtr domain, int mark);

/* Called in a thread of its own, with whether they are. */
typedef void (*ValiseStillDone) (gboolean thawed, gpointer data);
/* Goes on trying that for a quarter of an hour or until the machine is off, while others do something else. @domain is
 * referenced meanwhile. For what is frozen or may become so. @done: nullable */
void _valise_still_thaw_late (virDomainPtr domain, int mark, ValiseStillDone done, gpointer data);
/* To be called before QEMU is told to copy the disks, which it would do to the end if this process were killed, while
 * nobody could suspend or copy the machine: what a dead process has left is ended, and this one written down. Returns
 * what _valise_still_end_copy() is called with. */
int _valise_still_begin_copy (virDomainPtr domain);
/* @ended: whether QEMU is known to be through with it; else whoever comes next ends it */
void _valise_still_end_copy (virDomainPtr domain, int mark, gboolean ended);
/* Ends the copy when there is one. libvirt's last error is lost. */
void _valise_still_give_up_copy (virDomainPtr domain, int mark);
/* What the guest overwrites goes to the copy first. Where that fails QEMU fails the guest's own write, which stops it. Lets
 * it go on when the copy is over; one whose own disk is full stops again. */
int _valise_still_go_on (virDomainPtr domain);

/* The same before its memory is written to the bundle at @bundle_path. When the guest lives on, it writes to its disks, and
 * memory that was whole already must never be woken. */
int _valise_still_begin_save (virDomainPtr domain, const char *bundle_path);
/* Where it was not saved, libvirt's last error says why, and stays the last. */
void _valise_still_end_save (const char *uuid, int mark, gboolean saved);

/* Has a guest go on that somebody paused who was killed before he could let it go, and thawed that somebody froze, for
 * which it does not wait; a copy that nobody waits for is ended, and one that was being suspended goes on without the memory
 * that was written. Returns whether it goes on. */
gboolean _valise_still_put_right (virDomainPtr domain);

/* Says in @error, before what else went wrong (if anything), that the machine @name was left standing still and what is
 * to be done. @why: what libvirt said */
void _valise_still_tell_paused (GError **error, const char *name, const char *why);
void _valise_still_tell_frozen (GError **error, const char *name, const char *why);

G_END_DECLS
