/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first and only program of a Linux guest, beside QEMU's guest agent: it writes a journal to the file systems of two
 * disks, each line to the one and, when it is on the medium, to the other, and never stops. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"

#define LOOK_US 5000
#define SLOW "/run/slow"

/* Shared by the writer and the one that speaks for it. */
static volatile uint32_t *lines;
static pid_t agent;

static void
give_up (const char *what)
{
  printf ("valise-guest: %s: %s\n", what, strerror (errno));
  for (;;)
    pause ();
}

/* --- what an empty system lacks --- */

static void
mount_at (const char *source, const char *target, const char *type)
{
  mkdir (target, 0755);
  if (mount (source, target, type, 0, NULL) != 0 && errno != EBUSY)
    give_up (target);
}

/* In the order of their names. One that the kernel has built in is not there. */
static void
load_modules (void)
{
  struct dirent **names = NULL;
  int count = scandir ("/modules", &names, NULL, alphasort);

  for (int i = 0; i < count; i++)
    {
      char path[300];
      int fd;

      snprintf (path, sizeof path, "/modules/%s", names[i]->d_name);
      fd = names[i]->d_name[0] != '.' ? open (path, O_RDONLY | O_CLOEXEC) : -1;
      if (fd >= 0 && syscall (SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
        give_up (path);
      if (fd >= 0)
        close (fd);
    }
}

static void
wait_for (const char *path)
{
  while (access (path, F_OK) != 0)
    usleep (LOOK_US);
}

/* The kernel numbers the ports; what they are called is told beside. */
static int
find_port (char *path, size_t size)
{
  DIR *ports = opendir ("/sys/class/virtio-ports");
  struct dirent *port;
  int found = 0;

  while (ports != NULL && !found && (port = readdir (ports)) != NULL)
    {
      char file[300], name[64] = "";
      FILE *stream;

      snprintf (file, sizeof file, "/sys/class/virtio-ports/%s/name", port->d_name);
      stream = fopen (file, "re");
      found = stream != NULL && fgets (name, sizeof name, stream) != NULL
              && strncmp (name, "org.qemu.guest_agent.0", 22) == 0;
      if (stream != NULL)
        fclose (stream);
      if (found)
        snprintf (path, size, "/dev/%.40s", port->d_name);
    }
  if (ports != NULL)
    closedir (ports);
  return found;
}

static void
start_agent (void)
{
  static char path[64];

  if (agent > 0)
    return;
  while (!find_port (path, sizeof path))
    usleep (LOOK_US);
  agent = fork ();
  if (agent != 0)
    return;
  execl ("/usr/sbin/qemu-ga", "qemu-ga", "-m", "virtio-serial", "-p", path, "-t", "/run", "-f", "/run/qemu-ga.pid",
         "-F/init", NULL);
  _exit (1);
}

/* The agent runs us before it freezes, too, and waits for us. */
static int
hook (void)
{
  while (access (SLOW, F_OK) == 0)
    usleep (LOOK_US);
  return 0;
}

/* --- the journal --- */

/* How many lines there are, or -1. What a power cut tore is at the end and goes. */
static int64_t
read_journal (int fd)
{
  char line[LINE_LENGTH + 1] = "", wanted[LINE_LENGTH + 1];
  uint32_t number = 0;
  ssize_t length;

  while ((length = pread (fd, line, LINE_LENGTH, (off_t) number * LINE_LENGTH)) == LINE_LENGTH)
    {
      snprintf (wanted, sizeof wanted, LINE_FORMAT, number + 1, board_check_of (number + 1));
      if (memcmp (line, wanted, LINE_LENGTH) != 0)
        return -1;
      number++;
    }
  return ftruncate (fd, (off_t) number * LINE_LENGTH) == 0 ? (int64_t) number : -1;
}

static void
write_line (int fd, uint32_t number)
{
  char line[LINE_LENGTH + 1];

  snprintf (line, sizeof line, LINE_FORMAT, number, board_check_of (number));
  if (pwrite (fd, line, LINE_LENGTH, (off_t) (number - 1) * LINE_LENGTH) != LINE_LENGTH || fdatasync (fd) != 0)
    give_up ("writing");
}

static void
write_journals (int one, int two, uint32_t number)
{
  for (;;)
    {
      number++;
      write_line (one, number);
      write_line (two, number);
      *lines = number;
    }
}

static int
open_journal (const char *disk, const char *folder)
{
  char path[32];
  int fd;

  wait_for (disk);
  mount_at (disk, folder, "ext4");
  snprintf (path, sizeof path, "%s/journal", folder);
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    give_up (path);
  return fd;
}

/* --- what is said and asked --- */

static void
answer (const BoardAsk *ask)
{
  switch (ask->what)
    {
    case BOARD_STOP_AGENT:
      kill (agent, SIGSTOP);
      break;
    case BOARD_CONTINUE_AGENT:
      kill (agent, SIGCONT);
      break;
    case BOARD_KILL_AGENT:
      kill (agent, SIGKILL);
      waitpid (agent, NULL, 0);
      agent = 0;
      break;
    case BOARD_START_AGENT:
      start_agent ();
      break;
    case BOARD_SLOW_FREEZE:
      close (open (SLOW, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
      break;
    case BOARD_QUICK_FREEZE:
      unlink (SLOW);
      break;
    }
}

static void
speak (BoardSaid *said)
{
  int fd = open ("/dev/vdc", O_RDWR | O_DIRECT | O_CLOEXEC);
  char *block = mmap (NULL, BOARD_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  BoardAsk ask = { 0, 0 };

  /* What was asked before it started is nobody's any more. */
  if (fd >= 0 && pread (fd, block, BOARD_BYTES, BOARD_ASK) == BOARD_BYTES)
    memcpy (&ask, block, sizeof ask);
  for (said->answered = ask.turn; fd >= 0; usleep (LOOK_US))
    {
      if (pread (fd, block, BOARD_BYTES, BOARD_ASK) == BOARD_BYTES)
        memcpy (&ask, block, sizeof ask);
      if (ask.turn != said->answered)
        answer (&ask);
      said->answered = ask.turn;
      said->lines = *lines;
      memset (block, 0, BOARD_BYTES);
      memcpy (block, said, sizeof *said);
      if (pwrite (fd, block, BOARD_BYTES, BOARD_SAY) != BOARD_BYTES)
        break;
    }
  give_up ("speaking");
}

int
main (void)
{
  BoardSaid said = { .magic = BOARD_MAGIC };
  int one, two;
  int64_t first, second;

  if (getpid () != 1)
    return hook ();
  mount_at ("dev", "/dev", "devtmpfs");
  mount_at ("proc", "/proc", "proc");
  mount_at ("sys", "/sys", "sysfs");
  mkdir ("/run", 0755);
  load_modules ();
  one = open_journal ("/dev/vda", "/one");
  two = open_journal ("/dev/vdb", "/two");
  first = read_journal (one);
  second = read_journal (two);
  said.whole = first >= 0 && second >= 0 && (first == second || first == second + 1);
  said.found = second >= 0 ? (uint32_t) second : 0;
  lines = mmap (NULL, sizeof *lines, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *lines = said.found;
  wait_for ("/dev/vdc");
  if (said.whole && fork () == 0)
    write_journals (one, two, said.found);
  close (one);
  close (two);
  start_agent ();
  speak (&said);
}
