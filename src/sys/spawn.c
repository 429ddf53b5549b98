// Starting a program, for the rare fact that cannot be read: no shell, bounded output and time.
#include "sys/host_private.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int start(const char *const *argv, int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (!code) {
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, output, 1);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
        char *const environment[] = {path, locale, NULL};
        // posix_spawn's type lacks a const that its text promises.
        union {
            const char *const *in;
            char *const *out;
        } arguments = {.in = argv};
        code = posix_spawn(pid, argv[0], &actions, &attributes, arguments.out, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

// Reads until the end of the output; GB_E_LIMIT when it is too much or takes too long.
static int drain(int fd, int64_t deadline_ms, struct gb_buffer *out, struct gb_error *err)
{
    for (;;) {
        int64_t left = deadline_ms - now_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return gb_error_set(err, GB_E_LIMIT, "took too long");
        char piece[4096];
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return GB_OK;
        gb_buffer_add(out, (struct gb_str){piece, (size_t)got});
        if (out->failed)
            return gb_error_set(err, GB_E_LIMIT, "printed more than %zu bytes", out->maximum);
    }
}

int gb_host_spawn(const struct gb_host *host, const char *const *argv, size_t max_output_bytes,
                  unsigned timeout_ms, struct gb_arena *arena, struct gb_spawn_result *ret,
                  struct gb_error *err)
{
    if (host->kernel != GB_KERNEL_LIVE)
        return gb_error_set(err, GB_E_UNSUPPORTED, "programs are started on a live host only");
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return gb_error_errno(err, errno, "pipe");
    GB_CLEANUP(close_fd) int reading = pipe_fds[0];
    GB_CLEANUP(close_fd) int writing = pipe_fds[1];
    pid_t pid;
    int64_t deadline_ms = now_ms() + timeout_ms;
    int failed = start(argv, writing, &pid);
    if (failed)
        return gb_error_errno(err, failed, "cannot start %s", argv[0]);
    close_fd(&writing);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(max_output_bytes);
    int code = drain(reading, deadline_ms, &out, err);
    if (code)
        kill(-pid, SIGKILL);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (code)
        return err ? gb_error_subject(err, argv[0]) : code;
    ret->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ret->output = gb_str_copy(arena, gb_buffer_str(&out));
    return GB_OK;
}
