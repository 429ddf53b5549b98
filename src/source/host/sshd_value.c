// Values of sshd_config by type; see the header.
#include "source/host/sshd_value.h"

#include "source/host/sshd_config.h"

static struct gb_str complain(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                              const char *what, struct gb_str value)
{
    if (value.len > 64)
        value = gb_str_sub(value, 0, 64);
    return gb_str_format(arena, "%s: %s " GB_PRI, keyword->name, what, GB_ARG(value));
}

int64_t gb_ssh_time(struct gb_str text)
{
    int64_t total = 0;
    size_t i = 0;
    if (text.len == 0)
        return -1;
    while (i < text.len) {
        int64_t number = 0;
        size_t start = i;
        while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9') {
            number = number * 10 + (text.at[i++] - '0');
            if (number > INT32_MAX)
                return -1;
        }
        if (i == start)
            return -1;
        int64_t unit = 1;
        if (i < text.len) {
            const char *units = "sSmMhHdDwW";
            const char *hit = strchr(units, text.at[i++]);
            static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
            if (!hit || !*hit)
                return -1;
            unit = seconds[(hit - units) / 2];
        }
        total += number * unit;
        if (total > INT32_MAX)
            return -1;
    }
    return total;
}

// The manual's spelling of a word; empty when it is none of the keyword's.
static struct gb_str canonical_word(const char *words, struct gb_str word)
{
    struct gb_str rest = gb_str_of(words), choice;
    while (gb_str_next(&rest, ' ', &choice)) {
        ptrdiff_t same = gb_str_find_char(choice, '=');
        struct gb_str spelled = same < 0 ? choice : gb_str_sub(choice, 0, (size_t)same);
        if (gb_str_eq_nocase(spelled, word))
            return same < 0 ? choice : gb_str_from(choice, (size_t)same + 1);
    }
    return GB_STR("");
}

static struct gb_str check_number(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                                  struct gb_str *word)
{
    uint64_t number;
    if (gb_str_to_uint(*word, 10, &number) < 0 || number > INT32_MAX)
        return complain(arena, keyword, "is no number:", *word);
    *word = gb_str_format(arena, "%llu", (unsigned long long)number);
    return GB_STR("");
}

static struct gb_str check_time(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                                struct gb_str *word)
{
    if (strcmp(keyword->name, "UnusedConnectionTimeout") == 0 &&
        gb_str_eq_nocase(*word, GB_STR("none")))
        *word = GB_STR("0");
    int64_t seconds = gb_ssh_time(*word);
    if (seconds < 0)
        return complain(arena, keyword, "is no time:", *word);
    *word = gb_str_format(arena, "%lld", (long long)seconds);
    return GB_STR("");
}

static struct gb_str check_port(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                                struct gb_str *word)
{
    uint64_t number;
    if (gb_str_is(*word, "ssh"))
        *word = GB_STR("22");
    if (gb_str_to_uint(*word, 10, &number) < 0 || number == 0 || number > 65535)
        return complain(arena, keyword, "is no port:", *word);
    *word = gb_str_format(arena, "%llu", (unsigned long long)number);
    return GB_STR("");
}

static bool has_pattern(struct gb_str name)
{
    return gb_str_find_char(name, '*') >= 0 || gb_str_find_char(name, '?') >= 0;
}

static struct gb_str check_algorithms(struct gb_arena *arena, unsigned version,
                                      const struct gb_sshd_keyword *keyword, struct gb_str word)
{
    if (word.at[0] == '-')
        return GB_STR("");
    struct gb_str rest = word.at[0] == '+' || word.at[0] == '^' ? gb_str_from(word, 1) : word;
    bool keys = keyword->algorithms == GB_SSHD_KEYS || keyword->algorithms == GB_SSHD_SIGNATURES;
    struct gb_str name;
    while (gb_str_next(&rest, ',', &name)) {
        if (!keys && has_pattern(name))
            return complain(arena, keyword, "patterns are for removal only:", name);
        if (gb_sshd_algorithms_expand(arena, keyword->algorithms, version, name).len == 0)
            return complain(arena, keyword, "unknown name", name);
    }
    return GB_STR("");
}

static struct gb_str check_startups(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                                    struct gb_str *word)
{
    struct gb_str rest = *word, part;
    uint64_t numbers[3] = {0};
    unsigned count = 0;
    while (gb_str_next(&rest, ':', &part))
        if (count == 3 || gb_str_to_uint(part, 10, &numbers[count++]) < 0)
            return complain(arena, keyword, "is no limit:", *word);
    if (count == 1) {
        *word = gb_str_format(arena, "%llu:30:%llu", (unsigned long long)numbers[0],
                              (unsigned long long)numbers[0]);
        return numbers[0] ? GB_STR("") : complain(arena, keyword, "is no limit:", *word);
    }
    if (count != 3 || numbers[0] == 0 || numbers[0] > numbers[2] || numbers[1] == 0 ||
        numbers[1] > 100)
        return complain(arena, keyword, "is no limit:", *word);
    return GB_STR("");
}

static struct gb_str check_methods(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                                   const struct gb_sshd_value *value)
{
    static const char *const names[] = {
        "publickey",    "password", "keyboard-interactive", "gssapi-with-mic", "hostbased",
        "gssapi-keyex", "none"};
    for (size_t i = 0; i < value->count; i++) {
        struct gb_str list = value->arguments[i], method;
        if (gb_str_is(list, "any") && value->count == 1)
            continue;
        while (gb_str_next(&list, ',', &method)) {
            ptrdiff_t device = gb_str_find_char(method, ':');
            struct gb_str name = device < 0 ? method : gb_str_sub(method, 0, (size_t)device);
            bool known = false;
            for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
                known = known || gb_str_is(name, names[k]);
            if (!known)
                return complain(arena, keyword, "unknown method", name);
        }
    }
    return GB_STR("");
}

// Of one-line values that are told apart by name.
static size_t most_arguments(const struct gb_sshd_keyword *keyword)
{
    static const struct {
        const char *name;
        size_t most;
    } special[] = {
        {"RekeyLimit", 2},       {"IPQoS", 2},
        {"Subsystem", SIZE_MAX}, {"PerSourcePenalties", SIZE_MAX},
        {"HostKey", 1},          {"HostCertificate", 1},
        {"ListenAddress", 3},
    };
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (strcmp(keyword->name, special[i].name) == 0)
            return special[i].most;
    return keyword->type == GB_SSHD_LIST ? SIZE_MAX : 1;
}

static void join(struct gb_arena *arena, struct gb_sshd_value *value)
{
    struct gb_str all = value->arguments[0];
    for (size_t i = 1; i < value->count; i++)
        all = gb_str_format(arena, GB_PRI " " GB_PRI, GB_ARG(all), GB_ARG(value->arguments[i]));
    value->arguments[0] = all;
    value->count = 1;
}

static struct gb_str check_one(struct gb_arena *arena, unsigned version,
                               const struct gb_sshd_keyword *keyword, struct gb_str *word)
{
    struct gb_str canonical;
    switch ((enum gb_sshd_type)keyword->type) {
    case GB_SSHD_WORD:
        canonical = canonical_word(keyword->words, *word);
        if (canonical.len == 0)
            return complain(arena, keyword, "unsupported value", *word);
        *word = canonical;
        return GB_STR("");
    case GB_SSHD_INT:
        return check_number(arena, keyword, word);
    case GB_SSHD_TIME:
        return check_time(arena, keyword, word);
    case GB_SSHD_ALGORITHMS:
        return check_algorithms(arena, version, keyword, *word);
    case GB_SSHD_PORT:
        return check_port(arena, keyword, word);
    case GB_SSHD_STARTUPS:
        return check_startups(arena, keyword, word);
    case GB_SSHD_STRING:
    case GB_SSHD_REST:
    case GB_SSHD_LIST:
    case GB_SSHD_LISTEN:
    case GB_SSHD_OTHER:
    case GB_SSHD_DEPRECATED:
        break;
    }
    return GB_STR("");
}

static void absolute_paths(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                           struct gb_str *word)
{
    static const char *const names[] = {"HostKey",       "HostCertificate",   "HostKeyAgent",
                                        "Banner",        "TrustedUserCAKeys", "RevokedKeys",
                                        "XAuthLocation", "PidFile",           "ModuliFile"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(keyword->name, names[i]) == 0 && word->at[0] != '/' && word->at[0] != '~' &&
            !gb_str_is(*word, "SSH_AUTH_SOCK"))
            *word = gb_str_eq_nocase(*word, GB_STR("none"))
                        ? GB_STR("none")
                        : gb_str_format(arena, "/" GB_PRI, GB_ARG(*word));
}

static struct gb_str take_rest(struct gb_arena *arena, const struct gb_sshd_keyword *keyword,
                               struct gb_sshd_value *value)
{
    struct gb_str *one = gb_alloc(arena, sizeof *one);
    if (!one)
        return GB_STR("no memory");
    *one = value->rest;
    bool command = strcmp(keyword->name, "AuthorizedKeysCommand") == 0 ||
                   strcmp(keyword->name, "AuthorizedPrincipalsCommand") == 0;
    if (gb_str_eq_nocase(*one, GB_STR("none")))
        *one = GB_STR("none");
    else if (command && (one->len == 0 || one->at[0] != '/'))
        return complain(arena, keyword, "is no absolute path:", *one);
    value->arguments = one;
    value->count = 1;
    return GB_STR("");
}

struct gb_str gb_sshd_value_check(struct gb_arena *arena, unsigned version,
                                  const struct gb_sshd_keyword *keyword,
                                  struct gb_sshd_value *value)
{
    if (keyword->type == GB_SSHD_REST)
        return take_rest(arena, keyword, value);
    if (value->count == 0)
        return keyword->type == GB_SSHD_LIST && strcmp(keyword->name, "AuthenticationMethods") != 0
                   ? GB_STR("")
                   : complain(arena, keyword, "no value", GB_STR(""));
    if (value->count > most_arguments(keyword))
        return complain(arena, keyword,
                        "extra arguments:", value->arguments[most_arguments(keyword)]);
    for (size_t i = 0; i < value->count; i++) {
        if (value->arguments[i].len == 0)
            return complain(arena, keyword, "empty value", GB_STR(""));
        struct gb_str problem = check_one(arena, version, keyword, &value->arguments[i]);
        if (problem.len)
            return problem;
    }
    absolute_paths(arena, keyword, &value->arguments[0]);
    if (strcmp(keyword->name, "AuthenticationMethods") == 0)
        return check_methods(arena, keyword, value);
    if (strcmp(keyword->name, "FingerprintHash") == 0)
        value->arguments[0] =
            gb_str_eq_nocase(value->arguments[0], GB_STR("md5")) ? GB_STR("MD5") : GB_STR("SHA256");
    if (keyword->type == GB_SSHD_OTHER || keyword->type == GB_SSHD_LISTEN)
        join(arena, value);
    return GB_STR("");
}
