/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "valise-config.h"

#include "model/valise-knob-private.h"

#include <glib/gi18n-lib.h>

#define PAGE "network"
#define RESTART VALISE_KNOB_AFTER_RESTART
#define LIVE VALISE_KNOB_LIVE

static const ValiseKnobChoice TYPES[] = {
  { "user", N_ ("Shared with this computer (no rights needed)") },
  { "network", N_ ("A virtual network (NAT)") },
  { "bridge", N_ ("A bridge: in the local network") },
  { "direct", N_ ("A network card of this computer (macvtap)") },
  { "ethernet", N_ ("A network device made by somebody else") },
  { "hostdev", N_ ("A network card passed through") },
  { "internal", N_ ("An internal network") },
  { "null", N_ ("Connected to nothing") },
  { NULL },
};

static const ValiseKnobChoice MODELS[] = {
  { "virtio", N_ ("virtio (fastest)") },
  { "e1000e", N_ ("Intel e1000e (known to most systems)") },
  { "e1000", N_ ("Intel e1000 (older systems)") },
  { "igb", N_ ("Intel igb") },
  { "rtl8139", N_ ("Realtek 8139 (old systems)") },
  { "vmxnet3", N_ ("VMware vmxnet3") },
  { "ne2k_pci", N_ ("NE2000 (very old systems)") },
  { "pcnet", N_ ("AMD PCnet (very old systems)") },
  { "usb-net", N_ ("USB") },
  { "virtio-transitional", N_ ("virtio, old and new guests") },
  { "virtio-non-transitional", N_ ("virtio, new guests only") },
  { NULL },
};

static const ValiseKnobChoice LINKS[] = {
  { "up", N_ ("Plugged in") },
  { "down", N_ ("Unplugged") },
  { NULL },
};

static const ValiseKnobChoice DIRECT_MODES[] = {
  { "bridge", N_ ("Machines reach each other") },
  { "private", N_ ("Machines do not reach each other") },
  { "vepa", N_ ("Everything goes over the switch") },
  { "passthrough", N_ ("This machine alone has the card") },
  { NULL },
};

static const ValiseKnobChoice DRIVERS[] = {
  { "vhost", N_ ("This computer's kernel") },
  { "qemu", N_ ("QEMU") },
  { NULL },
};

static const ValiseKnobChoice TX_MODES[] = {
  { "iothread", N_ ("At once") },
  { "timer", N_ ("Collected") },
  { NULL },
};

static const ValiseKnob KNOBS[] = {
  { "devices/interface/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Connected to"),
    N_ ("What the network card's cable goes to."), .synonyms = "nat bridge user network attached", .choices = TYPES,
    .open = TRUE },
  { "devices/interface/source/@network", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Virtual network"),
    N_ ("The name of the virtual network, usually default."), .synonyms = "nat default" },
  { "devices/interface/source/@bridge", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Bridge"),
    N_ ("The name of this computer's bridge, as in br0."), .synonyms = "bridged lan" },
  { "devices/interface/source/@dev", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Network card of this computer"),
    N_ ("The card that is shared, as in enp3s0."), .synonyms = "macvtap direct device" },
  { "devices/interface/source/@mode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Sharing of the card"),
    N_ ("Who reaches whom when several machines share a card."), .synonyms = "macvtap direct vepa private",
    .choices = DIRECT_MODES, .open = TRUE },
  { "devices/interface/source/@portgroup", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Port group"),
    N_ ("A group of settings that the virtual network defines."), .synonyms = "portgroup vlan" },
  { "devices/interface/model/@type", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Card"),
    N_ ("The network card that the guest sees. virtio is fastest but needs a driver in Windows."),
    .synonyms = "model adapter nic virtio e1000 rtl8139", .choices = MODELS, .open = TRUE },
  { "devices/interface/mac/@address", VALISE_KNOB_MAC, RESTART, PAGE, N_ ("MAC address"),
    N_ ("The card's own address in the network."), .synonyms = "hardware address ethernet",
    .fallback = N_ ("chosen at the next start") },
  { "devices/interface/link/@state", VALISE_KNOB_CHOICE, LIVE, PAGE, N_ ("Cable"),
    N_ ("Pulls the cable out and plugs it in again."), .synonyms = "link state up down connected disconnect",
    .fallback = N_ ("plugged in"), .choices = LINKS },
  { "devices/interface/mtu/@size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Packet size (MTU)"),
    N_ ("The largest packet; both ends of the network must agree."), .unit = N_ ("bytes"),
    .synonyms = "mtu jumbo frames", .fallback = "1500", .minimum = 68, .maximum = 65535 },
  { "devices/interface/driver/@name", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Packets handled by"),
    N_ ("Who moves packets between guest and network."), .synonyms = "vhost driver performance",
    .fallback = N_ ("chosen automatically"), .choices = DRIVERS, .open = TRUE },
  { "devices/interface/driver/@queues", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Queues"),
    N_ ("How many packet lines the card has; at most one for each virtual CPU."), .synonyms = "multiqueue performance",
    .fallback = "1", .minimum = 1, .maximum = 256 },
  { "devices/interface/driver/@rx_queue_size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Receive queue length"),
    N_ ("How many packets wait to be received; a power of two."), .synonyms = "performance ring", .fallback = "256",
    .minimum = 64, .maximum = 1024 },
  { "devices/interface/driver/@tx_queue_size", VALISE_KNOB_NUMBER, RESTART, PAGE, N_ ("Send queue length"),
    N_ ("How many packets wait to be sent; a power of two."), .synonyms = "performance ring", .fallback = "256",
    .minimum = 64, .maximum = 1024 },
  { "devices/interface/driver/@txmode", VALISE_KNOB_CHOICE, RESTART, PAGE, N_ ("Send packets"),
    N_ ("At once, or collected for a moment."), .synonyms = "txmode performance", .fallback = N_ ("at once"),
    .choices = TX_MODES },
  { "devices/interface/driver/@ioeventfd", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Answer requests aside"),
    N_ ("Takes requests in a thread of its own; usually faster."), .synonyms = "ioeventfd performance",
    .fallback = N_ ("chosen automatically") },
  { "devices/interface/driver/@event_idx", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Fewer interrupts"),
    N_ ("Sends the guest fewer interrupts."), .synonyms = "event_idx performance",
    .fallback = N_ ("chosen automatically") },
  { "devices/interface/driver/@packed", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Packed queues"),
    N_ ("A newer form of the virtio queues."), .synonyms = "virtio packed ring", .fallback = N_ ("off") },
  { "devices/interface/driver/@iommu", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Behind the IOMMU"),
    N_ ("The card respects the machine's IOMMU."), .synonyms = "virtio iommu", .fallback = N_ ("off") },
  { "devices/interface/driver/host/@csum", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("This computer may skip checksums"),
    N_ ("Leaves checksums of packets to whoever needs them."), .synonyms = "offload csum", .fallback = N_ ("on") },
  { "devices/interface/driver/guest/@csum", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("The guest may skip checksums"),
    N_ ("Leaves checksums of packets to whoever needs them."), .synonyms = "offload csum", .fallback = N_ ("on") },
  { "devices/interface/driver/host/@tso4", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Large packets from the guest"),
    N_ ("Takes large TCP packets from the guest and splits them later."), .synonyms = "offload tso segmentation",
    .fallback = N_ ("on") },
  { "devices/interface/driver/guest/@tso4", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Large packets to the guest"),
    N_ ("Hands large TCP packets to the guest without splitting them."), .synonyms = "offload tso segmentation",
    .fallback = N_ ("on") },
  { "devices/interface/port/@isolated", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Apart from other machines"),
    N_ ("Machines on the same bridge that are set apart cannot reach each other."), .synonyms = "isolated port private",
    .fallback = N_ ("no") },
  { "devices/interface/target/@dev", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Name on this computer"),
    N_ ("What this computer calls its end of the cable."), .synonyms = "tap vnet target",
    .fallback = N_ ("chosen automatically") },
  { "devices/interface/filterref/@filter", VALISE_KNOB_TEXT, RESTART, PAGE, N_ ("Packet filter"),
    N_ ("A filter of this computer, as in clean-traffic."), .synonyms = "nwfilter firewall", .fallback = N_ ("none") },
  { "devices/interface/rom/@enabled", VALISE_KNOB_YES_NO, RESTART, PAGE, N_ ("Start over the network"),
    N_ ("The card brings the program that starts systems over the network."), .synonyms = "pxe rom ipxe",
    .fallback = N_ ("yes") },
  { "devices/interface/rom/@bar", VALISE_KNOB_ON_OFF, RESTART, PAGE, N_ ("Card's memory is shown"),
    N_ ("Shows the guest the memory in which the card's start program lies."), .synonyms = "rom bar",
    .fallback = N_ ("chosen automatically") },
  { "devices/interface/rom/@file", VALISE_KNOB_PATH, RESTART, PAGE, N_ ("Card's start program"),
    N_ ("A file instead of the usual one."), .synonyms = "pxe rom ipxe" },
  { "devices/interface/bandwidth/inbound/@average", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for receiving"),
    N_ ("What the guest receives on average."), .unit = N_ ("KiB/s"), .synonyms = "bandwidth qos throttle download",
    .fallback = N_ ("no limit"), .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/interface/bandwidth/inbound/@peak", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for receiving: peak"),
    N_ ("What the guest receives at most for a short time."), .unit = N_ ("KiB/s"),
    .synonyms = "bandwidth qos throttle download", .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/interface/bandwidth/inbound/@burst", VALISE_KNOB_NUMBER, LIVE, PAGE,
    N_ ("Speed limit for receiving: burst"), N_ ("How much may come at peak speed."), .unit = N_ ("KiB"),
    .synonyms = "bandwidth qos throttle download", .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/interface/bandwidth/outbound/@average", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for sending"),
    N_ ("What the guest sends on average."), .unit = N_ ("KiB/s"), .synonyms = "bandwidth qos throttle upload",
    .fallback = N_ ("no limit"), .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/interface/bandwidth/outbound/@peak", VALISE_KNOB_NUMBER, LIVE, PAGE, N_ ("Speed limit for sending: peak"),
    N_ ("What the guest sends at most for a short time."), .unit = N_ ("KiB/s"),
    .synonyms = "bandwidth qos throttle upload", .minimum = 1, .maximum = G_MAXUINT32 },
  { "devices/interface/bandwidth/outbound/@burst", VALISE_KNOB_NUMBER, LIVE, PAGE,
    N_ ("Speed limit for sending: burst"), N_ ("How much may go at peak speed."), .unit = N_ ("KiB"),
    .synonyms = "bandwidth qos throttle upload", .minimum = 1, .maximum = G_MAXUINT32 },
  { NULL },
};

const ValiseKnob *const _valise_knobs_network = KNOBS;
