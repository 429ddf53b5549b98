// Hardening settings of a unit and the exposure that is left: see unit_sandbox.h.
#include "source/host/unit_sandbox.h"

#include <math.h>

// Weights say what is gained while the switch is off, on the scale of the table in exposure_of.
static const struct {
    const char *setting, *field;
    uint8_t weight;
} switches[] = {
    [GB_SANDBOX_NO_NEW_PRIVILEGES] = {"NoNewPrivileges", "no_new_privileges", 6},
    [GB_SANDBOX_PRIVATE_TMP] = {"PrivateTmp", "private_tmp", 4},
    [GB_SANDBOX_PRIVATE_DEVICES] = {"PrivateDevices", "private_devices", 5},
    [GB_SANDBOX_PRIVATE_NETWORK] = {"PrivateNetwork", "private_network", 8},
    [GB_SANDBOX_PRIVATE_USERS] = {"PrivateUsers", "private_users", 4},
    [GB_SANDBOX_PROTECT_KERNEL_TUNABLES] = {"ProtectKernelTunables", "protect_kernel_tunables", 5},
    [GB_SANDBOX_PROTECT_KERNEL_MODULES] = {"ProtectKernelModules", "protect_kernel_modules", 5},
    [GB_SANDBOX_PROTECT_KERNEL_LOGS] = {"ProtectKernelLogs", "protect_kernel_logs", 3},
    [GB_SANDBOX_PROTECT_CONTROL_GROUPS] = {"ProtectControlGroups", "protect_control_groups", 4},
    [GB_SANDBOX_PROTECT_CLOCK] = {"ProtectClock", "protect_clock", 3},
    [GB_SANDBOX_PROTECT_HOSTNAME] = {"ProtectHostname", "protect_hostname", 1},
    [GB_SANDBOX_RESTRICT_REALTIME] = {"RestrictRealtime", "restrict_realtime", 2},
    [GB_SANDBOX_RESTRICT_SUID_SGID] = {"RestrictSUIDSGID", "restrict_suid_sgid", 4},
    [GB_SANDBOX_LOCK_PERSONALITY] = {"LockPersonality", "lock_personality", 1},
    [GB_SANDBOX_MEMORY_DENY_WRITE_EXECUTE] = {"MemoryDenyWriteExecute", "memory_deny_write_execute",
                                              2},
    [GB_SANDBOX_REMOVE_IPC] = {"RemoveIPC", "remove_ipc", 1},
};
_Static_assert(sizeof switches / sizeof *switches == GB_SANDBOX_SWITCHES, "one row each");

// Capabilities by what they give away.
static const struct {
    uint64_t mask;
    uint8_t weight;
} capability_groups[] = {
#define BIT(name) (UINT64_C(1) << GB_CAP_##name)
    {BIT(SYS_ADMIN), 8},
    {BIT(SETUID) | BIT(SETGID) | BIT(SETPCAP), 6},
    {BIT(DAC_OVERRIDE) | BIT(DAC_READ_SEARCH) | BIT(FOWNER), 6},
    {BIT(CHOWN) | BIT(FSETID) | BIT(SETFCAP), 5},
    {BIT(SYS_PTRACE), 6},
    {BIT(SYS_MODULE) | BIT(SYS_RAWIO) | BIT(BPF), 6},
    {BIT(NET_ADMIN) | BIT(NET_RAW), 5},
    {BIT(SYS_TIME), 3},
    {BIT(SYSLOG) | BIT(PERFMON), 2},
    {BIT(AUDIT_CONTROL) | BIT(AUDIT_WRITE) | BIT(MAC_ADMIN) | BIT(MAC_OVERRIDE), 3},
    {BIT(KILL) | BIT(IPC_OWNER), 2},
    {BIT(MKNOD), 2},
    {BIT(SYS_BOOT) | BIT(SYS_CHROOT) | BIT(LINUX_IMMUTABLE), 1},
    {BIT(SYS_NICE) | BIT(SYS_RESOURCE) | BIT(NET_BIND_SERVICE) | BIT(NET_BROADCAST), 2},
#undef BIT
};

const char *gb_sandbox_field(enum gb_sandbox_switch which)
{
    return switches[which].field;
}

const char *gb_sandbox_setting(enum gb_sandbox_switch which)
{
    return switches[which].setting;
}

// The last assignment that is not empty; an empty one behind it takes it back.
static const struct gb_ini_entry *value_of(const struct gb_ini *settings, const char *section,
                                           const char *key)
{
    const struct gb_ini_entry *entry = gb_ini_get(settings, section, key);
    return entry && entry->value.len ? entry : NULL;
}

static void read_switches(const struct gb_ini *settings, const char *section,
                          struct gb_sandbox *sandbox)
{
    for (enum gb_sandbox_switch i = 0; i < GB_SANDBOX_SWITCHES; i++) {
        const struct gb_ini_entry *entry = value_of(settings, section, switches[i].setting);
        bool on = false;
        if (!entry)
            continue;
        // Later systemd knows forms of "yes": PrivateTmp=disconnected, PrivateUsers=identity ...
        bool form = !gb_ini_bool(entry->value, &on) && !gb_str_is(entry->value, "no");
        sandbox->switches[i].on = on || form;
        sandbox->switches[i].from = entry;
    }
}

// One of `words`, the first being the default; "yes" and "no" in all their spellings.
static struct gb_sandbox_word read_word(const struct gb_ini *settings, const char *section,
                                        const char *key, const char *const *words)
{
    const struct gb_ini_entry *entry = value_of(settings, section, key);
    struct gb_sandbox_word word = {words[0], NULL};
    bool truth;
    if (!entry)
        return word;
    struct gb_str value = entry->value;
    if (gb_ini_bool(value, &truth))
        value = truth ? GB_STR("yes") : GB_STR("no");
    for (size_t i = 0; words[i]; i++) {
        if (gb_str_is(value, words[i]))
            word = (struct gb_sandbox_word){words[i], entry};
    }
    return word;
}

// Lists that begin with ~ take away; else they add. The first one decides what is there before.
static uint64_t read_capabilities(const struct gb_ini *settings, const char *section,
                                  const char *key, uint64_t initial,
                                  const struct gb_ini_entry **from)
{
    uint64_t mask = initial;
    bool assigned = false;
    size_t at = 0;
    const struct gb_ini_entry *entry;
    while ((entry = gb_ini_next(settings, section, key, &at))) {
        struct gb_str words = entry->value, word;
        uint64_t named = 0;
        bool inverted = words.len && words.at[0] == '~';
        if (inverted)
            words = gb_str_from(words, 1);
        while (gb_str_next_word(&words, &word)) {
            enum gb_capability capability;
            if (gb_capability_find(word, &capability))
                named |= gb_capability_bit(capability);
        }
        if (inverted)
            mask = (assigned ? mask : GB_CAPABILITIES_ALL) & ~named;
        else
            mask = (assigned ? mask : 0) | named;
        assigned = true;
        *from = entry;
    }
    const struct gb_ini_entry *last = gb_ini_get(settings, section, key);
    if (!assigned && last) { // reset to the empty set
        *from = last;
        return 0;
    }
    return mask;
}

static bool names_word(struct gb_str words, const char *wanted)
{
    struct gb_str word;
    while (gb_str_next_word(&words, &word)) {
        if (gb_str_is(word, wanted))
            return true;
    }
    return false;
}

static void read_system_calls(const struct gb_ini *settings, const char *section,
                              struct gb_sandbox *sandbox)
{
    size_t at = 0;
    const struct gb_ini_entry *entry;
    while ((entry = gb_ini_next(settings, section, "SystemCallFilter", &at))) {
        if (!entry->value.len)
            continue;
        bool inverted = entry->value.at[0] == '~';
        struct gb_str words = gb_str_from(entry->value, inverted ? 1 : 0);
        bool privileged = names_word(words, "@privileged"),
             resources = names_word(words, "@resources");
        if (sandbox->system_calls == GB_FILTER_NONE) {
            sandbox->system_calls = inverted ? GB_FILTER_DENY : GB_FILTER_ALLOW;
            sandbox->no_privileged_calls = privileged == inverted;
            sandbox->no_resource_calls = resources == inverted;
            // @system-service holds @resources and parts of @privileged.
            if (!inverted && (names_word(words, "@system-service") ||
                              names_word(words, "@default") || names_word(words, "@known")))
                sandbox->no_privileged_calls = sandbox->no_resource_calls = false;
        } else {
            sandbox->no_privileged_calls = privileged ? inverted : sandbox->no_privileged_calls;
            sandbox->no_resource_calls = resources ? inverted : sandbox->no_resource_calls;
        }
        sandbox->system_calls_from = entry;
    }
    sandbox->native_calls_only = value_of(settings, section, "SystemCallArchitectures") != NULL;
}

static void read_namespaces(const struct gb_ini *settings, const char *section,
                            struct gb_sandbox *sandbox)
{
    enum { KINDS = 7 };
    const struct gb_ini_entry *entry = value_of(settings, section, "RestrictNamespaces");
    bool restricted;
    sandbox->namespaces = KINDS;
    if (!entry)
        return;
    if (gb_ini_bool(entry->value, &restricted)) {
        sandbox->namespaces = restricted ? 0 : KINDS;
        return;
    }
    bool inverted = entry->value.at[0] == '~';
    struct gb_str words = gb_str_from(entry->value, inverted ? 1 : 0), word;
    unsigned named = 0;
    while (gb_str_next_word(&words, &word) && named < KINDS)
        named++;
    sandbox->namespaces = inverted ? KINDS - named : named;
}

static void allow_family(struct gb_sandbox *sandbox, struct gb_str family, bool allowed)
{
    if (gb_str_is(family, "AF_INET") || gb_str_is(family, "AF_INET6"))
        sandbox->inet = allowed;
    else if (gb_str_is(family, "AF_PACKET"))
        sandbox->packet = allowed;
    else if (gb_str_is(family, "AF_NETLINK"))
        sandbox->netlink = allowed;
    else if (!gb_str_is(family, "AF_UNIX") && !gb_str_is(family, "AF_LOCAL") && allowed)
        sandbox->other_families = true;
}

static void read_families(const struct gb_ini *settings, const char *section,
                          struct gb_sandbox *sandbox)
{
    size_t at = 0;
    const struct gb_ini_entry *entry;
    sandbox->any_family = sandbox->inet = sandbox->packet = sandbox->netlink = true;
    sandbox->other_families = true;
    while ((entry = gb_ini_next(settings, section, "RestrictAddressFamilies", &at))) {
        if (!entry->value.len)
            continue;
        bool inverted = entry->value.at[0] == '~';
        struct gb_str words = gb_str_from(entry->value, inverted ? 1 : 0), word;
        if (sandbox->any_family && !inverted)
            sandbox->inet = sandbox->packet = sandbox->netlink = sandbox->other_families = false;
        sandbox->any_family = false;
        if (gb_str_is(words, "none"))
            continue;
        while (gb_str_next_word(&words, &word))
            allow_family(sandbox, word, !inverted);
    }
}

static void read_user(const struct gb_ini *settings, const char *section,
                      struct gb_sandbox *sandbox)
{
    const struct gb_ini_entry *user = value_of(settings, section, "User");
    const struct gb_ini_entry *group = value_of(settings, section, "Group");
    const struct gb_ini_entry *dynamic = value_of(settings, section, "DynamicUser");
    if (dynamic && !gb_ini_bool(dynamic->value, &sandbox->dynamic_user))
        sandbox->dynamic_user = false;
    if (user)
        sandbox->user = user->value;
    if (group)
        sandbox->group = group->value;
    sandbox->user_from = user ? user : dynamic;
    // A dynamic user that is called like an existing one is that one.
    sandbox->root_user = user ? gb_str_is(user->value, "root") || gb_str_is(user->value, "0")
                              : !sandbox->dynamic_user;
}

static void turn_on(struct gb_sandbox *sandbox, enum gb_sandbox_switch which)
{
    sandbox->switches[which].on = true;
}

// What a setting brings with it, after systemd.exec(5).
static void apply_implications(struct gb_sandbox *sandbox)
{
    static const struct {
        enum gb_sandbox_switch which;
        uint64_t takes;
    } takes[] = {
        {GB_SANDBOX_PRIVATE_DEVICES, UINT64_C(1) << GB_CAP_MKNOD | UINT64_C(1) << GB_CAP_SYS_RAWIO},
        {GB_SANDBOX_PROTECT_KERNEL_MODULES, UINT64_C(1) << GB_CAP_SYS_MODULE},
        {GB_SANDBOX_PROTECT_KERNEL_LOGS, UINT64_C(1) << GB_CAP_SYSLOG},
        {GB_SANDBOX_PROTECT_CLOCK, UINT64_C(1) << GB_CAP_SYS_TIME | UINT64_C(1)
                                                                        << GB_CAP_WAKE_ALARM},
    };
    if (sandbox->dynamic_user) {
        turn_on(sandbox, GB_SANDBOX_PRIVATE_TMP);
        turn_on(sandbox, GB_SANDBOX_REMOVE_IPC);
        turn_on(sandbox, GB_SANDBOX_NO_NEW_PRIVILEGES);
        turn_on(sandbox, GB_SANDBOX_RESTRICT_SUID_SGID);
        if (!sandbox->protect_system.from)
            sandbox->protect_system.word = "strict";
        if (!sandbox->protect_home.from)
            sandbox->protect_home.word = "read-only";
    }
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
        if (sandbox->switches[takes[i].which].on)
            sandbox->capabilities &= ~takes[i].takes;
    }
    // Without CAP_SYS_ADMIN a filter can only be set for one who gives up new privileges.
    static const enum gb_sandbox_switch filters[] = {
        GB_SANDBOX_PRIVATE_DEVICES,        GB_SANDBOX_PROTECT_KERNEL_TUNABLES,
        GB_SANDBOX_PROTECT_KERNEL_MODULES, GB_SANDBOX_PROTECT_KERNEL_LOGS,
        GB_SANDBOX_PROTECT_CLOCK,          GB_SANDBOX_MEMORY_DENY_WRITE_EXECUTE,
        GB_SANDBOX_RESTRICT_REALTIME,      GB_SANDBOX_RESTRICT_SUID_SGID,
        GB_SANDBOX_LOCK_PERSONALITY,
    };
    bool filtered = sandbox->system_calls != GB_FILTER_NONE || sandbox->native_calls_only ||
                    !sandbox->any_family || sandbox->namespaces < 7;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        filtered = filtered || sandbox->switches[filters[i]].on;
    bool explicit_no = sandbox->switches[GB_SANDBOX_NO_NEW_PRIVILEGES].from != NULL;
    if (!sandbox->root_user && filtered && !explicit_no &&
        !(sandbox->ambient & gb_capability_bit(GB_CAP_SYS_ADMIN)))
        turn_on(sandbox, GB_SANDBOX_NO_NEW_PRIVILEGES);
}

struct tally {
    double open, all;
};

static void count(struct tally *tally, double weight, double openness)
{
    tally->open += weight * openness;
    tally->all += weight;
}

static double openness_of_word(const struct gb_sandbox_word *word, const char *const *words,
                               const double *openness)
{
    for (size_t i = 0; words[i]; i++) {
        if (strcmp(word->word, words[i]) == 0)
            return openness[i];
    }
    return 1.0;
}

static const char *const system_words[] = {"no", "yes", "full", "strict", NULL};
static const char *const home_words[] = {"no", "read-only", "tmpfs", "yes", NULL};
static const char *const proc_words[] = {"default", "noaccess", "ptraceable", "invisible", NULL};

static void count_system_calls(struct tally *tally, const struct gb_sandbox *sandbox)
{
    static const double by_form[] = {
        [GB_FILTER_NONE] = 1.0, [GB_FILTER_DENY] = 0.5, [GB_FILTER_ALLOW] = 0.1};
    count(tally, 12, by_form[sandbox->system_calls]);
    count(tally, 4, sandbox->no_privileged_calls ? 0 : 1);
    count(tally, 3, sandbox->no_resource_calls ? 0 : 1);
    count(tally, 4, sandbox->native_calls_only ? 0 : 1);
}

static double exposure_of(const struct gb_sandbox *sandbox)
{
    static const double system_openness[] = {1.0, 0.6, 0.4, 0.0};
    static const double home_openness[] = {1.0, 0.5, 0.1, 0.0};
    static const double proc_openness[] = {1.0, 0.3, 0.2, 0.0};
    struct tally tally = {0};
    count(&tally, 12, sandbox->root_user ? 1 : 0);
    for (enum gb_sandbox_switch i = 0; i < GB_SANDBOX_SWITCHES; i++)
        count(&tally, switches[i].weight, sandbox->switches[i].on ? 0 : 1);
    for (size_t i = 0; i < sizeof capability_groups / sizeof *capability_groups; i++) {
        // Nobody but root gets capabilities by the bounding set alone; programs with set-user-id
        // or file capabilities do, unless new privileges are given up.
        bool open = sandbox->capabilities & capability_groups[i].mask;
        count(&tally, capability_groups[i].weight, open ? 1 : 0);
    }
    count(&tally, 3, sandbox->ambient ? 1 : 0);
    count(&tally, 6, openness_of_word(&sandbox->protect_system, system_words, system_openness));
    count(&tally, 5, openness_of_word(&sandbox->protect_home, home_words, home_openness));
    count(&tally, 4, openness_of_word(&sandbox->protect_proc, proc_words, proc_openness));
    count(&tally, 7, sandbox->namespaces / 7.0);
    count(&tally, 5, sandbox->inet && !sandbox->switches[GB_SANDBOX_PRIVATE_NETWORK].on ? 1 : 0);
    count(&tally, 3, sandbox->packet ? 1 : 0);
    count(&tally, 1, sandbox->netlink ? 1 : 0);
    count(&tally, 4, sandbox->other_families ? 1 : 0);
    count_system_calls(&tally, sandbox);
    count(&tally, 4, sandbox->denies_addresses ? 0 : 1);
    count(&tally, 3,
          sandbox->device_policy || sandbox->switches[GB_SANDBOX_PRIVATE_DEVICES].on ? 0 : 1);
    count(&tally, 1, sandbox->umask & 0007 ? 0 : 1);
    count(&tally, 1, sandbox->root_directory ? 0 : 1);
    return round(100.0 * tally.open / tally.all) / 10.0;
}

void gb_sandbox_read(const struct gb_ini *settings, const char *section, struct gb_sandbox *ret)
{
    struct gb_sandbox sandbox = {.umask = 0022};
    read_user(settings, section, &sandbox);
    read_switches(settings, section, &sandbox);
    sandbox.protect_system = read_word(settings, section, "ProtectSystem", system_words);
    sandbox.protect_home = read_word(settings, section, "ProtectHome", home_words);
    sandbox.protect_proc = read_word(settings, section, "ProtectProc", proc_words);
    sandbox.capabilities = read_capabilities(settings, section, "CapabilityBoundingSet",
                                             GB_CAPABILITIES_ALL, &sandbox.capabilities_from);
    sandbox.ambient =
        read_capabilities(settings, section, "AmbientCapabilities", 0, &sandbox.ambient_from);
    read_system_calls(settings, section, &sandbox);
    read_namespaces(settings, section, &sandbox);
    read_families(settings, section, &sandbox);
    const struct gb_ini_entry *entry = value_of(settings, section, "IPAddressDeny");
    sandbox.denies_addresses = entry && names_word(entry->value, "any");
    entry = value_of(settings, section, "DevicePolicy");
    sandbox.device_policy =
        entry && (gb_str_is(entry->value, "closed") || gb_str_is(entry->value, "strict"));
    sandbox.root_directory = value_of(settings, section, "RootDirectory") != NULL ||
                             value_of(settings, section, "RootImage") != NULL;
    entry = value_of(settings, section, "UMask");
    uint64_t umask;
    if (entry && gb_str_to_uint(entry->value, 8, &umask) == GB_OK && umask <= 07777)
        sandbox.umask = (uint32_t)umask;
    apply_implications(&sandbox);
    sandbox.exposure = exposure_of(&sandbox);
    *ret = sandbox;
}
