/* A disk that fails when told to, and a kernel that forgets what a failed sync should have written, for the files of one
 * directory in the process this is preloaded into. As on Linux, a page is clean after a failed sync though the disk does
 * not have it, and a later sync succeeds without it; but each open file hears of the error once (errseq, since 4.13).
 *
 * FAULTY_DISK_OF: the directory.  FAULTY_DISK_PLAN: a file of nine 64-bit numbers, see `struct plan`.
 * FAULTY_DISK_PLATTER: a directory of copies: FILE.platter has what is on the disk, FILE.pages a byte for each page of FILE
 * that says where it is. Both outlive the process, like page cache and disk do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 1 << 18, FILES = 64, DESCRIPTORS = 20000 };
enum { CLEAN, DIRTY, LOST };

struct plan {
    uint64_t syncs;            /* Calls so far. */
    uint64_t sync_fails_from;  /* The first that fails with EIO; 0: none. */
    uint64_t sync_fails;       /* How many fail from then on. */
    uint64_t writes;
    uint64_t write_fails_from; /* The first that fails with ENOSPC; 0: none. */
    uint64_t write_fails;
    uint64_t write_is_short;   /* The first writes half before the next ones fail. */
    uint64_t sync_kills;       /* The process dies in this sync; 0: none. */
    uint64_t faults;           /* What has been done so far. */
};

struct file {
    char name[NAME_MAX + 1];
    int content, platter;
    uint64_t errors;
    uint8_t *pages;
};

static struct plan *plan;
static char directory[PATH_MAX], platter[PATH_MAX];
static struct file files[FILES];
static struct file other;
static struct file *open_files[DESCRIPTORS];
static uint64_t errors_told[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef ssize_t (*write_call)(int, const void *, size_t);
typedef int (*file_call)(int);
typedef int (*truncate_call)(int, off_t);
typedef int (*name_call)(const char *);

static void fail(const char *what) {
    dprintf(2, "faulty_disk: %s: %s\n", what, strerror(errno));
    abort();
}

static void *map(const char *path, size_t bytes) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || REAL("ftruncate", truncate_call)(file, bytes) != 0) fail(path);
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) fail(path);
    REAL("close", file_call)(file);
    return mapped;
}

__attribute__((constructor)) static void begin(void) {
    const char *of = getenv("FAULTY_DISK_OF"), *to = getenv("FAULTY_DISK_PLATTER"), *by = getenv("FAULTY_DISK_PLAN");
    if (!of || !to || !by) return;
    snprintf(directory, sizeof directory, "%s/", of);
    snprintf(platter, sizeof platter, "%s", to);
    plan = map(by, sizeof *plan);
}

static struct file *known_as(const char *path) {
    const char *name = path + strlen(directory);
    if (strncmp(path, directory, strlen(directory)) != 0 || strchr(name, '/') || strstr(name, "-shm")) return &other;
    struct file *file = files;
    while (file < files + FILES && file->name[0] && strcmp(file->name, name) != 0) file++;
    if (file == files + FILES) fail("too many files");
    if (!file->name[0]) {
        char at[PATH_MAX * 2];
        snprintf(file->name, sizeof file->name, "%s", name);
        snprintf(at, sizeof at, "%s/%s.pages", platter, name);
        file->pages = map(at, PAGES);
        file->content = file->platter = -1;
    }
    return file;
}

static struct file *named(const char *path) {
    pthread_mutex_lock(&lock);
    struct file *file = known_as(path);
    pthread_mutex_unlock(&lock);
    return file;
}

/* The file behind a descriptor; `other` for sockets, other directories, and what nobody can find again. */
static struct file *behind(int descriptor) {
    if (!plan || descriptor < 0 || descriptor >= DESCRIPTORS) return &other;
    if (!open_files[descriptor]) {
        char link[64], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        ssize_t length = readlink(link, path, sizeof path - 1);
        path[length < 0 ? 0 : length] = 0;
        open_files[descriptor] = named(path);
        errors_told[descriptor] = open_files[descriptor]->errors;
    }
    return open_files[descriptor];
}

static int is_due(uint64_t number, uint64_t from, uint64_t count) {
    return from != 0 && number >= from && number - from < count;
}

static void touched(struct file *file, off_t at, ssize_t bytes) {
    if (bytes <= 0) return;
    if ((at + bytes) / PAGE >= PAGES) fail("too large a file");
    memset(file->pages + at / PAGE, DIRTY, (at + bytes - 1) / PAGE - at / PAGE + 1);
}

/* Brings what is dirty, and the length, to the platter. */
static void reach_platter(struct file *file, int descriptor) {
    char at[PATH_MAX * 2], page[PAGE];
    struct stat about;
    if (file->content < 0) {
        snprintf(at, sizeof at, "%s%s", directory, file->name);
        file->content = open(at, O_RDONLY | O_CLOEXEC);
        snprintf(at, sizeof at, "%s/%s.platter", platter, file->name);
        file->platter = open(at, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file->content < 0 || file->platter < 0) fail(at);
    }
    if (fstat(descriptor, &about) != 0) fail(file->name);
    for (uint8_t *dirty = file->pages; (dirty = memchr(dirty, DIRTY, file->pages + PAGES - dirty)); dirty++) {
        off_t from = (off_t)(dirty - file->pages) * PAGE;
        ssize_t got = pread(file->content, page, PAGE, from);
        if (got < 0 || REAL("pwrite", pwrite_call)(file->platter, page, got, from) != got) fail(file->name);
        *dirty = CLEAN;
    }
    if (REAL("ftruncate", truncate_call)(file->platter, about.st_size) != 0) fail(file->name);
}

static int sync_file(int descriptor, const char *call) {
    struct file *file = behind(descriptor);
    if (file == &other) return REAL(call, file_call)(descriptor);
    pthread_mutex_lock(&lock);
    uint64_t number = ++plan->syncs;
    int result = 0;
    if (plan->sync_kills == number) {
        plan->faults++;
        kill(getpid(), SIGKILL);
    } else if (is_due(number, plan->sync_fails_from, plan->sync_fails)) {
        plan->faults++;
        for (uint8_t *page = file->pages; (page = memchr(page, DIRTY, file->pages + PAGES - page));) *page = LOST;
        file->errors++;
    } else {
        reach_platter(file, descriptor);
    }
    if (errors_told[descriptor] != file->errors) {
        errors_told[descriptor] = file->errors;
        result = -1;
    }
    pthread_mutex_unlock(&lock);
    if (result != 0) errno = EIO;
    return result;
}

/* How much of a write of `bytes` is to be done; -1: none of it. */
static ssize_t allowed(size_t bytes) {
    uint64_t number = ++plan->writes;
    if (!is_due(number, plan->write_fails_from, plan->write_fails)) return bytes;
    plan->faults++;
    return plan->write_is_short && number == plan->write_fails_from && bytes > 1 ? (ssize_t)bytes / 2 : -1;
}

static ssize_t write_file(struct file *file, int descriptor, const void *from, size_t bytes, off_t at) {
    pthread_mutex_lock(&lock);
    ssize_t some = allowed(bytes), done = -1;
    if (some >= 0) {
        done = REAL("pwrite", pwrite_call)(descriptor, from, some, at);
        touched(file, at, done);
    }
    pthread_mutex_unlock(&lock);
    if (some < 0) errno = ENOSPC;
    return done;
}

static int truncate_file(int descriptor, off_t length, const char *call) {
    struct file *file = behind(descriptor);
    int done = REAL(call, truncate_call)(descriptor, length);
    if (file == &other || done != 0) return done;
    pthread_mutex_lock(&lock);
    off_t first = (length + PAGE - 1) / PAGE;
    memset(file->pages + first, CLEAN, PAGES - first);
    if (length % PAGE) file->pages[length / PAGE] = DIRTY;
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int file) { return sync_file(file, "fsync"); }
int fdatasync(int file) { return sync_file(file, "fdatasync"); }
int ftruncate(int file, off_t length) { return truncate_file(file, length, "ftruncate"); }
int ftruncate64(int file, off_t length) { return truncate_file(file, length, "ftruncate64"); }

ssize_t pwrite(int descriptor, const void *from, size_t bytes, off_t at) {
    struct file *file = behind(descriptor);
    if (file == &other) return REAL("pwrite", pwrite_call)(descriptor, from, bytes, at);
    return write_file(file, descriptor, from, bytes, at);
}

ssize_t pwrite64(int descriptor, const void *from, size_t bytes, off_t at) {
    return pwrite(descriptor, from, bytes, at);
}

ssize_t write(int descriptor, const void *from, size_t bytes) {
    struct file *file = behind(descriptor);
    if (file == &other) return REAL("write", write_call)(descriptor, from, bytes);
    off_t at = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done = write_file(file, descriptor, from, bytes, at);
    if (done > 0) lseek(descriptor, at + done, SEEK_SET);
    return done;
}

int close(int descriptor) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS) open_files[descriptor] = NULL;
    return REAL("close", file_call)(descriptor);
}

/* Taken as reaching the disk at once: what is removed may be gone, and here it always is. */
int unlink(const char *path) {
    int done = REAL("unlink", name_call)(path);
    struct file *file = plan && done == 0 ? named(path) : &other;
    if (file == &other) return done;
    pthread_mutex_lock(&lock);
    memset(file->pages, CLEAN, PAGES);
    if (file->content >= 0) REAL("close", file_call)(file->content);
    if (file->platter >= 0) REAL("close", file_call)(file->platter);
    file->content = file->platter = -1;
    char at[PATH_MAX * 2];
    snprintf(at, sizeof at, "%s/%s.platter", platter, file->name);
    REAL("unlink", name_call)(at);
    pthread_mutex_unlock(&lock);
    return done;
}
