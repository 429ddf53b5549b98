// A CSAF 2.0 document (advisory or VEX) as it is written: products by id, flaws with the products
// that they concern. Inside source/feed: the importer of advisories and the reader of VEX share it.
//
// Format: docs.oasis-open.org/csaf/csaf/v2.0.
#ifndef GABION_SOURCE_FEED_CSAF_H
#define GABION_SOURCE_FEED_CSAF_H

#include "base/map.h"
#include "model/purl.h"
#include "source/feed/draft.h"

struct gb_csaf_product {
    struct gb_str id, name, purl, cpe;
    // Of a relationship: what, as part of what.
    struct gb_str component, platform;
};

enum gb_csaf_status {
    GB_CSAF_FIXED,
    GB_CSAF_AFFECTED,
    GB_CSAF_NOT_AFFECTED,
    GB_CSAF_UNDER_INVESTIGATION,
    GB_CSAF_STATUS_COUNT,
};

// A flag (label), remediation or threat (category) and the products that it is about; none = all.
struct gb_csaf_remark {
    struct gb_str what, details;
    struct gb_feed_strings products;
};
struct gb_csaf_remarks {
    struct gb_csaf_remark *at;
    size_t count, capacity;
    bool indexed; // by gb_csaf_remark_of:
    struct gb_map by_product;
    const struct gb_csaf_remark *all;
};

struct gb_csaf_flaw {
    struct gb_str cve, title, note;
    struct gb_feed_strings ids; // others
    struct gb_str cvss;         // the best vector
    struct gb_feed_strings products[GB_CSAF_STATUS_COUNT];
    struct gb_csaf_remarks flags, remediations, threats;
};

struct gb_csaf {
    struct gb_str id, title, category, publisher, severity, released, first_released, url;
    struct gb_map products; // id -> struct gb_csaf_product
    struct gb_csaf_flaw *flaws;
    size_t flaw_count, flaw_capacity;
};

// Strings point into the text or the arena.
GB_MUST_USE int gb_csaf_read(struct gb_str text, struct gb_arena *arena, struct gb_csaf *ret,
                             struct gb_error *err);

// What a product id stands for.
struct gb_csaf_package {
    bool has_purl;
    struct gb_purl purl;
    struct gb_str text;    // of the purl
    struct gb_str name;    // of the package
    struct gb_str version; // of rpm with its epoch: "1:3.0.7-1.el9"; "" = every version
    struct gb_str arch;    // "" = not said; "src" = the name is that of the source package
    struct gb_str module;  // "nodejs:16"
    struct gb_str scope;   // of the platform; "" = not known
    bool is_rpm;
};
// False for products that are no packages. GB_E_* only for memory, which is sticky in the arena.
bool gb_csaf_package_of(const struct gb_csaf *csaf, struct gb_str product_id,
                        struct gb_arena *arena, struct gb_csaf_package *ret);

// The first remark about a product, else the first about all of them, or NULL.
const struct gb_csaf_remark *gb_csaf_remark_of(struct gb_csaf_remarks *remarks,
                                               struct gb_str product_id, struct gb_arena *arena);

#endif
