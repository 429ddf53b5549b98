// Advisories: what a feed says about which versions of which packages are vulnerable. Importers
// (source/feed) fill these and hand them to a sink; shards (model/advisory/shard.h) keep them; the
// vulnerability area matches installed software against them.
//
// A *scope* is where names and versions mean something: a release of a distribution
// ("debian-12", "ubuntu-22.04", "almalinux-8", "alpine-3.18", "debian-sid", "wolfi"), or an
// ecosystem of a language by its OSV name in lower case ("go", "npm", "pypi", "maven",
// "crates.io", "rubygems", "packagist", "nuget").
#ifndef GABION_MODEL_ADVISORY_ADVISORY_H
#define GABION_MODEL_ADVISORY_ADVISORY_H

#include "model/version/version.h"

#include <stdint.h>

// Severity as the feed's vendor states it, folded to one scale.
enum gb_advisory_severity {
    GB_ADVISORY_UNRATED,
    GB_ADVISORY_NEGLIGIBLE, // Debian "unimportant", Ubuntu "negligible"
    GB_ADVISORY_LOW,
    GB_ADVISORY_MEDIUM, // Red Hat "moderate"
    GB_ADVISORY_HIGH,   // Red Hat "important"
    GB_ADVISORY_CRITICAL,
};

// What is said about the package.
enum gb_advisory_status {
    GB_STATUS_AFFECTED,            // the versions in the ranges are vulnerable
    GB_STATUS_NOT_AFFECTED,        // never vulnerable here: a negative statement
    GB_STATUS_UNDER_INVESTIGATION, // nobody knows yet
};

// What the vendor does about it, where a range has no fixed version.
enum gb_advisory_fix {
    GB_FIX_UNSTATED,
    GB_FIX_AVAILABLE,   // a range has a fixed version
    GB_FIX_NOT_YET,     // vulnerable, no fix
    GB_FIX_DEFERRED,    // Debian "postponed", Red Hat "Fix deferred"
    GB_FIX_WONT,        // Debian "ignored", Red Hat "Will not fix"
    GB_FIX_END_OF_LIFE, // out of support
};

// [introduced, fixed) or [introduced, last_affected]. Empty introduced (or "0"): from the
// beginning. Neither fixed nor last_affected: without an end.
struct gb_affected_range {
    struct gb_str introduced, fixed, last_affected;
};

// One package that an advisory speaks of.
struct gb_affected {
    struct gb_str scope;
    enum gb_version_scheme scheme;
    struct gb_str
        package; // source package for dpkg and apk (origin), binary for rpm; for languages
                 // normalised as the ecosystem compares (PEP 503, Maven "group:artifact")
    bool binary; // `package` is a binary package though the scope's rule is source
    enum gb_advisory_status status;
    enum gb_advisory_fix fix;
    enum gb_advisory_severity severity;     // for this package; UNRATED: the advisory's
    bool remote;                            // exploitable from the network, where the feed says so
    const struct gb_affected_range *ranges; // a version in any of them is affected
    size_t range_count;
    const struct gb_str *versions; // affected too: literally these
    size_t version_count;
    const struct gb_str *unaffected; // never affected: literally these (Debian's other suites)
    size_t unaffected_count;
    // rpm module "name:stream", "name:*" where the feed does not say which stream; "" = not a
    // module's package
    struct gb_str module;
    // None = all; in the ecosystem's spelling. rpm: "src" alone = `package` is a source package,
    // and what is built from it is meant.
    const struct gb_str *architectures;
    size_t architecture_count;
    const struct gb_str *systems; // Go: GOOS; none = all
    size_t system_count;
    const struct gb_str
        *symbols; // Go: "import/path.Symbol" ("import/path.*": all of it); none = unknown
    size_t symbol_count;
    struct gb_str note; // vendor's short words: nodsa reason, VEX justification; "" = none
};

// One advisory. All slices belong to the caller and need to live for the call of `add` only.
struct gb_advisory {
    struct gb_str id; // "DSA-5555-1", "ALSA-2024:1234", "GO-2024-2611", "CVE-2024-1234"
    const struct gb_str
        *cves; // CVE ids it is about (aliases and upstream of that form, its own too)
    size_t cve_count;
    const struct gb_str *aliases; // other ids of the same: GHSA-..., PYSEC-...
    size_t alias_count;
    enum gb_advisory_severity severity;
    struct gb_str cvss; // the best vector that the feed gives: 4.0 before 3.x before 2; "" = none
    int64_t published_at, modified_at, withdrawn_at; // seconds since 1970 UTC, 0 = not stated
    bool disputed, informational; // RustSec "unmaintained", "unsound": no vulnerability as such
    // Texts: kept apart from what is needed to match.
    struct gb_str title, details;
    struct gb_str url; // the one page to read
    const struct gb_affected *affected;
    size_t affected_count;
};

// What is known about exploitation, by CVE.
struct gb_exploit_facts {
    struct gb_str cve;
    bool has_kev, kev_ransomware;
    int64_t kev_added_at, kev_due_at; // midnight UTC
    bool has_epss;
    double epss, epss_percentile; // 0..1
    bool has_ssvc;
    uint8_t ssvc_exploitation;         // 0 none, 1 poc, 2 active
    bool ssvc_automatable, ssvc_total; // technical impact total
    struct gb_str cvss;                // vector of the same source, "" = none
};

// When a release, or a product's cycle, stops to be supported.
struct gb_lifecycle {
    struct gb_str product, cycle;                 // "debian" "12"
    struct gb_str codename;                       // "bookworm"; "" = none
    int64_t released_at, eol_at, extended_eol_at; // 0 = not stated; extended: LTS, ESM
    struct gb_str extended_name;                  // "LTS", "ESM", "ELTS"
};

// What the entries that follow were read from.
struct gb_advisory_document {
    struct gb_str feed; // name of its format: "osv", "debsecan", "kev"
    struct gb_str path; // for messages: "all.zip/almalinux8/ALSA-2024:1234.json"
    int64_t data_at;    // what the data or the archive around it says how new it is; 0 = nothing
    bool fixes_only;    // flaws without a fix are invisible in it
};

// Where importers put what they read. Each call may fail (memory, limits): importers stop and
// return its code. Those that are NULL are not wanted.
struct gb_advisory_sink {
    void *context;
    // Called before the first entry of each document. NULL = not wanted.
    int (*document)(void *context, const struct gb_advisory_document *document,
                    struct gb_error *err);
    int (*advisory)(void *context, const struct gb_advisory *advisory, struct gb_error *err);
    int (*exploit)(void *context, const struct gb_exploit_facts *facts, struct gb_error *err);
    int (*lifecycle)(void *context, const struct gb_lifecycle *lifecycle, struct gb_error *err);
    // An entry that was left out, and why: "DEBIAN-1.json:12:3: ...". Importing goes on.
    void (*left_out)(void *context, struct gb_str why);
};

#endif
