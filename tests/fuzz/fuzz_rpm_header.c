// Headers of rpm: parsing, packages, and the loops over strings and numbers.
#include "source/package/os_packages.h"
#include "source/package/rpm_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct gb_str part, const uint8_t *data, size_t size)
{
    const uint8_t *at = (const uint8_t *)part.at;
    if (part.len && (at < data || at + part.len > data + size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str blob = {(const char *)data, size}, text;
    struct gb_rpm_header header;
    if (!arena || gb_rpm_header_parse(blob, &header, NULL) < 0)
        return 0;
    static const enum gb_rpm_tag tags[] = {
        GB_RPM_NAME,           GB_RPM_EPOCH,      GB_RPM_SIZE,      GB_RPM_SOURCE_RPM,
        GB_RPM_CHANGELOG_TEXT, GB_RPM_BASE_NAMES, GB_RPM_DIR_NAMES, GB_RPM_DIR_INDEXES,
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        inside(gb_rpm_header_string(&header, tags[i]), data, size);
        struct gb_rpm_strings strings = gb_rpm_header_strings(&header, tags[i]);
        while (gb_rpm_strings_next(&strings, &text))
            inside(text, data, size);
        struct gb_rpm_numbers numbers = gb_rpm_header_numbers(&header, tags[i]);
        inside(gb_str_sub(numbers.bytes, 0, (size_t)numbers.count * numbers.width), data, size);
        uint64_t number;
        for (uint32_t k = 0; gb_rpm_numbers_at(&numbers, k, &number); k++)
            ;
    }
    struct gb_os_package package;
    if (gb_rpm_package_read(blob, arena, &package, NULL) == GB_OK &&
        (!package.name.len || !package.version.len || !package.source.len))
        abort();
    return 0;
}
