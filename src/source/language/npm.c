// npm's packages as they are installed: package.json of each package's own directory. Its name is
// the truth, not the directory's (aliases: "npm install left@npm:right").
#include "source/language/json_text.h"

static int read_fields(struct gb_json_reader *json, struct gb_str *name, struct gb_str *version)
{
    int code = gb_language_json_object(json);
    if (code <= 0)
        return code < 0 ? code : GB_E_TYPE;
    while ((code = gb_language_json_key(json)) > 0 && !(name->len && version->len)) {
        struct gb_str *into = gb_str_is(json->string, "name")      ? name
                              : gb_str_is(json->string, "version") ? version
                                                                   : NULL;
        code = into ? gb_language_json_string(json, into) : gb_json_skip(json, NULL);
        if (code < 0)
            return code;
    }
    return code < 0 ? code : GB_OK;
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
    struct gb_str name = GB_STR(""), version = GB_STR("");
    struct gb_json_reader json;
    int code = gb_language_json(reading, &json);
    if (code <= 0)
        return code;
    code = read_fields(&json, &name, &version);
    if (code < 0)
        return gb_language_json_end(reading, code);
    if (!name.len && !version.len)
        return GB_OK; // not a package: a marker of module types, a cache
    if (!name.len)
        name = name_of_dir(reading->path);
    return gb_language_add(reading, &(struct gb_language_package){.ecosystem = GB_STR("npm"),
                                                                  .name = name,
                                                                  .version = version});
}
