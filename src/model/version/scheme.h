// What each scheme of versions brings: one row of functions. version.c chooses the row; the files
// of the schemes define them.
#ifndef GABION_MODEL_VERSION_SCHEME_H
#define GABION_MODEL_VERSION_SCHEME_H

#include "model/version/version.h"

typedef int gb_version_compare_fn(struct gb_str a, struct gb_str b);
typedef bool gb_version_valid_fn(struct gb_str version);

struct gb_version_rules {
    const char *name;
    gb_version_compare_fn *compare;
    gb_version_valid_fn *valid;
};

gb_version_compare_fn gb_version_compare_apk, gb_version_compare_bitnami,
    gb_version_compare_composer, gb_version_compare_cran, gb_version_compare_dpkg,
    gb_version_compare_gem, gb_version_compare_go, gb_version_compare_hackage,
    gb_version_compare_jvm, gb_version_compare_maven, gb_version_compare_nuget,
    gb_version_compare_pep440, gb_version_compare_portage, gb_version_compare_pub,
    gb_version_compare_rpm, gb_version_compare_semver;
gb_version_valid_fn gb_version_valid_apk, gb_version_valid_bitnami, gb_version_valid_composer,
    gb_version_valid_cran, gb_version_valid_dpkg, gb_version_valid_gem, gb_version_valid_go,
    gb_version_valid_hackage, gb_version_valid_jvm, gb_version_valid_maven, gb_version_valid_npm,
    gb_version_valid_nuget, gb_version_valid_pep440, gb_version_valid_portage, gb_version_valid_rpm,
    gb_version_valid_semver;

// b matches whatever continues it: 0 for 3.6.9 and 3.6.
gb_version_compare_fn gb_version_compare_apk_fuzzy;
// For what is no version of PEP 440.
gb_version_compare_fn gb_version_compare_pep440_legacy;

// The epoch of dpkg and rpm versions, "" where there is none; *rest is the version behind it.
struct gb_str gb_version_epoch_dpkg(struct gb_str version, struct gb_str *rest);
struct gb_str gb_version_epoch_rpm(struct gb_str version, struct gb_str *rest);

#endif
