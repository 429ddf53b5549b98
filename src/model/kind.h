// Kinds of resources, as content/kinds/*.yaml describes them: fields with type, doc, sensitivity.
// Expressions are type-checked against them when loaded, collected facts are validated against them
// in debug builds, and the reference manual is generated from them.
//
//     kind: sshd                      # [a-z][a-z0-9_]*, unique
//     title: OpenSSH server, effective configuration
//     provider: host
//     many: false                     # true: any number of resources; needs `plural`
//     plural: sshds                   # the list's name in expressions of other kinds
//     doc: ...
//     fields:
//       permit_root_login:
//         type: string                # bool int uint double string bytes timestamp duration any
//         values: [...]               # optional: closed set
//         optional: true              # may be absent; default false
//         sensitivity: internal       # public internal personal secret; default internal
//         doc: ...                    # mandatory
//       match_blocks: {type: list(match_block), doc: ...}   # list(T), map(string, T)
//     records:                        # nested record types, local to the kind
//       match_block:
//         fields: {...}
//
// A closed set of a list or map is that of its elements. Names of kinds and plurals are variables
// in expressions: words that CEL reserves (package, type, now ...) are refused.
#ifndef GABION_MODEL_KIND_H
#define GABION_MODEL_KIND_H

#include "base/node.h"
#include "model/collection.h"
#include "model/type.h"

struct gb_kind {
    struct gb_str name, title, plural, provider, doc;
    bool many;
    const struct gb_record *record;
    const struct gb_type *type; // of one resource: the record
    struct gb_str file;         // where it is described
    uint32_t line;
};

struct gb_kinds {
    struct gb_arena *arena;
    struct gb_kind **items;
    size_t count, capacity;
    struct gb_map by_name, by_plural; // -> struct gb_kind
};

// Reads one kind document and adds it, or nothing on error. Errors name file, line, column, what
// was expected and the nearest known name. `document` and `file` must outlive the kinds.
GB_MUST_USE int gb_kinds_add(struct gb_kinds *kinds, const struct gb_node *document,
                             struct gb_str file, struct gb_error *err);

static inline struct gb_kinds gb_kinds(struct gb_arena *arena)
{
    return (struct gb_kinds){.arena = arena, .by_name = gb_map(arena), .by_plural = gb_map(arena)};
}

const struct gb_kind *gb_kinds_find(const struct gb_kinds *kinds, struct gb_str name);

// Holds a value against a type: wrong types, unknown fields, missing mandatory fields, values
// outside a closed set. Unknown and not-applicable values fit every type. The error's reason names
// the path: "users[3].uid: expected int, found string".
GB_MUST_USE int gb_kind_check(const struct gb_value *value, const struct gb_type *type,
                              struct gb_error *err);

// Every resource of the collection against its kind, and every kind that the collection speaks of
// against the descriptions; the first violation is the error, with the resource's id as subject.
GB_MUST_USE int gb_kinds_check(const struct gb_kinds *kinds, const struct gb_collection *all,
                               struct gb_error *err);

#endif
