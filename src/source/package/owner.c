// The index behind "which package owns this path": hashes of all paths in dpkg's file lists, and in
// the data bases of rpm and apk.
#include "source/package/owner.h"

#include "source/package/dpkg.h"
#include "source/package/os_packages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LIST_MAX_BYTES = 64 << 20,
    PATHS_MAX = 16 << 20,
    DIVERSIONS_MAX = 20000,
    NAME_LONGEST = 200,
};

// Top directories that became links into /usr; a bit each in `merged`.
static const struct gb_str aliases[] = {
    GB_STR_INIT("bin"),   GB_STR_INIT("sbin"),   GB_STR_INIT("lib"),    GB_STR_INIT("lib32"),
    GB_STR_INIT("lib64"), GB_STR_INIT("libx32"), GB_STR_INIT("libo32"),
};
enum { ALIAS_COUNT = sizeof aliases / sizeof *aliases };

// A path is kept as 64 bits of a seeded hash: the low ones choose the slot, the high ones are kept.
// Two paths meet once in 2^32 look-ups or so, and nobody outside can choose which.
struct slot {
    uint32_t check;
    uint32_t owner; // 1-based: names[owner - 1], or DIVERTED + number of the diversion; 0 = free
};
enum { DIVERTED = 1 << 30 };

struct diversion {
    struct gb_str from, to, by; // canonical paths; `by` is empty for a local one
    uint32_t original;          // owner of what was moved away; 0 = not seen
};

struct gb_owner_index {
    bool known;
    struct gb_str reason; // when not known
    const struct gb_dpkg *dpkg;
    struct gb_str *names; // of dpkg's packages in their order, then of those of rpm and apk
    unsigned merged;
    struct slot *slots;
    size_t mask;
    struct diversion *diversions;
    size_t diversion_count;
    size_t lists_missing;
};

// While the lists are read: what goes into the table once its size is known.
struct entry {
    uint64_t hash;
    uint32_t owner;
};

struct builder {
    struct gb_collector *collector;
    struct gb_owner_index *index;
    struct entry *entries; // malloc
    size_t count, capacity;
    char *text; // malloc; one list at a time
    size_t text_capacity;
    int folder; // descriptor of /var/lib/dpkg/info
};

// "/bin/ls" as "/usr/bin/ls" where /bin is a link; `buffer` holds the longer form.
static struct gb_str canonical(const struct gb_owner_index *index, struct gb_str path,
                               char buffer[PATH_MAX + 8])
{
    if (!index->merged || path.len < 4 || path.len > PATH_MAX ||
        (path.at[1] != 'b' && path.at[1] != 's' && path.at[1] != 'l'))
        return path;
    struct gb_str rest = gb_str_from(path, 1);
    ptrdiff_t slash = gb_str_find_char(rest, '/');
    if (slash < 0)
        return path;
    struct gb_str top = gb_str_sub(rest, 0, (size_t)slash);
    for (int i = 0; i < ALIAS_COUNT; i++) {
        if (index->merged & 1u << i && gb_str_eq(top, aliases[i])) {
            memcpy(buffer, "/usr", 4);
            memcpy(buffer + 4, path.at, path.len);
            return (struct gb_str){buffer, path.len + 4};
        }
    }
    return path;
}

static void find_aliases(struct gb_collector *collector, struct gb_owner_index *index)
{
    for (int i = 0; i < ALIAS_COUNT; i++) {
        struct gb_str target;
        char path[16] = "/", wanted[24] = "usr/";
        memcpy(path + 1, aliases[i].at, aliases[i].len);
        memcpy(wanted + 4, aliases[i].at, aliases[i].len);
        if (gb_host_readlink(collector->host, path, collector->scratch, &target, NULL) < 0)
            continue;
        if (target.len && target.at[0] == '/')
            target = gb_str_from(target, 1);
        if (gb_str_is(target, wanted))
            index->merged |= 1u << i;
    }
}

// Triples of lines: the path, where the original went, the package (":" = local).
static int read_diversions(struct gb_collector *collector, struct gb_owner_index *index)
{
    struct gb_str text;
    if (gb_host_read(collector->host, "/var/lib/dpkg/diversions", GB_CONFIG_MAX_BYTES,
                     collector->arena, &text, NULL) < 0)
        return GB_OK;
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    size_t most = lines / 3 < DIVERSIONS_MAX ? lines / 3 : DIVERSIONS_MAX;
    index->diversions = gb_alloc_array(collector->arena, most, sizeof *index->diversions);
    if (!index->diversions)
        return GB_E_MEMORY;
    char buffer[PATH_MAX + 8];
    struct gb_str from, to, by;
    while (index->diversion_count < most && gb_str_next(&text, '\n', &from) &&
           gb_str_next(&text, '\n', &to) && gb_str_next(&text, '\n', &by)) {
        index->diversions[index->diversion_count++] = (struct diversion){
            .from = gb_str_copy(collector->arena, canonical(index, from, buffer)),
            .to = gb_str_copy(collector->arena, canonical(index, to, buffer)),
            .by = gb_str_is(by, ":") ? GB_STR("") : by,
        };
    }
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

// A package's name becomes part of a file name below.
static bool is_plain_name(struct gb_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == '/' || name.at[i] == '\0')
            return false;
    return name.len > 0 && name.len < NAME_LONGEST && name.at[0] != '.';
}

static int add_entry(struct builder *b, uint64_t hash, uint32_t owner)
{
    if (b->count == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 1u << 14;
        struct entry *entries =
            capacity > PATHS_MAX ? NULL : realloc(b->entries, capacity * sizeof *entries);
        if (!entries)
            return GB_E_MEMORY;
        b->entries = entries;
        b->capacity = capacity;
    }
    b->entries[b->count++] = (struct entry){.hash = hash, .owner = owner};
    return GB_OK;
}

static int add_list(struct builder *b, struct gb_str text, uint32_t owner)
{
    char buffer[PATH_MAX + 8];
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        if (line.len < 2 || line.at[0] != '/')
            continue;
        int code = add_entry(b, gb_str_hash(canonical(b->index, line, buffer)), owner);
        if (code)
            return code;
    }
    return GB_OK;
}

// Reads a regular file of the info folder into the builder's buffer. GB_E_NOT_FOUND when absent.
static int read_list(struct builder *b, const char *name, struct gb_str *ret)
{
    int fd = openat(b->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO;
    struct stat st;
    int code = GB_E_IO;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LIST_MAX_BYTES) {
        size_t size = (size_t)st.st_size;
        if (size > b->text_capacity) {
            char *text = realloc(b->text, size);
            code = text ? code : GB_E_MEMORY;
            b->text = text ? text : b->text;
            b->text_capacity = text ? size : b->text_capacity;
        }
        if (size <= b->text_capacity) {
            size_t have = 0;
            for (ssize_t got = 1; have < size && got > 0; have += got > 0 ? (size_t)got : 0)
                got = read(fd, b->text + have, size - have);
            *ret = (struct gb_str){b->text, have};
            code = have == size ? GB_OK : GB_E_IO;
        }
    }
    close(fd);
    return code;
}

// The list of one package: NAME.list, or NAME:ARCHITECTURE.list where architectures may stand side
// by side.
static int read_package(struct builder *b, const struct gb_dpkg_package *package, uint32_t owner)
{
    if (!is_plain_name(package->name) || !is_plain_name(package->architecture))
        return GB_E_IO;
    char plain[2 * NAME_LONGEST + 8], full[2 * NAME_LONGEST + 8];
    struct gb_str name = package->name, architecture = package->architecture;
    snprintf(plain, sizeof plain, GB_PRI ".list", GB_ARG(name));
    snprintf(full, sizeof full, GB_PRI ":" GB_PRI ".list", GB_ARG(name), GB_ARG(architecture));
    struct gb_str text = {0};
    int code = read_list(b, package->co_installable ? full : plain, &text);
    if (code == GB_E_NOT_FOUND)
        code = read_list(b, package->co_installable ? plain : full, &text);
    return code ? code : add_list(b, text, owner);
}

static struct slot *slot_of(const struct gb_owner_index *index, uint64_t hash)
{
    uint32_t check = (uint32_t)(hash >> 32);
    for (size_t i = hash & index->mask;; i = (i + 1) & index->mask)
        if (!index->slots[i].owner || index->slots[i].check == check)
            return &index->slots[i];
}

static void put(struct gb_owner_index *index, uint64_t hash, uint32_t owner)
{
    struct slot *slot = slot_of(index, hash);
    if (!slot->owner) {
        *slot = (struct slot){.check = (uint32_t)(hash >> 32), .owner = owner};
    } else if (slot->owner & DIVERTED && !(owner & DIVERTED)) {
        struct diversion *diversion = &index->diversions[slot->owner & ~(uint32_t)DIVERTED];
        if (!diversion->original && !gb_str_eq(index->names[owner - 1], diversion->by))
            diversion->original = owner;
    }
}

// Diversions first, so that the lists' entries run into them; then what was moved away.
static int fill_table(struct builder *b)
{
    struct gb_owner_index *index = b->index;
    size_t need = b->count + 2 * index->diversion_count, slots = 1024;
    while (slots < need + need / 2)
        slots *= 2;
    index->slots = gb_alloc_array(b->collector->arena, slots, sizeof *index->slots);
    if (!index->slots)
        return GB_E_MEMORY;
    index->mask = slots - 1;
    for (size_t i = 0; i < index->diversion_count; i++)
        put(index, gb_str_hash(index->diversions[i].from), (uint32_t)DIVERTED | (uint32_t)i);
    for (size_t i = 0; i < b->count; i++)
        put(index, b->entries[i].hash, b->entries[i].owner);
    for (size_t i = 0; i < index->diversion_count; i++)
        if (index->diversions[i].original)
            put(index, gb_str_hash(index->diversions[i].to), index->diversions[i].original);
    return GB_OK;
}

static int read_lists(struct builder *b)
{
    struct gb_owner_index *index = b->index;
    size_t failed = 0;
    for (size_t i = 0; i < index->dpkg->count; i++) {
        const struct gb_dpkg_package *package = index->dpkg->packages[i];
        if (package->state == GB_DPKG_NOT_INSTALLED)
            continue;
        int code = read_package(b, package, (uint32_t)i + 1);
        if (code == GB_E_MEMORY)
            return code;
        index->lists_missing += code == GB_E_NOT_FOUND && gb_dpkg_in_place(package);
        failed += code != GB_OK && code != GB_E_NOT_FOUND;
    }
    if (failed) {
        index->known = false;
        index->reason = gb_str_format(b->collector->arena,
                                      "%zu of dpkg's file lists could not be read", failed);
    } else if (index->lists_missing && index->lists_missing * 2 > index->dpkg->count) {
        index->known = false;
        index->reason = GB_STR("dpkg's file lists are missing");
    }
    return GB_OK;
}

// ---- rpm and apk

struct others {
    struct builder *builder;
    uint32_t first; // number of the first of these packages
};

static int add_path(void *context, struct gb_str path, const struct gb_os_package *package)
{
    struct others *others = context;
    struct gb_owner_index *index = others->builder->index;
    char buffer[PATH_MAX + 8];
    if (path.len < 2 || path.at[0] != '/')
        return GB_OK;
    return add_entry(others->builder, gb_str_hash(canonical(index, path, buffer)),
                     others->first + (uint32_t)package->position);
}

static int read_others(struct builder *b, const struct gb_os_packages *packages)
{
    struct others others = {.builder = b, .first = (uint32_t)b->index->dpkg->count + 1};
    struct gb_os_path_visitor visitor = {add_path, &others};
    int code = gb_rpm_paths(b->collector, packages, &visitor);
    if (!code)
        code = gb_apk_paths(b->collector, packages, &visitor);
    if (code && code != GB_E_MEMORY) {
        b->index->known = false;
        b->index->reason = GB_STR("the package data base changed while it was read");
        code = GB_OK;
    } else if (packages->problem.len) {
        b->index->known = false;
        b->index->reason = packages->problem;
    }
    return code;
}

// ---- all of them

static int open_lists(struct builder *b)
{
    struct gb_error why = {0};
    b->folder =
        gb_host_open_fd(b->collector->host, "/var/lib/dpkg/info", O_RDONLY | O_DIRECTORY, &why);
    if (b->folder >= 0)
        return GB_OK;
    b->index->known = false;
    b->index->reason = gb_str_format(b->collector->arena, "/var/lib/dpkg/info: %s", why.reason);
    return b->index->reason.at ? GB_OK : GB_E_MEMORY;
}

static int read_all(struct builder *b, const struct gb_os_packages *others)
{
    struct gb_owner_index *index = b->index;
    bool dpkg = index->dpkg->presence == GB_DPKG_READ;
    size_t first = index->dpkg->count;
    index->names = gb_alloc_array(b->collector->arena, first + others->count, sizeof *index->names);
    if (!index->names)
        return GB_E_MEMORY;
    for (size_t i = 0; i < first; i++)
        index->names[i] = index->dpkg->packages[i]->name;
    for (size_t i = 0; i < others->count; i++)
        index->names[first + i] = others->items[i]->name;
    find_aliases(b->collector, index);
    int code = dpkg ? open_lists(b) : GB_OK;
    if (!code && b->folder >= 0)
        code = read_diversions(b->collector, index);
    if (!code && b->folder >= 0)
        code = read_lists(b);
    if (!code && others->count)
        code = read_others(b, others);
    return code ? code : fill_table(b);
}

static int build(struct gb_collector *collector, struct gb_owner_index *index)
{
    const struct gb_os_packages *others = NULL;
    if (gb_dpkg_load(collector, &index->dpkg, NULL) < 0 ||
        gb_os_packages_load(collector, &others, NULL) < 0)
        return GB_E_MEMORY;
    if (index->dpkg->presence != GB_DPKG_READ && others->presence != GB_PACKAGES_READ) {
        index->reason =
            others->presence == GB_PACKAGES_UNREADABLE ? others->reason : index->dpkg->reason;
        return GB_OK;
    }
    index->known = true;
    struct builder b = {.collector = collector, .index = index, .folder = -1};
    int code = read_all(&b, others);
    if (b.folder >= 0)
        close(b.folder);
    free(b.entries);
    free(b.text);
    return code;
}

static const struct gb_owner_index *load(struct gb_collector *collector)
{
    static const struct gb_owner_index failed = {.reason = GB_STR_INIT("out of memory")};
    struct gb_str key = GB_STR("package/owner");
    struct gb_owner_index *index = gb_collector_shared(collector, key);
    if (index)
        return index;
    index = gb_alloc(collector->arena, sizeof *index);
    if (!index || build(collector, index) < 0 || gb_collector_share(collector, key, index) < 0)
        return &failed;
    return index;
}

struct gb_str gb_owner_index_find(const struct gb_owner_index *index, struct gb_str path)
{
    if (!index->known || path.len < 2 || path.len > PATH_MAX)
        return GB_STR("");
    char buffer[PATH_MAX + 8];
    const struct slot *slot = slot_of(index, gb_str_hash(canonical(index, path, buffer)));
    if (!slot->owner)
        return GB_STR("");
    if (slot->owner & DIVERTED)
        return index->diversions[slot->owner & ~(uint32_t)DIVERTED].by;
    return index->names[slot->owner - 1];
}

const struct gb_owner_index *gb_owner_index_get(struct gb_collector *collector)
{
    const struct gb_owner_index *index = load(collector);
    return index->known ? index : NULL;
}

bool gb_package_owners_known(struct gb_collector *collector, struct gb_str *reason)
{
    const struct gb_owner_index *index = load(collector);
    if (!index->known && reason)
        *reason = index->reason;
    return index->known;
}

struct gb_str gb_package_owner(struct gb_collector *collector, struct gb_str path)
{
    return gb_owner_index_find(load(collector), path);
}
