// Names that say "secret": see secret_name.h.
#include "source/host/secret_name.h"

enum { MAX_NAME = 128 };

static bool has_word(struct gb_str folded, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        if (gb_str_contains(folded, gb_str_of(words[i])))
            return true;
    }
    return false;
}

bool gb_secret_name(struct gb_str name)
{
    static const char *const secret[] = {
        "PASSWORD",       "PASSWD",       "PASSPHRASE", "SECRET",
        "APIKEY",         "API_KEY",      "ACCESS_KEY", "PRIVATE_KEY",
        "AUTH_TOKEN",     "ACCESS_TOKEN", "CREDENTIAL", "CONNECTION_STRING",
        "ENCRYPTION_KEY", "SIGNING_KEY",  "MASTER_KEY", "ACCESSTOKEN",
        "REFRESHTOKEN",   "AUTHTOKEN",    NULL};
    // Where something is, how long it lasts, whether it is wanted: not the secret.
    static const char *const suffixes[] = {"_FILE",  "_PATH",   "_DIR",      "_URL",    "_TTL",
                                           "_NAME",  "_ID",     "_LENGTH",   "_EXPIRY", "_ENABLED",
                                           "_STORE", "_HELPER", "_REQUIRED", "_POLICY", NULL};
    char folded[MAX_NAME];
    if (!name.len || name.len > sizeof folded)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        folded[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c == '-' || c == '.' ? '_' : c);
    }
    struct gb_str text = {folded, name.len};
    for (size_t i = 0; suffixes[i]; i++) {
        if (gb_str_ends(text, gb_str_of(suffixes[i])))
            return false;
    }
    return has_word(text, secret) || gb_str_is(text, "TOKEN") ||
           gb_str_ends(text, GB_STR("_TOKEN")) || gb_str_ends(text, GB_STR("_PASS")) ||
           gb_str_ends(text, GB_STR("_PWD")) || gb_str_ends(text, GB_STR("_PW"));
}

bool gb_secret_literal(struct gb_str value)
{
    static const char *const plain[] = {"true", "false", "yes", "no",   "none",
                                        "null", "on",    "off", "auto", NULL};
    if (!value.len)
        return false;
    for (size_t i = 0; plain[i]; i++) {
        if (gb_str_eq_nocase(value, gb_str_of(plain[i])))
            return false;
    }
    char c = value.at[0];
    return c != '$' && c != '%' && c != '/' && c != '{' && !gb_str_starts(value, GB_STR("file:"));
}
