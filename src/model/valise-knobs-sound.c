/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "sound"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice MODELS[] = {
  { "ich9", N_ ("Intel HD Audio, ICH9 (new systems)") },
  { "ich6", N_ ("Intel HD Audio, ICH6") },
  { "ac97", N_ ("AC97 (Windows XP and older)") },
  { "usb", N_ ("USB") },
  { "es1370", N_ ("Ensoniq ES1370 (old systems)") },
  { "sb16", N_ ("Sound Blaster 16 (very old systems)") },
  { "pcspk", N_ ("PC speaker") },
  { "ich7", N_ ("Intel HD Audio, ICH7") },
  { NULL },
};

static const ValiseKnobChoice CODECS[] = {
  { "duplex", N_ ("Loudspeaker and line in") },
  { "micro", N_ ("Loudspeaker and microphone") },
  { "output", N_ ("Loudspeaker only") },
  { NULL },
};

static const ValiseKnobChoice BACKENDS[] = {
  { "pulseaudio", N_ ("PulseAudio or PipeWire") },
  { "alsa", N_ ("ALSA") },
  { "jack", N_ ("JACK") },
  { "oss", N_ ("OSS") },
  { "sdl", N_ ("SDL") },
  { "spice", N_ ("The SPICE viewer") },
  { "dbus", N_ ("The D-Bus viewer") },
  { "file", N_ ("A file") },
  { "none", N_ ("Silence") },
  { NULL },
};

static const ValiseKnobChoice SAMPLE_FORMATS[] = {
  { "s16", N_ ("16 bit") },
  { "s32", N_ ("32 bit") },
  { "f32", N_ ("32 bit, floating point") },
  { "s8", N_ ("8 bit") },
  { "u8", N_ ("8 bit, unsigned") },
  { "u16", N_ ("16 bit, unsigned") },
  { "u32", N_ ("32 bit, unsigned") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/sound/@model", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Sound card"),
    N_ ("The sound card that the guest sees."), .synonyms = "audio model hda ac97 speaker", .choices = MODELS,
    .required = TRUE },
  { "devices/sound/codec/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Jacks"),
    N_ ("What an Intel HD Audio card is connected to."), .synonyms = "audio codec microphone speaker",
    .fallback = N_ ("loudspeaker and line in"), .choices = CODECS },
  { "devices/sound/audio/@id", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Sound card plays through"),
    N_ ("The number of the sound output that this card uses."), .synonyms = "audio backend id",
    .fallback = N_ ("the first one"), .minimum = 1, .maximum = 255 },
  { "devices/audio/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Sound output"),
    N_ ("Where the guest's sound is played on this computer."), .synonyms = "audio backend pulseaudio pipewire alsa",
    .fallback = N_ ("silence"), .choices = BACKENDS, .open = TRUE, .required = TRUE },
  { "devices/audio/@id", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Sound output: number"),
    N_ ("By which sound cards refer to it."), .synonyms = "audio backend id", .minimum = 1, .maximum = 255 },
  { "devices/audio/@timerPeriod", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Sound output: interval"),
    N_ ("How often sound is moved; less is prompter and costs more."), .unit = N_ ("µs"),
    .synonyms = "audio latency timer", .fallback = "10000", .minimum = 1, .maximum = 1000000 },
  { "devices/audio/@serverName", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Sound server"),
    N_ ("The address of a PulseAudio server."), .synonyms = "audio pulseaudio", .fallback = N_ ("yours") },
  { "devices/audio/@path", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Sound file"),
    N_ ("The file that sound is written to."), .synonyms = "audio record wav" },
  { "devices/audio/output/@dev", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Loudspeaker device"),
    N_ ("A certain output of this computer."), .synonyms = "audio alsa oss", .fallback = N_ ("the usual one") },
  { "devices/audio/input/@dev", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Microphone device"),
    N_ ("A certain input of this computer."), .synonyms = "audio alsa oss record", .fallback = N_ ("the usual one") },
  { "devices/audio/output/@bufferLength", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Loudspeaker buffer"),
    N_ ("How much sound is held back; more avoids crackling."), .unit = N_ ("µs"), .synonyms = "audio latency crackle",
    .fallback = N_ ("chosen automatically"), .minimum = 1, .maximum = 10000000 },
  { "devices/audio/input/@bufferLength", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Microphone buffer"),
    N_ ("How much sound is held back."), .unit = N_ ("µs"), .synonyms = "audio latency record",
    .fallback = N_ ("chosen automatically"), .minimum = 1, .maximum = 10000000 },
  { "devices/audio/output/@mixingEngine", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Loudspeaker: mixed by QEMU"),
    N_ ("Lets several sound cards play at once."), .synonyms = "audio mixing", .fallback = N_ ("yes") },
  { "devices/audio/input/@mixingEngine", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Microphone: mixed by QEMU"),
    N_ ("Lets several sound cards record at once."), .synonyms = "audio mixing record", .fallback = N_ ("yes") },
  { "devices/audio/output/@fixedSettings", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Loudspeaker: fixed quality"),
    N_ ("Uses the rate and format written here instead of the guest's."), .synonyms = "audio rate frequency",
    .fallback = N_ ("yes") },
  { "devices/audio/output/settings/@frequency", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Loudspeaker: rate"),
    N_ ("Samples in a second."), .unit = N_ ("Hz"), .synonyms = "audio frequency 44100 48000", .fallback = "44100",
    .minimum = 1000, .maximum = 384000 },
  { "devices/audio/output/settings/@channels", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Loudspeaker: channels"),
    N_ ("2 for stereo."), .synonyms = "audio stereo mono", .fallback = "2", .minimum = 1, .maximum = 16 },
  { "devices/audio/output/settings/@format", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Loudspeaker: format"),
    N_ ("How a sample is written."), .synonyms = "audio bits", .fallback = N_ ("16 bit"), .choices = SAMPLE_FORMATS },
  { NULL },
};

const ValiseKnob *const _valise_knobs_sound = KNOBS;
