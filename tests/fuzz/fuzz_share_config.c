// Configuration of what is shared over the network: exports, smb.conf, rsyncd.conf, snmpd.conf.
#include "source/host/share_config.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int (*const readers[])(struct gb_share_config *, struct gb_str) = {
        gb_share_read_exports, gb_share_read_samba, gb_share_read_rsync, gb_share_read_snmp};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
        struct gb_share_config config = {.arena = arena};
        int code = readers[i](&config, (struct gb_str){(const char *)data, size});
        assert(code == GB_OK || code == GB_E_MEMORY);
        for (size_t k = 0; k < config.count; k++)
            assert(config.shares[k].line > 0 && config.shares[k].program);
        for (size_t k = 0; k < config.community_count; k++)
            assert(config.communities[k].line > 0 && config.communities[k].keyword.len);
        gb_arena_free(&arena);
    }
    return 0;
}
