// Finds the OpenSSH server and its options; see the header.
#include "source/host/sshd_server.h"

#include "source/host/unit_files.h"
#include "source/package/installed.h"

#include <stdio.h>

enum { MAX_PROGRAM_BYTES = 16 << 20, MAX_WORDS = 128, MAX_SERVERS = 32 };

static const char default_config[] = "/etc/ssh/sshd_config";

// ---- program and version ----------------------------------------------------------------------

// The program names itself, and beside that the versions that it treats specially, all of them
// older: the greatest number is its own.
static void read_version(struct gb_arena *arena, struct gb_str content, struct gb_sshd_server *ret)
{
    static const struct gb_str mark = GB_STR_INIT("OpenSSH_");
    while (content.len) {
        ptrdiff_t at = gb_str_find(content, mark);
        if (at < 0)
            return;
        content = gb_str_from(content, (size_t)at);
        unsigned number = gb_openssh_version(gb_str_sub(content, 0, 32));
        size_t len = mark.len;
        while (len < content.len && len < 80 && content.at[len] >= ' ' && content.at[len] < 127)
            len++;
        struct gb_str text = gb_str_sub(content, mark.len, len - mark.len);
        if (number > ret->number || (number == ret->number && text.len > ret->version.len &&
                                     gb_str_find_char(text, '*') < 0)) {
            ret->number = number;
            ret->version = gb_str_copy(arena, text);
        }
        content = gb_str_from(content, mark.len);
    }
}

static int find_program(struct gb_collector *collector, struct gb_sshd_server *ret)
{
    static const char *const places[] = {"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd",
                                         "/sbin/sshd"};
    struct gb_str content;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int code = gb_host_read(collector->host, places[i], MAX_PROGRAM_BYTES, collector->scratch,
                                &content, NULL);
        if (code == GB_E_MEMORY)
            return code;
        if (code == GB_E_NOT_FOUND)
            continue;
        ret->program = gb_str_of(places[i]);
        if (!code)
            read_version(collector->arena, content, ret);
        return GB_OK;
    }
    return GB_OK;
}

// "1:9.2p1-2+deb12u10" is 9.2p1.
static void version_of_package(struct gb_collector *collector, struct gb_sshd_server *ret)
{
    const struct gb_dpkg_package *package = gb_package_find(collector, "openssh-server");
    if (!package)
        return;
    struct gb_str version = package->version;
    ptrdiff_t epoch = gb_str_find_char(version, ':');
    version = gb_str_from(version, (size_t)(epoch + 1));
    struct gb_str named = gb_str_format(collector->scratch, "OpenSSH_" GB_PRI, GB_ARG(version));
    ret->number = gb_openssh_version(named);
    ret->version = version;
}

// ---- options ----------------------------------------------------------------------------------

bool gb_sshd_listener_words(struct gb_arena *arena, struct gb_str command_line, struct gb_str **ret,
                            size_t *ret_count)
{
    struct gb_str *words = gb_alloc_array(arena, MAX_WORDS, sizeof *words);
    char *copy = gb_str_c(arena, command_line);
    size_t count = 0;
    if (!words || !copy)
        return false;
    for (size_t i = 0; i < command_line.len; i++)
        if (copy[i] == '\0')
            copy[i] = ' ';
    struct gb_str rest = {copy, command_line.len}, word;
    bool titled = gb_str_starts(rest, GB_STR("sshd: "));
    if (titled)
        rest = gb_str_from(rest, 6);
    bool listener = !titled;
    bool first = true;
    while (gb_str_next_word(&rest, &word) && count < MAX_WORDS) {
        if (gb_str_is(word, "[listener]")) {
            listener = true;
            break;
        }
        if (!first)
            words[count++] = word;
        else if (titled && !gb_str_ends(word, GB_STR("sshd")))
            return false; // a session: "sshd: user [priv]"
        first = false;
    }
    *ret = words;
    *ret_count = count;
    return listener;
}

// The argument of -f, or nothing.
static struct gb_str file_option(const struct gb_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (gb_str_is(words[i], "-f") && i + 1 < count)
            return words[i + 1];
        if (gb_str_starts(words[i], GB_STR("-f")) && words[i].len > 2)
            return gb_str_from(words[i], 2);
    }
    return GB_STR("");
}

static int add_other(struct gb_collector *collector, struct gb_sshd_server *server,
                     const struct gb_resource *process, struct gb_str file)
{
    if (!server->others)
        server->others = gb_alloc_array(collector->arena, MAX_SERVERS, sizeof *server->others);
    if (!server->others)
        return GB_E_MEMORY;
    if (server->other_count < MAX_SERVERS)
        server->others[server->other_count++] =
            gb_str_format(collector->arena, "process " GB_PRI " with " GB_PRI,
                          GB_ARG(process->name), GB_ARG(file));
    return GB_OK;
}

// Servers that run now. The one with the usual file is the server of this host; others are told
// by themselves. Returns 1 when it was found.
static int take_running(struct gb_collector *collector, struct gb_sshd_server *server)
{
    const struct gb_kind_state *processes = gb_collection_kind(collector->all, GB_STR("process"));
    int found = 0;
    for (size_t i = 0; i < processes->count; i++) {
        const struct gb_resource *process = processes->resources[i];
        char path[48];
        struct gb_str line, *words;
        size_t count;
        if (!gb_str_is(gb_value_str_or(gb_map_find(process->props, GB_STR("name")), GB_STR("")),
                       "sshd") ||
            process->name.len > 16)
            continue;
        snprintf(path, sizeof path, "/proc/" GB_PRI "/cmdline", GB_ARG(process->name));
        if (gb_host_read(collector->host, path, 65536, collector->scratch, &line, NULL) < 0 ||
            !gb_sshd_listener_words(collector->arena, line, &words, &count))
            continue;
        struct gb_str file = file_option(words, count);
        bool usual = !file.len || gb_str_is(file, default_config);
        if (usual && !found) {
            server->words = words;
            server->word_count = count;
            server->where = gb_str_copy(collector->arena, gb_str_of(path));
            server->line = 0;
            found = 1;
        } else if (!usual && add_other(collector, server, process, file)) {
            return GB_E_MEMORY;
        }
    }
    return found;
}

// The value of a variable in a file of shell assignments; the last one counts.
static struct gb_str assigned(struct gb_collector *collector, const char *path, struct gb_str name,
                              uint32_t *line_number)
{
    struct gb_str text, line, value = {0};
    uint32_t number = 0;
    if (gb_host_read(collector->host, path, 65536, collector->arena, &text, NULL) < 0)
        return value;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        line = gb_str_trim(line);
        if (!gb_str_starts(line, name) || line.len <= name.len || line.at[name.len] != '=')
            continue;
        value = gb_str_from(line, name.len + 1);
        if (value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') &&
            value.at[value.len - 1] == value.at[0])
            value = gb_str_sub(value, 1, value.len - 2);
        *line_number = number;
    }
    return value;
}

static void add_words(struct gb_sshd_server *server, struct gb_str text)
{
    struct gb_str word;
    while (gb_str_next_word(&text, &word) && server->word_count < MAX_WORDS)
        server->words[server->word_count++] = word;
}

// What the unit starts: ExecStart, with the variables of the usual environment files.
static int take_configured(struct gb_collector *collector, struct gb_sshd_server *server)
{
    static const char *const units[] = {"ssh.service", "sshd.service"};
    static const char *const files[] = {"/etc/default/ssh", "/etc/sysconfig/sshd"};
    server->words = gb_alloc_array(collector->arena, MAX_WORDS, sizeof *server->words);
    if (!server->words)
        return GB_E_MEMORY;
    struct gb_str command = GB_STR("sshd $SSHD_OPTS"), word;
    server->where = GB_STR("/etc/default/ssh");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct gb_ini settings;
        if (gb_unit_settings(collector->host, units[i], collector->arena, &settings) < 0)
            continue;
        const struct gb_ini_entry *start = gb_ini_get(&settings, "Service", "ExecStart");
        if (!start || !start->value.len)
            continue;
        command = start->value;
        server->where = start->file;
        server->line = start->line;
        break;
    }
    if (gb_arena_failed(collector->arena))
        return GB_E_MEMORY;
    bool first = true;
    while (gb_str_next_word(&command, &word)) {
        if (first) {
            first = false;
            continue;
        }
        if (word.at[0] != '$') {
            if (server->word_count < MAX_WORDS)
                server->words[server->word_count++] = word;
            continue;
        }
        word = gb_str_from(word, 1);
        if (word.len > 2 && word.at[0] == '{' && word.at[word.len - 1] == '}')
            word = gb_str_sub(word, 1, word.len - 2);
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
            uint32_t line = 0;
            struct gb_str value = assigned(collector, files[i], word, &line);
            if (value.len) {
                server->where = gb_str_of(files[i]);
                server->line = line;
            }
            add_words(server, value);
        }
    }
    return GB_OK;
}

int gb_sshd_server_find(struct gb_collector *collector, bool *found, struct gb_sshd_server *ret)
{
    *ret = (struct gb_sshd_server){0};
    *found = false;
    if (find_program(collector, ret))
        return GB_E_MEMORY;
    if (!ret->number)
        version_of_package(collector, ret);
    if (!ret->program.len && !ret->version.len)
        return GB_OK;
    *found = true;
    int running = take_running(collector, ret);
    if (running == 0)
        running = take_configured(collector, ret);
    if (running < 0)
        return running;
    struct gb_str file = file_option(ret->words, ret->word_count);
    ret->config_file = file.len && file.at[0] == '/' ? gb_str_copy(collector->arena, file)
                                                     : gb_str_of(default_config); // with a NUL
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

// ---- options as directives --------------------------------------------------------------------

static int take_option(struct gb_sshd_server *server, struct gb_sshd_config *config, char letter,
                       struct gb_str argument)
{
    static const struct {
        char letter;
        const char *keyword;
    } meanings[] = {{'o', ""}, {'p', "Port "}, {'h', "HostKey "}, {'g', "LoginGraceTime "}};
    struct gb_str option = {0};
    if (letter == '4' || letter == '6')
        option = letter == '4' ? GB_STR("AddressFamily inet") : GB_STR("AddressFamily inet6");
    if (letter == 'q')
        option = GB_STR("LogLevel QUIET");
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].letter == letter)
            option =
                gb_str_format(config->arena, "%s" GB_PRI, meanings[i].keyword, GB_ARG(argument));
    if (letter == 'p')
        server->ports_given = true;
    return option.len ? gb_sshd_config_option(config, option, server->where, server->line) : GB_OK;
}

int gb_sshd_server_options(struct gb_sshd_server *server, struct gb_sshd_config *config)
{
    static const char with_argument[] = "CEbcfghkopu";
    for (size_t i = 0; i < server->word_count; i++) {
        struct gb_str word = server->words[i];
        if (word.len < 2 || word.at[0] != '-')
            continue;
        for (size_t k = 1; k < word.len; k++) {
            char letter = word.at[k];
            struct gb_str argument = {0};
            if (strchr(with_argument, letter)) {
                argument = gb_str_from(word, k + 1);
                if (!argument.len && i + 1 < server->word_count)
                    argument = server->words[++i];
                // The title of a running server has lost the quotes: "-o Port 22".
                bool split = letter == 'o' && gb_str_find_char(argument, '=') < 0 &&
                             gb_str_find_char(argument, ' ') < 0;
                if (split && i + 1 < server->word_count) {
                    i++;
                    argument = gb_str_format(config->arena, GB_PRI " " GB_PRI, GB_ARG(argument),
                                             GB_ARG(server->words[i]));
                }
                k = word.len;
            }
            int code = take_option(server, config, letter, argument);
            if (code)
                return code;
        }
    }
    return GB_OK;
}
