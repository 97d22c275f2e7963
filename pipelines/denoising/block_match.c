#include "pipelines/denoising/block_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cells that a tile's blocks reach over, and floats of a row of their sums. */
enum {
    CELLS = MATCH_ROWS + MATCH_LARGEST / MATCH_SMALLEST + 1,
    SUMS = MATCH_COLUMNS + 2 * LANES,
};

static int nearer_first(const void *a, const void *b)
{
    const struct match_shift *p = a, *q = b;
    int near = p->down * p->down + p->right * p->right;
    int far = q->down * q->down + q->right * q->right;

    if (near != far)
        return near < far ? -1 : 1;
    if (p->down != q->down)
        return p->down < q->down ? -1 : 1;
    return (p->right > q->right) - (p->right < q->right);
}

void match_grid_init(struct match_grid *grid, int side, int step, int radius, int most, float limit)
{
    size_t count = 0;

    *grid = (struct match_grid){side, step, radius, most, limit, 0, {{0, 0}}};
    for (int down = -radius; down <= radius; down++)
        for (int right = -radius; right <= radius; right++)
            grid->shifts[count++] = (struct match_shift){(int16_t)down, (int16_t)right};
    grid->shift_count = count;
    qsort(grid->shifts, count, sizeof *grid->shifts, nearer_first);
}

/* Whole cells that hold the search's radius, and one more: a block's last cell may be read in full
 * where only a part of it counts. */
static int margin_of(const struct match_grid *grid)
{
    return ((grid->radius + grid->step - 1) / grid->step + 1) * grid->step;
}

static size_t row_length(const struct match_grid *grid, int width)
{
    return (size_t)((width + 2 * margin_of(grid)) / grid->step) + 3 * LANES;
}

size_t match_plane_size(const struct match_grid *grid, int height, int width)
{
    size_t rows = (size_t)height + 2 * (size_t)margin_of(grid);
    return (size_t)grid->step * rows * row_length(grid, width);
}

void match_plane_fill(struct match_plane *plane, const struct match_grid *grid, const float *pixels,
                      int height, int width, float *values)
{
    size_t size = match_plane_size(grid, height, width), step = (size_t)grid->step;
    size_t margin = (size_t)margin_of(grid);

    *plane = (struct match_plane){(int)margin, (size_t)height + 2 * margin, row_length(grid, width),
                                  values};
    for (size_t i = 0; i < size; i++)
        values[i] = NAN;
    for (size_t y = 0; y < (size_t)height; y++)
        for (size_t phase = 0; phase < step; phase++) {
            const float *from = pixels + y * (size_t)width;
            float *to = values + (phase * plane->rows + margin + y) * plane->stride + margin / step;
            for (size_t x = phase; x < (size_t)width; x += step)
                to[x / step] = from[x];
        }
}

/* Where the columns of a tile's first row begin in the plane, by remainder; displaced columns of
 * remainder p have another one, and may begin a cell further to the left or right. */
struct match_columns {
    const float *here[MATCH_LARGEST], *there[MATCH_LARGEST];
};

static void find_columns(const struct match_plane *plane, int step, int down, int right,
                         struct match_shift shift, struct match_columns *columns)
{
    size_t row = (size_t)(plane->margin + down * step), size = plane->rows * plane->stride;
    const float *origin = plane->values + row * plane->stride + plane->margin / step + right;

    for (int phase = 0; phase < step; phase++) {
        int moved = phase + shift.right + plane->margin; /* never negative */
        columns->here[phase] = origin + (size_t)phase * size;
        columns->there[phase] = origin + (size_t)(moved % step) * size +
                                (ptrdiff_t)shift.down * (ptrdiff_t)plane->stride + moved / step -
                                plane->margin / step;
    }
}

/* Sums over a cell of each of eight columns of cells: over all its columns or the first few, over
 * all its rows or the first few. */
struct cell_sums {
    lanes all, left, top, corner;
};

LANES_INLINE void sum_cell(const struct match_columns *columns, size_t at, size_t stride, int step,
                           int part, struct cell_sums *sums)
{
    lanes all = {0}, left = {0};

    for (int row = 0; row < step; row++) {
        lanes sum = {0}, first = {0};
        for (int phase = 0; phase < step; phase++) {
            size_t from = at + (size_t)row * stride;
            lanes difference = *(const lanes_memory *)(columns->here[phase] + from) -
                               *(const lanes_memory *)(columns->there[phase] + from);
            sum += difference * difference;
            if (phase == part - 1)
                first = sum;
        }
        all += sum;
        left += first;
        if (row == part - 1) {
            sums->top = all;
            sums->corner = left;
        }
    }
    sums->all = all;
    sums->left = left;
}

/* Sums over a tile's blocks, but over their columns cell by cell. */
struct block_sums {
    float all[MATCH_ROWS][SUMS], left[MATCH_ROWS][SUMS];
};

LANES_INLINE void sum_columns(const struct match_columns *columns, size_t first, size_t stride,
                              int rows, int step, int whole, int part, struct block_sums *blocks)
{
    struct cell_sums cells[CELLS];
    int count = rows + whole - (part == 0);

    for (int cell = 0; cell < count; cell++)
        sum_cell(columns, first + (size_t)(cell * step) * stride, stride, step, part, &cells[cell]);
    for (int row = 0; row < rows; row++) {
        lanes all = cells[row].all, left = cells[row].left;
        for (int k = 1; k < whole; k++) {
            all += cells[row + k].all;
            left += cells[row + k].left;
        }
        if (part) {
            all += cells[row + whole].top;
            left += cells[row + whole].corner;
        }
        *(lanes_memory *)(blocks->all[row] + first) = all;
        *(lanes_memory *)(blocks->left[row] + first) = left;
    }
}

static void list_insert(struct match_list *list, int most, uint16_t shift, float distance)
{
    int at = list->count < most ? list->count++ : most - 1;

    for (; at > 1 && list->distances[at - 1] > distance; at--) {
        list->distances[at] = list->distances[at - 1];
        list->shifts[at] = list->shifts[at - 1];
    }
    list->distances[at] = distance;
    list->shifts[at] = shift;
}

static void keep_matches(struct match_tile *tile, int most, int row, size_t first, uint16_t shift,
                         const lanes *distances, const lanes_int *nearer)
{
    for (int k = 0; k < LANES; k++) {
        if (!(*nearer)[k])
            continue;
        struct match_list *list = &tile->lists[row][first + (size_t)k];
        list_insert(list, most, shift, (*distances)[k]);
        if (list->count == most)
            tile->worst[row][first + (size_t)k] = list->distances[most - 1];
    }
}

/* Compare all blocks of a tile with those displaced by one shift. */
LANES_INLINE void match_shifted(const struct match_grid *grid, const struct match_plane *plane,
                                const struct match_columns *columns, int rows, int count,
                                uint16_t shift, int step, int side, struct match_tile *tile)
{
    struct block_sums blocks;
    int whole = side / step, part = side % step;
    int end = (count + LANES - 1) / LANES * LANES + whole;

    for (int first = 0; first < end; first += LANES)
        sum_columns(columns, (size_t)first, plane->stride, rows, step, whole, part, &blocks);
    for (int row = 0; row < rows; row++)
        for (size_t first = 0; first < (size_t)count; first += LANES) {
            const float *all = blocks.all[row] + first, *left = blocks.left[row] + first;
            lanes distances = *(const lanes_memory *)all;
            for (int k = 1; k < whole; k++)
                distances += *(const lanes_memory *)(all + k);
            if (part)
                distances += *(const lanes_memory *)(left + whole);
            lanes_int nearer = distances < *(const lanes_memory *)&tile->worst[row][first];
            if (lanes_any(&nearer))
                keep_matches(tile, grid->most, row, first, shift, &distances, &nearer);
        }
}

struct match_job {
    const struct match_grid *grid;
    const struct match_plane *plane;
    int down, right, rows, columns;
};

LANES_INLINE void match_all(const struct match_job *job, int step, int side,
                            struct match_tile *tile)
{
    for (size_t shift = 1; shift < job->grid->shift_count; shift++) {
        struct match_columns columns;
        find_columns(job->plane, step, job->down, job->right, job->grid->shifts[shift], &columns);
        match_shifted(job->grid, job->plane, &columns, job->rows, job->columns, (uint16_t)shift,
                      step, side, tile);
    }
}

/* The usual grids have loops of fixed length. */
LANES_INLINE void match_usual(const struct match_job *job, struct match_tile *tile)
{
    const struct match_grid *grid = job->grid;

    if (grid->step == 3 && grid->side == 8)
        match_all(job, 3, 8, tile);
    else if (grid->step == 4 && grid->side == 8)
        match_all(job, 4, 8, tile);
    else
        match_all(job, grid->step, grid->side, tile);
}

LANES_AVX2 static void match_avx2(const struct match_job *job, struct match_tile *tile)
{
    match_usual(job, tile);
}

static void match_plain(const struct match_job *job, struct match_tile *tile)
{
    match_usual(job, tile);
}

void match_search(const struct match_grid *grid, const struct match_plane *plane, int down,
                  int right, int rows, int columns, struct match_tile *tile)
{
    struct match_job job = {grid, plane, down, right, rows, columns};

    for (int row = 0; row < rows; row++)
        for (int column = 0; column < MATCH_COLUMNS; column++) {
            struct match_list *list = &tile->lists[row][column];
            tile->worst[row][column] = column < columns && grid->most > 1 ? grid->limit : -1;
            list->count = 1;
            list->shifts[0] = 0;
            list->distances[0] = 0;
        }
    if (lanes_avx2())
        match_avx2(&job, tile);
    else
        match_plain(&job, tile);
}

struct operations match_count(const struct match_grid *grid)
{
    double shifts = (double)grid->shift_count - 1, step = grid->step,
           whole = grid->side / grid->step;
    double parts = grid->side % grid->step ? 1 : 0;
    double cells = step * (1 + parts), columns = (1 + parts) * (whole - 1 + parts);

    return (struct operations){
        .multiply_adds = shifts * step * step,
        .additions = shifts * (step * step + cells + columns + whole - 1 + parts),
        .comparisons = shifts,
    };
}
