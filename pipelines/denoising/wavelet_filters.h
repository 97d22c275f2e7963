/*
 * Filters of orthogonal wavelets: I. Daubechies, "Ten lectures on wavelets", SIAM, 1992, tables 6.1
 * (db) and 6.3 (sym).
 *
 * With h, the low-pass filter of the synthesis, the analysis has it in reverse; the high-pass
 * filter is h in reverse with alternating signs.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_WAVELET_FILTERS_H
#define UNDERSTUDY_PIPELINES_DENOISING_WAVELET_FILTERS_H

#include <stddef.h>

enum { WAVELET_TAPS = 16 };

struct wavelet_filter {
    int taps;
    double low[WAVELET_TAPS];
};

extern const char *const wavelet_names[]; /* ended by NULL */
extern const struct wavelet_filter wavelet_filters[];

#endif
