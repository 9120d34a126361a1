/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/valise-display-keys.h"

#include <string.h>
#ifdef GDK_WINDOWING_X11
#  include <X11/XKBlib.h>
#  include <gdk/gdkx.h>
#endif

struct _ValiseDisplayKeys
{
  gboolean kernel_keycodes;
  guint down[256]; /* keyval by scancode; 0: up */
};

/* Linux input codes from KEY_102ND's neighbourhood up; below 84 the code is the scancode. */
static const guint8 SCANCODES[256] = {
  [85] = 0x76,  [86] = 0x56,  [87] = 0x57,  [88] = 0x58,  [89] = 0x73,  [90] = 0x78,  [91] = 0x77,  [92] = 0x79,
  [93] = 0x70,  [94] = 0x7b,  [95] = 0x5c,  [96] = 0x9c,  [97] = 0x9d,  [98] = 0xb5,  [99] = 0x54,  [100] = 0xb8,
  [101] = 0x5b, [102] = 0xc7, [103] = 0xc8, [104] = 0xc9, [105] = 0xcb, [106] = 0xcd, [107] = 0xcf, [108] = 0xd0,
  [109] = 0xd1, [110] = 0xd2, [111] = 0xd3, [112] = 0xef, [113] = 0xa0, [114] = 0xae, [115] = 0xb0, [116] = 0xde,
  [117] = 0x59, [118] = 0xce, [119] = 0xc6, [120] = 0x8b, [121] = 0x7e, [122] = 0x72, [123] = 0x71, [124] = 0x7d,
  [125] = 0xdb, [126] = 0xdc, [127] = 0xdd, [128] = 0xe8, [129] = 0x85, [130] = 0x86, [131] = 0x87, [132] = 0x8c,
  [133] = 0xf8, [134] = 0x64, [135] = 0x65, [136] = 0xc1, [137] = 0xbc, [138] = 0xf5, [139] = 0x9e, [140] = 0xa1,
  [142] = 0xdf, [143] = 0xe3, [155] = 0xec, [156] = 0xe6, [158] = 0xea, [159] = 0xe9, [161] = 0x6c, [163] = 0x99,
  [164] = 0xa2, [165] = 0x90, [166] = 0xa4, [171] = 0x81, [172] = 0xb2, [173] = 0xe7, [183] = 0x5d, [184] = 0x5e,
  [185] = 0x5f, [186] = 0x55, [187] = 0x83, [188] = 0xf7, [189] = 0x84, [190] = 0x5a, [191] = 0x74, [217] = 0xe5,
  [226] = 0xed,
};

/* X servers without the kernel's keycodes (the "xfree86" set of XKB) number the keys with prefix e0 in their own way,
 * from 97. */
static const guint8 OLD_KEYCODES[] = {
  [97 - 97] = 0xc7,  [98 - 97] = 0xc8,  [99 - 97] = 0xc9,  [100 - 97] = 0xcb, [101 - 97] = 0x4c, [102 - 97] = 0xcd,
  [103 - 97] = 0xcf, [104 - 97] = 0xd0, [105 - 97] = 0xd1, [106 - 97] = 0xd2, [107 - 97] = 0xd3, [108 - 97] = 0x9c,
  [109 - 97] = 0x9d, [110 - 97] = 0xc6, [111 - 97] = 0x54, [112 - 97] = 0xb5, [113 - 97] = 0xb8, [114 - 97] = 0xc6,
  [115 - 97] = 0xdb, [116 - 97] = 0xdc, [117 - 97] = 0xdd,
};

/* The printing keys of a US keyboard from scancode 0x02 on, without and with Shift; a blank is a key that prints
 * nothing. */
static const char PLAIN[] = "1234567890-=  qwertyuiop[]  asdfghjkl;'` \\zxcvbnm,./";
static const char SHIFTED[] = "!@#$%^&*()_+  QWERTYUIOP{}  ASDFGHJKL:\"~ |ZXCVBNM<>?";

static const struct
{
  guint keyval;
  guint8 scancode;
} NAMED[] = {
  { GDK_KEY_Escape, 0x01 },       { GDK_KEY_BackSpace, 0x0e }, { GDK_KEY_Tab, 0x0f },
  { GDK_KEY_ISO_Left_Tab, 0x0f }, { GDK_KEY_Return, 0x1c },    { GDK_KEY_Linefeed, 0x1c },
  { GDK_KEY_Control_L, 0x1d },    { GDK_KEY_Shift_L, 0x2a },   { GDK_KEY_Shift_R, 0x36 },
  { GDK_KEY_KP_Multiply, 0x37 },  { GDK_KEY_Alt_L, 0x38 },     { GDK_KEY_space, 0x39 },
  { GDK_KEY_Caps_Lock, 0x3a },    { GDK_KEY_F1, 0x3b },        { GDK_KEY_F2, 0x3c },
  { GDK_KEY_F3, 0x3d },           { GDK_KEY_F4, 0x3e },        { GDK_KEY_F5, 0x3f },
  { GDK_KEY_F6, 0x40 },           { GDK_KEY_F7, 0x41 },        { GDK_KEY_F8, 0x42 },
  { GDK_KEY_F9, 0x43 },           { GDK_KEY_F10, 0x44 },       { GDK_KEY_Num_Lock, 0x45 },
  { GDK_KEY_Scroll_Lock, 0x46 },  { GDK_KEY_F11, 0x57 },       { GDK_KEY_F12, 0x58 },
  { GDK_KEY_Sys_Req, 0x54 },      { GDK_KEY_KP_Enter, 0x9c },  { GDK_KEY_Control_R, 0x9d },
  { GDK_KEY_KP_Divide, 0xb5 },    { GDK_KEY_Print, 0x54 },     { GDK_KEY_Alt_R, 0xb8 },
  { GDK_KEY_Pause, 0xc6 },        { GDK_KEY_Home, 0xc7 },      { GDK_KEY_Up, 0xc8 },
  { GDK_KEY_Page_Up, 0xc9 },      { GDK_KEY_Left, 0xcb },      { GDK_KEY_Right, 0xcd },
  { GDK_KEY_End, 0xcf },          { GDK_KEY_Down, 0xd0 },      { GDK_KEY_Page_Down, 0xd1 },
  { GDK_KEY_Insert, 0xd2 },       { GDK_KEY_Delete, 0xd3 },    { GDK_KEY_Super_L, 0xdb },
  { GDK_KEY_Super_R, 0xdc },      { GDK_KEY_Menu, 0xdd },
};

static guint16
from_old_keycode (guint code)
{
  if (code >= 97 && code - 97 < G_N_ELEMENTS (OLD_KEYCODES))
    return OLD_KEYCODES[code - 97];
  return code > 8 && code <= 96 ? code - 8 : 0;
}

static gboolean
has_kernel_keycodes (GdkDisplay *display)
{
  gboolean kernel = TRUE;

#ifdef GDK_WINDOWING_X11
  if (display != NULL && GDK_IS_X11_DISPLAY (display))
    {
      Display *xdisplay = gdk_x11_display_get_xdisplay (display);
      XkbDescPtr description = XkbGetMap (xdisplay, 0, XkbUseCoreKbd);
      char *name = NULL;

      if (description != NULL && XkbGetNames (xdisplay, XkbKeycodesNameMask, description) == Success
          && description->names->keycodes != None)
        name = XGetAtomName (xdisplay, description->names->keycodes);
      if (name != NULL)
        kernel = !g_str_has_prefix (name, "xfree86");
      XFree (name);
      if (description != NULL)
        XkbFreeKeyboard (description, XkbAllComponentsMask, True);
    }
#endif
  return kernel;
}

guint16
valise_display_keys_from_evdev (guint evdev)
{
  if (evdev < 84)
    return evdev;
  return evdev < G_N_ELEMENTS (SCANCODES) ? SCANCODES[evdev] : 0;
}

guint16
valise_display_keys_from_keyval (guint keyval, gboolean *shift)
{
  const char *found = NULL;

  if (shift != NULL)
    *shift = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (NAMED); i++)
    if (NAMED[i].keyval == keyval)
      return NAMED[i].scancode;
  if (keyval <= ' ' || keyval > '~')
    return 0;
  if ((found = strchr (PLAIN, (int) keyval)) != NULL)
    return (guint16) (2 + (found - PLAIN));
  found = strchr (SHIFTED, (int) keyval);
  if (shift != NULL)
    *shift = TRUE;
  return found != NULL ? (guint16) (2 + (found - SHIFTED)) : 0;
}

ValiseDisplayKeys *
valise_display_keys_new (GdkDisplay *display)
{
  ValiseDisplayKeys *self = g_new0 (ValiseDisplayKeys, 1);

  self->kernel_keycodes = has_kernel_keycodes (display);
  return self;
}

void
valise_display_keys_free (ValiseDisplayKeys *self)
{
  g_free (self);
}

guint16
valise_display_keys_from_event (ValiseDisplayKeys *self, const GdkEventKey *event)
{
  guint16 scancode = 0;

  if (!self->kernel_keycodes)
    scancode = from_old_keycode (event->hardware_keycode);
  else if (event->hardware_keycode > 8)
    scancode = valise_display_keys_from_evdev (event->hardware_keycode - 8);
  /* Events made by programs (input methods, test tools) may have no keycode at all. */
  return scancode != 0 ? scancode : valise_display_keys_from_keyval (event->keyval, NULL);
}

void
valise_display_keys_press (ValiseDisplayKeys *self, guint16 scancode, guint keyval)
{
  g_return_if_fail (scancode < G_N_ELEMENTS (self->down));

  self->down[scancode] = keyval != 0 ? keyval : GDK_KEY_VoidSymbol;
}

gboolean
valise_display_keys_release (ValiseDisplayKeys *self, guint16 scancode, guint *keyval)
{
  g_return_val_if_fail (scancode < G_N_ELEMENTS (self->down), FALSE);

  *keyval = self->down[scancode];
  self->down[scancode] = 0;
  return *keyval != 0;
}

gboolean
valise_display_keys_take (ValiseDisplayKeys *self, guint16 *scancode, guint *keyval)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->down); i++)
    if (valise_display_keys_release (self, (guint16) i, keyval))
      {
        *scancode = (guint16) i;
        return TRUE;
      }
  return FALSE;
}
