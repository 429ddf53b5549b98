// Names and versions of Java archives; see java_identity.h.
#include "source/language/java_identity.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Something that a build tool should have filled in is no value.
static bool is_filled_in(struct gb_str value)
{
    return value.len && !gb_str_contains(value, GB_STR("${")) && value.at[0] != '@';
}

// ---- pom.properties

// Backslashes before separators are escapes.
static struct gb_str unescaped(struct gb_str value, struct gb_arena *arena)
{
    if (gb_str_find_char(value, '\\') < 0)
        return value;
    char *text = gb_alloc(arena, value.len + 1);
    size_t out = 0;
    if (!text)
        return GB_STR("");
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\\' && i + 1 < value.len)
            i++;
        text[out++] = value.at[i];
    }
    return (struct gb_str){text, out};
}

void gb_java_properties(struct gb_str text, struct gb_arena *arena,
                        struct gb_java_identity *identity)
{
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        line = gb_str_trim(line);
        size_t end = 0;
        while (end < line.len && line.at[end] != '=' && line.at[end] != ':' && line.at[end] != ' ')
            end++;
        if (!line.len || line.at[0] == '#' || line.at[0] == '!' || end == line.len)
            continue;
        struct gb_str key = gb_str_sub(line, 0, end);
        struct gb_str *into = gb_str_is(key, "groupId")      ? &identity->group
                              : gb_str_is(key, "artifactId") ? &identity->artifact
                              : gb_str_is(key, "version")    ? &identity->version
                                                             : NULL;
        struct gb_str value = gb_str_trim(gb_str_from(line, end));
        if (value.len && (value.at[0] == '=' || value.at[0] == ':'))
            value = gb_str_trim(gb_str_from(value, 1));
        if (into && !into->len && is_filled_in(value))
            *into = unescaped(value, arena);
    }
}

// ---- the manifest

// A header with its continuation lines, which begin with a space. False at the end of the section.
static bool next_header(struct gb_str *text, struct gb_arena *arena, struct gb_str *name,
                        struct gb_str *value)
{
    struct gb_str line;
    if (!gb_str_next(text, '\n', &line))
        return false;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (!line.len)
        return false;
    ptrdiff_t colon = gb_str_find_char(line, ':');
    *name = gb_str_sub(line, 0, colon < 0 ? 0 : (size_t)colon);
    *value = colon < 0 ? GB_STR("") : gb_str_from(line, (size_t)colon + 1);
    while (text->len && text->at[0] == ' ' && gb_str_next(text, '\n', &line)) {
        if (line.at[line.len - 1] == '\r')
            line.len--;
        *value = gb_str_format(arena, GB_PRI GB_PRI, GB_ARG(*value), GB_ARG(gb_str_from(line, 1)));
    }
    *value = gb_str_trim(*value);
    return true;
}

struct gb_java_manifest gb_java_manifest_read(struct gb_str text, struct gb_arena *arena)
{
    enum { HEADERS_MOST = 2000 };
    struct gb_java_manifest manifest = {.title = GB_STR("")};
    const struct {
        const char *name;
        struct gb_str *into;
    } fields[] = {
        {"Implementation-Title", &manifest.title},
        {"Implementation-Version", &manifest.version},
        {"Implementation-Vendor-Id", &manifest.vendor_id},
        {"Bundle-SymbolicName", &manifest.symbolic_name},
        {"Bundle-Version", &manifest.bundle_version},
    };
    struct gb_str name, value;
    for (int i = 0; i < HEADERS_MOST && next_header(&text, arena, &name, &value); i++)
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            if (!fields[f].into->len && is_filled_in(value) &&
                gb_str_eq_nocase(name, gb_str_of(fields[f].name)))
                *fields[f].into = value;
    ptrdiff_t directives = gb_str_find_char(manifest.symbolic_name, ';');
    if (directives >= 0)
        manifest.symbolic_name =
            gb_str_trim(gb_str_sub(manifest.symbolic_name, 0, (size_t)directives));
    return manifest;
}

// ---- file names

static struct gb_str without_extension(struct gb_str name)
{
    ptrdiff_t dot = gb_str_rfind_char(name, '.');
    return dot > 0 ? gb_str_sub(name, 0, (size_t)dot) : name;
}

// Words that belong to a version, as in 31.1-jre or 2.0-rc-1; others are classifiers.
static bool is_qualifier(struct gb_str part)
{
    static const char *const words[] = {
        "alpha", "beta",    "rc",      "cr",     "m",         "milestone", "snapshot",   "final",
        "ga",    "release", "sp",      "jre",    "jdk",       "android",   "incubating", "pre",
        "b",     "build",   "preview", "redhat", "atlassian", "jbossorg",  "hal",        "java",
    };
    size_t letters = 0;
    while (letters < part.len && !is_digit(part.at[letters]) && part.at[letters] != '.')
        letters++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gb_str_eq_nocase(gb_str_sub(part, 0, letters), gb_str_of(words[i])))
            return true;
    return false;
}

// How much of the front of `text` is a version; 0 when a word in it is followed by another number,
// as in "1.2-api-2.17.1": then what looked like a version was part of the name.
static size_t version_length(struct gb_str text)
{
    size_t at = 0, length = 0;
    bool ended = false;
    for (struct gb_str rest = text, part; gb_str_next(&rest, '-', &part); at += part.len + 1) {
        bool belongs = part.len && (is_digit(part.at[0]) || is_qualifier(part));
        if (ended && part.len && is_digit(part.at[0]))
            return 0;
        ended = ended || !belongs;
        if (!ended)
            length = at + part.len;
    }
    return length;
}

struct gb_java_identity gb_java_file_name(struct gb_str name)
{
    struct gb_str stem = without_extension(name);
    for (size_t i = 1; i + 1 < stem.len; i++) {
        if (stem.at[i] != '-' || !is_digit(stem.at[i + 1]))
            continue;
        size_t length = version_length(gb_str_from(stem, i + 1));
        if (length)
            return (struct gb_java_identity){GB_STR(""), gb_str_sub(stem, 0, i),
                                             gb_str_sub(stem, i + 1, length)};
    }
    return (struct gb_java_identity){GB_STR(""), stem, GB_STR("")};
}

bool gb_java_is_named_after(struct gb_str file, struct gb_str artifact)
{
    return artifact.len && (gb_str_eq(without_extension(file), artifact) ||
                            gb_str_eq(gb_java_file_name(file).artifact, artifact));
}

// ---- groups

// The more special come first.
static const struct gb_java_known known[] = {
#define KNOWN(prefix, group, directory)                                                            \
    {                                                                                              \
        GB_STR_INIT(prefix), GB_STR_INIT(group), GB_STR_INIT(directory)                            \
    }
    KNOWN("spring-boot", "org.springframework.boot", "org/springframework/boot/"),
    KNOWN("spring-security-", "org.springframework.security", "org/springframework/security/"),
    KNOWN("spring-data-", "org.springframework.data", "org/springframework/data/"),
    KNOWN("spring-cloud-", "org.springframework.cloud", "org/springframework/cloud/"),
    KNOWN("spring-session-", "org.springframework.session", "org/springframework/session/"),
    KNOWN("spring-integration-", "org.springframework.integration",
          "org/springframework/integration/"),
    KNOWN("spring-batch-", "org.springframework.batch", "org/springframework/batch/"),
    KNOWN("spring-kafka", "org.springframework.kafka", "org/springframework/kafka/"),
    KNOWN("spring-amqp", "org.springframework.amqp", "org/springframework/amqp/"),
    KNOWN("spring-rabbit", "org.springframework.amqp", "org/springframework/amqp/"),
    KNOWN("spring-ws-", "org.springframework.ws", "org/springframework/ws/"),
    KNOWN("spring-ldap-", "org.springframework.ldap", "org/springframework/ldap/"),
    KNOWN("spring-", "org.springframework", "org/springframework/"),
    KNOWN("tomcat-embed-", "org.apache.tomcat.embed", "org/apache/"),
    KNOWN("tomcat-", "org.apache.tomcat", "org/apache/"),
    KNOWN("lucene-", "org.apache.lucene", "org/apache/lucene/"),
    KNOWN("kafka", "org.apache.kafka", "org/apache/kafka/"),
    KNOWN("zookeeper", "org.apache.zookeeper", "org/apache/zookeeper/"),
    KNOWN("elasticsearch", "org.elasticsearch", "org/elasticsearch/"),
    KNOWN("bc", "org.bouncycastle", "org/bouncycastle/"),
    KNOWN("kotlinx-", "org.jetbrains.kotlinx", "kotlinx/"),
    KNOWN("kotlin-", "org.jetbrains.kotlin", "kotlin/"),
    KNOWN("okhttp", "com.squareup.okhttp3", "okhttp3/"),
    KNOWN("okio", "com.squareup.okio", "okio/"),
    KNOWN("retrofit", "com.squareup.retrofit2", "retrofit2/"),
    KNOWN("reactor-netty", "io.projectreactor.netty", "reactor/netty/"),
    KNOWN("reactor-", "io.projectreactor", "reactor/"),
    KNOWN("micrometer-", "io.micrometer", "io/micrometer/"),
    KNOWN("opentelemetry-", "io.opentelemetry", "io/opentelemetry/"),
    KNOWN("grpc-", "io.grpc", "io/grpc/"),
    KNOWN("rxjava-3", "io.reactivex.rxjava3", "io/reactivex/rxjava3/"),
    KNOWN("rxjava-2", "io.reactivex.rxjava2", "io/reactivex/"),
    KNOWN("lettuce-core", "io.lettuce", "io/lettuce/"),
    KNOWN("caffeine", "com.github.ben-manes.caffeine", "com/github/benmanes/caffeine/"),
    KNOWN("h2", "com.h2database", "org/h2/"),
    KNOWN("hibernate-core", "org.hibernate", "org/hibernate/"),
    KNOWN("mysql-connector-j", "com.mysql", "com/mysql/"),
    KNOWN("mockito-", "org.mockito", "org/mockito/"),
#undef KNOWN
};

const struct gb_java_known *gb_java_known_group(struct gb_str artifact)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (gb_str_starts(artifact, known[i].prefix))
            return &known[i];
    return NULL;
}

// maven-bundle-plugin makes the symbolic name of group and artifact: joined by a dot; where the
// artifact repeats the last part of the group, that part once. Taken back here.
static struct gb_str group_of_symbolic(struct gb_str symbolic, struct gb_str artifact)
{
    if (symbolic.len > artifact.len + 1 && gb_str_ends(symbolic, artifact) &&
        symbolic.at[symbolic.len - artifact.len - 1] == '.')
        return gb_str_sub(symbolic, 0, symbolic.len - artifact.len - 1);
    for (size_t i = 0; i < artifact.len; i++) {
        if (artifact.at[i] != '-' && artifact.at[i] != '.')
            continue;
        // "maven-core" and "org.apache.maven.core" give "org.apache.maven".
        struct gb_str rest = gb_str_from(artifact, i + 1), first = gb_str_sub(artifact, 0, i);
        if (symbolic.len <= rest.len + 1 || !gb_str_ends(symbolic, rest) ||
            symbolic.at[symbolic.len - rest.len - 1] != '.')
            continue;
        struct gb_str group = gb_str_sub(symbolic, 0, symbolic.len - rest.len - 1);
        if (gb_str_ends(group, first) && group.len > first.len &&
            group.at[group.len - first.len - 1] == '.')
            return group;
    }
    return GB_STR("");
}

static bool is_word(struct gb_str text, bool dotted)
{
    bool dot = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        dot = dot || c == '.';
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_digit(c) && c != '.' &&
            c != '-' && c != '_')
            return false;
    }
    return text.len && (dot || !dotted);
}

static bool is_version(struct gb_str text)
{
    bool number = text.len && (is_digit(text.at[0]) ||
                               (text.len > 1 && text.at[0] == 'v' && is_digit(text.at[1])));
    return number && gb_str_find_char(text, ' ') < 0;
}

struct gb_java_identity gb_java_identify(struct gb_str file,
                                         const struct gb_java_manifest *manifest,
                                         bool has_directory, struct gb_arena *arena)
{
    struct gb_java_identity identity = gb_java_file_name(file);
    struct gb_str symbolic = manifest->symbolic_name;
    (void)arena;
    if (!identity.version.len && is_word(manifest->title, false))
        identity.artifact = manifest->title;
    if (is_version(manifest->version))
        identity.version = manifest->version;
    else if (!identity.version.len && is_version(manifest->bundle_version))
        identity.version = manifest->bundle_version;
    const struct gb_java_known *row = gb_java_known_group(identity.artifact);
    identity.group = group_of_symbolic(symbolic, identity.artifact);
    if (row && has_directory)
        identity.group = row->group;
    else if (!identity.group.len && is_word(manifest->vendor_id, true) &&
             !gb_str_is(manifest->vendor_id, "org.apache"))
        identity.group = manifest->vendor_id;
    return identity;
}
