/* What the methods share: coordinates, streams of random numbers, and which points are better. */
#ifndef UNDERSTUDY_SEARCH_SPACE_H
#define UNDERSTUDY_SEARCH_SPACE_H

#include "interfaces/search.h"

/* Users of the purpose RANDOM_SEARCH, the upper bits of random_index()'s part. Append only. */
enum search_draw { SEARCH_DRAW_RANDOM = 1, SEARCH_DRAW_SOBOL, SEARCH_DRAW_TPE };

/* The stream of one dimension (below 65536) and item (below 2^40). */
struct random_stream search_stream(struct random_key key, enum search_draw draw, size_t dimension,
                                   uint64_t item);

/* The cell that a coordinate lies in, and the coordinate in the middle of it; a coordinate of a
 * range without cells stays as it is. */
uint32_t search_cell(const struct search_range *range, double coordinate);
double search_snap(const struct search_range *range, double coordinate);

/* Point `index` of random search: a function of key and index alone. */
void search_random_point(struct random_key key, uint64_t index, size_t dimensions,
                         double *coordinates);

/* Of [count][objectives]: leave those on the front that no other of them dominates (Pareto). Failed
 * ones leave it, too. */
void search_front(const double *objectives, size_t count, size_t objective_count, bool *front);

/*
 * The points' numbers, best first: by rank of non-dominated sorting (front 0, then the front of
 * what is left, …), within a front by crowding distance, the loneliest first (Deb, Pratap, Agarwal,
 * Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", 2002), then by number.
 * With one objective that is the order of its values. Cost: quadratic in the points.
 */
MUST_CHECK enum status search_order(const double *objectives, size_t count, size_t objective_count,
                                    size_t *order, struct error *error);

#endif
