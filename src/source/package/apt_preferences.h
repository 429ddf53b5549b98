// Pins: /etc/apt/preferences and preferences.d/* decide which version of a package apt prefers.
// Format: apt_preferences(5). Understood: package names and shell patterns, `*`, `src:` left out;
// pins by version, release and origin. Pins with regular expressions are counted, not applied.
#ifndef GABION_SOURCE_PACKAGE_APT_PREFERENCES_H
#define GABION_SOURCE_PACKAGE_APT_PREFERENCES_H

#include "source/package/apt_release.h"
#include "source/source.h"

struct gb_apt_pin {
    struct gb_str packages; // words; "*" makes it a general one
    enum { GB_PIN_VERSION, GB_PIN_RELEASE, GB_PIN_ORIGIN } by;
    struct gb_str pattern;
    int priority;
    bool general;
};

struct gb_apt_preferences {
    struct gb_arena *arena;
    struct gb_apt_pin *pins;
    size_t count, capacity;
    uint32_t not_understood;
    struct gb_str problem; // "" or why a file could not be read
};

GB_MUST_USE int gb_apt_preferences_load(struct gb_collector *collector,
                                        struct gb_apt_preferences *ret, struct gb_error *err);
GB_MUST_USE int gb_apt_preferences_parse(struct gb_apt_preferences *preferences,
                                         struct gb_str text);

// One place that a version can be had from.
struct gb_apt_offer {
    struct gb_str version;
    const struct gb_apt_release *release;
    struct gb_str host, component;
};

// Does the pin speak of this package's version from there?
bool gb_apt_pin_matches(const struct gb_apt_pin *pin, struct gb_str package,
                        const struct gb_apt_offer *offer);

#endif
