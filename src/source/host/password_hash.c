// Classifies password fields: see password_hash.h.
#include "source/host/password_hash.h"

enum { SHA_CRYPT_DEFAULT_ROUNDS = 5000, DES_LENGTH = 13, BSDI_LENGTH = 20 };

const char *gb_password_state_name(enum gb_password_state state)
{
    static const char *const names[] = {
        [GB_PASSWORD_EMPTY] = "empty",
        [GB_PASSWORD_HASH] = "hash",
        [GB_PASSWORD_LOCKED] = "locked",
        [GB_PASSWORD_UNUSABLE] = "unusable",
    };
    return names[state];
}

// The value of a character of the alphabet that crypt(3) encodes with; 64 for others.
static unsigned alphabet_value(char c)
{
    if (c == '.' || c == '/')
        return (unsigned)(c - '.');
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 2;
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A') + 12;
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 38;
    return 64;
}

static bool all_in_alphabet(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (alphabet_value(s.at[i]) == 64)
            return false;
    return true;
}

// "$6$rounds=10000$salt$..."
static int64_t sha_rounds(struct gb_str field)
{
    struct gb_str rest = gb_str_from(field, 3), number;
    if (!gb_str_starts(rest, GB_STR("rounds=")))
        return SHA_CRYPT_DEFAULT_ROUNDS;
    rest = gb_str_from(rest, 7);
    int64_t rounds;
    if (!gb_str_next(&rest, '$', &number) || gb_str_to_int(number, &rounds))
        return -1;
    return rounds;
}

// "$2b$12$..."
static int64_t bcrypt_cost(struct gb_str field)
{
    int64_t cost;
    return field.len > 6 && field.at[6] == '$' && !gb_str_to_int(gb_str_sub(field, 4, 2), &cost)
               ? cost
               : -1;
}

// "$y$j9T$...": a flavour, log2 of N counted from 1, the block size r counted from 1. libxcrypt
// makes them of its cost factor: 1 and 2 with r = 8 and N = 2^(cost + 9), from 3 on with r = 32 and
// N = 2^(cost + 7).
static int64_t yescrypt_cost(struct gb_str field, size_t prefix)
{
    enum { ONE_CHARACTER = 47 }; // larger values take more characters; nobody uses them
    struct gb_str rest = gb_str_from(field, prefix), parameters;
    if (!gb_str_next(&rest, '$', &parameters) || parameters.len != 3 || parameters.at[0] != 'j')
        return -1;
    unsigned log2_n = alphabet_value(parameters.at[1]), r = alphabet_value(parameters.at[2]);
    if (log2_n > ONE_CHARACTER || r > ONE_CHARACTER)
        return -1;
    log2_n++;
    r++;
    if (r == 8 && log2_n >= 10)
        return (int64_t)log2_n - 9;
    if (r == 32 && log2_n >= 10)
        return (int64_t)log2_n - 7;
    return -1;
}

static const char *hash_algorithm(struct gb_str field, int64_t *cost)
{
    static const struct {
        struct gb_str prefix;
        const char *name;
    } prefixes[] = {
        {GB_STR_INIT("$y$"), "yescrypt"}, {GB_STR_INIT("$gy$"), "gost_yescrypt"},
        {GB_STR_INIT("$7$"), "scrypt"},   {GB_STR_INIT("$6$"), "sha512"},
        {GB_STR_INIT("$5$"), "sha256"},   {GB_STR_INIT("$2a$"), "bcrypt"},
        {GB_STR_INIT("$2b$"), "bcrypt"},  {GB_STR_INIT("$2x$"), "bcrypt"},
        {GB_STR_INIT("$2y$"), "bcrypt"},  {GB_STR_INIT("$1$"), "md5"},
        {GB_STR_INIT("$md5"), "sunmd5"},  {GB_STR_INIT("$sha1$"), "sha1"},
        {GB_STR_INIT("$3$"), "nthash"},
    };
    *cost = -1;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!gb_str_starts(field, prefixes[i].prefix))
            continue;
        const char *name = prefixes[i].name;
        if (strncmp(name, "sha256", 6) == 0 || strncmp(name, "sha512", 6) == 0)
            *cost = sha_rounds(field);
        else if (strcmp(name, "bcrypt") == 0)
            *cost = bcrypt_cost(field);
        else if (i < 2)
            *cost = yescrypt_cost(field, prefixes[i].prefix.len);
        return name;
    }
    if (field.len > 3 && field.at[0] == '$' && gb_str_find_char(gb_str_from(field, 1), '$') > 0)
        return "other";
    if (field.len == BSDI_LENGTH && field.at[0] == '_' && all_in_alphabet(gb_str_from(field, 1)))
        return "bsdi_des";
    if (field.len == DES_LENGTH && all_in_alphabet(field))
        return "des";
    return NULL;
}

struct gb_password gb_password_classify(struct gb_str field)
{
    struct gb_password found = {.state = GB_PASSWORD_EMPTY, .cost = -1};
    if (field.len == 0)
        return found;
    struct gb_str hash = field;
    while (hash.len && (hash.at[0] == '!' || hash.at[0] == '*'))
        hash = gb_str_from(hash, 1);
    found.algorithm = hash_algorithm(hash, &found.cost);
    if (!found.algorithm)
        found.state = GB_PASSWORD_UNUSABLE;
    else
        found.state = hash.len == field.len ? GB_PASSWORD_HASH : GB_PASSWORD_LOCKED;
    return found;
}
