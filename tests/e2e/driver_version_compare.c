// Compares versions: lines "SCHEME<tab>A<tab>B" on standard input, "<", "=" or ">" a line on
// standard output. The other side of the differential test (test_versions_differential.py).
#include "model/version/version.h"

#include <stdio.h>

int main(void)
{
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        struct gb_str rest = gb_str_of(line), word, a, b;
        enum gb_version_scheme scheme;
        if (rest.len && rest.at[rest.len - 1] == '\n')
            rest.len--;
        ptrdiff_t tab = gb_str_find_char(rest, '\t');
        word = gb_str_sub(rest, 0, tab < 0 ? 0 : (size_t)tab);
        rest = gb_str_from(rest, (size_t)(tab + 1));
        tab = gb_str_find_char(rest, '\t');
        if (tab < 0 || gb_version_scheme_parse(word, &scheme) < 0)
            return 2;
        a = gb_str_sub(rest, 0, (size_t)tab);
        b = gb_str_from(rest, (size_t)tab + 1);
        int order = gb_version_compare(scheme, a, b);
        puts(order < 0 ? "<" : order > 0 ? ">" : "=");
    }
    return 0;
}
