// Kind "stale_code": processes that still run code of libraries that were replaced or deleted:
// an update that is on disk does not protect them. From the memory maps of each process (proc(5)).
#include "source/facts.h"
#include "source/host/collected.h"
#include "source/package/owner.h"

#include <stdio.h>

enum { PROCESSES_MAX = 100000, MAPS_MAX_BYTES = 16 << 20, LIBRARIES_MAX = 32 };

struct probe {
    struct gb_collector *collector;
    struct gb_list *processes;
    size_t unreadable;
};

struct libraries {
    struct gb_str paths[LIBRARIES_MAX];
    size_t count;
};

static bool is_library(struct gb_str path)
{
    return gb_str_ends(path, GB_STR(".so")) || gb_str_contains(path, GB_STR(".so."));
}

// "start-end r-xp offset dev inode   /path (deleted)": executable maps of files that are gone.
static void find_deleted(struct gb_str maps, struct libraries *into)
{
    static const struct gb_str mark = GB_STR_INIT(" (deleted)");
    while (into->count < LIBRARIES_MAX) {
        ptrdiff_t at = gb_str_find(maps, mark);
        if (at < 0)
            return;
        struct gb_str before = gb_str_sub(maps, 0, (size_t)at);
        maps = gb_str_from(maps, (size_t)at + mark.len);
        ptrdiff_t start = gb_str_rfind_char(before, '\n');
        struct gb_str line = gb_str_from(before, (size_t)(start + 1)), range, permissions;
        ptrdiff_t slash = gb_str_find_char(line, '/');
        if (!gb_str_next_word(&line, &range) || !gb_str_next_word(&line, &permissions) ||
            permissions.len < 3 || permissions.at[2] != 'x' || slash < 0)
            continue;
        struct gb_str path = gb_str_from(gb_str_from(before, (size_t)(start + 1)), (size_t)slash);
        bool known = !is_library(path);
        for (size_t i = 0; i < into->count && !known; i++)
            known = gb_str_eq(into->paths[i], path);
        if (!known)
            into->paths[into->count++] = path;
    }
}

static struct gb_str last_part(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

static void add_process(struct probe *probe, const struct gb_resource *process, struct gb_str pid,
                        const struct libraries *libraries)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts facts = gb_facts_record(collector);
    struct gb_list *list = gb_list_new(collector->arena), *packages = gb_list_new(collector->arena);
    const struct gb_value *name = gb_map_find(process->props, GB_STR("name"));
    const struct gb_value *number = gb_map_find(process->props, GB_STR("pid"));
    struct gb_str path = gb_str_format(collector->arena, "/proc/" GB_PRI "/maps", GB_ARG(pid));
    struct gb_str summary = gb_str_format(collector->arena, GB_PRI " (" GB_PRI ")",
                                          GB_ARG(gb_value_str_or(name, GB_STR("?"))), GB_ARG(pid));
    for (size_t i = 0; list && packages && i < libraries->count; i++) {
        gb_fact_add_text(&facts, list, libraries->paths[i], path, 0);
        summary = gb_str_format(collector->arena, GB_PRI "%s " GB_PRI, GB_ARG(summary),
                                i ? "," : ":", GB_ARG(last_part(libraries->paths[i])));
        struct gb_str owner = gb_package_owner(collector, libraries->paths[i]);
        bool known = !owner.len;
        for (size_t k = 0; k < packages->count && !known; k++)
            known = gb_str_eq(packages->items[k].string, owner);
        if (!known)
            gb_fact_add_text(&facts, packages, owner, GB_STR(""), 0);
    }
    if (!list || !packages)
        return;
    gb_fact(&facts, "pid", number ? *number : gb_int(0));
    gb_fact(&facts, "name", name ? *name : gb_string(GB_STR("")));
    gb_fact(&facts, "libraries", gb_list_of(list));
    gb_fact(&facts, "packages", gb_list_of(packages));
    gb_fact(&facts, "summary", gb_fact_at(&facts, gb_fact_text(&facts, summary), path, 0));
    gb_list_add(collector->arena, probe->processes,
                gb_fact_at(&facts, gb_map_of(facts.props), path, 0));
}

static void look_at(struct probe *probe, const struct gb_resource *process, struct gb_str pid)
{
    struct gb_collector *collector = probe->collector;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    struct gb_str path = gb_str_format(collector->scratch, "/proc/" GB_PRI "/maps", GB_ARG(pid));
    struct gb_str maps;
    int code = path.at ? gb_host_read(collector->host, path.at, MAPS_MAX_BYTES, collector->scratch,
                                      &maps, NULL)
                       : GB_E_MEMORY;
    struct libraries libraries = {.count = 0};
    if (code == GB_OK)
        find_deleted(maps, &libraries);
    else
        probe->unreadable += code == GB_E_DENIED;
    if (libraries.count)
        add_process(probe, process, pid, &libraries);
    gb_arena_reset(collector->scratch, mark);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    (void)err;
    struct gb_str kind = GB_STR("stale_code");
    struct gb_collection *all = collector->all;
    const struct gb_kind_state *processes = gb_collection_kind(all, GB_STR("process"));
    if (!gb_host_has_kernel(collector->host)) {
        gb_collection_no_subject(all, kind, GB_STR("needs a live kernel"));
        return GB_OK;
    }
    if (processes->presence == GB_NOT_KNOWN || processes->presence == GB_NOT_COLLECTED) {
        gb_collection_gap(all, kind, processes->reason);
        return GB_OK;
    }
    struct gb_facts facts = gb_facts(collector, gb_collection_add(all, kind, GB_STR("")));
    struct probe probe = {.collector = collector, .processes = gb_list_new(collector->arena)};
    if (!probe.processes)
        return GB_OK;
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_value *pid = gb_map_find(processes->resources[i]->props, GB_STR("pid"));
        char digits[24];
        if (!pid || pid->kind != GB_VALUE_INT)
            continue;
        int length = snprintf(digits, sizeof digits, "%lld", (long long)pid->integer);
        look_at(&probe, processes->resources[i], (struct gb_str){digits, (size_t)length});
    }
    struct gb_value list = gb_list_of(probe.processes);
    if (probe.unreadable && !probe.processes->count)
        list =
            gb_unknown(gb_host_is_root(collector->host)
                           ? gb_str_format(collector->arena, "%zu processes could not be looked at",
                                           probe.unreadable)
                           : GB_STR("needs root"));
    gb_fact(&facts, "processes", list);
    return GB_OK;
}

static const char *const kinds[] = {"stale_code", NULL};

const struct gb_source gb_source_stale_code = {
    .name = "host/stale_code",
    .title = "processes with replaced libraries",
    .kinds = kinds,
    .order = 25, // after the processes
    .collect = collect,
};
