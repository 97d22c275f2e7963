/* Lifetimes and places of buffers. */
#include "graph/buffers.h"

#include "base/random.h"

#include <CUnit/CUnit.h>
#include <stdint.h>

void buffers_suite(void);

enum { MOST = 60, ROUNDS = 300 };

static bool overlap(size_t a_first, size_t a_end, size_t b_first, size_t b_end)
{
    return a_first < b_end && b_first < a_end;
}

/* No two buffers that are alive at one moment share a byte; all lie inside of the block. */
static void check_places(const struct buffer_plan *plan)
{
    for (size_t a = 0; a < plan->count; a++) {
        const struct buffer *x = &plan->buffers[a];
        CU_ASSERT_EQUAL(x->offset % MEMORY_ALIGNMENT, 0);
        CU_ASSERT(x->offset + x->bytes <= plan->bytes);
        for (size_t b = 0; b < a; b++) {
            const struct buffer *y = &plan->buffers[b];
            CU_ASSERT_FALSE(
                overlap(x->first, x->last + 1, y->first, y->last + 1) &&
                overlap(x->offset, x->offset + x->bytes, y->offset, y->offset + y->bytes));
        }
    }
}

static size_t rounded(size_t bytes)
{
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

/* What all need that are alive at a moment, at most; and what they would need side by side. */
static void bounds(const struct buffer_plan *plan, size_t *least, size_t *most)
{
    *least = *most = 0;
    for (size_t a = 0; a < plan->count; a++) {
        size_t alive = 0, moment = plan->buffers[a].first;
        for (size_t b = 0; b < plan->count; b++)
            if (plan->buffers[b].first <= moment && plan->buffers[b].last >= moment)
                alive += plan->buffers[b].bytes;
        *least = alive > *least ? alive : *least;
        *most += rounded(plan->buffers[a].bytes);
    }
}

static void add(struct buffer_plan *plan, size_t bytes, size_t first, size_t last)
{
    size_t index = SIZE_MAX;

    CU_ASSERT_EQUAL_FATAL(buffers_add(plan, bytes, first, last, &index, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(index, plan->count - 1);
}

/* Lifetimes of any length, sizes from nothing to a lot. */
static void random_plan(struct buffer_plan *plan, uint64_t round)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = 6}, RANDOM_GENERATE, round);
    size_t count = 1 + random_below(&stream, MOST), moment = 0;

    for (size_t i = 0; i < count; i++) {
        size_t length = random_below(&stream, random_below(&stream, 4) ? 4 : 30);
        size_t bytes = random_below(&stream, random_below(&stream, 2) ? 300 : 5000);
        moment += random_below(&stream, 3);
        add(plan, bytes, moment, moment + length);
    }
}

static void test_random(void)
{
    size_t shared = 0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct buffer_plan plan = {0}, again = {0};
        size_t least, most;
        random_plan(&plan, round);
        random_plan(&again, round);
        CU_ASSERT_EQUAL_FATAL(buffers_place(&plan, NULL), STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(buffers_place(&again, NULL), STATUS_OK);
        check_places(&plan);
        bounds(&plan, &least, &most);
        CU_ASSERT(plan.bytes >= least && plan.bytes <= most);
        shared += plan.bytes < most;
        CU_ASSERT_EQUAL(plan.bytes, again.bytes);
        for (size_t i = 0; i < plan.count; i++)
            CU_ASSERT_EQUAL(plan.buffers[i].offset, again.buffers[i].offset);
        buffers_release(&plan);
        buffers_release(&again);
    }
    CU_ASSERT(shared > ROUNDS / 2);
}

/* A chain of layers, each of which reads the one before: two buffers do. */
static void test_chain(void)
{
    struct buffer_plan plan = {0};

    for (size_t i = 0; i < 20; i++)
        add(&plan, 1000 - i, i, i + 1);
    CU_ASSERT_EQUAL_FATAL(buffers_place(&plan, NULL), STATUS_OK);
    check_places(&plan);
    CU_ASSERT_EQUAL(plan.bytes, 2 * rounded(1000));
    buffers_release(&plan);
}

static void test_together(void)
{
    struct buffer_plan plan = {0};

    for (size_t i = 0; i < 5; i++)
        add(&plan, 65, 0, 9);
    CU_ASSERT_EQUAL_FATAL(buffers_place(&plan, NULL), STATUS_OK);
    check_places(&plan);
    CU_ASSERT_EQUAL(plan.bytes, 5 * 2 * MEMORY_ALIGNMENT);
    buffers_release(&plan);
}

static void test_none(void)
{
    struct buffer_plan plan = {0};

    CU_ASSERT_EQUAL(buffers_place(&plan, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(plan.bytes, 0);
    buffers_release(&plan);
}

static void test_too_large(void)
{
    struct buffer_plan plan = {0};
    struct error error = {0};

    for (size_t i = 0; i < 3; i++)
        add(&plan, SIZE_MAX / 2, 0, 1);
    CU_ASSERT_EQUAL(buffers_place(&plan, &error), STATUS_MEMORY);
    CU_ASSERT_STRING_EQUAL(error.message, "a shard's values do not fit in memory");
    buffers_release(&plan);
}

static void test_allocation(void)
{
    for (size_t n = 1;; n++) {
        struct buffer_plan plan = {0};
        enum status status = STATUS_OK;
        size_t index;
        memory_fail_at(n);
        for (size_t i = 0; i < 20 && status == STATUS_OK; i++)
            status = buffers_add(&plan, 100, i, i + 2, &index, NULL);
        if (status == STATUS_OK)
            status = buffers_place(&plan, NULL);
        memory_fail_at(0);
        buffers_release(&plan);
        if (status == STATUS_OK) {
            CU_ASSERT(n > 3);
            return;
        }
        CU_ASSERT_EQUAL_FATAL(status, STATUS_MEMORY);
    }
}

void buffers_suite(void)
{
    CU_pSuite suite = CU_add_suite("buffers", NULL, NULL);
    CU_add_test(suite, "random lifetimes never share memory while alive", test_random);
    CU_add_test(suite, "a chain needs two", test_chain);
    CU_add_test(suite, "buffers that live together lie side by side", test_together);
    CU_add_test(suite, "no buffers", test_none);
    CU_add_test(suite, "sizes that cannot be added up", test_too_large);
    CU_add_test(suite, "every allocation may fail", test_allocation);
}
