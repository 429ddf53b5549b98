// Block devices (kind "block_device") and questions about them: see block_device.h.
#include "source/host/block_device.h"

#include "source/host/facts.h"
#include "source/host/mount_table.h"

#include <stdio.h>

static const char *const kinds[] = {"block_device", NULL};

enum {
    MAX_DEPTH = 8, // of devices on devices
    MAX_DEVICES = 8192,
};

static int read_attribute(struct gb_collector *collector, struct gb_str name, const char *attribute,
                          struct gb_str *ret)
{
    char path[400];
    snprintf(path, sizeof path, "/sys/class/block/" GB_PRI "/%s", GB_ARG(gb_str_sub(name, 0, 255)),
             attribute);
    return gb_small_file(collector, path, ret);
}

static enum gb_block_encryption look_below(struct gb_collector *collector, struct gb_str name,
                                           unsigned depth)
{
    struct gb_str uuid;
    if (!read_attribute(collector, name, "dm/uuid", &uuid) && gb_str_starts(uuid, GB_STR("CRYPT-")))
        return GB_BLOCK_ENCRYPTED;
    if (depth == MAX_DEPTH)
        return GB_BLOCK_UNKNOWN;
    char path[400];
    struct gb_dir_entry *slaves;
    size_t count = 0;
    snprintf(path, sizeof path, "/sys/class/block/" GB_PRI "/slaves",
             GB_ARG(gb_str_sub(name, 0, 255)));
    if (gb_host_list(collector->host, path, 256, collector->scratch, &slaves, &count, NULL))
        count = 0;
    // Encrypted when every part of it is: one plain leg of a mirror gives everything away.
    enum gb_block_encryption all = count ? GB_BLOCK_ENCRYPTED : GB_BLOCK_PLAIN;
    for (size_t i = 0; i < count; i++) {
        enum gb_block_encryption one = look_below(collector, slaves[i].name, depth + 1);
        if (one != GB_BLOCK_ENCRYPTED)
            all = one;
        if (all == GB_BLOCK_PLAIN)
            break;
    }
    return all;
}

enum gb_block_encryption gb_block_encryption(struct gb_collector *collector, struct gb_str name)
{
    char path[400];
    snprintf(path, sizeof path, "/sys/class/block/" GB_PRI, GB_ARG(gb_str_sub(name, 0, 255)));
    if (!name.len || gb_str_find_char(name, '/') >= 0 || !gb_host_exists(collector->host, path))
        return GB_BLOCK_UNKNOWN;
    return look_below(collector, name, 0);
}

struct gb_str gb_block_name_of(struct gb_collector *collector, struct gb_str device)
{
    char path[64];
    struct gb_str target;
    snprintf(path, sizeof path, "/sys/dev/block/" GB_PRI, GB_ARG(gb_str_sub(device, 0, 32)));
    if (gb_host_readlink(collector->host, path, collector->scratch, &target, NULL))
        return (struct gb_str){0};
    return gb_str_from(target, (size_t)(gb_str_rfind_char(target, '/') + 1));
}

bool gb_block_removable(struct gb_collector *collector, struct gb_str name)
{
    struct gb_str text;
    char path[400];
    if (!read_attribute(collector, name, "removable", &text))
        return gb_str_is(text, "1");
    // A partition: its directory is inside the one of its disk.
    snprintf(path, sizeof path, "/sys/class/block/" GB_PRI "/../removable",
             GB_ARG(gb_str_sub(name, 0, 255)));
    return !gb_small_file(collector, path, &text) && gb_str_is(text, "1");
}

static const char *type_of(struct gb_collector *collector, struct gb_str name)
{
    struct gb_str text;
    if (gb_str_starts(name, GB_STR("dm-"))) {
        if (read_attribute(collector, name, "dm/uuid", &text))
            return "mapped";
        if (gb_str_starts(text, GB_STR("CRYPT-")))
            return "crypt";
        return gb_str_starts(text, GB_STR("LVM-")) ? "lvm" : "mapped";
    }
    if (gb_str_starts(name, GB_STR("loop")))
        return "loop";
    if (gb_str_starts(name, GB_STR("zram")))
        return "zram";
    if (gb_str_starts(name, GB_STR("md")))
        return "raid";
    if (gb_str_starts(name, GB_STR("sr")))
        return "optical";
    if (!read_attribute(collector, name, "partition", &text))
        return "partition";
    return "disk";
}

static void put_device(struct gb_collector *collector, struct gb_str name, int64_t sectors,
                       const struct gb_mount_table *mounts)
{
    char path[400];
    snprintf(path, sizeof path, "/sys/class/block/" GB_PRI, GB_ARG(gb_str_sub(name, 0, 255)));
    struct gb_str device = {0}, where = gb_str_of(path);
    struct gb_str kept = gb_str_copy(collector->arena, name);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("block_device"), kept));
    gb_fact(&facts, "name", gb_fact_at(&facts, gb_fact_text(&facts, name), where, 0));
    gb_fact(&facts, "type", gb_string(gb_str_of(type_of(collector, name))));
    gb_fact(&facts, "size_bytes", gb_int(sectors > INT64_MAX / 512 ? INT64_MAX : sectors * 512));
    gb_fact(&facts, "removable",
            gb_fact_at(&facts, gb_bool(gb_block_removable(collector, name)), where, 0));
    enum gb_block_encryption state = gb_block_encryption(collector, name);
    gb_fact(&facts, "encrypted",
            state == GB_BLOCK_UNKNOWN
                ? gb_unknown(GB_STR("the stack of devices could not be followed"))
                : gb_fact_at(&facts, gb_bool(state == GB_BLOCK_ENCRYPTED), where, 0));
    struct gb_list *places = gb_list_new(collector->arena);
    if (!read_attribute(collector, name, "dev", &device))
        for (size_t i = 0; i < mounts->count; i++)
            if (mounts->items[i].visible && gb_str_eq(mounts->items[i].device, device))
                gb_fact_add_text(&facts, places, mounts->items[i].path,
                                 GB_STR("/proc/self/mountinfo"), mounts->items[i].line);
    if (places)
        gb_fact(&facts, "mounted_on", gb_list_of(places));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char directory[] = "/sys/class/block";
    if (!gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    struct gb_dir_entry *entries;
    struct gb_mount_table mounts = {0};
    struct gb_str text, size;
    size_t count = 0;
    int code = gb_host_list(collector->host, directory, MAX_DEVICES, collector->scratch, &entries,
                            &count, NULL);
    if (code && code != GB_E_NOT_FOUND) {
        gb_collection_gap(collector->all, GB_STR("block_device"),
                          gb_unread_reason(collector, directory, code));
        return GB_OK;
    }
    if (!gb_host_read(collector->host, "/proc/self/mountinfo", GB_CONFIG_MAX_BYTES,
                      collector->scratch, &text, NULL) &&
        gb_mount_table_parse(text, collector->scratch, &mounts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the block devices");
    bool some = false;
    for (size_t i = 0; i < count && !code; i++) {
        int64_t sectors;
        // Devices without a medium (unused loop devices, empty drives) have no size.
        if (read_attribute(collector, entries[i].name, "size", &size) ||
            gb_str_to_int(size, &sectors) || sectors <= 0)
            continue;
        put_device(collector, entries[i].name, sectors, &mounts);
        some = true;
    }
    if (!some)
        gb_collection_absent(collector->all, GB_STR("block_device"),
                             GB_STR("there is no block device"));
    return GB_OK;
}

const struct gb_source gb_source_block_device = {
    .name = "host/block_device",
    .title = "block devices",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
