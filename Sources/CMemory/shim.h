#ifndef C_MEMORY_H
#define C_MEMORY_H

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Where the program's code begins and ends, by the linker.
extern char __executable_start[];
extern char etext[];

/// Takes the pages of code out of the process that it has run so far. They are those of a file and
/// cannot be written to, so those that are needed again come back from the page cache.
static inline void c_memory_release_code(void) {
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  const uintptr_t start = ((uintptr_t)__executable_start + page - 1) & ~(page - 1);
  const uintptr_t end = (uintptr_t)etext & ~(page - 1);
  if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
}

#endif
