// The function tables of the expression language. One file of src/expr is one library: a table of
// overloads that ends in a descriptor, which the build finds by its definition:
//
//     static void char_at(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
//     {
//         ... a[0].string, a[1].integer ...
//         *ret = gb_string(piece);
//     }
//     static const struct gb_cel_overload overloads[] = {
//         {"charAt", "string, int -> string", char_at, GB_CEL_METHOD, "The character at an
//         index."},
//         {"math.abs", "int -> int", absolute, 0, "The value without its sign."},
//     };
//     const struct gb_cel_library gb_cel_library_strings = {
//         .name = "strings", .doc = "...", .overloads = overloads,
//         .count = sizeof overloads / sizeof *overloads,
//     };
//
// Signatures: parameter types, "->", result type. Types: bool int uint double string bytes
// timestamp duration null dyn type list(T) map(K, V) optional(T) type(T), a capital letter (a type
// parameter), or the name of an opaque type ("net.IP"). Of a method the first parameter is the
// receiver. Several rows of one name are its overloads; the first that fits the arguments is
// called.
//
// What a function may rely on: its arguments are of the kinds that its signature names (elements of
// lists and maps are not looked at: check them). Errors, unknown and not-applicable values never
// reach it. It does no I/O, keeps no state, allocates from run's arena only, takes time linear in
// its arguments (charge what is more than a few hundred steps), and sets *ret always. `ret` is
// never one of the arguments.
#ifndef GABION_EXPR_LIBRARY_H
#define GABION_EXPR_LIBRARY_H

#include "model/value.h"

struct gb_cel_run; // one evaluation

typedef void gb_cel_function(struct gb_cel_run *run, const struct gb_value *a,
                             struct gb_value *ret);

enum gb_cel_overload_flags {
    GB_CEL_METHOD = 1,   // called as receiver.name(...)
    GB_CEL_MACRO = 2,    // expanded by the parser; the row is documentation only
    GB_CEL_NO_FOLD = 4,  // not computed while compiling, even of constants (asks the environment)
    GB_CEL_LAZY = 8,     // evaluated by the engine itself (&&, ?:, ...): function is NULL
    GB_CEL_PATTERN = 16, // the second argument is a pattern: a constant one is compiled when loaded
};

struct gb_cel_overload {
    const char *name, *signature;
    gb_cel_function *function;
    unsigned flags;  // enum gb_cel_overload_flags
    const char *doc; // one sentence, plain words
};

// Opaque values: GB_VALUE_OPAQUE with one of these tags and a pointer to immutable data.
enum gb_cel_tag {
    GB_CEL_IP = 1,
    GB_CEL_CIDR,
    GB_CEL_SEMVER,
    GB_CEL_QUANTITY,
    GB_CEL_URL,
    GB_CEL_FORMAT,
    GB_CEL_TAGS, // count
};

struct gb_cel_opaque {
    uint16_t tag;     // enum gb_cel_tag
    const char *name; // in signatures and of type(): "net.IP"
    bool (*equal)(const void *a, const void *b);
};

struct gb_cel_library {
    const char *name, *doc;
    const struct gb_cel_overload *overloads;
    size_t count;
    const struct gb_cel_opaque *opaque; // the opaque types that it brings
    size_t opaque_count;
};

// All libraries of the tree, by name of their symbols; found by the build.
extern const struct gb_cel_library *const gb_cel_libraries[];
extern const size_t gb_cel_library_count;

static inline struct gb_value gb_cel_opaque_value(uint16_t tag, const void *data)
{
    return (struct gb_value){.kind = GB_VALUE_OPAQUE, .tag = tag, .pointer = data};
}

// Where the results of this evaluation live.
struct gb_arena *gb_cel_arena(struct gb_cel_run *run);

// Takes from the evaluation's cost limit; false when it is used up: return at once (what is in *ret
// does not matter then). One unit is about 10 ns of work or 8 bytes of result.
bool gb_cel_charge(struct gb_cel_run *run, uint64_t units);

// Sets *ret to an error. The reason is a plain clause: "index out of range: 7".
void gb_cel_fail(struct gb_cel_run *run, struct gb_value *ret, const char *format, ...)
    GB_PRINTF(3, 4);
// With a constant reason: costs nothing, for errors that && may absorb a million times.
static inline void gb_cel_error(struct gb_value *ret, struct gb_str reason)
{
    *ret = (struct gb_value){.kind = GB_VALUE_ERROR, .string = reason};
}
// For an allocation that gave NULL.
void gb_cel_fail_memory(struct gb_cel_run *run, struct gb_value *ret);
// "no such overload", when elements are of a kind that the function cannot take.
void gb_cel_fail_overload(struct gb_value *ret);

// A text that grows in the evaluation's arena and is charged as it grows. A failure is sticky:
// check once at the end.
//
//     struct gb_cel_text out = {.run = run};
//     gb_cel_text_add(&out, GB_STR("..."));
//     gb_cel_text_end(&out, ret);        // a string value, or the error
struct gb_cel_text {
    struct gb_cel_run *run;
    char *data;
    size_t len, capacity;
    bool failed;
};
void gb_cel_text_add(struct gb_cel_text *text, struct gb_str s);
void gb_cel_text_char(struct gb_cel_text *text, char c);
void gb_cel_text_print(struct gb_cel_text *text, const char *format, ...) GB_PRINTF(2, 3); // < 128
void gb_cel_text_end(struct gb_cel_text *text, struct gb_value *ret);

// Equality and order as == and < define them (numbers across kinds; NaN equals nothing). Order: -1,
// 0, 1, or 2 when the two cannot be ordered.
bool gb_cel_equal(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b);
int gb_cel_order(const struct gb_value *a, const struct gb_value *b);

// False for error, unknown and not applicable: what a function hands on as its own result when it
// meets one inside a list or map.
static inline bool gb_cel_is_value(const struct gb_value *value)
{
    return value->kind != GB_VALUE_ERROR && value->kind != GB_VALUE_UNKNOWN &&
           value->kind != GB_VALUE_NOT_APPLICABLE;
}

// The value's origin; of a list without one that of its first element that has one. Results take
// the first argument's origin by themselves; set it only where another is meant.
uint32_t gb_cel_origin(const struct gb_value *value);

// An optional with a value (copied) and without one.
void gb_cel_optional_of(struct gb_cel_run *run, const struct gb_value *value, struct gb_value *ret);
struct gb_value gb_cel_optional_none(void);

// The name that type() gives: "int", "list", "google.protobuf.Timestamp", "net.IP".
struct gb_str gb_cel_type_name(const struct gb_value *value);

// string(value) for what has one: numbers, bool, string, bytes, timestamp, duration. False if not.
bool gb_cel_text_of(struct gb_cel_run *run, const struct gb_value *value, struct gb_str *ret);

// Seconds east of UTC in a named zone at a moment (seconds since 1970), or GB_E_NOT_FOUND. The
// environment's; without one only "UTC" and offsets are known.
struct gb_cel_zones {
    int (*offset)(void *context, struct gb_str zone, int64_t moment, int32_t *ret);
    void *context;
};

#endif
