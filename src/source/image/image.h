// Container images as targets: an image is opened by a reference, its layers are read once as a
// stream, and what the other sources need is then there as a host handle on a private directory.
//
//     struct gb_image_options options = {0};
//     struct gb_image *image;
//     if (gb_image_open("alpine.tar", &options, &image, &err) < 0) ...
//     struct gb_collector collector = {.host = gb_image_host(image), ...};
//     gb_image_collect(image, &collector, &err);  // instead of gb_sources_collect
//     ... gb_image_problems(image, &count): any of them makes the run incomplete
//     gb_image_close(&image);                     // after the last use of the host
//
// References, tried in this order where nothing in front says which is meant:
//   docker-archive:FILE[:NAME]   what `docker save` and `podman save` write; .gz, .zst, .xz too
//   oci-archive:FILE[:TAG]       the same of an OCI layout
//   oci:DIR[:TAG]                an OCI layout
//   dir:DIR                      a manifest with its blobs beside it (skopeo, podman)
//   containers-storage:NAME      storage of podman, buildah and CRI-O on this machine: name or id
//   docker-daemon:NAME           Docker's storage on this machine, read without the daemon
//   docker://NAME, registry:NAME a registry
//   FILE, DIR                    of the first three, told by the content
//   NAME                         this machine's storages, then the registry (unless .offline)
//
// Nothing of the image is run, and nothing of its content is kept but small files (os-release,
// package data bases ...) below a directory of mode 0700 that is removed at the end. A signal that
// would end the program meanwhile removes it too.
//
// Formats: OCI image and distribution specifications 1.1, Docker image specification 1.2 and
// manifest schema 2, containers/storage as of podman 4 and 5, Docker's layer data base of 1.10 on.
#ifndef GABION_SOURCE_IMAGE_IMAGE_H
#define GABION_SOURCE_IMAGE_IMAGE_H

#include "source/source.h"

struct gb_image;

// Zero means the default. A limit that is hit is a problem of the image: it names layer and entry.
struct gb_image_limits {
    uint32_t layers;         // of one image: 1000
    uint32_t entries;        // of all layers: 4,000,000
    uint64_t unpacked_bytes; // of one layer: 256 GiB, and never more than 1 GiB + 200 x packed
    uint64_t kept_bytes;     // on disk, of all small files: 1 GiB
    uint32_t kept_files;     // 200,000
};

struct gb_image_options {
    const char *platform;    // "linux/arm64", "linux/arm/v7"; NULL = this machine's
    const char *credentials; // file in the form of ~/.docker/config.json; NULL = the usual places
    const char *temporary;   // where the private directory is made; NULL = $TMPDIR, else /var/tmp
    // Of this machine's storages; NULL = the configured or usual ones. For tests and odd places.
    const char *containers_storage, *docker_storage;
    bool insecure;       // HTTP where HTTPS is not spoken; loopback may do so anyway
    bool offline;        // no registry is asked
    int64_t now_seconds; // fixed clock of the host handle; 0 = the real one
    struct gb_image_limits limits;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); // or NULL
    void *progress_context;
};

// Finds the image, reads its manifest, its configuration and all layers. Errors: GB_E_USAGE for a
// reference that is none, GB_E_NOT_FOUND (no such image, no such platform: the reason lists what
// there is), GB_E_DENIED, GB_E_SYNTAX, GB_E_LIMIT, GB_E_UNSUPPORTED, GB_E_IO, GB_E_MEMORY. A layer
// that cannot be read to its end is no error but a problem: the rest is there.
GB_MUST_USE int gb_image_open(const char *reference, const struct gb_image_options *options,
                              struct gb_image **ret, struct gb_error *err);
void gb_image_close(struct gb_image **image); // NULL allowed; sets it to NULL

// The root directory (no kernel). It belongs to the image.
const struct gb_host *gb_image_host(const struct gb_image *image);

// What could not be read, one clause each with the layer's digest and the entry: "layer 2
// (sha256:...): unexpected end of the archive behind usr/bin/x". None = complete.
const struct gb_str *gb_image_problems(const struct gb_image *image, size_t *count);

// Of the manifest, "sha256:..."; "" where the form has none (docker-archive).
struct gb_str gb_image_digest(const struct gb_image *image);
// As asked for, for the name of the target: "image debian:12".
struct gb_str gb_image_reference(const struct gb_image *image);

// Runs the sources that mean something for an image (operating system, packages, repositories) on
// collector->host, which is gb_image_host; adds the kind image, the packages of languages, and the
// layer that brought each package. Kinds of other sources stay "not collected".
GB_MUST_USE int gb_image_collect(struct gb_image *image, struct gb_collector *collector,
                                 struct gb_error *err);

// Does this look like an image reference rather than something else: a file or folder that is an
// image, or a reference with one of the prefixes above. Opens nothing but the file's head.
bool gb_image_is_reference(const char *text);

#endif
