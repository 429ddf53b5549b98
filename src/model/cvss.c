// Reads CVSS vectors: which version, which metrics; cvss2_3.c and cvss4.c calculate.
#include "model/cvss_metrics.h"

static size_t find_metric(const struct gb_cvss_table *table, struct gb_str name)
{
    size_t i = 0;
    while (i < table->count && !gb_str_is(name, table->metrics[i].name))
        i++;
    return i;
}

char gb_cvss_letter(const struct gb_cvss_metrics *metrics, const char *name)
{
    size_t i = find_metric(metrics->table, gb_str_of(name));
    if (i == metrics->table->count || metrics->chosen[i] < 0)
        return 'X';
    const char *text = metrics->table->metrics[i].values[metrics->chosen[i]].text;
    return strcmp(text, "ND") == 0 ? 'X' : text[0];
}

double gb_cvss_weight(const struct gb_cvss_metrics *metrics, const char *name)
{
    size_t i = find_metric(metrics->table, gb_str_of(name));
    if (i == metrics->table->count || metrics->chosen[i] < 0)
        return 1;
    return metrics->table->metrics[i].values[metrics->chosen[i]].weight;
}

static int malformed(struct gb_error *err, struct gb_str vector, const char *what,
                     struct gb_str part)
{
    struct gb_str shown = gb_str_sub(vector, 0, 200), detail = gb_str_sub(part, 0, 60);
    return gb_error_set(err, GB_E_SYNTAX, "CVSS vector \"" GB_PRI "\": %s \"" GB_PRI "\"",
                        GB_ARG(shown), what, GB_ARG(detail));
}

static int take_metric(struct gb_str vector, struct gb_str piece, struct gb_cvss_metrics *metrics,
                       struct gb_error *err)
{
    ptrdiff_t colon = gb_str_find_char(piece, ':');
    struct gb_str name = colon < 0 ? piece : gb_str_sub(piece, 0, (size_t)colon);
    struct gb_str value = colon < 0 ? (struct gb_str){0} : gb_str_from(piece, (size_t)colon + 1);
    size_t i = find_metric(metrics->table, name);
    if (i == metrics->table->count)
        return malformed(err, vector, "unknown metric", name);
    if (metrics->chosen[i] >= 0)
        return malformed(err, vector, "repeated metric", name);
    const struct gb_cvss_metric *metric = &metrics->table->metrics[i];
    for (int v = 0; v < GB_CVSS_MOST_VALUES && metric->values[v].text[0]; v++)
        if (gb_str_is(value, metric->values[v].text))
            metrics->chosen[i] = v;
    return metrics->chosen[i] < 0 ? malformed(err, vector, "unknown value", piece) : 0;
}

static int take_metrics(struct gb_str vector, struct gb_str rest, struct gb_cvss_metrics *metrics,
                        struct gb_error *err)
{
    struct gb_str piece;
    for (size_t i = 0; i < GB_CVSS_MOST_METRICS; i++)
        metrics->chosen[i] = -1;
    if (gb_str_ends(rest, GB_STR("/")))
        return malformed(err, vector, "nothing behind", GB_STR("/"));
    while (gb_str_next(&rest, '/', &piece)) {
        int code = take_metric(vector, piece, metrics, err);
        if (code < 0)
            return code;
    }
    for (size_t i = 0; i < metrics->table->count; i++)
        if (metrics->table->metrics[i].mandatory && metrics->chosen[i] < 0)
            return malformed(err, vector, "it lacks the metric",
                             gb_str_of(metrics->table->metrics[i].name));
    return 0;
}

static const struct {
    struct gb_str prefix;
    enum gb_cvss_version version;
    const struct gb_cvss_table *table;
} versions[] = {
    {GB_STR_INIT("CVSS:3.0/"), GB_CVSS_3_0, &gb_cvss_table_3},
    {GB_STR_INIT("CVSS:3.1/"), GB_CVSS_3_1, &gb_cvss_table_3},
    {GB_STR_INIT("CVSS:4.0/"), GB_CVSS_4_0, &gb_cvss_table_4},
    {GB_STR_INIT(""), GB_CVSS_2, &gb_cvss_table_2},
};

static char level_of_2(char letter)
{
    return letter == 'P' ? 'L' : letter == 'C' ? 'H' : letter;
}

static void say_facts(const struct gb_cvss_metrics *metrics, struct gb_cvss *into)
{
    bool two = into->version == GB_CVSS_2, four = into->version == GB_CVSS_4_0;
    into->attack_vector = gb_cvss_letter(metrics, "AV");
    into->complexity = gb_cvss_letter(metrics, "AC");
    into->requirements = gb_cvss_letter(metrics, "AT") == 'P';
    into->interaction = gb_cvss_letter(metrics, "UI");
    into->maturity = gb_cvss_letter(metrics, "E");
    into->automatable = gb_cvss_letter(metrics, "AU");
    char authentication = gb_cvss_letter(metrics, "Au");
    into->privileges = !two                    ? gb_cvss_letter(metrics, "PR")
                       : authentication == 'S' ? 'L'
                       : authentication == 'M' ? 'H'
                                               : 'N';
    into->scope_changed = gb_cvss_letter(metrics, "S") == 'C' && !four;
    if (four)
        into->scope_changed = gb_cvss_letter(metrics, "SC") != 'N' ||
                              gb_cvss_letter(metrics, "SI") != 'N' ||
                              gb_cvss_letter(metrics, "SA") != 'N';
    into->confidentiality = gb_cvss_letter(metrics, four ? "VC" : "C");
    into->integrity = gb_cvss_letter(metrics, four ? "VI" : "I");
    into->availability = gb_cvss_letter(metrics, four ? "VA" : "A");
    if (two) {
        into->confidentiality = level_of_2(into->confidentiality);
        into->integrity = level_of_2(into->integrity);
        into->availability = level_of_2(into->availability);
    }
}

int gb_cvss_parse(struct gb_str vector, struct gb_cvss *ret, struct gb_error *err)
{
    struct gb_cvss_metrics metrics;
    struct gb_cvss cvss = {.temporal = -1, .environmental = -1};
    struct gb_str text = vector;
    if (text.len > 1 && text.at[0] == '(' && text.at[text.len - 1] == ')')
        text = gb_str_sub(text, 1, text.len - 2);
    size_t i = 0;
    while (!gb_str_starts(text, versions[i].prefix))
        i++;
    cvss.version = versions[i].version;
    metrics.table = versions[i].table;
    int code = take_metrics(vector, gb_str_from(text, versions[i].prefix.len), &metrics, err);
    if (code < 0)
        return code;
    say_facts(&metrics, &cvss);
    if (cvss.version == GB_CVSS_2)
        gb_cvss_score_2(&metrics, &cvss);
    else if (cvss.version == GB_CVSS_4_0)
        gb_cvss_score_4(&metrics, &cvss);
    else
        gb_cvss_score_3(&metrics, &cvss);
    *ret = cvss;
    return 0;
}

double gb_cvss_score(struct gb_str vector)
{
    struct gb_cvss cvss;
    return gb_cvss_parse(vector, &cvss, NULL) < 0 ? -1 : cvss.base;
}

const char *gb_cvss_severity(double score)
{
    return score >= 9   ? "critical"
           : score >= 7 ? "high"
           : score >= 4 ? "medium"
           : score > 0  ? "low"
                        : "none";
}
