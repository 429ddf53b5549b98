// What the writer of a shard has gathered, between its files: gathering (shard_writer.c), laying
// out (shard_layout.c), texts (shard_writer_texts.c).
#ifndef GABION_MODEL_ADVISORY_SHARD_WRITER_H
#define GABION_MODEL_ADVISORY_SHARD_WRITER_H

#include "model/advisory/shard_layout.h"
#include "model/advisory/shard_pool.h"

// Records name strings and lists by their numbers in the pools; the layout has other ones.
struct gb_shard_statement {
    uint32_t flags;
    uint32_t ranges;   // a string (GB_STATEMENT_FIXED) or a list
    uint32_t lists[5]; // versions, unaffected, architectures, systems, symbols
    uint32_t module, note;
};

struct gb_shard_head {
    uint32_t flags, id;
    uint32_t cves, aliases; // id lists
    uint32_t cvss;
    uint32_t unused;
    int64_t times[3];
};

struct gb_shard_pair { // a row
    uint32_t package, head, statement;
};

struct gb_shard_words { // a text
    uint32_t id, title, details, url;
};

struct gb_shard_exploit {
    uint32_t cve, flags, epss, percentile, added, due, cvss;
};

struct gb_shard_cycle {
    uint32_t product, cycle, codename, extended_name;
    int64_t released, eol, extended;
};

struct gb_shard_writer {
    struct gb_arena *arena;
    struct gb_shard_description description;
    uint32_t names[4]; // feed, scope, origin, licence
    struct gb_pool strings, lists, id_lists, statements, heads, rows;
    struct gb_pool text_strings, texts;
    uint32_t *head_texts; // of each head its latest text, 1-based; 0 = none yet
    uint32_t head_text_capacity;
    uint32_t last_package; // a string: rows of one package come in runs
    struct gb_shard_exploit *exploits;
    uint32_t exploit_count, exploit_capacity;
    struct gb_pool cycles;
};

GB_MUST_USE int gb_shard_write(struct gb_shard_writer *writer, struct gb_buffer *out,
                               struct gb_error *err);
GB_MUST_USE int gb_shard_write_texts(struct gb_shard_writer *writer, struct gb_buffer *out,
                                     struct gb_error *err);

#endif
