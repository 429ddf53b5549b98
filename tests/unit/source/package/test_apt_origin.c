// Whose packages are: the distribution's or a third party's, by what archives offer.
#include "source/package/apt_origin.h"

#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { OWN = GB_APT_PARTY_OWN, THIRD = GB_APT_PARTY_THIRD, UNKNOWN = GB_APT_PARTY_UNKNOWN };

static void archives(void **state)
{
    (void)state;
    static const struct {
        const char *id, *name, *origin, *host;
        int party;
    } rows[] = {
        {"debian", "Debian GNU/Linux", "Debian", "mirror.example.org", OWN},
        {"debian", "Debian GNU/Linux", "Debian Backports", "deb.debian.org", OWN},
        {"debian", "Debian GNU/Linux", "Docker", "download.docker.com", THIRD},
        {"debian", "Debian GNU/Linux", "Ubuntu", "archive.ubuntu.com", THIRD},
        {"debian", "Debian GNU/Linux", "", "deb.debian.org", OWN},
        {"debian", "Debian GNU/Linux", "", "notdebian.org", THIRD},
        {"ubuntu", "Ubuntu", "UbuntuESM", "esm.ubuntu.com", OWN},
        {"ubuntu", "Ubuntu", "LP-PPA-someone", "ppa.launchpad.net", THIRD},
        {"astra", "Astra Linux", "Astra", "dl.example.org", OWN},
        {"astra", "Astra Linux", "Debian", "deb.debian.org", UNKNOWN},
        {NULL, NULL, "Debian", "deb.debian.org", UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_arena *arena = gb_arena_new("test", 1 << 20);
        struct gb_collection *all = gb_collection_new(arena, 0);
        assert_non_null(all);
        if (rows[i].id) {
            struct gb_map_value *os = gb_collection_add(all, GB_STR("os"), GB_STR(""));
            gb_map_put(arena, os, GB_STR("id"), gb_string(gb_str_of(rows[i].id)));
            gb_map_put(arena, os, GB_STR("name"), gb_string(gb_str_of(rows[i].name)));
        }
        enum gb_apt_party party =
            gb_apt_party_of_archive(all, gb_str_of(rows[i].origin), gb_str_of(rows[i].host));
        if ((int)party != rows[i].party)
            fail_msg("row %zu: wanted %d, got %d", i, rows[i].party, (int)party);
        gb_arena_free(&arena);
    }
}

struct offered {
    int party;
    const char *origin;
    int order;
    bool same_maintainer;
};

static void decisions(void **state)
{
    (void)state;
    static const struct {
        struct offered offers[3];
        size_t count;
        bool own_maintainer;
        int party;
        const char *origin;
    } rows[] = {
        {{{OWN, "Debian", 0, true}}, 1, true, OWN, "Debian"},
        {{{THIRD, "Docker", 0, true}}, 1, false, THIRD, "Docker"},
        // Both have the name; who has this version decides.
        {{{OWN, "Debian", -1, true}, {THIRD, "PGDG", 0, true}}, 2, true, THIRD, "PGDG"},
        {{{THIRD, "PGDG", 1, true}, {OWN, "Debian", 0, true}}, 2, true, OWN, "Debian"},
        {{{THIRD, "x", 0, true}, {OWN, "Debian", 0, true}}, 2, true, OWN, "Debian"},
        {{{OWN, "Debian", -1, true}, {THIRD, "PGDG", 1, true}}, 2, true, UNKNOWN, ""},
        // Only others have the name.
        {{{THIRD, "Docker", 1, true}}, 1, false, THIRD, "Docker"},
        {{{THIRD, "a", 1, true}, {THIRD, "b", 1, true}}, 2, false, THIRD, ""},
        // Only the distribution has the name.
        {{{OWN, "Debian", 1, true}}, 1, true, OWN, ""},
        {{{OWN, "Debian", 1, false}}, 1, false, UNKNOWN, ""},
        {{{OWN, "Debian", -1, false}}, 1, false, THIRD, ""}, // newer, by somebody else
        {{{OWN, "Debian", -1, false}}, 1, true, UNKNOWN, ""},
        {{{OWN, "Debian", -1, true}}, 1, false, UNKNOWN, ""},
        {{{UNKNOWN, "?", 0, true}}, 1, false, UNKNOWN, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_apt_offers_seen seen = {.own_maintainer = rows[i].own_maintainer};
        for (size_t k = 0; k < rows[i].count; k++) {
            const struct offered *offer = &rows[i].offers[k];
            gb_apt_offer_seen(&seen, (enum gb_apt_party)offer->party, gb_str_of(offer->origin),
                              offer->order, offer->same_maintainer);
        }
        struct gb_apt_origin origin = gb_apt_origin_decide(&seen);
        if ((int)origin.party != rows[i].party || !gb_str_is(origin.origin, rows[i].origin))
            fail_msg("row %zu: wanted %d %s, got %d " GB_PRI, i, rows[i].party, rows[i].origin,
                     (int)origin.party, GB_ARG(origin.origin));
    }
}

static void maintainers(void **state)
{
    (void)state;
    assert_true(gb_apt_maintainer_is_own(GB_STR("A <team+x@tracker.debian.org>")));
    assert_true(gb_apt_maintainer_is_own(GB_STR("A <a@debian.org>")));
    assert_true(gb_apt_maintainer_is_own(GB_STR("A <a@lists.ubuntu.com>")));
    assert_false(gb_apt_maintainer_is_own(GB_STR("A <a@notdebian.org>")));
    assert_false(gb_apt_maintainer_is_own(GB_STR("Docker <support@docker.com>")));
    assert_false(gb_apt_maintainer_is_own(GB_STR("Google <https://code.google.com/p/x/>")));
    assert_true(gb_apt_maintainer_is_own(GB_STR("somebody"))); // nothing can be told
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives),
        cmocka_unit_test(decisions),
        cmocka_unit_test(maintainers),
    };
    return cmocka_run_group_tests_name("source/package/apt_origin", tests, NULL, NULL);
}
