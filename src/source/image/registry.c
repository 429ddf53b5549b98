// Images in a registry over HTTP: manifests and configurations are read into memory, layers are
// fetched into an unlinked file, held against their digest and read from there.
#include "base/encoding.h"
#include "base/json.h"
#include "source/image/credentials.h"
#include "source/image/folder.h"
#include "source/image/registry_name.h"
#include "sys/http.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { TRIES = 3, LONGEST_URL = 2048, LARGEST_TOKEN = 256 << 10 };

static const char accepted[] = "application/vnd.oci.image.index.v1+json, "
                               "application/vnd.oci.image.manifest.v1+json, "
                               "application/vnd.docker.distribution.manifest.list.v2+json, "
                               "application/vnd.docker.distribution.manifest.v2+json";

struct registry {
    struct gb_image *image;
    struct gb_http *http;
    struct gb_registry_name name;
    struct gb_credentials credentials;
    const char *scheme;          // NULL = not known yet
    struct gb_str authorization; // header for the registry; "" = none
    struct gb_digest_stream *digest;
    int file; // unlinked, for layers
};

// Where a body goes: memory or the file.
struct body {
    struct registry *registry;
    struct gb_buffer *memory;
    uint64_t received;
};

static int begin(void *context, const struct gb_http_header *headers, size_t count, bool resumed,
                 struct gb_error *err)
{
    struct body *body = context;
    (void)headers;
    (void)count;
    if (resumed)
        return GB_OK;
    body->received = 0;
    if (body->memory) {
        gb_buffer_clear(body->memory);
        return GB_OK;
    }
    if (ftruncate(body->registry->file, 0) < 0)
        return gb_error_errno(err, errno, "cannot empty the temporary file");
    return gb_digest_stream_start(body->registry->digest, GB_SHA256, err);
}

static int take(void *context, struct gb_str piece, struct gb_error *err)
{
    struct body *body = context;
    if (body->memory) {
        gb_buffer_add(body->memory, piece);
        return body->memory->failed ? gb_error_set(err, GB_E_LIMIT, "the document is too large")
                                    : GB_OK;
    }
    int code = gb_digest_stream_add(body->registry->digest, piece, err);
    while (!code && piece.len) {
        ssize_t written = pwrite(body->registry->file, piece.at, piece.len, (off_t)body->received);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return gb_error_errno(err, errno, "cannot write the temporary file");
        body->received += (uint64_t)written;
        piece = gb_str_from(piece, (size_t)written);
    }
    return code;
}

// One request; over https, or http where that is allowed and https is not spoken.
static int ask(struct registry *registry, const char *path, uint64_t max_bytes, struct body *body,
               struct gb_http_response *ret, struct gb_error *err)
{
    bool may_be_plain = registry->name.loopback || registry->image->options.insecure;
    for (;;) {
        char url[LONGEST_URL];
        struct gb_error failure = {0};
        const char *scheme = registry->scheme ? registry->scheme : "https";
        int len = snprintf(url, sizeof url, "%s://" GB_PRI "/v2/%s", scheme,
                           GB_ARG(registry->name.host), path);
        if (len >= (int)sizeof url)
            return gb_error_set(err, GB_E_LIMIT, "the address is too long");
        struct gb_http_header headers[] = {
            {GB_STR("Accept"), GB_STR(accepted)},
            {GB_STR("Authorization"), registry->authorization},
        };
        struct gb_http_request request = {
            .url = {url, (size_t)len},
            .headers = headers,
            .header_count = registry->authorization.len ? 2 : 1,
            .resume_from = body->memory ? 0 : body->received,
            .max_bytes = max_bytes,
            .start = begin,
            .body = take,
            .context = body,
        };
        int code = gb_http_get(registry->http, &request, registry->image->arena, ret, &failure);
        if (code == GB_OK)
            registry->scheme = scheme;
        if (code == GB_E_IO && !registry->scheme && may_be_plain) {
            registry->scheme = "http";
            continue;
        }
        if (code)
            *err = failure;
        return code;
    }
}

// The realm gets the credentials: they leave this machine over https only.
static int check_realm(const struct registry *registry, struct gb_str realm, struct gb_error *err)
{
    if (gb_str_starts(realm, GB_STR("https://")))
        return GB_OK;
    if (gb_str_starts(realm, GB_STR("http://"))) {
        struct gb_str rest = gb_str_from(realm, 7), host;
        if (registry->image->options.insecure ||
            (gb_str_next(&rest, '/', &host) && gb_registry_is_loopback(host)))
            return GB_OK;
    }
    return gb_error_set(err, GB_E_DENIED,
                        "the registry asks to send credentials to \"" GB_PRI
                        "\", which is not https",
                        GB_ARG(gb_str_sub(realm, 0, 150)));
}

static int read_token(struct registry *registry, struct gb_str text, struct gb_error *err)
{
    struct gb_arena *arena = registry->image->arena;
    struct gb_json_limits limits = {.max_bytes = LARGEST_TOKEN, .max_depth = 16};
    struct gb_node root;
    struct gb_str kept = gb_str_copy(arena, text);
    int code = gb_json_node(kept, "the answer of the token server", limits, arena, &root, err);
    if (code)
        return code;
    static const char *const names[] = {"token", "access_token"};
    for (size_t i = 0; i < 2; i++) {
        const struct gb_node *token = gb_node_get(&root, names[i]);
        if (!token || token->kind != GB_NODE_STRING || !token->string.len)
            continue;
        for (size_t c = 0; c < token->string.len; c++)
            if ((unsigned char)token->string.at[c] <= ' ' || token->string.at[c] == 0x7f)
                return gb_error_set(err, GB_E_SYNTAX,
                                    "the token has characters that none may have");
        registry->authorization = gb_str_format(arena, "Bearer " GB_PRI, GB_ARG(token->string));
        return GB_OK;
    }
    return gb_error_set(err, GB_E_SYNTAX, "the token server gave no token");
}

static int fetch_token(struct registry *registry, const struct gb_challenge *challenge,
                       struct gb_error *err)
{
    struct gb_arena *arena = registry->image->arena;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(LARGEST_TOKEN);
    struct body body = {.registry = registry, .memory = &text};
    struct gb_http_response answer;
    int code = check_realm(registry, challenge->realm, err);
    if (code)
        return code;
    struct gb_str scope = challenge->scope;
    if (!scope.len)
        scope =
            gb_str_format(arena, "repository:" GB_PRI ":pull", GB_ARG(registry->name.repository));
    struct gb_str url = gb_str_format(
        arena, GB_PRI "%sservice=" GB_PRI "&scope=" GB_PRI, GB_ARG(challenge->realm),
        gb_str_find_char(challenge->realm, '?') < 0 ? "?" : "&",
        GB_ARG(gb_query_escape(arena, challenge->service)), GB_ARG(gb_query_escape(arena, scope)));
    struct gb_http_header header = {
        GB_STR("Authorization"),
        gb_str_format(arena, "Basic " GB_PRI, GB_ARG(registry->credentials.basic))};
    struct gb_http_request request = {
        .url = url,
        .headers = &header,
        .header_count = registry->credentials.basic.len ? 1 : 0,
        .max_bytes = LARGEST_TOKEN,
        .start = begin,
        .body = take,
        .context = &body,
    };
    code = gb_http_get(registry->http, &request, arena, &answer, err);
    if (code)
        return gb_error_wrap(err, "asking for a token");
    if (answer.status != 200)
        return gb_error_set(err, GB_E_DENIED, "the token server answers %u", answer.status);
    return read_token(registry, gb_buffer_str(&text), err);
}

// Makes ready to ask again after a 401.
static int authorize(struct registry *registry, const struct gb_http_response *answer,
                     struct gb_error *err)
{
    struct gb_challenge challenge;
    gb_challenge_parse(gb_http_header_of(answer, "www-authenticate"), registry->image->arena,
                       &challenge);
    if (challenge.bearer && challenge.realm.len)
        return fetch_token(registry, &challenge, err);
    if (challenge.basic && registry->credentials.basic.len) {
        registry->authorization = gb_str_format(registry->image->arena, "Basic " GB_PRI,
                                                GB_ARG(registry->credentials.basic));
        return GB_OK;
    }
    return GB_E_DENIED;
}

static int refused(const struct registry *registry, unsigned status, const char *path,
                   struct gb_error *err)
{
    const struct gb_credentials *credentials = &registry->credentials;
    if (status == 404)
        return gb_error_set(err, GB_E_NOT_FOUND, GB_PRI " has no %s",
                            GB_ARG(registry->name.registry), path);
    if (status == 401 || status == 403)
        return gb_error_set(err, GB_E_DENIED, GB_PRI " refuses (%u)%s" GB_PRI,
                            GB_ARG(registry->name.registry), status,
                            credentials->problem.len ? ": "
                            : credentials->basic.len ? ": the credentials do not do"
                                                     : ": it asks for a login",
                            GB_ARG(credentials->problem));
    if (status == 429)
        return gb_error_set(err, GB_E_IO, GB_PRI " has too many requests from here (429)",
                            GB_ARG(registry->name.registry));
    return gb_error_set(err, GB_E_IO, GB_PRI " answers %u to %s", GB_ARG(registry->name.registry),
                        status, path);
}

static int get(struct registry *registry, const char *path, uint64_t max_bytes, struct body *body,
               struct gb_error *err)
{
    struct gb_http_response answer;
    bool authorized = false;
    unsigned tries = 0;
    for (;;) {
        struct gb_error failure = {0};
        int code = ask(registry, path, max_bytes, body, &answer, &failure);
        if (code == GB_E_IO && body->received && ++tries < TRIES)
            continue; // goes on behind what is there already
        if (code) {
            *err = failure;
            return code;
        }
        if (answer.status >= 200 && answer.status < 300)
            return GB_OK;
        if (answer.status != 401 || authorized)
            return refused(registry, answer.status, path, err);
        authorized = true;
        code = authorize(registry, &answer, &failure);
        if (code == GB_E_DENIED && !failure.code)
            return refused(registry, 401, path, err);
        if (code) {
            *err = failure;
            return code;
        }
    }
}

// "blobs/sha256/abc" in a layout is manifests/sha256:abc or blobs/sha256:abc here.
static int path_of(const struct registry *registry, struct gb_str name, bool manifest,
                   char into[LONGEST_URL], struct gb_error *err)
{
    struct gb_str digest = gb_str_from(name, sizeof "blobs/" - 1);
    ptrdiff_t slash = gb_str_find_char(digest, '/');
    int len = snprintf(into, LONGEST_URL, GB_PRI "/%s/" GB_PRI ":" GB_PRI,
                       GB_ARG(registry->name.repository), manifest ? "manifests" : "blobs",
                       GB_ARG(gb_str_sub(digest, 0, slash > 0 ? (size_t)slash : 0)),
                       GB_ARG(gb_str_from(digest, (size_t)(slash + 1))));
    return len < LONGEST_URL ? GB_OK : gb_error_set(err, GB_E_LIMIT, "the address is too long");
}

static int get_text(struct registry *registry, const char *path, struct gb_str *ret,
                    struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(GB_MANIFEST_MAX_BYTES);
    struct body body = {.registry = registry, .memory = &text};
    int code = get(registry, path, GB_MANIFEST_MAX_BYTES, &body, err);
    if (code)
        return code;
    *ret = gb_str_copy(registry->image->arena, gb_buffer_str(&text));
    return ret->at ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory for a document");
}

static int get_document(void *context, struct gb_str name, bool manifest, struct gb_str *ret,
                        struct gb_error *err)
{
    char path[LONGEST_URL];
    int code = path_of(context, name, manifest, path, err);
    return code ? code : get_text(context, path, ret, err);
}

static int get_layer(void *context, struct gb_str name, uint64_t size, struct gb_layer **ret,
                     struct gb_error *err)
{
    struct registry *registry = context;
    char path[LONGEST_URL];
    unsigned char sum[GB_DIGEST_LARGEST];
    struct body body = {.registry = registry};
    int code = path_of(registry, name, false, path, err);
    if (!code && !size)
        code = gb_error_set(err, GB_E_SYNTAX, "the manifest does not say the layer's size");
    if (!code)
        code = get(registry, path, size, &body, err);
    if (!code && body.received != size)
        code = gb_error_set(err, GB_E_CONFLICT, "%llu bytes, where the manifest says %llu",
                            (unsigned long long)body.received, (unsigned long long)size);
    if (!code)
        code = gb_digest_stream_end(registry->digest, sum, err);
    if (code)
        return code;
    // Only what has the right digest is looked at.
    struct gb_str hex = gb_hex_encode(registry->image->arena, (struct gb_str){(char *)sum, 32});
    if (gb_str_starts(name, GB_STR("blobs/sha256/")) && !gb_str_ends(name, hex))
        return gb_error_set(err, GB_E_CONFLICT,
                            "its content has the digest sha256:" GB_PRI ": nothing of it was used",
                            GB_ARG(hex));
    if (lseek(registry->file, 0, SEEK_SET) < 0)
        return gb_error_errno(err, errno, "cannot read the temporary file");
    return gb_image_layer_of_file(registry->image, registry->file, ret, err);
}

static int read_image(struct registry *registry, struct gb_error *err)
{
    struct gb_image *image = registry->image;
    struct gb_image_blobs blobs = {registry, get_document, get_layer};
    char path[LONGEST_URL];
    struct gb_str text, digest = registry->name.digest, sum;
    int len =
        snprintf(path, sizeof path, GB_PRI "/manifests/" GB_PRI, GB_ARG(registry->name.repository),
                 GB_ARG(digest.len ? digest : registry->name.tag));
    if (len >= (int)sizeof path)
        return gb_error_set(err, GB_E_LIMIT, "the address is too long");
    int code = get_text(registry, path, &text, err);
    if (!code && digest.len)
        code = gb_digest_check(digest, text, "the manifest", err);
    if (!code && !digest.len) {
        code = gb_digest_hex(GB_SHA256, text, image->arena, &sum, err);
        digest = code ? digest : gb_str_format(image->arena, "sha256:" GB_PRI, GB_ARG(sum));
    }
    image->form = GB_STR("registry");
    return code ? code : gb_image_take_manifest(image, &blobs, text, digest, err);
}

int gb_image_from_registry(struct gb_image *image, struct gb_str name, struct gb_error *err)
{
    struct registry registry = {.image = image, .file = -1};
    struct gb_http_options options = {0};
    int code = gb_registry_name_parse(name, image->arena, &registry.name, err);
    if (!code)
        code =
            gb_credentials_find(image->here, image->options.credentials, registry.name.registry,
                                registry.name.repository, image->arena, &registry.credentials, err);
    if (!code)
        code = gb_http_open(&options, &registry.http, err);
    if (!code)
        code = gb_digest_stream_new(&registry.digest, err);
    if (!code)
        code = gb_workspace_unlinked(&image->workspace, &registry.file, err);
    if (!code)
        code = read_image(&registry, err);
    if (registry.file >= 0)
        close(registry.file);
    gb_digest_stream_free(&registry.digest);
    gb_http_close(&registry.http);
    return code;
}
