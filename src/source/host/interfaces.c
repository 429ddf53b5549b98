// Interfaces out of the routing family of netlink; see the header.
#include "source/host/interfaces.h"

#include "source/host/attributes.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { MAX_INTERFACES = 16384, MAX_ADDRESSES = 4096, MAX_ANSWER_BYTES = 16 << 20 };

static const struct {
    unsigned short type;
    const char *name;
} hardware[] = {
    {ARPHRD_LOOPBACK, "loopback"}, {ARPHRD_ETHER, "ethernet"}, {ARPHRD_NONE, "tunnel"},
    {ARPHRD_TUNNEL, "tunnel"},     {ARPHRD_TUNNEL6, "tunnel"}, {ARPHRD_SIT, "tunnel"},
    {ARPHRD_IPGRE, "tunnel"},      {ARPHRD_PPP, "ppp"},        {ARPHRD_INFINIBAND, "infiniband"},
};

static struct gb_str type_of(unsigned short arp_type, struct gb_str kind)
{
    if (kind.len)
        return kind;
    for (size_t i = 0; i < sizeof hardware / sizeof hardware[0]; i++)
        if (hardware[i].type == arp_type)
            return gb_str_of(hardware[i].name);
    return GB_STR("other");
}

const struct gb_interface *gb_interfaces_find(const struct gb_interfaces *interfaces,
                                              uint32_t index)
{
    for (size_t i = 0; i < interfaces->count; i++)
        if (interfaces->items[i].index == index)
            return &interfaces->items[i];
    return NULL;
}

static struct gb_interface *add_interface(struct gb_arena *arena, struct gb_interfaces *into)
{
    if (into->count == MAX_INTERFACES)
        return NULL;
    if (into->count == into->capacity) {
        size_t capacity = into->capacity ? into->capacity * 2 : 8;
        struct gb_interface *items =
            gb_grow_array(arena, into->items, into->capacity, capacity, sizeof *items);
        if (!items)
            return NULL;
        into->items = items;
        into->capacity = capacity;
    }
    struct gb_interface *one = &into->items[into->count++];
    *one = (struct gb_interface){0};
    return one;
}

int gb_interfaces_parse_links(struct gb_arena *arena, struct gb_str answer,
                              struct gb_interfaces *into)
{
    struct nlmsghdr header;
    struct gb_str body;
    while (gb_netlink_next(&answer, &header, &body)) {
        struct ifinfomsg link;
        if (header.nlmsg_type != RTM_NEWLINK || body.len < sizeof link)
            continue;
        memcpy(&link, body.at, sizeof link);
        struct gb_str attributes = gb_str_from(body, NLMSG_ALIGN(sizeof link));
        struct gb_str kind = gb_attribute_text(
            gb_attribute(gb_attribute(attributes, IFLA_LINKINFO), IFLA_INFO_KIND));
        uint32_t master = gb_attribute_u32(gb_attribute(attributes, IFLA_MASTER), 0);
        struct gb_interface *one = add_interface(arena, into);
        if (!one)
            return gb_arena_failed(arena) ? GB_E_MEMORY : GB_E_LIMIT;
        one->index = (uint32_t)link.ifi_index;
        one->name = gb_str_copy(arena, gb_attribute_text(gb_attribute(attributes, IFLA_IFNAME)));
        one->type = gb_str_copy(arena, type_of(link.ifi_type, kind));
        one->up = link.ifi_flags & IFF_UP;
        one->running = link.ifi_flags & IFF_RUNNING;
        one->loopback = link.ifi_flags & IFF_LOOPBACK;
        one->promiscuous =
            gb_attribute_u32(gb_attribute(attributes, IFLA_PROMISCUITY), 0) > 0 || // by programs
            (link.ifi_flags & IFF_PROMISC);
        if (master)
            one->master = gb_str_format(arena, "%u", master);
    }
    for (size_t i = 0; i < into->count; i++) { // numbers of masters to names
        uint64_t master;
        const struct gb_interface *found = NULL;
        if (into->items[i].master.len && gb_str_to_uint(into->items[i].master, 10, &master) == 0)
            found = gb_interfaces_find(into, (uint32_t)master);
        if (found)
            into->items[i].master = found->name;
    }
    return gb_arena_failed(arena) ? GB_E_MEMORY : GB_OK;
}

static int add_address(struct gb_arena *arena, struct gb_interface *one,
                       const struct ifaddrmsg *message, struct gb_str address)
{
    bool v6 = message->ifa_family == AF_INET6;
    if (address.len != (v6 ? 16 : 4) || one->address_count == MAX_ADDRESSES)
        return GB_OK;
    if (one->address_count == one->address_capacity) {
        size_t capacity = one->address_capacity ? one->address_capacity * 2 : 4;
        struct gb_interface_address *items =
            gb_grow_array(arena, one->addresses, one->address_capacity, capacity, sizeof *items);
        if (!items)
            return GB_E_MEMORY;
        one->addresses = items;
        one->address_capacity = capacity;
    }
    struct gb_interface_address *entry = &one->addresses[one->address_count++];
    *entry = (struct gb_interface_address){
        .network = {.address = {.family = v6 ? 6 : 4}, .prefix_length = message->ifa_prefixlen}};
    memcpy(entry->network.address.bytes, address.at, address.len);
    entry->scope = gb_scope_of(&entry->network.address);
    return GB_OK;
}

int gb_interfaces_parse_addresses(struct gb_arena *arena, struct gb_str answer,
                                  struct gb_interfaces *into)
{
    struct nlmsghdr header;
    struct gb_str body;
    while (gb_netlink_next(&answer, &header, &body)) {
        struct ifaddrmsg message;
        if (header.nlmsg_type != RTM_NEWADDR || body.len < sizeof message)
            continue;
        memcpy(&message, body.at, sizeof message);
        struct gb_str attributes = gb_str_from(body, NLMSG_ALIGN(sizeof message));
        struct gb_str local = gb_attribute(attributes, IFA_LOCAL);
        if (!local.len) // of IPv6, and of IPv4 without a peer
            local = gb_attribute(attributes, IFA_ADDRESS);
        for (size_t i = 0; i < into->count; i++)
            if (into->items[i].index == message.ifa_index &&
                add_address(arena, &into->items[i], &message, local))
                return GB_E_MEMORY;
    }
    return GB_OK;
}

static int by_index(const void *a, const void *b)
{
    const struct gb_interface *left = a, *right = b;
    return left->index < right->index ? -1 : left->index > right->index;
}

int gb_interfaces_list(const struct gb_host *host, struct gb_arena *arena,
                       struct gb_interfaces *ret, struct gb_error *err)
{
    *ret = (struct gb_interfaces){0};
    static const struct {
        const char *recording;
        uint16_t type;
    } questions[] = {{"route-links", RTM_GETLINK}, {"route-addresses", RTM_GETADDR}};
    for (size_t i = 0; i < 2; i++) {
        struct {
            struct nlmsghdr header;
            struct ifinfomsg question; // at least as long as struct ifaddrmsg
        } request = {
            .header = {.nlmsg_len = sizeof request,
                       .nlmsg_type = questions[i].type,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                       .nlmsg_seq = 1},
        };
        struct gb_str answer;
        int code = gb_host_netlink(host, questions[i].recording, NETLINK_ROUTE, &request,
                                   sizeof request, MAX_ANSWER_BYTES, arena, &answer, err);
        if (!code)
            code = i == 0 ? gb_interfaces_parse_links(arena, answer, ret)
                          : gb_interfaces_parse_addresses(arena, answer, ret);
        if (code)
            return code;
    }
    qsort(ret->items, ret->count, sizeof *ret->items, by_index);
    return GB_OK;
}
