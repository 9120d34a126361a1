/* SPDX-License-Identifier: GPL-3.0-or-later */

/* valise-accel-probe: does KVM run guests at the speed of this computer?
 *
 * Where KVM is itself a guest's emulation, /dev/kvm opens, every call succeeds, short guests compute right, and yet
 * each privileged instruction is interpreted by the kernel: a system then takes hours to boot and looks hung. So a
 * guest counts, once in each mode that a PC goes through while booting, in the privilege level that a kernel runs in,
 * and the speed decides. A child per mode does it, since a KVM_RUN that never returns cannot be called off; the counter
 * lies in memory shared with the parent.
 *
 * Prints one line, "VERDICT real16=RATE prot32=RATE long64=RATE" with rates in rounds per millisecond; VERDICT is
 * native, unusable, permission or absent. The exit status is 0 whenever it could
 * tell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
  NATIVE,
  UNUSABLE,
  PERMISSION,
  ABSENT
};

static int
answer (int verdict, const char *detail)
{
  static const char *const words[] = { "native", "unusable", "permission", "absent" };

  printf ("%s%s\n", words[verdict], detail);
  return 0;
}

#if defined(__x86_64__) && defined(__linux__)

#  include <linux/kvm.h>

#  define GUEST_SIZE (128 * 1024)
#  define GUEST_COUNTER 0x0900
#  define GUEST_CODE 0x7000
#  define GUEST_TABLES 0x10000 /* three pages: PML4, PDPT, PD */
#  define GUEST_STACK 0x6ff0
#  define ROUNDS 1500000u /* 2 to 5 ms where it is native */
#  define DONE_PORT 0x0e9
#  define LIMIT_MS 150
#  define ENOUGH 20000.0 /* rounds per ms: interpreted is about 1,000, a slow computer 200,000 */

/* What a child tells its parent; in shared memory ahead of the guest's own. */
struct result
{
  volatile int finished;
  volatile double started, ended; /* ms */
};

struct mode
{
  const char *name;
  const uint8_t *code;
  size_t length;
  size_t rounds_at; /* where the number of rounds goes into the code */
  void (*enter) (struct kvm_sregs *, uint8_t *guest);
};

/* mov ecx, ROUNDS; again: inc dword [COUNTER]; loop by dec ecx, jnz; out DONE_PORT, al */
static const uint8_t code16[] = {
  0x66, 0xb9, 0, 0, 0, 0, 0x66, 0xff, 0x06, 0x00, 0x09, 0x66, 0x49, 0x75, 0xf7, 0xe6, DONE_PORT, 0xf4,
};
static const uint8_t code32[] = {
  0xb9, 0, 0, 0, 0, 0xff, 0x04, 0x25, 0x00, 0x09, 0x00, 0x00, 0xff, 0xc9, 0x75, 0xf5, 0xe6, DONE_PORT, 0xf4,
};

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void
flat_segments (struct kvm_sregs *sregs, int long_mode)
{
  struct kvm_segment code = { .selector = 0x08, .limit = 0xffffffff, .type = 0xb, .present = 1, .s = 1, .g = 1 };
  struct kvm_segment data;

  code.l = long_mode;
  code.db = !long_mode;
  data = code;
  data.selector = 0x10;
  data.type = 0x3;
  data.l = 0;
  data.db = 1;
  sregs->cs = code;
  sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
}

static void
enter_real (struct kvm_sregs *sregs, uint8_t *guest)
{
  (void) guest;
  sregs->cs.base = 0;
  sregs->cs.selector = 0;
}

static void
enter_protected (struct kvm_sregs *sregs, uint8_t *guest)
{
  (void) guest;
  flat_segments (sregs, 0);
  sregs->cr0 |= 1u;
}

/* The first 2 MiB mapped one to one by a single large page. */
static void
enter_long (struct kvm_sregs *sregs, uint8_t *guest)
{
  const uint64_t entries[] = { (GUEST_TABLES + 0x1000) | 3, (GUEST_TABLES + 0x2000) | 3, 0x83 };

  for (size_t i = 0; i < 3; i++)
    memcpy (guest + GUEST_TABLES + i * 0x1000, &entries[i], sizeof entries[i]);
  flat_segments (sregs, 1);
  sregs->cr3 = GUEST_TABLES;
  sregs->cr4 |= 1u << 5;             /* PAE */
  sregs->efer |= 1u << 8 | 1u << 10; /* LME, LMA */
  sregs->cr0 |= 1u | 1u << 31;       /* PE, PG */
}

static const struct mode modes[] = {
  { "real16", code16, sizeof code16, 2, enter_real },
  { "prot32", code32, sizeof code32, 1, enter_protected },
  { "long64", code32, sizeof code32, 1, enter_long },
};
#  define N_MODES (sizeof modes / sizeof modes[0])

static void
load_guest (const struct mode *mode, uint8_t *guest)
{
  const uint32_t rounds = ROUNDS;

  memcpy (guest + GUEST_CODE, mode->code, mode->length);
  memcpy (guest + GUEST_CODE + mode->rounds_at, &rounds, sizeof rounds);
}

/* Guests check the CPU's features before they enter long mode; some KVMs refuse the mode without them. */
static void
give_features (int kvm, int cpu)
{
  struct
  {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entries[200];
  } features = { .head.nent = 200 };

  if (ioctl (kvm, KVM_GET_SUPPORTED_CPUID, &features) == 0)
    (void) ioctl (cpu, KVM_SET_CPUID2, &features);
}

static int
prepare_cpu (int kvm, const struct mode *mode, uint8_t *guest)
{
  struct kvm_userspace_memory_region memory = { .memory_size = GUEST_SIZE, .userspace_addr = (uintptr_t) guest };
  struct kvm_regs regs = { .rip = GUEST_CODE, .rsp = GUEST_STACK, .rflags = 2 };
  struct kvm_sregs sregs;
  int machine, cpu;

  machine = ioctl (kvm, KVM_CREATE_VM, 0);
  if (machine < 0)
    return -1;
  (void) ioctl (machine, KVM_SET_TSS_ADDR, 0xfffbd000ul);
  if (ioctl (machine, KVM_SET_USER_MEMORY_REGION, &memory) < 0)
    return -1;
  cpu = ioctl (machine, KVM_CREATE_VCPU, 0);
  if (cpu < 0)
    return -1;
  give_features (kvm, cpu);
  if (ioctl (cpu, KVM_GET_SREGS, &sregs) < 0)
    return -1;
  mode->enter (&sregs, guest);
  if (ioctl (cpu, KVM_SET_SREGS, &sregs) < 0 || ioctl (cpu, KVM_SET_REGS, &regs) < 0)
    return -1;
  return cpu;
}

static void
count (int kvm, const struct mode *mode, uint8_t *guest, struct result *result)
{
  int size = ioctl (kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  struct kvm_run *run;
  int cpu;

  load_guest (mode, guest);
  cpu = prepare_cpu (kvm, mode, guest);
  if (cpu < 0 || size < (int) sizeof (struct kvm_run))
    return;
  run = mmap (NULL, (size_t) size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
  if (run == MAP_FAILED)
    return;

  result->started = now ();
  while (ioctl (cpu, KVM_RUN, 0) < 0)
    if (errno != EINTR)
      return;
  result->ended = now ();
  result->finished = run->exit_reason == KVM_EXIT_IO && run->io.port == DONE_PORT;
}

static double
rate (const uint8_t *guest, const struct result *result)
{
  double end = result->ended > 0 ? result->ended : now ();
  uint32_t counted;

  memcpy (&counted, guest + GUEST_COUNTER, sizeof counted);
  if (result->finished && counted != ROUNDS)
    return 0;
  return result->started > 0 && end > result->started ? counted / (end - result->started) : 0;
}

/* Every child holds the pipe's other end: it is closed when the last of them is gone. */
static void
wait_for_children (int pipe_end, double until)
{
  struct pollfd poll_pipe = { .fd = pipe_end, .events = POLLIN };
  double left;

  while ((left = until - now ()) > 0)
    if (poll (&poll_pipe, 1, (int) left + 1) > 0)
      return;
}

static int
measure (int kvm)
{
  const size_t part = GUEST_SIZE + 4096;
  double until = now () + LIMIT_MS;
  char detail[160] = "";
  int verdict = NATIVE;
  int ends[2];
  pid_t children[N_MODES];
  uint8_t *shared = mmap (NULL, N_MODES * part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  if (shared == MAP_FAILED || pipe (ends) < 0)
    return answer (UNUSABLE, "");
  for (size_t i = 0; i < N_MODES; i++)
    {
      children[i] = fork ();
      if (children[i] != 0)
        continue;
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      count (kvm, &modes[i], shared + i * part + 4096, (struct result *) (void *) (shared + i * part));
      _exit (0);
    }
  close (ends[1]);
  wait_for_children (ends[0], until);
  for (size_t i = 0; i < N_MODES; i++)
    {
      const struct result *result = (const struct result *) (const void *) (shared + i * part);
      double speed = rate (shared + i * part + 4096, result);
      size_t used = strlen (detail);

      if (children[i] > 0)
        kill (children[i], SIGKILL);
      if (!result->finished || speed < ENOUGH)
        verdict = UNUSABLE;
      snprintf (detail + used, sizeof detail - used, " %s=%.0f", modes[i].name, speed);
    }
  return answer (verdict, detail);
}

int
main (void)
{
  int kvm = open ("/dev/kvm", O_RDWR | O_CLOEXEC);

  if (kvm < 0)
    return answer (errno == EACCES || errno == EPERM ? PERMISSION : ABSENT, "");
  if (ioctl (kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
    return answer (UNUSABLE, "");
  return measure (kvm);
}

#else

/* Guests are PCs: on another processor they are translated in any case. */
int
main (void)
{
  return answer (ABSENT, "");
}

#endif
