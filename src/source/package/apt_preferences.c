// Reads apt's pins; used by candidates.c.
#include "source/package/apt_preferences.h"

#include "source/package/apt_file.h"

#include "source/package/deb822.h"

enum { FILES_MAX = 2000, PINS_MAX = 20000 };

static bool is_pattern_match(struct gb_str pattern, struct gb_str text)
{
    return gb_str_glob(pattern, text, false);
}

// "a=stable, n=bookworm*, o=Debian, l=.., c=main, v=12": all of them must fit.
static bool matches_release(struct gb_str pattern, const struct gb_apt_offer *offer)
{
    for (struct gb_str item; gb_str_next(&pattern, ',', &item);) {
        item = gb_str_trim(item);
        if (item.len < 2 || item.at[1] != '=')
            return false;
        struct gb_str value = gb_str_from(item, 2), fact = {0};
        switch (item.at[0]) {
        case 'a':
            fact = offer->release->suite;
            break;
        case 'n':
            fact = offer->release->codename;
            break;
        case 'o':
            fact = offer->release->origin;
            break;
        case 'l':
            fact = offer->release->label;
            break;
        case 'v':
            fact = offer->release->version;
            break;
        case 'c':
            fact = offer->component;
            break;
        case 'b': // architectures are told apart before
            continue;
        default:
            return false;
        }
        if (!is_pattern_match(value, fact))
            return false;
    }
    return true;
}

bool gb_apt_pin_matches(const struct gb_apt_pin *pin, struct gb_str package,
                        const struct gb_apt_offer *offer)
{
    bool named = pin->general;
    struct gb_str names = pin->packages;
    for (struct gb_str name; !named && gb_deb822_word(&names, &name);)
        named = is_pattern_match(name, package);
    if (!named)
        return false;
    if (pin->by == GB_PIN_VERSION)
        return is_pattern_match(pin->pattern, offer->version);
    if (pin->by == GB_PIN_ORIGIN)
        return is_pattern_match(pin->pattern, offer->host);
    return matches_release(pin->pattern, offer);
}

static struct gb_str without_quotes(struct gb_str s)
{
    bool quoted = s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"';
    return quoted ? gb_str_sub(s, 1, s.len - 2) : s;
}

static bool read_pin(struct gb_apt_pin *pin, struct gb_str value)
{
    struct gb_str by;
    if (!gb_str_next_word(&value, &by))
        return false;
    pin->pattern = without_quotes(gb_str_trim(value));
    if (gb_str_contains(pin->pattern, GB_STR("/")) && pin->pattern.at[0] == '/')
        return false; // a regular expression
    if (gb_str_is(by, "version"))
        pin->by = GB_PIN_VERSION;
    else if (gb_str_is(by, "release"))
        pin->by = GB_PIN_RELEASE;
    else if (gb_str_is(by, "origin"))
        pin->by = GB_PIN_ORIGIN;
    else
        return false;
    return !gb_str_contains(pin->pattern, GB_STR("=/"));
}

static int add(struct gb_apt_preferences *preferences, const struct gb_apt_pin *pin)
{
    if (preferences->count == preferences->capacity) {
        size_t capacity = preferences->capacity ? preferences->capacity * 2 : 16;
        struct gb_apt_pin *pins =
            capacity > PINS_MAX ? NULL
                                : gb_grow_array(preferences->arena, preferences->pins,
                                                preferences->capacity, capacity, sizeof *pins);
        if (!pins)
            return GB_E_MEMORY;
        preferences->pins = pins;
        preferences->capacity = capacity;
    }
    preferences->pins[preferences->count++] = *pin;
    return GB_OK;
}

int gb_apt_preferences_parse(struct gb_apt_preferences *preferences, struct gb_str text)
{
    struct gb_deb822 reader = gb_deb822(text);
    while (gb_deb822_stanza(&reader)) {
        struct gb_apt_pin pin = {.priority = 0};
        bool understood = false, has_priority = false;
        for (struct gb_deb822_field field; gb_deb822_next(&reader, &field);) {
            int64_t priority;
            if (gb_deb822_is(&field, "Package")) {
                pin.packages = field.value;
                pin.general = gb_str_is(field.value, "*");
            } else if (gb_deb822_is(&field, "Pin")) {
                understood = read_pin(&pin, field.value);
            } else if (gb_deb822_is(&field, "Pin-Priority") &&
                       gb_str_to_int(field.value, &priority) == GB_OK) {
                pin.priority = priority > 32767    ? 32767
                               : priority < -32768 ? -32768
                                                   : (int)priority;
                has_priority = true;
            }
        }
        bool plain = !gb_str_contains(pin.packages, GB_STR("/")) &&
                     !gb_str_starts(pin.packages, GB_STR("src:"));
        if (!understood || !has_priority || !pin.packages.len || !plain) {
            preferences->not_understood++;
            continue;
        }
        int code = add(preferences, &pin);
        if (code)
            return code;
    }
    return GB_OK;
}

static int read_file(struct gb_collector *collector, struct gb_apt_preferences *preferences,
                     struct gb_str path)
{
    struct gb_str text;
    if (!gb_apt_file_read(collector, path, &text, &preferences->problem))
        return GB_OK;
    return gb_apt_preferences_parse(preferences, text);
}

int gb_apt_preferences_load(struct gb_collector *collector, struct gb_apt_preferences *ret,
                            struct gb_error *err)
{
    *ret = (struct gb_apt_preferences){.arena = collector->arena};
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    int code = read_file(collector, ret, GB_STR("/etc/apt/preferences"));
    if (gb_host_list(collector->host, "/etc/apt/preferences.d", FILES_MAX, collector->scratch,
                     &entries, &count, NULL) < 0)
        count = 0;
    for (size_t i = 0; i < count && !code; i++) {
        struct gb_str name = entries[i].name;
        ptrdiff_t dot = gb_str_rfind_char(name, '.');
        if (name.at[0] == '.' || (dot >= 0 && !gb_str_ends(name, GB_STR(".pref"))))
            continue;
        struct gb_str path =
            gb_str_format(collector->arena, "/etc/apt/preferences.d/" GB_PRI, GB_ARG(name));
        code = path.at ? read_file(collector, ret, path) : GB_E_MEMORY;
    }
    return code ? gb_error_set(err, code, "out of memory while reading apt's preferences") : GB_OK;
}
