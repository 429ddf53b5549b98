// Swap areas (kind "swap"): those in use, and those that fstab asks for. Memory that is written out
// must not be readable by whoever holds the disk.
#include "source/host/block_device.h"
#include "source/host/facts.h"
#include "source/host/mount_table.h"

static const char *const kinds[] = {"swap", NULL};

struct probe {
    struct gb_collector *collector;
    struct gb_mount_table mounts;
    struct gb_str crypttab;
};

// Is the target of a line of crypttab(5) `name`?
static bool in_crypttab(const struct probe *probe, struct gb_str name)
{
    struct gb_str text = probe->crypttab, line, target;
    while (gb_str_next(&text, '\n', &line))
        if (gb_str_next_word(&line, &target) && gb_str_eq(target, name))
            return true;
    return false;
}

static struct gb_value encryption_of(struct probe *probe, struct gb_str path, const char *form)
{
    struct gb_collector *collector = probe->collector;
    static const struct gb_str mapper = GB_STR_INIT("/dev/mapper/");
    if (strcmp(form, "memory") == 0)
        return gb_not_applicable(GB_STR("it is in memory and never on a disk"));
    if (!gb_host_has_kernel(collector->host)) {
        if (gb_str_starts(path, mapper) && in_crypttab(probe, gb_str_from(path, mapper.len)))
            return gb_bool(true);
        return gb_not_applicable(GB_STR("needs a live kernel"));
    }
    struct gb_str device = {0};
    if (strcmp(form, "file") == 0) {
        const struct gb_mount_line *mount = gb_mount_table_of(&probe->mounts, path);
        if (mount)
            device = gb_block_name_of(collector, mount->device);
        if (!device.len && mount && gb_str_starts(mount->source, GB_STR("/dev/")))
            device = mount->source;
    } else {
        device = path;
    }
    // /dev/mapper/x and /dev/disk/by-uuid/x are links to the kernel's name.
    struct gb_str target;
    char *link = gb_str_c(collector->scratch, device);
    if (link && link[0] == '/' &&
        !gb_host_readlink(collector->host, link, collector->scratch, &target, NULL))
        device = target;
    device = gb_str_from(device, (size_t)(gb_str_rfind_char(device, '/') + 1));
    switch (gb_block_encryption(collector, device)) {
    case GB_BLOCK_ENCRYPTED:
        return gb_bool(true);
    case GB_BLOCK_PLAIN:
        return gb_bool(false);
    case GB_BLOCK_UNKNOWN:
        break;
    }
    return gb_unknown(GB_STR("its block device was not found in /sys/class/block"));
}

static void put(struct probe *probe, struct gb_str path, const char *form, bool active,
                struct gb_str where, uint32_t line, int64_t bytes)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_string_clean(collector->arena, path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("swap"), name));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(name), where, line));
    gb_fact(&facts, "form", gb_string(gb_str_of(form)));
    gb_fact(&facts, "active", gb_fact_at(&facts, gb_bool(active), where, line));
    gb_fact(&facts, "encrypted", gb_fact_at(&facts, encryption_of(probe, path, form), where, line));
    if (bytes)
        gb_fact(&facts, "size_bytes", gb_int(bytes));
}

static const char *form_of(struct gb_str path, struct gb_str type)
{
    if (gb_str_starts(path, GB_STR("/dev/zram")))
        return "memory";
    return gb_str_is(type, "file") ? "file" : "device";
}

static size_t put_active(struct probe *probe, struct gb_str text)
{
    size_t count = 0;
    struct gb_str line, path, type, size;
    gb_str_next(&text, '\n', &line); // the heading
    for (uint32_t number = 2; gb_str_next(&text, '\n', &line) && count < 1000; number++) {
        int64_t kib = 0;
        if (!gb_str_next_word(&line, &path) || !gb_str_next_word(&line, &type) ||
            !gb_str_next_word(&line, &size))
            continue;
        if (gb_str_to_int(size, &kib) || kib > INT64_MAX / 1024)
            kib = 0;
        put(probe, path, form_of(path, type), true, GB_STR("/proc/swaps"), number, kib * 1024);
        count++;
    }
    return count;
}

// Without a kernel to ask, what fstab would switch on.
static size_t put_configured(struct probe *probe)
{
    struct gb_str text;
    struct gb_fstab fstab;
    size_t count = 0;
    if (gb_host_read(probe->collector->host, "/etc/fstab", GB_CONFIG_MAX_BYTES,
                     probe->collector->scratch, &text, NULL) ||
        gb_fstab_parse(text, probe->collector->scratch, &fstab))
        return 0;
    for (size_t i = 0; i < fstab.count; i++) {
        const struct gb_fstab_line *entry = &fstab.items[i];
        if (!gb_str_is(entry->type, "swap") || gb_mount_option(entry->options, "noauto"))
            continue;
        bool device = gb_str_starts(entry->source, GB_STR("/dev/")) ||
                      gb_str_find_char(entry->source, '=') > 0;
        put(probe, entry->source, device ? form_of(entry->source, GB_STR("device")) : "file", false,
            GB_STR("/etc/fstab"), entry->line, 0);
        count++;
    }
    return count;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector};
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    struct gb_str text;
    if (gb_host_read(collector->host, "/etc/crypttab", GB_CONFIG_MAX_BYTES, collector->scratch,
                     &probe.crypttab, NULL))
        probe.crypttab = (struct gb_str){0};
    if (!gb_host_has_kernel(collector->host)) {
        if (!put_configured(&probe))
            gb_collection_absent(collector->all, GB_STR("swap"), GB_STR("no swap is configured"));
        return GB_OK;
    }
    if (!gb_host_read(collector->host, "/proc/self/mountinfo", GB_CONFIG_MAX_BYTES,
                      collector->scratch, &text, NULL) &&
        gb_mount_table_parse(text, collector->scratch, &probe.mounts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the swap areas");
    int code =
        gb_host_read(collector->host, "/proc/swaps", 1 << 20, collector->scratch, &text, NULL);
    if (code && code != GB_E_NOT_FOUND) // absent: a kernel built without swap
        gb_collection_gap(collector->all, GB_STR("swap"),
                          gb_unread_reason(collector, "/proc/swaps", code));
    else if (code || !put_active(&probe, text))
        gb_collection_absent(collector->all, GB_STR("swap"), GB_STR("no swap is in use"));
    return GB_OK;
}

const struct gb_source gb_source_swap = {
    .name = "host/swap",
    .title = "swap areas",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
