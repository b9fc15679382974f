/* Makes the disk slow for the process it is preloaded into: like many clouds' on any machine, and slow enough that a crash
 * finds a transaction half written.
 * PARLOR_SLOW_SYNC_US: microseconds added to each sync; PARLOR_SLOW_WRITE_US: to each write into a file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long sync_us, write_us;

__attribute__((constructor)) static void read_delays(void) {
    const char *sync = getenv("PARLOR_SLOW_SYNC_US"), *write = getenv("PARLOR_SLOW_WRITE_US");
    sync_us = sync ? atol(sync) : 0;
    write_us = write ? atol(write) : 0;
}

static void wait_first(long us) {
    struct timespec delay = {us / 1000000, us % 1000000 * 1000};
    if (us > 0) nanosleep(&delay, NULL);
}

static void wait_before_write(int file) {
    struct stat about;
    if (write_us > 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode)) wait_first(write_us);
}

typedef int (*sync_call)(int);

int fsync(int file) {
    wait_first(sync_us);
    return ((sync_call)dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
    wait_first(sync_us);
    return ((sync_call)dlsym(RTLD_NEXT, "fdatasync"))(file);
}

ssize_t write(int file, const void *bytes, size_t count) {
    wait_before_write(file);
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(file, bytes, count);
}

typedef ssize_t (*write_call)(int, const void *, size_t, off_t);

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    wait_before_write(file);
    return ((write_call)dlsym(RTLD_NEXT, "pwrite"))(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) {
    wait_before_write(file);
    return ((write_call)dlsym(RTLD_NEXT, "pwrite64"))(file, bytes, count, at);
}
