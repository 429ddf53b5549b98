// The paths of a few packages by name, whatever manager installed them; used where only those are
// of interest (evidence.c). For "who owns this path" see owner.h.
#ifndef GABION_SOURCE_PACKAGE_PACKAGE_FILES_H
#define GABION_SOURCE_PACKAGE_PACKAGE_FILES_H

#include "base/map.h"
#include "source/source.h"

// Called with each path of each package, files and folders alike; `value` is the package's in
// `names`. The path is valid until the call returns. A code other than GB_OK ends the reading.
struct gb_package_file_visitor {
    int (*visit)(void *context, struct gb_str path, void *value);
    void *context;
};

// `names`: package name -> any value. What cannot be read is left out: GB_E_MEMORY, and codes of
// the visitor, are the only errors.
GB_MUST_USE int gb_package_files(struct gb_collector *collector, const struct gb_map *names,
                                 const struct gb_package_file_visitor *visitor);

#endif
