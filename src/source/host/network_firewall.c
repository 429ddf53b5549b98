// Kind "firewall": what the packet filter does by default, whose rules they are, and what would
// load rules at the next boot. Part of the network source.
#include "source/host/network.h"

#include "source/package/installed.h"

enum { QUIET_PORT = 2 }; // a port that nobody names in a rule

static struct gb_str why_not_read(const struct gb_host_network *network)
{
    return network->filter_gap;
}

static struct gb_value not_read(const struct gb_host_network *network)
{
    return gb_host_has_kernel(network->collector->host)
               ? gb_unknown(why_not_read(network))
               : gb_not_applicable(GB_STR("needs a live kernel"));
}

static struct gb_value default_of(struct gb_host_network *network, bool v6)
{
    struct gb_address any = {.family = v6 ? 6 : 4};
    struct gb_reach tcp, udp;
    if (gb_host_network_ask(network, false, &any, QUIET_PORT, &tcp) < 0 ||
        gb_host_network_ask(network, true, &any, QUIET_PORT, &udp) < 0)
        return gb_null();
    if (tcp.passage == GB_PASSAGE_NOT_UNDERSTOOD || udp.passage == GB_PASSAGE_NOT_UNDERSTOOD)
        return gb_string(GB_STR("not_understood"));
    bool drops = (tcp.passage == GB_PASSAGE_CLOSED || tcp.passage == GB_PASSAGE_LIMITED) &&
                 (udp.passage == GB_PASSAGE_CLOSED || udp.passage == GB_PASSAGE_LIMITED);
    return gb_string(drops ? GB_STR("drop") : GB_STR("accept"));
}

static bool has_ipv6(const struct gb_host_network *network)
{
    for (size_t i = 0; i < network->interfaces.count; i++)
        for (size_t k = 0; k < network->interfaces.items[i].address_count; k++) {
            const struct gb_interface_address *entry = &network->interfaces.items[i].addresses[k];
            if (entry->network.address.family == 6 && entry->scope != GB_SCOPE_LOOPBACK)
                return true;
        }
    return !network->interfaces_known;
}

static bool loopback_accepted(struct gb_host_network *network)
{
    struct gb_filter_packet packet = {.port = QUIET_PORT,
                                      .interface = GB_STR("lo"),
                                      .interface_index = 1,
                                      .destination_known = true,
                                      .destination = {127, 0, 0, 1}};
    struct gb_filter_answer answer;
    return gb_filter_ask(&network->filter, &packet, &answer) == GB_OK &&
           answer.passage != GB_FILTER_CLOSED;
}

static bool forward_drops(const struct gb_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct gb_filter_chain *chain = filter->chains[i];
        if (chain->hook == GB_FILTER_FORWARD && chain->is_filter && chain->drops)
            return true;
    }
    return false;
}

// Programs give themselves away by the names of their tables and chains.
static void put_managers(struct gb_host_network *network, struct gb_facts *facts)
{
    static const struct {
        const char *prefix, *name;
        bool table;
    } signs[] = {
        {"DOCKER", "docker", false},      {"f2b-", "fail2ban", false},
        {"firewalld", "firewalld", true}, {"KUBE-", "kubernetes", false},
        {"LIBVIRT_", "libvirt", false},   {"ufw", "ufw", false},
    };
    struct gb_list *list = gb_list_new(network->collector->arena);
    for (size_t s = 0; s < sizeof signs / sizeof signs[0]; s++)
        for (size_t i = 0; i < network->filter.count; i++) {
            const struct gb_filter_chain *chain = network->filter.chains[i];
            if (!gb_str_starts(signs[s].table ? chain->table : chain->name,
                               gb_str_of(signs[s].prefix)))
                continue;
            gb_fact_add_text(facts, list, gb_str_of(signs[s].name), GB_STR(""), 0);
            break;
        }
    gb_fact(facts, "managers", gb_list_of(list));
}

static struct gb_value texts(const struct gb_facts *facts, const struct gb_str *items, size_t count)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    for (size_t i = 0; i < count; i++)
        gb_fact_add_text(facts, list, items[i], GB_STR(""), 0);
    return gb_list_of(list);
}

static bool legacy_filters(const struct gb_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct gb_filter_chain *chain = filter->chains[i];
        // Each base chain has a last rule, its policy.
        if (chain->legacy && chain->is_filter && chain->hook == GB_FILTER_INPUT && chain->count > 1)
            return true;
    }
    return false;
}

static bool nftables_filters(const struct gb_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct gb_filter_chain *chain = filter->chains[i];
        if (!chain->legacy && chain->is_filter && chain->hook == GB_FILTER_INPUT &&
            (chain->count || chain->drops))
            return true;
    }
    return false;
}

static void put_rules(struct gb_host_network *network, struct gb_facts *facts)
{
    static const char *const from_kernel[] = {
        "filtering",      "default_ipv4", "default_ipv6", "loopback_accepted",
        "forward_policy", "tables",       "rules",        "legacy_tables",
        "mixed",          "managers"};
    struct gb_filter *filter = &network->filter;
    if (network->filter_code && network->filter_code != GB_E_UNSUPPORTED) {
        for (size_t i = 0; i < sizeof from_kernel / sizeof from_kernel[0]; i++)
            gb_fact(facts, from_kernel[i], not_read(network));
        return;
    }
    if (!gb_host_has_kernel(network->collector->host)) {
        for (size_t i = 0; i < sizeof from_kernel / sizeof from_kernel[0]; i++)
            gb_fact(facts, from_kernel[i], not_read(network));
        return;
    }
    struct gb_str where = GB_STR("netlink:nftables");
#define PUT(name, value) gb_fact(facts, name, gb_fact_at(facts, value, where, 0))
    PUT("filtering", gb_bool(network->filters));
    PUT("default_ipv4", default_of(network, false));
    PUT("default_ipv6", has_ipv6(network)
                            ? default_of(network, true)
                            : gb_not_applicable(GB_STR("no interface has an IPv6 address")));
    PUT("loopback_accepted", gb_bool(loopback_accepted(network)));
    PUT("forward_policy", gb_string(forward_drops(filter) ? GB_STR("drop") : GB_STR("accept")));
    PUT("tables", texts(facts, filter->tables, filter->table_name_count));
    PUT("rules", gb_int((int64_t)filter->rule_count));
    PUT("legacy_tables", texts(facts, filter->legacy_tables, filter->legacy_count));
    PUT("mixed", gb_bool(nftables_filters(filter) && legacy_filters(filter)));
#undef PUT
    put_managers(network, facts);
}

// ---- what loads rules at boot -----------------------------------------------------------------

static bool file_has(struct gb_host_network *network, const char *path, const char *const *words,
                     size_t count, struct gb_str *unread)
{
    struct gb_collector *collector = network->collector;
    struct gb_str text, line;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND)
        return false;
    if (code) {
        *unread = gb_unread_reason(collector, path, code);
        return false;
    }
    while (gb_str_next(&text, '\n', &line)) {
        ptrdiff_t comment = gb_str_find_char(line, '#');
        if (comment >= 0)
            line = gb_str_sub(line, 0, (size_t)comment);
        for (size_t i = 0; i < count; i++)
            if (gb_str_contains(line, gb_str_of(words[i])))
                return true;
    }
    return false;
}

static bool nft_files_filter(struct gb_host_network *network, struct gb_str *unread)
{
    static const char *const words[] = {"policy drop", "drop", "reject"};
    // Included files are looked into by their usual places.
    static const char *const paths[] = {"/etc/nftables.conf", "/etc/sysconfig/nftables.conf"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (file_has(network, paths[i], words, sizeof words / sizeof words[0], unread))
            return true;
    struct gb_dir_entry *entries;
    size_t count;
    if (gb_host_list(network->collector->host, "/etc/nftables.d", 256, network->collector->scratch,
                     &entries, &count, NULL) < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct gb_str path = gb_str_format(network->collector->scratch, "/etc/nftables.d/" GB_PRI,
                                           GB_ARG(entries[i].name));
        if (path.at && file_has(network, path.at, words, sizeof words / sizeof words[0], unread))
            return true;
    }
    return false;
}

static bool ufw_filters(struct gb_host_network *network, struct gb_str *unread)
{
    static const char *const words[] = {"ENABLED=yes", "ENABLED=\"yes\"", "ENABLED=Yes"};
    return file_has(network, "/etc/ufw/ufw.conf", words, sizeof words / sizeof words[0], unread);
}

static bool saved_rules_filter(struct gb_host_network *network, struct gb_str *unread)
{
    static const char *const words[] = {":INPUT DROP", "-j DROP", "-j REJECT"};
    return file_has(network, "/etc/iptables/rules.v4", words, sizeof words / sizeof words[0],
                    unread);
}

static bool always(struct gb_host_network *network, struct gb_str *unread)
{
    (void)network;
    (void)unread;
    return true;
}

static struct gb_value unit_at_boot(const struct gb_host_network *network, const char *name)
{
    struct gb_str id = gb_str_format(network->collector->scratch, "unit:%s", name);
    const struct gb_resource *unit = gb_collection_find(network->collector->all, id);
    const struct gb_value *state = unit ? gb_map_find(unit->props, GB_STR("state")) : NULL;
    struct gb_str text = gb_value_str_or(state, GB_STR(""));
    struct gb_value value =
        gb_bool(gb_str_is(text, "enabled") || gb_str_is(text, "enabled-runtime") ||
                gb_str_is(text, "generated"));
    return state ? gb_at(value, state->origin) : value;
}

static void put_front_ends(struct gb_host_network *network, struct gb_facts *facts)
{
    static const struct {
        const char *name, *package, *unit;
        bool (*filters)(struct gb_host_network *network, struct gb_str *unread);
    } front_ends[] = {
        {"nftables", "nftables", "nftables.service", nft_files_filter},
        {"ufw", "ufw", "ufw.service", ufw_filters},
        {"firewalld", "firewalld", "firewalld.service", always},
        {"netfilter-persistent", "netfilter-persistent", "netfilter-persistent.service",
         saved_rules_filter},
        {"shorewall", "shorewall", "shorewall.service", always},
        {"ferm", "ferm", "ferm.service", always},
    };
    struct gb_list *list = gb_list_new(network->collector->arena);
    struct gb_str unread = {0};
    bool boot_rules = false;
    for (size_t i = 0; i < sizeof front_ends / sizeof front_ends[0]; i++) {
        if (gb_package_installed(network->collector, front_ends[i].package) != GB_INSTALLED_YES)
            continue;
        struct gb_facts record = gb_facts_record(network->collector);
        struct gb_value enabled = unit_at_boot(network, front_ends[i].unit);
        bool filters = front_ends[i].filters(network, &unread);
        gb_fact(&record, "name", gb_at(gb_string(gb_str_of(front_ends[i].name)), enabled.origin));
        gb_fact(&record, "enabled", enabled);
        gb_fact(&record, "filters", unread.len ? gb_unknown(unread) : gb_bool(filters));
        gb_list_add(network->collector->arena, list, gb_map_of(record.props));
        boot_rules = boot_rules || (enabled.boolean && filters);
    }
    gb_fact(facts, "front_ends", gb_list_of(list));
    gb_fact(facts, "boot_rules",
            !boot_rules && unread.len ? gb_unknown(unread) : gb_bool(boot_rules));
}

void gb_host_network_put_firewall(struct gb_host_network *network)
{
    struct gb_facts facts =
        gb_facts(network->collector,
                 gb_collection_add(network->collector->all, GB_STR("firewall"), GB_STR("")));
    put_rules(network, &facts);
    put_front_ends(network, &facts);
}
