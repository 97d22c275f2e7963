/* The right-sized network, chosen by the validation images of results files made by hand. */
#include "results/best.h"
#include "results/results_write.h"
#include "results/select.h"
#include "results/table.h"
#include "tasks/registry.h"

#include "tests/unit/report_results.h"

#include <math.h>

void select_suite(void);

/* Four widths of two replicates: scores rise with the cost; the pipeline has 0.60. */
static const double scores[] = {0.50, 0.52, 0.590, 0.602, 0.64, 0.66, 0.64, 0.67},
                    energies[] = {1e-6, 1e-6, 2e-6, 2e-6, 4e-6, 4e-6, 8e-6, 8e-6};
static const int64_t widths[] = {2, 2, 4, 4, 8, 8, 16, 16};

static struct made make(const char *name, const double *score, const double *energy,
                        unsigned failed)
{
    struct made made = made_begin(name, 8, "grid: {network.width: [2, 4, 8, 16]}\n");

    made_numbers(&made, 2);
    made_integers(&made, "network.width", widths);
    made_reals(&made, "network.validation.ssim", score);
    made_constant(&made, "pipeline.validation.ssim", 0.60);
    /* What the test images say is the other way round: it must not matter. */
    made_reals(&made, "network.test.ssim", energy);
    made_reals(&made, "hardware.tpu_v1.energy_j", energy);
    made_reals(&made, "network.multiply_adds", energy);
    made_status(&made, failed);
    made_seal(&made);
    return made;
}

static struct experiment asking(double within, enum select_of of, enum select_cost cost)
{
    static const char *machines[] = {"tpu_v1"};
    struct experiment experiment = {
        .hardware = {machines, 1},
        .select = {METRIC_SSIM, within, of, cost, "", SCORE_AUTO},
    };
    experiment.dataset.validation = 50;
    while (task_at(experiment.task) != task_find("denoise"))
        experiment.task++;
    return experiment;
}

/* The first trial of the point that is selected, or -1; `why` gets its sentence, if not NULL. */
static int64_t selected(struct made *made, const struct experiment *experiment, char why[600])
{
    struct selection selection;
    struct arena arena = {0};

    OK(report_select(&made->file, experiment, &error));
    OK(selection_read(&selection, &made->file, &arena, &error));
    CU_ASSERT_PTR_NOT_NULL_FATAL(selection.about);
    CU_ASSERT_PTR_NOT_NULL_FATAL(selection.trials);
    if (why)
        snprintf(why, 600, "%s", selection.about);
    CU_ASSERT(selection.count == 0 || selection.count == 2);
    int64_t first = selection.count ? selection.trials[0] : -1;
    CU_ASSERT(first < 0 || selection.trials[1] == first + 1);
    arena_release(&arena);
    return first;
}

static void the_cheapest_that_is_good_enough(void)
{
    static const struct {
        double within;
        enum select_of of;
        int64_t first;
    } cases[] = {
        {0.5, SELECT_PIPELINE, 2}, /* 0.596 is within 0.5 points of 0.600 */
        {0.3, SELECT_PIPELINE, 4},  {10, SELECT_PIPELINE, 0}, {-5, SELECT_PIPELINE, 4},
        {-5.2, SELECT_PIPELINE, 6}, {0.3, SELECT_BEST, 6},    {0.6, SELECT_BEST, 4},
        {-20, SELECT_PIPELINE, -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("select.h5", scores, energies, 0);
        struct experiment experiment = asking(cases[i].within, cases[i].of, SELECT_ENERGY);
        CU_ASSERT_EQUAL(selected(&made, &experiment, NULL), cases[i].first);
        made_close(&made);
    }
}

static void reasons_are_told(void)
{
    struct made made = make("select.h5", scores, energies, 0), none;
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_ENERGY);
    char why[600];

    selected(&made, &experiment, why);
    CU_ASSERT_STRING_EQUAL(
        why, "right-sized network: network.width=4; 2e-06 J per image on tpu_v1; validation ssim "
             "59.60, at least 59.50 wanted (pipeline 60.00); cheapest of 3 that are good enough, "
             "of 4; by the ground truth of 50 validation images");
    made_close(&made);
    none = make("none.h5", scores, energies, 0);
    experiment = asking(-20, SELECT_PIPELINE, SELECT_ENERGY);
    selected(&none, &experiment, why);
    CU_ASSERT_STRING_EQUAL(why, "right-sized network: none of 4 is within -20 points of the "
                                "pipeline; by the ground truth of 50 validation images");
    made_close(&none);
}

/* Points with failed trials are out, equal costs go to the better score, the test split to no
 * one. */
static void ties_and_failures(void)
{
    static const double flat[] = {3, 3, 3, 3, 3, 3, 3, 3};
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_MULTIPLY_ADDS);
    struct made tied = make("tied.h5", scores, flat, 0), failed;

    CU_ASSERT_EQUAL(selected(&tied, &experiment, NULL), 6);
    made_close(&tied);
    failed = make("failed.h5", scores, energies, 1U << 3);
    CU_ASSERT_EQUAL(selected(&failed, &experiment, NULL), 4);
    made_close(&failed);
}

/* A replicate without a score, or without a cost, takes its point out, wherever it stands. */
static void scores_that_are_not_finite(void)
{
    static const double others[] = {NAN, INFINITY, -INFINITY};
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_ENERGY);
    char why[600];

    for (size_t place = 0; place < 8; place++)
        for (size_t k = 0; k < 6; k++) {
            double score[8], energy[8];
            memcpy(score, scores, sizeof score);
            memcpy(energy, energies, sizeof energy);
            (k < 3 ? score : energy)[place] = others[k % 3];
            struct made made = make("planted.h5", score, energy, 0);
            CU_ASSERT_EQUAL(selected(&made, &experiment, why), place / 2 == 1 ? 4 : 2);
            CU_ASSERT_PTR_NOT_NULL(
                strstr(why, "; 1 left out: a replicate has no finite score or cost"));
            CU_ASSERT_PTR_NOT_NULL(strstr(why, "of 3"));
            made_close(&made);
        }
}

/* By agreement there is no truth to look at, and the pipeline is as good as can be. */
static void by_agreement(void)
{
    static const double score[] = {0.97, 0.97, 0.996, 0.998, 1, 1, NAN, 1};
    struct made made = made_begin("agreement.h5", 8, "grid: {network.width: [2, 4, 8, 16]}\n");
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_MULTIPLY_ADDS);
    char why[600];

    while (strcmp(experiment_select_metric_name(&experiment), "agreement.ssim") != 0)
        experiment.select.metric++;
    made_numbers(&made, 2);
    made_integers(&made, "network.width", widths);
    made_reals(&made, "network.validation.agreement.ssim", score);
    made_reals(&made, "network.multiply_adds", energies);
    made_status(&made, 0);
    made_seal(&made);
    CU_ASSERT_EQUAL(selected(&made, &experiment, why), 2);
    CU_ASSERT_STRING_EQUAL(
        why, "right-sized network: network.width=4; 2e-06 multiply-adds per image; validation "
             "agreement ssim 99.70, at least 99.50 wanted (pipeline 100.00); cheapest of 2 that "
             "are good enough, of 3; 1 left out: a replicate has no finite score or cost; by "
             "agreement with the pipeline on 50 validation images");
    made_close(&made);
}

/* With the cost of a machine of one byte a value, scores in integers decide; they have it that
 * width 4 is too bad, and that one network of width 16 has no such score. */
static void by_scores_in_integers(void)
{
    static const double score[] = {0.50, 0.52, 0.570, 0.602, 0.64, 0.66, 0.64, NAN};
    static const struct {
        enum score_numbers numbers;
        enum select_cost cost;
        double bytes;
        int64_t first;
    } cases[] = {
        {SCORE_AUTO, SELECT_ENERGY, 1, 4},        {SCORE_AUTO, SELECT_ENERGY, 2, 2},
        {SCORE_AUTO, SELECT_MULTIPLY_ADDS, 1, 2}, {SCORE_INT8, SELECT_ENERGY, 2, 4},
        {SCORE_INT8, SELECT_MULTIPLY_ADDS, 1, 4}, {SCORE_FLOAT32, SELECT_ENERGY, 1, 2},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("int8.h5", scores, energies, 0);
        struct experiment experiment = asking(0.5, SELECT_PIPELINE, cases[i].cost);
        bool int8 = cases[i].first == 4;
        char why[600];
        made_reals(&made, "network.int8.validation.ssim", score);
        made_constant(&made, "hardware.tpu_v1.bytes_per_value", cases[i].bytes);
        made_seal(&made);
        experiment.select.score = cases[i].numbers;
        CU_ASSERT_EQUAL(selected(&made, &experiment, why), cases[i].first);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, int8 ? "; by int8 scores and the ground truth of 50"
                                                : "; by the ground truth of 50"));
        CU_ASSERT_EQUAL(!!strstr(why, "; 1 left out"), int8);
        made_close(&made);
    }
}

/* Asked for, and no network has any: none is selected. */
static void without_scores_in_integers(void)
{
    struct made made = make("no_int8.h5", scores, energies, 0);
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_ENERGY);
    char why[600];

    experiment.select.score = SCORE_INT8;
    CU_ASSERT_EQUAL(selected(&made, &experiment, why), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "; 4 left out: a replicate has no finite score or cost"));
    made_close(&made);
}

/* What was trained on the truth of all images is an upper bound, and no network to choose. */
static void the_upper_bound_is_no_candidate(void)
{
    static const char *const labels[] = {"truth", "truth", "pipeline", "pipeline"};
    static const double score[] = {0.9, 0.9, 0.7, 0.7}, cost[] = {1, 1, 5, 5};
    struct made made = made_begin("bound.h5", 4, "grid: {train.labels: [truth, pipeline]}\n");
    struct experiment experiment = asking(0.5, SELECT_BEST, SELECT_MULTIPLY_ADDS);

    made_numbers(&made, 2);
    made_texts(&made, "train.labels", labels);
    made_reals(&made, "network.validation.ssim", score);
    made_constant(&made, "pipeline.validation.ssim", 0.6);
    made_reals(&made, "network.multiply_adds", cost);
    made_status(&made, 0);
    made_seal(&made);
    CU_ASSERT_EQUAL(selected(&made, &experiment, NULL), 2);
    made_close(&made);
}

/* By times, a selection lies where no digest looks, and says what it is worth; trials without a
 * time are named. */
static void by_times(void)
{
    static const struct {
        double seconds[8];
        int64_t first;
        const char *why;
    } cases[] = {
        {{1e-3, 1e-3, 4e-3, 4e-3, 3e-3, 3e-3, 2e-3, 2e-3},
         6,
         "right-sized network: network.width=16; 0.002 s per image, measured on an image of 28 x "
         "28: not reproducible; validation ssim 65.50, at least 59.50 wanted (pipeline 60.00); "
         "cheapest of 3 that are good enough, of 4; by the ground truth of 50 validation images"},
        {{1e-3, 1e-3, 4e-3, 4e-3, NAN, 3e-3, NAN, NAN},
         2,
         "cheapest of 1 that are good enough, of 2; no time of trials 4, 6, 7: run with "
         "--no-timing, or too slow or large to be timed; 2 left out: a replicate has no"},
    };
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_SECONDS);
    char why[600], digests[2][65];

    CU_ASSERT(experiment_select_timed(&experiment));
    CU_ASSERT_PTR_NULL(experiment_select_machine(&experiment));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("times.h5", scores, energies, 0);
        made_times(&made, cases[i].seconds, 1);
        OK(store_digest(&made.file, digests[0], &error));
        CU_ASSERT_EQUAL(selected(&made, &experiment, why), cases[i].first);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, cases[i].why));
        CU_ASSERT(!hdf5_exists(&made.file, "/selection"));
        OK(store_digest(&made.file, digests[1], &error));
        CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
        made_close(&made);
    }
}

/* No trial has a time: none is selected, and the first few are named. */
static void without_times(void)
{
    struct made made = make("untimed.h5", scores, energies, 0);
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_SECONDS);
    char why[600];

    CU_ASSERT_EQUAL(selected(&made, &experiment, why), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "none of 0 is within"));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "; no time of trials 0, 1, 2, 3, 4, 5, 6, 7: run with"));
    made_close(&made);
}

/* Costs that are no time, and no multiply-adds. */
static void by_memory_and_idle_energy(void)
{
    static const struct {
        enum select_cost cost;
        const char *column, *why;
    } cases[] = {
        {SELECT_PEAK_BYTES, "network.peak_activation_bytes", "; 3 bytes of activations; "},
        {SELECT_PARAMETER_BYTES, "network.parameter_bytes", "; 3 bytes of parameters; "},
        {SELECT_IDLE_ENERGY, "hardware.tpu_v1.idle_energy_j",
         "; 3 J of idle power per image on tpu_v1; "},
    };
    static const double cost[] = {1, 1, 4, 4, 3, 3, 5, 5};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("memory.h5", scores, energies, 0);
        struct experiment experiment = asking(0.5, SELECT_PIPELINE, cases[i].cost);
        char why[600];
        made_reals(&made, cases[i].column, cost);
        made_seal(&made);
        CU_ASSERT_EQUAL(selected(&made, &experiment, why), 4);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, cases[i].why));
        made_close(&made);
    }
}

static void nothing_asked_nothing_selected(void)
{
    struct made made = make("nothing.h5", scores, energies, 0);
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_NOTHING);
    struct selection selection;
    struct arena arena = {0};

    OK(report_select(&made.file, &experiment, &error));
    CU_ASSERT(!hdf5_exists(&made.file, "/selection"));
    OK(selection_read(&selection, &made.file, &arena, &error));
    CU_ASSERT_PTR_NULL(selection.about);
    made_close(&made);
    arena_release(&arena);
}

/* The chosen rows alone; a selection of none gives none. */
static void a_table_of_the_selected(void)
{
    static const int64_t rows[] = {2, 3};
    struct made made = make("rows.h5", scores, energies, 0);
    struct text two = {0}, none = {0};

    OK(report_table(&made.file, false, rows, 2, &two, &error));
    OK(report_table(&made.file, false, rows, 0, &none, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(two.bytes, "\r\n2,0,4,0.59,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(two.bytes, "\r\n3,1,4,0.602,"));
    CU_ASSERT_PTR_NULL(strstr(two.bytes, "\r\n4,"));
    CU_ASSERT_PTR_EQUAL(strstr(none.bytes, "\r\n"), none.bytes + none.length - 2);
    text_release(&two);
    text_release(&none);
    made_close(&made);
}

static void damage_is_told(void)
{
    struct made made = make("damage.h5", scores, energies, 0);
    int64_t trials[] = {2, 9};
    struct hdf5_array array = {HDF5_INT64, 1, {2}, 0, trials};
    struct selection selection;
    struct arena arena = {0};

    OK(hdf5_write_text(&made.file, "/selection/about", "x", NULL));
    OK(hdf5_write(&made.file, "/selection/trials", &array, NULL));
    CU_ASSERT_EQUAL(selection_read(&selection, &made.file, &arena, &error), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "/selection/trials: there is no trial 9");
    made_close(&made);
    arena_release(&arena);
}

/* The trial whose network goes out; -1: none. */
static int64_t best(struct made *made, const struct experiment *experiment)
{
    size_t trial;
    bool found;

    OK(best_trial(&made->file, experiment, &trial, &found, &error));
    return found ? (int64_t)trial : -1;
}

static void the_network_that_goes_out(void)
{
    struct experiment experiment = asking(0.5, SELECT_PIPELINE, SELECT_ENERGY);
    struct made made = make("best", scores, energies, 0);

    /* Nothing is selected: the best of all, whatever the test images say. */
    CU_ASSERT_EQUAL(best(&made, &experiment), 7);
    /* Of the selected point's two replicates the better one. */
    CU_ASSERT_EQUAL(selected(&made, &experiment, NULL), 2);
    CU_ASSERT_EQUAL(best(&made, &experiment), 3);
    made_close(&made);
    /* A trial that failed is none, and without a score the first that is done is as good as any. */
    made = make("best", scores, energies, 1 << 7);
    CU_ASSERT_EQUAL(best(&made, &experiment), 5);
    made_close(&made);
    static const double none[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    made = make("best", none, energies, 1 << 0);
    CU_ASSERT_EQUAL(best(&made, &experiment), 1);
    made_close(&made);
    made = make("best", scores, energies, 0xff);
    CU_ASSERT_EQUAL(best(&made, &experiment), -1);
    made_close(&made);
}

void select_suite(void)
{
    CU_pSuite suite = CU_add_suite("select", NULL, NULL);

    CU_add_test(suite, "by times", by_times);
    CU_add_test(suite, "without times", without_times);
    CU_add_test(suite, "by memory and idle energy", by_memory_and_idle_energy);
    CU_add_test(suite, "the cheapest that is good enough", the_cheapest_that_is_good_enough);
    CU_add_test(suite, "why it was chosen", reasons_are_told);
    CU_add_test(suite, "ties and failed trials", ties_and_failures);
    CU_add_test(suite, "scores that are not finite", scores_that_are_not_finite);
    CU_add_test(suite, "by agreement with the pipeline", by_agreement);
    CU_add_test(suite, "by scores in integers", by_scores_in_integers);
    CU_add_test(suite, "without scores in integers", without_scores_in_integers);
    CU_add_test(suite, "the upper bound is no candidate", the_upper_bound_is_no_candidate);
    CU_add_test(suite, "nothing asked, nothing selected", nothing_asked_nothing_selected);
    CU_add_test(suite, "a table of the selected trials", a_table_of_the_selected);
    CU_add_test(suite, "a damaged selection is told", damage_is_told);
    CU_add_test(suite, "the network that goes out", the_network_that_goes_out);
}
