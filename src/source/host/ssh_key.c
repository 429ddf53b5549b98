// Keys of SSH; see the header.
#include "source/host/ssh_key.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/encoding.h"

enum { FEWEST_RSA_BITS = 2048, MAX_TYPE = 64 };

void gb_ssh_wipe(struct gb_str text)
{
    if (text.len) {
        void *bytes = (void *)(uintptr_t)text.at;
        explicit_bzero(bytes, text.len);
    }
}

// ---- blobs ------------------------------------------------------------------------------------

static bool take_u32(struct gb_str *rest, uint32_t *ret)
{
    if (rest->len < 4)
        return false;
    const unsigned char *b = (const unsigned char *)rest->at;
    *ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    *rest = gb_str_from(*rest, 4);
    return true;
}

static bool take_string(struct gb_str *rest, struct gb_str *ret)
{
    uint32_t len;
    if (!take_u32(rest, &len) || len > rest->len)
        return false;
    *ret = gb_str_sub(*rest, 0, len);
    *rest = gb_str_from(*rest, len);
    return true;
}

static unsigned bits_of_number(struct gb_str number)
{
    size_t i = 0;
    while (i < number.len && number.at[i] == 0)
        i++;
    if (i == number.len || number.len - i > 8192)
        return 0;
    unsigned bits = (unsigned)(number.len - i - 1) * 8;
    for (unsigned char first = (unsigned char)number.at[i]; first; first >>= 1)
        bits++;
    return bits;
}

// Types with the number of strings that follow the type's name in a plain key.
static const struct {
    const char *type;
    unsigned strings, fixed_bits;
    bool hardware;
} types[] = {
    {"ssh-ed25519", 1, 256, false},
    {"ssh-rsa", 2, 0, false},
    {"ssh-dss", 4, 0, false},
    {"ecdsa-sha2-nistp256", 2, 256, false},
    {"ecdsa-sha2-nistp384", 2, 384, false},
    {"ecdsa-sha2-nistp521", 2, 521, false},
    {"sk-ssh-ed25519@openssh.com", 2, 256, true},
    {"sk-ecdsa-sha2-nistp256@openssh.com", 3, 256, true},
    {"ssh-xmss@openssh.com", 2, 0, false},
};

// The plain type of a certificate's: "ssh-rsa" of "ssh-rsa-cert-v01@openssh.com".
static int type_index(struct gb_str type, bool *certificate)
{
    static const struct gb_str mark = GB_STR_INIT("-cert-v01@openssh.com");
    *certificate = gb_str_ends(type, mark);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct gb_str plain = gb_str_of(types[i].type);
        if (!*certificate && gb_str_eq(type, plain))
            return (int)i;
        ptrdiff_t domain = gb_str_find_char(plain, '@');
        struct gb_str stem = domain < 0 ? plain : gb_str_sub(plain, 0, (size_t)domain);
        if (*certificate && gb_str_eq(gb_str_sub(type, 0, type.len - mark.len), stem))
            return (int)i;
    }
    return -1;
}

static struct gb_str weakness(struct gb_arena *arena, struct gb_str type, unsigned bits)
{
    if (gb_str_starts(type, GB_STR("ssh-dss")))
        return GB_STR("DSA has 1024 bits and is no longer supported");
    if (gb_str_starts(type, GB_STR("ssh-rsa")) && bits < FEWEST_RSA_BITS)
        return gb_str_format(arena, "RSA with %u bits", bits);
    return GB_STR("");
}

static int fingerprint(struct gb_arena *arena, struct gb_str blob, struct gb_str *ret)
{
    unsigned char sum[GB_DIGEST_LARGEST];
    int code = gb_digest(GB_SHA256, blob, sum, NULL);
    if (code)
        return code;
    struct gb_str text = gb_base64_encode(
        arena, (struct gb_str){(const char *)sum, gb_digest_size(GB_SHA256)}, GB_BASE64_RAW);
    *ret = gb_str_format(arena, "SHA256:" GB_PRI, GB_ARG(text));
    return text.at && ret->at ? GB_OK : GB_E_MEMORY;
}

static void put_u32(char *into, size_t number)
{
    into[0] = (char)(number >> 24);
    into[1] = (char)(number >> 16);
    into[2] = (char)(number >> 8);
    into[3] = (char)number;
}

// The blob of the key inside a certificate: its type's name and the strings that are the key.
static int plain_blob(struct gb_arena *arena, struct gb_str type, struct gb_str fields,
                      struct gb_str *ret)
{
    char *blob = gb_alloc(arena, 4 + type.len + fields.len);
    if (!blob)
        return GB_E_MEMORY;
    put_u32(blob, type.len);
    memcpy(blob + 4, type.at, type.len);
    memcpy(blob + 4 + type.len, fields.at, fields.len);
    *ret = (struct gb_str){blob, 4 + type.len + fields.len};
    return GB_OK;
}

int gb_ssh_key_blob(struct gb_arena *arena, struct gb_str blob, struct gb_ssh_key *ret)
{
    struct gb_str rest = blob, type, field, number = {0}, nonce;
    *ret = (struct gb_ssh_key){0};
    if (!take_string(&rest, &type) || type.len > MAX_TYPE)
        return GB_E_SYNTAX;
    int index = type_index(type, &ret->certificate);
    if (index < 0 || (ret->certificate && !take_string(&rest, &nonce)))
        return GB_E_SYNTAX;
    struct gb_str start = rest;
    for (unsigned i = 0; i < types[index].strings; i++) {
        if (!take_string(&rest, &field) || !field.len)
            return GB_E_SYNTAX;
        if ((i == 1 && gb_str_is(gb_str_of(types[index].type), "ssh-rsa")) ||
            (i == 0 && gb_str_is(gb_str_of(types[index].type), "ssh-dss")))
            number = field;
    }
    if (!ret->certificate && rest.len)
        return GB_E_SYNTAX; // something behind the key
    ret->type = gb_str_copy(arena, type);
    ret->bits = types[index].fixed_bits ? types[index].fixed_bits : bits_of_number(number);
    ret->hardware = types[index].hardware;
    ret->weak = weakness(arena, gb_str_of(types[index].type), ret->bits);
    struct gb_str plain = blob;
    int code = GB_OK;
    if (ret->certificate)
        code = plain_blob(arena, gb_str_of(types[index].type),
                          gb_str_sub(start, 0, start.len - rest.len), &plain);
    if (!code)
        code = fingerprint(arena, plain, &ret->fingerprint);
    return code ? code : ret->type.at && ret->weak.at ? GB_OK : GB_E_MEMORY;
}

static int decode(struct gb_arena *arena, struct gb_str text, struct gb_str *ret)
{
    while (text.len && text.at[text.len - 1] == '=')
        text.len--;
    return gb_base64_decode(arena, text, GB_BASE64_RAW, ret);
}

int gb_ssh_key_public(struct gb_arena *arena, struct gb_str line, struct gb_ssh_key *ret,
                      struct gb_str *comment)
{
    struct gb_str rest = gb_str_trim(line), type, text, blob;
    if (!gb_str_next_word(&rest, &type) || !gb_str_next_word(&rest, &text))
        return GB_E_SYNTAX;
    int code = decode(arena, text, &blob);
    if (!code)
        code = gb_ssh_key_blob(arena, blob, ret);
    if (!code && !gb_str_eq(type, ret->type))
        code = GB_E_SYNTAX;
    if (!code && comment)
        *comment = gb_str_trim(rest);
    return code == GB_E_MEMORY ? code : code ? GB_E_SYNTAX : GB_OK;
}

// ---- private keys -----------------------------------------------------------------------------

const char *gb_ssh_private_format_name(enum gb_ssh_private_format format)
{
    static const char *const names[] = {"none", "openssh", "pem", "pkcs8", "putty"};
    return names[format];
}

// The base64 text between the first line and the END line, without headers, decoded.
static int pem_body(struct gb_arena *arena, struct gb_str text, struct gb_str *ret)
{
    char *plain = gb_alloc(arena, text.len + 1);
    struct gb_str line;
    size_t len = 0;
    bool headers = true;
    if (!plain)
        return GB_E_MEMORY;
    gb_str_next(&text, '\n', &line); // BEGIN
    while (gb_str_next(&text, '\n', &line)) {
        line = gb_str_trim(line);
        if (gb_str_starts(line, GB_STR("-----")))
            break;
        if (headers && (gb_str_find_char(line, ':') >= 0 || line.len == 0))
            continue;
        headers = false;
        memcpy(plain + len, line.at, line.len);
        len += line.len;
    }
    int code = decode(arena, (struct gb_str){plain, len}, ret);
    gb_ssh_wipe((struct gb_str){plain, len});
    return code;
}

static int look_openssh(struct gb_arena *arena, struct gb_str text, struct gb_ssh_private *ret)
{
    struct gb_str body = {0}, rest, cipher, derivation, options, public_key;
    uint32_t keys;
    static const struct gb_str magic = GB_STR_INIT("openssh-key-v1\0");
    ret->format = GB_SSH_OPENSSH;
    int code = pem_body(arena, text, &body);
    if (code)
        return code == GB_E_MEMORY ? code : GB_OK;
    rest = body;
    if (gb_str_starts(rest, magic)) {
        rest = gb_str_from(rest, magic.len);
        if (take_string(&rest, &cipher) && take_string(&rest, &derivation) &&
            take_string(&rest, &options) && take_u32(&rest, &keys) && keys == 1 &&
            take_string(&rest, &public_key)) {
            ret->encrypted = !gb_str_is(cipher, "none");
            code = gb_ssh_key_blob(arena, public_key, &ret->key);
            ret->known = code == GB_OK;
        }
    }
    gb_ssh_wipe(body);
    return code == GB_E_MEMORY ? code : GB_OK;
}

// One value of DER. False when it is not of this type or does not fit.
static bool take_der(struct gb_str *rest, unsigned char type, struct gb_str *ret)
{
    const unsigned char *b = (const unsigned char *)rest->at;
    if (rest->len < 2 || b[0] != type)
        return false;
    size_t len = b[1], head = 2;
    if (len & 0x80) {
        size_t bytes = len & 0x7f;
        if (bytes == 0 || bytes > 3 || rest->len < 2 + bytes)
            return false;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | b[2 + i];
        head += bytes;
    }
    if (len > rest->len - head)
        return false;
    *ret = gb_str_sub(*rest, head, len);
    *rest = gb_str_from(*rest, head + len);
    return true;
}

// RSAPrivateKey begins with version, modulus and public exponent: enough for the public key.
static int public_of_rsa(struct gb_arena *arena, struct gb_str der, struct gb_ssh_private *ret)
{
    struct gb_str key, version, modulus, exponent;
    static const char type[] = "ssh-rsa";
    if (!take_der(&der, 0x30, &key) || !take_der(&key, 0x02, &version) ||
        !take_der(&key, 0x02, &modulus) || !take_der(&key, 0x02, &exponent))
        return GB_OK;
    size_t size = 4 + 7 + 4 + exponent.len + 4 + modulus.len;
    char *blob = gb_alloc(arena, size);
    if (!blob)
        return GB_E_MEMORY;
    put_u32(blob, 7);
    memcpy(blob + 4, type, 7);
    put_u32(blob + 11, exponent.len);
    memcpy(blob + 15, exponent.at, exponent.len);
    put_u32(blob + 15 + exponent.len, modulus.len);
    memcpy(blob + 19 + exponent.len, modulus.at, modulus.len);
    int code = gb_ssh_key_blob(arena, (struct gb_str){blob, size}, &ret->key);
    ret->known = code == GB_OK;
    return code == GB_E_MEMORY ? code : GB_OK;
}

static int look_pem(struct gb_arena *arena, struct gb_str text, const char *type,
                    struct gb_ssh_private *ret)
{
    ret->format = GB_SSH_PEM;
    ret->key.type = gb_str_of(type);
    ret->encrypted = gb_str_contains(text, GB_STR("Proc-Type: 4,ENCRYPTED"));
    if (ret->encrypted || strcmp(type, "ssh-rsa") != 0)
        return GB_OK;
    struct gb_str body = {0};
    int code = pem_body(arena, text, &body);
    if (!code)
        code = public_of_rsa(arena, body, ret);
    gb_ssh_wipe(body);
    return code == GB_E_MEMORY ? code : GB_OK;
}

// PuTTY writes the public key beside the private one.
static int look_putty(struct gb_arena *arena, struct gb_str text, struct gb_ssh_private *ret)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer body = gb_buffer(64u << 10);
    struct gb_str line, blob;
    uint64_t lines = 0;
    ret->format = GB_SSH_PUTTY;
    while (gb_str_next(&text, '\n', &line)) {
        line = gb_str_trim(line);
        if (lines) {
            gb_buffer_add(&body, line);
            lines--;
        } else if (gb_str_starts(line, GB_STR("Encryption: "))) {
            ret->encrypted = !gb_str_is(gb_str_from(line, 12), "none");
        } else if (gb_str_starts(line, GB_STR("Public-Lines: ")) &&
                   (gb_str_to_uint(gb_str_from(line, 14), 10, &lines) < 0 || lines > 1000)) {
            lines = 0;
        } else if (gb_str_starts(line, GB_STR("Private-Lines: "))) {
            break;
        }
    }
    int code = decode(arena, gb_buffer_str(&body), &blob);
    if (!code)
        code = gb_ssh_key_blob(arena, blob, &ret->key);
    ret->known = code == GB_OK;
    return code == GB_E_MEMORY ? code : GB_OK;
}

int gb_ssh_private_look(struct gb_arena *arena, struct gb_str text, struct gb_ssh_private *ret)
{
    static const struct {
        const char *first_line, *type;
    } pem[] = {
        {"-----BEGIN RSA PRIVATE KEY-----", "ssh-rsa"},
        {"-----BEGIN DSA PRIVATE KEY-----", "ssh-dss"},
        {"-----BEGIN EC PRIVATE KEY-----", "ecdsa"},
    };
    *ret = (struct gb_ssh_private){0};
    text = gb_str_trim(text);
    if (gb_str_starts(text, GB_STR("-----BEGIN OPENSSH PRIVATE KEY-----")))
        return look_openssh(arena, text, ret);
    if (gb_str_starts(text, GB_STR("PuTTY-User-Key-File-")))
        return look_putty(arena, text, ret);
    for (size_t i = 0; i < sizeof pem / sizeof pem[0]; i++)
        if (gb_str_starts(text, gb_str_of(pem[i].first_line)))
            return look_pem(arena, text, pem[i].type, ret);
    bool encrypted = gb_str_starts(text, GB_STR("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    if (encrypted || gb_str_starts(text, GB_STR("-----BEGIN PRIVATE KEY-----"))) {
        ret->format = GB_SSH_PKCS8;
        ret->encrypted = encrypted;
    }
    return GB_OK;
}
