// getsockopt(2) on the tables of iptables' older interface; see the header.
#include "sys/iptables.h"

#include "sys/host_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter_ipv4/ip_tables.h>

enum { MAX_ENTRY_BYTES = 64 << 20, ATTEMPTS = 3 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void take_hooks(const struct ipt_getinfo *info, struct gb_iptables *ret)
{
    for (unsigned hook = 0; hook < 5; hook++)
        ret->hooks[hook] = info->valid_hooks & (1u << hook) ? info->hook_entry[hook] : UINT32_MAX;
}

static int from_recording(const struct gb_host *host, bool v6, const char *table,
                          struct gb_arena *arena, struct gb_iptables *ret, struct gb_error *err)
{
    char name[80];
    struct gb_str text;
    struct ipt_getinfo info;
    snprintf(name, sizeof name, "iptables/%s-%s", v6 ? "ip6" : "ip", table);
    int code = gb_host_read_recording(host, name, MAX_ENTRY_BYTES, arena, &text, err);
    if (code)
        return code;
    if (text.len < sizeof info)
        return gb_error_at(err, GB_E_SYNTAX, name, 0, 0, "the recording is cut short");
    memcpy(&info, text.at, sizeof info);
    take_hooks(&info, ret);
    ret->entries = gb_str_from(text, sizeof info);
    return GB_OK;
}

// 0, or an errno value. EAGAIN: the rules changed between the two questions.
static int ask(int fd, bool v6, const char *table, struct gb_arena *arena, struct gb_iptables *ret)
{
    int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    struct ipt_getinfo info = {0};
    socklen_t len = sizeof info;
    snprintf(info.name, sizeof info.name, "%s", table);
    if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len) < 0)
        return errno;
    if (info.size > MAX_ENTRY_BYTES)
        return EFBIG;
    struct gb_mark mark = gb_arena_mark(arena);
    struct ipt_get_entries *entries = gb_alloc(arena, sizeof *entries + info.size);
    if (!entries)
        return ENOMEM;
    snprintf(entries->name, sizeof entries->name, "%s", table);
    entries->size = info.size;
    len = (socklen_t)(sizeof *entries + info.size);
    if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, entries, &len) < 0) {
        int saved = errno;
        gb_arena_reset(arena, mark);
        return saved;
    }
    take_hooks(&info, ret);
    ret->entries = (struct gb_str){(const char *)entries->entrytable, info.size};
    return 0;
}

int gb_host_iptables(const struct gb_host *host, bool v6, const char *table, struct gb_arena *arena,
                     struct gb_iptables *ret, struct gb_error *err)
{
    if (host->kernel == GB_KERNEL_NONE)
        return gb_error_set(err, GB_E_UNSUPPORTED, "needs a live kernel");
    if (host->kernel == GB_KERNEL_RECORDED)
        return from_recording(host, v6, table, arena, ret, err);
    GB_CLEANUP(close_fd)
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0)
        return gb_error_errno(err, errno, "cannot ask for the rules of iptables");
    int problem = EAGAIN;
    for (int i = 0; i < ATTEMPTS && problem == EAGAIN; i++)
        problem = ask(fd, v6, table, arena, ret);
    if (problem == EAGAIN)
        return gb_error_set(err, GB_E_CONFLICT, "the rules of iptables keep changing");
    if (problem == ENOMEM)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the rules of iptables");
    return problem ? gb_error_errno(err, problem, "cannot ask for the rules of iptables") : GB_OK;
}
