// TOML 1.0 (toml.io), read into a flat list of assignments with their full paths and lines: what
// programs of the container world and CI runners keep their configuration in.
//
//     struct gb_toml toml;
//     if (gb_toml_read(text, "/etc/containers/containers.conf", arena, &toml, err) < 0) ...
//     const struct gb_toml_entry *runtime = gb_toml_get(&toml, GB_TOML_PATH("engine", "runtime"));
//
// * A table that is opened in several places is one: paths are what counts. An element of an array
//   of tables has its number in the path: [[registry]] makes "registry", "0"; "registry", "1".
// * Values are nodes (base/node.h): string, bool, int, double, list. Dates and times stay strings,
// as
//   written. Inline tables are taken apart into assignments; inside lists they are map nodes.
// * A key that is assigned twice, which TOML forbids, is kept twice; gb_toml_get gives the last.
// * Limits: the text 4 MiB, 100,000 assignments, lists and inline tables 16 deep.
//
// Everything is in the arena or points into the text, which must outlive it.
#ifndef GABION_BASE_TOML_H
#define GABION_BASE_TOML_H

#include "base/node.h"

enum { GB_TOML_MAX_DEPTH = 24 }; // parts of a path

struct gb_toml_path {
    struct gb_str parts[GB_TOML_MAX_DEPTH];
    size_t count;
};

struct gb_toml_entry {
    const struct gb_str *parts; // count of them
    size_t count;
    struct gb_node value;
    uint32_t line;
};

struct gb_toml {
    struct gb_arena *arena;
    struct gb_toml_entry *entries; // in order of the text
    size_t count, capacity;
};

// GB_E_SYNTAX and GB_E_LIMIT with file, line and column; GB_E_MEMORY.
GB_MUST_USE int gb_toml_read(struct gb_str text, const char *file, struct gb_arena *arena,
                             struct gb_toml *ret, struct gb_error *err);

// The last assignment to exactly this path; NULL when there is none. The list ends with NULL.
const struct gb_toml_entry *gb_toml_get(const struct gb_toml *toml, const char *const *path);
#define GB_TOML_PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

// Its value where it is of that kind; else `otherwise`.
struct gb_str gb_toml_string(const struct gb_toml_entry *entry, struct gb_str otherwise);
bool gb_toml_bool(const struct gb_toml_entry *entry, bool otherwise);

#endif
