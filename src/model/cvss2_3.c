// The formulas and weights of CVSS 2, 3.0 and 3.1.
#include "model/cvss_metrics.h"

#include <math.h>

#define IMPACT_2                                                                                   \
    {                                                                                              \
        {"N", 0}, {"P", 0.275},                                                                    \
        {                                                                                          \
            "C", 0.660                                                                             \
        }                                                                                          \
    }
#define REQUIREMENT_2                                                                              \
    {                                                                                              \
        {"L", 0.5}, {"M", 1}, {"H", 1.51},                                                         \
        {                                                                                          \
            "ND", 1                                                                                \
        }                                                                                          \
    }

static const struct gb_cvss_metric metrics_2[] = {
    {"AV", true, {{"L", 0.395}, {"A", 0.646}, {"N", 1}}},
    {"AC", true, {{"H", 0.35}, {"M", 0.61}, {"L", 0.71}}},
    {"Au", true, {{"M", 0.45}, {"S", 0.56}, {"N", 0.704}}},
    {"C", true, IMPACT_2},
    {"I", true, IMPACT_2},
    {"A", true, IMPACT_2},
    {"E", false, {{"U", 0.85}, {"POC", 0.9}, {"F", 0.95}, {"H", 1}, {"ND", 1}}},
    {"RL", false, {{"OF", 0.87}, {"TF", 0.9}, {"W", 0.95}, {"U", 1}, {"ND", 1}}},
    {"RC", false, {{"UC", 0.9}, {"UR", 0.95}, {"C", 1}, {"ND", 1}}},
    {"CDP", false, {{"N", 0}, {"L", 0.1}, {"LM", 0.3}, {"MH", 0.4}, {"H", 0.5}, {"ND", 0}}},
    {"TD", false, {{"N", 0}, {"L", 0.25}, {"M", 0.75}, {"H", 1}, {"ND", 1}}},
    {"CR", false, REQUIREMENT_2},
    {"IR", false, REQUIREMENT_2},
    {"AR", false, REQUIREMENT_2},
};
const struct gb_cvss_table gb_cvss_table_2 = {metrics_2, sizeof metrics_2 / sizeof *metrics_2};

#define REQUIREMENT_3                                                                              \
    {                                                                                              \
        {"X", 1}, {"H", 1.5}, {"M", 1},                                                            \
        {                                                                                          \
            "L", 0.5                                                                               \
        }                                                                                          \
    }

static const struct gb_cvss_metric metrics_3[] = {
    {"AV", true, {{"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}}},
    {"AC", true, {{"L", 0.77}, {"H", 0.44}}},
    {"PR", true, {{"N", 0.85}, {"L", 0.62}, {"H", 0.27}}}, // more where the scope changes
    {"UI", true, {{"N", 0.85}, {"R", 0.62}}},
    {"S", true, {{"U", 0}, {"C", 0}}},
    {"C", true, {{"H", 0.56}, {"L", 0.22}, {"N", 0}}},
    {"I", true, {{"H", 0.56}, {"L", 0.22}, {"N", 0}}},
    {"A", true, {{"H", 0.56}, {"L", 0.22}, {"N", 0}}},
    {"E", false, {{"X", 1}, {"H", 1}, {"F", 0.97}, {"P", 0.94}, {"U", 0.91}}},
    {"RL", false, {{"X", 1}, {"U", 1}, {"W", 0.97}, {"T", 0.96}, {"O", 0.95}}},
    {"RC", false, {{"X", 1}, {"C", 1}, {"R", 0.96}, {"U", 0.92}}},
    {"CR", false, REQUIREMENT_3},
    {"IR", false, REQUIREMENT_3},
    {"AR", false, REQUIREMENT_3},
    {"MAV", false, {{"X", 0}, {"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}}},
    {"MAC", false, {{"X", 0}, {"L", 0.77}, {"H", 0.44}}},
    {"MPR", false, {{"X", 0}, {"N", 0.85}, {"L", 0.62}, {"H", 0.27}}},
    {"MUI", false, {{"X", 0}, {"N", 0.85}, {"R", 0.62}}},
    {"MS", false, {{"X", 0}, {"U", 0}, {"C", 0}}},
    {"MC", false, {{"X", 0}, {"H", 0.56}, {"L", 0.22}, {"N", 0}}},
    {"MI", false, {{"X", 0}, {"H", 0.56}, {"L", 0.22}, {"N", 0}}},
    {"MA", false, {{"X", 0}, {"H", 0.56}, {"L", 0.22}, {"N", 0}}},
};
const struct gb_cvss_table gb_cvss_table_3 = {metrics_3, sizeof metrics_3 / sizeof *metrics_3};

static bool any_given(const struct gb_cvss_metrics *metrics, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gb_cvss_letter(metrics, names[i]) != 'X')
            return true;
    return false;
}

// To the nearest tenth. The sum of binary fractions may lie just below a tie that is meant.
static double rounded(double score)
{
    return fmax(0, floor(score * 10 + 0.5 + 1e-9) / 10);
}

static double base_2(const struct gb_cvss_metrics *metrics, double impact)
{
    double exploitability = 20 * gb_cvss_weight(metrics, "AV") * gb_cvss_weight(metrics, "AC") *
                            gb_cvss_weight(metrics, "Au");
    return impact > 0 ? rounded((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176) : 0;
}

static double left_over(const struct gb_cvss_metrics *metrics, const char *impact,
                        const char *requirement)
{
    double weight = requirement ? gb_cvss_weight(metrics, requirement) : 1;
    return 1 - gb_cvss_weight(metrics, impact) * weight;
}

void gb_cvss_score_2(const struct gb_cvss_metrics *metrics, struct gb_cvss *into)
{
    static const char *const temporal[] = {"E", "RL", "RC"};
    static const char *const environmental[] = {"CDP", "TD", "CR", "IR", "AR"};
    double factor = gb_cvss_weight(metrics, "E") * gb_cvss_weight(metrics, "RL") *
                    gb_cvss_weight(metrics, "RC");
    into->base =
        base_2(metrics, 10.41 * (1 - left_over(metrics, "C", NULL) * left_over(metrics, "I", NULL) *
                                         left_over(metrics, "A", NULL)));
    if (any_given(metrics, temporal, 3))
        into->temporal = rounded(into->base * factor);
    if (!any_given(metrics, environmental, 5))
        return;
    double impact = 10.41 * (1 - left_over(metrics, "C", "CR") * left_over(metrics, "I", "IR") *
                                     left_over(metrics, "A", "AR"));
    double adjusted = rounded(base_2(metrics, fmin(10, impact)) * factor);
    double damage = gb_cvss_letter(metrics, "CDP") == 'X' ? 0 : gb_cvss_weight(metrics, "CDP");
    into->environmental =
        rounded((adjusted + (10 - adjusted) * damage) * gb_cvss_weight(metrics, "TD"));
}

// Up to the next tenth, as appendix A of the specification of 3.1 rounds.
static double rounded_up(double score)
{
    double hundred_thousandths = round(score * 100000);
    return ceil(hundred_thousandths / 10000) / 10;
}

// Of a base metric or, for `modified`, of what overrides it.
static const char *name_of(const struct gb_cvss_metrics *metrics, const char *base,
                           const char *modified)
{
    return modified && gb_cvss_letter(metrics, modified) != 'X' ? modified : base;
}

static double exploitability_3(const struct gb_cvss_metrics *metrics, bool modified, bool changed)
{
    const char *privileges = name_of(metrics, "PR", modified ? "MPR" : NULL);
    char letter = gb_cvss_letter(metrics, privileges);
    double weight = gb_cvss_weight(metrics, privileges);
    if (changed && letter != 'N')
        weight = letter == 'L' ? 0.68 : 0.5;
    return 8.22 * weight *
           gb_cvss_weight(metrics, name_of(metrics, "AV", modified ? "MAV" : NULL)) *
           gb_cvss_weight(metrics, name_of(metrics, "AC", modified ? "MAC" : NULL)) *
           gb_cvss_weight(metrics, name_of(metrics, "UI", modified ? "MUI" : NULL));
}

static double total_3(double impact, double exploitability, bool changed)
{
    if (impact <= 0)
        return 0;
    return rounded_up(fmin(10, (changed ? 1.08 : 1) * (impact + exploitability)));
}

static double base_3(const struct gb_cvss_metrics *metrics)
{
    bool changed = gb_cvss_letter(metrics, "S") == 'C';
    double sum = 1 - left_over(metrics, "C", NULL) * left_over(metrics, "I", NULL) *
                         left_over(metrics, "A", NULL);
    double impact = changed ? 7.52 * (sum - 0.029) - 3.25 * pow(sum - 0.02, 15) : 6.42 * sum;
    return total_3(impact, exploitability_3(metrics, false, changed), changed);
}

static double modified_3(const struct gb_cvss_metrics *metrics, bool three_one)
{
    bool changed = gb_cvss_letter(metrics, name_of(metrics, "S", "MS")) == 'C';
    double sum = 1 - left_over(metrics, name_of(metrics, "C", "MC"), "CR") *
                         left_over(metrics, name_of(metrics, "I", "MI"), "IR") *
                         left_over(metrics, name_of(metrics, "A", "MA"), "AR");
    sum = fmin(sum, 0.915);
    double power = three_one ? pow(sum * 0.9731 - 0.02, 13) : pow(sum - 0.02, 15);
    double impact = changed ? 7.52 * (sum - 0.029) - 3.25 * power : 6.42 * sum;
    return total_3(impact, exploitability_3(metrics, true, changed), changed);
}

void gb_cvss_score_3(const struct gb_cvss_metrics *metrics, struct gb_cvss *into)
{
    double factor = gb_cvss_weight(metrics, "E") * gb_cvss_weight(metrics, "RL") *
                    gb_cvss_weight(metrics, "RC");
    into->base = base_3(metrics);
    into->temporal = rounded_up(into->base * factor);
    into->environmental = rounded_up(modified_3(metrics, into->version == GB_CVSS_3_1) * factor);
}
