// Metadata in JSON, for the readers of npm, PHP, .NET and Rust. Private to source/language.
//
//     int code = gb_language_json(reading, &json);           1: there is a text
//     code = gb_language_json_end(reading, fields(&json));    what went wrong becomes a problem
#ifndef GABION_SOURCE_LANGUAGE_JSON_TEXT_H
#define GABION_SOURCE_LANGUAGE_JSON_TEXT_H

#include "base/json.h"
#include "source/language/reading.h"

// Opens the whole file as JSON: 1; 0 when there is nothing to read (which was said, or the file is
// empty); a negative code.
GB_MUST_USE int gb_language_json(struct gb_language_reading *reading, struct gb_json_reader *ret);

// From what a function over the JSON returned to what the reader returns.
GB_MUST_USE int gb_language_json_end(struct gb_language_reading *reading, int code);

// The value that comes next, where it is a string; another one is skipped and *into stays.
GB_MUST_USE int gb_language_json_string(struct gb_json_reader *json, struct gb_str *into);

// The value that comes next: 1 when it is an object (list), which is then inside; others are
// skipped, 0.
GB_MUST_USE int gb_language_json_object(struct gb_json_reader *json);
GB_MUST_USE int gb_language_json_list(struct gb_json_reader *json);

// The next key of the object that the reader is in: 1 with json->string; 0 at its end.
GB_MUST_USE int gb_language_json_key(struct gb_json_reader *json);

#endif
