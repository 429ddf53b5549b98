// Reads the rules of nftables over netlink: tables, chains, rules, sets. See packet_filter.h.
#include "source/host/attributes.h"
#include "source/host/kernel_parts.h"
#include "source/host/packet_filter.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>

enum {
    MAX_ANSWER_BYTES = 32 << 20,
    MAX_CHAINS = 65536,
    MAX_RULES = 262144,
    MAX_SETS = 16384,
    MAX_ELEMENTS = 65536, // of one set
};

struct question {
    struct nlmsghdr header;
    struct nfgenmsg family;
    unsigned char attributes[256];
};

static struct question ask_for(uint16_t message, uint8_t family)
{
    struct question question = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof question.family),
                   .nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message),
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                   .nlmsg_seq = 1},
        .family = {.nfgen_family = family, .version = NFNETLINK_V0},
    };
    return question;
}

// False when it does not fit.
static bool add_text(struct question *question, uint16_t type, struct gb_str text)
{
    size_t used = question->header.nlmsg_len - (size_t)NLMSG_LENGTH(sizeof question->family);
    struct nlattr header = {.nla_len = (uint16_t)(sizeof header + text.len + 1), .nla_type = type};
    if (text.len > 128 || used + (size_t)NLA_ALIGN(header.nla_len) > sizeof question->attributes)
        return false;
    memcpy(question->attributes + used, &header, sizeof header);
    memcpy(question->attributes + used + sizeof header, text.at, text.len);
    question->header.nlmsg_len += (uint32_t)NLA_ALIGN(header.nla_len);
    return true;
}

#define GROW(filter, items, count, capacity)                                                       \
    grow((filter)->arena, (void **)&(filter)->items, (filter)->count, &(filter)->capacity,         \
         sizeof *(filter)->items)

static int grow(struct gb_arena *arena, void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return GB_OK;
    size_t larger = *capacity ? *capacity * 2 : 16;
    void *grown = gb_grow_array(arena, *items, *capacity, larger, size);
    if (!grown)
        return GB_E_MEMORY;
    *items = grown;
    *capacity = larger;
    return GB_OK;
}

static const char *family_name(uint8_t family)
{
    switch (family) {
    case GB_FILTER_INET:
        return "inet";
    case GB_FILTER_IP:
        return "ip";
    case GB_FILTER_IP6:
        return "ip6";
    case GB_FILTER_NETDEV:
        return "netdev";
    case GB_FILTER_BRIDGE:
        return "bridge";
    default:
        return "arp";
    }
}

static int take_table(struct gb_filter *filter, uint8_t family, struct gb_str attributes)
{
    struct gb_str name = gb_attribute_text(gb_attribute(attributes, NFTA_TABLE_NAME));
    if (GROW(filter, tables, table_name_count, table_capacity))
        return GB_E_MEMORY;
    filter->table_count++;
    if (gb_attribute_be32(gb_attribute(attributes, NFTA_TABLE_FLAGS), 0) & NFT_TABLE_F_DORMANT) {
        if (GROW(filter, dormant, dormant_count, dormant_capacity))
            return GB_E_MEMORY;
        filter->dormant[filter->dormant_count++] =
            gb_str_format(filter->arena, "%s " GB_PRI, family_name(family), GB_ARG(name));
    }
    filter->tables[filter->table_name_count++] =
        gb_str_format(filter->arena, "%s " GB_PRI, family_name(family), GB_ARG(name));
    return GB_OK;
}

static uint8_t hook_of(uint8_t family, uint32_t number)
{
    if (family == GB_FILTER_NETDEV)
        return GB_FILTER_INGRESS;
    return number <= GB_FILTER_INGRESS ? (uint8_t)number : GB_FILTER_NO_HOOK;
}

// Chains of a table that is switched off see no packets.
static bool is_dormant(const struct gb_filter *filter, uint8_t family, struct gb_str table)
{
    size_t prefix = strlen(family_name(family));
    for (size_t i = 0; i < filter->dormant_count; i++)
        if (gb_str_eq(gb_str_sub(filter->dormant[i], 0, prefix), gb_str_of(family_name(family))) &&
            gb_str_eq(gb_str_from(filter->dormant[i], prefix + 1), table))
            return true;
    return false;
}

static int take_chain(struct gb_filter *filter, uint8_t family, struct gb_str attributes)
{
    struct gb_filter_chain *chain = gb_alloc(filter->arena, sizeof *chain);
    if (filter->count == MAX_CHAINS)
        return GB_E_LIMIT;
    if (!chain || GROW(filter, chains, count, capacity))
        return GB_E_MEMORY;
    struct gb_str hook = gb_attribute(attributes, NFTA_CHAIN_HOOK);
    struct gb_str type = gb_attribute_text(gb_attribute(attributes, NFTA_CHAIN_TYPE));
    *chain = (struct gb_filter_chain){
        .family = family,
        .hook = GB_FILTER_NO_HOOK,
        .table = gb_attribute_text(gb_attribute(attributes, NFTA_CHAIN_TABLE)),
        .name = gb_attribute_text(gb_attribute(attributes, NFTA_CHAIN_NAME)),
        .is_filter = gb_str_is(type, "filter"),
        .drops = gb_attribute_be32(gb_attribute(attributes, NFTA_CHAIN_POLICY), 1) == 0,
    };
    if (hook.len && !is_dormant(filter, family, chain->table)) {
        chain->hook = hook_of(family, gb_attribute_be32(gb_attribute(hook, NFTA_HOOK_HOOKNUM), 99));
        chain->priority = (int32_t)gb_attribute_be32(gb_attribute(hook, NFTA_HOOK_PRIORITY), 0);
        chain->devices = gb_attribute(hook, NFTA_HOOK_DEV).len != 0 ||
                         gb_attribute(hook, NFTA_HOOK_DEVS).len != 0;
    }
    filter->chains[filter->count++] = chain;
    return GB_OK;
}

static struct gb_filter_chain *chain_of_rule(struct gb_filter *filter, uint8_t family,
                                             struct gb_str table, struct gb_str name)
{
    for (size_t i = filter->count; i--;) { // rules come in the order of chains
        struct gb_filter_chain *chain = filter->chains[i];
        if (chain->family == family && !chain->legacy && gb_str_eq(chain->name, name) &&
            gb_str_eq(chain->table, table))
            return chain;
    }
    return NULL;
}

static bool has_expression(struct gb_str expressions, const char *name)
{
    uint16_t type;
    struct gb_str one;
    while (gb_attribute_next(&expressions, &type, &one))
        if (type == NFTA_LIST_ELEM &&
            gb_str_is(gb_attribute_text(gb_attribute(one, NFTA_EXPR_NAME)), name))
            return true;
    return false;
}

static int take_rule(struct gb_filter *filter, uint8_t family, struct gb_str attributes)
{
    struct gb_str expressions = gb_attribute(attributes, NFTA_RULE_EXPRESSIONS);
    struct gb_filter_chain *chain =
        chain_of_rule(filter, family, gb_attribute_text(gb_attribute(attributes, NFTA_RULE_TABLE)),
                      gb_attribute_text(gb_attribute(attributes, NFTA_RULE_CHAIN)));
    if (filter->rule_count == MAX_RULES)
        return GB_E_LIMIT;
    filter->rule_count++;
    if (!chain)
        return GB_OK;
    if (grow(filter->arena, (void **)&chain->rules, chain->count, &chain->capacity,
             sizeof *chain->rules))
        return GB_E_MEMORY;
    chain->rules[chain->count++] = (struct gb_filter_rule){expressions};
    if (!chain->is_filter && has_expression(expressions, "redir"))
        filter->redirects = true;
    return GB_OK;
}

static int take_set(struct gb_filter *filter, uint8_t family, struct gb_str attributes)
{
    struct gb_filter_set *set = gb_alloc(filter->arena, sizeof *set);
    if (filter->set_count == MAX_SETS)
        return GB_E_LIMIT;
    if (!set || GROW(filter, sets, set_count, set_capacity))
        return GB_E_MEMORY;
    uint32_t flags = gb_attribute_be32(gb_attribute(attributes, NFTA_SET_FLAGS), 0);
    *set = (struct gb_filter_set){
        .family = family,
        .intervals = flags & NFT_SET_INTERVAL,
        .table = gb_attribute_text(gb_attribute(attributes, NFTA_SET_TABLE)),
        .name = gb_attribute_text(gb_attribute(attributes, NFTA_SET_NAME)),
    };
    filter->sets[filter->set_count++] = set;
    return GB_OK;
}

int gb_filter_parse(struct gb_filter *filter, struct gb_str answer)
{
    struct nlmsghdr header;
    struct gb_str body;
    while (gb_netlink_next(&answer, &header, &body)) {
        struct nfgenmsg message;
        if (header.nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES || body.len < sizeof message)
            continue;
        memcpy(&message, body.at, sizeof message);
        struct gb_str attributes = gb_str_from(body, NLMSG_ALIGN(sizeof message));
        int code = GB_OK;
        switch (header.nlmsg_type & 0xff) {
        case NFT_MSG_NEWTABLE:
            code = take_table(filter, message.nfgen_family, attributes);
            break;
        case NFT_MSG_NEWCHAIN:
            code = take_chain(filter, message.nfgen_family, attributes);
            break;
        case NFT_MSG_NEWRULE:
            code = take_rule(filter, message.nfgen_family, attributes);
            break;
        case NFT_MSG_NEWSET:
            code = take_set(filter, message.nfgen_family, attributes);
            break;
        default:
            break;
        }
        if (code)
            return code;
    }
    return GB_OK;
}

// ---- elements of sets -------------------------------------------------------------------------

static int take_element(struct gb_filter *filter, struct gb_filter_set *set,
                        struct gb_str attributes)
{
    if (set->count == MAX_ELEMENTS) {
        set->broken = true;
        return GB_OK;
    }
    if (grow(filter->arena, (void **)&set->elements, set->count, &set->capacity,
             sizeof *set->elements))
        return GB_E_MEMORY;
    uint32_t flags = gb_attribute_be32(gb_attribute(attributes, NFTA_SET_ELEM_FLAGS), 0);
    struct gb_str verdict =
        gb_attribute(gb_attribute(attributes, NFTA_SET_ELEM_DATA), NFTA_DATA_VERDICT);
    set->elements[set->count++] = (struct gb_filter_element){
        .key = gb_attribute(gb_attribute(attributes, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE),
        .key_end = gb_attribute(gb_attribute(attributes, NFTA_SET_ELEM_KEY_END), NFTA_DATA_VALUE),
        .chain = gb_attribute_text(gb_attribute(verdict, NFTA_VERDICT_CHAIN)),
        .verdict = (int32_t)gb_attribute_be32(gb_attribute(verdict, NFTA_VERDICT_CODE), 0),
        .has_verdict = verdict.len != 0,
        .ends_interval = flags & NFT_SET_ELEM_INTERVAL_END,
        .catch_all = flags & NFT_SET_ELEM_CATCHALL,
    };
    return GB_OK;
}

int gb_filter_parse_elements(struct gb_filter *filter, struct gb_filter_set *set,
                             struct gb_str answer)
{
    struct nlmsghdr header;
    struct gb_str body, one;
    uint16_t type;
    while (gb_netlink_next(&answer, &header, &body)) {
        if (header.nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
            continue;
        struct gb_str list = gb_attribute(gb_str_from(body, NLMSG_ALIGN(sizeof(struct nfgenmsg))),
                                          NFTA_SET_ELEM_LIST_ELEMENTS);
        while (gb_attribute_next(&list, &type, &one))
            if (type == NFTA_LIST_ELEM && take_element(filter, set, one))
                return GB_E_MEMORY;
    }
    return GB_OK;
}

static int load_elements(struct gb_filter *filter, struct gb_filter_set *set)
{
    struct question question = ask_for(NFT_MSG_GETSETELEM, set->family);
    char recording[160];
    int written = snprintf(recording, sizeof recording, "nftables-elements-" GB_PRI "-" GB_PRI,
                           GB_ARG(set->table), GB_ARG(set->name));
    set->loaded = true;
    if (written < 0 || (size_t)written >= sizeof recording ||
        strpbrk(recording, "/") || // names of sets are free text
        !add_text(&question, NFTA_SET_ELEM_LIST_TABLE, set->table) ||
        !add_text(&question, NFTA_SET_ELEM_LIST_SET, set->name)) {
        set->broken = true;
        return GB_OK;
    }
    struct gb_str answer;
    int code =
        gb_host_netlink(filter->host, recording, NETLINK_NETFILTER, &question,
                        question.header.nlmsg_len, MAX_ANSWER_BYTES, filter->arena, &answer, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        set->broken = true;
        return GB_OK;
    }
    return gb_filter_parse_elements(filter, set, answer);
}

struct gb_filter_set *gb_filter_find_set(struct gb_filter *filter, uint8_t family,
                                         struct gb_str table, struct gb_str name)
{
    for (size_t i = 0; i < filter->set_count; i++) {
        struct gb_filter_set *set = filter->sets[i];
        if (set->family != family || !gb_str_eq(set->name, name) || !gb_str_eq(set->table, table))
            continue;
        if (!set->loaded && filter->host && load_elements(filter, set))
            set->broken = true; // memory: sticky in the arena
        return set;
    }
    return NULL;
}

// ---- all of it --------------------------------------------------------------------------------

int gb_filter_load(const struct gb_host *host, struct gb_arena *arena, struct gb_filter *ret,
                   struct gb_error *err)
{
    static const struct {
        uint16_t message;
        const char *recording;
    } questions[] = {
        {NFT_MSG_GETTABLE, "nftables-tables"},
        {NFT_MSG_GETCHAIN, "nftables-chains"},
        {NFT_MSG_GETRULE, "nftables-rules"},
        {NFT_MSG_GETSET, "nftables-sets"},
    };
    *ret = (struct gb_filter){.host = host, .arena = arena};
    bool is_there = gb_kernel_part_is_there(host, arena, "nf_tables");
    for (size_t i = 0; i < sizeof questions / sizeof questions[0] && is_there; i++) {
        struct question question = ask_for(questions[i].message, 0);
        struct gb_str answer;
        int code =
            gb_host_netlink(host, questions[i].recording, NETLINK_NETFILTER, &question,
                            question.header.nlmsg_len, MAX_ANSWER_BYTES, arena, &answer, err);
        if (!code)
            code = gb_filter_parse(ret, answer);
        if (code)
            return code;
        if (ret->table_count == 0) // nothing can follow
            break;
    }
    return gb_filter_load_legacy(ret);
}
