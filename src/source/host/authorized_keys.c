// Lines of authorized_keys; see the header.
#include "source/host/authorized_keys.h"

enum { MAX_KEYS = 16384, MAX_OPTIONS = 64 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

// The options end at the first blank outside of quotes; a backslash keeps the quote behind it.
static struct gb_str take_options(struct gb_str *rest)
{
    size_t i = 0;
    bool quoted = false;
    for (; i < rest->len && (quoted || !is_space(rest->at[i])); i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len && rest->at[i + 1] == '"')
            i++;
        else if (rest->at[i] == '"')
            quoted = !quoted;
    }
    struct gb_str options = gb_str_sub(*rest, 0, i);
    *rest = gb_str_from(*rest, i);
    return options;
}

// One option up to its comma. False when a quote is open.
static bool take_option(struct gb_arena *arena, struct gb_str *rest, struct gb_str *name,
                        struct gb_str *value, bool *has_value)
{
    size_t i = 0;
    while (i < rest->len && rest->at[i] != ',' && rest->at[i] != '=')
        i++;
    *name = gb_str_lower(arena, gb_str_sub(*rest, 0, i));
    *value = GB_STR("");
    *has_value = i < rest->len && rest->at[i] == '=';
    if (*has_value) {
        i++;
        if (i >= rest->len || rest->at[i] != '"')
            return false;
        size_t start = ++i;
        while (i < rest->len && rest->at[i] != '"')
            i += rest->at[i] == '\\' && i + 1 < rest->len && rest->at[i + 1] == '"' ? 2 : 1;
        if (i >= rest->len)
            return false;
        *value = gb_str_sub(*rest, start, i - start);
        i++;
    }
    if (i < rest->len && rest->at[i] != ',')
        return false;
    *rest = gb_str_from(*rest, i + 1);
    return true;
}

static void restrict_all(struct gb_authorized_key *key)
{
    key->pty = key->port_forwarding = key->agent_forwarding = false;
    key->x11_forwarding = key->user_rc = false;
}

// Options that only switch something.
static bool apply_switch(struct gb_authorized_key *key, struct gb_str name)
{
    static const struct {
        const char *name;
        size_t field;
    } switches[] = {
        {"pty", offsetof(struct gb_authorized_key, pty)},
        {"port-forwarding", offsetof(struct gb_authorized_key, port_forwarding)},
        {"agent-forwarding", offsetof(struct gb_authorized_key, agent_forwarding)},
        {"x11-forwarding", offsetof(struct gb_authorized_key, x11_forwarding)},
        {"user-rc", offsetof(struct gb_authorized_key, user_rc)},
    };
    bool off = gb_str_starts(name, GB_STR("no-"));
    struct gb_str plain = off ? gb_str_from(name, 3) : name;
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (gb_str_is(plain, switches[i].name)) {
            *(bool *)((char *)key + switches[i].field) = !off;
            return true;
        }
    if (gb_str_is(name, "restrict"))
        restrict_all(key);
    else if (gb_str_is(name, "cert-authority"))
        key->authority = true;
    else
        return gb_str_is(plain, "touch-required") || gb_str_is(plain, "verify-required");
    return true;
}

static bool apply_value(struct gb_authorized_key *key, struct gb_str name, struct gb_str value)
{
    if (gb_str_is(name, "command"))
        key->forced_command = true;
    else if (gb_str_is(name, "from"))
        key->from = value;
    else if (gb_str_is(name, "principals"))
        key->principals = value;
    else if (gb_str_is(name, "expiry-time"))
        key->expires = value;
    else if (gb_str_is(name, "environment"))
        key->environment = true;
    else if (gb_str_is(name, "tunnel"))
        key->tunnel = value;
    else
        return gb_str_is(name, "permitopen") || gb_str_is(name, "permitlisten");
    return true;
}

static int read_options(struct gb_arena *arena, struct gb_str options,
                        struct gb_authorized_key *key)
{
    key->options = gb_alloc_array(arena, MAX_OPTIONS, sizeof *key->options);
    if (!key->options)
        return GB_E_MEMORY;
    while (options.len) {
        struct gb_str name, value;
        bool has_value;
        if (!take_option(arena, &options, &name, &value, &has_value)) {
            key->problem = GB_STR("malformed options");
            return GB_OK;
        }
        if (key->option_count < MAX_OPTIONS)
            key->options[key->option_count++] = name;
        bool known = has_value ? apply_value(key, name, value) : apply_switch(key, name);
        if (!known) {
            key->problem =
                gb_str_format(arena, "unknown option " GB_PRI, GB_ARG(gb_str_sub(name, 0, 40)));
            return key->problem.at ? GB_OK : GB_E_MEMORY;
        }
    }
    return GB_OK;
}

// Like sshd: first as a key without options, then with.
static int read_line(struct gb_arena *arena, struct gb_str line, struct gb_authorized_key *key)
{
    key->pty = key->port_forwarding = key->agent_forwarding = true;
    key->x11_forwarding = key->user_rc = true;
    int code = gb_ssh_key_public(arena, line, &key->key, &key->comment);
    if (code != GB_E_SYNTAX)
        return code;
    struct gb_str options = take_options(&line);
    code = gb_ssh_key_public(arena, line, &key->key, &key->comment);
    if (code == GB_E_SYNTAX) {
        key->problem = GB_STR("no key that can be read");
        return GB_OK;
    }
    return code ? code : read_options(arena, options, key);
}

int gb_authorized_keys_parse(struct gb_arena *arena, struct gb_str text,
                             struct gb_authorized_keys *ret)
{
    struct gb_str line;
    uint32_t number = 0;
    *ret = (struct gb_authorized_keys){0};
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (ret->count == MAX_KEYS) {
            ret->truncated = true;
            return GB_OK;
        }
        if (ret->count == ret->capacity) {
            size_t capacity = ret->capacity ? ret->capacity * 2 : 8;
            struct gb_authorized_key *items =
                gb_grow_array(arena, ret->items, ret->capacity, capacity, sizeof *items);
            if (!items)
                return GB_E_MEMORY;
            ret->items = items;
            ret->capacity = capacity;
        }
        struct gb_authorized_key *key = &ret->items[ret->count++];
        *key = (struct gb_authorized_key){.line = number};
        if (read_line(arena, line, key))
            return GB_E_MEMORY;
    }
    return GB_OK;
}
