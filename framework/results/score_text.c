#include "results/score_text.h"

void score_print(struct text *text, enum metric metric, double value)
{
    if (metric == METRIC_PSNR)
        text_append(text, "%.2f dB", value);
    else if (!metric_units[metric][0])
        text_append(text, "%.4g", value);
    else
        text_append(text, "%.2f", 100 * value);
}
