// Sockets that wait for others: TCP ports that listen and UDP ports that are not connected, with
// the process that holds each. Used by the network source.
//
// Out of /proc/net/{tcp,tcp6,udp,udp6}, of which only the part about listening sockets is read. The
// faster interface (sock_diag) is not used: asking for it loads kernel modules, and a scan changes
// nothing. Owners are found by the socket numbers in /proc/PID/fd.
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

// Errors: GB_E_UNSUPPORTED without a kernel, GB_E_DENIED, GB_E_LIMIT, GB_E_MEMORY.
GB_MUST_USE int gb_sockets_list(const struct gb_host *host, struct gb_arena *arena,
                                struct gb_sockets *ret, struct gb_error *err);

// The lines of one of these files, by themselves.
GB_MUST_USE int gb_sockets_parse_proc(struct gb_arena *arena, struct gb_str text, bool udp, bool v6,
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
