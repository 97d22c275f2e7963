#include "io/yaml/yaml_scalar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool among(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (text[0] == **words && strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool plain(const struct yaml_node *node)
{
    return node && node->kind == YAML_SCALAR && !node->quoted;
}

bool yaml_is_null(const struct yaml_node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return plain(node) && among(node->text, words);
}

bool yaml_boolean(const struct yaml_node *node, bool *value)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON",  NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no",  "No",
                                     "NO",    "off",   "Off",   "OFF", NULL};
    if (!plain(node))
        return false;
    bool is_yes = among(node->text, yes);
    if (!is_yes && !among(node->text, no))
        return false;
    *value = is_yes;
    return true;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

static const char *skip_sign(const char *text)
{
    return *text == '-' || *text == '+' ? text + 1 : text;
}

/* 0x… or 0o…, behind the sign: *base is set and the digits returned; else base 10. */
static const char *skip_prefix(const char *text, int *base)
{
    *base = text[0] == '0' && text[1] == 'x' ? 16 : text[0] == '0' && text[1] == 'o' ? 8 : 10;
    return *base == 10 ? text : text + 2;
}

enum yaml_number yaml_scan_integer(const char *text, int64_t *value)
{
    bool negative = text[0] == '-', fits = true;
    int base;
    const char *digits = skip_prefix(skip_sign(text), &base);
    uint64_t sum = 0, limit = (uint64_t)INT64_MAX + negative;

    if (digit_of(digits[0]) >= base)
        return YAML_NUMBER_NONE;
    for (const char *c = digits; *c; c++) {
        if (*c == '_')
            continue;
        uint64_t digit = (uint64_t)digit_of(*c);
        if (digit >= (uint64_t)base)
            return YAML_NUMBER_NONE;
        fits = fits && sum <= (limit - digit) / (uint64_t)base;
        if (fits)
            sum = sum * (uint64_t)base + digit;
    }
    if (base == 10 && digits[0] == '0' && digits[1])
        return YAML_NUMBER_OCTAL;
    if (strlen(text) > YAML_MAX_NUMBER)
        return YAML_NUMBER_LONG;
    if (!fits)
        return YAML_NUMBER_RANGE;
    /* The least int64_t has no positive counterpart: one is taken off and put back. */
    *value = !negative ? (int64_t)sum : sum ? -(int64_t)(sum - 1) - 1 : 0;
    return YAML_NUMBER_GOOD;
}

/* Digits with underscores, at least `least` digits. */
static bool scan_digits(const char **text, int least)
{
    const char *c = *text;
    int count = 0;
    for (; (*c >= '0' && *c <= '9') || (*c == '_' && count); c++)
        count += *c != '_';
    *text = c;
    return count >= least;
}

/* [0-9_]* . [0-9_]* with an exponent or without. */
static bool is_decimal(const char *text)
{
    const char *start = text;
    bool whole = scan_digits(&text, 1), part = false;

    if (*text == '.') {
        text++;
        part = scan_digits(&text, 1);
    }
    if (!whole && !part)
        return false;
    if (*text == 'e' || *text == 'E') {
        text = skip_sign(text + 1);
        if (!scan_digits(&text, 1))
            return false;
    }
    return *text == '\0' && text > start;
}

enum yaml_number yaml_scan_real(const char *text, double *value)
{
    static const char *const unbounded[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL};
    const char *unsigned_text = skip_sign(text);
    char digits[YAML_MAX_NUMBER + 1];
    size_t length = 0;
    int base;
    int64_t integer;

    if (among(unsigned_text, unbounded))
        return YAML_NUMBER_INFINITE;
    skip_prefix(unsigned_text, &base);
    if (base != 10) {
        enum yaml_number result = yaml_scan_integer(text, &integer);
        if (result == YAML_NUMBER_GOOD)
            *value = (double)integer;
        return result;
    }
    if (!is_decimal(unsigned_text))
        return YAML_NUMBER_NONE;
    if (unsigned_text[0] == '0' && yaml_scan_integer(text, &integer) == YAML_NUMBER_OCTAL)
        return YAML_NUMBER_OCTAL;
    if (strlen(text) > YAML_MAX_NUMBER)
        return YAML_NUMBER_LONG;
    for (const char *c = text; *c; c++)
        if (*c != '_')
            digits[length++] = *c;
    digits[length] = '\0';
    errno = 0;
    double number = strtod(digits, NULL);
    /* Beyond the largest double, or so small that nothing is left of it. */
    if (errno == ERANGE && (number == 0 || number * 0 != 0))
        return YAML_NUMBER_RANGE;
    *value = number;
    return YAML_NUMBER_GOOD;
}

bool yaml_integer(const struct yaml_node *node, int64_t *value)
{
    return plain(node) && yaml_scan_integer(node->text, value) == YAML_NUMBER_GOOD;
}

bool yaml_real(const struct yaml_node *node, double *value)
{
    return plain(node) && yaml_scan_real(node->text, value) == YAML_NUMBER_GOOD;
}
