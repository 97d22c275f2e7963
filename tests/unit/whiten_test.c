/* Eigenvectors, and the whitening filters made of them. */
#include "base/random.h"
#include "math/eigen.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <string.h>

void whiten_suite(void);

enum { SIZE = 27 };

static void noise(double *values, size_t count, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = random_normal(&stream);
}

/* A v = lambda v, vectors orthonormal, values falling. */
static void test_eigen(void)
{
    static double a[SIZE * SIZE], kept[SIZE * SIZE], vectors[SIZE * SIZE], values[SIZE];

    noise(kept, (size_t)SIZE * SIZE, 1);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < i; j++)
            kept[j * SIZE + i] = kept[i * SIZE + j];
    memcpy(a, kept, sizeof a);
    eigen_symmetric(SIZE, a, values, vectors);
    for (int v = 0; v < SIZE; v++) {
        for (int i = 0; i < SIZE; i++) {
            double image = 0;
            for (int k = 0; k < SIZE; k++)
                image += kept[i * SIZE + k] * vectors[v * SIZE + k];
            CU_ASSERT_DOUBLE_EQUAL(image, values[v] * vectors[v * SIZE + i], 1e-12);
        }
        for (int u = 0; u <= v; u++) {
            double product = 0;
            for (int k = 0; k < SIZE; k++)
                product += vectors[u * SIZE + k] * vectors[v * SIZE + k];
            CU_ASSERT_DOUBLE_EQUAL(product, u == v, 1e-12);
        }
        CU_ASSERT(v == 0 || values[v - 1] >= values[v]);
    }
}

static void test_eigen_known(void)
{
    double a[4] = {2, 1, 1, 2}, values[2], vectors[4], zero[4] = {0};

    eigen_symmetric(2, a, values, vectors);
    CU_ASSERT_DOUBLE_EQUAL(values[0], 3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(values[1], 1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(vectors[0], sqrt(0.5), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(vectors[1], sqrt(0.5), 1e-15);
    eigen_symmetric(2, zero, values, vectors);
    CU_ASSERT(values[0] == 0 && values[1] == 0 && vectors[0] == 1 && vectors[3] == 1);
}

void whiten_suite(void)
{
    CU_pSuite suite = CU_add_suite("whiten", NULL, NULL);
    CU_add_test(suite, "eigenvectors of a random symmetric matrix", test_eigen);
    CU_add_test(suite, "eigenvectors that are known", test_eigen_known);
}
