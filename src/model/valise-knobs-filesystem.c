/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "filesystem"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice TYPES[] = {
  { "mount", N_ ("A folder") },
  { "template", N_ ("A template") },
  { "file", N_ ("An image file") },
  { "block", N_ ("A disk of this computer") },
  { "ram", N_ ("Memory") },
  { "bind", N_ ("Another folder of the guest") },
  { NULL },
};

static const ValiseKnobChoice DRIVERS[] = {
  { "path", N_ ("9p") },
  { "virtiofs", N_ ("virtiofs") },
  { "handle", N_ ("9p by handle") },
  { "loop", N_ ("Loop device") },
  { "nbd", N_ ("Network block device") },
  { "ploop", N_ ("Ploop") },
  { NULL },
};

static const ValiseKnobChoice ACCESS_MODES[] = {
  { "passthrough", N_ ("As the user that runs the machine") },
  { "mapped", N_ ("Owners kept beside the files") },
  { "squash", N_ ("As the user, errors ignored") },
  { NULL },
};

static const ValiseKnobChoice MULTI_DEVICES[] = {
  { "default", N_ ("As usual") },
  { "remap", N_ ("Told apart") },
  { "forbid", N_ ("Refused") },
  { "warn", N_ ("Noted in the log") },
  { NULL },
};

static const ValiseKnobChoice CACHES[] = {
  { "none", N_ ("None") },
  { "always", N_ ("Everything") },
  { NULL },
};

static const ValiseKnobChoice SANDBOXES[] = {
  { "namespace", N_ ("A name space of its own") },
  { "chroot", N_ ("A changed root") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/filesystem/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Shared folder: kind"),
    N_ ("What of this computer the guest sees."), .synonyms = "share folder mount 9p virtiofs",
    .fallback = N_ ("a folder"), .choices = TYPES },
  { "devices/filesystem/driver/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Shared by"),
    N_ ("9p works everywhere; virtiofs is faster and needs shared memory."),
    .synonyms = "share folder 9p virtiofs driver", .fallback = N_ ("9p"), .choices = DRIVERS },
  { "devices/filesystem/source/@dir", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Folder of this computer"),
    N_ ("What is shared. The guest can read all of it, and write unless it is read-only."),
    .synonyms = "share folder host directory" },
  { "devices/filesystem/source/@socket", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Socket of virtiofsd"),
    N_ ("For a virtiofsd that you start yourself."), .synonyms = "share virtiofs socket" },
  { "devices/filesystem/target/@dir", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Name in the guest"),
    N_ ("By which the guest mounts it: mount -t 9p NAME /mnt."), .synonyms = "share folder mount tag" },
  { "devices/filesystem/readonly", VALISE_KNOB_PRESENCE, RESTART, PAGE, N_ ("Read-only"),
    N_ ("The guest cannot change what is in it."), .synonyms = "share folder write protect" },
  { "devices/filesystem/@accessmode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Owner of files"),
    N_ ("Whose files those are that the guest writes."), .synonyms = "share 9p permission mapped squash",
    .fallback = N_ ("as the user that runs the machine"), .choices = ACCESS_MODES },
  { "devices/filesystem/@fmode", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Permissions of new files"),
    N_ ("In octal, as in 0644."), .synonyms = "share 9p fmode mode", .fallback = "0600" },
  { "devices/filesystem/@dmode", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Permissions of new folders"),
    N_ ("In octal, as in 0755."), .synonyms = "share 9p dmode mode", .fallback = "0700" },
  { "devices/filesystem/@multidevs", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Several disks below it"),
    N_ ("What happens when folders in it are on different disks."), .synonyms = "share 9p multidevs inode",
    .fallback = N_ ("as usual"), .choices = MULTI_DEVICES },
  { "devices/filesystem/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Shared folder: virtio model"),
    N_ ("Which generation of virtio the device speaks."), .synonyms = "share 9p virtio transitional",
    .fallback = N_ ("virtio"), .choices = _valise_knob_virtio_models },
  { "devices/filesystem/driver/@queue", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("virtiofs: queue length"),
    N_ ("How many requests may wait."), .synonyms = "share virtiofs queue", .fallback = "1024", .minimum = 1,
    .maximum = 1024 },
  { "devices/filesystem/binary/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("virtiofsd program"),
    N_ ("The program that shares the folder. It runs with your rights."), .synonyms = "share virtiofs binary",
    .fallback = N_ ("the installed one") },
  { "devices/filesystem/binary/@xattr", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("virtiofs: extended attributes"),
    N_ ("Keeps what the guest writes beside a file."), .synonyms = "share virtiofs xattr", .fallback = N_ ("off") },
  { "devices/filesystem/binary/cache/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("virtiofs: cache"),
    N_ ("What the guest may remember of the folder."), .synonyms = "share virtiofs cache",
    .fallback = N_ ("chosen by virtiofsd"), .choices = CACHES },
  { "devices/filesystem/binary/sandbox/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("virtiofs: confinement"),
    N_ ("How the program that shares the folder is kept inside it."), .synonyms = "share virtiofs sandbox",
    .fallback = N_ ("a name space of its own"), .choices = SANDBOXES },
  { "devices/filesystem/binary/lock/@posix", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("virtiofs: POSIX locks"),
    N_ ("Locks of the guest hold on this computer too."), .synonyms = "share virtiofs lock", .fallback = N_ ("off") },
  { "devices/filesystem/binary/lock/@flock", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("virtiofs: file locks"),
    N_ ("Locks of the guest hold on this computer too."), .synonyms = "share virtiofs flock", .fallback = N_ ("off") },
  { "devices/filesystem/binary/thread_pool/@size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("virtiofs: threads"),
    N_ ("How many threads serve the guest."), .synonyms = "share virtiofs thread pool",
    .fallback = N_ ("chosen by virtiofsd"), .minimum = 0, .maximum = 1024 },
  { "devices/filesystem/driver/@wrpolicy", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Writes"),
    N_ ("Write immediate to have each write reach the disk at once."), .synonyms = "share 9p write policy immediate",
    .fallback = N_ ("when it suits") },
  { NULL },
};

const ValiseKnob *const _valise_knobs_filesystem = KNOBS;
