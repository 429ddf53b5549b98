// crontab(5) in its three forms: of a user, of the system (with a user in each line), and
// anacrontab. As cron reads it: variables hold for the lines behind them, '%' ends the command.
// Used by the cron source.
//
//     struct gb_crontab tab;
//     if (gb_crontab_parse(text, GB_CRONTAB_SYSTEM, arena, &tab) < 0) return GB_E_MEMORY;
//
// Slices point into the text or the arena. GB_E_MEMORY is the only error.
#ifndef GABION_SOURCE_HOST_CRONTAB_H
#define GABION_SOURCE_HOST_CRONTAB_H

#include "base/str.h"

enum gb_crontab_form { GB_CRONTAB_USER, GB_CRONTAB_SYSTEM, GB_CRONTAB_ANACRON };

struct gb_crontab_job {
    struct gb_str schedule; // "25 6 * * *", "@reboot"; of anacron "7 10" (period and delay)
    struct gb_str user;     // GB_CRONTAB_SYSTEM only
    struct gb_str command;  // up to the first '%', "\%" made '%'
    struct gb_str path;     // PATH that is in force; "" = none was set
    uint32_t line;          // 1-based
};

struct gb_crontab_problem {
    const char *reason;
    uint32_t line;
};

struct gb_crontab {
    struct gb_crontab_job *jobs;
    size_t job_count, job_capacity;
    struct gb_crontab_problem *problems;
    size_t problem_count, problem_capacity;
};

GB_MUST_USE int gb_crontab_parse(struct gb_str text, enum gb_crontab_form form,
                                 struct gb_arena *arena, struct gb_crontab *ret);

#endif
