// Names of packages as their ecosystem compares them, so that an advisory and an inventory that
// spell one package differently meet. Used by importers (for gb_affected.package) and by the
// vulnerability area (for what is installed).
//
//     gb_advisory_name(GB_STR("pypi"), GB_STR("Ruamel_Yaml"), arena)    // "ruamel-yaml"
//
// Rules: PyPI after PEP 503 (lower case, runs of - _ . are one -); crates.io takes _ and - and
// letters of both cases as equal; NuGet and Packagist ignore case; Go's module paths in lower case
// too, because package URLs lose their case; all others as they are.
#ifndef GABION_MODEL_ADVISORY_NAME_H
#define GABION_MODEL_ADVISORY_NAME_H

#include "base/arena.h"
#include "base/str.h"

// `scope` as in model/advisory/advisory.h: "pypi", "debian-12". Gives `name` itself where nothing
// changes, else a copy in the arena; an empty slice where that fails (sticky in the arena).
struct gb_str gb_advisory_name(struct gb_str scope, struct gb_str name, struct gb_arena *arena);

#endif
