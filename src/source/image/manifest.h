// The documents of an image: manifest, index (or manifest list), configuration, and the list that
// `docker save` writes. All come from outside: sizes, counts and depths are bounded, names checked.
//
// Formats: OCI image specification 1.1 (manifest, index, config), Docker image manifest version 2
// schema 2, Docker image specification 1.2 (manifest.json).
#ifndef GABION_SOURCE_IMAGE_MANIFEST_H
#define GABION_SOURCE_IMAGE_MANIFEST_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/str.h"

enum { GB_MANIFEST_MAX_BYTES = 4 << 20, GB_MANIFEST_MAX_ENTRIES = 10000 };

struct gb_platform {
    struct gb_str os, architecture, variant; // "" = not said
};

struct gb_descriptor {
    struct gb_str media_type, digest;
    uint64_t size;
    struct gb_platform platform;
    struct gb_str reference; // org.opencontainers.image.ref.name
    bool attestation;        // not an image: what a builder says of one
};

struct gb_manifest {
    bool is_index;
    struct gb_descriptor config;   // of a manifest
    struct gb_descriptor *entries; // layers, lowest first; or the manifests of an index
    size_t count;
};

// One step of the history that made a layer.
struct gb_image_step {
    struct gb_str created_by;
    bool empty; // no layer
};

struct gb_image_config {
    struct gb_platform platform;
    struct gb_str user, created;
    struct gb_str *diff_ids; // of the layers
    size_t diff_count;
    struct gb_image_step *history;
    size_t history_count;
    struct gb_str *variables; // names of environment variables; never their values
    size_t variable_count;
};

// One image of a docker-archive.
struct gb_saved_image {
    struct gb_str config;         // name of the entry
    struct gb_str *tags, *layers; // names
    size_t tag_count, layer_count;
};

// `name` is the subject of errors. Strings live in `arena`.
GB_MUST_USE int gb_manifest_parse(struct gb_str text, const char *name, uint32_t most_layers,
                                  struct gb_arena *arena, struct gb_manifest *ret,
                                  struct gb_error *err);
GB_MUST_USE int gb_image_config_parse(struct gb_str text, const char *name, struct gb_arena *arena,
                                      struct gb_image_config *ret, struct gb_error *err);
GB_MUST_USE int gb_saved_images_parse(struct gb_str text, const char *name, uint32_t most_layers,
                                      struct gb_arena *arena, struct gb_saved_image **ret,
                                      size_t *ret_count, struct gb_error *err);

// "sha256:" and 64 hexadecimal digits in small letters, or sha512 likewise.
bool gb_is_digest(struct gb_str text);
// Is this the digest of `content`? GB_E_CONFLICT when not.
GB_MUST_USE int gb_digest_check(struct gb_str digest, struct gb_str content, const char *what,
                                struct gb_error *err);

// "linux/arm64/v8" into its parts; GB_E_USAGE for anything else. Empty text: this machine's.
GB_MUST_USE int gb_platform_parse(struct gb_str text, struct gb_platform *ret,
                                  struct gb_error *err);
// The entry of an index for a platform: the exact one, else the one of the same architecture whose
// variant is not said or is the usual one. NULL when there is none.
const struct gb_descriptor *gb_manifest_choose(const struct gb_manifest *index,
                                               const struct gb_platform *platform);
// "linux/amd64, linux/arm64": what an index has, for messages.
struct gb_str gb_manifest_platforms(const struct gb_manifest *index, struct gb_arena *arena);

#endif
