/*
 * How fast a trained network answers here: the median time of a forward pass of 1 and of 64 images,
 * on one thread, in the trial's engine and precision; and the pipeline that it replaces. Times are
 * no results: they go to /timing. The run's other workers may compute meanwhile and take the
 * memory's and the clock's speed: how many there were stands beside the times. To compare machines
 * or networks, run with --workers 1.
 */
#ifndef UNDERSTUDY_TRIAL_LATENCY_H
#define UNDERSTUDY_TRIAL_LATENCY_H

#include "cache/record.h"
#include "trial/trial_network.h"

enum { LATENCY_BATCHES = 2 };

extern const int speed_batches[LATENCY_BATCHES]; /* images: 1, 64 */

struct latency { /* one network's */
    const struct component *family;
    struct shape input, output;
    const struct engine *engine;
    int64_t precision;
    double latency[LATENCY_BATCHES]; /* seconds of a batch; NaN: not measured */
};

/* What was measured, so that equal networks of a run are measured once. {0} to begin with. */
struct latencies {
    struct arena arena;
    struct latency *items;
    size_t count, capacity;
    char pipeline[HASH_TEXT]; /* the labels' key; "" before any */
    double pipeline_seconds;  /* of the pipeline that gave these labels, an image */
};

void latencies_release(struct latencies *speeds);

/*
 * Record, for an image of the size that most test images have (the smallest of equals),
 * timing.inference.height and .width, .threads (1) and .workers, as the run had when it measured;
 * timing.pipeline.seconds_per_image of the replaced part; of the network
 * timing.network.seconds_per_image, and timing.inference.batch_N.latency_s (of a batch) and
 * .images_per_second. What one forward pass would take too long or too much memory for is NaN;
 * memory that runs out is no error here. Takes some tenths of a second, or a few passes.
 */
MUST_CHECK enum status latency_record(struct record *record, const struct trial_options *options,
                                      const struct trial *trial, const struct splits *splits,
                                      const struct trained *trained, struct error *error);

#endif
