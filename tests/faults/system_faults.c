/* Fails the N-th call below a folder, as a disk does; loaded with LD_PRELOAD.
 *
 *   FAULT_FOLDER   only files and folders below this one count
 *   FAULT_AT       which call fails, from 1; 0: none
 *   FAULT_ERRNO    with what, a number such as 28 (ENOSPC)
 *   FAULT_LASTING  1: all later calls fail, too
 *   FAULT_COUNT    a file that is given the number of calls at the end, and the name of the failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls, at;
static int number, lasting, ready;
static char folder[4096], failed[64] = "none";
static size_t length;

static void begin(void) {
    folder[0] = length = 0;
    const char *name = getenv("FAULT_FOLDER");
    if (name) { strncpy(folder, name, sizeof folder - 1); length = strlen(folder); }
    at = atol(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0");
    number = atoi(getenv("FAULT_ERRNO") ? getenv("FAULT_ERRNO") : "5");
    lasting = getenv("FAULT_LASTING") && *getenv("FAULT_LASTING") == '1';
    ready = 1;
}

static int below_path(int directory, const char *path) {
    char whole[8192], base[4096];
    if (!length || !path) return 0;
    if (*path == '/') return !strncmp(path, folder, length);
    if (directory == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t n = readlink(link, base, sizeof base - 1);
        if (n < 0) return 0;
        base[n] = 0;
    }
    snprintf(whole, sizeof whole, "%s/%s", base, path);
    return !strncmp(whole, folder, length);
}

static int below_file(int file) {
    char link[64], path[4096];
    if (!length || file < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return !strncmp(path, folder, length);
}

/* Count a call; 1 when it has to fail. */
static int fails(const char *name) {
    int result = 0;
    pthread_mutex_lock(&lock);
    calls++;
    if (at && (calls == at || (lasting && calls > at))) {
        if (calls == at) strncpy(failed, name, sizeof failed - 1);
        result = 1;
    }
    pthread_mutex_unlock(&lock);
    if (result) errno = number;
    return result;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); \
    if (!ready) begin();

#define CHECK(where, name, wrong) \
    do { int old = errno; int here = (where); errno = old; \
         if (here && fails(name)) return wrong; } while (0)

ssize_t write(int file, const void *data, size_t n) {
    REAL(write) CHECK(below_file(file), "write", -1); return real(file, data, n);
}
ssize_t pwrite(int file, const void *data, size_t n, off_t place) {
    REAL(pwrite) CHECK(below_file(file), "pwrite", -1); return real(file, data, n, place);
}
ssize_t pwrite64(int file, const void *data, size_t n, off64_t place) {
    REAL(pwrite64) CHECK(below_file(file), "pwrite", -1); return real(file, data, n, place);
}
ssize_t writev(int file, const struct iovec *parts, int n) {
    REAL(writev) CHECK(below_file(file), "writev", -1); return real(file, parts, n);
}
int fsync(int file) { REAL(fsync) CHECK(below_file(file), "fsync", -1); return real(file); }
int fdatasync(int file) {
    REAL(fdatasync) CHECK(below_file(file), "fdatasync", -1); return real(file);
}
int rename(const char *from, const char *to) {
    REAL(rename) CHECK(below_path(AT_FDCWD, to), "rename", -1); return real(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
    REAL(renameat) CHECK(below_path(b, to), "rename", -1); return real(a, from, b, to);
}
int link(const char *from, const char *to) {
    REAL(link) CHECK(below_path(AT_FDCWD, to), "link", -1); return real(from, to);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(linkat) CHECK(below_path(b, to), "link", -1); return real(a, from, b, to, flags);
}
int ftruncate(int file, off_t n) {
    REAL(ftruncate) CHECK(below_file(file), "ftruncate", -1); return real(file, n);
}
int ftruncate64(int file, off64_t n) {
    REAL(ftruncate64) CHECK(below_file(file), "ftruncate", -1); return real(file, n);
}
int posix_fallocate(int file, off_t place, off_t n) {
    REAL(posix_fallocate) CHECK(below_file(file), "fallocate", number);
    return real(file, place, n);
}
void *mmap(void *start, size_t n, int access, int flags, int file, off_t place) {
    REAL(mmap) CHECK(!(flags & MAP_ANONYMOUS) && below_file(file), "mmap", MAP_FAILED);
    return real(start, n, access, flags, file, place);
}
void *mmap64(void *start, size_t n, int access, int flags, int file, off64_t place) {
    REAL(mmap64) CHECK(!(flags & MAP_ANONYMOUS) && below_file(file), "mmap", MAP_FAILED);
    return real(start, n, access, flags, file, place);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) {
    MODE(flags) REAL(open) CHECK(below_path(AT_FDCWD, path), "open", -1);
    return real(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags) REAL(open64) CHECK(below_path(AT_FDCWD, path), "open", -1);
    return real(path, flags, mode);
}
int openat(int directory, const char *path, int flags, ...) {
    MODE(flags) REAL(openat) CHECK(below_path(directory, path), "open", -1);
    return real(directory, path, flags, mode);
}
int openat64(int directory, const char *path, int flags, ...) {
    MODE(flags) REAL(openat64) CHECK(below_path(directory, path), "open", -1);
    return real(directory, path, flags, mode);
}
int mkdir(const char *path, mode_t mode) {
    int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
    if (!ready) begin();
    CHECK(below_path(AT_FDCWD, path), "mkdir", -1);
    return real(path, mode);
}

/* For a process that was forked: count from here, with the environment of now. */
void fault_again(void) {
    calls = 0;
    strcpy(failed, "none");
    begin();
}

__attribute__((destructor)) void fault_end(void) {
    const char *name = getenv("FAULT_COUNT");
    if (!name || !length) return;
    FILE *file = fopen(name, "w");
    if (file) { fprintf(file, "%ld %s\n", calls, failed); fclose(file); }
}
