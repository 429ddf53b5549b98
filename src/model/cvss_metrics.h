// The metrics of a CVSS vector as parsed, and the formulas of each version. Used by cvss*.c only.
#ifndef GABION_MODEL_CVSS_METRICS_H
#define GABION_MODEL_CVSS_METRICS_H

#include "model/cvss.h"

enum { GB_CVSS_MOST_METRICS = 32, GB_CVSS_MOST_VALUES = 6 };

struct gb_cvss_metric {
    char name[4];
    bool mandatory;
    struct {
        char text[6];
        double weight; // where the version's formula has one
    } values[GB_CVSS_MOST_VALUES];
};

struct gb_cvss_table {
    const struct gb_cvss_metric *metrics;
    size_t count;
};

extern const struct gb_cvss_table gb_cvss_table_2, gb_cvss_table_3, gb_cvss_table_4;

struct gb_cvss_metrics {
    const struct gb_cvss_table *table;
    int chosen[GB_CVSS_MOST_METRICS]; // index of the value, -1 where the vector lacks the metric
};

// First letter of the value; 'X' where it is not given or not defined ("ND").
char gb_cvss_letter(const struct gb_cvss_metrics *metrics, const char *name);
// Weight of the value, 1 where it is not given.
double gb_cvss_weight(const struct gb_cvss_metrics *metrics, const char *name);

void gb_cvss_score_2(const struct gb_cvss_metrics *metrics, struct gb_cvss *into);
void gb_cvss_score_3(const struct gb_cvss_metrics *metrics, struct gb_cvss *into);
void gb_cvss_score_4(const struct gb_cvss_metrics *metrics, struct gb_cvss *into);

#endif
