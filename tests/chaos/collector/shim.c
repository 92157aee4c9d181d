// A disk and a clock that can fail, under a real process: LD_PRELOAD in, the faults that the control page asks for out.
//
// EYESHOT_CHAOS_CONTROL names a page of 64-bit numbers that the harness writes while the process runs (shim.py):
//   0  nanoseconds added to the wall clock (never to the monotonic one)
//   1  nanoseconds that every fsync takes longer
//   2  errno that every write to the disk fails with, or 0
// EYESHOT_CHAOS_DISK names the folder that is the disk. EYESHOT_CHAOS_PLATTER names a folder that holds what would
// survive a power cut: a file's bytes get there when it is fsynced, and not before.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CLOCK_OFFSET, SYNC_DELAY, WRITE_ERROR, FIELDS };
enum { FILES_MAX = 64, COPY_BYTES = 65536 };
static const int64_t SECOND = 1000000000;

static volatile int64_t nothing_asked[FIELDS];
static volatile int64_t *control = nothing_asked;
static const char *disk, *platter;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

// What was written to a file since its last fsync. One that is seen for the first time may have been written by a
// process that died, so all of it counts.
struct written {
    dev_t device;
    ino_t inode;
    off_t first, end;
};
static struct written files[FILES_MAX];
static int known;

__attribute__((constructor)) static void begin(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    disk = getenv("EYESHOT_CHAOS_DISK");
    platter = getenv("EYESHOT_CHAOS_PLATTER");
    const char *page = getenv("EYESHOT_CHAOS_CONTROL");
    int fd = page ? open(page, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, FIELDS * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        control = mapped;
    close(fd);
}

// The file's name below the disk's folder, "" for the folder itself, or NULL when it is elsewhere.
static const char *on_disk(int fd, char *path) {
    char link[64];
    if (!disk)
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    size_t folder = strlen(disk);
    if (length < (ssize_t)folder)
        return NULL;
    path[length] = 0;
    if (strncmp(path, disk, folder) || strstr(path, " (deleted)"))
        return NULL;
    return path[folder] == '/' ? path + folder + 1 : path[folder] ? NULL : path + folder;
}

static struct written *written(int fd) {
    struct stat stat;
    if (fstat(fd, &stat))
        return NULL;
    for (int each = 0; each < known; each++)
        if (files[each].device == stat.st_dev && files[each].inode == stat.st_ino)
            return &files[each];
    struct written *slot = &files[known < FILES_MAX ? known++ : (int)(stat.st_ino % FILES_MAX)];
    *slot = (struct written){stat.st_dev, stat.st_ino, 0, stat.st_size};
    return slot;
}

static void note(int fd, off_t first, off_t end) {
    char path[PATH_MAX];
    if (!on_disk(fd, path))
        return;
    pthread_mutex_lock(&lock);
    struct written *file = written(fd);
    if (file) {
        file->first = file->end && file->first < first ? file->first : first;
        file->end = file->end > end ? file->end : end;
    }
    pthread_mutex_unlock(&lock);
}

static void copy_to_platter(int fd, const char *name) {
    static char bytes[COPY_BYTES];
    char target[PATH_MAX];
    struct stat stat;
    snprintf(target, sizeof target, "%s/%s", platter, name);
    int out = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct written *file = written(fd);
    if (out >= 0 && file && !fstat(fd, &stat)) {
        off_t at = file->first;
        while (at < file->end) {
            size_t most = file->end - at < COPY_BYTES ? (size_t)(file->end - at) : COPY_BYTES;
            ssize_t got = pread(fd, bytes, most, at);
            if (got <= 0 || real_pwrite(out, bytes, got, at) != got)
                break;
            at += got;
        }
        real_ftruncate(out, stat.st_size);
        file->first = file->end = 0;
    }
    if (out >= 0)
        close(out);
}

// An fsync of a folder makes removals last.
static void forget_removed(void) {
    char path[PATH_MAX];
    DIR *folder = opendir(platter);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", disk, entry->d_name);
        if (!access(path, F_OK))
            continue;
        snprintf(path, sizeof path, "%s/%s", platter, entry->d_name);
        unlink(path);
    }
    if (folder)
        closedir(folder);
}

static int synced(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    const char *name = on_disk(fd, path);
    if (name && control[SYNC_DELAY]) {
        struct timespec delay = {control[SYNC_DELAY] / SECOND, control[SYNC_DELAY] % SECOND};
        nanosleep(&delay, NULL);
    }
    if (name && control[WRITE_ERROR]) {
        errno = (int)control[WRITE_ERROR];
        return -1;
    }
    int result = real(fd);
    if (result == 0 && name && platter) {
        pthread_mutex_lock(&lock);
        if (*name)
            copy_to_platter(fd, name);
        else
            forget_removed();
        pthread_mutex_unlock(&lock);
    }
    return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at) {
    char path[PATH_MAX];
    if (control[WRITE_ERROR] && on_disk(fd, path)) {
        errno = (int)control[WRITE_ERROR];
        return -1;
    }
    ssize_t done = real_pwrite(fd, bytes, size, at);
    if (done > 0)
        note(fd, at, at + done);
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = real_clock_gettime(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += control[CLOCK_OFFSET] / SECOND;
    }
    return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return result;
}
time_t time(time_t *at) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (at)
        *at = exact.tv_sec;
    return exact.tv_sec;
}
