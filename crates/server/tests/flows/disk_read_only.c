/* Stands between a program and its disk: once the file that READ_ONLY_AFTER names is there, so many more writes as it says succeed,
 * and all later ones fail as on a file system that the kernel has remounted read-only, until the file is gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static atomic_int written;

static int refuses(void)
{
    const char *name = getenv("READ_ONLY_AFTER");
    FILE *file = name ? fopen(name, "r") : NULL;
    int allowed = 0;
    if (!file) {
        written = 0;
        return 0;
    }
    if (fscanf(file, "%d", &allowed) != 1)
        allowed = 0;
    fclose(file);
    if (written++ < allowed)
        return 0;
    errno = EROFS;
    return 1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return refuses() ? -1 : next(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return pwrite64(fd, bytes, length, at);
}

int ftruncate64(int fd, off64_t length)
{
    int (*next)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
    return refuses() ? -1 : next(fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}
