// Reads PAM's files and runs stacks in thought: see pam.h.
#include "source/host/pam.h"

#include "base/buffer.h"

enum {
    DEEPEST_INCLUDE = 16,
    MOST_RULES = 2048,
    MOST_INCLUDES = 256,
    LONGEST_LINE = 16384,
    MOST_ARGUMENTS = 64,
};

static const struct gb_str types[] = {GB_STR_INIT("auth"), GB_STR_INIT("account"),
                                      GB_STR_INIT("password"), GB_STR_INIT("session")};

const char *gb_pam_type_name(enum gb_pam_type type)
{
    return types[type].at;
}

// One reading of a service.
struct reader {
    struct gb_pam_files *files; // NULL: a text by itself
    struct gb_pam_stack *out;
    unsigned included; // files so far
};

// Where in the tree of includes a file is read.
struct place {
    struct gb_str file;
    int only; // enum gb_pam_type that counts, -1 = all
    unsigned level, substack, depth;
};

static int add_problem(struct reader *reader, struct gb_str file, uint32_t line,
                       struct gb_str reason)
{
    struct gb_pam_stack *out = reader->out;
    if (out->problem_count == out->problem_capacity) {
        size_t wider = out->problem_capacity ? out->problem_capacity * 2 : 4;
        struct gb_pam_problem *grown =
            gb_grow_array(out->arena, out->problems, out->problem_capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->problems = grown;
        out->problem_capacity = wider;
    }
    out->problems[out->problem_count++] = (struct gb_pam_problem){file, reason, line};
    return reason.at ? GB_OK : GB_E_MEMORY;
}

// The next logical line: comments cut off, a backslash at the end joins the next line. False at the
// end of the text.
static bool next_line(struct gb_str *text, struct gb_buffer *line, uint32_t *number,
                      uint32_t *consumed)
{
    struct gb_str physical;
    gb_buffer_clear(line);
    *number = *consumed + 1;
    while (gb_str_next(text, '\n', &physical)) {
        ++*consumed;
        ptrdiff_t comment = gb_str_find_char(physical, '#');
        if (comment >= 0)
            physical = gb_str_sub(physical, 0, (size_t)comment);
        physical = gb_str_trim(physical);
        bool joined = physical.len && physical.at[physical.len - 1] == '\\';
        if (joined)
            physical.len--;
        gb_buffer_add(line, physical);
        if (!joined)
            return true;
        gb_buffer_char(line, ' ');
    }
    return line->len > 0;
}

// A word, or what is between brackets, where "\]" is a bracket. The brackets of a control stay.
static bool next_field(struct gb_str *rest, bool keep_brackets, struct gb_arena *arena,
                       struct gb_str *ret)
{
    *rest = gb_str_trim(*rest);
    if (rest->len == 0 || rest->at[0] != '[')
        return gb_str_next_word(rest, ret);
    size_t end = 1;
    while (end < rest->len && rest->at[end] != ']')
        end += rest->at[end] == '\\' && end + 1 < rest->len ? 2 : 1;
    if (end > rest->len)
        end = rest->len;
    struct gb_str inside = gb_str_sub(*rest, 1, end - 1);
    *ret = keep_brackets ? gb_str_sub(*rest, 0, end + 1) : inside;
    *rest = gb_str_from(*rest, end + 1);
    if (keep_brackets || gb_str_find_char(inside, '\\') < 0)
        return true;
    char *plain = gb_alloc(arena, inside.len);
    size_t len = 0;
    for (size_t i = 0; plain && i < inside.len; i++) {
        if (inside.at[i] == '\\' && i + 1 < inside.len && inside.at[i + 1] == ']')
            i++;
        plain[len++] = inside.at[i];
    }
    *ret = (struct gb_str){plain, len};
    return true;
}

static int read_file(struct reader *reader, struct gb_str name, const struct place *place,
                     uint32_t line);

static bool is_control(struct gb_str control)
{
    static const struct gb_str words[] = {GB_STR_INIT("required"), GB_STR_INIT("requisite"),
                                          GB_STR_INIT("sufficient"), GB_STR_INIT("optional")};
    for (size_t i = 0; i < 4; i++)
        if (gb_str_eq_nocase(control, words[i]))
            return true;
    return control.len > 2 && control.at[0] == '[' && control.at[control.len - 1] == ']';
}

static int add_rule(struct reader *reader, const struct place *place, struct gb_pam_rule *rule,
                    struct gb_str rest)
{
    struct gb_pam_stack *out = reader->out;
    struct gb_str arguments[MOST_ARGUMENTS];
    while (rule->argument_count < MOST_ARGUMENTS &&
           next_field(&rest, false, out->arena, &arguments[rule->argument_count]))
        rule->argument_count++;
    if (out->count >= MOST_RULES)
        return GB_OK;
    if (out->count == out->capacity) {
        size_t wider = out->capacity ? out->capacity * 2 : 32;
        struct gb_pam_rule *grown =
            gb_grow_array(out->arena, out->rules, out->capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->rules = grown;
        out->capacity = wider;
    }
    rule->file = place->file;
    rule->level = place->level;
    rule->substack = place->substack;
    rule->arguments = gb_alloc_array(out->arena, rule->argument_count, sizeof(struct gb_str));
    if (!rule->arguments)
        return GB_E_MEMORY;
    for (size_t i = 0; i < rule->argument_count; i++) // the line's buffer is used again
        rule->arguments[i] = gb_str_copy(out->arena, arguments[i]);
    rule->control = gb_str_copy(out->arena, rule->control);
    rule->module = gb_str_copy(out->arena, rule->module);
    if (gb_arena_failed(out->arena))
        return GB_E_MEMORY;
    out->rules[out->count++] = *rule;
    return GB_OK;
}

// Gives the next substack its number, and notes which one is around it.
static int number_substack(struct gb_pam_stack *out, struct place *place)
{
    size_t number = ++out->substack_count;
    if (number >= out->parent_capacity) {
        size_t wider = out->parent_capacity ? out->parent_capacity * 2 : 16;
        unsigned *grown =
            gb_grow_array(out->arena, out->parents, out->parent_capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->parents = grown;
        out->parent_capacity = wider;
    }
    out->parents[number] = place->substack;
    place->substack = (unsigned)number;
    return GB_OK;
}

static int read_line(struct reader *reader, const struct place *place, struct gb_str text,
                     uint32_t line)
{
    struct gb_str word;
    struct gb_pam_rule rule = {.line = line};
    if (!gb_str_next_word(&text, &word))
        return GB_OK;
    if (gb_str_is(word, "@include")) {
        if (!gb_str_next_word(&text, &word))
            return add_problem(reader, place->file, line, GB_STR("@include without a file"));
        return read_file(reader, word, place, line);
    }
    if (word.at[0] == '-') {
        rule.silent = true;
        word = gb_str_from(word, 1);
    }
    size_t type = 0;
    while (type < GB_PAM_TYPES && !gb_str_eq_nocase(word, types[type]))
        type++;
    if (type == GB_PAM_TYPES)
        return add_problem(reader, place->file, line, GB_STR("unknown type of module"));
    rule.type = (enum gb_pam_type)type;
    if (!next_field(&text, true, reader->out->arena, &rule.control) ||
        !next_field(&text, false, reader->out->arena, &rule.module))
        return add_problem(reader, place->file, line, GB_STR("control or module is missing"));
    if (place->only >= 0 && place->only != (int)type)
        return GB_OK;
    bool substack = gb_str_eq_nocase(rule.control, GB_STR("substack"));
    if (substack || gb_str_eq_nocase(rule.control, GB_STR("include"))) {
        struct place below = *place;
        below.only = (int)type;
        if (substack) {
            below.level++;
            if (number_substack(reader->out, &below))
                return GB_E_MEMORY;
        }
        return read_file(reader, rule.module, &below, line);
    }
    if (!is_control(rule.control))
        return add_problem(reader, place->file, line, GB_STR("unknown control"));
    return add_rule(reader, place, &rule, text);
}

static int read_text(struct reader *reader, const struct place *place, struct gb_str text)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer line = gb_buffer(LONGEST_LINE);
    uint32_t number = 1, consumed = 0;
    int code = GB_OK;
    while (!code && next_line(&text, &line, &number, &consumed))
        code = line.failed
                   ? add_problem(reader, place->file, number, GB_STR("the line is too long"))
                   : read_line(reader, place, gb_buffer_str(&line), number);
    return code;
}

struct file {
    struct gb_str path, text;
    int code;
};

const char *const gb_pam_directories[] = {"/etc/pam.d", "/usr/lib/pam.d", NULL};

static int read_first(struct gb_pam_files *files, struct gb_str name, struct file *file)
{
    bool absolute = name.len && name.at[0] == '/';
    for (const char *const *directory = gb_pam_directories; *directory; directory++) {
        struct gb_str path =
            absolute ? gb_str_copy(files->arena, name)
                     : gb_str_format(files->arena, "%s/" GB_PRI, *directory, GB_ARG(name));
        if (!path.at)
            return GB_E_MEMORY;
        int code = strlen(path.at) == path.len
                       ? gb_host_read(files->host, path.at, GB_CONFIG_MAX_BYTES, files->arena,
                                      &file->text, NULL)
                       : GB_E_NOT_FOUND;
        // Of a file that is nowhere, the first place is told.
        if (!file->path.len || code != GB_E_NOT_FOUND)
            file->path = path;
        file->code = code;
        if (absolute || code != GB_E_NOT_FOUND)
            break;
    }
    return GB_OK;
}

static int get_file(struct gb_pam_files *files, struct gb_str name, struct file **ret)
{
    *ret = gb_map_get(&files->texts, name);
    if (*ret)
        return GB_OK;
    struct gb_str key = gb_str_copy(files->arena, name); // the line's buffer is used again
    struct file *file = gb_alloc(files->arena, sizeof *file);
    if (!file || !key.at)
        return GB_E_MEMORY;
    *ret = file;
    int code = read_first(files, name, file);
    return code ? code : gb_map_set(&files->texts, key, file);
}

// Reads a file that another one names, in its place.
static int read_file(struct reader *reader, struct gb_str name, const struct place *place,
                     uint32_t line)
{
    struct file *file;
    if (!reader->files)
        return add_problem(reader, place->file, line, GB_STR("files cannot be included here"));
    if (++reader->included > MOST_INCLUDES || place->depth >= DEEPEST_INCLUDE ||
        reader->out->count >= MOST_RULES)
        return add_problem(reader, place->file, line,
                           GB_STR("files include each other too deeply"));
    int code = get_file(reader->files, name, &file);
    if (code)
        return code;
    if (file->code)
        return add_problem(reader, place->file, line,
                           gb_str_format(reader->out->arena, "the included file " GB_PRI ": %s",
                                         GB_ARG(file->path), gb_code_name(file->code)));
    struct place below = *place;
    below.file = file->path;
    below.depth++;
    return read_text(reader, &below, file->text);
}

int gb_pam_load(struct gb_pam_files *files, struct gb_str service, struct gb_arena *arena,
                struct gb_pam_stack *ret)
{
    *ret = (struct gb_pam_stack){.arena = arena};
    struct reader reader = {.files = files, .out = ret};
    struct file *file;
    int code = get_file(files, service, &file);
    if (code)
        return code;
    ret->code = file->code;
    ret->path = file->path;
    struct place place = {.file = file->path, .only = -1};
    return file->code ? GB_OK : read_text(&reader, &place, file->text);
}

int gb_pam_parse(struct gb_str text, struct gb_str file, struct gb_arena *arena,
                 struct gb_pam_stack *ret)
{
    *ret = (struct gb_pam_stack){.arena = arena};
    struct reader reader = {.out = ret};
    struct place place = {.file = file, .only = -1};
    return read_text(&reader, &place, text);
}

struct gb_str gb_pam_module(const struct gb_pam_rule *rule)
{
    struct gb_str name =
        gb_str_from(rule->module, (size_t)(gb_str_rfind_char(rule->module, '/') + 1));
    if (gb_str_ends(name, GB_STR(".so")))
        name.len -= 3;
    return name;
}

bool gb_pam_has(const struct gb_pam_rule *rule, const char *argument)
{
    for (size_t i = 0; i < rule->argument_count; i++)
        if (gb_str_is(rule->arguments[i], argument))
            return true;
    return false;
}

bool gb_pam_value(const struct gb_pam_rule *rule, const char *name, struct gb_str *ret)
{
    size_t len = strlen(name);
    for (size_t i = rule->argument_count; i-- > 0;) {
        struct gb_str argument = rule->arguments[i];
        if (argument.len > len && argument.at[len] == '=' &&
            gb_str_is(gb_str_sub(argument, 0, len), name)) {
            *ret = gb_str_from(argument, len + 1);
            return true;
        }
    }
    return false;
}

// --- Running a stack

enum action { IGNORE, OK, DONE, BAD, DIE, RESET, JUMP };

struct decision {
    enum action action;
    uint64_t jump;
};

static struct decision decision_of(struct gb_str word)
{
    static const struct {
        const char *word;
        enum action action;
    } words[] = {{"ignore", IGNORE}, {"ok", OK},   {"done", DONE},
                 {"bad", BAD},       {"die", DIE}, {"reset", RESET}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (gb_str_is(word, words[i].word))
            return (struct decision){words[i].action, 0};
    uint64_t jump;
    if (gb_str_to_uint(word, 10, &jump) == GB_OK && jump > 0)
        return (struct decision){JUMP, jump};
    return (struct decision){BAD, 0}; // a mistake: libpam fails as well
}

// Of "[success=1 default=ignore]", what holds for one name.
static struct decision bracket_decision(struct gb_str control, struct gb_str name)
{
    struct gb_str words = gb_str_sub(control, 1, control.len - 2), word;
    struct decision otherwise = {BAD, 0};
    while (gb_str_next_word(&words, &word)) {
        ptrdiff_t equals = gb_str_find_char(word, '=');
        if (equals < 0)
            continue;
        struct gb_str key = gb_str_sub(word, 0, (size_t)equals);
        struct gb_str value = gb_str_from(word, (size_t)equals + 1);
        if (gb_str_eq(key, name))
            return decision_of(value);
        if (gb_str_is(key, "default"))
            otherwise = decision_of(value);
    }
    return otherwise;
}

static struct decision decide(const struct gb_pam_rule *rule, enum gb_pam_answer answer)
{
    static const struct gb_str failures[GB_PAM_TYPES] = {
        GB_STR_INIT("auth_err"), GB_STR_INIT("perm_denied"), GB_STR_INIT("authtok_err"),
        GB_STR_INIT("session_err")};
    if (rule->control.at[0] == '[')
        return bracket_decision(rule->control, answer == GB_PAM_SUCCESS  ? GB_STR("success")
                                               : answer == GB_PAM_IGNORE ? GB_STR("ignore")
                                                                         : failures[rule->type]);
    bool required = gb_str_eq_nocase(rule->control, GB_STR("required"));
    bool requisite = gb_str_eq_nocase(rule->control, GB_STR("requisite"));
    bool sufficient = gb_str_eq_nocase(rule->control, GB_STR("sufficient"));
    if (answer == GB_PAM_SUCCESS)
        return (struct decision){sufficient ? DONE : OK, 0};
    if (answer == GB_PAM_IGNORE)
        return (struct decision){IGNORE, 0};
    return (struct decision){required ? BAD : requisite ? DIE : IGNORE, 0};
}

// What was decided so far. A module's "ok" counts only as long as nothing failed.
struct verdict {
    enum { UNDECIDED, POSITIVE, NEGATIVE } impression;
    bool success; // what the stack would answer now
};

struct run {
    const struct gb_pam_stack *stack;
    enum gb_pam_type type;
    struct verdict now;
    // How things stood when the substack of a level began: "reset" goes back there. Level 0 is the
    // beginning of all.
    struct {
        unsigned substack;
        struct verdict verdict;
    } begun[DEEPEST_INCLUDE + 1];
};

// The next rule of the type at or behind `at`.
static size_t of_type(const struct run *run, size_t at)
{
    while (at < run->stack->count && run->stack->rules[at].type != run->type)
        at++;
    return at;
}

// The substack of a level that a rule is in, itself or through others; 0 at level 0.
static unsigned ancestor(const struct run *run, const struct gb_pam_rule *rule, unsigned level)
{
    unsigned substack = rule->substack;
    for (unsigned at = rule->level; at > level; at--)
        substack = run->stack->parents[substack];
    return substack;
}

// Notes the verdict for each substack that begins with this rule.
static void begin_substacks(struct run *run, const struct gb_pam_rule *rule)
{
    for (unsigned level = 1; level <= rule->level; level++) {
        unsigned substack = ancestor(run, rule, level);
        if (run->begun[level].substack == substack)
            continue;
        run->begun[level].substack = substack;
        run->begun[level].verdict = run->now;
    }
}

// Does the rule at `at` belong to this stack of this level, or to a substack of it?
static bool belongs(const struct run *run, size_t at, unsigned level, unsigned substack)
{
    if (at >= run->stack->count)
        return false;
    const struct gb_pam_rule *rule = &run->stack->rules[at];
    return rule->level >= level && ancestor(run, rule, level) == substack;
}

// Behind the end of a stack whose rules go on at `at`.
static size_t behind_stack(const struct run *run, size_t at, unsigned level, unsigned substack)
{
    while (belongs(run, at, level, substack))
        at = of_type(run, at + 1);
    return at;
}

// Where a jump over `count` elements leads to; a substack is one element. Beyond the end of the
// stack libpam fails.
static size_t jump(struct run *run, size_t at, const struct gb_pam_rule *from, uint64_t count)
{
    unsigned below = from->level + 1;
    for (; count > 0 && belongs(run, at, from->level, from->substack); count--) {
        const struct gb_pam_rule *over = &run->stack->rules[at];
        at = over->level > from->level ? behind_stack(run, at, below, ancestor(run, over, below))
                                       : of_type(run, at + 1);
    }
    if (count > 0) {
        run->now.impression = NEGATIVE;
        run->now.success = false;
    }
    return at;
}

// Takes the decision for the rule at `at` to heart and returns where to go on.
static size_t take(struct run *run, size_t at, struct decision decision, enum gb_pam_answer answer)
{
    const struct gb_pam_rule *rule = &run->stack->rules[at];
    size_t next = of_type(run, at + 1);
    switch (decision.action) {
    case OK:
    case DONE:
        if (run->now.impression == UNDECIDED ||
            (run->now.impression == POSITIVE && run->now.success)) {
            run->now.impression = POSITIVE;
            run->now.success = answer == GB_PAM_SUCCESS;
        }
        return decision.action == DONE && run->now.impression == POSITIVE
                   ? behind_stack(run, next, rule->level, rule->substack)
                   : next;
    case BAD:
    case DIE:
        run->now.impression = NEGATIVE;
        run->now.success = false;
        return decision.action == DIE ? behind_stack(run, next, rule->level, rule->substack) : next;
    case RESET:
        run->now = run->begun[rule->level].verdict;
        return next;
    case JUMP:
        return jump(run, next, rule, decision.jump);
    case IGNORE:
        break;
    }
    return next;
}

bool gb_pam_run(const struct gb_pam_stack *stack, enum gb_pam_type type,
                enum gb_pam_answer (*answer)(const struct gb_pam_rule *rule, void *context),
                void *context, bool *asked)
{
    struct run run = {.stack = stack, .type = type};
    for (size_t at = of_type(&run, 0); at < stack->count;) {
        if (asked)
            asked[at] = true;
        begin_substacks(&run, &stack->rules[at]);
        enum gb_pam_answer given = answer(&stack->rules[at], context);
        at = take(&run, at, decide(&stack->rules[at], given), given);
    }
    return run.now.impression == POSITIVE && run.now.success;
}
