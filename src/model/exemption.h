// Exemptions: findings knowingly accepted. Reason, owner and expiry are mandatory; an expired or
// malformed one hides nothing. Times are UTC.
//
//     exemptions:
//       - id: EX-1                       # optional: a name to remove it by; unique in the file
//         control: GBN-SSH-002           # or a pattern: GBN-SSH-*
//         match: {subject: "sshd", host: "web-*"}   # optional patterns; all given must fit
//         reason: the bastion needs it until the move
//         owner: anna@example.org
//         expires: 2027-01-31            # a date (end of that day, UTC) or RFC 3339; at most 1
//         year approved_by: li@example.org    # optional ticket: OPS-12                 # optional
#ifndef GABION_MODEL_EXEMPTION_H
#define GABION_MODEL_EXEMPTION_H

#include "base/node.h"
#include "model/finding.h"

struct gb_exemption {
    struct gb_str id, control, subject, host, reason, owner, approved_by, ticket;
    int64_t expires_at; // first second in which it is no longer in force
    struct gb_str file;
    uint32_t line;
    size_t used; // findings that it covered in this run
    bool expired;
};

struct gb_exemptions {
    struct gb_exemption *items;
    size_t count;
};

// Reads a document. A malformed entry is reported in `problems` (texts in the arena) and left out;
// the others count; it is malformed too when it covers every control, or lasts for more than a year
// from `now`. `now` also tells the expired ones, which are kept, so that they can be reported.
// Error for a document that is none of exemptions. `document` and `file` must outlive the result.
GB_MUST_USE int gb_exemptions_read(const struct gb_node *document, struct gb_str file, int64_t now,
                                   struct gb_arena *arena, struct gb_exemptions *ret,
                                   struct gb_str **problems, size_t *problem_count,
                                   struct gb_error *err);

// The exemption in force for a finding, which counts in its `used`, or NULL. Of several the first.
struct gb_exemption *gb_exemptions_match(struct gb_exemptions *all, struct gb_str control_id,
                                         struct gb_str subject_id, struct gb_str host);

#endif
