// Packages of languages where they are installed: Go and Rust programs, npm, Python, Java, Ruby,
// PHP, .NET. One reader for the file system walk, for image layers and for root directories: the
// caller offers each file by its path, and hands over the content of those that are wanted.
//
//     switch (gb_language_wants(path, mode, size)) ...
//     gb_language_read(inventory, path, &content, &err);     // adds what it finds
//
// Nothing of the content is kept. Limits: size of metadata files, entries and depth of archives,
// bytes unpacked; what exceeds them is counted and named, never silently left out.
#ifndef GABION_SOURCE_LANGUAGE_LANGUAGE_H
#define GABION_SOURCE_LANGUAGE_LANGUAGE_H

#include "base/content_reader.h"

enum gb_language_interest {
    GB_LANGUAGE_IGNORE,
    GB_LANGUAGE_SNIFF, // only when its first four bytes are those of an ELF program
    GB_LANGUAGE_READ,
};

// By path (absolute), permission bits and size alone.
enum gb_language_interest gb_language_wants(struct gb_str path, uint32_t mode, uint64_t size);

struct gb_language_package {
    struct gb_str ecosystem; // OSV's name: Go npm PyPI Maven RubyGems Packagist crates.io NuGet
    struct gb_str name;      // as the ecosystem spells it; Maven: "group:artifact"
    struct gb_str version;   // as found; "" = not stated
    struct gb_str path;      // the file that says so
    struct gb_str inside;    // path inside (nested) archives, parts joined by "!/"; "" = none
    bool main_module;        // Go, Rust: the program itself
    bool standard_library;   // Go: stdlib and toolchain, by the toolchain's version
    bool development;        // only needed to build or develop, where the metadata says so
    struct gb_str system, architecture; // Go: GOOS, GOARCH of the build; "" = unknown
    uint32_t layer;                     // of an image, 0-based; UINT32_MAX = no image
};

struct gb_language_problem {
    struct gb_str path, reason; // "more than 10 archives deep"
};

struct gb_language_inventory {
    struct gb_arena *arena;
    struct gb_language_package *items;
    size_t count, capacity;
    struct gb_language_problem *problems;
    size_t problem_count, problem_capacity;
    uint32_t layer; // that new packages get
};

// Adds what the file says. Malformed metadata is a problem of the inventory, not an error; only
// exhausted memory is. `path` is copied.
GB_MUST_USE int gb_language_read(struct gb_language_inventory *inventory, struct gb_str path,
                                 const struct gb_content_reader *content, struct gb_error *err);

// The functions that are in a Go program, to tell whether a vulnerable symbol was linked at all.
// `wanted` are "import/path.Symbol" ("import/path.Type.Method") or "import/path.*"; true in *ret as
// soon as one of them is there. Functions that were inlined everywhere count as there, as far as an
// instruction of them is left; closures count for the function that they are in. One pass over the
// names (5 MB in a large program): ask for all symbols of an advisory at once. GB_E_UNSUPPORTED
// when the program's table cannot be read.
GB_MUST_USE int gb_language_go_symbols(const struct gb_content_reader *content,
                                       const struct gb_str *wanted, size_t count, bool *ret,
                                       struct gb_error *err);

// The same for several questions in one reading of the program. After an error `found` says
// nothing.
struct gb_go_question {
    const struct gb_str *symbols;
    size_t count;
    bool found; // any of them is there
};
GB_MUST_USE int gb_language_go_questions(const struct gb_content_reader *content,
                                         struct gb_go_question *questions, size_t count,
                                         struct gb_error *err);

#endif
