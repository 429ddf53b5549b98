// Tables of expected results: tab separated, first line a header, plain or packed with gzip. Shared
// by the conformance programs.
#ifndef GABION_CONFORMANCE_TABLE_H
#define GABION_CONFORMANCE_TABLE_H

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { TABLE_COLUMNS = 8 };

struct row {
    struct gb_str columns[TABLE_COLUMNS];
    size_t count, line;
};

struct tally {
    size_t passed, failed;
};

// The whole text, NULL at once with a message.
static char *table_read(const char *path, size_t *length)
{
    gzFile file = gzopen(path, "rb");
    size_t size = 1 << 20, used = 0;
    char *text = malloc(size);
    for (int got; file && text && (got = gzread(file, text + used, (unsigned)(size - used))) > 0;) {
        used += (size_t)got;
        if (used == size)
            text = realloc(text, size *= 2);
    }
    if (!file || !text || !gzeof(file) || gzclose(file) != Z_OK) {
        fprintf(stderr, "cannot read %s\n", path);
        return NULL;
    }
    *length = used;
    return text;
}

// Runs `test` for every row behind the header and prints the failures and, last, the counts. The
// exit code of the program.
static inline int table_run(int count, char **arguments, bool (*test)(const struct row *row))
{
    size_t length = 0;
    char *text = count == 2 ? table_read(arguments[1], &length) : NULL;
    struct tally tally = {0};
    if (!text)
        return 2;
    struct gb_str rest = {text, length}, line;
    for (size_t number = 1; gb_str_next(&rest, '\n', &line); number++) {
        struct row row = {.line = number};
        while (row.count < TABLE_COLUMNS && line.at) {
            ptrdiff_t tab = gb_str_find_char(line, '\t');
            row.columns[row.count++] = tab < 0 ? line : gb_str_sub(line, 0, (size_t)tab);
            line = tab < 0 ? (struct gb_str){0} : gb_str_from(line, (size_t)tab + 1);
        }
        if (number == 1)
            continue;
        if (test(&row)) {
            tally.passed++;
            continue;
        }
        tally.failed++;
        printf("line %zu:", number);
        for (size_t i = 0; i < row.count; i++)
            printf(" [" GB_PRI "]", GB_ARG(row.columns[i]));
        putchar('\n');
    }
    free(text);
    printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
    return tally.failed || !tally.passed;
}

#endif
