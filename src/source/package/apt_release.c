// Reads the heads of Release files; used by candidates.c.
#include "source/package/apt_release.h"

#include "source/package/deb822.h"

// Days since 1970 of a date in the Gregorian calendar (Howard Hinnant's civil-days method).
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool number(struct gb_str s, uint64_t low, uint64_t high, int64_t *ret)
{
    uint64_t value;
    if (gb_str_to_uint(s, 10, &value) < 0 || value < low || value > high)
        return false;
    *ret = (int64_t)value;
    return true;
}

static int64_t month_of(struct gb_str name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int64_t i = 0; name.len == 3 && i < 12; i++)
        if (memcmp(names + 3 * i, name.at, 3) == 0)
            return i + 1;
    return 0;
}

int gb_apt_date_parse(struct gb_str text, int64_t *ret)
{
    struct gb_str weekday, day, month, year, time, zone, hour, minute, second;
    int64_t d, y, h, m, s;
    if (!gb_str_next_word(&text, &weekday) || !gb_str_next_word(&text, &day) ||
        !gb_str_next_word(&text, &month) || !gb_str_next_word(&text, &year) ||
        !gb_str_next_word(&text, &time) || !gb_str_next_word(&text, &zone))
        return GB_E_SYNTAX;
    if (!gb_str_next(&time, ':', &hour) || !gb_str_next(&time, ':', &minute) ||
        !gb_str_next(&time, ':', &second))
        return GB_E_SYNTAX;
    if (!gb_str_is(zone, "UTC") && !gb_str_is(zone, "GMT") && !gb_str_is(zone, "Z") &&
        !gb_str_is(zone, "+0000"))
        return GB_E_SYNTAX;
    if (!number(day, 1, 31, &d) || !month_of(month) || !number(year, 1970, 9999, &y) ||
        !number(hour, 0, 23, &h) || !number(minute, 0, 59, &m) || !number(second, 0, 60, &s))
        return GB_E_SYNTAX;
    *ret = days_of(y, month_of(month), d) * 86400 + h * 3600 + m * 60 + s;
    return GB_OK;
}

void gb_apt_release_parse(struct gb_apt_release *release, struct gb_str text)
{
    struct gb_deb822 reader = gb_deb822(text);
    gb_deb822_unwrap(&reader);
    if (!gb_deb822_stanza(&reader))
        return;
    for (struct gb_deb822_field field; gb_deb822_next(&reader, &field);) {
        int64_t time;
        if (gb_deb822_is(&field, "Origin"))
            release->origin = field.value;
        else if (gb_deb822_is(&field, "Label"))
            release->label = field.value;
        else if (gb_deb822_is(&field, "Suite"))
            release->suite = field.value;
        else if (gb_deb822_is(&field, "Codename"))
            release->codename = field.value;
        else if (gb_deb822_is(&field, "Version"))
            release->version = field.value;
        else if (gb_deb822_is(&field, "NotAutomatic"))
            release->not_automatic = gb_str_eq_nocase(field.value, GB_STR("yes"));
        else if (gb_deb822_is(&field, "ButAutomaticUpgrades"))
            release->but_automatic_upgrades = gb_str_eq_nocase(field.value, GB_STR("yes"));
        else if (gb_deb822_is(&field, "Date") && gb_apt_date_parse(field.value, &time) == GB_OK)
            release->date = time;
        else if (gb_deb822_is(&field, "Valid-Until") &&
                 gb_apt_date_parse(field.value, &time) == GB_OK)
            release->valid_until = time;
    }
}

bool gb_apt_release_is_security(const struct gb_apt_release *release)
{
    return gb_str_ends(release->suite, GB_STR("-security")) ||
           gb_str_ends(release->codename, GB_STR("-security")) ||
           gb_str_is(release->label, "Debian-Security");
}
