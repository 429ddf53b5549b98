// SSVC decision points as a table: cve, exploitation, automatable, technical_impact, timestamp,
// cvss31, separated by tabs.
#include "source/feed/ssvc.h"
#include "source/feed/csv.h"
#include "source/feed/draft.h"

static bool word_is(struct gb_str word, const char *other)
{
    return gb_str_eq_nocase(gb_str_trim(word), gb_str_of(other));
}

bool gb_ssvc_exploitation(struct gb_str word, struct gb_exploit_facts *facts)
{
    static const char *const words[] = {"none", "poc", "active"};
    for (uint8_t i = 0; i < 3; i++)
        if (word_is(word, words[i])) {
            facts->ssvc_exploitation = i;
            return true;
        }
    return false;
}

bool gb_ssvc_automatable(struct gb_str word, struct gb_exploit_facts *facts)
{
    facts->ssvc_automatable = word_is(word, "yes");
    return facts->ssvc_automatable || word_is(word, "no");
}

bool gb_ssvc_impact(struct gb_str word, struct gb_exploit_facts *facts)
{
    facts->ssvc_total = word_is(word, "total");
    return facts->ssvc_total || word_is(word, "partial");
}

static bool recognise(const struct gb_feed_head *head)
{
    return gb_feed_head_starts(head, "cve\texploitation\tautomatable\ttechnical_impact");
}

static int take(struct gb_feed_member *m, const struct gb_csv_row *row, struct gb_error *err)
{
    struct gb_exploit_facts facts = {
        .cve = gb_csv_cell(row, "cve"), .has_ssvc = true, .cvss = gb_csv_cell(row, "cvss31")};
    if (!row->columns)
        return GB_OK;
    if (!gb_feed_is_cve(facts.cve) ||
        !gb_ssvc_exploitation(gb_csv_cell(row, "exploitation"), &facts) ||
        !gb_ssvc_automatable(gb_csv_cell(row, "automatable"), &facts) ||
        !gb_ssvc_impact(gb_csv_cell(row, "technical_impact"), &facts)) {
        gb_feed_leave_out(m, row->line, "expected a CVE id and three decision points");
        return GB_OK;
    }
    return gb_feed_give_exploit(m, &facts, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    return gb_csv_read(m, '\t', take, err);
}

const struct gb_feed_format gb_feed_format_ssvc = {
    .name = "ssvc",
    .title = "SSVC decision points (TSV)",
    .recognise = recognise,
    .import = import,
};
