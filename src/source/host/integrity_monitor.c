// Kind "integrity_monitor": tools that notice when files change, whether they have a base to
// compare with, and whether anything runs them.
#include "source/facts.h"
#include "source/host/collected.h"
#include "source/package/installed.h"

struct tool {
    const char *name;
    const char *packages[3];
    const char *databases[3]; // any of them; none named: it keeps its own, elsewhere
    const char *timers[2];    // timer or service units
    const char *files[3];     // jobs of cron
    const char *process;      // a daemon
};

static const struct tool tools[] = {
    {"aide",
     {"aide", "aide-dynamic", "aide-xen"},
     {"/var/lib/aide/aide.db", "/var/lib/aide/aide.db.gz", NULL},
     {"dailyaidecheck.timer", "aidecheck.timer"},
     {"/etc/cron.daily/aide", "/etc/cron.daily/dailyaidecheck", NULL},
     NULL},
    {"tripwire",
     {"tripwire", NULL, NULL},
     {"/var/lib/tripwire", NULL, NULL},
     {NULL, NULL},
     {"/etc/cron.daily/tripwire", NULL, NULL},
     NULL},
    {"samhain",
     {"samhain", NULL, NULL},
     {"/var/lib/samhain/samhain_file", "/var/state/samhain/samhain_file", NULL},
     {"samhain.service", NULL},
     {NULL, NULL, NULL},
     "samhain"},
    {"integrit",
     {"integrit", NULL, NULL},
     {"/var/lib/integrit/known.cdb", NULL, NULL},
     {NULL, NULL},
     {"/etc/cron.daily/integrit", NULL, NULL},
     NULL},
    {"wazuh",
     {"wazuh-agent", "wazuh-manager", NULL},
     {NULL},
     {"wazuh-agent.service", NULL},
     {NULL},
     "wazuh-syscheckd"},
    {"ossec",
     {"ossec-hids-agent", "ossec-hids-server", NULL},
     {NULL},
     {"ossec.service", NULL},
     {NULL},
     "ossec-syscheckd"},
    {"osquery", {"osquery", NULL, NULL}, {NULL}, {"osqueryd.service", NULL}, {NULL}, "osqueryd"},
};

static bool is_installed(struct gb_collector *collector, const struct tool *tool)
{
    for (size_t i = 0; i < 3 && tool->packages[i]; i++)
        if (gb_package_installed(collector, tool->packages[i]) == GB_INSTALLED_YES)
            return true;
    return false;
}

static struct gb_value has_database(struct gb_collector *collector, const struct tool *tool)
{
    if (!tool->databases[0])
        return gb_bool(true);
    for (size_t i = 0; i < 3 && tool->databases[i]; i++) {
        struct gb_file_info info;
        int code = gb_host_stat(collector->host, tool->databases[i], true, &info, NULL);
        if (code == GB_OK)
            return gb_bool(true);
        if (code != GB_E_NOT_FOUND)
            return gb_unread(collector, tool->databases[i], code);
    }
    return gb_bool(false);
}

// Named in root's crontab or in cron.d counts as well.
static bool is_in_crontab(struct gb_collector *collector, const char *name)
{
    enum { JOBS_MAX = 500 };
    static const char *const files[] = {"/etc/crontab", "/var/spool/cron/crontabs/root"};
    struct gb_str text;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (gb_host_read(collector->host, files[i], GB_CONFIG_MAX_BYTES, collector->scratch, &text,
                         NULL) == GB_OK &&
            gb_str_contains(text, gb_str_of(name)))
            return true;
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    if (gb_host_list(collector->host, "/etc/cron.d", JOBS_MAX, collector->scratch, &entries, &count,
                     NULL) < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct gb_str path =
            gb_str_format(collector->scratch, "/etc/cron.d/" GB_PRI, GB_ARG(entries[i].name));
        if (path.at &&
            gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->scratch, &text,
                         NULL) == GB_OK &&
            gb_str_contains(text, gb_str_of(name)))
            return true;
    }
    return false;
}

static struct gb_value is_scheduled(struct gb_collector *collector, const struct tool *tool)
{
    for (size_t i = 0; i < 3 && tool->files[i]; i++)
        if (gb_host_exists(collector->host, tool->files[i]))
            return gb_bool(true);
    if (is_in_crontab(collector, tool->name))
        return gb_bool(true);
    struct gb_value result = gb_bool(false);
    for (size_t i = 0; i < 2 && tool->timers[i]; i++) {
        struct gb_value at_boot = gb_collected_at_boot(collector->all, tool->timers[i]);
        if (at_boot.kind == GB_VALUE_BOOL && at_boot.boolean)
            return at_boot;
        if (at_boot.kind != GB_VALUE_BOOL)
            result = at_boot;
    }
    if (tool->process) {
        struct gb_value runs = gb_collected_process(collector->all, tool->process);
        if (runs.kind == GB_VALUE_BOOL && runs.boolean)
            return runs;
    }
    return result;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    (void)err;
    struct gb_facts facts = gb_facts(
        collector, gb_collection_add(collector->all, GB_STR("integrity_monitor"), GB_STR("")));
    struct gb_list *list = gb_list_new(collector->arena);
    if (!list)
        return GB_OK;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (!is_installed(collector, &tools[i]))
            continue;
        struct gb_facts record = gb_facts_record(collector);
        gb_fact(&record, "name", gb_string(gb_str_of(tools[i].name)));
        gb_fact(&record, "has_database", has_database(collector, &tools[i]));
        gb_fact(&record, "scheduled", is_scheduled(collector, &tools[i]));
        gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    bool unknown = gb_package_installed(collector, "aide") == GB_INSTALLED_UNKNOWN;
    gb_fact(&facts, "tools",
            unknown && !list->count ? gb_unknown(GB_STR("installed packages are not known"))
                                    : gb_list_of(list));
    return GB_OK;
}

static const char *const kinds[] = {"integrity_monitor", NULL};

const struct gb_source gb_source_integrity_monitor = {
    .name = "host/integrity_monitor",
    .title = "file integrity tools",
    .kinds = kinds,
    .order = 25, // after processes and units
    .collect = collect,
};
