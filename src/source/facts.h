// What the sources share: reading one small file of the kernel, saying why something
// could not be read, and writing a field with its origin.
//
// Wording of reasons (they are grouped and counted in reports): "needs root: PATH" for whatever
// root would solve, "needs a live kernel" below --root, else "PATH: reason".
//
//     struct gb_facts facts = gb_facts(collector, gb_collection_add(all, GB_STR("os"), ...));
//     gb_fact(&facts, "id", gb_fact_at(&facts, gb_fact_text(&facts, id), "/etc/os-release", 3));
#ifndef GABION_SOURCE_FACTS_H
#define GABION_SOURCE_FACTS_H

#include "source/source.h"

struct gb_facts {
    struct gb_collector *collector;
    struct gb_map_value *props; // of the resource, or of a record inside it
};

static inline struct gb_facts gb_facts(struct gb_collector *collector, struct gb_map_value *props)
{
    return (struct gb_facts){collector, props};
}

// A new record (map) to be filled and put as gb_map_of(facts.props) somewhere.
struct gb_facts gb_facts_record(struct gb_collector *collector);

// Puts a field. `name` is a literal. Without memory nothing happens (sticky in the arena).
void gb_fact(struct gb_facts *facts, const char *name, struct gb_value value);

// A string value, copied into the collection's arena and made valid UTF-8.
struct gb_value gb_fact_text(const struct gb_facts *facts, struct gb_str text);

// The value with its origin. `path` is copied when it is new to the collection.
struct gb_value gb_fact_at(const struct gb_facts *facts, struct gb_value value, struct gb_str path,
                           uint32_t line);

// Adds a string to a list of strings.
void gb_fact_add_text(const struct gb_facts *facts, struct gb_list *list, struct gb_str text,
                      struct gb_str path, uint32_t line);

// Why `path` could not be read, from the code of the attempt; in the collection's arena.
struct gb_str gb_unread_reason(struct gb_collector *collector, const char *path, int code);
// The same as a value: unknown, or not applicable where there is no kernel to ask.
struct gb_value gb_unread(struct gb_collector *collector, const char *path, int code);

// The trimmed text of a small file (at most 64 KiB), valid until the scratch arena is reset. The
// file's own memory is in scratch.
GB_MUST_USE int gb_small_file(struct gb_collector *collector, const char *path, struct gb_str *ret);
// As above for a file that holds one number.
GB_MUST_USE int gb_small_number(struct gb_collector *collector, const char *path, int64_t *ret);

// One kind could not be judged because of where the scan runs: below a root directory without a
// kernel, or inside a container whose kernel is the host's. Says so for each of `kinds`
// (NULL-terminated) and returns false; true when the kernel is this machine's own.
bool gb_kernel_is_ours(struct gb_collector *collector, const char *const *kinds);

// Is this the inside of a container? From what the host probe collected.
bool gb_in_container(const struct gb_collection *all);

#endif
