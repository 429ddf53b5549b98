// Password fields: states, algorithms, costs.
#include "source/host/password_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// The hashes are of throw-away words and made for this test.
static const struct {
    const char *field, *state, *algorithm;
    int cost;
} cases[] = {
    {"", "empty", NULL, -1},
    {"*", "unusable", NULL, -1},
    {"!", "unusable", NULL, -1},
    {"!*", "unusable", NULL, -1},
    {"!!", "unusable", NULL, -1},
    {"x", "unusable", NULL, -1},
    {"*LK*", "unusable", NULL, -1},
    {"NP", "unusable", NULL, -1},
    {"$y$j9T$salt$hash", "hash", "yescrypt", 5},
    {"$y$j75$salt$hash", "hash", "yescrypt", 1},
    {"$y$j85$salt$hash", "hash", "yescrypt", 2},
    {"$y$jBT$salt$hash", "hash", "yescrypt", 7},
    {"$y$/B3$salt$hash", "hash", "yescrypt", -1},
    {"$gy$j9T$salt$hash", "hash", "gost_yescrypt", 5},
    {"!$y$j9T$salt$hash", "locked", "yescrypt", 5},
    {"!!$6$salt$hash", "locked", "sha512", 5000},
    {"*$6$salt$hash", "locked", "sha512", 5000},
    {"$6$rounds=100000$salt$hash", "hash", "sha512", 100000},
    {"$6$rounds=many$salt$hash", "hash", "sha512", -1},
    {"$5$salt$hash", "hash", "sha256", 5000},
    {"$2b$12$abcdefghijklmnopqrstuu", "hash", "bcrypt", 12},
    {"$2y$05$abcdefghijklmnopqrstuu", "hash", "bcrypt", 5},
    {"$2b$12", "hash", "bcrypt", -1},
    {"$1$salt$hash", "hash", "md5", -1},
    {"$md5,rounds=5000$salt$$hash", "hash", "sunmd5", -1},
    {"$sha1$40000$salt$hash", "hash", "sha1", -1},
    {"$3$$8846f7eaee8fb117ad06bdd830b7586c", "hash", "nthash", -1},
    {"$7$CU..../....salt$hash", "hash", "scrypt", -1},
    {"$argon2id$v=19$m=65536", "hash", "other", -1},
    {"rqXexS6ZhobKA", "hash", "des", -1},
    {"_J9..CCCCXBrJUJV154M", "hash", "bsdi_des", -1},
    {"!rqXexS6ZhobKA", "locked", "des", -1},
    {"rqXexS6ZhobK", "unusable", NULL, -1},
    {"$$", "unusable", NULL, -1},
};

static void tells_state_algorithm_and_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gb_password seen = gb_password_classify(gb_str_of(cases[i].field));
        if (strcmp(gb_password_state_name(seen.state), cases[i].state) != 0)
            fail_msg("%s: state %s", cases[i].field, gb_password_state_name(seen.state));
        const char *algorithm = seen.algorithm ? seen.algorithm : "none";
        if (strcmp(algorithm, cases[i].algorithm ? cases[i].algorithm : "none") != 0)
            fail_msg("%s: algorithm %s", cases[i].field, algorithm);
        if (seen.cost != cases[i].cost)
            fail_msg("%s: cost %d", cases[i].field, (int)seen.cost);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_state_algorithm_and_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
