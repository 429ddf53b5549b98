// Times in UTC without the C library's time zones: civil dates, RFC 3339, durations. A time is
// seconds since 1970-01-01T00:00:00Z (leap seconds do not exist) and nanoseconds 0 to 999,999,999.
// The range is that of RFC 3339: years 1 to 9999.
#ifndef GABION_BASE_TIME_H
#define GABION_BASE_TIME_H

#include "base/str.h"

#define GB_TIME_MINIMUM     INT64_C(-62135596800) // 0001-01-01T00:00:00Z
#define GB_TIME_MAXIMUM     INT64_C(253402300799) // 9999-12-31T23:59:59Z
#define GB_DURATION_MAXIMUM INT64_C(315576000000) // seconds either way: 10,000 years

enum {
    GB_TIME_SIZE = 32,     // bytes of "9999-12-31T23:59:59.999999999Z", with the NUL, and room
    GB_DURATION_SIZE = 40, // bytes of any duration
    GB_DAY = 86400,        // seconds
};

struct gb_civil {
    int32_t year;                 // 1 to 9999
    uint8_t month, day;           // 1 to 12, 1 to 31
    uint8_t hour, minute, second; // 0 to 59
    uint8_t weekday;              // 0 = Sunday
    uint16_t yearday;             // 0 = 1 January
};

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar. Total for years of at most
// 6 digits and any day; `month` 1 to 12.
int64_t gb_days_from_civil(int64_t year, unsigned month, int64_t day);

// `seconds` outside of GB_TIME_MINIMUM to GB_TIME_MAXIMUM are taken as the nearest inside.
void gb_time_civil(int64_t seconds, struct gb_civil *ret);
// Weekday and yearday are not looked at. GB_E_RANGE for dates and times that do not exist.
GB_MUST_USE int gb_time_from_civil(const struct gb_civil *civil, int64_t *ret);

// RFC 3339: "2026-11-01T00:00:00Z", with any number of digits of a fraction (those behind the ninth
// are dropped) and any offset. Errors: GB_E_SYNTAX, GB_E_RANGE (a date that does not exist, a
// second 60, a time outside of years 1 to 9999).
GB_MUST_USE int gb_time_parse(struct gb_str text, int64_t *seconds, int32_t *nanos);
// "2026-11-01T00:00:00.5Z": as many digits of the fraction as it has. Gives the length.
size_t gb_time_text(int64_t seconds, int32_t nanos, char into[GB_TIME_SIZE]);

// "2027-01-31": its first second, UTC.
GB_MUST_USE int gb_date_parse(struct gb_str text, int64_t *ret);
size_t gb_date_text(int64_t seconds, char into[GB_TIME_SIZE]);

// Durations as Go and CEL write them: a sign, then numbers with units ns us ms s m h ("1h2m3.5s",
// "-90s"), or "0". Seconds and nanoseconds have the same sign. Parts of a nanosecond are dropped.
// Errors: GB_E_SYNTAX, GB_E_RANGE beyond GB_DURATION_MAXIMUM.
GB_MUST_USE int gb_duration_parse(struct gb_str text, int64_t *seconds, int32_t *nanos);
// In seconds, "3723.5s": what data carries.
size_t gb_duration_text(int64_t seconds, int32_t nanos, char into[GB_DURATION_SIZE]);
// In hours, minutes and seconds, "1h2m3.5s": what people read.
size_t gb_duration_words(int64_t seconds, int32_t nanos, char into[GB_DURATION_SIZE]);

#endif
