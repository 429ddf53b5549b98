// Reads container documents: see container_state.h.
#include "source/container/container_state.h"

#include "source/host/secret_name.h"

static struct gb_str text_at(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = map ? gb_node_get(map, key) : NULL;
    return node && node->kind == GB_NODE_STRING ? node->string : (struct gb_str){0};
}

static bool truth_at(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = map ? gb_node_get(map, key) : NULL;
    return node && node->kind == GB_NODE_BOOL && node->boolean;
}

static int64_t number_at(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = map ? gb_node_get(map, key) : NULL;
    return node && node->kind == GB_NODE_INT ? node->integer : 0;
}

// NULL where there is no list or map of that name.
static const struct gb_node *child(const struct gb_node *map, const char *key, uint8_t kind)
{
    const struct gb_node *node = map ? gb_node_get(map, key) : NULL;
    return node && node->kind == kind ? node : NULL;
}

static size_t length(const struct gb_node *list)
{
    return list ? list->list.count : 0;
}

static struct gb_str text_of(const struct gb_node *list, size_t i)
{
    const struct gb_node *node = &list->list.items[i];
    return node->kind == GB_NODE_STRING ? node->string : (struct gb_str){0};
}

void gb_container_add_name(struct gb_container_names *names, struct gb_str name)
{
    if (name.len && names->count < GB_CONTAINER_LIST_MAX)
        names->items[names->count++] = name;
}

void gb_container_add_environment(struct gb_container_state *state, const struct gb_node *list)
{
    for (size_t i = 0; i < length(list); i++) {
        struct gb_str variable = text_of(list, i);
        ptrdiff_t equals = gb_str_find_char(variable, '=');
        if (equals <= 0)
            continue;
        struct gb_str name = gb_str_sub(variable, 0, (size_t)equals);
        if (gb_secret_name(name) && gb_secret_literal(gb_str_from(variable, (size_t)equals + 1)))
            gb_container_add_name(&state->secret_variables, name);
    }
}

// Engine sockets as they are called in /run and /var/run.
static bool is_engine_socket(struct gb_str source)
{
    static const char *const names[] = {"docker.sock",   "podman.sock",     "containerd.sock",
                                        "crio.sock",     "dockershim.sock", "cri-dockerd.sock",
                                        "buildkitd.sock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gb_str_ends(source, gb_str_of(names[i])))
            return true;
    }
    // A mount of the directory gives the socket too.
    static const char *const directories[] = {
        "/run",      "/var/run",        "/run/docker",        "/run/podman", "/run/containerd",
        "/run/crio", "/var/run/docker", "/var/run/containerd"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        if (gb_str_is(source, directories[i]))
            return true;
    }
    return false;
}

struct gb_str gb_container_mount_risk(struct gb_str source)
{
    static const struct {
        const char *path;
        bool below; // what lies below it counts as well
        const char *risk;
    } rows[] = {
        {"/etc", false, "system directory"},
        {"/etc/shadow", false, "system directory"},
        {"/etc/sudoers.d", true, "system directory"},
        {"/etc/cron.d", true, "system directory"},
        {"/etc/systemd", true, "system directory"},
        {"/etc/kubernetes", true, "system directory"},
        {"/usr", false, "system directory"},
        {"/usr/bin", false, "system directory"},
        {"/usr/sbin", false, "system directory"},
        {"/usr/lib", false, "system directory"},
        {"/bin", false, "system directory"},
        {"/sbin", false, "system directory"},
        {"/lib", false, "system directory"},
        {"/lib64", false, "system directory"},
        {"/boot", true, "system directory"},
        {"/lib/systemd", true, "system directory"},
        {"/var", false, "system directory"},
        {"/var/lib", false, "system directory"},
        {"/var/lib/docker", false, "system directory"},
        {"/var/lib/containers", false, "system directory"},
        {"/var/lib/containers/storage", false, "system directory"},
        {"/var/lib/containerd", false, "system directory"},
        {"/var/lib/kubelet", false, "system directory"},
        {"/var/spool/cron", true, "system directory"},
        {"/home", false, "home directories"},
        {"/root", true, "home directories"},
        {"/proc", false, "kernel interface"},
        {"/proc/sys", true, "kernel interface"},
        {"/sys", false, "kernel interface"},
        {"/sys/kernel/security", true, "kernel interface"},
        {"/dev", false, "devices"},
        {"/dev/mem", false, "devices"},
    };
    while (source.len > 1 && source.at[source.len - 1] == '/')
        source.len--;
    if (gb_str_is(source, "/"))
        return GB_STR("whole file system");
    if (is_engine_socket(source))
        return GB_STR("engine socket");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str path = gb_str_of(rows[i].path);
        if (gb_str_eq(source, path) || (rows[i].below && gb_str_starts(source, path) &&
                                        source.len > path.len && source.at[path.len] == '/'))
            return gb_str_of(rows[i].risk);
    }
    return (struct gb_str){0};
}

static void add_mount(struct gb_container_state *state, struct gb_str source,
                      struct gb_str destination, bool writable)
{
    if (state->mount_count < GB_CONTAINER_LIST_MAX)
        state->mounts[state->mount_count++] = (struct gb_container_mount){
            .source = source, .destination = destination, .writable = writable};
}

// --- OCI runtime specification ---

static void read_oci_namespaces(const struct gb_node *linux_part, struct gb_container_state *state)
{
    static const char *const kinds[] = {"pid", "network", "ipc", "uts", "cgroup"};
    const struct gb_node *list = child(linux_part, "namespaces", GB_NODE_LIST);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        bool own = false;
        for (size_t i = 0; i < length(list) && !own; i++)
            own = gb_str_is(text_at(&list->list.items[i], "type"), kinds[k]);
        // The cgroup namespace is no wall of its own where the hierarchy is read-only.
        if (!own && strcmp(kinds[k], "cgroup") != 0)
            gb_container_add_name(&state->host_namespaces, gb_str_of(kinds[k]));
    }
    for (size_t i = 0; i < length(list); i++) {
        if (gb_str_is(text_at(&list->list.items[i], "type"), "user"))
            state->user_namespace = true;
    }
}

static void read_oci_mounts(const struct gb_node *spec, struct gb_container_state *state)
{
    const struct gb_node *list = child(spec, "mounts", GB_NODE_LIST);
    for (size_t i = 0; i < length(list); i++) {
        const struct gb_node *mount = &list->list.items[i];
        const struct gb_node *options = child(mount, "options", GB_NODE_LIST);
        struct gb_str type = text_at(mount, "type"), source = text_at(mount, "source");
        bool bind = gb_str_is(type, "bind"), read_only = false;
        for (size_t k = 0; k < length(options); k++) {
            struct gb_str option = text_of(options, k);
            bind = bind || gb_str_is(option, "bind") || gb_str_is(option, "rbind");
            read_only = read_only || gb_str_is(option, "ro");
        }
        if (bind && source.len && source.at[0] == '/')
            add_mount(state, source, text_at(mount, "destination"), !read_only);
    }
}

static void read_oci_limits(const struct gb_node *linux_part, struct gb_container_state *state)
{
    const struct gb_node *resources = child(linux_part, "resources", GB_NODE_MAP);
    const struct gb_node *memory = child(resources, "memory", GB_NODE_MAP);
    const struct gb_node *processes = child(resources, "pids", GB_NODE_MAP);
    state->memory_limited = number_at(memory, "limit") > 0;
    state->processes_limited = number_at(processes, "limit") > 0;
}

static void read_oci_process(const struct gb_node *process, struct gb_arena *arena,
                             struct gb_container_state *state)
{
    const struct gb_node *user = child(process, "user", GB_NODE_MAP);
    const struct gb_node *capabilities = child(process, "capabilities", GB_NODE_MAP);
    const struct gb_node *bounding = child(capabilities, "bounding", GB_NODE_LIST);
    for (size_t i = 0; i < length(bounding); i++)
        gb_container_add_name(&state->capabilities, text_of(bounding, i));
    int64_t uid = number_at(user, "uid");
    state->user = gb_str_format(arena, "%lld", (long long)uid);
    state->root_user = uid == 0;
    state->no_new_privileges = truth_at(process, "noNewPrivileges");
    struct gb_str apparmor = text_at(process, "apparmorProfile");
    struct gb_str label = text_at(process, "selinuxLabel");
    state->mac_profile = apparmor.len ? apparmor : label;
    state->mac_confined = state->mac_profile.len && !gb_str_is(apparmor, "unconfined") &&
                          !gb_str_contains(label, GB_STR("spc_t"));
    gb_container_add_environment(state, child(process, "env", GB_NODE_LIST));
}

static bool masks_kernel_paths(const struct gb_node *linux_part)
{
    const struct gb_node *masked = child(linux_part, "maskedPaths", GB_NODE_LIST);
    for (size_t i = 0; i < length(masked); i++) {
        if (gb_str_is(text_of(masked, i), "/proc/kcore"))
            return true;
    }
    return false;
}

static void read_oci_annotations(const struct gb_node *spec, struct gb_container_state *state)
{
    const struct gb_node *notes = child(spec, "annotations", GB_NODE_MAP);
    static const char *const images[] = {
        "io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName",
        "io.podman.annotations.image", "org.opencontainers.image.ref.name"};
    static const char *const names[] = {"io.kubernetes.cri.container-name",
                                        "io.kubernetes.container.name",
                                        "io.kubernetes.cri.sandbox-name"};
    for (size_t i = 0; i < sizeof images / sizeof *images && !state->image.len; i++)
        state->image = text_at(notes, images[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names && !state->name.len; i++)
        state->name = text_at(notes, names[i]);
    state->sandbox = gb_str_is(text_at(notes, "io.kubernetes.cri.container-type"), "sandbox") ||
                     gb_str_is(text_at(notes, "io.kubernetes.cri-o.ContainerType"), "sandbox");
    if (text_at(notes, "io.kubernetes.cri-o.ContainerType").len)
        state->engine = GB_STR("cri-o");
    if (gb_str_eq_nocase(text_at(notes, "io.podman.annotations.privileged"), GB_STR("true")))
        state->privileged = true;
}

int gb_container_from_oci(const struct gb_node *spec, struct gb_arena *arena,
                          struct gb_container_state *ret)
{
    const struct gb_node *linux_part = child(spec, "linux", GB_NODE_MAP);
    const struct gb_node *process = child(spec, "process", GB_NODE_MAP);
    if (spec->kind != GB_NODE_MAP || !text_at(spec, "ociVersion").len || !linux_part)
        return GB_E_TYPE;
    const struct gb_node *root = child(spec, "root", GB_NODE_MAP);
    const struct gb_node *devices = child(linux_part, "devices", GB_NODE_LIST);
    read_oci_annotations(spec, ret);
    read_oci_namespaces(linux_part, ret);
    read_oci_mounts(spec, ret);
    read_oci_limits(linux_part, ret);
    read_oci_process(process, arena, ret);
    ret->seccomp = child(linux_part, "seccomp", GB_NODE_MAP) != NULL;
    ret->read_only_root = truth_at(root, "readonly");
    ret->masked_paths = masks_kernel_paths(linux_part);
    for (size_t i = 0; i < length(devices); i++)
        gb_container_add_name(&ret->devices, text_at(&devices->list.items[i], "path"));
    // The engines' own word for it is an annotation at best. Every wall taken down is the same.
    bool admin = false, module = false;
    for (size_t i = 0; i < ret->capabilities.count; i++) {
        admin = admin || gb_str_is(ret->capabilities.items[i], "CAP_SYS_ADMIN");
        module = module || gb_str_is(ret->capabilities.items[i], "CAP_SYS_MODULE");
    }
    ret->privileged = ret->privileged || (admin && module && !ret->masked_paths && !ret->seccomp);
    return GB_OK;
}

// --- Docker ---

// What Docker gives a container that asks for nothing.
static const char *const docker_capabilities[] = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE",
};

static bool list_names(const struct gb_node *list, struct gb_str capability)
{
    struct gb_str plain = gb_str_from(capability, 4);
    for (size_t i = 0; i < length(list); i++) {
        struct gb_str name = text_of(list, i);
        if (gb_str_eq_nocase(name, capability) || gb_str_eq_nocase(name, plain) ||
            gb_str_eq_nocase(name, GB_STR("ALL")))
            return true;
    }
    return false;
}

static void read_docker_capabilities(const struct gb_node *host, struct gb_arena *arena,
                                     struct gb_container_state *state)
{
    const struct gb_node *add = child(host, "CapAdd", GB_NODE_LIST);
    const struct gb_node *drop = child(host, "CapDrop", GB_NODE_LIST);
    bool all = false;
    for (size_t i = 0; i < sizeof docker_capabilities / sizeof *docker_capabilities; i++) {
        struct gb_str name = gb_str_of(docker_capabilities[i]);
        if (list_names(add, name) || !list_names(drop, name))
            gb_container_add_name(&state->capabilities, name);
    }
    for (size_t i = 0; i < length(add); i++) {
        struct gb_str name = text_of(add, i);
        bool standard = false;
        if (gb_str_eq_nocase(name, GB_STR("ALL"))) {
            all = true;
            continue;
        }
        if (!gb_str_starts(name, GB_STR("CAP_")))
            name = gb_str_format(arena, "CAP_" GB_PRI, GB_ARG(name));
        for (size_t k = 0; k < sizeof docker_capabilities / sizeof *docker_capabilities; k++)
            standard = standard || gb_str_eq_nocase(name, gb_str_of(docker_capabilities[k]));
        if (!standard)
            gb_container_add_name(&state->capabilities, name);
    }
    // Of all of them those that a host fears are named.
    static const char *const dangerous[] = {
        "CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_PTRACE",      "CAP_SYS_RAWIO",
        "CAP_NET_ADMIN", "CAP_BPF",        "CAP_DAC_READ_SEARCH", "CAP_SYS_BOOT",
        "CAP_SYS_TIME",  "CAP_PERFMON",    "CAP_SYSLOG"};
    for (size_t i = 0; (all || state->privileged) && i < sizeof dangerous / sizeof *dangerous; i++)
        gb_container_add_name(&state->capabilities, gb_str_of(dangerous[i]));
}

static void read_docker_security(const struct gb_node *config, const struct gb_node *host,
                                 const struct gb_docker_defaults *defaults,
                                 struct gb_container_state *state)
{
    const struct gb_node *options = child(host, "SecurityOpt", GB_NODE_LIST);
    struct gb_str apparmor = text_at(config, "AppArmorProfile");
    struct gb_str label = text_at(config, "ProcessLabel");
    state->no_new_privileges = truth_at(config, "NoNewPrivileges") || defaults->no_new_privileges;
    struct gb_str filter = text_at(config, "SeccompProfile");
    state->seccomp = !state->privileged && !gb_str_is(filter, "unconfined") &&
                     !(defaults->no_seccomp && !filter.len);
    state->masked_paths = !state->privileged;
    for (size_t i = 0; i < length(options); i++) {
        struct gb_str option = text_of(options, i);
        if (gb_str_starts(option, GB_STR("no-new-privileges")))
            state->no_new_privileges = !gb_str_ends(option, GB_STR("false"));
        else if (gb_str_is(option, "seccomp=unconfined") || gb_str_is(option, "seccomp:unconfined"))
            state->seccomp = false;
        else if (gb_str_is(option, "systempaths=unconfined"))
            state->masked_paths = false;
        else if (gb_str_starts(option, GB_STR("apparmor")) && !apparmor.len)
            apparmor = gb_str_from(option, 9);
        else if (gb_str_is(option, "label=disable") || gb_str_is(option, "label:disable"))
            label = (struct gb_str){0};
    }
    state->mac_profile = apparmor.len ? apparmor : label;
    state->mac_confined =
        state->mac_profile.len && !gb_str_is(apparmor, "unconfined") && !state->privileged;
}

static void read_docker_namespaces(const struct gb_node *host, struct gb_container_state *state)
{
    static const char *const rows[][2] = {
        {"PidMode", "pid"}, {"NetworkMode", "network"}, {"IpcMode", "ipc"}, {"UTSMode", "uts"}};
    for (size_t i = 0; i < 4; i++) {
        if (gb_str_is(text_at(host, rows[i][0]), "host"))
            gb_container_add_name(&state->host_namespaces, gb_str_of(rows[i][1]));
    }
}

static void read_docker_mounts(const struct gb_node *config, struct gb_container_state *state)
{
    const struct gb_node *points = child(config, "MountPoints", GB_NODE_MAP);
    for (size_t i = 0; points && i < points->map.count; i++) {
        const struct gb_node *point = &points->map.pairs[i].value;
        struct gb_str source = text_at(point, "Source");
        if (source.len && !gb_str_is(text_at(point, "Type"), "volume"))
            add_mount(state, source, text_at(point, "Destination"), truth_at(point, "RW"));
    }
}

static void read_docker_ports(const struct gb_node *host, struct gb_container_state *state)
{
    const struct gb_node *bindings = child(host, "PortBindings", GB_NODE_MAP);
    for (size_t i = 0; bindings && i < bindings->map.count; i++) {
        const struct gb_node_pair *pair = &bindings->map.pairs[i];
        for (size_t k = 0; pair->value.kind == GB_NODE_LIST && k < pair->value.list.count; k++) {
            const struct gb_node *binding = &pair->value.list.items[k];
            if (state->port_count < GB_CONTAINER_LIST_MAX)
                state->ports[state->port_count++] =
                    (struct gb_container_port){.address = text_at(binding, "HostIp"),
                                               .port = text_at(binding, "HostPort"),
                                               .container_port = pair->key};
        }
    }
}

static void read_docker_user(const struct gb_node *inner, struct gb_container_state *state)
{
    struct gb_str user = text_at(inner, "User");
    ptrdiff_t colon = gb_str_find_char(user, ':');
    struct gb_str name = colon < 0 ? user : gb_str_sub(user, 0, (size_t)colon);
    state->root_user = !name.len || gb_str_is(name, "root") || gb_str_is(name, "0");
    state->user = name.len ? name : GB_STR("root");
}

int gb_container_from_docker(const struct gb_node *config, const struct gb_node *host_config,
                             const struct gb_docker_defaults *defaults, struct gb_arena *arena,
                             struct gb_container_state *ret)
{
    if (config->kind != GB_NODE_MAP || host_config->kind != GB_NODE_MAP ||
        !text_at(config, "ID").len)
        return GB_E_TYPE;
    const struct gb_node *inner = child(config, "Config", GB_NODE_MAP);
    const struct gb_node *run = child(config, "State", GB_NODE_MAP);
    const struct gb_node *restart = child(host_config, "RestartPolicy", GB_NODE_MAP);
    const struct gb_node *devices = child(host_config, "Devices", GB_NODE_LIST);
    struct gb_str name = text_at(config, "Name");
    ret->id = text_at(config, "ID");
    ret->name = name.len && name.at[0] == '/' ? gb_str_from(name, 1) : name;
    ret->image = text_at(inner, "Image");
    ret->running_known = run != NULL;
    ret->running = truth_at(run, "Running");
    ret->privileged = truth_at(host_config, "Privileged");
    ret->read_only_root = truth_at(host_config, "ReadonlyRootfs");
    ret->memory_limited = number_at(host_config, "Memory") > 0;
    ret->processes_limited = number_at(host_config, "PidsLimit") > 0;
    ret->restart = text_at(restart, "Name");
    // The daemon maps users for all; a container can only opt out of that.
    ret->user_namespace =
        defaults->user_namespace && !gb_str_is(text_at(host_config, "UsernsMode"), "host");
    read_docker_user(inner, ret);
    read_docker_capabilities(host_config, arena, ret);
    read_docker_security(config, host_config, defaults, ret);
    read_docker_namespaces(host_config, ret);
    read_docker_mounts(config, ret);
    read_docker_ports(host_config, ret);
    gb_container_add_environment(ret, child(inner, "Env", GB_NODE_LIST));
    for (size_t i = 0; i < length(devices); i++)
        gb_container_add_name(&ret->devices, text_at(&devices->list.items[i], "PathOnHost"));
    return GB_OK;
}
