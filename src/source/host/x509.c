// Reads certificates and private keys with OpenSSL: see x509.h.
#include "source/host/x509.h"

#include "base/digest.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

static void free_x509(X509 **certificate)
{
    X509_free(*certificate);
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void free_names(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

// What is written to a memory BIO, as text in the arena.
static struct gb_str bio_text(BIO *bio, struct gb_arena *arena)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return len > 0 ? gb_str_copy(arena, (struct gb_str){data, (size_t)len}) : (struct gb_str){0};
}

static struct gb_str name_text(const X509_NAME *name, struct gb_arena *arena)
{
    GB_CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_mem());
    if (!bio || !name ||
        X509_NAME_print_ex(bio, name, 0,
                           (XN_FLAG_RFC2253 | XN_FLAG_SEP_CPLUS_SPC) &
                               ~(unsigned long)(ASN1_STRFLGS_ESC_MSB | XN_FLAG_SEP_COMMA_PLUS)) < 0)
        return (struct gb_str){0};
    return bio_text(bio, arena);
}

static struct gb_str common_name(const X509_NAME *name, struct gb_arena *arena)
{
    int at = name ? X509_NAME_get_index_by_NID(name, NID_commonName, -1) : -1;
    X509_NAME_ENTRY *entry = at >= 0 ? X509_NAME_get_entry(name, at) : NULL;
    unsigned char *text = NULL;
    int len = entry ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1;
    struct gb_str copy = len > 0 ? gb_str_copy(arena, (struct gb_str){(char *)text, (size_t)len})
                                 : (struct gb_str){0};
    if (len >= 0)
        OPENSSL_free(text);
    return copy;
}

static struct gb_str address_text(const ASN1_OCTET_STRING *address, struct gb_arena *arena)
{
    const unsigned char *b = ASN1_STRING_get0_data(address);
    int len = ASN1_STRING_length(address);
    if (len == 4)
        return gb_str_format(arena, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    if (len != 16)
        return (struct gb_str){0};
    char text[40];
    size_t at = 0;
    for (int i = 0; i < 16; i += 2)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%x", i ? ":" : "",
                               (unsigned)b[i] << 8 | b[i + 1]);
    return gb_str_copy(arena, (struct gb_str){text, at});
}

static void read_names(X509 *x, struct gb_arena *arena, struct gb_certificate *ret)
{
    GB_CLEANUP(free_names)
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        struct gb_str text = {0};
        if (name->type == GEN_DNS || name->type == GEN_URI || name->type == GEN_EMAIL)
            text =
                gb_str_copy(arena, (struct gb_str){(const char *)ASN1_STRING_get0_data(name->d.ia5),
                                                   (size_t)ASN1_STRING_length(name->d.ia5)});
        else if (name->type == GEN_IPADD)
            text = address_text(name->d.iPAddress, arena);
        if (text.len && ret->name_count < GB_X509_NAMES_MAX)
            ret->names[ret->name_count++] = text;
    }
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return timegm(&parts);
}

static struct gb_str key_type(const EVP_PKEY *key, struct gb_arena *arena)
{
    int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    switch (type) {
    case EVP_PKEY_RSA:
        return GB_STR("rsa");
    case EVP_PKEY_RSA_PSS:
        return GB_STR("rsa-pss");
    case EVP_PKEY_EC:
        return GB_STR("ec");
    case EVP_PKEY_DSA:
        return GB_STR("dsa");
    case EVP_PKEY_ED25519:
        return GB_STR("ed25519");
    case EVP_PKEY_ED448:
        return GB_STR("ed448");
    default:
        break;
    }
    const char *name = type > 0 ? OBJ_nid2sn(type) : NULL;
    return name ? gb_str_lower(arena, gb_str_of(name)) : GB_STR("unknown");
}

// SHA-256 of SubjectPublicKeyInfo: the same for a certificate and its private key.
static bool digest_key(X509_PUBKEY *public, EVP_PKEY *private, unsigned char into[32])
{
    unsigned char *der = NULL, sum[GB_DIGEST_LARGEST];
    int len = public ? i2d_X509_PUBKEY(public, &der) : i2d_PUBKEY(private, &der);
    if (len <= 0)
        return false;
    int code = gb_digest(GB_SHA256, (struct gb_str){(char *)der, (size_t)len}, sum, NULL);
    OPENSSL_free(der);
    if (code == GB_OK)
        memcpy(into, sum, 32);
    return code == GB_OK;
}

static void read_signature(X509 *x, struct gb_arena *arena, struct gb_certificate *ret)
{
    int hash = NID_undef;
    ret->signature_hash = GB_STR("unknown");
    if (X509_get_signature_info(x, &hash, NULL, NULL, NULL) != 1 && hash == NID_undef)
        return;
    const char *name = hash == NID_undef ? NULL : OBJ_nid2sn(hash);
    ret->signature_hash = name ? gb_str_lower(arena, gb_str_of(name)) : GB_STR("none");
}

static bool read_certificate(const unsigned char *der, long len, struct gb_arena *arena,
                             struct gb_certificate *ret)
{
    const unsigned char *at = der;
    GB_CLEANUP(free_x509) X509 *x = d2i_X509(NULL, &at, len);
    if (!x)
        return false;
    *ret = (struct gb_certificate){0};
    const EVP_PKEY *key = X509_get0_pubkey(x);
    ret->subject = name_text(X509_get_subject_name(x), arena);
    ret->common_name = common_name(X509_get_subject_name(x), arena);
    ret->issuer = name_text(X509_get_issuer_name(x), arena);
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = serial ? BN_bn2hex(serial) : NULL;
    ret->serial = hex ? gb_str_copy(arena, gb_str_of(hex)) : (struct gb_str){0};
    OPENSSL_free(hex);
    BN_free(serial);
    if (gb_digest_hex(GB_SHA256, (struct gb_str){(const char *)der, (size_t)(at - der)}, arena,
                      &ret->fingerprint, NULL) < 0)
        return false;
    read_names(x, arena, ret);
    ret->not_before = seconds_of(X509_get0_notBefore(x));
    ret->not_after = seconds_of(X509_get0_notAfter(x));
    ret->key_type = key_type(key, arena);
    ret->key_bits = key && EVP_PKEY_get_bits(key) > 0 ? (unsigned)EVP_PKEY_get_bits(key) : 0;
    read_signature(x, arena, ret);
    ret->self_signed = X509_self_signed(x, 0) == 1;
    ret->authority = X509_check_ca(x) > 0;
    return digest_key(X509_get_X509_PUBKEY(x), NULL, ret->key_digest);
}

static void read_key(const unsigned char *der, long len, struct gb_arena *arena,
                     struct gb_private_key *ret)
{
    const unsigned char *at = der;
    GB_CLEANUP(free_key) EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, len);
    if (!key)
        return;
    ret->type = key_type(key, arena);
    ret->bits = EVP_PKEY_get_bits(key) > 0 ? (unsigned)EVP_PKEY_get_bits(key) : 0;
    ret->known = digest_key(NULL, key, ret->key_digest);
}

// One block of a PEM file.
static void read_block(const char *name, const char *header, const unsigned char *data, long len,
                       struct gb_arena *arena, struct gb_x509_file *file)
{
    size_t name_len = strlen(name);
    bool certificate = strcmp(name, PEM_STRING_X509) == 0 ||
                       strcmp(name, PEM_STRING_X509_OLD) == 0 ||
                       strcmp(name, PEM_STRING_X509_TRUSTED) == 0;
    bool key = name_len >= 11 && strcmp(name + name_len - 11, "PRIVATE KEY") == 0 &&
               strcmp(name, "OPENSSH PRIVATE KEY") != 0;
    if (certificate) {
        if (!file->has_certificate)
            file->has_certificate = read_certificate(data, len, arena, &file->certificate);
        file->chain_length++;
    } else if (key && !file->has_key) {
        file->has_key = true;
        file->key = (struct gb_private_key){.type = GB_STR("unknown")};
        file->key.encrypted =
            strncmp(name, "ENCRYPTED", 9) == 0 || strstr(header, "ENCRYPTED") != NULL;
        if (!file->key.encrypted)
            read_key(data, len, arena, &file->key);
    }
}

bool gb_x509_read(struct gb_str text, struct gb_arena *arena, struct gb_x509_file *ret)
{
    // OpenSSL's configuration file may load code: it is never read.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    *ret = (struct gb_x509_file){0};
    if (!text.len || text.len > GB_X509_MAX_BYTES)
        return false;
    if (!gb_str_contains(text, GB_STR("-----BEGIN "))) {
        bool sequence = (unsigned char)text.at[0] == 0x30;
        ret->has_certificate =
            sequence && read_certificate((const unsigned char *)text.at, (long)text.len, arena,
                                         &ret->certificate);
        ret->chain_length = ret->has_certificate;
        ERR_clear_error();
        return ret->has_certificate;
    }
    GB_CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    char *name, *header;
    unsigned char *data;
    long len;
    for (int i = 0; bio && i < GB_X509_CHAIN_MAX && PEM_read_bio(bio, &name, &header, &data, &len);
         i++) {
        read_block(name, header, data, len, arena, ret);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)len);
    }
    ERR_clear_error();
    return ret->has_certificate || ret->has_key;
}
