/*
 * The inner loop of direct convolution (direct.c). Included once for each instruction set, with
 *
 *   NAME(x)       a name of this instruction set's own
 *   TARGET        the functions' attribute
 *   VECTOR        SPAN floats; NAME(load), NAME(load_some) and NAME(store_some) (the first `count`
 *                 of them; zeros for the rest), NAME(broadcast), NAME(multiply_add), NAME(add),
 *                 NAME(larger)
 *   SUMS          that its registers hold, beside what they are made of: of pixels and weights, one
 *                 register for those that there are more of, which are read one by one
 *   MOST_FILTERS  of a kernel, and SPANS_AT_ONCE
 *
 * Counts of filters are constants to the compiler in each function of the tables, so that sums stay
 * in registers. No include guard: it is meant to be included again.
 */

#define SPANS_FOR(filters) (SUMS / (filters) < SPANS_AT_ONCE ? SUMS / (filters) : SPANS_AT_ONCE)

/* At each span of each filter, y = bias (NULL: what is there) + sum over taps of
 * w[tap][filter] * x[tap's offset]; then comes what is there, if asked for, what ends->bias
 * adds (NULL: nothing), and, if asked for, max(y, 0), in which what is not a number becomes 0. */
INLINE TARGET void NAME(values)(int filters, int spans, const struct direct_taps *taps,
                                const struct direct_spans *at, const float *x, const float *w,
                                const float *bias, const struct direct_ends *ends, float *y,
                                size_t plane)
{
    VECTOR sums[MOST_FILTERS][SPANS_AT_ONCE], in[SPANS_AT_ONCE], weights[MOST_FILTERS];

    UNROLL for (int f = 0; f < filters; f++)
    {
        UNROLL for (int s = 0; s < spans; s++) sums[f][s] =
            bias ? NAME(broadcast)(bias[f])
                 : NAME(load_some)(y + (size_t)f * plane + at->y[s], at->counts[s]);
    }
    for (size_t t = 0; t < taps->count; t++, w += filters) {
        const float *from = x + taps->offsets[t];
        if (spans <= filters) {
            UNROLL for (int s = 0; s < spans; s++) in[s] = NAME(load)(from + at->x[s]);
            UNROLL for (int f = 0; f < filters; f++)
            {
                weights[0] = NAME(broadcast)(w[f]);
                UNROLL for (int s = 0; s < spans; s++) sums[f][s] =
                    NAME(multiply_add)(weights[0], in[s], sums[f][s]);
            }
        } else {
            UNROLL for (int f = 0; f < filters; f++) weights[f] = NAME(broadcast)(w[f]);
            UNROLL for (int s = 0; s < spans; s++)
            {
                in[0] = NAME(load)(from + at->x[s]);
                UNROLL for (int f = 0; f < filters; f++) sums[f][s] =
                    NAME(multiply_add)(weights[f], in[0], sums[f][s]);
            }
        }
    }
    UNROLL for (int f = 0; f < filters; f++)
    {
        if (ends->adds)
            UNROLL for (int s = 0; s < spans; s++) sums[f][s] = NAME(add)(
                sums[f][s], NAME(load_some)(y + (size_t)f * plane + at->y[s], at->counts[s]));
        if (ends->bias)
            UNROLL for (int s = 0; s < spans; s++) sums[f][s] =
                NAME(add)(sums[f][s], NAME(broadcast)(ends->bias[f]));
        if (ends->relu)
            UNROLL for (int s = 0; s < spans; s++) sums[f][s] =
                NAME(larger)(sums[f][s], NAME(broadcast)(0));
        UNROLL for (int s = 0; s < spans; s++)
            NAME(store_some)(y + (size_t)f * plane + at->y[s], at->counts[s], sums[f][s]);
    }
}

#define VALUES(n)                                                                                  \
    TARGET static void NAME(values_##n)(                                                           \
        const struct direct_taps *taps, const struct direct_spans *at, const float *x,             \
        const float *w, const float *bias, const struct direct_ends *ends, float *y, size_t plane) \
    {                                                                                              \
        NAME(values)(n, SPANS_FOR(n), taps, at, x, w, bias, ends, y, plane);                       \
    }

VALUES(1)
VALUES(2)
VALUES(3)
VALUES(4)
VALUES(5)
VALUES(6)
#if MOST_FILTERS > 6
VALUES(7)
VALUES(8)
#endif

static const struct direct_kernels NAME(kernels) = {
    .filters = MOST_FILTERS,
    .span = SPAN,
#define VALUES_AND_SPANS(n)                                                                        \
    {                                                                                              \
        NAME(values_##n), SPANS_FOR(n)                                                             \
    }
    .values = {{NULL, 0},
               VALUES_AND_SPANS(1),
               VALUES_AND_SPANS(2),
               VALUES_AND_SPANS(3),
               VALUES_AND_SPANS(4),
               VALUES_AND_SPANS(5),
               VALUES_AND_SPANS(6),
#if MOST_FILTERS > 6
               VALUES_AND_SPANS(7),
               VALUES_AND_SPANS(8)
#endif
    },
};

#undef SPANS_FOR
#undef VALUES
#undef VALUES_AND_SPANS
#undef NAME
#undef TARGET
#undef VECTOR
#undef SPAN
#undef SPANS_AT_ONCE
#undef SUMS
#undef MOST_FILTERS
