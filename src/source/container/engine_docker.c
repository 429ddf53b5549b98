// Facts about Docker: see engine.h.
#include "source/container/docker_daemon.h"
#include "source/container/engine.h"

static struct gb_value at_setting(const struct gb_facts *facts, struct gb_value value,
                                  const struct gb_docker_setting *setting)
{
    return setting ? gb_fact_at(facts, value, setting->file, setting->line) : value;
}

// A setting whose absence means `otherwise`; unknown when the file could not be understood.
static void put_truth(struct gb_engine *engine, const struct gb_docker_daemon *daemon,
                      const char *field, const char *name, bool otherwise)
{
    const struct gb_docker_setting *setting = gb_docker_get(daemon, name);
    struct gb_value value = gb_bool(gb_docker_truth(daemon, name, otherwise));
    if (!setting && daemon->problem.len)
        value = gb_unknown(gb_fact_text(&engine->facts, daemon->problem).string);
    gb_fact(&engine->facts, field, at_setting(&engine->facts, value, setting));
}

static void put_text(struct gb_engine *engine, const struct gb_docker_daemon *daemon,
                     const char *field, const char *name, struct gb_str otherwise)
{
    const struct gb_docker_setting *setting = gb_docker_get(daemon, name);
    struct gb_value value =
        gb_fact_text(&engine->facts, setting && setting->value.len ? setting->value : otherwise);
    if (!setting && daemon->problem.len)
        value = gb_unknown(gb_fact_text(&engine->facts, daemon->problem).string);
    gb_fact(&engine->facts, field, at_setting(&engine->facts, value, setting));
}

// Where the API listens: "unix:///run/docker.sock", "fd://" (the socket unit), "tcp://...".
static int put_hosts(struct gb_engine *engine, const struct gb_docker_daemon *daemon)
{
    bool verified = gb_docker_truth(daemon, "tlsverify", false), any = false, unit = false;
    for (size_t i = 0; i < daemon->count; i++) {
        const struct gb_docker_setting *setting = &daemon->settings[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = gb_str_eq(daemon->settings[k].name, setting->name) &&
                    gb_str_eq(daemon->settings[k].value, setting->value);
        if (!gb_str_is(setting->name, "hosts") || again)
            continue;
        any = true;
        struct gb_str host = setting->value;
        if (gb_str_starts(host, GB_STR("unix://")))
            gb_engine_socket(engine, gb_str_from(host, 7), GB_STR("0660"), GB_STR("docker"),
                             setting->file, setting->line);
        else if (gb_str_starts(host, GB_STR("fd://")))
            unit = true;
        else
            gb_engine_tcp(engine, host, verified, setting->file, setting->line);
    }
    if (unit)
        return gb_engine_socket_unit(engine, "docker.socket");
    if (!any)
        gb_engine_socket(engine, GB_STR("/run/docker.sock"), GB_STR("0660"), GB_STR("docker"),
                         (struct gb_str){0}, 0);
    return GB_OK;
}

static void put_files(struct gb_engine *engine, const struct gb_docker_daemon *daemon)
{
    static const char *const keys[] = {"tlscacert", "tlscert", "tlskey"};
    const struct gb_host *host = engine->scan->collector->host;
    if (daemon->has_file)
        gb_engine_file(engine, GB_STR("/etc/docker/daemon.json"));
    else if (gb_host_exists(host, "/etc/docker"))
        gb_engine_file(engine, GB_STR("/etc/docker"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct gb_docker_setting *setting = gb_docker_get(daemon, keys[i]);
        if (setting && setting->value.len && setting->value.at[0] == '/')
            gb_engine_file(engine, setting->value);
    }
}

static void put_logging(struct gb_engine *engine, const struct gb_docker_daemon *daemon)
{
    const struct gb_docker_setting *driver = gb_docker_get(daemon, "log-driver");
    const struct gb_docker_setting *size = gb_docker_get(daemon, "log-opts.max-size");
    struct gb_str name = driver && driver->value.len ? driver->value : GB_STR("json-file");
    put_text(engine, daemon, "log_driver", "log-driver", GB_STR("json-file"));
    // Only the plain files of this driver grow without bound.
    bool limited = !gb_str_is(name, "json-file") || (size && !gb_str_is(size->value, "-1"));
    gb_fact(&engine->facts, "log_limited",
            daemon->problem.len && !limited
                ? gb_unknown(gb_fact_text(&engine->facts, daemon->problem).string)
                : at_setting(&engine->facts, gb_bool(limited), size ? size : driver));
}

int gb_engine_docker(struct gb_engine_scan *scan)
{
    struct gb_docker_daemon daemon;
    int code = gb_docker_daemon_load(scan->collector, scan->collector->scratch, &daemon);
    if (code < 0 || (!daemon.program.len && !daemon.running))
        return code;
    struct gb_engine engine =
        gb_engine_begin(scan, "docker", daemon.program.len ? daemon.program : GB_STR("dockerd"));
    struct gb_facts *facts = &engine.facts;
    bool kernel = gb_host_has_kernel(scan->collector->host);
    gb_fact(facts, "running",
            kernel ? gb_bool(daemon.running) : gb_not_applicable(GB_STR("needs a live kernel")));
    if (daemon.running)
        gb_fact(facts, "rootless", gb_bool(daemon.rootless));
    if (daemon.problem.len)
        gb_fact(facts, "config_problem", gb_fact_text(facts, daemon.problem));
    code = put_hosts(&engine, &daemon);
    put_files(&engine, &daemon);
    for (size_t i = 0; i < daemon.count; i++) {
        const struct gb_docker_setting *setting = &daemon.settings[i];
        if (gb_str_is(setting->name, "insecure-registries"))
            gb_engine_registry(&engine, setting->value, setting->file, setting->line);
    }
    const struct gb_docker_setting *remap = gb_docker_get(&daemon, "userns-remap");
    gb_fact(
        facts, "user_namespaces",
        !remap && daemon.problem.len
            ? gb_unknown(gb_fact_text(facts, daemon.problem).string)
            : at_setting(facts, gb_bool(daemon.rootless || (remap && remap->value.len)), remap));
    put_truth(&engine, &daemon, "live_restore", "live-restore", false);
    put_truth(&engine, &daemon, "inter_container", "icc", true);
    put_truth(&engine, &daemon, "firewall_rules", "iptables", true);
    put_truth(&engine, &daemon, "no_new_privileges", "no-new-privileges", false);
    put_text(&engine, &daemon, "seccomp_profile", "seccomp-profile", GB_STR("default"));
    put_text(&engine, &daemon, "publish_address", "ip", GB_STR("0.0.0.0"));
    put_logging(&engine, &daemon);
    gb_engine_end(&engine);
    return code;
}
