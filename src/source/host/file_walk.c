// The kinds that need a walk over the file systems: privileged, world-writable and unowned files,
// file capabilities, unpackaged programs, exposed secrets, device files, odd files; and "walk",
// what was covered.
#include "source/facts.h"
#include "source/host/capability.h"
#include "source/host/file_visit.h"
#include "source/package/checksums.h"
#include "source/package/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { ROOTS_MOST = 64, IDS_MOST = 1 << 20 };

static const char *const class_kinds[GB_FILE_CLASS_COUNT] = {
    [GB_FILES_SETUID] = "setuid_file",
    [GB_FILES_WORLD_WRITABLE] = "world_writable_file",
    [GB_FILES_UNOWNED] = "unowned_file",
    [GB_FILES_CAPABLE] = "file_capability",
    [GB_FILES_UNPACKAGED] = "unpackaged_executable",
    [GB_FILES_SECRET] = "exposed_secret_file",
    [GB_FILES_DEVICE] = "device_file",
    [GB_FILES_ODD] = "odd_file",
};
static const char *const total_fields[GB_FILE_CLASS_COUNT] = {
    [GB_FILES_SETUID] = "setuid_files",
    [GB_FILES_WORLD_WRITABLE] = "world_writable_files",
    [GB_FILES_UNOWNED] = "unowned_files",
    [GB_FILES_CAPABLE] = "file_capabilities",
    [GB_FILES_UNPACKAGED] = "unpackaged_executables",
    [GB_FILES_SECRET] = "exposed_secret_files",
    [GB_FILES_DEVICE] = "device_files",
    [GB_FILES_ODD] = "odd_files",
};

struct probe {
    struct gb_collector *collector;
    struct gb_file_visit_shared shared;
    struct gb_str owners_unknown, ids_unknown; // reasons
    struct gb_str roots[ROOTS_MOST];
    size_t root_count;
    struct gb_list *not_walked;
    struct gb_map overrides;               // path -> "mode" of dpkg-statoverride
    struct gb_map user_names, group_names; // decimal id -> name
    struct gb_file_visitor visitors[GB_WALK_THREADS_MAX];
    struct gb_language_visitor language[GB_WALK_THREADS_MAX];
    struct gb_file_visitor *all; // merged: the first one
    struct gb_walk_counts counts;
};

// ---- ids

static int by_first(const void *a, const void *b)
{
    const struct gb_id_range *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

struct id_list {
    struct gb_id_range *items;
    size_t count, capacity;
};

static void add_range(struct gb_arena *arena, struct id_list *list, uint64_t first, uint64_t last)
{
    if (first > UINT32_MAX || list->count >= IDS_MOST)
        return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        struct gb_id_range *items =
            gb_grow_array(arena, list->items, list->capacity, capacity, sizeof *items);
        if (!items)
            return;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct gb_id_range){
        .first = (uint32_t)first, .last = last > UINT32_MAX ? UINT32_MAX : (uint32_t)last};
}

static struct gb_id_set to_set(struct id_list *list)
{
    struct gb_id_set set = {.known = true};
    if (!list->count)
        return set;
    qsort(list->items, list->count, sizeof *list->items, by_first);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        struct gb_id_range *last = &list->items[kept], *next = &list->items[i];
        if (next->first <= last->last)
            last->last = next->last > last->last ? next->last : last->last;
        else
            list->items[++kept] = *next;
    }
    set.ranges = list->items;
    set.count = kept + 1;
    return set;
}

// Lines "name:first:count": ids that a user may give to containers.
static void add_subordinate(struct probe *probe, struct id_list *list, const char *path)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct gb_str text;
    if (gb_host_read(probe->collector->host, path, GB_CONFIG_MAX_BYTES, scratch, &text, NULL) < 0)
        return;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        struct gb_str name, first, count;
        uint64_t from, many;
        if (gb_str_next(&line, ':', &name) && gb_str_next(&line, ':', &first) &&
            gb_str_next(&line, ':', &count) && gb_str_to_uint(first, 10, &from) == GB_OK &&
            gb_str_to_uint(gb_str_trim(count), 10, &many) == GB_OK && many && many <= UINT32_MAX)
            add_range(scratch, list, from, from + many - 1);
    }
}

static bool collect_ids(struct probe *probe, const char *kind, const char *field,
                        const char *subordinate, struct gb_map *names, struct gb_id_set *ret)
{
    enum { DYNAMIC_FIRST = 61184, DYNAMIC_LAST = 65519 }; // systemd's DynamicUser=
    struct gb_arena *scratch = probe->collector->scratch;
    const struct gb_kind_state *state = gb_collection_kind(probe->collector->all, gb_str_of(kind));
    if (state->presence != GB_PRESENT || !state->count) {
        probe->ids_unknown = state->reason.len ? state->reason : GB_STR("accounts were not read");
        return false;
    }
    struct id_list list = {0};
    *names = gb_map(scratch);
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_map_value *props = state->resources[i]->props;
        const struct gb_value *id = gb_map_find(props, gb_str_of(field));
        const struct gb_value *name = gb_map_find(props, GB_STR("name"));
        if (!id || id->kind != GB_VALUE_INT || id->integer < 0)
            continue;
        add_range(scratch, &list, (uint64_t)id->integer, (uint64_t)id->integer);
        struct gb_str key = gb_str_format(scratch, "%lld", (long long)id->integer);
        if (name && name->kind == GB_VALUE_STRING && !gb_map_get(names, key) &&
            gb_map_set(names, key, &state->resources[i]->name) < 0)
            return false;
    }
    add_range(scratch, &list, DYNAMIC_FIRST, DYNAMIC_LAST);
    add_subordinate(probe, &list, subordinate);
    *ret = to_set(&list);
    return true;
}

// Names that come from elsewhere (LDAP, SSSD) own files too, and we cannot list them.
static bool accounts_are_local(struct probe *probe)
{
    const struct gb_resource *database =
        gb_collection_find(probe->collector->all, GB_STR("account_database"));
    const struct gb_value *remote =
        database ? gb_map_find(database->props, GB_STR("remote_services")) : NULL;
    if (!remote || remote->kind == GB_VALUE_UNKNOWN) {
        probe->ids_unknown = GB_STR("where accounts come from is not known");
        return false;
    }
    if (remote->kind == GB_VALUE_LIST && remote->list->count) {
        probe->ids_unknown =
            gb_str_format(probe->collector->arena, "accounts come from " GB_PRI " as well",
                          GB_ARG(gb_value_str_or(&remote->list->items[0], GB_STR("elsewhere"))));
        return false;
    }
    return true;
}

static void find_ids(struct probe *probe)
{
    struct gb_id_set users = {0}, groups = {0};
    bool known = collect_ids(probe, "user", "uid", "/etc/subuid", &probe->user_names, &users);
    known =
        collect_ids(probe, "group", "gid", "/etc/subgid", &probe->group_names, &groups) && known;
    if (!known || !accounts_are_local(probe))
        return;
    probe->shared.users = users;
    probe->shared.groups = groups;
}

// ---- roots

static bool is_text(const struct gb_map_value *props, const char *field, const char *text)
{
    return gb_str_is(gb_value_str_or(gb_map_find(props, gb_str_of(field)), GB_STR("")), text);
}

static bool is_true(const struct gb_map_value *props, const char *field)
{
    const struct gb_value *value = gb_map_find(props, gb_str_of(field));
    return value && value->kind == GB_VALUE_BOOL && value->boolean;
}

static bool is_memory_of_interest(struct gb_str path)
{
    static const char *const paths[] = {"/tmp", "/var/tmp",  "/dev/shm",
                                        "/run", "/run/lock", "/dev"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (gb_str_is(path, paths[i]))
            return true;
    return false;
}

// Disks, each once, and file systems in memory where users can write.
static void find_roots(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    probe->roots[probe->root_count++] = GB_STR("/");
    const struct gb_kind_state *mounts = gb_collection_kind(collector->all, GB_STR("mount"));
    struct gb_map sources = gb_map(collector->scratch);
    for (size_t i = 0; gb_host_is_live(collector->host) && i < mounts->count; i++) {
        const struct gb_map_value *props = mounts->resources[i]->props;
        struct gb_str path = gb_value_str_or(gb_map_find(props, GB_STR("path")), GB_STR(""));
        struct gb_str source = gb_value_str_or(gb_map_find(props, GB_STR("source")), GB_STR(""));
        if (!is_true(props, "mounted") || !path.len || path.at[0] != '/')
            continue;
        if (is_text(props, "class", "kernel") && !gb_str_is(path, "/dev"))
            continue;
        bool disk = is_text(props, "class", "disk");
        bool first = !disk || !gb_map_get(&sources, source);
        if (disk && gb_map_set(&sources, source, probe) < 0)
            return;
        if (gb_str_is(path, "/"))
            continue;
        bool walked = is_memory_of_interest(path) || (disk && first && !is_true(props, "bind"));
        if (walked && probe->root_count < ROOTS_MOST)
            probe->roots[probe->root_count++] = path;
        else if (probe->not_walked && !is_text(props, "class", "memory"))
            gb_list_add(collector->arena, probe->not_walked, gb_string(path));
    }
}

// Does every directory above the mount point let everybody pass?
static bool is_unreachable(const struct gb_host *host, struct gb_arena *scratch, struct gb_str path)
{
    for (size_t i = 1; i < path.len; i++) {
        struct gb_file_info info;
        if (path.at[i] != '/')
            continue;
        const char *above = gb_str_c(scratch, gb_str_sub(path, 0, i));
        if (above && gb_host_stat(host, above, true, &info, NULL) == GB_OK && !(info.mode & 01))
            return true;
    }
    return false;
}

// ---- running

static void tell_progress(void *context, uint64_t entries)
{
    struct gb_collector *collector = context;
    if (collector->progress)
        collector->progress(collector->progress_context, "files", entries, 0);
}

static void add_counts(struct gb_walk_counts *sum, const struct gb_walk_counts *part)
{
    sum->entries += part->entries;
    sum->directories += part->directories;
    sum->unreadable += part->unreadable;
    sum->vanished += part->vanished;
    sum->skipped += part->skipped;
    if (part->worst_errno && (!sum->worst_errno || sum->worst_errno == EACCES))
        sum->worst_errno = part->worst_errno;
}

static void walk_root(struct probe *probe, struct gb_str root)
{
    struct gb_collector *collector = probe->collector;
    char *path = gb_str_c(collector->scratch, root);
    int fd = path ? gb_host_open_fd(collector->host, path, O_RDONLY | O_DIRECTORY, NULL) : -1;
    if (fd < 0) {
        probe->counts.unreadable++;
        return;
    }
    void *contexts[GB_WALK_THREADS_MAX];
    for (int i = 0; i < GB_WALK_THREADS_MAX; i++) {
        contexts[i] = &probe->visitors[i];
        probe->visitors[i].own_cwd = 0; // these are new threads
        probe->visitors[i].dir_number = probe->visitors[i].cwd_number = UINT64_MAX;
    }
    struct gb_walk_options options = {
        .root_fd = fd,
        .root_path = gb_str_is(root, "/") ? GB_STR("") : root,
        .root_unreachable = is_unreachable(collector->host, collector->scratch, root),
        .progress = collector->progress ? tell_progress : NULL,
        .progress_context = collector,
    };
    struct gb_walk_counts counts = {0};
    if (gb_walk_run(&options, gb_file_visit, contexts, &counts, NULL) < 0)
        counts.unreadable++;
    add_counts(&probe->counts, &counts);
    close(fd);
}

static void merge(struct probe *probe)
{
    probe->all = &probe->visitors[0];
    for (int i = 1; i < GB_WALK_THREADS_MAX; i++) {
        for (int class = 0; class < GB_FILE_CLASS_COUNT; class ++)
            gb_file_findings_merge(&probe->all->findings[class],
                                   &probe->visitors[i].findings[class]);
        gb_file_findings_merge(&probe->all->pruned, &probe->visitors[i].pruned);
        probe->all->world_writable_unreachable += probe->visitors[i].world_writable_unreachable;
    }
    for (int class = 0; class < GB_FILE_CLASS_COUNT; class ++)
        gb_file_findings_sort(&probe->all->findings[class]);
    gb_file_findings_sort(&probe->all->pruned);
}

// ---- resources

static struct gb_value mode_text(struct gb_arena *arena, uint32_t mode)
{
    return gb_string(gb_str_format(arena, "%04o", mode));
}

static void put_name(struct probe *probe, struct gb_facts *facts, const char *field,
                     const struct gb_map *names, uint32_t id)
{
    char digits[16];
    int length = snprintf(digits, sizeof digits, "%u", id);
    const struct gb_str *name = gb_map_get(names, (struct gb_str){digits, (size_t)length});
    (void)probe;
    if (name)
        gb_fact(facts, field, gb_string(*name));
}

// The fields that all kinds of files have.
static struct gb_facts add_file(struct probe *probe, enum gb_file_class class,
                                const struct gb_file_finding *found)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str path =
        gb_string_clean(collector->arena, (struct gb_str){found->path, found->path_length}).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, gb_str_of(class_kinds[class]), path));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(path), path, 0));
    gb_fact(&facts, "mode", gb_fact_at(&facts, mode_text(collector->arena, found->mode), path, 0));
    gb_fact(&facts, "uid", gb_int(found->uid));
    gb_fact(&facts, "gid", gb_int(found->gid));
    put_name(probe, &facts, "owner", &probe->user_names, found->uid);
    put_name(probe, &facts, "group", &probe->group_names, found->gid);
    return facts;
}

static struct gb_str package_of(struct probe *probe, const struct gb_file_finding *found)
{
    return gb_package_owner(probe->collector, (struct gb_str){found->path, found->path_length});
}

static void put_package(struct probe *probe, struct gb_facts *facts, struct gb_str package)
{
    if (package.len)
        gb_fact(facts, "package", gb_fact_text(facts, package));
    else if (!probe->shared.owners)
        gb_fact(facts, "package", gb_unknown(probe->owners_unknown));
}

static struct gb_str name_of(const struct gb_file_finding *found)
{
    struct gb_str path = {found->path, found->path_length};
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// With /usr in front of bin, sbin and lib, as the tables have it.
static struct gb_str usual_path(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_str path = {found->path, found->path_length};
    if (gb_str_starts(path, GB_STR("/bin/")) || gb_str_starts(path, GB_STR("/sbin/")) ||
        gb_str_starts(path, GB_STR("/lib/")))
        return gb_str_format(probe->collector->scratch, "/usr" GB_PRI, GB_ARG(path));
    return path;
}

static bool is_overridden(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_str path = {found->path, found->path_length};
    const struct gb_str *mode = gb_map_get(&probe->overrides, path);
    uint64_t bits;
    return mode && gb_str_to_uint(*mode, 8, &bits) == GB_OK && bits == found->mode;
}

static void add_setuid(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_SETUID, found);
    struct gb_str package = package_of(probe, found);
    bool shell =
        gb_file_gives_shell(name_of(found)) && !gb_file_ships_privileged(usual_path(probe, found));
    const char *standing = shell                                                ? "dangerous"
                           : is_overridden(probe, found)                        ? "overridden"
                           : !package.len                                       ? "unpackaged"
                           : gb_file_ships_privileged(usual_path(probe, found)) ? "expected"
                                                                                : "unexpected";
    gb_fact(&facts, "setuid", gb_bool(found->mode & S_ISUID));
    gb_fact(&facts, "setgid", gb_bool(found->mode & S_ISGID));
    put_package(probe, &facts, package);
    bool certain = shell || package.len || probe->shared.owners;
    gb_fact(&facts, "standing",
            certain ? gb_fact_at(&facts, gb_string(gb_str_of(standing)),
                                 (struct gb_str){found->path, found->path_length}, 0)
                    : gb_unknown(probe->owners_unknown));
    gb_fact(&facts, "reachable", gb_bool(found->reachable));
    if (!package.len)
        return;
    struct gb_error why = {0};
    struct gb_mark mark = gb_arena_mark(probe->collector->scratch);
    int intact = gb_package_is_intact(probe->collector, package, found->path, &why);
    gb_arena_reset(probe->collector->scratch, mark);
    if (intact >= 0)
        gb_fact(&facts, "intact", gb_bool(intact));
    else if (intact != GB_E_NOT_FOUND)
        gb_fact(&facts, "intact", gb_unread(probe->collector, found->path, intact));
}

static void add_world_writable(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_WORLD_WRITABLE, found);
    gb_fact(&facts, "type", gb_string(found->is_dir ? GB_STR("directory") : GB_STR("file")));
    gb_fact(&facts, "executable", gb_bool(!found->is_dir && found->mode & 0111));
    gb_fact(&facts, "system", gb_bool(found->detail & GB_FILE_IN_SYSTEM));
    put_package(probe, &facts, package_of(probe, found));
}

static void add_unowned(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_UNOWNED, found);
    gb_fact(&facts, "unknown_user", gb_bool(found->detail & GB_FILE_UNKNOWN_USER));
    gb_fact(&facts, "unknown_group", gb_bool(found->detail & GB_FILE_UNKNOWN_GROUP));
    gb_fact(&facts, "type", gb_string(found->is_dir ? GB_STR("directory") : GB_STR("file")));
}

static void add_capable(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_CAPABLE, found);
    struct gb_str package = package_of(probe, found);
    bool shell = gb_file_gives_shell(name_of(found));
    bool expected = gb_file_ships_capabilities(usual_path(probe, found));
    const char *standing = shell          ? "dangerous"
                           : !package.len ? "unpackaged"
                           : expected     ? "expected"
                                          : "unexpected";
    gb_fact(&facts, "capabilities",
            gb_fact_at(&facts, gb_capability_list(probe->collector->arena, found->mask),
                       (struct gb_str){found->path, found->path_length}, 0));
    gb_fact(&facts, "effective", gb_bool(found->detail & GB_FILE_EFFECTIVE));
    put_package(probe, &facts, package);
    bool certain = shell || package.len || probe->shared.owners;
    gb_fact(&facts, "standing",
            certain ? gb_string(gb_str_of(standing)) : gb_unknown(probe->owners_unknown));
    gb_fact(&facts, "reachable", gb_bool(found->reachable));
}

static void add_unpackaged(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_UNPACKAGED, found);
    gb_fact(&facts, "in_commands", gb_bool(found->detail & GB_FILE_IN_COMMANDS));
    gb_fact(&facts, "size", gb_int((int64_t)found->size));
    gb_fact(&facts, "modified_at", gb_timestamp(found->modified_at, 0));
}

// The probes of credentials, certificates and SSH keys know such files by their places.
static bool is_judged_elsewhere(struct probe *probe, struct gb_str path)
{
    static const char *const kinds_of_secrets[] = {"credential_file", "key_file"};
    for (size_t i = 0; i < sizeof kinds_of_secrets / sizeof *kinds_of_secrets; i++) {
        struct gb_str id = gb_str_format(probe->collector->scratch, "%s:" GB_PRI,
                                         kinds_of_secrets[i], GB_ARG(path));
        if (id.at && gb_collection_find(probe->collector->all, id))
            return true;
    }
    return gb_str_contains(path, GB_STR("/.ssh/"));
}

static void add_secret(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_SECRET, found);
    gb_fact(&facts, "what", gb_string(gb_str_of(found->what)));
    gb_fact(&facts, "sample", gb_bool(found->detail & GB_FILE_SAMPLE));
    gb_fact(&facts, "judged_elsewhere",
            gb_bool(is_judged_elsewhere(probe, (struct gb_str){found->path, found->path_length})));
}

static void add_device(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_DEVICE, found);
    gb_fact(&facts, "type", gb_string(gb_str_of(found->what)));
    gb_fact(&facts, "device",
            gb_string(gb_str_format(probe->collector->arena, "%u:%u", major(found->special),
                                    minor(found->special))));
    gb_fact(&facts, "harmless", gb_bool(gb_file_is_harmless_device(found->special)));
}

static void add_odd(struct probe *probe, const struct gb_file_finding *found)
{
    struct gb_facts facts = add_file(probe, GB_FILES_ODD, found);
    gb_fact(&facts, "reason", gb_string(gb_str_of(found->what)));
}

static void add_all(struct probe *probe)
{
    static void (*const writers[GB_FILE_CLASS_COUNT])(struct probe *,
                                                      const struct gb_file_finding *) = {
        [GB_FILES_SETUID] = add_setuid,         [GB_FILES_WORLD_WRITABLE] = add_world_writable,
        [GB_FILES_UNOWNED] = add_unowned,       [GB_FILES_CAPABLE] = add_capable,
        [GB_FILES_UNPACKAGED] = add_unpackaged, [GB_FILES_SECRET] = add_secret,
        [GB_FILES_DEVICE] = add_device,         [GB_FILES_ODD] = add_odd,
    };
    for (int class = 0; class < GB_FILE_CLASS_COUNT; class ++) {
        struct gb_str kind = gb_str_of(class_kinds[class]);
        const struct gb_file_findings *set = &probe->all->findings[class];
        if (class == GB_FILES_UNOWNED && !probe->shared.users.known) {
            gb_collection_gap(probe->collector->all, kind, probe->ids_unknown);
            continue;
        }
        if (class == GB_FILES_UNPACKAGED && !probe->shared.owners) {
            gb_collection_gap(probe->collector->all, kind, probe->owners_unknown);
            continue;
        }
        gb_collection_complete(probe->collector->all, kind);
        for (size_t i = 0; i < set->count; i++)
            writers[class](probe, &set->items[i]);
    }
}

static struct gb_value completeness(struct probe *probe)
{
    const struct gb_walk_counts *counts = &probe->counts;
    bool failed = false;
    for (int class = 0; class < GB_FILE_CLASS_COUNT; class ++)
        failed = failed || probe->all->findings[class].failed;
    if (failed)
        return gb_unknown(GB_STR("memory ran out during the file walk"));
    if (counts->unreadable && counts->worst_errno == EACCES &&
        !gb_host_is_root(probe->collector->host))
        return gb_unknown(GB_STR("needs root"));
    if (counts->unreadable)
        return gb_unknown(gb_str_format(probe->collector->arena,
                                        "%llu directories or files could not be read",
                                        (unsigned long long)counts->unreadable));
    if (counts->skipped)
        return gb_unknown(GB_STR("too many directories were pending at once"));
    return gb_bool(true);
}

static void put_count(struct gb_facts *facts, const char *field, uint64_t count)
{
    gb_fact(facts, field, gb_int(count > INT64_MAX ? INT64_MAX : (int64_t)count));
}

static void add_walk(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("walk"), GB_STR("")));
    struct gb_list *roots = gb_list_new(collector->arena), *stores = gb_list_new(collector->arena),
                   *truncated = gb_list_new(collector->arena);
    if (!roots || !stores || !truncated || !probe->not_walked)
        return;
    for (size_t i = 0; i < probe->root_count; i++)
        gb_list_add(collector->arena, roots, gb_string(probe->roots[i]));
    for (size_t i = 0; i < probe->all->pruned.count; i++)
        gb_fact_add_text(&facts, stores, gb_str_of(probe->all->pruned.items[i].path), GB_STR(""),
                         0);
    for (int class = 0; class < GB_FILE_CLASS_COUNT; class ++) {
        const struct gb_file_findings *set = &probe->all->findings[class];
        put_count(&facts, total_fields[class], set->total);
        if (set->total > set->count)
            gb_list_add(collector->arena, truncated, gb_string(gb_str_of(class_kinds[class])));
    }
    gb_fact(&facts, "roots", gb_list_of(roots));
    gb_fact(&facts, "not_walked", gb_list_of(probe->not_walked));
    gb_fact(&facts, "container_stores", gb_list_of(stores));
    gb_fact(&facts, "truncated", gb_list_of(truncated));
    put_count(&facts, "entries", probe->counts.entries);
    put_count(&facts, "directories", probe->counts.directories);
    put_count(&facts, "unreadable", probe->counts.unreadable);
    put_count(&facts, "vanished", probe->counts.vanished);
    put_count(&facts, "skipped", probe->counts.skipped);
    put_count(&facts, "world_writable_unreachable", probe->all->world_writable_unreachable);
    gb_fact(&facts, "complete", completeness(probe));
}

// "user group mode path" lines.
static int read_overrides(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str text;
    probe->overrides = gb_map(collector->scratch);
    if (gb_host_read(collector->host, "/var/lib/dpkg/statoverride", GB_CONFIG_MAX_BYTES,
                     collector->scratch, &text, NULL) < 0)
        return GB_OK;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        struct gb_str user, group, mode;
        if (!gb_str_next_word(&line, &user) || !gb_str_next_word(&line, &group) ||
            !gb_str_next_word(&line, &mode))
            continue;
        struct gb_str *kept = gb_alloc(collector->scratch, sizeof *kept);
        if (!kept)
            return GB_E_MEMORY;
        *kept = mode;
        if (gb_map_set(&probe->overrides, gb_str_trim(line), kept) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (!collector->walk)
        return GB_OK; // the kinds stay "not collected"
    struct probe *probe = gb_alloc(collector->scratch, sizeof *probe);
    if (!probe)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the file walk");
    probe->collector = collector;
    probe->not_walked = gb_list_new(collector->arena);
    probe->shared.owners = gb_owner_index_get(collector);
    (void)gb_package_owners_known(collector, &probe->owners_unknown);
    find_ids(probe);
    find_roots(probe);
    if (read_overrides(probe) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the file walk");
    for (int i = 0; i < GB_WALK_THREADS_MAX; i++) {
        gb_file_visitor_init(&probe->visitors[i], &probe->shared);
        probe->visitors[i].language = &probe->language[i];
    }
    for (size_t i = 0; i < probe->root_count; i++)
        walk_root(probe, probe->roots[i]);
    merge(probe);
    add_all(probe);
    add_walk(probe);
    for (int i = 0; i < GB_WALK_THREADS_MAX; i++)
        gb_file_visitor_free(&probe->visitors[i]);
    return gb_language_walked(collector, probe->language, GB_WALK_THREADS_MAX, err);
}

static const char *const kinds[] = {
    "walk",
    "setuid_file",
    "world_writable_file",
    "unowned_file",
    "file_capability",
    "unpackaged_executable",
    "exposed_secret_file",
    "device_file",
    "odd_file",
    NULL,
};

const struct gb_source gb_source_file_walk = {
    .name = "host/file_walk",
    .title = "files",
    .kinds = kinds,
    .order = 60,
    .slow = true,
    .collect = collect,
};
