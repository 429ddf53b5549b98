// Reads audit rules from files and from the kernel; see audit_rule.h.
#include "source/host/audit_rule.h"

#include <linux/audit.h>
#include <linux/elf-em.h>
#include <stddef.h>

enum { RULES_MAX = 20000 };

static int add(struct gb_audit_rules *rules, const struct gb_audit_rule *rule)
{
    if (rules->count == rules->capacity) {
        size_t capacity = rules->capacity ? rules->capacity * 2 : 64;
        struct gb_audit_rule *items = capacity > RULES_MAX
                                          ? NULL
                                          : gb_grow_array(rules->arena, rules->items,
                                                          rules->capacity, capacity, sizeof *items);
        if (!items)
            return GB_E_MEMORY;
        rules->items = items;
        rules->capacity = capacity;
    }
    rules->items[rules->count++] = *rule;
    return GB_OK;
}

static struct gb_str without_slash(struct gb_str path)
{
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    return path;
}

// ---- text

// Words are parted by blanks; double quotes hold blanks together.
static bool next_word(struct gb_str *rest, struct gb_str *word)
{
    *rest = gb_str_trim(*rest);
    if (rest->len && rest->at[0] == '"') {
        struct gb_str inside = gb_str_from(*rest, 1);
        ptrdiff_t end = gb_str_find_char(inside, '"');
        *word = gb_str_sub(inside, 0, end < 0 ? inside.len : (size_t)end);
        *rest = gb_str_from(inside, word->len + 1);
        return true;
    }
    return gb_str_next_word(rest, word);
}

static bool read_list(struct gb_audit_rule *rule, struct gb_str value)
{
    static const struct {
        const char *name;
        enum gb_audit_list list;
    } lists[] = {
        {"exit", GB_AUDIT_EXIT},
        {"user", GB_AUDIT_USER},
        {"task", GB_AUDIT_TASK},
        {"exclude", GB_AUDIT_EXCLUDE},
        {"filesystem", GB_AUDIT_FILESYSTEM},
        {"entry", GB_AUDIT_EXIT},
        {"io_uring", GB_AUDIT_OTHER},
    };
    bool has_list = false, has_action = false;
    for (struct gb_str part; gb_str_next(&value, ',', &part);) {
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
            if (gb_str_is(part, lists[i].name)) {
                rule->list = lists[i].list;
                has_list = true;
            }
        }
        rule->never = rule->never || gb_str_is(part, "never");
        has_action = has_action || gb_str_is(part, "never") || gb_str_is(part, "always");
    }
    return has_list && has_action;
}

static void read_permissions(struct gb_audit_rule *rule, struct gb_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        rule->permissions |= (uint8_t)(c == 'r'   ? GB_AUDIT_READ
                                       : c == 'w' ? GB_AUDIT_WRITE
                                       : c == 'x' ? GB_AUDIT_EXECUTE
                                       : c == 'a' ? GB_AUDIT_ATTRIBUTE
                                                  : 0);
    }
}

static void read_syscalls(struct gb_audit_rule *rule, struct gb_str value)
{
    for (struct gb_str name; gb_str_next(&value, ',', &name);) {
        if (gb_str_is(name, "all"))
            continue;
        int index = gb_audit_syscall_find(name);
        rule->all_syscalls = false;
        if (index >= 0)
            rule->syscalls |= UINT64_C(1) << index;
        else
            rule->other_syscalls = true;
    }
}

static enum gb_audit_arch arch_of(struct gb_str value)
{
    if (gb_str_is(value, "b64") || gb_str_is(value, "x86_64") || gb_str_is(value, "aarch64"))
        return GB_AUDIT_B64;
    if (gb_str_is(value, "b32") || gb_str_is(value, "i386") || gb_str_is(value, "i686") ||
        gb_str_is(value, "arm"))
        return GB_AUDIT_B32;
    return GB_AUDIT_OTHER_ARCH;
}

// name, operator, value: "auid>=1000", "exit=-EACCES", "key=x"
static bool read_field(struct gb_audit_rule *rule, struct gb_str text)
{
    size_t name_end = 0;
    while (name_end < text.len && !strchr("=!<>&", text.at[name_end]))
        name_end++;
    size_t value_start = name_end;
    while (value_start < text.len && strchr("=!<>&", text.at[value_start]))
        value_start++;
    struct gb_str name = gb_str_sub(text, 0, name_end),
                  compare = gb_str_sub(text, name_end, value_start - name_end),
                  value = gb_str_from(text, value_start);
    if (!name.len || !compare.len)
        return false;
    bool equal = gb_str_is(compare, "=");
    if (gb_str_is(name, "arch"))
        rule->arch = equal ? arch_of(value) : GB_AUDIT_OTHER_ARCH;
    else if (gb_str_is(name, "key"))
        rule->key = value;
    else if (gb_str_is(name, "perm"))
        read_permissions(rule, value);
    else if ((gb_str_is(name, "path") || gb_str_is(name, "dir")) && equal)
        rule->path = without_slash(value);
    else if (gb_str_is(name, "exit") && equal && gb_str_is(value, "-EACCES"))
        rule->exit_code = 13;
    else if (gb_str_is(name, "exit") && equal && gb_str_is(value, "-EPERM"))
        rule->exit_code = 1;
    else if ((gb_str_is(name, "auid") || gb_str_is(name, "loginuid")) && !equal)
        ; // people, not daemons: what such rules are about
    else if (gb_str_is(name, "euid") && equal && gb_str_is(value, "0"))
        rule->as_root = true;
    else
        rule->narrowed = true;
    return true;
}

static void read_comparison(struct gb_audit_rule *rule, struct gb_str value)
{
    if (gb_str_is(value, "euid!=uid") || gb_str_is(value, "uid!=euid"))
        rule->other_user = true;
    else
        rule->narrowed = true;
}

static bool number_of(struct gb_str value, int64_t *into)
{
    int64_t number;
    if (gb_str_to_int(value, &number) < 0)
        return false;
    *into = number;
    return true;
}

// Options that set something instead of adding a rule; false when it is none of them.
static bool read_setting(struct gb_audit_rules *rules, struct gb_str option, struct gb_str value,
                         struct gb_str where, uint32_t line)
{
    const struct {
        const char *option;
        int64_t *value;
        struct gb_str *where;
        uint32_t *line;
    } settings[] = {
        {"-e", &rules->enabled, &rules->enabled_where, &rules->enabled_line},
        {"-f", &rules->failure, &rules->failure_where, &rules->failure_line},
        {"-b", &rules->backlog_limit, &rules->backlog_where, &rules->backlog_line},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (gb_str_is(option, settings[i].option) && number_of(value, settings[i].value)) {
            *settings[i].where = where;
            *settings[i].line = line;
            return true;
        }
    }
    if (gb_str_is(option, "-D"))
        rules->count = 0;
    else if (gb_str_is(option, "--loginuid-immutable"))
        rules->loginuid_immutable = true;
    else
        return gb_str_is(option, "-r") || gb_str_is(option, "-i") || gb_str_is(option, "-c") ||
               gb_str_is(option, "-t") || gb_str_is(option, "-q") || gb_str_is(option, "-m") ||
               gb_str_is(option, "--backlog_wait_time") || gb_str_is(option, "--reset-lost") ||
               gb_str_is(option, "--signal") ||
               gb_str_is(option, "--reset_backlog_wait_time_actual");
    return true;
}

// One line that adds a rule: 1 it does, 0 it does something else, -1 it cannot be understood.
static int read_rule(struct gb_audit_rule *rule, struct gb_str rest)
{
    bool has_list = false;
    struct gb_str option, value = {0};
    while (next_word(&rest, &option)) {
        if (!next_word(&rest, &value))
            return -1;
        bool understood = true;
        if (gb_str_is(option, "-a") || gb_str_is(option, "-A"))
            understood = has_list = read_list(rule, value);
        else if (gb_str_is(option, "-w"))
            rule->path = without_slash(value);
        else if (gb_str_is(option, "-p"))
            read_permissions(rule, value);
        else if (gb_str_is(option, "-k"))
            rule->key = value;
        else if (gb_str_is(option, "-S"))
            read_syscalls(rule, value);
        else if (gb_str_is(option, "-F"))
            understood = read_field(rule, value);
        else if (gb_str_is(option, "-C"))
            read_comparison(rule, value);
        else
            understood = false;
        if (!understood)
            return -1;
    }
    return has_list || rule->path.len ? 1 : 0;
}

int gb_audit_rules_parse(struct gb_audit_rules *rules, struct gb_str text, struct gb_str where)
{
    uint32_t number = 0;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        number++;
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#')
            continue;
        struct gb_str rest = line, option, value = {0};
        if (!next_word(&rest, &option))
            continue;
        bool deletes = gb_str_is(option, "-d") || gb_str_is(option, "-W");
        if (next_word(&rest, &value), !deletes && read_setting(rules, option, value, where, number))
            continue;
        struct gb_audit_rule rule = {
            .list = GB_AUDIT_EXIT, .all_syscalls = true, .where = where, .line = number};
        int added = deletes ? -1 : read_rule(&rule, line);
        if (added > 0) {
            int code = add(rules, &rule);
            if (code)
                return code;
        } else if (!rules->malformed++) {
            rules->first_malformed_where = where;
            rules->first_malformed_line = number;
        }
    }
    return GB_OK;
}

// ---- the kernel's form

static uint32_t word_at(struct gb_str payload, size_t offset, size_t index)
{
    uint32_t word;
    memcpy(&word, payload.at + offset + 4 * index, sizeof word);
    return word;
}

static void decode_syscalls(struct gb_audit_rule *rule, struct gb_str payload, size_t mask_offset,
                            struct gb_str machine)
{
    uint32_t mask[AUDIT_BITMASK_SIZE], known[AUDIT_BITMASK_SIZE] = {0};
    bool all = true;
    for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++) {
        mask[i] = word_at(payload, mask_offset, i);
        // The last word's top bits stand for classes of calls.
        all = all && (mask[i] == UINT32_MAX || (i == AUDIT_BITMASK_SIZE - 1 && mask[i]));
    }
    rule->all_syscalls = all;
    if (all)
        return;
    for (int i = 0; i < gb_audit_syscall_count(); i++) {
        int number = gb_audit_syscall_number(i, machine, rule->arch);
        if (number < 0 || !(mask[number / 32] & 1u << number % 32))
            continue;
        rule->syscalls |= UINT64_C(1) << i;
        known[number / 32] |= 1u << number % 32;
    }
    for (size_t i = 0; i < AUDIT_BITMASK_SIZE; i++)
        rule->other_syscalls = rule->other_syscalls || (mask[i] & ~known[i]);
}

static enum gb_audit_arch arch_of_number(uint32_t value)
{
    switch (value) {
    case AUDIT_ARCH_X86_64:
    case AUDIT_ARCH_AARCH64:
        return GB_AUDIT_B64;
    case AUDIT_ARCH_I386:
    case AUDIT_ARCH_ARM:
        return GB_AUDIT_B32;
    default:
        return GB_AUDIT_OTHER_ARCH;
    }
}

static bool is_text_field(uint32_t field)
{
    return field == AUDIT_WATCH || field == AUDIT_DIR || field == AUDIT_FILTERKEY ||
           field == AUDIT_EXE || (field >= AUDIT_SUBJ_USER && field <= AUDIT_SUBJ_CLR) ||
           (field >= AUDIT_OBJ_USER && field <= AUDIT_OBJ_LEV_HIGH);
}

static void decode_field(struct gb_audit_rule *rule, uint32_t field, uint32_t value,
                         uint32_t compare, struct gb_str text)
{
    bool equal = (compare & AUDIT_OPERATORS) == AUDIT_EQUAL;
    if (field == AUDIT_ARCH)
        rule->arch = equal ? arch_of_number(value) : GB_AUDIT_OTHER_ARCH;
    else if (field == AUDIT_WATCH || field == AUDIT_DIR)
        rule->path = without_slash(text);
    else if (field == AUDIT_FILTERKEY)
        rule->key = text;
    else if (field == AUDIT_PERM)
        rule->permissions = (uint8_t)(value & 15);
    else if (field == AUDIT_EXIT && equal && (int32_t)value == -13)
        rule->exit_code = 13;
    else if (field == AUDIT_EXIT && equal && (int32_t)value == -1)
        rule->exit_code = 1;
    else if (field == AUDIT_FIELD_COMPARE && value == AUDIT_COMPARE_UID_TO_EUID && !equal)
        rule->other_user = true;
    else if (field == AUDIT_EUID && equal && !value)
        rule->as_root = true;
    else if ((field == AUDIT_LOGINUID || field == AUDIT_LOGINUID_SET) && (!equal || value == 1))
        ;
    else
        rule->narrowed = true;
}

int gb_audit_rules_decode(struct gb_audit_rules *rules, struct gb_str payload,
                          struct gb_str machine)
{
    enum {
        MASK = offsetof(struct audit_rule_data, mask),
        FIELDS = offsetof(struct audit_rule_data, fields),
        VALUES = offsetof(struct audit_rule_data, values),
        FLAGS = offsetof(struct audit_rule_data, fieldflags),
        LENGTH = offsetof(struct audit_rule_data, buflen),
        TEXT = sizeof(struct audit_rule_data),
    };
    if (payload.len < TEXT)
        return GB_E_SYNTAX;
    uint32_t flags = word_at(payload, 0, 0), action = word_at(payload, 0, 1),
             count = word_at(payload, 0, 2), length = word_at(payload, LENGTH, 0);
    if (count > AUDIT_MAX_FIELDS || length > payload.len - TEXT)
        return GB_E_SYNTAX;
    flags &= ~(uint32_t)AUDIT_FILTER_PREPEND;
    struct gb_audit_rule rule = {
        .list = flags <= GB_AUDIT_FILESYSTEM ? (enum gb_audit_list)flags : GB_AUDIT_OTHER,
        .never = action == AUDIT_NEVER,
        .where = GB_STR("netlink:audit"),
        .line = (uint32_t)rules->count + 1,
    };
    struct gb_str texts = gb_str_sub(payload, TEXT, length);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = word_at(payload, FIELDS, i), value = word_at(payload, VALUES, i);
        struct gb_str text = {0};
        if (is_text_field(field)) {
            if (value > texts.len)
                return GB_E_SYNTAX;
            text = gb_str_sub(texts, 0, value);
            texts = gb_str_from(texts, value);
        }
        decode_field(&rule, field, value, word_at(payload, FLAGS, i), text);
    }
    decode_syscalls(&rule, payload, MASK, machine);
    return add(rules, &rule);
}

// ---- comparing and showing

static uint8_t all_permissions(const struct gb_audit_rule *rule)
{
    return rule->permissions
               ? rule->permissions
               : GB_AUDIT_READ | GB_AUDIT_WRITE | GB_AUDIT_EXECUTE | GB_AUDIT_ATTRIBUTE;
}

bool gb_audit_rules_have(const struct gb_audit_rules *rules, const struct gb_audit_rule *rule)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct gb_audit_rule *other = &rules->items[i];
        bool same_calls = other->all_syscalls == rule->all_syscalls &&
                          other->syscalls == rule->syscalls &&
                          other->other_syscalls == rule->other_syscalls;
        if (other->list == rule->list && other->never == rule->never && same_calls &&
            gb_str_eq(other->path, rule->path) && all_permissions(other) == all_permissions(rule) &&
            (other->arch == rule->arch || rule->arch == GB_AUDIT_ANY_ARCH) &&
            other->exit_code == rule->exit_code && other->other_user == rule->other_user)
            return true;
    }
    return false;
}

struct gb_str gb_audit_rule_text(struct gb_arena *arena, const struct gb_audit_rule *rule)
{
    static const char *const lists[] = {[GB_AUDIT_USER] = "user",
                                        [GB_AUDIT_TASK] = "task",
                                        [GB_AUDIT_EXIT] = "exit",
                                        [GB_AUDIT_EXCLUDE] = "exclude",
                                        [GB_AUDIT_FILESYSTEM] = "filesystem",
                                        [GB_AUDIT_OTHER] = "other"};
    char letters[8];
    size_t n = 0;
    uint8_t permissions = all_permissions(rule);
    for (size_t i = 0; i < 4; i++)
        if (permissions &
            (uint8_t[]){GB_AUDIT_READ, GB_AUDIT_WRITE, GB_AUDIT_EXECUTE, GB_AUDIT_ATTRIBUTE}[i])
            letters[n++] = "rwxa"[i];
    struct gb_str key =
        rule->key.len ? gb_str_format(arena, " -k " GB_PRI, GB_ARG(rule->key)) : GB_STR("");
    bool watch = rule->path.len && rule->all_syscalls && rule->list == GB_AUDIT_EXIT &&
                 rule->arch == GB_AUDIT_ANY_ARCH;
    if (watch)
        return gb_str_format(arena, "-w " GB_PRI " -p %.*s" GB_PRI, GB_ARG(rule->path), (int)n,
                             letters, GB_ARG(key));
    struct gb_str calls = GB_STR("");
    for (int i = 0; i < gb_audit_syscall_count(); i++)
        if (rule->syscalls & UINT64_C(1) << i)
            calls = gb_str_format(arena, GB_PRI "%s%s", GB_ARG(calls), calls.len ? "," : " -S ",
                                  gb_audit_syscall_name(i));
    const char *list = (size_t)rule->list < sizeof lists / sizeof *lists && lists[rule->list]
                           ? lists[rule->list]
                           : "other";
    return gb_str_format(arena, "-a %s,%s%s" GB_PRI "%s%s%s" GB_PRI GB_PRI,
                         rule->never ? "never" : "always", list,
                         rule->arch == GB_AUDIT_B64   ? " -F arch=b64"
                         : rule->arch == GB_AUDIT_B32 ? " -F arch=b32"
                                                      : "",
                         GB_ARG(calls), rule->other_user ? " -C euid!=uid" : "",
                         rule->exit_code == 13  ? " -F exit=-EACCES"
                         : rule->exit_code == 1 ? " -F exit=-EPERM"
                                                : "",
                         rule->path.len ? " -F path=" : "", GB_ARG(rule->path), GB_ARG(key));
}
