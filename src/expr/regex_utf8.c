// Characters to byte ranges: what makes a byte automaton read UTF-8. Used by the compiler of
// regular expressions.
#include "expr/regex_program.h"

#include "base/utf8.h"

enum { SURROGATE_FIRST = 0xd800, SURROGATE_LAST = 0xdfff };

static bool emit(uint32_t low, uint32_t high, gb_regex_bytes_func *each, void *context)
{
    struct gb_regex_bytes bytes;
    bytes.length = (uint8_t)gb_utf8_encode(low, (char *)bytes.low);
    gb_utf8_encode(high, (char *)bytes.high);
    return each(context, &bytes);
}

// Cuts low..high, whose encodings have one length, until each part is a product of byte ranges:
// where leading bytes differ, the trailing ones must run from first to last.
static bool cut(uint32_t low, uint32_t high, gb_regex_bytes_func *each, void *context)
{
    for (unsigned bits = 6; high >= 0x80 && bits <= 18; bits += 6) {
        uint32_t mask = (1u << bits) - 1;
        if ((low & ~mask) == (high & ~mask))
            continue;
        if (low & mask)
            return cut(low, low | mask, each, context) &&
                   cut((low | mask) + 1, high, each, context);
        if ((high & mask) != mask)
            return cut(low, (high & ~mask) - 1, each, context) &&
                   cut(high & ~mask, high, each, context);
    }
    return emit(low, high, each, context);
}

bool gb_regex_utf8_split(uint32_t low, uint32_t high, gb_regex_bytes_func *each, void *context)
{
    static const struct gb_regex_range lengths[] = {
        {0, 0x7f},
        {0x80, 0x7ff},
        {0x800, SURROGATE_FIRST - 1},
        {SURROGATE_LAST + 1, 0xffff},
        {0x10000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint32_t first = low > lengths[i].low ? low : lengths[i].low;
        uint32_t last = high < lengths[i].high ? high : lengths[i].high;
        if (first <= last && !cut(first, last, each, context))
            return false;
    }
    return true;
}
