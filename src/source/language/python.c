// Python's packages: the core metadata of installed distributions (*.dist-info/METADATA,
// *.egg-info, EGG-INFO/PKG-INFO). Format: packaging.python.org, core metadata: header lines as in
// mail, up to the first empty line.
#include "source/language/reading.h"

static bool take(struct gb_str line, struct gb_str field, struct gb_str *into)
{
    if (into->len || line.len <= field.len || line.at[field.len] != ':' ||
        !gb_str_eq_nocase(gb_str_sub(line, 0, field.len), field))
        return false;
    *into = gb_str_trim(gb_str_from(line, field.len + 1));
    return true;
}

int gb_language_read_python(struct gb_language_reading *reading)
{
    struct gb_str text, name = GB_STR(""), version = GB_STR("");
    int code = gb_language_text(reading, &text);
    if (code || !text.len)
        return code;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        line = gb_str_sub(line, 0, line.len - (line.len && line.at[line.len - 1] == '\r'));
        if (!line.len || (name.len && version.len))
            break;
        if (!take(line, GB_STR("Name"), &name))
            take(line, GB_STR("Version"), &version);
    }
    if (!name.len)
        return gb_language_trouble(reading, GB_STR(""), "metadata without a name");
    return gb_language_add(reading, &(struct gb_language_package){.ecosystem = GB_STR("PyPI"),
                                                                  .name = name,
                                                                  .version = version});
}
