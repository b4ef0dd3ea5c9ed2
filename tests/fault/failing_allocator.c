// Preloaded into a program (LD_PRELOAD), refuses its N-th allocation: malloc and its kin return null.
//
//   FAULT_COUNTS   file of two 64-bit counters, mapped: allocations of the first process, and of the
//                  one that it forked and that made most
//   FAULT_IN       0: the first process is refused, 1: those it forked
//   FAULT_AT       which allocation, from 1; each process counts on from where it was forked
//   FAULT_FOR      "once", or "ever": every later one too
//
// Not counted: what the dynamic loader allocates before this library is ready, and what libcrypto asks
// for, which does not survive a refusal (OpenSSL 3.0 crashes in its own initialisation). Needs glibc.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static _Atomic uint64_t made;
static _Atomic uint64_t* counts;  // null: not asked for
static int generation;            // 0, or 1 in every process that was forked
static int fails_in = -1;
static uint64_t fails_at;
static int fails_on;

static void forked(void) { generation = 1; }

static long number_of(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text ? strtol(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void read_plan(void) {
  const char* path = getenv("FAULT_COUNTS");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file >= 0) {
    void* mapped = mmap(NULL, 2 * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) counts = mapped;
    close(file);
  }
  const char* duration = getenv("FAULT_FOR");
  fails_on = duration && strcmp(duration, "ever") == 0;
  fails_at = (uint64_t)number_of("FAULT_AT", 0);
  pthread_atfork(NULL, NULL, forked);
  made = 0;
  fails_in = (int)number_of("FAULT_IN", -1);
}

static int is_libcrypto(void* caller) {
  Dl_info info;
  return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "/libcrypto.");
}

static int refused(void* caller) {
  if (is_libcrypto(caller)) return 0;
  const uint64_t nth = ++made;
  if (counts && counts[generation] < nth) counts[generation] = nth;
  if (generation != fails_in || nth < fails_at || (nth > fails_at && !fails_on)) return 0;
  errno = ENOMEM;
  return 1;
}

#define CALLER __builtin_return_address(0)

void* malloc(size_t size) { return refused(CALLER) ? NULL : __libc_malloc(size); }
void* calloc(size_t count, size_t size) {
  return refused(CALLER) ? NULL : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  return refused(CALLER) ? NULL : __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  return refused(CALLER) ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return refused(CALLER) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** result, size_t alignment, size_t size) {
  void* given = refused(CALLER) ? NULL : __libc_memalign(alignment, size);
  if (!given) return ENOMEM;
  *result = given;
  return 0;
}
