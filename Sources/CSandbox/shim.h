#ifndef C_SANDBOX_H
#define C_SANDBOX_H

// What the Glibc module leaves out: functions with variable arguments, and fork, which only a process
// with a single thread may use.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <unistd.h>

static inline pid_t c_fork(void) { return fork(); }

static inline int c_prctl(int option, unsigned long one, unsigned long two) {
  return prctl(option, one, two, 0UL, 0UL);
}

static inline long c_syscall(long number, long one, long two, long three, long four) {
  return syscall(number, one, two, three, four);
}

static inline long c_syscall_pointer(long number, const void *one, long two, long three) {
  return syscall(number, one, two, three);
}

static inline long c_syscall_rule(long number, long set, long type, const void *rule) {
  return syscall(number, set, type, rule, 0L);
}

static inline long c_syscall_pointers(long number, const void *one, const void *two) {
  return syscall(number, one, two);
}

/// Both ends close-on-exec from their first moment.
static inline int c_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

static inline int c_close_from(unsigned int first) {
  return (int)syscall(SYS_close_range, first, ~0U, 0U);
}

#endif
