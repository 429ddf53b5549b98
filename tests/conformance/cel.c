// Runs the CEL conformance tests of a JSON Lines file: conformance-cel FILE. Prints each failure
// and, last, "N passed, N failed". The format is described beside the file.
#include "expr/cel.h"
#include "base/json.h"
#include "expr/library.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct test {
    struct gb_arena *arena;
    struct gb_cel_env *env;
    struct gb_value slots[64];
    const struct gb_node *root;
};

static struct gb_str text_of(const struct gb_node *node)
{
    return node && node->kind == GB_NODE_STRING ? node->string : (struct gb_str){0};
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

static struct gb_str decode_base64(struct gb_arena *arena, struct gb_str text)
{
    char *out = gb_alloc(arena, text.len + 1);
    size_t len = 0;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; out && i < text.len && base64_digit(text.at[i]) >= 0; i++) {
        bits = bits << 6 | (unsigned)base64_digit(text.at[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[len++] = (char)(unsigned char)(bits >> have);
        }
    }
    return (struct gb_str){out, len};
}

static double real_of(struct gb_arena *arena, struct gb_str text)
{
    if (gb_str_is(text, "NaN"))
        return NAN;
    if (gb_str_is(text, "Infinity"))
        return INFINITY;
    if (gb_str_is(text, "-Infinity"))
        return -INFINITY;
    return strtod(gb_str_c(arena, text), NULL);
}

static struct gb_value value_of(struct gb_arena *arena, const struct gb_node *node);

static struct gb_value list_of(struct gb_arena *arena, const struct gb_node *node)
{
    struct gb_list *list = gb_list_new(arena);
    for (size_t i = 0; i < node->list.count; i++)
        gb_list_add(arena, list, value_of(arena, &node->list.items[i]));
    return gb_list_of(list);
}

static struct gb_value map_of(struct gb_arena *arena, const struct gb_node *node)
{
    struct gb_map_value *map = gb_map_new(arena);
    for (size_t i = 0; i < node->list.count; i++) {
        const struct gb_node *pair = &node->list.items[i];
        gb_map_put_key(arena, map, value_of(arena, &pair->list.items[0]),
                       value_of(arena, &pair->list.items[1]));
    }
    return gb_map_of(map);
}

// {"int": "1"} and so on.
static struct gb_value value_of(struct gb_arena *arena, const struct gb_node *node)
{
    const struct gb_node_pair *pair = &node->map.pairs[0];
    struct gb_str text = text_of(&pair->value);
    int64_t integer = 0;
    uint64_t uinteger = 0;
    if (gb_str_is(pair->key, "null"))
        return gb_null();
    if (gb_str_is(pair->key, "bool"))
        return gb_bool(pair->value.boolean);
    if (gb_str_is(pair->key, "int"))
        return gb_str_to_int(text, &integer) < 0 ? gb_null() : gb_int(integer);
    if (gb_str_is(pair->key, "uint"))
        return gb_str_to_uint(text, 10, &uinteger) < 0 ? gb_null() : gb_uint(uinteger);
    if (gb_str_is(pair->key, "double"))
        return gb_double(real_of(arena, text));
    if (gb_str_is(pair->key, "string"))
        return gb_string(text);
    if (gb_str_is(pair->key, "bytes_b64"))
        return gb_bytes(decode_base64(arena, text));
    if (gb_str_is(pair->key, "list"))
        return list_of(arena, &pair->value);
    if (gb_str_is(pair->key, "map"))
        return map_of(arena, &pair->value);
    if (gb_str_is(pair->key, "type"))
        return (struct gb_value){.kind = GB_VALUE_TYPE, .string = text};
    if (gb_str_is(pair->key, "duration")) {
        double seconds = strtod(gb_str_c(arena, text), NULL);
        double nanos = (seconds - floor(seconds)) * 1e9;
        return gb_duration((int64_t)floor(seconds), (int32_t)lround(nanos));
    }
    fprintf(stderr, "unknown kind of value: " GB_PRI "\n", GB_ARG(pair->key));
    exit(2);
}

static const struct gb_type *type_of(struct gb_arena *arena, const struct gb_node *node)
{
    static const struct {
        const char *name;
        const struct gb_type *type;
    } simple[] = {
        {"dyn", &gb_type_dyn},
        {"null", &gb_type_null},
        {"bool", &gb_type_bool},
        {"int", &gb_type_int},
        {"uint", &gb_type_uint},
        {"double", &gb_type_double},
        {"string", &gb_type_string},
        {"bytes", &gb_type_bytes},
        {"timestamp", &gb_type_timestamp},
        {"duration", &gb_type_duration},
    };
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (gb_str_is(text_of(node), simple[i].name))
            return simple[i].type;
    const struct gb_node *of;
    if ((of = gb_node_get(node, "list")))
        return gb_type_list(arena, type_of(arena, of));
    if ((of = gb_node_get(node, "map")))
        return gb_type_map(arena, type_of(arena, &of->list.items[0]),
                           type_of(arena, &of->list.items[1]));
    struct gb_type *type = gb_alloc(arena, sizeof *type);
    if ((of = gb_node_get(node, "param"))) {
        *type = (struct gb_type){.kind = GB_TYPE_PARAMETER, .name = text_of(of)};
        return type;
    }
    of = gb_node_get(node, "params");
    size_t count = of ? of->list.count : 0;
    const struct gb_type **parameters = gb_alloc_array(arena, count, sizeof *parameters);
    for (size_t i = 0; i < count; i++)
        parameters[i] = type_of(arena, &of->list.items[i]);
    *type = (struct gb_type){.kind = GB_TYPE_OPAQUE,
                             .name = text_of(gb_node_get(node, "opaque")),
                             .parameters = count ? parameters : NULL,
                             .parameter_count = count};
    return type;
}

static bool equal(const struct gb_value *a, const struct gb_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == GB_VALUE_DOUBLE)
        return (isnan(a->real) && isnan(b->real)) ||
               (a->real == b->real && signbit(a->real) == signbit(b->real));
    if (a->kind == GB_VALUE_TYPE)
        return gb_str_eq(a->string, b->string);
    if (a->kind == GB_VALUE_LIST) {
        bool same = a->list->count == b->list->count;
        for (size_t i = 0; same && i < a->list->count; i++)
            same = equal(&a->list->items[i], &b->list->items[i]);
        return same;
    }
    if (a->kind != GB_VALUE_MAP)
        return gb_value_equal(a, b);
    bool same = a->map->count == b->map->count;
    for (size_t i = 0; same && i < a->map->count; i++) {
        const struct gb_value *other = gb_map_find_key(b->map, &a->map->pairs[i].key);
        same = other && equal(&a->map->pairs[i].value, other);
    }
    return same;
}

static void print_value(const struct gb_value *v)
{
    printf("%s", gb_value_kind_name(v->kind));
    switch (v->kind) {
    case GB_VALUE_BOOL:
        printf(" %s", v->boolean ? "true" : "false");
        break;
    case GB_VALUE_INT:
        printf(" %lld", (long long)v->integer);
        break;
    case GB_VALUE_UINT:
        printf(" %llu", (unsigned long long)v->uinteger);
        break;
    case GB_VALUE_DOUBLE:
        printf(" %.17g", v->real);
        break;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_ERROR:
    case GB_VALUE_UNKNOWN:
    case GB_VALUE_TYPE:
        printf(" '" GB_PRI "'", GB_ARG(v->string));
        break;
    case GB_VALUE_LIST:
        printf(" of %zu", v->list->count);
        for (size_t i = 0; i < v->list->count && i < 5; i++) {
            printf(i ? ", " : ": ");
            print_value(&v->list->items[i]);
        }
        break;
    case GB_VALUE_MAP:
        printf(" of %zu", v->map->count);
        break;
    default:
        break;
    }
}

static void declare_function(struct test *test, struct gb_str name, const struct gb_node *overloads)
{
    for (size_t i = 0; i < overloads->list.count; i++) {
        const struct gb_node *overload = &overloads->list.items[i];
        const struct gb_node *params = gb_node_get(overload, "params");
        const struct gb_type *types[8];
        size_t count = params->list.count < 8 ? params->list.count : 8;
        for (size_t j = 0; j < count; j++)
            types[j] = type_of(test->arena, &params->list.items[j]);
        if (gb_cel_env_function(test->env, name, text_of(gb_node_get(overload, "id")), false, types,
                                count, type_of(test->arena, gb_node_get(overload, "result"))) < 0)
            exit(2);
    }
}

// Declares what the test declares; variables get their values from its bindings.
static void declare(struct test *test)
{
    const struct gb_node *declared = gb_node_get(test->root, "type_env");
    const struct gb_node *bindings = gb_node_get(test->root, "bindings");
    size_t count = 0;
    for (size_t i = 0; declared && i < declared->list.count; i++) {
        const struct gb_node *item = &declared->list.items[i];
        struct gb_str name = text_of(gb_node_get(item, "name"));
        const struct gb_node *type = gb_node_get(item, "type");
        if (!type) {
            declare_function(test, name, gb_node_get(item, "overloads"));
            continue;
        }
        const struct gb_node *bound =
            bindings ? gb_node_get(bindings, gb_str_c(test->arena, name)) : NULL;
        test->slots[count] =
            bound ? value_of(test->arena, bound) : (struct gb_value){.kind = GB_VALUE_ERROR};
        if (gb_cel_env_variable(test->env, name, type_of(test->arena, type)) < 0 || ++count > 60)
            exit(2);
    }
    for (size_t i = 0; bindings && i < bindings->map.count; i++) {
        const struct gb_node_pair *pair = &bindings->map.pairs[i];
        bool known = false;
        for (size_t j = 0; declared && j < declared->list.count; j++)
            known |= gb_str_eq(text_of(gb_node_get(&declared->list.items[j], "name")), pair->key);
        if (known)
            continue;
        test->slots[count] = value_of(test->arena, &pair->value);
        if (gb_cel_env_variable(test->env, pair->key, &gb_type_dyn) < 0 || ++count > 60)
            exit(2);
    }
    struct gb_str container = text_of(gb_node_get(test->root, "container"));
    if (container.len)
        gb_cel_env_container(test->env, container);
}

static bool flag(const struct test *test, const char *key)
{
    const struct gb_node *node = gb_node_get(test->root, key);
    return node && node->kind == GB_NODE_BOOL && node->boolean;
}

static void print_name(const struct test *test, const char *what)
{
    printf("FAIL " GB_PRI "/" GB_PRI "/" GB_PRI ": %s\n  expr: " GB_PRI "\n",
           GB_ARG(text_of(gb_node_get(test->root, "file"))),
           GB_ARG(text_of(gb_node_get(test->root, "section"))),
           GB_ARG(text_of(gb_node_get(test->root, "name"))), what,
           GB_ARG(text_of(gb_node_get(test->root, "expr"))));
}

static bool check_type(struct test *test, const struct gb_cel_program *program,
                       const struct gb_node *wanted)
{
    const struct gb_type *type = type_of(test->arena, wanted);
    if (gb_type_equal(type, gb_cel_type(program)))
        return true;
    struct gb_str a = gb_type_text(test->arena, type);
    struct gb_str b = gb_type_text(test->arena, gb_cel_type(program));
    print_name(test, "type");
    printf("  expected " GB_PRI ", got " GB_PRI "\n", GB_ARG(a), GB_ARG(b));
    return false;
}

static bool run(struct test *test)
{
    const struct gb_node *expect = gb_node_get(test->root, "expect");
    const struct gb_node *value = gb_node_get(expect, "value"), *type = gb_node_get(expect, "type");
    bool error_wanted = gb_node_get(expect, "error") != NULL;
    test->env = gb_cel_env_new(test->arena);
    if (!test->env)
        exit(2);
    gb_cel_env_zones(test->env, gb_cel_system_zones());
    declare(test);
    struct gb_cel_options options = {.no_check = flag(test, "disable_check"),
                                     .no_macros = flag(test, "disable_macros")};
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_str expr = text_of(gb_node_get(test->root, "expr"));
    if (gb_cel_compile(test->env, expr, &options, test->arena, &program, &err) < 0) {
        if (error_wanted)
            return true;
        char text[900];
        gb_error_text(&err, text, sizeof text);
        print_name(test, "does not compile");
        printf("  %s\n", text);
        return false;
    }
    if (type && !check_type(test, program, type))
        return false;
    if (flag(test, "check_only"))
        return type != NULL;
    struct gb_value got;
    gb_cel_eval(program, test->slots, test->arena, &got);
    if (error_wanted) {
        if (got.kind == GB_VALUE_ERROR)
            return true;
        print_name(test, "expected an error");
    } else {
        struct gb_value wanted = value_of(test->arena, value);
        if (equal(&wanted, &got))
            return true;
        print_name(test, "value");
        printf("  expected ");
        print_value(&wanted);
        printf("\n");
    }
    printf("  got      ");
    print_value(&got);
    printf("\n");
    return false;
}

static struct gb_str read_file(struct gb_arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct gb_str text = {0};
    size_t size = 64u << 20;
    char *data = file ? gb_alloc(arena, size) : NULL;
    if (data)
        text = (struct gb_str){data, fread(data, 1, size, file)};
    if (file)
        fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: conformance-cel FILE\n");
        return 2;
    }
    GB_CLEANUP(gb_arena_free) struct gb_arena *files = gb_arena_new("file", 128u << 20);
    struct gb_str rest = read_file(files, argv[1]), line;
    if (!rest.at) {
        fprintf(stderr, "conformance-cel: cannot read %s\n", argv[1]);
        return 2;
    }
    size_t passed = 0, failed = 0;
    while (gb_str_next(&rest, '\n', &line)) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
        struct gb_node root;
        struct gb_error err = {0};
        if (gb_json_node(line, argv[1], GB_JSON_LIMITS_DEFAULT, arena, &root, &err) < 0) {
            fprintf(stderr, "conformance-cel: line %zu: %s\n", passed + failed + 1, err.reason);
            return 2;
        }
        struct test test = {.arena = arena, .root = &root};
        if (run(&test))
            passed++;
        else
            failed++;
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed ? 1 : 0;
}
