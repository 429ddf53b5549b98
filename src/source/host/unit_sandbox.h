// How much a service could do if it were taken over: the hardening settings of systemd.exec(5) with
// what they imply, and one number between 0 (walled in) and 10 (as free as root). Used by the unit
// probe.
//
// The number is a weighted mean over the settings in the table of unit_sandbox.c: each weight says
// how much an intruder gains while the setting is open, each openness (0..1) how far it is open. It
// is made after the idea of `systemd-analyze security` and orders services much as that does (a
// test holds the two orders against each other), with weights of our own.
#ifndef GABION_SOURCE_HOST_UNIT_SANDBOX_H
#define GABION_SOURCE_HOST_UNIT_SANDBOX_H

#include "source/host/capability.h"
#include "source/host/ini.h"

// Settings with a yes or no.
enum gb_sandbox_switch {
    GB_SANDBOX_NO_NEW_PRIVILEGES,
    GB_SANDBOX_PRIVATE_TMP,
    GB_SANDBOX_PRIVATE_DEVICES,
    GB_SANDBOX_PRIVATE_NETWORK,
    GB_SANDBOX_PRIVATE_USERS,
    GB_SANDBOX_PROTECT_KERNEL_TUNABLES,
    GB_SANDBOX_PROTECT_KERNEL_MODULES,
    GB_SANDBOX_PROTECT_KERNEL_LOGS,
    GB_SANDBOX_PROTECT_CONTROL_GROUPS,
    GB_SANDBOX_PROTECT_CLOCK,
    GB_SANDBOX_PROTECT_HOSTNAME,
    GB_SANDBOX_RESTRICT_REALTIME,
    GB_SANDBOX_RESTRICT_SUID_SGID,
    GB_SANDBOX_LOCK_PERSONALITY,
    GB_SANDBOX_MEMORY_DENY_WRITE_EXECUTE,
    GB_SANDBOX_REMOVE_IPC,
    GB_SANDBOX_SWITCHES,
};

enum gb_filter_form { GB_FILTER_NONE, GB_FILTER_DENY, GB_FILTER_ALLOW };

// A value and the assignment that made it (NULL = the default, or implied by another setting).
struct gb_sandbox_word {
    const char *word;
    const struct gb_ini_entry *from;
};

struct gb_sandbox {
    struct {
        bool on;
        const struct gb_ini_entry *from;
    } switches[GB_SANDBOX_SWITCHES];
    struct gb_sandbox_word protect_system; // no yes full strict
    struct gb_sandbox_word protect_home;   // no read-only tmpfs yes
    struct gb_sandbox_word protect_proc;   // default noaccess ptraceable invisible
    enum gb_filter_form system_calls;      // and whether the dangerous groups are out:
    bool no_privileged_calls, no_resource_calls;
    const struct gb_ini_entry *system_calls_from;
    bool native_calls_only;                     // SystemCallArchitectures is set
    unsigned namespaces;                        // kinds of namespaces that it may make, of 7
    bool inet, packet, netlink, other_families; // address families that it may use
    bool any_family;                            // no restriction at all
    uint64_t capabilities, ambient; // masks; bounding set after what other settings take away
    const struct gb_ini_entry *capabilities_from, *ambient_from;
    bool denies_addresses; // IPAddressDeny=any
    bool device_policy;    // closed or strict
    bool root_directory;
    uint32_t umask;
    bool root_user, dynamic_user; // root_user: User is not set, or root
    struct gb_str user, group;    // "" = not set
    const struct gb_ini_entry *user_from;
    double exposure; // 0.0 .. 10.0, one decimal
};

// Of a unit's merged settings, section [Service] (or Socket, Mount, Swap: `section`).
void gb_sandbox_read(const struct gb_ini *settings, const char *section, struct gb_sandbox *ret);

// Field and setting name of a switch: "private_tmp", "PrivateTmp".
const char *gb_sandbox_field(enum gb_sandbox_switch which);
const char *gb_sandbox_setting(enum gb_sandbox_switch which);

#endif
