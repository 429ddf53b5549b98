// One package of a language as a resource of kind "language_package": for the walk of a host and
// for the layers of an image.
#ifndef GABION_SOURCE_LANGUAGE_RESOURCE_H
#define GABION_SOURCE_LANGUAGE_RESOURCE_H

#include "source/language/language.h"
#include "source/source.h"

// `owner`: the package of the operating system that brought the file; "" = none. Everything is
// copied. Memory failures are sticky in the collector's arena.
void gb_language_put(struct gb_collector *collector, const struct gb_language_package *package,
                     struct gb_str owner);

#endif
