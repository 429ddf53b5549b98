// Network interfaces and their addresses, asked of the kernel over netlink (recordings
// "route-links" and "route-addresses"). Used by the network source.
#ifndef GABION_SOURCE_HOST_INTERFACES_H
#define GABION_SOURCE_HOST_INTERFACES_H

#include "source/host/sockets.h"

struct gb_interface_address {
    struct gb_network network; // address and length of its network
    enum gb_scope scope;
};

struct gb_interface {
    uint32_t index;
    struct gb_str name;
    struct gb_str type;   // "loopback", "ethernet", "bridge", "veth", "wireguard", "tun" ...
    struct gb_str master; // bridge or bond that it is part of; "" = none
    bool up;              // switched on
    bool running;         // has a carrier
    bool loopback;
    bool promiscuous; // takes frames that are not for it
    struct gb_interface_address *addresses;
    size_t address_count, address_capacity;
};

struct gb_interfaces {
    struct gb_interface *items; // by index
    size_t count, capacity;
};

// Errors: GB_E_UNSUPPORTED without a kernel or recording; GB_E_MEMORY, GB_E_LIMIT, GB_E_IO.
GB_MUST_USE int gb_interfaces_list(const struct gb_host *host, struct gb_arena *arena,
                                   struct gb_interfaces *ret, struct gb_error *err);

// The parsers by themselves.
GB_MUST_USE int gb_interfaces_parse_links(struct gb_arena *arena, struct gb_str answer,
                                          struct gb_interfaces *into);
GB_MUST_USE int gb_interfaces_parse_addresses(struct gb_arena *arena, struct gb_str answer,
                                              struct gb_interfaces *into);

// NULL when there is none.
const struct gb_interface *gb_interfaces_find(const struct gb_interfaces *interfaces,
                                              uint32_t index);

#endif
