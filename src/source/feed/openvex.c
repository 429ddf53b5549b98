// OpenVEX documents among feeds: they are about products of somebody, so they are given to a scan,
// not imported. This says so instead of "no known format".
#include "source/feed/format.h"

static bool recognise(const struct gb_feed_head *head)
{
    return head->json == '{' && gb_feed_head_has(head, "@context") &&
           gb_str_contains(head->bytes, GB_STR("openvex.dev/ns"));
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    (void)m;
    return gb_error_set(err, GB_E_UNSUPPORTED,
                        "an OpenVEX document is given to a scan (--vex FILE), not imported");
}

const struct gb_feed_format gb_feed_format_openvex = {
    .name = "openvex",
    .title = "OpenVEX documents (for scan --vex; not imported)",
    .recognise = recognise,
    .import = import,
};
