// Mounts (kind "mount"): what is mounted now, and what fstab and mount units ask for. One resource
// a place; a mount that another one covers is left out, as nobody can reach it.
#include "source/host/block_device.h"
#include "source/host/dropins.h"
#include "source/host/facts.h"
#include "source/host/mount_table.h"
#include "source/host/unit_files.h"

#include <stdio.h>

static const char *const kinds[] = {"mount", NULL};

// What a file asks for.
struct wish {
    struct gb_str path, source, type, options;
    struct gb_str file;
    uint32_t line;
    bool waits; // noauto: mounted on demand, or not at all
    bool used;
};

struct probe {
    struct gb_collector *collector;
    struct gb_mount_table table;
    struct gb_str table_path;
    struct wish *wishes;
    size_t wish_count, wish_capacity;
    struct gb_str unread; // why a file could not be read
};

static int add_wish(struct probe *probe, struct wish wish)
{
    if (probe->wish_count == probe->wish_capacity) {
        size_t wider = probe->wish_capacity ? probe->wish_capacity * 2 : 16;
        void *grown = gb_grow_array(probe->collector->scratch, probe->wishes, probe->wish_capacity,
                                    wider, sizeof *probe->wishes);
        if (!grown)
            return GB_E_MEMORY;
        probe->wishes = grown;
        probe->wish_capacity = wider;
    }
    probe->wishes[probe->wish_count++] = wish;
    return GB_OK;
}

static int read_fstab(struct probe *probe)
{
    static const char path[] = "/etc/fstab";
    struct gb_str text;
    struct gb_fstab fstab;
    struct gb_collector *collector = probe->collector;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_MEMORY || code == GB_E_NOT_FOUND)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        probe->unread = gb_unread_reason(collector, path, code);
        gb_collection_gap(collector->all, GB_STR("mount"), probe->unread);
        return GB_OK;
    }
    if (gb_fstab_parse(text, collector->scratch, &fstab))
        return GB_E_MEMORY;
    for (size_t i = 0; i < fstab.count; i++) {
        const struct gb_fstab_line *line = &fstab.items[i];
        if (line->path.at[0] != '/' || gb_str_is(line->type, "swap"))
            continue;
        if (add_wish(probe,
                     (struct wish){.path = line->path,
                                   .source = line->source,
                                   .type = line->type,
                                   .options = line->options,
                                   .file = GB_STR(path),
                                   .line = line->line,
                                   .waits = gb_mount_option(line->options, "noauto") ||
                                            gb_mount_option(line->options, "x-systemd.automount")}))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// Is a mount unit started at boot? The unit probe followed the links; without it nothing is known.
static bool is_started(const struct gb_collection *all, struct gb_str unit)
{
    char id[300];
    snprintf(id, sizeof id, "unit:" GB_PRI, GB_ARG(gb_str_sub(unit, 0, 255)));
    const struct gb_resource *found = gb_collection_find(all, gb_str_of(id));
    const struct gb_value *by = found ? gb_map_find(found->props, GB_STR("started_by")) : NULL;
    return gb_value_str_or(by, GB_STR("")).len > 0;
}

static int add_unit(struct probe *probe, struct gb_str name)
{
    struct gb_collector *collector = probe->collector;
    struct gb_ini settings;
    int code = gb_unit_settings(collector->host, name.at, collector->scratch, &settings);
    if (code)
        return code == GB_E_MEMORY ? code : GB_OK;
    const struct gb_ini_entry *where = gb_ini_get(&settings, "Mount", "Where");
    const struct gb_ini_entry *what = gb_ini_get(&settings, "Mount", "What");
    const struct gb_ini_entry *type = gb_ini_get(&settings, "Mount", "Type");
    const struct gb_ini_entry *options = gb_ini_get(&settings, "Mount", "Options");
    if (!where || !what || !where->value.len || where->value.at[0] != '/')
        return GB_OK;
    const struct gb_ini_entry *place = options ? options : where;
    // Units of packages mount file systems of the kernel where it has them: their absence is
    // nobody's mistake.
    bool local =
        gb_str_starts(where->file, GB_STR("/etc/")) || gb_str_starts(where->file, GB_STR("/run/"));
    return add_wish(probe, (struct wish){.path = where->value,
                                         .source = what->value,
                                         .type = type ? type->value : GB_STR("auto"),
                                         .options = options ? options->value : GB_STR("defaults"),
                                         .file = place->file,
                                         .line = place->line,
                                         .waits = !local || !is_started(collector->all, name)});
}

static int read_units(struct probe *probe)
{
    static const char *const directories[] = {"/etc/systemd/system", "/run/systemd/system",
                                              "/usr/local/lib/systemd/system",
                                              "/usr/lib/systemd/system", "/lib/systemd/system"};
    struct gb_collector *collector = probe->collector;
    struct gb_dropins units;
    if (gb_dropins_list(collector->host, directories, 5, ".mount", collector->scratch, &units))
        return GB_E_MEMORY;
    for (size_t i = 0; i < units.count; i++)
        if (add_unit(probe, units.items[i].name))
            return GB_E_MEMORY;
    return GB_OK;
}

// The wish for a place: fstab before units, as systemd's generator does; of several lines of fstab
// the last one, which is what ends up on top.
static struct wish *wish_for(struct probe *probe, struct gb_str path)
{
    struct wish *best = NULL;
    for (size_t i = 0; i < probe->wish_count; i++) {
        struct wish *wish = &probe->wishes[i];
        if (gb_str_eq(wish->path, path) && (!best || gb_str_eq(best->file, wish->file)))
            best = wish;
    }
    return best;
}

static bool is_one_of(struct gb_str word, const char *const *words)
{
    for (; *words; words++)
        if (gb_str_is(word, *words))
            return true;
    return false;
}

static const char *class_of(struct gb_str type, struct gb_str device)
{
    static const char *const network[] = {"nfs", "nfs4",   "cifs",       "smb3",
                                          "9p",  "ceph",   "fuse.sshfs", "fuse.glusterfs",
                                          "afs", "lustre", NULL};
    static const char *const memory[] = {"tmpfs", "ramfs", "rootfs", "hugetlbfs", "devtmpfs", NULL};
    static const char *const image[] = {"squashfs", "iso9660", "udf", "erofs", "cramfs", NULL};
    static const char *const pooled[] = {"btrfs", "zfs", "bcachefs", NULL};
    if (is_one_of(type, network))
        return "network";
    if (is_one_of(type, memory))
        return "memory";
    if (is_one_of(type, image))
        return "image";
    if (gb_str_is(type, "overlay") || gb_str_is(type, "aufs"))
        return "overlay";
    if (is_one_of(type, pooled) || (device.len && !gb_str_starts(device, GB_STR("0:"))))
        return "disk";
    return gb_str_starts(type, GB_STR("fuse")) ? "fuse" : "kernel";
}

static bool is_password(struct gb_str option)
{
    static const char *const keys[] = {"password=", "password2=", "passwd=", "pass=", "pw=", NULL};
    for (const char *const *key = keys; *key; key++)
        if (gb_str_starts(option, gb_str_of(*key)) && option.len > strlen(*key))
            return true;
    return false;
}

// Options that matter here: flags, and those values that are neither secret nor endless.
static void add_option(struct gb_facts *facts, struct gb_list *list, struct gb_str option,
                       struct gb_str file, uint32_t line)
{
    static const char *const long_keys[] = {
        "lowerdir=", "upperdir=", "workdir=", "lowerdir+=", "datadir+="};
    for (size_t i = 0; i < sizeof long_keys / sizeof *long_keys; i++)
        if (gb_str_starts(option, gb_str_of(long_keys[i])))
            return;
    if (is_password(option))
        option = GB_STR("password=(not shown)");
    gb_fact_add_text(facts, list, option, file, line);
}

// "ftp://user:secret@host" without the secret.
static struct gb_str without_password(struct gb_arena *arena, struct gb_str source)
{
    ptrdiff_t scheme = gb_str_find(source, GB_STR("://"));
    ptrdiff_t at = gb_str_rfind_char(source, '@');
    if (scheme < 0 || at < scheme)
        return source;
    struct gb_str user = gb_str_sub(source, (size_t)scheme + 3, (size_t)(at - scheme) - 3);
    ptrdiff_t colon = gb_str_find_char(user, ':');
    if (colon < 0)
        return source;
    return gb_str_format(arena, GB_PRI ":(not shown)" GB_PRI,
                         GB_ARG(gb_str_sub(source, 0, (size_t)(scheme + 3 + colon))),
                         GB_ARG(gb_str_from(source, (size_t)at)));
}

static void put_options(struct gb_facts *facts, const char *field, struct gb_str first,
                        struct gb_str second, struct gb_str file, uint32_t line)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    struct gb_str rest = first, piece;
    while (gb_str_next(&rest, ',', &piece))
        if (piece.len)
            add_option(facts, list, piece, file, line);
    while (gb_str_next(&second, ',', &piece)) {
        bool known = !piece.len;
        rest = first;
        struct gb_str other;
        while (!known && gb_str_next(&rest, ',', &other))
            known = gb_str_eq(other, piece);
        // "rw" of the file system says nothing about a mount that is "ro".
        if (!known && !gb_str_is(piece, "rw"))
            add_option(facts, list, piece, file, line);
    }
    if (list)
        gb_fact(facts, field, gb_fact_at(facts, gb_list_of(list), file, line));
}

static bool holds_password(struct gb_arena *scratch, const struct wish *wish)
{
    struct gb_str rest = wish->options, option;
    while (gb_str_next(&rest, ',', &option))
        if (is_password(option))
            return true;
    return !gb_str_eq(without_password(scratch, wish->source), wish->source);
}

static void put_wish(struct probe *probe, struct gb_facts *facts, struct wish *wish)
{
    if (probe->unread.len && !wish) {
        static const char *const fields[] = {"persisted", "persisted_options", "holds_password",
                                             "at_boot"};
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            gb_fact(facts, fields[i], gb_unknown(probe->unread));
        return;
    }
    gb_fact(facts, "persisted",
            wish ? gb_fact_at(facts, gb_bool(true), wish->file, wish->line) : gb_bool(false));
    if (!wish)
        return;
    wish->used = true;
    put_options(facts, "persisted_options", wish->options, (struct gb_str){0}, wish->file,
                wish->line);
    gb_fact(facts, "persisted_by",
            gb_fact_at(facts, gb_fact_text(facts, wish->file), wish->file, wish->line));
    gb_fact(facts, "holds_password",
            gb_fact_at(facts, gb_bool(holds_password(facts->collector->scratch, wish)), wish->file,
                       wish->line));
    gb_fact(facts, "at_boot", gb_fact_at(facts, gb_bool(!wish->waits), wish->file, wish->line));
}

static struct gb_facts add_mount(struct probe *probe, struct gb_str path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_string_clean(collector->arena, path).string;
    return gb_facts(collector, gb_collection_add(collector->all, GB_STR("mount"), name));
}

static void put_mounted(struct probe *probe, const struct gb_mount_line *mount)
{
    struct gb_collector *collector = probe->collector;
    struct gb_arena *scratch = collector->scratch;
    struct gb_facts facts = add_mount(probe, mount->path);
    struct gb_str where = probe->table_path;
    gb_fact(&facts, "path",
            gb_fact_at(&facts, gb_fact_text(&facts, mount->path), where, mount->line));
    gb_fact(&facts, "mounted", gb_fact_at(&facts, gb_bool(true), where, mount->line));
    gb_fact(&facts, "source",
            gb_fact_at(&facts, gb_fact_text(&facts, without_password(scratch, mount->source)),
                       where, mount->line));
    gb_fact(&facts, "type",
            gb_fact_at(&facts, gb_fact_text(&facts, mount->type), where, mount->line));
    gb_fact(&facts, "class", gb_string(gb_str_of(class_of(mount->type, mount->device))));
    put_options(&facts, "options", mount->options, mount->super_options, where, mount->line);
    struct gb_str text =
        gb_str_format(scratch, GB_PRI " (" GB_PRI ": " GB_PRI ")", GB_ARG(mount->path),
                      GB_ARG(mount->type), GB_ARG(mount->options));
    gb_fact(&facts, "text", gb_fact_at(&facts, gb_fact_text(&facts, text), where, mount->line));
    gb_fact(&facts, "bind",
            gb_fact_at(&facts, gb_bool(!gb_str_is(mount->root, "/")), where, mount->line));
    struct gb_str device = gb_str_starts(mount->device, GB_STR("0:"))
                               ? (struct gb_str){0}
                               : gb_block_name_of(collector, mount->device);
    if (device.len) {
        gb_fact(&facts, "device", gb_fact_text(&facts, device));
        enum gb_block_encryption state = gb_block_encryption(collector, device);
        gb_fact(&facts, "encrypted",
                state == GB_BLOCK_UNKNOWN
                    ? gb_unknown(GB_STR("the stack of devices could not be followed"))
                    : gb_bool(state == GB_BLOCK_ENCRYPTED));
    }
    gb_fact(&facts, "removable", gb_bool(device.len && gb_block_removable(collector, device)));
    put_wish(probe, &facts, wish_for(probe, mount->path));
}

// A place that files ask for and where nothing is mounted (or where nobody can know).
static void put_wished(struct probe *probe, struct wish *wish)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct gb_facts facts = add_mount(probe, wish->path);
    bool kernel = gb_host_has_kernel(probe->collector->host);
    struct gb_value unknown =
        gb_not_applicable(kernel ? GB_STR("it is not mounted") : GB_STR("needs a live kernel"));
    gb_fact(&facts, "path",
            gb_fact_at(&facts, gb_fact_text(&facts, wish->path), wish->file, wish->line));
    gb_fact(&facts, "mounted", kernel ? gb_bool(false) : unknown);
    gb_fact(&facts, "source",
            gb_fact_at(&facts, gb_fact_text(&facts, without_password(scratch, wish->source)),
                       wish->file, wish->line));
    gb_fact(&facts, "type",
            gb_fact_at(&facts, gb_fact_text(&facts, wish->type), wish->file, wish->line));
    gb_fact(&facts, "class", gb_string(gb_str_of(class_of(wish->type, GB_STR("8:0")))));
    gb_fact(&facts, "options", unknown);
    gb_fact(&facts, "text",
            gb_fact_at(&facts, gb_fact_text(&facts, wish->path), wish->file, wish->line));
    gb_fact(
        &facts, "bind",
        gb_bool(gb_mount_option(wish->options, "bind") || gb_mount_option(wish->options, "rbind")));
    gb_fact(&facts, "removable", gb_bool(false));
    put_wish(probe, &facts, wish);
}

// PID 1's table is the machine's; a scanner that runs as a service may have one of its own.
static int read_table(struct probe *probe, struct gb_str *reason)
{
    static const char *const paths[] = {"/proc/1/mountinfo", "/proc/self/mountinfo"};
    struct gb_collector *collector = probe->collector;
    struct gb_str text;
    int code = GB_E_NOT_FOUND;
    for (size_t i = 0; i < 2 && code; i++) {
        probe->table_path = gb_str_of(paths[i]);
        code = gb_host_read(collector->host, paths[i], GB_CONFIG_MAX_BYTES, collector->scratch,
                            &text, NULL);
        if (!code && !text.len)
            code = GB_E_NOT_FOUND;
    }
    if (code)
        *reason = gb_unread_reason(collector, paths[1], code);
    return code ? code : gb_mount_table_parse(text, collector->scratch, &probe->table);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    struct probe probe = {.collector = collector};
    struct gb_str reason = {0};
    int code = GB_OK;
    if (gb_host_has_kernel(collector->host))
        code = read_table(&probe, &reason);
    if (code && code != GB_E_MEMORY) {
        gb_collection_gap(collector->all, GB_STR("mount"), reason);
        return GB_OK;
    }
    if (code || read_fstab(&probe) || read_units(&probe))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the mounts");
    for (size_t i = 0; i < probe.table.count; i++)
        if (probe.table.items[i].visible)
            put_mounted(&probe, &probe.table.items[i]);
    for (size_t i = 0; i < probe.wish_count; i++)
        if (!probe.wishes[i].used && wish_for(&probe, probe.wishes[i].path) == &probe.wishes[i])
            put_wished(&probe, &probe.wishes[i]);
    if (!probe.unread.len)
        gb_collection_complete(collector->all, GB_STR("mount"));
    if (probe.table.truncated)
        gb_collection_gap(collector->all, GB_STR("mount"), GB_STR("there are too many mounts"));
    return GB_OK;
}

const struct gb_source gb_source_mount = {
    .name = "host/mount",
    .title = "mounted file systems",
    .kinds = kinds,
    .order = 20, // after the units, which tell what is started at boot
    .collect = collect,
};
