/* Makes every flush of a process take at least SLOW_SYNC_US microseconds, as on a disk behind a network. The flush
 * itself still happens. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*flush)(int);

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int at_least(const char *name, int file) {
  const char *setting = getenv("SLOW_SYNC_US");
  long long until = nanoseconds() + (setting ? atoll(setting) : 0) * 1000;
  flush real = (flush)dlsym(RTLD_NEXT, name);
  int result = real(file);
  for (long long left = until - nanoseconds(); left > 0; left = until - nanoseconds()) {
    struct timespec rest = {left / 1000000000, left % 1000000000};
    nanosleep(&rest, NULL);
  }
  return result;
}

int fsync(int file) { return at_least("fsync", file); }
int fdatasync(int file) { return at_least("fdatasync", file); }
