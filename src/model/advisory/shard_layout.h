// The layout of shards, shared by what writes and what reads them; docs/reference/shard.md tells it
// in words. All numbers are little-endian; all sections begin at multiples of 8.
#ifndef GABION_MODEL_ADVISORY_SHARD_LAYOUT_H
#define GABION_MODEL_ADVISORY_SHARD_LAYOUT_H

#include "base/bytes.h"
#include "model/advisory/shard.h"

#include <endian.h>

#define GB_SHARD_MAGIC GB_STR("GABSHARD")
#define GB_TEXTS_MAGIC GB_STR("GABTEXTS")

enum {
    GB_SHARD_VERSION = 1,
    GB_TEXTS_VERSION = 1,
    GB_SHARD_MAX_BYTES = 1 << 30,
    GB_TEXTS_BLOCK_BYTES = 16 << 10, // of texts, before compression: as much is unpacked
                                     // to read one
    GB_TEXTS_BLOCK_MAX = 5 << 20,    // a block of one large text
    GB_TEXTS_HEADER_BYTES = 40,      // magic, version, blocks, entries, 0, bytes
    GB_TEXTS_BLOCK_RECORD = 16,      // offset u64, packed u32, bytes u32
    GB_TEXTS_ENTRY_RECORD = 16,      // hash of the id u64, block u32, offset in it u32
    GB_TEXTS_HEAD_BYTES = 4 * 4,     // of one entry: lengths of id, title, details, url
};

// Offsets in the header of a shard.
enum {
    GB_AT_VERSION = 8,   // u32
    GB_AT_HEADER = 12,   // u32: bytes of the header
    GB_AT_SIZE = 16,     // u64: of the file
    GB_AT_CHECKSUM = 24, // u64: XXH64 of all behind it
    GB_AT_CONTENT = 32,  // u8, scheme u8, flags u8, 0
    GB_AT_SECTIONS = 36, // u32: how many
    GB_AT_DATA_AT = 40,  // i64
    GB_AT_BUILT_AT = 48, // i64
    GB_AT_STRINGS = 56,  // u32 each: feed, scope, origin, licence
    GB_AT_TABLE = 72,    // a section each: offset u32, bytes u32
};

enum gb_shard_section {
    GB_SECTION_STRING_ENDS,  // u32 each: where string n ends in the bytes
    GB_SECTION_STRING_BYTES, // sorted, each once; the first is the empty one
    GB_SECTION_LISTS,        // u32 words: count, then as many strings; one behind the other
    GB_SECTION_ID_LISTS,     // the same of ids
    GB_SECTION_STATEMENTS,   // u32 words: what is said of a package: flags, then what they announce
    GB_SECTION_HEADS,        // u32 words: advisories: id, flags, then what they announce
    GB_SECTION_PACKAGES,     // by name: name u32, first row u32
    GB_SECTION_ROWS,         // by package, id: head u32, statement u32 (word offsets)
    GB_SECTION_EXPLOIT_CVES, // packed, sorted: u32 each; the next four go with it, or are empty
    GB_SECTION_EXPLOIT_FLAGS, // u8 each
    GB_SECTION_EXPLOIT_EPSS,  // score u32, percentile u32: billionths
    GB_SECTION_EXPLOIT_KEV,   // added u32, due u32: days since 1970; 0 = not stated
    GB_SECTION_EXPLOIT_CVSS,  // string u32
    GB_SECTION_LIFECYCLES,    // by product, cycle: strings product, cycle, codename, extended name
                              // u32; released, end, extended end i64
    GB_SECTION_COUNT,
};
enum {
    GB_SHARD_HEADER_BYTES = GB_AT_TABLE + GB_SECTION_COUNT * 8,
    GB_LIFECYCLE_BYTES = 40,
    GB_SHARD_COMPLETE_FIXES = 1, // flag
};

// First word of a statement. In this order follow, where announced: the fixed version (a string)
// or the list of ranges (three strings a range); lists of versions, unaffected versions,
// architectures, systems, symbols; the strings module and note.
enum {
    GB_STATEMENT_STATUS = 0,   // 2 bits
    GB_STATEMENT_FIX = 2,      // 3 bits
    GB_STATEMENT_SEVERITY = 5, // 3 bits
    GB_STATEMENT_REMOTE = 8,
    GB_STATEMENT_BINARY = 9,
    GB_STATEMENT_SCHEME = 10,   // 5 bits
    GB_STATEMENT_FIXED = 15,    // one range that has a fixed version only
    GB_STATEMENT_RANGES = 16,   // or a list of them
    GB_STATEMENT_VERSIONS = 17, // lists
    GB_STATEMENT_UNAFFECTED,
    GB_STATEMENT_ARCHITECTURES,
    GB_STATEMENT_SYSTEMS,
    GB_STATEMENT_SYMBOLS,
    GB_STATEMENT_MODULE, // strings
    GB_STATEMENT_NOTE,
    GB_STATEMENT_END,
};

// A head begins with the id and a word of flags. Behind them follow, where announced: the list of
// CVE ids, the list of aliases, the string of the CVSS vector, and the times published, modified,
// withdrawn.
enum {
    GB_HEAD_SEVERITY = 0, // 3 bits
    GB_HEAD_DISPUTED = 3,
    GB_HEAD_INFORMATIONAL = 4,
    GB_HEAD_SELF = 5, // its id is the one CVE that it is about
    GB_HEAD_CVES = 6,
    GB_HEAD_ALIASES = 7,
    GB_HEAD_CVSS = 8,
    GB_HEAD_TIMES = 9, // three times 2 bits: 0 none, 1 a word, 2 two words (low, high)
    GB_HEAD_END = 15,
};

// Flags of exploit facts.
enum {
    GB_EXPLOIT_KEV = 1,
    GB_EXPLOIT_RANSOMWARE = 2,
    GB_EXPLOIT_EPSS = 4,
    GB_EXPLOIT_SSVC = 8,
    GB_EXPLOIT_AUTOMATABLE = 16,
    GB_EXPLOIT_TOTAL = 32,
    GB_EXPLOIT_STAGE = 6, // 2 bits: SSVC exploitation
};

// An id is one word: a string with the highest bit set, or a CVE id packed as 6 bits of the year
// since 1990 and 25 bits of its number.
#define GB_ID_STRING UINT32_C(0x80000000)
enum { GB_CVE_FIRST_YEAR = 1990, GB_CVE_NUMBER_BITS = 25, GB_CVE_TEXT_BYTES = 24 };

// False for what would not be the same text again.
bool gb_cve_pack(struct gb_str id, uint32_t *ret);
// Gives the length.
size_t gb_cve_text(uint32_t packed, char into[GB_CVE_TEXT_BYTES]);

static inline void gb_write32(char *at, uint32_t n)
{
    n = htole32(n);
    memcpy(at, &n, sizeof n);
}

static inline void gb_write64(char *at, uint64_t n)
{
    n = htole64(n);
    memcpy(at, &n, sizeof n);
}

// A shard that was opened: all sections checked.
struct gb_shard {
    struct gb_shard_description description;
    struct gb_str sections[GB_SECTION_COUNT];
    uint32_t string_count, package_count, row_count, exploit_count, lifecycle_count;
};

static inline struct gb_str gb_shard_string(const struct gb_shard *shard, uint32_t string)
{
    const char *ends = shard->sections[GB_SECTION_STRING_ENDS].at;
    uint32_t start = string ? gb_little32(ends + 4 * (size_t)(string - 1)) : 0;
    uint32_t end = gb_little32(ends + 4 * (size_t)string);
    return (struct gb_str){shard->sections[GB_SECTION_STRING_BYTES].at + start, end - start};
}

// Checks everything in the sections that later reads rely on.
GB_MUST_USE int gb_shard_check(struct gb_shard *shard, struct gb_arena *arena,
                               struct gb_error *err);

#endif
