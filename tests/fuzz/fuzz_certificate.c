// Certificates and private keys, PEM and DER, and the configurations that name them.
#include "source/host/certificate_places.h"
#include "source/host/x509.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const programs[] = {"nginx",      "apache", "haproxy",  "postfix",
                                           "dovecot",    "mysql",  "stunnel",  "openvpn",
                                           "postgresql", "vsftpd", "mosquitto"};
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str text = {(const char *)data, size};
    struct gb_x509_file file;
    if (gb_x509_read(text, arena, &file)) {
        assert(file.has_certificate || file.has_key);
        assert(file.certificate.name_count <= GB_X509_NAMES_MAX);
        assert(file.chain_length <= GB_X509_CHAIN_MAX);
    }
    struct gb_certificate_places places = {.arena = arena, .by_path = gb_map(arena)};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        int code = gb_certificate_places_scan(&places, programs[i], GB_STR("/x"), text);
        assert(code == GB_OK || code == GB_E_MEMORY);
    }
    for (size_t i = 0; i < places.by_path.count; i++)
        assert(places.by_path.entries[i].key.at[0] == '/');
    gb_arena_free(&arena);
    return 0;
}
