// Kind "updates": pending upgrades, the age of what is known about them, and whether they install
// themselves.
#include "source/facts.h"
#include "source/package/apt_conf.h"
#include "source/package/candidates.h"
#include "source/package/installed.h"

struct probe {
    struct gb_facts facts;
    const struct gb_apt_conf *conf;
    const struct gb_apt_candidates *candidates;
};

// ---- pending upgrades

static struct gb_value update_record(struct probe *probe, const struct gb_apt_update *update)
{
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_dpkg_package *package = update->package;
    struct gb_facts record = gb_facts_record(collector);
    uint32_t origin = gb_collection_origin(collector->all, package->where, package->line);
    bool security = update->security_version.len > 0;
    struct gb_str summary =
        gb_str_format(collector->arena, GB_PRI " " GB_PRI " -> " GB_PRI, GB_ARG(package->name),
                      GB_ARG(package->version), GB_ARG(update->candidate));
    gb_fact(&record, "name", gb_at(gb_fact_text(&record, package->name), origin));
    gb_fact(&record, "source", gb_at(gb_fact_text(&record, package->source), origin));
    gb_fact(&record, "installed", gb_at(gb_fact_text(&record, package->version), origin));
    gb_fact(&record, "candidate", gb_fact_text(&record, update->candidate));
    gb_fact(&record, "archive", gb_fact_text(&record, update->archive));
    gb_fact(&record, "security", gb_bool(security));
    gb_fact(&record, "summary", gb_at(gb_fact_text(&record, summary), origin));
    return gb_at(gb_map_of(record.props), origin);
}

// A list and its count; unknown when nothing was found and not everything could be looked at.
static void put_updates(struct probe *probe, const char *name, const char *count_name,
                        const struct gb_list *list)
{
    struct gb_str problem = probe->candidates->problem;
    bool certain = (list && list->count) || !problem.len;
    if (!list)
        return;
    gb_fact(&probe->facts, name, certain ? gb_list_of(list) : gb_unknown(problem));
    if (count_name)
        gb_fact(&probe->facts, count_name,
                certain ? gb_int((int64_t)list->count) : gb_unknown(problem));
}

static void put_pending(struct probe *probe)
{
    struct gb_arena *arena = probe->facts.collector->arena;
    struct gb_list *pending = gb_list_new(arena), *security = gb_list_new(arena),
                   *held = gb_list_new(arena);
    if (!pending || !security || !held)
        return;
    for (size_t i = 0; i < probe->candidates->update_count; i++) {
        const struct gb_apt_update *update = &probe->candidates->updates[i];
        struct gb_value record = update_record(probe, update);
        gb_list_add(arena, pending, record);
        if (update->security_version.len)
            gb_list_add(arena, security, record);
        if (update->package->held)
            gb_list_add(arena, held, record);
    }
    put_updates(probe, "pending", "pending_count", pending);
    put_updates(probe, "security", "security_count", security);
    put_updates(probe, "held_back", NULL, held);
    if (probe->candidates->problem.len)
        gb_fact(&probe->facts, "lists_problem",
                gb_fact_text(&probe->facts, probe->candidates->problem));
    gb_fact(&probe->facts, "pins_not_understood", gb_int(probe->candidates->pins_not_understood));
}

// ---- age of the lists

static void put_age(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_collector *collector = facts->collector;
    struct gb_list *expired = gb_list_new(collector->arena);
    const struct gb_apt_archive *oldest = NULL, *security = NULL;
    for (size_t i = 0; i < probe->candidates->archive_count; i++) {
        const struct gb_apt_archive *archive = &probe->candidates->archives[i];
        if (archive->refreshed_at && (!oldest || archive->refreshed_at < oldest->refreshed_at))
            oldest = archive;
        if (archive->security && !security)
            security = archive;
        if (archive->release.valid_until &&
            archive->release.valid_until < gb_host_now(collector->host)) {
            struct gb_str text =
                gb_str_format(collector->arena, GB_PRI " " GB_PRI, GB_ARG(archive->source->uri),
                              GB_ARG(archive->source->suite));
            gb_fact_add_text(facts, expired, text, archive->release_path, 0);
        }
    }
    if (oldest)
        gb_fact(facts, "refreshed_at",
                gb_fact_at(facts, gb_timestamp(oldest->refreshed_at, 0), oldest->release_path, 0));
    if (expired)
        gb_fact(facts, "expired", gb_list_of(expired));
    if (security)
        gb_fact(facts, "security_source",
                gb_fact_at(facts, gb_bool(true), security->source->where, security->source->line));
}

// Named so by its suite or host, whether or not its lists were fetched.
static bool names_security(const struct gb_apt_source *source)
{
    return gb_str_contains(source->suite, GB_STR("-security")) ||
           gb_str_ends(source->suite, GB_STR("/updates"));
}

static void put_security_source(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    if (gb_map_find(facts->props, GB_STR("security_source")))
        return;
    const struct gb_apt_source *found = NULL;
    const struct gb_apt_sources *sources = NULL;
    if (gb_apt_sources_load(facts->collector, &sources, NULL) < 0)
        return;
    for (size_t i = 0; i < probe->candidates->archive_count && !found; i++)
        if (names_security(probe->candidates->archives[i].source))
            found = probe->candidates->archives[i].source;
    struct gb_value value = gb_bool(found != NULL);
    if (found)
        value = gb_fact_at(facts, value, found->where, found->line);
    else if (sources->problem.len)
        value = gb_unknown(sources->problem);
    gb_fact(facts, "security_source", value);
}

// ---- checks of apt

static struct gb_value setting_value(struct probe *probe, const struct gb_apt_conf_item *item,
                                     struct gb_value value)
{
    if (item)
        return gb_fact_at(&probe->facts, value, item->where, item->line);
    return probe->conf->problem.len ? gb_unknown(probe->conf->problem) : value;
}

static void put_switched_off(struct probe *probe, const char *field, const char *name)
{
    const struct gb_apt_conf_item *item = gb_apt_conf_find(probe->conf, name);
    gb_fact(&probe->facts, field,
            setting_value(probe, item, gb_bool(!gb_apt_conf_bool(item, true))));
}

// Settings that have the harmful value, as "Name=value".
static void put_harmful(struct probe *probe, const char *field, const char *const *names,
                        bool harmful)
{
    struct gb_facts *facts = &probe->facts;
    struct gb_list *list = gb_list_new(facts->collector->arena);
    for (; *names; names++) {
        const struct gb_apt_conf_item *item = gb_apt_conf_find(probe->conf, *names);
        if (!item || gb_apt_conf_bool(item, !harmful) != harmful)
            continue;
        struct gb_str text = gb_str_format(facts->collector->arena, GB_PRI "=" GB_PRI,
                                           GB_ARG(item->name), GB_ARG(item->value));
        gb_fact_add_text(facts, list, text, item->where, item->line);
    }
    bool certain = (list && list->count) || !probe->conf->problem.len;
    if (list)
        gb_fact(facts, field, certain ? gb_list_of(list) : gb_unknown(probe->conf->problem));
}

static void put_checks(struct probe *probe)
{
    static const char *const weak[] = {
        "Acquire::AllowInsecureRepositories", "Acquire::AllowDowngradeToInsecureRepositories",
        "Acquire::AllowWeakRepositories", "APT::Get::AllowUnauthenticated", NULL};
    static const char *const verify[] = {"Acquire::https::Verify-Peer",
                                         "Acquire::https::Verify-Host", NULL};
    put_switched_off(probe, "expired_accepted", "Acquire::Check-Valid-Until");
    put_switched_off(probe, "dates_ignored", "Acquire::Check-Date");
    put_harmful(probe, "weakened", weak, true);
    put_harmful(probe, "tls_unverified", verify, false);
}

// ---- automatic updates

// "1", "7", "always", or a span with a unit (1d, 12h): what is shorter than a day counts as one.
static int64_t days_of(const struct gb_apt_conf_item *item)
{
    if (!item)
        return 0;
    struct gb_str value = item->value;
    if (gb_str_is(value, "always"))
        return 1;
    char unit = value.len ? value.at[value.len - 1] : '\0';
    bool has_unit = unit && strchr("smhd", unit);
    uint64_t number;
    if (gb_str_to_uint(has_unit ? gb_str_sub(value, 0, value.len - 1) : value, 10, &number) < 0)
        return 0;
    if (number > 36500)
        number = 36500;
    bool below_a_day = has_unit && unit != 'd' && number > 0;
    return below_a_day ? 1 : (int64_t)number;
}

static bool allows_security(struct probe *probe, const struct gb_apt_conf_item **ret)
{
    static const char *const lists[] = {"Unattended-Upgrade::Origins-Pattern",
                                        "Unattended-Upgrade::Allowed-Origins"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct gb_apt_conf_item *item = NULL;
        while ((item = gb_apt_conf_next(probe->conf, lists[i], item))) {
            struct gb_str low = gb_str_lower(probe->facts.collector->scratch, item->value);
            // Patterns without any limit on label and suite take every archive.
            bool open =
                gb_str_is(low, "origin=*") || gb_str_is(low, "o=*") || gb_str_is(low, "site=*");
            if (gb_str_contains(low, GB_STR("security")) || open) {
                *ret = item;
                return true;
            }
        }
    }
    return false;
}

// What is enabled on disk; whether init really runs it is for the units to tell.
static const char *schedule_of(struct gb_collector *collector)
{
    const struct gb_host *host = collector->host;
    struct gb_str target;
    bool masked = gb_host_readlink(host, "/etc/systemd/system/apt-daily-upgrade.timer",
                                   collector->scratch, &target, NULL) == GB_OK &&
                  gb_str_is(target, "/dev/null");
    struct gb_file_info info;
    bool timer =
        gb_host_stat(host, "/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer", false,
                     &info, NULL) == GB_OK;
    bool systemd = gb_package_installed(collector, "systemd-sysv") == GB_INSTALLED_YES;
    if (systemd)
        return timer && !masked ? "systemd" : "none";
    bool cron = gb_host_exists(host, "/etc/cron.daily/apt-compat") &&
                gb_package_provided(collector, "cron-daemon") == GB_INSTALLED_YES;
    return cron ? "cron" : "none";
}

static void put_automatic(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    const struct gb_apt_conf_item *enable = gb_apt_conf_find(probe->conf, "APT::Periodic::Enable"),
                                  *refresh = gb_apt_conf_find(
                                      probe->conf, "APT::Periodic::Update-Package-Lists"),
                                  *upgrade = gb_apt_conf_find(probe->conf,
                                                              "APT::Periodic::Unattended-Upgrade"),
                                  *origin = NULL;
    bool enabled = gb_apt_conf_bool(enable, true);
    bool installed =
        gb_package_installed(facts->collector, "unattended-upgrades") == GB_INSTALLED_YES;
    int64_t refresh_days = enabled ? days_of(refresh) : 0;
    int64_t upgrade_days = enabled ? days_of(upgrade) : 0;
    bool security = allows_security(probe, &origin);
    const char *schedule = schedule_of(facts->collector);
    gb_fact(facts, "refresh_days",
            setting_value(probe, enabled ? refresh : enable, gb_int(refresh_days)));
    gb_fact(facts, "unattended_installed", gb_bool(installed));
    gb_fact(facts, "unattended_days",
            setting_value(probe, enabled ? upgrade : enable, gb_int(upgrade_days)));
    gb_fact(facts, "unattended_security", setting_value(probe, origin, gb_bool(security)));
    gb_fact(facts, "schedule", gb_string(gb_str_of(schedule)));
    bool automatic = installed && upgrade_days > 0 && security && strcmp(schedule, "none") != 0;
    // A file that cannot be read may turn it on or off.
    bool certain = !probe->conf->problem.len || !installed;
    gb_fact(facts, "automatic",
            certain ? setting_value(probe, upgrade, gb_bool(automatic))
                    : gb_unknown(probe->conf->problem));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_dpkg *dpkg = NULL;
    struct probe probe = {.conf = NULL};
    struct gb_str kind = GB_STR("updates");
    int code = gb_dpkg_load(collector, &dpkg, err);
    if (code)
        return code;
    if (dpkg->presence == GB_DPKG_UNREADABLE) {
        gb_collection_gap(collector->all, kind, dpkg->reason);
        return GB_OK;
    }
    if (gb_package_installed(collector, "apt") != GB_INSTALLED_YES &&
        !gb_host_exists(collector->host, "/etc/apt")) {
        gb_collection_absent(collector->all, kind,
                             dpkg->presence == GB_DPKG_ABSENT
                                 ? gb_str_format(collector->arena, "apt is not installed: " GB_PRI,
                                                 GB_ARG(dpkg->reason))
                                 : GB_STR("apt is not installed"));
        return GB_OK;
    }
    code = gb_apt_conf_load(collector, &probe.conf, err);
    if (!code)
        code = gb_apt_candidates_load(collector, &probe.candidates, err);
    if (code)
        return code;
    probe.facts = gb_facts(collector, gb_collection_add(collector->all, kind, GB_STR("")));
    if (!probe.facts.props)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    put_pending(&probe);
    put_age(&probe);
    put_security_source(&probe);
    put_checks(&probe);
    put_automatic(&probe);
    return GB_OK;
}

static const char *const kinds[] = {"updates", NULL};

const struct gb_source gb_source_package_updates = {
    .name = "package/updates",
    .title = "pending updates",
    .kinds = kinds,
    .order = 6,
    .collect = collect,
};
