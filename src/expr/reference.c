// The function tables as text, for `gabion help expressions` and the reference manual.
#include "base/buffer.h"
#include "expr/cel.h"
#include "expr/library.h"

#include <stdio.h>

// "string, int -> string" of charAt as "string.charAt(int) -> string".
static void write_form(const struct gb_cel_overload *row, char *into, size_t size)
{
    struct gb_str signature = gb_str_of(row->signature);
    ptrdiff_t arrow = gb_str_find(signature, GB_STR("->"));
    struct gb_str parameters = gb_str_trim(gb_str_sub(signature, 0, (size_t)arrow));
    struct gb_str result = gb_str_trim(gb_str_from(signature, (size_t)arrow + 2));
    if (!(row->flags & GB_CEL_METHOD)) {
        snprintf(into, size, "%s(" GB_PRI ") -> " GB_PRI, row->name, GB_ARG(parameters),
                 GB_ARG(result));
        return;
    }
    size_t cut = 0;
    for (int depth = 0; cut < parameters.len; cut++) {
        char c = parameters.at[cut];
        depth += (c == '(') - (c == ')');
        if (c == ',' && depth == 0)
            break;
    }
    struct gb_str rest = gb_str_trim(gb_str_from(parameters, cut + 1));
    struct gb_str receiver = gb_str_sub(parameters, 0, cut);
    snprintf(into, size, GB_PRI ".%s(" GB_PRI ") -> " GB_PRI, GB_ARG(receiver), row->name,
             GB_ARG(rest), GB_ARG(result));
}

static void write_operator(const struct gb_cel_overload *row, char *into, size_t size)
{
    snprintf(into, size, "%s   %s", row->name, row->signature);
}

// The language itself comes first, then the libraries by name.
static const struct gb_cel_library *library_at(size_t index)
{
    for (size_t i = 0; i < gb_cel_library_count; i++) {
        bool language = strcmp(gb_cel_libraries[i]->name, "language") == 0;
        if (index == 0 && language)
            return gb_cel_libraries[i];
        if (index > 0 && !language && --index == 0)
            return gb_cel_libraries[i];
    }
    return NULL;
}

bool gb_cel_function_at(size_t index, struct gb_cel_function *ret)
{
    for (size_t i = 0; i < gb_cel_library_count; i++) {
        const struct gb_cel_library *library = library_at(i);
        if (!library || index >= library->count) {
            index -= library ? library->count : 0;
            continue;
        }
        const struct gb_cel_overload *row = &library->overloads[index];
        *ret = (struct gb_cel_function){.library = library->name,
                                        .library_doc = library->doc,
                                        .name = row->name,
                                        .doc = row->doc};
        if (row->flags & GB_CEL_LAZY)
            write_operator(row, ret->form, sizeof ret->form);
        else
            write_form(row, ret->form, sizeof ret->form);
        return true;
    }
    return false;
}

// Words broken into lines of at most 76 columns behind six spaces.
static void write_wrapped(struct gb_buffer *out, struct gb_str text)
{
    size_t column = 0;
    struct gb_str word;
    while (gb_str_next(&text, ' ', &word)) {
        if (!column || column + 1 + word.len > 76) {
            gb_buffer_text(out, column ? "\n      " : "      ");
            column = 6;
        } else {
            gb_buffer_char(out, ' ');
            column++;
        }
        gb_buffer_add(out, word);
        column += word.len;
    }
    gb_buffer_char(out, '\n');
}

static void write_plain(struct gb_buffer *out, const struct gb_cel_function *function,
                        bool same_as_next)
{
    gb_buffer_print(out, "  %s\n", function->form);
    if (!same_as_next)
        write_wrapped(out, gb_str_of(function->doc));
}

// A row of a table; forms that share a description share the row.
static void write_row(struct gb_buffer *out, const struct gb_cel_function *function, bool first,
                      bool last)
{
    gb_buffer_text(out, first ? "| `" : "<br>`");
    for (const char *c = function->form; *c; c++)
        gb_buffer_text(out, *c == '|' ? "\\|" : (char[]){*c, 0});
    gb_buffer_char(out, '`');
    if (!last)
        return;
    gb_buffer_text(out, " | ");
    for (const char *c = function->doc; *c; c++)
        gb_buffer_text(out, *c == '|' ? "\\|" : *c == '<' ? "&lt;" : (char[]){*c, 0});
    gb_buffer_text(out, " |\n");
}

void gb_cel_reference(struct gb_buffer *out, bool markdown)
{
    struct gb_cel_function function, next;
    const char *library = "";
    bool first = true;
    bool more = gb_cel_function_at(0, &function);
    for (size_t i = 1; more; i++) {
        more = gb_cel_function_at(i, &next);
        if (strcmp(library, function.library) != 0) {
            gb_buffer_print(out, markdown ? "%s## %s\n\n| form | |\n|---|---|\n" : "%s%s\n",
                            i > 1 ? "\n" : "", function.library_doc);
            first = true;
        }
        library = function.library;
        bool last = !more || strcmp(function.doc, next.doc) != 0 ||
                    strcmp(function.library, next.library) != 0;
        if (markdown)
            write_row(out, &function, first, last);
        else
            write_plain(out, &function, !last);
        first = last;
        function = next;
    }
}
