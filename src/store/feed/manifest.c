// Manifests of shards: written, and read from anywhere; used by the store of feeds.
#include "store/feed/manifest.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>

enum { FORMAT = 1, SHA256_DIGITS = 64 };

static const char *const contents[] = {"advisories", "exploits", "lifecycles"};

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
}

struct gb_str gb_manifest_name(struct gb_arena *arena, struct gb_str feed, struct gb_str scope)
{
    struct gb_str name =
        gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(feed), scope.len ? "_" : "", GB_ARG(scope));
    char *text = gb_str_c(arena, name);
    for (size_t i = 0; text && i < name.len; i++)
        if (!plain(text[i]) && i != feed.len)
            text[i] = '-';
    if (text && name.len && text[0] == '.')
        text[0] = '-';
    return (struct gb_str){text, text ? name.len : 0};
}

static void put_time(struct gb_json_writer *w, const char *key, int64_t at)
{
    char text[GB_TIME_SIZE];
    gb_json_key(w, key);
    if (at)
        gb_json_string(w, (struct gb_str){text, gb_time_text(at, 0, text)});
    else
        gb_json_null(w);
}

static void put_file(struct gb_json_writer *w, const char *key, const struct gb_feed_file *file)
{
    if (!file->file.len)
        return;
    gb_json_key(w, key);
    gb_json_object_begin(w);
    gb_json_field_str(w, "file", file->file);
    gb_json_key(w, "bytes");
    gb_json_uint(w, file->bytes);
    gb_json_field_str(w, "sha256", file->sha256);
    gb_json_object_end(w);
}

int gb_manifest_write(const struct gb_feed_entry *entry, const struct gb_feed_key *key,
                      struct gb_buffer *out, struct gb_error *err)
{
    size_t start = out->len;
    struct gb_json_writer w = gb_json_writer(out, 0);
    gb_json_object_begin(&w);
    gb_json_field_int(&w, "gabion_feed", FORMAT);
    gb_json_field_str(&w, "name", entry->name);
    gb_json_field_str(&w, "feed", entry->feed);
    gb_json_field_str(&w, "scope", entry->scope);
    gb_json_field_text(&w, "content", contents[entry->content]);
    put_time(&w, "data_at", entry->data_at);
    put_time(&w, "built_at", entry->built_at);
    gb_json_key(&w, "rows");
    gb_json_uint(&w, entry->rows);
    gb_json_field_str(&w, "origin", entry->origin);
    gb_json_field_str(&w, "licence", entry->licence);
    put_file(&w, "shard", &entry->shard);
    put_file(&w, "texts", &entry->texts);
    gb_json_object_end(&w);
    if (out->failed)
        return gb_error_set(err, GB_E_LIMIT, "the manifest is too large");
    unsigned char signature[GB_SIGNATURE_BYTES];
    int code =
        gb_feed_key_sign(key, (struct gb_str){out->data + start, out->len - start}, signature, err);
    if (code)
        return code;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("signature", 4096);
    struct gb_str text = gb_base64_encode(
        arena, (struct gb_str){(const char *)signature, sizeof signature}, GB_BASE64);
    gb_buffer_char(out, '\n');
    w = gb_json_writer(out, 0);
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "key", key->id);
    gb_json_field_str(&w, "signature", text);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return out->failed ? gb_error_set(err, GB_E_LIMIT, "the manifest is too large") : GB_OK;
}

static int take_time(const struct gb_node *map, const char *key, int64_t *ret, struct gb_error *err)
{
    const struct gb_node *node = gb_node_get(map, key);
    int32_t nanos;
    *ret = 0;
    if (!node || node->kind == GB_NODE_NULL)
        return GB_OK;
    if (node->kind != GB_NODE_STRING || gb_time_parse(node->string, ret, &nanos) < 0)
        return gb_error_set(err, GB_E_SYNTAX, "\"%s\" is no time", key);
    return GB_OK;
}

// A plain name: no path, nothing hidden.
static bool is_file_name(struct gb_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!plain(name.at[i]) && name.at[i] != '_')
            return false;
    return name.len > 0 && name.len < 200 && name.at[0] != '.';
}

static int take_file(const struct gb_node *map, const char *key, bool mandatory,
                     struct gb_feed_file *ret, struct gb_error *err)
{
    const struct gb_node *file = NULL;
    int64_t bytes = 0;
    int code = gb_node_field(map, key, mandatory, GB_NODE_MAP, &file, "", err);
    if (code || !file)
        return code;
    code = gb_node_string(file, "file", true, &ret->file, "", err);
    if (!code)
        code = gb_node_int(file, "bytes", true, 1, INT64_MAX, &bytes, "", err);
    if (!code)
        code = gb_node_string(file, "sha256", true, &ret->sha256, "", err);
    if (!code && (!is_file_name(ret->file) || ret->sha256.len != SHA256_DIGITS))
        code = gb_error_set(err, GB_E_SYNTAX, "\"%s\" names no file", key);
    ret->bytes = (uint64_t)bytes;
    return code;
}

static int take_content(const struct gb_node *map, struct gb_feed_entry *ret, struct gb_error *err)
{
    struct gb_str content;
    int code = gb_node_string(map, "content", true, &content, "", err);
    if (code)
        return code;
    for (unsigned i = 0; i < sizeof contents / sizeof *contents; i++)
        if (gb_str_is(content, contents[i])) {
            ret->content = (enum gb_shard_content)i;
            return GB_OK;
        }
    return gb_error_set(err, GB_E_UNSUPPORTED, "unknown content \"" GB_PRI "\"", GB_ARG(content));
}

static int take_statement(struct gb_str line, struct gb_arena *arena, struct gb_feed_entry *ret,
                          struct gb_error *err)
{
    struct gb_node map;
    struct gb_json_limits limits = {.max_bytes = GB_MANIFEST_MAX_BYTES, .max_depth = 8};
    int64_t format = 0, rows = 0;
    int code = gb_json_node(line, "", limits, arena, &map, err);
    if (!code)
        code = gb_node_expect_map(&map, "a statement", "", err);
    if (!code)
        code = gb_node_int(&map, "gabion_feed", true, 1, INT32_MAX, &format, "", err);
    if (!code && format != FORMAT)
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "the manifest has format %" PRId64 ", this program reads %d", format,
                            FORMAT);
    const struct {
        const char *key;
        struct gb_str *into;
    } strings[] = {{"name", &ret->name},
                   {"feed", &ret->feed},
                   {"scope", &ret->scope},
                   {"origin", &ret->origin},
                   {"licence", &ret->licence}};
    for (size_t i = 0; !code && i < sizeof strings / sizeof *strings; i++)
        code = gb_node_string(&map, strings[i].key, true, strings[i].into, "", err);
    if (!code && !gb_str_eq(ret->name, gb_manifest_name(arena, ret->feed, ret->scope)))
        code = gb_error_set(err, GB_E_SYNTAX, "\"name\" is not made of feed and scope");
    if (!code)
        code = take_content(&map, ret, err);
    if (!code)
        code = take_time(&map, "data_at", &ret->data_at, err);
    if (!code)
        code = take_time(&map, "built_at", &ret->built_at, err);
    if (!code)
        code = gb_node_int(&map, "rows", true, 0, INT64_MAX, &rows, "", err);
    ret->rows = (uint64_t)rows;
    if (!code)
        code = take_file(&map, "shard", true, &ret->shard, err);
    if (!code)
        code = take_file(&map, "texts", false, &ret->texts, err);
    return code;
}

static int check_signature(struct gb_str statement, struct gb_str line,
                           const struct gb_feed_keys *keys, struct gb_arena *arena,
                           struct gb_feed_entry *ret, struct gb_error *err)
{
    struct gb_node map;
    struct gb_str id, text, signature;
    struct gb_json_limits limits = {.max_bytes = GB_MANIFEST_MAX_BYTES, .max_depth = 4};
    struct gb_error why = {0};
    if (!gb_str_trim(line).len)
        return gb_error_set(err, GB_E_DENIED, "it is not signed");
    if (gb_json_node(line, "", limits, arena, &map, &why) < 0 ||
        gb_node_string(&map, "key", true, &id, "", &why) < 0 ||
        gb_node_string(&map, "signature", true, &text, "", &why) < 0 ||
        gb_base64_decode(arena, text, GB_BASE64, &signature) < 0 ||
        signature.len != GB_SIGNATURE_BYTES)
        return gb_error_set(err, GB_E_DENIED, "its signature cannot be read");
    const struct gb_feed_key *key = gb_feed_keys_find(keys, id);
    if (!key)
        return gb_error_set(err, GB_E_DENIED,
                            "it is signed by the key " GB_PRI ", which is not trusted here",
                            GB_ARG(id));
    if (!gb_feed_key_verify(key, statement, (const unsigned char *)signature.at))
        return gb_error_set(err, GB_E_DENIED, "its signature by the key %s (%s) is wrong", key->id,
                            key->place);
    ret->signer = gb_str_format(arena, "%s (%s)", key->id, key->place);
    return GB_OK;
}

int gb_manifest_read(struct gb_str text, const struct gb_feed_keys *keys, struct gb_arena *arena,
                     struct gb_feed_entry *ret, struct gb_error *err)
{
    *ret = (struct gb_feed_entry){0};
    if (text.len > GB_MANIFEST_MAX_BYTES)
        return gb_error_set(err, GB_E_LIMIT, "the manifest is too large");
    struct gb_str rest = text, statement;
    if (!gb_str_next(&rest, '\n', &statement))
        return gb_error_set(err, GB_E_SYNTAX, "the manifest is empty");
    int code = take_statement(statement, arena, ret, err);
    return code ? code : check_signature(statement, rest, keys, arena, ret, err);
}
