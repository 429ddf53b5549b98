// How the machine starts: the boot loader's configuration (kind "boot"), kernel files in /boot
// (kind "boot_file") and the firmware (kind "firmware"). A kernel that was started from outside has
// no boot loader here: the kind is absent, and the command line of this boot is the kernel probe's.
#include "source/host/boot_config.h"
#include "source/host/dropins.h"
#include "source/host/facts.h"

#include <stdio.h>

static const char *const kinds[] = {"boot", "boot_file", "firmware", NULL};
static const char *const firmware_kinds[] = {"firmware", NULL};

enum loader { GRUB, SYSTEMD_BOOT, EXTLINUX };

struct candidate {
    const char *path;
    enum loader loader;
};

static const struct candidate candidates[] = {
    {"/boot/grub/grub.cfg", GRUB},
    {"/boot/grub2/grub.cfg", GRUB},
    {"/boot/loader/loader.conf", SYSTEMD_BOOT},
    {"/efi/loader/loader.conf", SYSTEMD_BOOT},
    {"/boot/efi/loader/loader.conf", SYSTEMD_BOOT},
    {"/boot/extlinux/extlinux.conf", EXTLINUX},
    {"/boot/syslinux/syslinux.cfg", EXTLINUX},
};

struct probe {
    struct gb_collector *collector;
    struct gb_boot_config config;
    struct gb_boot_config wished; // of /etc/default/grub and its drop-ins
    struct gb_facts facts;
    const struct candidate *loader;
};

static int parse(struct probe *probe, struct gb_str text)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct gb_str file = gb_str_of(probe->loader->path);
    switch (probe->loader->loader) {
    case GRUB:
        return gb_grub_cfg_parse(&probe->config, text, file, scratch);
    case SYSTEMD_BOOT:
        return gb_systemd_boot_parse(&probe->config, text, file, scratch);
    case EXTLINUX:
        return gb_extlinux_parse(&probe->config, text, file, scratch);
    }
    return GB_OK;
}

// Entries of systemd-boot are files beside loader.conf: .../loader/entries/*.conf.
static int read_entries(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    char directory[128];
    size_t base = strlen(probe->loader->path) - strlen("loader.conf");
    snprintf(directory, sizeof directory, "%.*sentries", (int)base, probe->loader->path);
    const char *const directories[] = {directory};
    struct gb_dropins files;
    if (gb_dropins_list(collector->host, directories, 1, ".conf", collector->scratch, &files))
        return GB_E_MEMORY;
    for (size_t i = 0; i < files.count; i++) {
        struct gb_str text;
        if (!gb_host_read(collector->host, files.items[i].path.at, 1 << 20, collector->scratch,
                          &text, NULL) &&
            gb_systemd_boot_parse(&probe->config, text, files.items[i].path, collector->scratch))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int read_wishes(struct probe *probe)
{
    static const char *const drop_ins[] = {"/etc/default/grub.d"};
    struct gb_collector *collector = probe->collector;
    struct gb_str text;
    static const struct gb_str main_file = GB_STR_INIT("/etc/default/grub");
    if (!gb_host_read(collector->host, main_file.at, GB_CONFIG_MAX_BYTES, collector->scratch, &text,
                      NULL) &&
        gb_grub_default_parse(&probe->wished, text, main_file, collector->scratch))
        return GB_E_MEMORY;
    // Drop-ins mostly add to what the main file says; what they replace is counted as well, which
    // can only make "pending" too long by a parameter that somebody still wrote down.
    struct gb_dropins files;
    if (gb_dropins_list(collector->host, drop_ins, 1, ".cfg", collector->scratch, &files))
        return GB_E_MEMORY;
    for (size_t i = 0; i < files.count; i++)
        if (!gb_host_read(collector->host, files.items[i].path.at, GB_CONFIG_MAX_BYTES,
                          collector->scratch, &text, NULL) &&
            gb_grub_default_parse(&probe->wished, text, files.items[i].path, collector->scratch))
            return GB_E_MEMORY;
    return GB_OK;
}

static bool has_parameter(const struct gb_boot_config *config, struct gb_str text)
{
    for (size_t i = 0; i < config->parameter_count; i++)
        if (gb_str_eq(config->parameters[i].text, text))
            return true;
    return false;
}

static void put_pending(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_list *pending = gb_list_new(collector->arena);
    for (size_t i = 0; probe->config.has_entry && i < probe->wished.parameter_count; i++) {
        const struct gb_boot_parameter *wish = &probe->wished.parameters[i];
        if (!has_parameter(&probe->config, wish->text))
            gb_fact_add_text(&probe->facts, pending, wish->text, wish->file, wish->line);
    }
    if (pending)
        gb_fact(&probe->facts, "pending_parameters", gb_list_of(pending));
}

static bool on_command_line(struct gb_str command_line, struct gb_str text)
{
    struct gb_str word;
    while (gb_str_next_word(&command_line, &word))
        if (gb_str_eq(word, text))
            return true;
    return false;
}

static void put_parameters(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts *facts = &probe->facts;
    struct gb_list *list = gb_list_new(collector->arena), *missing = gb_list_new(collector->arena);
    struct gb_list *after = gb_list_new(collector->arena);
    struct gb_str command_line;
    int code = gb_small_file(collector, "/proc/cmdline", &command_line);
    for (size_t i = 0; i < probe->config.parameter_count; i++) {
        const struct gb_boot_parameter *parameter = &probe->config.parameters[i];
        gb_fact_add_text(facts, list, parameter->text, parameter->file, parameter->line);
        bool runs = !code && on_command_line(command_line, parameter->text);
        if (!code && !runs)
            gb_fact_add_text(facts, missing, parameter->text, parameter->file, parameter->line);
        if (!runs)
            gb_fact_add_text(facts, after, parameter->text, parameter->file, parameter->line);
    }
    if (!list || !missing || !after)
        return;
    gb_fact(facts, "parameters_after_boot", gb_list_of(after));
    gb_fact(facts, "parameters", gb_list_of(list));
    gb_fact(facts, "parameters_not_in_force",
            code ? gb_unread(collector, "/proc/cmdline", code) : gb_list_of(missing));
}

static void put_protection(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    const struct gb_boot_config *config = &probe->config;
    struct gb_str path = gb_str_of(probe->loader->path);
    uint32_t password = config->password_line ? config->password_line : config->plain_line;
    bool guarded = password && (probe->loader->loader != GRUB || config->superusers_line);
    uint32_t line = password;
    if (probe->loader->loader == SYSTEMD_BOOT) {
        guarded = config->editor_off;
        line = config->editor_line;
    }
    gb_fact(facts, "entries_guarded", gb_fact_at(facts, gb_bool(guarded), path, line));
    gb_fact(facts, "plain_password",
            gb_fact_at(facts, gb_bool(config->plain_line != 0), path, config->plain_line));
}

// Red Hat keeps the password of GRUB in a file of its own.
static void read_user_cfg(struct probe *probe)
{
    struct gb_str text;
    if (probe->loader->loader == GRUB &&
        !gb_small_file(probe->collector, "/boot/grub2/user.cfg", &text) &&
        gb_str_starts(text, GB_STR("GRUB2_PASSWORD=grub.pbkdf2"))) {
        probe->config.password_line = 1;
        probe->config.superusers_line = 1;
    }
}

static void put_file(struct gb_facts *facts, const char *path)
{
    struct gb_file_info info;
    struct gb_collector *collector = facts->collector;
    struct gb_str where = gb_str_of(path);
    int code = gb_host_stat(collector->host, path, true, &info, NULL);
    if (code) {
        struct gb_value unread = gb_unread(collector, path, code);
        gb_fact(facts, "mode", unread);
        gb_fact(facts, "uid", unread);
        gb_fact(facts, "gid", unread);
        return;
    }
    gb_fact(facts, "mode", gb_fact_at(facts, gb_int(info.mode), where, 0));
    gb_fact(facts, "uid", gb_fact_at(facts, gb_int(info.uid), where, 0));
    gb_fact(facts, "gid", gb_fact_at(facts, gb_int(info.gid), where, 0));
}

static void put_unread(struct probe *probe, int code)
{
    static const char *const fields[] = {
        "entries_guarded",         "plain_password",        "parameters",
        "parameters_not_in_force", "parameters_after_boot", "pending_parameters"};
    struct gb_value unread = gb_unread(probe->collector, probe->loader->path, code);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(&probe->facts, fields[i], unread);
}

static int collect_loader(struct gb_collector *collector)
{
    struct probe probe = {.collector = collector};
    struct gb_str text = {0};
    int code = GB_E_NOT_FOUND;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates && code == GB_E_NOT_FOUND; i++) {
        probe.loader = &candidates[i];
        code = gb_host_read(collector->host, candidates[i].path, 16 << 20, collector->scratch,
                            &text, NULL);
    }
    if (code == GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, GB_STR("boot"),
                             GB_STR("no boot loader is configured here"));
        return GB_OK;
    }
    static const char *const names[] = {"grub", "systemd-boot", "extlinux"};
    const char *path = probe.loader->path;
    probe.facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("boot"), GB_STR("")));
    gb_fact(&probe.facts, "loader",
            gb_fact_at(&probe.facts, gb_string(gb_str_of(names[probe.loader->loader])),
                       gb_str_of(path), 0));
    gb_fact(&probe.facts, "config",
            gb_fact_at(&probe.facts, gb_string(gb_str_of(path)), gb_str_of(path), 0));
    put_file(&probe.facts, path);
    if (code) {
        put_unread(&probe, code);
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    code = parse(&probe, text);
    if (!code && probe.loader->loader == SYSTEMD_BOOT)
        code = read_entries(&probe);
    if (!code && probe.loader->loader == GRUB)
        code = read_wishes(&probe);
    if (code)
        return code;
    read_user_cfg(&probe);
    put_protection(&probe);
    put_parameters(&probe);
    put_pending(&probe);
    return GB_OK;
}

static void collect_files(struct gb_collector *collector)
{
    static const struct {
        const char *prefix, *role;
    } roles[] = {{"System.map", "symbols"},
                 {"vmlinu", "kernel"},
                 {"initrd", "initial_ramdisk"},
                 {"initramfs", "initial_ramdisk"},
                 {"config-", "configuration"}};
    struct gb_dir_entry *entries;
    size_t count = 0;
    bool some = false;
    int code =
        gb_host_list(collector->host, "/boot", 1024, collector->scratch, &entries, &count, NULL);
    if (code && code != GB_E_NOT_FOUND) {
        gb_collection_gap(collector->all, GB_STR("boot_file"),
                          gb_unread_reason(collector, "/boot", code));
        return;
    }
    for (size_t i = 0; i < count && !code; i++) {
        const char *role = NULL;
        for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
            if (entries[i].type == GB_FILE_REGULAR &&
                gb_str_starts(entries[i].name, gb_str_of(roles[r].prefix)))
                role = roles[r].role;
        if (!role)
            continue;
        char path[300];
        snprintf(path, sizeof path, "/boot/" GB_PRI, GB_ARG(entries[i].name));
        struct gb_str name = gb_string_clean(collector->arena, gb_str_of(path)).string;
        struct gb_facts facts =
            gb_facts(collector, gb_collection_add(collector->all, GB_STR("boot_file"), name));
        gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(name), name, 0));
        gb_fact(&facts, "role", gb_string(gb_str_of(role)));
        put_file(&facts, path);
        some = true;
    }
    if (!some)
        gb_collection_absent(collector->all, GB_STR("boot_file"),
                             GB_STR("there are no kernel files in /boot"));
}

// A variable of the firmware: four bytes of attributes, then the value.
static struct gb_value efi_flag(struct gb_facts *facts, const char *name)
{
    struct gb_collector *collector = facts->collector;
    char path[128];
    snprintf(path, sizeof path, "/sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c",
             name);
    struct gb_str bytes;
    int code = gb_host_read(collector->host, path, 64, collector->scratch, &bytes, NULL);
    if (code == GB_E_NOT_FOUND) {
        struct gb_dir_entry *entries;
        size_t count = 0;
        bool mounted = !gb_host_list(collector->host, "/sys/firmware/efi/efivars", 65536,
                                     collector->scratch, &entries, &count, NULL) &&
                       count > 0;
        return mounted ? gb_fact_at(facts, gb_bool(false), gb_str_of(path), 0)
                       : gb_unknown(GB_STR("efivarfs is not mounted"));
    }
    if (code || bytes.len < 5)
        return gb_unread(collector, path, code ? code : GB_E_SYNTAX);
    return gb_fact_at(facts, gb_bool(bytes.at[4] == 1), gb_str_of(path), 0);
}

static void collect_firmware(struct gb_collector *collector)
{
    static const char efi[] = "/sys/firmware/efi";
    if (!gb_kernel_is_ours(collector, firmware_kinds))
        return;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("firmware"), GB_STR("")));
    bool uefi = gb_host_exists(collector->host, efi);
    gb_fact(&facts, "uefi", gb_fact_at(&facts, gb_bool(uefi), GB_STR(efi), 0));
    struct gb_value none = gb_not_applicable(GB_STR("this boot did not go through UEFI"));
    gb_fact(&facts, "secure_boot", uefi ? efi_flag(&facts, "SecureBoot") : none);
    gb_fact(&facts, "setup_mode", uefi ? efi_flag(&facts, "SetupMode") : none);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    collect_firmware(collector);
    static const char *const here[] = {"boot", "boot_file", NULL};
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, here))
        return GB_OK;
    collect_files(collector);
    if (collect_loader(collector))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the boot loader's facts");
    return GB_OK;
}

const struct gb_source gb_source_boot = {
    .name = "host/boot",
    .title = "boot loader and firmware",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
