// .NET's packages that an application was published with: *.deps.json. Its "libraries" name them,
// its "targets" say which of them bring files for running; the others were needed to build only.
// Format: runtime-configuration-file.md of dotnet/sdk.
#include "base/map.h"
#include "source/language/json_text.h"

struct application {
    struct gb_json_reader json;
    struct gb_map files; // "Name/1.0" -> `with` or `without`
    int with, without;
};

static bool is_kind_of_files(struct gb_str key)
{
    return gb_str_is(key, "runtime") || gb_str_is(key, "runtimeTargets") ||
           gb_str_is(key, "native") || gb_str_is(key, "resources");
}

// One library of a target: does it bring files?
static int read_library(struct application *app, bool *files)
{
    int code = gb_language_json_object(&app->json);
    if (code <= 0)
        return code;
    while ((code = gb_language_json_key(&app->json)) > 0) {
        if (!is_kind_of_files(app->json.string)) {
            code = gb_json_skip(&app->json, NULL);
        } else {
            code = gb_language_json_object(&app->json);
            while (code > 0 && (code = gb_language_json_key(&app->json)) > 0) {
                *files = true;
                code = gb_json_skip(&app->json, NULL) < 0 ? GB_E_SYNTAX : 1;
            }
        }
        if (code < 0)
            return code;
    }
    return code;
}

static int read_target(struct application *app)
{
    int code = gb_language_json_object(&app->json);
    if (code <= 0)
        return code;
    while ((code = gb_language_json_key(&app->json)) > 0) {
        struct gb_str key = app->json.string;
        bool files = gb_map_get(&app->files, key) == &app->with;
        code = read_library(app, &files);
        if (!code)
            code = gb_map_set(&app->files, key, files ? &app->with : &app->without);
        if (code < 0)
            return code;
    }
    return code;
}

static int read_targets(struct application *app)
{
    int code = gb_language_json_object(&app->json);
    if (code <= 0)
        return code;
    while ((code = gb_language_json_key(&app->json)) > 0) {
        if (!gb_str_is(app->json.string, "targets")) {
            code = gb_json_skip(&app->json, NULL);
        } else {
            code = gb_language_json_object(&app->json);
            while (code > 0 && (code = gb_language_json_key(&app->json)) > 0)
                code = read_target(app) < 0 ? GB_E_SYNTAX : 1;
        }
        if (code < 0)
            return code;
    }
    return code;
}

static int add(struct gb_language_reading *reading, struct gb_str name)
{
    static const struct gb_str pack = GB_STR_INIT("runtimepack.");
    ptrdiff_t slash = gb_str_rfind_char(name, '/');
    struct gb_str version = slash < 0 ? GB_STR("") : gb_str_from(name, (size_t)slash + 1);
    name = slash < 0 ? name : gb_str_sub(name, 0, (size_t)slash);
    if (gb_str_starts(name, pack))
        name = gb_str_from(name, pack.len);
    return gb_language_add(reading, &(struct gb_language_package){.ecosystem = GB_STR("NuGet"),
                                                                  .name = name,
                                                                  .version = version});
}

static int read_libraries(struct gb_language_reading *reading, struct application *app)
{
    int code = gb_language_json_object(&app->json);
    while (code > 0 && (code = gb_language_json_key(&app->json)) > 0) {
        struct gb_str name = app->json.string, type = GB_STR("");
        code = gb_language_json_object(&app->json);
        while (code > 0 && (code = gb_language_json_key(&app->json)) > 0) {
            code = gb_str_is(app->json.string, "type") ? gb_language_json_string(&app->json, &type)
                                                       : gb_json_skip(&app->json, NULL);
            code = code < 0 ? code : 1;
        }
        bool wanted = gb_str_eq_nocase(type, GB_STR("package")) ||
                      gb_str_eq_nocase(type, GB_STR("runtimepack"));
        if (!code && wanted && gb_map_get(&app->files, name) != &app->without)
            code = add(reading, name);
        code = code < 0 ? code : 1;
    }
    return code;
}

static int read_all(struct gb_language_reading *reading, struct application *app)
{
    int code = gb_language_json_object(&app->json);
    if (code <= 0)
        return code < 0 ? code : GB_E_TYPE;
    while ((code = gb_language_json_key(&app->json)) > 0) {
        code = gb_str_is(app->json.string, "libraries") ? read_libraries(reading, app)
                                                        : gb_json_skip(&app->json, NULL);
        if (code < 0)
            return code;
    }
    return code;
}

int gb_language_read_dotnet(struct gb_language_reading *reading)
{
    struct application app = {.files = gb_map(reading->scratch)};
    int code = gb_language_json(reading, &app.json);
    if (code <= 0)
        return code;
    struct gb_str text = app.json.text;
    code = read_targets(&app);
    if (code >= 0)
        code = gb_json_open(&app.json, text, GB_JSON_LIMITS_DEFAULT, reading->scratch, NULL);
    if (code >= 0)
        code = read_all(reading, &app);
    return gb_language_json_end(reading, code);
}
