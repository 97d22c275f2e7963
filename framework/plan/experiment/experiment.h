/* The experiment file as structs: one field table for each section of it. */
#ifndef UNDERSTUDY_PLAN_EXPERIMENT_EXPERIMENT_H
#define UNDERSTUDY_PLAN_EXPERIMENT_EXPERIMENT_H

#include "graph/family.h"
#include "hardware/machine.h"
#include "interfaces/task.h"
#include "math/metrics.h"
#include "quantize/histogram.h"
#include "quantize/score_numbers.h"
#include "train/patches.h"
#include "train/train.h"

struct dataset_section {
    struct component source;                      /* key `name` */
    int64_t manual, unlabelled, validation, test; /* images; unlabelled, test: or COUNT_ALL */
    bool overlap; /* manual images may be among the unlabelled ones */
    struct patch_settings patch;
    struct component_list degrade;
};

struct pipeline_section {
    struct component_list stages;
    struct {
        int64_t metric; /* enum metric, or the task's own where `auto` */
    } tune;
    struct {
        const char *from, *to; /* names of stages; "" for the first and the last */
    } replace;
};

enum confusion_split { CONFUSION_TEST, CONFUSION_VALIDATION };

struct confusion_section { /* counts of classes named for each */
    bool given;
    int64_t split; /* enum confusion_split */
};

struct store_section {
    struct {
        struct text_list layers; /* node names, or `all`; empty: none */
        int64_t images;          /* of the test split */
    } activations;
    bool parameters, filter;
    int64_t examples; /* test images kept for the example sheet */
    int64_t cases;    /* test images, the worst and the best of all */
    int64_t flagged;  /* images of labels that the filter dropped */
    struct confusion_section confusion;
};

struct quantize_section { /* the trained network in 8-bit integers, too (quantize/quantized.h) */
    bool given;           /* the section is there */
    int64_t calibration;  /* enum calibration_method */
    double percentile;    /* for CALIBRATION_PERCENTILE */
    int64_t images;       /* that ranges are found on */
};

struct limits_section { /* of one trial, but for the last; none of them changes a result */
    double minutes;     /* 0: none */
    int64_t memory_mb;  /* MiB of the worker; 0: none */
    int64_t retries;
    double core_hours; /* of all trials together; 0: none */
};

enum select_of { SELECT_PIPELINE, SELECT_BEST };
enum select_cost { /* the cost to minimise */
                   SELECT_NOTHING,
                   SELECT_ENERGY,
                   SELECT_LATENCY,
                   SELECT_DRAM,
                   SELECT_IDLE_ENERGY,
                   SELECT_MULTIPLY_ADDS, /* from here on: no machine's */
                   SELECT_PARAMETERS,
                   SELECT_PARAMETER_BYTES,
                   SELECT_PEAK_BYTES,
                   SELECT_SECONDS /* measured */
};

struct select_section {   /* which network is the right-sized one */
    int64_t metric;       /* experiment_select_metric() */
    double within;        /* points of 100, psnr: dB */
    int64_t of;           /* enum select_of */
    int64_t minimise;     /* enum select_cost; SELECT_NOTHING: none is selected */
    const char *hardware; /* "": the first that is listed */
    int64_t score;        /* enum score_numbers */
};

struct experiment {
    const char *name, *about;
    int64_t task; /* its place in the table: experiment_task() */
    int64_t seed, replicates;
    struct dataset_section dataset;
    struct pipeline_section pipeline;
    struct component_list label_noise;
    struct component filter;  /* section `filter`, key `method` */
    struct component network; /* section `network`, key `family` */
    struct train_settings train;
    struct text_list hardware;
    struct quantize_section quantize;
    struct store_section store;
    struct limits_section limits;
    struct select_section select;
    const struct yaml_node *grid, *zip, *also, *exclude, *only, *constraint, *labels, *search,
        *guard;
    const struct yaml_node *include;
    struct component_list figures;
};

extern const struct field experiment_fields[]; /* of struct experiment */

/* The part of the pipeline that the network takes over: stages [*first, *last). Mistakes (no such
 * stage, from after to) go to `found`. */
MUST_CHECK enum status experiment_replaced(const struct experiment *experiment, size_t *first,
                                           size_t *last, struct diagnostics *found,
                                           struct error *error);

/* The metric that `select` goes by: is it one of agreement with the pipeline, not against truth?
 * Its name, as "ssim", "agreement.ssim"; in what its margin is counted, NULL: the task does not
 * have it. */
enum metric experiment_select_metric(const struct experiment *experiment);
bool experiment_select_agreement(const struct experiment *experiment);
const char *experiment_select_metric_name(const struct experiment *experiment);
const struct task_metric *experiment_select_unit(const struct experiment *experiment);
/* The name of the cost that `select` minimises, the last part of its column's. */
const char *experiment_select_cost(const struct experiment *experiment);
/* Is it measured? Then the selection differs from run to run, and is stored where no digest looks.
 */
bool experiment_select_timed(const struct experiment *experiment);
/* The machine that `select` goes by; NULL: its cost is no machine's. */
const char *experiment_select_machine(const struct experiment *experiment);

/* Does the pipeline begin with what was recorded in the data set? */
bool experiment_begins_recorded(const struct experiment *experiment);
const struct task *experiment_task(const struct experiment *experiment);
/* How the section `quantize` wants ranges found. */
struct calibration experiment_calibration(const struct experiment *experiment);
/* Bits of a weight of the network in integers. */
int experiment_weight_bits(const struct experiment *experiment);
/* The metric that pipelines are tuned by and figures show by default. */
enum metric experiment_metric(const struct experiment *experiment);

#endif
