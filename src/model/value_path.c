// Paths in values; used by the checks of facts and the readers of documents.
#include "model/value_path.h"

#include <stdio.h>

void gb_value_path_text(const struct gb_value_path *path, char *into, size_t size)
{
    const struct gb_value_path *way[GB_VALUE_DEEPEST + 1];
    size_t count = 0, len = 0;
    for (; path && count <= GB_VALUE_DEEPEST; path = path->outer)
        way[count++] = path;
    into[0] = 0;
    while (count-- && len < size) {
        int added = way[count]->field.at
                        ? snprintf(into + len, size - len, "%s" GB_PRI, len ? "." : "",
                                   GB_ARG(way[count]->field))
                        : snprintf(into + len, size - len, "[%zu]", way[count]->index);
        len += added > 0 ? (size_t)added : 0;
    }
}
