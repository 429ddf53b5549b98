// Unicode properties that regular expressions need: general categories, scripts, and simple case
// folding. The tables are written at build time by scripts/make-unicode-tables from the Unicode
// Character Database (UnicodeData.txt, Scripts.txt, CaseFolding.txt).
#ifndef GABION_EXPR_UNICODE_H
#define GABION_EXPR_UNICODE_H

#include <stddef.h>
#include <stdint.h>

// A category ("Lu", "L") or script ("Greek"), sorted by name. Its ranges stand in gb_unicode_packed
// from `offset` on: for each of `count` ranges two numbers in LEB128, the distance of its first
// character from the last one of the range before (from 0 at first), and its length less one.
struct gb_unicode_set {
    const char *name;
    uint32_t offset, count;
};
extern const struct gb_unicode_set gb_unicode_sets[];
extern const size_t gb_unicode_set_count;
extern const unsigned char gb_unicode_packed[];

// Each character low, low + stride, ... high equals itself plus `delta` but for case. Every ordered
// pair is listed, so one step reaches all equals of a character. Sorted by `low`.
struct gb_unicode_fold {
    uint32_t low, high, stride;
    int32_t delta;
};
extern const struct gb_unicode_fold gb_unicode_folds[];
extern const size_t gb_unicode_fold_count;

#endif
