// rsyslog's two languages.
#include "source/host/rsyslog_config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    if (!arena)
        return 0;
    struct gb_rsyslog config = {.arena = arena};
    struct gb_str text = {(const char *)data, size};
    if (gb_rsyslog_parse(&config, text, GB_STR("/fuzz")) == GB_OK)
        for (size_t i = 0; i < config.output_count; i++)
            if (!config.outputs[i].line)
                abort();
    return 0;
}
