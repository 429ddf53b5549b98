// Files with credentials in well-known places (kind "credential_file"). Every home directory is
// listed once; only names that are there are looked at. Runs after the units: the files that
// services read their environment from are looked into as well.
#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/credential_text.h"
#include "source/host/path_readers.h"
#include "source/host/path_trust.h"

static const char *const kinds[] = {"credential_file", NULL};

enum { MAX_LISTED = 20000, MAX_HOMES = 4096, MAX_BYTES = 1 << 20 };

// A place: below a home directory (`path` without a slash in front) or absolute. A path that ends
// in
// "/*" stands for the files of a directory.
struct place {
    const char *path, *type, *title, *family;
    enum gb_credential_format format;
    bool expires; // tokens in it expire by themselves
};

static const struct place home_places[] = {
    {".aws/credentials", "aws", "AWS access keys", "cloud", GB_CREDENTIAL_AWS, false},
    {".aws/config", "aws", "AWS access keys", "cloud", GB_CREDENTIAL_AWS, false},
    {".azure/msal_token_cache.json", "azure", "Azure tokens", "cloud", GB_CREDENTIAL_JSON, true},
    {".azure/service_principal_entries.json", "azure", "Azure service principal", "cloud",
     GB_CREDENTIAL_JSON, false},
    {".azure/accessTokens.json", "azure", "Azure tokens", "cloud", GB_CREDENTIAL_JSON, true},
    {".config/gcloud/application_default_credentials.json", "gcloud", "Google Cloud credentials",
     "cloud", GB_CREDENTIAL_GCLOUD, false},
    {".config/gcloud/credentials.db", "gcloud", "Google Cloud credentials", "cloud",
     GB_CREDENTIAL_PRESENT, false},
    {".oci/oci_api_key.pem", "oci", "Oracle Cloud API key", "cloud", GB_CREDENTIAL_PRESENT, false},
    {".config/doctl/config.yaml", "digitalocean", "DigitalOcean token", "cloud",
     GB_CREDENTIAL_SETTINGS, false},
    {".config/hcloud/cli.toml", "hetzner", "Hetzner Cloud token", "cloud", GB_CREDENTIAL_SETTINGS,
     false},
    {".s3cfg", "s3cmd", "S3 keys", "cloud", GB_CREDENTIAL_SETTINGS, false},
    {".boto", "boto", "cloud storage keys", "cloud", GB_CREDENTIAL_SETTINGS, false},
    {".config/rclone/rclone.conf", "rclone", "rclone remotes", "cloud", GB_CREDENTIAL_RCLONE,
     false},
    {".terraform.d/credentials.tfrc.json", "terraform", "Terraform token", "cloud",
     GB_CREDENTIAL_JSON, false},
    {".terraformrc", "terraform", "Terraform token", "cloud", GB_CREDENTIAL_SETTINGS, false},
    {".databrickscfg", "databricks", "Databricks token", "cloud", GB_CREDENTIAL_SETTINGS, false},
    {".kube/config", "kubeconfig", "Kubernetes credentials", "cluster", GB_CREDENTIAL_KUBECONFIG,
     false},
    {".config/argocd/config", "argocd", "Argo CD token", "cluster", GB_CREDENTIAL_SETTINGS, true},
    {".docker/config.json", "docker", "container registry logins", "registry", GB_CREDENTIAL_DOCKER,
     false},
    {".config/containers/auth.json", "containers", "container registry logins", "registry",
     GB_CREDENTIAL_DOCKER, false},
    {".config/helm/registry/config.json", "helm", "chart registry logins", "registry",
     GB_CREDENTIAL_DOCKER, false},
    {".npmrc", "npm", "npm token", "registry", GB_CREDENTIAL_NPM, false},
    {".yarnrc.yml", "yarn", "npm token", "registry", GB_CREDENTIAL_SETTINGS, false},
    {".pypirc", "pypi", "PyPI token", "registry", GB_CREDENTIAL_SETTINGS, false},
    {".gem/credentials", "rubygems", "RubyGems key", "registry", GB_CREDENTIAL_SETTINGS, false},
    {".cargo/credentials", "cargo", "crates.io token", "registry", GB_CREDENTIAL_SETTINGS, false},
    {".cargo/credentials.toml", "cargo", "crates.io token", "registry", GB_CREDENTIAL_SETTINGS,
     false},
    {".m2/settings.xml", "maven", "Maven server passwords", "registry", GB_CREDENTIAL_XML, false},
    {".gradle/gradle.properties", "gradle", "Gradle passwords", "registry", GB_CREDENTIAL_SETTINGS,
     false},
    {".composer/auth.json", "composer", "Composer tokens", "registry", GB_CREDENTIAL_JSON, false},
    {".config/composer/auth.json", "composer", "Composer tokens", "registry", GB_CREDENTIAL_JSON,
     false},
    {".git-credentials", "git", "Git passwords", "source", GB_CREDENTIAL_URLS, false},
    {".config/git/credentials", "git", "Git passwords", "source", GB_CREDENTIAL_URLS, false},
    {".config/gh/hosts.yml", "github", "GitHub token", "source", GB_CREDENTIAL_SETTINGS, false},
    {".config/hub", "github", "GitHub token", "source", GB_CREDENTIAL_SETTINGS, false},
    {".config/glab-cli/config.yml", "gitlab", "GitLab token", "source", GB_CREDENTIAL_SETTINGS,
     false},
    {".netrc", "netrc", "passwords of network programs", "source", GB_CREDENTIAL_NETRC, false},
    {".gitlab-runner/config.toml", "gitlab-runner", "GitLab runner token", "ci",
     GB_CREDENTIAL_SETTINGS, false},
    {"actions-runner/.credentials_rsaparams", "github-runner", "GitHub runner key", "ci",
     GB_CREDENTIAL_PRESENT, false},
    {".circleci/cli.yml", "circleci", "CircleCI token", "ci", GB_CREDENTIAL_SETTINGS, false},
    {".pgpass", "postgresql", "PostgreSQL passwords", "database", GB_CREDENTIAL_PGPASS, false},
    {".my.cnf", "mysql", "MySQL password", "database", GB_CREDENTIAL_SETTINGS, false},
    {".mylogin.cnf", "mysql", "MySQL logins", "database", GB_CREDENTIAL_PRESENT, false},
    {".vault-token", "vault", "Vault token", "vault", GB_CREDENTIAL_PRESENT, true},
    {".config/sops/age/keys.txt", "age", "age private key", "vault", GB_CREDENTIAL_PRESENT, false},
    {".msmtprc", "msmtp", "mail password", "mail", GB_CREDENTIAL_SETTINGS, false},
    {".fetchmailrc", "fetchmail", "mail password", "mail", GB_CREDENTIAL_NETRC, false},
};

static const struct place system_places[] = {
    {"/etc/kubernetes/admin.conf", "kubeconfig", "Kubernetes administrator credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/kubernetes/super-admin.conf", "kubeconfig", "Kubernetes administrator credentials",
     "cluster", GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/kubernetes/controller-manager.conf", "kubeconfig", "Kubernetes credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/kubernetes/scheduler.conf", "kubeconfig", "Kubernetes credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/kubernetes/kubelet.conf", "kubeconfig", "Kubernetes credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/kubernetes/bootstrap-kubelet.conf", "kubeconfig", "Kubernetes bootstrap token",
     "cluster", GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/rancher/k3s/k3s.yaml", "kubeconfig", "Kubernetes administrator credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/etc/rancher/rke2/rke2.yaml", "kubeconfig", "Kubernetes administrator credentials", "cluster",
     GB_CREDENTIAL_KUBECONFIG, false},
    {"/var/lib/rancher/k3s/server/token", "k3s", "cluster join token", "cluster",
     GB_CREDENTIAL_PRESENT, false},
    {"/etc/gitlab-runner/config.toml", "gitlab-runner", "GitLab runner token", "ci",
     GB_CREDENTIAL_SETTINGS, false},
    {"/var/lib/jenkins/secrets/master.key", "jenkins", "Jenkins master key", "ci",
     GB_CREDENTIAL_PRESENT, false},
    {"/var/lib/jenkins/secrets/initialAdminPassword", "jenkins", "Jenkins administrator password",
     "ci", GB_CREDENTIAL_PRESENT, false},
    {"/opt/actions-runner/.credentials_rsaparams", "github-runner", "GitHub runner key", "ci",
     GB_CREDENTIAL_PRESENT, false},
    {"/etc/buildkite-agent/buildkite-agent.cfg", "buildkite", "Buildkite agent token", "ci",
     GB_CREDENTIAL_SETTINGS, false},
    {"/etc/mysql/debian.cnf", "mysql", "MySQL maintenance password", "database",
     GB_CREDENTIAL_SETTINGS, false},
    {"/etc/ppp/chap-secrets", "ppp", "PPP secrets", "network", GB_CREDENTIAL_COLUMNS, false},
    {"/etc/ppp/pap-secrets", "ppp", "PPP secrets", "network", GB_CREDENTIAL_COLUMNS, false},
    {"/etc/ipsec.secrets", "ipsec", "IPsec secrets", "network", GB_CREDENTIAL_COLUMNS, false},
    {"/etc/wireguard/*", "wireguard", "WireGuard private key", "network", GB_CREDENTIAL_WIREGUARD,
     false},
    {"/etc/NetworkManager/system-connections/*", "networkmanager", "network passwords", "network",
     GB_CREDENTIAL_SETTINGS, false},
    {"/etc/wpa_supplicant/wpa_supplicant.conf", "wpa", "wireless passwords", "network",
     GB_CREDENTIAL_SETTINGS, false},
    {"/etc/postfix/sasl_passwd", "postfix", "mail relay password", "mail", GB_CREDENTIAL_COLUMNS,
     false},
    {"/etc/exim4/passwd.client", "exim", "mail relay password", "mail", GB_CREDENTIAL_COLUMNS,
     false},
    {"/etc/msmtprc", "msmtp", "mail relay password", "mail", GB_CREDENTIAL_SETTINGS, false},
    {"/etc/ssmtp/ssmtp.conf", "ssmtp", "mail relay password", "mail", GB_CREDENTIAL_SETTINGS,
     false},
    {"/etc/apt/auth.conf", "apt", "package repository passwords", "registry", GB_CREDENTIAL_NETRC,
     false},
    {"/etc/apt/auth.conf.d/*", "apt", "package repository passwords", "registry",
     GB_CREDENTIAL_NETRC, false},
    {"/etc/krb5.keytab", "kerberos", "Kerberos keys of this host", "directory",
     GB_CREDENTIAL_PRESENT, false},
    {"/etc/sssd/sssd.conf", "sssd", "directory bind password", "directory", GB_CREDENTIAL_SETTINGS,
     false},
    {"/etc/pam_ldap.secret", "ldap", "directory administrator password", "directory",
     GB_CREDENTIAL_PRESENT, false},
    {"/etc/libnss-ldap.secret", "ldap", "directory administrator password", "directory",
     GB_CREDENTIAL_PRESENT, false},
    {"/etc/nslcd.conf", "nslcd", "directory bind password", "directory", GB_CREDENTIAL_SETTINGS,
     false},
    {"/var/lib/cloud/instance/user-data.txt", "cloud-init", "cloud user data", "cloud",
     GB_CREDENTIAL_CLOUD_INIT, false},
    {"/etc/environment", "environment", "environment of all logins", "service",
     GB_CREDENTIAL_SETTINGS, false},
    {"/etc/fstab", "fstab", "passwords of network file systems", "network", GB_CREDENTIAL_MOUNTS,
     false},
};

static const struct place environment_place = {
    "", "environment", "environment of a service", "service", GB_CREDENTIAL_SETTINGS, false};

struct scan {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct gb_map seen; // paths
    struct gb_str gap;
    size_t count;
};

static void note_gap(struct scan *scan, const char *path, int code)
{
    if (!scan->gap.len)
        scan->gap = gb_unread_reason(scan->collector, path, code);
}

static void put_access(struct scan *scan, struct gb_facts *facts, struct gb_str path,
                       const struct gb_file_info *info, const struct gb_passwd_entry *home_of)
{
    struct gb_arena *arena = scan->collector->arena;
    struct gb_readers readers =
        gb_path_readers(scan->collector->host, &scan->accounts, path, info, arena);
    gb_fact(facts, "owner",
            gb_fact_text(facts, gb_accounts_owner(&scan->accounts, info->uid, arena)));
    gb_fact(facts, "group",
            gb_fact_text(facts, gb_accounts_owner_group(&scan->accounts, info->gid, arena)));
    gb_fact(
        facts, "mode",
        gb_fact_at(facts, gb_string(gb_str_format(arena, "%04o", info->mode & 07777)), path, 0));
    gb_fact(facts, "readable_by", gb_fact_at(facts, gb_fact_text(facts, readers.who), path, 0));
    gb_fact(facts, "readable_by_people", gb_fact_at(facts, gb_bool(readers.people), path, 0));
    struct gb_path_trust trust;
    if (gb_path_trust(&scan->judge, path, home_of ? home_of->uid : info->uid, &trust) == GB_OK)
        gb_fact(facts, "changeable_by",
                trust.code ? gb_unread(scan->collector, "a directory on the way", trust.code)
                           : gb_fact_at(facts, gb_fact_text(facts, trust.who), path, 0));
    gb_fact(facts, "owner_fits",
            gb_fact_at(facts, gb_bool(info->uid == 0 || !home_of || info->uid == home_of->uid),
                       path, 0));
    if (home_of)
        gb_fact(facts, "home_of", gb_fact_text(facts, home_of->name));
}

// Looks at one file. What keeps no secret and no helper is no credential file.
static int look_at(struct scan *scan, const struct place *place, struct gb_str path,
                   const struct gb_passwd_entry *home_of)
{
    struct gb_collector *collector = scan->collector;
    struct gb_file_info info;
    struct gb_str text = {0};
    if (gb_map_get(&scan->seen, path))
        return GB_OK;
    int code = gb_host_stat(collector->host, path.at, true, &info, NULL);
    if (code < 0 || info.type != GB_FILE_REGULAR) {
        if (code == GB_E_DENIED)
            note_gap(scan, path.at, code);
        return GB_OK;
    }
    struct gb_str kept = gb_str_copy(collector->arena, path);
    if (!kept.at || gb_map_set(&scan->seen, kept, scan) < 0)
        return GB_E_MEMORY;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    code = gb_host_read(collector->host, path.at, MAX_BYTES, collector->scratch, &text, NULL);
    struct gb_credential_answer answer = {.keeps = GB_KEEPS_SECRET};
    if (code == GB_OK)
        answer = gb_credential_look(place->format, text);
    if (place->expires && answer.keeps == GB_KEEPS_SECRET)
        answer.keeps = GB_KEEPS_SESSION;
    if (code == GB_OK && answer.keeps != GB_KEEPS_NOTHING) {
        struct gb_str name = gb_string_clean(collector->arena, kept).string;
        struct gb_facts facts =
            gb_facts(collector, gb_collection_add(collector->all, GB_STR("credential_file"), name));
        struct gb_list *names = gb_list_new(collector->arena);
        struct gb_str keeps = gb_str_of(gb_credential_keeps_name(answer.keeps));
        scan->count++;
        gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(name), kept, 0));
        gb_fact(&facts, "type", gb_string(gb_str_of(place->type)));
        gb_fact(&facts, "title", gb_string(gb_str_of(place->title)));
        gb_fact(&facts, "family", gb_string(gb_str_of(place->family)));
        gb_fact(&facts, "keeps", gb_fact_at(&facts, gb_string(keeps), kept, answer.line));
        for (size_t i = 0; i < answer.name_count; i++)
            gb_fact_add_text(&facts, names, answer.names[i], kept, answer.line);
        gb_fact(&facts, "names", gb_list_of(names));
        put_access(scan, &facts, kept, &info, home_of);
    } else if (code < 0 && code != GB_E_MEMORY) {
        note_gap(scan, path.at, code);
    }
    // The text held secrets.
    if (text.len)
        explicit_bzero((char *)(uintptr_t)text.at, text.len);
    gb_arena_reset(collector->scratch, mark);
    return code == GB_E_MEMORY || gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

static bool listed(const struct gb_dir_entry *entries, size_t count, struct gb_str name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = gb_str_compare(entries[middle].name, name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static int search_home(struct scan *scan, const struct gb_passwd_entry *user, const char *home)
{
    struct gb_collector *collector = scan->collector;
    struct gb_dir_entry *entries, *config = NULL;
    size_t count, config_count = 0;
    int code =
        gb_host_list(collector->host, home, MAX_LISTED, collector->scratch, &entries, &count, NULL);
    if (code < 0) {
        if (code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
            note_gap(scan, home, code);
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    if (listed(entries, count, GB_STR(".config"))) {
        struct gb_str path = gb_str_format(collector->scratch, "%s/.config", home);
        code = path.at ? gb_host_list(collector->host, path.at, MAX_LISTED, collector->scratch,
                                      &config, &config_count, NULL)
                       : GB_E_MEMORY;
        if (code == GB_E_MEMORY)
            return code;
        if (code < 0)
            note_gap(scan, path.at, code);
    }
    for (size_t i = 0; i < sizeof home_places / sizeof *home_places; i++) {
        struct gb_str rest = gb_str_of(home_places[i].path), first, second;
        gb_str_next(&rest, '/', &first);
        if (!listed(entries, count, first))
            continue;
        if (gb_str_is(first, ".config") &&
            (!gb_str_next(&rest, '/', &second) || !listed(config, config_count, second)))
            continue;
        struct gb_str path = gb_str_format(collector->scratch, "%s/%s", home, home_places[i].path);
        if (!path.at || look_at(scan, &home_places[i], path, user) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// Home directories that people and services keep files in; not "/" or "/usr/sbin".
static bool is_home(const struct gb_passwd_entry *user)
{
    static const char *const above[] = {"/home/",      "/root",     "/var/lib/", "/srv/", "/opt/",
                                        "/usr/local/", "/var/opt/", "/data/",    "/mnt/"};
    if (!user->home.len || user->home.at[0] != '/' || gb_str_find_char(user->home, '\0') >= 0)
        return false;
    if (user->uid >= 1000 && user->uid < 65534)
        return user->home.len > 1;
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        if (gb_str_starts(user->home, gb_str_of(above[i])))
            return true;
    }
    return false;
}

static int search_homes(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    struct gb_map done = gb_map(collector->scratch);
    for (size_t i = 0; i < scan->accounts.user_count && done.count < MAX_HOMES; i++) {
        const struct gb_passwd_entry *user = &scan->accounts.users[i];
        if (!is_home(user) || gb_map_get(&done, user->home))
            continue;
        char *home = gb_str_c(collector->scratch, user->home);
        if (!home || gb_map_set(&done, user->home, scan) < 0 || search_home(scan, user, home) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int search_system(struct scan *scan)
{
    struct gb_collector *collector = scan->collector;
    for (size_t i = 0; i < sizeof system_places / sizeof *system_places; i++) {
        struct gb_str path = gb_str_of(system_places[i].path);
        if (!gb_str_ends(path, GB_STR("/*"))) {
            if (look_at(scan, &system_places[i], path, NULL) < 0)
                return GB_E_MEMORY;
            continue;
        }
        struct gb_dir_entry *entries;
        size_t count = 0;
        char *directory = gb_str_c(collector->scratch, gb_str_sub(path, 0, path.len - 2));
        int code = directory ? gb_host_list(collector->host, directory, MAX_LISTED,
                                            collector->scratch, &entries, &count, NULL)
                             : GB_E_MEMORY;
        if (code < 0 && code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
            note_gap(scan, directory, code);
        for (size_t k = 0; code == GB_OK && k < count; k++) {
            struct gb_str file =
                gb_str_format(collector->scratch, "%s/" GB_PRI, directory, GB_ARG(entries[k].name));
            code = file.at ? look_at(scan, &system_places[i], file, NULL) : GB_E_MEMORY;
        }
        if (code == GB_E_MEMORY)
            return code;
    }
    return GB_OK;
}

// Files that services take their environment from, as the unit probe found them.
static int search_environments(struct scan *scan)
{
    const struct gb_kind_state *units = gb_collection_kind(scan->collector->all, GB_STR("unit"));
    for (size_t i = 0; i < units->count; i++) {
        const struct gb_value *files =
            gb_map_find(units->resources[i]->props, GB_STR("environment_files"));
        for (size_t k = 0; files && files->kind == GB_VALUE_LIST && k < files->list->count; k++) {
            struct gb_str path = gb_value_str_or(&files->list->items[k], (struct gb_str){0});
            char *plain = path.len && path.at[0] == '/' && gb_str_find_char(path, '%') < 0 &&
                                  gb_str_find_char(path, '*') < 0
                              ? gb_str_c(scan->collector->scratch, path)
                              : NULL;
            if (plain && look_at(scan, &environment_place, gb_str_of(plain), NULL) < 0)
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("credential_file");
    struct scan *scan = gb_alloc(collector->scratch, sizeof *scan);
    if (!scan || gb_accounts_load(collector->host, collector->scratch, false, &scan->accounts) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for credential files");
    scan->collector = collector;
    scan->judge = gb_path_judge(collector->host, &scan->accounts, collector->arena);
    scan->seen = gb_map(collector->arena);
    if (search_homes(scan) < 0 || search_system(scan) < 0 || search_environments(scan) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for credential files");
    if (scan->gap.len)
        gb_collection_gap(collector->all, kind, scan->gap);
    else if (scan->count)
        gb_collection_complete(collector->all, kind);
    else
        gb_collection_absent(collector->all, kind,
                             GB_STR("no credentials were found in well-known places"));
    return GB_OK;
}

const struct gb_source gb_source_credential_file = {
    .name = "host/credential_file",
    .title = "credentials on disk",
    .kinds = kinds,
    .order = 5,
    .collect = collect,
};
