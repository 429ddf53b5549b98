// Containers of this host (kind "container"): what the engines keep on disk, joined with the
// control groups of running processes. Runs after the processes.
#include "base/json.h"
#include "base/toml.h"
#include "source/container/container_state.h"
#include "source/container/docker_daemon.h"
#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/unit_text.h"

static const char *const kinds[] = {"container", NULL};

enum { MAX_CONTAINERS = 10000, MAX_DOCUMENT = 4 << 20 };

struct scan {
    struct gb_collector *collector;
    struct gb_map running; // identifiers with a process
    struct gb_map known;   // identifiers that a record was found for
    struct gb_container_state *state;
    struct gb_str gap;
    size_t count;
};

static const struct gb_json_limits limits = {.max_bytes = MAX_DOCUMENT, .max_depth = 32};

static void note_gap(struct scan *scan, const char *path, int code)
{
    if (!scan->gap.len)
        scan->gap = gb_unread_reason(scan->collector, path, code);
}

// A JSON document in scratch memory. GB_E_NOT_FOUND; another failure is a gap.
static int read_document(struct scan *scan, struct gb_str path, struct gb_node *ret)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str text;
    int code = !path.at ? GB_E_MEMORY
                        : gb_host_read(collector->host, path.at, MAX_DOCUMENT, collector->scratch,
                                       &text, NULL);
    if (code == GB_OK)
        code = gb_json_node(text, path.at, limits, collector->scratch, ret, NULL);
    if (code < 0 && code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
        note_gap(scan, path.at, code);
    return code;
}

static struct gb_list *list_of(struct gb_facts *facts, const struct gb_container_names *names,
                               struct gb_str origin)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    for (size_t i = 0; i < names->count; i++)
        gb_fact_add_text(facts, list, names->items[i], origin, 0);
    return list;
}

static void put_mounts(struct gb_facts *facts, const struct gb_container_state *state)
{
    struct gb_arena *arena = facts->collector->arena;
    struct gb_list *list = gb_list_new(arena);
    for (size_t i = 0; i < state->mount_count; i++) {
        const struct gb_container_mount *mount = &state->mounts[i];
        struct gb_facts record = gb_facts_record(facts->collector);
        gb_fact(&record, "source",
                gb_fact_at(&record, gb_fact_text(&record, mount->source), state->origin, 0));
        gb_fact(&record, "destination", gb_fact_text(&record, mount->destination));
        gb_fact(&record, "writable", gb_bool(mount->writable));
        gb_fact(&record, "risk", gb_string(gb_container_mount_risk(mount->source)));
        gb_list_add(arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "mounts", gb_list_of(list));
}

static void put_ports(struct gb_facts *facts, const struct gb_container_state *state)
{
    struct gb_arena *arena = facts->collector->arena;
    struct gb_list *list = gb_list_new(arena);
    for (size_t i = 0; i < state->port_count; i++) {
        const struct gb_container_port *port = &state->ports[i];
        struct gb_facts record = gb_facts_record(facts->collector);
        struct gb_str address = port->address.len ? port->address : GB_STR("0.0.0.0");
        struct gb_str full = gb_str_format(facts->collector->scratch, GB_PRI ":1", GB_ARG(address));
        gb_fact(&record, "address",
                gb_fact_at(&record, gb_fact_text(&record, address), state->origin, 0));
        gb_fact(&record, "port", gb_fact_text(&record, port->port));
        gb_fact(&record, "container_port", gb_fact_text(&record, port->container_port));
        gb_fact(&record, "exposed", gb_bool(gb_unit_address(full).exposed));
        gb_list_add(arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "ports", gb_list_of(list));
}

static void put_truths(struct gb_facts *facts, const struct gb_container_state *state)
{
    const struct {
        const char *field;
        bool truth;
    } rows[] = {
        {"privileged", state->privileged},
        {"user_namespace", state->user_namespace},
        {"runs_as_root", state->root_user},
        {"no_new_privileges", state->no_new_privileges},
        {"seccomp", state->seccomp},
        {"confined", state->mac_confined},
        {"masked_paths", state->masked_paths},
        {"read_only_root", state->read_only_root},
        {"memory_limited", state->memory_limited},
        {"processes_limited", state->processes_limited},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        gb_fact(facts, rows[i].field, gb_fact_at(facts, gb_bool(rows[i].truth), state->origin, 0));
}

static struct gb_facts begin(struct scan *scan, struct gb_str id, struct gb_str name,
                             struct gb_str engine, struct gb_str owner)
{
    struct gb_collector *collector = scan->collector;
    struct gb_value shown =
        gb_string_clean(collector->arena, name.len ? name : gb_str_sub(id, 0, 12));
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("container"), shown.string));
    bool running = gb_map_get(&scan->running, id) != NULL;
    scan->count++;
    gb_fact(&facts, "name", shown);
    gb_fact(&facts, "identifier", gb_fact_text(&facts, id));
    gb_fact(&facts, "engine", gb_string(engine));
    gb_fact(&facts, "owner", gb_fact_text(&facts, owner));
    gb_fact(&facts, "running",
            gb_host_has_kernel(collector->host) ? gb_bool(running)
                                                : gb_not_applicable(GB_STR("needs a live kernel")));
    return facts;
}

static int put_container(struct scan *scan, struct gb_str owner)
{
    const struct gb_container_state *state = scan->state;
    struct gb_arena *arena = scan->collector->arena;
    struct gb_str id = gb_str_copy(arena, state->id);
    if (state->sandbox || scan->count >= MAX_CONTAINERS)
        return GB_OK;
    if (!id.at || gb_map_set(&scan->known, id, scan) < 0)
        return GB_E_MEMORY;
    struct gb_facts facts = begin(scan, id, state->name, state->engine, owner);
    if (state->image.len)
        gb_fact(&facts, "image",
                gb_fact_at(&facts, gb_fact_text(&facts, state->image), state->origin, 0));
    put_truths(&facts, state);
    gb_fact(&facts, "user",
            gb_fact_at(&facts, gb_fact_text(&facts, state->user), state->origin, 0));
    if (state->mac_profile.len)
        gb_fact(&facts, "profile",
                gb_fact_at(&facts, gb_fact_text(&facts, state->mac_profile), state->origin, 0));
    if (state->restart.len)
        gb_fact(&facts, "restart",
                gb_fact_at(&facts, gb_fact_text(&facts, state->restart), state->origin, 0));
    gb_fact(&facts, "capabilities",
            gb_list_of(list_of(&facts, &state->capabilities, state->origin)));
    gb_fact(&facts, "host_namespaces",
            gb_list_of(list_of(&facts, &state->host_namespaces, state->origin)));
    gb_fact(&facts, "devices", gb_list_of(list_of(&facts, &state->devices, state->origin)));
    gb_fact(&facts, "secret_variables",
            gb_list_of(list_of(&facts, &state->secret_variables, state->origin)));
    put_mounts(&facts, state);
    put_ports(&facts, state);
    return gb_arena_failed(arena) ? GB_E_MEMORY : GB_OK;
}

// A container that runs and that no engine's records tell of.
static void put_unknown(struct scan *scan, struct gb_str id)
{
    static const char *const fields[] = {"privileged",
                                         "capabilities",
                                         "host_namespaces",
                                         "user_namespace",
                                         "user",
                                         "runs_as_root",
                                         "seccomp",
                                         "confined",
                                         "no_new_privileges",
                                         "masked_paths",
                                         "read_only_root",
                                         "memory_limited",
                                         "processes_limited",
                                         "mounts",
                                         "devices",
                                         "ports",
                                         "secret_variables"};
    struct gb_facts facts = begin(scan, id, (struct gb_str){0}, GB_STR("unknown"), GB_STR("root"));
    struct gb_value unknown =
        gb_unknown(scan->gap.len ? scan->gap : GB_STR("no engine's records tell of it"));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(&facts, fields[i], unknown);
}

static int list_directory(struct scan *scan, struct gb_str path, struct gb_dir_entry **ret,
                          size_t *ret_count)
{
    *ret_count = 0;
    int code = !path.at ? GB_E_MEMORY
                        : gb_host_list(scan->collector->host, path.at, MAX_CONTAINERS,
                                       scan->collector->scratch, ret, ret_count, NULL);
    if (code < 0 && code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
        note_gap(scan, path.at, code);
    return code;
}

// --- Docker ---

static int collect_docker_container(struct scan *scan, struct gb_str directory, struct gb_str name,
                                    const struct gb_docker_defaults *defaults)
{
    struct gb_arena *scratch = scan->collector->scratch;
    struct gb_node config, host_config;
    struct gb_str first = gb_str_format(scratch, GB_PRI "/" GB_PRI "/config.v2.json",
                                        GB_ARG(directory), GB_ARG(name));
    struct gb_str second = gb_str_format(scratch, GB_PRI "/" GB_PRI "/hostconfig.json",
                                         GB_ARG(directory), GB_ARG(name));
    int code = read_document(scan, first, &config);
    if (code == GB_OK)
        code = read_document(scan, second, &host_config);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK;
    *scan->state = (struct gb_container_state){.engine = GB_STR("docker"), .origin = second};
    code = gb_container_from_docker(&config, &host_config, defaults, scratch, scan->state);
    if (code < 0)
        note_gap(scan, first.at, code);
    return code < 0 ? GB_OK : put_container(scan, GB_STR("root"));
}

static int collect_docker_root(struct scan *scan, struct gb_str root,
                               const struct gb_docker_defaults *defaults)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str directory = gb_str_format(collector->scratch, GB_PRI "/containers", GB_ARG(root));
    struct gb_dir_entry *entries;
    size_t count;
    int code = list_directory(scan, directory, &entries, &count);
    for (size_t i = 0; i < count && code == GB_OK; i++) {
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        if (entries[i].type == GB_FILE_DIRECTORY)
            code = collect_docker_container(scan, directory, entries[i].name, defaults);
        gb_arena_reset(collector->scratch, mark);
    }
    return code == GB_E_MEMORY ? code : GB_OK;
}

static int collect_docker(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    struct gb_docker_daemon daemon;
    if (gb_docker_daemon_load(collector, collector->scratch, &daemon) < 0)
        return GB_E_MEMORY;
    const struct gb_docker_setting *root = gb_docker_get(&daemon, "data-root");
    const struct gb_docker_setting *remap = gb_docker_get(&daemon, "userns-remap");
    const struct gb_docker_setting *filter = gb_docker_get(&daemon, "seccomp-profile");
    struct gb_docker_defaults defaults = {
        .no_new_privileges = gb_docker_truth(&daemon, "no-new-privileges", false),
        .user_namespace = remap && remap->value.len,
        .no_seccomp = filter && gb_str_is(filter->value, "unconfined"),
    };
    struct gb_str place = root && root->value.len ? root->value : GB_STR("/var/lib/docker");
    int code = collect_docker_root(scan, place, &defaults);
    // With mapped users everything is one directory deeper: UID.GID.
    struct gb_dir_entry *entries;
    size_t count = 0;
    if (code == GB_OK && defaults.user_namespace)
        code = list_directory(scan, place, &entries, &count);
    for (size_t i = 0; i < count && code == GB_OK; i++) {
        bool mapped = gb_str_find_char(entries[i].name, '.') > 0 && entries[i].name.at[0] <= '9';
        if (mapped)
            code = collect_docker_root(scan,
                                       gb_str_format(collector->scratch, GB_PRI "/" GB_PRI,
                                                     GB_ARG(place), GB_ARG(entries[i].name)),
                                       &defaults);
    }
    return code == GB_E_MEMORY ? code : GB_OK;
}

// --- podman, CRI-O: containers/storage ---

// Name and image out of one element of containers.json; "metadata" is JSON inside of a string.
static void read_storage_entry(struct scan *scan, const struct gb_node *entry)
{
    const struct gb_node *names = gb_node_get(entry, "names");
    const struct gb_node *metadata = gb_node_get(entry, "metadata");
    struct gb_node inner;
    if (names && names->kind == GB_NODE_LIST && names->list.count &&
        names->list.items[0].kind == GB_NODE_STRING)
        scan->state->name = names->list.items[0].string;
    if (!metadata || metadata->kind != GB_NODE_STRING ||
        gb_json_node(metadata->string, "metadata", limits, scan->collector->scratch, &inner, NULL) <
            0)
        return;
    const struct gb_node *image = gb_node_get(&inner, "image-name");
    if (image && image->kind == GB_NODE_STRING)
        scan->state->image = image->string;
}

static int collect_stored(struct scan *scan, struct gb_str directory, struct gb_str run_directory,
                          const struct gb_node *entry, struct gb_str owner)
{
    struct gb_arena *scratch = scan->collector->scratch;
    const struct gb_node *id = gb_node_get(entry, "id");
    struct gb_node spec;
    if (!id || id->kind != GB_NODE_STRING || gb_str_find_char(id->string, '/') >= 0)
        return GB_OK;
    struct gb_str path = gb_str_format(scratch, GB_PRI "/" GB_PRI "/userdata/config.json",
                                       GB_ARG(directory), GB_ARG(id->string));
    int code = read_document(scan, path, &spec);
    if (code == GB_E_NOT_FOUND) {
        path = gb_str_format(scratch, GB_PRI "/" GB_PRI "/userdata/config.json",
                             GB_ARG(run_directory), GB_ARG(id->string));
        code = read_document(scan, path, &spec);
    }
    if (code < 0) // never started: nothing is decided yet
        return code == GB_E_MEMORY ? code : GB_OK;
    *scan->state =
        (struct gb_container_state){.engine = GB_STR("podman"), .id = id->string, .origin = path};
    read_storage_entry(scan, entry);
    code = gb_container_from_oci(&spec, scratch, scan->state);
    if (code < 0) {
        note_gap(scan, path.at, code);
        return GB_OK;
    }
    // Whoever is root in an engine without root is its user outside.
    if (!gb_str_is(owner, "root"))
        scan->state->user_namespace = true;
    return put_container(scan, owner);
}

static int collect_storage(struct scan *scan, struct gb_str root, struct gb_str run_root,
                           struct gb_str owner)
{
    struct gb_collector *collector = scan->collector;
    struct gb_arena *scratch = collector->scratch;
    struct gb_dir_entry *entries;
    size_t count;
    int code = list_directory(scan, root, &entries, &count);
    for (size_t i = 0; i < count && code != GB_E_MEMORY; i++) {
        // overlay-containers, vfs-containers, btrfs-containers ...
        if (!gb_str_ends(entries[i].name, GB_STR("-containers")))
            continue;
        struct gb_str directory =
            gb_str_format(scratch, GB_PRI "/" GB_PRI, GB_ARG(root), GB_ARG(entries[i].name));
        struct gb_str run_directory =
            gb_str_format(scratch, GB_PRI "/" GB_PRI, GB_ARG(run_root), GB_ARG(entries[i].name));
        struct gb_node list;
        code = read_document(
            scan, gb_str_format(scratch, GB_PRI "/containers.json", GB_ARG(directory)), &list);
        size_t stored = code == GB_OK && list.kind == GB_NODE_LIST ? list.list.count : 0;
        for (size_t k = 0; k < stored && code == GB_OK; k++) {
            struct gb_mark mark = gb_arena_mark(scratch);
            code = collect_stored(scan, directory, run_directory, &list.list.items[k], owner);
            gb_arena_reset(scratch, mark);
        }
    }
    return code == GB_E_MEMORY ? code : GB_OK;
}

static int collect_podman(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str root = GB_STR("/var/lib/containers/storage"), text;
    struct gb_str run_root = GB_STR("/run/containers/storage");
    struct gb_toml toml;
    struct gb_accounts accounts;
    if (gb_host_read(collector->host, "/etc/containers/storage.conf", GB_CONFIG_MAX_BYTES,
                     collector->scratch, &text, NULL) == GB_OK &&
        gb_toml_read(text, "/etc/containers/storage.conf", collector->scratch, &toml, NULL) ==
            GB_OK) {
        root = gb_toml_string(gb_toml_get(&toml, GB_TOML_PATH("storage", "graphroot")), root);
        run_root = gb_toml_string(gb_toml_get(&toml, GB_TOML_PATH("storage", "runroot")), run_root);
        root = gb_str_copy(collector->scratch, root);
        run_root = gb_str_copy(collector->scratch, run_root);
    }
    if (gb_accounts_load(collector->host, collector->scratch, false, &accounts) < 0 ||
        collect_storage(scan, root, run_root, GB_STR("root")) < 0)
        return GB_E_MEMORY;
    for (size_t i = 0; i < accounts.user_count; i++) {
        const struct gb_passwd_entry *user = &accounts.users[i];
        if (user->uid < 1000 || user->uid == 65534 || !user->home.len || user->home.at[0] != '/')
            continue;
        struct gb_str own = gb_str_format(
            collector->scratch, GB_PRI "/.local/share/containers/storage", GB_ARG(user->home));
        struct gb_str own_run =
            gb_str_format(collector->scratch, "/run/user/%u/containers", user->uid);
        if (collect_storage(scan, own, own_run, user->name) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// --- containerd: bundles of running tasks ---

static int collect_bundle(struct scan *scan, struct gb_str directory, struct gb_str id)
{
    struct gb_arena *scratch = scan->collector->scratch;
    struct gb_node spec;
    struct gb_str path =
        gb_str_format(scratch, GB_PRI "/" GB_PRI "/config.json", GB_ARG(directory), GB_ARG(id));
    int code = gb_map_get(&scan->known, id) ? GB_E_NOT_FOUND : read_document(scan, path, &spec);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK;
    *scan->state =
        (struct gb_container_state){.engine = GB_STR("containerd"), .id = id, .origin = path};
    code = gb_container_from_oci(&spec, scratch, scan->state);
    if (code < 0)
        note_gap(scan, path.at, code);
    return code < 0 ? GB_OK : put_container(scan, GB_STR("root"));
}

static int collect_containerd(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    struct gb_arena *scratch = collector->scratch;
    struct gb_str root = GB_STR("/run/containerd/io.containerd.runtime.v2.task");
    struct gb_dir_entry *namespaces, *tasks;
    size_t count, task_count;
    int code = list_directory(scan, root, &namespaces, &count);
    for (size_t i = 0; i < count && code != GB_E_MEMORY; i++) {
        struct gb_str directory =
            gb_str_format(scratch, GB_PRI "/" GB_PRI, GB_ARG(root), GB_ARG(namespaces[i].name));
        code = list_directory(scan, directory, &tasks, &task_count);
        for (size_t k = 0; k < task_count && code == GB_OK; k++) {
            struct gb_mark mark = gb_arena_mark(scratch);
            code = collect_bundle(scan, directory, tasks[k].name);
            gb_arena_reset(scratch, mark);
        }
    }
    return code == GB_E_MEMORY ? code : GB_OK;
}

// Identifiers of containers that have a process, out of the process probe.
static int index_running(struct scan *scan)
{
    const struct gb_kind_state *processes =
        gb_collection_kind(scan->collector->all, GB_STR("process"));
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_value *id =
            gb_map_find(processes->resources[i]->props, GB_STR("container"));
        struct gb_str text = gb_value_str_or(id, (struct gb_str){0});
        if (text.len && gb_map_set(&scan->running, text, scan) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("container");
    struct scan scan = {.collector = collector,
                        .running = gb_map(collector->arena),
                        .known = gb_map(collector->arena),
                        .state = gb_alloc(collector->scratch, sizeof *scan.state)};
    if (!scan.state || index_running(&scan) < 0 || collect_docker(&scan) < 0 ||
        collect_podman(&scan) < 0 || collect_containerd(&scan) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for containers");
    // Inside of a container its own processes are in one: that is not a container of this host.
    for (size_t i = 0; i < scan.running.count && !gb_in_container(collector->all); i++) {
        if (!gb_map_get(&scan.known, scan.running.entries[i].key))
            put_unknown(&scan, scan.running.entries[i].key);
    }
    if (scan.gap.len)
        gb_collection_gap(collector->all, kind, scan.gap);
    else if (!scan.count)
        gb_collection_absent(collector->all, kind, GB_STR("there are no containers"));
    else
        gb_collection_complete(collector->all, kind);
    return GB_OK;
}

const struct gb_source gb_source_container = {
    .name = "container/container",
    .title = "containers",
    .kinds = kinds,
    .order = 4,
    .collect = collect,
};
