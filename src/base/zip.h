// Zip archives (jar, wheel, feeds) by their central directory, which is what every loader goes by,
// read piece by piece in constant memory. Entries are stored or deflated; zip64; a program in front
// of the archive is stepped over. Names are given as they stand there: they are no paths to write
// to.
//
//     struct gb_zip zip;
//     if (gb_zip_open(&content, &zip, err) < 0) return ...;
//     GB_CLEANUP(gb_zip_walk_free) struct gb_zip_walk *walk = gb_zip_walk_new(&zip);
//     for (struct gb_zip_entry entry; (code = gb_zip_next(walk, &entry, err)) > 0;)
//         if (gb_str_ends(entry.name, GB_STR(".json"))) ... gb_zip_data(&zip, &entry, &part, &data)
//
// Format: PKWARE APPNOTE 6.3.10. Not read: encrypted entries, other methods of compression,
// archives in several volumes.
#ifndef GABION_BASE_ZIP_H
#define GABION_BASE_ZIP_H

#include "base/content_reader.h"
#include "base/inflate.h"

struct gb_zip {
    const struct gb_content_reader *content;
    uint64_t start; // what offsets in the archive are counted from
    uint64_t directory_at, directory_size;
    uint64_t entry_count; // as the archive says
};

enum gb_zip_method { GB_ZIP_STORED = 0, GB_ZIP_DEFLATED = 8 };

struct gb_zip_entry {
    struct gb_str name; // valid until the next entry
    uint16_t method;
    bool encrypted;
    uint64_t compressed_size, size; // as the directory says
    uint64_t header_at;             // of its local header, within the content
};

// `content` must outlive it. GB_E_TYPE when it is no zip archive at all, GB_E_SYNTAX when it is
// damaged or cut off, or the code of a failed read.
GB_MUST_USE int gb_zip_open(const struct gb_content_reader *content, struct gb_zip *ret,
                            struct gb_error *err);

struct gb_zip_walk;
struct gb_zip_walk *gb_zip_walk_new(const struct gb_zip *zip); // NULL without memory
void gb_zip_walk_free(struct gb_zip_walk **walk);
// 1 with the next entry, 0 at the end of the directory; negative code when it is damaged.
GB_MUST_USE int gb_zip_next(struct gb_zip_walk *walk, struct gb_zip_entry *ret,
                            struct gb_error *err);

// The bytes of an entry as they lie in the archive: the content itself when it is stored, else to
// be decompressed (gb_inflate_new, GB_DEFLATE_RAW, entry->size). GB_E_SYNTAX when they lie outside
// of the archive, GB_E_UNSUPPORTED when they are encrypted or compressed in another way.
GB_MUST_USE int gb_zip_data(const struct gb_zip *zip, const struct gb_zip_entry *entry,
                            struct gb_part_content *part, struct gb_content_reader *ret,
                            struct gb_error *err);

#endif
