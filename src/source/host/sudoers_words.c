// Words of sudoers(5): blanks and continued lines, comments, quotes and escapes, names, lists of
// names, commands. Used by sudoers_parse.c.
#include "base/buffer.h"
#include "source/host/sudoers_parse.h"

void *gb_sudoers_push(struct gb_arena *arena, void **array, size_t *count, size_t *capacity,
                      size_t size)
{
    if (*count == *capacity) {
        size_t wider = *capacity ? *capacity * 2 : 8;
        void *grown = gb_grow_array(arena, *array, *capacity, wider, size);
        if (!grown)
            return NULL;
        *array = grown;
        *capacity = wider;
    }
    return (char *)*array + (*count)++ * size;
}

int gb_sudoers_problem(struct gb_sudoers *sudoers, struct gb_str file, uint32_t line,
                       struct gb_str reason)
{
    void *array = sudoers->problems;
    struct gb_sudo_problem *problem =
        gb_sudoers_push(sudoers->arena, &array, &sudoers->problem_count, &sudoers->problem_capacity,
                        sizeof *problem);
    if (!problem || !reason.at)
        return GB_E_MEMORY;
    sudoers->problems = array;
    *problem = (struct gb_sudo_problem){file, reason, line};
    return GB_OK;
}

int gb_sudo_malformed(struct gb_sudo_parser *p, const char *reason)
{
    int code = gb_sudoers_problem(p->out, p->file, p->line, gb_str_of(reason));
    return code ? code : GB_SUDO_MALFORMED;
}

// The character `offset` behind the cursor; NUL at the end.
char gb_sudo_peek(const struct gb_sudo_parser *p, size_t offset)
{
    return p->at + offset < p->text.len ? p->text.at[p->at + offset] : '\0';
}

bool gb_sudo_at_end(const struct gb_sudo_parser *p)
{
    return p->at >= p->text.len;
}

// Length of a continuation ("\" at the end of a line) at the cursor, 0 = none.
size_t gb_sudo_continuation(const struct gb_sudo_parser *p)
{
    if (gb_sudo_peek(p, 0) != '\\')
        return 0;
    if (gb_sudo_peek(p, 1) == '\n')
        return 2;
    return gb_sudo_peek(p, 1) == '\r' && gb_sudo_peek(p, 2) == '\n' ? 3 : 0;
}

void gb_sudo_skip_blanks(struct gb_sudo_parser *p)
{
    for (;;) {
        size_t joined = gb_sudo_continuation(p);
        char c = gb_sudo_peek(p, 0);
        if (joined) {
            p->at += joined;
            p->line++;
        } else if (!gb_sudo_at_end(p) &&
                   (c == ' ' || c == '\t' || (c == '\r' && gb_sudo_peek(p, 1) == '\n'))) {
            p->at++;
        } else {
            return;
        }
    }
}

// '#' starts a comment unless a number follows: then it is a user or group id.
bool gb_sudo_at_comment(const struct gb_sudo_parser *p)
{
    if (gb_sudo_peek(p, 0) != '#')
        return false;
    char next = gb_sudo_peek(p, 1) == '-' ? gb_sudo_peek(p, 2) : gb_sudo_peek(p, 1);
    return next < '0' || next > '9';
}

bool gb_sudo_at_line_end(const struct gb_sudo_parser *p)
{
    return gb_sudo_at_end(p) || gb_sudo_peek(p, 0) == '\n' || gb_sudo_at_comment(p);
}

// To the end of the physical line, for comments; they are not continued.
void gb_sudo_skip_line(struct gb_sudo_parser *p)
{
    while (!gb_sudo_at_end(p) && gb_sudo_peek(p, 0) != '\n')
        p->at++;
}

// To the end of the logical line, after an error.
void gb_sudo_skip_entry(struct gb_sudo_parser *p)
{
    while (!gb_sudo_at_end(p) && gb_sudo_peek(p, 0) != '\n') {
        size_t joined = gb_sudo_continuation(p);
        if (joined)
            p->line++;
        p->at += joined ? joined : 1;
    }
}

struct gb_sudo_member *gb_sudo_add_member(struct gb_sudo_parser *p, struct gb_sudo_list *list,
                                          struct gb_str text, bool negated)
{
    void *array = list->items;
    struct gb_sudo_member *member =
        gb_sudoers_push(p->out->arena, &array, &list->count, &list->capacity, sizeof *member);
    if (!member || (text.len && !text.at))
        return NULL;
    list->items = array;
    *member = (struct gb_sudo_member){text, negated, p->line};
    return member;
}

static bool ends_word(char c)
{
    return strchr(" \t\r\n,:=()!>\"", c) != NULL; // NUL too
}

// A word without quotes: what the escapes stand for.
int gb_sudo_bare_word(struct gb_sudo_parser *p, struct gb_str *ret)
{
    size_t start = p->at, removed = 0;
    while (!gb_sudo_at_end(p)) {
        char c = gb_sudo_peek(p, 0);
        if (c == '\\') {
            if (gb_sudo_continuation(p) || p->at + 1 >= p->text.len)
                break;
            p->at += 2;
            removed++;
        } else if (ends_word(c) || (p->at > start && c == '#')) {
            break;
        } else {
            p->at++;
        }
    }
    *ret = gb_str_sub(p->text, start, p->at - start);
    if (ret->len == 0)
        return gb_sudo_malformed(p, "a name is missing");
    return removed ? gb_sudo_unescape(p, ret) : GB_SUDO_PARSED;
}

int gb_sudo_unescape(struct gb_sudo_parser *p, struct gb_str *ret)
{
    char *plain = gb_alloc(p->out->arena, ret->len);
    if (!plain)
        return GB_E_MEMORY;
    size_t len = 0;
    for (size_t i = 0; i < ret->len; i++) {
        if (ret->at[i] == '\\' && i + 1 < ret->len)
            i++;
        plain[len++] = ret->at[i];
    }
    *ret = (struct gb_str){plain, len};
    return GB_SUDO_PARSED;
}

// Behind an opening quote: up to the closing one, which must be on the same (continued) line.
int gb_sudo_quoted_word(struct gb_sudo_parser *p, struct gb_str *ret)
{
    size_t start = ++p->at, len = 0;
    while (!gb_sudo_at_end(p) && gb_sudo_peek(p, 0) != '"' && gb_sudo_peek(p, 0) != '\n') {
        size_t joined = gb_sudo_continuation(p);
        if (joined)
            p->line++;
        p->at += joined ? joined : gb_sudo_peek(p, 0) == '\\' && gb_sudo_peek(p, 1) == '"' ? 2 : 1;
    }
    if (gb_sudo_peek(p, 0) != '"')
        return gb_sudo_malformed(p, "a closing quote is missing");
    struct gb_str raw = gb_str_sub(p->text, start, p->at - start);
    p->at++;
    char *plain = gb_alloc(p->out->arena, raw.len + 1);
    if (!plain)
        return GB_E_MEMORY;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == '\\' && i + 1 < raw.len && strchr("\"\n\r", raw.at[i + 1])) {
            i++;
            if (raw.at[i] == '\r' && i + 1 < raw.len && raw.at[i + 1] == '\n')
                i++;
            if (raw.at[i] == '\n') {
                while (i + 1 < raw.len && (raw.at[i + 1] == ' ' || raw.at[i + 1] == '\t'))
                    i++;
                continue;
            }
        }
        plain[len++] = raw.at[i];
    }
    *ret = (struct gb_str){plain, len};
    return GB_SUDO_PARSED;
}

// An IPv6 address or network holds the colons that separate host lists elsewhere.
static size_t ipv6_length(const struct gb_sudo_parser *p)
{
    size_t len = 0, colons = 0;
    for (char c; (c = gb_sudo_peek(p, len)); len++) {
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex && c != ':' && c != '.' && c != '/')
            break;
        colons += c == ':';
    }
    return colons >= 2 ? len : 0;
}

static int name(struct gb_sudo_parser *p, enum gb_sudo_name_kind kind, struct gb_str *ret)
{
    if (gb_sudo_peek(p, 0) == '"')
        return gb_sudo_quoted_word(p, ret);
    size_t address = kind == GB_SUDO_HOSTS ? ipv6_length(p) : 0;
    if (address) {
        *ret = gb_str_sub(p->text, p->at, address);
        p->at += address;
        return GB_SUDO_PARSED;
    }
    // "%:group" is a group outside of the account files; "%#gid" and "#uid" are ids.
    struct gb_str prefix = {p->text.at + p->at, 0};
    if (gb_sudo_peek(p, 0) == '%') {
        prefix.len = 1;
        if (gb_sudo_peek(p, 1) == ':')
            prefix.len = 2;
        if (gb_sudo_peek(p, prefix.len) == '#')
            prefix.len++;
    }
    p->at += prefix.len;
    int code = gb_sudo_bare_word(p, ret);
    if (code == GB_SUDO_PARSED && prefix.len) {
        *ret = gb_str_format(p->out->arena, GB_PRI GB_PRI, GB_ARG(prefix), GB_ARG(*ret));
        code = ret->at ? GB_SUDO_PARSED : GB_E_MEMORY;
    }
    return code;
}

bool gb_sudo_skip_negation(struct gb_sudo_parser *p)
{
    bool negated = false;
    for (gb_sudo_skip_blanks(p); gb_sudo_peek(p, 0) == '!'; gb_sudo_skip_blanks(p)) {
        negated = !negated;
        p->at++;
    }
    return negated;
}

// item { "," item }
int gb_sudo_name_list(struct gb_sudo_parser *p, enum gb_sudo_name_kind kind,
                      struct gb_sudo_list *list)
{
    for (;;) {
        bool negated = gb_sudo_skip_negation(p);
        if (gb_sudo_at_line_end(p))
            return gb_sudo_malformed(p, kind == GB_SUDO_HOSTS ? "a host is missing"
                                                              : "a user is missing");
        struct gb_str text;
        int code = name(p, kind, &text);
        if (code)
            return code;
        if (!gb_sudo_add_member(p, list, text, negated))
            return GB_E_MEMORY;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ',')
            return GB_SUDO_PARSED;
        p->at++;
    }
}

// Does the word at the cursor equal `word`? It ends where something else begins.
bool gb_sudo_at_word(const struct gb_sudo_parser *p, const char *word)
{
    size_t len = strlen(word);
    struct gb_str here = gb_str_sub(p->text, p->at, len);
    return gb_str_is(here, word) &&
           (ends_word(gb_sudo_peek(p, len)) || gb_sudo_peek(p, len) == '#');
}

// --- Commands

bool gb_sudo_is_alias_name(struct gb_str s)
{
    if (s.len == 0 || s.at[0] < 'A' || s.at[0] > 'Z')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

// "sha256:digest, sha224:digest" before a command.
static int skip_digests(struct gb_sudo_parser *p)
{
    static const char *const digests[] = {"sha224", "sha256", "sha384", "sha512"};
    for (;;) {
        size_t i = 0;
        while (i < 4 && !gb_sudo_at_word(p, digests[i]))
            i++;
        if (i == 4)
            return GB_SUDO_PARSED;
        p->at += 6;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ':')
            return gb_sudo_malformed(p, "a colon is missing behind the name of a digest");
        p->at++;
        gb_sudo_skip_blanks(p);
        size_t start = p->at;
        while (gb_sudo_peek(p, 0) && !strchr(" \t\r\n,:!\\#", gb_sudo_peek(p, 0)))
            p->at++; // hexadecimal, or base64 with '=' and '/'
        if (p->at == start)
            return gb_sudo_malformed(p, "a digest is missing");
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) == ',') {
            p->at++;
            gb_sudo_skip_blanks(p);
        }
    }
}

// The text of a command up to where it ends, blanks and continuations made single blanks: the path
// ends at the first blank that has no backslash before it.
int gb_sudo_command_text(struct gb_sudo_parser *p, bool arguments, struct gb_str *ret)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(2u * GB_CONFIG_MAX_BYTES);
    bool expression = gb_sudo_peek(p, 0) == '^';
    while (!gb_sudo_at_end(p)) {
        char c = gb_sudo_peek(p, 0);
        if (c == ' ' || c == '\t' || (c == '\r' && gb_sudo_peek(p, 1) == '\n') ||
            gb_sudo_continuation(p)) {
            gb_sudo_skip_blanks(p);
            c = gb_sudo_peek(p, 0);
            if (!arguments || gb_sudo_at_end(p) || c == '\n' || (c == '#') || strchr(",:", c))
                break;
            expression = c == '^';
            gb_buffer_char(&text, ' ');
        } else if (c == '\\' && p->at + 1 < p->text.len) {
            // What is escaped for sudoers alone loses its backslash; blanks and wildcards keep it.
            bool plain = strchr(",:=#", gb_sudo_peek(p, 1)) != NULL && gb_sudo_peek(p, 1);
            gb_buffer_add(&text, gb_str_sub(p->text, p->at + plain, plain ? 1 : 2));
            p->at += 2;
        } else if (expression && c != '\n') {
            // A regular expression "^...$" may hold what ends other words.
            gb_buffer_char(&text, c);
            p->at++;
            expression = c != '$';
        } else if (c == '\n' || c == '#' || strchr(",:", c)) {
            break;
        } else {
            gb_buffer_char(&text, c);
            p->at++;
        }
    }
    if (text.failed)
        return GB_E_MEMORY;
    *ret = gb_str_copy(p->out->arena, gb_buffer_str(&text));
    return ret->at ? GB_SUDO_PARSED : GB_E_MEMORY;
}

// One command behind digests and '!': ALL, an alias, a path with arguments, a directory,
// "sudoedit ...", "list".
int gb_sudo_command(struct gb_sudo_parser *p, struct gb_sudo_list *list)
{
    int code = skip_digests(p);
    if (code)
        return code;
    bool negated = gb_sudo_skip_negation(p);
    if (gb_sudo_at_line_end(p))
        return gb_sudo_malformed(p, "a command is missing");
    uint32_t line = p->line;
    struct gb_str text;
    if (gb_sudo_at_word(p, "ALL") || (gb_sudo_peek(p, 0) >= 'A' && gb_sudo_peek(p, 0) <= 'Z')) {
        code = gb_sudo_bare_word(p, &text);
        if (code == GB_SUDO_PARSED && !gb_sudo_is_alias_name(text))
            return gb_sudo_malformed(p, "a command must be an absolute path, an alias, or ALL");
    } else if (gb_sudo_peek(p, 0) == '/' || gb_sudo_peek(p, 0) == '^' ||
               gb_sudo_at_word(p, "sudoedit") || gb_sudo_at_word(p, "list")) {
        code = gb_sudo_command_text(p, true, &text);
    } else {
        return gb_sudo_malformed(p, "a command must be an absolute path, an alias, or ALL");
    }
    if (code)
        return code;
    struct gb_sudo_member *member = gb_sudo_add_member(p, list, text, negated);
    if (!member)
        return GB_E_MEMORY;
    member->line = line;
    return GB_SUDO_PARSED;
}
