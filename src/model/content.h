// Content documents (kinds, controls): YAML that people write, as trees that know their places,
// from two sources that give the same form:
//   packed   the program's own content, which the build checked and packed into one JSON document
//   YAML     a user's file
// The packed form keeps every line and column, so that an error in an expression of the program's
// own content names its place in the YAML file too.
//
// Packed format, written by gb_content_pack and read by this module only:
//     {"files":[{"path":"content/kinds/sshd.yaml","documents":[{...}],"places":["..."]}]}
// places[i] belongs to documents[i]: for each node in the order of the text (in a map: each key,
// then its value) two numbers: lines down from the one before, times four, plus style (0 other, 1
// quoted, 2 block scalar); column. A block scalar adds the column of its text. A number is base 32,
// lowest digits first, in the alphabet A-Z a-z 0-9 - _ (the upper 32 mean that more follows).
#ifndef GABION_MODEL_CONTENT_H
#define GABION_MODEL_CONTENT_H

#include "base/buffer.h"
#include "base/node.h"

struct gb_content_document {
    struct gb_str path; // "content/kinds/sshd.yaml", or the user's file
    struct gb_node node;
};

// The documents of packed content, in order of path and place. Strings point into `packed` where
// they can, which must outlive them; the array and all else is in the arena.
GB_MUST_USE int gb_content_load(struct gb_str packed, struct gb_arena *arena,
                                struct gb_content_document **ret, size_t *ret_count,
                                struct gb_error *err);

// The documents of a YAML text; empty ones are left out. `path` must outlive them. Appends nothing:
// *ret is a new array in the arena.
GB_MUST_USE int gb_content_load_yaml(struct gb_str text, const char *path, struct gb_arena *arena,
                                     struct gb_content_document **ret, size_t *ret_count,
                                     struct gb_error *err);

// Writes the packed form; documents of one path stand beside each other. GB_E_RANGE for what JSON
// cannot hold (NaN, infinities), with its place.
GB_MUST_USE int gb_content_pack(const struct gb_content_document *documents, size_t count,
                                struct gb_buffer *out, struct gb_error *err);

#endif
