/*
 * Block matching: for each block of a grid, the blocks of the plane that are most like it.
 *
 * The grid has a block of side `side` every `step` pixels, both ways. Candidates are all blocks
 * that begin at most `radius` pixels from it, both ways, and lie inside the plane; they are as far
 * from it as the sum of squared differences of their pixels. Kept are those below `limit`, the
 * `most` nearest; equally distant ones in the order of block_matches.shifts, which lists near
 * places first. The block itself is always its own first match.
 *
 * One displacement is looked at for all blocks of a tile at a time, so that neighbouring blocks
 * share the sums over what they have in common (as box sums do in J. Darbon et al., "Fast nonlocal
 * filtering applied to electron cryomicroscopy", ISBI 2008). The squared differences are summed in
 * cells of step x step pixels. A block is a whole number of cells and a part of the next one, so
 * each cell is summed up to four times: in full, its first rows, its first columns, both. Columns
 * are stored by their remainder modulo `step`, so that neighbouring blocks lie side by side in
 * memory: eight are compared at once. What lies outside the plane is NaN, which is never below a
 * limit. Cost for each block and displacement: step^2 differences and squares, and about as many
 * additions, whatever the side.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_BLOCK_MATCH_H
#define UNDERSTUDY_PIPELINES_DENOISING_BLOCK_MATCH_H

#include "interfaces/operations.h"
#include "pipelines/lanes.h"

#include <stddef.h>

enum {
    MATCH_RADIUS = 19, /* the largest */
    MATCH_SHIFTS = (2 * MATCH_RADIUS + 1) * (2 * MATCH_RADIUS + 1),
    MATCH_MOST = 32,    /* blocks kept */
    MATCH_ROWS = 8,     /* blocks of a tile, down */
    MATCH_COLUMNS = 64, /* … and across: a multiple of LANES */
    MATCH_LARGEST = 12, /* side of a block */
    MATCH_SMALLEST = 2, /* step of a grid */
};

struct match_shift {
    int16_t down, right;
};

/* How to look: fixed for many planes. */
struct match_grid {
    int side, step, radius, most;
    float limit;
    size_t shift_count;
    struct match_shift shifts[MATCH_SHIFTS]; /* (0, 0) first */
};

void match_grid_init(struct match_grid *grid, int side, int step, int radius, int most,
                     float limit);

/* A plane, arranged for the search: [step][rows][stride]. */
struct match_plane {
    int margin;
    size_t rows, stride;
    float *values;
};

/* Floats that `values` takes for a plane of such a size. */
size_t match_plane_size(const struct match_grid *grid, int height, int width);
/* Height and width are side + a multiple of step. */
void match_plane_fill(struct match_plane *plane, const struct match_grid *grid, const float *pixels,
                      int height, int width, float *values);

/* The matches of one block, nearest first, as indices of shifts. */
struct match_list {
    int count;
    uint16_t shifts[MATCH_MOST];
    float distances[MATCH_MOST];
};

struct match_tile {
    float worst[MATCH_ROWS][MATCH_COLUMNS]; /* a match has to be nearer */
    struct match_list lists[MATCH_ROWS][MATCH_COLUMNS];
};

/* The matches of rows x columns blocks, of which the first is number (down, right) of the grid. */
void match_search(const struct match_grid *grid, const struct match_plane *plane, int down,
                  int right, int rows, int columns, struct match_tile *tile);

/* What a search for one block takes, without keeping the lists in order. */
struct operations match_count(const struct match_grid *grid);

#endif
