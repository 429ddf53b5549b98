// Finds the programs of a shell command line: see shell_command.h.
#include "source/host/shell_command.h"

enum { MOST_PROGRAMS = 64, MOST_WORDS = 4096, DEEPEST_COMMAND = 3 };

enum word_kind { WORD, SEPARATOR, PIPE, REDIRECTION };

struct word {
    enum word_kind kind;
    struct gb_str text; // without quotes; "" where a substitution decides
    bool decided_later;
};

// What the words of a simple command are taken for.
struct reader {
    struct gb_arena *arena;
    struct gb_shell_programs *out;
    struct gb_str directory;
    unsigned depth;
    bool fetches; // the command before the pipe downloads something
};

static bool is_name(struct gb_str name, const char *names)
{
    struct gb_str rest = gb_str_of(names), one;
    while (gb_str_next_word(&rest, &one))
        if (gb_str_eq(one, name))
            return true;
    return false;
}

static struct gb_str base_name(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// --- Words

static bool is_operator(char c)
{
    return strchr(";&|()\n", c) != NULL && c != '\0';
}

// Skips "$(...)" or "`...`" behind its first character; what is inside runs too, but its words
// depend on what it is used for.
static size_t skip_substitution(struct gb_str text, size_t at)
{
    size_t depth = 1;
    char close = text.at[at] == '`' ? '`' : ')';
    at += close == '`' ? 1 : 2;
    for (; at < text.len && depth > 0; at++) {
        if (close == ')' && text.at[at] == '(')
            depth++;
        else if (text.at[at] == close)
            depth--;
    }
    return at;
}

// One word at *at; its text without quotes goes into `plain`, which has room for all of the text.
static struct word read_word(struct gb_str text, size_t *at, char *plain)
{
    struct word word = {.kind = WORD};
    size_t len = 0, i = *at;
    char quote = '\0';
    while (i < text.len) {
        char c = text.at[i];
        if (!quote && (c == ' ' || c == '\t' || c == '<' || c == '>' || is_operator(c)))
            break;
        if (c == '\\' && quote != '\'' && i + 1 < text.len) {
            plain[len++] = text.at[i + 1];
            i += 2;
        } else if (c == quote) {
            quote = '\0';
            i++;
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
            i++;
        } else if (quote != '\'' &&
                   (c == '`' || (c == '$' && i + 1 < text.len && text.at[i + 1] == '('))) {
            i = skip_substitution(text, i);
            word.decided_later = true;
        } else {
            word.decided_later |= c == '$' && quote != '\'';
            plain[len++] = c;
            i++;
        }
    }
    *at = i;
    word.text = (struct gb_str){plain, len};
    return word;
}

static int split(struct reader *reader, struct gb_str text, struct word **ret, size_t *ret_count)
{
    size_t capacity = 0, count = 0;
    struct word *words = NULL;
    for (size_t i = 0; i < text.len && count < MOST_WORDS;) {
        char c = text.at[i];
        struct word word = {.kind = SEPARATOR};
        if (c == ' ' || c == '\t' || c == '\r') {
            i++;
            continue;
        }
        if (c == '#' && (i == 0 || strchr(" \t;&|", text.at[i - 1])))
            break;
        if (c == '<' || c == '>') {
            word.kind = REDIRECTION;
            while (i < text.len && strchr("<>&|", text.at[i]))
                i++;
        } else if (is_operator(c)) {
            word.kind = c == '|' && (i + 1 >= text.len || text.at[i + 1] != '|') ? PIPE : SEPARATOR;
            i += i + 1 < text.len && text.at[i + 1] == c ? 2 : 1;
        } else {
            char *plain = gb_alloc(reader->arena, text.len - i);
            if (!plain)
                return GB_E_MEMORY;
            word = read_word(text, &i, plain);
        }
        if (count == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            struct word *grown =
                gb_grow_array(reader->arena, words, capacity, wider, sizeof *words);
            if (!grown)
                return GB_E_MEMORY;
            words = grown;
            capacity = wider;
        }
        words[count++] = word;
    }
    *ret = words;
    *ret_count = count;
    return GB_OK;
}

// --- Commands

static int add_program(struct reader *reader, struct gb_str path, bool directory)
{
    struct gb_shell_programs *out = reader->out;
    if (path.len == 0 || out->count >= MOST_PROGRAMS)
        return GB_OK;
    if (path.at[0] != '/' && (directory || gb_str_find_char(path, '/') >= 0)) {
        if (reader->directory.len == 0)
            return GB_OK; // relative to where nobody knows
        path = gb_str_format(reader->arena, GB_PRI "/" GB_PRI, GB_ARG(reader->directory),
                             GB_ARG(path));
    } else {
        path = gb_str_copy(reader->arena, path);
    }
    if (!path.at)
        return GB_E_MEMORY;
    if (out->count == out->capacity) {
        size_t wider = out->capacity ? out->capacity * 2 : 4;
        struct gb_shell_program *grown =
            gb_grow_array(reader->arena, out->items, out->capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->items = grown;
        out->capacity = wider;
    }
    out->items[out->count++] = (struct gb_shell_program){path, directory};
    return GB_OK;
}

static bool is_assignment(struct gb_str word)
{
    ptrdiff_t equals = gb_str_find_char(word, '=');
    for (ptrdiff_t i = 0; i < equals; i++) {
        char c = word.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return equals > 0;
}

// Programs that start the one behind them, and which of their options take a word of their own. The
// words before the command are counted in `before` (timeout 5 COMMAND, flock FILE COMMAND).
static const struct {
    const char *name, *options;
    unsigned before;
} starters[] = {
    {"nice", "-n --adjustment", 0},
    {"ionice", "-c -n -p --class --classdata", 0},
    {"nohup", "", 0},
    {"timeout", "-s -k --signal --kill-after", 1},
    {"env", "-u -C --unset --chdir", 0},
    {"exec", "-a", 0},
    {"command", "", 0},
    {"time", "-f -o", 0},
    {"chronic", "", 0},
    {"setsid", "", 0},
    {"stdbuf", "-i -o -e", 0},
    {"flock", "-w -E --timeout --conflict-exit-code", 1},
    {"sudo", "-u -g -h -p -C -T -U", 0},
    {"systemd-cat", "-t -p", 0},
    {"cronic", "", 0},
    {"chrt", "-p", 1},
    {"taskset", "", 1},
};

static bool is_shell_or_interpreter(struct gb_str name)
{
    while (name.len && strchr("0123456789.", name.at[name.len - 1]))
        name.len--;
    return is_name(name, "sh bash dash ash zsh ksh fish python perl ruby php node lua Rscript");
}

static int read_command(struct reader *reader, struct gb_str text);

// The words behind a shell or interpreter: the script, or with -c the code.
static int read_interpreted(struct reader *reader, const struct word *words, size_t count,
                            bool shell)
{
    for (size_t i = 0; i < count; i++) {
        struct gb_str word = words[i].text;
        if (word.len > 1 && word.at[0] == '-') {
            // "-c", "-lc": the next word is code. For others than shells it is no command line.
            if (word.at[1] == '-' || gb_str_find_char(word, 'c') < 0)
                continue;
            return shell && i + 1 < count && !words[i + 1].decided_later
                       ? read_command(reader, words[i + 1].text)
                       : GB_OK;
        }
        return words[i].decided_later ? GB_OK : add_program(reader, word, false);
    }
    return GB_OK;
}

// Where the command behind a starter begins.
static size_t behind_starter(const struct word *words, size_t count, size_t at, size_t starter)
{
    unsigned before = starters[starter].before;
    for (at++; at < count; at++) {
        struct gb_str word = words[at].text;
        if (word.len > 1 && word.at[0] == '-')
            at += is_name(word, starters[starter].options);
        else if (before > 0)
            before--;
        else
            break;
    }
    return at;
}

static void change_directory(struct reader *reader, const struct word *words, size_t count)
{
    if (count == 0)
        return;
    bool known = !words[0].decided_later && words[0].text.len && words[0].text.at[0] == '/';
    reader->directory = known ? words[0].text : (struct gb_str){0};
}

// One simple command: its words without redirections.
static int read_simple(struct reader *reader, const struct word *words, size_t count)
{
    size_t at = 0;
    bool piped = reader->fetches;
    reader->fetches = false;
    for (size_t turns = 0; turns <= count; turns++) {
        while (at < count && (is_assignment(words[at].text) ||
                              is_name(words[at].text, "if then else elif while until do ! {")))
            at++;
        if (at >= count || words[at].decided_later)
            return GB_OK;
        struct gb_str word = words[at].text, name = base_name(word);
        if (is_name(word, "fi done esac } : [ [[ test true false echo exit set export unset for "
                          "case in function return wait umask ulimit"))
            return GB_OK;
        if (is_name(word, "cd")) {
            change_directory(reader, words + at + 1, count - at - 1);
            return GB_OK;
        }
        if (is_name(word, ". source"))
            return at + 1 < count && !words[at + 1].decided_later
                       ? add_program(reader, words[at + 1].text, false)
                       : GB_OK;
        int code = add_program(reader, word, false);
        if (code)
            return code;
        bool interprets = is_shell_or_interpreter(name);
        reader->out->runs_download |= interprets && piped;
        reader->fetches |= is_name(name, "curl wget aria2c fetch");
        if (interprets)
            return read_interpreted(reader, words + at + 1, count - at - 1,
                                    is_name(name, "sh bash dash ash zsh ksh"));
        if (gb_str_is(name, "run-parts")) {
            for (at++; at < count; at++)
                if (words[at].text.len && words[at].text.at[0] != '-')
                    return words[at].decided_later ? GB_OK
                                                   : add_program(reader, words[at].text, true);
            return GB_OK;
        }
        // "flock FILE -c CODE", "su NAME -c CODE"
        if (is_name(name, "flock su runuser"))
            for (size_t i = at + 1; i + 1 < count; i++)
                if (gb_str_is(words[i].text, "-c"))
                    return words[i + 1].decided_later ? GB_OK
                                                      : read_command(reader, words[i + 1].text);
        size_t starter = 0, known = sizeof starters / sizeof starters[0];
        while (starter < known && !gb_str_is(name, starters[starter].name))
            starter++;
        if (starter == known)
            return GB_OK;
        at = behind_starter(words, count, at, starter);
    }
    return GB_OK;
}

static int read_command(struct reader *reader, struct gb_str text)
{
    struct word *words;
    size_t count;
    if (reader->depth >= DEEPEST_COMMAND)
        return GB_OK;
    int code = split(reader, text, &words, &count);
    reader->depth++;
    for (size_t start = 0; !code && start < count;) {
        // Gather the words of one simple command, redirections and their files left out.
        size_t end = start, kept = start;
        for (; end < count && words[end].kind != SEPARATOR && words[end].kind != PIPE; end++) {
            if (words[end].kind == REDIRECTION)
                end += end + 1 < count && words[end + 1].kind == WORD;
            else
                words[kept++] = words[end];
        }
        code = read_simple(reader, words + start, kept - start);
        if (end >= count || words[end].kind != PIPE)
            reader->fetches = false;
        start = end + 1;
    }
    reader->depth--;
    return code;
}

int gb_shell_command(struct gb_str text, struct gb_str directory, struct gb_arena *arena,
                     struct gb_shell_programs *ret)
{
    struct reader reader = {.arena = arena, .out = ret, .directory = directory};
    return read_command(&reader, text);
}
