// Dates, times and durations; used by values, outputs, exemptions and expressions.
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>

enum { NANOS = 1000000000 };

// Counts in eras of 400 years of 146,097 days; years start in March, so that the leap day is last.
int64_t gb_days_from_civil(int64_t year, unsigned month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct gb_civil *ret)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; // 0 = March
    ret->day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1);
    ret->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
    ret->year = (int32_t)(year_of_era + era * 400 + (ret->month <= 2));
    ret->yearday = (uint16_t)(days - gb_days_from_civil(ret->year, 1, 1));
    ret->weekday = (uint8_t)(((days + 4) % 7 + 7) % 7);
}

void gb_time_civil(int64_t seconds, struct gb_civil *ret)
{
    if (seconds < GB_TIME_MINIMUM)
        seconds = GB_TIME_MINIMUM;
    if (seconds > GB_TIME_MAXIMUM)
        seconds = GB_TIME_MAXIMUM;
    int64_t days = seconds / GB_DAY;
    int64_t rest = seconds % GB_DAY;
    if (rest < 0) {
        rest += GB_DAY;
        days--;
    }
    civil_from_days(days, ret);
    ret->hour = (uint8_t)(rest / 3600);
    ret->minute = (uint8_t)(rest / 60 % 60);
    ret->second = (uint8_t)(rest % 60);
}

static unsigned days_of_month(int32_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

int gb_time_from_civil(const struct gb_civil *c, int64_t *ret)
{
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > days_of_month(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
        c->second > 59)
        return GB_E_RANGE;
    *ret = gb_days_from_civil(c->year, c->month, c->day) * GB_DAY + c->hour * 3600 +
           c->minute * 60 + c->second;
    return GB_OK;
}

// Takes exactly `count` digits off the front.
static bool take_digits(struct gb_str *s, size_t count, unsigned *ret)
{
    uint64_t value;
    if (s->len < count || gb_str_to_uint(gb_str_sub(*s, 0, count), 10, &value) < 0)
        return false;
    *ret = (unsigned)value;
    *s = gb_str_from(*s, count);
    return true;
}

static bool take_char(struct gb_str *s, char c)
{
    if (!s->len || s->at[0] != c)
        return false;
    *s = gb_str_from(*s, 1);
    return true;
}

static bool take_date(struct gb_str *s, struct gb_civil *civil)
{
    unsigned year, month, day;
    if (!take_digits(s, 4, &year) || !take_char(s, '-') || !take_digits(s, 2, &month) ||
        !take_char(s, '-') || !take_digits(s, 2, &day))
        return false;
    *civil = (struct gb_civil){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    return true;
}

static bool take_clock(struct gb_str *s, struct gb_civil *civil)
{
    unsigned hour, minute, second;
    if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute) ||
        !take_char(s, ':') || !take_digits(s, 2, &second))
        return false;
    civil->hour = (uint8_t)hour;
    civil->minute = (uint8_t)minute;
    civil->second = (uint8_t)second;
    return true;
}

// Digits of a fraction of a second; at least one.
static bool take_fraction(struct gb_str *s, int32_t *nanos)
{
    int32_t unit = NANOS / 10;
    size_t count = 0;
    for (; count < s->len && s->at[count] >= '0' && s->at[count] <= '9'; count++) {
        *nanos += unit * (s->at[count] - '0');
        unit /= 10;
    }
    *s = gb_str_from(*s, count);
    return count > 0;
}

static bool take_offset(struct gb_str *s, int64_t *offset)
{
    if (take_char(s, 'Z') || take_char(s, 'z')) {
        *offset = 0;
        return true;
    }
    bool west = s->len && s->at[0] == '-';
    unsigned hours, minutes;
    if (!(take_char(s, '+') || take_char(s, '-')) || !take_digits(s, 2, &hours) ||
        !take_char(s, ':') || !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    if (west)
        *offset = -*offset;
    return true;
}

int gb_time_parse(struct gb_str text, int64_t *seconds, int32_t *nanos)
{
    struct gb_civil civil;
    int32_t fraction = 0;
    int64_t offset, time;
    if (!take_date(&text, &civil) || !(take_char(&text, 'T') || take_char(&text, 't')) ||
        !take_clock(&text, &civil))
        return GB_E_SYNTAX;
    if (take_char(&text, '.') && !take_fraction(&text, &fraction))
        return GB_E_SYNTAX;
    if (!take_offset(&text, &offset) || text.len)
        return GB_E_SYNTAX;
    int code = gb_time_from_civil(&civil, &time);
    if (code)
        return code;
    time -= offset;
    if (time < GB_TIME_MINIMUM || time > GB_TIME_MAXIMUM)
        return GB_E_RANGE;
    *seconds = time;
    *nanos = fraction;
    return GB_OK;
}

// ".5" for half a second in nanoseconds, nothing for none.
static size_t fraction_text(int32_t nanos, char *into, size_t size)
{
    if (nanos <= 0 || nanos >= NANOS)
        return 0;
    size_t len = (size_t)snprintf(into, size, ".%09" PRId32, nanos);
    while (into[len - 1] == '0')
        len--;
    return len;
}

size_t gb_date_text(int64_t seconds, char into[GB_TIME_SIZE])
{
    struct gb_civil c;
    gb_time_civil(seconds, &c);
    return (size_t)snprintf(into, GB_TIME_SIZE, "%04" PRId32 "-%02u-%02u", c.year, c.month, c.day);
}

size_t gb_time_text(int64_t seconds, int32_t nanos, char into[GB_TIME_SIZE])
{
    struct gb_civil c;
    gb_time_civil(seconds, &c);
    size_t len = gb_date_text(seconds, into);
    len += (size_t)snprintf(into + len, GB_TIME_SIZE - len, "T%02u:%02u:%02u", c.hour, c.minute,
                            c.second);
    len += fraction_text(nanos, into + len, GB_TIME_SIZE - len);
    into[len++] = 'Z';
    into[len] = 0;
    return len;
}

int gb_date_parse(struct gb_str text, int64_t *ret)
{
    struct gb_civil civil;
    if (!take_date(&text, &civil) || text.len)
        return GB_E_SYNTAX;
    return gb_time_from_civil(&civil, ret);
}

__extension__ typedef __int128 wide;

static bool take_unit(struct gb_str *s, int64_t *nanos)
{
    static const struct {
        struct gb_str name;
        int64_t nanos;
    } units[] = {
        {GB_STR_INIT("ns"), 1},           {GB_STR_INIT("us"), 1000},
        {GB_STR_INIT("\xc2\xb5s"), 1000}, {GB_STR_INIT("\xce\xbcs"), 1000},
        {GB_STR_INIT("ms"), 1000000},     {GB_STR_INIT("s"), NANOS},
        {GB_STR_INIT("m"), 60LL * NANOS}, {GB_STR_INIT("h"), 3600LL * NANOS},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (gb_str_starts(*s, units[i].name)) {
            *s = gb_str_from(*s, units[i].name.len);
            *nanos = units[i].nanos;
            return true;
        }
    }
    return false;
}

// One "1.5h"; adds its nanoseconds to *total. The bound keeps every product inside 128 bits.
static int take_part(struct gb_str *s, wide *total)
{
    const wide most = (wide)GB_DURATION_MAXIMUM * NANOS;
    wide whole = 0, fraction = 0, scale = 1;
    size_t digits = 0;
    for (; s->len && s->at[0] >= '0' && s->at[0] <= '9'; *s = gb_str_from(*s, 1), digits++)
        if (whole <= most)
            whole = whole * 10 + (s->at[0] - '0');
    if (take_char(s, '.')) {
        for (; s->len && s->at[0] >= '0' && s->at[0] <= '9'; *s = gb_str_from(*s, 1), digits++) {
            if (scale < (wide)NANOS * NANOS) {
                fraction = fraction * 10 + (s->at[0] - '0');
                scale *= 10;
            }
        }
    }
    int64_t unit;
    if (!digits || !take_unit(s, &unit))
        return GB_E_SYNTAX;
    if (whole > most)
        return GB_E_RANGE;
    *total += whole * unit + fraction * unit / scale;
    return *total > most ? GB_E_RANGE : GB_OK;
}

int gb_duration_parse(struct gb_str text, int64_t *seconds, int32_t *nanos)
{
    bool negative = take_char(&text, '-');
    if (!negative)
        take_char(&text, '+');
    wide total = 0;
    bool too_large = false;
    if (!text.len)
        return GB_E_SYNTAX;
    if (gb_str_is(text, "0"))
        text.len = 0;
    while (text.len) {
        int code = take_part(&text, &total);
        if (code == GB_E_SYNTAX)
            return code;
        if (code) { // go on: it may be no duration at all
            too_large = true;
            total = 0;
        }
    }
    if (too_large)
        return GB_E_RANGE;
    if (negative)
        total = -total;
    *seconds = (int64_t)(total / NANOS);
    *nanos = (int32_t)(total % NANOS);
    return GB_OK;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

size_t gb_duration_text(int64_t seconds, int32_t nanos, char into[GB_DURATION_SIZE])
{
    const char *sign = seconds < 0 || nanos < 0 ? "-" : "";
    size_t len = (size_t)snprintf(into, GB_DURATION_SIZE, "%s%" PRIu64, sign, magnitude(seconds));
    len += fraction_text((int32_t)magnitude(nanos), into + len, GB_DURATION_SIZE - len);
    into[len++] = 's';
    into[len] = 0;
    return len;
}

size_t gb_duration_words(int64_t seconds, int32_t nanos, char into[GB_DURATION_SIZE])
{
    uint64_t whole = magnitude(seconds);
    size_t len = 0;
    if (seconds < 0 || nanos < 0)
        into[len++] = '-';
    if (whole >= 3600)
        len += (size_t)snprintf(into + len, GB_DURATION_SIZE - len, "%" PRIu64 "h", whole / 3600);
    if (whole >= 60)
        len += (size_t)snprintf(into + len, GB_DURATION_SIZE - len, "%um",
                                (unsigned)(whole / 60 % 60));
    len += (size_t)snprintf(into + len, GB_DURATION_SIZE - len, "%u", (unsigned)(whole % 60));
    len += fraction_text((int32_t)magnitude(nanos), into + len, GB_DURATION_SIZE - len);
    into[len++] = 's';
    into[len] = 0;
    return len;
}
