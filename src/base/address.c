// IP addresses and networks; see the header.
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>

static int parse_plain(struct gb_str text, struct gb_address *ret)
{
    char copy[GB_ADDRESS_SIZE];
    if (text.len == 0 || text.len >= sizeof copy || gb_str_find_char(text, 0) >= 0)
        return GB_E_SYNTAX;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    struct gb_address address = {.family = gb_str_find_char(text, ':') >= 0 ? 6 : 4};
    if (inet_pton(address.family == 6 ? AF_INET6 : AF_INET, copy, address.bytes) != 1)
        return GB_E_SYNTAX;
    *ret = address;
    return GB_OK;
}

int gb_address_parse(struct gb_str text, struct gb_address *ret)
{
    ptrdiff_t percent = gb_str_find_char(text, '%');
    if (percent < 0)
        return parse_plain(text, ret);
    struct gb_address ignored;
    bool zone = (size_t)percent + 1 < text.len &&
                parse_plain(gb_str_sub(text, 0, (size_t)percent), &ignored) == GB_OK &&
                ignored.family == 6;
    return zone ? GB_E_UNSUPPORTED : GB_E_SYNTAX;
}

int gb_network_parse(struct gb_str text, struct gb_network *ret)
{
    ptrdiff_t slash = gb_str_rfind_char(text, '/');
    if (slash < 0)
        return GB_E_SYNTAX;
    struct gb_network network;
    uint64_t bits;
    struct gb_str length = gb_str_from(text, (size_t)slash + 1);
    bool padded = length.len > 1 && length.at[0] == '0';
    if (padded || length.len > 3 || gb_str_to_uint(length, 10, &bits) < 0)
        return GB_E_SYNTAX;
    int code = gb_address_parse(gb_str_sub(text, 0, (size_t)slash), &network.address);
    if (code < 0)
        return code;
    if (bits > gb_address_bits(&network.address))
        return GB_E_SYNTAX;
    network.prefix_length = (uint8_t)bits;
    *ret = network;
    return GB_OK;
}

static unsigned group(const struct gb_address *address, unsigned index)
{
    return (unsigned)address->bytes[index * 2] << 8 | address->bytes[index * 2 + 1];
}

// The longest run of at least two groups of zeros, the first of equals; its length, 0 for none.
static unsigned longest_zeros(const struct gb_address *address, unsigned *first)
{
    unsigned best = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned end = i;
        while (end < 8 && group(address, end) == 0)
            end++;
        if (end - i > best && end - i > 1) {
            best = end - i;
            *first = i;
        }
        i = end > i ? end : i;
    }
    return best;
}

size_t gb_address_text(const struct gb_address *address, char into[GB_ADDRESS_SIZE])
{
    const uint8_t *b = address->bytes;
    if (address->family == 4)
        return (size_t)snprintf(into, GB_ADDRESS_SIZE, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    if (gb_address_is_mapped(address))
        return (size_t)snprintf(into, GB_ADDRESS_SIZE, "::ffff:%u.%u.%u.%u", b[12], b[13], b[14],
                                b[15]);
    unsigned first = 8, zeros = longest_zeros(address, &first);
    size_t len = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (zeros && i == first) {
            len += (size_t)snprintf(into + len, GB_ADDRESS_SIZE - len, "::");
            i += zeros - 1;
            continue;
        }
        bool colon = i && !(zeros && i == first + zeros);
        len += (size_t)snprintf(into + len, GB_ADDRESS_SIZE - len, "%s%x", colon ? ":" : "",
                                group(address, i));
    }
    return len;
}

size_t gb_network_text(const struct gb_network *network, char into[GB_NETWORK_SIZE])
{
    size_t len = gb_address_text(&network->address, into);
    return len + (size_t)snprintf(into + len, GB_NETWORK_SIZE - len, "/%u",
                                  (unsigned)network->prefix_length);
}

bool gb_address_equal(const struct gb_address *a, const struct gb_address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

// Whether the first `bits` bits are those of `prefix`.
static bool starts_with(const uint8_t *bytes, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(bytes, prefix, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

static bool in(const struct gb_address *address, uint8_t family, const uint8_t *prefix,
               unsigned bits)
{
    return address->family == family && starts_with(address->bytes, prefix, bits);
}

// Fixed networks below are at most 16 bits, or whole addresses of zeros but for the last byte.
static bool in_short(const struct gb_address *address, uint8_t family, uint8_t first,
                     uint8_t second, unsigned bits)
{
    return in(address, family, (const uint8_t[]){first, second}, bits);
}

bool gb_address_is_mapped(const struct gb_address *address)
{
    static const uint8_t prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return in(address, 6, prefix, 96);
}

struct gb_address gb_address_unmapped(struct gb_address address)
{
    if (!gb_address_is_mapped(&address))
        return address;
    struct gb_address plain = {.family = 4};
    memcpy(plain.bytes, address.bytes + 12, 4);
    return plain;
}

bool gb_address_is_unspecified(const struct gb_address *address)
{
    static const uint8_t zeros[16];
    return memcmp(address->bytes, zeros, sizeof zeros) == 0;
}

bool gb_address_is_loopback(const struct gb_address *address)
{
    static const uint8_t one[16] = {[15] = 1};
    return in_short(address, 4, 127, 0, 8) || in(address, 6, one, 128);
}

bool gb_address_is_private(const struct gb_address *address)
{
    return in_short(address, 4, 10, 0, 8) || in_short(address, 4, 172, 16, 12) ||
           in_short(address, 4, 192, 168, 16) || in_short(address, 6, 0xfc, 0, 7);
}

bool gb_address_is_link_local_unicast(const struct gb_address *address)
{
    return in_short(address, 4, 169, 254, 16) || in_short(address, 6, 0xfe, 0x80, 10);
}

bool gb_address_is_link_local_multicast(const struct gb_address *address)
{
    static const uint8_t local[] = {224, 0, 0};
    return in(address, 4, local, 24) || in_short(address, 6, 0xff, 2, 16);
}

bool gb_address_is_multicast(const struct gb_address *address)
{
    return in_short(address, 4, 224, 0, 4) || in_short(address, 6, 0xff, 0, 8);
}

bool gb_address_is_global_unicast(const struct gb_address *address)
{
    static const uint8_t broadcast[] = {255, 255, 255, 255};
    return !in(address, 4, broadcast, 32) && !gb_address_is_unspecified(address) &&
           !gb_address_is_loopback(address) && !gb_address_is_multicast(address) &&
           !gb_address_is_link_local_unicast(address);
}

bool gb_network_contains(const struct gb_network *network, const struct gb_address *address)
{
    return in(address, network->address.family, network->address.bytes, network->prefix_length);
}

bool gb_network_contains_network(const struct gb_network *outer, const struct gb_network *inner)
{
    return outer->prefix_length <= inner->prefix_length &&
           gb_network_contains(outer, &inner->address);
}

struct gb_network gb_network_masked(struct gb_network network)
{
    for (unsigned i = 0; i < sizeof network.address.bytes; i++) {
        unsigned kept = network.prefix_length > i * 8 ? network.prefix_length - i * 8 : 0;
        if (kept < 8)
            network.address.bytes[i] &= (uint8_t)(0xff00u >> kept);
    }
    return network;
}

bool gb_network_equal(const struct gb_network *a, const struct gb_network *b)
{
    return a->prefix_length == b->prefix_length && gb_address_equal(&a->address, &b->address);
}
