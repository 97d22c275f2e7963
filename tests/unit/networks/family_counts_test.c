/* The families at the settings of their papers have the papers' numbers of parameters. */
#include "graph/network.h"
#include "unit/answers.h"

#include "graph/family.h"
#include "tests/unit/choose_family.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

static const struct counted {
    const char *choice;
    struct shape input;
    int outputs;
    double parameters, multiply_adds; /* the latter of convolutions and dense layers alone */
} counted[] = {
#include "tests/golden/families.inc"
};

enum { COUNTED = sizeof counted / sizeof *counted };

static double products_of(const struct network *network)
{
    double sum = 0;
    struct layer_work *work = calloc(network->count, sizeof *work);

    CU_ASSERT_PTR_NOT_NULL_FATAL(work);
    network_work(network, work);
    for (size_t i = 0; i < network->count; i++)
        if (work[i].k > 0)
            sum += work[i].operations.multiply_adds;
    free(work);
    return sum;
}

static void check_counted(const struct counted *test)
{
    struct arena arena = {0};
    struct component family = choose_family(test->choice, &arena);
    struct shape target = {test->outputs, 1, 1};
    struct network network = {0};
    struct error error = {0};

    if (family_serves(family.kind, CONTENT_IMAGE) || family_serves(family.kind, CONTENT_MASK))
        target = (struct shape){test->outputs, test->input.height, test->input.width};
    CU_ASSERT_EQUAL_FATAL(network_new(&network, &family, test->input, answer_like(target), &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL((double)network.parameters, test->parameters);
    CU_ASSERT_EQUAL(products_of(&network), test->multiply_adds);
    if ((double)network.parameters != test->parameters ||
        products_of(&network) != test->multiply_adds)
        printf("%s: %zu parameters, %.0f multiply-adds\n", test->choice, network.parameters,
               products_of(&network));
    network_release(&network);
    arena_release(&arena);
}

static void test_counts(void)
{
    load_families("networks/families");
    for (size_t i = 0; i < COUNTED; i++)
        check_counted(&counted[i]);
    families_release();
}

/* No family goes without a count. */
static void test_all_counted(void)
{
    load_families("networks/families");
    const struct registry *registry = families_registry();
    for (size_t r = 0; r < registry->count; r++) {
        const char *name = registry->rows[r]->name;
        size_t met = 0;
        for (size_t i = 0; i < COUNTED; i++)
            met += strcspn(counted[i].choice, ",") == strlen(name) &&
                   strncmp(counted[i].choice, name, strlen(name)) == 0;
        CU_ASSERT(met > 0);
        if (met == 0)
            printf("%s has no row in tests/golden/families.py\n", name);
    }
    families_release();
}

void family_counts_suite(void);

void family_counts_suite(void)
{
    CU_pSuite suite = CU_add_suite("family_counts", NULL, NULL);
    CU_add_test(suite, "published networks have their counts", test_counts);
    CU_add_test(suite, "every family is counted", test_all_counted);
}
