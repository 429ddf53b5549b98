// Settings of network interfaces and their effect: see sysctl_interface.h. The rules follow the
// kernel's include/linux/inetdevice.h (IN_DEV_ANDCONF, IN_DEV_ORCONF, IN_DEV_MAXCONF) and
// net/ipv6 (ndisc.c, route.c, exthdrs.c).
#include "source/host/sysctl_interface.h"

#include <stdio.h>

enum { MAX_INTERFACES = 512 };

enum rule {
    OWN,       // the interface's own value
    AND,       // set for "all" and for the interface
    OR,        // set for one of the two
    MAXIMUM,   // the larger of the two
    MINIMUM,   // the smaller of the two
    REDIRECTS, // AND on interfaces that forward, OR on others
    HOST_ONLY, // own value, and only on interfaces that do not forward
    ROUTER_AD, // 1 counts on interfaces that do not forward, 2 on all
};

struct setting {
    const char *family, *key;
    enum rule rule;
};

static const struct setting settings[] = {
    {"ipv4", "accept_redirects", REDIRECTS},
    {"ipv4", "secure_redirects", OR},
    {"ipv4", "send_redirects", OR},
    {"ipv4", "accept_source_route", AND},
    {"ipv4", "rp_filter", MAXIMUM},
    {"ipv4", "log_martians", OR},
    {"ipv4", "forwarding", OWN},
    {"ipv4", "route_localnet", OR},
    {"ipv6", "accept_redirects", HOST_ONLY},
    {"ipv6", "accept_ra", ROUTER_AD},
    {"ipv6", "accept_source_route", MINIMUM},
    {"ipv6", "forwarding", OWN},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

struct numbers {
    int64_t value[SETTINGS];
    int code[SETTINGS]; // of reading it
    bool disabled;      // IPv6 is off on it
};

static void path_of(char *into, size_t size, const char *family, const char *interface,
                    const char *key)
{
    snprintf(into, size, "/proc/sys/net/%s/conf/%s/%s", family, interface, key);
}

static void read_numbers(struct gb_collector *collector, const char *interface, struct numbers *ret)
{
    char path[512];
    for (size_t i = 0; i < SETTINGS; i++) {
        path_of(path, sizeof path, settings[i].family, interface, settings[i].key);
        ret->value[i] = 0;
        ret->code[i] = gb_small_number(collector, path, &ret->value[i]);
    }
    int64_t off = 0;
    path_of(path, sizeof path, "ipv6", interface, "disable_ipv6");
    ret->disabled = gb_small_number(collector, path, &off) == GB_OK && off != 0;
}

static size_t forwarding_of(const char *family)
{
    size_t i = 0;
    while (strcmp(settings[i].family, family) != 0 || strcmp(settings[i].key, "forwarding") != 0)
        i++;
    return i;
}

static int64_t effect(size_t i, const struct numbers *own, const struct numbers *all)
{
    int64_t mine = own->value[i], common = all->value[i];
    bool forwards = own->value[forwarding_of(settings[i].family)] != 0;
    if (own->disabled && strcmp(settings[i].family, "ipv6") == 0)
        return settings[i].rule == MINIMUM ? -1 : 0;
    switch (settings[i].rule) {
    case OWN:
        return mine;
    case AND:
        return mine && common;
    case OR:
        return mine || common;
    case MAXIMUM:
        return mine > common ? mine : common;
    case MINIMUM:
        return mine < common ? mine : common;
    case REDIRECTS:
        return forwards ? mine && common : mine || common;
    case HOST_ONLY:
        return mine && !forwards;
    case ROUTER_AD:
        return mine >= 2 || (mine == 1 && !forwards);
    }
    return mine;
}

// Interfaces that are down receive nothing; when it cannot be told they count as up.
static bool is_up(struct gb_collector *collector, const char *interface)
{
    char path[320];
    struct gb_str text;
    uint64_t flags;
    snprintf(path, sizeof path, "/sys/class/net/%s/flags", interface);
    if (gb_small_file(collector, path, &text) || !gb_str_starts(text, GB_STR("0x")) ||
        gb_str_to_uint(gb_str_from(text, 2), 16, &flags))
        return true;
    return flags & 1; // IFF_UP
}

static void put_setting(struct gb_collector *collector, struct gb_list *list, size_t i,
                        const char *interface, bool up, const struct numbers *own,
                        const struct numbers *all)
{
    char path[512], name[400];
    path_of(path, sizeof path, settings[i].family, interface, settings[i].key);
    snprintf(name, sizeof name, "net.%s.conf.%s.%s", settings[i].family, interface,
             settings[i].key);
    int code = own->code[i] ? own->code[i] : all->code[i];
    if (code == GB_E_NOT_FOUND) // not in this kernel, or the interface went away
        return;
    struct gb_str where = gb_str_of(path);
    struct gb_facts record = gb_facts_record(collector);
    gb_fact(&record, "interface", gb_fact_text(&record, gb_str_of(interface)));
    gb_fact(&record, "up", gb_bool(up));
    gb_fact(&record, "key",
            gb_fact_text(&record, gb_str_format(collector->scratch, "%s.%s", settings[i].family,
                                                settings[i].key)));
    gb_fact(&record, "name", gb_fact_at(&record, gb_fact_text(&record, gb_str_of(name)), where, 0));
    if (code) {
        gb_fact(&record, "value", gb_unread(collector, path, code));
        gb_fact(&record, "effective", gb_unread(collector, path, code));
    } else {
        gb_fact(&record, "value", gb_fact_at(&record, gb_int(own->value[i]), where, 0));
        gb_fact(&record, "effective", gb_fact_at(&record, gb_int(effect(i, own, all)), where, 0));
    }
    struct gb_str text = gb_str_format(collector->scratch, "%s=%lld (all=%lld)", name,
                                       (long long)own->value[i], (long long)all->value[i]);
    gb_fact(&record, "text", gb_fact_at(&record, gb_fact_text(&record, text), where, 0));
    if (record.props)
        gb_list_add(collector->arena, list, gb_map_of(record.props));
}

void gb_sysctl_put_interfaces(struct gb_facts *facts)
{
    static const char directory[] = "/proc/sys/net/ipv4/conf";
    struct gb_collector *collector = facts->collector;
    gb_fact(facts, "ipv4",
            gb_fact_at(facts, gb_bool(gb_host_exists(collector->host, "/proc/sys/net/ipv4")),
                       GB_STR("/proc/sys/net/ipv4"), 0));
    gb_fact(facts, "ipv6",
            gb_fact_at(facts, gb_bool(gb_host_exists(collector->host, "/proc/sys/net/ipv6")),
                       GB_STR("/proc/sys/net/ipv6"), 0));
    struct gb_dir_entry *entries;
    size_t count = 0;
    int code = gb_host_list(collector->host, directory, MAX_INTERFACES, collector->scratch,
                            &entries, &count, NULL);
    struct gb_list *list = gb_list_new(collector->arena);
    if ((code && code != GB_E_NOT_FOUND) || !list) {
        gb_fact(facts, "interface_settings", gb_unread(collector, directory, code));
        return;
    }
    struct numbers all, own;
    read_numbers(collector, "all", &all);
    for (size_t k = 0; k < count; k++) {
        const char *interface = entries[k].name.at;
        if (strcmp(interface, "all") == 0 || strcmp(interface, "lo") == 0)
            continue;
        bool up = strcmp(interface, "default") == 0 || is_up(collector, interface);
        read_numbers(collector, interface, &own);
        for (size_t i = 0; i < SETTINGS; i++)
            put_setting(collector, list, i, interface, up, &own, &all);
    }
    gb_fact(facts, "interface_settings",
            gb_fact_at(facts, gb_list_of(list), GB_STR("/proc/sys/net"), 0));
}
