// What one assessment knows of its target: resources, relations between them, where each fact came
// from, and which facts could not be had. Sources fill it (source/source.h), areas read it.
//
// Three answers to "what resources of this kind are there?":
//   some                     the resources
//   none, with a reason      gb_collection_absent: "no OpenSSH server is installed": controls over
//                            the kind are not applicable, never passed
//   not known, with a reason gb_collection_gap: "needs root to read the ruleset": controls over the
//                            kind are unknown, and coverage counts them
#ifndef GABION_MODEL_COLLECTION_H
#define GABION_MODEL_COLLECTION_H

#include "base/map.h"
#include "model/value.h"

struct gb_origin {
    struct gb_str where; // "/etc/ssh/sshd_config", "netlink:nftables", "sysctl:net.ipv4.ip_forward"
    uint32_t line;       // 1-based; 0 = the whole
};

struct gb_resource {
    struct gb_str
        id; // unique in the collection: "<kind>:<name>", "host" things without a name: kind
    struct gb_str kind, name;
    struct gb_str provider; // "host"
    struct gb_str scope;    // where it lives: the host's id
    struct gb_map_value *props;
    int64_t collected_at; // seconds since 1970 UTC
};

struct gb_relation {
    struct gb_str from, to; // resource ids
    struct gb_str type;     // runs_on contains exposes can_login_as trusts reads ...
};

enum gb_presence {
    GB_PRESENT,    // there are resources (or, for a list kind, there may be: the list is complete)
    GB_ABSENT,     // complete, and there is nothing: reason says why
    GB_NOT_KNOWN,  // could not be read: reason
    GB_NO_SUBJECT, // cannot exist for this target (no live kernel below --root): reason
    GB_NOT_COLLECTED, // no source ran for it (left out by an option): reason
};

// What is known of one kind.
struct gb_kind_state {
    struct gb_str kind;
    enum gb_presence presence;
    struct gb_str reason;
    struct gb_resource **resources;
    size_t count, capacity;
};

struct gb_collection {
    struct gb_arena *arena;
    struct gb_str host; // name of the host, scope of its resources
    int64_t collected_at;
    struct gb_resource **resources; // in order of addition
    size_t resource_count, resource_capacity;
    struct gb_relation *relations;
    size_t relation_count, relation_capacity;
    struct gb_origin *origins; // index 0 is "none"
    size_t origin_count, origin_capacity;
    struct gb_map states;       // kind -> struct gb_kind_state
    struct gb_map by_id;        // resource id -> struct gb_resource
    struct gb_map origin_index; // where -> its newest origin number
    struct gb_str *notes;       // what a reader of the report should know: skipped, truncated ...
    size_t note_count, note_capacity;
};

// Everything is copied into or kept in `arena`. NULL when out of memory.
struct gb_collection *gb_collection_new(struct gb_arena *arena, int64_t collected_at);

// Adds a resource of `kind` and returns its (empty) properties; put fields with gb_map_put. An
// empty `name` makes the id equal to the kind (for kinds of which there is one). Strings are not
// copied. A second resource with the same id gets "#2", "#3" ... behind its id. NULL on memory
// failure, which is sticky in the arena.
struct gb_map_value *gb_collection_add(struct gb_collection *all, struct gb_str kind,
                                       struct gb_str name);

// The kind is complete and empty. The reason is a clause: "no OpenSSH server is installed".
void gb_collection_absent(struct gb_collection *all, struct gb_str kind, struct gb_str reason);
// The kind is complete; there may be no resources, and that is an answer (a list kind).
void gb_collection_complete(struct gb_collection *all, struct gb_str kind);
// The kind, or part of it, could not be read. Overrides the two above.
void gb_collection_gap(struct gb_collection *all, struct gb_str kind, struct gb_str reason);
// The kind cannot exist for this target: "needs a live kernel".
void gb_collection_no_subject(struct gb_collection *all, struct gb_str kind, struct gb_str reason);
// For the reader of the report; one sentence.
void gb_collection_note(struct gb_collection *all, struct gb_str note);

void gb_collection_relate(struct gb_collection *all, struct gb_str from, struct gb_str type,
                          struct gb_str to);

// A number for "this file, this line", to mark values with (gb_at). `where` must live as long as
// the collection.
uint32_t gb_collection_origin(struct gb_collection *all, struct gb_str where, uint32_t line);
// NULL for 0.
const struct gb_origin *gb_collection_origin_of(const struct gb_collection *all, uint32_t origin);

// Never NULL: a kind that no source spoke of is GB_NOT_COLLECTED.
const struct gb_kind_state *gb_collection_kind(const struct gb_collection *all, struct gb_str kind);
const struct gb_resource *gb_collection_find(const struct gb_collection *all, struct gb_str id);

#endif
