// rsyslog's configuration as far as it decides where messages go, where they come from, and with
// which mode files are made: the old directives ($FileCreateMode), selector lines, and the objects
// of RainerScript (module, input, action, include, global). After rsyslog's own manual.
//
// Used by rsyslog.c and the fuzz target. Everything lives in the arena.
#ifndef GABION_SOURCE_HOST_RSYSLOG_CONFIG_H
#define GABION_SOURCE_HOST_RSYSLOG_CONFIG_H

#include "base/arena.h"
#include "base/str.h"

struct gb_rsyslog_output {
    struct gb_str path; // of a file
    struct gb_str mode; // octal text that new files get; "" = rsyslog's default 0644
    struct gb_str where;
    uint32_t line;
};

struct gb_rsyslog_remote {
    struct gb_str host, port, protocol; // udp tcp relp
    bool tls, verified;                 // verified: the server's certificate is checked by name
    struct gb_str where;
    uint32_t line;
};

struct gb_rsyslog_input {
    struct gb_str protocol, port, address; // address "" = all
    bool tls;
    struct gb_str where;
    uint32_t line;
};

struct gb_rsyslog_setting {
    struct gb_str value, where;
    uint32_t line; // 0 = not set
};

struct gb_rsyslog {
    struct gb_arena *arena;
    struct gb_rsyslog_output *outputs;
    size_t output_count, output_capacity;
    struct gb_rsyslog_remote *remotes;
    size_t remote_count, remote_capacity;
    struct gb_rsyslog_input *inputs;
    size_t input_count, input_capacity;
    struct gb_rsyslog_setting create_mode, dir_create_mode, umask, file_owner, file_group;
    struct gb_rsyslog_setting driver, driver_mode, driver_auth; // as they stand where the text is
    struct gb_rsyslog_setting input_address;
    uint32_t malformed;
    // Called for $IncludeConfig and include(): the reader parses the files into this same struct.
    int (*include)(void *context, struct gb_rsyslog *config, struct gb_str pattern);
    void *include_context;
};

// Adds what a text says. Only exhausted memory is an error (and what `include` returns).
GB_MUST_USE int gb_rsyslog_parse(struct gb_rsyslog *config, struct gb_str text,
                                 struct gb_str where);

#endif
