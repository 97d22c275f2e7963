/*
 * Disjoint sets of pixels. Each set is a tree, whose root is its first member in reading order;
 * searches halve the paths that they walk. R. E. Tarjan, J. van Leeuwen, "Worst-case analysis of
 * set union algorithms", Journal of the ACM 31(2), 1984.
 */
#ifndef UNDERSTUDY_MATH_UNION_FIND_H
#define UNDERSTUDY_MATH_UNION_FIND_H

#include <stdint.h>

static inline uint32_t union_root(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

static inline void union_join(uint32_t *parents, uint32_t a, uint32_t b)
{
    a = union_root(parents, a);
    b = union_root(parents, b);
    if (a < b)
        parents[b] = a;
    else
        parents[a] = b;
}

#endif
