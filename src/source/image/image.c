// Opens an image: reference, opener, layers on top of each other, the tree of small files.
#include "source/image/image_private.h"

#include "base/printable.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_MEMORY = 512 << 20 };

static const struct gb_image_limits default_limits = {
    .layers = 1000,
    .entries = 4000000,
    .unpacked_bytes = (uint64_t)256 << 30,
    .kept_bytes = (uint64_t)1 << 30,
    .kept_files = 200000,
};

void gb_image_problem(struct gb_image *image, struct gb_str text)
{
    if (image->problem_count == image->problem_capacity) {
        size_t wider = image->problem_capacity ? image->problem_capacity * 2 : 8;
        struct gb_str *problems = gb_grow_array(image->arena, image->problems,
                                                image->problem_capacity, wider, sizeof *problems);
        if (!problems)
            return;
        image->problems = problems;
        image->problem_capacity = wider;
    }
    image->problems[image->problem_count++] = gb_printable(image->arena, text);
}

struct gb_layer *gb_image_new_layer(struct gb_image *image)
{
    if (image->read_count == image->read_capacity) {
        size_t wider = image->read_capacity ? image->read_capacity * 2 : 32;
        struct gb_layer **read =
            gb_grow_array(image->arena, image->read, image->read_capacity, wider, sizeof *read);
        if (!read)
            return NULL;
        image->read = read;
        image->read_capacity = wider;
    }
    struct gb_layer *layer = gb_layer_new(image->arena, &image->workspace, &image->entries_left);
    if (!layer)
        return NULL;
    layer->unpacked_limit = image->options.limits.unpacked_bytes;
    image->read[image->read_count++] = layer;
    return layer;
}

static void free_layers(struct gb_image *image)
{
    for (size_t i = 0; i < image->read_count; i++)
        gb_layer_free(image->read[i]);
    image->read_count = 0;
}

int gb_image_take_config(struct gb_image *image, struct gb_str text, struct gb_str digest,
                         struct gb_error *err)
{
    char name[160];
    snprintf(name, sizeof name, "configuration " GB_PRI, GB_ARG(digest));
    int code = gb_image_config_parse(text, name, image->arena, &image->config, err);
    if (code)
        return code;
    image->config_digest = digest;
    image->has_config = true;
    return GB_OK;
}

// The step that made a layer: known when the history has as many steps with a layer as there are
// layers.
static struct gb_str step_of(const struct gb_image *image, size_t index)
{
    size_t with_layer = 0;
    struct gb_str found = {0};
    for (size_t i = 0; i < image->config.history_count; i++) {
        if (image->config.history[i].empty)
            continue;
        if (with_layer++ == index)
            found = image->config.history[i].created_by;
    }
    return with_layer == image->config.diff_count ? found : (struct gb_str){0};
}

static struct gb_image_layer_facts *new_layer_facts(struct gb_image *image)
{
    if (image->layer_count == image->layer_capacity) {
        size_t wider = image->layer_capacity ? image->layer_capacity * 2 : 32;
        struct gb_image_layer_facts *layers = gb_grow_array(
            image->arena, image->layers, image->layer_capacity, wider, sizeof *layers);
        if (!layers)
            return NULL;
        image->layers = layers;
        image->layer_capacity = wider;
    }
    return &image->layers[image->layer_count++];
}

// "layer 2 (sha256:0123456789ab): what"
static void layer_problem(struct gb_image *image, size_t index,
                          const struct gb_image_layer_facts *facts, struct gb_str what)
{
    struct gb_str digest = facts->digest.len ? facts->digest : facts->diff_id;
    gb_image_problem(image, gb_str_format(image->arena, "layer %zu%s" GB_PRI "%s: " GB_PRI, index,
                                          digest.len ? " (" : "", GB_ARG(gb_str_sub(digest, 0, 19)),
                                          digest.len ? ")" : "", GB_ARG(what)));
}

// Is the layer what manifest and configuration say that it is?
static bool is_genuine(struct gb_image *image, const struct gb_layer *layer, size_t index,
                       const struct gb_image_layer_facts *facts)
{
    struct gb_str found = layer->digest, expected = facts->digest;
    if (!layer->diff_digest.len)
        return true; // a directory, or it broke off and is a problem already
    // A digest turned out to be known after all (a link in blobs/ to a part with another name):
    // the configuration, which has been verified, says as much about the unpacked bytes.
    if (!found.len && facts->diff_id.len)
        expected = GB_STR("");
    if (!found.len && expected.len) {
        layer_problem(image, index, facts,
                      GB_STR("its digest cannot be verified: nothing of it was used"));
        return false;
    }
    if (!expected.len || gb_str_eq(found, expected)) {
        found = layer->diff_digest;
        expected = facts->diff_id;
        if (!expected.len || gb_str_eq(found, expected))
            return true;
    }
    if (!gb_str_starts(expected, GB_STR("sha256:"))) {
        layer_problem(image, index, facts, GB_STR("its digest of SHA-512 was not verified"));
        return true;
    }
    layer_problem(image, index, facts,
                  gb_str_format(image->arena,
                                "its content has the digest " GB_PRI ", not " GB_PRI
                                ": nothing of it was used",
                                GB_ARG(found), GB_ARG(expected)));
    return false;
}

int gb_image_take_layer(struct gb_image *image, struct gb_layer *layer, struct gb_str digest,
                        const struct gb_error *failure, struct gb_error *err)
{
    size_t index = image->layer_count;
    struct gb_image_layer_facts *facts = new_layer_facts(image);
    if (!facts)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
    *facts = (struct gb_image_layer_facts){
        .digest = digest,
        .diff_id = index < image->config.diff_count ? image->config.diff_ids[index] : GB_STR(""),
        .created_by = step_of(image, index),
    };
    if (!layer) {
        char text[900];
        gb_error_text(failure, text, sizeof text);
        layer_problem(image, index, facts, gb_str_of(text));
        return GB_OK;
    }
    gb_layer_finish(layer);
    facts->entries = layer->entries;
    for (size_t i = 0; i < layer->problem_count; i++)
        layer_problem(image, index, facts, layer->problems[i]);
    if (layer->more_problems)
        layer_problem(image, index, facts,
                      gb_str_format(image->arena, "and %llu more entries like these",
                                    (unsigned long long)layer->more_problems));
    if (!is_genuine(image, layer, index, facts))
        return GB_OK;
    facts->complete = !layer->problem_count;
    bool databases;
    int code = gb_image_view_add(&image->view, layer, (uint32_t)index, &databases, err);
    return code || !databases ? code : gb_image_note_packages(image, (uint32_t)index, err);
}

// What can stand in front of a reference.
enum form { ANY, ARCHIVE, FOLDER, CONTAINERS_STORAGE, DOCKER_STORAGE, REGISTRY };

static const struct {
    const char *prefix;
    enum form form;
} prefixes[] = {
    {"docker-archive:", ARCHIVE},
    {"oci-archive:", ARCHIVE},
    {"oci:", FOLDER},
    {"dir:", FOLDER},
    {"containers-storage:", CONTAINERS_STORAGE},
    {"docker-daemon:", DOCKER_STORAGE},
    {"docker://", REGISTRY},
    {"registry:", REGISTRY},
};

static enum form form_of(const char *reference, const char **rest)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i].prefix);
        if (strncmp(reference, prefixes[i].prefix, len) == 0) {
            *rest = reference + len;
            return prefixes[i].form;
        }
    }
    *rest = reference;
    return ANY;
}

static bool exists_in(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    return len < (int)sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static enum form form_of_path(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return ANY;
    if (S_ISREG(st.st_mode))
        return ARCHIVE;
    return S_ISDIR(st.st_mode) &&
                   (exists_in(path, "index.json") || exists_in(path, "manifest.json"))
               ? FOLDER
               : ANY;
}

bool gb_image_is_reference(const char *text)
{
    const char *rest;
    return form_of(text, &rest) != ANY || form_of_path(text) != ANY;
}

// FILE:NAME: the file's own name may have colons.
static int split_path(struct gb_image *image, const char *text, char path[PATH_MAX],
                      struct gb_str *which, struct gb_error *err)
{
    struct stat st;
    size_t len = strlen(text);
    if (len >= PATH_MAX)
        return gb_error_set(err, GB_E_USAGE, "the path is too long");
    memcpy(path, text, len + 1);
    *which = GB_STR("");
    if (stat(path, &st) == 0)
        return GB_OK;
    int reason = errno;
    for (size_t i = len; i > 0; i--) {
        if (text[i - 1] != ':')
            continue;
        path[i - 1] = '\0';
        if (stat(path, &st) == 0) {
            *which = gb_str_copy(image->arena, gb_str_of(text + i));
            return GB_OK;
        }
    }
    return gb_error_errno(err, reason, "cannot open %s", text);
}

// The storages of this machine, then the registry. What was looked at without success is told.
static int find_anywhere(struct gb_image *image, struct gb_str name, struct gb_error *err)
{
    static int (*const openers[])(struct gb_image *, struct gb_str, struct gb_error *) = {
        gb_image_from_containers_storage, gb_image_from_docker_storage, gb_image_from_registry};
    size_t count = image->options.offline ? 2 : 3;
    struct gb_str tried = {0};
    for (size_t i = 0; i < count; i++) {
        struct gb_error failure = {0};
        int code = openers[i](image, name, &failure);
        // A storage that cannot be read may not have the image at all: the next one is asked.
        if (code != GB_E_NOT_FOUND && (code != GB_E_DENIED || image->has_config || i == 2)) {
            if (code)
                *err = failure;
            return code && tried.len ? gb_error_set(err, code, "%s (before that: " GB_PRI ")",
                                                    failure.reason, GB_ARG(tried))
                                     : code;
        }
        char text[800];
        gb_error_text(&failure, text, sizeof text);
        tried =
            gb_str_format(image->arena, GB_PRI "%s%s", GB_ARG(tried), tried.len ? "; " : "", text);
    }
    return gb_error_set(err, GB_E_NOT_FOUND, GB_PRI, GB_ARG(tried));
}

static int find_image(struct gb_image *image, const char *reference, struct gb_error *err)
{
    const char *rest;
    char path[PATH_MAX];
    struct gb_str which = {0};
    enum form form = form_of(reference, &rest);
    if (form == ANY)
        form = form_of_path(reference);
    struct gb_str name = gb_str_copy(image->arena, gb_str_of(rest));
    if (!name.len)
        return gb_error_set(err, GB_E_USAGE, "the image has no name");
    int code = GB_OK;
    switch (form) {
    case ARCHIVE:
        code = split_path(image, rest, path, &which, err);
        return code ? code : gb_image_from_archive(image, path, which, err);
    case FOLDER:
        code = split_path(image, rest, path, &which, err);
        return code ? code : gb_image_from_folder(image, path, which, err);
    case CONTAINERS_STORAGE:
        return gb_image_from_containers_storage(image, name, err);
    case DOCKER_STORAGE:
        return gb_image_from_docker_storage(image, name, err);
    case REGISTRY:
        return gb_image_from_registry(image, name, err);
    case ANY:
        break;
    }
    if (rest[0] == '/' || rest[0] == '.')
        return gb_error_at(err, GB_E_NOT_FOUND, rest, 0, 0,
                           "there is no image archive and no OCI layout");
    return find_anywhere(image, name, err);
}

// Lays out the tree and opens it.
static int open_tree(struct gb_image *image, struct gb_error *err)
{
    int tree;
    char path[PATH_MAX];
    if (image->layer_count != image->config.diff_count && image->config.diff_count)
        gb_image_problem(image, gb_str_format(image->arena,
                                              "the configuration speaks of %zu layers, the "
                                              "manifest of %zu",
                                              image->config.diff_count, image->layer_count));
    int code = gb_workspace_tree(&image->workspace, "root", &tree, err);
    if (code)
        return code;
    code = gb_image_view_place(&image->view, &image->workspace, tree, false, err);
    close(tree);
    if (code)
        return code;
    for (size_t i = 0; i < image->view.problem_count; i++)
        gb_image_problem(image, image->view.problems[i]);
    snprintf(path, sizeof path, "%s/root", image->workspace.path);
    struct gb_host_options options = {
        .root = path, .kernel = GB_KERNEL_NONE, .now_seconds = image->options.now_seconds};
    return gb_host_open(&options, &image->host, err);
}

static void take_options(struct gb_image *image, const struct gb_image_options *options)
{
    struct gb_image_limits *limits = &image->options.limits;
    image->options = *options;
    if (!limits->layers)
        limits->layers = default_limits.layers;
    if (!limits->entries)
        limits->entries = default_limits.entries;
    if (!limits->unpacked_bytes)
        limits->unpacked_bytes = default_limits.unpacked_bytes;
    if (!limits->kept_bytes)
        limits->kept_bytes = default_limits.kept_bytes;
    if (!limits->kept_files)
        limits->kept_files = default_limits.kept_files;
    image->entries_left = limits->entries;
}

static int open_image(struct gb_image *image, const char *reference, struct gb_error *err)
{
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    struct gb_str platform = gb_str_of(image->options.platform);
    int code = gb_platform_parse(gb_str_copy(image->arena, platform), &image->platform, err);
    image->reference = gb_str_copy(image->arena, gb_str_of(reference));
    if (!code)
        code = gb_host_open(&live, &image->here, err);
    if (!code)
        code = gb_workspace_open(&image->workspace, image->options.temporary,
                                 image->options.limits.kept_bytes, image->options.limits.kept_files,
                                 err);
    if (!code)
        code = find_image(image, reference, err);
    if (!code)
        code = open_tree(image, err);
    free_layers(image);
    return code;
}

int gb_image_open(const char *reference, const struct gb_image_options *options,
                  struct gb_image **ret, struct gb_error *err)
{
    struct gb_arena *arena = gb_arena_new("image", IMAGE_MEMORY);
    struct gb_image *image = arena ? gb_alloc(arena, sizeof *image) : NULL;
    if (!image) {
        gb_arena_free(&arena);
        return gb_error_set(err, GB_E_MEMORY, "no memory for an image");
    }
    *image = (struct gb_image){
        .arena = arena,
        .view = gb_image_view(arena),
        .package_layers = gb_map(arena),
        .workspace = {.spool = -1},
    };
    take_options(image, options);
    int code = open_image(image, reference, err);
    if (!code && gb_arena_failed(arena))
        code = gb_error_set(err, GB_E_MEMORY, "the image needs more memory than allowed");
    if (code)
        gb_image_close(&image);
    else
        *ret = image;
    return code;
}

void gb_image_close(struct gb_image **handle)
{
    struct gb_image *image = *handle;
    if (!image)
        return;
    free_layers(image);
    gb_host_close(&image->host);
    gb_host_close(&image->here);
    gb_workspace_close(&image->workspace);
    struct gb_arena *arena = image->arena;
    gb_arena_free(&arena);
    *handle = NULL;
}

const struct gb_host *gb_image_host(const struct gb_image *image)
{
    return image->host;
}

const struct gb_str *gb_image_problems(const struct gb_image *image, size_t *count)
{
    *count = image->problem_count;
    return image->problems;
}

struct gb_str gb_image_digest(const struct gb_image *image)
{
    return image->digest;
}

struct gb_str gb_image_reference(const struct gb_image *image)
{
    return image->reference;
}
