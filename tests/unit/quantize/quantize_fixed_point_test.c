/* Products in fixed point, and 8-bit levels of real numbers. */
#include "base/random.h"
#include "quantize/fixed_point.h"
#include "quantize/quantization.h"

#include <CUnit/CUnit.h>
#include <math.h>

void quantize_fixed_point_suite(void);

enum { DRAWS = 200000 };

static void test_factors(void)
{
    static const struct {
        double value;
        int32_t mantissa;
        int shift;
    } rows[] = {
        {0, 0, 0},
        {0.5, 1 << 30, 0},
        {1, 1 << 30, 1},
        {0.25, 1 << 30, -1},
        {0.75, 3 << 29, 0},
        {0.3, 1288490189, -1}, /* 0.6 2^31 = 1288490188.8 */
        {3, 3 << 29, 2},
        {1 - 0x1p-40, 1 << 30, 1}, /* rounded up */
        {0x1p-32, 1 << 30, -31},
        {0x1p-33, 0, 0},
        {0x1p29, 1 << 30, 30},
        {0x1p30, INT32_MAX, 30},
        {INFINITY, INT32_MAX, 30},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixed_factor factor = fixed_factor_of(rows[i].value);
        CU_ASSERT_EQUAL(factor.mantissa, rows[i].mantissa);
        CU_ASSERT_EQUAL(factor.shift, rows[i].shift);
    }
}

static void test_golden(void)
{
    CU_ASSERT_EQUAL(high_product(1 << 30, 1), 1);
    CU_ASSERT_EQUAL(high_product(-(1 << 30), 1), 0);
    CU_ASSERT_EQUAL(high_product(-(1 << 30) - 1, 1), -1);
    CU_ASSERT_EQUAL(high_product(1 << 30, 3), 2);     /* 1.5 */
    CU_ASSERT_EQUAL(high_product(-(1 << 30), 3), -1); /* -1.5 */
    CU_ASSERT_EQUAL(high_product(INT32_MIN, INT32_MIN), INT32_MAX);
    CU_ASSERT_EQUAL(high_product(INT32_MAX, INT32_MAX), INT32_MAX - 1);
    CU_ASSERT_EQUAL(shift_right(5, 0), 5);
    CU_ASSERT_EQUAL(shift_right(5, 1), 3);
    CU_ASSERT_EQUAL(shift_right(-5, 1), -3);
    CU_ASSERT_EQUAL(shift_right(1, 2), 0);
    CU_ASSERT_EQUAL(shift_right(2, 2), 1);
    CU_ASSERT_EQUAL(shift_right(-2, 2), -1);
    CU_ASSERT_EQUAL(shift_right(INT32_MAX, 31), 1);
    CU_ASSERT_EQUAL(shift_right(INT32_MIN, 31), -1);
    CU_ASSERT_EQUAL(fixed_multiply(1000, fixed_factor_of(0.3)), 300);
    CU_ASSERT_EQUAL(fixed_multiply(-1000, fixed_factor_of(0.3)), -300);
    CU_ASSERT_EQUAL(fixed_multiply(7, fixed_factor_of(1)), 7);
    CU_ASSERT_EQUAL(fixed_multiply(7, fixed_factor_of(1000)), 7000);
    /* What a factor above 1 makes too large is kept to 32 bits before the product. */
    CU_ASSERT_EQUAL(fixed_multiply(INT32_MIN, fixed_factor_of(4)), INT32_MIN / 2);
    CU_ASSERT_EQUAL(fixed_multiply(INT32_MAX, fixed_factor_of(4)), 1 << 30);
    CU_ASSERT_EQUAL(fixed_multiply(12345, fixed_factor_of(0)), 0);
    /* 2.4 is 4.8 before the shift, so 5 after the first rounding, and 3 after the second. */
    CU_ASSERT_EQUAL(fixed_multiply(8, fixed_factor_of(0.3)), 3);
}

/* As TensorFlow Lite and gemmlowp write it. */
static int32_t gemmlowp_multiply(int32_t x, int32_t mantissa, int shift)
{
    int left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    int64_t product = (int64_t)(x * (1 << left)) * mantissa;
    int32_t nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
    int32_t high = (int32_t)((product + nudge) / (1LL << 31));
    int32_t mask = (int32_t)((1LL << right) - 1), remainder = high & mask;
    int32_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);

    return (high >> right) + (remainder > threshold ? 1 : 0);
}

static void test_property(void)
{
    struct random_stream stream = random_stream((struct random_key){.seed = 1}, RANDOM_GENERATE, 0);
    size_t unlike = 0, far = 0;

    for (size_t i = 0; i < DRAWS; i++) {
        int bits = (int)random_below(&stream, 31), up = (int)random_below(&stream, 40) - 34;
        int32_t x = (int32_t)(random_u32(&stream) >> (31 - bits)) * (i % 2 ? 1 : -1);
        double value = ldexp(0.5 + random_uniform(&stream) / 2, up);
        struct fixed_factor factor = fixed_factor_of(value);
        double exact = (double)x * value;
        if (fabs(exact) > 0x1p31 - 1 || fabs((double)x) * ldexp(1, up > 0 ? up : 0) >= 0x1p31)
            continue;
        int32_t got = fixed_multiply(x, factor);
        unlike += got != gemmlowp_multiply(x, factor.mantissa, factor.shift);
        /* Half for the second rounding, a quarter or a half for the first, and the mantissa's. */
        far += fabs((double)got - exact) > 1 + fabs(exact) * 0x1p-30;
    }
    CU_ASSERT_EQUAL(unlike, 0);
    CU_ASSERT_EQUAL(far, 0);
}

static void test_ranges(void)
{
    struct quantization q = quantization_of((struct value_range){0, 1});

    CU_ASSERT_EQUAL(q.zero, -128);
    CU_ASSERT_DOUBLE_EQUAL(q.scale, 1 / 255.0, 1e-9);
    q = quantization_of((struct value_range){-1, 3});
    CU_ASSERT_EQUAL(q.zero, -64);                    /* -128 + 63.75 */
    q = quantization_of((struct value_range){2, 5}); /* is widened to hold 0 */
    CU_ASSERT_EQUAL(q.zero, -128);
    CU_ASSERT_DOUBLE_EQUAL(q.scale, 5 / 255.0, 1e-7);
    q = quantization_of((struct value_range){-3, -1});
    CU_ASSERT_EQUAL(q.zero, 127);
    q = quantization_of((struct value_range){0, 0});
    CU_ASSERT(q.zero == 0 && fabsf(q.scale - 1) < 1e-9F);
}

static void test_levels(void)
{
    static const float values[] = {0, 0.5F, -0.5F, 1.49F, 1000, -1000, NAN};
    static const int8_t expected[] = {3, 4, 2, 4, 127, -128, -128};
    struct quantization q = {1, 3};
    int8_t levels[7];
    float real[7];

    quantize_values(q, values, 7, levels);
    for (size_t i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(levels[i], expected[i]);
    dequantize_values(q, levels, 7, real);
    CU_ASSERT(real[0] >= 0 && real[0] <= 0);
    CU_ASSERT_DOUBLE_EQUAL(real[4], 124, 0);
    CU_ASSERT_DOUBLE_EQUAL(real[5], -131, 0);
}

void quantize_fixed_point_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_fixed_point", NULL, NULL);
    CU_add_test(suite, "factors have the nearest mantissa", test_factors);
    CU_add_test(suite, "products round as written", test_golden);
    CU_add_test(suite, "products are TensorFlow Lite's, and near the real ones", test_property);
    CU_add_test(suite, "scale and zero point of a range", test_ranges);
    CU_add_test(suite, "real numbers become levels", test_levels);
}
