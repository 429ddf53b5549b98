// The OpenSSH client's configuration for every user of this host, and risky settings for single
// hosts or in users' own files (kind "ssh_client"). Runs after the accounts.
#include "source/facts.h"
#include "source/host/path_trust.h"
#include "source/host/sshd_config.h"
#include "source/package/installed.h"
#include "sys/glob.h"

enum { MAX_DEPTH = 16, MAX_FILES = 512, MAX_PROGRAM_BYTES = 16 << 20 };

static const char *const kinds[] = {"ssh_client", NULL};

enum shape { WORD, WORDS, NAMES };

// Keywords that are looked at, with upstream's defaults.
static const struct {
    const char *name, *field, *fallback;
    uint8_t shape, algorithms;
} keywords[] = {
    {"StrictHostKeyChecking", "strict_host_key_checking", "ask", WORD, 0},
    {"HashKnownHosts", "hash_known_hosts", "no", WORD, 0},
    {"ForwardAgent", "forward_agent", "no", WORD, 0},
    {"ForwardX11", "forward_x11", "no", WORD, 0},
    {"ForwardX11Trusted", "forward_x11_trusted", "no", WORD, 0},
    {"GSSAPIDelegateCredentials", "gssapi_delegate_credentials", "no", WORD, 0},
    {"PermitLocalCommand", "permit_local_command", "no", WORD, 0},
    {"NoHostAuthenticationForLocalhost", "no_host_authentication_for_localhost", "no", WORD, 0},
    {"UserKnownHostsFile", "user_known_hosts_file", "~/.ssh/known_hosts ~/.ssh/known_hosts2", WORDS,
     0},
    {"Ciphers", "ciphers", NULL, NAMES, GB_SSHD_CIPHERS},
    {"MACs", "macs", NULL, NAMES, GB_SSHD_MACS},
    {"KexAlgorithms", "kex_algorithms", NULL, NAMES, GB_SSHD_KEX},
    {"HostKeyAlgorithms", "host_key_algorithms", NULL, NAMES, GB_SSHD_KEYS},
};
enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

struct setting {
    struct gb_str values[8];
    size_t count;
    struct gb_str file;
    uint32_t line;
};

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct gb_facts facts;
    struct setting settings[KEYWORDS];
    struct gb_str version;
    unsigned number;
    struct gb_list *files, *risky;
    struct gb_str unread;       // why a file of everybody's could not be read; "" = all were
    struct gb_str users_unread; // the same of a user's file
    size_t file_count;
};

// Where a line stands.
struct place {
    struct gb_str file, hosts, user; // user "": everybody
    uint32_t line;
    unsigned depth;
    bool for_all; // outside of Host and Match, or in "Host *" and "Match all"
};

static int read_file(struct probe *probe, const char *path, struct place outer);

static int keyword_of(struct gb_str name)
{
    for (int i = 0; i < KEYWORDS; i++)
        if (gb_str_eq_nocase(name, gb_str_of(keywords[i].name)))
            return i;
    return -1;
}

static struct gb_str lower_word(struct probe *probe, struct gb_str word)
{
    struct gb_str text = gb_str_lower(probe->collector->arena, word);
    if (gb_str_is(text, "true") || gb_str_is(text, "always"))
        return GB_STR("yes");
    return gb_str_is(text, "false") || gb_str_is(text, "off") ? GB_STR("no") : text;
}

// Switches a protection off, whatever host it is for.
static bool is_risky(int keyword, struct gb_str value)
{
    const char *name = keywords[keyword].name;
    if (strcmp(name, "StrictHostKeyChecking") == 0)
        return gb_str_is(value, "no");
    if (strcmp(name, "UserKnownHostsFile") == 0)
        return gb_str_is(value, "/dev/null");
    if (strcmp(name, "ForwardAgent") == 0)
        return !gb_str_is(value, "no");
    if (strcmp(name, "HostKeyAlgorithms") == 0 || strcmp(name, "Ciphers") == 0 ||
        strcmp(name, "KexAlgorithms") == 0 || strcmp(name, "MACs") == 0)
        return value.at[0] != '-' &&
               (gb_str_contains(value, GB_STR("ssh-dss")) ||
                gb_str_contains(value, GB_STR("-cbc")) ||
                gb_str_contains(value, GB_STR("group1-sha1")) ||
                gb_str_contains(value, GB_STR("arcfour")) || gb_str_contains(value, GB_STR("md5")));
    return false;
}

static void add_risky(struct probe *probe, const struct place *place, int keyword,
                      struct gb_str value)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts record = gb_facts_record(collector);
    gb_fact(&record, "keyword", gb_string(gb_str_of(keywords[keyword].name)));
    gb_fact(&record, "value", gb_fact_text(&record, value));
    gb_fact(&record, "hosts", gb_fact_text(&record, place->hosts));
    gb_fact(&record, "user", gb_fact_text(&record, place->user));
    gb_list_add(collector->arena, probe->risky,
                gb_fact_at(&record, gb_map_of(record.props), place->file, place->line));
}

static void take_setting(struct probe *probe, const struct place *place, struct gb_str name,
                         struct gb_str *arguments, size_t count)
{
    int keyword = keyword_of(name);
    if (keyword < 0 || !count || !arguments[0].len)
        return;
    if (keywords[keyword].shape == WORD)
        arguments[0] = lower_word(probe, arguments[0]);
    struct setting *setting = &probe->settings[keyword];
    if (place->for_all && !place->user.len) {
        for (size_t i = 0; !setting->file.len && i < count && i < 8; i++)
            setting->values[setting->count++] = arguments[i];
        if (!setting->file.len) {
            setting->file = place->file;
            setting->line = place->line;
        }
    } else if (is_risky(keyword, arguments[0])) {
        add_risky(probe, place, keyword, arguments[0]);
    }
}

static int take_include(struct probe *probe, const struct place *place, struct gb_str *patterns,
                        size_t count)
{
    struct gb_arena *arena = probe->collector->arena;
    for (size_t i = 0; i < count && place->depth < MAX_DEPTH; i++) {
        struct gb_str *paths;
        size_t found = 0;
        if (!patterns[i].len || patterns[i].at[0] == '~' || place->user.len)
            continue; // users' includes are below their homes: their own affair
        const char *pattern =
            patterns[i].at[0] == '/'
                ? gb_str_c(arena, patterns[i])
                : gb_str_format(arena, "/etc/ssh/" GB_PRI, GB_ARG(patterns[i])).at;
        if (!pattern)
            return GB_E_MEMORY;
        int code =
            gb_host_glob(probe->collector->host, pattern, MAX_FILES, arena, &paths, &found, NULL);
        if (code == GB_E_MEMORY)
            return code;
        if (code)
            probe->unread = gb_unread_reason(probe->collector, pattern, code);
        for (size_t k = 0; k < found; k++) {
            struct place inner = *place;
            inner.depth++;
            if (read_file(probe, paths[k].at, inner))
                return GB_E_MEMORY;
        }
    }
    return GB_OK;
}

// "Host a b" and "Match host x": does it hold for every host?
static bool holds_for_all(struct gb_str name, const struct gb_str *arguments, size_t count)
{
    if (gb_str_eq_nocase(name, GB_STR("match")))
        return count == 1 && gb_str_eq_nocase(arguments[0], GB_STR("all"));
    return count == 1 && gb_str_is(arguments[0], "*");
}

static int take_line(struct probe *probe, struct place *place, const struct place *outer,
                     struct gb_str line)
{
    struct gb_arena *arena = probe->collector->arena;
    struct gb_str rest = gb_str_trim(line), name, *arguments;
    size_t count;
    if (!rest.len || rest.at[0] == '#' || !gb_ssh_next_word(arena, &rest, &name) ||
        !gb_ssh_split_arguments(arena, rest, &arguments, &count))
        return gb_arena_failed(arena) ? GB_E_MEMORY : GB_OK;
    if (gb_str_eq_nocase(name, GB_STR("host")) || gb_str_eq_nocase(name, GB_STR("match"))) {
        place->for_all = outer->for_all && holds_for_all(name, arguments, count);
        place->hosts = rest;
        return GB_OK;
    }
    if (gb_str_eq_nocase(name, GB_STR("include")))
        return take_include(probe, place, arguments, count);
    take_setting(probe, place, name, arguments, count);
    return GB_OK;
}

static void add_file(struct probe *probe, struct gb_str path)
{
    struct gb_path_trust trust;
    if (gb_path_trust(&probe->judge, path, 0, &trust) < 0)
        return;
    struct gb_facts record = gb_facts_record(probe->collector);
    gb_fact(&record, "path", gb_fact_text(&record, path));
    gb_fact(&record, "changeable_by", gb_fact_text(&record, trust.who));
    gb_list_add(probe->collector->arena, probe->files,
                gb_fact_at(&record, gb_map_of(record.props), path, 0));
}

static int read_file(struct probe *probe, const char *path, struct place outer)
{
    struct gb_collector *collector = probe->collector;
    struct place place = outer;
    struct gb_str text, line;
    if (++probe->file_count > MAX_FILES)
        return GB_OK;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        struct gb_str *unread = outer.user.len ? &probe->users_unread : &probe->unread;
        *unread = gb_unread_reason(collector, path, code);
        return GB_OK;
    }
    place.file = gb_str_of(path);
    place.line = 0;
    if (!outer.user.len)
        add_file(probe, place.file);
    while (!code && gb_str_next(&text, '\n', &line)) {
        place.line++;
        code = take_line(probe, &place, &outer, line);
    }
    return code;
}

static int read_users(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    const struct gb_kind_state *users = gb_collection_kind(collector->all, GB_STR("user"));
    for (size_t i = 0; i < users->count; i++) {
        const struct gb_map_value *user = users->resources[i]->props;
        struct gb_str home = gb_value_str_or(gb_map_find(user, GB_STR("home")), GB_STR(""));
        struct gb_str state = gb_value_str_or(gb_map_find(user, GB_STR("home_state")), GB_STR(""));
        if (!gb_str_is(state, "directory") || home.len < 2)
            continue;
        struct gb_str path = gb_str_format(collector->arena, GB_PRI "/.ssh/config", GB_ARG(home));
        struct place place = {.user =
                                  gb_value_str_or(gb_map_find(user, GB_STR("name")), GB_STR("?")),
                              .hosts = GB_STR("every host"),
                              .for_all = true};
        if (!path.at || read_file(probe, path.at, place))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// ---- facts ------------------------------------------------------------------------------------

static struct gb_value list_of_names(struct probe *probe, struct gb_str text, char separator,
                                     struct gb_str where, uint32_t line)
{
    struct gb_list *list = gb_list_new(probe->collector->arena);
    struct gb_str name;
    while (list && gb_str_next(&text, separator, &name))
        gb_fact_add_text(&probe->facts, list, name, where, line);
    return gb_fact_at(&probe->facts, gb_list_of(list), where, line);
}

static struct gb_value setting_value(struct probe *probe, int i, struct gb_str default_place)
{
    const struct setting *setting = &probe->settings[i];
    struct gb_arena *arena = probe->collector->arena;
    bool set = setting->file.len != 0;
    struct gb_str where = set ? setting->file : default_place;
    struct gb_str text = set ? setting->values[0] : gb_str_of(keywords[i].fallback);
    // Debian's client differs here.
    if (!set && strcmp(keywords[i].name, "ForwardX11Trusted") == 0 &&
        gb_str_contains(probe->version, GB_STR("Debian")))
        text = GB_STR("yes");
    if (keywords[i].shape == NAMES)
        return list_of_names(probe,
                             gb_sshd_algorithms_expand(arena, keywords[i].algorithms, probe->number,
                                                       set ? text : GB_STR("")),
                             ',', where, setting->line);
    if (keywords[i].shape == WORDS && !set)
        return list_of_names(probe, text, ' ', where, 0);
    if (keywords[i].shape == WORDS) {
        struct gb_list *list = gb_list_new(arena);
        for (size_t k = 0; k < setting->count; k++)
            gb_fact_add_text(&probe->facts, list, setting->values[k], where, setting->line);
        return gb_fact_at(&probe->facts, gb_list_of(list), where, setting->line);
    }
    return gb_fact_at(&probe->facts, gb_fact_text(&probe->facts, text), where, setting->line);
}

static void put_all(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    probe->facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("ssh_client"), GB_STR("")));
    struct gb_str place = gb_str_format(collector->arena, "default of OpenSSH %u.%u",
                                        probe->number / 100, probe->number % 100);
    gb_fact(&probe->facts, "version", gb_fact_text(&probe->facts, probe->version));
    for (int i = 0; i < KEYWORDS; i++)
        gb_fact(&probe->facts, keywords[i].field,
                probe->unread.len ? gb_unknown(probe->unread) : setting_value(probe, i, place));
    gb_fact(&probe->facts, "config_files", gb_list_of(probe->files));
    struct gb_str unread = probe->unread.len ? probe->unread : probe->users_unread;
    bool open = unread.len && probe->risky && !probe->risky->count;
    gb_fact(&probe->facts, "risky", open ? gb_unknown(unread) : gb_list_of(probe->risky));
}

// "1:9.2p1-2+deb12u10": the client's package. Elsewhere the server's version is as good.
static bool find_version(struct probe *probe)
{
    const struct gb_dpkg_package *package = gb_package_find(probe->collector, "openssh-client");
    const struct gb_resource *server = gb_collection_find(probe->collector->all, GB_STR("sshd"));
    if (package) {
        ptrdiff_t epoch = gb_str_find_char(package->version, ':');
        probe->version = gb_str_format(probe->collector->arena, GB_PRI " (Debian)",
                                       GB_ARG(gb_str_from(package->version, (size_t)(epoch + 1))));
    } else if (server) {
        probe->version = gb_value_str_or(gb_map_find(server->props, GB_STR("version")), GB_STR(""));
    }
    probe->number = gb_openssh_version(
        gb_str_format(probe->collector->scratch, "OpenSSH_" GB_PRI, GB_ARG(probe->version)));
    return probe->number != 0;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe *probe = gb_alloc(collector->scratch, sizeof *probe);
    if (!probe)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the SSH client");
    probe->collector = collector;
    probe->files = gb_list_new(collector->arena);
    probe->risky = gb_list_new(collector->arena);
    if (!find_version(probe)) {
        if (gb_package_installed(collector, "openssh-client") == GB_INSTALLED_UNKNOWN &&
            gb_host_exists(collector->host, "/usr/bin/ssh")) {
            gb_collection_gap(collector->all, GB_STR("ssh_client"),
                              GB_STR("the version of /usr/bin/ssh cannot be told"));
            return GB_OK;
        }
        gb_collection_absent(collector->all, GB_STR("ssh_client"),
                             GB_STR("no OpenSSH client is installed"));
        return GB_OK;
    }
    struct place place = {.for_all = true, .hosts = GB_STR("every host")};
    int code = gb_accounts_load(collector->host, collector->scratch, false, &probe->accounts);
    probe->judge = gb_path_judge(collector->host, &probe->accounts, collector->scratch);
    if (!code)
        code = read_file(probe, "/etc/ssh/ssh_config", place);
    if (!code)
        code = read_users(probe);
    if (!code)
        put_all(probe);
    return code ? gb_error_set(err, GB_E_MEMORY, "no memory for the SSH client") : GB_OK;
}

const struct gb_source gb_source_ssh_client = {
    .name = "host/ssh_client",
    .title = "SSH client",
    .kinds = kinds,
    .order = 60,
    .collect = collect,
};
