// The orderings that tables of versions name, and what they are here.
#ifndef GABION_CONFORMANCE_VERSION_TABLES_H
#define GABION_CONFORMANCE_VERSION_TABLES_H

#include "model/version/version.h"
#include "table.h"

struct table_ordering {
    const char *name;
    enum gb_version_scheme scheme;
    unsigned options;
    bool nevra, specifier;
};

static const struct table_ordering *table_ordering(struct gb_str name)
{
    static const struct table_ordering orderings[] = {
        {.name = "apk", .scheme = GB_VERSION_APK},
        {.name = "apk-invalid", .scheme = GB_VERSION_APK},
        {.name = "bitnami", .scheme = GB_VERSION_BITNAMI},
        {.name = "composer", .scheme = GB_VERSION_COMPOSER},
        {.name = "cran", .scheme = GB_VERSION_CRAN},
        {.name = "deb", .scheme = GB_VERSION_DPKG},
        {.name = "gem", .scheme = GB_VERSION_GEM},
        {.name = "golang", .scheme = GB_VERSION_GO},
        {.name = "hackage", .scheme = GB_VERSION_HACKAGE},
        {.name = "jvm", .scheme = GB_VERSION_JVM},
        {.name = "maven", .scheme = GB_VERSION_MAVEN},
        {.name = "npm", .scheme = GB_VERSION_NPM},
        {.name = "npm-loose", .scheme = GB_VERSION_NPM, .options = GB_VERSION_LOOSE},
        {.name = "npm-pre", .scheme = GB_VERSION_NPM, .options = GB_VERSION_PRERELEASES},
        {.name = "nuget", .scheme = GB_VERSION_NUGET},
        {.name = "pacman", .scheme = GB_VERSION_PACMAN},
        {.name = "pep440", .scheme = GB_VERSION_PEP440},
        {.name = "pep440-legacy", .scheme = GB_VERSION_PEP440},
        {.name = "pep440-order", .scheme = GB_VERSION_PEP440, .options = GB_VERSION_PLAIN_ORDER},
        {.name = "pep440-specifier", .scheme = GB_VERSION_PEP440, .specifier = true},
        {.name = "portage", .scheme = GB_VERSION_PORTAGE},
        {.name = "pub", .scheme = GB_VERSION_PUB},
        {.name = "rpm", .scheme = GB_VERSION_RPM},
        {.name = "rpm-epoch-auto", .scheme = GB_VERSION_RPM, .options = GB_VERSION_EPOCH_ASSUMED},
        {.name = "rpm-nevra", .scheme = GB_VERSION_RPM, .nevra = true},
        {.name = "rpmvercmp", .scheme = GB_VERSION_RPM},
        {.name = "semver", .scheme = GB_VERSION_SEMVER},
    };
    for (size_t i = 0; i < sizeof orderings / sizeof *orderings; i++)
        if (gb_str_is(name, orderings[i].name))
            return &orderings[i];
    return NULL;
}

#endif
