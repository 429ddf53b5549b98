// Containers and engines from what engines keep on disk: Docker's documents, podman's storage with
// OCI specifications, containerd's bundles; configuration of the engines.
#include "source/container/container_state.h"
#include "source/source.h"

#include "../../sys/collected_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct gb_source gb_source_process, gb_source_container, gb_source_container_engine;

static int setup(void **state)
{
    (void)state;
    if (collected_root_begin(GB_KERNEL_RECORDED))
        return -1;
    temporary_root_file(&root, "/etc/passwd",
                        "root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n"
                        "ops:x:1001:990::/home/ops:/bin/sh\n");
    temporary_root_file(&root, "/etc/group", "root:x:0:\ndocker:x:990:root,dev\ndev:x:1000:\n");
    temporary_root_dirs(&root, "/proc/sys/");
    return 0;
}

static void run(const struct gb_source *source)
{
    struct gb_error err = {0};
    assert_int_equal(source->collect(&collector, &err), GB_OK);
}

static const struct gb_value *value_of(const char *id, const char *field)
{
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("%s was not collected", id);
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    if (!value)
        fail_msg("%s has no %s", id, field);
    return value;
}

static void assert_text(const char *id, const char *field, const char *expected)
{
    struct gb_str seen = gb_value_str_or(value_of(id, field), GB_STR("(no text)"));
    if (!gb_str_is(seen, expected))
        fail_msg("%s of %s is \"" GB_PRI "\", not \"%s\"", field, id, GB_ARG(seen), expected);
}

static void assert_truth(const char *id, const char *field, bool expected)
{
    const struct gb_value *value = value_of(id, field);
    if (value->kind != GB_VALUE_BOOL || value->boolean != expected)
        fail_msg("%s of %s is not %d", field, id, expected);
}

// A list of strings, joined with blanks.
static void assert_list(const char *id, const char *field, const char *expected)
{
    const struct gb_value *value = value_of(id, field);
    assert_int_equal(value->kind, GB_VALUE_LIST);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(1u << 16);
    for (size_t i = 0; i < value->list->count; i++) {
        if (i)
            gb_buffer_char(&text, ' ');
        gb_buffer_add(&text, value->list->items[i].string);
    }
    gb_buffer_char(&text, '\0');
    assert_string_equal(text.data, expected);
}

#define DOCKER_ID    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DOCKER_PLACE "/var/lib/docker/containers/" DOCKER_ID

static void reads_docker_containers(void **state)
{
    (void)state;
    temporary_root_file(
        &root, DOCKER_PLACE "/config.v2.json",
        "{\"ID\":\"" DOCKER_ID "\",\"Name\":\"/web\",\"State\":{\"Running\":true},"
        "\"Config\":{\"Image\":\"nginx:latest\",\"User\":\"\",\"Env\":[\"PATH=/bin\","
        "\"DB_PASSWORD=hunter2\",\"API_TOKEN=${X}\"]},\"AppArmorProfile\":\"docker-default\","
        "\"MountPoints\":{\"/s\":{\"Type\":\"bind\",\"Source\":\"/var/run/docker.sock\","
        "\"Destination\":\"/s\",\"RW\":true},\"/d\":{\"Type\":\"volume\",\"Source\":\"\","
        "\"Destination\":\"/d\",\"RW\":true}}}");
    temporary_root_file(
        &root, DOCKER_PLACE "/hostconfig.json",
        "{\"Privileged\":false,\"CapAdd\":[\"NET_ADMIN\"],\"CapDrop\":[\"CHOWN\",\"MKNOD\"],"
        "\"NetworkMode\":\"host\",\"PidMode\":\"\",\"IpcMode\":\"private\",\"Memory\":1000,"
        "\"PidsLimit\":null,\"SecurityOpt\":[\"seccomp=unconfined\"],\"ReadonlyRootfs\":true,"
        "\"RestartPolicy\":{\"Name\":\"always\"},\"Devices\":[{\"PathOnHost\":\"/dev/kvm\"}],"
        "\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}],"
        "\"81/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"81\"}]}}");
    run(&gb_source_container);
    const char *const id = "container:web";
    assert_text(id, "engine", "docker");
    assert_text(id, "image", "nginx:latest");
    assert_truth(id, "privileged", false);
    assert_truth(id, "runs_as_root", true);
    assert_truth(id, "running", false); // no process in its control group
    assert_truth(id, "seccomp", false);
    assert_truth(id, "confined", true);
    assert_text(id, "profile", "docker-default");
    assert_truth(id, "memory_limited", true);
    assert_truth(id, "processes_limited", false);
    assert_truth(id, "read_only_root", true);
    assert_truth(id, "user_namespace", false);
    assert_text(id, "restart", "always");
    assert_list(id, "host_namespaces", "network");
    assert_list(id, "secret_variables", "DB_PASSWORD");
    assert_list(id, "devices", "/dev/kvm");
    assert_list(id, "capabilities",
                "CAP_DAC_OVERRIDE CAP_FSETID CAP_FOWNER CAP_NET_RAW CAP_SETGID CAP_SETUID "
                "CAP_SETFCAP CAP_SETPCAP CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_KILL "
                "CAP_AUDIT_WRITE CAP_NET_ADMIN");
    const struct gb_list *mounts = value_of(id, "mounts")->list;
    assert_int_equal(mounts->count, 1); // a named volume is no path of the host
    assert_true(gb_str_is(gb_value_str_or(gb_value_get(&mounts->items[0], "risk"), GB_STR("")),
                          "engine socket"));
    const struct gb_list *ports = value_of(id, "ports")->list;
    assert_int_equal(ports->count, 2);
    assert_true(gb_value_get(&ports->items[0], "exposed")->boolean);
    assert_false(gb_value_get(&ports->items[1], "exposed")->boolean);
}

#define PODMAN_ID "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char spec[] =
    "{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":1000,\"gid\":0},\"env\":"
    "[\"SECRET_KEY_BASE_SECRET=abc\"],\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"]},"
    "\"noNewPrivileges\":true,\"apparmorProfile\":\"unconfined\"},\"root\":{\"path\":\"/x\","
    "\"readonly\":false},\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":"
    "\"proc\"},{\"destination\":\"/host\",\"type\":\"bind\",\"source\":\"/\",\"options\":"
    "[\"rbind\",\"ro\"]}],\"annotations\":{},\"linux\":{\"resources\":{\"pids\":{\"limit\":2048},"
    "\"memory\":{}},\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":\"mount\"},"
    "{\"type\":\"network\",\"path\":\"/run/netns/x\"}],\"seccomp\":{\"defaultAction\":"
    "\"SCMP_ACT_ERRNO\"},\"maskedPaths\":[\"/proc/kcore\"]}}";

static void reads_stored_and_bundled_containers(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/containers/storage/overlay-containers/containers.json",
                        "[{\"id\":\"" PODMAN_ID "\",\"names\":[\"db\"],\"metadata\":"
                        "\"{\\\"image-name\\\":\\\"localhost/db:1\\\"}\"},{\"id\":\"../../etc\"},"
                        "{\"id\":\"never-started\"}]");
    temporary_root_file(
        &root, "/var/lib/containers/storage/overlay-containers/" PODMAN_ID "/userdata/config.json",
        spec);
    temporary_root_file(&root,
                        "/home/dev/.local/share/containers/storage/vfs-containers/"
                        "containers.json",
                        "[{\"id\":\"own\",\"names\":[\"mine\"]}]");
    temporary_root_file(&root,
                        "/home/dev/.local/share/containers/storage/vfs-containers/own/"
                        "userdata/config.json",
                        spec);
    temporary_root_file(&root,
                        "/run/containerd/io.containerd.runtime.v2.task/k8s.io/pod1/config.json",
                        "{\"ociVersion\":\"1.0.2\",\"linux\":{\"namespaces\":[]},\"annotations\":"
                        "{\"io.kubernetes.cri.container-type\":\"sandbox\"}}");
    temporary_root_file(
        &root, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/c1/config.json",
        "{\"ociVersion\":\"1.0.2\",\"process\":{\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\","
        "\"CAP_SYS_MODULE\"]}},\"linux\":{\"namespaces\":[{\"type\":\"user\"}]},\"annotations\":"
        "{\"io.kubernetes.cri.container-name\":\"agent\",\"io.kubernetes.cri.image-name\":"
        "\"registry/agent@sha256:1\"}}");
    // A process of the first one runs; another one's engine is not known.
    temporary_root_file(&root, "/proc/9/status", "Name:\tdb\nVmSize:\t1 kB\nUid:\t0\t0\t0\t0\n");
    temporary_root_file(&root, "/proc/9/cgroup", "0::/machine.slice/libpod-" PODMAN_ID ".scope\n");
    temporary_root_link(&root, "/proc/9/exe", "/db");
    temporary_root_file(&root, "/proc/10/status", "Name:\tx\nVmSize:\t1 kB\nUid:\t0\t0\t0\t0\n");
    temporary_root_file(&root, "/proc/10/cgroup", "0::/garden/" DOCKER_ID "\n");
    temporary_root_link(&root, "/proc/10/exe", "/x");
    run(&gb_source_process);
    run(&gb_source_container);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("container"))->count, 4);

    const char *id = "container:db";
    assert_text(id, "engine", "podman");
    assert_text(id, "image", "localhost/db:1");
    assert_text(id, "owner", "root");
    assert_truth(id, "running", true);
    assert_truth(id, "runs_as_root", false);
    assert_truth(id, "user_namespace", false);
    assert_truth(id, "no_new_privileges", true);
    assert_truth(id, "confined", false);
    assert_truth(id, "seccomp", true);
    assert_truth(id, "masked_paths", true);
    assert_truth(id, "processes_limited", true);
    assert_truth(id, "memory_limited", false);
    assert_list(id, "host_namespaces", "uts");
    assert_list(id, "capabilities", "CAP_CHOWN");
    assert_list(id, "secret_variables", "SECRET_KEY_BASE_SECRET");
    const struct gb_list *mounts = value_of(id, "mounts")->list;
    assert_int_equal(mounts->count, 1);
    assert_true(gb_str_is(gb_value_str_or(gb_value_get(&mounts->items[0], "risk"), GB_STR("")),
                          "whole file system"));
    assert_false(gb_value_get(&mounts->items[0], "writable")->boolean);

    assert_text("container:mine", "owner", "dev");
    assert_truth("container:mine", "user_namespace", true);
    assert_truth("container:agent", "privileged",
                 true); // every wall is down, whatever it is called
    assert_truth("container:agent", "user_namespace", true);
    assert_list("container:agent", "host_namespaces", "pid network ipc uts");
    assert_text("container:aaaaaaaaaaaa", "engine", "unknown");
    assert_int_equal(value_of("container:aaaaaaaaaaaa", "privileged")->kind, GB_VALUE_UNKNOWN);
}

static void reports_records_it_cannot_read(void **state)
{
    (void)state;
    temporary_root_file(&root, DOCKER_PLACE "/config.v2.json", "{\"ID\": ");
    run(&gb_source_container);
    const struct gb_kind_state *kind = gb_collection_kind(collector.all, GB_STR("container"));
    assert_int_equal(kind->presence, GB_NOT_KNOWN);
    assert_true(gb_str_contains(kind->reason, GB_STR("config.v2.json")));
}

static void reads_docker_settings(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/bin/dockerd", "x");
    temporary_root_file(&root, "/etc/docker/daemon.json",
                        "{\n \"hosts\": [\"unix:///run/docker.sock\", \"tcp://0.0.0.0:2375\"],\n"
                        " \"insecure-registries\": [\"10.0.0.1:5000\"],\n"
                        " \"log-opts\": {\"max-size\": \"10m\"},\n \"live-restore\": true\n}\n");
    temporary_root_file(&root, "/usr/lib/systemd/system/docker.service",
                        "[Service]\nExecStart=/usr/bin/dockerd --icc=false -H tcp://127.0.0.1:2376"
                        " --tlsverify --userns-remap default\n");
    run(&gb_source_container_engine);
    const char *const id = "container_engine:docker";
    assert_truth(id, "running", false);
    assert_truth(id, "live_restore", true);
    assert_truth(id, "inter_container", false);
    assert_truth(id, "user_namespaces", true);
    assert_truth(id, "no_new_privileges", false);
    assert_truth(id, "log_limited", true);
    assert_text(id, "log_driver", "json-file");
    assert_text(id, "seccomp_profile", "default");
    assert_list(id, "insecure_registries", "10.0.0.1:5000");
    assert_list(id, "members", "dev ops");
    const struct gb_list *tcp = value_of(id, "tcp")->list;
    assert_int_equal(tcp->count, 2);
    assert_true(gb_value_get(&tcp->items[0], "exposed")->boolean);
    assert_true(gb_value_get(&tcp->items[0], "authenticated")->boolean);
    assert_false(gb_value_get(&tcp->items[1], "exposed")->boolean);
    const struct gb_origin *origin =
        gb_collection_origin_of(collector.all, gb_value_get(&tcp->items[0], "address")->origin);
    assert_true(gb_str_is(origin->where, "/etc/docker/daemon.json"));
    assert_int_equal(origin->line, 2);
    const struct gb_value *socket = &value_of(id, "sockets")->list->items[0];
    assert_false(gb_value_get(socket, "live")->boolean);
    assert_false(gb_value_get(socket, "everybody")->boolean);
}

static void does_not_guess_from_a_broken_file(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/bin/dockerd", "x");
    temporary_root_file(&root, "/etc/docker/daemon.json", "{\"live-restore\": true,}");
    run(&gb_source_container_engine);
    const char *const id = "container_engine:docker";
    assert_int_equal(value_of(id, "live_restore")->kind, GB_VALUE_UNKNOWN);
    assert_int_equal(value_of(id, "user_namespaces")->kind, GB_VALUE_UNKNOWN);
    assert_true(gb_str_contains(value_of(id, "config_problem")->string, GB_STR("daemon.json")));
}

static void reads_settings_in_toml(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/bin/podman", "x");
    temporary_root_file(&root, "/etc/containers/containers.conf",
                        "[containers]\nuserns = \"auto\"\nlog_driver = \"journald\"\n");
    temporary_root_file(&root, "/etc/containers/containers.conf.d/10-x.conf",
                        "[containers]\nno_new_privileges = true\nuserns = \"host\"\n");
    temporary_root_file(&root, "/etc/containers/registries.conf",
                        "[[registry]]\nlocation = \"good\"\n[[registry]]\nprefix = \"p\"\n"
                        "location = \"10.0.0.2:5000\"\ninsecure = true\n");
    temporary_root_file(&root, "/etc/containers/policy.json",
                        "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}");
    temporary_root_file(&root, "/usr/bin/containerd", "x");
    temporary_root_file(&root, "/etc/containerd/config.toml",
                        "version = 2\n[grpc]\n  tcp_address = \"0.0.0.0:9000\"\n"
                        "[plugins.\"io.containerd.grpc.v1.cri\"]\nstream_server_address = \"\"\n"
                        "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"r:1\".tls]\n"
                        "insecure_skip_verify = true\n");
    temporary_root_file(&root, "/etc/containerd/certs.d/h/hosts.toml",
                        "server = \"http://h\"\n[host.\"https://m\"]\nskip_verify = true\n");
    run(&gb_source_container_engine);
    const char *id = "container_engine:podman";
    assert_truth(id, "user_namespaces", false);
    assert_truth(id, "no_new_privileges", true);
    assert_text(id, "log_driver", "journald");
    assert_text(id, "image_policy", "accept_anything");
    assert_list(id, "insecure_registries", "10.0.0.2:5000");
    assert_int_equal(value_of(id, "sockets")->list->count, 0); // its API is off
    id = "container_engine:containerd";
    assert_list(id, "insecure_registries", "r:1 http://h https://m");
    const struct gb_list *tcp = value_of(id, "tcp")->list;
    assert_int_equal(tcp->count, 2);
    assert_true(gb_value_get(&tcp->items[0], "exposed")->boolean);
    assert_true(gb_value_get(&tcp->items[1], "exposed")->boolean);
}

static void says_when_there_is_nothing(void **state)
{
    (void)state;
    run(&gb_source_container_engine);
    run(&gb_source_container);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("container_engine"))->presence,
                     GB_ABSENT);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("container"))->presence, GB_ABSENT);
}

static void rates_mounts(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"/", "whole file system"},
        {"/run/docker.sock", "engine socket"},
        {"/var/run/", "engine socket"},
        {"/etc", "system directory"},
        {"/etc/", "system directory"},
        {"/etc/localtime", ""},
        {"/etc/ssl/certs", ""},
        {"/root/.ssh", "home directories"},
        {"/home", "home directories"},
        {"/home/dev/src", ""},
        {"/proc", "kernel interface"},
        {"/sys/kernel/security", "kernel interface"},
        {"/sys/fs/cgroup", ""},
        {"/dev", "devices"},
        {"/dev/kvm", ""},
        {"/srv/data", ""},
        {"/var/lib/docker/volumes/x/_data", ""},
        {"/usr/share/zoneinfo", ""},
        {"/rooted", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str risk = gb_container_mount_risk(gb_str_of(rows[i][0]));
        if (!gb_str_is(risk, rows[i][1]))
            fail_msg("%s: \"" GB_PRI "\", not \"%s\"", rows[i][0], GB_ARG(risk), rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_docker_containers, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_stored_and_bundled_containers, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(reports_records_it_cannot_read, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_docker_settings, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(does_not_guess_from_a_broken_file, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(reads_settings_in_toml, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(says_when_there_is_nothing, setup, collected_root_end),
        cmocka_unit_test(rates_mounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
