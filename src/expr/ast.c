// Places and names for error messages about the syntax tree; used by parser, checker and compiler.
#include "expr/ast.h"

#include <stdio.h>

const char *gb_ast_operator_text(uint8_t op)
{
    static const char *const texts[GB_OP_COUNT] = {
        "&&", "||", "?:", "!", "-", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in",
    };
    return op < GB_OP_COUNT ? texts[op] : "?";
}

int gb_ast_error(const struct gb_ast_source *source, struct gb_error *err, int code,
                 uint32_t offset, const char *format, ...)
{
    char reason[480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    const struct gb_cel_options *options = source->options;
    uint32_t line = options->line ? options->line : 1, column = 1 + options->column;
    for (size_t i = 0; i < offset && i < source->text.len; i++) {
        column++;
        if (source->text.at[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return gb_error_at(err, code, options->file ? options->file : "<expression>", line, column,
                       "%s", reason);
}
