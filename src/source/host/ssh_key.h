// Keys of SSH: public keys as they stand in authorized_keys and .pub files, and private key files
// with no more than what tells them apart. Used by the sources of SSH keys and of the SSH server.
//
// Ownership: everything is in the arena that is given. Private parts never leave this module: it
// works in `scratch` and wipes what it decoded.
// Formats: RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.key and PROTOCOL.u2f of OpenSSH,
// PKCS #1 and #8 in PEM, PuTTY's files.
#ifndef GABION_SOURCE_HOST_SSH_KEY_H
#define GABION_SOURCE_HOST_SSH_KEY_H

#include "base/str.h"

struct gb_ssh_key {
    struct gb_str type;        // "ssh-ed25519"
    unsigned bits;             // of its group or modulus
    struct gb_str fingerprint; // "SHA256:..." as ssh-keygen -l prints it
    struct gb_str weak;        // why it is too weak; "" = it is not
    bool certificate;          // signed by an authority; the fingerprint is of the key inside
    bool hardware;             // needs a security key
};

// A blob. GB_E_SYNTAX when it is none, GB_E_MEMORY.
GB_MUST_USE int gb_ssh_key_blob(struct gb_arena *arena, struct gb_str blob, struct gb_ssh_key *ret);

// "TYPE BASE64 [comment]". As above; the type must be that of the blob.
GB_MUST_USE int gb_ssh_key_public(struct gb_arena *arena, struct gb_str line,
                                  struct gb_ssh_key *ret, struct gb_str *comment);

enum gb_ssh_private_format {
    GB_SSH_NO_PRIVATE_KEY,
    GB_SSH_OPENSSH, // OpenSSH's own
    GB_SSH_PEM,     // RSA, DSA, EC in PEM
    GB_SSH_PKCS8,
    GB_SSH_PUTTY,
};

struct gb_ssh_private {
    enum gb_ssh_private_format format;
    bool encrypted;
    bool known;            // the public part could be told: `key` is filled
    struct gb_ssh_key key; // where known; else only key.type may be
};

// Looks at the text of a file. A text that is no private key gives GB_SSH_NO_PRIVATE_KEY. The
// caller wipes `text`. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_ssh_private_look(struct gb_arena *arena, struct gb_str text,
                                    struct gb_ssh_private *ret);

const char *gb_ssh_private_format_name(enum gb_ssh_private_format format);

// Overwrites bytes so that the compiler does not leave it out.
void gb_ssh_wipe(struct gb_str text);

#endif
