// Reads manifests, indexes and configurations of images.
#include "source/image/manifest.h"

#include "base/json.h"

#include <sys/utsname.h>

enum { MOST_VALUES = 250000 };

static const struct gb_json_limits limits = {.max_bytes = GB_MANIFEST_MAX_BYTES, .max_depth = 32};

// A tree takes far more memory than its text: documents of nothing but brackets are refused before
// it is built. Commas in strings count too, which only makes the limit stricter.
static int read_document(struct gb_str text, const char *name, struct gb_arena *arena,
                         struct gb_node *ret, struct gb_error *err)
{
    size_t values = 0;
    for (size_t i = 0; i < text.len; i++)
        values += text.at[i] == ',' || text.at[i] == '[' || text.at[i] == '{';
    if (values > MOST_VALUES)
        return gb_error_at(err, GB_E_LIMIT, name, 0, 0,
                           "more than the %d values that such a document may have", MOST_VALUES);
    return gb_json_node(text, name, limits, arena, ret, err);
}

// A string field, "" where it is missing or of another type: what is not understood is left out
// where nothing hangs on it.
static struct gb_str string_of(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = map ? gb_node_get(map, key) : NULL;
    return node && node->kind == GB_NODE_STRING ? node->string : GB_STR("");
}

static bool all_hex(struct gb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!memchr("0123456789abcdef", text.at[i], 16))
            return false;
    return true;
}

bool gb_is_digest(struct gb_str text)
{
    if (gb_str_starts(text, GB_STR("sha256:")))
        return text.len == 7 + 64 && all_hex(gb_str_from(text, 7));
    if (gb_str_starts(text, GB_STR("sha512:")))
        return text.len == 7 + 128 && all_hex(gb_str_from(text, 7));
    return false;
}

int gb_digest_check(struct gb_str digest, struct gb_str content, const char *what,
                    struct gb_error *err)
{
    unsigned char sum[GB_DIGEST_LARGEST];
    enum gb_digest_kind kind = gb_str_starts(digest, GB_STR("sha512:")) ? GB_SHA512 : GB_SHA256;
    if (!gb_is_digest(digest))
        return gb_error_set(err, GB_E_SYNTAX, "%s: \"" GB_PRI "\" is no digest", what,
                            GB_ARG(gb_str_sub(digest, 0, 150)));
    int code = gb_digest(kind, content, sum, err);
    if (code)
        return code;
    struct gb_str hex = gb_str_from(digest, 7);
    for (size_t i = 0; i < gb_digest_size(kind); i++) {
        static const char digits[] = "0123456789abcdef";
        if (hex.at[2 * i] != digits[sum[i] >> 4] || hex.at[2 * i + 1] != digits[sum[i] & 15])
            return gb_error_set(err, GB_E_CONFLICT, "%s is not what its digest " GB_PRI " says",
                                what, GB_ARG(digest));
    }
    return GB_OK;
}

static int expect_digest(struct gb_str digest, const struct gb_node *node, const char *name,
                         struct gb_error *err)
{
    if (gb_is_digest(digest))
        return GB_OK;
    return gb_error_at(err, GB_E_SYNTAX, name, node->line, node->column,
                       "\"" GB_PRI "\" is no digest (sha256: or sha512: and hexadecimal digits)",
                       GB_ARG(gb_str_sub(digest, 0, 150)));
}

static int read_descriptor(const struct gb_node *node, const char *name, struct gb_descriptor *ret,
                           struct gb_error *err)
{
    int code = gb_node_expect_map(node, "a descriptor", name, err);
    if (code)
        return code;
    const struct gb_node *platform = gb_node_get(node, "platform");
    const struct gb_node *notes = gb_node_get(node, "annotations");
    int64_t size = 0;
    code = gb_node_int(node, "size", false, 0, INT64_MAX, &size, name, err);
    if (code)
        return code;
    *ret = (struct gb_descriptor){
        .media_type = string_of(node, "mediaType"),
        .digest = string_of(node, "digest"),
        .size = (uint64_t)size,
        .platform = {string_of(platform, "os"), string_of(platform, "architecture"),
                     string_of(platform, "variant")},
        .reference = string_of(notes, "org.opencontainers.image.ref.name"),
        .attestation = string_of(notes, "vnd.docker.reference.type").len > 0,
    };
    return expect_digest(ret->digest, node, name, err);
}

static int too_many(const struct gb_node *node, const char *name, const char *what, size_t count,
                    size_t most, struct gb_error *err)
{
    return gb_error_at(err, GB_E_LIMIT, name, node->line, node->column,
                       "%zu %s: more than the %zu that are read", count, what, most);
}

int gb_manifest_parse(struct gb_str text, const char *name, uint32_t most_layers,
                      struct gb_arena *arena, struct gb_manifest *ret, struct gb_error *err)
{
    struct gb_node root;
    const struct gb_node *list, *config;
    *ret = (struct gb_manifest){0};
    int code = read_document(text, name, arena, &root, err);
    if (!code)
        code = gb_node_expect_map(&root, "a manifest", name, err);
    if (code)
        return code;
    ret->is_index = gb_node_get(&root, "manifests") != NULL;
    if (!ret->is_index && gb_node_get(&root, "fsLayers"))
        return gb_error_at(err, GB_E_UNSUPPORTED, name, 1, 0,
                           "a manifest of schema 1, which is not read any more");
    code = gb_node_field(&root, ret->is_index ? "manifests" : "layers", true, GB_NODE_LIST, &list,
                         name, err);
    if (code)
        return code;
    size_t most = ret->is_index ? GB_MANIFEST_MAX_ENTRIES : most_layers;
    if (list->list.count > most)
        return too_many(list, name, ret->is_index ? "manifests" : "layers", list->list.count, most,
                        err);
    ret->entries = gb_alloc_array(arena, list->list.count, sizeof *ret->entries);
    if (!ret->entries)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a manifest");
    for (; !code && ret->count < list->list.count; ret->count++)
        code = read_descriptor(&list->list.items[ret->count], name, &ret->entries[ret->count], err);
    if (code || ret->is_index)
        return code;
    code = gb_node_field(&root, "config", true, GB_NODE_MAP, &config, name, err);
    return code ? code : read_descriptor(config, name, &ret->config, err);
}

static int read_history(const struct gb_node *root, const char *name, struct gb_arena *arena,
                        struct gb_image_config *ret, struct gb_error *err)
{
    const struct gb_node *list = gb_node_get(root, "history");
    if (!list || list->kind != GB_NODE_LIST)
        return GB_OK;
    if (list->list.count > GB_MANIFEST_MAX_ENTRIES)
        return too_many(list, name, "steps of history", list->list.count, GB_MANIFEST_MAX_ENTRIES,
                        err);
    ret->history = gb_alloc_array(arena, list->list.count, sizeof *ret->history);
    if (!ret->history)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the history");
    for (; ret->history_count < list->list.count; ret->history_count++) {
        const struct gb_node *step = &list->list.items[ret->history_count];
        const struct gb_node *empty = gb_node_get(step, "empty_layer");
        ret->history[ret->history_count] = (struct gb_image_step){
            .created_by = string_of(step, "created_by"),
            .empty = empty && empty->kind == GB_NODE_BOOL && empty->boolean,
        };
    }
    return GB_OK;
}

static int read_variables(const struct gb_node *config, const char *name, struct gb_arena *arena,
                          struct gb_image_config *ret, struct gb_error *err)
{
    const struct gb_node *list = config ? gb_node_get(config, "Env") : NULL;
    if (!list || list->kind != GB_NODE_LIST)
        return GB_OK;
    if (list->list.count > GB_MANIFEST_MAX_ENTRIES)
        return too_many(list, name, "variables", list->list.count, GB_MANIFEST_MAX_ENTRIES, err);
    ret->variables = gb_alloc_array(arena, list->list.count, sizeof *ret->variables);
    if (!ret->variables)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the configuration");
    for (size_t i = 0; i < list->list.count; i++) {
        const struct gb_node *item = &list->list.items[i];
        if (item->kind != GB_NODE_STRING)
            continue;
        ptrdiff_t equals = gb_str_find_char(item->string, '=');
        ret->variables[ret->variable_count++] =
            gb_str_sub(item->string, 0, equals < 0 ? item->string.len : (size_t)equals);
    }
    return GB_OK;
}

int gb_image_config_parse(struct gb_str text, const char *name, struct gb_arena *arena,
                          struct gb_image_config *ret, struct gb_error *err)
{
    struct gb_node root;
    *ret = (struct gb_image_config){0};
    int code = read_document(text, name, arena, &root, err);
    if (!code)
        code = gb_node_expect_map(&root, "an image's configuration", name, err);
    if (code)
        return code;
    const struct gb_node *config = gb_node_get(&root, "config");
    const struct gb_node *files = gb_node_get(&root, "rootfs");
    config = config && config->kind == GB_NODE_MAP ? config : NULL;
    ret->platform = (struct gb_platform){string_of(&root, "os"), string_of(&root, "architecture"),
                                         string_of(&root, "variant")};
    ret->created = string_of(&root, "created");
    ret->user = string_of(config, "User");
    if (files && files->kind == GB_NODE_MAP)
        code = gb_node_strings(files, "diff_ids", false, arena, &ret->diff_ids, &ret->diff_count,
                               name, err);
    for (size_t i = 0; !code && i < ret->diff_count; i++)
        code = expect_digest(ret->diff_ids[i], files, name, err);
    if (!code)
        code = read_history(&root, name, arena, ret, err);
    return code ? code : read_variables(config, name, arena, ret, err);
}

static int read_saved(const struct gb_node *node, const char *name, uint32_t most_layers,
                      struct gb_arena *arena, struct gb_saved_image *ret, struct gb_error *err)
{
    int code = gb_node_expect_map(node, "an image", name, err);
    if (!code)
        code = gb_node_text(node, "Config", true, &ret->config, name, err);
    if (!code)
        code = gb_node_strings(node, "Layers", true, arena, &ret->layers, &ret->layer_count, name,
                               err);
    const struct gb_node *tags = code ? NULL : gb_node_get(node, "RepoTags");
    if (tags && tags->kind == GB_NODE_LIST) // null in images without a name
        code =
            gb_node_strings(node, "RepoTags", false, arena, &ret->tags, &ret->tag_count, name, err);
    if (!code && ret->layer_count > most_layers)
        return too_many(node, name, "layers", ret->layer_count, most_layers, err);
    return code;
}

int gb_saved_images_parse(struct gb_str text, const char *name, uint32_t most_layers,
                          struct gb_arena *arena, struct gb_saved_image **ret, size_t *ret_count,
                          struct gb_error *err)
{
    struct gb_node root;
    int code = read_document(text, name, arena, &root, err);
    if (code)
        return code;
    if (root.kind != GB_NODE_LIST)
        return gb_error_at(err, GB_E_TYPE, name, root.line, root.column,
                           "expected a list of images, found %s", gb_node_kind_name(root.kind));
    if (root.list.count > GB_MANIFEST_MAX_ENTRIES)
        return too_many(&root, name, "images", root.list.count, GB_MANIFEST_MAX_ENTRIES, err);
    *ret = gb_alloc_array(arena, root.list.count, sizeof **ret);
    *ret_count = root.list.count;
    if (!*ret)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a manifest");
    for (size_t i = 0; !code && i < root.list.count; i++)
        code = read_saved(&root.list.items[i], name, most_layers, arena, &(*ret)[i], err);
    return code;
}

static struct gb_platform own_platform(void)
{
    static const struct {
        const char *machine;
        struct gb_platform platform;
    } known[] = {
        {"x86_64", {GB_STR_INIT("linux"), GB_STR_INIT("amd64"), {"", 0}}},
        {"aarch64", {GB_STR_INIT("linux"), GB_STR_INIT("arm64"), {"", 0}}},
        {"armv7l", {GB_STR_INIT("linux"), GB_STR_INIT("arm"), GB_STR_INIT("v7")}},
        {"i686", {GB_STR_INIT("linux"), GB_STR_INIT("386"), {"", 0}}},
        {"ppc64le", {GB_STR_INIT("linux"), GB_STR_INIT("ppc64le"), {"", 0}}},
        {"s390x", {GB_STR_INIT("linux"), GB_STR_INIT("s390x"), {"", 0}}},
        {"riscv64", {GB_STR_INIT("linux"), GB_STR_INIT("riscv64"), {"", 0}}},
    };
    struct utsname name;
    if (!uname(&name))
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(name.machine, known[i].machine) == 0)
                return known[i].platform;
    return known[0].platform;
}

int gb_platform_parse(struct gb_str text, struct gb_platform *ret, struct gb_error *err)
{
    struct gb_str rest = text, parts[4] = {{0}};
    size_t count = 0;
    if (!text.len) {
        *ret = own_platform();
        return GB_OK;
    }
    while (count < 4 && gb_str_next(&rest, '/', &parts[count]))
        count++;
    if (count < 2 || count > 3 || !parts[0].len || !parts[1].len)
        return gb_error_set(err, GB_E_USAGE,
                            "\"" GB_PRI "\" is no platform like linux/amd64 or linux/arm/v7",
                            GB_ARG(gb_str_sub(text, 0, 100)));
    *ret = (struct gb_platform){parts[0], parts[1], parts[2]};
    return GB_OK;
}

// The variant that is meant where none is said.
static struct gb_str usual_variant(const struct gb_platform *platform)
{
    if (platform->variant.len)
        return platform->variant;
    if (gb_str_is(platform->architecture, "arm64"))
        return GB_STR("v8");
    return gb_str_is(platform->architecture, "arm") ? GB_STR("v7") : GB_STR("");
}

const struct gb_descriptor *gb_manifest_choose(const struct gb_manifest *index,
                                               const struct gb_platform *platform)
{
    const struct gb_descriptor *near = NULL;
    for (size_t i = 0; i < index->count; i++) {
        const struct gb_descriptor *entry = &index->entries[i];
        if (entry->attestation || !gb_str_eq(entry->platform.os, platform->os) ||
            !gb_str_eq(entry->platform.architecture, platform->architecture))
            continue;
        if (gb_str_eq(entry->platform.variant, platform->variant))
            return entry;
        if (!near && gb_str_eq(usual_variant(&entry->platform), usual_variant(platform)))
            near = entry;
    }
    return near;
}

struct gb_str gb_manifest_platforms(const struct gb_manifest *index, struct gb_arena *arena)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(400);
    for (size_t i = 0; i < index->count && !text.failed; i++) {
        const struct gb_platform *platform = &index->entries[i].platform;
        if (index->entries[i].attestation || !platform->os.len)
            continue;
        size_t before = text.len;
        gb_buffer_print(&text, "%s" GB_PRI "/" GB_PRI "%s" GB_PRI, text.len ? ", " : "",
                        GB_ARG(platform->os), GB_ARG(platform->architecture),
                        platform->variant.len ? "/" : "", GB_ARG(platform->variant));
        if (text.failed)
            text.len = before;
    }
    return gb_str_copy(arena, gb_buffer_str(&text));
}
