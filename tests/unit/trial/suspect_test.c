/* Trials that ended, but whose network can hardly be meant. */
#include "trial/evaluation/suspect.h"

#include "results/results.h"
#include "tasks/registry.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void suspect_suite(void);

static struct error error;
#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

/* What a trial's status becomes with these scores (NaN: there is none) and losses. */
static void expect(const char *task, const char *metric, double input, double network,
                   double losses[3], const char *wanted)
{
    struct splits splits = {.task = task_find(task), .answer = {.count = 4}};
    struct record record = {0};
    char name[64];

    splits.items[SPLIT_VALIDATION].input.count = 300; /* two standard errors: 5 points */
    OK(record_text(&record, "status", "done", &error));
    snprintf(name, sizeof name, "degraded.validation.%s", metric);
    if (!isnan(input))
        OK(record_real(&record, name, input, &error));
    snprintf(name, sizeof name, "network.validation.%s", metric);
    if (!isnan(network))
        OK(record_real(&record, name, network, &error));
    OK(record_put_row(&record, "curves/train.loss", HDF5_FLOAT64, losses, 3, &error));
    OK(suspect_record(&record, &splits, &error));
    const char *state = record_value(&record, "status")->text;
    CU_ASSERT_STRING_EQUAL(state, wanted);
    CU_ASSERT(results_is_done(state));
    CU_ASSERT_EQUAL(results_is_suspect(state), strcmp(wanted, "done") != 0);
    record_release(&record);
}

static void losses_that_grow(void)
{
    expect("denoise", "ssim", NAN, NAN, (double[]){1, 0.5, 0.25}, "done");
    expect("denoise", "ssim", NAN, NAN, (double[]){1, 9, 2}, "done"); /* not more than twice */
    expect("denoise", "ssim", NAN, NAN, (double[]){1, 1, 2.5},
           "suspect: the training loss grew from 1 to 2.5");
    expect("denoise", "ssim", NAN, NAN, (double[]){-1, 1, 3}, "done"); /* an estimate of risk */
    expect("denoise", "ssim", NAN, NAN, (double[]){1, 1, NAN}, "done");
}

static void scores_far_below_the_input(void)
{
    double fine[] = {1, 1, 1}, grows[] = {1, 2, 4};

    expect("denoise", "ssim", 0.60, 0.51, fine, "done");
    expect("denoise", "ssim", 0.60, 0.49, fine,
           "suspect: the network's ssim 49.00 is far below the input's 60.00");
    expect("denoise", "ssim", 0.60, 0.49, grows,
           "suspect: the training loss grew from 1 to 4; the network's ssim 49.00 is far below the "
           "input's 60.00");
    expect("denoise", "ssim", NAN, 0.1, fine, "done");
}

static void classes_below_chance(void)
{
    double fine[] = {1, 1, 1};

    expect("classify", "accuracy", NAN, 0.21, fine, "done");
    expect("classify", "accuracy", NAN, 0.19, fine,
           "suspect: the network's accuracy 19.00 is below chance, 25.00");
    expect("segment", "iou", NAN, 0.01, fine, "done");
}

void suspect_suite(void)
{
    CU_pSuite suite = CU_add_suite("suspect", NULL, NULL);

    CU_add_test(suite, "losses that grow", losses_that_grow);
    CU_add_test(suite, "scores far below the input", scores_far_below_the_input);
    CU_add_test(suite, "classes below chance", classes_below_chance);
}
