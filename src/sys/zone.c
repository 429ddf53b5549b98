// Time zones: reads TZif files; see the header.
#include "sys/zone.h"

#include "base/map.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_FILE = 64 << 10, // the largest zone has 4 KiB
    MAX_ZONES = 1024,
    MAX_NAME = 64,
    MAX_HOURS = 167, // of a rule's time, RFC 8536 3.3.1
    LEAST_OFFSET = -86399,
    LARGEST_OFFSET = 93599,
};

// When a rule of the footer takes effect, in local time.
struct rule {
    char form; // 'M' month, week, weekday; 'J' day 1 to 365; 'N' day 0 to 365
    int32_t month, week, day;
    int32_t seconds; // from the day's midnight
};

struct footer {
    bool present, daylight;
    int32_t standard_offset, daylight_offset; // east of UTC
    struct rule start, end;
};

struct gb_zone {
    int64_t *moments; // transitions, ascending
    uint8_t *types;   // what each of them begins
    size_t count;
    int32_t offsets[256]; // of the types
    struct footer footer;
};

// --- footer: a POSIX TZ string, "CET-1CEST,M3.5.0,M10.5.0/3"

static bool take(struct gb_str *s, char c)
{
    if (!s->len || s->at[0] != c)
        return false;
    *s = gb_str_from(*s, 1);
    return true;
}

static bool take_number(struct gb_str *s, int32_t largest, int32_t *ret)
{
    int32_t value = 0;
    size_t digits = 0;
    for (; digits < s->len && digits < 4 && s->at[digits] >= '0' && s->at[digits] <= '9'; digits++)
        value = value * 10 + (s->at[digits] - '0');
    *s = gb_str_from(*s, digits);
    *ret = value;
    return digits > 0 && value <= largest;
}

// "EST" or "<-03>".
static bool take_zone_name(struct gb_str *s)
{
    size_t len = 0;
    if (take(s, '<')) {
        while (len < s->len && s->at[len] != '>')
            len++;
        *s = gb_str_from(*s, len);
        return len > 0 && take(s, '>');
    }
    while (len < s->len && ((s->at[len] | 0x20) >= 'a' && (s->at[len] | 0x20) <= 'z'))
        len++;
    *s = gb_str_from(*s, len);
    return len > 0;
}

// [+-]hours[:minutes[:seconds]]
static bool take_time(struct gb_str *s, int32_t *ret)
{
    bool negative = take(s, '-');
    if (!negative)
        take(s, '+');
    int32_t hours, minutes = 0, seconds = 0;
    if (!take_number(s, MAX_HOURS, &hours))
        return false;
    if (take(s, ':') && !take_number(s, 59, &minutes))
        return false;
    if (take(s, ':') && !take_number(s, 59, &seconds))
        return false;
    int32_t all = hours * 3600 + minutes * 60 + seconds;
    *ret = negative ? -all : all;
    return true;
}

static bool take_rule(struct gb_str *s, struct rule *rule)
{
    *rule = (struct rule){.form = 'N', .seconds = 2 * 3600};
    if (!take(s, ','))
        return false;
    if (take(s, 'M')) {
        rule->form = 'M';
        if (!take_number(s, 12, &rule->month) || rule->month < 1 || !take(s, '.') ||
            !take_number(s, 5, &rule->week) || rule->week < 1 || !take(s, '.') ||
            !take_number(s, 6, &rule->day))
            return false;
    } else {
        rule->form = take(s, 'J') ? 'J' : 'N';
        if (!take_number(s, 365, &rule->day) || (rule->form == 'J' && rule->day < 1))
            return false;
    }
    return !take(s, '/') || take_time(s, &rule->seconds);
}

static bool is_offset(int32_t seconds)
{
    return seconds >= LEAST_OFFSET && seconds <= LARGEST_OFFSET;
}

static bool read_footer(struct gb_str text, struct footer *footer)
{
    int32_t west;
    if (!take_zone_name(&text) || !take_time(&text, &west) || !is_offset(-west))
        return false;
    footer->standard_offset = -west;
    footer->present = true;
    if (!text.len)
        return true;
    if (!take_zone_name(&text))
        return false;
    footer->daylight = true;
    west -= 3600;
    if (text.len && text.at[0] != ',' && !take_time(&text, &west))
        return false;
    if (!is_offset(-west))
        return false;
    footer->daylight_offset = -west;
    return take_rule(&text, &footer->start) && take_rule(&text, &footer->end) && !text.len;
}

// The local time of a rule in a year, as seconds since 1970 local time.
static int64_t rule_time(const struct rule *rule, int32_t year)
{
    int64_t day;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (rule->form == 'M') {
        int64_t first = gb_days_from_civil(year, (unsigned)rule->month, 1);
        // 1970-01-01 was a Thursday (4).
        int64_t weekday = ((first + 4) % 7 + 7) % 7;
        day = first + (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
        int64_t next = rule->month == 12 ? gb_days_from_civil(year + 1, 1, 1)
                                         : gb_days_from_civil(year, (unsigned)rule->month + 1, 1);
        if (day >= next)
            day -= 7; // week 5 is the last one
    } else {
        day = gb_days_from_civil(year, 1, 1) + rule->day;
        if (rule->form == 'J') // 29 February is never counted
            day -= leap && rule->day >= 60 ? 0 : 1;
    }
    return day * GB_DAY + rule->seconds;
}

static int32_t footer_offset(const struct footer *footer, int64_t moment)
{
    if (!footer->daylight)
        return footer->standard_offset;
    struct gb_civil civil;
    gb_time_civil(moment + footer->standard_offset, &civil);
    int64_t start = rule_time(&footer->start, civil.year) - footer->standard_offset;
    int64_t end = rule_time(&footer->end, civil.year) - footer->daylight_offset;
    bool daylight = start < end ? moment >= start && moment < end : moment >= start || moment < end;
    return daylight ? footer->daylight_offset : footer->standard_offset;
}

// --- the file

static uint32_t read_be32(const char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}

static int64_t read_time(const char *at, size_t size)
{
    if (size == 4)
        return (int32_t)read_be32(at);
    return (int64_t)((uint64_t)read_be32(at) << 32 | read_be32(at + 4));
}

struct header {
    char version;
    uint32_t utc_flags, standard_flags, leaps, times, types, chars;
};

enum { HEADER_SIZE = 44, TYPE_SIZE = 6 };

static bool read_header(struct gb_str s, struct header *header)
{
    if (s.len < HEADER_SIZE || !gb_str_starts(s, GB_STR("TZif")))
        return false;
    header->version = s.at[4];
    uint32_t *const fields[] = {&header->utc_flags, &header->standard_flags, &header->leaps,
                                &header->times,     &header->types,          &header->chars};
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = read_be32(s.at + 20 + i * 4);
        if (*fields[i] > MAX_FILE)
            return false;
    }
    return header->types >= 1 && header->types <= 256;
}

static size_t body_size(const struct header *header, size_t time_size)
{
    return header->times * (time_size + 1) + (size_t)header->types * TYPE_SIZE + header->chars +
           header->leaps * (time_size + 4) + header->standard_flags + header->utc_flags;
}

static int read_body(const char *at, const struct header *header, size_t time_size,
                     struct gb_arena *arena, struct gb_zone *zone)
{
    zone->count = header->times;
    zone->moments = gb_alloc_array(arena, zone->count, sizeof *zone->moments);
    zone->types = gb_alloc_array(arena, zone->count, sizeof *zone->types);
    if (!zone->moments || !zone->types)
        return GB_E_MEMORY;
    const char *types = at + zone->count * time_size;
    for (size_t i = 0; i < zone->count; i++) {
        zone->moments[i] = read_time(at + i * time_size, time_size);
        zone->types[i] = (uint8_t)types[i];
        if (zone->types[i] >= header->types || (i && zone->moments[i] <= zone->moments[i - 1]))
            return GB_E_SYNTAX;
    }
    const char *records = types + zone->count;
    for (uint32_t i = 0; i < header->types; i++) {
        zone->offsets[i] = (int32_t)read_be32(records + i * TYPE_SIZE);
        if (!is_offset(zone->offsets[i]))
            return GB_E_SYNTAX;
    }
    return GB_OK;
}

int gb_zone_parse(struct gb_str bytes, struct gb_arena *arena, struct gb_zone **ret)
{
    struct header header;
    size_t time_size = 4;
    if (bytes.len > MAX_FILE || !read_header(bytes, &header))
        return GB_E_SYNTAX;
    bytes = gb_str_from(bytes, HEADER_SIZE);
    if (header.version >= '2') { // the old form is repeated with 64 bits
        size_t old = body_size(&header, 4);
        if (old > bytes.len || !read_header(gb_str_from(bytes, old), &header))
            return GB_E_SYNTAX;
        bytes = gb_str_from(bytes, old + HEADER_SIZE);
        time_size = 8;
    }
    size_t size = body_size(&header, time_size);
    if (size > bytes.len)
        return GB_E_SYNTAX;
    struct gb_zone *zone = gb_alloc(arena, sizeof *zone);
    if (!zone)
        return GB_E_MEMORY;
    int code = read_body(bytes.at, &header, time_size, arena, zone);
    if (code < 0)
        return code;
    struct gb_str footer = gb_str_from(bytes, size);
    if (time_size == 8) {
        if (footer.len < 2 || footer.at[0] != '\n' || footer.at[footer.len - 1] != '\n')
            return GB_E_SYNTAX;
        footer = gb_str_sub(footer, 1, footer.len - 2);
        if (footer.len && !read_footer(footer, &zone->footer))
            return GB_E_SYNTAX;
    }
    *ret = zone;
    return GB_OK;
}

int32_t gb_zone_offset(const struct gb_zone *zone, int64_t moment)
{
    if (moment < GB_TIME_MINIMUM)
        moment = GB_TIME_MINIMUM;
    if (moment > GB_TIME_MAXIMUM)
        moment = GB_TIME_MAXIMUM;
    bool behind = !zone->count || moment >= zone->moments[zone->count - 1];
    if (behind && zone->footer.present)
        return footer_offset(&zone->footer, moment);
    size_t first = 0, beyond = zone->count; // the first transition after the moment
    while (first < beyond) {
        size_t middle = first + (beyond - first) / 2;
        if (zone->moments[middle] <= moment)
            first = middle + 1;
        else
            beyond = middle;
    }
    return zone->offsets[first ? zone->types[first - 1] : 0];
}

// --- the directory

struct gb_zones {
    const char *directory;
    struct gb_arena *arena;
    struct gb_map by_name; // -> struct gb_zone
};

struct gb_zones *gb_zones_new(const char *directory, struct gb_arena *arena)
{
    struct gb_zones *zones = gb_alloc(arena, sizeof *zones);
    if (zones)
        *zones =
            (struct gb_zones){.directory = directory, .arena = arena, .by_name = gb_map(arena)};
    return zones;
}

// "Area/Location": no dot, so that nothing leads out of the directory.
static bool is_zone_name(struct gb_str name)
{
    if (!name.len || name.len > MAX_NAME)
        return false;
    char before = '/';
    for (size_t i = 0; i < name.len; before = name.at[i++]) {
        char c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-' || c == '+';
        if (!plain && (c != '/' || before == '/'))
            return false;
    }
    return before != '/';
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static int read_zone(const struct gb_zones *zones, const char *name, char *bytes, size_t *len)
{
    GB_CLEANUP(close_file)
    int directory = open(zones->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return gb_error_errno(NULL, errno, "%s", zones->directory);
    GB_CLEANUP(close_file)
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return gb_error_errno(NULL, errno, "%s", name);
    struct stat info;
    if (fstat(file, &info) < 0)
        return gb_error_errno(NULL, errno, "%s", name);
    if (!S_ISREG(info.st_mode) || info.st_size > MAX_FILE)
        return GB_E_NOT_FOUND;
    *len = 0;
    while (*len < MAX_FILE) {
        ssize_t count = read(file, bytes + *len, MAX_FILE - *len);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return gb_error_errno(NULL, errno, "%s", name);
        if (count == 0)
            break;
        *len += (size_t)count;
    }
    return GB_OK;
}

static int load(struct gb_zones *zones, struct gb_str name, struct gb_zone **ret)
{
    if (zones->by_name.count >= MAX_ZONES)
        return GB_E_LIMIT;
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("zone", MAX_FILE + 4096);
    char *bytes = scratch ? gb_alloc(scratch, MAX_FILE) : NULL;
    char *kept = gb_str_c(zones->arena, name);
    if (!bytes || !kept)
        return GB_E_MEMORY;
    size_t len = 0;
    int code = read_zone(zones, kept, bytes, &len);
    if (code < 0)
        return code;
    code = gb_zone_parse((struct gb_str){bytes, len}, zones->arena, ret);
    if (code < 0)
        return code;
    return gb_map_set(&zones->by_name, (struct gb_str){kept, name.len}, *ret);
}

int gb_zones_offset(struct gb_zones *zones, struct gb_str name, int64_t moment, int32_t *ret)
{
    if (!is_zone_name(name))
        return GB_E_NOT_FOUND;
    struct gb_zone *zone = gb_map_get(&zones->by_name, name);
    if (!zone) {
        int code = load(zones, name, &zone);
        if (code < 0)
            return code;
    }
    *ret = gb_zone_offset(zone, moment);
    return GB_OK;
}
