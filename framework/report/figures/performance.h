/* What the two figures of performance share: scores, lines of networks, drawing. */
#ifndef UNDERSTUDY_REPORT_FIGURES_PERFORMANCE_H
#define UNDERSTUDY_REPORT_FIGURES_PERFORMANCE_H

#include "math/metrics.h"
#include "quantize/score_numbers.h"
#include "report/charts/axis.h"
#include "report/charts/chart.h"
#include "results/grid_means.h"

/* For FIELD_CHOICE: the first of the metrics is the task's own. */
extern const char *const performance_metrics[]; /* "auto", "ssim", "psnr" …, NULL */
enum { PERFORMANCE_AUTO, PERFORMANCE_PSNR = METRIC_PSNR + 1 };
extern const char *const performance_splits[]; /* "test", "validation", "train", NULL */

struct performance {
    struct arena arena;
    struct points points;
    enum metric metric;
    const char *split;
    bool int8;                             /* the networks' scores are the quantised ones' */
    double *network, *pipeline, *degraded; /* [trials]; degraded NULL where not recorded */
    const double *scores; /* the network's as read, whatever a figure puts into `network` */
};

/* The metric that a choice among performance_metrics means. */
enum metric performance_metric(const struct results *results, int64_t choice);
/* "SSIM", and its unit. */
/* Can a metric that was chosen exceed `value`? What is left to the task is not known. */
bool performance_exceeds(int64_t choice, double value);
struct axis_words performance_words(enum metric metric);
/* What scores of the metric can be. */
struct axis_limits performance_limits(const struct results *results, int64_t choice);

/* `numbers` (enum score_numbers) and `machine`, that of the cost or NULL: whether the networks'
 * scores are those in float32 or in integers (results/score_choice.h). */
MUST_CHECK enum status performance_read(struct performance *performance,
                                        const struct results *results, int64_t metric,
                                        int64_t split, int64_t numbers, const char *machine,
                                        struct error *error);
void performance_release(struct performance *performance);

/* One series for each line of networks (as the axes are marked), points in ascending x; `x` is
 * [trials]. Points without a finished trial or without x are left out. */
MUST_CHECK enum status performance_lines(const struct performance *performance, const double *x,
                                         struct chart *chart, struct error *error);

/* Fill caption and y axis. */
MUST_CHECK enum status performance_describe(const struct performance *performance,
                                            const char *remark, struct chart *chart,
                                            struct error *error);

/* Points that somebody else published, as marks: "reference" in a figure's settings. */
struct performance_reference {
    const char *label;
    struct real_list x, pipeline, network; /* scores at x; empty: none given */
};
extern const struct field performance_reference_fields[];
/* Are there as many scores as places? What is wrong, or NULL. */
const char *performance_reference_objection(const struct performance_reference *reference);
MUST_CHECK enum status performance_references(const struct performance_reference *reference,
                                              struct chart *chart, struct error *error);

/* The pipeline's mean score, of this column, as a line across what the chart holds; no line, and
 * `remark` says so, where the grid holds different pipelines: their mean would be nobody's score.
 */
MUST_CHECK enum status performance_across(const struct results *results,
                                          const struct points *points, const char *column,
                                          struct chart *chart, struct text *remark,
                                          struct error *error);

/* Set place k of a series. */
void performance_put(struct series *series, size_t k, double x, struct interval y);

#endif
