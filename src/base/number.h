// Decimal text to double and back, exact in both directions and independent of the locale. Used by
// JSON, YAML, expressions and outputs.
#ifndef GABION_BASE_NUMBER_H
#define GABION_BASE_NUMBER_H

#include "base/str.h"

enum {
    GB_NUMBER_LONGEST = 1024,    // characters of a number that is read
    GB_NUMBER_DOUBLE_SIZE = 32,  // bytes that any double needs as text, with the NUL
    GB_NUMBER_MOST_DIGITS = 100, // behind the point, of gb_number_double_digits
    GB_NUMBER_DIGITS_SIZE = 448, // bytes of its text, with the NUL
};

// [+-] digits [. digits] [e [+-] digits], the whole slice, with at least one digit before or behind
// the point; correctly rounded. Errors: GB_E_SYNTAX, GB_E_RANGE when it is too large for a double
// (too small gives the nearest, down to 0), GB_E_LIMIT beyond GB_NUMBER_LONGEST.
GB_MUST_USE int gb_number_double(struct gb_str text, double *ret);

// The fewest digits (15 to 17, fewer where the last are zeros) that read back as the same number:
// "0.1", "1e+300", "3" for 3.0; "inf", "-inf", "nan". Gives the length.
size_t gb_number_double_text(double number, char into[GB_NUMBER_DOUBLE_SIZE]);

// A finite double with so many digits behind the point (0 to GB_NUMBER_MOST_DIGITS): "2.718" or, in
// scientific notation, "2.718e+00". Correctly rounded, a tie to even. Gives the length.
size_t gb_number_double_digits(double number, bool scientific, unsigned digits,
                               char into[GB_NUMBER_DIGITS_SIZE]);

#endif
