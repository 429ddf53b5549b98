// Netlink questions to the kernel.
#include "sys/host_private.h"

#include "base/buffer.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 32768, SECONDS_TO_ANSWER = 5 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int from_recording(const struct gb_host *host, const char *recording, size_t max_bytes,
                          struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    char name[128];
    snprintf(name, sizeof name, "netlink/%s", recording);
    int code = gb_host_read_recording(host, name, max_bytes, arena, ret, err);
    if (code == GB_E_NOT_FOUND)
        return gb_error_set(err, GB_E_UNSUPPORTED, "the recording has no answer for %s", recording);
    return code;
}

static int open_socket(int protocol, struct gb_error *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return gb_error_errno(err, errno, "cannot ask the kernel (netlink)");
    struct timeval patience = {.tv_sec = SECONDS_TO_ANSWER};
    struct sockaddr_nl self = {.nl_family = AF_NETLINK};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        bind(fd, (const struct sockaddr *)&self, sizeof self) < 0) {
        int saved = errno;
        close(fd);
        return gb_error_errno(err, saved, "cannot ask the kernel (netlink)");
    }
    return fd;
}

// 1 = the answer is complete, 0 = more will come.
static int take_message(const struct nlmsghdr *header, const char *data, bool dump, bool want_ack,
                        struct gb_buffer *out, struct gb_error *err)
{
    if (header->nlmsg_type == NLMSG_DONE)
        return 1;
    if (header->nlmsg_type == NLMSG_ERROR) {
        int32_t code;
        if (header->nlmsg_len < sizeof *header + sizeof code)
            return gb_error_set(err, GB_E_SYNTAX, "the kernel's answer is cut short");
        memcpy(&code, data + sizeof *header, sizeof code);
        if (code != 0)
            return gb_error_errno(err, -code, "the kernel refused (netlink)");
        return dump ? 0 : 1;
    }
    gb_buffer_add(out, (struct gb_str){data, header->nlmsg_len});
    // Messages are aligned to 4 bytes in the stream that callers go through.
    while (out->len % 4 && !out->failed)
        gb_buffer_char(out, '\0');
    if (header->nlmsg_flags & NLM_F_DUMP_INTR)
        return gb_error_set(err, GB_E_CONFLICT, "changed while the kernel listed it");
    return !dump && !want_ack && !(header->nlmsg_flags & NLM_F_MULTI);
}

// Goes through the messages of one datagram; answers as above.
static int take_messages(const char *data, size_t len, uint32_t sequence, bool dump, bool want_ack,
                         struct gb_buffer *out, struct gb_error *err)
{
    while (len >= sizeof(struct nlmsghdr)) {
        struct nlmsghdr header;
        memcpy(&header, data, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > len)
            return gb_error_set(err, GB_E_SYNTAX, "the kernel's answer is cut short");
        if (header.nlmsg_seq == sequence) {
            int done = take_message(&header, data, dump, want_ack, out, err);
            if (done)
                return done;
        }
        size_t step = NLMSG_ALIGN(header.nlmsg_len);
        if (step > len)
            break;
        data += step;
        len -= step;
    }
    return 0;
}

static int receive_answer(int fd, const struct nlmsghdr *request, struct gb_buffer *out,
                          struct gb_error *err)
{
    bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    bool want_ack = request->nlmsg_flags & NLM_F_ACK;
    char datagram[RECEIVE_BYTES];
    for (;;) {
        ssize_t got = recv(fd, datagram, sizeof datagram, MSG_TRUNC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gb_error_errno(err, errno, "no answer of the kernel (netlink)");
        if ((size_t)got > sizeof datagram)
            return gb_error_set(err, GB_E_LIMIT, "a netlink message is too large");
        int done =
            take_messages(datagram, (size_t)got, request->nlmsg_seq, dump, want_ack, out, err);
        if (done < 0)
            return done;
        if (out->failed)
            return gb_error_set(err, GB_E_LIMIT, "the kernel's answer is larger than %zu bytes",
                                out->maximum);
        if (done)
            return GB_OK;
    }
}

int gb_host_netlink(const struct gb_host *host, const char *recording, int protocol,
                    const void *request, size_t request_bytes, size_t max_bytes,
                    struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    if (host->kernel == GB_KERNEL_NONE)
        return gb_error_set(err, GB_E_UNSUPPORTED, "needs a live kernel");
    if (host->kernel == GB_KERNEL_RECORDED)
        return from_recording(host, recording, max_bytes, arena, ret, err);
    struct nlmsghdr header;
    if (request_bytes < sizeof header)
        return gb_error_set(err, GB_E_USAGE, "a netlink request begins with its header");
    memcpy(&header, request, sizeof header);
    GB_CLEANUP(close_fd) int fd = open_socket(protocol, err);
    if (fd < 0)
        return fd;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (sendto(fd, request, request_bytes, 0, (const struct sockaddr *)&kernel, sizeof kernel) < 0)
        return gb_error_errno(err, errno, "cannot ask the kernel (netlink)");
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(max_bytes);
    int code = receive_answer(fd, &header, &out, err);
    if (code)
        return code;
    *ret = gb_str_copy(arena, gb_buffer_str(&out));
    return ret->at ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory for the kernel's answer");
}
