// Core dumps (kind "core_dumps"): who may leave one, and what becomes of it. A dump holds what the
// program had in memory: keys, passwords, other people's data.
#include "source/host/dropins.h"
#include "source/host/facts.h"
#include "source/host/ini.h"
#include "source/host/limits_conf.h"

static const char *const kinds[] = {"core_dumps", NULL};

static int read_limits(struct gb_collector *collector, struct gb_limits *limits,
                       struct gb_str *unread)
{
    static const char main_file[] = "/etc/security/limits.conf";
    static const char *const directories[] = {"/etc/security/limits.d"};
    struct gb_dropins files;
    if (gb_dropins_list(collector->host, directories, 1, ".conf", collector->arena, &files))
        return GB_E_MEMORY;
    if (files.unlisted)
        *unread = gb_unread_reason(collector, files.unlisted, files.unlisted_code);
    for (size_t i = 0; i <= files.count; i++) {
        struct gb_str path = i ? files.items[i - 1].path : GB_STR(main_file), text;
        int code = gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena,
                                &text, NULL);
        if (code == GB_E_MEMORY || (!code && gb_limits_parse(limits, text, path, collector->arena)))
            return GB_E_MEMORY;
        if (code && code != GB_E_NOT_FOUND)
            *unread = gb_unread_reason(collector, path.at, code);
    }
    return GB_OK;
}

static int put_limit(struct gb_facts *facts)
{
    struct gb_limits limits = {0};
    struct gb_str unread = {0};
    if (read_limits(facts->collector, &limits, &unread))
        return GB_E_MEMORY;
    const struct gb_limit *limit = gb_limits_hard_default(&limits, "core");
    if (unread.len)
        gb_fact(facts, "users_limited", gb_unknown(unread));
    else
        gb_fact(facts, "users_limited",
                limit ? gb_fact_at(facts, gb_bool(gb_str_is(limit->value, "0")), limit->file,
                                   limit->line)
                      : gb_fact_at(facts, gb_bool(false), GB_STR("/etc/security/limits.conf"), 0));
    return GB_OK;
}

// "Max core file size        0                    unlimited            bytes": the hard limit that
// everything started by PID 1 inherits.
static void put_inherited(struct gb_facts *facts)
{
    static const char path[] = "/proc/1/limits";
    static const struct gb_str label = GB_STR_INIT("Max core file size");
    struct gb_str text, line, soft, hard;
    int code = gb_small_file(facts->collector, path, &text);
    for (uint32_t number = 1; !code && gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_starts(line, label))
            continue;
        line = gb_str_from(line, label.len);
        if (gb_str_next_word(&line, &soft) && gb_str_next_word(&line, &hard)) {
            gb_fact(facts, "inherited_limit",
                    gb_fact_at(facts, gb_fact_text(facts, hard), GB_STR(path), number));
            return;
        }
        code = GB_E_SYNTAX;
    }
    gb_fact(facts, "inherited_limit", gb_unread(facts->collector, path, code ? code : GB_E_SYNTAX));
}

static void put_pattern(struct gb_facts *facts)
{
    static const char path[] = "/proc/sys/kernel/core_pattern";
    struct gb_str text, program;
    int code = gb_small_file(facts->collector, path, &text);
    if (code) {
        gb_fact(facts, "handler", gb_unread(facts->collector, path, code));
        return;
    }
    const char *handler = "file";
    if (!text.len)
        handler = "nothing";
    if (gb_str_starts(text, GB_STR("|"))) {
        text = gb_str_from(text, 1);
        gb_str_next_word(&text, &program);
        program = gb_str_from(program, (size_t)(gb_str_rfind_char(program, '/') + 1));
        handler = gb_str_is(program, "systemd-coredump")                      ? "systemd"
                  : gb_str_is(program, "false") || gb_str_is(program, "true") ? "nothing"
                                                                              : "program";
    }
    gb_fact(facts, "handler", gb_fact_at(facts, gb_string(gb_str_of(handler)), GB_STR(path), 0));
}

// systemd-coredump keeps dumps unless told not to; pid 1 gives services the limit of
// DefaultLimitCORE.
static int put_systemd(struct gb_facts *facts)
{
    struct gb_collector *collector = facts->collector;
    static const char *const programs[] = {"/usr/lib/systemd/systemd-coredump",
                                           "/lib/systemd/systemd-coredump"};
    bool installed = gb_host_exists(collector->host, programs[0]) ||
                     gb_host_exists(collector->host, programs[1]);
    gb_fact(facts, "systemd_coredump",
            gb_fact_at(facts, gb_bool(installed), gb_str_of(programs[0]), 0));
    if (!installed)
        return GB_OK;
    struct gb_ini ini;
    if (gb_ini_load(collector->host, "systemd/coredump.conf", collector->arena, &ini))
        return GB_E_MEMORY;
    const struct gb_ini_problem *unread = gb_ini_unread(&ini);
    const struct gb_ini_entry *storage = gb_ini_get(&ini, "Coredump", "Storage");
    const struct gb_ini_entry *maximum = gb_ini_get(&ini, "Coredump", "ProcessSizeMax");
    if (unread) {
        gb_fact(facts, "systemd_storage", gb_unknown(unread->reason));
        gb_fact(facts, "systemd_keeps_nothing", gb_unknown(unread->reason));
        return GB_OK;
    }
    bool none = storage && gb_str_is(storage->value, "none");
    bool zero = maximum && gb_str_is(maximum->value, "0");
    struct gb_value text = storage && storage->value.len ? gb_fact_text(facts, storage->value)
                                                         : gb_string(GB_STR("external"));
    struct gb_str file = storage ? storage->file : GB_STR("/etc/systemd/coredump.conf");
    uint32_t line = storage ? storage->line : 0;
    gb_fact(facts, "systemd_storage", gb_fact_at(facts, text, file, line));
    gb_fact(facts, "systemd_keeps_nothing",
            gb_fact_at(facts, gb_bool(none || zero),
                       none   ? file
                       : zero ? maximum->file
                              : file,
                       none   ? line
                       : zero ? maximum->line
                              : line));
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("core_dumps"), GB_STR("")));
    if (!facts.props || put_limit(&facts) || put_systemd(&facts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the facts about core dumps");
    if (gb_in_container(collector->all)) {
        struct gb_value other =
            gb_not_applicable(GB_STR("the kernel belongs to the container's host"));
        gb_fact(&facts, "handler", other);
        gb_fact(&facts, "inherited_limit", other);
        return GB_OK;
    }
    put_pattern(&facts);
    put_inherited(&facts);
    return GB_OK;
}

const struct gb_source gb_source_core_dumps = {
    .name = "host/core_dumps",
    .title = "core dumps",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
