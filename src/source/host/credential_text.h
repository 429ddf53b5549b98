// Looks into files that keep credentials and tells how they keep them; never gives the secret out.
// Used by the credential file probe. One reader for each format; the formats are those of the
// programs that write them.
#ifndef GABION_SOURCE_HOST_CREDENTIAL_TEXT_H
#define GABION_SOURCE_HOST_CREDENTIAL_TEXT_H

#include "base/str.h"

enum gb_credential_keeps {
    GB_KEEPS_NOTHING,
    GB_KEEPS_HELPER,
    GB_KEEPS_SESSION,
    GB_KEEPS_ENCRYPTED,
    GB_KEEPS_SECRET,
};

const char *gb_credential_keeps_name(enum gb_credential_keeps keeps);

enum { GB_CREDENTIAL_NAMES_MAX = 16 };

struct gb_credential_answer {
    enum gb_credential_keeps keeps;               // the worst of what is in it
    struct gb_str names[GB_CREDENTIAL_NAMES_MAX]; // slices of the text: names of settings
    size_t name_count;
    uint32_t line; // of the first secret; 0 = the whole
};

enum gb_credential_format {
    GB_CREDENTIAL_PRESENT,    // the file is the secret: not empty is enough
    GB_CREDENTIAL_SETTINGS,   // "name = value", "name: value", "name value" with secret names
    GB_CREDENTIAL_JSON,       // members with secret names, however it is laid out
    GB_CREDENTIAL_AWS,        // ~/.aws/credentials, config
    GB_CREDENTIAL_GCLOUD,     // application default credentials and keys of service accounts
    GB_CREDENTIAL_KUBECONFIG, // kubeconfig
    GB_CREDENTIAL_DOCKER,     // config.json, auth.json
    GB_CREDENTIAL_NPM,        // .npmrc
    GB_CREDENTIAL_NETRC,      // .netrc, apt's auth.conf
    GB_CREDENTIAL_URLS,       // .git-credentials: a URL a line
    GB_CREDENTIAL_PGPASS,     // .pgpass: fields with colons
    GB_CREDENTIAL_COLUMNS,    // chap-secrets, exim's passwd.client: the secret is a column
    GB_CREDENTIAL_XML,        // settings.xml of Maven: <password>
    GB_CREDENTIAL_WIREGUARD,  // PrivateKey, PresharedKey
    GB_CREDENTIAL_CLOUD_INIT, // user data with passwords
    GB_CREDENTIAL_MOUNTS,     // fstab: password= among the options
    GB_CREDENTIAL_RCLONE,     // rclone.conf: obscured, or encrypted as a whole
};

struct gb_credential_answer gb_credential_look(enum gb_credential_format format,
                                               struct gb_str text);

#endif
