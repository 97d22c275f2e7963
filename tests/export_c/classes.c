/* The class that an exported network tells, compared with the scores. TEST is its NAME_test.c,
 * OF(x) is NAME_x, OF_MACRO(X) is NAME_X; MASK is defined where there is a class at each pixel. */
#define main examples_main
#include TEST
#undef main

enum {
    CHANNELS = OF_MACRO(OUTPUT_CHANNELS),
    ROWS = OF_MACRO(OUTPUT_HEIGHT),
    COLUMNS = OF_MACRO(OUTPUT_WIDTH)
};

static float scores[SIZE];

static float *score_at(int channel, int row, int column)
{
    return &scores[(channel * ROWS + row) * COLUMNS + column];
}

static int told(int row, int column)
{
#ifdef MASK
    return OF(class)(scores, row, column);
#else
    return row || column ? -2 : OF(class)(scores);
#endif
}

static int expected(int row, int column)
{
    int best = 0;

    for (int c = 0; c < CHANNELS; c++) {
        if (isnan(*score_at(c, row, column)))
            return -1;
        if (*score_at(c, row, column) > *score_at(best, row, column))
            best = c;
    }
    return best;
}

int main(void)
{
    int passed = 0, failed = 0;

    for (int i = 0; i < EXAMPLES; i++) {
        OF(run)(inputs[i], scores);
        if (i > 0) { /* equal scores at the first pixel, none at the last */
            *score_at(1, 0, 0) = *score_at(2, 0, 0) = 1e9F;
            *score_at(CHANNELS - 1, ROWS - 1, COLUMNS - 1) = NAN;
        }
        for (int row = 0; row < ROWS; row++)
            for (int column = 0; column < COLUMNS; column++)
                *(told(row, column) == expected(row, column) ? &passed : &failed) += 1;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || examples_main();
}
