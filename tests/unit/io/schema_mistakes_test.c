/* io/schema: what is wrong with an experiment's text, a line a mistake. */
#include "io/schema/schema.h"
#include "tests/unit/schema_sample.h"
#include "tests/unit/schema_table.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void schema_mistakes_suite(void);

struct bad {
    const char *yaml, *said;
};

static void check_bad(const struct bad *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        struct text said = {0};
        struct sample sample;
        read_sample(cases[i].yaml, &sample, &arena, &said);
        CU_ASSERT_STRING_EQUAL(said.bytes, cases[i].said);
        if (strcmp(said.bytes, cases[i].said) != 0)
            printf("for:\n%s\nsaid:\n%s\nexpected:\n%s\n", cases[i].yaml, said.bytes,
                   cases[i].said);
        text_release(&said);
        arena_release(&arena);
    }
}

#define CHECK_BAD(cases) check_bad(cases, sizeof cases / sizeof *cases)

static void test_keys(void)
{
    static const struct bad cases[] = {
        {"name: a\nepohcs: 3\n", "x.yaml:2:1: epohcs: unknown key; did you mean 'epochs'?"},
        {"name: a\nzzzzzzzz: 3\n", "x.yaml:2:1: zzzzzzzz: unknown key"},
        {"name: a\npatch: {sice: 3}\n",
         "x.yaml:2:9: patch.sice: unknown key; did you mean 'size'?"},
        {"name: a\npatch:\n  q: 3\n",
         "x.yaml:3:3: patch.q: unknown key; expected one of: size, per_image"},
        {"task: denoise\n", "x.yaml:1:1: required key 'name' is missing"},
        {"name: a\nstages: [identity: {a: 1}]\n",
         "x.yaml:2:21: stages[0].identity.a: unknown key; there are no settings"},
        {"name: a\nfilter:\n  method: random\n",
         "x.yaml:2:1: filter: required key 'fraction' is missing"},
        {"name: a\nlast: sharpen\n", "x.yaml:2:7: last.sharpen: required key 'amount' is missing"},
        {"[a, b]", "x.yaml:1:1: expected a mapping, found a list"},
        {"hello", "x.yaml:1:1: expected a mapping, found 'hello'"},
        {"name: a\npatch: [1]\n", "x.yaml:2:8: patch: expected a mapping, found a list"},
        {"name: a\npatch: 3\n", "x.yaml:2:8: patch: expected a mapping, found '3'"},
        {"'1': 2\nname: a\n\"b\\tc\": 1\n", "x.yaml:1:1: 1: unknown key\n"
                                            "x.yaml:3:1: b c: unknown key"},
    };
    CHECK_BAD(cases);
}

static void test_numbers(void)
{
    static const struct bad cases[] = {
        {"name: a\nepochs: many\n",
         "x.yaml:2:9: epochs: 'many' is not a whole number; expected 1 to 100000"},
        {"name: a\nepochs: 0\n", "x.yaml:2:9: epochs: 0 is out of range; expected 1 to 100000"},
        {"name: a\nepochs: 1.5\n",
         "x.yaml:2:9: epochs: '1.5' is not a whole number; expected 1 to 100000"},
        {"name: a\nepochs: 99999999999999999999\n",
         "x.yaml:2:9: epochs: 99999999999999999999 is out of range; expected 1 to 100000"},
        {"name: a\nepochs: '3'\n",
         "x.yaml:2:9: epochs: '3' in quotes is text; expected a number without quotes"},
        {"name: a\nepochs: 010\n", "x.yaml:2:9: epochs: 010 is ambiguous; write it without leading "
                                   "zeros, or octal as 0o10"},
        {"name: a\nepochs: [1]\n", "x.yaml:2:9: epochs: expected a whole number, found a list"},
        {"name: a\nepochs:\n", "x.yaml:2:8: epochs: expected a whole number, found nothing"},
        {"name: a\nepochs: {a: 1}\n",
         "x.yaml:2:9: epochs: expected a whole number, found a mapping"},
        {"name: a\nepochs: {tune: [1]}\n",
         "x.yaml:2:9: epochs: this cannot be tuned; expected a whole number"},
        {"name: a\nseed: x\n", "x.yaml:2:7: seed: 'x' is not a whole number"},
        {"name: a\nseed: -9223372036854775809\n",
         "x.yaml:2:7: seed: -9223372036854775809 is out of range; a whole number has at most 64 "
         "bits"},
        {"name: a\nseed: 1111111111111111111111111111111111111111111111111111111111111111111111111"
         "11111111111111111111111111111111111111\n",
         "x.yaml:2:7: seed: a number of 111 characters; expected at most 100"},
        {"name: a\nimages: most\n", "x.yaml:2:9: images: 'most' is not a whole number; expected 1 "
                                    "to 60000, or all"},
        {"name: a\nimages: 0\n",
         "x.yaml:2:9: images: 0 is out of range; expected 1 to 60000, or all"},
        {"name: a\nimages:\n  - 1\n",
         "x.yaml:3:3: images: expected a whole number, or all, found a list"},
        {"name: a\nrate: .inf\n",
         "x.yaml:2:7: rate: '.inf' is not a finite number; expected 1e-09 to 10"},
        {"name: a\nrate: -.NaN\n",
         "x.yaml:2:7: rate: '-.NaN' is not a finite number; expected 1e-09 to 10"},
        {"name: a\nrate: nan\n", "x.yaml:2:7: rate: 'nan' is not a number; expected 1e-09 to 10"},
        {"name: a\nrate: 11\n", "x.yaml:2:7: rate: 11 is out of range; expected 1e-09 to 10"},
        {"name: a\nrate: 1e999\n", "x.yaml:2:7: rate: 1e999 is out of range; expected 1e-09 to 10"},
        {"name: a\nlast: {sharpen: {amount: 1e999}}\n",
         "x.yaml:2:26: last.sharpen.amount: 1e999 is out of range; a number is at most 1.8e308"},
        {"name: a\npatch: {size: 5000, per_image: 0}\n",
         "x.yaml:2:15: patch.size: 5000 is out of range; expected 0 to 4096 pixels\n"
         "x.yaml:2:32: patch.per_image: 0 is out of range; expected at least 1"},
        {"name: a\nlevels: [0, 256, x]\n",
         "x.yaml:2:13: levels[1]: 256 is out of range; expected 0 to 255 grey levels\n"
         "x.yaml:2:18: levels[2]: 'x' is not a number; expected 0 to 255 grey levels"},
        {"name: a\nlevels: {a: 1}\n", "x.yaml:2:9: levels: expected a list, found a mapping"},
    };
    CHECK_BAD(cases);
}

static void test_words(void)
{
    static const struct bad cases[] = {
        {"name: [a]\n", "x.yaml:1:7: name: expected a text, found a list"},
        {"name:\n", "x.yaml:1:6: name: expected a text, found nothing"},
        {"name: a\ntask: denoize\n",
         "x.yaml:2:7: task: unknown choice 'denoize'; did you mean 'denoise'?"},
        {"name: a\ntask: x\n",
         "x.yaml:2:7: task: unknown choice 'x'; expected one of: denoise, classify"},
        {"name: a\ntask: {}\n",
         "x.yaml:2:7: task: expected one of: denoise, classify, found a mapping"},
        {"name: a\nverbose: maybe\n",
         "x.yaml:2:10: verbose: expected true or false, found 'maybe'"},
        {"name: a\nverbose: 'no'\n", "x.yaml:2:10: verbose: 'no' in quotes is text; expected "
                                     "true or false without quotes"},
        {"name: a\nhardware: [a, [b]]\n",
         "x.yaml:2:15: hardware[1]: expected a text, found a list"},
        {"name: a\nhardware:\n", "x.yaml:2:10: hardware: expected a list, found nothing"},
    };
    CHECK_BAD(cases);
}

static void test_components(void)
{
    static const struct bad cases[] = {
        {"name: a\nstages:\n  - median\n  - gausian: {sigma: 1}\n",
         "x.yaml:4:5: stages[1].gausian: unknown stage; did you mean 'gaussian'?"},
        {"name: a\nstages: [blurr]\n", "x.yaml:2:10: stages[0].blurr: unknown stage; expected one "
                                       "of: gaussian, identity, median, sharpen"},
        {"name: a\nstages:\n  - gaussian: {sigma: 0, sigmo: 1}\n",
         "x.yaml:3:23: stages[0].gaussian.sigma: 0 is out of range; expected 0.1 to 100 pixels\n"
         "x.yaml:3:26: stages[0].gaussian.sigmo: unknown key; did you mean 'sigma'?"},
        {"name: a\nstages: median\n", "x.yaml:2:9: stages: expected a list, found 'median'"},
        {"name: a\nstages: {median: {}}\n", "x.yaml:2:9: stages: expected a list, found a mapping"},
        {"name: a\nstages:\n",
         "x.yaml:2:8: stages: expected a list, found nothing; write [] for an empty list"},
        {"name: a\nstages:\n  - median:\n    radius: 1\n",
         "x.yaml:3:5: stages[0]: expected one stage, found 2 keys; indent the settings below the "
         "name"},
        {"name: a\nstages: [~, [a], {}]\n",
         "x.yaml:2:10: stages[0]: expected the name of a stage, found nothing\n"
         "x.yaml:2:13: stages[1]: expected the name of a stage, found a list\n"
         "x.yaml:2:18: stages[2]: expected the name of a stage, found a mapping"},
        {"name: a\nstages: [median: 3]\n",
         "x.yaml:2:18: stages[0].median: expected a mapping, found '3'"},
        {"name: a\nfirst: ~\n", "x.yaml:2:8: first: expected the name of a stage, found nothing"},
        {"name: a\nlast: meridian\n", "x.yaml:2:7: last.meridian: unknown stage; did you mean "
                                      "'median'?"},
    };
    CHECK_BAD(cases);
}

static void test_tune_mistakes(void)
{
    static const struct bad cases[] = {
        {"name: a\nstages: [gaussian: {sigma: {tune: []}}]\n",
         "x.yaml:2:35: stages[0].gaussian.sigma.tune: the list is empty; expected at least one "
         "value to try"},
        {"name: a\nstages: [gaussian: {sigma: {tune: 3}}]\n",
         "x.yaml:2:35: stages[0].gaussian.sigma.tune: expected a list of values, found '3'"},
        {"name: a\nstages: [gaussian: {sigma: {tune: [1, 0, x]}}]\n",
         "x.yaml:2:39: stages[0].gaussian.sigma.tune[1]: 0 is out of range; expected 0.1 to 100 "
         "pixels\n"
         "x.yaml:2:42: stages[0].gaussian.sigma.tune[2]: 'x' is not a number; expected 0.1 to 100 "
         "pixels"},
        {"name: a\nstages: [gaussian: {tail: {scale: {tune: [1]}}}]\n",
         "x.yaml:2:35: stages[0].gaussian.tail.scale: this cannot be tuned; expected a number"},
        {"name: a\nfixed: [gaussian: {sigma: {tune: [1]}}]\n",
         "x.yaml:2:27: fixed[0].gaussian.sigma: this cannot be tuned; expected a number"},
        {"name: a\nfirst: {gaussian: {sigma: {tune: [1]}}}\n",
         "x.yaml:2:27: first.gaussian.sigma: this cannot be tuned; expected a number"},
    };
    CHECK_BAD(cases);
}

static void test_selection(void)
{
    static const struct bad cases[] = {
        {"name: a\nfilter: {method: residual_trin, fraction: 7, qqqq: 1}\n",
         "x.yaml:2:18: filter.method: unknown filter 'residual_trin'; did you mean "
         "'residual_trim'?"},
        {"name: a\nfilter: {method: xx, weights: 7}\n",
         "x.yaml:2:18: filter.method: unknown filter 'xx'; expected one of: none, random, "
         "residual_trim\nx.yaml:2:31: filter.weights: expected true or false, found '7'"},
        {"name: a\nfilter: {method: [none]}\n",
         "x.yaml:2:18: filter.method: expected the name of a filter, found a list"},
        {"name: a\nfilter: {method: residual_trim, fractoin: 0.5}\n",
         "x.yaml:2:33: filter.fractoin: unknown key; did you mean 'fraction'?"},
        {"name: a\nfilter: {fraction: 0.5}\n",
         "x.yaml:2:10: filter.fraction: unknown key; expected one of: method, weights"},
        {"name: a\nfilter: {method: residual_trim, fraction: 2}\n",
         "x.yaml:2:43: filter.fraction: 2 is out of range; expected 0 to 1"},
    };
    CHECK_BAD(cases);
}

static void test_all_at_once(void)
{
    static const struct bad cases[] = {
        {"nmae: a\nepochs: 0\nepochs: 2\npatch: {size: -1}\nstages: [blurr, {median: {radius: 0}}]"
         "\n",
         "x.yaml:1:1: required key 'name' is missing\n"
         "x.yaml:1:1: nmae: unknown key; did you mean 'name'?\n"
         "x.yaml:2:9: epochs: 0 is out of range; expected 1 to 100000\n"
         "x.yaml:3:1: epochs: duplicate key; the first is in line 2\n"
         "x.yaml:4:15: patch.size: -1 is out of range; expected 0 to 4096 pixels\n"
         "x.yaml:5:10: stages[0].blurr: unknown stage; expected one of: gaussian, identity, "
         "median, sharpen\n"
         "x.yaml:5:35: stages[1].median.radius: 0 is out of range; expected 1 to 15 pixels"},
    };
    CHECK_BAD(cases);
}

/* A mapping whose kind has no default: a table of its own. */
static void test_missing_choice(void)
{
    static const struct field fields[] = {
        {"name", FIELD_SELECT, 0, .registry = sample_filter_registry, .help = "which"}, {0}};
    static const char yaml[] = "{nmae: random, fraction: 0.5, other: 3}";
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct component component;
    struct yaml_node *root;
    struct error error;

    CU_ASSERT_EQUAL(yaml_parse(&arena, "x", yaml, sizeof yaml - 1, &root, &found, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(schema_read(fields, root, "data", &component, &arena, &found, &error),
                    STATUS_OK);
    CU_ASSERT_PTR_NULL(component.kind);
    CU_ASSERT_EQUAL_FATAL(found.count, 2);
    CU_ASSERT_STRING_EQUAL(found.items[0].message, "required key 'name' is missing");
    CU_ASSERT_STRING_EQUAL(found.items[0].where.path, "data");
    CU_ASSERT_STRING_EQUAL(found.items[1].message, "unknown key; did you mean 'name'?");
    diagnostics_release(&found);
    arena_release(&arena);
}

/* The same with mistakes to note. */
static void test_memory_of_mistakes(void)
{
    static const char yaml[] = "{a: 1, a: 2, epochs: x, stages: [x], filter: {method: q}}";
    for (size_t n = 1; n < 1000; n++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct yaml_node *root;
        struct sample sample;
        struct error error = {0};

        memory_fail_at(n);
        enum status status = yaml_parse(&arena, "x", yaml, sizeof yaml - 1, &root, &found, &error);
        if (status == STATUS_OK)
            status = schema_read(sample_fields, root, "", &sample, &arena, &found, &error);
        memory_fail_at(0);
        size_t count = found.count;
        diagnostics_release(&found);
        arena_release(&arena);
        if (status == STATUS_OK) {
            CU_ASSERT_EQUAL(count, 6);
            CU_ASSERT(n > 3);
            return;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
    CU_FAIL("allocations never end");
}

void schema_mistakes_suite(void)
{
    CU_pSuite suite = CU_add_suite("schema_mistakes", NULL, NULL);
    CU_add_test(suite, "unknown and missing keys", test_keys);
    CU_add_test(suite, "what is wrong with numbers", test_numbers);
    CU_add_test(suite, "what is wrong with words and lists", test_words);
    CU_add_test(suite, "what is wrong with components", test_components);
    CU_add_test(suite, "what is wrong with tuned values", test_tune_mistakes);
    CU_add_test(suite, "a wrong choice brings no further mistakes", test_selection);
    CU_add_test(suite, "all mistakes are listed, in order", test_all_at_once);
    CU_add_test(suite, "a missing choice is guessed", test_missing_choice);
    CU_add_test(suite, "every allocation may fail amid mistakes", test_memory_of_mistakes);
}
