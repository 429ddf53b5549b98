// Certificates and keys: what is read from PEM and DER, which key belongs to which certificate,
// which configuration names them, who can read a key.
#include "source/host/certificate_places.h"
#include "source/host/x509.h"
#include "source/source.h"

#include "../../sys/collected_root.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct gb_source gb_source_certificate;

static int setup(void **state)
{
    (void)state;
    if (collected_root_begin(GB_KERNEL_NONE))
        return -1;
    temporary_root_file(&root, "/etc/passwd",
                        "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/sh\n"
                        "dev:x:1000:1000::/:/bin/sh\n");
    temporary_root_file(&root, "/etc/group", "root:x:0:\nssl-cert:x:110:web\nteam:x:120:dev\n");
    return 0;
}

// A certificate for `name`, with its key, as PEM texts.
struct pair {
    char certificate[4096], key[4096];
};

static void take_text(BIO *bio, char *into, size_t size)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    assert_true(len > 0 && (size_t)len < size);
    memcpy(into, data, (size_t)len);
    into[len] = '\0';
    BIO_free(bio);
}

static void add_names(X509 *x, const char *names)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    assert_non_null(extension);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
}

static struct pair make_pair(const char *name, unsigned bits, const EVP_MD *hash, const char *pass)
{
    struct pair pair;
    EVP_PKEY *key = bits ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256");
    X509 *x = X509_new();
    assert_true(key && x);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 4660);
    ASN1_TIME_set(X509_getm_notBefore(x), 1000000000);
    ASN1_TIME_set(X509_getm_notAfter(x), 2000000000);
    X509_set_pubkey(x, key);
    X509_NAME *subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(x, subject);
    add_names(x, "DNS:a.example,IP:192.0.2.1,IP:2001:db8::1");
    assert_true(X509_sign(x, key, hash));
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x);
    take_text(bio, pair.certificate, sizeof pair.certificate);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, pass ? EVP_aes_256_cbc() : NULL, (const unsigned char *)pass,
                             pass ? (int)strlen(pass) : 0, NULL, NULL);
    take_text(bio, pair.key, sizeof pair.key);
    X509_free(x);
    EVP_PKEY_free(key);
    return pair;
}

static void assert_str(struct gb_str seen, const char *expected)
{
    if (!gb_str_is(seen, expected))
        fail_msg("\"" GB_PRI "\", not \"%s\"", GB_ARG(seen), expected);
}

static void reads_certificates(void **state)
{
    (void)state;
    struct pair pair = make_pair("b\xc3\xbcro.example", 1024, EVP_sha1(), NULL);
    struct gb_x509_file file;
    assert_true(gb_x509_read(gb_str_of(pair.certificate), collector.arena, &file));
    const struct gb_certificate *certificate = &file.certificate;
    assert_true(file.has_certificate && !file.has_key);
    assert_str(certificate->subject, "CN=b\xc3\xbcro.example");
    assert_str(certificate->issuer, "CN=b\xc3\xbcro.example");
    assert_str(certificate->common_name, "b\xc3\xbcro.example");
    assert_str(certificate->serial, "1234");
    assert_str(certificate->key_type, "rsa");
    assert_int_equal(certificate->key_bits, 1024);
    assert_str(certificate->signature_hash, "sha1");
    assert_true(certificate->self_signed);
    assert_false(certificate->authority);
    assert_int_equal(certificate->not_before, 1000000000);
    assert_int_equal(certificate->not_after, 2000000000);
    assert_int_equal(certificate->name_count, 3);
    assert_str(certificate->names[0], "a.example");
    assert_str(certificate->names[1], "192.0.2.1");
    assert_str(certificate->names[2], "2001:db8:0:0:0:0:0:1");
    assert_int_equal(certificate->fingerprint.len, 64);
}

static void reads_keys_and_matches_them(void **state)
{
    (void)state;
    struct pair pair = make_pair("x", 0, EVP_sha256(), NULL);
    struct gb_str both =
        gb_str_format(collector.arena, "%s%s%s", pair.key, pair.certificate, pair.certificate);
    struct gb_x509_file file;
    assert_true(gb_x509_read(both, collector.arena, &file));
    assert_true(file.has_certificate && file.has_key && file.key.known && !file.key.encrypted);
    assert_str(file.key.type, "ec");
    assert_int_equal(file.key.bits, 256);
    assert_int_equal(file.chain_length, 2);
    assert_memory_equal(file.key.key_digest, file.certificate.key_digest, 32);
    struct pair locked = make_pair("x", 0, EVP_sha256(), "secret");
    assert_true(gb_x509_read(gb_str_of(locked.key), collector.arena, &file));
    assert_true(file.has_key && file.key.encrypted && !file.key.known);
}

static void refuses_what_is_neither(void **state)
{
    (void)state;
    struct gb_x509_file file;
    static const char *const texts[] = {
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n",
        "0\x82\x01"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (gb_x509_read(gb_str_of(texts[i]), collector.arena, &file))
            fail_msg("%s was taken for something", texts[i]);
    }
}

static void finds_what_servers_use(void **state)
{
    (void)state;
    struct gb_certificate_places places = {.arena = collector.arena,
                                           .by_path = gb_map(collector.arena)};
    static const char *const texts[][2] = {
        {"nginx",
         "server {\n  ssl_certificate     /a/n.crt; # c\n  ssl_certificate_key \"/a/n.key\";"
         "\n  # ssl_certificate /a/no;\n  ssl_certificate $var;\n}"},
        {"apache", "SSLCertificateFile\t/a/ap.crt\n"},
        {"haproxy", "  bind :443 ssl crt /a/h.pem alpn h2\n"},
        {"postfix", "smtpd_tls_cert_file=/a/p.crt\nsmtpd_tls_key_file = /a/p.key\n"},
        {"dovecot", "ssl_cert = </a/d.crt\n"},
        {"postgresql", "ssl_cert_file = '/a/pg.crt'\t# x\n"},
    };
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(gb_certificate_places_scan(&places, texts[i][0], GB_STR("/conf"),
                                                    gb_str_of(texts[i][1])),
                         GB_OK);
    static const char *const paths[] = {"/a/n.crt", "/a/n.key", "/a/ap.crt", "/a/h.pem",
                                        "/a/p.crt", "/a/p.key", "/a/d.crt",  "/a/pg.crt"};
    assert_int_equal(places.by_path.count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_str(places.by_path.entries[i].key, paths[i]);
    const struct gb_certificate_place *place = gb_map_get(&places.by_path, GB_STR("/a/n.key"));
    assert_str(place->uses->program, "nginx");
    assert_int_equal(place->uses->line, 3);
}

static const struct gb_value *value_of(const char *id, const char *field)
{
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("%s was not collected", id);
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    if (!value)
        fail_msg("%s has no %s", id, field);
    return value;
}

static void put_key(const char *path, const char *text, unsigned mode, gid_t group)
{
    char full[512];
    temporary_root_file(&root, path, text);
    temporary_root_mode(&root, path, mode);
    snprintf(full, sizeof full, "%s%s", root.path, path);
    assert_int_equal(chown(full, geteuid(), group), 0);
}

static void joins_files_of_a_host(void **state)
{
    (void)state;
    struct pair pair = make_pair("www", 0, EVP_sha256(), NULL);
    struct gb_error err = {0};
    if (geteuid() != 0) {
        print_message("skipped: giving files to groups needs root\n");
        skip();
    }
    temporary_root_file(&root, "/etc/nginx/tls/www.crt", pair.certificate);
    put_key("/etc/nginx/tls/www.key", pair.key, 0640, 110);
    put_key("/etc/ssl/private/team.key", pair.key, 0640, 120);
    put_key("/srv/open.pem", pair.key, 0644, 0);
    temporary_root_file(&root, "/etc/nginx/conf.d/www.conf",
                        "ssl_certificate /etc/nginx/tls/www.crt;\nssl_certificate_key "
                        "/srv/open.pem;\n");
    temporary_root_file(&root, "/usr/local/share/ca-certificates/own.crt", pair.certificate);
    temporary_root_link(&root, "/etc/ssl/certs/bundled.pem",
                        "/usr/local/share/ca-certificates/own.crt");
    temporary_root_dirs(&root, "/etc/nginx/tls/directory.pem/");
    assert_int_equal(gb_source_certificate.collect(&collector, &err), GB_OK);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("certificate"))->count, 2);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("key_file"))->count, 3);
    const char *id = "certificate:/etc/nginx/tls/www.crt";
    assert_str(value_of(id, "role")->string, "service");
    assert_int_equal(value_of(id, "used_by")->list->count, 1);
    assert_str(value_of("certificate:/usr/local/share/ca-certificates/own.crt", "role")->string,
               "trust_anchor");
    id = "key_file:/etc/nginx/tls/www.key";
    assert_str(value_of(id, "readable_by")->string, "group ssl-cert");
    assert_false(value_of(id, "readable_by_people")->boolean);
    assert_int_equal(value_of(id, "certificates")->list->count, 2);
    id = "key_file:/etc/ssl/private/team.key";
    assert_true(value_of(id, "readable_by_people")->boolean);
    id = "key_file:/srv/open.pem";
    assert_str(value_of(id, "readable_by")->string, "everybody");
    assert_str(gb_value_get(&value_of(id, "used_by")->list->items[0], "where")->string,
               "/etc/nginx/conf.d/www.conf:2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_certificates, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_keys_and_matches_them, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(refuses_what_is_neither, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(finds_what_servers_use, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(joins_files_of_a_host, setup, collected_root_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
