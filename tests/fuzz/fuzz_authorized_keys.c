// authorized_keys, key blobs and private key files: the first byte chooses the reader. A key that
// is accepted has a type, a fingerprint and bits; a line is within the text.
#include "source/host/authorized_keys.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const struct gb_ssh_key *key)
{
    if (!key->type.len || key->fingerprint.len != 50)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    if (!arena || size == 0) {
        gb_arena_free(&arena);
        return 0;
    }
    struct gb_str text = {(const char *)data + 1, size - 1};
    struct gb_authorized_keys keys;
    struct gb_ssh_private private_key;
    struct gb_ssh_key key;
    if (data[0] == 'A' && gb_authorized_keys_parse(arena, text, &keys) == GB_OK) {
        for (size_t i = 0; i < keys.count; i++) {
            if (keys.items[i].line == 0 || keys.items[i].line > size)
                abort();
            if (!keys.items[i].problem.len)
                check_key(&keys.items[i].key);
        }
    } else if (data[0] == 'B' && gb_ssh_key_blob(arena, text, &key) == GB_OK) {
        check_key(&key);
    } else if (data[0] == 'P' && gb_ssh_private_look(arena, text, &private_key) == GB_OK) {
        if (private_key.known)
            check_key(&private_key.key);
    }
    gb_arena_free(&arena);
    return 0;
}
