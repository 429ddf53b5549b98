// What the parts of the network source share: interfaces, packet filter and the judgement of who
// reaches a port. Inside of network*.c.
#ifndef GABION_SOURCE_HOST_NETWORK_H
#define GABION_SOURCE_HOST_NETWORK_H

#include "source/facts.h"
#include "source/host/interfaces.h"
#include "source/host/packet_filter.h"

struct gb_host_network {
    struct gb_collector *collector;
    struct gb_interfaces interfaces;
    bool interfaces_known;
    struct gb_filter filter;
    int filter_code;          // 0 = the packet filter was read
    struct gb_str filter_gap; // else why not
    bool filters;             // it can refuse something
};

// Kind "firewall".
void gb_host_network_put_firewall(struct gb_host_network *network);

enum gb_passage {
    GB_PASSAGE_NONE, // nothing filters
    GB_PASSAGE_OPEN,
    GB_PASSAGE_LIMITED,
    GB_PASSAGE_CLOSED,
    GB_PASSAGE_NOT_UNDERSTOOD,
    GB_PASSAGE_NOT_READABLE,
};

struct gb_reach {
    enum gb_passage passage;
    enum gb_scope scope;    // the widest from which it is reached; LOOPBACK = this host only
    struct gb_str *sources; // of LIMITED
    size_t source_count;
    struct gb_str unsure;
};

// Who reaches a port at an address (unspecified: every address of that family). GB_E_MEMORY is the
// only error.
GB_MUST_USE int gb_host_network_ask(struct gb_host_network *network, bool udp,
                                    const struct gb_address *address, uint16_t port,
                                    struct gb_reach *ret);

#endif
