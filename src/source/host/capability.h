// Linux capabilities by number and name (capabilities(7)): masks of processes and units.
//
//     gb_capability_list(arena, mask)  ["CAP_NET_ADMIN", "CAP_SYS_PTRACE"]
#ifndef GABION_SOURCE_HOST_CAPABILITY_H
#define GABION_SOURCE_HOST_CAPABILITY_H

#include "model/value.h"

enum gb_capability {
    GB_CAP_CHOWN,
    GB_CAP_DAC_OVERRIDE,
    GB_CAP_DAC_READ_SEARCH,
    GB_CAP_FOWNER,
    GB_CAP_FSETID,
    GB_CAP_KILL,
    GB_CAP_SETGID,
    GB_CAP_SETUID,
    GB_CAP_SETPCAP,
    GB_CAP_LINUX_IMMUTABLE,
    GB_CAP_NET_BIND_SERVICE,
    GB_CAP_NET_BROADCAST,
    GB_CAP_NET_ADMIN,
    GB_CAP_NET_RAW,
    GB_CAP_IPC_LOCK,
    GB_CAP_IPC_OWNER,
    GB_CAP_SYS_MODULE,
    GB_CAP_SYS_RAWIO,
    GB_CAP_SYS_CHROOT,
    GB_CAP_SYS_PTRACE,
    GB_CAP_SYS_PACCT,
    GB_CAP_SYS_ADMIN,
    GB_CAP_SYS_BOOT,
    GB_CAP_SYS_NICE,
    GB_CAP_SYS_RESOURCE,
    GB_CAP_SYS_TIME,
    GB_CAP_SYS_TTY_CONFIG,
    GB_CAP_MKNOD,
    GB_CAP_LEASE,
    GB_CAP_AUDIT_WRITE,
    GB_CAP_AUDIT_CONTROL,
    GB_CAP_SETFCAP,
    GB_CAP_MAC_OVERRIDE,
    GB_CAP_MAC_ADMIN,
    GB_CAP_SYSLOG,
    GB_CAP_WAKE_ALARM,
    GB_CAP_BLOCK_SUSPEND,
    GB_CAP_AUDIT_READ,
    GB_CAP_PERFMON,
    GB_CAP_BPF,
    GB_CAP_CHECKPOINT_RESTORE,
    GB_CAPABILITY_COUNT,
};

static inline uint64_t gb_capability_bit(enum gb_capability capability)
{
    return UINT64_C(1) << capability;
}

#define GB_CAPABILITIES_ALL ((UINT64_C(1) << GB_CAPABILITY_COUNT) - 1)

// "CAP_SYS_ADMIN". Static.
struct gb_str gb_capability_name(enum gb_capability capability);
// By name with or without CAP_, in any case. False for a name that is not known.
bool gb_capability_find(struct gb_str name, enum gb_capability *ret);
// Names of the bits that are set, in order of their numbers; bits without a name are left out.
struct gb_value gb_capability_list(struct gb_arena *arena, uint64_t mask);

#endif
