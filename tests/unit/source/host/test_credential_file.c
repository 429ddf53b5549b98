// Credential files: how each format keeps its secret, who can read the file, and that no secret
// gets into the collection.
#include "source/host/credential_text.h"
#include "source/source.h"

#include "../../sys/collected_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct gb_source gb_source_credential_file;

static void tells_how_secrets_are_kept(void **state)
{
    (void)state;
    static const struct {
        enum gb_credential_format format;
        const char *text, *keeps;
        uint32_t line;
    } rows[] = {
        {GB_CREDENTIAL_PRESENT, "s.abc\n", "secret", 0},
        {GB_CREDENTIAL_PRESENT, " \n", "nothing", 0},
        {GB_CREDENTIAL_SETTINGS, "# password = x\nuser = a\npassword = x\n", "secret", 3},
        {GB_CREDENTIAL_SETTINGS, "password=\ntoken: ${TOKEN}\napi_key = \"\"\n", "nothing", 0},
        {GB_CREDENTIAL_SETTINGS, "export DB_PASSWORD='x'\n", "secret", 1},
        {GB_CREDENTIAL_SETTINGS, "github.com:\n    oauth_token: gho_x\n", "secret", 2},
        {GB_CREDENTIAL_SETTINGS, "  token = \"glrt-x\"\n", "secret", 1},
        {GB_CREDENTIAL_JSON, "{\"a\":{\"token\":\"x\"}}", "secret", 0},
        {GB_CREDENTIAL_JSON, "{\"RefreshToken\": \"\", \"x\": \"y\"}", "nothing", 0},
        {GB_CREDENTIAL_JSON, "{\"client_secret\" : \"a\\\"b\"}", "secret", 0},
        {GB_CREDENTIAL_AWS, "[default]\naws_access_key_id=A\naws_secret_access_key = s\n", "secret",
         3},
        {GB_CREDENTIAL_AWS,
         "[default]\naws_secret_access_key = s\naws_session_token = t\n[x]\nregion = y\n",
         "session", 2},
        {GB_CREDENTIAL_AWS, "[default]\nsso_session = corp\n", "helper", 2},
        {GB_CREDENTIAL_AWS, "[default]\nregion = eu\n", "nothing", 0},
        {GB_CREDENTIAL_GCLOUD, "{\"type\":\"service_account\",\"private_key\":\"-----\"}", "secret",
         0},
        {GB_CREDENTIAL_GCLOUD, "{\"type\":\"external_account\"}", "helper", 0},
        {GB_CREDENTIAL_KUBECONFIG, "users:\n- name: a\n  user:\n    client-key-data: LS0=\n",
         "secret", 4},
        {GB_CREDENTIAL_KUBECONFIG, "users:\n- user:\n    exec:\n      command: aws\n", "helper", 3},
        {GB_CREDENTIAL_KUBECONFIG, "    client-key: /var/lib/kubelet/pki/x.pem\n", "helper", 1},
        {GB_CREDENTIAL_DOCKER, "{\"auths\":{\"r\":{\"auth\":\"dTpw\"}}}", "secret", 0},
        {GB_CREDENTIAL_DOCKER, "{\"auths\":{\"r\":{}},\"credsStore\":\"pass\"}", "helper", 0},
        {GB_CREDENTIAL_DOCKER, "{\"auths\":{\"r\":{}}}", "nothing", 0},
        {GB_CREDENTIAL_NPM, "registry=https://r\n//r/:_authToken=npm_x\n", "secret", 2},
        {GB_CREDENTIAL_NPM, "//r/:_authToken=${NPM_TOKEN}\n", "nothing", 0},
        {GB_CREDENTIAL_NETRC, "machine h login u\n  password p\n", "secret", 2},
        {GB_CREDENTIAL_NETRC, "machine h login u\n", "nothing", 0},
        {GB_CREDENTIAL_URLS, "https://u:p@h\n", "secret", 1},
        {GB_CREDENTIAL_URLS, "https://h/p\nhttps://u@h\n", "nothing", 0},
        {GB_CREDENTIAL_PGPASS, "# c\nh:5432:db:u:p\n", "secret", 2},
        {GB_CREDENTIAL_PGPASS, "h:5432:db:u:\nh\\:x:y:z\n", "nothing", 0},
        {GB_CREDENTIAL_COLUMNS, "# c\n\n* host secret\n", "secret", 3},
        {GB_CREDENTIAL_COLUMNS, "# only comments\n", "nothing", 0},
        {GB_CREDENTIAL_XML, "<server>\n<password>x</password>", "secret", 2},
        {GB_CREDENTIAL_XML, "<password>{COQ=}</password>", "encrypted", 1},
        {GB_CREDENTIAL_XML, "<password>${env.P}</password>", "nothing", 0},
        {GB_CREDENTIAL_WIREGUARD, "[Interface]\nPrivateKey = x=\n", "secret", 2},
        {GB_CREDENTIAL_WIREGUARD, "[Interface]\nPostUp = wg set %i private-key /x\n", "helper", 2},
        {GB_CREDENTIAL_CLOUD_INIT, "#cloud-config\npassword: hunter2\n", "secret", 2},
        {GB_CREDENTIAL_CLOUD_INIT, "users:\n- passwd: $6$x\n", "encrypted", 2},
        {GB_CREDENTIAL_CLOUD_INIT, "#!/bin/sh\nexport API_TOKEN=abc\n", "secret", 2},
        {GB_CREDENTIAL_CLOUD_INIT, "#cloud-config\npackages: [x]\n", "nothing", 0},
        {GB_CREDENTIAL_MOUNTS, "//s/x /mnt cifs user=u,password=p 0 0\n", "secret", 1},
        {GB_CREDENTIAL_MOUNTS, "//s/x /mnt cifs credentials=/root/c 0 0\n", "nothing", 0},
        {GB_CREDENTIAL_RCLONE, "# Encrypted\nRCLONE_ENCRYPT_V0:\nabc\n", "encrypted", 0},
        {GB_CREDENTIAL_RCLONE, "[r]\ntype = s3\nsecret_access_key = x\n", "secret", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_credential_answer answer =
            gb_credential_look(rows[i].format, gb_str_of(rows[i].text));
        if (strcmp(gb_credential_keeps_name(answer.keeps), rows[i].keeps) != 0 ||
            answer.line != rows[i].line)
            fail_msg("%s: %s in line %u", rows[i].text, gb_credential_keeps_name(answer.keeps),
                     answer.line);
    }
}

static int setup(void **state)
{
    (void)state;
    if (collected_root_begin(GB_KERNEL_NONE))
        return -1;
    temporary_root_file(&root, "/etc/passwd",
                        "root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/sh\n"
                        "bin:x:2:2::/bin:/bin/sh\n");
    temporary_root_file(&root, "/etc/group", "root:x:0:\nstaff:x:50:dev\n");
    return 0;
}

static void put(const char *path, const char *text, unsigned mode)
{
    temporary_root_file(&root, path, text);
    temporary_root_mode(&root, path, mode);
}

static struct gb_str text_of(const char *path, const char *field)
{
    char id[256];
    snprintf(id, sizeof id, "credential_file:%s", path);
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("%s was not found", path);
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(field)), GB_STR("(no text)"));
}

static void assert_text(const char *path, const char *field, const char *expected)
{
    struct gb_str seen = text_of(path, field);
    if (!gb_str_is(seen, expected))
        fail_msg("%s of %s is \"" GB_PRI "\", not \"%s\"", field, path, GB_ARG(seen), expected);
}

static void no_secret(const struct gb_value *value)
{
    if (value->kind == GB_VALUE_STRING && gb_str_contains(value->string, GB_STR("hunter2")))
        fail_msg("a secret was collected: " GB_PRI, GB_ARG(value->string));
    for (size_t i = 0; value->kind == GB_VALUE_LIST && i < value->list->count; i++)
        no_secret(&value->list->items[i]);
}

static void finds_files_and_their_readers(void **state)
{
    (void)state;
    struct gb_error err = {0};
    put("/home/dev/.aws/credentials", "[a]\naws_secret_access_key = hunter2\n", 0644);
    put("/home/dev/.npmrc", "//r/:_authToken=hunter2\n", 0644);
    put("/home/dev/.config/gh/hosts.yml", "oauth_token: hunter2\n", 0600);
    put("/home/dev/.docker/config.json", "{\"auths\":{}}", 0644);
    temporary_root_mode(&root, "/home/dev/.aws", 0700);
    put("/bin/.netrc", "password hunter2", 0644); // no home directory
    put("/etc/wireguard/wg0.conf", "PrivateKey = hunter2\n", 0640);
    put("/etc/environment", "PATH=/bin\nAPI_TOKEN=hunter2\n", 0644);
    temporary_root_dirs(&root, "/root/.pgpass/"); // a directory where a file should be
    temporary_root_link(&root, "/root/.my.cnf", ".my.cnf");
    assert_int_equal(gb_source_credential_file.collect(&collector, &err), GB_OK);
    const struct gb_kind_state *kind = gb_collection_kind(collector.all, GB_STR("credential_file"));
    assert_int_equal(kind->count, 5);
    assert_text("/home/dev/.aws/credentials", "keeps", "secret");
    assert_text("/home/dev/.aws/credentials", "readable_by", ""); // 0644 behind 0700
    assert_text("/home/dev/.aws/credentials", "home_of", "dev");
    assert_text("/home/dev/.npmrc", "readable_by", "everybody");
    assert_text("/home/dev/.npmrc", "mode", "0644");
    assert_text("/home/dev/.config/gh/hosts.yml", "readable_by", "");
    assert_text("/etc/wireguard/wg0.conf", "readable_by", ""); // nobody else is in that group
    assert_text("/etc/environment", "readable_by", "everybody");
    for (size_t i = 0; i < kind->count; i++) {
        const struct gb_map_value *props = kind->resources[i]->props;
        for (size_t k = 0; k < props->count; k++)
            no_secret(&props->pairs[k].value);
    }
}

static void says_when_there_is_nothing(void **state)
{
    (void)state;
    struct gb_error err = {0};
    assert_int_equal(gb_source_credential_file.collect(&collector, &err), GB_OK);
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("credential_file"))->presence,
                     GB_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_how_secrets_are_kept),
        cmocka_unit_test_setup_teardown(finds_files_and_their_readers, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(says_when_there_is_nothing, setup, collected_root_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
