/* Adds a delay to every sync of the process it is preloaded into: a disk like many clouds', on any machine.
 * PARLOR_SLOW_SYNC_US: the delay in microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static long delay_us;

__attribute__((constructor)) static void read_delay(void) {
    const char *text = getenv("PARLOR_SLOW_SYNC_US");
    delay_us = text ? atol(text) : 0;
}

static void wait_first(void) {
    struct timespec delay = {delay_us / 1000000, delay_us % 1000000 * 1000};
    nanosleep(&delay, NULL);
}

typedef int (*sync_call)(int);

int fsync(int file) {
    wait_first();
    return ((sync_call)dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
    wait_first();
    return ((sync_call)dlsym(RTLD_NEXT, "fdatasync"))(file);
}
