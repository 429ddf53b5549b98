// Matches and targets of iptables, as nftables carries them and as its older interface lists them.
// See packet_filter.h.
#include "source/host/packet_filter.h"

#include "sys/iptables.h"

// Before the kernel's headers, which then leave out what these define.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

enum {
    CONNECTION_NEW = 8,
    LOCAL_ADDRESS = 1 << 2, // RTN_LOCAL as a bit
    TCP_SYN = 2,
    DEPENDS = -1,
};

// The value of a structure inside a text that need not be aligned. False when it is cut short.
static bool take(struct gb_str text, void *into, size_t size)
{
    if (text.len < size)
        return false;
    memcpy(into, text.at, size);
    return true;
}

static bool in_range(uint16_t port, const uint16_t range[2])
{
    return port >= range[0] && port <= range[1];
}

// Source ports are not known: only the full range holds for sure.
static int match_source_ports(const uint16_t range[2], bool inverted, struct gb_str *unsure)
{
    if (range[0] == 0 && range[1] == 0xffff)
        return !inverted;
    *unsure = GB_STR("a condition on the source port");
    return DEPENDS;
}

static int match_tcp(struct gb_str info, const struct gb_filter_packet *packet,
                     struct gb_str *unsure)
{
    struct xt_tcp tcp;
    if (packet->udp)
        return 0;
    if (!take(info, &tcp, sizeof tcp))
        return DEPENDS;
    if (in_range(packet->port, tcp.dpts) == ((tcp.invflags & XT_TCP_INV_DSTPT) != 0))
        return 0;
    if (((TCP_SYN & tcp.flg_mask) == tcp.flg_cmp) == ((tcp.invflags & XT_TCP_INV_FLAGS) != 0))
        return 0;
    return match_source_ports(tcp.spts, tcp.invflags & XT_TCP_INV_SRCPT, unsure);
}

static int match_udp(struct gb_str info, const struct gb_filter_packet *packet,
                     struct gb_str *unsure)
{
    struct xt_udp udp;
    if (!packet->udp)
        return 0;
    if (!take(info, &udp, sizeof udp))
        return DEPENDS;
    if (in_range(packet->port, udp.dpts) == ((udp.invflags & XT_UDP_INV_DSTPT) != 0))
        return 0;
    return match_source_ports(udp.spts, udp.invflags & XT_UDP_INV_SRCPT, unsure);
}

static int match_multiport(struct gb_str info, unsigned revision,
                           const struct gb_filter_packet *packet, struct gb_str *unsure)
{
    struct xt_multiport_v1 ports = {0};
    if (!take(info, &ports, revision ? sizeof ports : sizeof(struct xt_multiport)))
        return DEPENDS;
    if (ports.flags == XT_MULTIPORT_SOURCE) {
        *unsure = GB_STR("a condition on the source port");
        return DEPENDS;
    }
    bool found = false;
    for (unsigned i = 0; i < ports.count && i < XT_MULTI_PORTS; i++) {
        if (revision && ports.pflags[i] && i + 1 < XT_MULTI_PORTS) {
            found = found || (packet->port >= ports.ports[i] && packet->port <= ports.ports[i + 1]);
            i++;
        } else {
            found = found || packet->port == ports.ports[i];
        }
    }
    return found != (revision && ports.invert);
}

static int match_state(struct gb_str info)
{
    struct xt_state_info state;
    return take(info, &state, sizeof state) ? (state.statemask & CONNECTION_NEW) != 0 : DEPENDS;
}

static int match_conntrack(struct gb_str info, unsigned revision, struct gb_str *unsure)
{
    struct xt_conntrack_mtinfo1 first;
    struct xt_conntrack_mtinfo3 later;
    uint16_t flags, inverted, states;
    if (revision == 1 && take(info, &first, sizeof first)) {
        flags = first.match_flags;
        inverted = first.invert_flags;
        states = first.state_mask;
    } else if (revision >= 2 && take(info, &later, sizeof(struct xt_conntrack_mtinfo2))) {
        flags = later.match_flags; // the fields that count are the same in 2 and 3
        inverted = later.invert_flags;
        states = later.state_mask;
    } else {
        return DEPENDS;
    }
    if ((flags & ~XT_CONNTRACK_STATE_ALIAS) != XT_CONNTRACK_STATE) {
        *unsure = GB_STR("a condition on the connection");
        return DEPENDS;
    }
    return ((states & CONNECTION_NEW) != 0) != ((inverted & XT_CONNTRACK_STATE) != 0);
}

static int match_addrtype(struct gb_str info, unsigned revision, struct gb_str *from)
{
    struct xt_addrtype_info_v1 types;
    if (revision != 1 || !take(info, &types, sizeof types))
        return DEPENDS;
    if (types.dest &&
        ((types.dest & LOCAL_ADDRESS) != 0) == ((types.flags & XT_ADDRTYPE_INVERT_DEST) != 0))
        return 0;
    if (!types.source)
        return 1;
    *from = GB_STR("from addresses of a certain type");
    return DEPENDS;
}

static int match_pkttype(struct gb_str info)
{
    struct xt_pkttype_info type;
    return take(info, &type, sizeof type) ? (type.pkttype == 0) != (type.invert != 0) : DEPENDS;
}

// Matches on where a packet comes from, whatever they ask in detail.
static struct gb_str source_match(struct gb_str name)
{
    static const struct {
        const char *name, *from;
    } sources[] = {
        {"mac", "from certain hardware addresses"},
        {"set", "from an address set"},
        {"iprange", "from a range of addresses"},
        {"geoip", "from certain countries"},
        {"rpfilter", "from where the way back does not fit"},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (gb_str_is(name, sources[i].name))
            return gb_str_of(sources[i].from);
    return GB_STR("");
}

int gb_xt_match(struct gb_arena *arena, struct gb_str name, struct gb_str info, unsigned revision,
                const struct gb_filter_packet *packet, struct gb_str *from, struct gb_str *unsure)
{
    int answer = DEPENDS;
    if (gb_str_is(name, "comment") || gb_str_is(name, "limit"))
        return 1;
    if (gb_str_is(name, "icmp") || gb_str_is(name, "icmp6"))
        return 0;
    if (gb_str_is(name, "tcp"))
        answer = match_tcp(info, packet, unsure);
    else if (gb_str_is(name, "udp"))
        answer = match_udp(info, packet, unsure);
    else if (gb_str_is(name, "multiport"))
        answer = match_multiport(info, revision, packet, unsure);
    else if (gb_str_is(name, "state"))
        answer = match_state(info);
    else if (gb_str_is(name, "conntrack"))
        answer = match_conntrack(info, revision, unsure);
    else if (gb_str_is(name, "addrtype"))
        answer = match_addrtype(info, revision, from);
    else if (gb_str_is(name, "pkttype"))
        answer = match_pkttype(info);
    else
        *from = source_match(name);
    if (answer == DEPENDS && !from->len && !unsure->len)
        *unsure = gb_str_format(arena, "the match " GB_PRI " of iptables",
                                GB_ARG(gb_str_sub(name, 0, 32)));
    return answer;
}

int32_t gb_xt_target(struct gb_str name, bool *known)
{
    static const struct {
        const char *name;
        int32_t verdict;
    } targets[] = {
        {"ACCEPT", GB_VERDICT_ACCEPT},        {"DROP", GB_VERDICT_DROP},
        {"REJECT", GB_VERDICT_DROP},          {"TARPIT", GB_VERDICT_DROP},
        {"NFQUEUE", GB_VERDICT_QUEUE},        {"LOG", GB_VERDICT_CONTINUE},
        {"NFLOG", GB_VERDICT_CONTINUE},       {"ULOG", GB_VERDICT_CONTINUE},
        {"AUDIT", GB_VERDICT_CONTINUE},       {"TRACE", GB_VERDICT_CONTINUE},
        {"MARK", GB_VERDICT_CONTINUE},        {"CONNMARK", GB_VERDICT_CONTINUE},
        {"CT", GB_VERDICT_CONTINUE},          {"NOTRACK", GB_VERDICT_CONTINUE},
        {"TCPMSS", GB_VERDICT_CONTINUE},      {"SET", GB_VERDICT_CONTINUE},
        {"CLASSIFY", GB_VERDICT_CONTINUE},    {"DSCP", GB_VERDICT_CONTINUE},
        {"TOS", GB_VERDICT_CONTINUE},         {"TTL", GB_VERDICT_CONTINUE},
        {"HL", GB_VERDICT_CONTINUE},          {"SECMARK", GB_VERDICT_CONTINUE},
        {"CONNSECMARK", GB_VERDICT_CONTINUE}, {"CHECKSUM", GB_VERDICT_CONTINUE},
    };
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        if (gb_str_is(name, targets[i].name))
            return targets[i].verdict;
    *known = false;
    return GB_VERDICT_CONTINUE;
}

// ---- the older interface ----------------------------------------------------------------------

// The parts of an entry that IPv4 and IPv6 write at different places.
struct entry {
    size_t head; // bytes before the matches
    uint16_t target_offset, next_offset;
    uint8_t protocol;
    bool any_protocol, protocol_inverted, goes_to, source_any, source_inverted;
    bool destination_any, destination_inverted, destination_equal;
    struct gb_str source; // "10.0.0.0/8"
    char interface[16];
    unsigned char interface_mask[16];
    bool interface_inverted;
};

static struct gb_str masked_text(struct gb_arena *arena, int family, const unsigned char *address,
                                 const unsigned char *mask, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    unsigned bits = 0;
    for (size_t i = 0; i < size; i++)
        for (unsigned char m = mask[i]; m & 0x80; m = (unsigned char)(m << 1))
            bits++;
    if (!arena || !inet_ntop(family, address, text, sizeof text))
        return GB_STR("");
    return gb_str_format(arena, "%s/%u", text, bits);
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool equal_masked(const unsigned char *a, const unsigned char *b, const unsigned char *mask,
                         size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((a[i] & mask[i]) != (b[i] & mask[i]))
            return false;
    return true;
}

static void take_addresses(struct gb_arena *arena, const struct gb_filter_packet *packet,
                           const void *source, const void *source_mask, const void *destination,
                           const void *destination_mask, struct entry *ret)
{
    size_t size = packet->v6 ? 16 : 4;
    ret->source_any = is_zero(source_mask, size);
    ret->source = masked_text(arena, packet->v6 ? AF_INET6 : AF_INET, source, source_mask, size);
    ret->destination_any = is_zero(destination_mask, size);
    ret->destination_equal = equal_masked(destination, packet->destination, destination_mask, size);
}

static bool read_v4(struct gb_arena *arena, struct gb_str text,
                    const struct gb_filter_packet *packet, struct entry *ret)
{
    struct ipt_entry raw;
    if (!take(text, &raw, offsetof(struct ipt_entry, elems)))
        return false;
    *ret = (struct entry){
        .head = offsetof(struct ipt_entry, elems),
        .target_offset = raw.target_offset,
        .next_offset = raw.next_offset,
        .protocol = (uint8_t)raw.ip.proto,
        .any_protocol = raw.ip.proto == 0,
        .protocol_inverted = raw.ip.invflags & IPT_INV_PROTO,
        .goes_to = raw.ip.flags & IPT_F_GOTO,
        .source_inverted = raw.ip.invflags & IPT_INV_SRCIP,
        .destination_inverted = raw.ip.invflags & IPT_INV_DSTIP,
        .interface_inverted = raw.ip.invflags & IPT_INV_VIA_IN,
    };
    memcpy(ret->interface, raw.ip.iniface, sizeof ret->interface);
    memcpy(ret->interface_mask, raw.ip.iniface_mask, sizeof ret->interface_mask);
    take_addresses(arena, packet, &raw.ip.src, &raw.ip.smsk, &raw.ip.dst, &raw.ip.dmsk, ret);
    return true;
}

static bool read_v6(struct gb_arena *arena, struct gb_str text,
                    const struct gb_filter_packet *packet, struct entry *ret)
{
    struct ip6t_entry raw;
    if (!take(text, &raw, offsetof(struct ip6t_entry, elems)))
        return false;
    *ret = (struct entry){
        .head = offsetof(struct ip6t_entry, elems),
        .target_offset = raw.target_offset,
        .next_offset = raw.next_offset,
        .protocol = (uint8_t)raw.ipv6.proto,
        .any_protocol = !(raw.ipv6.flags & IP6T_F_PROTO),
        .protocol_inverted = raw.ipv6.invflags & IP6T_INV_PROTO,
        .goes_to = raw.ipv6.flags & IP6T_F_GOTO,
        .source_inverted = raw.ipv6.invflags & IP6T_INV_SRCIP,
        .destination_inverted = raw.ipv6.invflags & IP6T_INV_DSTIP,
        .interface_inverted = raw.ipv6.invflags & IP6T_INV_VIA_IN,
    };
    memcpy(ret->interface, raw.ipv6.iniface, sizeof ret->interface);
    memcpy(ret->interface_mask, raw.ipv6.iniface_mask, sizeof ret->interface_mask);
    take_addresses(arena, packet, &raw.ipv6.src, &raw.ipv6.smsk, &raw.ipv6.dst, &raw.ipv6.dmsk,
                   ret);
    return true;
}

static void depend(struct gb_arena *arena, struct gb_filter_decision *decision, const char *what,
                   struct gb_str value, bool inverted)
{
    struct gb_str text =
        gb_str_format(arena, "%s%s " GB_PRI, inverted ? "not " : "", what, GB_ARG(value));
    decision->from = decision->from.len ? gb_str_format(arena, GB_PRI " and " GB_PRI,
                                                        GB_ARG(decision->from), GB_ARG(text))
                                        : text;
}

// Conditions of the entry itself. False when one does not hold.
static bool basics_hold(struct gb_arena *arena, const struct entry *entry,
                        const struct gb_filter_packet *packet, struct gb_filter_decision *decision)
{
    uint8_t protocol = packet->udp ? IPPROTO_UDP : IPPROTO_TCP;
    if (!entry->any_protocol && (entry->protocol == protocol) == entry->protocol_inverted)
        return false;
    if (!entry->source_any)
        depend(arena, decision, "from", entry->source, entry->source_inverted);
    if (!entry->destination_any && !packet->destination_known)
        decision->unsure = GB_STR("a condition on the destination address");
    else if (!entry->destination_any && entry->destination_equal == entry->destination_inverted)
        return false;
    if (is_zero(entry->interface_mask, 16))
        return true;
    if (packet->interface.len) {
        unsigned char name[16] = {0};
        memcpy(name, packet->interface.at, packet->interface.len < 15 ? packet->interface.len : 15);
        return equal_masked((const unsigned char *)entry->interface, name, entry->interface_mask,
                            16) != entry->interface_inverted;
    }
    struct gb_str wanted = {entry->interface, strnlen(entry->interface, 15)};
    if (gb_str_is(wanted, "lo"))
        return entry->interface_inverted;
    depend(arena, decision, "by interface", wanted, entry->interface_inverted);
    return true;
}

static bool matches_hold(struct gb_arena *arena, struct gb_str text, const struct entry *entry,
                         const struct gb_filter_packet *packet, struct gb_filter_decision *decision)
{
    size_t at = entry->head;
    while (at < entry->target_offset) {
        struct xt_entry_match head;
        struct gb_str from = {0}, unsure = {0};
        if (!take(gb_str_from(text, at), &head, sizeof head) ||
            head.u.user.match_size < sizeof head || head.u.user.match_size > text.len - at) {
            decision->unsure = GB_STR("a rule that is cut short");
            return true;
        }
        struct gb_str name = {head.u.user.name, strnlen(head.u.user.name, XT_EXTENSION_MAXNAMELEN)};
        struct gb_str info =
            gb_str_sub(text, at + sizeof head, head.u.user.match_size - sizeof head);
        int holds = gb_xt_match(arena, name, info, head.u.user.revision, packet, &from, &unsure);
        if (holds == 0)
            return false;
        if (holds < 0 && from.len)
            depend(arena, decision, "", from, false);
        if (holds < 0 && unsure.len && !decision->unsure.len)
            decision->unsure = unsure;
        at += head.u.user.match_size;
    }
    return true;
}

// Offsets are the names of chains here.
static struct gb_str chain_name(struct gb_arena *arena, size_t offset)
{
    return gb_str_format(arena, "@%zu", offset);
}

static void take_target(struct gb_filter *filter, const struct gb_filter_rule *rule,
                        const struct gb_filter_chain *chain, const struct entry *entry,
                        struct gb_filter_decision *decision, size_t *count)
{
    struct xt_standard_target target = {0};
    struct gb_str text = gb_str_from(rule->text, entry->target_offset);
    *count = 1;
    if (!take(text, &target.target, sizeof target.target)) {
        decision->verdict = GB_VERDICT_CONTINUE;
        decision->unsure = GB_STR("a rule that is cut short");
        return;
    }
    struct gb_str name = {target.target.u.user.name,
                          strnlen(target.target.u.user.name, XT_EXTENSION_MAXNAMELEN)};
    if (name.len || !take(text, &target, sizeof target)) {
        bool known = true;
        decision->verdict = gb_xt_target(name, &known);
        if (!known && !decision->unsure.len)
            decision->unsure =
                gb_str_format(filter->arena, "the target " GB_PRI " of iptables", GB_ARG(name));
        *count = decision->verdict != GB_VERDICT_CONTINUE || !known;
        // What a target does that is not known may be a drop.
        if (!known)
            decision->verdict = GB_VERDICT_DROP;
        return;
    }
    switch (target.verdict) {
    case -NF_DROP - 1:
        decision->verdict = GB_VERDICT_DROP;
        break;
    case -NF_ACCEPT - 1:
        decision->verdict = GB_VERDICT_ACCEPT;
        break;
    case -NF_QUEUE - 1:
        decision->verdict = GB_VERDICT_QUEUE;
        break;
    case XT_RETURN:
        decision->verdict = GB_VERDICT_RETURN;
        break;
    default: {
        // A jump to the next rule is what a rule without a target looks like.
        const struct gb_filter_rule *first = chain->rules;
        size_t here = (size_t)(rule->text.at - first->text.at);
        uint64_t base = 0;
        if (gb_str_to_uint(gb_str_from(chain->name, 1), 10, &base) == GB_OK &&
            target.verdict >= 0 && (uint64_t)target.verdict == base + here + entry->next_offset) {
            *count = 0;
            return;
        }
        decision->verdict = entry->goes_to ? GB_VERDICT_GOTO : GB_VERDICT_JUMP;
        decision->chain = chain_name(filter->arena, (size_t)target.verdict);
    }
    }
}

int gb_xt_rule_decide(struct gb_filter *filter, const struct gb_filter_chain *chain,
                      const struct gb_filter_rule *rule, const struct gb_filter_packet *packet,
                      struct gb_filter_decision *decisions, size_t *count)
{
    struct entry entry;
    struct gb_filter_decision *decision = &decisions[0];
    *decision = (struct gb_filter_decision){.verdict = GB_VERDICT_CONTINUE};
    *count = 0;
    bool read = packet->v6 ? read_v6(filter->arena, rule->text, packet, &entry)
                           : read_v4(filter->arena, rule->text, packet, &entry);
    if (!read || !basics_hold(filter->arena, &entry, packet, decision) ||
        !matches_hold(filter->arena, rule->text, &entry, packet, decision))
        return gb_arena_failed(filter->arena) ? GB_E_MEMORY : GB_OK;
    take_target(filter, rule, chain, &entry, decision, count);
    return gb_arena_failed(filter->arena) ? GB_E_MEMORY : GB_OK;
}

static struct gb_filter_chain *new_chain(struct gb_filter *filter, bool v6, struct gb_str table,
                                         size_t offset, uint8_t hook)
{
    struct gb_filter_chain *chain = gb_alloc(filter->arena, sizeof *chain);
    if (!chain)
        return NULL;
    if (filter->count == filter->capacity) {
        size_t capacity = filter->capacity ? filter->capacity * 2 : 16;
        struct gb_filter_chain **chains = gb_grow_array(filter->arena, filter->chains,
                                                        filter->capacity, capacity, sizeof *chains);
        if (!chains)
            return NULL;
        filter->chains = chains;
        filter->capacity = capacity;
    }
    *chain = (struct gb_filter_chain){
        .family = v6 ? GB_FILTER_IP6 : GB_FILTER_IP,
        .hook = hook,
        .legacy = true,
        .is_filter = !gb_str_is(table, "nat"),
        .priority = gb_str_is(table, "raw")      ? -300
                    : gb_str_is(table, "mangle") ? -150
                                                 : 0,
        .table = table,
        .name = chain_name(filter->arena, offset),
    };
    filter->chains[filter->count++] = chain;
    return chain;
}

static int add_entry(struct gb_filter *filter, struct gb_filter_chain *chain, struct gb_str text)
{
    if (chain->count == chain->capacity) {
        size_t capacity = chain->capacity ? chain->capacity * 2 : 8;
        struct gb_filter_rule *rules =
            gb_grow_array(filter->arena, chain->rules, chain->capacity, capacity, sizeof *rules);
        if (!rules)
            return GB_E_MEMORY;
        chain->rules = rules;
        chain->capacity = capacity;
    }
    chain->rules[chain->count++] = (struct gb_filter_rule){text};
    return GB_OK;
}

bool gb_xt_policy_drops(const struct gb_filter_chain *chain)
{
    struct gb_filter_packet nobody = {.v6 = chain->family == GB_FILTER_IP6};
    struct entry entry;
    struct xt_standard_target target;
    struct gb_str text = chain->count ? chain->rules[chain->count - 1].text : GB_STR("");
    bool read =
        nobody.v6 ? read_v6(NULL, text, &nobody, &entry) : read_v4(NULL, text, &nobody, &entry);
    return read && take(gb_str_from(text, entry.target_offset), &target, sizeof target) &&
           target.target.u.user.name[0] == '\0' && target.verdict == -NF_DROP - 1;
}

int gb_filter_parse_legacy(struct gb_filter *filter, bool v6, struct gb_str table,
                           struct gb_str hooks, struct gb_str entries)
{
    struct gb_filter_packet nobody = {.v6 = v6};
    struct gb_filter_chain *chain = NULL;
    uint32_t starts[5];
    if (!take(hooks, starts, sizeof starts))
        return GB_OK;
    for (size_t at = 0; at < entries.len;) {
        struct entry entry;
        struct gb_str text = gb_str_from(entries, at);
        if (!(v6 ? read_v6(filter->arena, text, &nobody, &entry)
                 : read_v4(filter->arena, text, &nobody, &entry)) ||
            entry.next_offset < entry.head || entry.next_offset > text.len ||
            entry.target_offset < entry.head ||
            entry.target_offset + sizeof(struct xt_entry_target) > entry.next_offset)
            return gb_arena_failed(filter->arena) ? GB_E_MEMORY : GB_OK;
        text = gb_str_sub(text, 0, entry.next_offset);
        for (uint8_t hook = 0; hook < 5; hook++)
            if (starts[hook] == at)
                chain = new_chain(filter, v6, table, at, hook);
        struct xt_entry_target target;
        memcpy(&target, text.at + entry.target_offset, sizeof target);
        // Such an entry stands before each chain that users made.
        bool head = strncmp(target.u.user.name, XT_ERROR_TARGET, XT_EXTENSION_MAXNAMELEN) == 0;
        if (head)
            chain = new_chain(filter, v6, table, at + entry.next_offset, GB_FILTER_NO_HOOK);
        else if (chain && add_entry(filter, chain, text))
            return GB_E_MEMORY;
        if (strncmp(target.u.user.name, "REDIRECT", XT_EXTENSION_MAXNAMELEN) == 0)
            filter->redirects = true;
        at += entry.next_offset;
    }
    return gb_arena_failed(filter->arena) ? GB_E_MEMORY : GB_OK;
}

static int load_table(struct gb_filter *filter, bool v6, struct gb_str table)
{
    struct gb_arena *arena = filter->arena;
    struct gb_iptables tables;
    const char *name = gb_str_c(arena, table);
    if (!name)
        return GB_E_MEMORY;
    if (filter->legacy_count == filter->legacy_capacity) {
        size_t capacity = filter->legacy_capacity ? filter->legacy_capacity * 2 : 4;
        struct gb_str *names = gb_grow_array(arena, filter->legacy_tables, filter->legacy_capacity,
                                             capacity, sizeof *names);
        if (!names)
            return GB_E_MEMORY;
        filter->legacy_tables = names;
        filter->legacy_capacity = capacity;
    }
    filter->legacy_tables[filter->legacy_count++] =
        gb_str_format(arena, "%s %s", v6 ? "ip6" : "ip", name);
    int code = gb_host_iptables(filter->host, v6, name, arena, &tables, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        filter->legacy_unread = GB_STR("rules of iptables' older interface");
        return GB_OK;
    }
    struct gb_str hooks = {(const char *)tables.hooks, sizeof tables.hooks};
    return gb_filter_parse_legacy(filter, v6, table, hooks, tables.entries);
}

int gb_filter_load_legacy(struct gb_filter *filter)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct gb_str text, line;
        const char *path = v6 ? "/proc/net/ip6_tables_names" : "/proc/net/ip_tables_names";
        int code = gb_host_read(filter->host, path, 65536, filter->arena, &text, NULL);
        if (code == GB_E_MEMORY)
            return code;
        if (code == GB_E_DENIED)
            filter->legacy_unread = GB_STR("rules of iptables' older interface");
        while (!code && gb_str_next(&text, '\n', &line))
            if (line.len && (code = load_table(filter, v6 != 0, line)) != GB_OK)
                return code;
    }
    return GB_OK;
}
