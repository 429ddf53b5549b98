// npm's packages as they are installed: package.json of each package's own directory. Its name is
// the truth, not the directory's (aliases: "npm install left@npm:right").
#include "base/json.h"
#include "source/language/reading.h"

// The value that comes next, where it is a string; another one is skipped.
static int take_string(struct gb_json_reader *json, struct gb_str *into)
{
    int event = gb_json_next(json, NULL);
    if (event == GB_JSON_STRING)
        *into = json->string;
    if (event == GB_JSON_OBJECT_BEGIN || event == GB_JSON_LIST_BEGIN)
        for (uint32_t depth = json->depth; event >= 0 && json->depth >= depth;)
            event = gb_json_next(json, NULL);
    return event < 0 ? event : GB_OK;
}

static int read_fields(struct gb_json_reader *json, struct gb_str *name, struct gb_str *version)
{
    int event = gb_json_next(json, NULL);
    if (event != GB_JSON_OBJECT_BEGIN)
        return event < 0 ? event : GB_E_TYPE;
    while ((event = gb_json_next(json, NULL)) == GB_JSON_KEY) {
        struct gb_str *into = gb_str_is(json->string, "name")      ? name
                              : gb_str_is(json->string, "version") ? version
                                                                   : NULL;
        int code = into ? take_string(json, into) : gb_json_skip(json, NULL);
        if (code < 0)
            return code;
        if (name->len && version->len)
            return GB_OK;
    }
    return event < 0 ? event : GB_OK;
}

// "left" or "@scope/left", from the path of its package.json.
static struct gb_str name_of_dir(struct gb_str path)
{
    struct gb_str dir = gb_str_sub(path, 0, path.len - sizeof "package.json");
    ptrdiff_t slash = gb_str_rfind_char(dir, '/');
    ptrdiff_t above = slash < 0 ? -1 : gb_str_rfind_char(gb_str_sub(dir, 0, (size_t)slash), '/');
    bool scoped = slash >= 0 && dir.at[above + 1] == '@';
    return gb_str_from(dir, (size_t)((scoped ? above : slash) + 1));
}

int gb_language_read_npm(struct gb_language_reading *reading)
{
    struct gb_str text, name = GB_STR(""), version = GB_STR("");
    struct gb_json_reader json;
    int code = gb_language_text(reading, &text);
    if (code || !text.len)
        return code;
    code = gb_json_open(&json, text, GB_JSON_LIMITS_DEFAULT, reading->scratch, reading->err);
    if (!code)
        code = read_fields(&json, &name, &version);
    if (code == GB_E_MEMORY)
        return gb_error_set(reading->err, code, "no memory for a package.json");
    if (code)
        return gb_language_trouble(reading, GB_STR(""), "not valid JSON");
    if (!name.len && !version.len)
        return GB_OK; // not a package: a marker of module types, a cache
    if (!name.len)
        name = name_of_dir(reading->path);
    return gb_language_add(reading, &(struct gb_language_package){.ecosystem = GB_STR("npm"),
                                                                  .name = name,
                                                                  .version = version});
}
