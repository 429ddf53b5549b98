// A Python version taken apart as PEP 440 says. Used by pep440.c for the order and by the
// specifiers of range_pep440.c.
#ifndef GABION_MODEL_VERSION_PEP440_H
#define GABION_MODEL_VERSION_PEP440_H

#include "base/str.h"

enum gb_pep440_pre { GB_PEP440_ALPHA, GB_PEP440_BETA, GB_PEP440_CANDIDATE, GB_PEP440_NO_PRE };

struct gb_pep440 {
    struct gb_str epoch, release; // release: "1.2.3"
    enum gb_pep440_pre pre;
    bool has_post, has_dev, has_local;
    struct gb_str pre_number, post_number, dev_number, local;
    struct gb_str public_text; // without the local version
};

// False where the text is no version of PEP 440.
bool gb_pep440_parse(struct gb_str text, struct gb_pep440 *ret);
int gb_pep440_compare_release(struct gb_str a, struct gb_str b); // missing numbers are 0
// Without the local versions.
int gb_pep440_compare_public(const struct gb_pep440 *a, const struct gb_pep440 *b);
int gb_pep440_compare(const struct gb_pep440 *a, const struct gb_pep440 *b);

#endif
