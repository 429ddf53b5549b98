// Which OpenSSH server there is, and with what options it is started: the program and its version,
// running servers, the unit and the environment file. Part of the sshd source.
#ifndef GABION_SOURCE_HOST_SSHD_SERVER_H
#define GABION_SOURCE_HOST_SSHD_SERVER_H

#include "source/facts.h"
#include "source/host/sshd_config.h"

struct gb_sshd_server {
    struct gb_str program; // "" when only the package data base knows of it
    struct gb_str version; // "9.2p1 Debian-2+deb12u10"
    unsigned number;       // 902
    struct gb_str config_file;
    struct gb_str *words; // options, without the program
    struct gb_str where;  // what the options come from
    uint32_t line;
    size_t word_count;
    bool ports_given;      // -p: Port in the file does not count
    struct gb_str *others; // further running servers with a file of their own: "pid 812: /x"
    size_t other_count;
};

// False when no server is installed. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_sshd_server_find(struct gb_collector *collector, bool *found,
                                    struct gb_sshd_server *ret);

// Adds the options as directives before the file's.
GB_MUST_USE int gb_sshd_server_options(struct gb_sshd_server *server,
                                       struct gb_sshd_config *config);

// What a server calls itself while it listens ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100
// startups"), or its plain arguments, as words without the program. False when it is none that
// listens (a session).
bool gb_sshd_listener_words(struct gb_arena *arena, struct gb_str command_line, struct gb_str **ret,
                            size_t *ret_count);

#endif
