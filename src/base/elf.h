// ELF programs and libraries, read piece by piece: header, sections by name, segments, and bytes by
// their address. Both word sizes and byte orders. Nothing in the file is trusted: every number is
// held against the file's size, and tables are bounded.
//
//     struct gb_elf elf;
//     if (gb_elf_open(&content, &elf) == GB_OK && gb_elf_sections(&elf, names, 2, sections) & 1)
//         ...
//
// Format: System V ABI, chapter 4 (object files), and elf(5).
#ifndef GABION_BASE_ELF_H
#define GABION_BASE_ELF_H

#include "base/content_reader.h"

struct gb_elf {
    const struct gb_content_reader *content;
    bool wide; // 64 bit
    bool big;  // big endian
    uint16_t type, machine;
    uint64_t section_offset, segment_offset;
    uint32_t section_count, segment_count; // 0: the file has none, or not where it says
    uint16_t section_bytes, segment_bytes; // of one entry
    uint64_t names_offset, names_size;     // of the sections' names
};

struct gb_elf_section {
    uint32_t type;
    uint64_t flags, address, offset, size; // offset and size lie within the file
    bool compressed;                       // SHF_COMPRESSED
};

struct gb_elf_segment {
    uint32_t type, flags;
    uint64_t offset, file_size, address, memory_size; // offset + file_size lies within the file
};

enum { GB_ELF_LOAD = 1, GB_ELF_EXECUTE = 1, GB_ELF_WRITE = 2, GB_ELF_READ = 4 };

// `content` must outlive it. GB_E_TYPE when it is no ELF file, GB_E_SYNTAX when its header is
// damaged, or the code of a failed read.
GB_MUST_USE int gb_elf_open(const struct gb_content_reader *content, struct gb_elf *ret);

// The first section of each of `names` (at most 8) whose bytes lie in the file: bit N of the result
// says that names[N] is there, in ret[N].
unsigned gb_elf_sections(const struct gb_elf *elf, const char *const *names, unsigned count,
                         struct gb_elf_section *ret);

// False behind the last one, and for one that lies outside of the file.
bool gb_elf_segment(const struct gb_elf *elf, uint32_t index, struct gb_elf_segment *ret);

// Bytes at an address of the running program: as many of `size` as the file has of the segment that
// the address lies in; 0 when there is none; a negative code on error.
int64_t gb_elf_read_address(const struct gb_elf *elf, uint64_t address, void *into, size_t size);

// Numbers in the byte order of the file. `bytes` is 1 to 8.
uint64_t gb_elf_number(const struct gb_elf *elf, const unsigned char *at, unsigned bytes);

#endif
