// Works out what apt would upgrade; used by the sources of packages and updates.
#include "source/package/candidates.h"

#include "model/version/version.h"
#include "source/package/apt_conf.h"
#include "source/package/apt_preferences.h"
#include "source/package/deb822.h"
#include "source/package/package_list.h"

#include <stdlib.h>

enum {
    LISTS_MAX_FILES = 20000,
    RELEASE_MAX_BYTES = 16 << 20,
    ARCHITECTURES_MAX = 8,
};

static const struct gb_str folder = GB_STR_INIT("/var/lib/apt/lists/");

struct offer { // of one installed package
    struct gb_apt_offer what;
    const struct gb_apt_archive *archive;
    int priority;
    bool same_maintainer; // as of the installed one
    struct offer *next;
};

struct name { // of an installed package, of its source, or of both
    const struct gb_dpkg_package *package;
    bool named; // a list that may be the distribution's has a package of this name
    bool own;   // source: some package of it is known to be the distribution's
};

struct search {
    struct gb_collector *collector;
    struct gb_arena *arena;
    const struct gb_dpkg *dpkg;
    struct gb_apt_candidates *result;
    struct gb_apt_preferences preferences;
    struct gb_str default_release;
    struct gb_str architectures[ARCHITECTURES_MAX]; // the native one first
    size_t architecture_count;
    struct gb_dir_entry *files;
    size_t file_count;
    struct offer **offers; // a chain for each of dpkg->packages
    struct gb_map lists_done;
    struct gb_map names; // -> struct name: one look-up for each of a list's stanzas
    size_t lists_read, archives_missing;
};

static void find_architectures(struct search *s)
{
    struct gb_str text;
    const struct gb_dpkg_package *dpkg = gb_map_get(&s->dpkg->by_name, GB_STR("dpkg"));
    if (dpkg && !gb_str_is(dpkg->architecture, "all"))
        s->architectures[s->architecture_count++] = dpkg->architecture;
    if (gb_host_read(s->collector->host, "/var/lib/dpkg/arch", 4096, s->arena, &text, NULL) < 0)
        return;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        line = gb_str_trim(line);
        bool known = !line.len;
        for (size_t i = 0; i < s->architecture_count; i++)
            known = known || gb_str_eq(line, s->architectures[i]);
        if (!known && s->architecture_count < ARCHITECTURES_MAX)
            s->architectures[s->architecture_count++] = line;
    }
}

static int by_entry_name(const void *key, const void *entry)
{
    return gb_str_compare(*(const struct gb_str *)key, ((const struct gb_dir_entry *)entry)->name);
}

static bool has_file(const struct search *s, struct gb_str name)
{
    return s->file_count &&
           bsearch(&name, s->files, s->file_count, sizeof *s->files, by_entry_name);
}

// A list may be kept packed. The name of the file that is there, or an empty slice.
static struct gb_str find_list(const struct search *s, struct gb_str name)
{
    static const char *const packings[] = {"", ".lz4", ".zst", ".xz", ".gz", ".bz2", ".lzma"};
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        struct gb_str full = gb_str_format(s->arena, GB_PRI "%s", GB_ARG(name), packings[i]);
        if (full.at && has_file(s, full))
            return full;
    }
    return GB_STR("");
}

static struct gb_str path_of(struct search *s, struct gb_str name)
{
    return gb_str_format(s->arena, GB_PRI GB_PRI, GB_ARG(folder), GB_ARG(name));
}

// Does the Release file promise a list of this name that is not empty? " sum size name" lines.
static bool promises(struct gb_str release, struct gb_str name)
{
    for (struct gb_str rest = release;;) {
        ptrdiff_t at = gb_str_find(rest, name);
        if (at < 0)
            return false;
        struct gb_str before = gb_str_sub(rest, 0, (size_t)at);
        rest = gb_str_from(rest, (size_t)at + name.len);
        ptrdiff_t line = gb_str_rfind_char(before, '\n');
        before = gb_str_from(before, (size_t)(line + 1));
        struct gb_str sum, size;
        uint64_t bytes;
        if (rest.len && rest.at[0] == '\n' && before.len && before.at[before.len - 1] == ' ' &&
            gb_str_next_word(&before, &sum) && gb_str_next_word(&before, &size) &&
            gb_str_to_uint(size, 10, &bytes) == GB_OK && bytes > 0 && !gb_str_trim(before).len)
            return true;
    }
}

static int add_offer(struct search *s, size_t index, const struct offer *found)
{
    struct offer *offer = gb_alloc(s->arena, sizeof *offer);
    if (!offer)
        return GB_E_MEMORY;
    *offer = *found;
    offer->what.version = gb_str_copy(s->arena, found->what.version);
    offer->next = s->offers[index];
    s->offers[index] = offer;
    return offer->what.version.at ? GB_OK : GB_E_MEMORY;
}

// "all" and the native architecture are one to apt.
static bool same_architecture(const struct search *s, struct gb_str a, struct gb_str b)
{
    struct gb_str native = s->architecture_count ? s->architectures[0] : GB_STR("");
    if (gb_str_is(a, "all"))
        a = native;
    if (gb_str_is(b, "all"))
        b = native;
    return gb_str_eq(a, b);
}

static int consider(struct search *s, const struct gb_dpkg_package *package, struct gb_str stanza,
                    struct offer *found)
{
    struct gb_deb822 reader = gb_deb822(stanza);
    struct gb_str architecture = {0}, maintainer = {0};
    found->what.version = GB_STR("");
    if (!gb_deb822_stanza(&reader))
        return GB_OK;
    for (struct gb_deb822_field field; gb_deb822_next(&reader, &field);) {
        if (gb_deb822_is(&field, "Version"))
            found->what.version = field.value;
        else if (gb_deb822_is(&field, "Architecture"))
            architecture = field.value;
        else if (gb_deb822_is(&field, "Maintainer"))
            maintainer = field.value;
    }
    if (!found->what.version.len)
        return GB_OK;
    for (; package; package = package->next) {
        if (!gb_dpkg_in_place(package) ||
            !same_architecture(s, package->architecture, architecture))
            continue;
        found->same_maintainer = gb_str_eq(maintainer, package->maintainer);
        int code = add_offer(s, package->position, found);
        if (code)
            return code;
    }
    return GB_OK;
}

// Of a list's 60,000 stanzas a few hundred matter: only the names are looked at, the stanza around
// one is read when the package is installed.
static int scan_piece(struct search *s, struct gb_str piece, struct offer *found)
{
    static const struct gb_str key = GB_STR_INIT("Package:");
    size_t at = 0;
    while (at < piece.len) {
        ptrdiff_t hit = gb_str_find(gb_str_from(piece, at), key);
        if (hit < 0)
            break;
        size_t start = at + (size_t)hit;
        at = start + key.len;
        if (start && piece.at[start - 1] != '\n')
            continue;
        ptrdiff_t end = gb_str_find_char(gb_str_from(piece, at), '\n');
        size_t length = end < 0 ? piece.len - at : (size_t)end;
        struct gb_str name = gb_str_trim(gb_str_sub(piece, at, length));
        s->result->offered++;
        struct name *known = gb_map_get(&s->names, name);
        if (known && found->archive->party != GB_APT_PARTY_THIRD)
            known->named = true;
        const struct gb_dpkg_package *package = known ? known->package : NULL;
        if (!package)
            continue;
        while (start &&
               !(piece.at[start - 1] == '\n' && (start == 1 || piece.at[start - 2] == '\n')))
            start--; // the field need not be the first
        ptrdiff_t stop = gb_str_find(gb_str_from(piece, at), GB_STR("\n\n"));
        size_t stanza_end = stop < 0 ? piece.len : at + (size_t)stop + 1;
        int code = consider(s, package, gb_str_sub(piece, start, stanza_end - start), found);
        if (code)
            return code;
        at = stanza_end;
    }
    return GB_OK;
}

static int read_list(struct search *s, struct gb_apt_archive *archive, struct gb_str name,
                     struct gb_str component)
{
    if (gb_map_get(&s->lists_done, name))
        return GB_OK; // the same source twice
    if (gb_map_set(&s->lists_done, name, archive) < 0)
        return GB_E_MEMORY;
    struct gb_error why = {0};
    struct gb_package_list *list = NULL;
    struct gb_str path = path_of(s, name), piece;
    if (!path.at)
        return GB_E_MEMORY;
    struct offer found = {
        .what = {.release = &archive->release,
                 .host = gb_apt_uri_host(archive->source->uri),
                 .component = component},
        .archive = archive,
    };
    int code = gb_package_list_open(s->collector->host, path.at, &list, &why);
    while (code >= 0 && (code = gb_package_list_next(list, &piece, &why)) > 0) {
        int failed = scan_piece(s, piece, &found);
        code = failed ? failed : code;
    }
    gb_package_list_close(&list);
    if (code == GB_E_MEMORY)
        return code;
    archive->lists++;
    if (code < 0)
        archive->problem = gb_str_format(s->arena, GB_PRI ": %s", GB_ARG(path), why.reason);
    else
        s->lists_read++;
    return GB_OK;
}

static int read_component(struct search *s, struct gb_apt_archive *archive, struct gb_str release,
                          struct gb_str component, struct gb_str architecture)
{
    char flat_component[256];
    size_t len = component.len < sizeof flat_component ? component.len : sizeof flat_component - 1;
    for (size_t i = 0; i < len; i++)
        flat_component[i] = component.at[i] == '/' ? '_' : component.at[i];
    struct gb_str plain = gb_str_format(s->arena, GB_PRI "%.*s_binary-" GB_PRI "_Packages",
                                        GB_ARG(archive->source->list_prefix), (int)len,
                                        flat_component, GB_ARG(architecture));
    struct gb_str promised = gb_str_format(s->arena, GB_PRI "/binary-" GB_PRI "/Packages",
                                           GB_ARG(component), GB_ARG(architecture));
    if (!plain.at || !promised.at)
        return GB_E_MEMORY;
    struct gb_str name = find_list(s, plain);
    if (name.len)
        return read_list(s, archive, name, component);
    if (promises(release, promised) && !gb_str_is(architecture, "all"))
        archive->problem =
            gb_str_format(s->arena, GB_PRI GB_PRI ": not fetched", GB_ARG(folder), GB_ARG(plain));
    return GB_OK;
}

static int read_lists(struct search *s, struct gb_apt_archive *archive, struct gb_str release)
{
    const struct gb_apt_source *source = archive->source;
    if (source->suite.len && source->suite.at[source->suite.len - 1] == '/') {
        struct gb_str name =
            find_list(s, gb_str_format(s->arena, GB_PRI "Packages", GB_ARG(source->list_prefix)));
        return name.len ? read_list(s, archive, name, GB_STR("")) : GB_OK;
    }
    const struct gb_str *architectures =
        source->architecture_count ? source->architectures : s->architectures;
    size_t count = source->architecture_count ? source->architecture_count : s->architecture_count;
    for (size_t c = 0; c < source->component_count; c++) {
        for (size_t a = 0; a <= count; a++) {
            int code = read_component(s, archive, release, source->components[c],
                                      a < count ? architectures[a] : GB_STR("all"));
            if (code)
                return code;
        }
    }
    return GB_OK;
}

static void keep_release(struct gb_arena *arena, struct gb_apt_release *release)
{
    release->origin = gb_str_copy(arena, release->origin);
    release->label = gb_str_copy(arena, release->label);
    release->suite = gb_str_copy(arena, release->suite);
    release->codename = gb_str_copy(arena, release->codename);
    release->version = gb_str_copy(arena, release->version);
}

static int read_archive(struct search *s, struct gb_apt_archive *archive)
{
    struct gb_str prefix = archive->source->list_prefix;
    struct gb_str signed_name = gb_str_format(s->arena, GB_PRI "InRelease", GB_ARG(prefix));
    struct gb_str plain_name = gb_str_format(s->arena, GB_PRI "Release", GB_ARG(prefix));
    struct gb_str signature = gb_str_format(s->arena, GB_PRI "Release.gpg", GB_ARG(prefix));
    if (!signed_name.at || !plain_name.at || !signature.at)
        return GB_E_MEMORY;
    bool inline_signed = has_file(s, signed_name);
    if (!inline_signed && !has_file(s, plain_name)) {
        archive->problem = GB_STR("its lists were never fetched");
        s->archives_missing++;
        return GB_OK;
    }
    archive->is_signed = inline_signed || has_file(s, signature);
    archive->release_path = path_of(s, inline_signed ? signed_name : plain_name);
    if (!archive->release_path.at)
        return GB_E_MEMORY;
    struct gb_mark mark = gb_arena_mark(s->collector->scratch);
    struct gb_str text = {0};
    struct gb_error why = {0};
    struct gb_file_info info;
    if (gb_host_stat(s->collector->host, archive->release_path.at, true, &info, NULL) == GB_OK)
        archive->refreshed_at = info.changed_at;
    if (gb_host_read(s->collector->host, archive->release_path.at, RELEASE_MAX_BYTES,
                     s->collector->scratch, &text, &why) < 0)
        archive->problem =
            gb_str_format(s->arena, GB_PRI ": %s", GB_ARG(archive->release_path), why.reason);
    gb_apt_release_parse(&archive->release, text);
    keep_release(s->arena, &archive->release);
    archive->security = gb_apt_release_is_security(&archive->release);
    archive->party = gb_apt_party_of_archive(s->collector->all, archive->release.origin,
                                             gb_apt_uri_host(archive->source->uri));
    int code = read_lists(s, archive, text);
    gb_arena_reset(s->collector->scratch, mark);
    return code;
}

static bool is_default_release(const struct search *s, const struct gb_apt_release *release)
{
    return s->default_release.len && (gb_str_eq(s->default_release, release->suite) ||
                                      gb_str_eq(s->default_release, release->codename) ||
                                      gb_str_eq(s->default_release, release->version));
}

static int priority_of(const struct search *s, struct gb_str package, const struct offer *offer)
{
    const struct gb_apt_pin *general = NULL;
    for (size_t i = 0; i < s->preferences.count; i++) {
        const struct gb_apt_pin *pin = &s->preferences.pins[i];
        if ((pin->general && general) || !gb_apt_pin_matches(pin, package, &offer->what))
            continue;
        if (!pin->general)
            return pin->priority;
        general = pin;
    }
    if (general)
        return general->priority;
    if (is_default_release(s, &offer->archive->release))
        return 990;
    if (!offer->archive->release.not_automatic)
        return 500;
    return offer->archive->release.but_automatic_upgrades ? 100 : 1;
}

// apt's rule: highest priority, then highest version; downgrades only from priority 1000 on.
static void choose(struct search *s, size_t index)
{
    const struct gb_dpkg_package *package = s->dpkg->packages[index];
    struct gb_apt_candidates *result = s->result;
    struct offer *best = NULL;
    struct gb_str security = {0};
    int installed_priority = 100;
    enum gb_apt_standing standing = GB_APT_FOREIGN;
    struct gb_apt_offers_seen seen = {.own_maintainer =
                                          gb_apt_maintainer_is_own(package->maintainer)};
    for (struct offer *offer = s->offers[index]; offer; offer = offer->next) {
        offer->priority = priority_of(s, package->name, offer);
        int order = gb_version_compare(GB_VERSION_DPKG, offer->what.version, package->version);
        gb_apt_offer_seen(&seen, offer->archive->party, offer->archive->release.origin, order,
                          offer->same_maintainer);
        if (order >= 0 || standing == GB_APT_FOREIGN)
            standing = order == 0 || standing == GB_APT_OFFERED ? GB_APT_OFFERED
                       : order > 0                              ? GB_APT_SUPERSEDED
                                                                : GB_APT_NEWER;
        if (order == 0) {
            if (offer->priority > installed_priority)
                installed_priority = offer->priority;
            continue;
        }
        if (offer->priority <= 0 || (order < 0 && offer->priority < 1000))
            continue;
        if (offer->archive->security && order > 0 &&
            (!security.len ||
             gb_version_compare(GB_VERSION_DPKG, offer->what.version, security) > 0))
            security = offer->what.version;
        int against = !best ? 1 : offer->priority - best->priority;
        if (against == 0)
            against = gb_version_compare(GB_VERSION_DPKG, offer->what.version, best->what.version);
        // Offers are chained newest list first; of equal ones the archive named first stays.
        if (against > 0 || (against == 0 && best && offer->archive < best->archive))
            best = offer;
    }
    result->standings[index] = (unsigned char)standing;
    result->origins[index] = gb_apt_origin_decide(&seen);
    bool newer =
        best && gb_version_compare(GB_VERSION_DPKG, best->what.version, package->version) > 0;
    if (newer ? best->priority >= installed_priority : best && best->priority >= 1000)
        result->updates[result->update_count++] = (struct gb_apt_update){
            .package = package,
            .candidate = best->what.version,
            .archive = best->archive->release.suite.len ? best->archive->release.suite
                                                        : best->archive->source->suite,
            .security_version = security,
        };
}

// Whose are the packages that no archive offers? After all others are decided.
static void decide_origins(struct search *s)
{
    struct gb_apt_candidates *result = s->result;
    bool own_list = false;
    for (size_t i = 0; i < result->archive_count; i++)
        own_list |= result->archives[i].party == GB_APT_PARTY_OWN && result->archives[i].lists > 0;
    for (size_t i = 0; i < s->dpkg->count; i++) {
        struct name *source = gb_map_get(&s->names, s->dpkg->packages[i]->source);
        if (source && result->origins[i].party == GB_APT_PARTY_OWN)
            source->own = true;
    }
    for (size_t i = 0; i < s->dpkg->count; i++) {
        const struct gb_dpkg_package *package = s->dpkg->packages[i];
        const struct name *source = gb_map_get(&s->names, package->source);
        struct gb_apt_origin *origin = &result->origins[i];
        // With a list missing, or without any of the distribution itself, nobody else can be named.
        if (!own_list || (result->problem.len && origin->party == GB_APT_PARTY_THIRD))
            *origin = (struct gb_apt_origin){GB_APT_PARTY_UNKNOWN, GB_STR("")};
        if (!own_list || result->problem.len || !source || result->standings[i] != GB_APT_FOREIGN ||
            !gb_dpkg_in_place(package))
            continue;
        if (source->own)
            origin->party = GB_APT_PARTY_OWN;
        else if (!source->named && !gb_apt_maintainer_is_own(package->maintainer))
            origin->party = GB_APT_PARTY_THIRD;
    }
}

static struct name *add_name(struct search *s, struct gb_str text)
{
    struct name *name = gb_map_get(&s->names, text);
    if (name)
        return name;
    name = gb_alloc(s->arena, sizeof *name);
    return name && gb_map_set(&s->names, text, name) == GB_OK ? name : NULL;
}

static int index_names(struct search *s)
{
    s->names = gb_map(s->arena);
    for (size_t i = 0; i < s->dpkg->count; i++) {
        const struct gb_dpkg_package *package = s->dpkg->packages[i];
        struct name *name = add_name(s, package->name);
        if (!name || !add_name(s, package->source))
            return GB_E_MEMORY;
        name->package = gb_map_get(&s->dpkg->by_name, package->name); // the first of a chain
    }
    return GB_OK;
}

static int index_packages(struct search *s)
{
    s->lists_done = gb_map(s->arena);
    s->result->origins = gb_alloc_array(s->arena, s->dpkg->count, sizeof *s->result->origins);
    s->offers = gb_alloc_array(s->arena, s->dpkg->count, sizeof(*s->offers));
    s->result->updates = gb_alloc_array(s->arena, s->dpkg->count, sizeof *s->result->updates);
    s->result->standings = gb_alloc(s->arena, s->dpkg->count);
    if (gb_arena_failed(s->arena))
        return GB_E_MEMORY;
    return index_names(s);
}

static int read_archives(struct search *s, const struct gb_apt_sources *sources)
{
    struct gb_apt_candidates *result = s->result;
    result->archives = gb_alloc_array(s->arena, sources->count, sizeof *result->archives);
    if (!result->archives)
        return GB_E_MEMORY;
    if (gb_host_list(s->collector->host, "/var/lib/apt/lists", LISTS_MAX_FILES, s->arena, &s->files,
                     &s->file_count, NULL) < 0)
        s->file_count = 0;
    for (size_t i = 0; i < sources->count; i++) {
        if (!sources->items[i].enabled || sources->items[i].is_source)
            continue;
        struct gb_apt_archive *archive = &result->archives[result->archive_count++];
        archive->source = &sources->items[i];
        int code = read_archive(s, archive);
        if (code)
            return code;
    }
    return GB_OK;
}

static void say_problem(struct search *s, const struct gb_apt_sources *sources)
{
    struct gb_apt_candidates *result = s->result;
    if (s->dpkg->presence != GB_DPKG_READ)
        result->problem = s->dpkg->reason;
    else if (sources->problem.len)
        result->problem = sources->problem;
    else if (s->preferences.problem.len)
        result->problem = s->preferences.problem;
    else if (!result->archive_count)
        result->problem = GB_STR("no package source is enabled");
    else if (s->archives_missing == result->archive_count)
        result->problem = GB_STR("there are no package lists: apt-get update has not been run");
    for (size_t i = 0; i < result->archive_count && !result->problem.len; i++) {
        const struct gb_apt_archive *archive = &result->archives[i];
        if (archive->problem.len)
            result->problem =
                gb_str_format(s->arena, GB_PRI " " GB_PRI ": " GB_PRI, GB_ARG(archive->source->uri),
                              GB_ARG(archive->source->suite), GB_ARG(archive->problem));
    }
}

static int work_out(struct gb_collector *collector, struct gb_apt_candidates *result,
                    struct gb_error *err)
{
    struct search s = {.collector = collector, .arena = collector->arena, .result = result};
    const struct gb_apt_sources *sources = NULL;
    const struct gb_apt_conf *conf = NULL;
    int code = gb_dpkg_load(collector, &s.dpkg, err);
    if (!code)
        code = gb_apt_sources_load(collector, &sources, err);
    if (!code)
        code = gb_apt_conf_load(collector, &conf, err);
    if (!code)
        code = gb_apt_preferences_load(collector, &s.preferences, err);
    if (code)
        return code;
    const struct gb_apt_conf_item *target = gb_apt_conf_find(conf, "APT::Default-Release");
    if (target)
        s.default_release = target->value;
    result->pins_not_understood =
        s.preferences.not_understood + (gb_str_starts(s.default_release, GB_STR("/")) ? 1 : 0);
    find_architectures(&s);
    code = index_packages(&s);
    if (!code)
        code = read_archives(&s, sources);
    if (code)
        return gb_error_set(err, code, "out of memory while reading package lists");
    for (size_t i = 0; i < s.dpkg->count; i++)
        if (s.lists_read && gb_dpkg_in_place(s.dpkg->packages[i]))
            choose(&s, i);
    say_problem(&s, sources);
    decide_origins(&s);
    return GB_OK;
}

int gb_apt_candidates_load(struct gb_collector *collector, const struct gb_apt_candidates **ret,
                           struct gb_error *err)
{
    struct gb_str key = GB_STR("package/candidates");
    struct gb_apt_candidates *result = gb_collector_shared(collector, key);
    if (!result) {
        result = gb_alloc(collector->arena, sizeof *result);
        int code = result ? work_out(collector, result, err) : GB_E_MEMORY;
        if (!code)
            code = gb_collector_share(collector, key, result);
        if (code)
            return gb_error_set(err, code, "out of memory while looking for updates");
    }
    *ret = result;
    return GB_OK;
}
