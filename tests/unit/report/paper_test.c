/* The paper's numbers: what each says, chosen from results files. */
#include "report/paper/paper_private.h"
#include "results/plan_compat.h"
#include "tests/unit/paper_results.h"
#include "tests/unit/report_results.h"

void paper_suite(void);

/* The number that `fields` describe, of six.h5. */
static void check_number(const char *fields, const char *expected)
{
    char path[SCRATCH_PATH], yaml[512];
    struct text told = {0};
    struct paper paper;

    snprintf(yaml, sizeof yaml, "results: [six]\nnumbers:\n  - {name: X, results: six, %s}\n",
             fields);
    write_file(scratch_path(path, "number.yaml"), yaml);
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    if (paper.number_count == 1 && paper.numbers[0].text) {
        CU_ASSERT_STRING_EQUAL(paper.numbers[0].text, expected);
        if (strcmp(paper.numbers[0].text, expected) != 0)
            printf("%s: expected %s, found %s\n", fields, expected, paper.numbers[0].text);
    } else {
        CU_FAIL("there is no number");
    }
    paper_release(&paper);
    text_release(&told);
}

static void test_numbers(void)
{
    make_results(0);
    check_number("column: network.test.ssim, where: {network.width: 4}, digits: 3", "0.720");
    check_number(
        "column: network.test.ssim, where: {network.width: 4}, reduce: interval, as: points",
        "72.0 [67.0, 77.0]");
    check_number("column: network.test.ssim, where: {network.width: 4.0}, reduce: low, digits: 4",
                 "0.6703");
    check_number("column: network.test.ssim, where: {network.width: [4]}, reduce: high, digits: 4",
                 "0.7697");
    /* 0.10, 0.08, 0.09: a deviation of 0.01 */
    check_number(
        "column: network.test.ssim, where: {network.width: 8}, against: {network.width: 4}, "
        "reduce: interval, as: points, sign: true",
        "+9.0 [+6.5, +11.5]");
    /* t = 15.588 with two degrees of freedom: 1 - t / sqrt(2 + t^2) */
    check_number(
        "column: network.test.ssim, where: {network.width: 8}, against: {network.width: 4}, "
        "reduce: p_value, digits: 4",
        "0.0041");
    check_number(
        "column: network.test.ssim, where: {network.width: 8}, against: {network.width: 4}, "
        "reduce: p_value, digits: 2",
        "\\ensuremath{<}0.01");
    check_number("column: network.test.ssim, minus: pipeline.test.ssim, where: {network.width: 8}, "
                 "reduce: interval, as: points, sign: true",
                 "+2.0 [$-$0.5, +4.5]");
    check_number("column: network.test.ssim, minus: pipeline.test.ssim, where: {network.width: 4}, "
                 "as: percent",
                 "$-$7.0\\,\\%");
    check_number("column: network.test.ssim, reduce: minimum, digits: 2", "0.70");
    check_number("column: network.test.ssim, reduce: maximum, digits: 2", "0.83");
    check_number("column: network.test.ssim, reduce: sum, digits: 2", "4.59");
    check_number("reduce: count, digits: 0", "6");
    check_number("reduce: count, digits: 0, where: {network.width: 4}", "3");
    check_number("reduce: replicates, digits: 0", "3");
    check_number("column: network.multiply_adds, where: {network.width: 8}, digits: 0", "65,536");
    check_number("column: network.multiply_adds, where: {network.width: 8}, as: thousands", "65.5");
    check_number("column: hardware.tpu_v1.energy_j, where: {network.width: 8}, as: micro", "4.0");
    check_number("column: network.comparisons, sign: true", "0.0");
    check_number("column: network.multiply_adds, where: {network.width: 8}, as: words", "65,536");
}

static void check_words(double value, int digits, bool sign, const char *expected)
{
    struct paper_number number = {.digits = digits, .sign = sign};
    struct text text = {0};

    while (strcmp(paper_forms[number.form], "words") != 0)
        number.form++;
    paper_format(&number, value, true, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, expected);
    text_release(&text);
}

/* A million is a word, also where rounding makes it one; below, all digits stand there. */
static void test_words(void)
{
    check_words(0, 2, false, "0");
    check_words(999.4, 2, false, "999");
    check_words(-25076, 2, false, "$-$25,076");
    check_words(999999.4, 2, false, "999,999");
    check_words(999999.5, 2, false, "1.00 million");
    check_words(5867264, 2, true, "+5.87 million");
    check_words(1234567891234.0, 1, false, "1,234,567.9 million");
}

/* 3 and 2 times 1 - t / sqrt(2 + t^2) for t^2 = 243 and 147, then it itself for 12: the values are
 * corrected together, but for what is of another family. */
static const char families[] =
    "results: [six]\n"
    "later: [seven]\n"
    "numbers:\n"
    "  - {name: Third, results: six, column: network.test.ssim, minus: pipeline.test.ssim,\n"
    "     where: {network.width: 8}, reduce: p_value, digits: 4, family: Shown}\n"
    "  - {name: First, results: six, column: network.test.ssim, where: {network.width: 8},\n"
    "     against: {network.width: 4}, reduce: p_value, digits: 4, family: Shown}\n"
    "  - {name: Second, results: six, column: network.test.ssim, minus: pipeline.test.ssim,\n"
    "     where: {network.width: 4}, reduce: p_value, digits: 4, family: Shown}\n"
    "  - {name: Alone, results: six, column: network.test.ssim, where: {network.width: 8},\n"
    "     against: {network.width: 4}, reduce: p_value, digits: 4, family: Other}\n"
    "  - {name: Tests, results: six, family: Shown, reduce: tests, digits: 0}\n"
    "  - {name: Below, results: six, family: Shown, reduce: significant, digits: 0}\n"
    "  - {name: Early, results: six, column: network.test.ssim, where: {network.width: 8},\n"
    "     against: {network.width: 4}, reduce: p_value, family: Late}\n"
    "  - {name: Late, results: seven, column: network.test.ssim, reduce: p_value, family: Late}\n"
    "  - {name: LateTests, results: six, family: Late, reduce: tests}\n";

static void test_families(void)
{
    static const char *const expected[] = {"0.0742", "0.0123", "0.0135", "0.0041", "3",
                                           "2",      NULL,     NULL,     NULL};
    char path[SCRATCH_PATH];
    struct text told = {0};
    struct paper paper;

    make_results(0);
    write_file(scratch_path(path, "families.yaml"), families);
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    CU_ASSERT_EQUAL_FATAL(paper.number_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < paper.number_count; i++)
        if (expected[i])
            CU_ASSERT_STRING_EQUAL(paper.numbers[i].text, expected[i])
        else
            CU_ASSERT_PTR_NULL(paper.numbers[i].text);
    paper_release(&paper);
    text_release(&told);
}

/* One item, a number for every choice; what `against` says itself stays. */
static void test_each(void)
{
    static const char yaml[] =
        "results: [six]\n"
        "numbers:\n"
        "  - {name: Score, results: six, column: network.test.ssim, digits: 3,\n"
        "     each: [{Small: {network.width: 4}, Large: {network.width: 8}},\n"
        "            {First: {replicate: 0}, Last: {replicate: 2}}]}\n"
        "  - {name: Gain, results: six, column: network.test.ssim, digits: 3, sign: true,\n"
        "     each: [{Large: {network.width: 8, replicate: [0, 2]}}],\n"
        "     against: {network.width: 4}}\n"
        "  - {name: Plain, results: six, reduce: count, digits: 0}\n";
    static const char *const expected[][2] = {
        {"ScoreSmallFirst", "0.700"}, {"ScoreSmallLast", "0.740"}, {"ScoreLargeFirst", "0.800"},
        {"ScoreLargeLast", "0.830"},  {"GainLarge", "+0.095"},     {"Plain", "6"}};
    char path[SCRATCH_PATH];
    struct text told = {0};
    struct paper paper;

    make_results(0);
    write_file(scratch_path(path, "each.yaml"), yaml);
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    CU_ASSERT_EQUAL_FATAL(paper.number_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < paper.number_count; i++) {
        CU_ASSERT_STRING_EQUAL(paper.numbers[i].name, expected[i][0]);
        CU_ASSERT_STRING_EQUAL(paper.numbers[i].text, expected[i][1]);
        if (strcmp(paper.numbers[i].text, expected[i][1]) != 0)
            printf("%s: %s\n", paper.numbers[i].name, paper.numbers[i].text);
    }
    paper_release(&paper);
    text_release(&told);
}

/* Texts, and the trials of the right-sized network. */
static void test_selected(void)
{
    int64_t trials[3] = {3, 4, 5};
    struct hdf5_array array = {.type = HDF5_INT64, .rank = 1, .dims = {3}, .values = trials};
    char path[SCRATCH_PATH];
    struct hdf5 file;

    make_results(0);
    OK(hdf5_open(&file, scratch_path(path, "six.h5"), true, &error));
    OK(hdf5_write_text(&file, "/selection/about", "because", &error));
    OK(hdf5_write(&file, "/selection/trials", &array, &error));
    OK(hdf5_close(&file, &error));
    check_number("column: network.width, where: selected, reduce: value", "8");
    check_number("column: network.width, where: selected, digits: 0", "8");
    check_number("column: network.test.ssim, where: selected, against: {network.width: 4}, "
                 "reduce: interval, as: points, sign: true",
                 "+9.0 [+6.5, +11.5]");
    check_number("reduce: count, where: selected, digits: 0", "3");
    check_number("column: status, reduce: value", "done");
}

/* The time that workers took, of each trial, added up. */
static void test_work(void)
{
    double seconds[6] = {30, 60, 0, 90, 120, 60};
    struct hdf5_array array = {.type = HDF5_FLOAT64, .rank = 1, .dims = {6}, .values = seconds};
    char path[SCRATCH_PATH];
    struct text told = {0}, text = {0};
    struct paper paper;
    struct hdf5 file;

    make_results(0);
    OK(hdf5_open(&file, scratch_path(path, "six.h5"), true, &error));
    OK(hdf5_write(&file, "/timing/seconds", &array, &error));
    OK(hdf5_close(&file, &error));
    check_number("reduce: time, as: minutes", "6.0");
    write_file(scratch_path(path, "work.yaml"), "results: [six]\n");
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    paper_results_text(&paper, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "six & 6 & -- & 6.0 & "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "all together & 6 & 0.0 & 6.0 & "));
    paper_release(&paper);
    text_release(&told);
    text_release(&text);
}

/* Widths 4 and 8 of means a, b in each replicate: (a + b) / 2 is reached at the root of 4 * 8. */
static void test_along(void)
{
    make_results(0);
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, against: "
                 "{network.width: [4, 8]}, "
                 "reduce: interval, digits: 3",
                 "5.657 [5.657, 5.657]");
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, against: "
                 "{network.width: [4, 8]}, "
                 "saved: true, digits: 3",
                 "$-$0.343");
    check_number("column: network.test.ssim, along: network.width, interpolate: linear, against: "
                 "{network.width: [4, 8]}, reduce: interval, digits: 3",
                 "6.000 [6.000, 6.000]");
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, against: "
                 "{network.width: 8}, "
                 "digits: 0",
                 "8");
    /* The pipeline's score lies at 0.8, 7/8 and 2/3 of the way up: 4 (2^0.8 + 2^(7/8) + 2^(2/3)) /
     * 3 */
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, against: "
                 "{network.width: 8}, "
                 "target: pipeline.test.ssim, digits: 3",
                 "6.883");
    /* 4 + 4 (0.8 + 7/8 + 2/3) / 3 */
    check_number("column: network.test.ssim, along: network.width, interpolate: linear, against: "
                 "{network.width: 8}, "
                 "target: pipeline.test.ssim, digits: 3",
                 "7.122");
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, where: "
                 "{network.width: 4}, "
                 "against: {network.width: 8}, reduce: interval, digits: 0",
                 "\\ensuremath{>}4");
    check_number("column: network.test.ssim, along: network.width, interpolate: ratios, where: "
                 "{network.width: 8}, "
                 "against: {network.width: 4}, digits: 0",
                 "\\ensuremath{<}8");
}

/* Trial i's curve is 0.5 + i / 100, 0.6, 0.65: trials 4 and 5 are at 0.535 after one epoch. */
static void test_reach(void)
{
    make_results(0);
    check_number("column: validation.ssim, reach: 0.535, where: {network.width: 4}", "2.0");
    check_number("column: validation.ssim, reach: 0.535, where: {network.width: 8}, digits: 3",
                 "1.333");
    check_number("column: validation.ssim, reach: 0.535, where: {network.width: 8}, "
                 "against: {network.width: 4}, reduce: interval",
                 "$-$0.7 [$-$2.1, 0.8]");
    check_number("column: validation.ssim, reach: 0.5, reduce: maximum, digits: 0", "1");
    check_number("column: validation.ssim, reach: 0.65, reduce: minimum, digits: 0", "3");
}

/* What failed is no part of any number. */
static void test_failed(void)
{
    make_results(1u << 2);
    check_number("column: network.test.ssim, where: {network.width: 4}, digits: 3", "0.710");
    check_number("reduce: count, digits: 0", "5");
    check_number("reduce: replicates, digits: 0, where: {network.width: 4}", "2");
}

void paper_suite(void)
{
    CU_pSuite suite = CU_add_suite("paper", NULL, NULL);
    CU_add_test(suite, "numbers by hand", test_numbers);
    CU_add_test(suite, "a million in words", test_words);
    CU_add_test(suite, "families of tests", test_families);
    CU_add_test(suite, "a number for every choice", test_each);
    CU_add_test(suite, "the right-sized network", test_selected);
    CU_add_test(suite, "time of work", test_work);
    CU_add_test(suite, "where a line comes to a value", test_along);
    CU_add_test(suite, "the epoch after which a curve is at a score", test_reach);
    CU_add_test(suite, "failed trials", test_failed);
}
