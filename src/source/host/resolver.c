// Name resolution (kind "resolver"): resolv.conf, systemd-resolved's settings, /etc/hosts.
#include "source/facts.h"
#include "source/host/ini.h"
#include "source/host/path_trust.h"

static const char *const kinds[] = {"resolver", NULL};

struct probe {
    struct gb_collector *collector;
    struct gb_facts facts;
    struct gb_path_judge judge;
    struct gb_accounts accounts;
};

static struct gb_value changeable_by(struct probe *probe, const char *path)
{
    struct gb_path_trust trust;
    if (gb_path_trust(&probe->judge, gb_str_of(path), 0, &trust) < 0)
        return gb_null();
    return trust.code ? gb_unread(probe->collector, path, trust.code)
                      : gb_fact_at(&probe->facts, gb_fact_text(&probe->facts, trust.who),
                                   gb_str_of(path), 0);
}

// ---- resolv.conf ------------------------------------------------------------------------------

static bool put_resolv_conf(struct probe *probe)
{
    static const char path[] = "/etc/resolv.conf";
    struct gb_collector *collector = probe->collector;
    struct gb_list *servers = gb_list_new(collector->arena),
                   *search = gb_list_new(collector->arena);
    struct gb_str text, line, word;
    uint32_t number = 0;
    bool stub = false;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code && code != GB_E_NOT_FOUND) {
        gb_fact(&probe->facts, "nameservers", gb_unread(collector, path, code));
        gb_fact(&probe->facts, "search", gb_unread(collector, path, code));
        return false;
    }
    while (!code && gb_str_next(&text, '\n', &line)) {
        number++;
        if (!gb_str_next_word(&line, &word))
            continue;
        bool name_server = gb_str_is(word, "nameserver");
        bool domains = gb_str_is(word, "search") || gb_str_is(word, "domain");
        while ((name_server || domains) && gb_str_next_word(&line, &word)) {
            gb_fact_add_text(&probe->facts, name_server ? servers : search, word, gb_str_of(path),
                             number);
            stub = stub || gb_str_is(word, "127.0.0.53") || gb_str_is(word, "127.0.0.54");
            if (name_server)
                break;
        }
    }
    gb_fact(&probe->facts, "nameservers", gb_list_of(servers));
    gb_fact(&probe->facts, "search", gb_list_of(search));
    struct gb_str target;
    bool link = gb_host_readlink(collector->host, path, collector->scratch, &target, NULL) == GB_OK;
    return stub || (link && gb_str_contains(target, GB_STR("systemd/resolve/")));
}

static void put_resolved(struct probe *probe, bool used)
{
    static const struct {
        const char *key, *field, *fallback;
    } settings[] = {
        {"DNSSEC", "dnssec", "no"}, // of Debian's build
        {"DNSOverTLS", "dns_over_tls", "no"},
        {"LLMNR", "llmnr", "yes"},
        {"MulticastDNS", "multicast_dns", "yes"},
    };
    gb_fact(&probe->facts, "resolved", gb_bool(used));
    struct gb_ini ini;
    if (!used || gb_ini_load(probe->collector->host, "systemd/resolved.conf",
                             probe->collector->arena, &ini) < 0)
        return;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const struct gb_ini_entry *entry = gb_ini_get(&ini, "Resolve", settings[i].key);
        struct gb_str value = gb_str_of(settings[i].fallback);
        bool truth;
        if (entry && entry->value.len)
            value =
                gb_ini_bool(entry->value, &truth) ? gb_str_of(truth ? "yes" : "no") : entry->value;
        struct gb_value fact = gb_fact_text(&probe->facts, value);
        if (entry)
            fact = gb_fact_at(&probe->facts, fact, entry->file, entry->line);
        else
            fact = gb_fact_at(&probe->facts, fact, GB_STR("default of systemd-resolved"), 0);
        gb_fact(&probe->facts, settings[i].field, fact);
    }
}

// ---- hosts ------------------------------------------------------------------------------------

// Names whose redirection gives an intruder a hold on what is installed or checked.
static bool is_guarded(struct gb_str name)
{
    static const char *const domains[] = {
        "debian.org",        "ubuntu.com", "docker.com",      "docker.io",       "github.com",
        "pypi.org",          "npmjs.org",  "nodesource.com",  "letsencrypt.org", "clamav.net",
        "fedoraproject.org", "redhat.com", "alpinelinux.org", "rubygems.org",    "crates.io",
    };
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        struct gb_str domain = gb_str_of(domains[i]);
        if (!gb_str_ends(name, domain))
            continue;
        if (name.len == domain.len || name.at[name.len - domain.len - 1] == '.')
            return true;
    }
    return false;
}

static void put_hosts(struct probe *probe)
{
    static const char path[] = "/etc/hosts";
    struct gb_collector *collector = probe->collector;
    struct gb_list *localhost = gb_list_new(collector->arena);
    struct gb_list *redirected = gb_list_new(collector->arena);
    struct gb_str text, line, address, name;
    uint32_t number = 0;
    int64_t entries = 0;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code && code != GB_E_NOT_FOUND) {
        static const char *const fields[] = {"hosts_entries", "localhost", "redirected"};
        for (size_t i = 0; i < 3; i++)
            gb_fact(&probe->facts, fields[i], gb_unread(collector, path, code));
        return;
    }
    while (!code && gb_str_next(&text, '\n', &line)) {
        number++;
        ptrdiff_t comment = gb_str_find_char(line, '#');
        if (comment >= 0)
            line = gb_str_sub(line, 0, (size_t)comment);
        line = gb_str_trim(line);
        if (!gb_str_next_word(&line, &address))
            continue;
        while (gb_str_next_word(&line, &name)) {
            struct gb_str lower = gb_str_lower(collector->scratch, name);
            entries++;
            if (gb_str_is(lower, "localhost"))
                gb_fact_add_text(&probe->facts, localhost, address, gb_str_of(path), number);
            if (is_guarded(lower))
                gb_fact_add_text(&probe->facts, redirected,
                                 gb_str_format(collector->scratch, GB_PRI " " GB_PRI, GB_ARG(name),
                                               GB_ARG(address)),
                                 gb_str_of(path), number);
        }
    }
    gb_fact(&probe->facts, "hosts_entries", gb_int(entries));
    gb_fact(&probe->facts, "localhost", gb_list_of(localhost));
    gb_fact(&probe->facts, "redirected", gb_list_of(redirected));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector};
    if (!gb_host_exists(collector->host, "/etc/resolv.conf") &&
        !gb_host_exists(collector->host, "/etc/hosts")) {
        gb_collection_absent(collector->all, GB_STR("resolver"),
                             GB_STR("there is neither /etc/resolv.conf nor /etc/hosts"));
        return GB_OK;
    }
    if (gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for name resolution");
    probe.judge = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    probe.facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("resolver"), GB_STR("")));
    bool resolved = put_resolv_conf(&probe);
    put_resolved(&probe, resolved);
    put_hosts(&probe);
    gb_fact(&probe.facts, "changeable_by", changeable_by(&probe, "/etc/resolv.conf"));
    gb_fact(&probe.facts, "hosts_changeable_by", changeable_by(&probe, "/etc/hosts"));
    return GB_OK;
}

const struct gb_source gb_source_resolver = {
    .name = "host/resolver",
    .title = "name resolution",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
