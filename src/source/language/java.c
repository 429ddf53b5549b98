// Java archives: jar, war, ear and the like, those inside of them, and what was copied (shaded)
// into them. Read by their directories, never unpacked: nested archives are read through the outer
// ones.
#include "base/zip.h"
#include "source/language/java_identity.h"
#include "source/language/reading.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    DEPTH_MOST = 10,
    ENTRIES_MOST = 1000000, // of one file with all that is nested in it
    WANTED_MOST = 20000,    // of one archive
    NAME_LONGEST = 4096,    // of an entry that is looked at
    PROPERTIES_BYTES = 64 << 10,
    MANIFEST_BYTES = 64 << 10, // its main section stands in front
    UNPACKED_LEAST = 64 << 20, // every file may be unpacked to so much,
    UNPACKED_TIMES = 16,       // and to so many times its size
    MEMORY_MOST = 16 << 20,    // kept of nested archives, all levels together
    ARENA_BYTES = 48 << 20,
};

enum entry_kind { ENTRY_PROPERTIES, ENTRY_POM, ENTRY_MANIFEST, ENTRY_ARCHIVE };

struct wanted {
    enum entry_kind kind;
    struct gb_zip_entry entry;
};

// Shared by an archive and all that are nested in it.
struct budget {
    uint64_t entries, unpacked;
    size_t memory;
    bool spent; // a limit was met and said; nothing more is read
};

struct archive {
    struct gb_language_reading *reading;
    struct budget *budget;
    struct gb_zip zip;
    struct gb_str inside; // "" = the file itself
    struct gb_str file;   // its name
    unsigned depth;
    struct wanted *wanted;
    size_t count, capacity;
    bool has_directory;
    struct gb_java_manifest manifest;
    struct pom *poms;
    size_t pom_count, property_count;
};

struct pom {
    struct gb_java_identity identity;
    struct gb_str path; // of the entry
    bool complete;      // from pom.properties
};

static int read_archive(struct archive *archive, const struct gb_content_reader *content);

bool gb_language_is_java(struct gb_str name)
{
    static const char extensions[][4] = {"jar", "war", "ear", "par", "hpi", "jpi", "sar", "kar"};
    if (name.len < 5 || name.at[name.len - 4] != '.')
        return false;
    struct gb_str extension = gb_str_from(name, name.len - 3);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (gb_str_eq_nocase(extension, gb_str_of(extensions[i])))
            return true;
    return false;
}

static struct gb_str last_part(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// Where something in the archive is; the archive itself for an empty name.
static struct gb_str join(const struct archive *archive, struct gb_str name)
{
    if (!archive->inside.len || !name.len)
        return archive->inside.len ? archive->inside : name;
    return gb_str_format(archive->reading->scratch, GB_PRI "!/" GB_PRI, GB_ARG(archive->inside),
                         GB_ARG(name));
}

// ---- limits

static int stop(struct archive *archive, const char *reason)
{
    if (archive->budget->spent)
        return GB_OK;
    archive->budget->spent = true;
    return gb_language_trouble(archive->reading, archive->inside, reason);
}

// What a failed read of a part of the archive means for all of it.
static int failed(struct archive *archive, struct gb_str name, int code, const char *reason)
{
    if (code == GB_E_LIMIT || !archive->budget->unpacked)
        return stop(archive, "unpacks to more than 16 times its size");
    if (code == GB_E_MEMORY)
        return gb_error_set(archive->reading->err, code, "no memory for a Java archive");
    return gb_language_trouble(archive->reading, join(archive, name), reason);
}

// ---- the directory

static bool is_below(struct gb_str path, const char *directory, const char *file)
{
    ptrdiff_t at = gb_str_find(path, gb_str_of(directory));
    return (at == 0 || (at > 0 && path.at[at - 1] == '/')) && gb_str_is(last_part(path), file);
}

static bool classify(struct gb_str name, enum entry_kind *ret)
{
    if (is_below(name, "META-INF/maven/", "pom.properties"))
        *ret = ENTRY_PROPERTIES;
    else if (is_below(name, "META-INF/maven/", "pom.xml"))
        *ret = ENTRY_POM;
    else if (gb_str_eq_nocase(name, GB_STR("META-INF/MANIFEST.MF")))
        *ret = ENTRY_MANIFEST;
    else if (gb_language_is_java(name))
        *ret = ENTRY_ARCHIVE;
    else
        return false;
    return true;
}

static int keep_entry(struct archive *archive, enum entry_kind kind,
                      const struct gb_zip_entry *entry)
{
    struct gb_arena *arena = archive->reading->scratch;
    if (archive->count == WANTED_MOST || entry->name.len > NAME_LONGEST)
        return stop(archive, archive->count == WANTED_MOST
                                 ? "more than 20000 archives and descriptions in one"
                                 : "a path of more than 4096 bytes inside");
    if (archive->count == archive->capacity) {
        size_t capacity = archive->capacity ? archive->capacity * 2 : 16;
        struct wanted *wanted =
            gb_grow_array(arena, archive->wanted, archive->count, capacity, sizeof *wanted);
        if (!wanted)
            return stop(archive, "too much inside to be looked at");
        archive->wanted = wanted;
        archive->capacity = capacity;
    }
    struct wanted *wanted = &archive->wanted[archive->count];
    *wanted = (struct wanted){kind, *entry};
    wanted->entry.name = gb_str_copy(arena, entry->name);
    if (gb_arena_failed(arena))
        return stop(archive, "too much inside to be looked at");
    archive->count++;
    return GB_OK;
}

static int by_offset(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    if (x->entry.header_at != y->entry.header_at)
        return x->entry.header_at < y->entry.header_at ? -1 : 1;
    return gb_str_compare(x->entry.name, y->entry.name);
}

// Takes what is of interest from the directory; in the order of the bytes, so that an archive that
// is being unpacked is read forward.
static int list(struct archive *archive)
{
    GB_CLEANUP(gb_zip_walk_free) struct gb_zip_walk *walk = gb_zip_walk_new(&archive->zip);
    const struct gb_java_known *known =
        gb_java_known_group(gb_java_file_name(archive->file).artifact);
    if (!walk)
        return gb_error_set(archive->reading->err, GB_E_MEMORY, "no memory for a Java archive");
    struct gb_error why = {0};
    struct gb_zip_entry entry;
    int code = GB_OK;
    for (int next; !code && !archive->budget->spent;) {
        next = gb_zip_next(walk, &entry, &why);
        if (next < 0)
            return failed(archive, GB_STR(""), next, "damaged");
        if (!next)
            break;
        enum entry_kind kind;
        if (!archive->budget->entries--) {
            archive->budget->entries = 0;
            return stop(archive, "more than 1000000 entries");
        }
        archive->has_directory =
            archive->has_directory || (known && gb_str_starts(entry.name, known->directory));
        if (classify(entry.name, &kind))
            code = keep_entry(archive, kind, &entry);
    }
    if (archive->count)
        qsort(archive->wanted, archive->count, sizeof *archive->wanted, by_offset);
    return code;
}

// ---- entries

// The bytes of an entry as a content; *inflate is to be freed. With `whole`, as much as possible is
// kept in memory.
static int open_entry(struct archive *archive, const struct gb_zip_entry *entry, size_t kept,
                      struct gb_part_content *part, struct gb_content_reader *packed,
                      struct gb_inflate **inflate, struct gb_content_reader *ret)
{
    struct gb_error why = {0};
    int code = gb_zip_data(&archive->zip, entry, part, packed, &why);
    if (code) {
        int said = failed(archive, entry->name, code, why.reason);
        return said ? said : GB_E_UNSUPPORTED;
    }
    *ret = *packed;
    if (entry->method == GB_ZIP_STORED)
        return GB_OK;
    code = gb_inflate_new(packed, GB_DEFLATE_RAW, entry->size, kept, &archive->budget->unpacked,
                          inflate);
    if (code)
        return gb_error_set(archive->reading->err, code, "no memory for a Java archive");
    *ret = gb_inflate_content(*inflate);
    return GB_OK;
}

// The front of an entry as text; empty when it cannot be read, which was said then.
static int entry_text(struct archive *archive, const struct gb_zip_entry *entry, size_t most,
                      struct gb_str *ret)
{
    GB_CLEANUP(gb_inflate_free) struct gb_inflate *inflate = NULL;
    struct gb_part_content part;
    struct gb_content_reader packed, content;
    struct gb_error why = {0};
    *ret = GB_STR("");
    int code = open_entry(archive, entry, most, &part, &packed, &inflate, &content);
    if (code)
        return code == GB_E_UNSUPPORTED ? GB_OK : code;
    code = gb_content_front(&content, most, archive->reading->scratch, ret, &why);
    if (code == GB_E_MEMORY && gb_arena_failed(archive->reading->scratch))
        return stop(archive, "too much inside to be looked at");
    return code ? failed(archive, entry->name, code, "damaged") : GB_OK;
}

// Group and artifact are also the directories that Maven puts the file into.
static int read_pom(struct archive *archive, const struct wanted *wanted)
{
    struct pom *pom = &archive->poms[archive->pom_count];
    struct gb_str path = wanted->entry.name, text;
    *pom = (struct pom){.path = path, .complete = wanted->kind == ENTRY_PROPERTIES};
    if (wanted->kind == ENTRY_PROPERTIES) {
        int code = entry_text(archive, &wanted->entry, PROPERTIES_BYTES, &text);
        if (code)
            return code;
        gb_java_properties(text, archive->reading->scratch, &pom->identity);
    }
    struct gb_str directory = gb_str_sub(path, 0, path.len - last_part(path).len - 1);
    struct gb_str artifact = last_part(directory);
    struct gb_str group = gb_str_sub(directory, 0, directory.len - artifact.len);
    group = group.len ? last_part(gb_str_sub(group, 0, group.len - 1)) : group;
    if (!pom->identity.group.len && !gb_str_is(group, "maven"))
        pom->identity.group = group;
    if (!pom->identity.artifact.len)
        pom->identity.artifact = artifact;
    archive->property_count += pom->complete;
    archive->pom_count++;
    return GB_OK;
}

static int read_nested(struct archive *archive, const struct gb_zip_entry *entry)
{
    GB_CLEANUP(gb_inflate_free) struct gb_inflate *inflate = NULL;
    struct budget *budget = archive->budget;
    struct gb_arena *scratch = archive->reading->scratch;
    struct gb_part_content part;
    struct gb_content_reader packed, content;
    struct gb_mark mark = gb_arena_mark(scratch);
    struct archive nested = {.reading = archive->reading,
                             .budget = budget,
                             .inside = join(archive, entry->name),
                             .file = last_part(entry->name),
                             .depth = archive->depth + 1};
    if (gb_arena_failed(scratch))
        return stop(archive, "too much inside to be looked at");
    if (nested.depth >= DEPTH_MOST)
        return gb_language_trouble(archive->reading, nested.inside, "more than 10 archives deep");
    size_t kept =
        budget->memory / 2 > GB_INFLATE_KEPT_LEAST ? budget->memory / 2 : GB_INFLATE_KEPT_LEAST;
    kept = entry->size < kept ? (size_t)entry->size : kept;
    kept = entry->method == GB_ZIP_STORED ? 0 : kept;
    int code = open_entry(archive, entry, kept, &part, &packed, &inflate, &content);
    if (!code) {
        size_t before = budget->memory;
        budget->memory -= kept < before ? kept : before;
        code = read_archive(&nested, &content);
        budget->memory = before;
    }
    gb_arena_reset(scratch, mark);
    return code == GB_E_UNSUPPORTED ? GB_OK : code;
}

// ---- what is in it

static int add(struct archive *archive, const struct gb_java_identity *identity,
               struct gb_str inside)
{
    struct gb_arena *scratch = archive->reading->scratch;
    struct gb_str name = identity->group.len
                             ? gb_str_format(scratch, GB_PRI ":" GB_PRI, GB_ARG(identity->group),
                                             GB_ARG(identity->artifact))
                             : identity->artifact;
    return gb_language_add(archive->reading,
                           &(struct gb_language_package){.ecosystem = GB_STR("Maven"),
                                                         .name = name,
                                                         .version = identity->version,
                                                         .inside = inside});
}

// The description that is of the archive itself: the only one, or the one that it is named after.
static const struct pom *own_pom(const struct archive *archive)
{
    const struct pom *own = NULL;
    for (size_t i = 0; i < archive->pom_count; i++) {
        const struct pom *pom = &archive->poms[i];
        bool only = archive->property_count ? archive->property_count == 1 && pom->complete
                                            : archive->pom_count == 1;
        bool named = gb_java_is_named_after(archive->file, pom->identity.artifact);
        if (!only && !named)
            continue;
        if (!own || (pom->complete && !own->complete))
            own = pom;
    }
    return own;
}

static bool has_properties(const struct archive *archive, const struct pom *pom)
{
    for (size_t i = 0; i < archive->pom_count; i++)
        if (archive->poms[i].complete &&
            gb_str_eq(archive->poms[i].identity.artifact, pom->identity.artifact) &&
            gb_str_eq(archive->poms[i].identity.group, pom->identity.group))
            return true;
    return false;
}

static int add_packages(struct archive *archive)
{
    const struct pom *own = own_pom(archive);
    struct gb_java_identity identity = gb_java_identify(
        archive->file, &archive->manifest, archive->has_directory, archive->reading->scratch);
    if (own) {
        struct gb_str version = identity.version;
        identity = own->identity;
        if (!identity.version.len)
            identity.version = version;
    }
    int code = add(archive, &identity, archive->inside);
    for (size_t i = 0; !code && i < archive->pom_count; i++) {
        const struct pom *pom = &archive->poms[i];
        bool same = own && gb_str_eq(pom->identity.artifact, own->identity.artifact) &&
                    gb_str_eq(pom->identity.group, own->identity.group);
        if (pom != own && !same && (pom->complete || !has_properties(archive, pom)))
            code = add(archive, &pom->identity, join(archive, pom->path));
    }
    return code;
}

static int read_entries(struct archive *archive)
{
    int code = GB_OK;
    archive->poms =
        gb_alloc_array(archive->reading->scratch, archive->count, sizeof *archive->poms);
    if (!archive->poms)
        return stop(archive, "too much inside to be looked at");
    for (size_t i = 0; !code && !archive->budget->spent && i < archive->count; i++) {
        const struct wanted *wanted = &archive->wanted[i];
        struct gb_str text;
        switch (wanted->kind) {
        case ENTRY_PROPERTIES:
        case ENTRY_POM:
            code = read_pom(archive, wanted);
            break;
        case ENTRY_MANIFEST:
            code = entry_text(archive, &wanted->entry, MANIFEST_BYTES, &text);
            if (!code)
                archive->manifest = gb_java_manifest_read(text, archive->reading->scratch);
            break;
        case ENTRY_ARCHIVE:
            code = read_nested(archive, &wanted->entry);
            break;
        }
    }
    return code;
}

static int read_archive(struct archive *archive, const struct gb_content_reader *content)
{
    struct gb_error why = {0};
    int code = gb_zip_open(content, &archive->zip, &why);
    if (code == GB_E_TYPE && !archive->budget->unpacked)
        code = GB_E_LIMIT;
    if (code == GB_E_TYPE)
        return GB_OK; // something else by this name
    if (code)
        return failed(archive, GB_STR(""), code, "damaged");
    code = list(archive);
    if (!code)
        code = read_entries(archive);
    return code ? code : add_packages(archive);
}

int gb_language_read_java(struct gb_language_reading *reading)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("java archive", ARENA_BYTES);
    uint64_t times = reading->content->size < (uint64_t)1 << 40 ? reading->content->size : 0;
    struct budget budget = {
        .entries = ENTRIES_MOST,
        .unpacked = UNPACKED_LEAST + times * UNPACKED_TIMES,
        .memory = MEMORY_MOST,
    };
    if (!arena)
        return gb_error_set(reading->err, GB_E_MEMORY, "no memory for a Java archive");
    reading->scratch = arena;
    struct archive archive = {
        .reading = reading, .budget = &budget, .file = last_part(reading->path)};
    return read_archive(&archive, reading->content);
}
