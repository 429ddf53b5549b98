// Reads VEX documents: OpenVEX 0.2.0 and CSAF 2.0 with VEX statements. Used at scan time by
// `--vex FILE`; several documents may be read into one gb_vex.
//
//     struct gb_vex vex = {.arena = arena};
//     code = gb_vex_read(text, "openvex.json", &vex, &left_out, &err);
#ifndef GABION_SOURCE_FEED_VEX_H
#define GABION_SOURCE_FEED_VEX_H

#include "model/vex.h"

enum { GB_VEX_MAX_BYTES = 64 << 20 }; // of a document

// `text` must outlive `vex`. `file` names the document in statements and errors. Products without a
// package URL say nothing that could be compared: *left_out counts such statements. Errors:
// GB_E_SYNTAX and GB_E_TYPE with line and column, GB_E_UNSUPPORTED for other formats, GB_E_LIMIT.
GB_MUST_USE int gb_vex_read(struct gb_str text, const char *file, struct gb_vex *vex,
                            size_t *left_out, struct gb_error *err);

#endif
