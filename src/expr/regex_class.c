// Sets of characters for regular expressions: ranges, named classes, and case folding.
// Used by the parser and the compiler of regular expressions.
#include "expr/regex_syntax.h"

#include "base/utf8.h"
#include "expr/unicode.h"

#include <stdlib.h>

void gb_regex_class_add(struct gb_regex_class *class, uint32_t low, uint32_t high)
{
    if (class->count && class->ranges[class->count - 1].low <= low &&
        low <= class->ranges[class->count - 1].high + 1) {
        struct gb_regex_range *last = &class->ranges[class->count - 1];
        last->high = last->high > high ? last->high : high;
        return;
    }
    if (class->count == class->capacity) {
        uint32_t capacity = class->capacity ? class->capacity * 2 : 4;
        struct gb_regex_range *ranges = gb_grow_array(class->arena, class->ranges, class->count,
                                                      capacity, sizeof *class->ranges);
        if (!ranges)
            return; // sticky in the arena
        class->ranges = ranges;
        class->capacity = capacity;
    }
    class->ranges[class->count++] = (struct gb_regex_range){low, high};
}

void gb_regex_class_add_class(struct gb_regex_class *class, const struct gb_regex_class *other)
{
    enum {
        JOIN_AFTER = 4096
    }; // so that a set that names a large class again and again stays small
    for (uint32_t i = 0; i < other->count; i++)
        gb_regex_class_add(class, other->ranges[i].low, other->ranges[i].high);
    if (class->count > JOIN_AFTER)
        gb_regex_class_finish(class);
}

static int compare_ranges(const void *a, const void *b)
{
    const struct gb_regex_range *left = a, *right = b;
    return left->low < right->low ? -1 : left->low > right->low;
}

void gb_regex_class_finish(struct gb_regex_class *class)
{
    if (class->count < 2)
        return;
    qsort(class->ranges, class->count, sizeof *class->ranges, compare_ranges);
    uint32_t kept = 0;
    for (uint32_t i = 1; i < class->count; i++) {
        struct gb_regex_range range = class->ranges[i], *last = &class->ranges[kept];
        if (range.low > last->high + 1)
            class->ranges[++kept] = range;
        else if (range.high > last->high)
            last->high = range.high;
    }
    class->count = kept + 1;
}

// Adds what the characters from low to high that the fold covers are equal to.
static void add_fold(struct gb_regex_class *class, const struct gb_unicode_fold *fold, uint32_t low,
                     uint32_t high)
{
    uint32_t first = low > fold->low ? low : fold->low;
    uint32_t last = high < fold->high ? high : fold->high;
    first += (fold->stride - (first - fold->low) % fold->stride) % fold->stride;
    if (first > last)
        return;
    if (fold->stride == 1) {
        gb_regex_class_add(class, first + (uint32_t)fold->delta, last + (uint32_t)fold->delta);
        return;
    }
    for (; first <= last; first += fold->stride)
        gb_regex_class_add(class, first + (uint32_t)fold->delta, first + (uint32_t)fold->delta);
}

void gb_regex_class_fold(struct gb_regex_class *class)
{
    gb_regex_class_finish(class);
    uint32_t count = class->count;
    for (size_t i = 0; i < gb_unicode_fold_count; i++) {
        const struct gb_unicode_fold *fold = &gb_unicode_folds[i];
        uint32_t first = 0, beyond = count; // the first range that does not end before the fold
        while (first < beyond) {
            uint32_t middle = first + (beyond - first) / 2;
            if (class->ranges[middle].high < fold->low)
                first = middle + 1;
            else
                beyond = middle;
        }
        for (; first < count && class->ranges[first].low <= fold->high; first++)
            add_fold(class, fold, class->ranges[first].low, class->ranges[first].high);
    }
    gb_regex_class_finish(class);
}

void gb_regex_class_negate(struct gb_regex_class *class)
{
    gb_regex_class_finish(class);
    struct gb_regex_class positive = *class;
    class->ranges = NULL;
    class->count = class->capacity = 0;
    uint32_t next = 0;
    for (uint32_t i = 0; i < positive.count; i++) {
        if (positive.ranges[i].low > next)
            gb_regex_class_add(class, next, positive.ranges[i].low - 1);
        next = positive.ranges[i].high + 1;
    }
    if (next <= GB_UTF8_LARGEST)
        gb_regex_class_add(class, next, GB_UTF8_LARGEST);
}

bool gb_regex_class_has(const struct gb_regex_class *class, uint32_t character)
{
    for (uint32_t i = 0; i < class->count; i++)
        if (class->ranges[i].low <= character && character <= class->ranges[i].high)
            return true;
    return false;
}

// Named ASCII classes, as pairs of first and last character.
static const struct {
    const char *name, *pairs;
} posix_classes[] = {
    {"alnum", "09AZaz"},  {"alpha", "AZaz"},     {"ascii", NULL},     {"blank", "\t\t  "},
    {"cntrl", NULL},      {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},
    {"print", " ~"},      {"punct", "!/:@[`{~"}, {"space", "\t\r  "}, {"upper", "AZ"},
    {"word", "09AZ__az"}, {"xdigit", "09AFaf"},
};

static void add_pairs(struct gb_regex_class *class, const char *pairs)
{
    for (; *pairs; pairs += 2)
        gb_regex_class_add(class, (unsigned char)pairs[0], (unsigned char)pairs[1]);
}

bool gb_regex_class_add_posix(struct gb_regex_class *class, struct gb_str name)
{
    for (size_t i = 0; i < sizeof posix_classes / sizeof posix_classes[0]; i++) {
        if (!gb_str_is(name, posix_classes[i].name))
            continue;
        if (posix_classes[i].pairs) {
            add_pairs(class, posix_classes[i].pairs);
        } else if (name.at[0] == 'a') {
            gb_regex_class_add(class, 0, 0x7f);
        } else { // cntrl
            gb_regex_class_add(class, 0, 0x1f);
            gb_regex_class_add(class, 0x7f, 0x7f);
        }
        return true;
    }
    return false;
}

bool gb_regex_class_add_perl(struct gb_regex_class *class, char letter)
{
    switch (letter) {
    case 'd':
    case 'D':
        add_pairs(class, "09");
        return true;
    case 's':
    case 'S':
        add_pairs(class, "\t\n\f\r  "); // no \v, unlike [[:space:]]
        return true;
    case 'w':
    case 'W':
        add_pairs(class, "09AZ__az");
        return true;
    default:
        return false;
    }
}

static uint32_t read_packed(const unsigned char **at)
{
    uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        unsigned char byte = *(*at)++;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

bool gb_regex_class_add_unicode(struct gb_regex_class *class, struct gb_str name)
{
    if (gb_str_is(name, "Any")) {
        gb_regex_class_add(class, 0, GB_UTF8_LARGEST);
        return true;
    }
    for (size_t i = 0; i < gb_unicode_set_count; i++) {
        const struct gb_unicode_set *set = &gb_unicode_sets[i];
        if (!gb_str_is(name, set->name))
            continue;
        const unsigned char *at = gb_unicode_packed + set->offset;
        uint32_t end = 0;
        for (uint32_t range = 0; range < set->count; range++) {
            uint32_t low = end + read_packed(&at);
            end = low + read_packed(&at);
            gb_regex_class_add(class, low, end);
        }
        return true;
    }
    return false;
}
