// Timestamps and durations: from text, and their parts in any time zone.
#include "expr/engine.h"

#include "base/time.h"

static void timestamp_of_string(struct gb_cel_run *run, const struct gb_value *a,
                                struct gb_value *ret)
{
    int64_t seconds;
    int32_t nanos;
    int code = gb_time_parse(a->string, &seconds, &nanos);
    if (code) {
        gb_cel_fail(run, ret, "%s: \"" GB_PRI "\"",
                    code == GB_E_RANGE ? "timestamp out of range" : "not a timestamp (RFC 3339)",
                    GB_ARG(gb_str_sub(a->string, 0, 60)));
        return;
    }
    *ret = gb_timestamp(seconds, nanos);
}

static void timestamp_of_int(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->integer < GB_TIME_MINIMUM || a->integer > GB_TIME_MAXIMUM) {
        gb_cel_error(ret, GB_STR("timestamp out of range"));
        return;
    }
    *ret = gb_timestamp(a->integer, 0);
}

static void same(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = *a;
}

static void duration_of_string(struct gb_cel_run *run, const struct gb_value *a,
                               struct gb_value *ret)
{
    int64_t seconds;
    int32_t nanos;
    int code = gb_duration_parse(a->string, &seconds, &nanos);
    if (code) {
        gb_cel_fail(run, ret, "%s: \"" GB_PRI "\"",
                    code == GB_E_RANGE ? "duration out of range" : "not a duration (1h30m, 90s)",
                    GB_ARG(gb_str_sub(a->string, 0, 60)));
        return;
    }
    struct gb_value zero = gb_duration(0, 0), span = gb_duration(seconds, nanos);
    gb_operate_add(run, &span, &zero, ret); // holds it to the range of durations
}

// "02:00", "+02:00", "-08:30" as seconds.
static bool offset_of(struct gb_str zone, int32_t *ret)
{
    bool west = zone.len && zone.at[0] == '-';
    if (west || (zone.len && zone.at[0] == '+'))
        zone = gb_str_from(zone, 1);
    uint64_t hours, minutes;
    if (zone.len != 5 || zone.at[2] != ':' ||
        gb_str_to_uint(gb_str_sub(zone, 0, 2), 10, &hours) < 0 ||
        gb_str_to_uint(gb_str_from(zone, 3), 10, &minutes) < 0 || hours > 23 || minutes > 59)
        return false;
    *ret = (int32_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

static bool zone_offset(struct gb_cel_run *run, struct gb_str zone, int64_t moment, int32_t *ret)
{
    *ret = 0;
    if (gb_str_is(zone, "UTC") || gb_str_is(zone, "Z") || !zone.len || offset_of(zone, ret))
        return true;
    return run->zones && run->zones->offset(run->zones->context, zone, moment, ret) == GB_OK;
}

// The calendar at a moment, in UTC or in the zone that a[1] names. False: *ret is an error.
static bool civil_of(struct gb_cel_run *run, const struct gb_value *a, bool zoned,
                     struct gb_civil *civil, struct gb_value *ret)
{
    int32_t offset = 0;
    if (zoned && !zone_offset(run, a[1].string, a->time.seconds, &offset)) {
        gb_cel_fail(run, ret, "no such time zone: \"" GB_PRI "\"",
                    GB_ARG(gb_str_sub(a[1].string, 0, 60)));
        return false;
    }
    gb_time_civil(a->time.seconds + offset, civil);
    return true;
}

// A part of the calendar, as two functions: in UTC and in a zone.
#define PART(name, expression)                                                                     \
    static void name(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)       \
    {                                                                                              \
        struct gb_civil civil;                                                                     \
        if (civil_of(run, a, false, &civil, ret))                                                  \
            *ret = gb_int(expression);                                                             \
    }                                                                                              \
    static void name##_in(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)  \
    {                                                                                              \
        struct gb_civil civil;                                                                     \
        if (civil_of(run, a, true, &civil, ret))                                                   \
            *ret = gb_int(expression);                                                             \
    }

PART(full_year, civil.year)
PART(month, civil.month - 1)
PART(date, civil.day)
PART(day_of_month, civil.day - 1)
PART(day_of_week, civil.weekday)
PART(day_of_year, civil.yearday)
PART(hours, civil.hour)
PART(minutes, civil.minute)
PART(seconds, civil.second)

static void milliseconds(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(a->time.nanos / 1000000);
}

static void milliseconds_in(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_civil civil; // only to see whether there is such a zone
    if (civil_of(run, a, true, &civil, ret))
        milliseconds(run, a, ret);
}

static void span_hours(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(a->time.seconds / 3600);
}

static void span_minutes(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(a->time.seconds / 60);
}

static void span_seconds(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(a->time.seconds);
}

#define METHOD(name, function, doc)                                                                \
    {name, "timestamp -> int", function, GB_CEL_METHOD, doc ", in UTC."},                          \
    {                                                                                              \
        name, "timestamp, string -> int", function##_in, GB_CEL_METHOD | GB_CEL_NO_FOLD,           \
            doc ", in a time zone ('Europe/Berlin', '+02:00')."                                    \
    }

static const struct gb_cel_overload overloads[] = {
    {"timestamp", "string -> timestamp", timestamp_of_string, 0,
     "A moment from RFC 3339: timestamp('2026-11-01T00:00:00Z')."},
    {"timestamp", "int -> timestamp", timestamp_of_int, 0, "A moment from seconds since 1970."},
    {"timestamp", "timestamp -> timestamp", same, 0, "Itself."},
    {"duration", "string -> duration", duration_of_string, 0,
     "A span from numbers with units h m s ms us ns: duration('1h30m')."},
    {"duration", "duration -> duration", same, 0, "Itself."},
    METHOD("getFullYear", full_year, "The year"),
    METHOD("getMonth", month, "The month from 0 (January)"),
    METHOD("getDate", date, "The day of the month from 1"),
    METHOD("getDayOfMonth", day_of_month, "The day of the month from 0"),
    METHOD("getDayOfWeek", day_of_week, "The day of the week from 0 (Sunday)"),
    METHOD("getDayOfYear", day_of_year, "The day of the year from 0"),
    METHOD("getHours", hours, "The hour"),
    METHOD("getMinutes", minutes, "The minute"),
    METHOD("getSeconds", seconds, "The second"),
    METHOD("getMilliseconds", milliseconds, "The milliseconds of the second"),
    {"getHours", "duration -> int", span_hours, GB_CEL_METHOD, "Whole hours of a span."},
    {"getMinutes", "duration -> int", span_minutes, GB_CEL_METHOD, "Whole minutes of a span."},
    {"getSeconds", "duration -> int", span_seconds, GB_CEL_METHOD, "Whole seconds of a span."},
    {"getMilliseconds", "duration -> int", milliseconds, GB_CEL_METHOD,
     "The milliseconds of a span's last second."},
};

const struct gb_cel_library gb_cel_library_time = {
    .name = "time",
    .doc = "Timestamps and durations",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
