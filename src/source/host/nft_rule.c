// Judges one rule of nftables: its expressions are run on registers whose bytes are known, or known
// to come from a part of the packet that is not. See packet_filter.h.
#include "source/host/attributes.h"
#include "source/host/packet_filter.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>

enum {
    REGISTER_BYTES = 64, // four of 16 bytes, or sixteen of 4
    CONNECTION_NEW = 8,  // bit of the connection state
    LOCAL_ADDRESS = 2,   // RTN_LOCAL: what the address type of a local destination is
    TCP_SYN = 2,
};

enum origin {
    KNOWN,
    FROM_SOURCE,    // source address
    FROM_INTERFACE, // name or number of the incoming interface, where it is not known
    FROM_PATH,      // what the way back to the source looks like
    FROM_ELSEWHERE,
};

struct byte {
    uint8_t origin; // enum origin
    uint8_t value;  // when known
    uint8_t mask;   // of an unknown one: the bits that still count
};

struct machine {
    struct gb_filter *filter;
    const struct gb_filter_chain *chain;
    const struct gb_filter_packet *packet;
    struct byte bytes[REGISTER_BYTES];
    struct gb_str from, unsure; // conditions so far
    bool fails;                 // a condition does not hold
    struct gb_filter_decision *decisions;
    size_t count;
};

static int register_at(uint32_t number)
{
    if (number >= NFT_REG_1 && number <= NFT_REG_4)
        return (int)(number - NFT_REG_1) * 16;
    if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
        return (int)(number - NFT_REG32_00) * 4;
    return -1;
}

static struct byte *bytes_of(struct machine *machine, struct gb_str attribute, size_t len)
{
    int at = register_at(gb_attribute_be32(attribute, 0));
    if (at < 0 || len == 0 || len > REGISTER_BYTES - (size_t)at)
        return NULL;
    return &machine->bytes[at];
}

static void be_unsure(struct machine *machine, struct gb_str why)
{
    if (!machine->unsure.len)
        machine->unsure = why;
}

static void depend_on(struct machine *machine, struct gb_str from)
{
    machine->from = machine->from.len ? gb_str_format(machine->filter->arena, GB_PRI " and " GB_PRI,
                                                      GB_ARG(machine->from), GB_ARG(from))
                                      : from;
}

static void put_known(struct machine *machine, struct gb_str attribute, const void *data,
                      size_t len)
{
    struct byte *into = bytes_of(machine, attribute, len);
    const uint8_t *from = data;
    for (size_t i = 0; into && i < len; i++)
        into[i] = (struct byte){KNOWN, from[i], 0xff};
    for (size_t i = len; into && i % 4 && into + i < machine->bytes + REGISTER_BYTES; i++)
        into[i] = (struct byte){KNOWN, 0, 0xff};
}

static void put_unknown(struct machine *machine, struct gb_str attribute, enum origin origin,
                        size_t len)
{
    struct byte *into = bytes_of(machine, attribute, len);
    for (size_t i = 0; into && i < len; i++)
        into[i] = (struct byte){(uint8_t)origin, 0, 0xff};
}

// ---- loading ----------------------------------------------------------------------------------

static void load_meta(struct machine *machine, struct gb_str data)
{
    const struct gb_filter_packet *packet = machine->packet;
    struct gb_str into = gb_attribute(data, NFTA_META_DREG);
    uint8_t byte;
    uint16_t half;
    char name[16] = "";
    if (!into.len) // sets a mark and the like
        return;
    switch (gb_attribute_be32(gb_attribute(data, NFTA_META_KEY), 0xffff)) {
    case NFT_META_L4PROTO:
        byte = packet->udp ? IPPROTO_UDP : IPPROTO_TCP;
        put_known(machine, into, &byte, 1);
        break;
    case NFT_META_NFPROTO:
        byte = packet->v6 ? GB_FILTER_IP6 : GB_FILTER_IP;
        put_known(machine, into, &byte, 1);
        break;
    case NFT_META_PROTOCOL:
        half = htons(packet->v6 ? 0x86dd : 0x0800);
        put_known(machine, into, &half, 2);
        break;
    case NFT_META_PKTTYPE: // to this host
        byte = 0;
        put_known(machine, into, &byte, 1);
        break;
    case NFT_META_SECPATH: // not through IPsec
        byte = 0;
        put_known(machine, into, &byte, 1);
        break;
    case NFT_META_IIFNAME:
        snprintf(name, sizeof name, GB_PRI, GB_ARG(packet->interface));
        if (packet->interface.len)
            put_known(machine, into, name, sizeof name);
        else
            put_unknown(machine, into, FROM_INTERFACE, sizeof name);
        break;
    case NFT_META_IIF:
        if (packet->interface_index)
            put_known(machine, into, &packet->interface_index, 4);
        else
            put_unknown(machine, into, FROM_INTERFACE, 4);
        break;
    default:
        put_unknown(machine, into, FROM_ELSEWHERE, 16);
    }
}

static void load_connection(struct machine *machine, struct gb_str data)
{
    struct gb_str into = gb_attribute(data, NFTA_CT_DREG);
    uint32_t state = CONNECTION_NEW, none = 0;
    if (!into.len)
        return;
    switch (gb_attribute_be32(gb_attribute(data, NFTA_CT_KEY), 0xffff)) {
    case NFT_CT_STATE:
        put_known(machine, into, &state, 4);
        break;
    case NFT_CT_STATUS: // not translated
        put_known(machine, into, &none, 4);
        break;
    case NFT_CT_DIRECTION:
        put_known(machine, into, &none, 1);
        break;
    default:
        put_unknown(machine, into, FROM_ELSEWHERE, 16);
    }
}

// One byte of the packet.
static struct byte network_byte(const struct gb_filter_packet *packet, uint32_t at)
{
    uint32_t source = packet->v6 ? 8 : 12, size = packet->v6 ? 16 : 4, destination = source + size;
    if (at == (packet->v6 ? 6u : 9u))
        return (struct byte){KNOWN, packet->udp ? IPPROTO_UDP : IPPROTO_TCP, 0xff};
    if (at >= source && at < destination)
        return (struct byte){FROM_SOURCE, 0, 0xff};
    if (at >= destination && at < destination + size && packet->destination_known)
        return (struct byte){KNOWN, packet->destination[at - destination], 0xff};
    return (struct byte){FROM_ELSEWHERE, 0, 0xff};
}

static struct byte transport_byte(const struct gb_filter_packet *packet, uint32_t at)
{
    if (at == 2)
        return (struct byte){KNOWN, (uint8_t)(packet->port >> 8), 0xff};
    if (at == 3)
        return (struct byte){KNOWN, (uint8_t)packet->port, 0xff};
    if (at == 13 && !packet->udp)
        return (struct byte){KNOWN, TCP_SYN, 0xff};
    return (struct byte){FROM_ELSEWHERE, 0, 0xff};
}

static void load_payload(struct machine *machine, struct gb_str data)
{
    uint32_t base = gb_attribute_be32(gb_attribute(data, NFTA_PAYLOAD_BASE), 99);
    uint32_t offset = gb_attribute_be32(gb_attribute(data, NFTA_PAYLOAD_OFFSET), 0);
    uint32_t len = gb_attribute_be32(gb_attribute(data, NFTA_PAYLOAD_LEN), 0);
    struct gb_str into = gb_attribute(data, NFTA_PAYLOAD_DREG);
    if (!into.len || len > REGISTER_BYTES) // writes into the packet
        return;
    struct byte *bytes = bytes_of(machine, into, len);
    for (uint32_t i = 0; bytes && i < len; i++) {
        uint32_t at = offset > 4096 ? 4096 : offset + i;
        bytes[i] = base == NFT_PAYLOAD_NETWORK_HEADER     ? network_byte(machine->packet, at)
                   : base == NFT_PAYLOAD_TRANSPORT_HEADER ? transport_byte(machine->packet, at)
                                                          : (struct byte){FROM_ELSEWHERE, 0, 0xff};
    }
    for (uint32_t i = len; bytes && i % 4 && bytes + i < machine->bytes + REGISTER_BYTES; i++)
        bytes[i] = (struct byte){KNOWN, 0, 0xff};
}

// What the routing table says of an address of the packet.
static void load_route(struct machine *machine, struct gb_str data)
{
    uint32_t flags = gb_attribute_be32(gb_attribute(data, NFTA_FIB_FLAGS), 0);
    uint32_t result = gb_attribute_be32(gb_attribute(data, NFTA_FIB_RESULT), 0);
    struct gb_str into = gb_attribute(data, NFTA_FIB_DREG);
    uint32_t local = LOCAL_ADDRESS;
    if ((flags & NFTA_FIB_F_DADDR) && result == NFT_FIB_RESULT_ADDRTYPE)
        put_known(machine, into, &local, 4);
    else
        put_unknown(machine, into, flags & NFTA_FIB_F_SADDR ? FROM_PATH : FROM_ELSEWHERE,
                    result == NFT_FIB_RESULT_OIFNAME ? 16 : 4);
}

static void apply_bitwise(struct machine *machine, struct gb_str data)
{
    uint32_t len = gb_attribute_be32(gb_attribute(data, NFTA_BITWISE_LEN), 0);
    struct byte *from = bytes_of(machine, gb_attribute(data, NFTA_BITWISE_SREG), len);
    struct byte *into = bytes_of(machine, gb_attribute(data, NFTA_BITWISE_DREG), len);
    struct gb_str mask = gb_attribute(gb_attribute(data, NFTA_BITWISE_MASK), NFTA_DATA_VALUE);
    struct gb_str flip = gb_attribute(gb_attribute(data, NFTA_BITWISE_XOR), NFTA_DATA_VALUE);
    if (!from || !into || mask.len != len || flip.len != len) {
        be_unsure(machine, GB_STR("arithmetic on a part of the packet"));
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        uint8_t m = (uint8_t)mask.at[i], x = (uint8_t)flip.at[i];
        struct byte byte = from[i];
        if (byte.origin == KNOWN || m == 0)
            byte = (struct byte){KNOWN, (uint8_t)((byte.value & m) ^ x), 0xff};
        else
            byte.mask &= m;
        into[i] = byte;
    }
}

static void apply_byteorder(struct machine *machine, struct gb_str data)
{
    uint32_t len = gb_attribute_be32(gb_attribute(data, NFTA_BYTEORDER_LEN), 0);
    uint32_t size = gb_attribute_be32(gb_attribute(data, NFTA_BYTEORDER_SIZE), 0);
    struct byte *from = bytes_of(machine, gb_attribute(data, NFTA_BYTEORDER_SREG), len);
    struct byte *into = bytes_of(machine, gb_attribute(data, NFTA_BYTEORDER_DREG), len);
    if (!from || !into || (size != 2 && size != 4 && size != 8) || len % size) {
        be_unsure(machine, GB_STR("arithmetic on a part of the packet"));
        return;
    }
    struct byte turned[REGISTER_BYTES];
    for (uint32_t i = 0; i < len; i++) // both directions are a swap on little-endian machines
        turned[i] = htons(1) == 1 ? from[i] : from[i / size * size + size - 1 - i % size];
    memcpy(into, turned, len * sizeof *into);
}

// ---- conditions -------------------------------------------------------------------------------

// "10.0.0.0/8" of a comparison with the first bytes of an address.
static struct gb_str network_text(struct machine *machine, const struct byte *bytes,
                                  struct gb_str data)
{
    unsigned char address[16] = {0};
    unsigned bits = 0, size = machine->packet->v6 ? 16 : 4;
    char text[INET6_ADDRSTRLEN];
    for (size_t i = 0; i < data.len && i < size; i++) {
        address[i] = (unsigned char)data.at[i];
        for (uint8_t mask = bytes[i].origin == KNOWN ? 0 : bytes[i].mask; mask & 0x80; mask <<= 1)
            bits++;
    }
    if (!inet_ntop(machine->packet->v6 ? AF_INET6 : AF_INET, address, text, sizeof text))
        return GB_STR("");
    return bits == size * 8 ? gb_str_copy(machine->filter->arena, gb_str_of(text))
                            : gb_str_format(machine->filter->arena, "%s/%u", text, bits);
}

// A condition on bytes that are not known. `what`: the text of what they are compared with.
static void depend(struct machine *machine, const struct byte *bytes, size_t len, bool negated,
                   struct gb_str what)
{
    enum origin origin = KNOWN;
    for (size_t i = 0; i < len; i++)
        if (bytes[i].origin != KNOWN && (origin == KNOWN || bytes[i].origin == origin))
            origin = bytes[i].origin;
        else if (bytes[i].origin != KNOWN)
            origin = FROM_ELSEWHERE;
    struct gb_arena *arena = machine->filter->arena;
    const char *no = negated ? "not " : "";
    switch (origin) {
    case FROM_SOURCE:
        depend_on(machine, gb_str_format(arena, "%sfrom " GB_PRI, no, GB_ARG(what)));
        break;
    case FROM_INTERFACE:
        depend_on(machine, gb_str_format(arena, "%sby interface " GB_PRI, no, GB_ARG(what)));
        break;
    case FROM_PATH:
        depend_on(machine, GB_STR("from where the way back does not fit"));
        break;
    case KNOWN:
    case FROM_ELSEWHERE:
        be_unsure(machine, GB_STR("a condition on something that only the packet shows"));
    }
}

// -1, 0 or 1 as memcmp; 2 when it depends on unknown bytes. Only equality is exact with them: a
// known byte that differs decides.
static int compare(const struct byte *bytes, struct gb_str data, bool equality)
{
    bool unknown = false;
    for (size_t i = 0; i < data.len; i++) {
        uint8_t want = (uint8_t)data.at[i];
        if (bytes[i].origin != KNOWN) {
            if (!equality)
                return 2;
            unknown = true;
        } else if (bytes[i].value != want && (equality || !unknown)) {
            return bytes[i].value < want ? -1 : 1;
        }
    }
    return unknown ? 2 : 0;
}

static struct gb_str compared_text(struct machine *machine, const struct byte *bytes,
                                   struct gb_str data)
{
    if (bytes[0].origin == FROM_INTERFACE && data.len > 4)
        return gb_attribute_text(data);
    if (bytes[0].origin == FROM_INTERFACE && data.len == 4)
        return gb_str_format(machine->filter->arena, "number %u", gb_attribute_u32(data, 0));
    return network_text(machine, bytes, data);
}

static void check_cmp(struct machine *machine, struct gb_str data)
{
    struct gb_str value = gb_attribute(gb_attribute(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
    uint32_t op = gb_attribute_be32(gb_attribute(data, NFTA_CMP_OP), 99);
    struct byte *bytes = bytes_of(machine, gb_attribute(data, NFTA_CMP_SREG), value.len);
    if (!bytes) {
        be_unsure(machine, GB_STR("a comparison of another form"));
        return;
    }
    int order = compare(bytes, value, op == NFT_CMP_EQ || op == NFT_CMP_NEQ);
    // A packet that is not known to come by a certain interface comes at least not by loopback.
    if (order == 2 && bytes[0].origin == FROM_INTERFACE &&
        (gb_str_is(gb_attribute_text(value), "lo") ||
         (value.len == 4 && gb_attribute_u32(value, 0) == 1)))
        order = 1;
    if (order == 2) {
        depend(machine, bytes, value.len, op != NFT_CMP_EQ, compared_text(machine, bytes, value));
        return;
    }
    bool holds = op == NFT_CMP_EQ    ? order == 0
                 : op == NFT_CMP_NEQ ? order != 0
                 : op == NFT_CMP_LT  ? order < 0
                 : op == NFT_CMP_LTE ? order <= 0
                 : op == NFT_CMP_GT  ? order > 0
                                     : order >= 0;
    machine->fails = machine->fails || !holds;
}

static void check_range(struct machine *machine, struct gb_str data)
{
    struct gb_str from = gb_attribute(gb_attribute(data, NFTA_RANGE_FROM_DATA), NFTA_DATA_VALUE);
    struct gb_str to = gb_attribute(gb_attribute(data, NFTA_RANGE_TO_DATA), NFTA_DATA_VALUE);
    bool outside = gb_attribute_be32(gb_attribute(data, NFTA_RANGE_OP), 0) == NFT_RANGE_NEQ;
    struct byte *bytes = bytes_of(machine, gb_attribute(data, NFTA_RANGE_SREG), from.len);
    if (!bytes || to.len != from.len) {
        be_unsure(machine, GB_STR("a comparison of another form"));
        return;
    }
    int low = compare(bytes, from, false), high = compare(bytes, to, false);
    if (low == 2 || high == 2) {
        struct gb_str text = gb_str_format(machine->filter->arena, GB_PRI " to " GB_PRI,
                                           GB_ARG(compared_text(machine, bytes, from)),
                                           GB_ARG(compared_text(machine, bytes, to)));
        depend(machine, bytes, from.len, outside, text);
        return;
    }
    bool inside = low >= 0 && high <= 0;
    machine->fails = machine->fails || inside == outside;
}

// ---- sets -------------------------------------------------------------------------------------

static bool all_known(const struct byte *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i].origin != KNOWN)
            return false;
    return true;
}

// Does a known key lie in the set? The element through `found`. In sets of intervals an element
// begins one, and one with a mark ends it.
static bool find_known(const struct gb_filter_set *set, const struct byte *bytes, size_t len,
                       const struct gb_filter_element **found)
{
    const struct gb_filter_element *best = NULL, *catch_all = NULL;
    for (size_t i = 0; i < set->count; i++) {
        const struct gb_filter_element *element = &set->elements[i];
        if (element->catch_all)
            catch_all = element;
        if (element->catch_all || element->key.len != len)
            continue;
        int order = compare(bytes, element->key, false);
        if (element->key_end.len == len) { // of a concatenation: each part within its range
            bool inside = true;
            for (size_t at = 0; at < len; at += 4) {
                size_t part = len - at < 4 ? len - at : 4;
                inside = inside &&
                         compare(bytes + at, gb_str_sub(element->key, at, part), false) >= 0 &&
                         compare(bytes + at, gb_str_sub(element->key_end, at, part), false) <= 0;
            }
            if (inside)
                best = element;
        } else if (!set->intervals
                       ? order == 0
                       : order >= 0 &&
                             (!best || gb_str_compare(element->key, best->key) > 0 ||
                              (gb_str_eq(element->key, best->key) && best->ends_interval))) {
            best = element;
        }
    }
    *found = best && !best->ends_interval ? best : catch_all;
    return *found != NULL;
}

static void decide(struct machine *machine, int32_t verdict, struct gb_str chain)
{
    if (machine->count == GB_FILTER_MAX_DECISIONS) {
        machine->decisions[GB_FILTER_MAX_DECISIONS - 1].unsure = GB_STR("a large map of verdicts");
        return;
    }
    machine->decisions[machine->count++] = (struct gb_filter_decision){
        .verdict = verdict, .chain = chain, .from = machine->from, .unsure = machine->unsure};
}

// A map to verdicts whose key is not known: each entry under its own condition.
static void decide_each(struct machine *machine, const struct gb_filter_set *set,
                        const struct byte *bytes, size_t len)
{
    struct gb_str from = machine->from, unsure = machine->unsure;
    for (size_t i = 0; i < set->count; i++) {
        const struct gb_filter_element *element = &set->elements[i];
        if (element->ends_interval || !element->has_verdict || element->key.len != len)
            continue;
        if (bytes[0].origin == FROM_INTERFACE && gb_str_is(gb_attribute_text(element->key), "lo"))
            continue;
        if (compare(bytes, element->key, true) != 2)
            continue; // a known part differs
        depend(machine, bytes, len, false, compared_text(machine, bytes, element->key));
        decide(machine, element->verdict, element->chain);
        machine->from = from;
        machine->unsure = unsure;
    }
}

static void check_lookup(struct machine *machine, struct gb_str data)
{
    struct gb_filter *filter = machine->filter;
    struct gb_str name = gb_attribute_text(gb_attribute(data, NFTA_LOOKUP_SET));
    struct gb_str dreg = gb_attribute(data, NFTA_LOOKUP_DREG);
    bool inverted = gb_attribute_be32(gb_attribute(data, NFTA_LOOKUP_FLAGS), 0) & NFT_LOOKUP_F_INV;
    bool to_verdict = dreg.len && gb_attribute_be32(dreg, 99) == NFT_REG_VERDICT;
    struct gb_filter_set *set =
        gb_filter_find_set(filter, machine->chain->family, machine->chain->table, name);
    size_t len = 0;
    for (size_t i = 0; set && i < set->count && !len; i++)
        len = set->elements[i].key.len;
    if (!set || set->broken || (dreg.len && !to_verdict)) {
        be_unsure(machine, GB_STR("a set that could not be read"));
        return;
    }
    struct byte *bytes = bytes_of(machine, gb_attribute(data, NFTA_LOOKUP_SREG), len);
    if (len && !bytes) {
        be_unsure(machine, GB_STR("a set of another form"));
        return;
    }
    const struct gb_filter_element *found = NULL;
    if (!len || all_known(bytes, len)) {
        bool in = len ? find_known(set, bytes, len, &found) : false;
        if (in && to_verdict)
            decide(machine, found->verdict, found->chain);
        machine->fails = machine->fails || to_verdict || in == inverted;
    } else if (to_verdict) {
        decide_each(machine, set, bytes, len);
        machine->fails = true; // nothing further in this rule
    } else {
        depend(machine, bytes, len, inverted,
               gb_str_format(filter->arena, "set " GB_PRI, GB_ARG(name)));
    }
}

// ---- rules ------------------------------------------------------------------------------------

static void run_immediate(struct machine *machine, struct gb_str data)
{
    struct gb_str into = gb_attribute(data, NFTA_IMMEDIATE_DREG);
    struct gb_str content = gb_attribute(data, NFTA_IMMEDIATE_DATA);
    struct gb_str verdict = gb_attribute(content, NFTA_DATA_VERDICT);
    struct gb_str value = gb_attribute(content, NFTA_DATA_VALUE);
    if (!verdict.len) {
        put_known(machine, into, value.at, value.len);
        return;
    }
    decide(machine, (int32_t)gb_attribute_be32(gb_attribute(verdict, NFTA_VERDICT_CODE), 0),
           gb_attribute_text(gb_attribute(verdict, NFTA_VERDICT_CHAIN)));
    machine->fails = true; // done
}

static void run_match(struct machine *machine, struct gb_str data)
{
    struct gb_str from = {0}, unsure = {0};
    int holds = gb_xt_match(
        machine->filter->arena, gb_attribute_text(gb_attribute(data, NFTA_MATCH_NAME)),
        gb_attribute(data, NFTA_MATCH_INFO),
        gb_attribute_be32(gb_attribute(data, NFTA_MATCH_REV), 0), machine->packet, &from, &unsure);
    if (holds == 0)
        machine->fails = true;
    if (holds < 0 && from.len)
        depend_on(machine, from);
    if (holds < 0 && unsure.len)
        be_unsure(machine, unsure);
}

static void run_target(struct machine *machine, struct gb_str data)
{
    bool known = true;
    int32_t verdict = gb_xt_target(gb_attribute_text(gb_attribute(data, NFTA_TARGET_NAME)), &known);
    if (!known)
        be_unsure(machine, GB_STR("a target of iptables that is not known"));
    if (verdict == GB_VERDICT_CONTINUE && known)
        return;
    decide(machine, verdict, GB_STR(""));
    machine->fails = true;
}

// Limits let through what does not exceed them; "over" matches only the rest.
static void run_limit(struct machine *machine, struct gb_str flags)
{
    if (gb_attribute_be32(flags, 0) & 1)
        machine->fails = true;
}

static bool is_without_effect(struct gb_str name)
{
    static const char *const names[] = {"counter", "log", "last",        "objref",
                                        "notrack", "dup", "flow_offload"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (gb_str_is(name, names[i]))
            return true;
    return false;
}

static void run_expression(struct machine *machine, struct gb_str name, struct gb_str data)
{
    static const struct {
        const char *name;
        void (*run)(struct machine *machine, struct gb_str data);
    } expressions[] = {
        {"meta", load_meta},          {"ct", load_connection},    {"payload", load_payload},
        {"fib", load_route},          {"bitwise", apply_bitwise}, {"byteorder", apply_byteorder},
        {"cmp", check_cmp},           {"range", check_range},     {"lookup", check_lookup},
        {"immediate", run_immediate}, {"match", run_match},       {"target", run_target},
    };
    for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
        if (gb_str_is(name, expressions[i].name)) {
            expressions[i].run(machine, data);
            return;
        }
    if (is_without_effect(name))
        return;
    if (gb_str_is(name, "limit"))
        run_limit(machine, gb_attribute(data, NFTA_LIMIT_FLAGS));
    else if (gb_str_is(name, "connlimit"))
        run_limit(machine, gb_attribute(data, NFTA_CONNLIMIT_FLAGS));
    else if (gb_str_is(name, "quota"))
        run_limit(machine, gb_attribute(data, NFTA_QUOTA_FLAGS));
    else if (gb_str_is(name, "reject"))
        decide(machine, GB_VERDICT_DROP, GB_STR(""));
    else if (gb_str_is(name, "queue"))
        decide(machine, GB_VERDICT_QUEUE, GB_STR(""));
    else
        be_unsure(machine, gb_str_format(machine->filter->arena, "the expression " GB_PRI,
                                         GB_ARG(gb_str_sub(name, 0, 32))));
    machine->fails = machine->fails || gb_str_is(name, "reject") || gb_str_is(name, "queue");
}

int gb_nft_rule_decide(struct gb_filter *filter, const struct gb_filter_chain *chain,
                       const struct gb_filter_rule *rule, const struct gb_filter_packet *packet,
                       struct gb_filter_decision *decisions, size_t *count)
{
    struct machine machine = {
        .filter = filter, .chain = chain, .packet = packet, .decisions = decisions};
    struct gb_str rest = rule->text, one;
    uint16_t type;
    for (size_t i = 0; i < REGISTER_BYTES; i++)
        machine.bytes[i].origin = FROM_ELSEWHERE;
    while (!machine.fails && gb_attribute_next(&rest, &type, &one))
        if (type == NFTA_LIST_ELEM)
            run_expression(&machine, gb_attribute_text(gb_attribute(one, NFTA_EXPR_NAME)),
                           gb_attribute(one, NFTA_EXPR_DATA));
    *count = machine.count;
    return gb_arena_failed(filter->arena) ? GB_E_MEMORY : GB_OK;
}
