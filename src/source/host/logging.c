// Kinds "journald" and "log_daemon": is anything recorded, by whom, and does it survive a reboot.
#include "source/facts.h"
#include "source/host/collected.h"
#include "source/host/ini.h"
#include "source/package/installed.h"

struct daemon {
    const char *name, *package, *program, *process;
    const char *units[2];
};

static const struct daemon daemons[] = {
    {"rsyslog", "rsyslog", "/usr/sbin/rsyslogd", "rsyslogd", {"rsyslog.service", NULL}},
    {"syslog-ng",
     "syslog-ng-core",
     "/usr/sbin/syslog-ng",
     "syslog-ng",
     {"syslog-ng.service", NULL}},
    {"inetutils-syslogd",
     "inetutils-syslogd",
     NULL,
     "syslogd",
     {"inetutils-syslogd.service", "syslogd.service"}},
    {"sysklogd", "sysklogd", NULL, "syslogd", {"syslogd.service", "sysklogd.service"}},
    {"busybox-syslogd", "busybox-syslogd", NULL, "syslogd", {"busybox-syslogd.service", NULL}},
    {"socklog", "socklog-run", NULL, "socklog", {"socklog.service", NULL}},
};
enum { DAEMONS = sizeof daemons / sizeof *daemons };

// Programs that send logs elsewhere by themselves.
static const char *const shippers[] = {
    "systemd-journal-remote",
    "filebeat",
    "fluent-bit",
    "td-agent",
    "td-agent-bit",
    "fluentd",
    "vector",
    "promtail",
    "alloy",
    "grafana-agent",
    "splunkforwarder",
    "nxlog-ce",
    "wazuh-agent",
    "ossec-hids-agent",
    "elastic-agent",
    "datadog-agent",
    "azuremonitoragent",
    "google-fluentd",
    "google-cloud-ops-agent",
    "amazon-cloudwatch-agent",
    "logstash",
};

static const char *const journald_programs[] = {"/usr/lib/systemd/systemd-journald",
                                                "/lib/systemd/systemd-journald"};

static const char *journald_program(const struct gb_host *host)
{
    for (size_t i = 0; i < sizeof journald_programs / sizeof *journald_programs; i++)
        if (gb_host_exists(host, journald_programs[i]))
            return journald_programs[i];
    return NULL;
}

// ---- journald

struct journald {
    struct gb_facts facts;
    struct gb_ini ini;
    const struct gb_ini_problem *unread;
};

// A setting, or its default. Unknown when a file that could set it could not be read.
static struct gb_value setting(struct journald *j, const char *key, struct gb_value otherwise)
{
    const struct gb_ini_entry *entry = gb_ini_get(&j->ini, "Journal", key);
    if (j->unread)
        return gb_unread(j->facts.collector, gb_str_c(j->facts.collector->arena, j->unread->file),
                         j->unread->code);
    if (!entry || !entry->value.len)
        return otherwise;
    struct gb_value value = gb_fact_text(&j->facts, entry->value);
    bool yes;
    if (otherwise.kind == GB_VALUE_BOOL)
        value = gb_bool(gb_ini_bool(entry->value, &yes) ? yes : otherwise.boolean);
    return gb_fact_at(&j->facts, value, entry->file, entry->line);
}

// The shipped configuration lists the built-in defaults as comments; distributions differ in this
// one.
static bool forwards_by_default(struct gb_collector *collector)
{
    static const char *const files[] = {"/etc/systemd/journald.conf",
                                        "/usr/lib/systemd/journald.conf"};
    struct gb_str text;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (gb_host_read(collector->host, files[i], GB_CONFIG_MAX_BYTES, collector->scratch, &text,
                         NULL) < 0)
            continue;
        if (gb_str_contains(text, GB_STR("#ForwardToSyslog=no")))
            return false;
        if (gb_str_contains(text, GB_STR("#ForwardToSyslog=yes")))
            return true;
    }
    return true;
}

static struct gb_value is_persistent(struct journald *j, struct gb_value storage)
{
    struct gb_collector *collector = j->facts.collector;
    if (storage.kind != GB_VALUE_STRING)
        return storage;
    struct gb_file_info info;
    bool persistent = gb_str_is(storage.string, "persistent");
    if (gb_str_is(storage.string, "auto"))
        persistent =
            gb_host_stat(collector->host, "/var/log/journal", true, &info, NULL) == GB_OK &&
            info.type == GB_FILE_DIRECTORY;
    return gb_at(gb_bool(persistent), storage.origin);
}

// "/var/log/journal/ID/system.journal: mode 0644"
static struct gb_value readable_journals(struct journald *j)
{
    enum { MACHINES_MAX = 64, FILES_MAX = 2000 };
    struct gb_collector *collector = j->facts.collector;
    struct gb_list *list = gb_list_new(collector->arena);
    struct gb_dir_entry *machines = NULL, *files = NULL;
    size_t machine_count = 0, count = 0;
    int code = gb_host_list(collector->host, "/var/log/journal", MACHINES_MAX, collector->scratch,
                            &machines, &machine_count, NULL);
    if (code && code != GB_E_NOT_FOUND)
        return gb_unread(collector, "/var/log/journal", code);
    for (size_t i = 0; !code && i < machine_count; i++) {
        struct gb_str folder =
            gb_str_format(collector->scratch, "/var/log/journal/" GB_PRI, GB_ARG(machines[i].name));
        if (!folder.at || machines[i].type != GB_FILE_DIRECTORY ||
            gb_host_list(collector->host, folder.at, FILES_MAX, collector->scratch, &files, &count,
                         NULL) < 0)
            continue;
        for (size_t k = 0; k < count; k++) {
            struct gb_str path = gb_str_format(collector->scratch, GB_PRI "/" GB_PRI,
                                               GB_ARG(folder), GB_ARG(files[k].name));
            struct gb_file_info info;
            if (!path.at || gb_host_stat(collector->host, path.at, false, &info, NULL) < 0 ||
                info.type != GB_FILE_REGULAR || !(info.mode & 04))
                continue;
            struct gb_str text =
                gb_str_format(collector->arena, GB_PRI ": mode %04o", GB_ARG(path), info.mode);
            gb_fact_add_text(&j->facts, list, text, path, 0);
        }
    }
    return list ? gb_list_of(list) : gb_null();
}

static int add_journald(struct gb_collector *collector)
{
    struct gb_str kind = GB_STR("journald");
    const char *program = journald_program(collector->host);
    if (!program) {
        gb_collection_absent(collector->all, kind, GB_STR("systemd-journald is not installed"));
        return GB_OK;
    }
    struct journald j = {
        .facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR("")))};
    if (gb_ini_load(collector->host, "systemd/journald.conf", collector->arena, &j.ini) < 0)
        return GB_E_MEMORY;
    j.unread = gb_ini_unread(&j.ini);
    struct gb_value storage = setting(&j, "Storage", gb_string(GB_STR("auto")));
    gb_fact(&j.facts, "running", gb_collected_process(collector->all, "systemd-journald"));
    gb_fact(&j.facts, "storage", storage);
    gb_fact(&j.facts, "persistent", is_persistent(&j, storage));
    gb_fact(&j.facts, "compress", setting(&j, "Compress", gb_bool(true)));
    gb_fact(&j.facts, "seal", setting(&j, "Seal", gb_bool(true)));
    gb_fact(&j.facts, "forward_to_syslog",
            setting(&j, "ForwardToSyslog", gb_bool(forwards_by_default(collector))));
    static const struct {
        const char *field, *key;
    } texts[] = {{"system_max_use", "SystemMaxUse"},
                 {"system_keep_free", "SystemKeepFree"},
                 {"max_retention", "MaxRetentionSec"},
                 {"max_level_store", "MaxLevelStore"},
                 {"rate_limit_burst", "RateLimitBurst"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct gb_value value = setting(&j, texts[i].key, gb_null());
        if (value.kind != GB_VALUE_NULL)
            gb_fact(&j.facts, texts[i].field, value);
    }
    gb_fact(&j.facts, "readable_by_others", readable_journals(&j));
    return GB_OK;
}

// ---- the daemon

static bool is_installed(struct gb_collector *collector, const struct daemon *daemon)
{
    return gb_package_installed(collector, daemon->package) == GB_INSTALLED_YES ||
           (daemon->program && gb_host_exists(collector->host, daemon->program));
}

static struct gb_value any_at_boot(struct gb_collector *collector, const struct daemon *daemon)
{
    struct gb_value result = gb_bool(false);
    for (size_t i = 0; i < 2 && daemon->units[i]; i++) {
        struct gb_value value = gb_collected_at_boot(collector->all, daemon->units[i]);
        if (value.kind != GB_VALUE_BOOL || value.boolean)
            result = value;
        if (value.kind == GB_VALUE_BOOL && value.boolean)
            break;
    }
    return result;
}

static void put_uploads(struct gb_facts *facts)
{
    struct gb_collector *collector = facts->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    struct gb_ini ini;
    if (!list ||
        gb_ini_load(collector->host, "systemd/journal-upload.conf", collector->arena, &ini) < 0)
        return;
    const struct gb_ini_entry *url = gb_ini_get(&ini, "Upload", "URL");
    if (url && url->value.len)
        gb_fact_add_text(facts, list, GB_STR("systemd-journal-upload"), url->file, url->line);
    for (size_t i = 0; i < sizeof shippers / sizeof *shippers; i++) {
        const struct gb_dpkg_package *package = gb_package_find(collector, shippers[i]);
        if (package && strcmp(shippers[i], "systemd-journal-remote") != 0)
            gb_fact_add_text(facts, list, package->name, package->where, package->line);
    }
    gb_fact(facts, "shippers", gb_list_of(list));
}

// From what the probes of rsyslog and logrotate collected.
static void put_joined(struct gb_facts *facts)
{
    struct gb_collector *collector = facts->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    const struct gb_resource *rsyslog = gb_collection_find(collector->all, GB_STR("rsyslog"));
    const struct gb_value *remotes =
        rsyslog ? gb_map_find(rsyslog->props, GB_STR("remotes")) : NULL;
    for (size_t i = 0;
         list && remotes && remotes->kind == GB_VALUE_LIST && i < remotes->list->count; i++) {
        const struct gb_value *host = gb_value_get(&remotes->list->items[i], "host");
        if (host)
            gb_list_add(collector->arena, list, *host);
    }
    if (list)
        gb_fact(facts, "forwards",
                remotes && remotes->kind == GB_VALUE_UNKNOWN ? *remotes : gb_list_of(list));
    const struct gb_resource *logrotate = gb_collection_find(collector->all, GB_STR("logrotate"));
    const struct gb_value *scheduled =
        logrotate ? gb_map_find(logrotate->props, GB_STR("scheduled")) : NULL;
    bool rotates = scheduled && scheduled->kind == GB_VALUE_BOOL && scheduled->boolean;
    gb_fact(facts, "rotation", gb_string(rotates ? GB_STR("logrotate") : GB_STR("none")));
}

static void add_log_daemon(struct gb_collector *collector)
{
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("log_daemon"), GB_STR("")));
    struct gb_list *installed = gb_list_new(collector->arena),
                   *running = gb_list_new(collector->arena);
    struct gb_value runs_unknown = gb_null(), at_boot = gb_null();
    if (!installed || !running)
        return;
    for (size_t i = 0; i <= DAEMONS; i++) {
        bool journald = i == DAEMONS;
        if (journald ? !journald_program(collector->host) : !is_installed(collector, &daemons[i]))
            continue;
        const char *name = journald ? "systemd-journald" : daemons[i].name;
        struct gb_value runs = gb_collected_process(collector->all, journald ? "systemd-journald"
                                                                             : daemons[i].process);
        if (!journald)
            gb_list_add(collector->arena, installed, gb_string(gb_str_of(name)));
        if (runs.kind == GB_VALUE_BOOL && runs.boolean)
            gb_list_add(collector->arena, running, gb_string(gb_str_of(name)));
        else if (runs.kind != GB_VALUE_BOOL)
            runs_unknown = runs;
        if (!journald && at_boot.kind == GB_VALUE_NULL)
            at_boot = any_at_boot(collector, &daemons[i]);
    }
    gb_fact(&facts, "installed", gb_list_of(installed));
    gb_fact(&facts, "journald", gb_bool(journald_program(collector->host) != NULL));
    if (runs_unknown.kind == GB_VALUE_NULL && !gb_host_has_kernel(collector->host))
        runs_unknown = gb_not_applicable(GB_STR("needs a live kernel"));
    gb_fact(&facts, "running",
            running->count || runs_unknown.kind == GB_VALUE_NULL ? gb_list_of(running)
                                                                 : runs_unknown);
    if (at_boot.kind != GB_VALUE_NULL)
        gb_fact(&facts, "at_boot", at_boot);
    put_uploads(&facts);
    put_joined(&facts);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (add_journald(collector) < 0)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    add_log_daemon(collector);
    return GB_OK;
}

static const char *const kinds[] = {"journald", "log_daemon", NULL};

const struct gb_source gb_source_logging = {
    .name = "host/logging",
    .title = "logging",
    .kinds = kinds,
    .order = 27, // after processes, units, rsyslog and logrotate
    .collect = collect,
};
