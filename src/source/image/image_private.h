// The inside of an opened image, for the files of this folder: openers find manifest, configuration
// and layers, and hand them over here one by one.
#ifndef GABION_SOURCE_IMAGE_IMAGE_PRIVATE_H
#define GABION_SOURCE_IMAGE_IMAGE_PRIVATE_H

#include "source/image/image.h"
#include "source/image/manifest.h"
#include "source/image/merge.h"

struct gb_image_layer_facts {
    struct gb_str digest;     // as stored; "" = not known
    struct gb_str diff_id;    // unpacked
    struct gb_str created_by; // "" = not said
    uint64_t entries;
    bool complete;
};

struct gb_image {
    struct gb_arena *arena;
    struct gb_image_options options;
    struct gb_platform platform; // wanted
    struct gb_workspace workspace;
    struct gb_host *here; // this machine: storages, configuration, credentials
    struct gb_host *host; // the tree of small files
    struct gb_str reference, digest, config_digest, form;
    struct gb_image_config config;
    bool has_config;
    struct gb_image_layer_facts *layers; // that were taken
    size_t layer_count, layer_capacity;
    struct gb_layer **read; // all that were read, to be freed
    size_t read_count, read_capacity;
    uint32_t entries_left;
    struct gb_image_view view;
    struct gb_map package_layers; // "manager name architecture version" -> layer + 1
    struct gb_str *problems;
    size_t problem_count, problem_capacity;
};

// Where the parts of an image come from. `name` is that of the part in a layout: "index.json",
// "blobs/sha256/...". Text lives in the image's arena; GB_E_NOT_FOUND where there is no such part.
struct gb_image_blobs {
    void *context;
    int (*text)(void *context, struct gb_str name, bool manifest, struct gb_str *ret,
                struct gb_error *err);
    // The layer, read and not finished yet. It may be asked for twice (the same layer in two
    // places).
    int (*layer)(void *context, struct gb_str name, uint64_t size, struct gb_layer **ret,
                 struct gb_error *err);
};

void gb_image_problem(struct gb_image *image, struct gb_str text); // copied, made printable

// The configuration: must come before the layers.
GB_MUST_USE int gb_image_take_config(struct gb_image *image, struct gb_str text,
                                     struct gb_str digest, struct gb_error *err);
// The next layer. `digest`: what its stored bytes must have ("" = not known); its unpacked bytes
// must have the configuration's diff id. A layer that is not what its digest says counts for
// nothing but a problem. NULL: it could not be had, `failure` says why.
GB_MUST_USE int gb_image_take_layer(struct gb_image *image, struct gb_layer *layer,
                                    struct gb_str digest, const struct gb_error *failure,
                                    struct gb_error *err);
// It belongs to the image. NULL: no memory.
struct gb_layer *gb_image_new_layer(struct gb_image *image);

// A manifest or index by its text (whose digest was checked), with all that it names.
GB_MUST_USE int gb_image_take_manifest(struct gb_image *image, const struct gb_image_blobs *blobs,
                                       struct gb_str text, struct gb_str digest,
                                       struct gb_error *err);
// An OCI layout, or what `docker save` writes: whichever the parts are. `which`: tag or name, ""
// where there is but one.
GB_MUST_USE int gb_image_take_layout(struct gb_image *image, const struct gb_image_blobs *blobs,
                                     struct gb_str which, struct gb_error *err);

// The openers. `which` as above.
GB_MUST_USE int gb_image_from_archive(struct gb_image *image, const char *path, struct gb_str which,
                                      struct gb_error *err);
GB_MUST_USE int gb_image_from_folder(struct gb_image *image, const char *path, struct gb_str which,
                                     struct gb_error *err);
// GB_E_NOT_FOUND: no such image there. The reason says where it was looked for.
GB_MUST_USE int gb_image_from_containers_storage(struct gb_image *image, struct gb_str name,
                                                 struct gb_error *err);
GB_MUST_USE int gb_image_from_docker_storage(struct gb_image *image, struct gb_str name,
                                             struct gb_error *err);
GB_MUST_USE int gb_image_from_registry(struct gb_image *image, struct gb_str name,
                                       struct gb_error *err);

// Notes which packages the data bases of a layer have that those of earlier layers had not.
GB_MUST_USE int gb_image_note_packages(struct gb_image *image, uint32_t layer,
                                       struct gb_error *err);

#endif
