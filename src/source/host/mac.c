// Mandatory access control (kind "mac"): which system is in force, how strictly, for how many
// processes. AppArmor and SELinux are told in detail.
#include "source/host/facts.h"
#include "source/host/kernel_config.h"

#include <stdio.h>

static const char *const kinds[] = {"mac", NULL};

enum {
    PROFILES_MAX_BYTES = 4 << 20,
    MAX_PROCESSES = 65536,
};

static bool parameter_on(struct gb_collector *collector, const char *path)
{
    struct gb_str text;
    return !gb_small_file(collector, path, &text) && (gb_str_is(text, "Y") || gb_str_is(text, "1"));
}

// "name (mode)" of a line of AppArmor's profile list or of a process' label.
static bool split_label(struct gb_str line, struct gb_str *name, struct gb_str *mode)
{
    line = gb_str_trim(line);
    ptrdiff_t open = gb_str_rfind_char(line, '(');
    if (open < 1 || line.at[line.len - 1] != ')')
        return false;
    *name = gb_str_trim(gb_str_sub(line, 0, (size_t)open));
    *mode = gb_str_sub(line, (size_t)open + 1, line.len - (size_t)open - 2);
    return true;
}

static void put_profiles(struct gb_facts *facts)
{
    static const char path[] = "/sys/kernel/security/apparmor/profiles";
    struct gb_collector *collector = facts->collector;
    struct gb_str text, line, name, mode;
    int code =
        gb_host_read(collector->host, path, PROFILES_MAX_BYTES, collector->scratch, &text, NULL);
    struct gb_list *lax = gb_list_new(collector->arena);
    if (code || !lax) {
        struct gb_value unread = code == GB_E_NOT_FOUND
                                     ? gb_unknown(GB_STR("securityfs is not mounted"))
                                     : gb_unread(collector, path, code);
        gb_fact(facts, "enforced_profiles", unread);
        gb_fact(facts, "lax_profiles", unread);
        return;
    }
    int64_t enforced = 0;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (!split_label(line, &name, &mode))
            continue;
        if (gb_str_is(mode, "enforce") || gb_str_is(mode, "kill"))
            enforced++;
        else
            gb_fact_add_text(facts, lax, line, GB_STR(path), number);
    }
    gb_fact(facts, "enforced_profiles", gb_fact_at(facts, gb_int(enforced), GB_STR(path), 0));
    gb_fact(facts, "lax_profiles", gb_list_of(lax));
}

static void put_confined(struct gb_facts *facts)
{
    struct gb_collector *collector = facts->collector;
    struct gb_dir_entry *entries;
    size_t count = 0;
    int64_t confined = 0;
    int code = gb_host_list(collector->host, "/proc", MAX_PROCESSES, collector->scratch, &entries,
                            &count, NULL);
    for (size_t i = 0; i < count && !code; i++) {
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        char path[64];
        struct gb_str text, name, mode;
        if (entries[i].name.at[0] < '1' || entries[i].name.at[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/" GB_PRI "/attr/current",
                 GB_ARG(gb_str_sub(entries[i].name, 0, 20)));
        if (!gb_small_file(collector, path, &text) && split_label(text, &name, &mode) &&
            (gb_str_is(mode, "enforce") || gb_str_is(mode, "kill")))
            confined++;
        gb_arena_reset(collector->scratch, mark);
    }
    gb_fact(facts, "confined_processes",
            code ? gb_unread(collector, "/proc", code) : gb_int(confined));
}

// Links in disable/ and force-complain/ take profiles out of force.
static void put_switched_off(struct gb_facts *facts)
{
    static const char *const directories[] = {"/etc/apparmor.d/disable",
                                              "/etc/apparmor.d/force-complain"};
    struct gb_collector *collector = facts->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t d = 0; d < 2; d++) {
        struct gb_dir_entry *entries;
        size_t count = 0;
        int code = gb_host_list(collector->host, directories[d], 4096, collector->scratch, &entries,
                                &count, NULL);
        if (code && code != GB_E_NOT_FOUND) {
            gb_fact(facts, "switched_off_profiles", gb_unread(collector, directories[d], code));
            return;
        }
        for (size_t i = 0; i < count && !code; i++) {
            char path[320];
            snprintf(path, sizeof path, "%s/" GB_PRI, directories[d], GB_ARG(entries[i].name));
            gb_fact_add_text(facts, list, gb_str_of(path), gb_str_of(path), 0);
        }
    }
    if (list)
        gb_fact(facts, "switched_off_profiles", gb_list_of(list));
}

static bool put_apparmor(struct gb_facts *facts)
{
    static const char enabled[] = "/sys/module/apparmor/parameters/enabled";
    struct gb_collector *collector = facts->collector;
    bool built = gb_host_exists(collector->host, "/sys/module/apparmor");
    bool on = built && parameter_on(collector, enabled);
    gb_fact(facts, "apparmor_built",
            gb_fact_at(facts, gb_bool(built), GB_STR("/sys/module/apparmor"), 0));
    gb_fact(facts, "apparmor_enabled", gb_fact_at(facts, gb_bool(on), GB_STR(enabled), 0));
    struct gb_value off = gb_not_applicable(GB_STR("AppArmor is not enabled in the kernel"));
    if (on) {
        put_profiles(facts);
        put_confined(facts);
    } else {
        gb_fact(facts, "enforced_profiles", off);
        gb_fact(facts, "lax_profiles", off);
        gb_fact(facts, "confined_processes", off);
    }
    return on;
}

// The value of SELINUX= in /etc/selinux/config.
static void put_selinux_configured(struct gb_facts *facts)
{
    static const char path[] = "/etc/selinux/config";
    struct gb_str text, line;
    int code = gb_small_file(facts->collector, path, &text);
    if (code == GB_E_NOT_FOUND)
        return;
    if (code) {
        gb_fact(facts, "selinux_configured", gb_unread(facts->collector, path, code));
        return;
    }
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        if (!gb_str_starts(line, GB_STR("SELINUX=")))
            continue;
        struct gb_str word =
            gb_str_lower(facts->collector->scratch, gb_str_trim(gb_str_from(line, 8)));
        gb_fact(facts, "selinux_configured",
                gb_fact_at(facts, gb_fact_text(facts, word), GB_STR(path), number));
    }
}

static const char *put_selinux(struct gb_facts *facts)
{
    static const char enforce[] = "/sys/fs/selinux/enforce";
    struct gb_collector *collector = facts->collector;
    struct gb_str text;
    int code = gb_small_file(collector, enforce, &text);
    const char *mode = code == GB_E_NOT_FOUND ? "disabled"
                       : code                 ? NULL
                       : gb_str_is(text, "1") ? "enforcing"
                                              : "permissive";
    // The directory is made by the kernel when SELinux is on; the file is below its own mount.
    bool on = gb_host_exists(collector->host, "/sys/fs/selinux");
    if (!mode || (on && code))
        gb_fact(facts, "selinux_mode",
                code == GB_E_NOT_FOUND ? gb_unknown(GB_STR("selinuxfs is not mounted"))
                                       : gb_unread(collector, enforce, code));
    else
        gb_fact(facts, "selinux_mode",
                gb_fact_at(facts, gb_string(gb_str_of(mode)), GB_STR(enforce), 0));
    put_selinux_configured(facts);
    return on ? mode ? mode : "unknown" : "disabled";
}

static void put_switches(struct gb_facts *facts)
{
    static const char *const off[] = {"apparmor=0", "selinux=0",     "enforcing=0",
                                      "security=",  "security=none", "security=dac"};
    struct gb_collector *collector = facts->collector;
    struct gb_list *list = gb_list_new(collector->arena);
    struct gb_str text, word;
    int code = gb_small_file(collector, "/proc/cmdline", &text);
    while (!code && gb_str_next_word(&text, &word) && !gb_str_is(word, "--"))
        for (size_t i = 0; i < sizeof off / sizeof *off; i++)
            if (gb_str_is(word, off[i]))
                gb_fact_add_text(facts, list, word, GB_STR("/proc/cmdline"), 1);
    if (list)
        gb_fact(facts, "switched_off_by",
                code ? gb_unread(collector, "/proc/cmdline", code)
                     : gb_fact_at(facts, gb_list_of(list), GB_STR("/proc/cmdline"), 1));
}

static void put_system(struct gb_facts *facts, bool apparmor, const char *selinux)
{
    struct gb_collector *collector = facts->collector;
    const char *system = "none", *path = "/sys/kernel/security";
    if (strcmp(selinux, "disabled") != 0) {
        system = "selinux";
        path = "/sys/fs/selinux";
    } else if (apparmor) {
        system = "apparmor";
        path = "/sys/module/apparmor/parameters/enabled";
    } else if (gb_host_exists(collector->host, "/sys/fs/smackfs/load2")) {
        system = "smack";
        path = "/sys/fs/smackfs";
    } else if (gb_host_exists(collector->host, "/sys/kernel/security/tomoyo/profile")) {
        system = "tomoyo";
        path = "/sys/kernel/security/tomoyo";
    }
    gb_fact(facts, "system", gb_fact_at(facts, gb_string(gb_str_of(system)), gb_str_of(path), 0));
}

static void put_without_kernel(struct gb_facts *facts)
{
    static const char *const fields[] = {
        "system",       "apparmor_built", "apparmor_enabled",   "enforced_profiles",
        "lax_profiles", "selinux_mode",   "confined_processes", "switched_off_by",
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        gb_fact(facts, fields[i], gb_not_applicable(GB_STR("needs a live kernel")));
    put_selinux_configured(facts);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    if (gb_in_container(collector->all) && !gb_kernel_is_ours(collector, kinds))
        return GB_OK;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("mac"), GB_STR("")));
    if (!facts.props)
        return gb_error_set(err, GB_E_MEMORY, "no memory for access control");
    if (gb_host_has_kernel(collector->host)) {
        bool apparmor = put_apparmor(&facts);
        const char *selinux = put_selinux(&facts);
        put_switches(&facts);
        put_system(&facts, apparmor, selinux);
    } else {
        put_without_kernel(&facts);
    }
    static const char *const parsers[] = {"/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"};
    const char *parser = gb_host_exists(collector->host, parsers[0]) ? parsers[0] : parsers[1];
    gb_fact(
        &facts, "apparmor_tools",
        gb_fact_at(&facts, gb_bool(gb_host_exists(collector->host, parser)), gb_str_of(parser), 0));
    put_switched_off(&facts);
    return GB_OK;
}

const struct gb_source gb_source_mac = {
    .name = "host/mac",
    .title = "mandatory access control",
    .kinds = kinds,
    .order = 0,
    .collect = collect,
};
