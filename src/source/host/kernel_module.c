// Kernel modules that most hosts do not need (kind "kernel_module"): is each one loaded, built in,
// loadable or denied, and by which line of modprobe.d.
//
// Nothing is tried out: socket(2) or mount(2) would load the very module that is asked about. The
// sources are /proc/modules, /proc/filesystems, /proc/net/protocols, the build configuration and
// modules.dep and modules.builtin below /lib/modules. Without a kernel (--root) every installed
// kernel's modules count.
#include "source/host/dropins.h"
#include "source/host/facts.h"
#include "source/host/kernel_config.h"
#include "source/host/modprobe.h"

#include <stdio.h>

static const char *const kinds[] = {"kernel_module", NULL};

enum { MODULES_MAX_BYTES = 4 << 20 };

struct module {
    const char *name, *group, *title;
    const char *option;      // build option, NULL when it has none of its own
    const char *file_system; // its name in /proc/filesystems
    const char *protocol;    // ... in /proc/net/protocols
};

static const struct module modules[] = {
    {"adfs", "filesystem", "Acorn file system", "ADFS_FS", "adfs", NULL},
    {"affs", "filesystem", "Amiga file system", "AFFS_FS", "affs", NULL},
    {"befs", "filesystem", "BeOS file system", "BEFS_FS", "befs", NULL},
    {"bfs", "filesystem", "SCO boot file system", "BFS_FS", "bfs", NULL},
    {"cramfs", "filesystem", "compressed ROM file system", "CRAMFS", "cramfs", NULL},
    {"efs", "filesystem", "IRIX file system", "EFS_FS", "efs", NULL},
    {"freevxfs", "filesystem", "Veritas file system", "VXFS_FS", "vxfs", NULL},
    {"hfs", "filesystem", "old Macintosh file system", "HFS_FS", "hfs", NULL},
    {"hfsplus", "filesystem", "Macintosh file system", "HFSPLUS_FS", "hfsplus", NULL},
    {"hpfs", "filesystem", "OS/2 file system", "HPFS_FS", "hpfs", NULL},
    {"jffs2", "filesystem", "flash memory file system", "JFFS2_FS", "jffs2", NULL},
    {"minix", "filesystem", "Minix file system", "MINIX_FS", "minix", NULL},
    {"omfs", "filesystem", "ReplayTV file system", "OMFS_FS", "omfs", NULL},
    {"qnx4", "filesystem", "QNX 4 file system", "QNX4FS_FS", "qnx4", NULL},
    {"qnx6", "filesystem", "QNX 6 file system", "QNX6FS_FS", "qnx6", NULL},
    {"sysv", "filesystem", "System V file system", "SYSV_FS", "sysv", NULL},
    {"ufs", "filesystem", "BSD file system", "UFS_FS", "ufs", NULL},
    {"overlay", "image", "overlay file system (containers)", "OVERLAY_FS", "overlay", NULL},
    {"squashfs", "image", "compressed image file system (snaps)", "SQUASHFS", "squashfs", NULL},
    {"udf", "image", "optical disc file system", "UDF_FS", "udf", NULL},
    {"dccp", "protocol", "DCCP transport protocol", "IP_DCCP", NULL, "DCCP"},
    {"rds", "protocol", "RDS cluster protocol", "RDS", NULL, "RDS"},
    {"sctp", "protocol", "SCTP transport protocol", "IP_SCTP", NULL, "SCTP"},
    {"tipc", "protocol", "TIPC cluster protocol", "TIPC", NULL, "TIPC"},
    {"appletalk", "protocol", "AppleTalk", "ATALK", NULL, "DDP"},
    {"atm", "protocol", "ATM networks", "ATM", NULL, "VCC"},
    {"ax25", "protocol", "amateur radio", "AX25", NULL, "AX25"},
    {"can", "protocol", "vehicle bus", "CAN", NULL, "CAN_RAW"},
    {"decnet", "protocol", "DECnet", "DECNET", NULL, "DECNET"},
    {"ieee802154_socket", "protocol", "low-rate wireless", "IEEE802154_SOCKET", NULL,
     "IEEE-802.15.4-MAC"},
    {"ipx", "protocol", "Novell IPX", "IPX", NULL, "IPX"},
    {"llc2", "protocol", "LLC sockets", "LLC2", NULL, "LLC"},
    {"netrom", "protocol", "amateur radio routing", "NETROM", NULL, "NETROM"},
    {"nfc", "protocol", "near-field communication", "NFC", NULL, "NFC"},
    {"phonet", "protocol", "Nokia modem protocol", "PHONET", NULL, "PHONET"},
    {"rose", "protocol", "amateur radio transport", "ROSE", NULL, "ROSE"},
    {"rxrpc", "protocol", "AFS remote calls", "AF_RXRPC", NULL, "RXRPC"},
    {"x25", "protocol", "X.25", "X25", NULL, "X25"},
    {"usb-storage", "usb", "USB mass storage", "USB_STORAGE", NULL, NULL},
    {"uas", "usb", "USB attached SCSI", "USB_UAS", NULL, NULL},
    {"firewire-core", "firewire", "FireWire", "FIREWIRE", NULL, NULL},
    {"firewire-ohci", "firewire", "FireWire controllers", "FIREWIRE_OHCI", NULL, NULL},
    {"firewire-sbp2", "firewire", "FireWire storage", "FIREWIRE_SBP2", NULL, NULL},
    {"n_gsm", "line_discipline", "GSM modem multiplexer", "N_GSM", NULL, NULL},
    {"n_hdlc", "line_discipline", "HDLC line discipline", "N_HDLC", NULL, NULL},
    {"slip", "line_discipline", "serial line IP", "SLIP", NULL, NULL},
    {"floppy", "device", "floppy disks", "BLK_DEV_FD", NULL, NULL},
    {"vivid", "device", "virtual video test driver", "VIDEO_VIVID", NULL, NULL},
};
enum { MODULES = sizeof modules / sizeof *modules };

// Where a fact was seen.
struct place {
    bool seen;
    struct gb_str path;
    uint32_t line;
};

struct state {
    struct place available, built_in, loaded, in_use, denied;
    struct gb_str denied_by; // text for people
};

struct probe {
    struct gb_collector *collector;
    const struct gb_kernel_config *config;
    struct state states[MODULES];
    struct gb_modprobe_rules rules;
    bool modules_supported; // of the running kernel
    int unread_code;        // a modprobe.d that could not be read, and its path
    const char *unread_path;
    bool unlisted_modules; // a modules.dep that could not be read
};

static void mark(struct place *place, struct gb_str path, uint32_t line)
{
    if (!place->seen)
        *place = (struct place){true, path, line};
}

static struct gb_str keep(struct probe *probe, const char *path)
{
    return gb_str_copy(probe->collector->arena, gb_str_of(path));
}

// "kernel/fs/cramfs/cramfs.ko.xz" is cramfs.
static struct gb_str module_of_path(struct gb_str path)
{
    path = gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
    ptrdiff_t dot = gb_str_find(path, GB_STR(".ko"));
    return dot > 0 ? gb_str_sub(path, 0, (size_t)dot) : path;
}

// One list of a kernel's modules: those that can be loaded (modules.dep), or those that are built
// in.
static void mark_listed(struct probe *probe, const char *path, bool built_in)
{
    struct gb_str text, line, file;
    int code = gb_host_read(probe->collector->host, path, MODULES_MAX_BYTES,
                            probe->collector->scratch, &text, NULL);
    if (code) {
        probe->unlisted_modules |= code != GB_E_NOT_FOUND;
        return;
    }
    struct gb_str where = {0};
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next(&line, ':', &file))
            continue;
        struct gb_str name = module_of_path(file);
        for (size_t i = 0; i < MODULES; i++) {
            if (!name.len || name.at[0] != modules[i].name[0] ||
                !gb_module_name_equal(name, gb_str_of(modules[i].name)))
                continue;
            if (!where.len)
                where = keep(probe, path);
            struct state *state = &probe->states[i];
            mark(built_in ? &state->built_in : &state->available, where, number);
        }
    }
}

static void read_module_lists(struct probe *probe, struct gb_str release)
{
    char path[320];
    snprintf(path, sizeof path, "/lib/modules/" GB_PRI "/modules.dep",
             GB_ARG(gb_str_sub(release, 0, 255)));
    mark_listed(probe, path, false);
    snprintf(path, sizeof path, "/lib/modules/" GB_PRI "/modules.builtin",
             GB_ARG(gb_str_sub(release, 0, 255)));
    mark_listed(probe, path, true);
}

// False when no kernel is there whose modules could be judged.
static bool read_all_module_lists(struct probe *probe)
{
    struct gb_dir_entry *entries;
    size_t count = 0;
    int code = gb_host_list(probe->collector->host, "/lib/modules", 64, probe->collector->scratch,
                            &entries, &count, NULL);
    for (size_t i = 0; !code && i < count; i++)
        read_module_lists(probe, entries[i].name);
    return code ? code != GB_E_NOT_FOUND : count != 0;
}

static void read_loaded(struct probe *probe)
{
    struct gb_str text, line, name, size, users;
    int code = gb_host_read(probe->collector->host, "/proc/modules", 1 << 20,
                            probe->collector->scratch, &text, NULL);
    probe->modules_supported = code != GB_E_NOT_FOUND;
    for (uint32_t number = 1; !code && gb_str_next(&text, '\n', &line); number++) {
        if (!gb_str_next_word(&line, &name) || !gb_str_next_word(&line, &size) ||
            !gb_str_next_word(&line, &users))
            continue;
        for (size_t i = 0; i < MODULES; i++) {
            if (!gb_module_name_equal(name, gb_str_of(modules[i].name)))
                continue;
            mark(&probe->states[i].loaded, GB_STR("/proc/modules"), number);
            if (!gb_str_is(users, "0"))
                mark(&probe->states[i].in_use, GB_STR("/proc/modules"), number);
        }
    }
}

// A driver that the kernel offers and that no module brought is part of it.
static void mark_offered(struct probe *probe, struct gb_str name, bool file_system, bool used,
                         struct gb_str path, uint32_t line)
{
    for (size_t i = 0; i < MODULES; i++) {
        const char *known = file_system ? modules[i].file_system : modules[i].protocol;
        if (!known || !gb_str_is(name, known))
            continue;
        struct state *state = &probe->states[i];
        if (!state->loaded.seen && !state->available.seen)
            mark(&state->built_in, path, line);
        if (used)
            mark(&state->in_use, path, line);
    }
}

static void read_offered(struct probe *probe)
{
    struct gb_str text, line, word, last;
    if (!gb_small_file(probe->collector, "/proc/filesystems", &text))
        for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
            last = (struct gb_str){0};
            while (gb_str_next_word(&line, &word))
                last = word;
            mark_offered(probe, last, true, false, GB_STR("/proc/filesystems"), number);
        }
    if (!gb_small_file(probe->collector, "/proc/net/protocols", &text))
        for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
            struct gb_str size, sockets = {0};
            if (!gb_str_next_word(&line, &word) || !gb_str_next_word(&line, &size) ||
                !gb_str_next_word(&line, &sockets))
                continue;
            bool used = number > 1 && !gb_str_is(sockets, "0");
            mark_offered(probe, word, false, used, GB_STR("/proc/net/protocols"), number);
        }
    if (gb_host_read(probe->collector->host, "/proc/self/mountinfo", GB_CONFIG_MAX_BYTES,
                     probe->collector->scratch, &text, NULL))
        return;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t dash = gb_str_find(line, GB_STR(" - "));
        line = gb_str_from(line, dash < 0 ? line.len : (size_t)dash + 3);
        for (size_t i = 0; gb_str_next_word(&line, &word) && i == 0; i++)
            for (size_t k = 0; k < MODULES; k++)
                if (modules[k].file_system && gb_str_is(word, modules[k].file_system))
                    mark(&probe->states[k].in_use, GB_STR("/proc/self/mountinfo"), number);
    }
}

// What neither lists nor tables of the kernel told, the build configuration may.
static void read_options(struct probe *probe)
{
    for (size_t i = 0; i < MODULES && probe->config->known; i++) {
        const struct gb_kernel_option *option =
            modules[i].option ? gb_kernel_config_get(probe->config, gb_str_of(modules[i].option))
                              : NULL;
        if (option && gb_str_is(option->value, "y"))
            mark(&probe->states[i].built_in, probe->config->path, option->line);
    }
}

static int read_policy(struct probe *probe)
{
    static const char *const directories[] = {"/etc/modprobe.d", "/run/modprobe.d",
                                              "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
                                              "/lib/modprobe.d"};
    struct gb_collector *collector = probe->collector;
    struct gb_dropins files;
    if (gb_dropins_list(collector->host, directories, 5, ".conf", collector->arena, &files))
        return GB_E_MEMORY;
    if (files.unlisted) {
        probe->unread_path = files.unlisted;
        probe->unread_code = files.unlisted_code;
    }
    for (size_t i = 0; i < files.count; i++) {
        const char *path = files.items[i].path.at;
        struct gb_str text;
        int code =
            gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
        if (code && gb_dropin_is_mask(collector->host, path, collector->scratch))
            continue;
        if (code) {
            probe->unread_path = path;
            probe->unread_code = code;
            continue;
        }
        code = gb_modprobe_parse(&probe->rules, text, files.items[i].path, collector->arena);
        if (code)
            return code;
    }
    return GB_OK;
}

static void deny(struct state *state, struct gb_str by, struct gb_str path, uint32_t line)
{
    if (!state->denied.seen)
        state->denied_by = by;
    mark(&state->denied, path, line);
}

// These come along as dependencies of the module that is asked for (dccp of dccp_ipv4): blacklist
// keeps away only what is asked for by an alias, so only an install line stops them.
static bool is_dependency(const char *name)
{
    return strcmp(name, "dccp") == 0 || strcmp(name, "firewire-core") == 0;
}

static void apply_policy(struct probe *probe)
{
    struct gb_arena *arena = probe->collector->arena;
    for (size_t r = 0; r < probe->rules.count; r++) {
        const struct gb_modprobe_rule *rule = &probe->rules.items[r];
        bool refuses =
            rule->command == GB_MODPROBE_BLACKLIST ||
            (rule->command == GB_MODPROBE_INSTALL && gb_modprobe_refuses(rule->argument));
        for (size_t i = 0; refuses && i < MODULES; i++) {
            if (!gb_module_name_equal(rule->module, gb_str_of(modules[i].name)) ||
                (rule->command == GB_MODPROBE_BLACKLIST && is_dependency(modules[i].name)))
                continue;
            struct gb_str by = rule->command == GB_MODPROBE_BLACKLIST
                                   ? GB_STR("blacklist")
                                   : gb_str_format(arena, "install " GB_PRI,
                                                   GB_ARG(gb_str_sub(rule->argument, 0, 100)));
            deny(&probe->states[i], by, rule->file, rule->line);
        }
    }
}

// module_blacklist= (the kernel's own) and modprobe.blacklist= on the command line.
static void apply_command_line(struct probe *probe)
{
    struct gb_str text, word, name;
    if (gb_small_file(probe->collector, "/proc/cmdline", &text))
        return;
    while (gb_str_next_word(&text, &word) && !gb_str_is(word, "--")) {
        static const char *const keys[] = {"module_blacklist=", "modprobe.blacklist="};
        for (size_t k = 0; k < 2; k++) {
            if (!gb_str_starts(word, gb_str_of(keys[k])))
                continue;
            struct gb_str names = gb_str_from(word, strlen(keys[k]));
            while (gb_str_next(&names, ',', &name))
                for (size_t i = 0; i < MODULES; i++)
                    if (gb_module_name_equal(name, gb_str_of(modules[i].name)))
                        deny(&probe->states[i], GB_STR("the kernel's command line"),
                             GB_STR("/proc/cmdline"), 1);
        }
    }
}

static void apply_lock(struct probe *probe)
{
    static const char path[] = "/proc/sys/kernel/modules_disabled";
    int64_t number = 0;
    if (gb_small_number(probe->collector, path, &number) || !number)
        return;
    // What was loaded before the lock is nobody's breach of it.
    for (size_t i = 0; i < MODULES; i++)
        if (!probe->states[i].loaded.seen)
            deny(&probe->states[i], GB_STR("module loading is disabled until the next boot"),
                 GB_STR(path), 0);
}

static const char *state_of(const struct state *state, const struct place **where)
{
    if (state->loaded.seen) {
        *where = &state->loaded;
        return "loaded";
    }
    if (state->built_in.seen) {
        *where = &state->built_in;
        return "built_in";
    }
    if (!state->available.seen)
        return "unavailable";
    *where = state->denied.seen ? &state->denied : &state->available;
    return state->denied.seen ? "denied" : "loadable";
}

static int put(struct probe *probe, size_t i)
{
    const struct module *module = &modules[i];
    const struct state *state = &probe->states[i];
    struct gb_collector *collector = probe->collector;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("kernel_module"),
                                              gb_str_of(module->name)));
    if (!facts.props)
        return GB_E_MEMORY;
    const struct place nowhere = {0}, *where = &nowhere;
    const char *word = state_of(state, &where);
    struct gb_value name = gb_string(gb_str_of(module->name));
    gb_fact(&facts, "name",
            where->seen ? gb_fact_at(&facts, name, where->path, where->line) : name);
    gb_fact(&facts, "group", gb_string(gb_str_of(module->group)));
    gb_fact(&facts, "title", gb_string(gb_str_of(module->title)));
    struct gb_value value = gb_string(gb_str_of(word));
    if (where->seen)
        value = gb_fact_at(&facts, value, where->path, where->line);
    if (!where->seen && probe->unlisted_modules)
        value = gb_unknown(GB_STR("/lib/modules could not be read"));
    else if (probe->unread_code && state->available.seen && !state->denied.seen)
        value = gb_unknown(gb_unread_reason(collector, probe->unread_path, probe->unread_code));
    gb_fact(&facts, "state", value);
    if (gb_host_has_kernel(collector->host))
        gb_fact(&facts, "in_use",
                state->in_use.seen
                    ? gb_fact_at(&facts, gb_bool(true), state->in_use.path, state->in_use.line)
                    : gb_bool(false));
    else
        gb_fact(&facts, "in_use", gb_not_applicable(GB_STR("needs a live kernel")));
    if (state->denied.seen)
        gb_fact(&facts, "denied_by",
                gb_fact_at(&facts, gb_fact_text(&facts, state->denied_by), state->denied.path,
                           state->denied.line));
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    struct probe probe = {.collector = collector};
    int code = gb_kernel_config_load(collector, &probe.config);
    if (!code)
        code = read_policy(&probe);
    if (code)
        return gb_error_set(err, code, "no memory for the kernel's modules");
    if (gb_host_has_kernel(collector->host)) {
        struct gb_kernel_name name;
        read_loaded(&probe);
        if (probe.modules_supported && !gb_host_uname(collector->host, &name, NULL) &&
            !strchr(name.release, '/'))
            read_module_lists(&probe, gb_str_of(name.release));
        read_offered(&probe);
        read_options(&probe);
        apply_command_line(&probe);
    } else if (!read_all_module_lists(&probe)) {
        gb_collection_absent(collector->all, GB_STR("kernel_module"),
                             GB_STR("no kernel is installed here"));
        return GB_OK;
    }
    apply_policy(&probe);
    apply_lock(&probe);
    for (size_t i = 0; i < MODULES && !code; i++)
        code = put(&probe, i);
    return code ? gb_error_set(err, code, "no memory for the kernel's modules") : GB_OK;
}

const struct gb_source gb_source_kernel_module = {
    .name = "host/kernel_module",
    .title = "kernel modules and their policy",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
