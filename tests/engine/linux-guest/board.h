/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdint.h>

/* What the guest and the test say to each other, on a disk of its own (vdc) that no file system is on: the guest says
 * it without its file systems, so even while they are frozen. Numbers of 32 bits, the lowest byte first. */

#define BOARD_BYTES 4096
#define BOARD_ASK 0    /* where the test writes */
#define BOARD_SAY 4096 /* where the guest writes */
#define BOARD_SIZE (1 << 20)
#define BOARD_MAGIC 0x6c696176

/* What the agent is told by the guest's init. */
enum
{
  BOARD_NOTHING,
  BOARD_STOP_AGENT, /* it stands still, and answers no more */
  BOARD_CONTINUE_AGENT,
  BOARD_KILL_AGENT,
  BOARD_START_AGENT,
  BOARD_SLOW_FREEZE, /* the agent takes for ever to freeze */
  BOARD_QUICK_FREEZE,
};

typedef struct
{
  uint32_t turn; /* each ask has the next number */
  uint32_t what;
} BoardAsk;

typedef struct
{
  uint32_t magic;
  uint32_t answered; /* the last turn that was done */
  uint32_t lines;    /* how many lines are on both disks */
  uint32_t whole;    /* whether the journals were whole and of one moment when it started */
  uint32_t found;    /* how many lines there were then */
} BoardSaid;

/* A line of the journal: its number, and what it can be checked by. */
#define LINE_LENGTH 20
#define LINE_FORMAT "%010u %08x\n"

static inline uint32_t
board_check_of (uint32_t number)
{
  uint32_t check = 2166136261u;

  for (int i = 0; i < 32; i += 8)
    check = (check ^ (number >> i & 0xff)) * 16777619u;
  return check;
}
