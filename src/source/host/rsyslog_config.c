// Reads rsyslog's configuration; see rsyslog_config.h.
#include "source/host/rsyslog_config.h"

enum { ITEMS_MAX = 20000, PARAMETERS_MAX = 64 };

struct reader {
    struct gb_rsyslog *config;
    struct gb_str text, where;
    size_t at;
    uint32_t line;
};

struct parameter {
    struct gb_str name, value;
};

struct object {
    struct gb_str name;
    struct parameter parameters[PARAMETERS_MAX];
    size_t count;
    uint32_t line;
};

// ---- characters

static int peek(const struct reader *r)
{
    return r->at < r->text.len ? (unsigned char)r->text.at[r->at] : -1;
}

static bool at_text(const struct reader *r, const char *text)
{
    return gb_str_starts(gb_str_from(r->text, r->at), gb_str_of(text));
}

static void step(struct reader *r)
{
    if (r->text.at[r->at++] == '\n')
        r->line++;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void skip_blank(struct reader *r)
{
    for (;;) {
        if (is_blank(peek(r))) {
            step(r);
        } else if (peek(r) == '#') {
            while (peek(r) >= 0 && peek(r) != '\n')
                step(r);
        } else if (at_text(r, "/*")) {
            while (peek(r) >= 0 && !at_text(r, "*/"))
                step(r);
            for (int i = 0; i < 2 && peek(r) >= 0; i++)
                step(r);
        } else {
            return;
        }
    }
}

// The rest of the line, with lines behind a backslash joined to it (the backslash stays).
static struct gb_str take_line(struct reader *r)
{
    size_t start = r->at;
    while (peek(r) >= 0 && peek(r) != '\n') {
        bool joined = peek(r) == '\\' && r->at + 1 < r->text.len && r->text.at[r->at + 1] == '\n';
        step(r);
        if (joined)
            step(r);
    }
    return gb_str_trim(gb_str_sub(r->text, start, r->at - start));
}

static struct gb_str take_name(struct reader *r)
{
    size_t start = r->at;
    while (is_letter(peek(r)) || (peek(r) >= '0' && peek(r) <= '9') || peek(r) == '.' ||
           peek(r) == '-')
        step(r);
    return gb_str_sub(r->text, start, r->at - start);
}

static struct gb_str take_string(struct reader *r)
{
    char quote = (char)peek(r);
    step(r);
    size_t start = r->at;
    while (peek(r) >= 0 && peek(r) != quote) {
        if (peek(r) == '\\')
            step(r);
        if (peek(r) >= 0)
            step(r);
    }
    struct gb_str value = gb_str_sub(r->text, start, r->at - start);
    if (peek(r) >= 0)
        step(r);
    return value;
}

// ---- objects: name( parameter="value" ... )

static void read_parameters(struct reader *r, struct object *object)
{
    for (skip_blank(r); peek(r) >= 0 && peek(r) != ')'; skip_blank(r)) {
        size_t before = r->at;
        struct gb_str name = take_name(r), value = {0};
        skip_blank(r);
        if (name.len && peek(r) == '=') {
            step(r);
            skip_blank(r);
            value = peek(r) == '"' || peek(r) == '\'' ? take_string(r) : take_name(r);
            if (object->count < PARAMETERS_MAX)
                object->parameters[object->count++] =
                    (struct parameter){.name = name, .value = value};
        }
        if (r->at == before)
            step(r); // something that is no parameter
    }
    if (peek(r) == ')')
        step(r);
}

static struct gb_str get(const struct object *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (gb_str_eq_nocase(object->parameters[i].name, gb_str_of(name)))
            return object->parameters[i].value;
    return GB_STR("");
}

// ---- what is collected

static void *add(struct gb_rsyslog *config, void **items, size_t *count, size_t *capacity,
                 size_t size)
{
    if (*count == *capacity) {
        size_t wider = *capacity ? *capacity * 2 : 16;
        void *grown =
            wider > ITEMS_MAX ? NULL : gb_grow_array(config->arena, *items, *capacity, wider, size);
        if (!grown)
            return NULL;
        *items = grown;
        *capacity = wider;
    }
    return (char *)*items + size * (*count)++;
}

static void set(struct gb_rsyslog_setting *setting, struct gb_str value, const struct reader *r,
                uint32_t line)
{
    *setting = (struct gb_rsyslog_setting){.value = value, .where = r->where, .line = line};
}

static bool is_tls_driver(struct gb_str driver)
{
    return gb_str_eq_nocase(driver, GB_STR("gtls")) || gb_str_eq_nocase(driver, GB_STR("ossl"));
}

static bool checks_name(struct gb_str mode)
{
    return gb_str_starts(mode, GB_STR("x509/")) || gb_str_eq_nocase(mode, GB_STR("name")) ||
           gb_str_eq_nocase(mode, GB_STR("fingerprint"));
}

static int add_output(struct reader *r, struct gb_str path, struct gb_str mode, uint32_t line)
{
    void *items = r->config->outputs;
    struct gb_rsyslog_output *output = add(r->config, &items, &r->config->output_count,
                                           &r->config->output_capacity, sizeof *output);
    if (!output)
        return GB_E_MEMORY;
    r->config->outputs = items;
    *output = (struct gb_rsyslog_output){
        .path = path,
        .mode = mode.len ? mode : r->config->create_mode.value,
        .where = r->where,
        .line = line,
    };
    return GB_OK;
}

static int add_remote(struct reader *r, const struct gb_rsyslog_remote *remote)
{
    void *items = r->config->remotes;
    struct gb_rsyslog_remote *slot =
        add(r->config, &items, &r->config->remote_count, &r->config->remote_capacity, sizeof *slot);
    if (!slot)
        return GB_E_MEMORY;
    r->config->remotes = items;
    *slot = *remote;
    return GB_OK;
}

static int add_input(struct reader *r, const struct gb_rsyslog_input *input)
{
    void *items = r->config->inputs;
    struct gb_rsyslog_input *slot =
        add(r->config, &items, &r->config->input_count, &r->config->input_capacity, sizeof *slot);
    if (!slot)
        return GB_E_MEMORY;
    r->config->inputs = items;
    *slot = *input;
    return GB_OK;
}

// ---- selector lines and their actions

// @@(options)host:port;template
static int read_forward(struct reader *r, struct gb_str action, uint32_t line)
{
    bool tcp = gb_str_starts(action, GB_STR("@@"));
    struct gb_str target = gb_str_from(action, tcp ? 2 : 1), port = {0};
    if (target.len && target.at[0] == '(') {
        ptrdiff_t end = gb_str_find_char(target, ')');
        target = gb_str_from(target, end < 0 ? target.len : (size_t)end + 1);
    }
    ptrdiff_t end = gb_str_find_char(target, ';');
    target = gb_str_trim(gb_str_sub(target, 0, end < 0 ? target.len : (size_t)end));
    ptrdiff_t bracket = gb_str_find_char(target, ']');
    ptrdiff_t colon = gb_str_rfind_char(target, ':');
    if (colon > bracket) {
        port = gb_str_from(target, (size_t)colon + 1);
        target = gb_str_sub(target, 0, (size_t)colon);
    }
    const struct gb_rsyslog *config = r->config;
    bool tls =
        tcp && is_tls_driver(config->driver.value) && gb_str_is(config->driver_mode.value, "1");
    struct gb_rsyslog_remote remote = {
        .host = target,
        .port = port,
        .protocol = tcp ? GB_STR("tcp") : GB_STR("udp"),
        .tls = tls,
        .verified = tls && checks_name(config->driver_auth.value),
        .where = r->where,
        .line = line,
    };
    return add_remote(r, &remote);
}

static int read_relp(struct reader *r, struct gb_str rest, uint32_t line)
{
    struct gb_rsyslog_remote remote = {.protocol = GB_STR("relp"), .where = r->where, .line = line};
    if (!gb_str_next(&rest, ':', &remote.host))
        return GB_OK;
    gb_str_next(&rest, ':', &remote.port);
    return add_remote(r, &remote);
}

static int read_action(struct reader *r, struct gb_str action, uint32_t line)
{
    action = gb_str_trim(action);
    if (action.len > 1 && action.at[0] == '-')
        action = gb_str_from(action, 1);
    if (!action.len)
        return GB_OK;
    if (action.at[0] == '/') {
        size_t end = 0;
        while (end < action.len && !is_blank(action.at[end]) && action.at[end] != ';')
            end++;
        return add_output(r, gb_str_sub(action, 0, end), GB_STR(""), line);
    }
    if (action.at[0] == '@')
        return read_forward(r, action, line);
    if (gb_str_starts(action, GB_STR(":omrelp:")))
        return read_relp(r, gb_str_from(action, 8), line);
    return GB_OK; // users, pipes, programs, dynamic files, stop
}

static int read_action_object(struct reader *r, const struct object *object)
{
    struct gb_str type = get(object, "type");
    if (gb_str_is(type, "omfile")) {
        struct gb_str file = get(object, "file");
        return file.len ? add_output(r, file, get(object, "filecreatemode"), object->line) : GB_OK;
    }
    bool relp = gb_str_is(type, "omrelp");
    if (!relp && !gb_str_is(type, "omfwd"))
        return GB_OK;
    struct gb_str protocol = get(object, "protocol"), driver = get(object, "streamdriver");
    if (!driver.len)
        driver = get(object, "streamdriver.name");
    if (!driver.len)
        driver = r->config->driver.value;
    struct gb_str auth = get(object, relp ? "tls.authmode" : "streamdriverauthmode");
    if (!auth.len && !relp)
        auth = get(object, "streamdriver.authmode");
    struct gb_str mode = get(object, "streamdrivermode");
    if (!mode.len)
        mode = get(object, "streamdriver.mode");
    bool tls =
        relp ? gb_str_is(get(object, "tls"), "on") : is_tls_driver(driver) && gb_str_is(mode, "1");
    struct gb_rsyslog_remote remote = {
        .host = get(object, "target"),
        .port = get(object, "port"),
        .protocol = relp           ? GB_STR("relp")
                    : protocol.len ? protocol
                                   : GB_STR("udp"),
        .tls = tls,
        .verified = tls && checks_name(auth),
        .where = r->where,
        .line = object->line,
    };
    return remote.host.len ? add_remote(r, &remote) : GB_OK;
}

static int read_input_object(struct reader *r, const struct object *object)
{
    static const char *const types[] = {"imudp", "imtcp", "imptcp", "imrelp"};
    struct gb_str type = get(object, "type");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!gb_str_is(type, types[i]))
            continue;
        bool relp = i == 3;
        struct gb_rsyslog_input input = {
            .protocol = i == 0 ? GB_STR("udp")
                        : relp ? GB_STR("relp")
                               : GB_STR("tcp"),
            .port = get(object, "port"),
            .address = get(object, "address"),
            .tls = relp ? gb_str_is(get(object, "tls"), "on")
                        : gb_str_is(get(object, "streamdriver.mode"), "1") ||
                              (i == 1 && gb_str_is(r->config->driver_mode.value, "1") &&
                               is_tls_driver(r->config->driver.value)),
            .where = r->where,
            .line = object->line,
        };
        return add_input(r, &input);
    }
    return GB_OK;
}

static int include(struct reader *r, struct gb_str pattern)
{
    return r->config->include && pattern.len
               ? r->config->include(r->config->include_context, r->config, pattern)
               : GB_OK;
}

static int read_object(struct reader *r, const struct object *object)
{
    struct gb_rsyslog *config = r->config;
    if (gb_str_eq_nocase(object->name, GB_STR("action")))
        return read_action_object(r, object);
    if (gb_str_eq_nocase(object->name, GB_STR("input")))
        return read_input_object(r, object);
    if (gb_str_eq_nocase(object->name, GB_STR("include")))
        return include(r, get(object, "file"));
    if (gb_str_eq_nocase(object->name, GB_STR("global"))) {
        struct gb_str driver = get(object, "defaultnetstreamdriver"), umask = get(object, "umask");
        if (driver.len)
            set(&config->driver, driver, r, object->line);
        if (umask.len)
            set(&config->umask, umask, r, object->line);
    }
    if (gb_str_eq_nocase(object->name, GB_STR("module"))) {
        struct gb_str load = get(object, "load"), mode = get(object, "filecreatemode");
        if (gb_str_is(load, "builtin:omfile") && mode.len)
            set(&config->create_mode, mode, r, object->line);
        if (gb_str_is(load, "imtcp") && get(object, "streamdriver.mode").len)
            set(&config->driver_mode, get(object, "streamdriver.mode"), r, object->line);
    }
    return GB_OK;
}

// ---- old directives

static int read_server(struct reader *r, const char *protocol, struct gb_str port, uint32_t line)
{
    struct gb_rsyslog_input input = {
        .protocol = gb_str_of(protocol),
        .port = port,
        .address = r->config->input_address.value,
        .tls = protocol[0] == 't' && is_tls_driver(r->config->driver.value) &&
               gb_str_is(r->config->driver_mode.value, "1"),
        .where = r->where,
        .line = line,
    };
    return add_input(r, &input);
}

static int read_directive(struct reader *r)
{
    struct gb_rsyslog *config = r->config;
    uint32_t line = r->line;
    struct gb_str rest = take_line(r), name, value = {0};
    if (!gb_str_next_word(&rest, &name))
        return GB_OK;
    gb_str_next_word(&rest, &value);
    const struct {
        const char *name;
        struct gb_rsyslog_setting *setting;
    } settings[] = {
        {"$FileCreateMode", &config->create_mode},
        {"$DirCreateMode", &config->dir_create_mode},
        {"$Umask", &config->umask},
        {"$FileOwner", &config->file_owner},
        {"$FileGroup", &config->file_group},
        {"$DefaultNetstreamDriver", &config->driver},
        {"$ActionSendStreamDriver", &config->driver},
        {"$ActionSendStreamDriverMode", &config->driver_mode},
        {"$InputTCPServerStreamDriverMode", &config->driver_mode},
        {"$ActionSendStreamDriverAuthMode", &config->driver_auth},
        {"$UDPServerAddress", &config->input_address},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (gb_str_eq_nocase(name, gb_str_of(settings[i].name)))
            set(settings[i].setting, value, r, line);
    if (gb_str_eq_nocase(name, GB_STR("$IncludeConfig")))
        return include(r, value);
    if (gb_str_eq_nocase(name, GB_STR("$UDPServerRun")))
        return read_server(r, "udp", value, line);
    if (gb_str_eq_nocase(name, GB_STR("$InputTCPServerRun")))
        return read_server(r, "tcp", value, line);
    if (gb_str_eq_nocase(name, GB_STR("$InputRELPServerRun")))
        return read_server(r, "relp", value, line);
    return GB_OK;
}

// ---- statements

// Past "if EXPRESSION then": strings may hold the word.
static void skip_condition(struct reader *r)
{
    for (skip_blank(r); peek(r) >= 0; skip_blank(r)) {
        if (peek(r) == '"' || peek(r) == '\'') {
            take_string(r);
        } else if (is_letter(peek(r))) {
            if (gb_str_eq_nocase(take_name(r), GB_STR("then")))
                return;
        } else {
            step(r);
        }
    }
}

// name( ... ) or a word of RainerScript; a selector line when it is neither.
static int read_word(struct reader *r)
{
    static const char *const words[] = {"stop",  "continue", "else",    "call",         "set",
                                        "unset", "reset",    "foreach", "call_indirect"};
    struct reader start = *r;
    struct gb_str name = take_name(r);
    struct reader behind = *r;
    skip_blank(&behind);
    if (name.len && peek(&behind) == '(' && !gb_str_contains(name, GB_STR("."))) {
        *r = behind;
        step(r);
        struct object object = {.name = name, .line = start.line};
        read_parameters(r, &object);
        return read_object(r, &object);
    }
    if (gb_str_eq_nocase(name, GB_STR("if"))) {
        skip_condition(r);
        return GB_OK;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!gb_str_eq_nocase(name, gb_str_of(words[i])))
            continue;
        bool takes_line = i >= 3;
        if (takes_line)
            while (peek(r) >= 0 && peek(r) != ';' && peek(r) != '\n' && peek(r) != '{')
                step(r);
        return GB_OK;
    }
    *r = start;
    uint32_t line = r->line;
    struct gb_str rest = take_line(r), selector;
    gb_str_next_word(&rest, &selector);
    rest = gb_str_trim(rest);
    if (!rest.len)
        r->config->malformed++;
    // An action may be an object that goes on over lines: read it from where it begins.
    if (gb_str_starts(rest, GB_STR("action("))) {
        r->at = (size_t)(rest.at - r->text.at);
        r->line = line;
        return GB_OK;
    }
    return read_action(r, rest, line);
}

// :property, operator, "value" action
static int read_property_line(struct reader *r)
{
    uint32_t line = r->line;
    struct gb_str text = take_line(r);
    ptrdiff_t quote = gb_str_find_char(text, '"');
    if (quote < 0)
        return GB_OK;
    size_t end = (size_t)quote + 1;
    while (end < text.len && text.at[end] != '"')
        end += text.at[end] == '\\' && end + 1 < text.len ? 2 : 1;
    return read_action(r, gb_str_from(text, end + 1), line);
}

int gb_rsyslog_parse(struct gb_rsyslog *config, struct gb_str text, struct gb_str where)
{
    struct reader r = {.config = config, .text = text, .where = where, .line = 1};
    for (skip_blank(&r); peek(&r) >= 0; skip_blank(&r)) {
        size_t before = r.at;
        uint32_t line = r.line;
        int c = peek(&r), code = GB_OK;
        if (c == '$') {
            code = read_directive(&r);
        } else if (c == ':') {
            code = read_property_line(&r);
        } else if (c == '&') {
            step(&r);
            struct gb_str rest = take_line(&r);
            code = gb_str_starts(rest, GB_STR("action(")) ? GB_OK : read_action(&r, rest, line);
        } else if (c == '/' || c == '-' || c == '@') { // an action behind "then"
            struct gb_str rest = take_line(&r);
            code = read_action(&r, rest, line);
        } else if (is_letter(c) || c == '*') {
            code = read_word(&r);
        } else {
            step(&r); // braces, semicolons
        }
        if (code)
            return code;
        if (r.at == before)
            step(&r);
    }
    return GB_OK;
}
