// Data written as YAML, as the JSON text of the same shape: for feeds that come in both, so that
// one importer reads them. Scalars stay the texts that they are written as ("0.10" keeps its zero;
// a plain null or ~ is null), since versions must not become numbers; keys are strings whatever
// they look like.
//
// Refused with line and column: what yaml.h refuses (aliases, anchors, tags, merge keys, several
// documents), but for duplicate keys, which the reader of the JSON sees; depth and size over the
// limits.
#ifndef GABION_BASE_YAML_JSON_H
#define GABION_BASE_YAML_JSON_H

#include "base/buffer.h"
#include "base/yaml.h"

// Appends to `out`, whose maximum bounds the result. An empty text gives null. `file` is the
// subject of errors; NULL = none.
GB_MUST_USE int gb_yaml_to_json(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                                struct gb_buffer *out, struct gb_error *err);

#endif
