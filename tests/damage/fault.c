/* Loaded into a node before its own libraries: counts what the node writes below a folder, and strikes at one of
 * those writes. `errno` 0 stands for power that goes: half of the write is done and the process is gone. Any other
 * is what that write and all later ones fail with: a disk that is broken stays broken.
 *
 *   TALLY_FAULT_FOLDER  the folder, without a slash at its end
 *   TALLY_FAULT_AT      which write, counted from 1
 *   TALLY_FAULT_ERRNO   what it fails with
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long writes;
static const char *folder;
static long strike_at;
static int strike_errno;

__attribute__((constructor)) static void begin(void)
{
    folder = getenv("TALLY_FAULT_FOLDER");
    const char *at = getenv("TALLY_FAULT_AT"), *number = getenv("TALLY_FAULT_ERRNO");
    strike_at = at ? atol(at) : 0;
    strike_errno = number ? atoi(number) : 0;
}

static int is_below(const char *path)
{
    size_t length = folder ? strlen(folder) : 0;
    return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* The database's log of its own doings may be lost. */
static int counts(const char *path)
{
    size_t length = strlen(path);
    return is_below(path) && !(length > 4 && strcmp(path + length - 4, "/LOG") == 0);
}

static int is_struck(void)
{
    return strike_at > 0 && atomic_fetch_add(&writes, 1) + 1 >= strike_at;
}

static int strikes(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    return counts(path) && is_struck();
}

static void end(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* What the write that is struck returns, once half of it is done where power goes. */
static int fail(void)
{
    if (strike_errno == 0)
        end();
    errno = strike_errno;
    return -1;
}

#define ORIGINAL(type, name) \
    static type original; \
    if (!original) \
        original = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_t)(int, const void *, size_t);
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off_t);
typedef ssize_t (*writev_t)(int, const struct iovec *, int);
typedef ssize_t (*pwritev_t)(int, const struct iovec *, int, off_t);
typedef int (*sync_t)(int);
typedef int (*truncate_t)(int, off_t);
typedef int (*fallocate_t)(int, int, off_t, off_t);
typedef int (*rename_t)(const char *, const char *);
typedef int (*unlink_t)(const char *);

ssize_t write(int fd, const void *bytes, size_t length)
{
    ORIGINAL(write_t, "write");
    if (!strikes(fd))
        return original(fd, bytes, length);
    if (strike_errno == 0 && original(fd, bytes, length / 2) < 0)
        end();
    return fail();
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at)
{
    ORIGINAL(pwrite_t, "pwrite64");
    if (!strikes(fd))
        return original(fd, bytes, length, at);
    if (strike_errno == 0 && original(fd, bytes, length / 2, at) < 0)
        end();
    return fail();
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return pwrite64(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ORIGINAL(writev_t, "writev");
    return strikes(fd) ? fail() : original(fd, parts, count);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at)
{
    ORIGINAL(pwritev_t, "pwritev64");
    return strikes(fd) ? fail() : original(fd, parts, count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    return pwritev64(fd, parts, count, at);
}

int fsync(int fd)
{
    ORIGINAL(sync_t, "fsync");
    return strikes(fd) ? fail() : original(fd);
}

int fdatasync(int fd)
{
    ORIGINAL(sync_t, "fdatasync");
    return strikes(fd) ? fail() : original(fd);
}

int ftruncate64(int fd, off_t length)
{
    ORIGINAL(truncate_t, "ftruncate64");
    return strikes(fd) ? fail() : original(fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int fallocate64(int fd, int mode, off_t from, off_t length)
{
    ORIGINAL(fallocate_t, "fallocate64");
    return strikes(fd) ? fail() : original(fd, mode, from, length);
}

int fallocate(int fd, int mode, off_t from, off_t length)
{
    return fallocate64(fd, mode, from, length);
}

int rename(const char *from, const char *to)
{
    ORIGINAL(rename_t, "rename");
    return counts(to) && is_struck() ? fail() : original(from, to);
}

int unlink(const char *path)
{
    ORIGINAL(unlink_t, "unlink");
    return counts(path) && is_struck() ? fail() : original(path);
}
