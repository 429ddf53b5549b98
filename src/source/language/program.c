// Programs that tell which packages they were linked from: Go (go_program.h) and Rust, where built
// with cargo-auditable.
#include "source/language/go_program.h"
#include "source/language/json_text.h"

// ---- Go

struct go_module {
    struct gb_str path, version;
};

struct go_settings {
    struct gb_str path; // import path of the main package
    struct gb_str system, architecture;
    struct gb_str revision, time; // of the version control system
    bool modified;
};

static struct go_module take_module(struct gb_str fields)
{
    struct go_module module = {GB_STR(""), GB_STR("")};
    if (gb_str_next(&fields, '\t', &module.path))
        (void)gb_str_next(&fields, '\t', &module.version);
    return module;
}

// Go's go.mod rule: a replacement is a directory when it begins so.
static bool is_directory(struct gb_str path)
{
    return gb_str_starts(path, GB_STR("./")) || gb_str_starts(path, GB_STR("../")) ||
           gb_str_starts(path, GB_STR("/")) || gb_str_is(path, ".") || gb_str_is(path, "..");
}

static struct gb_str unquoted(struct gb_str value)
{
    bool quoted = value.len >= 2 && (value.at[0] == '"' || value.at[0] == '`') &&
                  value.at[value.len - 1] == value.at[0];
    return quoted ? gb_str_sub(value, 1, value.len - 2) : value;
}

static void take_setting(struct go_settings *settings, struct gb_str text)
{
    struct gb_str key;
    if (!gb_str_next(&text, '=', &key))
        return;
    struct gb_str value = unquoted(text);
    if (gb_str_is(key, "GOOS"))
        settings->system = value;
    else if (gb_str_is(key, "GOARCH"))
        settings->architecture = value;
    else if (gb_str_is(key, "vcs.revision"))
        settings->revision = value;
    else if (gb_str_is(key, "vcs.time"))
        settings->time = value;
    else if (gb_str_is(key, "vcs.modified"))
        settings->modified = gb_str_is(value, "true");
}

static struct go_settings take_settings(struct gb_str lines)
{
    struct go_settings settings = {.path = GB_STR("")};
    for (struct gb_str line; gb_str_next(&lines, '\n', &line);) {
        struct gb_str word;
        if (!gb_str_next(&line, '\t', &word))
            continue;
        if (gb_str_is(word, "path"))
            settings.path = line;
        else if (gb_str_is(word, "build"))
            take_setting(&settings, line);
    }
    return settings;
}

// "1.22.3" of "go1.22.3 X:loopvar", "1.23-abcdef" of "devel go1.23-abcdef Thu ...".
static struct gb_str toolchain_version(struct gb_str version)
{
    for (struct gb_str word; gb_str_next_word(&version, &word);)
        if (gb_str_starts(word, GB_STR("go")) && word.len > 2)
            return gb_str_from(word, 2);
    return GB_STR("");
}

static bool is_digits(struct gb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

// The pseudo-version of the commit that the program was built from, as the go command writes it
// where there is no tag: v0.0.0-20060102150405-0123456789ab.
static struct gb_str pseudo_version(struct gb_arena *arena, const struct go_settings *settings)
{
    enum { REVISION_KEPT = 12 };
    struct gb_str time = settings->time; // 2006-01-02T15:04:05Z
    char digits[14];
    size_t count = 0;
    for (size_t i = 0; i < time.len && count < sizeof digits; i++)
        if (time.at[i] >= '0' && time.at[i] <= '9')
            digits[count++] = time.at[i];
    if (settings->revision.len < REVISION_KEPT || count < sizeof digits ||
        !gb_str_ends(time, GB_STR("Z")) || !is_digits(gb_str_sub(time, 0, 4)))
        return GB_STR("(devel)");
    return gb_str_format(arena, "v0.0.0-%.14s-" GB_PRI "%s", digits,
                         GB_ARG(gb_str_sub(settings->revision, 0, REVISION_KEPT)),
                         settings->modified ? "+dirty" : "");
}

static int add_go(struct gb_language_reading *reading, const struct go_settings *settings,
                  struct gb_language_package package)
{
    package.ecosystem = GB_STR("Go");
    package.system = settings->system;
    package.architecture = settings->architecture;
    return gb_language_add(reading, &package);
}

// The module of a "mod" or "dep" line, or what the "=>" line behind it puts in its place. Code out
// of a directory is the module by name, but of no known version.
static int add_module(struct gb_language_reading *reading, const struct go_settings *settings,
                      struct go_module module, bool main, struct gb_str next_lines)
{
    struct gb_str line, word;
    if (gb_str_next(&next_lines, '\n', &line) && gb_str_next(&line, '\t', &word) &&
        gb_str_is(word, "=>")) {
        struct go_module other = take_module(line);
        if (is_directory(other.path))
            module.version = GB_STR("(devel)");
        else
            module = other;
    }
    if (main && gb_str_is(module.version, "(devel)"))
        module.version = pseudo_version(reading->scratch, settings);
    if (!module.path.len)
        return GB_OK;
    return add_go(reading, settings,
                  (struct gb_language_package){
                      .name = module.path, .version = module.version, .main_module = main});
}

static int add_go_packages(struct gb_language_reading *reading, const struct gb_go_build *build)
{
    struct go_settings settings = take_settings(build->modules);
    struct gb_str lines = build->modules, toolchain = toolchain_version(build->version);
    struct gb_language_package standard = {
        .name = GB_STR("stdlib"), .version = toolchain, .standard_library = true};
    int code = add_go(reading, &settings, standard);
    // The toolchain's own programs are a module of the advisories.
    if (!code && gb_str_starts(settings.path, GB_STR("cmd/"))) {
        standard.name = GB_STR("toolchain");
        code = add_go(reading, &settings, standard);
    }
    for (struct gb_str line; !code && gb_str_next(&lines, '\n', &line);) {
        struct gb_str word;
        if (!gb_str_next(&line, '\t', &word))
            continue;
        bool main = gb_str_is(word, "mod");
        if (main || gb_str_is(word, "dep"))
            code = add_module(reading, &settings, take_module(line), main, lines);
    }
    return code;
}

static int read_go(struct gb_language_reading *reading, const struct gb_elf *elf,
                   const struct gb_elf_section *section)
{
    struct gb_go_build build;
    int code = gb_go_build_read(elf, section, reading->scratch, &build);
    if (code == GB_E_NOT_FOUND)
        return GB_OK;
    if (code == GB_E_MEMORY)
        return gb_error_set(reading->err, code, "no memory for the modules of a Go program");
    if (code || !toolchain_version(build.version).len)
        return gb_language_trouble(reading, GB_STR(""), "its Go build information is damaged");
    return add_go_packages(reading, &build);
}

// ---- Rust

enum { RUST_PACKED_MOST = 8 << 20 };

struct crate {
    struct gb_str name, version, source, kind;
    bool root;
};

static int read_crate(struct gb_json_reader *json, struct crate *crate)
{
    int code;
    while ((code = gb_language_json_key(json)) > 0) {
        struct gb_str key = json->string, *into = gb_str_is(key, "name")      ? &crate->name
                                                  : gb_str_is(key, "version") ? &crate->version
                                                  : gb_str_is(key, "source")  ? &crate->source
                                                  : gb_str_is(key, "kind")    ? &crate->kind
                                                                              : NULL;
        if (into) {
            code = gb_language_json_string(json, into);
        } else if (gb_str_is(key, "root")) {
            code = gb_json_next(json, NULL);
            if (code >= 0 && code != GB_JSON_BOOL)
                code = GB_E_TYPE;
            crate->root = json->boolean;
        } else {
            code = gb_json_skip(json, NULL);
        }
        if (code < 0)
            return code;
    }
    return code;
}

// A crate of another source only shares its name with the one that advisories speak of.
static int read_crates(struct gb_language_reading *reading, struct gb_json_reader *json)
{
    for (;;) {
        struct crate crate = {.name = GB_STR(""), .version = GB_STR(""), .kind = GB_STR("")};
        int event = gb_json_next(json, NULL);
        if (event < 0 || event == GB_JSON_LIST_END)
            return event < 0 ? event : GB_OK;
        int code = event == GB_JSON_OBJECT_BEGIN ? read_crate(json, &crate) : GB_E_TYPE;
        if (!code && (crate.root || gb_str_is(crate.source, "crates.io")))
            code = gb_language_add(reading, &(struct gb_language_package){
                                                .ecosystem = GB_STR("crates.io"),
                                                .name = crate.name,
                                                .version = crate.version,
                                                .main_module = crate.root,
                                                .development = gb_str_is(crate.kind, "build"),
                                            });
        if (code < 0)
            return code;
    }
}

static int read_packages(struct gb_language_reading *reading, struct gb_json_reader *json)
{
    int code = gb_language_json_object(json);
    if (code <= 0)
        return code < 0 ? code : GB_E_TYPE;
    while ((code = gb_language_json_key(json)) > 0) {
        if (!gb_str_is(json->string, "packages")) {
            code = gb_json_skip(json, NULL);
        } else {
            code = gb_language_json_list(json);
            code = code > 0 ? read_crates(reading, json) : code;
        }
        if (code < 0)
            return code;
    }
    return code;
}

// The section holds JSON, compressed by zlib; how much it becomes stands nowhere.
static int read_rust(struct gb_language_reading *reading, const struct gb_elf_section *section)
{
    GB_CLEANUP(gb_inflate_free) struct gb_inflate *inflate = NULL;
    uint64_t budget = RUST_PACKED_MOST;
    struct gb_part_content part;
    struct gb_content_reader packed =
        gb_content_of_part(&part, reading->content, section->offset, section->size);
    struct gb_json_reader json;
    struct gb_str text;
    struct gb_error why = {0};
    int code = gb_inflate_new(&packed, GB_DEFLATE_ZLIB, RUST_PACKED_MOST, 0, &budget, &inflate);
    if (code)
        return gb_error_set(reading->err, code, "no memory for the packages of a Rust program");
    struct gb_content_reader content = gb_inflate_content(inflate);
    code = gb_content_front(&content, RUST_PACKED_MOST, reading->scratch, &text, &why);
    if (!code)
        code = gb_json_open(&json, text, GB_JSON_LIMITS_DEFAULT, reading->scratch, NULL);
    if (!code)
        code = read_packages(reading, &json);
    if (code == GB_E_MEMORY)
        return gb_error_set(reading->err, code, "no memory for the packages of a Rust program");
    return code < 0
               ? gb_language_trouble(reading, GB_STR(""), "its list of Rust packages is damaged")
               : GB_OK;
}

// ---- both

// A program that was packed to be smaller: the packer's header follows the program headers, and the
// sections are gone.
static bool is_packed(const struct gb_elf *elf)
{
    char text[16];
    uint64_t behind = elf->segment_offset + (uint64_t)elf->segment_count * elf->segment_bytes;
    if (elf->section_count || !elf->segment_count)
        return false;
    struct gb_str front = {text, sizeof text};
    return gb_content_exactly(elf->content, behind, text, sizeof text) &&
           gb_str_contains(front, GB_STR("UPX!"));
}

int gb_language_read_program(struct gb_language_reading *reading)
{
    enum { GO, RUST, COUNT };
    static const char *const names[COUNT] = {".go.buildinfo", ".dep-v0"};
    struct gb_elf_section sections[COUNT];
    struct gb_elf elf;
    int code = gb_elf_open(reading->content, &elf);
    if (code == GB_E_TYPE || code == GB_E_SYNTAX)
        return GB_OK; // not a program that could run
    if (code)
        return gb_language_trouble(reading, GB_STR(""), "cannot be read");
    if (is_packed(&elf))
        return gb_language_trouble(reading, GB_STR(""), "packed by UPX: what is in it is not seen");
    unsigned found = gb_elf_sections(&elf, names, COUNT, sections);
    if (found & 1u << RUST) {
        code = read_rust(reading, &sections[RUST]);
        if (code)
            return code;
    }
    if (found & 1u << GO || !elf.section_count)
        return read_go(reading, &elf, found & 1u << GO ? &sections[GO] : NULL);
    return GB_OK;
}
