// Splits an expression into tokens; used by the parser. Grammar: the CEL language definition.
#include "expr/lexer.h"

#include "base/utf8.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The byte at an offset from the current one; 0 behind the end (NUL is no token anywhere).
static char peek(const struct gb_lexer *lexer, size_t ahead)
{
    struct gb_str text = lexer->source->text;
    return lexer->at + ahead < text.len ? text.at[lexer->at + ahead] : 0;
}

static int fail(const struct gb_lexer *lexer, size_t offset, const char *what)
{
    return gb_ast_error(lexer->source, lexer->err, GB_E_SYNTAX, (uint32_t)offset, "%s", what);
}

static void skip_space(struct gb_lexer *lexer)
{
    for (;;) {
        char c = peek(lexer, 0);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            lexer->at++;
        } else if (c == '/' && peek(lexer, 1) == '/') {
            while (lexer->at < lexer->source->text.len && peek(lexer, 0) != '\n')
                lexer->at++;
        } else {
            return;
        }
    }
}

static int word(struct gb_lexer *lexer, struct gb_token *ret)
{
    static const struct {
        struct gb_str text;
        uint8_t kind;
    } words[] = {
        {GB_STR_INIT("true"), GB_TOKEN_TRUE},          {GB_STR_INIT("false"), GB_TOKEN_FALSE},
        {GB_STR_INIT("null"), GB_TOKEN_NULL},          {GB_STR_INIT("in"), GB_TOKEN_IN},
        {GB_STR_INIT("as"), GB_TOKEN_RESERVED},        {GB_STR_INIT("break"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("const"), GB_TOKEN_RESERVED},     {GB_STR_INIT("continue"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("else"), GB_TOKEN_RESERVED},      {GB_STR_INIT("for"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("function"), GB_TOKEN_RESERVED},  {GB_STR_INIT("if"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("import"), GB_TOKEN_RESERVED},    {GB_STR_INIT("let"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("loop"), GB_TOKEN_RESERVED},      {GB_STR_INIT("package"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("namespace"), GB_TOKEN_RESERVED}, {GB_STR_INIT("return"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("var"), GB_TOKEN_RESERVED},       {GB_STR_INIT("void"), GB_TOKEN_RESERVED},
        {GB_STR_INIT("while"), GB_TOKEN_RESERVED},
    };
    size_t start = lexer->at;
    while (is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
        lexer->at++;
    ret->text = gb_str_sub(lexer->source->text, start, lexer->at - start);
    ret->kind = GB_TOKEN_IDENT;
    for (size_t i = 0; ret->text.len <= 9 && i < sizeof words / sizeof *words; i++)
        if (gb_str_eq(ret->text, words[i].text))
            ret->kind = words[i].kind;
    return GB_OK;
}

static int number(struct gb_lexer *lexer, struct gb_token *ret)
{
    size_t start = lexer->at;
    ret->kind = GB_TOKEN_INT;
    if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')) {
        lexer->at += 2;
        size_t digits = lexer->at;
        while (hex_digit(peek(lexer, 0)) >= 0)
            lexer->at++;
        if (lexer->at == digits)
            return fail(lexer, start, "expected hexadecimal digits behind 0x");
    } else {
        while (is_digit(peek(lexer, 0)))
            lexer->at++;
        if (peek(lexer, 0) == '.' && is_digit(peek(lexer, 1))) {
            ret->kind = GB_TOKEN_DOUBLE;
            lexer->at++;
            while (is_digit(peek(lexer, 0)))
                lexer->at++;
        }
        if (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E') {
            size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
            if (!is_digit(peek(lexer, 1 + sign)))
                return fail(lexer, lexer->at, "expected digits in the exponent");
            ret->kind = GB_TOKEN_DOUBLE;
            lexer->at += 1 + sign;
            while (is_digit(peek(lexer, 0)))
                lexer->at++;
        }
    }
    ret->text = gb_str_sub(lexer->source->text, start, lexer->at - start);
    if (ret->kind == GB_TOKEN_INT && (peek(lexer, 0) == 'u' || peek(lexer, 0) == 'U')) {
        ret->kind = GB_TOKEN_UINT;
        lexer->at++;
    }
    if (is_letter(peek(lexer, 0)))
        return fail(lexer, lexer->at,
                    "a number ends in letters: a space or an operator is missing");
    return GB_OK;
}

// Takes `count` hexadecimal digits.
static int hex_escape(struct gb_lexer *lexer, size_t start, unsigned count, uint32_t *ret)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        int digit = hex_digit(peek(lexer, 0));
        if (digit < 0)
            return gb_ast_error(lexer->source, lexer->err, GB_E_SYNTAX, (uint32_t)start,
                                "this escape needs %u hexadecimal digits", count);
        value = value << 4 | (uint32_t)digit;
        lexer->at++;
    }
    *ret = value;
    return GB_OK;
}

static int octal_escape(struct gb_lexer *lexer, size_t start, char first, uint32_t *ret)
{
    uint32_t value = (uint32_t)(first - '0');
    for (unsigned i = 0; i < 2; i++) {
        char c = peek(lexer, 0);
        if (c < '0' || c > '7')
            return fail(lexer, start, "an octal escape needs three digits, 000 to 377");
        value = value << 3 | (uint32_t)(c - '0');
        lexer->at++;
    }
    *ret = value;
    return GB_OK;
}

static int simple_escape(char c)
{
    static const char from[] = "abfnrtv\\?\"'`", to[] = "\a\b\f\n\r\t\v\\?\"'`";
    const char *found = c ? strchr(from, c) : NULL;
    return found ? to[found - from] : -1;
}

// One escape behind the backslash, written to `out` (which has room: no escape is shorter than what
// it stands for). In bytes, \x and octal are bytes; in strings they are code points.
static int escape(struct gb_lexer *lexer, bool bytes, char *out, size_t *len)
{
    size_t start = lexer->at - 1;
    char c = peek(lexer, 0);
    uint32_t value = 0;
    int code = GB_OK, simple = simple_escape(c);
    lexer->at++;
    if (simple >= 0) {
        out[(*len)++] = (char)simple;
        return GB_OK;
    }
    if (c == 'x' || c == 'X') {
        code = hex_escape(lexer, start, 2, &value);
    } else if (c >= '0' && c <= '3') {
        code = octal_escape(lexer, start, c, &value);
    } else if (c == 'u' || c == 'U') {
        if (bytes)
            return fail(lexer, start, "\\u and \\U stand for characters: not in bytes, use \\x");
        code = hex_escape(lexer, start, c == 'u' ? 4 : 8, &value);
        if (!code && ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff))
            return fail(lexer, start, "no such character: surrogate, or beyond 10FFFF");
    } else {
        return fail(lexer, start, "unknown escape; a backslash itself is written \\\\");
    }
    if (code)
        return code;
    if (bytes)
        out[(*len)++] = (char)(unsigned char)value;
    else
        *len += gb_utf8_encode(value, out + *len);
    return GB_OK;
}

static bool at_quotes(const struct gb_lexer *lexer, char quote, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (peek(lexer, i) != quote)
            return false;
    return true;
}

// Moves behind the closing quote of a literal whose content starts here; its content as written.
static int find_end(struct gb_lexer *lexer, bool raw, size_t open, unsigned width,
                    struct gb_str *content, bool *escaped)
{
    struct gb_str text = lexer->source->text;
    char quote = text.at[open];
    size_t start = lexer->at;
    while (!at_quotes(lexer, quote, width)) {
        char c = peek(lexer, 0);
        if (lexer->at >= text.len)
            return fail(lexer, open, "a string without its closing quote");
        if (width == 1 && (c == '\n' || c == '\r'))
            return fail(lexer, open, "a string without its closing quote on its line");
        bool backslash = c == '\\' && !raw;
        *escaped |= backslash;
        lexer->at += backslash && lexer->at + 1 < text.len ? 2 : 1;
    }
    *content = gb_str_sub(text, start, lexer->at - start);
    lexer->at += width;
    return GB_OK;
}

static int unescape(struct gb_lexer *lexer, bool bytes, struct gb_str content, struct gb_str *ret)
{
    // Never longer than what is written.
    char *out = gb_alloc(lexer->arena, content.len);
    if (!out)
        return gb_error_set(lexer->err, GB_E_MEMORY, "out of memory");
    size_t len = 0, after = lexer->at;
    lexer->at = (size_t)(content.at - lexer->source->text.at);
    for (size_t end = lexer->at + content.len; lexer->at < end;) {
        char c = lexer->source->text.at[lexer->at++];
        if (c != '\\') {
            out[len++] = c;
            continue;
        }
        int code = escape(lexer, bytes, out, &len);
        if (code)
            return code;
    }
    lexer->at = after;
    *ret = (struct gb_str){out, len};
    return GB_OK;
}

// The quotes of a literal: `lexer->at` stands on the first one.
static int quoted(struct gb_lexer *lexer, bool raw, bool bytes, struct gb_token *ret)
{
    size_t open = lexer->at;
    unsigned width = at_quotes(lexer, peek(lexer, 0), 3) ? 3 : 1;
    bool escaped = false;
    lexer->at += width;
    int code = find_end(lexer, raw, open, width, &ret->string, &escaped);
    if (!code && escaped)
        code = unescape(lexer, bytes, ret->string, &ret->string);
    ret->kind = bytes ? GB_TOKEN_BYTES : GB_TOKEN_STRING;
    ret->text = gb_str_sub(lexer->source->text, ret->offset, lexer->at - ret->offset);
    return code;
}

// A string or bytes literal with its prefix, if here is one.
static bool at_literal(const struct gb_lexer *lexer, bool *raw, bool *bytes, size_t *prefix)
{
    size_t at = 0;
    *raw = *bytes = false;
    if (peek(lexer, at) == 'b' || peek(lexer, at) == 'B') {
        *bytes = true;
        at++;
    }
    if (peek(lexer, at) == 'r' || peek(lexer, at) == 'R') {
        *raw = true;
        at++;
    }
    *prefix = at;
    return peek(lexer, at) == '"' || peek(lexer, at) == '\'';
}

static int back_quoted(struct gb_lexer *lexer, struct gb_token *ret)
{
    size_t start = ++lexer->at;
    for (;; lexer->at++) {
        char c = peek(lexer, 0);
        if (c == '`')
            break;
        if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '/' && c != ' ')
            return fail(lexer, lexer->at,
                        "a back-quoted name has letters, digits, '_', '.', '-', '/' and spaces");
    }
    if (lexer->at == start)
        return fail(lexer, start, "an empty back-quoted name");
    ret->kind = GB_TOKEN_QUOTED;
    ret->text = gb_str_sub(lexer->source->text, start, lexer->at - start);
    lexer->at++;
    return GB_OK;
}

static int punctuation(struct gb_lexer *lexer, struct gb_token *ret)
{
    static const struct {
        char text[3];
        uint8_t kind;
    } pairs[] = {
        {"==", GB_TOKEN_EQUAL},         {"!=", GB_TOKEN_NOT_EQUAL}, {"<=", GB_TOKEN_LESS_EQUAL},
        {">=", GB_TOKEN_GREATER_EQUAL}, {"&&", GB_TOKEN_AND},       {"||", GB_TOKEN_OR},
    };
    struct gb_str text = lexer->source->text;
    char c = peek(lexer, 0);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (c == pairs[i].text[0] && peek(lexer, 1) == pairs[i].text[1]) {
            ret->kind = pairs[i].kind;
            ret->text = gb_str_sub(text, lexer->at, 2);
            lexer->at += 2;
            return GB_OK;
        }
    }
    if (c == '<' || c == '>')
        ret->kind = c == '<' ? GB_TOKEN_LESS : GB_TOKEN_GREATER;
    else if (c && strchr("()[]{}.,:?!+-*/%", c))
        ret->kind = (uint8_t)c;
    else if (c == '=')
        return fail(lexer, lexer->at, "'=' is no operator; equality is '=='");
    else if (c == '&' || c == '|')
        return fail(lexer, lexer->at, "'&' and '|' are no operators; use '&&' and '||'");
    else if (c >= 0x20 && c < 0x7f)
        return gb_ast_error(lexer->source, lexer->err, GB_E_SYNTAX, (uint32_t)lexer->at,
                            "unexpected character '%c'", c);
    else
        return fail(lexer, lexer->at, "unexpected character outside of a string");
    ret->text = gb_str_sub(text, lexer->at, 1);
    lexer->at++;
    return GB_OK;
}

int gb_lexer_next(struct gb_lexer *lexer, struct gb_token *ret)
{
    skip_space(lexer);
    *ret = (struct gb_token){.offset = (uint32_t)lexer->at};
    if (lexer->at >= lexer->source->text.len)
        return GB_OK;
    char c = peek(lexer, 0);
    bool raw, bytes;
    size_t prefix;
    if (at_literal(lexer, &raw, &bytes, &prefix)) {
        lexer->at += prefix;
        return quoted(lexer, raw, bytes, ret);
    }
    if (is_letter(c))
        return word(lexer, ret);
    if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
        return number(lexer, ret);
    if (c == '`')
        return back_quoted(lexer, ret);
    return punctuation(lexer, ret);
}
