// What files of a host are given to others over the network: readers of /etc/exports (exports(5)),
// smb.conf(5), rsyncd.conf(5) and snmpd.conf(5). Used by the share probe.
//
// Ownership: everything is in the arena or points into the text. Errors: exhausted memory only.
#ifndef GABION_SOURCE_HOST_SHARE_CONFIG_H
#define GABION_SOURCE_HOST_SHARE_CONFIG_H

#include "base/str.h"

struct gb_share {
    struct gb_str name, path, clients; // clients "" = everybody
    const char *program;               // "nfs", "samba", "rsync"
    bool everybody, writable, authenticated;
    bool root_squash, has_root_squash;
    uint32_t line;
};

struct gb_smb_settings {
    struct gb_str minimum_protocol, signing; // "" = the default
    uint32_t minimum_protocol_line, signing_line;
    struct gb_str includes[16];
    size_t include_count;
};

struct gb_community {
    bool writes, well_known;
    struct gb_str source; // "" = everybody
    struct gb_str keyword;
    uint32_t line;
};

struct gb_share_config {
    struct gb_arena *arena;
    struct gb_share *shares;
    size_t count, capacity;
    struct gb_smb_settings smb;
    struct gb_community *communities;
    size_t community_count, community_capacity;
};

GB_MUST_USE int gb_share_read_exports(struct gb_share_config *config, struct gb_str text);
GB_MUST_USE int gb_share_read_samba(struct gb_share_config *config, struct gb_str text);
GB_MUST_USE int gb_share_read_rsync(struct gb_share_config *config, struct gb_str text);
GB_MUST_USE int gb_share_read_snmp(struct gb_share_config *config, struct gb_str text);

#endif
