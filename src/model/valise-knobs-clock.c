/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "clock"
#define RESTART VALISE_KNOB_AFTER_RESTART

static const ValiseKnobChoice ACTIONS[] = {
  { "destroy", N_ ("Switch off") },
  { "restart", N_ ("Start again") },
  { NULL },
};

static const ValiseKnobChoice CRASH_ACTIONS[] = {
  { "destroy", N_ ("Switch off") },
  { "restart", N_ ("Start again") },
  { "preserve", N_ ("Stop and keep it for inspection") },
  { "coredump-destroy", N_ ("Save its memory, then switch off") },
  { "coredump-restart", N_ ("Save its memory, then start again") },
  { NULL },
};

static const ValiseKnobChoice CLOCKS[] = {
  { "utc", N_ ("Universal time (Linux, BSD)") },      { "localtime", N_ ("Local time (Windows)") },
  { "timezone", N_ ("Another time zone") },           { "variable", N_ ("An offset that the guest may change") },
  { "absolute", N_ ("The same date at each start") }, { NULL },
};

static const ValiseKnobChoice CLOCK_BASES[] = {
  { "utc", N_ ("Universal time") },
  { "localtime", N_ ("Local time") },
  { NULL },
};

static const ValiseKnobChoice TICK_POLICIES[] = {
  { "delay", N_ ("Late, at the normal rate") },
  { "catchup", N_ ("Faster until caught up") },
  { "merge", N_ ("Several as one") },
  { "discard", N_ ("Drop them") },
  { NULL },
};

static const ValiseKnobChoice TIMERS[] = {
  { "rtc", N_ ("Real time clock") },
  { "pit", N_ ("PIT") },
  { "hpet", N_ ("HPET") },
  { "tsc", N_ ("Time stamp counter") },
  { "kvmclock", N_ ("KVM clock") },
  { "hypervclock", N_ ("Hyper-V clock") },
  { "armvtimer", N_ ("Arm virtual timer") },
  { "platform", N_ ("Platform timer (Xen)") },
  { NULL },
};

static const ValiseKnobChoice TRACKS[] = {
  { "guest", N_ ("The guest's time") },
  { "wall", N_ ("This computer's clock") },
  { "boot", N_ ("The time since this computer started") },
  { "realtime", N_ ("This computer's clock, unadjusted") },
  { NULL },
};

static const ValiseKnobChoice TIMER_MODES[] = {
  { "auto", N_ ("Automatic") },
  { "native", N_ ("The processor's own") },
  { "emulate", N_ ("Imitated") },
  { "paravirt", N_ ("By agreement with the guest") },
  { "smpsafe", N_ ("Imitated, equal on all processors") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "on_poweroff", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest switches off"),
    N_ ("What happens when the guest turns its power off."), .synonyms = "shutdown halt action event",
    .fallback = N_ ("switch off"), .choices = ACTIONS, .open = TRUE },
  { "on_reboot", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest restarts"),
    N_ ("What happens when the guest asks for a restart."), .synonyms = "reboot reset action event",
    .fallback = N_ ("start again"), .choices = ACTIONS, .open = TRUE },
  { "on_crash", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("When the guest crashes"),
    N_ ("What happens when the guest reports that its kernel has failed."),
    .synonyms = "panic bluescreen action event dump", .fallback = N_ ("switch off"), .choices = CRASH_ACTIONS,
    .open = TRUE },

  { "clock/@offset", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Clock"),
    N_ ("What the machine's hardware clock shows: Windows expects local time, everything else universal time."),
    .synonyms = "time utc localtime rtc timezone date", .fallback = N_ ("universal time"), .choices = CLOCKS },
  { "clock/@timezone", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Clock: time zone"),
    N_ ("For a clock in another time zone, as in Europe/Paris."), .synonyms = "time tz" },
  { "clock/@adjustment", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Clock: seconds ahead"),
    N_ ("How far a variable clock is ahead of its base, in seconds; reset forgets what the guest changed."),
    .synonyms = "time offset variable" },
  { "clock/@basis", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Clock: base"), N_ ("What a variable clock counts from."),
    .synonyms = "time utc localtime", .fallback = N_ ("universal time"), .choices = CLOCK_BASES },
  { "clock/@start", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Clock: fixed date"),
    N_ ("Seconds since 1970 that an absolute clock shows at each start."), .unit = N_ ("seconds"),
    .synonyms = "time epoch absolute" },
  { "clock/timer[@name='rtc']/@tickpolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Real time clock: missed ticks"),
    N_ ("What happens to ticks that the guest was too busy to take."), .synonyms = "timer rtc catchup",
    .fallback = N_ ("late"), .choices = TICK_POLICIES },
  { "clock/timer[@name='pit']/@tickpolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("PIT timer: missed ticks"),
    N_ ("What happens to ticks that the guest was too busy to take."), .synonyms = "timer pit delay",
    .fallback = N_ ("late"), .choices = TICK_POLICIES },
  { "clock/timer[@name='hpet']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("HPET timer"),
    N_ ("A precise timer that costs processor time; most guests do better without it."),
    .synonyms = "high precision event timer" },
  { "clock/timer[@name='hypervclock']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Hyper-V clock"),
    N_ ("A fast clock for Windows guests."), .synonyms = "timer windows enlightenment hypervclock" },
  { "clock/timer[@name='kvmclock']/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("KVM clock"),
    N_ ("A fast clock for Linux guests under KVM."), .synonyms = "timer linux kvmclock" },
  { "clock/timer[@name='tsc']/@frequency", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Time stamp counter frequency"),
    N_ ("Fixes the rate of the processor's cycle counter."), .unit = N_ ("Hz"), .synonyms = "tsc timer",
    .fallback = N_ ("as this computer's") },

  { "pm/suspend-to-mem/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Guest may sleep"),
    N_ ("Offers sleep (suspend to memory) to the guest."), .synonyms = "s3 suspend power management",
    .fallback = N_ ("chosen automatically") },
  { "pm/suspend-to-disk/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Guest may hibernate"),
    N_ ("Offers hibernation (suspend to disk) to the guest."), .synonyms = "s4 suspend power management",
    .fallback = N_ ("chosen automatically") },
  { "clock/timer/@name", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Timer"),
    N_ ("A clock of the machine; a guest uses the best that it finds."), .synonyms = "clock hpet pit rtc tsc",
    .choices = TIMERS },
  { "clock/timer/@present", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Timer: there"), N_ ("Whether the guest sees it."),
    .synonyms = "clock", .fallback = N_ ("as usual for the machine") },
  { "clock/timer/@tickpolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Timer: missed ticks"),
    N_ ("What happens to ticks that the guest was too busy to take."), .synonyms = "clock catchup delay merge discard",
    .fallback = N_ ("late"), .choices = TICK_POLICIES },
  { "clock/timer/@track", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Timer: follows"),
    N_ ("What the real time clock follows."), .synonyms = "clock rtc track", .fallback = N_ ("the guest's time"),
    .choices = TRACKS },
  { "clock/timer/@frequency", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Timer: frequency"),
    N_ ("Fixes the rate of the time stamp counter."), .unit = N_ ("Hz"), .synonyms = "clock tsc", .minimum = 1,
    .maximum = G_MAXINT64 },
  { "clock/timer/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Timer: mode"),
    N_ ("How the time stamp counter is made."), .synonyms = "clock tsc", .fallback = N_ ("automatic"),
    .choices = TIMER_MODES },
  { "clock/timer/catchup/@threshold", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Catching up starts after"),
    N_ ("Missed ticks are made up for once this much time is behind."), .unit = N_ ("ms"),
    .synonyms = "clock timer catchup", .minimum = 0, .maximum = G_MAXUINT32 },
  { "clock/timer/catchup/@slew", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Catching up: speed"),
    N_ ("How fast missed ticks are made up for."), .synonyms = "clock timer catchup", .minimum = 0,
    .maximum = G_MAXUINT32 },
  { "clock/timer/catchup/@limit", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Catching up: limit"),
    N_ ("More than this is not made up for."), .synonyms = "clock timer catchup", .minimum = 0,
    .maximum = G_MAXUINT32 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_clock = KNOBS;
