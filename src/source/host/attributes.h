// Messages and attributes of netlink as slices: what the readers of kernel answers share (sockets,
// interfaces, packet filters). Every length is checked against what is really there.
//
//     struct gb_str rest = answer, message, body;
//     struct nlmsghdr header;
//     while (gb_netlink_next(&rest, &header, &body))
//         for (struct gb_str attributes = gb_str_from(body, 4), value; gb_attribute_next(...);)
#ifndef GABION_SOURCE_HOST_ATTRIBUTES_H
#define GABION_SOURCE_HOST_ATTRIBUTES_H

#include "base/str.h"

#include <linux/netlink.h>

// The next message: its header and what is behind it. False at the end or at a broken one.
static inline bool gb_netlink_next(struct gb_str *rest, struct nlmsghdr *header,
                                   struct gb_str *body)
{
    if (rest->len < sizeof *header)
        return false;
    memcpy(header, rest->at, sizeof *header);
    if (header->nlmsg_len < sizeof *header || header->nlmsg_len > rest->len)
        return false;
    *body = gb_str_sub(*rest, sizeof *header, header->nlmsg_len - sizeof *header);
    *rest = gb_str_from(*rest, NLMSG_ALIGN(header->nlmsg_len));
    return true;
}

// The next attribute: its type without flags, and its value.
static inline bool gb_attribute_next(struct gb_str *rest, uint16_t *type, struct gb_str *value)
{
    struct nlattr header;
    if (rest->len < sizeof header)
        return false;
    memcpy(&header, rest->at, sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > rest->len)
        return false;
    *type = (uint16_t)(header.nla_type & (uint16_t)NLA_TYPE_MASK);
    *value = gb_str_sub(*rest, sizeof header, header.nla_len - sizeof header);
    *rest = gb_str_from(*rest, NLA_ALIGN(header.nla_len));
    return true;
}

// The value of one attribute; an empty slice when there is none.
static inline struct gb_str gb_attribute(struct gb_str attributes, uint16_t wanted)
{
    uint16_t type;
    struct gb_str value;
    while (gb_attribute_next(&attributes, &type, &value))
        if (type == wanted)
            return value;
    return (struct gb_str){NULL, 0};
}

// Text up to its NUL, if there is one.
static inline struct gb_str gb_attribute_text(struct gb_str value)
{
    ptrdiff_t end = gb_str_find_char(value, '\0');
    return end < 0 ? value : gb_str_sub(value, 0, (size_t)end);
}

// Numbers as nftables writes them: big endian. `otherwise` when the value has another size.
static inline uint32_t gb_attribute_be32(struct gb_str value, uint32_t otherwise)
{
    if (value.len != 4)
        return otherwise;
    const unsigned char *b = (const unsigned char *)value.at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// Numbers in the machine's own order, as the routing family writes them.
static inline uint32_t gb_attribute_u32(struct gb_str value, uint32_t otherwise)
{
    uint32_t number;
    if (value.len != sizeof number)
        return otherwise;
    memcpy(&number, value.at, sizeof number);
    return number;
}

#endif
