/*
 * Integer expressions of family files: ${depth - 2}.
 *
 *     condition   = conjunction { "or" conjunction }
 *     conjunction = negation { "and" negation }
 *     negation    = "not" negation | comparison
 *     comparison  = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum ]
 *     sum         = product { ("+" | "-") product }
 *     product     = factor { ("*" | "/") factor }
 *     factor      = "-" factor | atom [ "^" factor ]
 *     atom        = "(" condition ")" | ("min" | "max") "(" condition { "," condition } ")"
 *                 | digits | name
 *
 * Values are 64-bit; a result that does not fit, a division by zero and a negative exponent are
 * mistakes. Division drops the fraction (towards zero), as C does; x ^ n is the power. What is
 * true or false is 1 or 0, and all but 0 is true. Names start with a letter and go on with letters,
 * digits and underscores; "and", "or", "not", "min" and "max" are none.
 */
#ifndef UNDERSTUDY_GRAPH_EXPRESSION_H
#define UNDERSTUDY_GRAPH_EXPRESSION_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPRESSION_MAX_DEPTH = 32 }; /* of nested brackets, signs, powers and "not" */

struct expression_name {
    const char *name;
    int64_t value;
};

/* What names mean; a later entry hides an earlier one of the same name. */
struct expression_scope {
    const struct expression_name *names;
    size_t count;
    bool lenient; /* an overflow or a division by zero gives 1: only names and syntax are checked */
};

/* True when `text` holds "${". */
bool expression_present(const char *text);

/*
 * The value of `text`, which must be one whole "${...}", blanks around it allowed. STATUS_CONFIG
 * with a message that quotes the text where it is not, or where it is wrong.
 */
MUST_CHECK enum status expression_evaluate(const char *text, const struct expression_scope *scope,
                                           int64_t *value, struct error *error);

/* True for a name as above in lower case: what parameters and layers may be called. */
bool expression_is_name(const char *text);

#endif
