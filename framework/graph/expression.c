/*
 * A recursive-descent parser that evaluates as it reads: one function for each rule of the grammar
 * in expression.h, one character of look-ahead. Time is linear in the text's length, except that a
 * name is looked up in a list.
 */
#include "graph/expression.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct parser {
    const char *text; /* as written, for messages */
    const char *at, *end;
    const struct expression_scope *scope;
    int depth;
    struct error *error;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* At `at`, which may be the end. */
static bool is_name_character(const char *at, const char *end)
{
    return at < end && (is_letter(*at) || is_digit(*at) || *at == '_');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

bool expression_present(const char *text)
{
    return strstr(text, "${") != NULL;
}

bool expression_is_name(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= NAME_MAX_BYTES || text[0] < 'a' || text[0] > 'z')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* The next character that is not a blank; 0 at the end. */
static char peek(struct parser *parser)
{
    while (parser->at < parser->end && is_blank(*parser->at))
        parser->at++;
    return parser->at < parser->end ? *parser->at : 0;
}

static enum status too_large(struct parser *parser, int64_t *value)
{
    *value = 1;
    if (parser->scope->lenient)
        return STATUS_OK;
    return error_set(parser->error, STATUS_CONFIG,
                     "in '%s': a value does not fit in 64 bits (signed)", parser->text);
}

static enum status expected(struct parser *parser, const char *what)
{
    char c = peek(parser);
    if (!c)
        return error_set(parser->error, STATUS_CONFIG, "in '%s': expected %s at the end",
                         parser->text, what);
    return error_set(parser->error, STATUS_CONFIG, "in '%s': expected %s, found '%c'", parser->text,
                     what, c);
}

static enum status read_number(struct parser *parser, int64_t *value)
{
    int64_t number = 0;
    bool fits = true;

    for (; parser->at < parser->end && is_digit(*parser->at); parser->at++)
        fits = fits && !__builtin_mul_overflow(number, 10, &number) &&
               !__builtin_add_overflow(number, *parser->at - '0', &number);
    *value = number;
    return fits ? STATUS_OK : too_large(parser, value);
}

static enum status read_name(struct parser *parser, int64_t *value)
{
    const struct expression_scope *scope = parser->scope;
    const char *start = parser->at, *guess = NULL;
    char name[NAME_MAX_BYTES];

    while (is_name_character(parser->at, parser->end))
        parser->at++;
    size_t length = (size_t)(parser->at - start);
    snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : (int)sizeof name,
             start);
    for (size_t i = scope->count; i-- > 0;) {
        if (length < sizeof name && strcmp(scope->names[i].name, name) == 0) {
            *value = scope->names[i].value;
            return STATUS_OK;
        }
        text_nearest(name, scope->names[i].name, &guess);
    }
    if (guess)
        return error_set(parser->error, STATUS_CONFIG,
                         "in '%s': unknown name '%s'; did you mean '%s'?", parser->text, name,
                         guess);
    return error_set(parser->error, STATUS_CONFIG, "in '%s': unknown name '%s'", parser->text,
                     name);
}

static enum status read_condition(struct parser *parser, int64_t *value);

/* One level down in brackets, signs and the like; what goes down is bounded, as is the stack. */
static enum status descend(struct parser *parser)
{
    if (++parser->depth > EXPRESSION_MAX_DEPTH)
        return error_set(parser->error, STATUS_CONFIG, "in '%s': nested more than %d deep",
                         parser->text, (int)EXPRESSION_MAX_DEPTH);
    return STATUS_OK;
}

static enum status close_bracket(struct parser *parser)
{
    if (peek(parser) != ')')
        return expected(parser, "')'");
    parser->at++;
    return STATUS_OK;
}

/* If the symbol or word comes next, skip it and return true. */
static bool take(struct parser *parser, const char *token)
{
    size_t length = strlen(token);

    peek(parser);
    if ((size_t)(parser->end - parser->at) < length || strncmp(parser->at, token, length) != 0)
        return false;
    if (is_letter(*token) && is_name_character(parser->at + length, parser->end))
        return false;
    parser->at += length;
    return true;
}

/* What follows "min" or "max": the smallest or largest of a list in brackets. */
static enum status read_extreme(struct parser *parser, bool largest, int64_t *value)
{
    int64_t next = 0;

    if (!take(parser, "("))
        return expected(parser, "'('");
    PASS(descend(parser));
    PASS(read_condition(parser, value));
    while (take(parser, ",")) {
        PASS(read_condition(parser, &next));
        if (largest ? next > *value : next < *value)
            *value = next;
    }
    PASS(close_bracket(parser));
    parser->depth--;
    return STATUS_OK;
}

static enum status read_atom(struct parser *parser, int64_t *value)
{
    char c = peek(parser);

    if (is_digit(c))
        return read_number(parser, value);
    if (take(parser, "min"))
        return read_extreme(parser, false, value);
    if (take(parser, "max"))
        return read_extreme(parser, true, value);
    if (is_letter(c))
        return read_name(parser, value);
    if (c != '(')
        return expected(parser, "a number, a name or '('");
    parser->at++;
    PASS(descend(parser));
    PASS(read_condition(parser, value));
    PASS(close_bracket(parser));
    parser->depth--;
    return STATUS_OK;
}

static enum status raise_to(struct parser *parser, int64_t exponent, int64_t *value)
{
    int64_t base = *value;

    if (exponent < 0 && !parser->scope->lenient)
        return error_set(parser->error, STATUS_CONFIG, "in '%s': the exponent %lld is negative",
                         parser->text, (long long)exponent);
    *value = 1;
    if (base >= -1 && base <= 1) /* the others overflow before long */
        exponent = exponent % 2 ? 1 : exponent > 0 ? 2 : 0;
    for (int64_t i = 0; i < exponent; i++)
        if (__builtin_mul_overflow(*value, base, value)) {
            PASS(too_large(parser, value));
            break;
        }
    return STATUS_OK;
}

static enum status read_factor(struct parser *parser, int64_t *value)
{
    int64_t exponent = 0;

    if (take(parser, "-")) {
        PASS(descend(parser));
        PASS(read_factor(parser, value));
        if (__builtin_sub_overflow((int64_t)0, *value, value))
            PASS(too_large(parser, value));
        parser->depth--;
        return STATUS_OK;
    }
    PASS(read_atom(parser, value));
    if (!take(parser, "^"))
        return STATUS_OK;
    PASS(descend(parser));
    PASS(read_factor(parser, &exponent));
    PASS(raise_to(parser, exponent, value));
    parser->depth--;
    return STATUS_OK;
}

static enum status divide(struct parser *parser, int64_t divisor, int64_t *value)
{
    if (divisor == 0 && !parser->scope->lenient)
        return error_set(parser->error, STATUS_CONFIG, "in '%s': division by zero", parser->text);
    if (divisor == 0)
        *value = 1;
    else if (divisor == -1) /* INT64_MIN / -1 does not fit */
        return __builtin_sub_overflow((int64_t)0, *value, value) ? too_large(parser, value)
                                                                 : STATUS_OK;
    else
        *value /= divisor;
    return STATUS_OK;
}

static enum status read_product(struct parser *parser, int64_t *value)
{
    int64_t right = 0;

    PASS(read_factor(parser, value));
    for (char c = peek(parser); c == '*' || c == '/'; c = peek(parser)) {
        parser->at++;
        PASS(read_factor(parser, &right));
        if (c == '/')
            PASS(divide(parser, right, value));
        else if (__builtin_mul_overflow(*value, right, value))
            PASS(too_large(parser, value));
    }
    return STATUS_OK;
}

static enum status read_sum(struct parser *parser, int64_t *value)
{
    int64_t right = 0;

    PASS(read_product(parser, value));
    for (char c = peek(parser); c == '+' || c == '-'; c = peek(parser)) {
        parser->at++;
        PASS(read_product(parser, &right));
        if (c == '+' ? __builtin_add_overflow(*value, right, value)
                     : __builtin_sub_overflow(*value, right, value))
            PASS(too_large(parser, value));
    }
    return STATUS_OK;
}

static enum status read_comparison(struct parser *parser, int64_t *value)
{
    static const char *const tokens[] = {"==", "!=", "<=", ">=", "<", ">"}; /* longer ones first */
    int64_t left = 0, right = 0;
    size_t t = 0;

    PASS(read_sum(parser, value));
    while (t < sizeof tokens / sizeof *tokens && !take(parser, tokens[t]))
        t++;
    if (t == sizeof tokens / sizeof *tokens)
        return STATUS_OK;
    left = *value;
    PASS(read_sum(parser, &right));
    const bool holds[] = {left == right, left != right, left <= right, left >= right,
                          left<right, left> right};
    *value = holds[t];
    return STATUS_OK;
}

static enum status read_negation(struct parser *parser, int64_t *value)
{
    if (!take(parser, "not"))
        return read_comparison(parser, value);
    PASS(descend(parser));
    PASS(read_negation(parser, value));
    *value = !*value;
    parser->depth--;
    return STATUS_OK;
}

static enum status read_conjunction(struct parser *parser, int64_t *value)
{
    int64_t right = 0;

    PASS(read_negation(parser, value));
    while (take(parser, "and")) {
        PASS(read_negation(parser, &right));
        *value = *value && right;
    }
    return STATUS_OK;
}

static enum status read_condition(struct parser *parser, int64_t *value)
{
    int64_t right = 0;

    PASS(read_conjunction(parser, value));
    while (take(parser, "or")) {
        PASS(read_conjunction(parser, &right));
        *value = *value || right;
    }
    return STATUS_OK;
}

enum status expression_evaluate(const char *text, const struct expression_scope *scope,
                                int64_t *value, struct error *error)
{
    size_t length = strlen(text);
    struct parser parser = {.text = text, .at = text, .end = text + length, .scope = scope};

    parser.error = error;
    *value = 0;
    while (parser.at < parser.end && is_blank(parser.end[-1]))
        parser.end--;
    peek(&parser);
    if (parser.end - parser.at < 3 || strncmp(parser.at, "${", 2) != 0 || parser.end[-1] != '}')
        return error_set(error, STATUS_CONFIG,
                         "'%s' is not one whole expression, such as ${2 * width}", text);
    parser.at += 2;
    parser.end--;
    PASS(read_condition(&parser, value));
    if (peek(&parser))
        PASS(expected(&parser, "an operator, such as + or =="));
    return STATUS_OK;
}
