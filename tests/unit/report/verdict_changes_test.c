/* What the verdict asks for more of, and by how much; intervals that leave what can be; the guard
 * as an answer of its own. */
#include "findings/verdict.h"
#include "findings/verdict_facts.h"
#include "tasks/registry.h"

#include "tests/unit/report_results.h"

#include <math.h>

void verdict_changes_suite(void);

static struct experiment asking(int64_t test)
{
    struct experiment experiment = {
        .replicates = 2,
        .dataset = {.manual = 7, .unlabelled = 100, .validation = 50, .test = test},
        .select = {METRIC_SSIM, 0.5, SELECT_PIPELINE, SELECT_NOTHING, "", SCORE_AUTO}};

    while (task_at(experiment.task) != task_find("denoise"))
        experiment.task++;
    return experiment;
}

/* Widths 2 and 4, two replicates; the second point has these ends of the interval. */
static struct made make(const char *name, const double validation[4], double difference, double low,
                        double high)
{
    static const int64_t widths[] = {2, 2, 4, 4};
    struct made made = made_begin(name, 4, "grid: {network.width: [2, 4]}\n");

    made_numbers(&made, 2);
    made_integers(&made, "network.width", widths);
    made_reals(&made, "network.validation.ssim", validation);
    made_constant(&made, "network.test.ssim", 0.6 + difference);
    made_constant(&made, "pipeline.test.ssim", 0.6);
    made_constant(&made, "network.test.ssim.minus_pipeline.low", low);
    made_constant(&made, "network.test.ssim.minus_pipeline.high", high);
    made_status(&made, 0);
    made_seal(&made);
    OK(hdf5_attribute_text(&made.file, "/", "experiment", "made", &error));
    return made;
}

static void expect_lines(struct hdf5 *file, const char *const *lines)
{
    struct text text = {0};

    OK(verdict_read(file, &text, &error));
    for (; *lines; lines++) {
        CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, *lines));
        if (!strstr(text.bytes, *lines))
            printf("no '%s' in\n%s", *lines, text.bytes);
    }
    text_release(&text);
}

static const double wider_is_better[] = {0.5, 0.5, 0.6, 0.6}, narrower_is[] = {0.6, 0.6, 0.5, 0.5};

/* SSIM lies between -1 and 1: two scores are at most 2 apart. */
static void intervals_stay_within_what_can_be(void)
{
    struct made made = make("cut.h5", wider_is_better, 0.3, -5.2, 5.96);
    struct experiment experiment = asking(2);
    struct yaml_node *value;
    struct arena arena = {0};
    struct diagnostics found = {0};

    OK(yaml_parse(&arena, "x", "{network.width: [2, 4]}", 23, &value, &found, &error));
    experiment.grid = value;
    OK(verdict_store(&made.file, &experiment, &error));
    expect_lines(&made.file, (const char *const[]){
                                 "+30 points, 95 % interval -200 to +200, cut at what it can be\n",
                                 "perhaps worse than the pipeline (margin 0.5 points, "
                                 "select.within): 2 test images are too few to tell\n",
                                 "Try more test images (dataset.test: 86): these do not",
                                 "run --set 'dataset.test=86' experiments/made.yaml\n", NULL});
    made_close(&made);
    made = make("one.h5", wider_is_better, 0.3, (double)NAN, (double)NAN);
    experiment = asking(1);
    OK(verdict_store(&made.file, &experiment, &error));
    expect_lines(&made.file, (const char *const[]){"-200 to +200, cut at what it can be\n",
                                                   ": 1 test image is too few to tell\n", NULL});
    made_close(&made);
    diagnostics_release(&found);
    arena_release(&arena);
}

/* The setting to change, and how: on the axis by `also:`, elsewhere in its place. */
static void settings_are_named(void)
{
    static const struct {
        const char *grid;
        const double *validation;
        const char *sentence, *command;
    } cases[] = {
        {"{network.width: [2, 4]}", wider_is_better, "wider networks (network.width: 8) may",
         "'also=[{network.width: 8}]'"},
        {"{train.epochs: [2, 4]}", wider_is_better, "wider networks (network.width: 8) may",
         "'network.width=8'"},
        {"{network: [a, b]}", wider_is_better, "; wider networks may bring it closer.\n", NULL},
        {"{network.width: [2, 4]}", narrower_is, "more labels (dataset.unlabelled: 200) may",
         "'dataset.unlabelled=200'"},
        {"{dataset.unlabelled: [2, 4]}", narrower_is, "more labels (dataset.unlabelled: 200) may",
         "'also=[{dataset.unlabelled: 200}]'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("named.h5", cases[i].validation, -0.1, -0.12, -0.08);
        struct experiment experiment = asking(50);
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct text text = {0};
        struct yaml_node *grid;

        OK(yaml_parse(&arena, "x", cases[i].grid, strlen(cases[i].grid), &grid, &found, &error));
        experiment.grid = grid;
        OK(verdict_store(&made.file, &experiment, &error));
        expect_lines(&made.file, (const char *const[]){cases[i].sentence, cases[i].command, NULL});
        OK(verdict_read(&made.file, &text, &error));
        CU_ASSERT_EQUAL(strstr(text.bytes, "  command ") != NULL, cases[i].command != NULL);
        text_release(&text);
        diagnostics_release(&found);
        arena_release(&arena);
        made_close(&made);
    }
}

static void add_guard(struct made *made, const double scores[2])
{
    static const double threshold[] = {0.5, 0.5}, share[] = {0.25, 0.25}, cost[] = {30, 30};
    static const int64_t trials[] = {0, -1}, replicate = 0;
    struct hdf5_array array = {HDF5_INT64, 1, {2}, 0, (void *)(uintptr_t)trials};

    OK(hdf5_write_text(&made->file, "/guard/about", "guard by residual: …", &error));
    OK(hdf5_write_text(&made->file, "/guard/by", "residual", &error));
    OK(hdf5_write_text(&made->file, "/guard/small", "network.width=2", &error));
    OK(hdf5_write_text(&made->file, "/guard/other", "the pipeline", &error));
    OK(hdf5_write(&made->file, "/guard/trials", &array, &error));
    array = (struct hdf5_array){HDF5_INT64, 0, {0}, 0, (void *)(uintptr_t)&replicate};
    OK(hdf5_write(&made->file, "/guard/replicate", &array, &error));
    const struct {
        const char *path;
        const double *values;
    } rows[] = {{"/guard/threshold", threshold},
                {"/guard/test/chosen_score", scores},
                {"/guard/test/chosen_share", share},
                {"/guard/test/chosen_cost", cost}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        array = (struct hdf5_array){HDF5_FLOAT64, 1, {2}, 0, (void *)(uintptr_t)rows[i].values};
        OK(hdf5_write(&made->file, rows[i].path, &array, &error));
    }
}

/* The network alone is worse; with the guard it is as good, and cheaper or not. */
static void guards_are_answers_too(void)
{
    static const double good[] = {0.601, 0.602}, bad[] = {0.55, 0.552};
    static const struct {
        const double *scores;
        double pipeline; /* multiply-adds */
        const char *action, *line;
    } cases[] = {
        {good, 100, "take_the_guarded_network",
         "  guarded      network.width=2, residual hands 25 % on to the pipeline: ssim 60.15, "
         "+0.15 "
         "points, 95 % interval -0.4853 to +0.7853; 30 multiply-adds an image, pipeline 100\n"},
        {good, 20, "keep_the_pipeline", "; 30 multiply-adds an image, pipeline 20\n"},
        {bad, 100, "keep_the_pipeline", "ssim 55.10, -4.9 points"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make("guarded.h5", wider_is_better, -0.1, -0.12, -0.08);
        struct experiment experiment = asking(50);
        struct arena arena = {0};
        const char *action;

        made_constant(&made, "pipeline.multiply_adds", cases[i].pipeline);
        made_seal(&made);
        add_guard(&made, cases[i].scores);
        OK(verdict_store(&made.file, &experiment, &error));
        bool timed = hdf5_exists(&made.file, "/timing/verdict/action");
        OK(hdf5_read_text(&made.file, timed ? "/timing/verdict/action" : "/verdict/action", &arena,
                          &action, &error));
        CU_ASSERT_STRING_EQUAL(action, cases[i].action);
        expect_lines(&made.file, (const char *const[]){cases[i].line, NULL});
        arena_release(&arena);
        made_close(&made);
    }
}

/* Lines that another program wrote may end anywhere. */
static void lines_are_aligned(void)
{
    static const char *const cases[][2] = {
        {"  next         Stay.\n", "  next         Stay.\n"},
        {"  tpu_v1       1 s\n  raspberry_pi_4 2 s\n",
         "  tpu_v1          1 s\n  raspberry_pi_4  2 s\n"},
        {"  next Stay.", "  next         Stay."},
        {"alone\n\n", "  alone        \n               \n"},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        text_append(&text, "%s", cases[i][0]);
        OK(verdict_align(&text, &error));
        CU_ASSERT_STRING_EQUAL(text.bytes ? text.bytes : "", cases[i][1]);
        text_release(&text);
    }
}

void verdict_changes_suite(void)
{
    CU_pSuite suite = CU_add_suite("verdict_changes", NULL, NULL);

    CU_add_test(suite, "intervals stay within what can be", intervals_stay_within_what_can_be);
    CU_add_test(suite, "settings are named", settings_are_named);
    CU_add_test(suite, "guards are answers, too", guards_are_answers_too);
    CU_add_test(suite, "lines are aligned", lines_are_aligned);
}
