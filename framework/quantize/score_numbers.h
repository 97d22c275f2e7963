/* Which of a network's scores count where there are two: for settings of `select` and figures. */
#ifndef UNDERSTUDY_QUANTIZE_SCORE_NUMBERS_H
#define UNDERSTUDY_QUANTIZE_SCORE_NUMBERS_H

enum score_numbers {
    SCORE_AUTO,    /* in integers with the cost on a machine whose values are one byte, where such
                      scores are stored; else as trained */
    SCORE_FLOAT32, /* as trained */
    SCORE_INT8,
};

/* In the order of the enumeration, NULL at the end. */
extern const char *const score_numbers[];

#endif
