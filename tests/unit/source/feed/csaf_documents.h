// CSAF documents for tests, in the shape of Red Hat's and SUSE's: files beside this one.
#ifndef GABION_TESTS_CSAF_DOCUMENTS_H
#define GABION_TESTS_CSAF_DOCUMENTS_H

#include <stdio.h>
#include <stdlib.h>

#define CSAF_RELATION(what, of)                                                                    \
    "{\"category\": \"default_component_of\", \"product_reference\": \"" what                      \
    "\", \"relates_to_product_reference\": \"" of                                                  \
    "\", \"full_product_name\": {\"name\": \"x\", \"product_id\": \"" of ":" what "\"}}"

// "csaf_red_hat.json"; valid until the next call.
static inline const char *csaf_document(const char *name)
{
    static char text[64 << 10];
    char path[1024];
    const char *tree = getenv("GABION_TREE");
    snprintf(path, sizeof path, "%s/tests/unit/source/feed/%s", tree ? tree : ".", name);
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[len] = 0;
    return text;
}

#endif
