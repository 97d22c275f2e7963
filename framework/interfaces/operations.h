/*
 * Operation counts: what a stage or a layer does to one image, by kind of operation. Counts add up
 * (FFTW's kernel/ops.c is the model), so that pipelines and networks stand on one axis.
 */
#ifndef UNDERSTUDY_INTERFACES_OPERATIONS_H
#define UNDERSTUDY_INTERFACES_OPERATIONS_H

struct operations {
    double multiply_adds; /* a product added to a sum: one */
    double additions;     /* and subtractions */
    double multiplications;
    double comparisons; /* and minima, maxima */
    double divisions;   /* and square roots */
    double exponentials;
    double lookups; /* table reads at computed addresses */
};

static inline struct operations operations_add(struct operations a, struct operations b)
{
    a.multiply_adds += b.multiply_adds;
    a.additions += b.additions;
    a.multiplications += b.multiplications;
    a.comparisons += b.comparisons;
    a.divisions += b.divisions;
    a.exponentials += b.exponentials;
    a.lookups += b.lookups;
    return a;
}

/* `times` as often. */
static inline struct operations operations_repeat(struct operations a, double times)
{
    a.multiply_adds *= times;
    a.additions *= times;
    a.multiplications *= times;
    a.comparisons *= times;
    a.divisions *= times;
    a.exponentials *= times;
    a.lookups *= times;
    return a;
}

#endif
