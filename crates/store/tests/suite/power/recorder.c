/* Records, in their order, what a process writes below a folder and what it has waited for the disk to have, so that a test
 * can put together what a loss of power would have left. Preloaded; see ../power.rs.
 *
 * A record: kind (one byte), length of the path (4), offset (8), length of the data (8), path, data. Kinds: 'w' written,
 * 't' cut to the length `offset`, 's' synced, 'u' removed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int record_fd = -1;
static const char *folder;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("RECORD_FILE");
    folder = getenv("RECORD_FOLDER");
    if (file && folder)
        record_fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void record_at(char kind, const char *path, size_t path_length, uint64_t offset, const void *data, uint64_t length) {
    size_t prefix = folder ? strlen(folder) : 0;
    if (record_fd < 0 || path_length <= prefix || strncmp(path, folder, prefix) != 0)
        return;
    uint32_t short_length = (uint32_t)path_length;
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &short_length, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 8);
    struct iovec parts[3] = {{head, sizeof head}, {(void *)path, path_length}, {(void *)data, length}};
    pthread_mutex_lock(&one_at_a_time);
    if (syscall(SYS_writev, record_fd, parts, 3) != (long)(sizeof head + path_length + length))
        abort();
    pthread_mutex_unlock(&one_at_a_time);
}

static void record(char kind, int fd, uint64_t offset, const void *data, uint64_t length) {
    char link[64], path[4096];
    if (record_fd < 0 || fd == record_fd)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t named = readlink(link, path, sizeof path);
    if (named > 0)
        record_at(kind, path, (size_t)named, offset, data, length);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t length) {
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at >= 0)
        record('w', fd, (uint64_t)at, data, length);
    return NEXT(write)(fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
    record('w', fd, (uint64_t)at, data, length);
    return NEXT(pwrite)(fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    record('w', fd, (uint64_t)at, data, length);
    return NEXT(pwrite64)(fd, data, length, at);
}

int ftruncate(int fd, off_t length) {
    record('t', fd, (uint64_t)length, NULL, 0);
    return NEXT(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    record('t', fd, (uint64_t)length, NULL, 0);
    return NEXT(ftruncate64)(fd, length);
}

/* Only when the disk has it. */
int fsync(int fd) {
    int done = NEXT(fsync)(fd);
    if (done == 0)
        record('s', fd, 0, NULL, 0);
    return done;
}

int fdatasync(int fd) {
    int done = NEXT(fdatasync)(fd);
    if (done == 0)
        record('s', fd, 0, NULL, 0);
    return done;
}

int unlink(const char *path) {
    record_at('u', path, strlen(path), 0, NULL, 0);
    return NEXT(unlink)(path);
}
