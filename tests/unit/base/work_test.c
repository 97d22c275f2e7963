/* What a process says that it is at: counts within counts, seen from outside; and how wide it is.
 */
#include "base/columns.h"
#include "base/parallel.h"
#include "base/work.h"

#include <CUnit/CUnit.h>
#include <string.h>

void work_suite(void);

static struct work work;

static void test_steps(void)
{
    work_step(NULL);
    CU_ASSERT_FALSE(work_look(&work));
    work_step("reading data");
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT_STRING_EQUAL(work.step, "reading data");
    CU_ASSERT_EQUAL(work.total, 0);
    int count = work_begin(8, "files");
    work_did(count, 3);
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT_STRING_EQUAL(work.unit, "files");
    CU_ASSERT(work.done == 3 && work.total == 8 && work.share == 3.0 / 8);
    work_step("labelling"); /* a count that an error left open is not taken along */
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT_STRING_EQUAL(work.step, "labelling");
    CU_ASSERT_EQUAL(work.total, 0);
    work_step(NULL);
}

/* A unit of the outer count is as far as the inner one; several inner ones, one after the other,
 * never take anything back. */
static void test_nested(void)
{
    int outer = work_begin(4, "combinations");
    work_did(outer, 1);
    for (int round = 0; round < 2; round++) {
        int inner = work_begin(10, "images");
        work_did(inner, round ? 2 : 5);
        CU_ASSERT_TRUE(work_look(&work));
        CU_ASSERT_STRING_EQUAL(work.unit, "combinations");
        CU_ASSERT_EQUAL(work.done, 1);
        CU_ASSERT_DOUBLE_EQUAL(work.share, 1.5 / 4, 1e-12);
        work_end(inner);
    }
    int left_open = work_begin(3, "images");
    CU_ASSERT(left_open > outer);
    work_end(outer);
    CU_ASSERT_FALSE(work_look(&work));
}

static void test_together(void)
{
    int outer = work_begin(100, "images");
    work_did(outer, 40);
    work_covers(outer, 30); /* a batch of 30, whose parts are half done */
    int inner = work_begin(60, "parts");
    work_did(inner, 30);
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT_EQUAL(work.done, 55);
    work_end(outer);
    outer = work_gather(10, "images");
    inner = work_begin(4, "images"); /* part of the ten */
    work_did(inner, 4);
    work_end(inner);
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT(work.done == 4 && work.total == 10);
    work_end(outer);
    CU_ASSERT_FALSE(work_look(&work));
}

static void test_skipped(void)
{
    int count = work_begin(100, "images");
    work_skip(count, 60);
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT(work.done == 60 && work.rate == 0 && work.left == 0);
    work_did(count, 20);
    CU_ASSERT_TRUE(work_look(&work));
    CU_ASSERT_DOUBLE_EQUAL(work.rate * work.seconds, 20, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(work.left, work.seconds, 1e-6 * work.seconds); /* 20 more */
    work_end(count);
}

static void count_within(void *context, size_t index, int thread)
{
    (void)context, (void)index, (void)thread;
    int within = work_begin(1000, "iterations");
    work_did(within, 999);
    work_end(within);
}

/* However many threads: each index counts once, and what they count within is theirs alone. */
static void test_loops(void)
{
    for (int threads = 1; threads <= 3; threads++) {
        int outer = work_gather(50, "images");
        parallel_count(threads, 50, "images", count_within, NULL);
        CU_ASSERT_TRUE(work_look(&work));
        CU_ASSERT(work.done == 50 && work.share == 1);
        work_end(outer);
    }
}

static int overs;

static void on_over(void)
{
    overs++;
}

static void test_listener(void)
{
    overs = 0;
    work_listen(on_over);
    int outer = work_begin(2, "images"), inner = work_begin(2, "parts");
    work_end(inner);
    CU_ASSERT_EQUAL(overs, 0);
    work_end(outer);
    CU_ASSERT_EQUAL(overs, 1);
    work_step("drawing");
    work_step(NULL);
    CU_ASSERT_EQUAL(overs, 3);
    work_listen(NULL);
}

static void test_columns(void)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {{"", 0},      {"abc", 3},      {"é", 1},        {"e\xCC\x81", 1},
                 {"日本", 4},  {"한글", 4},     {"🙂!", 3},    {"\xFF\xFE", 2},
                 {"a\xE6", 2}, {"ｆｕｌｌ", 8}, {"½ µ … – ×", 9}};

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        CU_ASSERT_EQUAL(columns_count(cases[c].text, strlen(cases[c].text)), cases[c].columns);
    CU_ASSERT_EQUAL(columns_fit("日本語", 9, 5), 6); /* no half of a character */
    CU_ASSERT_EQUAL(columns_fit("日本語", 9, 6), 9);
    CU_ASSERT_EQUAL(columns_fit_words("two words", 9, 5), 3);
    CU_ASSERT_EQUAL(columns_fit_words("two words", 9, 3), 3);
    CU_ASSERT_EQUAL(columns_fit_words("two words", 9, 9), 9);
    CU_ASSERT_EQUAL(columns_fit_words("undivided", 9, 5), 5);
    CU_ASSERT_EQUAL(columns_fit_words("two", 3, 0), 0);
}

void work_suite(void)
{
    CU_pSuite suite = CU_add_suite("work", NULL, NULL);
    CU_add_test(suite, "steps", test_steps);
    CU_add_test(suite, "counts within counts", test_nested);
    CU_add_test(suite, "batches and parts", test_together);
    CU_add_test(suite, "what was done before", test_skipped);
    CU_add_test(suite, "loops of several threads", test_loops);
    CU_add_test(suite, "the end is told", test_listener);
    CU_add_test(suite, "columns", test_columns);
}
