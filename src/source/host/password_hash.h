// What a password field of passwd(5) or shadow(5) says: empty, locked, or which hash it holds and
// at which cost. Looks at the prefix only; the hash itself never goes anywhere. Used by the account
// sources. Formats: crypt(5) of libxcrypt, shadow(5).
//
//     struct gb_password seen = gb_password_classify(entry->password);
//     if (seen.state == GB_PASSWORD_EMPTY) ...
#ifndef GABION_SOURCE_HOST_PASSWORD_HASH_H
#define GABION_SOURCE_HOST_PASSWORD_HASH_H

#include "base/str.h"

enum gb_password_state {
    GB_PASSWORD_EMPTY,    // logs in without a password
    GB_PASSWORD_HASH,     // a usable hash
    GB_PASSWORD_LOCKED,   // a hash behind '!' or '*': unlocking brings it back
    GB_PASSWORD_UNUSABLE, // '*', '!' or any other text that no password hashes to
};

struct gb_password {
    enum gb_password_state state;
    const char *algorithm; // "yescrypt", "sha512", "des" ...; NULL where there is no hash
    int64_t cost;          // -1: the prefix does not tell. sha256, sha512: rounds; bcrypt: log2 of
                           // rounds; yescrypt: the cost factor that login.defs and pam_unix take
};

// "empty", "hash", "locked", "unusable".
const char *gb_password_state_name(enum gb_password_state state);

struct gb_password gb_password_classify(struct gb_str field);

#endif
