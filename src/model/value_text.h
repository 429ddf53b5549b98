// A value as one line of text for people: evidence, tables, messages. Control characters are
// escaped, so the text may go on a terminal.
#ifndef GABION_MODEL_VALUE_TEXT_H
#define GABION_MODEL_VALUE_TEXT_H

#include "model/value.h"

enum { GB_VALUE_TEXT_EVIDENCE = 200 };

// At most about `max_bytes` bytes, then "...". Strings without quotes at the top, lists as
// "a, b, c", maps as "key=value key=value", timestamps in RFC 3339.
struct gb_str gb_value_text(struct gb_arena *arena, const struct gb_value *value, size_t max_bytes);

// "/etc/ssh/sshd_config:32"; without a line the place alone. Not escaped.
struct gb_str gb_place_text(struct gb_arena *arena, struct gb_str where, uint32_t line);

#endif
