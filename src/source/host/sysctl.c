// Kernel settings (kind "sysctl"): what runs, what files say, and where the two part.
//
// Running and persisted values are two facts. Both directions of drift are told: a file asks for
// something that is not in force, and something safer than the kernel's default is in force that no
// file would bring back after a boot. A setting that is right by the kernel's default alone is a
// note for the reader, not a fault.
#include "source/host/dropins.h"
#include "source/host/facts.h"
#include "source/host/ini.h"
#include "source/host/kernel_config.h"
#include "source/host/sysctl_conf.h"
#include "source/host/sysctl_interface.h"

#include <stdio.h>

static const char *const kinds[] = {"sysctl", NULL};

enum { MAX_PERSISTED = 4000 };

enum safer { NEITHER, HIGHER, LOWER };

struct setting {
    const char *name; // with dots; also the path of the field in the kind
    bool text;        // not a number
    enum safer safer;
    bool default_is_safe;
    const char *otherwise; // the kernel's default; NULL = differs between distributions
    const char *option;    // build option that decides: `with` when it is y, `otherwise` when not
    const char *with;      // NULL: the option's own value is the default
};

static const struct setting settings[] = {
    {"kernel.core_pattern", true, NEITHER, false, "core", NULL, NULL},
    {"kernel.core_uses_pid", false, NEITHER, false, "0", NULL, NULL},
    {"kernel.dmesg_restrict", false, HIGHER, false, "0", "SECURITY_DMESG_RESTRICT", "1"},
    {"kernel.io_uring_disabled", false, HIGHER, false, "0", NULL, NULL},
    {"kernel.kexec_load_disabled", false, HIGHER, false, "0", NULL, NULL},
    {"kernel.kptr_restrict", false, HIGHER, false, "0", NULL, NULL},
    {"kernel.modules_disabled", false, HIGHER, false, "0", NULL, NULL},
    {"kernel.panic", false, NEITHER, false, NULL, NULL, NULL},
    {"kernel.panic_on_oops", false, NEITHER, false, NULL, NULL, NULL},
    {"kernel.perf_event_paranoid", false, HIGHER, true, "2", "SECURITY_PERF_EVENTS_RESTRICT", "3"},
    {"kernel.randomize_va_space", false, HIGHER, true, "2", "COMPAT_BRK", "1"},
    {"kernel.sysrq", false, NEITHER, false, NULL, "MAGIC_SYSRQ_DEFAULT_ENABLE", NULL},
    {"kernel.unprivileged_bpf_disabled", false, HIGHER, false, "0", "BPF_UNPRIV_DEFAULT_OFF", "2"},
    {"kernel.unprivileged_userns_clone", false, LOWER, false, NULL, NULL, NULL},
    {"kernel.yama.ptrace_scope", false, HIGHER, false, NULL, NULL, NULL},
    {"fs.protected_fifos", false, HIGHER, false, "0", NULL, NULL},
    {"fs.protected_hardlinks", false, HIGHER, false, "0", NULL, NULL},
    {"fs.protected_regular", false, HIGHER, false, "0", NULL, NULL},
    {"fs.protected_symlinks", false, HIGHER, false, "0", NULL, NULL},
    {"fs.suid_dumpable", false, NEITHER, true, "0", NULL, NULL},
    {"vm.legacy_va_layout", false, LOWER, true, "0", NULL, NULL},
    {"vm.mmap_min_addr", false, HIGHER, false, NULL, "DEFAULT_MMAP_MIN_ADDR", NULL},
    {"vm.unprivileged_userfaultfd", false, LOWER, true, "0", NULL, NULL},
    {"dev.tty.ldisc_autoload", false, LOWER, false, "0", "LDISC_AUTOLOAD", "1"},
    {"dev.tty.legacy_tiocsti", false, LOWER, false, "0", "LEGACY_TIOCSTI", "1"},
    {"user.max_user_namespaces", false, NEITHER, false, NULL, NULL, NULL},
    {"net.core.bpf_jit_harden", false, HIGHER, false, "0", NULL, NULL},
    {"net.ipv4.icmp_echo_ignore_broadcasts", false, HIGHER, true, "1", NULL, NULL},
    {"net.ipv4.icmp_ignore_bogus_error_responses", false, HIGHER, true, "1", NULL, NULL},
    {"net.ipv4.ip_forward", false, NEITHER, false, "0", NULL, NULL},
    {"net.ipv4.tcp_rfc1337", false, HIGHER, false, "0", NULL, NULL},
    {"net.ipv4.tcp_syncookies", false, NEITHER, true, "1", NULL, NULL},
    {"net.ipv4.tcp_timestamps", false, NEITHER, false, "1", NULL, NULL},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

struct probe {
    struct gb_collector *collector;
    const struct gb_kernel_config *config;
    struct gb_sysctl_conf conf;
    struct gb_str unread; // why a file could not be read; empty = all could
    struct gb_list *unpinned, *lost;
};

// ---- what files say

static void note_unread(struct probe *probe, const char *path, int code)
{
    if (!probe->unread.len)
        probe->unread = gb_unread_reason(probe->collector, path, code);
}

// The file behind a link inside one of the directories, for evidence: /etc/sysctl.d/99-sysctl.conf
// is a link to ../sysctl.conf on Debian.
static struct gb_str real_name(struct probe *probe, struct gb_str path)
{
    struct gb_str target;
    if (gb_host_readlink(probe->collector->host, path.at, probe->collector->scratch, &target, NULL))
        return path;
    if (gb_str_is(target, "../sysctl.conf") || gb_str_is(target, "/etc/sysctl.conf"))
        return GB_STR("/etc/sysctl.conf");
    return path;
}

static int read_file(struct probe *probe, struct gb_str path)
{
    struct gb_str text;
    struct gb_collector *collector = probe->collector;
    int code =
        gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_OK)
        return gb_sysctl_conf_parse(&probe->conf, text, real_name(probe, path));
    if (code != GB_E_NOT_FOUND && !gb_dropin_is_mask(collector->host, path.at, collector->scratch))
        note_unread(probe, path.at, code);
    return GB_OK;
}

static int read_directories(struct probe *probe, bool *sysctl_conf_linked)
{
    static const char *const directories[] = {"/etc/sysctl.d", "/run/sysctl.d",
                                              "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
                                              "/lib/sysctl.d"};
    struct gb_dropins files;
    if (gb_dropins_list(probe->collector->host, directories, 5, ".conf", probe->collector->arena,
                        &files))
        return GB_E_MEMORY;
    if (files.unlisted)
        note_unread(probe, files.unlisted, files.unlisted_code);
    for (size_t i = 0; i < files.count; i++) {
        if (gb_str_is(real_name(probe, files.items[i].path), "/etc/sysctl.conf"))
            *sysctl_conf_linked = true;
        if (read_file(probe, files.items[i].path))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// "sysctl.kernel.kptr_restrict=1" on the kernel's command line: set before anything else runs.
static int read_command_line(struct probe *probe)
{
    struct gb_str text, word;
    if (gb_host_read(probe->collector->host, "/proc/cmdline", 64 << 10, probe->collector->arena,
                     &text, NULL))
        return GB_OK;
    static const struct gb_str prefix = GB_STR_INIT("sysctl.");
    while (gb_str_next_word(&text, &word) && !gb_str_is(word, "--")) {
        ptrdiff_t equals = gb_str_find_char(word, '=');
        if (!gb_str_starts(word, prefix) || equals < (ptrdiff_t)prefix.len)
            continue;
        struct gb_str key = gb_str_sub(word, prefix.len, (size_t)equals - prefix.len);
        if (gb_sysctl_conf_add(&probe->conf, key, gb_str_from(word, (size_t)equals + 1),
                               GB_STR("/proc/cmdline"), 1))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// The value of NAME=value in a shell-like file of ufw; empty when absent.
static struct gb_str shell_variable(struct probe *probe, const char *path, const char *name)
{
    struct gb_str text, line, found = {0};
    if (gb_small_file(probe->collector, path, &text))
        return found;
    while (gb_str_next(&text, '\n', &line)) {
        line = gb_str_trim(line);
        if (!gb_str_starts(line, gb_str_of(name)) || line.len <= strlen(name) ||
            line.at[strlen(name)] != '=')
            continue;
        found = gb_str_trim(gb_str_from(line, strlen(name) + 1));
        if (found.len >= 2 && (found.at[0] == '"' || found.at[0] == '\''))
            found = gb_str_sub(found, 1, found.len - 2);
    }
    return found;
}

// ufw sets values of its own when it starts, after systemd-sysctl did.
static int read_ufw(struct probe *probe)
{
    struct gb_str enabled = shell_variable(probe, "/etc/ufw/ufw.conf", "ENABLED");
    if (!gb_str_eq_nocase(enabled, GB_STR("yes")))
        return GB_OK;
    struct gb_str path = shell_variable(probe, "/etc/default/ufw", "IPT_SYSCTL");
    if (!path.len || path.at[0] != '/')
        return GB_OK;
    char *name = gb_str_c(probe->collector->arena, path);
    return name ? read_file(probe, gb_str_of(name)) : GB_E_MEMORY;
}

// /etc/sysctl.conf is read by procps' own start script, and by systemd-sysctl only where a link
// below sysctl.d leads to it (Debian 12 has one, Debian 13 does not). Nothing is said of a file
// that assigns nothing.
static int read_legacy(struct probe *probe, struct gb_facts *facts, bool linked)
{
    static const char path[] = "/etc/sysctl.conf";
    const struct gb_host *host = probe->collector->host;
    bool systemd = gb_host_exists(host, "/usr/lib/systemd/systemd-sysctl") ||
                   gb_host_exists(host, "/lib/systemd/systemd-sysctl");
    struct gb_list *ignored = gb_list_new(probe->collector->arena);
    if (!linked && !systemd && read_file(probe, GB_STR(path)))
        return GB_E_MEMORY;
    struct gb_str text, line;
    bool applied = linked || !systemd, any = false;
    int code = gb_small_file(probe->collector, path, &text);
    if (code == GB_E_NOT_FOUND)
        return GB_OK;
    if (code) {
        gb_fact(facts, "ignored_lines", gb_unread(probe->collector, path, code));
        return GB_OK;
    }
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#' || line.at[0] == ';' || gb_str_find_char(line, '=') <= 0)
            continue;
        any = true;
        if (!applied && ignored)
            gb_fact_add_text(facts, ignored, line, GB_STR(path), number);
    }
    if (any && ignored)
        gb_fact(facts, "ignored_lines", gb_list_of(ignored));
    return GB_OK;
}

// ---- what runs

// Writing a key of these does something; reading tells nothing.
static bool is_trigger(struct gb_str key)
{
    return gb_str_ends(key, GB_STR("/flush")) || gb_str_is(key, "vm/drop_caches") ||
           gb_str_is(key, "vm/compact_memory");
}

static int read_running(struct gb_collector *collector, struct gb_str key, struct gb_str *ret)
{
    char path[512];
    if (key.len > 400)
        return GB_E_NOT_FOUND;
    snprintf(path, sizeof path, "/proc/sys/" GB_PRI, GB_ARG(key));
    return gb_small_file(collector, path, ret);
}

static void put_persisted_state(struct gb_collector *collector, struct gb_facts *record,
                                const struct gb_sysctl_line *line)
{
    struct gb_str running;
    if (!gb_host_has_kernel(collector->host) || gb_in_container(collector->all)) {
        gb_fact(record, "state",
                gb_not_applicable(gb_host_has_kernel(collector->host)
                                      ? GB_STR("the kernel belongs to the container's host")
                                      : GB_STR("needs a live kernel")));
        return;
    }
    const char *state = "trigger";
    if (!is_trigger(line->key)) {
        int code = read_running(collector, line->key, &running);
        if (code && code != GB_E_NOT_FOUND) {
            char path[512];
            snprintf(path, sizeof path, "/proc/sys/" GB_PRI, GB_ARG(line->key));
            gb_fact(record, "state", gb_unread(collector, path, code));
            return;
        }
        bool same = !code && gb_sysctl_value_equal(running, line->value);
        state = code ? "no_such_key" : same ? "in_force" : "differs";
        if (!code)
            gb_fact(record, "running", gb_fact_text(record, running));
        if (!code && !same) {
            struct gb_str text = gb_str_format(
                collector->scratch, GB_PRI ": configured " GB_PRI ", running " GB_PRI,
                GB_ARG(gb_sysctl_name(collector->scratch, line->key)),
                GB_ARG(gb_str_sub(line->value, 0, 80)), GB_ARG(gb_str_sub(running, 0, 80)));
            gb_fact(record, "text",
                    gb_fact_at(record, gb_fact_text(record, text), line->file, line->line));
        }
    }
    gb_fact(record, "state",
            gb_fact_at(record, gb_string(gb_str_of(state)), line->file, line->line));
}

static void put_persisted(struct probe *probe, struct gb_facts *facts)
{
    struct gb_collector *collector = probe->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    if (probe->unread.len || !list) {
        gb_fact(facts, "persisted", gb_unknown(probe->unread));
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < probe->conf.count && count < MAX_PERSISTED; i++) {
        const struct gb_sysctl_line *line = probe->conf.items[i];
        if (line->excluded || line->replaced)
            continue;
        struct gb_facts record = gb_facts_record(collector);
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        struct gb_value name = gb_fact_text(&record, gb_sysctl_name(collector->scratch, line->key));
        gb_fact(&record, "name", gb_fact_at(&record, name, line->file, line->line));
        gb_fact(&record, "value",
                gb_fact_at(&record, gb_fact_text(&record, line->value), line->file, line->line));
        struct gb_str text =
            gb_str_format(collector->scratch, GB_PRI " = " GB_PRI, GB_ARG(name.string),
                          GB_ARG(gb_str_sub(line->value, 0, 100)));
        gb_fact(&record, "text",
                gb_fact_at(&record, gb_fact_text(&record, text), line->file, line->line));
        if (line->pattern)
            gb_fact(&record, "state", gb_string(GB_STR("pattern")));
        else
            put_persisted_state(collector, &record, line);
        gb_arena_reset(collector->scratch, mark);
        if (record.props)
            gb_list_add(collector->arena, list, gb_map_of(record.props));
        count++;
    }
    gb_fact(facts, "persisted", gb_list_of(list));
}

// The kernel's own default, empty when it is not known.
static struct gb_str default_of(const struct probe *probe, const struct setting *setting)
{
    if (!setting->option)
        return gb_str_of(setting->otherwise);
    const struct gb_kernel_option *option =
        gb_kernel_config_get(probe->config, gb_str_of(setting->option));
    if (!probe->config->known)
        return (struct gb_str){0};
    if (!setting->with)
        return option ? option->value : (struct gb_str){0};
    return gb_str_of(option && gb_str_is(option->value, "y") ? setting->with : setting->otherwise);
}

// Is a value safer than another? Both must be numbers.
static bool is_safer(enum safer direction, struct gb_str value, struct gb_str than)
{
    int64_t a, b;
    if (direction == NEITHER || gb_str_to_int(value, &a) || gb_str_to_int(than, &b))
        return false;
    return direction == HIGHER ? a > b : a < b;
}

static void compare_with_default(struct probe *probe, struct gb_facts *facts,
                                 const struct setting *setting, struct gb_str running,
                                 struct gb_str path)
{
    struct gb_arena *scratch = probe->collector->scratch;
    struct gb_str key = gb_sysctl_path(scratch, gb_str_of(setting->name));
    struct gb_str standard = default_of(probe, setting);
    if (probe->unread.len || !standard.len || gb_sysctl_conf_find(&probe->conf, key))
        return;
    bool same = gb_sysctl_value_equal(standard, running);
    if (same && setting->default_is_safe)
        gb_fact_add_text(facts, probe->unpinned, gb_str_of(setting->name), path, 0);
    if (same || !is_safer(setting->safer, running, standard))
        return;
    struct gb_str text =
        gb_str_format(scratch, "%s: running " GB_PRI ", after a boot " GB_PRI, setting->name,
                      GB_ARG(gb_str_sub(running, 0, 40)), GB_ARG(standard));
    gb_fact_add_text(facts, probe->lost, text, path, 0);
}

// The record that holds the last part of a dotted name; makes the ones on the way.
static struct gb_facts record_of(struct gb_collector *collector, struct gb_map_value *top,
                                 struct gb_str *name)
{
    struct gb_map_value *map = top;
    ptrdiff_t dot;
    while (map && (dot = gb_str_find_char(*name, '.')) >= 0) {
        struct gb_str part = gb_str_sub(*name, 0, (size_t)dot);
        const struct gb_value *found = gb_map_find(map, part);
        struct gb_map_value *next = NULL;
        if (found)
            // Made below, a moment ago: nobody else holds it yet.
            memcpy(&next, &found->map, sizeof next);
        else if ((next = gb_map_new(collector->arena)))
            gb_map_put(collector->arena, map, part, gb_map_of(next));
        map = next;
        *name = gb_str_from(*name, (size_t)dot + 1);
    }
    return gb_facts(collector, map);
}

static void put_running(struct probe *probe, struct gb_facts *facts, const struct setting *setting)
{
    struct gb_collector *collector = probe->collector;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    struct gb_str field = gb_str_of(setting->name), running;
    struct gb_facts record = record_of(collector, facts->props, &field);
    struct gb_str key = gb_sysctl_path(collector->scratch, gb_str_of(setting->name));
    struct gb_str path = gb_str_format(collector->scratch, "/proc/sys/" GB_PRI, GB_ARG(key));
    int64_t number = 0;
    int code = path.at ? gb_small_file(collector, path.at, &running) : GB_E_MEMORY;
    if (!code && !setting->text)
        code = gb_str_to_int(running, &number);
    struct gb_value value;
    if (code == GB_E_NOT_FOUND)
        value = gb_not_applicable(
            gb_str_format(collector->arena, "this kernel has no %s", setting->name));
    else if (code)
        value = gb_unread(collector, path.at ? path.at : setting->name, code);
    else
        value = gb_fact_at(&record, setting->text ? gb_fact_text(&record, running) : gb_int(number),
                           path, 0);
    if (record.props)
        gb_map_put(collector->arena, record.props, field, value);
    if (!code)
        compare_with_default(probe, facts, setting, running, path);
    gb_arena_reset(collector->scratch, mark);
}

// May users make user namespaces? Three settings can forbid it, and kernels differ in which they
// have.
static void put_user_namespaces(struct gb_facts *facts)
{
    static const struct {
        const char *path;
        int64_t closed;
    } switches[] = {
        {"/proc/sys/user/max_user_namespaces", 0},
        {"/proc/sys/kernel/unprivileged_userns_clone", 0},
        {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1},
    };
    struct gb_collector *collector = facts->collector;
    const char *decided = NULL;
    bool open = true;
    for (size_t i = 0; open && i < sizeof switches / sizeof *switches; i++) {
        int64_t number;
        int code = gb_small_number(collector, switches[i].path, &number);
        if (code == GB_E_NOT_FOUND)
            continue;
        if (code) {
            gb_fact(facts, "user_namespaces", gb_unread(collector, switches[i].path, code));
            return;
        }
        decided = switches[i].path;
        open = number != switches[i].closed;
    }
    gb_fact(facts, "user_namespaces",
            decided ? gb_fact_at(facts, gb_string(open ? GB_STR("open") : GB_STR("closed")),
                                 gb_str_of(decided), 0)
                    : gb_not_applicable(GB_STR("the kernel has no user namespaces")));
}

// May a process trace others of its user? Without Yama nothing forbids it.
static void put_tracing(struct gb_facts *facts)
{
    static const char path[] = "/proc/sys/kernel/yama/ptrace_scope";
    int64_t number = 0;
    int code = gb_small_number(facts->collector, path, &number);
    if (code == GB_E_NOT_FOUND)
        gb_fact(facts, "tracing",
                gb_fact_at(facts, gb_string(GB_STR("no_yama")), GB_STR("/proc/sys/kernel"), 0));
    else if (code)
        gb_fact(facts, "tracing", gb_unread(facts->collector, path, code));
    else
        gb_fact(facts, "tracing",
                gb_fact_at(facts, gb_string(number ? GB_STR("restricted") : GB_STR("open")),
                           GB_STR(path), 0));
}

static void put_without_kernel(struct probe *probe, struct gb_facts *facts, struct gb_str reason)
{
    static const char *const fields[] = {"ipv4",     "ipv6",         "interface_settings",
                                         "unpinned", "lost_at_boot", "user_namespaces",
                                         "tracing"};
    struct gb_value missing = gb_not_applicable(reason);
    for (size_t i = 0; i < SETTINGS; i++) {
        struct gb_str field = gb_str_of(settings[i].name);
        struct gb_facts record = record_of(probe->collector, facts->props, &field);
        if (record.props)
            gb_map_put(probe->collector->arena, record.props, field, missing);
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(facts, fields[i], missing);
}

static void note_unpinned(struct probe *probe)
{
    if (!probe->unpinned->count)
        return;
    struct gb_collector *collector = probe->collector;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(4096);
    gb_buffer_print(&text,
                    "%zu kernel settings are safe by the kernel's default alone, no file pins "
                    "them: ",
                    probe->unpinned->count);
    for (size_t i = 0; i < probe->unpinned->count; i++) {
        gb_buffer_text(&text, i ? ", " : "");
        gb_buffer_add(&text, probe->unpinned->items[i].string);
    }
    gb_buffer_char(&text, '.');
    if (!text.failed)
        gb_collection_note(collector->all, gb_str_copy(collector->arena, gb_buffer_str(&text)));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("sysctl"), GB_STR("")));
    struct probe probe = {.collector = collector,
                          .conf = gb_sysctl_conf(collector->arena),
                          .unpinned = gb_list_new(collector->arena),
                          .lost = gb_list_new(collector->arena)};
    bool linked = false;
    if (!facts.props || !probe.unpinned || !probe.lost ||
        gb_kernel_config_load(collector, &probe.config) || read_command_line(&probe) ||
        read_directories(&probe, &linked) || read_legacy(&probe, &facts, linked) ||
        read_ufw(&probe))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the kernel's settings");
    bool kernel = gb_host_has_kernel(collector->host), container = gb_in_container(collector->all);
    gb_fact(&facts, "kernel_is_ours", gb_bool(kernel && !container));
    if (kernel && !container) {
        for (size_t i = 0; i < SETTINGS; i++)
            put_running(&probe, &facts, &settings[i]);
        gb_sysctl_put_interfaces(&facts);
        put_user_namespaces(&facts);
        put_tracing(&facts);
        gb_fact(&facts, "unpinned", gb_list_of(probe.unpinned));
        gb_fact(&facts, "lost_at_boot",
                probe.unread.len ? gb_unknown(probe.unread) : gb_list_of(probe.lost));
        note_unpinned(&probe);
    } else {
        put_without_kernel(&probe, &facts,
                           kernel ? GB_STR("the kernel belongs to the container's host")
                                  : GB_STR("needs a live kernel"));
    }
    put_persisted(&probe, &facts);
    return GB_OK;
}

const struct gb_source gb_source_sysctl = {
    .name = "host/sysctl",
    .title = "kernel settings",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
