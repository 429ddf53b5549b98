// What is known about files by their paths and names: which programs packages ship with privilege,
// which must never have it, which names promise secrets, which places hold the files of containers.
// Pure functions, used by file_visit.c and file_walk.c.
#ifndef GABION_SOURCE_HOST_FILE_RULES_H
#define GABION_SOURCE_HOST_FILE_RULES_H

#include "base/str.h"

// Does Debian or Ubuntu ship the program with setuid or setgid? `path` with /usr in front of bin,
// sbin and lib.
bool gb_file_ships_privileged(struct gb_str path);
// Does Debian or Ubuntu give this program file capabilities?
bool gb_file_ships_capabilities(struct gb_str path);

// Would any user who may start it with the rights of its owner get a shell, or read and write any
// file (shells, interpreters, editors, copy and archive programs, debuggers)?
bool gb_file_gives_shell(struct gb_str name);

// The rank of a place for what lies in it.
enum gb_file_place {
    GB_PLACE_OTHER,
    GB_PLACE_COMMANDS,  // in the default search path: /usr/bin, /usr/sbin ...
    GB_PLACE_SYSTEM,    // /etc, /usr, /boot, /opt, /root, /lib ...
    GB_PLACE_TEMPORARY, // /tmp, /var/tmp, /dev/shm
    GB_PLACE_DEVICES,   // /dev
};
// Of a directory, by its path.
enum gb_file_place gb_file_place_of(struct gb_str dir);

// Layers and root file systems of containers and machines: other systems, judged by themselves.
bool gb_file_is_container_store(struct gb_str dir);

// Words for what a name promises to hold, "" for nothing:
// "private key", "key store", "password file", "cloud credentials", "environment file" ...
const char *gb_file_secret_of_name(struct gb_str name);
// The secret is in every file of that name; otherwise the content has to be looked at.
bool gb_file_secret_is_certain(const char *what);
// Does the beginning of such a file hold a secret in the clear?
bool gb_file_secret_in_content(const char *what, struct gb_str content);

// A directory that holds samples: tests, examples, documentation, dependencies of programs.
bool gb_file_is_sample_path(struct gb_str path);

// Why a name is odd, "" for ordinary ones: "only dots", "only blanks", "control character", ...
const char *gb_file_odd_name(struct gb_str name);

// Device nodes that any program may have: null, zero, full, random, urandom, tty.
bool gb_file_is_harmless_device(uint64_t device);

#endif
