// Access to document trees, with errors that say where and what; used by all loaders.
#include "base/node.h"

#include <assert.h>

const char *gb_node_kind_name(uint8_t kind)
{
    static const char *const names[] = {
        [GB_NODE_NULL] = "null",     [GB_NODE_BOOL] = "true or false",
        [GB_NODE_INT] = "integer",   [GB_NODE_UINT] = "integer",
        [GB_NODE_DOUBLE] = "number", [GB_NODE_STRING] = "string",
        [GB_NODE_LIST] = "list",     [GB_NODE_MAP] = "map",
    };
    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

static const char *with_article(uint8_t kind)
{
    static const char *const names[] = {
        [GB_NODE_NULL] = "nothing",    [GB_NODE_BOOL] = "true or false",
        [GB_NODE_INT] = "an integer",  [GB_NODE_UINT] = "a very large integer",
        [GB_NODE_DOUBLE] = "a number", [GB_NODE_STRING] = "a string",
        [GB_NODE_LIST] = "a list",     [GB_NODE_MAP] = "a map",
    };
    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

void gb_node_place(const struct gb_node *string, uint32_t text_line, uint32_t text_column,
                   uint32_t *line, uint32_t *column)
{
    uint32_t down = text_line ? text_line - 1 : 0;
    if (string->text_line) {
        *line = string->text_line + down;
        *column = text_column ? string->text_column + text_column - 1 : 0;
        return;
    }
    *line = string->line + down;
    uint32_t start = string->text_column ? string->text_column : string->column;
    *column = !text_column ? 0 : down ? text_column : start + text_column - 1;
}

const struct gb_node *gb_node_get(const struct gb_node *map, const char *key)
{
    if (!map || map->kind != GB_NODE_MAP)
        return NULL;
    struct gb_str name = gb_str_of(key);
    for (size_t i = 0; i < map->map.count; i++)
        if (gb_str_eq(map->map.pairs[i].key, name))
            return &map->map.pairs[i].value;
    return NULL;
}

static int missing(const struct gb_node *map, const char *key, bool mandatory, const char *file,
                   struct gb_error *err)
{
    if (!mandatory)
        return GB_OK;
    return gb_error_at(err, GB_E_TYPE, file, map->line, map->column, "\"%s\" is missing", key);
}

static int wrong_type(const struct gb_node *node, const char *key, const char *expected,
                      const char *file, struct gb_error *err)
{
    return gb_error_at(err, GB_E_TYPE, file, node->line, node->column,
                       "\"%s\": expected %s, found %s", key, expected, with_article(node->kind));
}

int gb_node_field(const struct gb_node *map, const char *key, bool mandatory,
                  enum gb_node_kind kind, const struct gb_node **ret, const char *file,
                  struct gb_error *err)
{
    const struct gb_node *node = gb_node_get(map, key);
    if (!node)
        return missing(map, key, mandatory, file, err);
    if (node->kind != kind)
        return wrong_type(node, key, with_article((uint8_t)kind), file, err);
    *ret = node;
    return GB_OK;
}

int gb_node_string(const struct gb_node *map, const char *key, bool mandatory, struct gb_str *ret,
                   const char *file, struct gb_error *err)
{
    const struct gb_node *node = NULL;
    int code = gb_node_field(map, key, mandatory, GB_NODE_STRING, &node, file, err);
    if (!code && node)
        *ret = node->string;
    return code;
}

int gb_node_text(const struct gb_node *map, const char *key, bool mandatory, struct gb_str *ret,
                 const char *file, struct gb_error *err)
{
    const struct gb_node *node = NULL;
    int code = gb_node_field(map, key, mandatory, GB_NODE_STRING, &node, file, err);
    if (code || !node)
        return code;
    struct gb_str text = gb_str_trim(node->string);
    if (!text.len)
        return gb_error_at(err, GB_E_TYPE, file, node->line, node->column, "\"%s\" is empty", key);
    *ret = text;
    return GB_OK;
}

int gb_node_bool(const struct gb_node *map, const char *key, bool mandatory, bool *ret,
                 const char *file, struct gb_error *err)
{
    const struct gb_node *node = NULL;
    int code = gb_node_field(map, key, mandatory, GB_NODE_BOOL, &node, file, err);
    if (!code && node)
        *ret = node->boolean;
    return code;
}

int gb_node_int(const struct gb_node *map, const char *key, bool mandatory, int64_t minimum,
                int64_t maximum, int64_t *ret, const char *file, struct gb_error *err)
{
    const struct gb_node *node = gb_node_get(map, key);
    if (!node)
        return missing(map, key, mandatory, file, err);
    if (node->kind != GB_NODE_INT && node->kind != GB_NODE_UINT)
        return wrong_type(node, key, "an integer", file, err);
    if (node->kind == GB_NODE_UINT || node->integer < minimum || node->integer > maximum)
        return gb_error_at(err, GB_E_RANGE, file, node->line, node->column,
                           "\"%s\": expected %lld to %lld", key, (long long)minimum,
                           (long long)maximum);
    *ret = node->integer;
    return GB_OK;
}

int gb_node_double(const struct gb_node *map, const char *key, bool mandatory, double minimum,
                   double maximum, double *ret, const char *file, struct gb_error *err)
{
    const struct gb_node *node = gb_node_get(map, key);
    if (!node)
        return missing(map, key, mandatory, file, err);
    double value;
    if (node->kind == GB_NODE_DOUBLE)
        value = node->real;
    else if (node->kind == GB_NODE_INT)
        value = (double)node->integer;
    else if (node->kind == GB_NODE_UINT)
        value = (double)node->uinteger;
    else
        return wrong_type(node, key, "a number", file, err);
    if (!(value >= minimum && value <= maximum))
        return gb_error_at(err, GB_E_RANGE, file, node->line, node->column,
                           "\"%s\": expected %g to %g", key, minimum, maximum);
    *ret = value;
    return GB_OK;
}

int gb_node_strings(const struct gb_node *map, const char *key, bool mandatory,
                    struct gb_arena *arena, struct gb_str **ret, size_t *ret_count,
                    const char *file, struct gb_error *err)
{
    const struct gb_node *node = gb_node_get(map, key);
    if (!node)
        return missing(map, key, mandatory, file, err);
    if (node->kind != GB_NODE_STRING && node->kind != GB_NODE_LIST)
        return wrong_type(node, key, "a list of strings", file, err);
    const struct gb_node *items = node->kind == GB_NODE_LIST ? node->list.items : node;
    size_t count = node->kind == GB_NODE_LIST ? node->list.count : 1;
    struct gb_str *strings = gb_alloc_array(arena, count, sizeof *strings);
    if (!strings)
        return gb_error_at(err, GB_E_MEMORY, file, node->line, node->column, "out of memory");
    for (size_t i = 0; i < count; i++) {
        bool scalar = items[i].kind != GB_NODE_LIST && items[i].kind != GB_NODE_MAP;
        if (items[i].kind != GB_NODE_STRING)
            return gb_error_at(err, GB_E_TYPE, file, items[i].line, items[i].column,
                               "\"%s\": expected a list of strings, found %s in it%s", key,
                               with_article(items[i].kind), scalar ? " (quote it)" : "");
        strings[i] = items[i].string;
    }
    *ret = strings;
    *ret_count = count;
    return GB_OK;
}

int gb_node_expect_map(const struct gb_node *node, const char *what, const char *file,
                       struct gb_error *err)
{
    if (node->kind == GB_NODE_MAP)
        return GB_OK;
    return gb_error_at(err, GB_E_TYPE, file, node->line, node->column,
                       "expected %s (a map), found %s", what, with_article(node->kind));
}

static int unknown_key(const struct gb_node_pair *pair, struct gb_str near, const char *file,
                       struct gb_error *err)
{
    if (near.len)
        return gb_error_at(err, GB_E_TYPE, file, pair->line, pair->column,
                           "unknown key \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                           GB_ARG(pair->key), GB_ARG(near));
    // {doc: one, two}: YAML takes what is behind the comma for a key.
    bool sentence = pair->value.kind == GB_NODE_NULL &&
                    (gb_str_find_char(pair->key, ' ') >= 0 || gb_str_ends(pair->key, GB_STR(".")));
    return gb_error_at(err, GB_E_TYPE, file, pair->line, pair->column,
                       "unknown key \"" GB_PRI "\"%s", GB_ARG(pair->key),
                       sentence ? " (a text with a comma needs quotes inside { })" : "");
}

int gb_node_known_keys(const struct gb_node *map, const char *const *known, size_t count,
                       const char *file, struct gb_error *err)
{
    enum { MOST = 64 };
    assert(count <= MOST);
    struct gb_str names[MOST];
    for (size_t i = 0; i < count; i++)
        names[i] = gb_str_of(known[i]);
    for (size_t p = 0; p < map->map.count; p++) {
        const struct gb_node_pair *pair = &map->map.pairs[p];
        size_t i = 0;
        while (i < count && !gb_str_eq(pair->key, names[i]))
            i++;
        if (i < count)
            continue;
        return unknown_key(pair, gb_str_nearest(pair->key, names, count), file, err);
    }
    return GB_OK;
}
