/*
 * Axes and drawings of any numbers: of every magnitude, equal, a rounding error apart, denormal,
 * negative, infinite, not a number, none, a million. Each ends soon, with a figure whose tics read
 * well or with a clear error.
 */
#include "report/charts/drawing.h"

#include "base/folder.h"
#include "base/random.h"
#include "report/charts/gnuplot.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void drawing_property_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static const char *const units[] = {"1", "dB", "share", "count", "whole", "J", "s", "min"};
enum { UNITS = sizeof units / sizeof *units };

/* Any 64 bits as a double, or a value that is near trouble. */
static double any_value(struct random_stream *stream)
{
    static const double odd[] = {0,      -0.0,       1,        -1,        1e308,  -1e308,
                                 1e-320, INFINITY,   -1e-90,   NAN,       1e100,  1e101,
                                 9.2e18, 1073741824, 1e15,     -INFINITY, 5e-324, 0.5,
                                 1e-100, 100,        1e16 + 2, 0.1,       1e-12,  3};
    uint32_t kind = random_below(stream, 4);
    double value = odd[random_below(stream, sizeof odd / sizeof *odd)];

    if (kind == 0) {
        uint64_t bits = (uint64_t)random_u32(stream) << 32 | random_u32(stream);
        memcpy(&value, &bits, sizeof value);
    } else if (kind == 1) {
        value = nextafter(value, random_below(stream, 2) ? INFINITY : -INFINITY);
    } else if (kind == 2) {
        value = ldexp(random_uniform(stream) - 0.25, (int)random_below(stream, 80) - 40);
    }
    return value;
}

/* Of "LABEL" POSITION, … or "" POSITION 1, …: every position in the range, labels short and no two
 * neighbours the same. */
static void check_tics(const struct axis *axis, const char *tics)
{
    char previous[64] = "", label[64];
    size_t labels = 0, count = 0;
    double slack = 1e-8 * (axis->high - axis->low);

    for (const char *at = tics; *at; count++) {
        const char *end = at[0] == '"' ? strchr(at + 1, '"') : NULL;
        CU_ASSERT_FATAL(end && end - at < 26);
        snprintf(label, sizeof label, "%.*s", (int)(end - at - 1), at + 1);
        double place = strtod(end + 1, NULL);
        CU_ASSERT(place >= axis->low - slack && place <= axis->high + slack);
        if (label[0]) {
            CU_ASSERT_STRING_NOT_EQUAL(label, previous);
            strcpy(previous, label);
            labels++;
        }
        at = strchr(end, ',');
        at = at ? at + 2 : "";
    }
    CU_ASSERT(labels <= 12 && count <= 250);
}

static void check_axis(const double *values, size_t count, bool log, const char *unit,
                       const struct axis_limits *limits)
{
    struct axis axis = axis_empty();
    struct text tics = {0}, name = {0};

    for (size_t i = 0; i < count; i++)
        axis_include(&axis, values[i]);
    axis_finish_within(&axis, log, limits);
    CU_ASSERT(isfinite(axis.low) && isfinite(axis.high) && axis.low < axis.high);
    CU_ASSERT(!axis.log || axis.low > 0);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT(!axis_shows(values[i]) || (values[i] >= axis.low && values[i] <= axis.high));
    text_append(&tics, "%s", "");
    text_append(&name, "%s", "");
    axis_tics(&axis, unit, values, count, &tics, &name);
    OK(text_status(&tics, &error));
    check_tics(&axis, tics.bytes);
    text_release(&name);
    text_release(&tics);
}

static void test_axes(void)
{
    struct random_stream stream = random_stream((struct random_key){1, 0}, RANDOM_GENERATE, 0);
    const struct axis_limits limits[] = {axis_no_limits, {0, 1}, {0, INFINITY}, {-1, 1}};
    double values[8];

    for (int round = 0; round < 20000; round++) {
        size_t count = random_below(&stream, 9);
        for (size_t i = 0; i < count; i++)
            values[i] = any_value(&stream);
        if (random_below(&stream, 4) == 0 && count > 1) /* a rounding error apart */
            values[1] = nextafter(values[0], INFINITY), count = 2;
        check_axis(values, count, random_below(&stream, 2), units[random_below(&stream, UNITS)],
                   &limits[random_below(&stream, 4)]);
    }
}

/* Code, in all of gnuplot's languages, if it is not taken as the text that it is. */
static const char nasty[] =
    "it's \"so\" @role @label '.system('touch any/owned').' `touch any/owned` $x ${y} {/*9 z} \\ "
    "\\0 %s "
    "%d\n!touch any/owned\r# \x1b]0;t\a \xff\xe2\x80\xae _a^b ~c{d} | < END_OF_SERIES\\";

static void random_chart(struct random_stream *stream, struct chart *chart)
{
    size_t count = random_below(stream, 7);
    struct series *series;

    *chart = (struct chart){.caption = "it's a `caption`; with\n$things",
                            .x = {"x", units[random_below(stream, UNITS)]},
                            .y = {{"y", units[random_below(stream, UNITS)]},
                                  {"y2", units[random_below(stream, UNITS)]}}};
    for (size_t s = 0; s < count; s++) {
        OK(chart_add(chart, nasty, nasty, (enum series_role)random_below(stream, SERIES_ROLES),
                     random_below(stream, 5), &series, &error));
        for (size_t k = 0; k < series->count; k++) {
            series->x[k] = any_value(stream);
            series->y[k] = any_value(stream);
            series->low[k] = any_value(stream);
            series->high[k] = any_value(stream);
        }
    }
}

static bool has_gnuplot(void)
{
    bool there = gnuplot_run("set terminal pdfcairo\nset terminal pngcairo\n", &error) == STATUS_OK;
    if (!there)
        printf("skipped: there is no gnuplot with cairo here\n");
    return there;
}

static enum status draw(const struct chart *chart, const char *template, bool log_x)
{
    char folder[SCRATCH_PATH], base[SCRATCH_PATH];

    OK(folder_make(scratch_path(folder, "any"), &error));
    const struct drawing drawing = {.template = template,
                                    .home = ".",
                                    .base = scratch_path(base, "any/figure"),
                                    .log_x = log_x,
                                    .tics_at_values = log_x,
                                    .two_panels = strcmp(template, "curves.gp") == 0};
    return drawing_run(&drawing, chart, &error);
}

/* Nothing of `nasty` ran, neither here nor in the folder of the drawing. */
static void check_harmless(void)
{
    char path[SCRATCH_PATH];

    CU_ASSERT_NOT_EQUAL(access("any/owned", F_OK), 0);
    CU_ASSERT_NOT_EQUAL(access(scratch_path(path, "any/owned"), F_OK), 0);
}

static void test_drawings(void)
{
    static const char *const templates[] = {
        "curves.gp", "performance.gp", "outliers.gp", "score_vs_minutes.gp", "guard.gp",
        "marks.gp",  "histogram.gp",   "parallel.gp", "confusion.gp"};
    enum { TEMPLATES = sizeof templates / sizeof *templates };
    struct random_stream stream = random_stream((struct random_key){2, 0}, RANDOM_GENERATE, 0);
    struct chart chart;

    bool there = has_gnuplot();

    for (int round = 0; round < 2 * TEMPLATES && there; round++) {
        random_chart(&stream, &chart);
        enum status status = draw(&chart, templates[round % TEMPLATES], round & 4);
        CU_ASSERT_EQUAL(status, STATUS_OK);
        if (status != STATUS_OK)
            printf("round %d, %s: %s\n", round, templates[round % TEMPLATES], error.message);
        chart_release(&chart);
    }
    check_harmless();
}

/* Whatever the folders are called. */
static void test_paths(void)
{
    static const char *const names[] = {"it's", "a b", "c\nd", "\"e\"", "`f`",
                                        "@g",   "|h",  "<i",   "j\\"};
    struct chart chart = {.caption = "", .x = {"x", "1"}, .y = {{"y", "1"}}};
    char name[64], base[SCRATCH_PATH], path[2 * SCRATCH_PATH];
    bool there = has_gnuplot();

    for (size_t i = 0; i < sizeof names / sizeof *names && there; i++) {
        snprintf(name, sizeof name, "paths/%s", names[i]);
        OK(folder_make(scratch_path(base, "paths"), &error));
        OK(drawing_run(&(struct drawing){.template = "performance.gp",
                                         .home = ".",
                                         .base = scratch_path(base, name)},
                       &chart, &error));
        snprintf(path, sizeof path, "%s.png", base);
        CU_ASSERT_EQUAL(access(path, R_OK), 0);
    }
    chart_release(&chart);
}

/* A million places, and a thousand lines. */
static void test_many(void)
{
    struct chart chart = {.caption = "", .x = {"x", "1"}, .y = {{"y", "1"}, {"y2", "1"}}};
    struct series *series;
    char name[32];

    if (!has_gnuplot())
        return;
    OK(chart_add(&chart, "score", "score", ROLE_SCORE, 1000000, &series, &error));
    for (size_t k = 0; k < series->count; k++) {
        series->x[k] = (double)k;
        series->y[k] = sin((double)k);
    }
    OK(draw(&chart, "curves.gp", false));
    for (size_t s = 0; s < 1000; s++) {
        snprintf(name, sizeof name, "loss %zu", s);
        OK(chart_add(&chart, name, name, ROLE_LOSS, 2, &series, &error));
        series->x[0] = series->y[0] = (double)s;
        series->x[1] = series->y[1] = 1;
    }
    CU_ASSERT_EQUAL(draw(&chart, "curves.gp", false), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "1001 lines are named"));
    for (size_t s = 1; s < chart.count; s++)
        OK(chart_style(&chart, &chart.series[s], "", "", &error));
    OK(draw(&chart, "curves.gp", false));
    chart_release(&chart);
}

/* Roles without a panel for them. */
static void test_missing_panel(void)
{
    struct chart chart = {.caption = "", .x = {"x", "1"}, .y = {{"y", "1"}}};
    struct series *series;

    CU_ASSERT_EQUAL(draw(&chart, "curves.gp", false), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "there is no y2_label for the second panel");
    OK(chart_add(&chart, "a", "a", ROLE_EPOCHS_NETWORK, 1, &series, &error));
    CU_ASSERT_EQUAL(draw(&chart, "outliers.gp", false), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "series 'a' has role 'epochs_network', for a second "
                                          "panel, and there is no y2_label");
    chart_release(&chart);
}

/* A file that leaves a word of the second panel out. */
static void test_missing_words(void)
{
    struct chart chart = {.caption = "", .x = {"x", "1"}, .y = {{"y", "1"}, {"y2", NULL}}}, read;
    struct hdf5 file;
    char path[SCRATCH_PATH];

    OK(hdf5_create(&file, scratch_path(path, "words.h5"), &error));
    OK(chart_write(&chart, &file, "/no_unit", &error));
    CU_ASSERT_EQUAL(chart_read(&read, &file, "/no_unit", &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/no_unit has no attribute 'y2_unit'"));
    chart.y[1] = (struct axis_words){NULL, "1"};
    OK(chart_write(&chart, &file, "/no_label", &error));
    CU_ASSERT_EQUAL(chart_read(&read, &file, "/no_label", &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/no_label has no attribute 'y2_label'"));
    OK(hdf5_close(&file, &error));
    chart_release(&chart);
}

void drawing_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("drawing_property", NULL, NULL);
    CU_add_test(suite, "axes of any values", test_axes);
    CU_add_test(suite, "drawings of any values", test_drawings);
    CU_add_test(suite, "folders of any name", test_paths);
    CU_add_test(suite, "a million places, a thousand lines", test_many);
    CU_add_test(suite, "a word that is missing is told", test_missing_words);
    CU_add_test(suite, "a series without its panel is told", test_missing_panel);
}
