// Configuration files. Every option of a command is a key: scan: {fail_on: high}; options of all
// commands stand under `all`. Read in this order, later ones win:
//
//     /etc/gabion/gabion.yaml, /etc/gabion/conf.d/*.yaml (by name)
//     ~/.config/gabion/config.yaml
//     ./.gabion.yaml
//
// Unknown keys are refused with the nearest known one. --config FILE reads that file only.
#ifndef GABION_CLI_CONFIG_H
#define GABION_CLI_CONFIG_H

#include "cli/command.h"

struct gb_config_entry {
    struct gb_str command; // "scan", "all"
    struct gb_str option;  // "fail-on"
    struct gb_str *values; // as text
    size_t value_count;
    struct gb_str file;
    uint32_t line;
};

struct gb_config {
    struct gb_config_entry *entries; // the winning ones, in order of first mention
    size_t count, capacity;
    struct gb_str *files; // that were read
    size_t file_count;
    struct gb_arena *arena;
};

// `only`: NULL for the usual files, else this one (which must exist). `host` reads them.
struct gb_host;
GB_MUST_USE int gb_config_load(const struct gb_host *host, const char *only, struct gb_arena *arena,
                               struct gb_config **ret, struct gb_error *err);

// Values of a command's option (or of `all`); 0 when it is not configured. NULL config: 0.
size_t gb_config_values(const struct gb_config *config, const char *command, const char *option,
                        struct gb_str **ret);

#endif
