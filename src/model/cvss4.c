// CVSS 4.0: a vector falls into one of 270 MacroVectors, whose scores the specification lists; its
// distance from the worst vector of the same MacroVector moves the score towards the next lower
// MacroVectors.
#include "model/cvss_metrics.h"

#include <math.h>

#define IMPACT_4                                                                                   \
    {                                                                                              \
        {"H", 0}, {"L", 0},                                                                        \
        {                                                                                          \
            "N", 0                                                                                 \
        }                                                                                          \
    }
#define MODIFIED_4                                                                                 \
    {                                                                                              \
        {"X", 0}, {"H", 0}, {"L", 0},                                                              \
        {                                                                                          \
            "N", 0                                                                                 \
        }                                                                                          \
    }
#define MODIFIED_SAFETY_4                                                                          \
    {                                                                                              \
        {"X", 0}, {"S", 0}, {"H", 0}, {"L", 0},                                                    \
        {                                                                                          \
            "N", 0                                                                                 \
        }                                                                                          \
    }
#define REQUIREMENT_4                                                                              \
    {                                                                                              \
        {"X", 0}, {"H", 0}, {"M", 0},                                                              \
        {                                                                                          \
            "L", 0                                                                                 \
        }                                                                                          \
    }

static const struct gb_cvss_metric metrics_4[] = {
    {"AV", true, {{"N", 0}, {"A", 0}, {"L", 0}, {"P", 0}}},
    {"AC", true, {{"L", 0}, {"H", 0}}},
    {"AT", true, {{"N", 0}, {"P", 0}}},
    {"PR", true, {{"N", 0}, {"L", 0}, {"H", 0}}},
    {"UI", true, {{"N", 0}, {"P", 0}, {"A", 0}}},
    {"VC", true, IMPACT_4},
    {"VI", true, IMPACT_4},
    {"VA", true, IMPACT_4},
    {"SC", true, IMPACT_4},
    {"SI", true, IMPACT_4},
    {"SA", true, IMPACT_4},
    {"E", false, {{"X", 0}, {"A", 0}, {"P", 0}, {"U", 0}}},
    {"CR", false, REQUIREMENT_4},
    {"IR", false, REQUIREMENT_4},
    {"AR", false, REQUIREMENT_4},
    {"MAV", false, {{"X", 0}, {"N", 0}, {"A", 0}, {"L", 0}, {"P", 0}}},
    {"MAC", false, {{"X", 0}, {"L", 0}, {"H", 0}}},
    {"MAT", false, {{"X", 0}, {"N", 0}, {"P", 0}}},
    {"MPR", false, {{"X", 0}, {"N", 0}, {"L", 0}, {"H", 0}}},
    {"MUI", false, {{"X", 0}, {"N", 0}, {"P", 0}, {"A", 0}}},
    {"MVC", false, MODIFIED_4},
    {"MVI", false, MODIFIED_4},
    {"MVA", false, MODIFIED_4},
    {"MSC", false, MODIFIED_4},
    {"MSI", false, MODIFIED_SAFETY_4},
    {"MSA", false, MODIFIED_SAFETY_4},
    {"S", false, {{"X", 0}, {"N", 0}, {"P", 0}}},
    {"AU", false, {{"X", 0}, {"N", 0}, {"Y", 0}}},
    {"R", false, {{"X", 0}, {"A", 0}, {"U", 0}, {"I", 0}}},
    {"V", false, {{"X", 0}, {"D", 0}, {"C", 0}}},
    {"RE", false, {{"X", 0}, {"L", 0}, {"M", 0}, {"H", 0}}},
    {"U", false, {{"X", 0}, {"Clear", 0}, {"Green", 0}, {"Amber", 0}, {"Red", 0}}},
};
const struct gb_cvss_table gb_cvss_table_4 = {metrics_4, sizeof metrics_4 / sizeof *metrics_4};

// Scores of the MacroVectors in tenths, [EQ1][EQ2][EQ3 and EQ6][EQ4][EQ5]. EQ3 and EQ6 together
// are 00, 01, 10, 11, 21.
static const unsigned char scores[3][2][5][3][3] = {
    {{{{100, 98, 95}, {100, 93, 91}, {93, 89, 81}},
      {{99, 95, 92}, {96, 87, 81}, {90, 80, 68}},
      {{98, 95, 90}, {93, 89, 81}, {88, 78, 69}},
      {{95, 92, 84}, {92, 81, 65}, {80, 70, 48}},
      {{92, 82, 72}, {79, 69, 50}, {69, 55, 27}}},
     {{{99, 95, 92}, {95, 90, 84}, {92, 82, 72}},
      {{97, 92, 85}, {91, 83, 71}, {81, 71, 53}},
      {{95, 92, 85}, {92, 80, 70}, {84, 71, 50}},
      {{93, 85, 73}, {82, 72, 59}, {70, 52, 30}},
      {{86, 75, 52}, {71, 52, 29}, {63, 29, 17}}}},
    {{{{98, 94, 91}, {94, 86, 77}, {87, 74, 63}},
      {{95, 87, 81}, {89, 74, 64}, {75, 63, 49}},
      {{94, 88, 76}, {86, 74, 59}, {72, 57, 52}},
      {{89, 77, 67}, {76, 58, 50}, {57, 52, 25}},
      {{83, 70, 54}, {65, 58, 26}, {53, 21, 13}}},
     {{{95, 88, 76}, {90, 75, 61}, {77, 68, 52}},
      {{90, 76, 70}, {77, 62, 53}, {66, 59, 30}},
      {{89, 76, 62}, {74, 57, 47}, {61, 57, 24}},
      {{78, 67, 58}, {59, 57, 23}, {52, 29, 16}},
      {{71, 59, 30}, {58, 26, 15}, {23, 13, 6}}}},
    {{{{93, 86, 75}, {86, 74, 56}, {70, 52, 40}},
      {{87, 72, 58}, {74, 61, 34}, {54, 40, 22}},
      {{85, 74, 62}, {72, 55, 46}, {53, 34, 19}},
      {{75, 55, 51}, {57, 41, 19}, {36, 19, 8}},
      {{64, 51, 20}, {47, 21, 11}, {24, 9, 4}}},
     {{{88, 73, 60}, {73, 59, 41}, {54, 45, 20}},
      {{75, 53, 50}, {55, 40, 20}, {43, 22, 11}},
      {{75, 58, 40}, {61, 48, 20}, {46, 17, 8}},
      {{55, 45, 21}, {51, 18, 9}, {18, 7, 2}},
      {{53, 24, 14}, {24, 12, 5}, {10, 3, 1}}}},
};

enum { EQ3_6_NONE = -1, STEPS = 6 };

// The worst vectors of each level of EQ1, EQ2, EQ3 with EQ6, and EQ4: the letters of the metrics in
// the order of `metrics`. More than one where none is worst in all.
struct worst {
    const char *metrics[STEPS];
    int count;
    struct {
        const char *vectors[5];
        int depth; // steps from the worst vector to the best of the level
    } levels[5];
};

static const struct worst eq1 = {
    {"AV", "PR", "UI"}, 3, {{{"NNN"}, 1}, {{"ANN", "NLN", "NNP"}, 4}, {{"PNN", "ALP"}, 5}}};
static const struct worst eq2 = {{"AC", "AT"}, 2, {{{"LN"}, 1}, {{"HN", "LP"}, 2}}};
static const struct worst eq3_6 = {{"VC", "VI", "VA", "CR", "IR", "AR"},
                                   6,
                                   {{{"HHHHHH"}, 7},
                                    {{"HHLMMH", "HHHMMM"}, 6},
                                    {{"LHHHHH", "HLHHHH"}, 8},
                                    {{"LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM"}, 8},
                                    {{"LLLHHH"}, 10}}};
static const struct worst eq4 = {{"SC", "SI", "SA"}, 3, {{{"HSS"}, 6}, {{"HHH"}, 5}, {{"LLL"}, 4}}};

// The letters of each metric from worst to best.
static const char *scale_of(const char *metric)
{
    switch (metric[0]) {
    case 'V':
        return "HLN";
    case 'P':
        return "NLH";
    case 'U':
        return "NPA";
    case 'S':
        return "SHLN";
    case 'A':
        return metric[1] == 'V'   ? "NALP"
               : metric[1] == 'C' ? "LH"
               : metric[1] == 'T' ? "NP"
                                  : "HML";
    default:
        return "HML"; // CR, IR
    }
}

// What counts: the modified metric before the base one, the worst where nothing is said.
static char letter_of(const struct gb_cvss_metrics *metrics, const char *name)
{
    char modified[4] = {'M', name[0], name[1], '\0'};
    char letter = gb_cvss_letter(metrics, modified);
    if (letter == 'X')
        letter = gb_cvss_letter(metrics, name);
    if (letter != 'X')
        return letter;
    return name[0] == 'E' ? 'A' : 'H';
}

static int step_of(const char *metric, char letter)
{
    const char *scale = scale_of(metric), *found = strchr(scale, letter);
    return found ? (int)(found - scale) : 0;
}

// Steps from the first worst vector of the level that is worse in every metric.
static int distance(const struct gb_cvss_metrics *metrics, const struct worst *worst, int level)
{
    int sum = 0;
    for (int v = 0; v < 5 && worst->levels[level].vectors[v]; v++) {
        bool worse = true;
        sum = 0;
        for (int i = 0; i < worst->count; i++) {
            const char *name = worst->metrics[i];
            int steps = step_of(name, letter_of(metrics, name)) -
                        step_of(name, worst->levels[level].vectors[v][i]);
            worse = worse && steps >= 0;
            sum += steps;
        }
        if (worse)
            break;
    }
    return sum;
}

struct macro {
    int eq1, eq2, eq3, eq6, eq4, eq5;
};

static bool is(const struct gb_cvss_metrics *metrics, const char *name, char letter)
{
    return letter_of(metrics, name) == letter;
}

static struct macro macro_of(const struct gb_cvss_metrics *metrics)
{
    struct macro macro = {0};
    bool av = is(metrics, "AV", 'N'), pr = is(metrics, "PR", 'N'), ui = is(metrics, "UI", 'N');
    macro.eq1 = av && pr && ui ? 0 : (av || pr || ui) && !is(metrics, "AV", 'P') ? 1 : 2;
    macro.eq2 = !(is(metrics, "AC", 'L') && is(metrics, "AT", 'N'));
    bool vc = is(metrics, "VC", 'H'), vi = is(metrics, "VI", 'H'), va = is(metrics, "VA", 'H');
    macro.eq3 = vc && vi ? 0 : vc || vi || va ? 1 : 2;
    macro.eq6 = !((is(metrics, "CR", 'H') && vc) || (is(metrics, "IR", 'H') && vi) ||
                  (is(metrics, "AR", 'H') && va));
    bool safety = is(metrics, "SI", 'S') || is(metrics, "SA", 'S');
    bool high = is(metrics, "SC", 'H') || is(metrics, "SI", 'H') || is(metrics, "SA", 'H');
    macro.eq4 = safety ? 0 : high ? 1 : 2;
    macro.eq5 = is(metrics, "E", 'A') ? 0 : is(metrics, "E", 'P') ? 1 : 2;
    return macro;
}

static int index_of_3_6(int level3, int level6)
{
    return level3 == 2 ? (level6 == 1 ? 4 : EQ3_6_NONE) : level3 * 2 + level6;
}

// In tenths; -1 where there is no such MacroVector.
static int score_of(struct macro macro)
{
    if (macro.eq1 > 2 || macro.eq2 > 1 || macro.eq3 > 2 || macro.eq6 > 1 || macro.eq4 > 2 ||
        macro.eq5 > 2)
        return -1;
    int both = index_of_3_6(macro.eq3, macro.eq6);
    return both < 0 ? -1 : scores[macro.eq1][macro.eq2][both][macro.eq4][macro.eq5];
}

// The next lower MacroVector by EQ3 and EQ6, which depend on each other.
static int lower_3_6(struct macro macro)
{
    struct macro by3 = macro, by6 = macro;
    by3.eq3++;
    by6.eq6++;
    if (macro.eq3 == 0 && macro.eq6 == 0) {
        int left = score_of(by6), right = score_of(by3);
        return left > right ? left : right;
    }
    return macro.eq6 == 1 ? score_of(by3) : score_of(by6);
}

struct mean {
    double sum;
    int count;
};

static void add(struct mean *mean, int score, int lower, int steps, int depth)
{
    if (lower < 0)
        return;
    mean->sum += (double)(score - lower) * steps / depth;
    mean->count++;
}

void gb_cvss_score_4(const struct gb_cvss_metrics *metrics, struct gb_cvss *into)
{
    static const char *const impacts[] = {"VC", "VI", "VA", "SC", "SI", "SA"};
    bool none = true;
    for (size_t i = 0; i < sizeof impacts / sizeof *impacts; i++)
        none = none && is(metrics, impacts[i], 'N');
    into->base = 0;
    if (none)
        return;
    struct macro macro = macro_of(metrics), next[4] = {macro, macro, macro, macro};
    int score = score_of(macro), both = index_of_3_6(macro.eq3, macro.eq6);
    next[0].eq1++;
    next[1].eq2++;
    next[2].eq4++;
    next[3].eq5++;
    struct mean mean = {0};
    add(&mean, score, score_of(next[0]), distance(metrics, &eq1, macro.eq1),
        eq1.levels[macro.eq1].depth);
    add(&mean, score, score_of(next[1]), distance(metrics, &eq2, macro.eq2),
        eq2.levels[macro.eq2].depth);
    add(&mean, score, lower_3_6(macro), distance(metrics, &eq3_6, both), eq3_6.levels[both].depth);
    add(&mean, score, score_of(next[2]), distance(metrics, &eq4, macro.eq4),
        eq4.levels[macro.eq4].depth);
    add(&mean, score, score_of(next[3]), 0, 1); // EQ5 has one vector a level
    double tenths = score - (mean.count ? mean.sum / mean.count : 0);
    into->base = fmin(10, fmax(0, floor(tenths + 0.5 + 1e-5) / 10));
}
