// docs/reference/expressions.md tells every function, as the tables have them. With GABION_UPDATE=1
// in the environment the file is written anew.
#include "cel_case.h"

#include <stdlib.h>

static const char marker[] = "<!-- From here on generated from the tables of functions. -->\n";

static struct gb_str read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *data = gb_alloc(arena, 1u << 20);
    assert_non_null(data);
    size_t len = fread(data, 1, 1u << 20, file);
    fclose(file);
    return (struct gb_str){data, len};
}

static void reference_is_current(void **state)
{
    (void)state;
    const char *tree = getenv("GABION_TREE");
    if (!tree)
        skip();
    char path[4096];
    snprintf(path, sizeof path, "%s/docs/reference/expressions.md", tree);
    struct gb_str text = read_all(path);
    ptrdiff_t cut = gb_str_find(text, gb_str_of(marker));
    GB_CLEANUP(gb_buffer_free) struct gb_buffer wanted = gb_buffer(1u << 20);
    gb_buffer_add(&wanted, cut < 0 ? text : gb_str_sub(text, 0, (size_t)cut));
    gb_buffer_text(&wanted, marker);
    gb_cel_reference(&wanted, true);
    assert_false(wanted.failed);
    if (getenv("GABION_UPDATE")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(wanted.data, 1, wanted.len, file), wanted.len);
        assert_int_equal(fclose(file), 0);
        text = read_all(path);
    }
    if (!gb_str_eq(text, gb_buffer_str(&wanted)))
        fail_msg("docs/reference/expressions.md is not what the tables say: run this test with "
                 "GABION_UPDATE=1");
}

static void every_function_has_a_form(void **state)
{
    (void)state;
    struct gb_cel_function function;
    size_t count = 0, expected = 0;
    for (; gb_cel_function_at(count, &function); count++) {
        assert_true(function.form[0] && function.doc[0] && function.library_doc[0]);
        if (strcmp(function.form, "string.charAt(int) -> string") == 0 ||
            strcmp(function.form, "math.abs(int) -> int") == 0 ||
            strcmp(function.form, "list(optional(A)).unwrapOpt() -> list(A)") == 0)
            expected++;
    }
    assert_int_equal(expected, 3);
    assert_true(count > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_is_current),
        cmocka_unit_test(every_function_has_a_form),
    };
    return cmocka_run_group_tests(tests, cel_set_up, cel_tear_down);
}
