// Message digests, by OpenSSL. SHA-256 for identities; SHA-1 and MD5 only to compare with what
// others recorded (package databases), never for trust.
//
//     unsigned char sum[GB_DIGEST_LARGEST];
//     if (gb_digest(GB_SHA256, data, sum, &err) < 0) ...
//
// OpenSSL's configuration file is not read: it may load code, and results must not depend on it.
#ifndef GABION_BASE_DIGEST_H
#define GABION_BASE_DIGEST_H

#include "base/str.h"

enum gb_digest_kind { GB_SHA256, GB_SHA512, GB_SHA1, GB_MD5, GB_DIGEST_COUNT };
enum { GB_DIGEST_LARGEST = 64 };

size_t gb_digest_size(enum gb_digest_kind kind); // bytes: 32, 64, 20, 16

// Errors: GB_E_UNSUPPORTED where the system's OpenSSL refuses the algorithm, GB_E_MEMORY.
GB_MUST_USE int gb_digest(enum gb_digest_kind kind, struct gb_str data,
                          unsigned char into[GB_DIGEST_LARGEST], struct gb_error *err);
// The same as lower-case hexadecimal in the arena.
GB_MUST_USE int gb_digest_hex(enum gb_digest_kind kind, struct gb_str data, struct gb_arena *arena,
                              struct gb_str *ret, struct gb_error *err);

// In pieces. A stream may be started again after its end (or in the middle); one thread at a time.
struct gb_digest_stream;

GB_MUST_USE int gb_digest_stream_new(struct gb_digest_stream **ret, struct gb_error *err);
GB_MUST_USE int gb_digest_stream_start(struct gb_digest_stream *stream, enum gb_digest_kind kind,
                                       struct gb_error *err);
GB_MUST_USE int gb_digest_stream_add(struct gb_digest_stream *stream, struct gb_str data,
                                     struct gb_error *err);
GB_MUST_USE int gb_digest_stream_end(struct gb_digest_stream *stream,
                                     unsigned char into[GB_DIGEST_LARGEST], struct gb_error *err);
// For GB_CLEANUP; NULL is allowed.
void gb_digest_stream_free(struct gb_digest_stream **stream);

#endif
