// PHP's packages as Composer installed them: vendor/composer/installed.json. Composer 1 wrote the
// list of packages alone, Composer 2 writes it with the names of those for development.
#include "base/map.h"
#include "source/language/json_text.h"

struct composer {
    struct gb_language_reading *reading;
    struct gb_json_reader json;
    struct gb_language_package *packages;
    size_t count, capacity;
    struct gb_map development; // names
};

static int keep(struct composer *composer, struct gb_str name, struct gb_str version)
{
    struct gb_arena *arena = composer->reading->scratch;
    if (composer->count == composer->capacity) {
        size_t capacity = composer->capacity ? composer->capacity * 2 : 64;
        struct gb_language_package *packages =
            gb_grow_array(arena, composer->packages, composer->count, capacity, sizeof *packages);
        if (!packages)
            return GB_E_MEMORY;
        composer->packages = packages;
        composer->capacity = capacity;
    }
    composer->packages[composer->count++] = (struct gb_language_package){
        .ecosystem = GB_STR("Packagist"), .name = name, .version = version};
    return GB_OK;
}

static int read_package(struct composer *composer)
{
    struct gb_str name = GB_STR(""), version = GB_STR("");
    int code;
    while ((code = gb_language_json_key(&composer->json)) > 0) {
        struct gb_str *into = gb_str_is(composer->json.string, "name")      ? &name
                              : gb_str_is(composer->json.string, "version") ? &version
                                                                            : NULL;
        code = into ? gb_language_json_string(&composer->json, into)
                    : gb_json_skip(&composer->json, NULL);
        if (code < 0)
            return code;
    }
    if (code < 0 || !name.len)
        return code;
    return keep(composer, name, version);
}

// Inside of the list of packages, up to its end.
static int read_packages(struct composer *composer)
{
    for (;;) {
        int event = gb_json_next(&composer->json, NULL);
        if (event < 0 || event == GB_JSON_LIST_END)
            return event < 0 ? event : GB_OK;
        if (event != GB_JSON_OBJECT_BEGIN)
            return GB_E_TYPE;
        int code = read_package(composer);
        if (code < 0)
            return code;
    }
}

static int read_names(struct composer *composer)
{
    int code = gb_language_json_list(&composer->json);
    if (code <= 0)
        return code;
    for (;;) {
        int event = gb_json_next(&composer->json, NULL);
        if (event < 0 || event == GB_JSON_LIST_END)
            return event < 0 ? event : GB_OK;
        if (event != GB_JSON_STRING)
            return GB_E_TYPE;
        code = gb_map_set(&composer->development, composer->json.string, composer);
        if (code < 0)
            return code;
    }
}

static int read_all(struct composer *composer)
{
    int event = gb_json_next(&composer->json, NULL), code;
    if (event == GB_JSON_LIST_BEGIN)
        return read_packages(composer);
    if (event != GB_JSON_OBJECT_BEGIN)
        return event < 0 ? event : GB_E_TYPE;
    while ((code = gb_language_json_key(&composer->json)) > 0) {
        if (gb_str_is(composer->json.string, "packages")) {
            code = gb_language_json_list(&composer->json);
            code = code > 0 ? read_packages(composer) : code;
        } else if (gb_str_is(composer->json.string, "dev-package-names")) {
            code = read_names(composer);
        } else {
            code = gb_json_skip(&composer->json, NULL);
        }
        if (code < 0)
            return code;
    }
    return code;
}

int gb_language_read_php(struct gb_language_reading *reading)
{
    struct composer composer = {.reading = reading, .development = gb_map(reading->scratch)};
    int code = gb_language_json(reading, &composer.json);
    if (code <= 0)
        return code;
    code = read_all(&composer);
    if (code < 0)
        return gb_language_json_end(reading, code);
    for (size_t i = 0; i < composer.count; i++) {
        struct gb_language_package *package = &composer.packages[i];
        package->development = gb_map_get(&composer.development, package->name) != NULL;
        code = gb_language_add(reading, package);
        if (code < 0)
            return code;
    }
    return GB_OK;
}
