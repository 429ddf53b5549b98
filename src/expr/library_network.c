// IP addresses and networks in expressions, as in Kubernetes: ip(), cidr() and their methods.
//
// An IPv4 address in IPv6 form (::ffff:c0a8:1) is the IPv4 address: what a rule says about
// 192.168.0.0/16 holds for both. Written with a dotted part it is refused, as is a zone: both are
// read differently by different programs.
#include "expr/library.h"

#include "base/address.h"

// The reason why this is no address, NULL when it is one.
static const char *read_address(struct gb_str text, struct gb_address *ret)
{
    int code = gb_address_parse(text, ret);
    if (code == GB_E_UNSUPPORTED)
        return "an IP address with a zone is not allowed";
    if (code < 0)
        return "not an IP address";
    if (gb_address_is_mapped(ret) && gb_str_contains(text, GB_STR(".")))
        return "an IPv4-mapped IPv6 address is not allowed";
    *ret = gb_address_unmapped(*ret);
    return NULL;
}

static const char *read_network(struct gb_str text, struct gb_network *ret)
{
    int code = gb_network_parse(text, ret);
    if (code == GB_E_UNSUPPORTED)
        return "a network with a zone is not allowed";
    if (code < 0)
        return "not a network (192.0.2.0/24)";
    if (!gb_address_is_mapped(&ret->address))
        return NULL;
    if (gb_str_contains(text, GB_STR(".")) || ret->prefix_length < 96)
        return "an IPv4-mapped IPv6 address is not allowed";
    ret->address = gb_address_unmapped(ret->address);
    ret->prefix_length = (uint8_t)(ret->prefix_length - 96);
    return NULL;
}

static void fail_text(struct gb_cel_run *run, struct gb_value *ret, const char *reason,
                      struct gb_str text)
{
    text = gb_str_sub(text, 0, 60);
    gb_cel_fail(run, ret, "%s: \"" GB_PRI "\"", reason, GB_ARG(text));
}

static void give_address(struct gb_cel_run *run, struct gb_address address, struct gb_value *ret)
{
    struct gb_address *kept = gb_alloc(gb_cel_arena(run), sizeof *kept);
    if (!kept) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    *kept = address;
    *ret = gb_cel_opaque_value(GB_CEL_IP, kept);
}

static void give_network(struct gb_cel_run *run, struct gb_network network, struct gb_value *ret)
{
    struct gb_network *kept = gb_alloc(gb_cel_arena(run), sizeof *kept);
    if (!kept) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    *kept = network;
    *ret = gb_cel_opaque_value(GB_CEL_CIDR, kept);
}

static const struct gb_address *address_of(const struct gb_value *value)
{
    return value->pointer;
}

static const struct gb_network *network_of(const struct gb_value *value)
{
    return value->pointer;
}

// --- addresses

static void ip(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_address address;
    const char *reason = read_address(a->string, &address);
    if (reason)
        fail_text(run, ret, reason, a->string);
    else
        give_address(run, address, ret);
}

static void is_ip(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    struct gb_address address;
    *ret = gb_bool(!read_address(a->string, &address));
}

static void is_canonical(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_address address;
    const char *reason = read_address(a->string, &address);
    if (reason) {
        fail_text(run, ret, reason, a->string);
        return;
    }
    char text[GB_ADDRESS_SIZE];
    size_t len = gb_address_text(&address, text);
    *ret = gb_bool(gb_str_eq(a->string, (struct gb_str){text, len}));
}

static void address_text(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    char text[GB_ADDRESS_SIZE];
    size_t len = gb_address_text(address_of(a), text);
    struct gb_str copy = gb_str_copy(gb_cel_arena(run), (struct gb_str){text, len});
    if (copy.at)
        *ret = gb_string(copy);
    else
        gb_cel_fail_memory(run, ret);
}

static void family(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(address_of(a)->family);
}

static void is_unspecified(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_unspecified(address_of(a)));
}

static void is_loopback(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_loopback(address_of(a)));
}

static void is_private(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_private(address_of(a)));
}

static void is_multicast(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_multicast(address_of(a)));
}

static void is_global_unicast(struct gb_cel_run *run, const struct gb_value *a,
                              struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_global_unicast(address_of(a)));
}

static void is_link_local_unicast(struct gb_cel_run *run, const struct gb_value *a,
                                  struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_link_local_unicast(address_of(a)));
}

static void is_link_local_multicast(struct gb_cel_run *run, const struct gb_value *a,
                                    struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_address_is_link_local_multicast(address_of(a)));
}

// --- networks

static void cidr(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_network network;
    const char *reason = read_network(a->string, &network);
    if (reason)
        fail_text(run, ret, reason, a->string);
    else
        give_network(run, network, ret);
}

static void is_cidr(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    struct gb_network network;
    *ret = gb_bool(!read_network(a->string, &network));
}

static void network_text(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    char text[GB_NETWORK_SIZE];
    size_t len = gb_network_text(network_of(a), text);
    struct gb_str copy = gb_str_copy(gb_cel_arena(run), (struct gb_str){text, len});
    if (copy.at)
        *ret = gb_string(copy);
    else
        gb_cel_fail_memory(run, ret);
}

static void contains_ip(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_network_contains(network_of(a), address_of(a + 1)));
}

static void contains_ip_text(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_address address;
    const char *reason = read_address(a[1].string, &address);
    if (reason)
        fail_text(run, ret, reason, a[1].string);
    else
        *ret = gb_bool(gb_network_contains(network_of(a), &address));
}

static void contains_cidr(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_network_contains_network(network_of(a), network_of(a + 1)));
}

static void contains_cidr_text(struct gb_cel_run *run, const struct gb_value *a,
                               struct gb_value *ret)
{
    struct gb_network network;
    const char *reason = read_network(a[1].string, &network);
    if (reason)
        fail_text(run, ret, reason, a[1].string);
    else
        *ret = gb_bool(gb_network_contains_network(network_of(a), &network));
}

static void network_ip(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_address(run, network_of(a)->address, ret);
}

static void masked(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_network(run, gb_network_masked(*network_of(a)), ret);
}

static void prefix_length(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(network_of(a)->prefix_length);
}

static const struct gb_cel_overload overloads[] = {
    {"ip", "string -> net.IP", ip, 0, "The IP address that the text is; an error when it is none."},
    {"ip", "net.CIDR -> net.IP", network_ip, GB_CEL_METHOD,
     "The address of a network as it was written, host bits included."},
    {"isIP", "string -> bool", is_ip, 0, "Whether the text is an IP address."},
    {"ip.isCanonical", "string -> bool", is_canonical, 0,
     "Whether the text is an IP address in its one canonical form (RFC 5952)."},
    {"string", "net.IP -> string", address_text, 0, "The address as text."},
    {"family", "net.IP -> int", family, GB_CEL_METHOD, "4 or 6."},
    {"isUnspecified", "net.IP -> bool", is_unspecified, GB_CEL_METHOD,
     "Whether it is 0.0.0.0 or ::."},
    {"isLoopback", "net.IP -> bool", is_loopback, GB_CEL_METHOD,
     "Whether it is in 127.0.0.0/8 or is ::1."},
    {"isPrivate", "net.IP -> bool", is_private, GB_CEL_METHOD,
     "Whether it is in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fc00::/7."},
    {"isMulticast", "net.IP -> bool", is_multicast, GB_CEL_METHOD,
     "Whether it is in 224.0.0.0/4 or ff00::/8."},
    {"isGlobalUnicast", "net.IP -> bool", is_global_unicast, GB_CEL_METHOD,
     "Whether it is none of unspecified, loopback, multicast, link-local and broadcast."},
    {"isLinkLocalUnicast", "net.IP -> bool", is_link_local_unicast, GB_CEL_METHOD,
     "Whether it is in 169.254.0.0/16 or fe80::/10."},
    {"isLinkLocalMulticast", "net.IP -> bool", is_link_local_multicast, GB_CEL_METHOD,
     "Whether it is in 224.0.0.0/24 or ff02::/16."},
    {"cidr", "string -> net.CIDR", cidr, 0,
     "The network that the text is (192.0.2.0/24); an error when it is none."},
    {"isCIDR", "string -> bool", is_cidr, 0, "Whether the text is a network."},
    {"string", "net.CIDR -> string", network_text, 0, "The network as text."},
    {"containsIP", "net.CIDR, net.IP -> bool", contains_ip, GB_CEL_METHOD,
     "Whether the address is in the network."},
    {"containsIP", "net.CIDR, string -> bool", contains_ip_text, GB_CEL_METHOD,
     "Whether the address is in the network."},
    {"containsCIDR", "net.CIDR, net.CIDR -> bool", contains_cidr, GB_CEL_METHOD,
     "Whether all of the other network is in this one."},
    {"containsCIDR", "net.CIDR, string -> bool", contains_cidr_text, GB_CEL_METHOD,
     "Whether all of the other network is in this one."},
    {"prefixLength", "net.CIDR -> int", prefix_length, GB_CEL_METHOD,
     "The number of bits that are the network's."},
    {"masked", "net.CIDR -> net.CIDR", masked, GB_CEL_METHOD, "The network without host bits."},
};

static bool equal_addresses(const void *a, const void *b)
{
    return gb_address_equal(a, b);
}

static bool equal_networks(const void *a, const void *b)
{
    return gb_network_equal(a, b);
}

static const struct gb_cel_opaque opaque[] = {
    {GB_CEL_IP, "net.IP", equal_addresses},
    {GB_CEL_CIDR, "net.CIDR", equal_networks},
};

const struct gb_cel_library gb_cel_library_network = {
    .name = "network",
    .doc = "IP addresses and networks",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
    .opaque = opaque,
    .opaque_count = sizeof opaque / sizeof *opaque,
};
