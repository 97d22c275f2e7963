/* The board of a sweep, and two results side by side, of results files made by hand. */
#include "findings/board.h"
#include "findings/side_by_side.h"

#include "tests/unit/report_results.h"

#include <math.h>

void board_suite(void);

static const int64_t widths[] = {2, 2, 4, 4, 8, 8};

static struct made make(const char *name, const int64_t *width, const double *scores,
                        const double *costs, unsigned failed)
{
    struct made made = made_begin(name, 6, "grid: {network.width: [2, 4, 8]}\n");

    made_numbers(&made, 2);
    made_integers(&made, "network.width", width);
    made_reals(&made, "network.validation.ssim", scores);
    made_reals(&made, "network.validation.psnr", costs);
    made_reals(&made, "network.test.ssim", scores);
    made_reals(&made, "network.multiply_adds", costs);
    made_reals(&made, "hardware.tpu_v1.energy_j", scores);
    made_status(&made, failed);
    made_seal(&made);
    return made;
}

/* What the board says of the file; `wanted` NULL: it is a mistake. */
static void expect_board(struct made *made, const struct board_request *request, const char *wanted)
{
    struct results results;
    struct text text = {0};

    OK(results_open(&results, &made->file, &error));
    enum status status = board_print(&results, request, &text, &error);
    if (wanted) {
        CU_ASSERT_EQUAL(status, STATUS_OK);
        CU_ASSERT_STRING_EQUAL(text.bytes, wanted);
    } else {
        CU_ASSERT_EQUAL(status, STATUS_CONFIG);
    }
    text_release(&text);
    results_release(&results);
}

static void the_best_first(void)
{
    static const double scores[] = {0.50, 0.50, 0.70, 0.70, 0.60, 0.60},
                        costs[] = {1, 1, 2, 2, 3, 3};
    struct made made = make("board.h5", widths, scores, costs, 0);

    expect_board(&made, &(struct board_request){0},
                 "network.validation.ssim, mean and 95 % interval over replicates; "
                 "network.multiply_adds; * Pareto front; replicates\n"
                 "* 70.00 [70.00, 70.00]         2          2/2  network.width=4\n"
                 "  60.00 [60.00, 60.00]         3          2/2  network.width=8\n"
                 "* 50.00 [50.00, 50.00]         1          2/2  network.width=2\n");
    expect_board(&made, &(struct board_request){.by = "psnr", .minimise = "energy_j", .top = 1},
                 "network.validation.psnr, mean and 95 % interval over replicates; "
                 "hardware.tpu_v1.energy_j; * Pareto front; replicates\n"
                 "* 3.00 dB [3.00 dB, 3.00 dB]   0.6        2/2  network.width=8\n"
                 "… 2 more\n");
    made_close(&made);
}

/* Of equal scores the cheaper leads, and is alone on the front. */
static void ties_and_failures(void)
{
    static const double scores[] = {0.50, 0.50, 0.50, 0.50, 0.60, NAN},
                        costs[] = {2, 2, 1, 1, 9, 9};
    struct made made = make("ties.h5", widths, scores, costs, 0), failed;

    expect_board(&made, &(struct board_request){0},
                 "network.validation.ssim, mean and 95 % interval over replicates; "
                 "network.multiply_adds; * Pareto front; replicates\n"
                 "* 60.00                        9          1/2  network.width=8\n"
                 "* 50.00 [50.00, 50.00]         1          2/2  network.width=4\n"
                 "  50.00 [50.00, 50.00]         2          2/2  network.width=2\n");
    made_close(&made);
    failed = make("failed.h5", widths, scores, costs, 0x3);
    expect_board(&failed, &(struct board_request){.top = 1},
                 "network.validation.ssim, mean and 95 % interval over replicates; "
                 "network.multiply_adds; * Pareto front; replicates\n"
                 "* 60.00                        9          1/2  network.width=8\n"
                 "… 1 more\n"
                 "1 of 3 points have no score\n");
    made_close(&failed);
}

static void names_that_are_none(void)
{
    static const char *const scores[] = {"sim", "multiply_adds", "network", ""};
    static const char *const costs[] = {"energy", "tpu_v1.energy_j.x", "", "_j"};
    static const double values[] = {0.5, 0.5, 0.6, 0.6, 0.7, 0.7};
    struct made made = make("names.h5", widths, values, values, 0);

    for (size_t i = 0; i < 4; i++) {
        expect_board(&made, &(struct board_request){.by = scores[i]}, NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "--by: '"));
        expect_board(&made, &(struct board_request){.minimise = costs[i]}, NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "--minimise: '"));
    }
    made_close(&made);
}

static enum status compare_made(struct made made[2], const char *by, struct text *text)
{
    struct compared sides[2] = {{.name = "a"}, {.name = "b"}};

    for (int s = 0; s < 2; s++)
        OK(results_open(&sides[s].results, &made[s].file, &error));
    enum status status = side_by_side_print(sides, by, text, &error);
    for (int s = 0; s < 2; s++)
        results_release(&sides[s].results);
    return status;
}

/* Differences are of equal replicates, so that what both share drops out. */
static void side_by_side(void)
{
    static const int64_t others[] = {4, 4, 8, 8, 16, 16};
    static const double a[] = {0.1, 0.1, 0.50, 0.70, 0.6, 0.6},
                        b[] = {0.51, 0.71, 0.7, 0.7, 0.8, 0.8};
    struct made made[2] = {make("a.h5", widths, a, a, 1U << 4), make("b.h5", others, b, b, 0)};
    struct text text = {0};

    OK(compare_made(made, NULL, &text));
    CU_ASSERT_STRING_EQUAL(
        text.bytes,
        "network.test.ssim: A a, B b; means and 95 % intervals over replicates\n"
        "A                        B                        B - A                    pairs\n"
        "60.00 [-67.06, 100.00]   61.00 [-66.06, 100.00]   +1.00 [1.00, 1.00]       2  "
        "network.width=4\n"
        "60.00                    70.00 [70.00, 70.00]     +10.00                   1  "
        "network.width=8\n"
        "in a alone: network.width=2\n"
        "in b alone: network.width=16\n");
    text_clear(&text);
    OK(compare_made(made, "network.validation.psnr", &text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "network.validation.psnr: A a"));
    CU_ASSERT_EQUAL(compare_made(made, "accuracy", &text), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "a has no score 'accuracy'");
    text_release(&text);
    made_close(&made[0]);
    made_close(&made[1]);
}

/* An axis of one side alone that tells points apart leaves nothing to match by. */
static void axes_of_one_side(void)
{
    static const double values[] = {0.5, 0.6, 0.7, 0.8};
    struct made made[2];
    struct text text = {0};

    for (int s = 0; s < 2; s++) {
        static const int64_t depth[] = {1, 1, 2, 2};
        made[s] = made_begin(s ? "without.h5" : "with.h5", s ? 2 : 4,
                             s ? "seed: 1\n" : "grid: {network.depth: [1, 2]}\n");
        made_numbers(&made[s], 2);
        if (!s)
            made_integers(&made[s], "network.depth", depth);
        made_reals(&made[s], "network.test.ssim", values);
        made_status(&made[s], 0);
        made_seal(&made[s]);
    }
    CU_ASSERT_EQUAL(compare_made(made, NULL, &text), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "a: points 0 and 1 differ on axes that b does not have");
    text_release(&text);
    made_close(&made[0]);
    made_close(&made[1]);
}

void board_suite(void)
{
    CU_pSuite suite = CU_add_suite("board", NULL, NULL);

    CU_add_test(suite, "the best first", the_best_first);
    CU_add_test(suite, "ties and failures", ties_and_failures);
    CU_add_test(suite, "names that are none", names_that_are_none);
    CU_add_test(suite, "side by side", side_by_side);
    CU_add_test(suite, "axes of one side", axes_of_one_side);
}
