// Ruby's gems where they are installed: specifications/*.gemspec, and specifications/default for
// those that come with Ruby. RubyGems writes these itself: a stub comment, then assignments.
#include "source/language/reading.h"

// The text between the first quotes: s.name = "rake".freeze, Gem::Version.new("1.0").
static struct gb_str quoted(struct gb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '"' && text.at[i] != '\'')
            continue;
        struct gb_str rest = gb_str_from(text, i + 1);
        ptrdiff_t end = gb_str_find_char(rest, text.at[i]);
        return end < 0 ? GB_STR("") : gb_str_sub(rest, 0, (size_t)end);
    }
    return GB_STR("");
}

// "s.name = ..." for any name of the variable.
static bool assigns(struct gb_str line, const char *field, struct gb_str *into)
{
    ptrdiff_t dot = gb_str_find_char(line, '.'), sign = gb_str_find_char(line, '=');
    if (into->len || dot < 1 || sign < dot ||
        !gb_str_is(gb_str_trim(gb_str_sub(line, (size_t)dot + 1, (size_t)(sign - dot) - 1)), field))
        return false;
    *into = quoted(gb_str_from(line, (size_t)sign + 1));
    return true;
}

int gb_language_read_ruby(struct gb_language_reading *reading)
{
    struct gb_str text, name = GB_STR(""), version = GB_STR("");
    int code = gb_language_text(reading, &text);
    if (code || !text.len)
        return code;
    for (struct gb_str line; !(name.len && version.len) && gb_str_next(&text, '\n', &line);) {
        line = gb_str_trim(line);
        if (gb_str_starts(line, GB_STR("# stub: "))) { // name version platform folders
            line = gb_str_from(line, sizeof "# stub: " - 1);
            if (!gb_str_next_word(&line, &name) || !gb_str_next_word(&line, &version))
                name = version = GB_STR("");
        } else if (!assigns(line, "name", &name)) {
            assigns(line, "version", &version);
        }
    }
    if (!name.len)
        return gb_language_trouble(reading, GB_STR(""), "a gem without a name");
    return gb_language_add(reading, &(struct gb_language_package){.ecosystem = GB_STR("RubyGems"),
                                                                  .name = name,
                                                                  .version = version});
}
