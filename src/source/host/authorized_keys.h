// Reads authorized_keys as sshd does: options, key, comment, line by line. Used by the source of
// SSH keys and the fuzz target.
//
// Format: sshd(8), section AUTHORIZED_KEYS FILE FORMAT. Options that sshd does not know make it
// refuse the line: it is not valid then.
#ifndef GABION_SOURCE_HOST_AUTHORIZED_KEYS_H
#define GABION_SOURCE_HOST_AUTHORIZED_KEYS_H

#include "source/host/ssh_key.h"

struct gb_authorized_key {
    uint32_t line;
    struct gb_str problem; // why sshd refuses the line; "" = it does not
    struct gb_ssh_key key; // when there is no problem
    struct gb_str comment;
    struct gb_str *options; // names, lower case, in order
    size_t option_count;
    struct gb_str from;       // patterns of hosts; "" = from everywhere
    struct gb_str principals; // of an authority
    struct gb_str expires;    // YYYYMMDD[HHMM[SS]][Z]; "" = never
    struct gb_str tunnel;
    bool forced_command, authority, environment;
    // What a session may do.
    bool pty, port_forwarding, agent_forwarding, x11_forwarding, user_rc;
};

struct gb_authorized_keys {
    struct gb_authorized_key *items; // in order of the lines; comments and empty lines left out
    size_t count, capacity;
    bool truncated; // more lines than are read
};

// GB_E_MEMORY is the only error. `text` must live as long as the arena.
GB_MUST_USE int gb_authorized_keys_parse(struct gb_arena *arena, struct gb_str text,
                                         struct gb_authorized_keys *ret);

#endif
