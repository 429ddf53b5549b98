// Running processes (kind "process") out of /proc: who they are, what they may do, whether their
// program is still the file on disk. Runs before the units, which ask what is running.
#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/capability.h"
#include "source/host/cgroup.h"
#include "source/host/path_trust.h"
#include "source/package/owner.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_PROC_ENTRIES = 4 << 20, // pid_max's largest value
    MAX_STATUS_BYTES = 64 << 10,
    MAX_KNOWN_MASKS = 64,
    CLOCK_TICKS = 100, // USER_HZ, fixed in the kernel's interface
};

static const char *const kinds[] = {"process", NULL};

// What is shared by all processes of one scan.
struct scan {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct gb_file_info root; // of the host's root directory
    bool root_known, owners_known;
    int64_t booted_at; // seconds since 1970; 0 = not known
    // Lists of capabilities, one for each mask that occurs.
    struct {
        uint64_t mask;
        struct gb_value list;
    } masks[MAX_KNOWN_MASKS];
    size_t mask_count;
};

// What /proc/PID/status says.
struct status {
    struct gb_str name;
    int64_t parent, tracer;
    uint32_t real_uid, uid, gid;
    uint64_t effective, ambient;
    int64_t seccomp, no_new_privileges;
    bool has_memory, kernel_thread, ended, seccomp_known;
};

static int64_t first_number(struct gb_str text)
{
    struct gb_str word;
    int64_t number;
    return gb_str_next_word(&text, &word) && gb_str_to_int(word, &number) == GB_OK ? number : 0;
}

// The effective id is the second of the four of a line.
static void read_ids(struct gb_str text, uint32_t *real, uint32_t *effective)
{
    struct gb_str word;
    uint64_t ids[2] = {0, 0};
    for (size_t i = 0; i < 2 && gb_str_next_word(&text, &word); i++) {
        if (gb_str_to_uint(word, 10, &ids[i]) < 0 || ids[i] > UINT32_MAX)
            ids[i] = UINT32_MAX;
    }
    if (real)
        *real = (uint32_t)ids[0];
    *effective = (uint32_t)ids[1];
}

static uint64_t read_mask(struct gb_str text)
{
    uint64_t mask;
    return gb_str_to_uint(gb_str_trim(text), 16, &mask) == GB_OK ? mask : 0;
}

static struct status parse_status(struct gb_str text)
{
    struct status status = {0};
    struct gb_str line;
    while (gb_str_next(&text, '\n', &line)) {
        ptrdiff_t colon = gb_str_find_char(line, ':');
        if (colon < 0)
            continue;
        struct gb_str key = gb_str_sub(line, 0, (size_t)colon);
        struct gb_str value = gb_str_trim(gb_str_from(line, (size_t)colon + 1));
        if (gb_str_is(key, "Name"))
            status.name = value;
        else if (gb_str_is(key, "State"))
            status.ended = value.len && (value.at[0] == 'Z' || value.at[0] == 'X');
        else if (gb_str_is(key, "PPid"))
            status.parent = first_number(value);
        else if (gb_str_is(key, "TracerPid"))
            status.tracer = first_number(value);
        else if (gb_str_is(key, "Uid"))
            read_ids(value, &status.real_uid, &status.uid);
        else if (gb_str_is(key, "Gid"))
            read_ids(value, NULL, &status.gid);
        else if (gb_str_is(key, "Kthread"))
            status.kernel_thread = first_number(value) == 1;
        else if (gb_str_is(key, "VmSize"))
            status.has_memory = true;
        else if (gb_str_is(key, "CapEff"))
            status.effective = read_mask(value);
        else if (gb_str_is(key, "CapAmb"))
            status.ambient = read_mask(value);
        else if (gb_str_is(key, "NoNewPrivs"))
            status.no_new_privileges = first_number(value);
        else if (gb_str_is(key, "Seccomp")) {
            status.seccomp = first_number(value);
            status.seccomp_known = true;
        }
    }
    return status;
}

static struct gb_value capability_list(struct scan *scan, uint64_t mask)
{
    for (size_t i = 0; i < scan->mask_count; i++) {
        if (scan->masks[i].mask == mask)
            return scan->masks[i].list;
    }
    struct gb_value list = gb_capability_list(scan->collector->arena, mask);
    if (scan->mask_count < MAX_KNOWN_MASKS) {
        scan->masks[scan->mask_count].mask = mask;
        scan->masks[scan->mask_count++].list = list;
    }
    return list;
}

// A path below /proc/PID, in a buffer of the caller.
struct proc_path {
    char text[64];
};

static struct proc_path proc_path(uint64_t pid, const char *name)
{
    struct proc_path path;
    snprintf(path.text, sizeof path.text, "/proc/%llu/%s", (unsigned long long)pid, name);
    return path;
}

// Does the process see other files than this host under its paths? Namespaces alone do not say so:
// a service with PrivateTmp has its own, over the same root directory.
static bool has_other_root(const struct scan *scan, uint64_t pid, struct gb_str container)
{
    struct gb_file_info root;
    struct proc_path path = proc_path(pid, "root");
    if (container.len)
        return true;
    return scan->root_known &&
           gb_host_stat(scan->collector->host, path.text, true, &root, NULL) == GB_OK &&
           root.type == GB_FILE_DIRECTORY &&
           (root.inode != scan->root.inode || root.device != scan->root.device);
}

static void put_origin_of_program(struct scan *scan, struct gb_facts *facts, struct gb_str path,
                                  const char *state, uint32_t uid)
{
    struct gb_collector *collector = scan->collector;
    bool elsewhere = strcmp(state, "elsewhere") == 0;
    if (elsewhere || strcmp(state, "memory") == 0) {
        struct gb_value nothing =
            gb_not_applicable(elsewhere ? GB_STR("the process has another root directory")
                                        : GB_STR("the program was never a file"));
        gb_fact(facts, "packaged", nothing);
        gb_fact(facts, "changeable_by", nothing);
        return;
    }
    struct gb_str reason = {0};
    if (!scan->owners_known) {
        gb_package_owners_known(collector, &reason);
        gb_fact(facts, "packaged", gb_unknown(reason));
    } else {
        struct gb_str package = gb_package_owner(collector, path);
        gb_fact(facts, "packaged", gb_bool(package.len != 0));
        if (package.len)
            gb_fact(facts, "package", gb_fact_text(facts, package));
    }
    struct gb_path_trust trust;
    if (gb_path_trust(&scan->judge, path, uid, &trust) < 0)
        return;
    gb_fact(facts, "changeable_by",
            trust.code ? gb_unread(collector, "the program's directory", trust.code)
                       : gb_fact_text(facts, trust.who));
}

// "nginx (812, www-data): /usr/sbin/nginx": for lists of offenders.
static void put_summary(struct scan *scan, struct gb_facts *facts, uint64_t pid,
                        const struct status *status)
{
    struct gb_arena *scratch = scan->collector->scratch;
    const struct gb_value *path = gb_map_find(facts->props, GB_STR("executable"));
    const struct gb_value *state = gb_map_find(facts->props, GB_STR("executable_state"));
    struct gb_str user = gb_accounts_owner(&scan->accounts, status->uid, scratch);
    struct gb_str program = gb_value_str_or(path, GB_STR("in memory"));
    if (gb_str_is(gb_value_str_or(state, GB_STR("")), "unreadable"))
        program = GB_STR("program not readable");
    struct gb_str text =
        gb_str_format(scratch, GB_PRI " (%llu, " GB_PRI "): " GB_PRI, GB_ARG(status->name),
                      (unsigned long long)pid, GB_ARG(user), GB_ARG(program));
    struct proc_path link = proc_path(pid, "exe");
    gb_fact(facts, "summary",
            gb_fact_at(facts, gb_fact_text(facts, text), gb_str_of(link.text), 0));
}

// What the link /proc/PID/exe says, or `code` why it could not be read.
static void put_program(struct scan *scan, struct gb_facts *facts, uint64_t pid, uint32_t uid,
                        struct gb_str container, int code, struct gb_str path)
{
    static const struct gb_str mark = GB_STR_INIT(" (deleted)");
    struct gb_collector *collector = scan->collector;
    if (code < 0) {
        struct proc_path link = proc_path(pid, "exe");
        struct gb_value unknown = gb_unread(collector, link.text, code);
        gb_fact(facts, "executable", unknown);
        gb_fact(facts, "executable_state", gb_string(GB_STR("unreadable")));
        gb_fact(facts, "program_known", unknown);
        gb_fact(facts, "packaged", unknown);
        gb_fact(facts, "changeable_by", unknown);
        return;
    }
    bool memory = gb_str_starts(path, GB_STR("/memfd:"));
    bool elsewhere = has_other_root(scan, pid, container);
    const char *state = memory ? "memory" : elsewhere ? "elsewhere" : "present";
    if (gb_str_ends(path, mark) && !gb_host_exists(collector->host, path.at)) {
        path = gb_str_copy(collector->scratch, gb_str_sub(path, 0, path.len - mark.len));
        if (!memory && !elsewhere && path.at)
            state = gb_host_exists(collector->host, path.at) ? "replaced" : "deleted";
    }
    gb_fact(facts, "program_known", gb_bool(true));
    if (!memory)
        gb_fact(facts, "executable", gb_fact_text(facts, path));
    gb_fact(facts, "executable_state", gb_string(gb_str_of(state)));
    put_origin_of_program(scan, facts, path, state, uid);
}

static void put_start(struct scan *scan, struct gb_facts *facts, uint64_t pid)
{
    struct proc_path path = proc_path(pid, "stat");
    struct gb_str text, word;
    if (!scan->booted_at || gb_small_file(scan->collector, path.text, &text) < 0)
        return;
    // The name stands in parentheses and may hold anything; fields are counted behind the last one.
    ptrdiff_t end = gb_str_rfind_char(text, ')');
    text = gb_str_from(text, (size_t)(end + 1));
    enum { START_TIME = 20 }; // field 22 of proc(5), of which two are before the parenthesis
    for (int i = 0; i < START_TIME; i++) {
        if (!gb_str_next_word(&text, &word))
            return;
    }
    uint64_t ticks;
    if (gb_str_to_uint(word, 10, &ticks) == GB_OK && ticks < UINT64_C(1) << 50)
        gb_fact(facts, "started_at",
                gb_timestamp(scan->booted_at + (int64_t)(ticks / CLOCK_TICKS), 0));
}

static void put_status(struct scan *scan, struct gb_facts *facts, uint64_t pid,
                       const struct status *status)
{
    static const char *const filters[] = {"none", "strict", "filter"};
    const char *seccomp = !status->seccomp_known                       ? "not_built"
                          : status->seccomp < 0 || status->seccomp > 2 ? "filter"
                                                                       : filters[status->seccomp];
    struct gb_arena *arena = scan->collector->arena;
    gb_fact(facts, "pid", gb_int((int64_t)pid));
    gb_fact(facts, "parent", gb_int(status->parent));
    gb_fact(facts, "name", gb_fact_text(facts, status->name));
    gb_fact(facts, "user",
            gb_fact_text(facts, gb_accounts_owner(&scan->accounts, status->uid, arena)));
    gb_fact(facts, "uid", gb_int(status->uid));
    gb_fact(facts, "real_uid", gb_int(status->real_uid));
    gb_fact(facts, "gid", gb_int(status->gid));
    gb_fact(facts, "capabilities", capability_list(scan, status->effective));
    gb_fact(facts, "ambient_capabilities", capability_list(scan, status->ambient));
    gb_fact(facts, "seccomp", gb_string(gb_str_of(seccomp)));
    gb_fact(facts, "no_new_privileges", gb_bool(status->no_new_privileges == 1));
    if (status->tracer)
        gb_fact(facts, "traced_by", gb_int(status->tracer));
}

static int collect_process(struct scan *scan, uint64_t pid)
{
    struct gb_collector *collector = scan->collector;
    struct proc_path path = proc_path(pid, "status");
    struct gb_str text, groups = {0};
    int code =
        gb_host_read(collector->host, path.text, MAX_STATUS_BYTES, collector->scratch, &text, NULL);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK; // it ended meanwhile, or is hidden (hidepid)
    struct status status = parse_status(text);
    if (status.kernel_thread || status.ended || !status.has_memory)
        return GB_OK;
    struct gb_str program;
    path = proc_path(pid, "exe");
    int link_code =
        gb_host_readlink(collector->host, path.text, collector->scratch, &program, NULL);
    if (link_code == GB_E_NOT_FOUND || link_code == GB_E_MEMORY)
        return link_code == GB_E_MEMORY ? link_code : GB_OK; // it ended meanwhile
    path = proc_path(pid, "cgroup");
    if (gb_host_read(collector->host, path.text, MAX_STATUS_BYTES, collector->scratch, &groups,
                     NULL) == GB_E_MEMORY)
        return GB_E_MEMORY;
    struct gb_cgroup cgroup = gb_cgroup_read(groups);
    struct gb_str id = gb_str_format(collector->arena, "%llu", (unsigned long long)pid);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("process"), id));
    put_status(scan, &facts, pid, &status);
    if (cgroup.unit.len)
        gb_fact(&facts, "unit", gb_fact_text(&facts, cgroup.unit));
    if (cgroup.container.len)
        gb_fact(&facts, "container", gb_fact_text(&facts, cgroup.container));
    put_start(scan, &facts, pid);
    put_program(scan, &facts, pid, status.uid, cgroup.container, link_code, program);
    put_summary(scan, &facts, pid, &status);
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

static int64_t boot_time(struct gb_collector *collector)
{
    struct gb_str text, line;
    if (gb_host_read(collector->host, "/proc/stat", 4 << 20, collector->scratch, &text, NULL) < 0)
        return 0;
    while (gb_str_next(&text, '\n', &line)) {
        if (gb_str_starts(line, GB_STR("btime ")))
            return first_number(gb_str_from(line, 6));
    }
    return 0;
}

static int by_number(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

// Names of directories that are process numbers, in order of their value.
static size_t process_numbers(const struct gb_dir_entry *entries, size_t count, uint64_t *numbers)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (gb_str_to_uint(entries[i].name, 10, &numbers[found]) == GB_OK)
            found++;
    }
    if (found > 1)
        qsort(numbers, found, sizeof *numbers, by_number);
    return found;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_host *host = collector->host;
    struct gb_str kind = GB_STR("process"), self;
    struct gb_dir_entry *entries;
    size_t count;
    if (!gb_host_has_kernel(host)) {
        gb_collection_no_subject(collector->all, kind, GB_STR("needs a live kernel"));
        return GB_OK;
    }
    int code =
        gb_host_list(host, "/proc", MAX_PROC_ENTRIES, collector->scratch, &entries, &count, err);
    if (code == GB_E_MEMORY)
        return code;
    if (code < 0) {
        gb_collection_gap(collector->all, kind, gb_unread_reason(collector, "/proc", code));
        return GB_OK;
    }
    uint64_t own = 0;
    if (gb_host_readlink(host, "/proc/self", collector->scratch, &self, NULL) < 0 ||
        gb_str_to_uint(self, 10, &own) < 0)
        own = 0;
    struct scan *scan = gb_alloc(collector->scratch, sizeof *scan);
    uint64_t *numbers = gb_alloc_array(collector->scratch, count, sizeof *numbers);
    if (!scan || !numbers || gb_accounts_load(host, collector->scratch, false, &scan->accounts) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for processes");
    scan->collector = collector;
    scan->judge = gb_path_judge(host, &scan->accounts, collector->arena);
    scan->root_known = gb_host_stat(host, "/", true, &scan->root, NULL) == GB_OK;
    scan->booted_at = boot_time(collector);
    scan->owners_known = gb_package_owners_known(collector, NULL);
    count = process_numbers(entries, count, numbers);
    gb_collection_complete(collector->all, kind);
    for (size_t i = 0; i < count; i++) {
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        code = numbers[i] == own ? GB_OK : collect_process(scan, numbers[i]);
        gb_arena_reset(collector->scratch, mark);
        if (code < 0)
            return gb_error_set(err, GB_E_MEMORY, "no memory for processes");
    }
    return GB_OK;
}

const struct gb_source gb_source_process = {
    .name = "host/process",
    .title = "processes",
    .kinds = kinds,
    .order = 1,
    .collect = collect,
};
