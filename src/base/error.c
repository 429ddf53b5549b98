// Error values; used by every module.
#include "base/error.h"

#include "base/printable.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Reasons quote what was found in files of strangers: whatever a terminal would act on, and bytes
// that are no text (also the half of a character that did not fit), become '?'.
static void clean(char *text)
{
    struct gb_str rest = gb_str_of(text);
    char *into = text;
    while (rest.len) {
        uint32_t code;
        size_t len = gb_utf8_decode(rest, &code);
        if (!len || gb_is_hidden(code)) {
            *into++ = '?';
        } else {
            memmove(into, rest.at, len);
            into += len;
        }
        rest = gb_str_from(rest, len ? len : 1);
    }
    *into = 0;
}

int gb_error_set(struct gb_error *err, int code, const char *format, ...)
{
    if (!err)
        return code;
    *err = (struct gb_error){.code = code};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->reason, sizeof err->reason, format, arguments);
    va_end(arguments);
    clean(err->reason);
    return code;
}

int gb_error_at(struct gb_error *err, int code, const char *subject, uint32_t line, uint32_t column,
                const char *format, ...)
{
    if (!err)
        return code;
    *err = (struct gb_error){.code = code, .line = line, .column = column};
    snprintf(err->subject, sizeof err->subject, "%s", subject ? subject : "");
    clean(err->subject);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->reason, sizeof err->reason, format, arguments);
    va_end(arguments);
    clean(err->reason);
    return code;
}

int gb_error_wrap(struct gb_error *err, const char *format, ...)
{
    if (!err)
        return GB_E_INTERNAL;
    char reason[sizeof err->reason];
    memcpy(reason, err->reason, sizeof reason);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(err->reason, sizeof err->reason, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = 0;
    if ((size_t)length < sizeof err->reason)
        snprintf(err->reason + length, sizeof err->reason - (size_t)length, ": %s", reason);
    clean(err->reason);
    return err->code;
}

int gb_error_subject(struct gb_error *err, const char *subject)
{
    if (!err)
        return GB_E_INTERNAL;
    if (!err->subject[0]) {
        snprintf(err->subject, sizeof err->subject, "%s", subject);
        clean(err->subject);
    }
    return err->code;
}

static int code_of_errno(int value)
{
    switch (value) {
    case ENOMEM:
        return GB_E_MEMORY;
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
        return GB_E_NOT_FOUND;
    case EACCES:
    case EPERM:
        return GB_E_DENIED;
    case EEXIST:
    case EBUSY:
        return GB_E_CONFLICT;
    case ENOSYS:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
        return GB_E_UNSUPPORTED;
    case ENAMETOOLONG:
    case ELOOP:
    case EFBIG:
    case EMFILE:
        return GB_E_LIMIT;
    default:
        return GB_E_IO;
    }
}

int gb_error_errno(struct gb_error *err, int errno_value, const char *format, ...)
{
    int code = code_of_errno(errno_value);
    if (!err)
        return code;
    char context[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    return gb_error_set(err, code, "%s: %s", context, strerror(errno_value));
}

void gb_error_text(const struct gb_error *err, char *into, unsigned long size)
{
    const char *reason = err->reason[0] ? err->reason : gb_code_name(err->code);
    if (!err->subject[0])
        snprintf(into, size, "%s", reason);
    else if (!err->line)
        snprintf(into, size, "%s: %s", err->subject, reason);
    else if (!err->column)
        snprintf(into, size, "%s:%u: %s", err->subject, err->line, reason);
    else
        snprintf(into, size, "%s:%u:%u: %s", err->subject, err->line, err->column, reason);
}

const char *gb_code_name(int code)
{
    static const char *const names[] = {
        "ok",           "out of memory", "input/output error", "not found",  "permission denied",
        "syntax error", "type error",    "out of range",       "over limit", "not supported here",
        "conflict",     "usage error",   "internal error",
    };
    if (code > 0 || code < GB_E_INTERNAL)
        return "unknown error";
    return names[-code];
}
