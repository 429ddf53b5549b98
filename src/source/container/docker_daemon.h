// Settings of Docker's daemon from all places that it takes them from: daemon.json, the command
// line of its unit, the command line of the running process. Used by the engine and container
// probes. Format: dockerd(8), "Daemon configuration file".
//
// Every setting is an entry with the name that daemon.json has for it ("hosts", "userns-remap",
// "log-opts.max-size"); lists make one entry for each element.
#ifndef GABION_SOURCE_CONTAINER_DOCKER_DAEMON_H
#define GABION_SOURCE_CONTAINER_DOCKER_DAEMON_H

#include "source/source.h"

struct gb_docker_setting {
    struct gb_str name, value; // numbers and truth as text: "true"
    struct gb_str file;        // "/etc/docker/daemon.json", a unit file, or "/proc/812/cmdline"
    uint32_t line;
};

struct gb_docker_daemon {
    struct gb_arena *arena;
    struct gb_docker_setting *settings;
    size_t count, capacity;
    struct gb_str program; // "" = the daemon is not installed
    bool has_file;         // /etc/docker/daemon.json exists
    struct gb_str problem; // why it could not be read or understood; "" = it could
    bool running, rootless;
};

// GB_E_MEMORY is the only error. Everything is in `arena`.
GB_MUST_USE int gb_docker_daemon_load(struct gb_collector *collector, struct gb_arena *arena,
                                      struct gb_docker_daemon *ret);

// Adds what daemon.json says. GB_E_SYNTAX with the place; GB_E_MEMORY.
GB_MUST_USE int gb_docker_daemon_parse(struct gb_docker_daemon *daemon, struct gb_str text,
                                       struct gb_str file, struct gb_error *err);
// Adds the options of one command line, given word by word: call it with each word; *pending (NULL
// at first) is the option that waits for its value.
GB_MUST_USE int gb_docker_daemon_word(struct gb_docker_daemon *daemon, struct gb_str word,
                                      const char **pending, struct gb_str file, uint32_t line);

// The last entry of that name, NULL when there is none.
const struct gb_docker_setting *gb_docker_get(const struct gb_docker_daemon *daemon,
                                              const char *name);
// As a truth value.
bool gb_docker_truth(const struct gb_docker_daemon *daemon, const char *name, bool otherwise);

#endif
