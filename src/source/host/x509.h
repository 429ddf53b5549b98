// Certificates and private keys in one file, PEM or DER: what is in it, without trusting it. Used
// by the certificate probe. Formats: RFC 5280, RFC 7468, PKCS #8, PKCS #1, SEC 1; read with
// OpenSSL.
//
// Private keys are loaded to find the certificate they belong to, and wiped at once; only the
// digest of the public half is given.
#ifndef GABION_SOURCE_HOST_X509_H
#define GABION_SOURCE_HOST_X509_H

#include "base/str.h"

enum { GB_X509_NAMES_MAX = 100, GB_X509_CHAIN_MAX = 64, GB_X509_MAX_BYTES = 256 << 10 };

struct gb_certificate {
    struct gb_str subject, common_name, issuer, serial, fingerprint;
    struct gb_str names[GB_X509_NAMES_MAX];
    size_t name_count;
    int64_t not_before, not_after; // seconds since 1970 UTC
    struct gb_str key_type, signature_hash;
    unsigned key_bits;
    bool self_signed, authority;
    unsigned char key_digest[32]; // SHA-256 of its public key
};

struct gb_private_key {
    struct gb_str type;
    unsigned bits;
    bool encrypted;
    bool known; // type, bits and key_digest are
    unsigned char key_digest[32];
};

struct gb_x509_file {
    bool has_certificate, has_key;
    struct gb_certificate certificate; // the first one
    unsigned chain_length;
    struct gb_private_key key; // the first one
};

// True when there is a certificate or a private key in it. Texts are in the arena. `text` is not
// changed: wipe it when it may hold a key.
bool gb_x509_read(struct gb_str text, struct gb_arena *arena, struct gb_x509_file *ret);

#endif
