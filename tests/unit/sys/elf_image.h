// Small ELF images for tests: both word sizes and byte orders, one loaded segment that covers the
// whole file at an address, and sections by name.
//
//     struct elf_image image = elf_image_new(true, false);
//     uint64_t at = elf_image_add(&image, ".go.buildinfo", bytes, size);
//     struct gb_str file = elf_image_done(&image);
#ifndef GABION_TESTS_ELF_IMAGE_H
#define GABION_TESTS_ELF_IMAGE_H

#include "base/str.h"

#include <stdlib.h>

enum { ELF_IMAGE_BYTES = 1 << 20, ELF_IMAGE_SECTIONS = 16, ELF_IMAGE_ADDRESS = 0x400000 };

struct elf_image {
    bool wide, big;
    unsigned char *bytes; // static
    size_t len;
    struct {
        const char *name;
        uint64_t offset, size;
    } sections[ELF_IMAGE_SECTIONS];
    size_t count;
    bool without_sections;
};

static inline void elf_image_put(const struct elf_image *image, size_t at, uint64_t value,
                                 unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        image->bytes[at + (image->big ? size - 1 - i : i)] = (unsigned char)(value >> 8 * i);
}

static inline struct elf_image elf_image_new(bool wide, bool big)
{
    static unsigned char bytes[ELF_IMAGE_BYTES];
    memset(bytes, 0, sizeof bytes);
    return (struct elf_image){.wide = wide, .big = big, .bytes = bytes, .len = 256};
}

// The offset of the bytes in the file; their address is ELF_IMAGE_ADDRESS more. Aligned to 16.
static inline uint64_t elf_image_add(struct elf_image *image, const char *name, const void *bytes,
                                     size_t size)
{
    size_t at = (image->len + 15) / 16 * 16;
    if (at + size + 4096 > ELF_IMAGE_BYTES || image->count == ELF_IMAGE_SECTIONS)
        abort();
    if (size)
        memcpy(image->bytes + at, bytes, size);
    image->sections[image->count].name = name;
    image->sections[image->count].offset = at;
    image->sections[image->count++].size = size;
    image->len = at + size;
    return at;
}

static inline void elf_image_section(const struct elf_image *image, size_t at, uint32_t name,
                                     uint32_t type, uint64_t offset, uint64_t size)
{
    unsigned word = image->wide ? 8 : 4;
    size_t address = image->wide ? 16 : 12;
    elf_image_put(image, at, name, 4);
    elf_image_put(image, at + 4, type, 4);
    elf_image_put(image, at + address, offset ? ELF_IMAGE_ADDRESS + offset : 0, word);
    elf_image_put(image, at + address + word, offset, word);
    elf_image_put(image, at + address + 2 * word, size, word);
}

static inline void elf_image_header(struct elf_image *image, size_t sections, size_t count)
{
    unsigned word = image->wide ? 8 : 4;
    size_t segment = image->wide ? 64 : 52, sizes = image->wide ? 54 : 42;
    memcpy(image->bytes, "\177ELF", 4);
    image->bytes[4] = image->wide ? 2 : 1;
    image->bytes[5] = image->big ? 2 : 1;
    image->bytes[6] = 1;
    elf_image_put(image, 16, 2, 2);
    elf_image_put(image, 18, image->wide ? 62 : 3, 2);
    elf_image_put(image, 20, 1, 4);
    elf_image_put(image, 24 + word, segment, word);
    elf_image_put(image, 24 + 2 * word, sections, word);
    elf_image_put(image, sizes, image->wide ? 56 : 32, 2);
    elf_image_put(image, sizes + 2, 1, 2);
    elf_image_put(image, sizes + 4, image->wide ? 64 : 40, 2);
    elf_image_put(image, sizes + 6, count, 2);
    elf_image_put(image, sizes + 8, count ? count - 1 : 0, 2);
    elf_image_put(image, segment, 1, 4); // PT_LOAD, to be read and written
    elf_image_put(image, segment + (image->wide ? 4 : 24), 6, 4);
    size_t fields = segment + (image->wide ? 8 : 4);
    elf_image_put(image, fields + word, ELF_IMAGE_ADDRESS, word);
    elf_image_put(image, fields + 2 * word, ELF_IMAGE_ADDRESS, word);
    elf_image_put(image, fields + 3 * word, image->len, word);
    elf_image_put(image, fields + 4 * word, image->len, word);
}

// The finished file, in static memory that the next image reuses.
static inline struct gb_str elf_image_done(struct elf_image *image)
{
    uint32_t names[ELF_IMAGE_SECTIONS + 1];
    size_t size = image->wide ? 64 : 40, names_at = image->len, text = 1;
    for (size_t i = 0; i <= image->count; i++) {
        const char *name = i < image->count ? image->sections[i].name : ".shstrtab";
        names[i] = (uint32_t)text;
        memcpy(image->bytes + names_at + text, name, strlen(name) + 1);
        text += strlen(name) + 1;
    }
    size_t table = (names_at + text + 15) / 16 * 16;
    for (size_t i = 0; i < image->count; i++)
        elf_image_section(image, table + (i + 1) * size, names[i], 1, image->sections[i].offset,
                          image->sections[i].size);
    elf_image_section(image, table + (image->count + 1) * size, names[image->count], 3, names_at,
                      text);
    image->len = table + (image->count + 2) * size;
    elf_image_header(image, image->without_sections ? 0 : table,
                     image->without_sections ? 0 : image->count + 2);
    return (struct gb_str){(const char *)image->bytes, image->len};
}

#endif
