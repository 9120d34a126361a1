/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define RESTART VALISE_KNOB_AFTER_RESTART
#define SYNONYMS "port chardev tty uart "

static const ValiseKnobChoice TYPES[] = {
  { "pty", N_ ("A terminal of this computer") },
  { "unix", N_ ("A socket") },
  { "file", N_ ("A file that is written") },
  { "tcp", N_ ("The network (TCP)") },
  { "udp", N_ ("The network (UDP)") },
  { "dev", N_ ("A device of this computer") },
  { "pipe", N_ ("A pipe") },
  { "stdio", N_ ("QEMU's own input and output") },
  { "spicevmc", N_ ("The SPICE viewer") },
  { "spiceport", N_ ("A channel of the SPICE viewer") },
  { "qemu-vdagent", N_ ("The clipboard of this window") },
  { "dbus", N_ ("The D-Bus viewer") },
  { "null", N_ ("Nothing") },
  { NULL },
};

static const ValiseKnobChoice PROTOCOLS[] = {
  { "raw", N_ ("Bytes as they are") },
  { "telnet", N_ ("Telnet") },
  { "telnets", N_ ("Telnet, encrypted") },
  { "tls", N_ ("Encrypted (TLS)") },
  { NULL },
};

static const ValiseKnobChoice MODES[] = {
  { "connect", N_ ("Connects") },
  { "bind", N_ ("Waits for a connection") },
  { NULL },
};

static const ValiseKnobChoice SERIAL_TARGETS[] = {
  { "isa-serial", N_ ("PC serial port") },
  { "pci-serial", N_ ("PCI card") },
  { "usb-serial", N_ ("USB adapter") },
  { "isa-debug", N_ ("Firmware's debug port") },
  { "system-serial", N_ ("Arm and RISC-V board") },
  { "spapr-vio-serial", N_ ("POWER") },
  { "sclp-serial", N_ ("IBM Z") },
  { NULL },
};

static const ValiseKnobChoice SERIAL_MODELS[] = {
  { "isa-serial", N_ ("PC serial port") }, { "isa-debugcon", N_ ("Firmware's debug port") },
  { "pci-serial", N_ ("PCI card") },       { "usb-serial", N_ ("USB adapter") },
  { "pl011", N_ ("Arm PL011") },           { "16550a", N_ ("RISC-V 16550A") },
  { "spapr-vty", N_ ("POWER") },           { NULL },
};

static const ValiseKnobChoice CONSOLE_TARGETS[] = {
  { "serial", N_ ("The serial port") },
  { "virtio", N_ ("virtio") },
  { "sclp", N_ ("IBM Z") },
  { "sclplm", N_ ("IBM Z, line mode") },
  { NULL },
};

static const ValiseKnobChoice CHANNEL_TARGETS[] = {
  { "virtio", N_ ("A named virtio port") },
  { "guestfwd", N_ ("An address in the guest's network") },
  { "xen", N_ ("Xen") },
  { NULL },
};

static const ValiseKnobChoice CHANNEL_NAMES[] = {
  { "org.qemu.guest_agent.0", N_ ("Guest agent") },
  { "com.redhat.spice.0", N_ ("SPICE agent (clipboard)") },
  { "org.spice-space.webdav.0", N_ ("SPICE folder sharing") },
  { "org.libguestfs.channel.0", N_ ("libguestfs") },
  { NULL },
};

/* Everything that ends in a connection to the outside has the same settings, told once. */
#define CONNECTION(page, element)                                                                                      \
  { element "/@type",                                                                                                  \
    VALISE_KNOB_CHOICE,                                                                                                \
    RESTART,                                                                                                           \
    page,                                                                                                              \
    N_ ("Connected to"),                                                                                               \
    N_ ("Where what the guest says goes, and what it hears comes from."),                                              \
    .synonyms = SYNONYMS page,                                                                                         \
    .choices = TYPES,                                                                                                  \
    .open = TRUE },                                                                                                    \
      { element "/source/@path",                                                                                       \
        VALISE_KNOB_PATH,                                                                                              \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("File, socket or device"),                                                                                 \
        N_ ("Which of this computer's. A file is emptied at start unless it is added to."),                            \
        .synonyms = SYNONYMS page },                                                                                   \
      { element "/source/@append",                                                                                     \
        VALISE_KNOB_ON_OFF,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Add to the file"),                                                                                        \
        N_ ("Keeps what is in the file already."),                                                                     \
        .synonyms = SYNONYMS page,                                                                                     \
        .fallback = N_ ("off") },                                                                                      \
      { element "/source/@mode",                                                                                       \
        VALISE_KNOB_CHOICE,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Who connects"),                                                                                           \
        N_ ("Whether the machine connects to another program or waits for one."),                                      \
        .synonyms = SYNONYMS "bind listen client server " page,                                                        \
        .choices = MODES,                                                                                              \
        .open = TRUE },                                                                                                \
      { element "/source/@host",                                                                                       \
        VALISE_KNOB_TEXT,                                                                                              \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Computer"),                                                                                               \
        N_ ("Name or address to connect to or to wait on; 127.0.0.1 is this computer only."),                          \
        .synonyms = SYNONYMS "tcp udp " page },                                                                        \
      { element "/source/@service",                                                                                    \
        VALISE_KNOB_TEXT,                                                                                              \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Network port"),                                                                                           \
        N_ ("The number of the port to connect to or to wait on."),                                                    \
        .synonyms = SYNONYMS "tcp udp " page },                                                                        \
      { element "/source/@channel",                                                                                    \
        VALISE_KNOB_TEXT,                                                                                              \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Viewer's channel"),                                                                                       \
        N_ ("The name by which the viewer finds it."),                                                                 \
        .synonyms = SYNONYMS "spiceport dbus " page },                                                                 \
      { element "/source/@tls",                                                                                        \
        VALISE_KNOB_YES_NO,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Encrypted connection"),                                                                                   \
        N_ ("Needs certificates on this computer."),                                                                   \
        .synonyms = SYNONYMS "tls certificate " page,                                                                  \
        .fallback = N_ ("no") },                                                                                       \
      { element "/source/reconnect/@enabled",                                                                          \
        VALISE_KNOB_YES_NO,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Connect again"),                                                                                          \
        N_ ("Tries again when the connection breaks."),                                                                \
        .synonyms = SYNONYMS "reconnect " page,                                                                        \
        .fallback = N_ ("no") },                                                                                       \
      { element "/source/reconnect/@timeout",                                                                          \
        VALISE_KNOB_NUMBER,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Connect again after"),                                                                                    \
        N_ ("How long to wait before it is tried again."),                                                             \
        .unit = N_ ("seconds"),                                                                                        \
        .synonyms = SYNONYMS "reconnect " page,                                                                        \
        .minimum = 1,                                                                                                  \
        .maximum = 86400 },                                                                                            \
      { element "/protocol/@type",                                                                                     \
        VALISE_KNOB_CHOICE,                                                                                            \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Protocol"),                                                                                               \
        N_ ("How what is said is wrapped for the network."),                                                           \
        .synonyms = SYNONYMS "telnet raw " page,                                                                       \
        .choices = PROTOCOLS,                                                                                          \
        .fallback = N_ ("bytes as they are") },                                                                        \
      { element "/log/@file",                                                                                          \
        VALISE_KNOB_PATH,                                                                                              \
        RESTART,                                                                                                       \
        page,                                                                                                          \
        N_ ("Also write it to"),                                                                                       \
        N_ ("A file that gets a copy of all that the guest says."),                                                    \
        .synonyms = SYNONYMS "log " page,                                                                              \
        .fallback = N_ ("nowhere") },                                                                                  \
  {                                                                                                                    \
    element "/log/@append", VALISE_KNOB_ON_OFF, RESTART, page, N_ ("Add to that copy"),                                \
        N_ ("Keeps what the copy holds already."), .synonyms = SYNONYMS "log " page, .fallback = N_ ("off")            \
  }

static const ValiseKnob KNOBS[] = {
  CONNECTION ("serial", "devices/serial"),
  { "devices/serial/target/@type", VALISE_KNOB_CHOICE, RESTART, "serial", N_ ("Serial port"),
    N_ ("What the guest sees: text that boot loaders and kernels write, and a way to log in."),
    .synonyms = SYNONYMS "com1 ttyS0 console isa", .fallback = N_ ("as usual for the machine"),
    .choices = SERIAL_TARGETS, .open = TRUE },
  { "devices/serial/target/@port", VALISE_KNOB_NUMBER, RESTART, "serial", N_ ("Serial port number"),
    N_ ("0 is what PCs call COM1."), .synonyms = SYNONYMS "com1 ttyS0", .fallback = N_ ("the next free one"),
    .maximum = 127 },
  { "devices/serial/target/model/@name", VALISE_KNOB_CHOICE, RESTART, "serial", N_ ("Serial port model"),
    N_ ("The device of QEMU that stands in for it."), .synonyms = SYNONYMS "isa-serial pl011 16550",
    .fallback = N_ ("chosen automatically"), .choices = SERIAL_MODELS, .open = TRUE },

  CONNECTION ("parallel", "devices/parallel"),
  { "devices/parallel/target/@port", VALISE_KNOB_NUMBER, RESTART, "parallel", N_ ("Parallel port number"),
    N_ ("0 is what PCs call LPT1."), .synonyms = SYNONYMS "lpt1 printer", .fallback = N_ ("the next free one"),
    .maximum = 2 },

  CONNECTION ("console", "devices/console"),
  { "devices/console/target/@type", VALISE_KNOB_CHOICE, RESTART, "console", N_ ("Console"),
    N_ ("A text terminal; on virtio it needs a driver in the guest."), .synonyms = SYNONYMS "hvc0 virtio terminal",
    .fallback = N_ ("the serial port"), .choices = CONSOLE_TARGETS, .open = TRUE },
  { "devices/console/target/@port", VALISE_KNOB_NUMBER, RESTART, "console", N_ ("Console number"),
    N_ ("Which of several it is."), .synonyms = SYNONYMS "hvc0", .fallback = N_ ("the next free one"), .maximum = 127 },

  CONNECTION ("channel", "devices/channel"),
  { "devices/channel/target/@type", VALISE_KNOB_CHOICE, RESTART, "channel", N_ ("Channel"),
    N_ ("A way for programs here and in the guest to talk."), .synonyms = SYNONYMS "virtio guest agent",
    .choices = CHANNEL_TARGETS },
  { "devices/channel/target/@name", VALISE_KNOB_CHOICE, RESTART, "channel", N_ ("Channel name"),
    N_ ("By which the program in the guest finds it."), .synonyms = SYNONYMS "guest agent spice vdagent",
    .choices = CHANNEL_NAMES, .open = TRUE },
  { "devices/channel/target/@address", VALISE_KNOB_TEXT, RESTART, "channel", N_ ("Channel: address"),
    N_ ("The address that the guest connects to."), .synonyms = SYNONYMS "guestfwd ip" },
  { "devices/channel/target/@port", VALISE_KNOB_TEXT, RESTART, "channel", N_ ("Channel: port"),
    N_ ("The port that the guest connects to."), .synonyms = SYNONYMS "guestfwd" },
  { "devices/channel/source/clipboard/@copypaste", VALISE_KNOB_YES_NO, RESTART, "channel", N_ ("Share the clipboard"),
    N_ ("Needs the SPICE agent in the guest. A machine with it cannot be suspended to disk."),
    .synonyms = SYNONYMS "vdagent copy paste", .fallback = N_ ("no") },

  CONNECTION ("redirdev", "devices/redirdev"),
  { "devices/redirdev/@bus", VALISE_KNOB_TEXT, RESTART, "redirdev", N_ ("Redirected to"),
    N_ ("The bus of the guest that it appears on."), .synonyms = SYNONYMS "usb redirection" },
  { "devices/redirfilter/usbdev/@allow", VALISE_KNOB_YES_NO, RESTART, "redirdev", N_ ("Redirection: allowed"),
    N_ ("Whether devices of this kind may be redirected."), .synonyms = "usb redirection filter" },
  { "devices/redirfilter/usbdev/@class", VALISE_KNOB_TEXT, RESTART, "redirdev", N_ ("Redirection: class"),
    N_ ("The kind of USB device, as in 0x08 for memory sticks; -1 is any."), .synonyms = "usb redirection filter" },
  { "devices/redirfilter/usbdev/@vendor", VALISE_KNOB_TEXT, RESTART, "redirdev", N_ ("Redirection: vendor"),
    N_ ("Four hexadecimal digits after 0x; -1 is any."), .synonyms = "usb redirection filter" },
  { "devices/redirfilter/usbdev/@product", VALISE_KNOB_TEXT, RESTART, "redirdev", N_ ("Redirection: product"),
    N_ ("Four hexadecimal digits after 0x; -1 is any."), .synonyms = "usb redirection filter" },
  { "devices/redirfilter/usbdev/@version", VALISE_KNOB_TEXT, RESTART, "redirdev", N_ ("Redirection: version"),
    N_ ("As in 1.10; -1 is any."), .synonyms = "usb redirection filter" },
  { NULL },
};

const ValiseKnob *const _valise_knobs_ports = KNOBS;
