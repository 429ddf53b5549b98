// Looks at one entry of the file walk at a time; see file_visit.h. Runs in several threads.
#include "source/host/file_visit.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LISTED_MOST = 500, PRUNED_MOST = 100, CONTENT_BYTES = 16 << 10 };

void gb_file_visitor_init(struct gb_file_visitor *visitor,
                          const struct gb_file_visit_shared *shared)
{
    *visitor = (struct gb_file_visitor){
        .shared = shared, .dir_number = UINT64_MAX, .cwd_number = UINT64_MAX};
    for (int i = 0; i < GB_FILE_CLASS_COUNT; i++)
        visitor->findings[i].limit = LISTED_MOST;
    visitor->pruned.limit = PRUNED_MOST;
}

void gb_file_visitor_free(struct gb_file_visitor *visitor)
{
    for (int i = 0; i < GB_FILE_CLASS_COUNT; i++)
        gb_file_findings_free(&visitor->findings[i]);
    gb_file_findings_free(&visitor->pruned);
}

bool gb_id_known(const struct gb_id_set *set, uint32_t id)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (id < set->ranges[middle].first)
            high = middle;
        else if (id > set->ranges[middle].last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

static void add(struct gb_file_visitor *v, enum gb_file_class class,
                const struct gb_walk_entry *entry, const char *what, uint32_t detail, uint64_t mask)
{
    char path[2 * PATH_MAX];
    const struct stat *st = entry->stat;
    struct gb_file_finding finding = {.what = what,
                                      .detail = detail,
                                      .mask = mask,
                                      .is_dir = entry->type == GB_FILE_DIRECTORY,
                                      .reachable = entry->reachable};
    if (st) {
        finding.mode = st->st_mode & 07777;
        finding.uid = st->st_uid;
        finding.gid = st->st_gid;
        finding.size = (uint64_t)st->st_size;
        finding.inode = st->st_ino;
        finding.special = st->st_rdev;
        finding.modified_at = st->st_mtime;
    }
    gb_file_findings_add(&v->findings[class], gb_walk_entry_path(entry, path, sizeof path),
                         &finding);
}

static uint32_t place_detail(const struct gb_file_visitor *v)
{
    switch (v->place) {
    case GB_PLACE_COMMANDS:
        return GB_FILE_IN_COMMANDS | GB_FILE_IN_SYSTEM;
    case GB_PLACE_SYSTEM:
        return GB_FILE_IN_SYSTEM;
    case GB_PLACE_TEMPORARY:
        return GB_FILE_IN_TEMPORARY;
    case GB_PLACE_OTHER:
    case GB_PLACE_DEVICES:
        return 0;
    }
    return 0;
}

static void look_at_mode(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    mode_t mode = entry->stat->st_mode;
    bool executable = S_ISREG(mode) && mode & 0111;
    if (executable && mode & (S_ISUID | S_ISGID))
        add(v, GB_FILES_SETUID, entry, NULL, place_detail(v), 0);
    bool writable =
        (S_ISREG(mode) && mode & S_IWOTH) || (S_ISDIR(mode) && mode & S_IWOTH && !(mode & S_ISVTX));
    if (writable && entry->reachable)
        add(v, GB_FILES_WORLD_WRITABLE, entry, NULL, place_detail(v), 0);
    v->world_writable_unreachable += writable && !entry->reachable;
}

static void look_at_owner(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    const struct gb_file_visit_shared *shared = v->shared;
    uint32_t detail = 0;
    if (shared->users.known && !gb_id_known(&shared->users, entry->stat->st_uid))
        detail |= GB_FILE_UNKNOWN_USER;
    if (shared->groups.known && !gb_id_known(&shared->groups, entry->stat->st_gid))
        detail |= GB_FILE_UNKNOWN_GROUP;
    if (detail)
        add(v, GB_FILES_UNOWNED, entry, NULL, detail | place_detail(v), 0);
}

// ---- file capabilities

// There is no getxattrat: each thread gets a current directory of its own and names files relative
// to it. Where that is forbidden, the descriptor's path below /proc does.
static ssize_t get_capability(struct gb_file_visitor *v, const struct gb_walk_entry *entry,
                              unsigned char *into, size_t size)
{
    if (!v->own_cwd)
        v->own_cwd = unshare(CLONE_FS) == 0 ? 1 : -1;
    if (v->own_cwd > 0) {
        if (v->cwd_number != entry->dir_number) {
            if (fchdir(entry->dir_fd) < 0)
                return -1;
            v->cwd_number = entry->dir_number;
        }
        return lgetxattr(entry->name.at, "security.capability", into, size);
    }
    char path[64 + NAME_MAX + 1];
    int length = snprintf(path, sizeof path, "/proc/self/fd/%d/%s", entry->dir_fd, entry->name.at);
    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    return lgetxattr(path, "security.capability", into, size);
}

// struct vfs_cap_data of linux/capability.h: revision and flags, then permitted and inheritable, in
// one or two halves.
static void look_at_capabilities(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    enum { REVISION_1 = 1, REVISION_2 = 2, REVISION_3 = 3, EFFECTIVE = 1 };
    unsigned char raw[32];
    ssize_t size = get_capability(v, entry, raw, sizeof raw);
    if (size < 12)
        return;
    uint32_t magic = gb_little32(raw), revision = magic >> 24;
    uint64_t mask = gb_little32(raw + 4);
    if ((revision == REVISION_2 || revision == REVISION_3) && size >= 20)
        mask |= (uint64_t)gb_little32(raw + 12) << 32;
    else if (revision != REVISION_1)
        return;
    uint32_t detail = place_detail(v) | (magic & EFFECTIVE ? GB_FILE_EFFECTIVE : 0);
    if (mask)
        add(v, GB_FILES_CAPABLE, entry, NULL, detail, mask);
}

// ---- programs that no package brought

static void look_at_package(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    char path[2 * PATH_MAX];
    if (!v->shared->owners)
        return;
    struct gb_str text = gb_walk_entry_path(entry, path, sizeof path);
    if (!gb_owner_index_find(v->shared->owners, text).len)
        add(v, GB_FILES_UNPACKAGED, entry, NULL, place_detail(v), 0);
}

// ---- secrets

static bool holds_secret(const struct gb_walk_entry *entry, const char *what)
{
    char content[CONTENT_BYTES];
    int fd = openat(entry->dir_fd, entry->name.at,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return gb_file_secret_is_certain(what);
    ssize_t got = read(fd, content, sizeof content);
    close(fd);
    return got > 0 && gb_file_secret_in_content(what, (struct gb_str){content, (size_t)got});
}

// Only what everybody can read is of interest here.
static void look_for_secret(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    const char *what = gb_file_secret_of_name(entry->name);
    if (!what[0] || !entry->stat->st_size)
        return;
    char path[2 * PATH_MAX];
    struct gb_str text = gb_walk_entry_path(entry, path, sizeof path);
    if (v->shared->owners && gb_owner_index_find(v->shared->owners, text).len)
        return; // published with its package
    if (holds_secret(entry, what))
        add(v, GB_FILES_SECRET, entry, what,
            place_detail(v) | (gb_file_is_sample_path(text) ? GB_FILE_SAMPLE : 0), 0);
}

// ---- all together

static void enter(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    struct gb_str dir = gb_walk_dir_path(entry->dir);
    v->dir_number = entry->dir_number;
    v->place = gb_file_place_of(dir);
    v->in_libraries = gb_str_starts(dir, GB_STR("/usr/lib")) || gb_str_starts(dir, GB_STR("/lib"));
}

static void look_at_file(struct gb_file_visitor *v, const struct gb_walk_entry *entry)
{
    mode_t mode = entry->stat->st_mode;
    if (mode & 0111) {
        look_at_capabilities(v, entry);
        if (v->place == GB_PLACE_COMMANDS || v->in_libraries)
            look_at_package(v, entry);
        if (v->place == GB_PLACE_TEMPORARY && entry->name.at[0] == '.')
            add(v, GB_FILES_ODD, entry, "a hidden program in a temporary directory", 0, 0);
    }
    if (mode & S_IROTH && entry->reachable)
        look_for_secret(v, entry);
    if (v->place == GB_PLACE_DEVICES)
        add(v, GB_FILES_ODD, entry, "a regular file among devices", 0, 0);
    if (v->language)
        gb_language_visit(v->language, entry);
}

bool gb_file_visit(void *context, const struct gb_walk_entry *entry)
{
    struct gb_file_visitor *v = context;
    if (v->dir_number != entry->dir_number)
        enter(v, entry);
    const char *odd = gb_file_odd_name(entry->name);
    if (odd[0] && entry->name.len)
        add(v, GB_FILES_ODD, entry, odd, place_detail(v), 0);
    if (!entry->stat)
        return true;
    if (entry->type == GB_FILE_DIRECTORY &&
        gb_file_is_container_store(gb_walk_dir_path(entry->dir))) {
        gb_file_findings_add(&v->pruned, gb_walk_dir_path(entry->dir),
                             &(struct gb_file_finding){.is_dir = true});
        return false;
    }
    look_at_mode(v, entry);
    look_at_owner(v, entry);
    if (entry->type == GB_FILE_REGULAR)
        look_at_file(v, entry);
    bool device = entry->type == GB_FILE_BLOCK || entry->type == GB_FILE_CHARACTER;
    // Overlay file systems mark deleted files with a device 0:0.
    if (device && v->place != GB_PLACE_DEVICES && entry->stat->st_rdev)
        add(v, GB_FILES_DEVICE, entry,
            entry->type == GB_FILE_BLOCK ? "block device" : "character device", place_detail(v), 0);
    return true;
}
