// Tables with a heading line, cells separated by comma (RFC 4180, with quoted cells that may hold
// line breaks) or tab. Inside source/feed.
#ifndef GABION_SOURCE_FEED_CSV_H
#define GABION_SOURCE_FEED_CSV_H

#include "source/feed/format.h"

enum { GB_CSV_CELLS = 32 };

struct gb_csv_row {
    struct gb_str heading[GB_CSV_CELLS], cells[GB_CSV_CELLS];
    size_t columns, count;
    uint64_t line;
};

// The cell below a heading; "" where the row or the table has none.
struct gb_str gb_csv_cell(const struct gb_csv_row *row, const char *heading);
// A number from 0 to 1; false for anything else.
bool gb_csv_share(const struct gb_csv_row *row, const char *heading, double *ret);

// `take` for each row. Lines in front of the heading that start with # are handed to `take` too, as
// a row without columns whose first cell is the line. Its negative code ends the reading; a row
// that is malformed by itself is left out. Cells are valid during the call.
typedef int gb_csv_take(struct gb_feed_member *member, const struct gb_csv_row *row,
                        struct gb_error *err);
GB_MUST_USE int gb_csv_read(struct gb_feed_member *member, char separator, gb_csv_take *take,
                            struct gb_error *err);

#endif
