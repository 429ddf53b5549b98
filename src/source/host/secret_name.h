// Does the name of a setting or environment variable say that its value is a secret? For probes
// that report names and places of secrets, never the secret.
//
//     gb_secret_name(GB_STR("DB_PASSWORD"))                    -> true
//     gb_secret_name(GB_STR("DB_PASSWORD_FILE"))               -> false: says where, not what
//     gb_secret_literal(GB_STR("/run/secrets/db"))             -> false: a path
#ifndef GABION_SOURCE_HOST_SECRET_NAME_H
#define GABION_SOURCE_HOST_SECRET_NAME_H

#include "base/str.h"

// Upper and lower case, with _ or - or . between words.
bool gb_secret_name(struct gb_str name);

// Is the value a secret itself: not empty, not a reference ($VAR, ${VAR}, %d/x, a path), not a
// placeholder (true, none, changeme stays a secret: it is one)?
bool gb_secret_literal(struct gb_str value);

#endif
