// What the Go linker writes into a program about itself: the toolchain's version, the modules, the
// settings of the build. Private to source/language.
//
// Format: section .go.buildinfo; since Go 1.18 the two strings follow the header, before that it
// holds addresses of them. The module text has one line for each module, its fields separated by
// tabs (runtime/debug.BuildInfo).
#ifndef GABION_SOURCE_LANGUAGE_GO_PROGRAM_H
#define GABION_SOURCE_LANGUAGE_GO_PROGRAM_H

#include "base/elf.h"

struct gb_go_build {
    struct gb_str version; // "go1.22.3", "devel go1.23-abcdef ..."
    struct gb_str modules; // lines; "" where the program was built without modules
};

// Strings are in the arena. GB_E_NOT_FOUND when it is no Go program, GB_E_SYNTAX when what is there
// is damaged, GB_E_LIMIT, GB_E_MEMORY, or the code of a failed read. `section` is .go.buildinfo, or
// NULL where the program has no sections: then its data is searched.
GB_MUST_USE int gb_go_build_read(const struct gb_elf *elf, const struct gb_elf_section *section,
                                 struct gb_arena *arena, struct gb_go_build *ret);

#endif
