// An image by its documents: manifest.json of `docker save`, or index.json of an OCI layout, down
// to the manifest, the configuration and the layers.
#include "source/image/image_private.h"

#include <stdio.h>

enum { MOST_INDEXES = 4 };

// "sha256:abc" stands in blobs/sha256/abc.
static struct gb_str blob_name(struct gb_arena *arena, struct gb_str digest)
{
    ptrdiff_t colon = gb_str_find_char(digest, ':');
    return gb_str_format(arena, "blobs/" GB_PRI "/" GB_PRI,
                         GB_ARG(gb_str_sub(digest, 0, colon > 0 ? (size_t)colon : 0)),
                         GB_ARG(gb_str_from(digest, (size_t)(colon + 1))));
}

static int read_blob(struct gb_image *image, const struct gb_image_blobs *blobs,
                     struct gb_str digest, bool manifest, const char *what, struct gb_str *ret,
                     struct gb_error *err)
{
    int code = blobs->text(blobs->context, blob_name(image->arena, digest), manifest, ret, err);
    return code ? code : gb_digest_check(digest, *ret, what, err);
}

static int take_layers(struct gb_image *image, const struct gb_image_blobs *blobs,
                       const struct gb_manifest *manifest, struct gb_error *err)
{
    int code = GB_OK;
    for (size_t i = 0; !code && i < manifest->count; i++) {
        const struct gb_descriptor *entry = &manifest->entries[i];
        struct gb_layer *layer = NULL;
        struct gb_error failure = {0};
        if (image->options.progress)
            image->options.progress(image->options.progress_context, "layers", i, manifest->count);
        if (gb_str_ends(entry->media_type, GB_STR("+encrypted")))
            code = gb_error_set(&failure, GB_E_UNSUPPORTED, "the layer is encrypted");
        else
            code = blobs->layer(blobs->context, blob_name(image->arena, entry->digest), entry->size,
                                &layer, &failure);
        if (code == GB_E_MEMORY)
            *err = failure;
        else
            code = gb_image_take_layer(image, layer, entry->digest, &failure, err);
    }
    return code;
}

int gb_image_take_manifest(struct gb_image *image, const struct gb_image_blobs *blobs,
                           struct gb_str text, struct gb_str digest, struct gb_error *err)
{
    struct gb_manifest manifest;
    int code = GB_OK;
    for (unsigned indexes = 0;; indexes++) {
        if (indexes > MOST_INDEXES)
            return gb_error_set(err, GB_E_LIMIT, "indexes more than %d deep", MOST_INDEXES);
        char name[160];
        snprintf(name, sizeof name, "manifest " GB_PRI, GB_ARG(digest));
        code = gb_manifest_parse(text, name, image->options.limits.layers, image->arena, &manifest,
                                 err);
        if (code)
            return code;
        if (!manifest.is_index)
            break;
        const struct gb_descriptor *chosen = gb_manifest_choose(&manifest, &image->platform);
        if (!chosen && manifest.count == 1 && !manifest.entries[0].platform.os.len)
            chosen = &manifest.entries[0];
        if (!chosen)
            return gb_error_set(err, GB_E_NOT_FOUND,
                                "no image for " GB_PRI "/" GB_PRI "; there are: " GB_PRI,
                                GB_ARG(image->platform.os), GB_ARG(image->platform.architecture),
                                GB_ARG(gb_manifest_platforms(&manifest, image->arena)));
        digest = chosen->digest;
        code = read_blob(image, blobs, digest, true, "the manifest", &text, err);
        if (code)
            return code;
    }
    struct gb_str config;
    image->digest = digest;
    code =
        read_blob(image, blobs, manifest.config.digest, false, "the configuration", &config, err);
    if (!code)
        code = gb_image_take_config(image, config, manifest.config.digest, err);
    return code ? code : take_layers(image, blobs, &manifest, err);
}

// "debian:12" and "docker.io/library/debian:12" name the same.
static bool is_named(struct gb_str tag, struct gb_str which)
{
    if (gb_str_eq(tag, which))
        return true;
    return tag.len > which.len && gb_str_ends(tag, which) &&
           (tag.at[tag.len - which.len - 1] == '/' || tag.at[tag.len - which.len - 1] == ':');
}

static int ambiguous(struct gb_error *err, struct gb_str which, const struct gb_buffer *names)
{
    if (!which.len)
        return gb_error_set(err, GB_E_USAGE, "there are several images, say which: " GB_PRI,
                            GB_ARG(gb_str_sub(gb_buffer_str(names), 0, 400)));
    return gb_error_set(err, GB_E_NOT_FOUND, "no image \"" GB_PRI "\" in it; there are: " GB_PRI,
                        GB_ARG(gb_str_sub(which, 0, 100)),
                        GB_ARG(gb_str_sub(gb_buffer_str(names), 0, 300)));
}

static void add_name(struct gb_buffer *names, struct gb_str name)
{
    if (names->len < 1000)
        gb_buffer_print(names, "%s" GB_PRI, names->len ? ", " : "",
                        GB_ARG(gb_str_sub(name, 0, 200)));
}

static int take_index(struct gb_image *image, const struct gb_image_blobs *blobs,
                      struct gb_str text, struct gb_str which, struct gb_error *err)
{
    struct gb_manifest index;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer names = gb_buffer(4096);
    int code = gb_manifest_parse(text, "index.json", image->options.limits.layers, image->arena,
                                 &index, err);
    if (code)
        return code;
    if (!index.is_index)
        return gb_error_at(err, GB_E_SYNTAX, "index.json", 1, 0, "it is no index");
    const struct gb_descriptor *found = NULL;
    size_t images = 0;
    for (size_t i = 0; i < index.count; i++) {
        const struct gb_descriptor *entry = &index.entries[i];
        if (entry->attestation)
            continue;
        images++;
        add_name(&names, entry->reference.len ? entry->reference : entry->digest);
        if (!found && which.len &&
            (is_named(entry->reference, which) || gb_str_eq(entry->digest, which)))
            found = entry;
    }
    if (!which.len) {
        if (images == 1)
            for (size_t i = 0; !found; i++)
                found = index.entries[i].attestation ? NULL : &index.entries[i];
        else if (images) // one image for several platforms may be spread over the index itself
            found = gb_manifest_choose(&index, &image->platform);
    }
    if (!images)
        return gb_error_at(err, GB_E_NOT_FOUND, "index.json", 1, 0, "there is no image in it");
    if (!found)
        return ambiguous(err, which, &names);
    code = read_blob(image, blobs, found->digest, true, "the manifest", &text, err);
    return code ? code : gb_image_take_manifest(image, blobs, text, found->digest, err);
}

static int take_saved(struct gb_image *image, const struct gb_image_blobs *blobs,
                      struct gb_str text, struct gb_str which, struct gb_error *err)
{
    struct gb_saved_image *images = NULL;
    size_t count = 0;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer names = gb_buffer(4096);
    int code = gb_saved_images_parse(text, "manifest.json", image->options.limits.layers,
                                     image->arena, &images, &count, err);
    if (code)
        return code;
    const struct gb_saved_image *found = count == 1 && !which.len ? &images[0] : NULL;
    for (size_t i = 0; i < count; i++) {
        if (!images[i].tag_count)
            add_name(&names, images[i].config);
        for (size_t j = 0; j < images[i].tag_count; j++) {
            add_name(&names, images[i].tags[j]);
            if (!found && which.len && is_named(images[i].tags[j], which))
                found = &images[i];
        }
    }
    if (!count)
        return gb_error_at(err, GB_E_NOT_FOUND, "manifest.json", 1, 0, "there is no image in it");
    if (!found)
        return ambiguous(err, which, &names);
    struct gb_str config;
    code = blobs->text(blobs->context, found->config, false, &config, err);
    struct gb_str sum;
    if (!code)
        code = gb_digest_hex(GB_SHA256, config, image->arena, &sum, err);
    if (!code)
        code = gb_image_take_config(
            image, config, gb_str_format(image->arena, "sha256:" GB_PRI, GB_ARG(sum)), err);
    for (size_t i = 0; !code && i < found->layer_count; i++) {
        struct gb_layer *layer = NULL;
        struct gb_error failure = {0};
        code = blobs->layer(blobs->context, found->layers[i], 0, &layer, &failure);
        if (code == GB_E_MEMORY)
            *err = failure;
        else
            code = gb_image_take_layer(image, layer, GB_STR(""), &failure, err);
    }
    return code;
}

int gb_image_take_layout(struct gb_image *image, const struct gb_image_blobs *blobs,
                         struct gb_str which, struct gb_error *err)
{
    struct gb_str text;
    struct gb_error missing = {0};
    // Newer versions of Docker write both; index.json says more.
    int code = blobs->text(blobs->context, GB_STR("index.json"), true, &text, &missing);
    if (code == GB_OK) {
        image->form = image->form.len ? image->form : GB_STR("oci-layout");
        code = take_index(image, blobs, text, which, err);
        struct gb_str saved;
        if (code != GB_E_NOT_FOUND && code != GB_E_USAGE)
            return code;
        // Names that Docker gave stand in manifest.json only.
        if (image->layer_count || image->has_config ||
            blobs->text(blobs->context, GB_STR("manifest.json"), true, &saved, &missing))
            return code;
        return take_saved(image, blobs, saved, which, err);
    }
    if (code != GB_E_NOT_FOUND) {
        *err = missing;
        return code;
    }
    code = blobs->text(blobs->context, GB_STR("manifest.json"), true, &text, &missing);
    if (code == GB_OK && gb_str_starts(gb_str_trim(text), GB_STR("{"))) {
        struct gb_str hex;
        image->form = GB_STR("dir");
        code = gb_digest_hex(GB_SHA256, text, image->arena, &hex, err);
        struct gb_str digest = gb_str_format(image->arena, "sha256:" GB_PRI, GB_ARG(hex));
        return code ? code : gb_image_take_manifest(image, blobs, text, digest, err);
    }
    if (code == GB_OK) {
        image->form = image->form.len ? image->form : GB_STR("docker-archive");
        return take_saved(image, blobs, text, which, err);
    }
    if (code != GB_E_NOT_FOUND) {
        *err = missing;
        return code;
    }
    return gb_error_set(err, GB_E_UNSUPPORTED,
                        "neither index.json nor manifest.json is in it: it is no container image");
}
