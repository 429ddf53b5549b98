// Sockets that wait for others: TCP ports that listen and UDP ports that are not connected, with
// the process that holds each. Used by the network source.
//
// Kernels that can be asked for listening sockets alone (sock_diag over netlink) are asked; but not
// where the question would load a module. There, and for recordings, /proc/net/{tcp,tcp6,udp,udp6}
// is read as far as sockets listen: slower, because the kernel looks through its whole table of
// connections. Owners are found by the socket numbers in /proc/PID/fd.
#ifndef GABION_SOURCE_HOST_SOCKETS_H
#define GABION_SOURCE_HOST_SOCKETS_H

#include "base/address.h"
#include "sys/host.h"

struct gb_socket {
    bool udp;
    struct gb_address address; // IPv4 inside IPv6 as IPv4
    uint16_t port;
    uint32_t uid;
    uint64_t inode;
    uint64_t pid; // of the holder; 0 = not known
};

struct gb_sockets {
    struct gb_socket *items; // by protocol, port, address
    size_t count, capacity;
    // Some processes could not be looked into (no permission): pid 0 says nothing then.
    bool owners_hidden;
};

// Without their owners. Errors: GB_E_UNSUPPORTED without a kernel, GB_E_DENIED, GB_E_LIMIT,
// GB_E_MEMORY.
GB_MUST_USE int gb_sockets_list(const struct gb_host *host, struct gb_arena *arena,
                                struct gb_sockets *ret, struct gb_error *err);

// Finds the process that holds each. `pids` are the processes to look into (sorted here); NULL =
// all of /proc. Of several holders the oldest counts, init only when nobody else does. GB_E_MEMORY
// is the only error.
GB_MUST_USE int gb_sockets_find_owners(const struct gb_host *host, struct gb_arena *arena,
                                       struct gb_sockets *sockets, uint64_t *pids,
                                       size_t pid_count);

// The lines of one of these files, and the messages of sock_diag, by themselves.
GB_MUST_USE int gb_sockets_parse_proc(struct gb_arena *arena, struct gb_str text, bool udp, bool v6,
                                      struct gb_sockets *into);
GB_MUST_USE int gb_sockets_parse_diag(struct gb_arena *arena, struct gb_str answer, bool udp,
                                      struct gb_sockets *into);

// From where an address can be reached, narrow to wide.
enum gb_scope {
    GB_SCOPE_LOOPBACK, // 127/8, ::1
    GB_SCOPE_LINK,     // 169.254/16, fe80::/10
    GB_SCOPE_PRIVATE,  // not routed in the internet: RFC 1918, 100.64/10, fc00::/7, documentation
                       // ...
    GB_SCOPE_PUBLIC,
    GB_SCOPE_ANY, // 0.0.0.0, ::
};
enum gb_scope gb_scope_of(const struct gb_address *address);

#endif
