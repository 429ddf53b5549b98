// Values as JSON and from documents: the one JSON form of facts outside of the process.
//
//     null, bool, int, uint, double, string, list      as JSON has them (a double always with point
//                                                      or exponent; NaN and infinities are null)
//     bytes                                            base64, standard alphabet, padded
//     timestamp                                        RFC 3339, "2026-11-01T00:00:00Z"
//     duration                                         seconds, "3723.5s"
//     map                                              object; keys that are no strings as their
//     text unknown                                          {"unknown": reason} not applicable
//     {"not_applicable": reason}
//
// Reading needs the type (a kind's record) to tell a timestamp from a string. Without one
// (gb_type_dyn) all but the last two come back as what JSON can say.
#ifndef GABION_MODEL_VALUE_JSON_H
#define GABION_MODEL_VALUE_JSON_H

#include "base/json.h"
#include "base/node.h"
#include "model/type.h"
#include "model/value.h"

// Values that only the expression engine has (errors, types, optionals) are written as null.
// Nesting beyond 64 levels makes the buffer fail.
void gb_value_write_json(struct gb_json_writer *w, const struct gb_value *value);

// A document node as a value of a type. An int fits uint and double, a string fits timestamp,
// duration and bytes where it can be read as one; {unknown: reason} and {not_applicable: reason}
// fit every type. Fields of records must exist; fields that are left out stay absent, also
// mandatory ones (gb_kind_check is for those), so that examples name only what matters. Values of
// closed sets are checked. Strings are not copied: the document must outlive the value. Errors have
// line and column, a reason with the path ("match_blocks[0].user: expected string, found a list"),
// and no subject.
GB_MUST_USE int gb_value_from_node(const struct gb_node *node, const struct gb_type *type,
                                   struct gb_arena *arena, struct gb_value *ret,
                                   struct gb_error *err);

// A JSON text as a value, by way of a tree.
GB_MUST_USE int gb_value_read_json(struct gb_str text, const struct gb_type *type,
                                   struct gb_arena *arena, struct gb_value *ret,
                                   struct gb_error *err);

#endif
