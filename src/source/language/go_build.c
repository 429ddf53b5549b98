// Reading what the Go linker wrote; see go_program.h.
#include "source/language/go_program.h"

enum {
    HEADER_BYTES = 32,
    HEADER_ALIGNMENT = 16,
    FLAG_BIG = 1,
    FLAG_INLINE = 2,
    VERSION_LONGEST = 4096,
    MODULES_LONGEST = 8 << 20,
    SEARCHED_MOST = 64 << 20,
    GUARD = 16, // bytes of a mark on both sides of the modules
};

static const char magic[] = "\xff Go buildinf:";

// The header's place in a part of the file, which it stands in at a multiple of 16.
static int find_header(const struct gb_elf *elf, uint64_t from, uint64_t size, uint64_t *ret)
{
    enum { CHUNK = 64 << 10 };
    static const size_t magic_size = sizeof magic - 1;
    char chunk[CHUNK];
    size = size < SEARCHED_MOST ? size : SEARCHED_MOST;
    for (uint64_t at = 0; at < size; at += CHUNK) {
        size_t wanted = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
        int64_t got = gb_content_read(elf->content, from + at, chunk, wanted);
        if (got < 0)
            return (int)got;
        for (size_t i = 0; i + magic_size <= (size_t)got; i += HEADER_ALIGNMENT) {
            if (memcmp(chunk + i, magic, magic_size) == 0) {
                *ret = from + at + i;
                return GB_OK;
            }
        }
    }
    return GB_E_NOT_FOUND;
}

static int locate(const struct gb_elf *elf, const struct gb_elf_section *section, uint64_t *ret)
{
    if (section)
        return find_header(elf, section->offset, section->size, ret);
    struct gb_elf_segment segment;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        if (gb_elf_segment(elf, i, &segment) && segment.type == GB_ELF_LOAD &&
            (segment.flags & (GB_ELF_WRITE | GB_ELF_EXECUTE)) == GB_ELF_WRITE) {
            int code = find_header(elf, segment.offset, segment.file_size, ret);
            if (code != GB_E_NOT_FOUND)
                return code;
        }
    }
    return GB_E_NOT_FOUND;
}

// A length in groups of 7 bits, and so many bytes.
static int read_inline(const struct gb_elf *elf, uint64_t *at, size_t longest,
                       struct gb_arena *arena, struct gb_str *ret)
{
    unsigned char raw[10];
    int64_t got = gb_content_read(elf->content, *at, raw, sizeof raw);
    if (got < 0)
        return (int)got;
    uint64_t length = 0;
    size_t used = 0;
    do {
        if (used >= (size_t)got || used >= 9)
            return GB_E_SYNTAX;
        length |= (uint64_t)(raw[used] & 0x7f) << 7 * used;
    } while (raw[used++] & 0x80);
    if (length > longest)
        return GB_E_LIMIT;
    *at += used;
    char *text = gb_alloc(arena, (size_t)length + 1);
    if (!text)
        return GB_E_MEMORY;
    if (!gb_content_exactly(elf->content, *at, text, (size_t)length))
        return GB_E_SYNTAX;
    *at += length;
    *ret = (struct gb_str){text, (size_t)length};
    return GB_OK;
}

// A Go string at an address: address and length of its bytes.
static int read_string(const struct gb_elf *order, const struct gb_elf *elf, uint64_t address,
                       unsigned word, size_t longest, struct gb_arena *arena, struct gb_str *ret)
{
    unsigned char raw[16];
    *ret = GB_STR("");
    if (!address)
        return GB_OK;
    int64_t got = gb_elf_read_address(elf, address, raw, (size_t)word * 2);
    if (got != (int64_t)word * 2)
        return got < 0 ? (int)got : GB_E_SYNTAX;
    uint64_t at = gb_elf_number(order, raw, word), length = gb_elf_number(order, raw + word, word);
    if (length > longest)
        return GB_E_LIMIT;
    if (!length)
        return GB_OK;
    char *text = gb_alloc(arena, (size_t)length + 1);
    if (!text)
        return GB_E_MEMORY;
    got = gb_elf_read_address(elf, at, text, (size_t)length);
    if (got != (int64_t)length)
        return got < 0 ? (int)got : GB_E_SYNTAX;
    *ret = (struct gb_str){text, (size_t)length};
    return GB_OK;
}

static int read_pointed(const struct gb_elf *elf, const unsigned char *header,
                        struct gb_arena *arena, struct gb_go_build *ret)
{
    unsigned word = header[14];
    struct gb_elf order = {.big = header[15] & FLAG_BIG};
    if (word != 4 && word != 8)
        return GB_E_SYNTAX;
    int code = read_string(&order, elf, gb_elf_number(&order, header + 16, word), word,
                           VERSION_LONGEST, arena, &ret->version);
    return code ? code
                : read_string(&order, elf, gb_elf_number(&order, header + 16 + word, word), word,
                              MODULES_LONGEST, arena, &ret->modules);
}

int gb_go_build_read(const struct gb_elf *elf, const struct gb_elf_section *section,
                     struct gb_arena *arena, struct gb_go_build *ret)
{
    unsigned char header[HEADER_BYTES];
    uint64_t at;
    int code = locate(elf, section, &at);
    if (code)
        return code;
    if (!gb_content_exactly(elf->content, at, header, sizeof header))
        return GB_E_SYNTAX;
    *ret = (struct gb_go_build){.version = GB_STR(""), .modules = GB_STR("")};
    if (header[15] & FLAG_INLINE) {
        at += HEADER_BYTES;
        code = read_inline(elf, &at, VERSION_LONGEST, arena, &ret->version);
        if (!code)
            code = read_inline(elf, &at, MODULES_LONGEST, arena, &ret->modules);
    } else {
        code = read_pointed(elf, header, arena, ret);
    }
    if (code)
        return code;
    // The modules stand between two marks that tell them apart in memory.
    struct gb_str *modules = &ret->modules;
    if (modules->len > 2 * GUARD && modules->at[modules->len - GUARD - 1] == '\n')
        *modules = gb_str_sub(*modules, GUARD, modules->len - 2 * GUARD);
    else
        *modules = GB_STR("");
    return ret->version.len ? GB_OK : GB_E_SYNTAX;
}
