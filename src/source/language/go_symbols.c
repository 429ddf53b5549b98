// The functions in a Go program, by the names in its table of functions (pclntab), those that were
// inlined everywhere included. Used to tell that vulnerable code was not linked.
//
// Format: runtime/symtab.go and debug/gosym of Go; the header changed in Go 1.2, 1.16, 1.18 and
// 1.20. What is wanted here is the run of zero-terminated names: since 1.16 it is a table of its
// own, before that names stand between other data. Names may be matched too often, which says
// "present"; never too seldom.
#include "base/map.h"
#include "source/language/go_program.h"
#include "source/language/language.h"

#include <stdlib.h>

enum {
    NAME_LONGEST = 16 << 10,
    WINDOW = 256 << 10,
    SEARCHED_MOST = 256 << 20,
    TABLE_ALIGNMENT = 8,
    HEADER_LONGEST = 8 + 8 * 8,
    WANTED_MOST = 100000,
    SCRATCH_BYTES = 64 << 20,
};

struct table {
    uint64_t at, size; // of the names, in the file
    bool mixed;        // they stand between other data
};

// One question that asks for a function.
struct asker {
    struct gb_go_question *question;
    struct asker *next;
};

struct search {
    struct gb_map wanted;    // name as given, also "import/path.*" -> its askers
    struct gb_map stems;     // what a name of interest begins with: see stem_of
    size_t open;             // questions without an answer
    struct gb_str main_path; // import path of the package that the program calls "main"
    bool mixed;
    bool credible; // a name of the runtime was seen: this is the right table
};

// ---- finding the table

static uint32_t magic_of(const struct gb_elf *elf, const unsigned char *header)
{
    return (uint32_t)gb_elf_number(elf, header, 4);
}

// The header of the table: which of its words hold the places of the names and of what follows.
static bool take_header(const struct gb_elf *elf, const unsigned char *header, uint64_t at,
                        uint64_t size, struct table *ret)
{
    static const struct {
        uint32_t magic;
        unsigned names; // word that holds where they begin; where they end is in the next
    } forms[] = {{0xfffffffb, 0}, {0xfffffffa, 2}, {0xfffffff0, 3}, {0xfffffff1, 3}};
    unsigned quantum = header[6], word = header[7];
    if (header[4] || header[5] || (quantum != 1 && quantum != 2 && quantum != 4) ||
        (word != 4 && word != 8))
        return false;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (magic_of(elf, header) != forms[i].magic)
            continue;
        if (!forms[i].names) {
            *ret = (struct table){at, size, true};
            return true;
        }
        const unsigned char *words = header + 8;
        uint64_t from = gb_elf_number(elf, words + forms[i].names * word, word);
        uint64_t to = gb_elf_number(elf, words + (forms[i].names + 1) * word, word);
        if (from < 8 || from > to || to > size)
            return false;
        *ret = (struct table){at + from, to - from, false};
        return true;
    }
    return false;
}

// Where a linker put the table among other data: looks for its header.
static bool look_for_header(const struct gb_elf *elf, uint64_t at, uint64_t size, struct table *ret)
{
    size_t window_size = WINDOW;
    unsigned char *window = malloc(window_size);
    bool found = false;
    size = size < SEARCHED_MOST ? size : SEARCHED_MOST;
    for (uint64_t done = 0; window && !found && done < size; done += window_size - HEADER_LONGEST) {
        size_t rest = size - done < window_size ? (size_t)(size - done) : window_size;
        int64_t got = gb_content_read(elf->content, at + done, window, rest);
        for (int64_t i = 0; !found && i + HEADER_LONGEST <= got; i += TABLE_ALIGNMENT)
            found = magic_of(elf, window + i) >= 0xfffffff0 &&
                    take_header(elf, window + i, at + done + (uint64_t)i, size - done - (uint64_t)i,
                                ret);
        if (got <= HEADER_LONGEST)
            break;
    }
    free(window);
    return found;
}

static bool find_table(const struct gb_elf *elf, struct table *ret)
{
    static const char *const names[] = {".gopclntab", ".data.rel.ro.gopclntab", ".data.rel.ro"};
    enum { COUNT = sizeof names / sizeof *names };
    struct gb_elf_section sections[COUNT];
    unsigned char header[HEADER_LONGEST] = {0};
    unsigned found = gb_elf_sections(elf, names, COUNT, sections);
    for (unsigned i = 0; i + 1 < COUNT; i++)
        if (found & 1u << i)
            return gb_content_read(elf->content, sections[i].offset, header, sizeof header) > 8 &&
                   take_header(elf, header, sections[i].offset, sections[i].size, ret);
    if (found)
        return look_for_header(elf, sections[COUNT - 1].offset, sections[COUNT - 1].size, ret);
    struct gb_elf_segment segment;
    for (uint32_t i = 0; i < elf->segment_count; i++)
        if (gb_elf_segment(elf, i, &segment) && segment.type == GB_ELF_LOAD &&
            !(segment.flags & GB_ELF_EXECUTE) &&
            look_for_header(elf, segment.offset, segment.file_size, ret))
            return true;
    return false;
}

// ---- names

// The front of a name that neither escapes nor symbols are in: "gopkg.in/yaml" of
// "gopkg.in/yaml%2ev2.Unmarshal" and of "gopkg.in/yaml.v2.Unmarshal".
static struct gb_str stem_of(struct gb_str name)
{
    size_t from = 0, i = 0;
    for (; i < name.len && name.at[i] != '[' && name.at[i] != '('; i++)
        if (name.at[i] == '/')
            from = i + 1;
    for (i = from; i < name.len && name.at[i] != '.' && name.at[i] != '%'; i++)
        ;
    return gb_str_sub(name, 0, i);
}

static unsigned hexadecimal(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                  : 16;
}

// Writes the import path as people write it: escapes of the linker are taken back. *used is what it
// took of the name, up to the dot behind the path.
static size_t write_path(struct gb_str name, size_t stem, char *into, size_t *used)
{
    size_t out = 0, i = 0;
    for (; i < name.len && (i < stem || name.at[i] != '.'); i++) {
        if (name.at[i] == '%' && i + 2 < name.len && hexadecimal(name.at[i + 1]) < 16 &&
            hexadecimal(name.at[i + 2]) < 16) {
            into[out++] = (char)(hexadecimal(name.at[i + 1]) << 4 | hexadecimal(name.at[i + 2]));
            i += 2;
        } else {
            into[out++] = name.at[i];
        }
    }
    *used = i;
    return out;
}

// Writes what is behind the path without marks of pointers and without type arguments:
// ".(*Map[...]).Load-fm" becomes ".Map.Load".
static size_t write_symbol(struct gb_str rest, char *into)
{
    size_t out = 0;
    unsigned depth = 0;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        if (c == '[')
            depth++;
        else if (c == ']')
            depth -= depth > 0;
        else if (!depth && c == '-')
            break;
        else if (!depth && c != '(' && c != '*' && c != ')')
            into[out++] = c;
    }
    return out;
}

static void answer(struct search *search, struct gb_str name)
{
    for (struct asker *asker = gb_map_get(&search->wanted, name); asker; asker = asker->next) {
        search->open -= !asker->question->found;
        asker->question->found = true;
    }
}

// Answers who asks for the function, or for one that it is a closure of. `name` is as the linker
// wrote it. Called for names of interest only: its buffer is large.
static void match(struct search *search, struct gb_str name)
{
    char text[NAME_LONGEST + 2];
    size_t used, path = write_path(name, stem_of(name).len, text, &used);
    if (path == name.len && used == name.len)
        return;
    size_t whole = path + write_symbol(gb_str_from(name, used), text + path);
    for (size_t end = path + 1; end <= whole; end++)
        if (end == whole || text[end] == '.')
            answer(search, (struct gb_str){text, end});
    text[path] = '.';
    text[path + 1] = '*';
    answer(search, (struct gb_str){text, path + 2});
}

// The package "main" by its import path, which advisories name.
static void match_main(struct search *search, struct gb_str name)
{
    char text[NAME_LONGEST];
    struct gb_str rest = gb_str_from(name, sizeof "main" - 1);
    if (search->main_path.len + rest.len > sizeof text)
        return;
    // Dots in the last part of the path are escaped in names.
    size_t out = 0, slash = (size_t)(gb_str_rfind_char(search->main_path, '/') + 1);
    for (size_t i = 0; i < search->main_path.len && out + 3 < sizeof text; i++) {
        char c = search->main_path.at[i];
        if (c == '.' && i >= slash) {
            memcpy(text + out, "%2e", 3);
            out += 3;
        } else {
            text[out++] = c;
        }
    }
    if (out + rest.len > sizeof text)
        return;
    memcpy(text + out, rest.at, rest.len);
    match(search, (struct gb_str){text, out + rest.len});
}

// What stands before the name is other data.
static void look_at_mixed(struct search *search, struct gb_str name)
{
    search->credible = search->credible || gb_str_contains(name, GB_STR("runtime."));
    for (size_t i = 0; i < search->stems.count; i++) {
        ptrdiff_t at = gb_str_find(name, search->stems.entries[i].key);
        if (at >= 0)
            match(search, gb_str_from(name, (size_t)at));
    }
    ptrdiff_t at = search->main_path.len ? gb_str_find(name, GB_STR("main.")) : -1;
    if (at >= 0)
        match_main(search, gb_str_from(name, (size_t)at));
}

static void look_at(struct search *search, struct gb_str name)
{
    if (search->mixed) {
        look_at_mixed(search, name);
        return;
    }
    if (gb_str_starts(name, GB_STR("runtime.")))
        search->credible = true;
    if (gb_map_get(&search->stems, stem_of(name)))
        match(search, name);
    if (search->main_path.len && gb_str_starts(name, GB_STR("main.")))
        match_main(search, name);
}

// Goes over all names of the table, a window at a time.
static int look_at_names(const struct gb_elf *elf, const struct table *table, struct search *search)
{
    char *window = malloc(WINDOW);
    size_t kept = 0;
    int code = window ? GB_OK : GB_E_MEMORY;
    for (uint64_t done = 0; !code && search->open && done < table->size;) {
        size_t room = WINDOW - kept;
        room = table->size - done < room ? (size_t)(table->size - done) : room;
        if (!gb_content_exactly(elf->content, table->at + done, window + kept, room)) {
            code = GB_E_IO;
            break;
        }
        done += room;
        struct gb_str rest = {window, kept + room};
        for (ptrdiff_t end; search->open && (end = gb_str_find_char(rest, '\0')) >= 0;
             rest = gb_str_from(rest, (size_t)end + 1))
            look_at(search,
                    gb_str_sub(rest, 0, (size_t)end < NAME_LONGEST ? (size_t)end : NAME_LONGEST));
        if (search->open && rest.len >= NAME_LONGEST) {
            code = GB_E_LIMIT; // no names
            break;
        }
        memmove(window, rest.at, rest.len);
        kept = rest.len;
    }
    free(window);
    return code;
}

// ---- wanted

static int ask(struct search *search, struct gb_arena *arena, struct gb_go_question *question)
{
    for (size_t i = 0; i < question->count; i++) {
        struct gb_str symbol = question->symbols[i];
        if (!symbol.len || symbol.len > NAME_LONGEST)
            continue;
        struct asker *asker = gb_alloc(arena, sizeof *asker);
        if (!asker)
            return GB_E_MEMORY;
        *asker = (struct asker){question, gb_map_get(&search->wanted, symbol)};
        if (gb_map_set(&search->wanted, symbol, asker) < 0 ||
            gb_map_set(&search->stems, stem_of(symbol), search) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int prepare(struct search *search, struct gb_arena *arena, struct gb_go_question *questions,
                   size_t count)
{
    search->wanted = gb_map(arena);
    search->stems = gb_map(arena);
    search->open = count;
    for (size_t i = 0; i < count; i++) {
        questions[i].found = false;
        if (ask(search, arena, &questions[i]) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// The import path of the main package, from the build information.
static struct gb_str main_path(const struct gb_elf *elf, struct gb_arena *arena)
{
    static const char *const names[] = {".go.buildinfo"};
    struct gb_elf_section section;
    struct gb_go_build build;
    bool there = gb_elf_sections(elf, names, 1, &section) & 1;
    if (gb_go_build_read(elf, there ? &section : NULL, arena, &build) < 0)
        return GB_STR("");
    for (struct gb_str line; gb_str_next(&build.modules, '\n', &line);)
        if (gb_str_starts(line, GB_STR("path\t")))
            return gb_str_from(line, sizeof "path\t" - 1);
    return GB_STR("");
}

int gb_language_go_questions(const struct gb_content_reader *content,
                             struct gb_go_question *questions, size_t count, struct gb_error *err)
{
    struct gb_elf elf;
    struct table table;
    struct search search = {0};
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += questions[i].count;
    if (wanted > WANTED_MOST)
        return gb_error_set(err, GB_E_LIMIT, "more than %d functions are asked for", WANTED_MOST);
    if (gb_elf_open(content, &elf) < 0 || !find_table(&elf, &table))
        return gb_error_set(err, GB_E_UNSUPPORTED, "has no table of functions");
    GB_CLEANUP(gb_arena_free)
    struct gb_arena *arena = gb_arena_new("go symbols", SCRATCH_BYTES);
    if (!arena || prepare(&search, arena, questions, count) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the functions of a Go program");
    search.mixed = table.mixed;
    search.main_path = main_path(&elf, arena);
    int code = look_at_names(&elf, &table, &search);
    if (code == GB_E_MEMORY)
        return gb_error_set(err, code, "no memory for the functions of a Go program");
    if (search.open && (code || !search.credible))
        return gb_error_set(err, GB_E_UNSUPPORTED, "its table of functions cannot be read");
    return GB_OK;
}

int gb_language_go_symbols(const struct gb_content_reader *content, const struct gb_str *wanted,
                           size_t count, bool *ret, struct gb_error *err)
{
    struct gb_go_question question = {.symbols = wanted, .count = count};
    int code = gb_language_go_questions(content, &question, 1, err);
    if (!code)
        *ret = question.found;
    return code;
}
