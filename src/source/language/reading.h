// One file while it is being read: what the readers of each language share. Private to
// source/language.
#ifndef GABION_SOURCE_LANGUAGE_READING_H
#define GABION_SOURCE_LANGUAGE_READING_H

#include "base/inflate.h"
#include "source/language/language.h"

struct gb_language_reading {
    struct gb_language_inventory *inventory;
    const struct gb_content_reader *content;
    struct gb_str path; // the caller's, while reading
    struct gb_str kept; // its copy in the inventory's arena, made by the first package
    struct gb_arena *scratch;
    struct gb_error *err;
};

enum { GB_LANGUAGE_TEXT_BYTES = 4 << 20 }; // of a file of metadata

// False for most files that are of no interest, by the last part of the path alone.
bool gb_language_wants_name(struct gb_str name, uint32_t mode, uint64_t size);

// Adds a package; its strings are copied, `path`, `layer` are filled in. An empty name, or one or a
// version that is longer than 1 KiB, becomes a problem. GB_E_MEMORY.
GB_MUST_USE int gb_language_add(struct gb_language_reading *reading,
                                const struct gb_language_package *package);

// Something could not be read: `reason` is a clause; `inside` may be empty.
GB_MUST_USE int gb_language_trouble(struct gb_language_reading *reading, struct gb_str inside,
                                    const char *reason);

// The whole file as text; GB_OK with an empty text and a problem when that is not possible.
GB_MUST_USE int gb_language_text(struct gb_language_reading *reading, struct gb_str *ret);

// One function for each kind of file; malformed content becomes a problem, only exhausted memory is
// an error.
GB_MUST_USE int gb_language_read_program(struct gb_language_reading *reading); // Go, Rust
GB_MUST_USE int gb_language_read_npm(struct gb_language_reading *reading);
GB_MUST_USE int gb_language_read_python(struct gb_language_reading *reading);
GB_MUST_USE int gb_language_read_java(struct gb_language_reading *reading);
GB_MUST_USE int gb_language_read_ruby(struct gb_language_reading *reading);
GB_MUST_USE int gb_language_read_php(struct gb_language_reading *reading);
GB_MUST_USE int gb_language_read_dotnet(struct gb_language_reading *reading);

// Is it an archive of Java, by its name?
bool gb_language_is_java(struct gb_str name);

#endif
