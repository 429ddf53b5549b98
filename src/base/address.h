// IP addresses and networks: text to bytes and back, containment, and what an address is for. Used
// by the expression language and by sources that read addresses.
//
//     struct gb_network office;
//     if (gb_network_parse(GB_STR("192.0.2.0/24"), &office) == GB_OK &&
//         gb_network_contains(&office, &address)) ...
//
// Text forms: RFC 4291 for reading, RFC 5952 for writing. A zone ("fe80::1%eth0") is refused: it
// means something on one machine only.
#ifndef GABION_BASE_ADDRESS_H
#define GABION_BASE_ADDRESS_H

#include "base/str.h"

enum { GB_ADDRESS_SIZE = 48, GB_NETWORK_SIZE = 52 }; // bytes of any text, with the NUL

struct gb_address {
    uint8_t family;    // 4 or 6
    uint8_t bytes[16]; // in network order; 4 of them for family 4, the others 0
};

struct gb_network {
    struct gb_address address; // may have host bits
    uint8_t prefix_length;
};

// Decimal parts of an IPv4 address have no leading zeros. Errors: GB_E_SYNTAX; GB_E_UNSUPPORTED for
// what has a zone and would be right without.
GB_MUST_USE int gb_address_parse(struct gb_str text, struct gb_address *ret);
// "ADDRESS/BITS". Errors as above.
GB_MUST_USE int gb_network_parse(struct gb_str text, struct gb_network *ret);

// Lower case, the longest run of zeros as "::". Give the length.
size_t gb_address_text(const struct gb_address *address, char into[GB_ADDRESS_SIZE]);
size_t gb_network_text(const struct gb_network *network, char into[GB_NETWORK_SIZE]);

// Bits of an address of this family: 32 or 128.
static inline unsigned gb_address_bits(const struct gb_address *address)
{
    return address->family == 4 ? 32 : 128;
}

bool gb_address_equal(const struct gb_address *a, const struct gb_address *b);
// ::ffff:0:0/96, an IPv4 address in the clothes of IPv6: what sockets of both families show.
bool gb_address_is_mapped(const struct gb_address *address);
// A mapped address as the IPv4 address that it is; any other as it is.
struct gb_address gb_address_unmapped(struct gb_address address);

bool gb_address_is_unspecified(const struct gb_address *address);          // 0.0.0.0, ::
bool gb_address_is_loopback(const struct gb_address *address);             // 127.0.0.0/8, ::1
bool gb_address_is_private(const struct gb_address *address);              // RFC 1918, fc00::/7
bool gb_address_is_link_local_unicast(const struct gb_address *address);   // 169.254/16, fe80::/10
bool gb_address_is_link_local_multicast(const struct gb_address *address); // 224.0.0/24, ff02::/16
bool gb_address_is_multicast(const struct gb_address *address);            // 224.0.0.0/4, ff00::/8
// None of unspecified, loopback, multicast, link-local and 255.255.255.255. Private ones are.
bool gb_address_is_global_unicast(const struct gb_address *address);

// False when the families differ.
bool gb_network_contains(const struct gb_network *network, const struct gb_address *address);
bool gb_network_contains_network(const struct gb_network *outer, const struct gb_network *inner);
// Without host bits.
struct gb_network gb_network_masked(struct gb_network network);
bool gb_network_equal(const struct gb_network *a, const struct gb_network *b); // host bits too

#endif
