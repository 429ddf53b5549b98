// Finds certificate and key files: see certificate_places.h.
#include "source/host/certificate_places.h"

enum { MAX_PLACES = 2000, MAX_LISTED = 8192, MAX_CONFIGURATIONS = 512, MAX_STARS = 4 };

// A * stands for the entries of a directory; a last * for files with the endings below.
static const char *const service_patterns[] = {
    "/etc/ssl/*",
    "/etc/ssl/private/*",
    "/etc/ssl/certs/*",
    "/etc/letsencrypt/live/*/cert.pem",
    "/etc/letsencrypt/live/*/privkey.pem",
    "/etc/nginx/ssl/*",
    "/etc/nginx/certs/*",
    "/etc/nginx/cert/*",
    "/etc/nginx/tls/*",
    "/etc/nginx/keys/*",
    "/etc/apache2/ssl/*",
    "/etc/apache2/certs/*",
    "/etc/apache2/tls/*",
    "/etc/haproxy/*",
    "/etc/haproxy/certs/*",
    "/etc/haproxy/ssl/*",
    "/etc/postgresql/*/*/*",
    "/var/lib/postgresql/*/*/server.crt",
    "/var/lib/postgresql/*/*/server.key",
    "/etc/mysql/*",
    "/etc/mysql/ssl/*",
    "/var/lib/mysql/*",
    "/etc/dovecot/*",
    "/etc/dovecot/private/*",
    "/etc/dovecot/ssl/*",
    "/etc/postfix/*",
    "/etc/postfix/ssl/*",
    "/etc/postfix/certs/*",
    "/etc/exim4/*",
    "/etc/ldap/ssl/*",
    "/etc/ldap/tls/*",
    "/etc/ldap/certs/*",
    "/etc/pki/tls/private/*",
    "/etc/pki/nginx/*",
    "/etc/pki/nginx/private/*",
    "/etc/docker/*",
    "/etc/docker/certs.d/*/*",
    "/etc/kubernetes/pki/*",
    "/etc/kubernetes/pki/etcd/*",
    "/var/lib/kubelet/pki/*",
    "/etc/openvpn/*",
    "/etc/openvpn/server/*",
    "/etc/openvpn/client/*",
    "/etc/openvpn/keys/*",
    "/etc/ipsec.d/certs/*",
    "/etc/ipsec.d/private/*",
    "/etc/swanctl/x509/*",
    "/etc/swanctl/private/*",
    "/etc/swanctl/rsa/*",
    "/etc/swanctl/ecdsa/*",
    "/etc/cockpit/ws-certs.d/*",
    "/etc/webmin/*",
    "/etc/gitlab/ssl/*",
    "/etc/grafana/*",
    "/etc/rabbitmq/*",
    "/etc/rabbitmq/ssl/*",
    "/etc/redis/tls/*",
    "/etc/mosquitto/certs/*",
    "/etc/stunnel/*",
    "/etc/xrdp/*",
    "/etc/elasticsearch/certs/*",
    "/etc/consul.d/*",
    "/etc/vault.d/*",
    "/etc/pve/local/*",
};
static const char *const anchor_patterns[] = {
    "/usr/local/share/ca-certificates/*",
    "/usr/local/share/ca-certificates/*/*",
};

// Servers whose configuration says which files they use.
static const struct server {
    const char *program, *patterns[4], *keywords[4];
} servers[] = {
    {"nginx",
     {"/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*", "/etc/nginx/sites-enabled/*"},
     {"ssl_certificate", "ssl_certificate_key"}},
    {"apache",
     {"/etc/apache2/apache2.conf", "/etc/apache2/sites-enabled/*", "/etc/apache2/conf-enabled/*",
      "/etc/apache2/mods-enabled/*"},
     {"SSLCertificateFile", "SSLCertificateKeyFile"}},
    {"haproxy", {"/etc/haproxy/haproxy.cfg"}, {"crt"}},
    {"postfix",
     {"/etc/postfix/main.cf"},
     {"smtpd_tls_cert_file", "smtpd_tls_key_file", "smtpd_tls_chain_files"}},
    {"dovecot",
     {"/etc/dovecot/dovecot.conf", "/etc/dovecot/conf.d/*"},
     {"ssl_cert", "ssl_key", "ssl_server_cert_file", "ssl_server_key_file"}},
    {"postgresql", {"/etc/postgresql/*/*/postgresql.conf"}, {"ssl_cert_file", "ssl_key_file"}},
    {"mysql",
     {"/etc/mysql/my.cnf", "/etc/mysql/conf.d/*", "/etc/mysql/mariadb.conf.d/*"},
     {"ssl_cert", "ssl-cert", "ssl_key", "ssl-key"}},
    {"vsftpd", {"/etc/vsftpd.conf"}, {"rsa_cert_file", "rsa_private_key_file"}},
    {"stunnel", {"/etc/stunnel/*"}, {"cert", "key"}},
    {"openvpn", {"/etc/openvpn/*", "/etc/openvpn/server/*"}, {"cert", "key"}},
    {"mosquitto",
     {"/etc/mosquitto/mosquitto.conf", "/etc/mosquitto/conf.d/*"},
     {"certfile", "keyfile"}},
};

static bool has_certificate_ending(struct gb_str name)
{
    static const char *const endings[] = {".pem", ".crt", ".cer", ".cert", ".key", ".der"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (gb_str_ends(name, gb_str_of(endings[i])))
            return true;
    }
    return false;
}

// Configuration directories hold backups and binaries beside what is read.
static bool has_configuration_ending(struct gb_str name)
{
    return gb_str_ends(name, GB_STR(".conf")) || gb_str_ends(name, GB_STR(".cnf")) ||
           gb_str_find_char(name, '.') < 0 || gb_str_contains(name, GB_STR(".com")) ||
           !has_certificate_ending(name);
}

static struct gb_certificate_place *add_place(struct gb_certificate_places *places,
                                              struct gb_str path, bool trust_anchor)
{
    struct gb_certificate_place *place = gb_map_get(&places->by_path, path);
    if (place || places->by_path.count >= MAX_PLACES)
        return place;
    place = gb_alloc(places->arena, sizeof *place);
    struct gb_str kept = gb_str_copy(places->arena, path);
    if (!place || !kept.at || gb_map_set(&places->by_path, kept, place) < 0)
        return NULL;
    *place = (struct gb_certificate_place){.path = kept, .trust_anchor = trust_anchor};
    return place;
}

// What is done with each path that a pattern leads to.
struct visitor {
    struct gb_certificate_places *places;
    bool trust_anchor;
    const char *program; // not NULL: the paths are configuration files of this program
    size_t visited;
};

static int read_configuration(struct visitor *visitor, struct gb_str path)
{
    struct gb_certificate_places *places = visitor->places;
    struct gb_str text;
    if (visitor->visited++ >= MAX_CONFIGURATIONS)
        return GB_OK;
    int code = gb_host_read(places->host, path.at, GB_CONFIG_MAX_BYTES, places->arena, &text, NULL);
    if (code < 0)
        return code == GB_E_MEMORY ? code : GB_OK;
    struct gb_str kept = gb_str_copy(places->arena, path);
    return gb_certificate_places_scan(places, visitor->program, kept, text);
}

static int visit(struct visitor *visitor, struct gb_str path, enum gb_file_type type)
{
    struct gb_certificate_places *places = visitor->places;
    if (type == GB_FILE_DIRECTORY)
        return GB_OK;
    if (visitor->program)
        return read_configuration(visitor, path);
    // Links in here lead to the bundle of authorities.
    bool bundle = gb_str_starts(path, GB_STR("/etc/ssl/certs/")) &&
                  (type == GB_FILE_LINK || gb_str_ends(path, GB_STR("/ca-certificates.crt")));
    if (bundle)
        return GB_OK;
    bool full = places->by_path.count >= MAX_PLACES;
    return add_place(places, path, visitor->trust_anchor) || full ? GB_OK : GB_E_MEMORY;
}

// Follows one pattern from `done` on; as deep as it has stars.
static int expand(struct visitor *visitor, struct gb_str done, struct gb_str pattern,
                  unsigned stars)
{
    struct gb_certificate_places *places = visitor->places;
    ptrdiff_t star = gb_str_find_char(pattern, '*');
    if (star < 0) {
        struct gb_file_info info;
        struct gb_str path =
            gb_str_format(places->arena, GB_PRI GB_PRI, GB_ARG(done), GB_ARG(pattern));
        if (!path.at)
            return GB_E_MEMORY;
        bool there = gb_host_stat(places->host, path.at, true, &info, NULL) == GB_OK;
        return there ? visit(visitor, path, info.type) : GB_OK;
    }
    struct gb_str directory = gb_str_format(places->arena, GB_PRI GB_PRI, GB_ARG(done),
                                            GB_ARG(gb_str_sub(pattern, 0, (size_t)star)));
    struct gb_str rest = gb_str_from(pattern, (size_t)star + 1);
    struct gb_dir_entry *entries;
    size_t count;
    if (!directory.at || stars == MAX_STARS)
        return GB_E_MEMORY;
    int code =
        gb_host_list(places->host, directory.at, MAX_LISTED, places->arena, &entries, &count, NULL);
    if (code < 0) {
        if (code != GB_E_NOT_FOUND && code != GB_E_MEMORY && !places->unlisted.len) {
            places->unlisted = directory;
            places->unlisted_code = code;
        }
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct gb_str name = entries[i].name;
        bool wanted = rest.len || (visitor->program ? has_configuration_ending(name)
                                                    : has_certificate_ending(name));
        bool leads_on =
            !rest.len || entries[i].type == GB_FILE_DIRECTORY || entries[i].type == GB_FILE_LINK;
        if (!wanted || !leads_on || name.at[0] == '.')
            continue;
        struct gb_str path =
            gb_str_format(places->arena, GB_PRI GB_PRI, GB_ARG(directory), GB_ARG(name));
        if (!path.at)
            return GB_E_MEMORY;
        code = rest.len ? expand(visitor, path, rest, stars + 1)
                        : visit(visitor, path, entries[i].type);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

// "keyword value", "keyword = value", "keyword=<value", quotes and a closing semicolon cut off.
static bool read_reference(struct gb_str line, const char *const *keywords, struct gb_str *path)
{
    struct gb_str word;
    line = gb_str_trim(line);
    if (!line.len || line.at[0] == '#' || line.at[0] == ';')
        return false;
    while (gb_str_next_word(&line, &word)) {
        ptrdiff_t equals = gb_str_find_char(word, '=');
        struct gb_str key = equals > 0 ? gb_str_sub(word, 0, (size_t)equals) : word;
        struct gb_str rest = equals > 0 ? gb_str_from(word, (size_t)equals + 1) : line;
        bool found = false;
        for (size_t i = 0; i < 4 && keywords[i] && !found; i++)
            found = gb_str_is(key, keywords[i]);
        if (!found)
            continue;
        if (equals > 0 && !rest.len)
            rest = line;
        size_t start = 0;
        while (start < rest.len && strchr(" \t=<\"'", rest.at[start]))
            start++;
        size_t end = start;
        while (end < rest.len && !strchr(" \t;\"',", rest.at[end]))
            end++;
        *path = gb_str_sub(rest, start, end - start);
        return path->len > 1 && path->at[0] == '/';
    }
    return false;
}

int gb_certificate_places_scan(struct gb_certificate_places *places, const char *program,
                               struct gb_str file, struct gb_str text)
{
    const struct server *server = NULL;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        if (strcmp(servers[i].program, program) == 0)
            server = &servers[i];
    }
    struct gb_str line, path;
    uint32_t number = 0;
    while (server && gb_str_next(&text, '\n', &line)) {
        number++;
        if (!read_reference(line, server->keywords, &path) || gb_str_find_char(path, '\0') >= 0 ||
            gb_str_find_char(path, '$') >= 0)
            continue;
        struct gb_certificate_place *place = add_place(places, path, false);
        if (!place && places->by_path.count >= MAX_PLACES)
            return GB_OK;
        struct gb_certificate_use *use = gb_alloc(places->arena, sizeof *use);
        if (!place || !use)
            return GB_E_MEMORY;
        *use = (struct gb_certificate_use){
            .program = gb_str_of(program), .file = file, .line = number};
        struct gb_certificate_use **end = &place->uses;
        while (*end)
            end = &(*end)->next;
        *end = use;
    }
    return GB_OK;
}

int gb_certificate_places_find(const struct gb_host *host, struct gb_arena *arena,
                               struct gb_certificate_places *ret)
{
    *ret = (struct gb_certificate_places){.arena = arena, .host = host, .by_path = gb_map(arena)};
    int code = GB_OK;
    struct visitor services = {.places = ret}, anchors = {.places = ret, .trust_anchor = true};
    for (size_t i = 0; i < sizeof service_patterns / sizeof *service_patterns && code == GB_OK; i++)
        code = expand(&services, GB_STR(""), gb_str_of(service_patterns[i]), 0);
    for (size_t i = 0; i < sizeof anchor_patterns / sizeof *anchor_patterns && code == GB_OK; i++)
        code = expand(&anchors, GB_STR(""), gb_str_of(anchor_patterns[i]), 0);
    for (size_t i = 0; i < sizeof servers / sizeof *servers && code == GB_OK; i++) {
        struct visitor visitor = {.places = ret, .program = servers[i].program};
        for (size_t k = 0; k < 4 && servers[i].patterns[k] && code == GB_OK; k++)
            code = expand(&visitor, GB_STR(""), gb_str_of(servers[i].patterns[k]), 0);
    }
    return code;
}
