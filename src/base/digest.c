// Digests over OpenSSL's EVP; used by findings, package checks and key fingerprints.
#include "base/digest.h"

#include "base/encoding.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

static const struct {
    const char *name;
    size_t size;
} algorithms[GB_DIGEST_COUNT] = {
    [GB_SHA256] = {"SHA256", 32},
    [GB_SHA512] = {"SHA512", 64},
    [GB_SHA1] = {"SHA1", 20},
    [GB_MD5] = {"MD5", 16},
};

// Fetched once a process: a fetch costs more than the digest of a short text.
static EVP_MD *fetched[GB_DIGEST_COUNT];

static void fetch(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    for (size_t i = 0; i < GB_DIGEST_COUNT; i++)
        fetched[i] = EVP_MD_fetch(NULL, algorithms[i].name, NULL);
}

static const EVP_MD *algorithm(enum gb_digest_kind kind, struct gb_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch);
    if (!fetched[kind])
        gb_error_set(err, GB_E_UNSUPPORTED, "this system's OpenSSL has no %s",
                     algorithms[kind].name);
    return fetched[kind];
}

static int failed(struct gb_error *err)
{
    return gb_error_set(err, GB_E_MEMORY, "OpenSSL could not compute a digest");
}

size_t gb_digest_size(enum gb_digest_kind kind)
{
    return algorithms[kind].size;
}

int gb_digest(enum gb_digest_kind kind, struct gb_str data, unsigned char into[GB_DIGEST_LARGEST],
              struct gb_error *err)
{
    const EVP_MD *md = algorithm(kind, err);
    if (!md)
        return GB_E_UNSUPPORTED;
    return EVP_Digest(data.at, data.len, into, NULL, md, NULL) ? GB_OK : failed(err);
}

int gb_digest_hex(enum gb_digest_kind kind, struct gb_str data, struct gb_arena *arena,
                  struct gb_str *ret, struct gb_error *err)
{
    unsigned char sum[GB_DIGEST_LARGEST];
    int code = gb_digest(kind, data, sum, err);
    if (code)
        return code;
    struct gb_str text =
        gb_hex_encode(arena, (struct gb_str){(const char *)sum, gb_digest_size(kind)});
    if (!text.at)
        return gb_error_set(err, GB_E_MEMORY, "out of memory computing a digest");
    *ret = text;
    return GB_OK;
}

struct gb_digest_stream {
    EVP_MD_CTX *context;
};

int gb_digest_stream_new(struct gb_digest_stream **ret, struct gb_error *err)
{
    struct gb_digest_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return failed(err);
    stream->context = EVP_MD_CTX_new();
    if (!stream->context) {
        free(stream);
        return failed(err);
    }
    *ret = stream;
    return GB_OK;
}

int gb_digest_stream_start(struct gb_digest_stream *stream, enum gb_digest_kind kind,
                           struct gb_error *err)
{
    const EVP_MD *md = algorithm(kind, err);
    if (!md)
        return GB_E_UNSUPPORTED;
    return EVP_DigestInit_ex2(stream->context, md, NULL) ? GB_OK : failed(err);
}

int gb_digest_stream_add(struct gb_digest_stream *stream, struct gb_str data, struct gb_error *err)
{
    return EVP_DigestUpdate(stream->context, data.at, data.len) ? GB_OK : failed(err);
}

int gb_digest_stream_end(struct gb_digest_stream *stream, unsigned char into[GB_DIGEST_LARGEST],
                         struct gb_error *err)
{
    return EVP_DigestFinal_ex(stream->context, into, NULL) ? GB_OK : failed(err);
}

void gb_digest_stream_free(struct gb_digest_stream **stream)
{
    if (!*stream)
        return;
    EVP_MD_CTX_free((*stream)->context);
    free(*stream);
    *stream = NULL;
}
