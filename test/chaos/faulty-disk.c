/*
 * Loaded before the C library: lets chosen writes to the records of a bot fail, as a disk would. A write is whatever changes a file or
 * makes sure that it is changed. The file that FAULTY_DISK names holds five numbers of 64 bits: writes so far; the first that fails; how
 * many fail; the error they fail with; those that did fail. Files count whose path begins with FAULTY_FILES.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  uint64_t count, first, many, error, failed;
};

static struct control *control;
static const char *prefix;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTY_DISK");
  prefix = getenv("FAULTY_FILES");
  if (path == NULL || prefix == NULL) return;
  int fd = open(path, O_RDWR);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int fails(void) {
  uint64_t number = __atomic_add_fetch(&control->count, 1, __ATOMIC_SEQ_CST);
  uint64_t first = __atomic_load_n(&control->first, __ATOMIC_SEQ_CST);
  if (first == 0 || number < first || number - first >= control->many) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
  errno = (int)control->error;
  return 1;
}

static int path_fails(const char *path) {
  return control != NULL && path != NULL && strncmp(path, prefix, strlen(prefix)) == 0 && fails();
}

static int file_fails(int fd) {
  if (control == NULL) return 0;
  char link[40], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return path_fails(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define FAULTY(type, name, parameters, arguments)  \
  type name parameters {                           \
    if (file_fails(fd)) return -1;                 \
    return REAL(name) arguments;                   \
  }

FAULTY(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
FAULTY(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
FAULTY(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
FAULTY(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAULTY(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
FAULTY(int, ftruncate, (int fd, off_t size), (fd, size))
FAULTY(int, ftruncate64, (int fd, off64_t size), (fd, size))
FAULTY(int, fsync, (int fd), (fd))
FAULTY(int, fdatasync, (int fd), (fd))

/* Opening a file that is there changes nothing: only making one can fail. */
#define FAULTY_OPEN(name)                                                                    \
  int name(const char *path, int flags, ...) {                                               \
    va_list rest;                                                                            \
    va_start(rest, flags);                                                                   \
    mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;                              \
    va_end(rest);                                                                            \
    if ((flags & O_CREAT) && access(path, F_OK) != 0 && path_fails(path)) return -1;         \
    return REAL(name)(path, flags, mode);                                                    \
  }

FAULTY_OPEN(open)
FAULTY_OPEN(open64)
