// The readers of configuration files and of small tables of the kernel: the first byte chooses the
// reader (a letter, so that seeds are text), the rest is the file. Line numbers must stay within
// the text, slices must be readable, and nothing may be found twice that is said once.
#include "source/host/boot_config.h"
#include "source/host/kernel_config.h"
#include "source/host/limits_conf.h"
#include "source/host/modprobe.h"
#include "source/host/mount_table.h"
#include "source/host/os_release.h"
#include "source/host/sysctl_conf.h"
#include "source/host/time_config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gb_str file = GB_STR_INIT("/etc/fuzz");

static void check(bool holds)
{
    if (!holds)
        abort();
}

// Reads every byte, for the sanitizers.
static void touch(struct gb_str s)
{
    unsigned sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.at[i];
    volatile unsigned sink = sum;
    (void)sink;
}

static uint32_t lines_of(struct gb_str text)
{
    uint32_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

static void os_release(struct gb_str text, struct gb_arena *arena)
{
    struct gb_os_release release;
    if (gb_os_release_parse(text, arena, &release))
        return;
    for (size_t i = 0; i < release.count; i++) {
        touch(release.items[i].value);
        check(release.items[i].line <= lines_of(text) && release.items[i].name.len > 0);
        check(release.items[i].value.len <= text.len);
    }
}

static void release_table(struct gb_str text, struct gb_arena *arena)
{
    (void)arena;
    struct gb_release_row row;
    if (gb_release_table_find(text, GB_STR("12"), GB_STR("bookworm"), &row) == GB_OK) {
        touch(row.version);
        check(row.line >= 2 && row.line <= lines_of(text));
        check(row.paid_ends >= row.free_ends && row.free_ends >= row.standard_ends);
    }
}

static void kernel_config(struct gb_str text, struct gb_arena *arena)
{
    struct gb_kernel_config config = {.options = gb_map(arena)};
    if (gb_kernel_config_parse(&config, text, arena))
        return;
    for (size_t i = 0; i < config.options.count; i++) {
        const struct gb_kernel_option *option = config.options.entries[i].value;
        touch(option->value);
        check(option->line >= 1 && option->line <= lines_of(text));
    }
}

static void gunzip(struct gb_str text, struct gb_arena *arena)
{
    struct gb_str out;
    if (gb_gunzip(text, 1 << 18, arena, &out) == GB_OK) {
        touch(out);
        check(out.len <= 1 << 18);
    }
}

static void modprobe(struct gb_str text, struct gb_arena *arena)
{
    struct gb_modprobe_rules rules = {0};
    if (gb_modprobe_parse(&rules, text, file, arena))
        return;
    for (size_t i = 0; i < rules.count; i++) {
        const struct gb_modprobe_rule *rule = &rules.items[i];
        touch(rule->argument);
        check(rule->module.len > 0 && rule->line >= 1 && rule->line <= lines_of(text));
        check(gb_module_name_equal(rule->module, rule->module));
        (void)gb_modprobe_refuses(rule->argument);
    }
}

static void sysctl_conf(struct gb_str text, struct gb_arena *arena)
{
    struct gb_sysctl_conf conf = gb_sysctl_conf(arena);
    if (gb_sysctl_conf_parse(&conf, text, file))
        return;
    for (size_t i = 0; i < conf.count; i++) {
        const struct gb_sysctl_line *line = conf.items[i];
        touch(line->value);
        check(line->key.len > 0 && line->key.at[0] != '/' && line->line <= lines_of(text));
        check(!gb_str_contains(line->key, GB_STR("//")));
        check(gb_sysctl_value_equal(line->value, line->value));
        // What is not replaced decides its key.
        if (!line->pattern && !line->replaced && !line->excluded)
            check(gb_sysctl_conf_find(&conf, line->key) == line);
    }
}

static void mount_table(struct gb_str text, struct gb_arena *arena)
{
    struct gb_mount_table table;
    if (gb_mount_table_parse(text, arena, &table))
        return;
    for (size_t i = 0; i < table.count; i++) {
        const struct gb_mount_line *mount = &table.items[i];
        touch(mount->path);
        touch(mount->super_options);
        check(mount->path.len > 0 && mount->line <= lines_of(text));
        const struct gb_mount_line *of = gb_mount_table_of(&table, mount->path);
        check(!of || of->visible);
        (void)gb_mount_option(mount->options, "nosuid");
    }
}

static void fstab(struct gb_str text, struct gb_arena *arena)
{
    struct gb_fstab table;
    if (gb_fstab_parse(text, arena, &table))
        return;
    for (size_t i = 0; i < table.count; i++) {
        touch(table.items[i].source);
        touch(table.items[i].options);
        check(table.items[i].path.len > 0 && table.items[i].line <= lines_of(text));
    }
}

static void boot(struct gb_str text, struct gb_arena *arena,
                 int (*parse)(struct gb_boot_config *, struct gb_str, struct gb_str,
                              struct gb_arena *))
{
    struct gb_boot_config config = {0};
    // Twice: drop-ins are read into what the main file said.
    if (parse(&config, text, file, arena) || parse(&config, text, file, arena))
        return;
    for (size_t i = 0; i < config.parameter_count; i++) {
        touch(config.parameters[i].text);
        check(config.parameters[i].text.len > 0);
        check(config.parameters[i].line <= lines_of(text));
    }
    check(config.password_line <= lines_of(text) && config.plain_line <= lines_of(text));
}

static void grub_cfg(struct gb_str text, struct gb_arena *arena)
{
    boot(text, arena, gb_grub_cfg_parse);
}

static void systemd_boot(struct gb_str text, struct gb_arena *arena)
{
    boot(text, arena, gb_systemd_boot_parse);
}

static void extlinux(struct gb_str text, struct gb_arena *arena)
{
    boot(text, arena, gb_extlinux_parse);
}

static void grub_default(struct gb_str text, struct gb_arena *arena)
{
    boot(text, arena, gb_grub_default_parse);
}

static void time_config(struct gb_str text, struct gb_arena *arena)
{
    struct gb_time_sources sources = {0};
    if (gb_time_config_parse(&sources, text, file, arena))
        return;
    for (size_t i = 0; i < sources.count; i++) {
        touch(sources.items[i].address);
        check(sources.items[i].address.len > 0 && sources.items[i].line <= lines_of(text));
    }
    for (size_t i = 0; i < sources.include_count; i++)
        touch(sources.includes[i].path);
}

static void limits(struct gb_str text, struct gb_arena *arena)
{
    struct gb_limits all = {0};
    if (gb_limits_parse(&all, text, file, arena))
        return;
    for (size_t i = 0; i < all.count; i++) {
        touch(all.items[i].value);
        check(all.items[i].line <= lines_of(text));
    }
    const struct gb_limit *core = gb_limits_hard_default(&all, "core");
    check(!core || gb_str_is(core->domain, "*"));
}

// The letter of each reader stays: seeds begin with it.
static void (*const readers[])(struct gb_str, struct gb_arena *) = {
    ['a' - 'a'] = os_release,   ['b' - 'a'] = release_table, ['c' - 'a'] = kernel_config,
    ['d' - 'a'] = gunzip,       ['e' - 'a'] = modprobe,      ['f' - 'a'] = sysctl_conf,
    ['g' - 'a'] = mount_table,  ['h' - 'a'] = fstab,         ['i' - 'a'] = grub_cfg,
    ['j' - 'a'] = systemd_boot, ['k' - 'a'] = extlinux,      ['l' - 'a'] = grub_default,
    ['m' - 'a'] = time_config,  ['n' - 'a'] = limits,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 1 << 16)
        return 0;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("etc", 64u << 20);
    size_t reader = (size_t)(data[0] - 'a');
    if (arena && data[0] >= 'a' && reader < sizeof readers / sizeof *readers)
        readers[reader]((struct gb_str){(const char *)data + 1, size - 1}, arena);
    return 0;
}
