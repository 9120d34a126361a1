/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#include "base/valise-size.h"

#define PAGE "display"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice TYPES[] = {
  { "vnc", N_ ("VNC (shown in Valise)") },
  { "spice", N_ ("SPICE") },
  { "dbus", N_ ("D-Bus") },
  { "egl-headless", N_ ("OpenGL without a window") },
  { "sdl", N_ ("A window of QEMU") },
  { NULL },
};

static const ValiseKnobChoice LISTENS[] = {
  { "none", N_ ("Nowhere: only this program") },
  { "socket", N_ ("A file on this computer") },
  { "address", N_ ("A network address") },
  { "network", N_ ("A virtual network's address") },
  { NULL },
};

static const ValiseKnobChoice SHARE_POLICIES[] = {
  { "allow-exclusive", N_ ("Each may ask to be alone") },
  { "force-shared", N_ ("Always shared") },
  { "ignore", N_ ("As asked for, without disconnecting anybody") },
  { NULL },
};

static const ValiseKnobChoice VIDEO_MODELS[] = {
  { "virtio", N_ ("virtio (new systems, any size)") },
  { "vga", N_ ("VGA (every system)") },
  { "bochs", N_ ("Bochs (UEFI)") },
  { "qxl", N_ ("QXL (SPICE)") },
  { "ramfb", N_ ("Simple frame buffer") },
  { "cirrus", N_ ("Cirrus (very old systems)") },
  { "vmvga", N_ ("VMware SVGA") },
  { "none", N_ ("None") },
  { NULL },
};

static const ValiseKnobChoice VIDEO_DRIVERS[] = {
  { "qemu", N_ ("QEMU") },
  { "vhostuser", N_ ("Another program") },
  { NULL },
};

static const ValiseKnobChoice VGA_CONFS[] = {
  { "io", N_ ("Ports only") },
  { "on", N_ ("On") },
  { "off", N_ ("Off") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/graphics/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Display"),
    N_ ("How the guest's screen reaches you. Valise shows VNC, over no network at all."),
    .synonyms = "graphics vnc spice screen monitor remote", .choices = TYPES, .open = TRUE, .required = TRUE },
  { "devices/graphics/listen/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Display listens on"),
    N_ ("Where other programs may connect to the screen. An address lets others see it."),
    .synonyms = "vnc remote network server vrdp", .fallback = N_ ("nowhere"), .choices = LISTENS },
  { "devices/graphics/listen/@address", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Display address"),
    N_ ("The address to listen on; 127.0.0.1 is this computer only."), .synonyms = "vnc remote ip" },
  { "devices/graphics/listen/@socket", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Display socket"),
    N_ ("The file to which other programs connect."), .synonyms = "vnc unix" },
  { "devices/graphics/@port", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Display port"),
    N_ ("The port to listen on; -1 chooses a free one."), .synonyms = "vnc tcp 5900 remote",
    .fallback = N_ ("chosen automatically"), .minimum = -1, .maximum = 65535 },
  { "devices/graphics/@autoport", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Choose a free display port"),
    N_ ("Takes the first port that nobody uses."), .synonyms = "vnc tcp remote autoport", .fallback = N_ ("no") },
  { "devices/graphics/@websocket", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Display port for browsers"),
    N_ ("A port for VNC in a web browser; -1 chooses a free one."), .synonyms = "vnc websocket novnc",
    .fallback = N_ ("none"), .minimum = -1, .maximum = 65535 },
  { "devices/graphics/@passwd", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Display password"),
    N_ ("Asked from whoever connects; VNC looks at eight characters only."), .synonyms = "vnc secret remote",
    .fallback = N_ ("none") },
  { "devices/graphics/@keymap", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Keyboard layout"),
    N_ ("For viewers that send letters instead of keys, as in de or fr."), .synonyms = "keymap language",
    .fallback = N_ ("as your keyboard") },
  { "devices/graphics/@sharePolicy", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Several viewers"),
    N_ ("Whether several may look at the screen at once."), .synonyms = "vnc share exclusive",
    .fallback = N_ ("each may ask to be alone"), .choices = SHARE_POLICIES },
  { "devices/graphics/@powerControl", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Viewers may switch off"),
    N_ ("Lets whoever looks at the screen shut down and reset the machine."), .synonyms = "vnc power control",
    .fallback = N_ ("no") },
  { "devices/graphics/gl/@enable", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("OpenGL"),
    N_ ("Draws with this computer's graphics card; needed for 3D in the guest."), .synonyms = "gl 3d virgl spice",
    .fallback = N_ ("no") },
  { "devices/graphics/gl/@rendernode", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Graphics card for OpenGL"),
    N_ ("The device of this computer that draws, as in /dev/dri/renderD128."), .synonyms = "gl 3d gpu render node",
    .fallback = N_ ("chosen automatically") },
  { "devices/graphics/audio/@id", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Display sends sound of"),
    N_ ("The number of the sound output that VNC viewers hear."), .synonyms = "vnc audio", .minimum = 1,
    .maximum = 255 },
  { "devices/video/model/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Video card"),
    N_ ("The graphics card that the guest sees."), .synonyms = "graphics gpu model virtio vga qxl bochs",
    .choices = VIDEO_MODELS, .open = TRUE, .required = TRUE },
  { "devices/video/model/@heads", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Screens"),
    N_ ("How many screens the video card has."), .synonyms = "monitors heads multi", .fallback = "1", .minimum = 1,
    .maximum = 16 },
  { "devices/video/model/@vram", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Video memory"),
    N_ ("Memory of the video card; more allows larger screens."), .synonyms = "vram graphics",
    .fallback = N_ ("chosen automatically"), .maximum = 4 * VALISE_GIB },
  { "devices/video/model/@ram", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Video memory, first part (QXL)"),
    N_ ("Memory of the first part of a QXL card."), .synonyms = "ram graphics qxl",
    .fallback = N_ ("chosen automatically"), .maximum = 4 * VALISE_GIB },
  { "devices/video/model/@vgamem", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Video memory for VGA (QXL)"),
    N_ ("Memory for the plain VGA modes of a QXL card."), .synonyms = "vgamem graphics qxl",
    .fallback = N_ ("chosen automatically"), .maximum = 4 * VALISE_GIB },
  { "devices/video/model/@vram64", VALISE_KNOB_SIZE, RESTART, PAGE, N_ ("Video memory, second part (QXL)"),
    N_ ("Memory above 4 GiB of a QXL card."), .synonyms = "vram64 graphics qxl",
    .fallback = N_ ("chosen automatically"), .maximum = 4 * VALISE_GIB },
  { "devices/video/model/@primary", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("First video card"),
    N_ ("The one on which the firmware shows its messages."), .synonyms = "primary graphics",
    .fallback = N_ ("the first one") },
  { "devices/video/model/acceleration/@accel3d", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("3D acceleration"),
    N_ ("The guest draws with this computer's graphics card; needs a display with OpenGL."),
    .synonyms = "accel3d virgl opengl gpu", .fallback = N_ ("no") },
  { "devices/video/model/acceleration/@accel2d", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("2D acceleration"),
    N_ ("For video cards that know it."), .synonyms = "accel2d", .fallback = N_ ("no") },
  { "devices/video/model/acceleration/@rendernode", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Graphics card for 3D"),
    N_ ("The device of this computer that draws for another program."), .synonyms = "gpu render node vhostuser" },
  { "devices/video/model/resolution/@x", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Screen width"),
    N_ ("The size that the guest is told at start."), .unit = N_ ("pixels"), .synonyms = "resolution size",
    .fallback = N_ ("chosen by the guest"), .minimum = 320, .maximum = 16384 },
  { "devices/video/model/resolution/@y", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Screen height"),
    N_ ("The size that the guest is told at start."), .unit = N_ ("pixels"), .synonyms = "resolution size",
    .fallback = N_ ("chosen by the guest"), .minimum = 200, .maximum = 16384 },
  { "devices/video/driver/@name", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Video card imitated by"),
    N_ ("Which program does the work of the video card."), .synonyms = "driver vhostuser gpu", .fallback = N_ ("QEMU"),
    .choices = VIDEO_DRIVERS },
  { "devices/video/driver/@vgaconf", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("VGA ports"),
    N_ ("For video cards on other machines than PCs."), .synonyms = "vgaconf", .choices = VGA_CONFS },
  { NULL },
};

const ValiseKnob *const _valise_knobs_display = KNOBS;
