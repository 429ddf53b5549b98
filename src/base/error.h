// What went wrong, where, and what to do about it. Every function that can fail returns one of the
// codes below (0 is success) and fills the caller's struct gb_error; on success it is untouched.
//
// An expected outcome (a file that is absent, a fact that cannot be known) is a value of the model,
// not an error. Nothing outside app/ ends the process.
//
//     struct gb_error err = {0};
//     if (gb_host_read(host, "/etc/passwd", limit, arena, &text, &err) < 0)
//         return gb_error_wrap(&err, "reading the user data base");
#ifndef GABION_BASE_ERROR_H
#define GABION_BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>

#define GB_MUST_USE      __attribute__((warn_unused_result))
#define GB_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define GB_CLEANUP(func) __attribute__((cleanup(func)))

// The closed list of codes. Negative, so that counts can be returned beside them.
enum gb_code {
    GB_OK = 0,
    GB_E_MEMORY = -1,      // out of memory, or an arena's limit
    GB_E_IO = -2,          // the operating system refused or failed
    GB_E_NOT_FOUND = -3,   // the thing asked for does not exist
    GB_E_DENIED = -4,      // no permission
    GB_E_SYNTAX = -5,      // malformed input: line and column say where
    GB_E_TYPE = -6,        // well-formed, but of the wrong type or with an unknown name
    GB_E_RANGE = -7,       // a number or index outside its bounds
    GB_E_LIMIT = -8,       // larger, deeper or longer than allowed
    GB_E_UNSUPPORTED = -9, // not possible here (no live kernel, not this kind of file)
    GB_E_CONFLICT = -10,   // exists already, or changed meanwhile
    GB_E_USAGE = -11,      // the caller's arguments
    GB_E_INTERNAL = -12,   // a bug in this program
};

struct gb_error {
    int code;
    uint32_t line, column; // 1-based; 0 where unknown
    char subject[256];     // file, command or field that it is about; "" where unknown
    char reason[512];      // plain sentence without a full stop
};

// Fills `err` (may be NULL) and returns `code`, so that `return gb_error_set(...)` reads well.
int gb_error_set(struct gb_error *err, int code, const char *format, ...) GB_PRINTF(3, 4);

// As gb_error_set, with the place. Subject and reason may quote anything: control characters and
// the like become '?'.
int gb_error_at(struct gb_error *err, int code, const char *subject, uint32_t line, uint32_t column,
                const char *format, ...) GB_PRINTF(6, 7);

// Puts "context: " before the reason and returns the code.
int gb_error_wrap(struct gb_error *err, const char *format, ...) GB_PRINTF(2, 3);

// Sets the subject if there is none yet and returns the code.
int gb_error_subject(struct gb_error *err, const char *subject);

// From errno: ENOENT, EACCES, ELOOP and so on become the matching code.
int gb_error_errno(struct gb_error *err, int errno_value, const char *format, ...) GB_PRINTF(3, 4);

// "subject:line:column: reason", as much of it as is known. `size` bytes at most, with the NUL.
void gb_error_text(const struct gb_error *err, char *into, unsigned long size);

// A short word for a code: "not found".
const char *gb_code_name(int code);

#endif
