// Compiled time zones: any bytes. Offsets must stay within what the format allows.
#include "sys/zone.h"

#include "base/time.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("zone", 4u << 20);
    struct gb_zone *zone;
    if (!arena || gb_zone_parse((struct gb_str){(const char *)data, size}, arena, &zone) < 0)
        return 0;
    for (int64_t at = GB_TIME_MINIMUM; at < GB_TIME_MAXIMUM; at += 1234567890) {
        int32_t offset = gb_zone_offset(zone, at);
        if (offset < -86399 || offset > 93599)
            abort();
    }
    return 0;
}
