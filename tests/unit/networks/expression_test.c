/* Expressions of family files: values, and what is said of wrong ones. */
#include "graph/expression.h"

#include <CUnit/CUnit.h>

static void test_expressions(void)
{
    static const struct expression_name names[] = {
        {"depth", 5},    {"width", 16}, {"big", INT64_MAX}, {"depth", 7}, /* hides the first */
        {"minimum", 30}, {"notes", 20},
    };
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"${7}", 7},
        {" ${ depth - 2 } ", 5},
        {"${2 + 3 * 4}", 14},
        {"${(2 + 3) * 4}", 20},
        {"${10 - 4 - 3}", 3},
        {"${100 / 10 / 5}", 2},
        {"${7 / 2}", 3},
        {"${-7 / 2}", -3},
        {"${-(1 - width)}", 15},
        {"${--3}", 3},
        {"${2 * -3}", -6},
        {"${9223372036854775807}", INT64_MAX},
        {"${-big - 1}", INT64_MIN},
        {"${width*8/3}", 42},
        {"${2 ^ depth}", 128},
        {"${2 ^ 3 ^ 2}", 512},
        {"${-2 ^ 2}", -4},
        {"${2 * 3 ^ 2 + 1}", 19},
        {"${0 ^ 0}", 1},
        {"${0 ^ big}", 0},
        {"${-1 * (-1) ^ big}", 1},
        {"${(-1) ^ (big - 1)}", 1},
        {"${(-2) ^ 63}", INT64_MIN},
        {"${depth > 6}", 1},
        {"${depth<7}", 0},
        {"${depth <= 7} ", 1},
        {"${depth >= 8}", 0},
        {"${depth == 7}", 1},
        {"${depth != 7}", 0},
        {"${1 + (depth > 0 and width == 16)}", 2},
        {"${1 + depth == 2 * 4}", 1},
        {"${1 or 0 and 0}", 1},
        {"${(1 or 0) and 0}", 0},
        {"${not 0 and 5}", 1},
        {"${not depth == 7}", 0},
        {"${not not 3}", 1},
        {"${0 or 0}", 0},
        {"${min(depth, width)}", 7},
        {"${max(depth, width)}", 16},
        {"${max(1, 2, depth > 100, 3 - 9)}", 2},
        {"${min(4)}", 4},
        {"${minimum + notes}", 50},
    };
    struct expression_scope scope = {names, sizeof names / sizeof *names, false};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        struct error error = {0};
        CU_ASSERT_EQUAL(expression_evaluate(cases[i].text, &scope, &value, &error), STATUS_OK);
        CU_ASSERT_EQUAL(value, cases[i].value);
    }
}

static void test_expression_mistakes(void)
{
    static const struct expression_name names[] = {{"depth", 4}, {"width", 8}};
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"depth", "'depth' is not one whole expression, such as ${2 * width}"},
        {"${}", "in '${}': expected a number, a name or '(' at the end"},
        {"${", "'${' is not one whole expression, such as ${2 * width}"},
        {"${depth", "'${depth' is not one whole expression, such as ${2 * width}"},
        {"a${depth}", "'a${depth}' is not one whole expression, such as ${2 * width}"},
        {"${depth}${depth}",
         "in '${depth}${depth}': expected an operator, such as + or ==, found '}'"},
        {"${depth -}", "in '${depth -}': expected a number, a name or '(' at the end"},
        {"${* 2}", "in '${* 2}': expected a number, a name or '(', found '*'"},
        {"${(1 + 2}", "in '${(1 + 2}': expected ')' at the end"},
        {"${(1 2)}", "in '${(1 2)}': expected ')', found '2'"},
        {"${1)}", "in '${1)}': expected an operator, such as + or ==, found ')'"},
        {"${3 % 2}", "in '${3 % 2}': expected an operator, such as + or ==, found '%'"},
        {"${widht}", "in '${widht}': unknown name 'widht'; did you mean 'width'?"},
        {"${filters}", "in '${filters}': unknown name 'filters'"},
        {"${1 / 0}", "in '${1 / 0}': division by zero"},
        {"${1 / (depth - 4)}", "in '${1 / (depth - 4)}': division by zero"},
        {"${9223372036854775808}",
         "in '${9223372036854775808}': a value does not fit in 64 bits (signed)"},
        {"${9223372036854775807 + 1}",
         "in '${9223372036854775807 + 1}': a value does not fit in 64 bits (signed)"},
        {"${-9223372036854775807 - 2}",
         "in '${-9223372036854775807 - 2}': a value does not fit in 64 bits (signed)"},
        {"${4294967296 * 4294967296}",
         "in '${4294967296 * 4294967296}': a value does not fit in 64 bits (signed)"},
        {"${(-9223372036854775807 - 1) / -1}",
         "in '${(-9223372036854775807 - 1) / -1}': a value does not fit in 64 bits (signed)"},
        {"${-(-9223372036854775807 - 1)}",
         "in '${-(-9223372036854775807 - 1)}': a value does not fit in 64 bits (signed)"},
        {"${2 ^ 63}", "in '${2 ^ 63}': a value does not fit in 64 bits (signed)"},
        {"${2 ^ (depth - 5)}", "in '${2 ^ (depth - 5)}': the exponent -1 is negative"},
        {"${2 ^ }", "in '${2 ^ }': expected a number, a name or '(' at the end"},
        {"${1 = 1}", "in '${1 = 1}': expected an operator, such as + or ==, found '='"},
        {"${1 < 2 < 3}", "in '${1 < 2 < 3}': expected an operator, such as + or ==, found '<'"},
        {"${1 and}", "in '${1 and}': expected a number, a name or '(' at the end"},
        {"${1 & 1}", "in '${1 & 1}': expected an operator, such as + or ==, found '&'"},
        {"${not}", "in '${not}': expected a number, a name or '(' at the end"},
        {"${min}", "in '${min}': expected '(' at the end"},
        {"${max()}", "in '${max()}': expected a number, a name or '(', found ')'"},
        {"${max(1, 2}", "in '${max(1, 2}': expected ')' at the end"},
        {"${max(1 2)}", "in '${max(1 2)}': expected ')', found '2'"},
        {"${--------------------------------1}", NULL},
        {"${---------------------------------1}",
         "in '${---------------------------------1}': nested more than 32 deep"},
        {"${1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1}",
         "in '${1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1}': nested more "
         "than 32 deep"},
    };
    struct expression_scope scope = {names, 2, false};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value;
        struct error error = {0};
        enum status status = expression_evaluate(cases[i].text, &scope, &value, &error);
        CU_ASSERT_EQUAL(status, cases[i].message ? STATUS_CONFIG : STATUS_OK);
        CU_ASSERT_STRING_EQUAL(error.message, cases[i].message ? cases[i].message : "");
    }
    scope.lenient = true;
    int64_t value;
    CU_ASSERT_EQUAL(expression_evaluate("${1 / 0 + 9223372036854775808 + 2 ^ -1 + 3 ^ 99}", &scope,
                                        &value, NULL),
                    STATUS_OK);
    CU_ASSERT_EQUAL(expression_evaluate("${widht}", &scope, &value, NULL), STATUS_CONFIG);
}

void expression_suite(void);

void expression_suite(void)
{
    CU_pSuite suite = CU_add_suite("expression", NULL, NULL);
    CU_add_test(suite, "expressions have their values", test_expressions);
    CU_add_test(suite, "wrong expressions are explained", test_expression_mistakes);
}
