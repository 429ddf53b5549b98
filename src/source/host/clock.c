// The clock (kind "clock"): is it disciplined, which time daemons are installed, run and start at
// boot, and where they get the time from.
//
// Any one of the known daemons will do: rules ask for "a time daemon", never for one package by
// name. Whether the clock is really being steered is the kernel's word (adjtimex), not a daemon's.
#include "source/host/dropins.h"
#include "source/host/facts.h"
#include "source/host/ini.h"
#include "source/host/time_config.h"
#include "source/package/installed.h"

#include <stdio.h>
#include <sys/timex.h>

static const char *const kinds[] = {"clock", NULL};

enum { MAX_INCLUDE_DEPTH = 4 };

struct daemon {
    const char *name;
    const char *package;     // the same program path belongs to several of them
    const char *programs[2]; // where it may be
    const char *process;     // as its process is called
    const char *units[2];
    const char *configs[2]; // the first one that is there
};

static const struct daemon daemons[] = {
    {"chrony",
     "chrony",
     {"/usr/sbin/chronyd", NULL},
     "chronyd",
     {"chrony.service", "chronyd.service"},
     {"/etc/chrony/chrony.conf", "/etc/chrony.conf"}},
    {"ntpsec",
     "ntpsec",
     {"/usr/sbin/ntpd", NULL},
     "ntpd",
     {"ntpsec.service", "ntpd.service"},
     {"/etc/ntpsec/ntp.conf", NULL}},
    {"openntpd",
     "openntpd",
     {"/usr/sbin/ntpd", "/usr/sbin/openntpd"},
     "ntpd",
     {"openntpd.service", NULL},
     {"/etc/openntpd/ntpd.conf", "/etc/ntpd.conf"}},
    {"ntp",
     "ntp",
     {"/usr/sbin/ntpd", NULL},
     "ntpd",
     {"ntp.service", "ntpd.service"},
     {"/etc/ntp.conf", NULL}},
    {"systemd-timesyncd",
     "systemd-timesyncd",
     {"/usr/lib/systemd/systemd-timesyncd", "/lib/systemd/systemd-timesyncd"},
     "systemd-timesyn",
     {"systemd-timesyncd.service", NULL},
     {NULL, NULL}},
};
enum { DAEMONS = sizeof daemons / sizeof *daemons };

struct probe {
    struct gb_collector *collector;
    struct gb_facts facts;
    struct gb_time_sources sources;
    struct gb_list *list, *installed, *running;
    struct gb_str unread; // why a configuration could not be read
    bool ntpd_claimed;    // an ntpd was already told by its package
};

static const char *program_of(const struct probe *probe, const struct daemon *daemon)
{
    for (size_t i = 0; i < 2 && daemon->programs[i]; i++)
        if (gb_host_exists(probe->collector->host, daemon->programs[i]))
            return daemon->programs[i];
    return NULL;
}

static const char *config_of(const struct probe *probe, const struct daemon *daemon)
{
    for (size_t i = 0; i < 2 && daemon->configs[i]; i++)
        if (gb_host_exists(probe->collector->host, daemon->configs[i]))
            return daemon->configs[i];
    return NULL;
}

// Several daemons call their program ntpd: the package tells them apart, and where that is not
// known the configuration that belongs to each.
static const char *installed_as(struct probe *probe, const struct daemon *daemon)
{
    const char *program = program_of(probe, daemon);
    if (!program || strcmp(daemon->process, "ntpd") != 0)
        return program;
    const struct gb_dpkg_package *package = gb_package_find(probe->collector, daemon->package);
    bool known = package && !package->transitional;
    if (!known && (probe->ntpd_claimed || !config_of(probe, daemon)))
        return NULL;
    probe->ntpd_claimed = true;
    return program;
}

// From the process list that the process probe collected.
static struct gb_value running_state(const struct probe *probe, const struct daemon *daemon,
                                     bool *runs, bool *as_root)
{
    *runs = *as_root = false;
    const struct gb_kind_state *processes =
        gb_collection_kind(probe->collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_map_value *props = processes->resources[i]->props;
        struct gb_str name = gb_value_str_or(gb_map_find(props, GB_STR("name")), GB_STR(""));
        // Names are cut to 15 bytes by the kernel.
        bool cut = strlen(daemon->process) == 15 && gb_str_starts(name, gb_str_of(daemon->process));
        if (!cut && !gb_str_is(name, daemon->process))
            continue;
        const struct gb_value *uid = gb_map_find(props, GB_STR("uid"));
        *runs = true;
        *as_root |= uid && uid->kind == GB_VALUE_INT && uid->integer == 0;
    }
    if (*runs || processes->presence == GB_PRESENT || processes->presence == GB_ABSENT)
        return gb_bool(*runs);
    if (processes->presence == GB_NO_SUBJECT)
        return gb_not_applicable(processes->reason);
    return gb_unknown(processes->reason);
}

static struct gb_value boot_state(const struct probe *probe, const struct daemon *daemon)
{
    const struct gb_value *first_unknown = NULL;
    for (size_t i = 0; i < 2 && daemon->units[i]; i++) {
        char id[80];
        snprintf(id, sizeof id, "unit:%s", daemon->units[i]);
        const struct gb_resource *unit = gb_collection_find(probe->collector->all, gb_str_of(id));
        const struct gb_value *at_boot = unit ? gb_map_find(unit->props, GB_STR("at_boot")) : NULL;
        if (at_boot && at_boot->kind == GB_VALUE_BOOL && at_boot->boolean)
            return *at_boot;
        if (at_boot && at_boot->kind != GB_VALUE_BOOL && !first_unknown)
            first_unknown = at_boot;
    }
    return first_unknown ? *first_unknown : gb_bool(false);
}

static int read_config(struct probe *probe, const char *path, unsigned depth);

// What an include line leads to: a file, or the files of a directory.
static int read_include(struct probe *probe, struct gb_str keyword, struct gb_str path,
                        unsigned depth)
{
    struct gb_collector *collector = probe->collector;
    char *name = gb_str_c(collector->scratch, path);
    if (!name)
        return GB_E_MEMORY;
    if (name[0] != '/' || depth == MAX_INCLUDE_DEPTH)
        return GB_OK;
    bool sources = gb_str_is(keyword, "sourcedir");
    if (!sources && !gb_str_is(keyword, "confdir"))
        return read_config(probe, name, depth + 1);
    const char *const directories[] = {name};
    struct gb_dropins files;
    if (gb_dropins_list(collector->host, directories, 1, sources ? ".sources" : ".conf",
                        collector->scratch, &files))
        return GB_E_MEMORY;
    for (size_t i = 0; i < files.count; i++)
        if (read_config(probe, files.items[i].path.at, depth + 1))
            return GB_E_MEMORY;
    return GB_OK;
}

static int read_config(struct probe *probe, const char *path, unsigned depth)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str text, file = gb_str_copy(collector->arena, gb_str_of(path));
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_MEMORY || !file.at)
        return GB_E_MEMORY;
    if (code == GB_E_NOT_FOUND)
        return GB_OK;
    if (code) {
        probe->unread = gb_unread_reason(collector, path, code);
        return GB_OK;
    }
    size_t first = probe->sources.include_count;
    if (gb_time_config_parse(&probe->sources, text, file, collector->arena))
        return GB_E_MEMORY;
    size_t last = probe->sources.include_count;
    for (size_t i = first; i < last; i++)
        if (read_include(probe, probe->sources.includes[i].keyword, probe->sources.includes[i].path,
                         depth))
            return GB_E_MEMORY;
    return GB_OK;
}

// timesyncd has settings of systemd's form; without any it uses servers that were built in.
static int read_timesyncd(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_ini ini;
    if (gb_ini_load(collector->host, "systemd/timesyncd.conf", collector->arena, &ini))
        return GB_E_MEMORY;
    const struct gb_ini_problem *unread = gb_ini_unread(&ini);
    if (unread)
        probe->unread = unread->reason;
    static const char *const keys[] = {"NTP", "FallbackNTP"};
    bool fallback_set = false;
    for (size_t k = 0; k < 2; k++) {
        size_t at = 0;
        const struct gb_ini_entry *entry;
        fallback_set |= k == 1 && gb_ini_get(&ini, "Time", keys[k]);
        while ((entry = gb_ini_next(&ini, "Time", keys[k], &at))) {
            struct gb_str words = entry->value, word;
            while (gb_str_next_word(&words, &word))
                if (gb_time_source_add(&probe->sources,
                                       (struct gb_time_source){.address = word,
                                                               .file = entry->file,
                                                               .line = entry->line},
                                       collector->arena))
                    return GB_E_MEMORY;
        }
    }
    if (!probe->sources.count && fallback_set)
        probe->unread = GB_STR("its servers come from the network's configuration, if at all");
    if (probe->sources.count || fallback_set)
        return GB_OK;
    return gb_time_source_add(
        &probe->sources,
        (struct gb_time_source){.address = GB_STR("built-in servers"),
                                .file = GB_STR("/etc/systemd/timesyncd.conf")},
        collector->arena);
}

static void put_sources(struct probe *probe, struct gb_facts *record, const char *daemon)
{
    struct gb_collector *collector = probe->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    if (probe->unread.len || !list) {
        gb_fact(record, "sources", gb_unknown(probe->unread));
        return;
    }
    for (size_t i = 0; i < probe->sources.count; i++) {
        const struct gb_time_source *source = &probe->sources.items[i];
        struct gb_facts item = gb_facts_record(collector);
        gb_fact(
            &item, "address",
            gb_fact_at(&item, gb_fact_text(&item, source->address), source->file, source->line));
        gb_fact(&item, "daemon", gb_string(gb_str_of(daemon)));
        gb_fact(&item, "authenticated",
                gb_fact_at(&item, gb_bool(source->authenticated), source->file, source->line));
        gb_fact(&item, "local", gb_bool(source->local));
        if (item.props)
            gb_list_add(collector->arena, list, gb_map_of(item.props));
    }
    gb_fact(record, "sources", gb_list_of(list));
}

static int put_daemon(struct probe *probe, const struct daemon *daemon, const char *program)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts record = gb_facts_record(collector);
    struct gb_str name = gb_str_of(daemon->name), where = gb_str_of(program);
    bool runs, as_root;
    struct gb_value state = running_state(probe, daemon, &runs, &as_root);
    gb_fact(&record, "name", gb_fact_at(&record, gb_string(name), where, 0));
    gb_fact(&record, "running", state);
    gb_fact(&record, "as_root", state.kind == GB_VALUE_BOOL ? gb_bool(as_root) : state);
    gb_fact(&record, "at_boot", boot_state(probe, daemon));
    probe->sources = (struct gb_time_sources){0};
    probe->unread = (struct gb_str){0};
    const char *config = config_of(probe, daemon);
    int code = config               ? read_config(probe, config, 0)
               : daemon->configs[0] ? GB_OK
                                    : read_timesyncd(probe);
    if (code)
        return code;
    put_sources(probe, &record, daemon->name);
    if (record.props && probe->list)
        gb_list_add(collector->arena, probe->list, gb_map_of(record.props));
    gb_fact_add_text(&record, probe->installed, name, where, 0);
    if (runs)
        gb_fact_add_text(&record, probe->running, name, where, 0);
    return GB_OK;
}

static void put_discipline(struct gb_facts *facts)
{
    struct gb_collector *collector = facts->collector;
    struct gb_clock_state state;
    int code = gb_host_clock(collector->host, &state, NULL);
    if (code) {
        gb_fact(facts, "synchronised", gb_unread(collector, "adjtimex", code));
        gb_fact(facts, "status", gb_unread(collector, "adjtimex", code));
        return;
    }
    bool good = !(state.status & STA_UNSYNC) && state.state != TIME_ERROR;
    gb_fact(facts, "synchronised", gb_fact_at(facts, gb_bool(good), GB_STR("adjtimex"), 0));
    gb_fact(facts, "status", gb_fact_at(facts, gb_int(state.status), GB_STR("adjtimex"), 0));
}

// The third line of /etc/adjtime says whether the hardware clock runs in UTC or local time.
static void put_hardware_clock(struct gb_facts *facts)
{
    static const char path[] = "/etc/adjtime";
    struct gb_str text, line;
    int code = gb_small_file(facts->collector, path, &text);
    if (code && code != GB_E_NOT_FOUND) {
        gb_fact(facts, "hardware_clock_utc", gb_unread(facts->collector, path, code));
        return;
    }
    if (code && gb_host_has_kernel(facts->collector->host) &&
        !gb_host_exists(facts->collector->host, "/sys/class/rtc/rtc0")) {
        gb_fact(facts, "hardware_clock_utc",
                gb_not_applicable(GB_STR("this machine has no hardware clock")));
        return;
    }
    bool utc = true; // what holds without the file
    for (uint32_t number = 1; !code && gb_str_next(&text, '\n', &line); number++)
        if (number == 3)
            utc = !gb_str_is(gb_str_trim(line), "LOCAL");
    gb_fact(facts, "hardware_clock_utc",
            gb_fact_at(facts, gb_bool(utc), GB_STR(path), code ? 0 : 3));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    if (!gb_host_has_kernel(collector->host) && !gb_host_exists(collector->host, "/sbin/init") &&
        !gb_host_exists(collector->host, "/usr/sbin/init")) {
        gb_collection_absent(collector->all, GB_STR("clock"),
                             GB_STR("an image without an init system runs no daemons"));
        return GB_OK;
    }
    struct probe probe = {.collector = collector,
                          .list = gb_list_new(collector->arena),
                          .installed = gb_list_new(collector->arena),
                          .running = gb_list_new(collector->arena)};
    probe.facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("clock"), GB_STR("")));
    if (!probe.list || !probe.installed || !probe.running || !probe.facts.props)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the clock's facts");
    for (size_t i = 0; i < DAEMONS; i++) {
        const char *program = installed_as(&probe, &daemons[i]);
        if (program && put_daemon(&probe, &daemons[i], program))
            return gb_error_set(err, GB_E_MEMORY, "no memory for the clock's facts");
    }
    gb_fact(&probe.facts, "daemons", gb_list_of(probe.list));
    gb_fact(&probe.facts, "installed",
            gb_at(gb_list_of(probe.installed),
                  probe.installed->count ? probe.installed->items[0].origin : 0));
    bool runs, as_root;
    struct gb_value state = running_state(&probe, &daemons[0], &runs, &as_root);
    gb_fact(&probe.facts, "running",
            state.kind == GB_VALUE_BOOL || !probe.list->count ? gb_list_of(probe.running) : state);
    put_discipline(&probe.facts);
    put_hardware_clock(&probe.facts);
    return GB_OK;
}

const struct gb_source gb_source_clock = {
    .name = "host/clock",
    .title = "clock and time synchronisation",
    .kinds = kinds,
    .order = 20, // after processes and units
    .collect = collect,
};
