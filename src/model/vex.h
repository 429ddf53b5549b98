// VEX: what somebody states about a flaw in a product: not affected, fixed, affected, looked into.
// Read by source/feed/vex.h from OpenVEX and CSAF documents (`--vex FILE`), held against matches.
//
//     const struct gb_vex_statement *said =
//         gb_vex_find(&vex, ids, id_count, &purl_of_package, GB_STR("rhel-9"), NULL);
//     if (said && said->status == GB_VEX_NOT_AFFECTED) ... said->justification, said->document
//
// Of several statements about one thing the latest counts; of the same time, the one that comes
// later in the documents.
#ifndef GABION_MODEL_VEX_H
#define GABION_MODEL_VEX_H

#include "base/map.h"
#include "model/purl.h"

enum gb_vex_status {
    GB_VEX_NOT_AFFECTED,
    GB_VEX_AFFECTED,
    GB_VEX_FIXED,
    GB_VEX_UNDER_INVESTIGATION,
};

// What a statement is about: a package, or a package inside of a product (an image).
struct gb_vex_product {
    struct gb_purl purl;
    struct gb_str text;  // the purl as written
    struct gb_purl *sub; // count of them: packages inside; none = the product itself
    size_t sub_count;
    struct gb_str scope; // only on this release ("rhel-9"); "" = not said
};

struct gb_vex_statement {
    const struct gb_str *ids; // the flaw and its aliases
    size_t id_count;
    const struct gb_vex_product *products;
    size_t product_count;
    enum gb_vex_status status;
    struct gb_str justification; // "vulnerable_code_not_present"; "" = none
    struct gb_str text;          // impact or action, in the author's words
    int64_t at;                  // seconds since 1970 UTC; 0 = not stated
    struct gb_str document;      // id or file, for messages
    struct gb_str author;
};

struct gb_vex {
    struct gb_arena *arena;
    struct gb_vex_statement *statements;
    size_t count, capacity;
    struct gb_map by_id; // id -> chain of statements; private
};

const char *gb_vex_status_name(enum gb_vex_status status); // "not_affected", ...
// GB_E_TYPE for other words.
GB_MUST_USE int gb_vex_status_parse(struct gb_str word, enum gb_vex_status *ret);

// Keeps a statement, whose strings must live as long as `vex` (zeroed before, with its arena).
GB_MUST_USE int gb_vex_add(struct gb_vex *vex, const struct gb_vex_statement *statement,
                           struct gb_error *err);

// The statement that counts for a flaw (any of its ids) in a package, or NULL. `scope` is the
// release that the package is of, `target` the product that it was found in (an image), or NULL.
const struct gb_vex_statement *gb_vex_find(const struct gb_vex *vex, const struct gb_str *ids,
                                           size_t id_count, const struct gb_purl *package,
                                           struct gb_str scope, const struct gb_purl *target);

// Does a package URL of a statement mean this package? Type, namespace and name are equal; a
// version and the qualifiers that tell packages apart (arch, distro, epoch, rpmmod ...) must be
// equal where the statement has them. A statement about arch=source means all packages that are
// built from it, as the qualifier `upstream` tells.
bool gb_vex_covers(const struct gb_purl *stated, const struct gb_purl *package);

#endif
