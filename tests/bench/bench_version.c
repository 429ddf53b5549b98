// Comparisons of versions: nanoseconds each, by scheme, for versions as they occur and for 100 kB.
#include "model/version/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(void)
{
    static const struct {
        enum gb_version_scheme scheme;
        const char *a, *b;
    } rows[] = {
        {GB_VERSION_DPKG, "1:7.88.1-10+deb12u14", "1:7.88.1-10+deb12u15"},
        {GB_VERSION_RPM, "1:3.0.7-27.el9_4.1", "1:3.0.7-28.el9_4"},
        {GB_VERSION_APK, "3.1.4-r5", "3.1.4-r6"},
        {GB_VERSION_SEMVER, "1.12.0-beta.2", "1.12.0-beta.11"},
        {GB_VERSION_GO, "v0.0.0-20180216102854-5a71ef0e047d", "v0.17.0"},
        {GB_VERSION_PEP440, "2.31.0.post1", "2.32.0rc1"},
        {GB_VERSION_MAVEN, "5.2.25.RELEASE", "5.3.0-rc1"},
        {GB_VERSION_GEM, "6.1.7.1", "6.1.7.10"},
    };
    enum { TIMES = 2000000, LENGTH = 100000 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str a = gb_str_of(rows[i].a), b = gb_str_of(rows[i].b);
        long sum = 0;
        double start = now();
        for (int n = 0; n < TIMES; n++)
            sum += gb_version_compare(rows[i].scheme, a, b) < 0;
        double each = (now() - start) / TIMES * 1e9;
        printf("%-8s %6.0f ns  (%s < %s: %s)\n", gb_version_scheme_name(rows[i].scheme), each,
               rows[i].a, rows[i].b, sum == TIMES ? "true" : "false");
    }
    char *text = malloc(LENGTH);
    for (size_t i = 0; text && i < LENGTH; i++)
        text[i] = "1.0-0.a"[i % 7];
    for (int s = 0; text && s < GB_VERSION_SCHEME_COUNT; s++) {
        double start = now();
        struct gb_str version = {text, LENGTH};
        int order = gb_version_compare((enum gb_version_scheme)s, version, version);
        printf("%-8s %6.2f ms for %d bytes (%d)\n",
               gb_version_scheme_name((enum gb_version_scheme)s), (now() - start) * 1e3, LENGTH,
               order);
    }
    free(text);
    return 0;
}
