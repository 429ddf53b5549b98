// Container engines of this host (kind "container_engine"): the source, and what its readers share.
// Runs after processes and units.
#include "source/container/engine.h"

#include "source/host/unit_files.h"
#include "source/host/unit_text.h"
#include "source/package/installed.h"
#include "source/package/owner.h"

static const char *const kinds[] = {"container_engine", NULL};

struct gb_engine gb_engine_begin(struct gb_engine_scan *scan, const char *name,
                                 struct gb_str program)
{
    struct gb_collector *collector = scan->collector;
    struct gb_arena *arena = collector->arena;
    struct gb_engine engine = {
        .scan = scan,
        .facts = gb_facts(collector, gb_collection_add(collector->all, GB_STR("container_engine"),
                                                       gb_str_of(name))),
        .config_files = gb_list_new(arena),
        .sockets = gb_list_new(arena),
        .tcp = gb_list_new(arena),
        .members = gb_list_new(arena),
        .registries = gb_list_new(arena),
        .weak = gb_list_new(arena),
    };
    scan->found++;
    gb_fact(&engine.facts, "name", gb_string(gb_str_of(name)));
    gb_fact(&engine.facts, "program", gb_fact_text(&engine.facts, program));
    struct gb_str package = gb_package_owner(collector, program);
    char *package_name = package.len ? gb_str_c(collector->scratch, package) : NULL;
    const struct gb_dpkg_package *installed =
        package_name ? gb_package_find(collector, package_name) : NULL;
    if (package.len)
        gb_fact(&engine.facts, "package", gb_fact_text(&engine.facts, package));
    if (installed)
        gb_fact(&engine.facts, "version", gb_fact_text(&engine.facts, installed->version));
    return engine;
}

void gb_engine_end(struct gb_engine *engine)
{
    struct gb_facts *facts = &engine->facts;
    gb_fact(facts, "config_files", gb_list_of(engine->config_files));
    gb_fact(facts, "sockets", gb_list_of(engine->sockets));
    gb_fact(facts, "tcp", gb_list_of(engine->tcp));
    gb_fact(facts, "members", gb_list_of(engine->members));
    gb_fact(facts, "insecure_registries", gb_list_of(engine->registries));
    gb_fact(facts, "weak_files", gb_list_of(engine->weak));
}

void gb_engine_file(struct gb_engine *engine, struct gb_str path)
{
    struct gb_collector *collector = engine->scan->collector;
    struct gb_path_trust trust;
    gb_fact_add_text(&engine->facts, engine->config_files, path, path, 0);
    if (gb_path_trust(&engine->scan->judge, path, 0, &trust) < 0 || !trust.who.len)
        return;
    struct gb_facts record = gb_facts_record(collector);
    gb_fact(&record, "path", gb_fact_at(&record, gb_fact_text(&record, path), path, 0));
    gb_fact(&record, "weak", gb_fact_text(&record, trust.weak));
    gb_fact(&record, "who", gb_fact_text(&record, trust.who));
    gb_list_add(collector->arena, engine->weak, gb_map_of(record.props));
}

static bool lists_text(const struct gb_list *list, struct gb_str text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (gb_str_eq(list->items[i].string, text))
            return true;
    }
    return false;
}

// Adds a user that is not root, once, to the socket's and the engine's list.
static void add_member(struct gb_engine *engine, struct gb_list *list, struct gb_str user,
                       uint32_t line)
{
    if (!user.len || gb_str_is(user, "root"))
        return;
    struct gb_str clean = gb_fact_text(&engine->facts, user).string;
    if (!lists_text(list, clean))
        gb_fact_add_text(&engine->facts, list, clean, GB_STR("/etc/group"), line);
    if (!lists_text(engine->members, clean))
        gb_fact_add_text(&engine->facts, engine->members, clean, GB_STR("/etc/group"), line);
}

static void add_group_members(struct gb_engine *engine, struct gb_list *list, uint32_t gid)
{
    const struct gb_accounts *accounts = &engine->scan->accounts;
    const struct gb_group_entry *group = gb_accounts_gid(accounts, gid);
    for (size_t i = 0; group && i < group->member_count; i++)
        add_member(engine, list, group->members[i], group->line);
    for (size_t i = 0; i < accounts->user_count; i++) {
        if (accounts->users[i].gid == gid)
            add_member(engine, list, accounts->users[i].name, group ? group->line : 0);
    }
}

void gb_engine_socket(struct gb_engine *engine, struct gb_str path, struct gb_str mode,
                      struct gb_str group, struct gb_str file, uint32_t line)
{
    struct gb_engine_scan *scan = engine->scan;
    struct gb_arena *arena = scan->collector->arena;
    struct gb_file_info info = {.mode = 0660};
    uint64_t asked;
    char *plain = gb_str_c(scan->collector->scratch, path);
    bool live = plain && gb_host_stat(scan->collector->host, plain, true, &info, NULL) == GB_OK &&
                info.type == GB_FILE_SOCKET;
    if (!live) {
        const struct gb_group_entry *entry = gb_accounts_group(&scan->accounts, group);
        bool known = gb_str_to_uint(mode, 8, &asked) == GB_OK && asked <= 07777;
        info = (struct gb_file_info){.mode = known ? (uint32_t)asked : 0660,
                                     .gid = entry ? entry->gid : 0};
    }
    struct gb_facts record = gb_facts_record(scan->collector);
    struct gb_list *members = gb_list_new(arena);
    if (info.uid && (info.mode & 0200))
        add_member(engine, members, gb_accounts_owner(&scan->accounts, info.uid, arena), 0);
    if (info.mode & 0020)
        add_group_members(engine, members, info.gid);
    struct gb_str where = live || !file.len ? path : file;
    gb_fact(&record, "path",
            gb_fact_at(&record, gb_fact_text(&record, path), where, live ? 0 : line));
    gb_fact(&record, "live", gb_bool(live));
    gb_fact(&record, "mode", gb_string(gb_str_format(arena, "%04o", info.mode & 07777)));
    gb_fact(&record, "owner",
            gb_fact_text(&record, gb_accounts_owner(&scan->accounts, info.uid, arena)));
    gb_fact(&record, "group",
            gb_fact_text(&record, gb_accounts_owner_group(&scan->accounts, info.gid, arena)));
    gb_fact(&record, "everybody", gb_bool(info.mode & 0002));
    gb_fact(&record, "members", gb_list_of(members));
    gb_list_add(arena, engine->sockets, gb_map_of(record.props));
}

int gb_engine_socket_unit(struct gb_engine *engine, const char *unit)
{
    struct gb_collector *collector = engine->scan->collector;
    struct gb_ini settings;
    int code = gb_unit_settings(collector->host, unit, collector->scratch, &settings);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK;
    const struct gb_ini_entry *mode = gb_ini_get(&settings, "Socket", "SocketMode");
    const struct gb_ini_entry *group = gb_ini_get(&settings, "Socket", "SocketGroup");
    const struct gb_ini_entry *entry;
    size_t at = 0;
    while ((entry = gb_ini_next(&settings, "Socket", "ListenStream", &at))) {
        struct gb_unit_address address = gb_unit_address(entry->value);
        struct gb_str path = entry->value;
        if (address.internet)
            gb_engine_tcp(engine, path, false, entry->file, entry->line);
        // %t is the runtime directory: /run for the system manager.
        if (gb_str_starts(path, GB_STR("%t/")))
            path = gb_str_format(collector->scratch, "/run/" GB_PRI, GB_ARG(gb_str_from(path, 3)));
        if (path.len && path.at[0] == '/')
            gb_engine_socket(engine, path, mode ? mode->value : GB_STR("0666"),
                             group ? group->value : GB_STR("root"), entry->file, entry->line);
    }
    return GB_OK;
}

void gb_engine_tcp(struct gb_engine *engine, struct gb_str address, bool authenticated,
                   struct gb_str file, uint32_t line)
{
    struct gb_facts record = gb_facts_record(engine->scan->collector);
    struct gb_str plain =
        gb_str_starts(address, GB_STR("tcp://")) ? gb_str_from(address, 6) : address;
    // An address without a host part is every address.
    bool everywhere = !plain.len || plain.at[0] == ':';
    gb_fact(&record, "address", gb_fact_at(&record, gb_fact_text(&record, address), file, line));
    gb_fact(&record, "exposed", gb_bool(everywhere || gb_unit_address(plain).exposed));
    gb_fact(&record, "authenticated", gb_bool(authenticated));
    gb_list_add(engine->scan->collector->arena, engine->tcp, gb_map_of(record.props));
}

void gb_engine_registry(struct gb_engine *engine, struct gb_str registry, struct gb_str file,
                        uint32_t line)
{
    gb_fact_add_text(&engine->facts, engine->registries, registry, file, line);
}

bool gb_engine_runs(const struct gb_engine_scan *scan, const char *name)
{
    const struct gb_kind_state *processes =
        gb_collection_kind(scan->collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_map_value *props = processes->resources[i]->props;
        const struct gb_value *seen = gb_map_find(props, GB_STR("name"));
        if (gb_str_is(gb_value_str_or(seen, GB_STR("")), name) &&
            !gb_map_find(props, GB_STR("container")))
            return true;
    }
    return false;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_engine_scan *scan = gb_alloc(collector->scratch, sizeof *scan);
    if (!scan || gb_accounts_load(collector->host, collector->scratch, false, &scan->accounts) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for container engines");
    scan->collector = collector;
    scan->judge = gb_path_judge(collector->host, &scan->accounts, collector->scratch);
    if (gb_engine_docker(scan) < 0 || gb_engine_podman(scan) < 0 ||
        gb_engine_containerd(scan) < 0 || gb_engine_crio(scan) < 0 ||
        gb_arena_failed(collector->arena))
        return gb_error_set(err, GB_E_MEMORY, "no memory for container engines");
    if (!scan->found)
        gb_collection_absent(collector->all, GB_STR("container_engine"),
                             GB_STR("no container engine is installed"));
    else
        gb_collection_complete(collector->all, GB_STR("container_engine"));
    return GB_OK;
}

const struct gb_source gb_source_container_engine = {
    .name = "container/engine",
    .title = "container engines",
    .kinds = kinds,
    .order = 4,
    .collect = collect,
};
