// Reading ELF files; see elf.h.
#include "base/elf.h"

enum {
    SECTIONS_MOST = 20000, // Go programs with debugging data have about 40
    SEGMENTS_MOST = 1024,
    HEADER_32 = 52,
    HEADER_64 = 64,
    SECTION_32 = 40,
    SECTION_64 = 64,
    SEGMENT_32 = 32,
    SEGMENT_64 = 56,
    NAME_LONGEST = 64,
    COUNT_IN_FIRST = 0, // e_shnum: the count is in the first section's size
    INDEX_IN_FIRST = 0xffff,
    FLAG_COMPRESSED = 1 << 11,
    WITHOUT_BYTES = 8, // SHT_NOBITS
};

uint64_t gb_elf_number(const struct gb_elf *elf, const unsigned char *at, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | at[elf->big ? i : bytes - 1 - i];
    return number;
}

static uint64_t field(const struct gb_elf *elf, const unsigned char *raw, unsigned at32,
                      unsigned bytes32, unsigned at64, unsigned bytes64)
{
    return elf->wide ? gb_elf_number(elf, raw + at64, bytes64)
                     : gb_elf_number(elf, raw + at32, bytes32);
}

static bool in_file(const struct gb_elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->content->size && size <= elf->content->size - offset;
}

static bool is_nothing(const struct gb_elf_section *section)
{
    return section->type == WITHOUT_BYTES;
}

static void take_section(const struct gb_elf *elf, const unsigned char *raw, uint32_t *name,
                         uint32_t *link, struct gb_elf_section *ret)
{
    *name = (uint32_t)gb_elf_number(elf, raw, 4);
    *link = (uint32_t)field(elf, raw, 24, 4, 40, 4);
    *ret = (struct gb_elf_section){
        .type = (uint32_t)gb_elf_number(elf, raw + 4, 4),
        .flags = field(elf, raw, 8, 4, 8, 8),
        .address = field(elf, raw, 12, 4, 16, 8),
        .offset = field(elf, raw, 16, 4, 24, 8),
        .size = field(elf, raw, 20, 4, 32, 8),
    };
    ret->compressed = ret->flags & FLAG_COMPRESSED;
}

static bool read_section(const struct gb_elf *elf, uint32_t index, uint32_t *name, uint32_t *link,
                         struct gb_elf_section *ret)
{
    unsigned char raw[SECTION_64];
    if (!gb_content_exactly(elf->content,
                            elf->section_offset + (uint64_t)index * elf->section_bytes, raw,
                            elf->wide ? SECTION_64 : SECTION_32))
        return false;
    take_section(elf, raw, name, link, ret);
    return true;
}

// Where the sections and their names are. A file without them, or with a table that does not lie in
// it, counts as having no sections.
static void find_sections(struct gb_elf *elf, uint32_t count, uint32_t names)
{
    uint32_t name, link;
    struct gb_elf_section section;
    elf->section_count = 0;
    if (elf->section_bytes < (elf->wide ? SECTION_64 : SECTION_32) || !elf->section_offset ||
        !in_file(elf, elf->section_offset, elf->section_bytes) ||
        !read_section(elf, 0, &name, &link, &section))
        return;
    uint64_t many = count == COUNT_IN_FIRST ? section.size : count;
    uint64_t index = names == INDEX_IN_FIRST ? link : names;
    if (!many || many > SECTIONS_MOST || index >= many ||
        !in_file(elf, elf->section_offset, many * elf->section_bytes) ||
        !read_section(elf, (uint32_t)index, &name, &link, &section) || is_nothing(&section) ||
        !in_file(elf, section.offset, section.size))
        return;
    elf->section_count = (uint32_t)many;
    elf->names_offset = section.offset;
    elf->names_size = section.size;
}

int gb_elf_open(const struct gb_content_reader *content, struct gb_elf *ret)
{
    unsigned char raw[HEADER_64] = {0};
    int64_t got = gb_content_read(content, 0, raw, sizeof raw);
    if (got < 0)
        return (int)got;
    if (got < HEADER_32 || memcmp(raw, "\177ELF", 4) != 0)
        return GB_E_TYPE;
    if (raw[4] < 1 || raw[4] > 2 || raw[5] < 1 || raw[5] > 2 || (raw[4] == 2 && got < HEADER_64))
        return GB_E_SYNTAX;
    *ret = (struct gb_elf){.content = content, .wide = raw[4] == 2, .big = raw[5] == 2};
    ret->type = (uint16_t)gb_elf_number(ret, raw + 16, 2);
    ret->machine = (uint16_t)gb_elf_number(ret, raw + 18, 2);
    ret->segment_offset = field(ret, raw, 28, 4, 32, 8);
    ret->section_offset = field(ret, raw, 32, 4, 40, 8);
    const unsigned char *sizes = raw + (ret->wide ? 54 : 42);
    ret->segment_bytes = (uint16_t)gb_elf_number(ret, sizes, 2);
    ret->segment_count = (uint32_t)gb_elf_number(ret, sizes + 2, 2);
    ret->section_bytes = (uint16_t)gb_elf_number(ret, sizes + 4, 2);
    if (ret->segment_bytes < (ret->wide ? SEGMENT_64 : SEGMENT_32) ||
        ret->segment_count > SEGMENTS_MOST ||
        !in_file(ret, ret->segment_offset, (uint64_t)ret->segment_count * ret->segment_bytes))
        ret->segment_count = 0;
    find_sections(ret, (uint32_t)gb_elf_number(ret, sizes + 6, 2),
                  (uint32_t)gb_elf_number(ret, sizes + 8, 2));
    return GB_OK;
}

struct name_window { // the front of the sections' names: enough of them for most programs
    char text[4096];
    int64_t known;
};

static bool has_name(const struct gb_elf *elf, const struct name_window *window, uint32_t at,
                     struct gb_str name)
{
    char text[NAME_LONGEST];
    if (at >= elf->names_size || name.len >= sizeof text || name.len >= elf->names_size - at)
        return false;
    if ((int64_t)at + (int64_t)name.len < window->known)
        return memcmp(window->text + at, name.at, name.len) == 0 && !window->text[at + name.len];
    return gb_content_exactly(elf->content, elf->names_offset + at, text, name.len + 1) &&
           memcmp(text, name.at, name.len) == 0 && !text[name.len];
}

unsigned gb_elf_sections(const struct gb_elf *elf, const char *const *names, unsigned count,
                         struct gb_elf_section *ret)
{
    enum { CHUNK = 4096 };
    unsigned char chunk[CHUNK];
    struct name_window window;
    unsigned found = 0, all = (1u << count) - 1;
    uint32_t in_chunk = elf->section_count ? CHUNK / elf->section_bytes : 0;
    if (!in_chunk)
        return 0;
    size_t front =
        elf->names_size < sizeof window.text ? (size_t)elf->names_size : sizeof window.text;
    window.known = gb_content_read(elf->content, elf->names_offset, window.text, front);
    for (uint32_t i = 0; i < elf->section_count && found != all; i++) {
        struct gb_elf_section section;
        uint32_t name, link, rest = elf->section_count - i;
        if (i % in_chunk == 0 &&
            !gb_content_exactly(elf->content,
                                elf->section_offset + (uint64_t)i * elf->section_bytes, chunk,
                                (size_t)(rest < in_chunk ? rest : in_chunk) * elf->section_bytes))
            return found;
        take_section(elf, chunk + (size_t)(i % in_chunk) * elf->section_bytes, &name, &link,
                     &section);
        if (is_nothing(&section) || !in_file(elf, section.offset, section.size))
            continue;
        for (unsigned n = 0; n < count; n++) {
            if (found & 1u << n || !has_name(elf, &window, name, gb_str_of(names[n])))
                continue;
            ret[n] = section;
            found |= 1u << n;
        }
    }
    return found;
}

bool gb_elf_segment(const struct gb_elf *elf, uint32_t index, struct gb_elf_segment *ret)
{
    unsigned char raw[SEGMENT_64];
    if (index >= elf->segment_count ||
        !gb_content_exactly(elf->content,
                            elf->segment_offset + (uint64_t)index * elf->segment_bytes, raw,
                            elf->wide ? SEGMENT_64 : SEGMENT_32))
        return false;
    *ret = (struct gb_elf_segment){
        .type = (uint32_t)gb_elf_number(elf, raw, 4),
        .flags = (uint32_t)gb_elf_number(elf, raw + (elf->wide ? 4 : 24), 4),
        .offset = field(elf, raw, 4, 4, 8, 8),
        .address = field(elf, raw, 8, 4, 16, 8),
        .file_size = field(elf, raw, 16, 4, 32, 8),
        .memory_size = field(elf, raw, 20, 4, 40, 8),
    };
    return in_file(elf, ret->offset, ret->file_size);
}

int64_t gb_elf_read_address(const struct gb_elf *elf, uint64_t address, void *into, size_t size)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        struct gb_elf_segment segment;
        if (!gb_elf_segment(elf, i, &segment) || segment.type != GB_ELF_LOAD ||
            address < segment.address || address - segment.address >= segment.file_size)
            continue;
        uint64_t inside = address - segment.address, rest = segment.file_size - inside;
        return gb_content_read(elf->content, segment.offset + inside, into,
                               size < rest ? size : (size_t)rest);
    }
    return 0;
}
