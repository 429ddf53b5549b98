// The network of this host: interfaces, packet filter and the ports that wait for others with the
// processes behind them (kinds "interface", "firewall", "listener"). Runs after the processes and
// units, whose facts it joins.
#include "source/host/network.h"

#include "source/host/sockets.h"

#include <stdio.h>

enum { MAX_PORT_RANGE_BYTES = 64 };

static const char *const kinds[] = {"listener", "firewall", "interface", NULL};

// ---- interfaces -------------------------------------------------------------------------------

static const char *scope_name(enum gb_scope scope)
{
    static const char *const names[] = {"loopback", "link", "private", "public", "any"};
    return names[scope];
}

static bool is_wireless(const struct gb_host *host, struct gb_str name)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/class/net/%.15s/wireless", name.at);
    if (gb_host_exists(host, path))
        return true;
    snprintf(path, sizeof path, "/sys/class/net/%.15s/phy80211", name.at);
    return gb_host_exists(host, path);
}

static void put_interface(struct gb_host_network *network, const struct gb_interface *one)
{
    struct gb_collector *collector = network->collector;
    struct gb_value name = gb_string_clean(collector->arena, one->name);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("interface"), name.string));
    struct gb_list *addresses = gb_list_new(collector->arena);
    const char *scope = "none";
    int widest = -1;
    for (size_t i = 0; i < one->address_count; i++) {
        const struct gb_interface_address *entry = &one->addresses[i];
        char text[GB_NETWORK_SIZE];
        size_t len = gb_network_text(&entry->network, text);
        gb_list_add(collector->arena, addresses,
                    gb_string(gb_str_copy(collector->arena, (struct gb_str){text, len})));
        if ((int)entry->scope > widest) {
            widest = (int)entry->scope;
            scope = scope_name(entry->scope);
        }
    }
    gb_fact(&facts, "name", name);
    gb_fact(&facts, "index", gb_int(one->index));
    gb_fact(&facts, "type", gb_fact_text(&facts, one->type));
    gb_fact(&facts, "up", gb_bool(one->up));
    gb_fact(&facts, "running", gb_bool(one->running));
    gb_fact(&facts, "wireless", gb_bool(is_wireless(collector->host, one->name)));
    gb_fact(&facts, "promiscuous",
            gb_fact_at(&facts, gb_bool(one->promiscuous), GB_STR("netlink:route"), 0));
    if (one->master.len)
        gb_fact(&facts, "master", gb_fact_text(&facts, one->master));
    gb_fact(&facts, "addresses", gb_list_of(addresses));
    gb_fact(&facts, "scope", gb_string(gb_str_of(scope)));
}

static int collect_interfaces(struct gb_host_network *network, struct gb_error *err)
{
    struct gb_collector *collector = network->collector;
    struct gb_error failure = {0};
    int code =
        gb_interfaces_list(collector->host, collector->arena, &network->interfaces, &failure);
    if (code == GB_E_MEMORY)
        return gb_error_set(err, code, "no memory for the interfaces");
    network->interfaces_known = code == GB_OK;
    if (code) {
        gb_collection_gap(collector->all, GB_STR("interface"),
                          gb_unread_reason(collector, "netlink:route", code));
        return GB_OK;
    }
    gb_collection_complete(collector->all, GB_STR("interface"));
    for (size_t i = 0; i < network->interfaces.count; i++)
        put_interface(network, &network->interfaces.items[i]);
    return GB_OK;
}

// ---- packet filter ----------------------------------------------------------------------------

static bool can_refuse(const struct gb_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct gb_filter_chain *chain = filter->chains[i];
        bool on_the_way = chain->hook == GB_FILTER_INPUT || chain->hook == GB_FILTER_PREROUTING ||
                          chain->hook == GB_FILTER_INGRESS;
        // The last rule of a legacy chain is its policy.
        size_t rules = chain->legacy && chain->count ? chain->count - 1 : chain->count;
        if (on_the_way && chain->is_filter && (rules || chain->drops))
            return true;
        if (on_the_way && chain->legacy && chain->count && gb_xt_policy_drops(chain))
            return true;
    }
    return filter->legacy_unread.len != 0;
}

static int load_filter(struct gb_host_network *network, struct gb_error *err)
{
    struct gb_collector *collector = network->collector;
    struct gb_error failure = {0};
    int code = gb_filter_load(collector->host, collector->arena, &network->filter, &failure);
    if (code == GB_E_MEMORY)
        return gb_error_set(err, code, "no memory for the rules of the packet filter");
    network->filter_code = code;
    if (code == GB_E_DENIED && !gb_host_is_root(collector->host))
        network->filter_gap = GB_STR("needs root: rules of the packet filter");
    else if (code)
        network->filter_gap =
            gb_str_format(collector->arena, "rules of the packet filter: %s",
                          failure.reason[0] ? failure.reason : gb_code_name(code));
    network->filters = !code && can_refuse(&network->filter);
    return GB_OK;
}

// ---- listeners --------------------------------------------------------------------------------

struct port_range {
    uint64_t first, last;
};

static struct port_range outgoing_ports(struct gb_collector *collector)
{
    struct port_range range = {32768, 60999};
    struct gb_str text, word;
    uint64_t numbers[2];
    if (gb_host_read(collector->host, "/proc/sys/net/ipv4/ip_local_port_range",
                     MAX_PORT_RANGE_BYTES, collector->scratch, &text, NULL) < 0)
        return range;
    text = gb_str_trim(text);
    for (int i = 0; i < 2; i++)
        if (!gb_str_next_word(&text, &word) || gb_str_to_uint(word, 10, &numbers[i]) < 0)
            return range;
    return (struct port_range){numbers[0], numbers[1]};
}

static void copy_fact(struct gb_facts *facts, const char *name, const struct gb_resource *from)
{
    const struct gb_value *value = gb_map_find(from->props, gb_str_of(name));
    if (value)
        gb_fact(facts, name, *value);
}

// The socket unit that systemd holds a port for.
static struct gb_str socket_unit(const struct gb_collection *all, const struct gb_socket *socket)
{
    const struct gb_kind_state *units = gb_collection_kind(all, GB_STR("unit"));
    char ending[16];
    snprintf(ending, sizeof ending, "%u", socket->port);
    for (size_t i = 0; i < units->count; i++) {
        const struct gb_value *listens = gb_map_find(units->resources[i]->props, GB_STR("listens"));
        for (size_t k = 0; listens && listens->kind == GB_VALUE_LIST && k < listens->list->count;
             k++) {
            struct gb_str address =
                gb_value_str_or(gb_value_get(&listens->list->items[k], "address"), GB_STR(""));
            ptrdiff_t colon = gb_str_rfind_char(address, ':');
            struct gb_str port = gb_str_from(address, (size_t)(colon + 1));
            struct gb_str type =
                gb_value_str_or(gb_value_get(&listens->list->items[k], "type"), GB_STR(""));
            if (gb_str_is(port, ending) && gb_str_is(type, socket->udp ? "datagram" : "stream"))
                return units->resources[i]->name;
        }
    }
    return GB_STR("");
}

static void put_process(struct gb_host_network *network, struct gb_facts *facts,
                        const struct gb_socket *socket, bool owners_hidden)
{
    struct gb_collector *collector = network->collector;
    if (!socket->pid) {
        if (!owners_hidden) {
            gb_fact(facts, "owner_visible", gb_bool(false));
            return;
        }
        static const char *const names[] = {"owner_visible", "executable_state", "packaged",
                                            "user"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            gb_fact(facts, names[i], gb_unknown(GB_STR("needs root: owners of sockets")));
        return;
    }
    gb_fact(facts, "owner_visible", gb_bool(true));
    gb_fact(facts, "pid", gb_int((int64_t)socket->pid));
    struct gb_str id =
        gb_str_format(collector->scratch, "process:%llu", (unsigned long long)socket->pid);
    const struct gb_resource *process = gb_collection_find(collector->all, id);
    if (!process)
        return;
    static const char *const copied[] = {"executable", "executable_state", "packaged", "package",
                                         "user",       "container"};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        copy_fact(facts, copied[i], process);
    const struct gb_value *name = gb_map_find(process->props, GB_STR("name"));
    if (name)
        gb_fact(facts, "process", *name);
    struct gb_str unit = socket->pid == 1 ? socket_unit(collector->all, socket) : GB_STR("");
    if (unit.len)
        gb_fact(facts, "unit", gb_string(unit));
    else
        copy_fact(facts, "unit", process);
}

static int put_reach(struct gb_host_network *network, struct gb_facts *facts,
                     const struct gb_socket *socket)
{
    static const char *const passages[] = {"none",   "open",           "limited",
                                           "closed", "not_understood", "not_readable"};
    static const char *const reaches[] = {"loopback", "link", "network", "internet", "internet"};
    struct gb_reach reach, other;
    int code = gb_host_network_ask(network, socket->udp, &socket->address, socket->port, &reach);
    // An IPv6 socket on every address takes IPv4 too, as long as nobody asked for the contrary.
    if (!code && socket->address.family == 6 && gb_address_is_unspecified(&socket->address)) {
        struct gb_address any = {.family = 4};
        code = gb_host_network_ask(network, socket->udp, &any, socket->port, &other);
        if (!code && other.scope > reach.scope)
            reach = other;
    }
    if (code)
        return code;
    enum gb_scope scope = reach.scope;
    if (reach.passage == GB_PASSAGE_LIMITED && scope == GB_SCOPE_PUBLIC)
        scope = GB_SCOPE_PRIVATE; // some networks, not all of the internet
    struct gb_list *from = gb_list_new(network->collector->arena);
    for (size_t i = 0; i < reach.source_count; i++)
        gb_fact_add_text(facts, from, reach.sources[i], GB_STR(""), 0);
    gb_fact(facts, "firewall", gb_string(gb_str_of(passages[reach.passage])));
    gb_fact(facts, "allowed_from", gb_list_of(from));
    if (reach.passage == GB_PASSAGE_NOT_UNDERSTOOD)
        gb_fact(facts, "not_understood", gb_fact_text(facts, reach.unsure));
    gb_fact(facts, "reach", gb_string(gb_str_of(reaches[scope])));
    return GB_OK;
}

static int put_listener(struct gb_host_network *network, const struct gb_socket *socket,
                        const struct port_range *outgoing, bool owners_hidden)
{
    struct gb_collector *collector = network->collector;
    char text[GB_ADDRESS_SIZE];
    bool v6 = socket->address.family == 6;
    size_t len = gb_address_text(&socket->address, text);
    struct gb_str address = gb_str_copy(collector->arena, (struct gb_str){text, len});
    struct gb_str name = gb_str_format(collector->arena, v6 ? "%s [%.*s]:%u" : "%s %.*s:%u",
                                       socket->udp ? "udp" : "tcp", GB_ARG(address), socket->port);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("listener"), name));
    struct gb_str where = socket->udp ? v6 ? GB_STR("/proc/net/udp6") : GB_STR("/proc/net/udp")
                          : v6 ? GB_STR("/proc/net/tcp6")
                                      : GB_STR("/proc/net/tcp");
    gb_fact(&facts, "protocol", gb_string(socket->udp ? GB_STR("udp") : GB_STR("tcp")));
    gb_fact(&facts, "address", gb_fact_at(&facts, gb_string(address), where, 0));
    gb_fact(&facts, "port", gb_fact_at(&facts, gb_int(socket->port), where, 0));
    gb_fact(&facts, "v6", gb_bool(v6));
    gb_fact(
        &facts, "ephemeral",
        gb_bool(socket->udp && socket->port >= outgoing->first && socket->port <= outgoing->last));
    gb_fact(&facts, "exposure", gb_string(gb_str_of(scope_name(gb_scope_of(&socket->address)))));
    put_process(network, &facts, socket, owners_hidden);
    return put_reach(network, &facts, socket);
}

// Workers that share a port by SO_REUSEPORT have a socket each: one port all the same.
static bool is_repeated(const struct gb_sockets *sockets, size_t i)
{
    if (i == 0)
        return false;
    const struct gb_socket *one = &sockets->items[i], *before = &sockets->items[i - 1];
    return one->udp == before->udp && one->port == before->port &&
           gb_address_equal(&one->address, &before->address);
}

// Threads of the kernel hold no sockets: where the processes are known, only these are looked into.
static int find_owners(struct gb_host_network *network, struct gb_sockets *sockets)
{
    struct gb_collector *collector = network->collector;
    const struct gb_kind_state *processes = gb_collection_kind(collector->all, GB_STR("process"));
    uint64_t *pids = NULL;
    size_t count = 0;
    if (processes->presence == GB_PRESENT && processes->count) {
        pids = gb_alloc_array(collector->scratch, processes->count, sizeof *pids);
        if (!pids)
            return GB_E_MEMORY;
        for (size_t i = 0; i < processes->count; i++)
            if (gb_str_to_uint(processes->resources[i]->name, 10, &pids[count]) == GB_OK)
                count++;
    }
    return gb_sockets_find_owners(collector->host, collector->scratch, sockets, pids, count);
}

static int collect_listeners(struct gb_host_network *network, struct gb_error *err)
{
    struct gb_collector *collector = network->collector;
    struct gb_sockets sockets;
    struct gb_error failure = {0};
    int code = gb_sockets_list(collector->host, collector->scratch, &sockets, &failure);
    if (code == GB_E_MEMORY)
        return gb_error_set(err, code, "no memory for the listening ports");
    if (code) {
        gb_collection_gap(collector->all, GB_STR("listener"),
                          gb_unread_reason(collector, "/proc/net/tcp", code));
        return GB_OK;
    }
    if (find_owners(network, &sockets))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the listening ports");
    gb_collection_complete(collector->all, GB_STR("listener"));
    struct port_range outgoing = outgoing_ports(collector);
    for (size_t i = 0; i < sockets.count && !code; i++)
        if (!is_repeated(&sockets, i))
            code = put_listener(network, &sockets.items[i], &outgoing, sockets.owners_hidden);
    return code ? gb_error_set(err, code, "no memory for the listening ports") : GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_host_network *network = gb_alloc(collector->scratch, sizeof *network);
    if (!network)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the network");
    network->collector = collector;
    int code = GB_OK;
    if (gb_host_has_kernel(collector->host)) {
        code = collect_interfaces(network, err);
        if (!code)
            code = load_filter(network, err);
        if (!code)
            code = collect_listeners(network, err);
    } else {
        gb_collection_no_subject(collector->all, GB_STR("interface"),
                                 GB_STR("needs a live kernel"));
        gb_collection_no_subject(collector->all, GB_STR("listener"), GB_STR("needs a live kernel"));
    }
    if (!code)
        gb_host_network_put_firewall(network);
    return code;
}

const struct gb_source gb_source_network = {
    .name = "host/network",
    .title = "ports and packet filter",
    .kinds = kinds,
    .order = 40,
    .collect = collect,
};
