// The syntaxes of ranges, each in a file of its own; range.c chooses.
#ifndef GABION_MODEL_VERSION_RANGE_H
#define GABION_MODEL_VERSION_RANGE_H

#include "model/version/version.h"

// The version that is asked about, and how.
struct gb_range_query {
    enum gb_version_scheme scheme;
    unsigned options; // enum gb_version_option
    struct gb_str version;
};

int gb_range_error(struct gb_error *err, struct gb_str range, const char *what);
// The version against a bound of a range, in plain order.
int gb_range_order(const struct gb_range_query *query, struct gb_str bound);

typedef int gb_range_fn(const struct gb_range_query *query, struct gb_str range, bool *ret,
                        struct gb_error *err);
gb_range_fn gb_range_comparisons, gb_range_interval, gb_range_npm, gb_range_specifiers;

// RubyGems: "~> 1.2" is at least 1.2 and below 2.
bool gb_range_gem_pessimistic(struct gb_str version, struct gb_str bound);

#endif
