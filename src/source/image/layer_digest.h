// The two digests of a layer, taken of its bytes while they are read, by a thread beside the one
// that unpacks them. For layer_tar.c.
//
//     struct gb_layer_digests *digests = NULL;
//     if (gb_layer_digests_new(&digests, &err) < 0) ...
//     gb_layer_digests_add(digests, GB_LAYER_STORED, piece, &err)   // ... any number of times
//     gb_layer_digests_end(digests, sums, &err)
//     gb_layer_digests_free(&digests);              // at any time: gives up what was not digested
#ifndef GABION_SOURCE_IMAGE_LAYER_DIGEST_H
#define GABION_SOURCE_IMAGE_LAYER_DIGEST_H

#include "base/digest.h"

enum gb_layer_side {
    GB_LAYER_STORED,   // as it lies in the image, packed as a rule
    GB_LAYER_UNPACKED, // the tar archive: its digest is the "diff id"
    GB_LAYER_SIDES
};
enum { GB_LAYER_DIGEST_BYTES = 32 }; // SHA-256

// Bytes are copied into a ring of 1 MiB; the thread is started when that is full for the first
// time, so that small layers do without. Where no thread is to be had the caller's does it all.
struct gb_layer_digests;

// Errors: GB_E_MEMORY, GB_E_UNSUPPORTED (gb_digest_stream_start).
GB_MUST_USE int gb_layer_digests_new(struct gb_layer_digests **ret, struct gb_error *err);
// The next bytes of one side. Waits while the ring is full. Always from the same thread, and not
// after the end. Errors: GB_E_MEMORY.
GB_MUST_USE int gb_layer_digests_add(struct gb_layer_digests *digests, enum gb_layer_side side,
                                     struct gb_str data, struct gb_error *err);
// Waits until all is digested. A side without bytes has the digest of nothing.
GB_MUST_USE int gb_layer_digests_end(struct gb_layer_digests *digests,
                                     unsigned char into[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES],
                                     struct gb_error *err);
// Ends the thread, too, without digesting on. For GB_CLEANUP; NULL is allowed.
void gb_layer_digests_free(struct gb_layer_digests **digests);

#endif
