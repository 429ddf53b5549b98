// Objects and lists of known shape, read straight from the pull reader: a table says what happens
// with which key. Used by importers of large data, where trees would cost too much.
//
//     static const struct gb_json_field fields[] = {
//         {GB_STR_INIT("name"), .text = offsetof(struct package, name)},
//         {GB_STR_INIT("ranges"), read_ranges, 0},
//     };
//     code = gb_json_fields(&reader, gb_json_next(&reader, err), fields, 2, &package, err);
//
// Keys that are not in the table are skipped, checked but not decoded. A known key that comes twice
// is an error (GB_E_SYNTAX): readers disagree on what it means. null stands for "not there"
// everywhere. All errors name line and column.
#ifndef GABION_BASE_JSON_FIELDS_H
#define GABION_BASE_JSON_FIELDS_H

#include "base/json.h"

// Reads the value whose first event is `event`, which may be an error's code: that is returned.
typedef int gb_json_read(struct gb_json_reader *reader, int event, void *into,
                         struct gb_error *err);

enum { GB_JSON_FIELDS_MAX = 64 };

struct gb_json_field {
    struct gb_str name;
    gb_json_read *read; // NULL: a string, kept in the gb_str at offset `text` of `into`
    size_t text;
};

// An object (or null).
GB_MUST_USE int gb_json_fields(struct gb_json_reader *reader, int event,
                               const struct gb_json_field *fields, size_t count, void *into,
                               struct gb_error *err);
// A list (or null): `read` for each item.
GB_MUST_USE int gb_json_items(struct gb_json_reader *reader, int event, gb_json_read *read,
                              void *into, struct gb_error *err);
// A string; null gives an empty one.
GB_MUST_USE int gb_json_take_string(struct gb_json_reader *reader, int event, struct gb_str *ret,
                                    struct gb_error *err);
// true or false; null gives false.
GB_MUST_USE int gb_json_take_bool(struct gb_json_reader *reader, int event, bool *ret,
                                  struct gb_error *err);
// The rest of the value whose first event was `event`.
GB_MUST_USE int gb_json_skip_rest(struct gb_json_reader *reader, int event, struct gb_error *err);
// GB_E_TYPE at the last event's place: "expected a list, found a string".
int gb_json_wrong_type(const struct gb_json_reader *reader, int event, const char *expected,
                       struct gb_error *err);

#endif
