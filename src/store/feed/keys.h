// Ed25519 keys of feeds, by OpenSSL: the own one, and those that are trusted.
#ifndef GABION_STORE_FEED_KEYS_H
#define GABION_STORE_FEED_KEYS_H

#include "base/str.h"

enum { GB_KEY_ID_SIZE = 17, GB_SIGNATURE_BYTES = 64 };

struct gb_feed_key {
    char id[GB_KEY_ID_SIZE]; // 16 hexadecimal digits of the SHA-256 of the public key
    char place[64];          // "own", or the name of its file
    void *key;               // EVP_PKEY
};

struct gb_feed_keys {
    struct gb_feed_key *keys; // malloc; of trusted keys
    size_t count;
};

void gb_feed_keys_free(struct gb_feed_keys *keys);
// The public keys (PEM) of one file, or of all *.pub of a folder that exists. GB_E_SYNTAX for what
// is no Ed25519 key, GB_E_DENIED for a file that others can write to.
GB_MUST_USE int gb_feed_keys_add_file(struct gb_feed_keys *keys, const char *path,
                                      const char *place, struct gb_error *err);
GB_MUST_USE int gb_feed_keys_add_folder(struct gb_feed_keys *keys, const char *path,
                                        struct gb_error *err);
const struct gb_feed_key *gb_feed_keys_find(const struct gb_feed_keys *keys, struct gb_str id);

bool gb_feed_key_verify(const struct gb_feed_key *key, struct gb_str text,
                        const unsigned char signature[GB_SIGNATURE_BYTES]);

// The own private key: read, or made (0600) with its public half beside it ("own.key" and
// "own.pub" in `folder`). The caller frees it with gb_feed_key_free.
GB_MUST_USE int gb_feed_key_own(const char *folder, struct gb_feed_key *ret, struct gb_error *err);
void gb_feed_key_free(struct gb_feed_key *key);
GB_MUST_USE int gb_feed_key_sign(const struct gb_feed_key *key, struct gb_str text,
                                 unsigned char signature[GB_SIGNATURE_BYTES], struct gb_error *err);

#endif
