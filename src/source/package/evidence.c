// Host evidence for packages (kind "package_use"): see evidence.h. Changelogs are in changelog.c.
#include "source/package/evidence.h"

#include "source/facts.h"
#include "source/package/changelog.h"
#include "source/package/owner.h"
#include "source/package/package_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAPS_MAX_BYTES = 16 << 20,
    DESCRIPTORS_MAX = 1 << 20,
    PROCESSES_LISTED = 20, // of one package, those that matter most first
    LISTENERS_LISTED = 50,
    SETUID_LISTED = 50,
};

enum shape { PACKAGE, PROGRAM, ARCHIVE, INTERPRETED };

struct use { // of one subject by one process
    const struct gb_resource *process;
    struct gb_str file;
    bool replaced, listens, privileged;
    size_t position; // order of processes
};

struct subject { // a package or a path that was asked for
    struct gb_str name;
    enum shape shape;
    struct use *uses;
    size_t count, capacity;
    struct gb_list *setuid_files;
};

struct probe {
    struct gb_collector *collector;
    struct subject *subjects;
    size_t count;
    struct gb_map packages, paths; // name or path -> struct subject
    struct gb_map known;           // path that was seen -> struct owners
    bool archives;                 // some path is a Java archive
    bool owners_known;
    size_t hidden;         // processes that could not be looked at
    struct gb_arena *text; // for maps of one process; what is found is kept in scratch
    const struct gb_kind_state *processes, *listeners;
};

struct owners { // of one path, among those asked for; NULL: none
    struct subject *path, *package;
};

static struct gb_str text_of(const struct gb_resource *resource, const char *field)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(field)), GB_STR(""));
}

static int64_t number_of(const struct gb_resource *resource, const char *field, int64_t otherwise)
{
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    return value && value->kind == GB_VALUE_INT ? value->integer : otherwise;
}

// ---- who uses what

static bool is_archive(struct gb_str path)
{
    static const char *const ends[] = {".jar", ".war", ".ear"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (gb_str_ends(path, gb_str_of(ends[i])))
            return true;
    return false;
}

// NULL when memory is exhausted.
static const struct owners *owners_of(struct probe *probe, struct gb_str path)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct owners *owners = gb_map_get(&probe->known, path);
    if (owners)
        return owners;
    struct gb_str key = gb_str_copy(scratch, path);
    owners = gb_alloc(scratch, sizeof *owners);
    if (!key.at || !owners || gb_map_set(&probe->known, key, owners) < 0)
        return NULL;
    owners->path = gb_map_get(&probe->paths, path);
    if (probe->owners_known)
        owners->package = gb_map_get(&probe->packages, gb_package_owner(probe->collector, path));
    return owners;
}

// Capabilities that lead to all others.
static bool is_privileged(const struct gb_resource *process)
{
    static const char *const strong[] = {"CAP_SYS_ADMIN", "CAP_SYS_MODULE",   "CAP_SYS_PTRACE",
                                         "CAP_SYS_RAWIO", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
                                         "CAP_SETUID",    "CAP_SETFCAP",      "CAP_CHOWN",
                                         "CAP_FOWNER"};
    if (number_of(process, "uid", -1) == 0)
        return true;
    const struct gb_value *list = gb_map_find(process->props, GB_STR("capabilities"));
    for (size_t i = 0; list && list->kind == GB_VALUE_LIST && i < list->list->count; i++)
        for (size_t k = 0; k < sizeof strong / sizeof *strong; k++)
            if (gb_str_is(gb_value_str_or(&list->list->items[i], GB_STR("")), strong[k]))
                return true;
    return false;
}

static int add_use(struct probe *probe, struct subject *subject, const struct gb_resource *process,
                   size_t position, struct gb_str path, bool replaced)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct use *last = subject->count ? &subject->uses[subject->count - 1] : NULL;
    if (last && last->process == process) { // one file stands for all; replaced code is told
        last->replaced = last->replaced || replaced;
        return GB_OK;
    }
    if (subject->count == subject->capacity) {
        size_t capacity = subject->capacity ? subject->capacity * 2 : 8;
        struct use *uses =
            gb_grow_array(scratch, subject->uses, subject->capacity, capacity, sizeof *uses);
        if (!uses)
            return GB_E_MEMORY;
        subject->uses = uses;
        subject->capacity = capacity;
    }
    subject->uses[subject->count++] = (struct use){
        .process = process,
        .file = gb_str_copy(probe->collector->arena, path),
        .replaced = replaced,
        .privileged = is_privileged(process),
        .position = position,
    };
    return GB_OK;
}

static int note_use(struct probe *probe, const struct gb_resource *process, size_t position,
                    struct gb_str path, bool replaced)
{
    const struct owners *owners = owners_of(probe, path);
    int code = owners ? GB_OK : GB_E_MEMORY;
    if (!code && owners->path)
        code = add_use(probe, owners->path, process, position, path, replaced);
    if (!code && owners->package)
        code = add_use(probe, owners->package, process, position, path, replaced);
    return code;
}

// Code: what is mapped to be executed, and libraries and archives however they are mapped. Mapped
// data (translations, fonts, caches) is not the package's code at work.
static bool is_code(struct gb_str permissions, struct gb_str path)
{
    return (permissions.len > 2 && permissions.at[2] == 'x') || gb_str_ends(path, GB_STR(".so")) ||
           gb_str_contains(path, GB_STR(".so.")) || is_archive(path);
}

// "start-end r-xp offset dev inode   /path (deleted)"
static int read_maps(struct probe *probe, const struct gb_resource *process, size_t position,
                     struct gb_str maps, bool *has_java)
{
    static const struct gb_str mark = GB_STR_INIT(" (deleted)");
    struct gb_str line, range, permissions, last = {0};
    int code = GB_OK;
    while (!code && gb_str_next(&maps, '\n', &line)) {
        ptrdiff_t slash = gb_str_find_char(line, '/');
        struct gb_str path = gb_str_from(line, slash < 0 ? line.len : (size_t)slash);
        if (slash < 0 || !gb_str_next_word(&line, &range) ||
            !gb_str_next_word(&line, &permissions) || !is_code(permissions, path) ||
            gb_str_eq(path, last))
            continue;
        last = path;
        bool replaced = gb_str_ends(path, mark);
        if (replaced)
            path.len -= mark.len;
        *has_java = *has_java || gb_str_ends(path, GB_STR("/libjvm.so"));
        code = note_use(probe, process, position, path, replaced);
    }
    return code;
}

// Java reads archives through descriptors.
static int read_descriptors(struct probe *probe, const struct gb_resource *process, size_t position)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    struct gb_str folder = gb_str_format(scratch, "/proc/" GB_PRI "/fd", GB_ARG(process->name));
    if (!folder.at)
        return GB_E_MEMORY;
    int code = gb_host_list(probe->collector->host, folder.at, DESCRIPTORS_MAX, scratch, &entries,
                            &count, NULL);
    if (code)
        return code == GB_E_MEMORY ? code : GB_OK;
    for (size_t i = 0; i < count; i++) {
        struct gb_str target, link = gb_str_format(scratch, GB_PRI "/" GB_PRI, GB_ARG(folder),
                                                   GB_ARG(entries[i].name));
        if (!link.at)
            return GB_E_MEMORY;
        if (gb_host_readlink(probe->collector->host, link.at, scratch, &target, NULL) == GB_OK &&
            is_archive(target)) {
            code = note_use(probe, process, position, target, false);
            if (code)
                return code;
        }
    }
    return GB_OK;
}

static int look_at(struct probe *probe, const struct gb_resource *process, size_t position)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str state = text_of(process, "executable_state"), maps;
    struct gb_str program = text_of(process, "executable");
    bool has_java = false;
    int code = GB_OK;
    if (gb_str_is(state, "elsewhere")) // its paths are those of another root directory
        return GB_OK;
    if (program.len)
        code = note_use(probe, process, position, program, !gb_str_is(state, "present"));
    struct gb_str path =
        gb_str_format(collector->scratch, "/proc/" GB_PRI "/maps", GB_ARG(process->name));
    if (code || !path.at)
        return GB_E_MEMORY;
    struct gb_mark mark = gb_arena_mark(probe->text);
    code = gb_host_read(collector->host, path.at, MAPS_MAX_BYTES, probe->text, &maps, NULL);
    bool ended = code == GB_E_NOT_FOUND;
    probe->hidden += code && !ended;
    code = code ? GB_OK : read_maps(probe, process, position, maps, &has_java);
    gb_arena_reset(probe->text, mark);
    if (!code && has_java && probe->archives)
        code = read_descriptors(probe, process, position);
    return code;
}

// ---- setuid programs

static bool may_be_program(struct gb_str path)
{
    if (gb_str_contains(path, GB_STR("bin/")) || gb_str_contains(path, GB_STR("/libexec/")))
        return true;
    bool library = gb_str_starts(path, GB_STR("/usr/lib")) || gb_str_starts(path, GB_STR("/lib")) ||
                   gb_str_starts(path, GB_STR("/opt/")) ||
                   gb_str_starts(path, GB_STR("/usr/games/"));
    struct gb_str last = gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
    return library && gb_str_find_char(last, '.') < 0 &&
           !gb_str_contains(path, GB_STR("/modules/")) &&
           !gb_str_contains(path, GB_STR("/python3"));
}

static int note_setuid(void *context, struct gb_str path, void *value)
{
    struct probe *probe = context;
    struct subject *subject = value;
    struct gb_collector *collector = probe->collector;
    struct gb_file_info info;
    if (!may_be_program(path) || subject->setuid_files->count >= SETUID_LISTED)
        return GB_OK;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    char *name = gb_str_c(collector->scratch, path);
    bool found = false;
    if (name && gb_host_stat(collector->host, name, false, &info, NULL) == GB_OK &&
        info.type == GB_FILE_REGULAR && info.mode & 0111) {
        struct gb_str capabilities;
        found =
            info.mode & 04000 || gb_host_xattr(collector->host, name, "security.capability",
                                               collector->scratch, &capabilities, NULL) == GB_OK;
    }
    gb_arena_reset(collector->scratch, mark);
    if (!found)
        return name ? GB_OK : GB_E_MEMORY;
    struct gb_value text = gb_string_clean(collector->arena, path);
    uint32_t origin = gb_collection_origin(collector->all, text.string, 0);
    gb_list_add(collector->arena, subject->setuid_files, gb_at(text, origin));
    return GB_OK;
}

// ---- what is told

static int by_weight(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    int left = (x->listens ? 4 : 0) + (x->privileged ? 2 : 0);
    int right = (y->listens ? 4 : 0) + (y->privileged ? 2 : 0);
    if (left != right)
        return right - left;
    return x->position < y->position ? -1 : x->position > y->position;
}

static struct gb_value process_record(struct probe *probe, const struct use *use)
{
    struct gb_facts record = gb_facts_record(probe->collector);
    const struct gb_map_value *props = use->process->props;
    const struct gb_value *user = gb_map_find(props, GB_STR("user"));
    const struct gb_value *quiet = gb_map_find(props, GB_STR("no_new_privileges"));
    struct gb_str seccomp = text_of(use->process, "seccomp");
    struct gb_str where =
        gb_str_format(probe->collector->arena, "/proc/" GB_PRI "/maps", GB_ARG(use->process->name));
    bool confined = gb_str_is(seccomp, "filter") || gb_str_is(seccomp, "strict") ||
                    (quiet && quiet->kind == GB_VALUE_BOOL && quiet->boolean);
    gb_fact(&record, "pid", gb_int(number_of(use->process, "pid", 0)));
    gb_fact(&record, "name", gb_fact_text(&record, text_of(use->process, "name")));
    gb_fact(&record, "user", user ? *user : gb_string(GB_STR("")));
    gb_fact(&record, "privileged", gb_bool(use->privileged));
    gb_fact(&record, "file", gb_fact_at(&record, gb_fact_text(&record, use->file), where, 0));
    gb_fact(&record, "confined", gb_bool(confined));
    gb_fact(&record, "replaced", gb_bool(use->replaced));
    return gb_fact_at(&record, gb_map_of(record.props), where, 0);
}

static struct gb_value listener_record(struct probe *probe, const struct gb_resource *listener)
{
    static const char *const fields[] = {"pid",      "address", "port", "protocol",
                                         "exposure", "reach",   NULL};
    struct gb_facts record = gb_facts_record(probe->collector);
    for (size_t i = 0; fields[i]; i++) {
        const struct gb_value *value = gb_map_find(listener->props, gb_str_of(fields[i]));
        if (value)
            gb_fact(&record, fields[i], *value);
    }
    return gb_map_of(record.props);
}

// Is the listener held by one of the processes that use the subject?
static struct use *holder(const struct subject *subject, const struct gb_resource *listener)
{
    int64_t pid = number_of(listener, "pid", -1);
    for (size_t i = 0; pid >= 0 && i < subject->count; i++)
        if (number_of(subject->uses[i].process, "pid", -2) == pid)
            return &subject->uses[i];
    return NULL;
}

static int width_of(struct gb_str exposure)
{
    static const char *const widths[] = {"any", "public", "private", "link", "loopback"};
    int width = 0;
    while (width < 5 && !gb_str_is(exposure, widths[width]))
        width++;
    return width;
}

static struct gb_value listeners_of(struct probe *probe, struct subject *subject)
{
    struct gb_arena *arena = probe->collector->arena;
    struct gb_list *list = gb_list_new(arena);
    bool unknown_holders = false;
    for (int width = 0; list && width <= 5; width++) {
        for (size_t i = 0; i < probe->listeners->count; i++) {
            const struct gb_resource *listener = probe->listeners->resources[i];
            if (width_of(text_of(listener, "exposure")) != width)
                continue;
            struct use *use = holder(subject, listener);
            const struct gb_value *visible = gb_map_find(listener->props, GB_STR("owner_visible"));
            unknown_holders |= visible && visible->kind == GB_VALUE_UNKNOWN;
            if (!use)
                continue;
            use->listens = true;
            if (list->count < LISTENERS_LISTED)
                gb_list_add(arena, list, listener_record(probe, listener));
        }
    }
    if (list && !list->count) {
        if (probe->listeners->presence == GB_NOT_KNOWN ||
            probe->listeners->presence == GB_NOT_COLLECTED)
            return gb_unknown(probe->listeners->reason);
        if (unknown_holders)
            return gb_unknown(GB_STR("needs root"));
    }
    return gb_list_of(list);
}

static struct gb_value processes_of(struct probe *probe, struct subject *subject)
{
    struct gb_list *list = gb_list_new(probe->collector->arena);
    if (subject->count > 1)
        qsort(subject->uses, subject->count, sizeof *subject->uses, by_weight);
    for (size_t i = 0; list && i < subject->count && i < PROCESSES_LISTED; i++)
        gb_list_add(probe->collector->arena, list, process_record(probe, &subject->uses[i]));
    return gb_list_of(list);
}

// Why nobody can say that the subject is not in use; empty when it can be said.
static struct gb_str doubt(const struct probe *probe, const struct subject *subject)
{
    if (subject->count)
        return GB_STR("");
    if (subject->shape == INTERPRETED)
        return GB_STR("what an interpreter has read cannot be seen from outside");
    if (subject->shape == PACKAGE && !probe->owners_known)
        return GB_STR("owners of files are not known");
    if (probe->hidden && !gb_host_is_root(probe->collector->host))
        return GB_STR("needs root");
    return GB_STR("");
}

static void put_subject(struct probe *probe, struct subject *subject)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str kind = GB_STR("package_use");
    struct gb_str name = gb_string_clean(collector->arena, subject->name).string;
    struct gb_facts facts = gb_facts(collector, gb_collection_add(collector->all, kind, name));
    struct gb_str reason = doubt(probe, subject);
    struct gb_value listeners = listeners_of(probe, subject);
    gb_fact(&facts, "package", gb_string(name));
    gb_fact(&facts, "process_count",
            reason.len ? gb_unknown(reason) : gb_int((int64_t)subject->count));
    gb_fact(&facts, "processes", reason.len ? gb_unknown(reason) : processes_of(probe, subject));
    gb_fact(&facts, "listeners", reason.len ? gb_unknown(reason) : listeners);
    gb_fact(&facts, "setuid_files", gb_list_of(subject->setuid_files));
    gb_fact(&facts, "processes_not_seen", gb_int((int64_t)probe->hidden));
}

// ---- what is asked

static enum shape shape_of(const struct gb_host *host, struct gb_arena *scratch, struct gb_str path)
{
    char *name = is_archive(path) ? NULL : gb_str_c(scratch, path);
    char magic[4];
    if (!name)
        return ARCHIVE;
    int fd = gb_host_open_fd(host, name, O_RDONLY, NULL);
    bool program = fd >= 0 && pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
                   memcmp(magic, "\177ELF", sizeof magic) == 0;
    if (fd >= 0)
        close(fd);
    return program ? PROGRAM : INTERPRETED;
}

static int add_subject(struct probe *probe, struct gb_str name, bool is_path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_map *map = is_path ? &probe->paths : &probe->packages;
    struct gb_str id = gb_str_format(collector->scratch, "package_use:" GB_PRI, GB_ARG(name));
    if (!id.at)
        return GB_E_MEMORY;
    if (!name.len || gb_map_get(map, name) || gb_collection_find(collector->all, id))
        return GB_OK;
    struct subject *subject = &probe->subjects[probe->count++];
    *subject = (struct subject){.name = name, .setuid_files = gb_list_new(collector->arena)};
    if (!subject->setuid_files)
        return GB_E_MEMORY;
    if (is_path)
        subject->shape = shape_of(collector->host, collector->scratch, name);
    probe->archives = probe->archives || subject->shape == ARCHIVE;
    return gb_map_set(map, name, subject);
}

static int add_subjects(struct probe *probe, const struct gb_evidence_request *request)
{
    struct gb_arena *scratch = probe->collector->scratch;
    int code = GB_OK;
    probe->packages = probe->paths = probe->known = gb_map(scratch);
    probe->subjects = gb_alloc_array(scratch, request->package_count + request->path_count,
                                     sizeof *probe->subjects);
    if (!probe->subjects)
        return GB_E_MEMORY;
    for (size_t i = 0; !code && i < request->package_count; i++)
        code = add_subject(probe, request->packages[i], false);
    for (size_t i = 0; !code && i < request->path_count; i++)
        code = add_subject(probe, request->paths[i], true);
    return code;
}

static int collect_use(struct probe *probe, const struct gb_evidence_request *request)
{
    struct gb_collector *collector = probe->collector;
    struct gb_collection *all = collector->all;
    struct gb_str kind = GB_STR("package_use");
    if (!gb_host_has_kernel(collector->host)) {
        gb_collection_no_subject(all, kind, GB_STR("needs a live kernel"));
        return GB_OK;
    }
    probe->processes = gb_collection_kind(all, GB_STR("process"));
    probe->listeners = gb_collection_kind(all, GB_STR("listener"));
    if (probe->processes->presence != GB_PRESENT) {
        gb_collection_gap(all, kind, probe->processes->reason);
        return GB_OK;
    }
    probe->owners_known = gb_package_owners_known(collector, NULL);
    int code = add_subjects(probe, request);
    GB_CLEANUP(gb_arena_free) struct gb_arena *text = gb_arena_new("maps", 2 * MAPS_MAX_BYTES);
    probe->text = text;
    code = text ? code : GB_E_MEMORY;
    for (size_t i = 0; !code && probe->count && i < probe->processes->count; i++)
        code = look_at(probe, probe->processes->resources[i], i);
    struct gb_package_file_visitor visitor = {note_setuid, probe};
    if (!code && probe->packages.count)
        code = gb_package_files(collector, &probe->packages, &visitor);
    gb_collection_complete(all, kind);
    for (size_t i = 0; !code && i < probe->count; i++)
        put_subject(probe, &probe->subjects[i]);
    return code;
}

int gb_package_evidence_collect(struct gb_collector *collector,
                                const struct gb_evidence_request *request, struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    struct probe probe = {.collector = collector};
    int code = collect_use(&probe, request);
    if (!code)
        code = gb_package_changelogs_collect(collector, request);
    gb_arena_reset(collector->scratch, mark);
    if (code || gb_arena_failed(collector->arena))
        return gb_error_set(err, GB_E_MEMORY, "out of memory while looking at packages in use");
    return GB_OK;
}
