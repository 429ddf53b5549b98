// Which directive wins; see the header.
#include "source/host/sshd_effective.h"

#include "base/address.h"

// ---- conditions -------------------------------------------------------------------------------

int gb_ssh_address_list(struct gb_str address, struct gb_str list)
{
    struct gb_address parsed, single;
    struct gb_network network;
    struct gb_str item;
    int answer = 0;
    if (gb_address_parse(address, &parsed))
        return 0;
    while (gb_str_next(&list, ',', &item)) {
        bool negated = item.len && item.at[0] == '!', hit;
        if (negated)
            item = gb_str_from(item, 1);
        if (gb_network_parse(item, &network) == GB_OK)
            hit = gb_network_contains(&network, &parsed);
        else if (gb_address_parse(item, &single) == GB_OK)
            hit = gb_address_equal(&single, &parsed);
        else
            hit = gb_ssh_pattern_list(address, item, false) == 1;
        if (hit && negated)
            return -1;
        if (hit)
            answer = 1;
    }
    return answer;
}

static bool group_holds(const struct gb_sshd_connection *connection, struct gb_str pattern)
{
    bool found = false;
    for (size_t i = 0; i < connection->group_count; i++) {
        int hit = gb_ssh_pattern_list(connection->groups[i], pattern, false);
        if (hit < 0)
            return false;
        found = found || hit > 0;
    }
    return found;
}

static bool criterion_holds(const struct gb_sshd_criterion *criterion,
                            const struct gb_sshd_connection *connection)
{
    uint64_t port;
    switch ((enum gb_sshd_criterion_kind)criterion->kind) {
    case GB_SSHD_MATCH_USER:
        return connection->user.len &&
               gb_ssh_pattern_list(connection->user, criterion->pattern, false) == 1;
    case GB_SSHD_MATCH_GROUP:
        return connection->user.len && group_holds(connection, criterion->pattern);
    case GB_SSHD_MATCH_HOST:
        return connection->host.len &&
               gb_ssh_pattern_list(connection->host, criterion->pattern, true) == 1;
    case GB_SSHD_MATCH_ADDRESS:
        return gb_ssh_address_list(connection->address, criterion->pattern) == 1;
    case GB_SSHD_MATCH_LOCAL_ADDRESS:
        return gb_ssh_address_list(connection->local_address, criterion->pattern) == 1;
    case GB_SSHD_MATCH_LOCAL_PORT:
        return connection->local_port && gb_str_to_uint(criterion->pattern, 10, &port) == GB_OK &&
               port == connection->local_port;
    case GB_SSHD_MATCH_RDOMAIN:
        return connection->rdomain.len &&
               gb_ssh_pattern_list(connection->rdomain, criterion->pattern, false) == 1;
    case GB_SSHD_MATCH_INVALID_USER:
        return false;
    }
    return false;
}

// All conditions around a directive hold. Without a connection only "all" does.
static bool match_holds(const struct gb_sshd_match *match,
                        const struct gb_sshd_connection *connection)
{
    for (; match; match = match->outer)
        for (size_t i = 0; i < match->count; i++)
            if (!connection || !criterion_holds(&match->criteria[i], connection))
                return false;
    return true;
}

// ---- merging ----------------------------------------------------------------------------------

static int put_values(struct gb_arena *arena, const struct gb_sshd_directive *directive,
                      struct gb_sshd_setting *setting)
{
    const struct gb_sshd_keyword *keyword = &gb_sshd_keywords[directive->keyword];
    if (setting->set && keyword->merge == GB_SSHD_FIRST)
        return GB_OK;
    if (keyword->merge == GB_SSHD_LAST)
        setting->count = 0;
    size_t count = setting->count + directive->count;
    if (count > setting->capacity) {
        size_t capacity = count * 2;
        struct gb_sshd_one *values =
            gb_grow_array(arena, setting->values, setting->capacity, capacity, sizeof *values);
        if (!values)
            return GB_E_MEMORY;
        setting->values = values;
        setting->capacity = capacity;
    }
    for (size_t i = 0; i < directive->count; i++)
        setting->values[setting->count++] =
            (struct gb_sshd_one){directive->values[i], directive->file, directive->line};
    setting->set = true;
    return GB_OK;
}

static int put_fallback(const struct gb_sshd_config *config, struct gb_arena *arena,
                        const struct gb_sshd_keyword *keyword, struct gb_sshd_setting *setting)
{
    struct gb_str rest = gb_str_of(gb_sshd_keyword_fallback(keyword, config->version)), piece;
    bool list = keyword->type == GB_SSHD_LIST;
    setting->values = gb_alloc_array(arena, 4, sizeof *setting->values);
    if (!setting->values)
        return GB_E_MEMORY;
    if (!list && rest.len)
        setting->values[setting->count++] = (struct gb_sshd_one){.text = rest};
    while (list && setting->count < 4 && gb_str_next(&rest, ' ', &piece))
        setting->values[setting->count++] = (struct gb_sshd_one){.text = piece};
    return GB_OK;
}

// A file that could not be read may hold the setting, unless an earlier line already decided.
static struct gb_str why_unknown(const struct gb_sshd_config *config,
                                 const struct gb_sshd_keyword *keyword, size_t decided_at)
{
    for (size_t i = 0; i < config->unread_count; i++)
        if (keyword->merge != GB_SSHD_FIRST || decided_at >= config->unread[i].before)
            return config->unread[i].reason;
    return GB_STR("");
}

static int expand_algorithms(const struct gb_sshd_config *config, struct gb_arena *arena,
                             const struct gb_sshd_keyword *keyword, struct gb_sshd_setting *setting)
{
    if (keyword->type != GB_SSHD_ALGORITHMS || !setting->set || !setting->count)
        return GB_OK;
    setting->values[0].text = gb_sshd_algorithms_expand(arena, keyword->algorithms, config->version,
                                                        setting->values[0].text);
    return setting->values[0].text.at ? GB_OK : GB_E_MEMORY;
}

int gb_sshd_evaluate(const struct gb_sshd_config *config,
                     const struct gb_sshd_connection *connection, struct gb_arena *arena,
                     struct gb_sshd_setting *settings)
{
    size_t bytes = gb_sshd_keyword_count * sizeof *settings;
    struct gb_sshd_setting *special = gb_alloc(arena, bytes);
    size_t *decided = gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *decided);
    if (!special || !decided)
        return GB_E_MEMORY;
    memset(settings, 0, bytes);
    for (size_t k = 0; k < gb_sshd_keyword_count; k++)
        decided[k] = SIZE_MAX;
    for (size_t i = 0; i < config->count; i++) {
        const struct gb_sshd_directive *directive = &config->directives[i];
        size_t k = (size_t)directive->keyword;
        int code = GB_OK;
        if (match_holds(directive->match, NULL))
            code = put_values(arena, directive, &settings[k]);
        if (!code && directive->match && match_holds(directive->match, connection))
            code = put_values(arena, directive, &special[k]);
        if (code)
            return code;
        if (!directive->match && decided[k] == SIZE_MAX)
            decided[k] = i;
    }
    for (size_t k = 0; k < gb_sshd_keyword_count; k++) {
        const struct gb_sshd_keyword *keyword = &gb_sshd_keywords[k];
        settings[k].unknown = why_unknown(config, keyword, decided[k]);
        if (special[k].set && keyword->in_match) {
            special[k].unknown = settings[k].unknown;
            settings[k] = special[k];
        }
        int code = settings[k].set ? expand_algorithms(config, arena, keyword, &settings[k])
                                   : put_fallback(config, arena, keyword, &settings[k]);
        if (code)
            return code;
    }
    return GB_OK;
}

// ---- what Match blocks loosen -----------------------------------------------------------------

static int rank_of_word(const char *words, struct gb_str word)
{
    struct gb_str rest = gb_str_of(words), choice;
    for (int rank = 0; gb_str_next(&rest, ' ', &choice);) {
        if (gb_str_find_char(choice, '=') >= 0)
            continue;
        if (gb_str_eq(choice, word))
            return rank;
        rank++;
    }
    return -1;
}

// Every list of methods asks for more than one.
static bool needs_several(const struct gb_str *lists, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_find_char(lists[i], ',') < 0)
            return false;
    return count != 0;
}

static bool loosens_methods(const struct gb_sshd_directive *directive,
                            const struct gb_sshd_setting *base)
{
    bool base_several = base->count != 0;
    for (size_t i = 0; i < base->count; i++)
        base_several = base_several && gb_str_find_char(base->values[i].text, ',') >= 0;
    bool base_any = base->count && gb_str_is(base->values[0].text, "any");
    bool now_any = directive->count && gb_str_is(directive->values[0], "any");
    return (!base_any && now_any) ||
           (base_several && !needs_several(directive->values, directive->count));
}

static bool loosens(const struct gb_sshd_directive *directive, const struct gb_sshd_setting *base)
{
    const struct gb_sshd_keyword *keyword = &gb_sshd_keywords[directive->keyword];
    if (strcmp(keyword->name, "AuthenticationMethods") == 0)
        return loosens_methods(directive, base);
    if (!keyword->looser || !base->count || !directive->count)
        return false;
    struct gb_str now = directive->values[0], before = base->values[0].text;
    uint64_t number_now, number_before;
    switch (keyword->looser) {
    case 'w':
        return rank_of_word(keyword->words, now) > rank_of_word(keyword->words, before);
    case 'n':
        return gb_str_is(now, "none") && !gb_str_is(before, "none");
    default:
        if (gb_str_to_uint(now, 10, &number_now) < 0 ||
            gb_str_to_uint(before, 10, &number_before) < 0)
            return false;
        return keyword->looser == '+' ? number_now > number_before : number_now < number_before;
    }
}

static struct gb_str conditions_of(struct gb_arena *arena, const struct gb_sshd_match *match)
{
    struct gb_str text = match->text;
    for (match = match->outer; match; match = match->outer)
        text = gb_str_format(arena, GB_PRI " and " GB_PRI, GB_ARG(match->text), GB_ARG(text));
    return text;
}

// An earlier line of the same block wins over this one.
static bool is_repeated(const struct gb_sshd_config *config, size_t index)
{
    const struct gb_sshd_directive *directive = &config->directives[index];
    if (gb_sshd_keywords[directive->keyword].merge != GB_SSHD_FIRST)
        return false;
    while (index-- && config->directives[index].match == directive->match)
        if (config->directives[index].keyword == directive->keyword)
            return true;
    return false;
}

int gb_sshd_find_loosened(const struct gb_sshd_config *config,
                          const struct gb_sshd_setting *settings, struct gb_arena *arena,
                          struct gb_sshd_loosened **ret, size_t *ret_count)
{
    enum { MAX_LOOSENED = 256 }; // more of them are no more news
    struct gb_sshd_loosened *found = gb_alloc_array(arena, MAX_LOOSENED, sizeof *found);
    size_t count = 0;
    if (!found)
        return GB_E_MEMORY;
    for (size_t i = 0; i < config->count && count < MAX_LOOSENED; i++) {
        const struct gb_sshd_directive *directive = &config->directives[i];
        const struct gb_sshd_setting *base = &settings[directive->keyword];
        if (!directive->match || match_holds(directive->match, NULL) || base->unknown.len ||
            !loosens(directive, base) || is_repeated(config, i))
            continue;
        found[count++] = (struct gb_sshd_loosened){
            .directive = directive,
            .value = directive->values[0],
            .base = base->values[0].text,
            .conditions = conditions_of(arena, directive->match),
        };
    }
    *ret = found;
    *ret_count = count;
    return gb_arena_failed(arena) ? GB_E_MEMORY : GB_OK;
}
