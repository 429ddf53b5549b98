// Finds and reads the files of sudoers, and expands aliases: see sudoers.h.
#include "source/host/sudoers.h"

#include "base/buffer.h"
#include "source/host/sudoers_parse.h"

enum {
    MOST_FILES = 256,
    DEEPEST_INCLUDE = 64,
    DEEPEST_ALIAS = 64,
    MOST_MEMBERS = 16384, // of an expanded list
    MOST_DIRECTORY_ENTRIES = 4096,
};

struct reader {
    struct gb_sudo_includer includer; // first: the parser hands back a pointer to it
    const struct gb_host *host;
    struct gb_sudoers *out;
    struct gb_str hostname;
    unsigned depth;
};

static struct gb_sudoers new_sudoers(struct gb_arena *arena)
{
    struct gb_sudoers sudoers = {.arena = arena};
    for (int kind = 0; kind < GB_SUDO_ALIAS_KIND_COUNT; kind++)
        sudoers.aliases[kind] = gb_map(arena);
    return sudoers;
}

static int read_file(struct reader *reader, const char *path, struct gb_str from, uint32_t line)
{
    struct gb_sudoers *out = reader->out;
    if (out->file_count >= MOST_FILES || reader->depth >= DEEPEST_INCLUDE)
        return gb_sudoers_problem(out, from, line, GB_STR("too many files are included"));
    for (size_t i = 0; i < out->file_count; i++)
        if (out->files[i].reading && gb_str_is(out->files[i].path, path))
            return gb_sudoers_problem(out, from, line, GB_STR("the file includes itself"));
    void *array = out->files;
    struct gb_sudo_file *file =
        gb_sudoers_push(out->arena, &array, &out->file_count, &out->file_capacity, sizeof *file);
    if (!file)
        return GB_E_MEMORY;
    out->files = array;
    *file = (struct gb_sudo_file){.path = gb_str_of(path)};
    struct gb_str text;
    file->code = gb_host_stat(reader->host, path, true, &file->info, NULL);
    if (!file->code)
        file->code = gb_host_read(reader->host, path, GB_CONFIG_MAX_BYTES, out->arena, &text, NULL);
    int code = file->code;
    if (code == GB_E_MEMORY)
        return code;
    if (code)
        return from.len ? gb_sudoers_problem(out, from, line,
                                             gb_str_format(out->arena, "the included file %s: %s",
                                                           path, gb_code_name(code)))
                        : GB_OK;
    size_t index = out->file_count - 1;
    out->files[index].reading = true;
    reader->depth++;
    code = gb_sudoers_parse_text(out, text, gb_str_of(path), &reader->includer);
    reader->depth--;
    out->files[index].reading = false;
    return code;
}

// sudo leaves out editors' and package managers' left-overs.
static bool is_skipped(struct gb_str name)
{
    return name.at[name.len - 1] == '~' || gb_str_find_char(name, '.') >= 0;
}

static int read_directory(struct reader *reader, const char *path, struct gb_str from,
                          uint32_t line)
{
    struct gb_sudoers *out = reader->out;
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(reader->host, path, MOST_DIRECTORY_ENTRIES, out->arena, &entries,
                            &count, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK; // sudo takes no offence at a missing directory
    if (code)
        return gb_sudoers_problem(
            out, from, line,
            gb_str_format(out->arena, "the included directory %s: %s", path, gb_code_name(code)));
    for (size_t i = 0; i < count; i++) {
        struct gb_str file = gb_str_format(out->arena, "%s/" GB_PRI, path, GB_ARG(entries[i].name));
        if (!file.at)
            return GB_E_MEMORY;
        if (entries[i].type == GB_FILE_DIRECTORY)
            continue;
        if (is_skipped(entries[i].name)) {
            void *array = out->skipped;
            struct gb_str *place = gb_sudoers_push(out->arena, &array, &out->skipped_count,
                                                   &out->skipped_capacity, sizeof *place);
            if (!place)
                return GB_E_MEMORY;
            out->skipped = array;
            *place = file;
            continue;
        }
        code = read_file(reader, file.at, from, line);
        if (code)
            return code;
    }
    return GB_OK;
}

// %h is the host's name; a relative path starts where the including file is.
static char *full_path(struct reader *reader, struct gb_str path, struct gb_str from)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(16384);
    if (path.len && path.at[0] != '/') {
        ptrdiff_t slash = gb_str_rfind_char(from, '/');
        gb_buffer_add(&text, gb_str_sub(from, 0, (size_t)(slash + 1)));
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '%' && i + 1 < path.len && path.at[i + 1] == 'h') {
            gb_buffer_add(&text, reader->hostname);
            i++;
        } else if (path.at[i]) {
            gb_buffer_char(&text, path.at[i]);
        }
    }
    return text.failed ? NULL : gb_str_c(reader->out->arena, gb_buffer_str(&text));
}

static int include(struct gb_sudo_includer *self, struct gb_str path, bool directory,
                   struct gb_str file, uint32_t line)
{
    struct reader *reader = (struct reader *)self;
    char *full = full_path(reader, path, file);
    if (!full)
        return GB_E_MEMORY;
    return directory ? read_directory(reader, full, file, line)
                     : read_file(reader, full, file, line);
}

int gb_sudoers_load(const struct gb_host *host, const char *path, struct gb_str hostname,
                    struct gb_arena *arena, struct gb_sudoers *ret)
{
    *ret = new_sudoers(arena);
    struct reader reader = {.includer = {include}, .host = host, .out = ret, .hostname = hostname};
    return read_file(&reader, path, (struct gb_str){0}, 0);
}

int gb_sudoers_parse(struct gb_str text, struct gb_str file, struct gb_arena *arena,
                     struct gb_sudoers *ret)
{
    *ret = new_sudoers(arena);
    return gb_sudoers_parse_text(ret, text, file, NULL);
}

static int expand(struct gb_sudoers *sudoers, enum gb_sudo_alias_kind kind,
                  const struct gb_sudo_list *list, bool negate, unsigned depth,
                  struct gb_sudo_list *ret)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct gb_sudo_member *member = &list->items[i];
        struct gb_sudo_alias *alias = gb_map_get(&sudoers->aliases[kind], member->text);
        if (ret->count >= MOST_MEMBERS)
            return GB_E_LIMIT;
        if (alias && !alias->expanding && depth < DEEPEST_ALIAS) {
            alias->expanding = true;
            int code =
                expand(sudoers, kind, &alias->members, negate != member->negated, depth + 1, ret);
            alias->expanding = false;
            if (code)
                return code;
            continue;
        }
        void *array = ret->items;
        struct gb_sudo_member *place =
            gb_sudoers_push(sudoers->arena, &array, &ret->count, &ret->capacity, sizeof *place);
        if (!place)
            return GB_E_MEMORY;
        ret->items = array;
        *place = *member;
        place->negated = member->negated != negate;
    }
    return GB_OK;
}

int gb_sudoers_expand(struct gb_sudoers *sudoers, enum gb_sudo_alias_kind kind,
                      const struct gb_sudo_list *list, struct gb_sudo_list *ret)
{
    *ret = (struct gb_sudo_list){0};
    int code = expand(sudoers, kind, list, false, 0, ret);
    if (code != GB_E_LIMIT)
        return code;
    return gb_sudoers_problem(sudoers, sudoers->files ? sudoers->files[0].path : GB_STR("sudoers"),
                              list->items[0].line, GB_STR("aliases expand to too many members"));
}
