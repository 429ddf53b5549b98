// The host handle: opening, clock, names.
#include "sys/host.h"

#include "sys/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

int gb_host_open(const struct gb_host_options *options, struct gb_host **ret, struct gb_error *err)
{
    const char *root = options->root ? options->root : "/";
    bool whole = strcmp(root, "/") == 0;
    if (options->kernel == GB_KERNEL_LIVE && !whole)
        return gb_error_set(err, GB_E_USAGE, "a live kernel goes with the root \"/\" only");
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return gb_error_errno(err, errno, "cannot open the root directory %s", root);
    struct gb_host *host = calloc(1, sizeof *host);
    if (!host) {
        close(fd);
        return gb_error_set(err, GB_E_MEMORY, "no memory for a host handle");
    }
    *host = (struct gb_host){
        .root_fd = fd,
        .whole = whole,
        .kernel = options->kernel,
        .now_seconds = options->now_seconds,
    };
    *ret = host;
    return GB_OK;
}

void gb_host_close(struct gb_host **host)
{
    if (!*host)
        return;
    close((*host)->root_fd);
    free(*host);
    *host = NULL;
}

bool gb_host_has_kernel(const struct gb_host *host)
{
    return host->kernel != GB_KERNEL_NONE;
}

bool gb_host_is_live(const struct gb_host *host)
{
    return host->kernel == GB_KERNEL_LIVE;
}

bool gb_host_is_root(const struct gb_host *host)
{
    (void)host;
    return geteuid() == 0;
}

int64_t gb_host_now(const struct gb_host *host)
{
    if (host->now_seconds)
        return host->now_seconds;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static int open_below(int root_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    // EAGAIN: a rename ran against the resolution; the kernel asks to try again.
    for (int tries = 0; tries < 16; tries++) {
        int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN)
            return fd;
    }
    return -1;
}

int gb_host_open_raw(const struct gb_host *host, const char *path, int flags)
{
    flags |= O_CLOEXEC;
    if (!(flags & O_PATH))
        flags |= O_NOCTTY | O_NONBLOCK;
    if (path[0] != '/') {
        errno = EINVAL;
        return -1;
    }
    return host->whole ? open(path, flags) : open_below(host->root_fd, path, flags);
}

int gb_host_clock(const struct gb_host *host, struct gb_clock_state *ret, struct gb_error *err)
{
    if (host->kernel == GB_KERNEL_NONE)
        return gb_error_set(err, GB_E_UNSUPPORTED, "needs a live kernel");
    if (host->kernel == GB_KERNEL_LIVE) {
        struct timex query = {.modes = 0};
        int state = adjtimex(&query);
        if (state < 0)
            return gb_error_errno(err, errno, "adjtimex");
        *ret = (struct gb_clock_state){.state = state, .status = query.status};
        return GB_OK;
    }
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("clock recording", 8192);
    struct gb_str text, state, status;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory");
    int code = gb_host_read_recording(host, "adjtimex", 128, arena, &text, err);
    if (code)
        return code;
    uint64_t numbers[2];
    if (!gb_str_next_word(&text, &state) || !gb_str_next_word(&text, &status) ||
        gb_str_to_uint(state, 10, &numbers[0]) || gb_str_to_uint(status, 10, &numbers[1]) ||
        numbers[0] > 5 || numbers[1] > 0xffff)
        return gb_error_at(err, GB_E_SYNTAX, "/.gabion/adjtimex", 1, 0,
                           "expected two numbers: state and status");
    *ret = (struct gb_clock_state){(int)numbers[0], (int)numbers[1]};
    return GB_OK;
}

// One line of a file as a C string of at most `size` bytes; "" when it is absent.
static void read_name(const struct gb_host *host, const char *path, char *into, size_t size)
{
    into[0] = '\0';
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("kernel name", 16384);
    struct gb_str text;
    if (!arena || gb_host_read(host, path, 4096, arena, &text, NULL))
        return;
    text = gb_str_trim(text);
    snprintf(into, size, GB_PRI, GB_ARG(text));
}

int gb_host_uname(const struct gb_host *host, struct gb_kernel_name *ret, struct gb_error *err)
{
    if (host->kernel == GB_KERNEL_NONE)
        return gb_error_set(err, GB_E_UNSUPPORTED, "needs a live kernel");
    *ret = (struct gb_kernel_name){{0}, {0}, {0}, {0}};
    if (host->kernel == GB_KERNEL_RECORDED) {
        read_name(host, "/proc/sys/kernel/osrelease", ret->release, sizeof ret->release);
        read_name(host, "/proc/sys/kernel/version", ret->version, sizeof ret->version);
        read_name(host, "/proc/sys/kernel/hostname", ret->hostname, sizeof ret->hostname);
        read_name(host, "/.gabion/machine", ret->machine, sizeof ret->machine);
        return GB_OK;
    }
    struct utsname name;
    if (uname(&name) < 0)
        return gb_error_errno(err, errno, "uname");
    snprintf(ret->release, sizeof ret->release, "%s", name.release);
    snprintf(ret->version, sizeof ret->version, "%s", name.version);
    snprintf(ret->machine, sizeof ret->machine, "%s", name.machine);
    snprintf(ret->hostname, sizeof ret->hostname, "%s", name.nodename);
    return GB_OK;
}
