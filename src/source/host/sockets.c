// Listening sockets and who holds them; see the header.
#include "source/host/sockets.h"

#include "base/buffer.h"
#include "source/host/attributes.h"
#include "source/host/kernel_parts.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_SOCKETS = 65536,
    MAX_PROC_BYTES = 16 << 20,
    MAX_PROC_ENTRIES = 1 << 20,
    MAX_DESCRIPTORS = 1 << 20,
    STATE_LISTEN = 10,
    STATE_CLOSE = 7, // of UDP: not connected
};

static struct gb_socket *add_socket(struct gb_arena *arena, struct gb_sockets *sockets)
{
    if (sockets->count == MAX_SOCKETS)
        return NULL;
    if (sockets->count == sockets->capacity) {
        size_t capacity = sockets->capacity ? sockets->capacity * 2 : 32;
        struct gb_socket *items =
            gb_grow_array(arena, sockets->items, sockets->capacity, capacity, sizeof *items);
        if (!items)
            return NULL;
        sockets->items = items;
        sockets->capacity = capacity;
    }
    struct gb_socket *socket = &sockets->items[sockets->count++];
    *socket = (struct gb_socket){0};
    return socket;
}

static int limit_or_memory(const struct gb_arena *arena)
{
    return gb_arena_failed(arena) ? GB_E_MEMORY : GB_E_LIMIT;
}

// ---- /proc/net --------------------------------------------------------------------------------

// Addresses stand there as 32-bit words in the machine's order, in hexadecimal.
static bool parse_address(struct gb_str text, bool v6, struct gb_address *address, uint16_t *port)
{
    size_t digits = v6 ? 32 : 8;
    uint64_t number;
    if (text.len != digits + 5 || text.at[digits] != ':')
        return false;
    for (size_t word = 0; word < digits / 8; word++) {
        if (gb_str_to_uint(gb_str_sub(text, word * 8, 8), 16, &number) < 0)
            return false;
        uint32_t bytes = (uint32_t)number;
        memcpy(address->bytes + word * 4, &bytes, 4);
    }
    address->family = v6 ? 6 : 4;
    if (gb_str_to_uint(gb_str_from(text, digits + 1), 16, &number) < 0)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool parse_line(struct gb_str line, bool udp, bool v6, struct gb_socket *socket)
{
    // sl local remote state queues timer retransmits uid timeout inode
    struct gb_str fields[10];
    size_t count = 0;
    while (count < 10 && gb_str_next_word(&line, &fields[count]))
        count++;
    uint64_t state, uid, inode;
    struct gb_address remote = {0};
    uint16_t remote_port = 0;
    if (count < 10 || !parse_address(fields[1], v6, &socket->address, &socket->port) ||
        !parse_address(fields[2], v6, &remote, &remote_port) ||
        gb_str_to_uint(fields[3], 16, &state) < 0 || gb_str_to_uint(fields[7], 10, &uid) < 0 ||
        gb_str_to_uint(fields[9], 10, &inode) < 0)
        return false;
    if (state != (udp ? STATE_CLOSE : STATE_LISTEN) || (udp && remote_port))
        return false;
    socket->udp = udp;
    socket->uid = (uint32_t)uid;
    socket->inode = inode;
    return true;
}

int gb_sockets_parse_proc(struct gb_arena *arena, struct gb_str text, bool udp, bool v6,
                          struct gb_sockets *into)
{
    struct gb_str line;
    gb_str_next(&text, '\n', &line); // titles
    while (gb_str_next(&text, '\n', &line)) {
        struct gb_socket one = {0};
        if (!parse_line(line, udp, v6, &one))
            continue;
        struct gb_socket *socket = add_socket(arena, into);
        if (!socket)
            return limit_or_memory(arena);
        *socket = one;
        socket->address = gb_address_unmapped(one.address);
    }
    return GB_OK;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

// Reads up to the first connection: the kernel lists what listens before what is connected, and of
// connections there may be a hundred thousand. UDP has no such order.
static int read_listening(const struct gb_host *host, const char *path, bool udp,
                          struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    if (udp)
        return gb_host_read(host, path, MAX_PROC_BYTES, arena, ret, err);
    GB_CLEANUP(close_fd) int fd = gb_host_open_fd(host, path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(MAX_PROC_BYTES);
    for (bool more = true; more && !text.failed;) {
        enum { CHUNK = 16384 };
        char *room = gb_buffer_reserve(&text, CHUNK);
        ssize_t got = room ? read(fd, room, CHUNK) : -1;
        if (got <= 0)
            break;
        struct gb_str fresh = {room, (size_t)got}, line;
        text.len += fresh.len;
        while (more && gb_str_next(&fresh, '\n', &line)) {
            struct gb_str word = {0};
            for (int field = 0; field < 4 && gb_str_next_word(&line, &word); field++)
                continue;
            more = line.len == 0 || gb_str_is(word, "st") || gb_str_is(word, "0A");
        }
    }
    if (text.failed)
        return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "more sockets than expected");
    *ret = gb_str_copy(arena, gb_buffer_str(&text));
    return ret->at ? GB_OK : GB_E_MEMORY;
}

// A kernel without IPv6 has no such files.
static int list_sockets(const struct gb_host *host, struct gb_arena *arena, struct gb_sockets *into,
                        struct gb_error *err)
{
    static const struct {
        const char *path;
        bool udp, v6;
    } files[] = {
        {"/proc/net/tcp", false, false},
        {"/proc/net/tcp6", false, true},
        {"/proc/net/udp", true, false},
        {"/proc/net/udp6", true, true},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct gb_str text;
        int code = read_listening(host, files[i].path, files[i].udp, arena, &text, err);
        if (code == GB_E_NOT_FOUND && i)
            continue;
        if (!code)
            code = gb_sockets_parse_proc(arena, text, files[i].udp, files[i].v6, into);
        if (code)
            return code;
    }
    return GB_OK;
}

// ---- netlink ----------------------------------------------------------------------------------

int gb_sockets_parse_diag(struct gb_arena *arena, struct gb_str answer, bool udp,
                          struct gb_sockets *into)
{
    struct nlmsghdr header;
    struct gb_str body;
    while (gb_netlink_next(&answer, &header, &body)) {
        struct inet_diag_msg message;
        if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || body.len < sizeof message)
            continue;
        memcpy(&message, body.at, sizeof message);
        bool v6 = message.idiag_family == AF_INET6;
        if ((!v6 && message.idiag_family != AF_INET) || (udp && message.id.idiag_dport))
            continue;
        struct gb_socket *socket = add_socket(arena, into);
        if (!socket)
            return limit_or_memory(arena);
        socket->udp = udp;
        socket->address.family = v6 ? 6 : 4;
        memcpy(socket->address.bytes, message.id.idiag_src, v6 ? 16 : 4);
        socket->address = gb_address_unmapped(socket->address);
        socket->port = ntohs(message.id.idiag_sport);
        socket->uid = message.idiag_uid;
        socket->inode = message.idiag_inode;
    }
    return GB_OK;
}

static int list_by_diag(const struct gb_host *host, struct gb_arena *arena, struct gb_sockets *into)
{
    for (int i = 0; i < 4; i++) {
        bool udp = i >= 2, v6 = i % 2;
        struct {
            struct nlmsghdr header;
            struct inet_diag_req_v2 question;
        } request = {
            .header = {.nlmsg_len = sizeof request,
                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                       .nlmsg_seq = 1},
            .question = {.sdiag_family = v6 ? AF_INET6 : AF_INET,
                         .sdiag_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP,
                         .idiag_states = 1u << (udp ? STATE_CLOSE : STATE_LISTEN)},
        };
        struct gb_str answer;
        int code = gb_host_netlink(host, "sockets", NETLINK_SOCK_DIAG, &request, sizeof request,
                                   MAX_PROC_BYTES, arena, &answer, NULL);
        if (!code)
            code = gb_sockets_parse_diag(arena, answer, udp, into);
        if (code)
            return code;
    }
    return GB_OK;
}

// ---- owners -----------------------------------------------------------------------------------

static int by_inode(const void *a, const void *b)
{
    const struct gb_socket *left = *(struct gb_socket *const *)a,
                           *right = *(struct gb_socket *const *)b;
    return left->inode < right->inode ? -1 : left->inode > right->inode;
}

static size_t first_with(struct gb_socket *const *sorted, size_t count, uint64_t inode)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle]->inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Of several holders of a socket the oldest counts, but the init process (which holds what it
// activates by socket) only when nobody else does.
static void take_descriptor(struct gb_str target, uint64_t pid, struct gb_socket *const *sorted,
                            size_t count)
{
    uint64_t inode;
    if (!gb_str_starts(target, GB_STR("socket:[")) || !gb_str_ends(target, GB_STR("]")) ||
        gb_str_to_uint(gb_str_sub(target, 8, target.len - 9), 10, &inode) < 0)
        return;
    for (size_t i = first_with(sorted, count, inode); i < count && sorted[i]->inode == inode; i++)
        if (sorted[i]->pid <= 1)
            sorted[i]->pid = pid;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

// The descriptors of one process, without building a path for each.
static void look_into(const struct gb_host *host, uint64_t pid, struct gb_socket *const *sorted,
                      size_t count, bool *hidden)
{
    char path[48], target[64];
    snprintf(path, sizeof path, "/proc/%llu/fd", (unsigned long long)pid);
    int fd = gb_host_open_fd(host, path, O_RDONLY | O_DIRECTORY, NULL);
    if (fd == GB_E_DENIED)
        *hidden = true;
    GB_CLEANUP(close_dir) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd >= 0)
        close(fd);
    unsigned left = MAX_DESCRIPTORS;
    for (struct dirent *entry; dir && left && (entry = readdir(dir)); left--) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof target);
        if (len > 0 && (size_t)len < sizeof target)
            take_descriptor((struct gb_str){target, (size_t)len}, pid, sorted, count);
    }
}

static bool all_found(struct gb_socket *const *sorted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sorted[i]->pid <= 1)
            return false;
    return true;
}

static int number_order(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

// All processes, threads of the kernel too.
static int list_processes(const struct gb_host *host, struct gb_arena *arena, uint64_t **ret,
                          size_t *ret_count)
{
    struct gb_dir_entry *entries;
    size_t count = 0, found = 0;
    int code = gb_host_list(host, "/proc", MAX_PROC_ENTRIES, arena, &entries, &count, NULL);
    uint64_t *pids = gb_alloc_array(arena, count + 1, sizeof *pids);
    if (!pids || code == GB_E_MEMORY)
        return GB_E_MEMORY;
    for (size_t i = 0; !code && i < count; i++)
        if (gb_str_to_uint(entries[i].name, 10, &pids[found]) == GB_OK)
            found++;
    *ret = pids;
    *ret_count = found;
    return code;
}

int gb_sockets_find_owners(const struct gb_host *host, struct gb_arena *arena,
                           struct gb_sockets *sockets, uint64_t *pids, size_t pid_count)
{
    struct gb_socket **sorted =
        gb_alloc_array(arena, sockets->count + 1, sizeof(struct gb_socket *));
    if (!sorted)
        return GB_E_MEMORY;
    for (size_t i = 0; i < sockets->count; i++)
        sorted[i] = &sockets->items[i];
    if (sockets->count > 1)
        qsort(sorted, sockets->count, sizeof *sorted, by_inode);
    int code = pids ? GB_OK : list_processes(host, arena, &pids, &pid_count);
    if (code == GB_E_MEMORY)
        return code;
    sockets->owners_hidden = code != GB_OK;
    if (!code && pid_count > 1)
        qsort(pids, pid_count, sizeof *pids, number_order);
    for (size_t i = 0; !code && i < pid_count && !all_found(sorted, sockets->count); i++)
        look_into(host, pids[i], sorted, sockets->count, &sockets->owners_hidden);
    return GB_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct gb_socket *left = a, *right = b;
    if (left->udp != right->udp)
        return left->udp ? 1 : -1;
    if (left->port != right->port)
        return left->port < right->port ? -1 : 1;
    if (left->address.family != right->address.family)
        return left->address.family < right->address.family ? -1 : 1;
    int order = memcmp(left->address.bytes, right->address.bytes, 16);
    if (order)
        return order;
    return left->inode < right->inode ? -1 : left->inode > right->inode;
}

int gb_sockets_list(const struct gb_host *host, struct gb_arena *arena, struct gb_sockets *ret,
                    struct gb_error *err)
{
    *ret = (struct gb_sockets){0};
    int code = GB_E_UNSUPPORTED;
    if (gb_host_is_live(host) && gb_kernel_part_is_there(host, arena, "tcp_diag") &&
        gb_kernel_part_is_there(host, arena, "udp_diag"))
        code = list_by_diag(host, arena, ret);
    if (code && code != GB_E_MEMORY) {
        ret->count = 0;
        code = list_sockets(host, arena, ret, err);
    }
    if (!code && ret->count > 1)
        qsort(ret->items, ret->count, sizeof *ret->items, by_place);
    return code;
}

// ---- scopes -----------------------------------------------------------------------------------

// Ranges that the internet does not route, beside those that base/address.h knows.
static bool is_not_routed(const struct gb_address *address)
{
    static const char *const ranges[] = {
        "0.0.0.0/8",     "100.64.0.0/10",   "192.0.0.0/24",   "192.0.2.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
        "2001:db8::/32", "3fff::/20",       "64:ff9b:1::/48", "100::/64",
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct gb_network range;
        if (gb_network_parse(gb_str_of(ranges[i]), &range) == GB_OK &&
            gb_network_contains(&range, address))
            return true;
    }
    return gb_address_is_multicast(address);
}

enum gb_scope gb_scope_of(const struct gb_address *address)
{
    struct gb_address plain = gb_address_unmapped(*address);
    if (gb_address_is_unspecified(&plain))
        return GB_SCOPE_ANY;
    if (gb_address_is_loopback(&plain))
        return GB_SCOPE_LOOPBACK;
    if (gb_address_is_link_local_unicast(&plain) || gb_address_is_link_local_multicast(&plain))
        return GB_SCOPE_LINK;
    return gb_address_is_private(&plain) || is_not_routed(&plain) ? GB_SCOPE_PRIVATE
                                                                  : GB_SCOPE_PUBLIC;
}
