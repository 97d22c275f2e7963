/* Sobel's gradient: differences across two pixels, smoothed 1 2 1 along the other direction. */
#ifndef UNDERSTUDY_PIPELINES_EDGES_GRADIENT_H
#define UNDERSTUDY_PIPELINES_EDGES_GRADIENT_H

struct gradient {
    float down, right;
};

/* Three rows of a plane around one of its pixels' rows; beyond the border they are the mirror
 * image, which is the border's row itself. */
struct gradient_rows {
    const float *above, *here, *below;
    int width;
};

static inline struct gradient_rows gradient_rows_at(const float *plane, int height, int width,
                                                    int y)
{
    int above = y > 0 ? y - 1 : 0, below = y + 1 < height ? y + 1 : y;

    return (struct gradient_rows){plane + (long)above * width, plane + (long)y * width,
                                  plane + (long)below * width, width};
}

/* 8 times the slope at column x, between columns l and r, in grey levels a pixel: 10 additions, 2
 * of them with a product. */
static inline struct gradient gradient_between(const struct gradient_rows *rows, int l, int x,
                                               int r)
{
    const float *a = rows->above, *b = rows->here, *c = rows->below;

    return (struct gradient){
        .down = (c[l] - a[l]) + 2 * (c[x] - a[x]) + (c[r] - a[r]),
        .right = (a[r] - a[l]) + 2 * (b[r] - b[l]) + (c[r] - c[l]),
    };
}

/* … wherever x is. */
static inline struct gradient gradient_at(const struct gradient_rows *rows, int x)
{
    return gradient_between(rows, x > 0 ? x - 1 : 0, x, x + 1 < rows->width ? x + 1 : x);
}

#endif
