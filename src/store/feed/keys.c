// Ed25519 over OpenSSL; used by the store of feeds.
#include "store/feed/keys.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "store/feed/files.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 64 << 10, MOST_KEYS = 256, RAW_KEY = 32 };

// No prompt for a password of a key: there is none.
static int no_password(char *into, int size, int writing, void *context)
{
    (void)into;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void free_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

static void free_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static int fill_id(struct gb_feed_key *key, struct gb_error *err)
{
    unsigned char raw[RAW_KEY], sum[GB_DIGEST_LARGEST];
    size_t len = sizeof raw;
    if (EVP_PKEY_get_raw_public_key(key->key, raw, &len) != 1 || len != sizeof raw)
        return gb_error_set(err, GB_E_SYNTAX, "is no Ed25519 key");
    int code = gb_digest(GB_SHA256, (struct gb_str){(const char *)raw, len}, sum, err);
    for (size_t i = 0; !code && i < (GB_KEY_ID_SIZE - 1) / 2; i++)
        snprintf(key->id + 2 * i, 3, "%02x", sum[i]);
    return code;
}

static int add_key(struct gb_feed_keys *keys, EVP_PKEY *given, const char *place,
                   struct gb_error *err)
{
    GB_CLEANUP(free_key) EVP_PKEY *owned = given;
    if (EVP_PKEY_get_id(owned) != EVP_PKEY_ED25519)
        return gb_error_set(err, GB_E_SYNTAX, "is no Ed25519 key");
    if (keys->count == MOST_KEYS)
        return gb_error_set(err, GB_E_LIMIT, "more than %d keys", MOST_KEYS);
    struct gb_feed_key *more = realloc(keys->keys, (keys->count + 1) * sizeof *more);
    if (!more)
        return gb_error_set(err, GB_E_MEMORY, "no memory for keys");
    keys->keys = more;
    struct gb_feed_key *key = &more[keys->count];
    *key = (struct gb_feed_key){.key = owned};
    snprintf(key->place, sizeof key->place, "%s", place);
    int code = fill_id(key, err);
    if (code)
        return code;
    keys->count++;
    owned = NULL;
    return GB_OK;
}

int gb_feed_keys_add_file(struct gb_feed_keys *keys, const char *path, const char *place,
                          struct gb_error *err)
{
    int code = gb_feed_check_owner(path, err);
    if (code)
        return code;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("key", KEY_FILE_MAX * 2);
    struct gb_str text;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory for keys");
    code = gb_feed_read_file(path, KEY_FILE_MAX, arena, &text, err);
    if (code)
        return code;
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    GB_CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    size_t before = keys->count;
    EVP_PKEY *key;
    while (!code && bio && (key = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL)) != NULL)
        code = add_key(keys, key, place, err);
    if (!code && keys->count == before)
        code = gb_error_set(err, GB_E_SYNTAX, "holds no public key (PEM, Ed25519)");
    return code ? gb_error_subject(err, path) : GB_OK;
}

int gb_feed_keys_add_folder(struct gb_feed_keys *keys, const char *path, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("keys", 1u << 20);
    struct gb_str *names;
    size_t count;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory for keys");
    int code = gb_feed_list(path, ".pub", arena, &names, &count, err);
    for (size_t i = 0; !code && i < count; i++) {
        char file[GB_FEED_PATH_MAX];
        code = gb_feed_path(file, path, names[i], err);
        if (!code)
            code = gb_feed_keys_add_file(keys, file, names[i].at, err);
    }
    return code;
}

void gb_feed_keys_free(struct gb_feed_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        gb_feed_key_free(&keys->keys[i]);
    free(keys->keys);
    *keys = (struct gb_feed_keys){0};
}

const struct gb_feed_key *gb_feed_keys_find(const struct gb_feed_keys *keys, struct gb_str id)
{
    for (size_t i = 0; i < keys->count; i++)
        if (gb_str_is(id, keys->keys[i].id))
            return &keys->keys[i];
    return NULL;
}

bool gb_feed_key_verify(const struct gb_feed_key *key, struct gb_str text,
                        const unsigned char signature[GB_SIGNATURE_BYTES])
{
    GB_CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    return context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) == 1 &&
           EVP_DigestVerify(context, signature, GB_SIGNATURE_BYTES, (const unsigned char *)text.at,
                            text.len) == 1;
}

int gb_feed_key_sign(const struct gb_feed_key *key, struct gb_str text,
                     unsigned char signature[GB_SIGNATURE_BYTES], struct gb_error *err)
{
    GB_CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = GB_SIGNATURE_BYTES;
    if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) != 1 ||
        EVP_DigestSign(context, signature, &len, (const unsigned char *)text.at, text.len) != 1 ||
        len != GB_SIGNATURE_BYTES)
        return gb_error_set(err, GB_E_MEMORY, "OpenSSL could not sign");
    return GB_OK;
}

void gb_feed_key_free(struct gb_feed_key *key)
{
    EVP_PKEY_free(key->key);
    key->key = NULL;
}

// What a memory BIO holds, as a file.
static int write_bio(BIO *bio, const char *path, mode_t mode, struct gb_error *err)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return gb_feed_write_file(path, (struct gb_str){data, len > 0 ? (size_t)len : 0}, mode, err);
}

static int make_key(const char *private_path, const char *public_path, struct gb_error *err)
{
    GB_CLEANUP(free_key) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    GB_CLEANUP(free_bio) BIO *private_half = BIO_new(BIO_s_secmem());
    GB_CLEANUP(free_bio) BIO *public_half = BIO_new(BIO_s_mem());
    if (!key || !private_half || !public_half ||
        PEM_write_bio_PKCS8PrivateKey(private_half, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_PUBKEY(public_half, key) != 1)
        return gb_error_set(err, GB_E_UNSUPPORTED, "OpenSSL could not make an Ed25519 key");
    int code = write_bio(public_half, public_path, 0644, err);
    return code ? code : write_bio(private_half, private_path, 0600, err);
}

int gb_feed_key_own(const char *folder, struct gb_feed_key *ret, struct gb_error *err)
{
    char private_path[GB_FEED_PATH_MAX], public_path[GB_FEED_PATH_MAX];
    int code = gb_feed_path(private_path, folder, GB_STR("own.key"), err);
    if (!code)
        code = gb_feed_path(public_path, folder, GB_STR("own.pub"), err);
    if (code)
        return code;
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("key", KEY_FILE_MAX * 2);
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory for keys");
    struct gb_str text;
    struct gb_error absent = {0};
    if (gb_feed_read_file(private_path, KEY_FILE_MAX, arena, &text, &absent) == GB_E_NOT_FOUND)
        code = make_key(private_path, public_path, err);
    if (!code)
        code = gb_feed_read_file(private_path, KEY_FILE_MAX, arena, &text, err);
    if (code)
        return code;
    GB_CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    GB_CLEANUP(free_key)
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    if (!key || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519)
        return gb_error_at(err, GB_E_SYNTAX, private_path, 0, 0, "is no Ed25519 key");
    struct gb_feed_key own = {.key = key, .place = "own"};
    code = fill_id(&own, err);
    OPENSSL_cleanse((void *)(uintptr_t)text.at, text.len);
    if (code)
        return gb_error_subject(err, private_path);
    *ret = own;
    key = NULL;
    return GB_OK;
}
