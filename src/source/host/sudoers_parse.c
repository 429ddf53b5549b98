// The grammar of sudoers(5): see sudoers.h. A syntax error is noted and the rest of the (continued)
// line is skipped.
#include "source/host/sudoers_parse.h"
#include "base/buffer.h"

// --- User specifications

static const char *const tag_names[GB_SUDO_TAG_COUNT] = {
    [GB_SUDO_EXEC] = "NOEXEC",
    [GB_SUDO_FOLLOW] = "NOFOLLOW",
    [GB_SUDO_INTERCEPT] = "NOINTERCEPT",
    [GB_SUDO_LOG_INPUT] = "NOLOG_INPUT",
    [GB_SUDO_LOG_OUTPUT] = "NOLOG_OUTPUT",
    [GB_SUDO_MAIL] = "NOMAIL",
    [GB_SUDO_PASSWD] = "NOPASSWD",
    [GB_SUDO_SETENV] = "NOSETENV",
};

const char *gb_sudo_tag_name(enum gb_sudo_tag tag, bool yes)
{
    return tag_names[tag] + (yes ? 2 : 0);
}

// "NOPASSWD:" at the cursor; false when there is no tag.
static bool take_tag(struct gb_sudo_parser *p, struct gb_sudo_rule *rule)
{
    for (int tag = 0; tag < GB_SUDO_TAG_COUNT; tag++)
        for (int yes = 0; yes < 2; yes++) {
            const char *word = gb_sudo_tag_name((enum gb_sudo_tag)tag, yes);
            if (!gb_sudo_at_word(p, word))
                continue;
            struct gb_sudo_parser ahead = *p;
            ahead.at += strlen(word);
            gb_sudo_skip_blanks(&ahead);
            if (gb_sudo_peek(&ahead, 0) != ':')
                continue;
            ahead.at++;
            *p = ahead;
            rule->tags[tag] = yes ? 1 : -1;
            return true;
        }
    return false;
}

// "CWD=/srv" at the cursor.
static int take_option(struct gb_sudo_parser *p, struct gb_sudo_rule *rule)
{
    static const char *const words[] = {"ROLE",    "TYPE",      "APPARMOR_PROFILE", "PRIVS",
                                        "TIMEOUT", "NOTBEFORE", "NOTAFTER",         "CWD",
                                        "CHROOT",  "LIMITPRIVS"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!gb_sudo_at_word(p, words[i]))
            continue;
        struct gb_sudo_parser ahead = *p;
        ahead.at += strlen(words[i]);
        gb_sudo_skip_blanks(&ahead);
        if (gb_sudo_peek(&ahead, 0) != '=')
            return GB_SUDO_NOTHING;
        ahead.at++;
        gb_sudo_skip_blanks(&ahead);
        struct gb_str value;
        int code = gb_sudo_peek(&ahead, 0) == '"' ? gb_sudo_quoted_word(&ahead, &value)
                                                  : gb_sudo_bare_word(&ahead, &value);
        *p = ahead;
        if (code)
            return code;
        for (size_t n = 0; n < rule->option_count; n++)
            if (gb_str_is(rule->options[n].name, words[i])) {
                rule->options[n].value = value;
                return GB_SUDO_PARSED;
            }
        if (rule->option_count < GB_SUDO_MOST_OPTIONS)
            rule->options[rule->option_count++] =
                (struct gb_sudo_option){gb_str_of(words[i]), value};
        return GB_SUDO_PARSED;
    }
    return GB_SUDO_NOTHING;
}

// "(" [users] [":" groups] ")"
static int runas(struct gb_sudo_parser *p, struct gb_sudo_rule *rule)
{
    p->at++;
    rule->runas_given = true;
    rule->runas_users = rule->runas_groups = (struct gb_sudo_list){0};
    gb_sudo_skip_blanks(p);
    int code = GB_SUDO_PARSED;
    if (gb_sudo_peek(p, 0) != ':' && gb_sudo_peek(p, 0) != ')')
        code = gb_sudo_name_list(p, GB_SUDO_USERS, &rule->runas_users);
    if (code == GB_SUDO_PARSED && gb_sudo_peek(p, 0) == ':') {
        p->at++;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ')')
            code = gb_sudo_name_list(p, GB_SUDO_USERS, &rule->runas_groups);
    }
    if (code)
        return code;
    if (gb_sudo_peek(p, 0) != ')')
        return gb_sudo_malformed(p, "a closing parenthesis is missing");
    p->at++;
    gb_sudo_skip_blanks(p);
    return GB_SUDO_PARSED;
}

static bool same_list(const struct gb_sudo_list *a, const struct gb_sudo_list *b)
{
    // Taken over from the specification before: the same array.
    return a->items == b->items && a->count == b->count;
}

// Do two specifications differ in their commands only?
static bool same_terms(const struct gb_sudo_rule *a, const struct gb_sudo_rule *b)
{
    if (memcmp(a->tags, b->tags, sizeof a->tags) != 0 || a->runas_given != b->runas_given ||
        !same_list(&a->runas_users, &b->runas_users) ||
        !same_list(&a->runas_groups, &b->runas_groups) || a->option_count != b->option_count)
        return false;
    for (size_t i = 0; i < a->option_count; i++)
        if (!gb_str_eq(a->options[i].name, b->options[i].name) ||
            !gb_str_eq(a->options[i].value, b->options[i].value))
            return false;
    return true;
}

static int add_rule(struct gb_sudo_parser *p, const struct gb_sudo_rule *rule)
{
    void *array = p->out->rules;
    struct gb_sudo_rule *place = gb_sudoers_push(p->out->arena, &array, &p->out->rule_count,
                                                 &p->out->rule_capacity, sizeof *place);
    if (!place)
        return GB_E_MEMORY;
    p->out->rules = array;
    *place = *rule;
    return GB_SUDO_PARSED;
}

// Cmnd_Spec { "," Cmnd_Spec }: Runas, options and tags hold until others are given.
static int command_specs(struct gb_sudo_parser *p, const struct gb_sudo_list *users,
                         const struct gb_sudo_list *hosts)
{
    struct gb_sudo_rule before = {.users = users, .hosts = hosts, .file = p->file};
    struct gb_sudo_rule rule = before;
    for (;;) {
        gb_sudo_skip_blanks(p);
        int code = gb_sudo_peek(p, 0) == '(' ? runas(p, &rule) : GB_SUDO_PARSED;
        while (code == GB_SUDO_PARSED) {
            gb_sudo_skip_blanks(p);
            if (take_tag(p, &rule))
                continue;
            code = take_option(p, &rule);
        }
        if (code != GB_SUDO_NOTHING)
            return code;
        // A line that goes on with the same terms is one rule with more commands.
        if (before.commands.count && !same_terms(&before, &rule)) {
            code = add_rule(p, &before);
            if (code)
                return code;
            before.commands = (struct gb_sudo_list){0};
        }
        struct gb_sudo_list commands = before.commands;
        uint32_t line = commands.count ? before.line : p->line;
        code = gb_sudo_command(p, &commands);
        if (code)
            return code;
        before = rule;
        before.commands = commands;
        before.line = line;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ',')
            return add_rule(p, &before);
        p->at++;
    }
}

// User_List Host_List "=" Cmnd_Spec_List { ":" Host_List "=" Cmnd_Spec_List }
static int user_specification(struct gb_sudo_parser *p)
{
    struct gb_sudo_list *users = gb_alloc(p->out->arena, sizeof *users);
    if (!users)
        return GB_E_MEMORY;
    size_t rules_before = p->out->rule_count;
    int code = gb_sudo_name_list(p, GB_SUDO_USERS, users);
    while (code == GB_SUDO_PARSED) {
        struct gb_sudo_list *hosts = gb_alloc(p->out->arena, sizeof *hosts);
        if (!hosts)
            return GB_E_MEMORY;
        code = gb_sudo_name_list(p, GB_SUDO_HOSTS, hosts);
        if (code)
            break;
        if (gb_sudo_peek(p, 0) != '=') {
            code = gb_sudo_malformed(p, "an equals sign is missing behind the hosts");
            break;
        }
        p->at++;
        code = command_specs(p, users, hosts);
        if (code)
            break;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ':') {
            if (!gb_sudo_at_line_end(p))
                code = gb_sudo_malformed(p, "text behind a command that belongs to nothing");
            break;
        }
        p->at++;
    }
    if (code == GB_SUDO_MALFORMED)
        p->out->rule_count = rules_before; // sudo drops the whole entry
    return code;
}

// --- Aliases and defaults

static int add_alias(struct gb_sudo_parser *p, enum gb_sudo_alias_kind kind,
                     struct gb_str alias_name, const struct gb_sudo_list *members, uint32_t line)
{
    struct gb_map *map = &p->out->aliases[kind];
    if (gb_map_get(map, alias_name))
        return gb_sudo_malformed(p, "an alias of this name exists already");
    struct gb_sudo_alias *alias = gb_alloc(p->out->arena, sizeof *alias);
    if (!alias)
        return GB_E_MEMORY;
    *alias = (struct gb_sudo_alias){
        .name = alias_name, .members = *members, .file = p->file, .line = line};
    return gb_map_set(map, alias_name, alias);
}

// NAME "=" list { ":" NAME "=" list }
static int alias_definitions(struct gb_sudo_parser *p, enum gb_sudo_alias_kind kind)
{
    for (;;) {
        gb_sudo_skip_blanks(p);
        uint32_t line = p->line;
        struct gb_str alias_name;
        struct gb_sudo_list members = {0};
        int code = gb_sudo_at_line_end(p) ? gb_sudo_malformed(p, "the name of the alias is missing")
                                          : gb_sudo_bare_word(p, &alias_name);
        if (code)
            return code;
        if (!gb_sudo_is_alias_name(alias_name) || gb_str_is(alias_name, "ALL"))
            return gb_sudo_malformed(p,
                                     "names of aliases are made of capital letters, digits and _");
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != '=')
            return gb_sudo_malformed(p, "an equals sign is missing behind the name of the alias");
        p->at++;
        if (kind != GB_SUDO_ALIAS_COMMAND) {
            code = gb_sudo_name_list(p, kind == GB_SUDO_ALIAS_HOST ? GB_SUDO_HOSTS : GB_SUDO_USERS,
                                     &members);
        } else {
            do {
                code = gb_sudo_command(p, &members);
                gb_sudo_skip_blanks(p);
            } while (code == GB_SUDO_PARSED && gb_sudo_peek(p, 0) == ',' && ++p->at);
        }
        if (code == GB_SUDO_PARSED)
            code = add_alias(p, kind, alias_name, &members, line);
        if (code)
            return code;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ':')
            return gb_sudo_at_line_end(p) ? GB_SUDO_PARSED
                                          : gb_sudo_malformed(p, "text behind an alias");
        p->at++;
    }
}

static int default_value(struct gb_sudo_parser *p, struct gb_str *ret)
{
    gb_sudo_skip_blanks(p);
    if (gb_sudo_peek(p, 0) == '"')
        return gb_sudo_quoted_word(p, ret);
    size_t start = p->at;
    while (!gb_sudo_at_end(p) && !strchr("#,= \t\r\n\"", gb_sudo_peek(p, 0)) &&
           !gb_sudo_continuation(p))
        p->at += gb_sudo_peek(p, 0) == '\\' && p->at + 1 < p->text.len ? 2 : 1;
    *ret = gb_str_sub(p->text, start, p->at - start);
    return ret->len ? gb_sudo_unescape(p, ret) : gb_sudo_malformed(p, "a value is missing");
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "!"* name [("=" | "+=" | "-=") value]
static int one_default(struct gb_sudo_parser *p, struct gb_sudo_default *setting)
{
    bool negated = gb_sudo_skip_negation(p);
    setting->line = p->line;
    setting->operation = negated ? '!' : 0;
    setting->value = (struct gb_str){0};
    size_t start = p->at;
    while (is_name_character(gb_sudo_peek(p, 0)))
        p->at++;
    setting->name = gb_str_sub(p->text, start, p->at - start);
    if (setting->name.len == 0)
        return gb_sudo_malformed(p, "the name of a setting is missing");
    gb_sudo_skip_blanks(p);
    char sign = gb_sudo_peek(p, 0);
    if ((sign == '+' || sign == '-') && gb_sudo_peek(p, 1) == '=')
        p->at++;
    else if (sign != '=')
        return GB_SUDO_PARSED;
    if (negated)
        return gb_sudo_malformed(p, "a setting is turned off and given a value");
    p->at++;
    setting->operation = sign;
    return default_value(p, &setting->value);
}

// The list behind "Defaults:", "Defaults@", "Defaults>" or "Defaults!".
static int default_scope(struct gb_sudo_parser *p, struct gb_sudo_default *setting)
{
    static const struct {
        char sign;
        enum gb_sudo_scope scope;
    } scopes[] = {
        {':', GB_SUDO_USER}, {'@', GB_SUDO_HOST}, {'>', GB_SUDO_RUNAS}, {'!', GB_SUDO_COMMAND}};
    size_t i = 0;
    while (i < 4 && scopes[i].sign != gb_sudo_peek(p, 0))
        i++;
    if (i == 4)
        return GB_SUDO_PARSED;
    p->at++;
    setting->scope = scopes[i].scope;
    if (setting->scope != GB_SUDO_COMMAND)
        return gb_sudo_name_list(p, setting->scope == GB_SUDO_HOST ? GB_SUDO_HOSTS : GB_SUDO_USERS,
                                 &setting->subjects);
    for (;;) {
        bool negated = gb_sudo_skip_negation(p);
        struct gb_str text;
        int code = gb_sudo_at_line_end(p) ? gb_sudo_malformed(p, "a command is missing")
                                          : gb_sudo_command_text(p, false, &text);
        if (code)
            return code;
        if (!gb_sudo_add_member(p, &setting->subjects, text, negated))
            return GB_E_MEMORY;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ',')
            return GB_SUDO_PARSED;
        p->at++;
    }
}

static int defaults(struct gb_sudo_parser *p)
{
    struct gb_sudo_default setting = {.file = p->file};
    int code = default_scope(p, &setting);
    size_t before = p->out->default_count;
    while (code == GB_SUDO_PARSED) {
        code = one_default(p, &setting);
        if (code)
            break;
        void *array = p->out->defaults;
        struct gb_sudo_default *place =
            gb_sudoers_push(p->out->arena, &array, &p->out->default_count,
                            &p->out->default_capacity, sizeof *place);
        if (!place)
            return GB_E_MEMORY;
        p->out->defaults = array;
        *place = setting;
        gb_sudo_skip_blanks(p);
        if (gb_sudo_peek(p, 0) != ',') {
            if (!gb_sudo_at_line_end(p))
                code = gb_sudo_malformed(p, "text behind a setting");
            break;
        }
        p->at++;
    }
    if (code == GB_SUDO_MALFORMED)
        p->out->default_count = before;
    return code;
}

// --- Files

// "@include path", "#includedir path": the rest of the line is the path, quoted or with escapes.
static int include(struct gb_sudo_parser *p, bool directory)
{
    struct gb_str path;
    uint32_t line = p->line;
    gb_sudo_skip_blanks(p);
    if (gb_sudo_peek(p, 0) == '"') {
        int code = gb_sudo_quoted_word(p, &path);
        if (code)
            return code;
    } else {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(8192);
        while (!gb_sudo_at_end(p) && !strchr(" \t\r\n", gb_sudo_peek(p, 0))) {
            if (gb_sudo_peek(p, 0) == '\\' && gb_sudo_peek(p, 1) && gb_sudo_peek(p, 1) != '\n')
                p->at++;
            gb_buffer_char(&text, gb_sudo_peek(p, 0));
            p->at++;
        }
        if (text.failed || text.len == 0)
            return gb_sudo_malformed(p, "the path of the file to include is missing");
        path = gb_str_copy(p->out->arena, gb_buffer_str(&text));
        if (!path.at)
            return GB_E_MEMORY;
    }
    gb_sudo_skip_line(p);
    if (!p->includer) {
        p->line = line;
        return gb_sudo_malformed(p, "files cannot be included here");
    }
    return p->includer->include(p->includer, path, directory, p->file, line);
}

// Takes a word that opens an entry, when a blank (or one of `more`) follows it.
static bool take_opening(struct gb_sudo_parser *p, const char *word, const char *more)
{
    size_t len = strlen(word);
    char next = gb_sudo_peek(p, len);
    if (!gb_str_is(gb_str_sub(p->text, p->at, len), word) ||
        !(strchr(" \t\r\n\\", next) || strchr(more, next)))
        return false;
    p->at += len;
    return true;
}

static int entry(struct gb_sudo_parser *p)
{
    static const struct {
        const char *word;
        enum gb_sudo_alias_kind kind;
    } aliases[] = {
        {"User_Alias", GB_SUDO_ALIAS_USER},   {"Runas_Alias", GB_SUDO_ALIAS_RUNAS},
        {"Host_Alias", GB_SUDO_ALIAS_HOST},   {"Cmnd_Alias", GB_SUDO_ALIAS_COMMAND},
        {"Cmd_Alias", GB_SUDO_ALIAS_COMMAND},
    };
    if (take_opening(p, "@includedir", "") || take_opening(p, "#includedir", ""))
        return include(p, true);
    if (take_opening(p, "@include", "") || take_opening(p, "#include", ""))
        return include(p, false);
    if (gb_sudo_at_comment(p)) {
        gb_sudo_skip_line(p);
        return GB_SUDO_PARSED;
    }
    if (take_opening(p, "Defaults", ":@>!"))
        return defaults(p);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (take_opening(p, aliases[i].word, ""))
            return alias_definitions(p, aliases[i].kind);
    return user_specification(p);
}

int gb_sudoers_parse_text(struct gb_sudoers *sudoers, struct gb_str text, struct gb_str file,
                          struct gb_sudo_includer *includer)
{
    struct gb_sudo_parser p = {
        .out = sudoers, .text = text, .file = file, .line = 1, .includer = includer};
    while (!gb_sudo_at_end(&p)) {
        gb_sudo_skip_blanks(&p);
        if (gb_sudo_peek(&p, 0) == '\n' && !gb_sudo_at_end(&p)) {
            p.at++;
            p.line++;
            continue;
        }
        if (gb_sudo_at_end(&p))
            break;
        int code = entry(&p);
        if (code < 0)
            return code;
        if (code == GB_SUDO_MALFORMED)
            gb_sudo_skip_entry(&p);
        else
            gb_sudo_skip_line(&p); // a comment behind the entry
    }
    return gb_arena_failed(sudoers->arena) ? GB_E_MEMORY : GB_OK;
}
