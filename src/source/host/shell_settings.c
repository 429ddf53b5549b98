// Reads settings out of shell start-up files: see shell_settings.h.
#include "source/host/shell_settings.h"

enum { DEEPEST_IF = 32 };

// Where the reader is with respect to tests for root.
enum branch { ANY, ROOT_ONLY, OTHERS_ONLY };

struct reader {
    struct gb_shell_settings *out;
    struct gb_str file, text;
    size_t at;
    uint32_t line;
    enum branch branches[DEEPEST_IF];
    unsigned depth; // of ifs; may be larger than DEEPEST_IF
};

// The next simple command: up to ; & | ( ) { } or the end of the line, outside of quotes. Comments
// are left out. False at the end of the text.
static bool next_command(struct reader *r, struct gb_str *ret, uint32_t *line)
{
    while (r->at < r->text.len && strchr(" \t\r\n;&|(){}", r->text.at[r->at])) {
        r->line += r->text.at[r->at] == '\n';
        r->at++;
    }
    if (r->at >= r->text.len)
        return false;
    size_t start = r->at;
    *line = r->line;
    char quote = '\0';
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.at[r->at];
        if (c == '\\' && quote != '\'' && r->at + 1 < r->text.len) {
            r->at++;
            r->line += r->text.at[r->at] == '\n';
        } else if (quote) {
            r->line += c == '\n';
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '$' && r->at + 1 < r->text.len && r->text.at[r->at + 1] == '{') {
            r->at++; // "${NAME}" is no end
        } else if (c == '}' && r->at > start && r->text.at[r->at - 1] != ' ' &&
                   gb_str_contains(gb_str_sub(r->text, start, r->at - start), GB_STR("${"))) {
            continue;
        } else if (c == '$' && r->at + 1 < r->text.len && r->text.at[r->at + 1] == '(') {
            r->at++; // "$(id -u)" belongs to the test
        } else if (c == ')' &&
                   gb_str_contains(gb_str_sub(r->text, start, r->at - start), GB_STR("$("))) {
            continue;
        } else if (strchr(";&|(){}\n", c)) {
            break;
        } else if (c == '#' && (r->at == start || strchr(" \t", r->text.at[r->at - 1]))) {
            *ret = gb_str_sub(r->text, start, r->at - start);
            while (r->at < r->text.len && r->text.at[r->at] != '\n')
                r->at++;
            return true;
        }
    }
    *ret = gb_str_sub(r->text, start, r->at - start);
    return true;
}

// "if [ "$(id -u)" -eq 0 ]": who takes the branch?
static enum branch branch_of(struct gb_str test)
{
    bool uid = gb_str_contains(test, GB_STR("id -u")) || gb_str_contains(test, GB_STR("EUID")) ||
               gb_str_contains(test, GB_STR("$UID")) || gb_str_contains(test, GB_STR("${UID"));
    bool zero = gb_str_contains(test, GB_STR(" 0")) || gb_str_contains(test, GB_STR("\"0\""));
    if (!uid || !zero)
        return ANY;
    if (gb_str_contains(test, GB_STR("-ne")) || gb_str_contains(test, GB_STR("!=")) ||
        gb_str_contains(test, GB_STR("-gt")))
        return OTHERS_ONLY;
    return gb_str_contains(test, GB_STR("-eq")) || gb_str_contains(test, GB_STR("=")) ? ROOT_ONLY
                                                                                      : ANY;
}

static struct gb_str unquote(struct gb_str s)
{
    s = gb_str_trim(s);
    if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0])
        return gb_str_sub(s, 1, s.len - 2);
    return s;
}

static int add(struct reader *r, struct gb_shell_setting setting)
{
    struct gb_shell_settings *out = r->out;
    if (out->count == out->capacity) {
        size_t wider = out->capacity ? out->capacity * 2 : 8;
        struct gb_shell_setting *grown =
            gb_grow_array(out->arena, out->items, out->capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->items = grown;
        out->capacity = wider;
    }
    for (unsigned i = 0; i < r->depth && i < DEEPEST_IF; i++)
        setting.not_for_root |= r->branches[i] == OTHERS_ONLY;
    setting.file = r->file;
    out->items[out->count++] = setting;
    return GB_OK;
}

// Takes the first word, where quotes hold blanks together.
static struct gb_str take_word(struct gb_str *rest)
{
    *rest = gb_str_trim(*rest);
    size_t end = 0;
    char quote = '\0';
    for (; end < rest->len; end++) {
        char c = rest->at[end];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == ' ' || c == '\t' || c == '\n')
            break;
    }
    struct gb_str word = gb_str_sub(*rest, 0, end);
    *rest = gb_str_from(*rest, end);
    return word;
}

// "PATH=...", "export TMOUT=600", "declare -xr TMOUT", "umask 027": the words of one command.
static int read_words(struct reader *r, struct gb_str command, uint32_t line)
{
    struct gb_shell_setting setting = {.line = line};
    int code = GB_OK;
    for (struct gb_str word; !code && (word = take_word(&command)).len;) {
        if (gb_str_is(word, "then") || gb_str_is(word, "else") || gb_str_is(word, "do")) {
            continue;
        } else if (gb_str_is(word, "export")) {
            setting.exports = true;
        } else if (gb_str_is(word, "readonly")) {
            setting.locks = true;
        } else if (gb_str_is(word, "declare") || gb_str_is(word, "typeset") ||
                   gb_str_is(word, "local")) {
            continue;
        } else if (word.at[0] == '-') {
            setting.exports |= gb_str_find_char(word, 'x') > 0;
            setting.locks |= gb_str_find_char(word, 'r') > 0;
        } else if (gb_str_is(word, "umask")) {
            struct gb_str value = take_word(&command);
            if (gb_str_is(value, "-S"))
                value = take_word(&command);
            setting.kind = GB_SHELL_UMASK;
            setting.value = unquote(value);
            return setting.value.len ? add(r, setting) : GB_OK;
        } else {
            ptrdiff_t equals = gb_str_find_char(word, '=');
            struct gb_str name = equals < 0 ? word : gb_str_sub(word, 0, (size_t)equals);
            bool path = gb_str_is(name, "PATH"), tmout = gb_str_is(name, "TMOUT");
            if (equals < 0 && !setting.exports && !setting.locks)
                return GB_OK; // some other command
            if (!path && !tmout)
                continue;
            setting.kind = path ? GB_SHELL_PATH : GB_SHELL_TMOUT;
            setting.value =
                equals < 0 ? GB_STR("") : unquote(gb_str_from(word, (size_t)equals + 1));
            if (equals >= 0 || tmout)
                code = add(r, setting);
        }
    }
    return code;
}

static void enter(struct reader *r, enum branch branch)
{
    if (r->depth < DEEPEST_IF)
        r->branches[r->depth] = branch;
    r->depth++;
}

static void turn(struct reader *r)
{
    if (r->depth == 0 || r->depth > DEEPEST_IF)
        return;
    enum branch *branch = &r->branches[r->depth - 1];
    *branch = *branch == ROOT_ONLY ? OTHERS_ONLY : *branch == OTHERS_ONLY ? ROOT_ONLY : ANY;
}

int gb_shell_settings_read(struct gb_str text, struct gb_str file,
                           struct gb_shell_settings *settings)
{
    struct reader r = {.out = settings, .file = file, .text = text, .line = 1};
    struct gb_str command;
    uint32_t line;
    int code = GB_OK;
    while (!code && next_command(&r, &command, &line)) {
        struct gb_str rest = command, word;
        if (!gb_str_next_word(&rest, &word))
            continue;
        if (gb_str_is(word, "if")) {
            enter(&r, branch_of(rest));
            continue;
        }
        if (gb_str_is(word, "elif") && r.depth > 0 && r.depth <= DEEPEST_IF)
            r.branches[r.depth - 1] = branch_of(rest);
        else if (gb_str_is(word, "else"))
            turn(&r);
        else if (gb_str_is(word, "fi") && r.depth > 0)
            r.depth--;
        code = read_words(&r, command, line);
    }
    return code;
}

bool gb_umask_parse(struct gb_str text, uint32_t *ret)
{
    uint64_t octal;
    if (gb_str_to_uint(text, 8, &octal) == GB_OK && octal <= 0777) {
        *ret = (uint32_t)octal;
        return true;
    }
    // "u=rwx,g=rx,o=": what is allowed.
    uint32_t allowed = 0;
    struct gb_str part;
    bool any = false;
    while (gb_str_next(&text, ',', &part)) {
        uint32_t who = 0, what = 0;
        size_t i = 0;
        for (; i < part.len && strchr("ugoa", part.at[i]); i++)
            who |= part.at[i] == 'u'   ? 0700u
                   : part.at[i] == 'g' ? 070u
                   : part.at[i] == 'o' ? 07u
                                       : 0777u;
        if (i == part.len || part.at[i] != '=')
            return false;
        for (i++; i < part.len; i++) {
            if (!strchr("rwx", part.at[i]))
                return false;
            what |= part.at[i] == 'r' ? 0444u : part.at[i] == 'w' ? 0222u : 0111u;
        }
        allowed = (allowed & ~who) | (what & who);
        any = true;
    }
    *ret = ~allowed & 0777u;
    return any;
}
