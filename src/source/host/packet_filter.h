// The kernel's packet filter as it stands: nftables rules over netlink, legacy iptables rules
// beside them, and the answer to "does a new connection to this port get through, and from where?".
// The front end that wrote the rules (nft, iptables, ufw, firewalld) does not matter. Used by the
// network source.
//
// How a rule is judged: what is known of a new connection from elsewhere (protocol, port,
// interface, connection state "new", TCP SYN) decides exactly; a condition on where it comes from
// makes the answer "limited"; a condition that cannot be known (marks, time, sets filled by
// programs) makes it unsure. An unsure drop is no drop: exposure is rather shown too large than too
// small.
//
// Not seen: filters in BPF programs (XDP, tc, cgroup), bridges, and what other network namespaces
// do.
#ifndef GABION_SOURCE_HOST_PACKET_FILTER_H
#define GABION_SOURCE_HOST_PACKET_FILTER_H

#include "base/map.h"
#include "sys/host.h"

// As the kernel numbers them (NFPROTO_*).
enum {
    GB_FILTER_INET = 1,
    GB_FILTER_IP = 2,
    GB_FILTER_NETDEV = 5,
    GB_FILTER_BRIDGE = 7,
    GB_FILTER_IP6 = 10,
};

enum gb_filter_hook { // of the families for IP
    GB_FILTER_PREROUTING,
    GB_FILTER_INPUT,
    GB_FILTER_FORWARD,
    GB_FILTER_OUTPUT,
    GB_FILTER_POSTROUTING,
    GB_FILTER_INGRESS,
    GB_FILTER_NO_HOOK = 255,
};

struct gb_filter_rule {
    struct gb_str text; // nftables: nested attributes; legacy: one struct ipt_entry or ip6t_entry
};

struct gb_filter_chain {
    uint8_t family, hook; // hook GB_FILTER_NO_HOOK: called by others only
    bool legacy;          // of iptables; its chain names are offsets
    bool drops;           // policy
    bool is_filter;       // type "filter"; not "nat" or "route"
    bool devices;         // ingress: holds for named interfaces only
    int32_t priority;
    struct gb_str table, name;
    struct gb_filter_rule *rules;
    size_t count, capacity;
};

struct gb_filter_element {
    struct gb_str key, key_end; // key_end: of ranges in concatenations
    struct gb_str chain;        // of a verdict with a chain
    int32_t verdict;            // of a map to verdicts
    bool has_verdict;
    bool ends_interval, catch_all;
};

struct gb_filter_set {
    uint8_t family;
    bool intervals, loaded, broken;
    struct gb_str table, name;
    struct gb_filter_element *elements;
    size_t count, capacity;
};

struct gb_filter {
    const struct gb_host *host;
    struct gb_arena *arena;
    struct gb_filter_chain **chains;
    size_t count, capacity;
    struct gb_filter_set **sets;
    size_t set_count, set_capacity;
    size_t table_count, rule_count; // of nftables
    struct gb_str *tables;          // "inet filter", in order of the kernel
    size_t table_name_count, table_capacity;
    struct gb_str *dormant; // those that are switched off
    size_t dormant_count, dormant_capacity;
    struct gb_str *legacy_tables; // "ip filter", "ip6 nat"
    size_t legacy_count, legacy_capacity;
    struct gb_str legacy_unread; // why legacy rules that are there could not be read; "" = fine
    bool redirects;              // nat rules send packets to other ports of this host
};

// Reads all of it. Errors: GB_E_DENIED (needs root), GB_E_UNSUPPORTED (no kernel, or a kernel
// without nftables and iptables: *absent is set), GB_E_LIMIT, GB_E_MEMORY.
GB_MUST_USE int gb_filter_load(const struct gb_host *host, struct gb_arena *arena,
                               struct gb_filter *ret, struct gb_error *err);

// Parsers of the answers to NFT_MSG_GETTABLE, GETCHAIN, GETRULE, GETSET and GETSETELEM.
GB_MUST_USE int gb_filter_parse(struct gb_filter *filter, struct gb_str answer);
GB_MUST_USE int gb_filter_parse_elements(struct gb_filter *filter, struct gb_filter_set *set,
                                         struct gb_str answer);

struct gb_filter_packet {
    bool udp, v6;
    uint16_t port;
    struct gb_str interface; // by which it comes; "" = not known
    uint32_t interface_index;
    bool destination_known;
    unsigned char destination[16];
};

enum gb_filter_passage {
    GB_FILTER_OPEN,    // from everywhere
    GB_FILTER_LIMITED, // from some sources
    GB_FILTER_CLOSED,
};

struct gb_filter_answer {
    enum gb_filter_passage passage;
    struct gb_str *sources; // of LIMITED: "from 10.0.0.0/8"
    size_t source_count, source_capacity;
    struct gb_str unsure; // what was not understood and could change the answer; "" = nothing
};

// Does it get to a socket of this host? GB_E_MEMORY is the only error.
GB_MUST_USE int gb_filter_ask(struct gb_filter *filter, const struct gb_filter_packet *packet,
                              struct gb_filter_answer *ret);

// ---- inside: how one rule is judged -----------------------------------------------------------

enum { // verdicts as nftables numbers them
    GB_VERDICT_DROP = 0,
    GB_VERDICT_ACCEPT = 1,
    GB_VERDICT_QUEUE = 3,
    GB_VERDICT_CONTINUE = -1,
    GB_VERDICT_BREAK = -2,
    GB_VERDICT_JUMP = -3,
    GB_VERDICT_GOTO = -4,
    GB_VERDICT_RETURN = -5,
};

struct gb_filter_decision {
    int32_t verdict;
    struct gb_str chain;  // of jump and goto
    struct gb_str from;   // a condition on the source: "from 10.0.0.0/8"; "" = none
    struct gb_str unsure; // a condition that cannot be known; "" = none
};

enum { GB_FILTER_MAX_DECISIONS = 64 };

// What a rule does with the packet: no decision when a condition does not hold, several for a map
// whose key is not known. *count beyond the maximum is cut and unsure.
GB_MUST_USE int gb_nft_rule_decide(struct gb_filter *filter, const struct gb_filter_chain *chain,
                                   const struct gb_filter_rule *rule,
                                   const struct gb_filter_packet *packet,
                                   struct gb_filter_decision *decisions, size_t *count);
GB_MUST_USE int gb_xt_rule_decide(struct gb_filter *filter, const struct gb_filter_chain *chain,
                                  const struct gb_filter_rule *rule,
                                  const struct gb_filter_packet *packet,
                                  struct gb_filter_decision *decisions, size_t *count);

// A match of iptables by its name, also as nftables carries it: 1 holds, 0 does not; -1 when it
// depends: on the source (*from), or on something that cannot be known (*unsure).
int gb_xt_match(struct gb_arena *arena, struct gb_str name, struct gb_str info, unsigned revision,
                const struct gb_filter_packet *packet, struct gb_str *from, struct gb_str *unsure);
// A target by its name: the verdict; GB_VERDICT_CONTINUE for those that only log or mark.
int32_t gb_xt_target(struct gb_str name, bool *known);

// Does the last rule of a legacy base chain, its policy, drop?
bool gb_xt_policy_drops(const struct gb_filter_chain *chain);

// Elements of a set, loaded when first asked for. NULL when there is no such set; `broken` is set
// when they could not be read.
struct gb_filter_set *gb_filter_find_set(struct gb_filter *filter, uint8_t family,
                                         struct gb_str table, struct gb_str name);

// Reads the tables of iptables' older interface that the kernel has loaded. GB_E_MEMORY only.
GB_MUST_USE int gb_filter_load_legacy(struct gb_filter *filter);
// The answer of IPT_SO_GET_ENTRIES (or its IPv6 sister).
GB_MUST_USE int gb_filter_parse_legacy(struct gb_filter *filter, bool v6, struct gb_str table,
                                       struct gb_str hooks, struct gb_str entries);

#endif
