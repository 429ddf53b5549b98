// A header of rpm: the record of one package in rpm's data base. Read by the rpm inventory, the
// owner index and the changelog reader.
//
// Format (rpm's own documentation, "RPM package file structure"): the number of index entries and
// the size of the data store (32 bits, big-endian), index entries of 16 bytes (tag, type, offset,
// count), the store. Entries behind the immutable region replace those of the same tag inside it.
//
//     struct gb_rpm_header header;
//     if (gb_rpm_header_parse(blob, &header, &err) == GB_OK)
//         name = gb_rpm_header_string(&header, GB_RPM_NAME);
//
// Nothing is allocated; all slices point into the blob. Tags of an unexpected type, and values that
// would lie outside of the store, count as absent.
#ifndef GABION_SOURCE_PACKAGE_RPM_HEADER_H
#define GABION_SOURCE_PACKAGE_RPM_HEADER_H

#include "base/error.h"
#include "base/str.h"

enum gb_rpm_tag {
    GB_RPM_NAME = 1000,
    GB_RPM_VERSION = 1001,
    GB_RPM_RELEASE = 1002,
    GB_RPM_EPOCH = 1003,
    GB_RPM_SIZE = 1009,
    GB_RPM_VENDOR = 1011,
    GB_RPM_PACKAGER = 1015,
    GB_RPM_GROUP = 1016,
    GB_RPM_ARCH = 1022,
    GB_RPM_FILE_FLAGS = 1037,
    GB_RPM_SOURCE_RPM = 1044,
    GB_RPM_CHANGELOG_NAME = 1081,
    GB_RPM_CHANGELOG_TEXT = 1082,
    GB_RPM_DIR_INDEXES = 1116,
    GB_RPM_BASE_NAMES = 1117,
    GB_RPM_DIR_NAMES = 1118,
    GB_RPM_LONG_SIZE = 5009,
    GB_RPM_MODULARITY_LABEL = 5096,
};

enum {
    GB_RPM_HEADER_MAX_BYTES = 64 << 20,
    GB_RPM_ENTRIES_MAX = 65535, // rpm's own limit
};

struct gb_rpm_header {
    struct gb_str index, store;
    uint32_t count; // of index entries
};

// GB_E_SYNTAX when the blob is no header, GB_E_LIMIT when it is too large.
GB_MUST_USE int gb_rpm_header_parse(struct gb_str blob, struct gb_rpm_header *ret,
                                    struct gb_error *err);

// The string, or the first of several; empty when absent.
struct gb_str gb_rpm_header_string(const struct gb_rpm_header *header, enum gb_rpm_tag tag);

// The number at `position` of a tag with integers; false when absent.
bool gb_rpm_header_number(const struct gb_rpm_header *header, enum gb_rpm_tag tag,
                          uint32_t position, uint64_t *ret);

// All strings of a tag, in order.
struct gb_rpm_strings {
    struct gb_str rest;
    uint32_t left;
};
struct gb_rpm_strings gb_rpm_header_strings(const struct gb_rpm_header *header,
                                            enum gb_rpm_tag tag);
bool gb_rpm_strings_next(struct gb_rpm_strings *strings, struct gb_str *ret);

// The integers of a tag as an array, so that a long list is looked up once.
struct gb_rpm_numbers {
    struct gb_str bytes;
    uint32_t count, width; // bytes of one number
};
struct gb_rpm_numbers gb_rpm_header_numbers(const struct gb_rpm_header *header,
                                            enum gb_rpm_tag tag);
bool gb_rpm_numbers_at(const struct gb_rpm_numbers *numbers, uint32_t position, uint64_t *ret);

#endif
