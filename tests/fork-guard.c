/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libvirt forks in one thread while others allocate, and its child allocates before it becomes another program. The C
 * library's heap is made for that; the address sanitizer's of GCC 12 is not: a lock that another thread held at that
 * moment is never given back in the child, which hangs for ever and keeps every file of its parent open. Here every
 * call of the heap is counted while it is under way, and a fork waits for those of the other threads to end. For
 * sanitizer builds only. */

#ifdef __SANITIZE_ADDRESS__

#  include <pthread.h>
#  include <sched.h>
#  include <stdatomic.h>
#  include <stddef.h>

void *__interceptor_malloc (size_t size);
void *__interceptor_calloc (size_t count, size_t size);
void *__interceptor_realloc (void *memory, size_t size);
void *__interceptor_aligned_alloc (size_t alignment, size_t size);
int __interceptor_posix_memalign (void **memory, size_t alignment, size_t size);
void __interceptor_free (void *memory);

void *malloc (size_t size);
void *calloc (size_t count, size_t size);
void *realloc (void *memory, size_t size);
void *aligned_alloc (size_t alignment, size_t size);
int posix_memalign (void **memory, size_t alignment, size_t size);
void free (void *memory);

static atomic_int under_way;
static atomic_int forking;
/* This thread forks. As wide as what follows it in the program: from a narrower one at the very end of a page, mold 1.10 has
 * the loader protect a page that is not there, and the program does not start. */
static _Thread_local long is_mine __attribute__ ((tls_model ("initial-exec")));

static void
enter (void)
{
  for (;;)
    {
      atomic_fetch_add (&under_way, 1);
      if (!atomic_load (&forking) || is_mine)
        return;
      atomic_fetch_sub (&under_way, 1);
      while (atomic_load (&forking))
        sched_yield ();
    }
}

static void
leave (void)
{
  atomic_fetch_sub (&under_way, 1);
}

static void
before_fork (void)
{
  int none = 0;

  while (!atomic_compare_exchange_weak (&forking, &none, 1))
    {
      none = 0;
      sched_yield ();
    }
  is_mine = 1;
  while (atomic_load (&under_way) > 0)
    sched_yield ();
}

static void
after_fork (void)
{
  is_mine = 0;
  atomic_store (&forking, 0);
}

__attribute__ ((constructor)) static void
guard_forks (void)
{
  pthread_atfork (before_fork, after_fork, after_fork);
}

void *
malloc (size_t size)
{
  void *memory;

  enter ();
  memory = __interceptor_malloc (size);
  leave ();
  return memory;
}

void *
calloc (size_t count, size_t size)
{
  void *memory;

  enter ();
  memory = __interceptor_calloc (count, size);
  leave ();
  return memory;
}

void *
realloc (void *old, size_t size)
{
  void *memory;

  enter ();
  memory = __interceptor_realloc (old, size);
  leave ();
  return memory;
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  void *memory;

  enter ();
  memory = __interceptor_aligned_alloc (alignment, size);
  leave ();
  return memory;
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  int result;

  enter ();
  result = __interceptor_posix_memalign (memory, alignment, size);
  leave ();
  return result;
}

void
free (void *memory)
{
  enter ();
  __interceptor_free (memory);
  leave ();
}

#else

typedef int ValiseNoSanitizer;

#endif
