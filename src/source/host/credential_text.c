// How files keep credentials: see credential_text.h.
#include "source/host/credential_text.h"

#include "source/host/secret_name.h"

const char *gb_credential_keeps_name(enum gb_credential_keeps keeps)
{
    static const char *const names[] = {"nothing", "helper", "session", "encrypted", "secret"};
    return names[keeps];
}

// The worst counts; the line is that of the first of these.
static void keep(struct gb_credential_answer *answer, enum gb_credential_keeps keeps, uint32_t line)
{
    if (keeps > answer->keeps) {
        answer->keeps = keeps;
        answer->line = line;
    }
}

static void add_name(struct gb_credential_answer *answer, struct gb_str name)
{
    for (size_t i = 0; i < answer->name_count; i++) {
        if (gb_str_eq(answer->names[i], name))
            return;
    }
    if (answer->name_count < GB_CREDENTIAL_NAMES_MAX && name.len && name.len <= 128)
        answer->names[answer->name_count++] = name;
}

static bool is_comment(struct gb_str line)
{
    return !line.len || line.at[0] == '#' || line.at[0] == ';';
}

static struct gb_str unquote(struct gb_str text)
{
    text = gb_str_trim(text);
    while (text.len && (text.at[text.len - 1] == ',' || text.at[text.len - 1] == ';'))
        text = gb_str_trim(gb_str_sub(text, 0, text.len - 1));
    if (text.len >= 2 && (text.at[0] == '"' || text.at[0] == '\'') &&
        text.at[text.len - 1] == text.at[0])
        text = gb_str_sub(text, 1, text.len - 2);
    return text;
}

// "name = value", "name: value", "\"name\": \"value\"", "export NAME=value", "name value". False
// when there is nothing of the kind in the line.
static bool split_setting(struct gb_str line, struct gb_str *name, struct gb_str *value)
{
    line = gb_str_trim(line);
    if (gb_str_starts(line, GB_STR("export ")))
        line = gb_str_trim(gb_str_from(line, 7));
    if (gb_str_starts(line, GB_STR("- ")))
        line = gb_str_trim(gb_str_from(line, 2));
    bool quoted = line.len && (line.at[0] == '"' || line.at[0] == '\'');
    size_t end = quoted ? 1 : 0;
    while (end < line.len && (quoted ? line.at[end] != line.at[0] : !strchr("=: \t", line.at[end])))
        end++;
    if (end == 0 || end >= line.len)
        return false;
    *name = quoted ? gb_str_sub(line, 1, end - 1) : gb_str_sub(line, 0, end);
    line = gb_str_trim(gb_str_from(line, quoted ? end + 1 : end));
    if (line.len && (line.at[0] == '=' || line.at[0] == ':'))
        line = gb_str_trim(gb_str_from(line, 1));
    *value = unquote(line);
    return true;
}

static bool is_placeholder(struct gb_str value)
{
    return !gb_secret_literal(value) || gb_str_starts(value, GB_STR("<")) ||
           gb_str_is(value, "null") || gb_str_is(value, "~") || gb_str_is(value, "[]") ||
           gb_str_is(value, "REDACTED") || gb_str_is(value, "\"\"");
}

// Files that are a list of settings: those with the name of a secret and a literal value count.
static void look_settings(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line, name, value;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        if (is_comment(line) || !split_setting(line, &name, &value) || !gb_secret_name(name) ||
            is_placeholder(value))
            continue;
        keep(answer, GB_KEEPS_SECRET, number);
        add_name(answer, name);
    }
}

// A line that names one of `secret` keeps a secret; of `helpers`, only where it is.
struct words {
    const char *secret[8], *helpers[8];
};

static bool is_one_of(struct gb_str name, const char *const *names)
{
    for (size_t i = 0; i < 8 && names[i]; i++) {
        if (gb_str_eq_nocase(name, gb_str_of(names[i])))
            return true;
    }
    return false;
}

static void look_for_words(struct gb_credential_answer *answer, struct gb_str text,
                           const struct words *words)
{
    struct gb_str line, name, value;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        if (is_comment(line) || !split_setting(line, &name, &value))
            continue;
        if (is_one_of(name, words->secret) && !is_placeholder(value)) {
            keep(answer, GB_KEEPS_SECRET, number);
            add_name(answer, name);
        } else if (is_one_of(name, words->helpers)) {
            keep(answer, GB_KEEPS_HELPER, number);
        }
    }
}

// A profile with a session token beside its key holds what expires.
static void look_aws(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line, name, value;
    uint32_t number = 0, key_line = 0;
    bool session = false;
    for (bool more = true; more;) {
        more = gb_str_next(&text, '\n', &line);
        number++;
        line = more ? gb_str_trim(line) : (struct gb_str){0};
        bool section = !more || (line.len && line.at[0] == '[');
        if (section) {
            if (key_line)
                keep(answer, session ? GB_KEEPS_SESSION : GB_KEEPS_SECRET, key_line);
            key_line = 0;
            session = false;
        }
        if (section || is_comment(line) || !split_setting(line, &name, &value))
            continue;
        if (gb_str_is(name, "aws_secret_access_key") && value.len)
            key_line = number;
        else if (gb_str_is(name, "aws_session_token") && value.len)
            session = true;
        else if (gb_str_is(name, "credential_process") || gb_str_is(name, "sso_session") ||
                 gb_str_is(name, "sso_start_url") || gb_str_is(name, "role_arn"))
            keep(answer, GB_KEEPS_HELPER, number);
    }
}

// JSON, usually one member a line but it may be all in one: find the member anywhere.
static bool has_member(struct gb_str text, const char *name, bool with_value)
{
    for (;;) {
        ptrdiff_t at = gb_str_find(text, gb_str_of(name));
        if (at < 0)
            return false;
        text = gb_str_from(text, (size_t)at + strlen(name));
        struct gb_str rest = gb_str_trim(text);
        if (!rest.len || rest.at[0] != ':')
            continue;
        rest = gb_str_trim(gb_str_from(rest, 1));
        bool empty = gb_str_starts(rest, GB_STR("\"\"")) || gb_str_starts(rest, GB_STR("null")) ||
                     gb_str_starts(rest, GB_STR("{}"));
        if (!with_value || (rest.len && !empty))
            return true;
    }
}

// The string that begins at the quote in front of `text`; *rest stands behind it.
static struct gb_str quoted_string(struct gb_str text, struct gb_str *rest)
{
    size_t end = 1;
    while (end < text.len && text.at[end] != '"')
        end += text.at[end] == '\\' ? 2 : 1;
    if (end >= text.len) {
        *rest = (struct gb_str){0};
        return *rest;
    }
    *rest = gb_str_from(text, end + 1);
    return gb_str_sub(text, 1, end - 1);
}

static void look_json(struct gb_credential_answer *answer, struct gb_str text)
{
    for (;;) {
        ptrdiff_t quote = gb_str_find_char(text, '"');
        if (quote < 0)
            return;
        struct gb_str name = quoted_string(gb_str_from(text, (size_t)quote), &text);
        struct gb_str rest = gb_str_trim(text);
        if (!rest.len || rest.at[0] != ':')
            continue;
        rest = gb_str_trim(gb_str_from(rest, 1));
        if (!rest.len || rest.at[0] != '"')
            continue;
        struct gb_str value = quoted_string(rest, &text);
        bool secret = gb_secret_name(name) || gb_str_is(name, "secret") || gb_str_is(name, "auth");
        if (secret && !is_placeholder(value)) {
            keep(answer, GB_KEEPS_SECRET, 0);
            add_name(answer, name);
        }
    }
}

static void look_gcloud(struct gb_credential_answer *answer, struct gb_str text)
{
    if (has_member(text, "\"private_key\"", true))
        keep(answer, GB_KEEPS_SECRET, 0);
    if (has_member(text, "\"refresh_token\"", true) || has_member(text, "\"client_secret\"", true))
        keep(answer, GB_KEEPS_SECRET, 0);
    if (gb_str_contains(text, GB_STR("external_account")))
        keep(answer, GB_KEEPS_HELPER, 0);
}

static void look_docker(struct gb_credential_answer *answer, struct gb_str text)
{
    // "auths" may name registries with empty entries: the secret is then in the store.
    if (has_member(text, "\"auth\"", true) || has_member(text, "\"identitytoken\"", true) ||
        has_member(text, "\"registrytoken\"", true))
        keep(answer, GB_KEEPS_SECRET, 0);
    if (has_member(text, "\"credsStore\"", true) || has_member(text, "\"credHelpers\"", true))
        keep(answer, GB_KEEPS_HELPER, 0);
}

static void look_npm(struct gb_credential_answer *answer, struct gb_str text)
{
    static const char *const endings[] = {"_authToken", "_auth", "_password"};
    struct gb_str line;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        ptrdiff_t equals = gb_str_find_char(line, '=');
        if (is_comment(line) || equals < 0)
            continue;
        struct gb_str name = gb_str_trim(gb_str_sub(line, 0, (size_t)equals));
        struct gb_str value = unquote(gb_str_from(line, (size_t)equals + 1));
        for (size_t i = 0; i < 3; i++) {
            if (gb_str_ends(name, gb_str_of(endings[i])) && gb_secret_literal(value)) {
                keep(answer, GB_KEEPS_SECRET, number);
                add_name(answer, gb_str_of(endings[i]));
            }
        }
    }
}

static void look_netrc(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line, word;
    uint32_t number = 0;
    bool password = false; // its value may stand in the next line
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        if (is_comment(gb_str_trim(line)))
            continue;
        while (gb_str_next_word(&line, &word)) {
            if (password)
                keep(answer, GB_KEEPS_SECRET, number);
            password = gb_str_is(word, "password");
        }
    }
}

// scheme://user:secret@host
static void look_urls(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        ptrdiff_t scheme = gb_str_find(line, GB_STR("://"));
        if (is_comment(gb_str_trim(line)) || scheme < 0)
            continue;
        struct gb_str rest = gb_str_from(line, (size_t)scheme + 3);
        ptrdiff_t at = gb_str_find_char(rest, '@'), colon = gb_str_find_char(rest, ':');
        if (colon >= 0 && at > colon + 1)
            keep(answer, GB_KEEPS_SECRET, number);
    }
}

// host:port:database:user:password, with \: for a colon
static void look_pgpass(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        if (is_comment(gb_str_trim(line)))
            continue;
        size_t colons = 0, at = 0;
        for (; at < line.len && colons < 4; at++) {
            if (line.at[at] == '\\')
                at++;
            else if (line.at[at] == ':')
                colons++;
        }
        if (colons == 4 && at < line.len)
            keep(answer, GB_KEEPS_SECRET, number);
    }
}

// Lines of at least two columns, by blanks or colons: the last is the secret.
static void look_columns(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line, word;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        if (is_comment(line))
            continue;
        bool colons = gb_str_find_char(line, ':') > 0;
        size_t words = 0;
        while (gb_str_next_word(&line, &word))
            words++;
        if (words >= 2 || colons)
            keep(answer, GB_KEEPS_SECRET, number);
    }
}

static void look_xml(struct gb_credential_answer *answer, struct gb_str text)
{
    static const char *const tags[] = {"<password>", "<passphrase>", "<secret>"};
    struct gb_str line;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        for (size_t i = 0; i < 3; i++) {
            ptrdiff_t at = gb_str_find(line, gb_str_of(tags[i]));
            if (at < 0)
                continue;
            struct gb_str value = gb_str_trim(gb_str_from(line, (size_t)at + strlen(tags[i])));
            ptrdiff_t end = gb_str_find_char(value, '<');
            value = gb_str_trim(gb_str_sub(value, 0, end < 0 ? value.len : (size_t)end));
            // Maven writes encrypted passwords in braces, placeholders with a dollar sign.
            if (value.len && value.at[0] == '{')
                keep(answer, GB_KEEPS_ENCRYPTED, number);
            else if (gb_secret_literal(value))
                keep(answer, GB_KEEPS_SECRET, number);
        }
    }
}

static void look_cloud_init(struct gb_credential_answer *answer, struct gb_str text)
{
    static const char *const plain[] = {"password", "plain_text_passwd", "chpasswd", NULL};
    struct gb_str rest = text, line, name, value;
    uint32_t number = 0;
    while (gb_str_next(&rest, '\n', &line)) {
        number++;
        if (is_comment(gb_str_trim(line)) || !split_setting(line, &name, &value))
            continue;
        bool literal = is_one_of(name, plain) && !is_placeholder(value) && value.at[0] != '|';
        if (literal) {
            keep(answer, GB_KEEPS_SECRET, number);
            add_name(answer, name);
        }
        if (gb_str_is(name, "passwd") || gb_str_is(name, "hashed_passwd"))
            keep(answer, GB_KEEPS_ENCRYPTED, number);
    }
    look_settings(answer, text);
}

static void look_mounts(struct gb_credential_answer *answer, struct gb_str text)
{
    struct gb_str line, word, option;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        if (is_comment(gb_str_trim(line)))
            continue;
        while (gb_str_next_word(&line, &word)) {
            while (gb_str_next(&word, ',', &option)) {
                if ((gb_str_starts(option, GB_STR("password=")) ||
                     gb_str_starts(option, GB_STR("pass="))) &&
                    gb_str_find_char(option, '=') + 1 < (ptrdiff_t)option.len)
                    keep(answer, GB_KEEPS_SECRET, number);
            }
        }
    }
}

struct gb_credential_answer gb_credential_look(enum gb_credential_format format, struct gb_str text)
{
    static const struct words kubernetes = {
        .secret = {"client-key-data", "token", "password"},
        .helpers = {"exec", "auth-provider", "client-key", "tokenFile"}};
    static const struct words wireguard = {.secret = {"PrivateKey", "PresharedKey"},
                                           .helpers = {"PostUp"}};
    static const struct words rclone = {
        .secret = {"pass", "password2", "token", "secret_access_key", "key", "client_secret"}};
    struct gb_credential_answer answer = {.keeps = GB_KEEPS_NOTHING};
    switch (format) {
    case GB_CREDENTIAL_PRESENT:
        if (gb_str_trim(text).len)
            keep(&answer, GB_KEEPS_SECRET, 0);
        break;
    case GB_CREDENTIAL_SETTINGS:
        look_settings(&answer, text);
        break;
    case GB_CREDENTIAL_JSON:
        look_json(&answer, text);
        break;
    case GB_CREDENTIAL_AWS:
        look_aws(&answer, text);
        break;
    case GB_CREDENTIAL_GCLOUD:
        look_gcloud(&answer, text);
        break;
    case GB_CREDENTIAL_KUBECONFIG:
        look_for_words(&answer, text, &kubernetes);
        break;
    case GB_CREDENTIAL_DOCKER:
        look_docker(&answer, text);
        break;
    case GB_CREDENTIAL_NPM:
        look_npm(&answer, text);
        break;
    case GB_CREDENTIAL_NETRC:
        look_netrc(&answer, text);
        break;
    case GB_CREDENTIAL_URLS:
        look_urls(&answer, text);
        break;
    case GB_CREDENTIAL_PGPASS:
        look_pgpass(&answer, text);
        break;
    case GB_CREDENTIAL_COLUMNS:
        look_columns(&answer, text);
        break;
    case GB_CREDENTIAL_XML:
        look_xml(&answer, text);
        break;
    case GB_CREDENTIAL_WIREGUARD:
        look_for_words(&answer, text, &wireguard);
        break;
    case GB_CREDENTIAL_CLOUD_INIT:
        look_cloud_init(&answer, text);
        break;
    case GB_CREDENTIAL_MOUNTS:
        look_mounts(&answer, text);
        break;
    case GB_CREDENTIAL_RCLONE:
        if (gb_str_contains(gb_str_sub(text, 0, 256), GB_STR("RCLONE_ENCRYPT_V0")))
            keep(&answer, GB_KEEPS_ENCRYPTED, 0);
        else
            look_for_words(&answer, text, &rclone);
        break;
    }
    return answer;
}
