// The table of schemes: names, ecosystems and the functions of each.
#include "model/version/version.h"
#include "model/version/digits.h"
#include "model/version/scheme.h"

static int compare_bytes(struct gb_str a, struct gb_str b)
{
    return gb_str_compare(a, b);
}

static bool valid_never(struct gb_str version)
{
    (void)version;
    return false;
}

static const struct gb_version_rules schemes[GB_VERSION_SCHEME_COUNT] = {
    [GB_VERSION_NONE] = {"none", compare_bytes, valid_never},
    [GB_VERSION_DPKG] = {"dpkg", gb_version_compare_dpkg, gb_version_valid_dpkg},
    [GB_VERSION_RPM] = {"rpm", gb_version_compare_rpm, gb_version_valid_rpm},
    [GB_VERSION_APK] = {"apk", gb_version_compare_apk, gb_version_valid_apk},
    [GB_VERSION_SEMVER] = {"semver", gb_version_compare_semver, gb_version_valid_semver},
    [GB_VERSION_NPM] = {"npm", gb_version_compare_semver, gb_version_valid_npm},
    [GB_VERSION_GO] = {"go", gb_version_compare_go, gb_version_valid_go},
    [GB_VERSION_PEP440] = {"pep440", gb_version_compare_pep440, gb_version_valid_pep440},
    [GB_VERSION_MAVEN] = {"maven", gb_version_compare_maven, gb_version_valid_maven},
    [GB_VERSION_GEM] = {"gem", gb_version_compare_gem, gb_version_valid_gem},
    [GB_VERSION_COMPOSER] = {"composer", gb_version_compare_composer, gb_version_valid_composer},
    [GB_VERSION_NUGET] = {"nuget", gb_version_compare_nuget, gb_version_valid_nuget},
    [GB_VERSION_PUB] = {"pub", gb_version_compare_pub, gb_version_valid_semver},
    [GB_VERSION_CRAN] = {"cran", gb_version_compare_cran, gb_version_valid_cran},
    [GB_VERSION_HACKAGE] = {"hackage", gb_version_compare_hackage, gb_version_valid_hackage},
    [GB_VERSION_BITNAMI] = {"bitnami", gb_version_compare_bitnami, gb_version_valid_bitnami},
    [GB_VERSION_JVM] = {"jvm", gb_version_compare_jvm, gb_version_valid_jvm},
    [GB_VERSION_PACMAN] = {"pacman", gb_version_compare_rpm, gb_version_valid_rpm},
    [GB_VERSION_PORTAGE] = {"portage", gb_version_compare_portage, gb_version_valid_portage},
};

const char *gb_version_scheme_name(enum gb_version_scheme scheme)
{
    return schemes[scheme].name;
}

int gb_version_scheme_parse(struct gb_str word, enum gb_version_scheme *ret)
{
    for (int i = 0; i < GB_VERSION_SCHEME_COUNT; i++)
        if (gb_str_is(word, schemes[i].name)) {
            *ret = (enum gb_version_scheme)i;
            return 0;
        }
    return GB_E_TYPE;
}

// The ecosystems of the OSV schema, without their release suffixes.
static const struct {
    struct gb_str name;
    enum gb_version_scheme scheme;
} ecosystems[] = {
    {GB_STR_INIT("AlmaLinux"), GB_VERSION_RPM},
    {GB_STR_INIT("Alpaquita"), GB_VERSION_APK},
    {GB_STR_INIT("Alpine"), GB_VERSION_APK},
    {GB_STR_INIT("Azure Linux"), GB_VERSION_RPM},
    {GB_STR_INIT("BellSoft Hardened Containers"), GB_VERSION_APK},
    {GB_STR_INIT("Bioconductor"), GB_VERSION_CRAN},
    {GB_STR_INIT("Bitnami"), GB_VERSION_BITNAMI},
    {GB_STR_INIT("Chainguard"), GB_VERSION_APK},
    {GB_STR_INIT("CRAN"), GB_VERSION_CRAN},
    {GB_STR_INIT("crates.io"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Debian"), GB_VERSION_DPKG},
    {GB_STR_INIT("Echo"), GB_VERSION_DPKG},
    {GB_STR_INIT("GHC"), GB_VERSION_HACKAGE},
    {GB_STR_INIT("GitHub Actions"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Go"), GB_VERSION_GO},
    {GB_STR_INIT("Hackage"), GB_VERSION_HACKAGE},
    {GB_STR_INIT("Hex"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Julia"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Mageia"), GB_VERSION_RPM},
    {GB_STR_INIT("Maven"), GB_VERSION_MAVEN},
    {GB_STR_INIT("MinimOS"), GB_VERSION_APK},
    {GB_STR_INIT("npm"), GB_VERSION_NPM},
    {GB_STR_INIT("NuGet"), GB_VERSION_NUGET},
    {GB_STR_INIT("openEuler"), GB_VERSION_RPM},
    {GB_STR_INIT("openSUSE"), GB_VERSION_RPM},
    {GB_STR_INIT("Packagist"), GB_VERSION_COMPOSER},
    {GB_STR_INIT("Photon OS"), GB_VERSION_RPM},
    {GB_STR_INIT("Pub"), GB_VERSION_PUB},
    {GB_STR_INIT("PyPI"), GB_VERSION_PEP440},
    {GB_STR_INIT("Red Hat"), GB_VERSION_RPM},
    {GB_STR_INIT("Rocky Linux"), GB_VERSION_RPM},
    {GB_STR_INIT("RubyGems"), GB_VERSION_GEM},
    {GB_STR_INIT("SUSE"), GB_VERSION_RPM},
    {GB_STR_INIT("SwiftURL"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Ubuntu"), GB_VERSION_DPKG},
    {GB_STR_INIT("VSCode"), GB_VERSION_SEMVER},
    {GB_STR_INIT("Wolfi"), GB_VERSION_APK},
};

enum gb_version_scheme gb_version_scheme_of_ecosystem(struct gb_str ecosystem)
{
    ptrdiff_t colon = gb_str_find_char(ecosystem, ':');
    struct gb_str name = colon < 0 ? ecosystem : gb_str_sub(ecosystem, 0, (size_t)colon);
    for (size_t i = 0; i < sizeof ecosystems / sizeof *ecosystems; i++)
        if (gb_str_eq(name, ecosystems[i].name))
            return ecosystems[i].scheme;
    return GB_VERSION_NONE;
}

int gb_version_compare(enum gb_version_scheme scheme, struct gb_str a, struct gb_str b)
{
    return schemes[scheme].compare(a, b);
}

bool gb_version_valid(enum gb_version_scheme scheme, struct gb_str version)
{
    return schemes[scheme].valid(version);
}

static struct gb_str epoch_of(enum gb_version_scheme scheme, struct gb_str version,
                              struct gb_str *rest)
{
    if (scheme == GB_VERSION_DPKG)
        return gb_version_epoch_dpkg(version, rest);
    if (scheme == GB_VERSION_RPM || scheme == GB_VERSION_PACMAN)
        return gb_version_epoch_rpm(version, rest);
    *rest = version;
    return (struct gb_str){0};
}

struct gb_str gb_version_without_epoch(enum gb_version_scheme scheme, struct gb_str version)
{
    struct gb_str rest;
    epoch_of(scheme, version, &rest);
    return rest;
}

int gb_version_compare_epoch_assumed(enum gb_version_scheme scheme, struct gb_str a,
                                     struct gb_str b, bool *ret_assumed)
{
    struct gb_str a_rest, b_rest;
    struct gb_str a_epoch = epoch_of(scheme, a, &a_rest), b_epoch = epoch_of(scheme, b, &b_rest);
    bool assumed = (a_epoch.len > 0) != (b_epoch.len > 0);
    if (ret_assumed)
        *ret_assumed = assumed && !gb_digits_zero(a_epoch.len ? a_epoch : b_epoch);
    return assumed ? gb_version_compare(scheme, a_rest, b_rest) : gb_version_compare(scheme, a, b);
}
