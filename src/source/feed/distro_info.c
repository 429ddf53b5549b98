// Releases of Debian and Ubuntu with the ends of their support, as the package distro-info-data
// has them: version,codename,series,created,release,eol,eol-lts,eol-elts (Debian) or
// ...,eol-server,eol-esm,eol-legacy (Ubuntu).
#include "source/feed/csv.h"
#include "source/feed/draft.h"

static bool recognise(const struct gb_feed_head *head)
{
    return gb_feed_head_starts(head, "version,codename,series,created,release,eol");
}

static int64_t date(const struct gb_csv_row *row, const char *heading)
{
    return gb_feed_time(gb_csv_cell(row, heading));
}

static int take(struct gb_feed_member *m, const struct gb_csv_row *row, struct gb_error *err)
{
    struct gb_str version = gb_csv_cell(row, "version"), series = gb_csv_cell(row, "series");
    if (!row->columns || !version.len)
        return GB_OK; // sid and experimental have no end
    if (!series.len || !date(row, "created")) {
        gb_feed_leave_out(m, row->line, "expected version,codename,series,created,...");
        return GB_OK;
    }
    bool ubuntu = false;
    for (size_t i = 0; i < row->columns; i++)
        ubuntu |= gb_str_is(row->heading[i], "eol-esm");
    struct gb_lifecycle cycle = {
        .product = ubuntu ? GB_STR("ubuntu") : GB_STR("debian"),
        .cycle = version,
        .codename = series,
        .released_at = date(row, "release"),
        .eol_at = date(row, "eol"),
    };
    // "22.04 LTS": the release is 22.04.
    if (gb_str_ends(version, GB_STR(" LTS")))
        cycle.cycle = gb_str_sub(version, 0, version.len - 4);
    // Those beyond (ELTS, legacy support) are sold to few.
    cycle.extended_eol_at = date(row, ubuntu ? "eol-esm" : "eol-lts");
    if (cycle.extended_eol_at)
        cycle.extended_name = ubuntu ? GB_STR("ESM") : GB_STR("LTS");
    return gb_feed_give_lifecycle(m, &cycle, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    return gb_csv_read(m, ',', take, err);
}

const struct gb_feed_format gb_feed_format_distro_info = {
    .name = "distro-info",
    .title = "releases of Debian and Ubuntu (distro-info-data)",
    .recognise = recognise,
    .import = import,
};
