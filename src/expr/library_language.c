// Operators and macros, for the reference: the engine evaluates them itself.
#include "expr/library.h"

static const struct gb_cel_overload overloads[] = {
    {"&&", "bool, bool -> bool", NULL, GB_CEL_LAZY,
     "Both. False on one side decides, whatever the other side is, an error too."},
    {"||", "bool, bool -> bool", NULL, GB_CEL_LAZY,
     "One of both. True on one side decides, whatever the other side is, an error too."},
    {"!", "bool -> bool", NULL, GB_CEL_LAZY, "Not."},
    {"?:", "bool, A, A -> A", NULL, GB_CEL_LAZY,
     "condition ? yes : no; only the branch that is taken is evaluated."},
    {"==", "A, A -> bool", NULL, GB_CEL_LAZY,
     "Equal; lists and maps by content, numbers across int, uint and double where one is dyn."},
    {"!=", "A, A -> bool", NULL, GB_CEL_LAZY, "Not equal."},
    {"<", "A, A -> bool", NULL, GB_CEL_LAZY,
     "Less; also <= > >=. Numbers, strings, bytes, bools, timestamps, durations."},
    {"in", "A, list(A) -> bool", NULL, GB_CEL_LAZY, "Whether a list has the element."},
    {"in", "A, map(A, B) -> bool", NULL, GB_CEL_LAZY, "Whether a map has the key."},
    {"+", "A, A -> A", NULL, GB_CEL_LAZY,
     "Sum of numbers, durations, timestamp and duration; strings, bytes or lists joined."},
    {"-", "A, A -> A", NULL, GB_CEL_LAZY,
     "Difference of numbers and durations; timestamp - timestamp is a duration."},
    {"*", "A, A -> A", NULL, GB_CEL_LAZY, "Product; also / and % (remainder, of int and uint)."},
    {"[]", "list(A), int -> A", NULL, GB_CEL_LAZY, "The element at a position from 0."},
    {"[]", "map(A, B), A -> B", NULL, GB_CEL_LAZY, "The value of a key; an error without it."},
    {"[?]", "list(A), int -> optional(A)", NULL, GB_CEL_LAZY,
     "The element, or no value: list[?0], map[?'key']."},
    {".?", "map(string, A) -> optional(A)", NULL, GB_CEL_LAZY,
     "The field, or no value: user.?shell.orValue('')."},
    {"has", "field -> bool", NULL, GB_CEL_MACRO, "has(x.f): whether x has the field f."},
    {"all", "list(A), x, condition -> bool", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "all(x, condition): whether the condition holds for every element (key of a map); with two "
     "variables all(i, x, ...): index and element, or key and value."},
    {"exists", "list(A), x, condition -> bool", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "exists(x, condition): whether it holds for at least one; also with two variables."},
    {"existsOne", "list(A), x, condition -> bool", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "existsOne(x, condition): whether it holds for exactly one; also exists_one, and with two "
     "variables."},
    {"filter", "list(A), x, condition -> list(A)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "filter(x, condition): the elements (keys of a map) for which it holds."},
    {"map", "list(A), x, expression -> list(B)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "map(x, expression), map(x, condition, expression): what the expression makes of each."},
    {"sortBy", "list(A), x, key -> list(A)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "sortBy(x, key): in ascending order of what the key expression gives."},
    {"transformList", "list(A), i, x, expression -> list(B)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "transformList(i, x, expression), with a condition before it if need be: map with index or "
     "key."},
    {"transformMap", "map(A, B), k, v, expression -> map(A, C)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "transformMap(k, v, expression), with a condition before it if need be: the same keys with "
     "new values."},
    {"transformMapEntry", "map(A, B), k, v, expression -> map(C, D)", NULL,
     GB_CEL_METHOD | GB_CEL_MACRO,
     "transformMapEntry(k, v, {key: value}): a map of the entries that the expression makes."},
    {"cel.bind", "x, value, expression -> A", NULL, GB_CEL_MACRO,
     "cel.bind(x, value, expression): the expression with x for the value."},
};

const struct gb_cel_library gb_cel_library_language = {
    .name = "language",
    .doc = "Operators and macros",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
