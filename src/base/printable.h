// Text from outside made fit for a terminal or one line of a report: control characters, escape
// sequences, line breaks and the invisible characters that reorder text become visible escapes.
#ifndef GABION_BASE_PRINTABLE_H
#define GABION_BASE_PRINTABLE_H

#include "base/str.h"

// True for characters that act on a terminal or cannot be seen: control characters, bidirectional
// controls, zero-width characters, line separators.
bool gb_is_hidden(uint32_t code);

// A copy in which each of these is an escape: C0 and DEL (\n, \t, \x1b), C1 (\u009b), bidirectional
// controls, zero-width characters, line separators and the byte order mark (\u202e), invalid UTF-8
// (\xff). Everything else is kept; a backslash stays one.
struct gb_str gb_printable(struct gb_arena *arena, struct gb_str s);

// Columns on a terminal: combining marks 0, wide East Asian characters and emoji 2, others 1. For
// printable text.
size_t gb_columns(struct gb_str s);

// The longest front part of at most `columns` columns; cut text ends in "..." (which counts).
struct gb_str gb_cut_to_columns(struct gb_arena *arena, struct gb_str s, size_t columns);

#endif
