/* The verdict: its rule case by case, and what is stored of results files made by hand. */
#include "findings/verdict.h"
#include "findings/verdict_facts.h"
#include "results/results_write.h"
#include "results/select.h"
#include "tasks/registry.h"

#include "tests/unit/report_results.h"

#include <math.h>

void verdict_suite(void);

/* As good as the pipeline, cheaper, in three trainings of three. */
static struct verdict_facts good(void)
{
    return (struct verdict_facts){.judged = true,
                                  .difference = 0,
                                  .low = -0.001,
                                  .high = 0.001,
                                  .margin = 0.005,
                                  .replicates = 3,
                                  .as_good = 3,
                                  .seen = 0.03,
                                  .unseen = 0.04,
                                  .cost = VERDICT_CHEAPER,
                                  .changes = {[VERDICT_REPLICATE] = {.value = 6, .set = true},
                                              [VERDICT_WIDEN] = {.value = 32, .also = true},
                                              [VERDICT_LABEL] = {.value = 2000}}};
}

static struct verdict_facts with_interval(double low, double high)
{
    struct verdict_facts facts = good();

    facts.difference = (low + high) / 2;
    facts.low = low;
    facts.high = high;
    return facts;
}

static void quality_is_where_the_interval_lies(void)
{
    static const struct {
        double low, high;
        enum verdict_quality quality;
    } cases[] = {
        {0.001, 0.004, VERDICT_BETTER},    {0, 0.004, VERDICT_AS_GOOD},
        {-0.004, -0.001, VERDICT_AS_GOOD}, {-0.005, 0, VERDICT_UNCLEAR},
        {-0.02, 0.01, VERDICT_UNCLEAR},    {-0.02, -0.005, VERDICT_UNCLEAR},
        {-0.02, -0.006, VERDICT_WORSE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct verdict_facts facts = with_interval(cases[i].low, cases[i].high);
        CU_ASSERT_EQUAL(verdict_quality(&facts), cases[i].quality);
        facts.low = facts.high = (double)NAN; /* the mean has to do */
        facts.difference = cases[i].low;
        CU_ASSERT_EQUAL(verdict_quality(&facts) >= VERDICT_AS_GOOD, cases[i].low > -0.005);
        facts.judged = false;
        CU_ASSERT_EQUAL(verdict_quality(&facts), VERDICT_UNKNOWN);
    }
    struct verdict_facts above = with_interval(0.001, 0.004); /* it must be that much better */
    above.margin = -0.002;
    CU_ASSERT_EQUAL(verdict_quality(&above), VERDICT_UNCLEAR);
    above.margin = -0.0005;
    CU_ASSERT_EQUAL(verdict_quality(&above), VERDICT_BETTER);
}

static void expect(const struct verdict_facts *facts, enum verdict_action action,
                   const char *sentence)
{
    struct text text = {0};

    CU_ASSERT_EQUAL(verdict_action(facts), action);
    verdict_sentence(facts, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, sentence);
    text_release(&text);
}

static void good_networks(void)
{
    struct verdict_facts facts = good(), better = with_interval(0.001, 0.004);

    expect(&facts, VERDICT_TAKE,
           "Take the network: it is as good as the pipeline, and costs less. 'understudy export' "
           "writes it as ONNX or C.");
    expect(&better, VERDICT_TAKE,
           "Take the network: it is better than the pipeline, and costs less. 'understudy export' "
           "writes it as ONNX or C.");
    facts.cost = VERDICT_PARTLY_CHEAPER;
    expect(&facts, VERDICT_TAKE,
           "Take the network: it is as good as the pipeline, and costs less in part: the lines "
           "above say where. 'understudy export' writes it as ONNX or C.");
    facts.cost = VERDICT_NOT_COMPARED;
    expect(&facts, VERDICT_TAKE,
           "Take the network: it is as good as the pipeline, but no machine under 'hardware' "
           "prices both: add one that does, as raspberry_pi_4. 'understudy export' writes it as "
           "ONNX or C.");
    facts.cost = better.cost = VERDICT_NO_CHEAPER;
    expect(&facts, VERDICT_KEEP,
           "Keep the pipeline: the network is as good, but neither better nor cheaper.");
    expect(&better, VERDICT_TAKE,
           "Take the network where the score counts more than the cost: it is better than the "
           "pipeline, but costs no less. 'understudy export' writes it as ONNX or C.");
}

static void costs_are_compared(void)
{
    const double unknown = (double)NAN;
    const struct price prices[] = {{.network_s = 1, .pipeline_s = 2, unknown, unknown},
                                   {.network_s = 3, .pipeline_s = 2, unknown, unknown},
                                   {.network_s = 1, .pipeline_s = unknown, unknown, unknown}};

    CU_ASSERT_EQUAL(verdict_compare(prices, 1), VERDICT_CHEAPER);
    CU_ASSERT_EQUAL(verdict_compare(prices, 2), VERDICT_PARTLY_CHEAPER);
    CU_ASSERT_EQUAL(verdict_compare(prices + 1, 1), VERDICT_NO_CHEAPER);
    CU_ASSERT_EQUAL(verdict_compare(prices + 2, 1), VERDICT_NOT_COMPARED);
}

static void replicates_have_a_say(void)
{
    struct verdict_facts facts = good();

    facts.as_good = 2;
    expect(&facts, VERDICT_REPLICATE,
           "Run more replicates (replicates: 6): 2 of 3 trainings gave a network as good "
           "as the pipeline.");
    facts.replicates = facts.as_good = 1;
    expect(&facts, VERDICT_REPLICATE,
           "Run more replicates (replicates: 6): the network is as good as the pipeline, "
           "but was trained only once.");
    facts.cost = VERDICT_NO_CHEAPER; /* more of them would change nothing */
    expect(&facts, VERDICT_KEEP,
           "Keep the pipeline: the network is as good, but neither better nor cheaper.");
}

static void networks_that_are_not_good_enough(void)
{
    struct verdict_facts worse = with_interval(-0.03, -0.01), unclear = with_interval(-0.02, 0.018),
                         likely = with_interval(-0.02, 0.005), none = good();

    expect(&worse, VERDICT_KEEP,
           "Keep the pipeline: the network is worse by more than the margin; wider networks "
           "(network.width: 32) may bring it closer.");
    worse.unseen = 0.07; /* the larger part is lost on images that it never saw */
    expect(&worse, VERDICT_KEEP,
           "Keep the pipeline: the network is worse by more than the margin; more labels "
           "(dataset.unlabelled: 2000) may bring it closer.");
    expect(&unclear, VERDICT_TEST,
           "Try more test images (a larger dataset.test): these do not tell whether the network is "
           "as good as the pipeline.");
    expect(&likely, VERDICT_WIDEN,
           "Try wider networks (network.width: 32): the network is probably worse by more than the "
           "margin.");
    likely.unseen = 0.07;
    expect(&likely, VERDICT_LABEL,
           "Try more labels (dataset.unlabelled: 2000): the network is probably worse by more "
           "than the margin.");
    none.none_selected = true;
    expect(&none, VERDICT_WIDEN,
           "Try wider networks (network.width: 32): no network is good enough on the validation "
           "images.");
    none.seen = none.unseen = (double)NAN;
    CU_ASSERT_EQUAL(verdict_action(&none), VERDICT_WIDEN);
}

static void without_truth(void)
{
    struct verdict_facts facts = good();

    facts.judged = false;
    expect(&facts, VERDICT_FIND_TRUTH,
           "Label test images by hand: agreement alone does not tell whether the network is as "
           "good as the pipeline.");
    facts.cost = VERDICT_NO_CHEAPER;
    expect(&facts, VERDICT_KEEP,
           "Keep the pipeline: the network costs no less, and nothing says that it is better.");
}

/* Costs change the action only where the rule says that it asks for them. */
static void costs_are_asked_for_where_they_count(void)
{
    static const double ends[] = {-0.02, -0.006, -0.004, 0, 0.001, 0.004};

    for (size_t i = 0; i < 6; i++)
        for (size_t j = i; j < 6; j++)
            for (unsigned k = 0; k < 4; k++) {
                struct verdict_facts facts = with_interval(ends[i], ends[j]);
                bool differs = false;
                facts.judged = k & 1;
                facts.none_selected = k & 2;
                enum verdict_action first = verdict_action(&facts);
                for (int cost = 0; cost <= VERDICT_NO_CHEAPER; cost++) {
                    facts.cost = (enum verdict_cost)cost;
                    differs = differs || verdict_action(&facts) != first;
                }
                CU_ASSERT(!differs || verdict_asks_cost(&facts));
            }
}

/* ---- stored */

/* Two widths, two replicates; width 4 is as good as the pipeline (0.60) on the test images. */
static struct made make(const char *name)
{
    static const int64_t widths[] = {2, 2, 4, 4};
    static const double validation[] = {0.50, 0.52, 0.61, 0.60},
                        test[] = {0.50, 0.51, 0.602, 0.601},
                        difference[] = {-0.10, -0.09, 0.002, 0.001},
                        low[] = {-0.11, -0.10, -0.001, -0.002},
                        high[] = {-0.09, -0.08, 0.005, 0.004};
    struct made made = made_begin(name, 4, "grid: {network.width: [2, 4]}\n");

    made_numbers(&made, 2);
    made_integers(&made, "network.width", widths);
    made_reals(&made, "network.validation.ssim", validation);
    made_reals(&made, "network.test.ssim", test);
    made_constant(&made, "pipeline.test.ssim", 0.60);
    made_reals(&made, "network.test.ssim.minus_pipeline", difference);
    made_reals(&made, "network.test.ssim.minus_pipeline.low", low);
    made_reals(&made, "network.test.ssim.minus_pipeline.high", high);
    made_constant(&made, "network.train.agreement.ssim", 0.97);
    made_constant(&made, "network.validation.agreement.ssim", 0.96);
    made_constant(&made, "network.test.agreement.ssim", 0.95);
    made_status(&made, 0);
    made_seal(&made);
    return made;
}

static struct experiment asking(const char *task)
{
    static const char *machines[] = {"cpu"};
    struct experiment experiment = {
        .hardware = {machines, 1},
        .select = {METRIC_SSIM, 0.5, SELECT_PIPELINE, SELECT_NOTHING, "", SCORE_AUTO}};

    experiment.dataset.validation = 50;
    experiment.dataset.manual = 7;
    while (task_at(experiment.task) != task_find(task))
        experiment.task++;
    return experiment;
}

static void expect_text(struct made *made, const char *path, const char *wanted)
{
    struct arena arena = {0};
    const char *text;

    OK(hdf5_read_text(&made->file, path, &arena, &text, &error));
    CU_ASSERT_STRING_EQUAL(text, wanted);
    arena_release(&arena);
}

static double number(struct made *made, const char *path)
{
    struct arena arena = {0};
    struct hdf5_array array;

    OK(hdf5_read(&made->file, path, &arena, &array, &error));
    CU_ASSERT_EQUAL_FATAL(array.rank, 0);
    double value =
        array.type == HDF5_INT64 ? (double)*(int64_t *)array.values : *(double *)array.values;
    arena_release(&arena);
    return value;
}

static void what_is_stored(void)
{
    struct made made = make("verdict.h5");
    struct experiment experiment = asking("denoise");
    struct text text = {0};

    made_constant(&made, "hardware.cpu.latency_s", 0.25);
    made_constant(&made, "hardware.cpu.pipeline.latency_s", 1);
    made_seal(&made);
    OK(verdict_store(&made.file, &experiment, &error));
    expect_text(&made, "/verdict/network", "network.width=4");
    expect_text(&made, "/verdict/metric", "ssim");
    expect_text(&made, "/verdict/quality", "as_good");
    expect_text(&made, "/verdict/action", "take_the_network");
    CU_ASSERT_EQUAL(number(&made, "/verdict/trial"), 2);
    CU_ASSERT_EQUAL(number(&made, "/verdict/network_score"), 0.602);
    CU_ASSERT_EQUAL(number(&made, "/verdict/pipeline_score"), 0.60);
    CU_ASSERT_EQUAL(number(&made, "/verdict/difference_low"), -0.001);
    CU_ASSERT_EQUAL(number(&made, "/verdict/difference_high"), 0.005);
    CU_ASSERT_EQUAL(number(&made, "/verdict/agreement"), 0.95);
    CU_ASSERT_EQUAL(number(&made, "/verdict/manual_labels"), 7);
    CU_ASSERT_EQUAL(number(&made, "/verdict/replicates_as_good"), 2);
    CU_ASSERT_EQUAL(number(&made, "/verdict/machines/cpu/network_latency_s"), 0.25);
    CU_ASSERT(isnan(number(&made, "/verdict/machines/cpu/pipeline_energy_j")));
    OK(verdict_read(&made.file, &text, &error));
    CU_ASSERT_STRING_EQUAL(
        text.bytes,
        "  network      trial 2, network.width=4; best ssim on validation images of 4 trials\n"
        "  score        ssim 60.20, pipeline 60.00 (test images): +0.2 points, 95 % interval "
        "-0.1 to +0.5\n"
        "  agreement    ssim 95.00 with the pipeline's answers (test images)\n"
        "  judgement    as good as the pipeline (margin 0.5 points, select.within)\n"
        "  replicates   2 of 2 at least as good; mean difference +0.15 points, 95 % interval "
        "-0.4853 to +0.7853\n"
        "  labels       7 by hand; the network was chosen by the truth of 50 validation images\n"
        "  cpu          0.25 s an image; pipeline 1 s: 0.25 times its time\n"
        "  next         Take the network: it is as good as the pipeline, and costs less. "
        "'understudy export' writes it as ONNX or C.\n");
    text_release(&text);
    made_close(&made);
}

/* What hangs on times is where no digest looks, whether there are times or not. */
static void measured_costs(void)
{
    static const struct {
        double network, pipeline;
        const char *action;
    } cases[] = {
        {NAN, NAN, "take_the_network"}, {1, 2, "take_the_network"}, {2, 1, "keep_the_pipeline"}};
    char digests[3][65];

    for (size_t i = 0; i < 3; i++) {
        struct made made = make("measured.h5");
        struct experiment experiment = asking("denoise");
        double network[] = {1, 1, cases[i].network, 1}, pipeline[] = {1, 1, cases[i].pipeline, 1};
        struct hdf5_array array = {HDF5_FLOAT64, 1, {4}, 0, network};
        OK(hdf5_write(&made.file, "/timing/trials/network.seconds_per_image", &array, &error));
        array.values = pipeline;
        OK(hdf5_write(&made.file, "/timing/trials/pipeline.seconds_per_image", &array, &error));
        OK(hdf5_attribute_text(&made.file, "/timing/trials", "columns",
                               "network.seconds_per_image\npipeline.seconds_per_image", &error));
        OK(verdict_store(&made.file, &experiment, &error));
        CU_ASSERT(!hdf5_exists(&made.file, "/verdict/next"));
        expect_text(&made, "/timing/verdict/action", cases[i].action);
        OK(store_digest(&made.file, digests[i], &error));
        CU_ASSERT_STRING_EQUAL(digests[i], digests[0]);
        made_close(&made);
    }
}

/* All that follows from a selection by times lies below /timing. */
static void selected_by_times(void)
{
    struct made made = make("timed.h5");
    struct experiment experiment = asking("denoise");
    char before[65], after[65];

    experiment.select.minimise = SELECT_SECONDS;
    made_constant(&made, "pipeline.validation.ssim", 0.6);
    made_seal(&made);
    OK(store_digest(&made.file, before, &error));
    OK(report_select(&made.file, &experiment, &error));
    OK(verdict_store(&made.file, &experiment, &error));
    OK(store_digest(&made.file, after, &error));
    CU_ASSERT_STRING_EQUAL(before, after);
    CU_ASSERT(!hdf5_is_group(&made.file, "/verdict"));
    expect_text(&made, "/timing/verdict/action", "wider_networks"); /* none has a time */
    made_close(&made);
}

static void by_agreement_alone(void)
{
    struct made made = make("agreement.h5");
    struct experiment experiment = asking("denoise");

    while (strcmp(experiment_select_metric_name(&experiment), "agreement.ssim") != 0)
        experiment.select.metric++;
    OK(verdict_store(&made.file, &experiment, &error));
    expect_text(&made, "/verdict/metric", "agreement.ssim");
    expect_text(&made, "/verdict/quality", "worse"); /* by 5 points, and half a one is allowed */
    CU_ASSERT_EQUAL(number(&made, "/verdict/pipeline_score"), 1);
    made_close(&made);
}

/* Of errors, smaller is better: the interval turns with them. */
static void errors_of_numbers(void)
{
    static const double network[] = {3, 3.5}, low[] = {0.5, 1}, high[] = {1.5, 2};
    struct made made = made_begin("numbers.h5", 2, "seed: 1\n");
    struct experiment experiment = asking("regress");

    experiment.select.metric = METRIC_MAE;
    experiment.select.within = 2;
    made_numbers(&made, 2);
    made_reals(&made, "network.validation.mae", network);
    made_reals(&made, "network.test.mae", network);
    made_constant(&made, "pipeline.test.mae", 2);
    made_reals(&made, "network.test.mae.minus_pipeline.low", low);
    made_reals(&made, "network.test.mae.minus_pipeline.high", high);
    made_status(&made, 0);
    made_seal(&made);
    OK(verdict_store(&made.file, &experiment, &error));
    expect_text(&made, "/verdict/quality", "as_good");
    CU_ASSERT_EQUAL(number(&made, "/verdict/difference"), 1);
    CU_ASSERT_EQUAL(number(&made, "/verdict/difference_low"), 0.5);
    CU_ASSERT_EQUAL(number(&made, "/verdict/difference_high"), 1.5);
    CU_ASSERT_EQUAL(number(&made, "/verdict/replicates_as_good"), 1); /* 2 is not within 2 */
    made_close(&made);
}

static void no_trial_is_done(void)
{
    struct made made = made_begin("failed.h5", 2, "seed: 1\n");
    struct experiment experiment = asking("denoise");
    struct text text = {0};

    made_numbers(&made, 2);
    made_status(&made, 3);
    made_seal(&made);
    OK(verdict_store(&made.file, &experiment, &error));
    OK(verdict_read(&made.file, &text, &error));
    CU_ASSERT_EQUAL(text.length, 0);
    made_close(&made);
}

void verdict_suite(void)
{
    CU_pSuite suite = CU_add_suite("verdict", NULL, NULL);

    CU_add_test(suite, "quality is where the interval lies", quality_is_where_the_interval_lies);
    CU_add_test(suite, "good networks", good_networks);
    CU_add_test(suite, "costs on one machine and on several", costs_are_compared);
    CU_add_test(suite, "replicates have a say", replicates_have_a_say);
    CU_add_test(suite, "networks that are not good enough", networks_that_are_not_good_enough);
    CU_add_test(suite, "without truth", without_truth);
    CU_add_test(suite, "costs are asked for where they count",
                costs_are_asked_for_where_they_count);
    CU_add_test(suite, "what is stored", what_is_stored);
    CU_add_test(suite, "measured costs", measured_costs);
    CU_add_test(suite, "selected by times", selected_by_times);
    CU_add_test(suite, "by agreement alone", by_agreement_alone);
    CU_add_test(suite, "errors of numbers", errors_of_numbers);
    CU_add_test(suite, "no trial is done", no_trial_is_done);
}
