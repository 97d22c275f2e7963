/* report/: what a figure's settings do to its axes, and what axes leave out by themselves. */
#include "report/charts/axis_unit.h"
#include "report/charts/drawing.h"
#include "report/charts/example_detail.h"
#include "report/charts/fence.h"
#include "report/charts/gnuplot.h"
#include "tests/unit/scratch.h"

#include "base/folder.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void report_style_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static bool has_gnuplot(void)
{
    bool there = gnuplot_run("set terminal pdfcairo\n", &error) == STATUS_OK;
    if (!there)
        printf("skipped: there is no gnuplot with cairo here\n");
    return there;
}

static void add(struct chart *chart, enum series_role role, size_t count, const double *values)
{
    struct series *series;

    OK(chart_add(chart, series_roles[role].name, "label", role, count, &series, &error));
    for (size_t k = 0; k < count; k++) {
        series->x[k] = (double)k + 1;
        series->y[k] = values[k];
    }
}

/* What gnuplot is told of the chart: `print` is an expression of its language. */
static void told(const struct chart *chart, const struct figure_style *style, const char *print,
                 char *text, size_t room)
{
    char home[SCRATCH_PATH], base[SCRATCH_PATH], path[2 * SCRATCH_PATH], template[256];

    scratch_path(home, "style");
    OK(folder_make(scratch_path(base, "style/plots"), &error));
    snprintf(template, sizeof template, "set print output\nprint %s\n", print);
    OK(drawing_file(scratch_path(base, "style/plots/style.gp"), template, strlen(template),
                    &error));
    OK(drawing_run(&(struct drawing){.template = "style.gp",
                                     .home = home,
                                     .base = scratch_path(base, "style/figure"),
                                     .style = style},
                   chart, &error));
    snprintf(path, sizeof path, "%s/figure.png", home);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(text, 1, room - 1, file);
    fclose(file);
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

static struct chart chart_of(const char *unit)
{
    return (struct chart){.caption = "c", .x = {"x", "1"}, .y = {{"y", unit}, {"loss", "1"}}};
}

/* A curve that runs away is left out where the others would be one line; all are kept where they
 * can be told apart, as are the values of curves that begin far away. */
static void test_fence(void)
{
    static const double good[3][3] = {{1, 0.3, 0.10}, {1, 0.4, 0.13}, {1, 0.5, 0.16}};
    static const double runaway[] = {1, 1e5, 1e11}, near[] = {1, 0.6, 0.3};
    struct chart chart = chart_of("1");
    struct fence fence;

    for (size_t i = 0; i < 3; i++)
        add(&chart, ROLE_LOSS, 3, good[i]);
    add(&chart, ROLE_LOSS, 3, near);
    OK(fence_find(&chart, 1, true, &fence, &error));
    CU_ASSERT_EQUAL(fence.beyond, 0);
    CU_ASSERT(fence_holds(&fence, &chart.series[3], 2));
    add(&chart, ROLE_LOSS, 3, runaway);
    OK(fence_find(&chart, 1, true, &fence, &error));
    CU_ASSERT_EQUAL(fence.beyond, 1);
    CU_ASSERT_EQUAL(fence.items, 5);
    CU_ASSERT_DOUBLE_EQUAL(fence.farthest, 1e11, 1);
    CU_ASSERT(!fence_holds(&fence, &chart.series[4], 0));
    CU_ASSERT(fence_holds(&fence, &chart.series[3], 0));
    OK(fence_find(&chart, 0, false, &fence, &error)); /* nothing is in that panel */
    CU_ASSERT_EQUAL(fence.beyond, 0);
    chart_release(&chart);
}

/* Three marks say nothing of which one is far away; of seven it is plain. */
static void test_fence_of_marks(void)
{
    static const double three[] = {0.01, 1.20, 1.23};
    static const double seven[] = {30.1, 30.4, 30.2, 30.6, 30.5, 30.3, -900};
    struct chart few = chart_of("dB"), many = chart_of("dB");
    struct fence fence;
    char text[256];

    add(&few, ROLE_NETWORK, 3, three);
    OK(fence_find(&few, 0, false, &fence, &error));
    CU_ASSERT_EQUAL(fence.beyond, 0);
    add(&many, ROLE_NETWORK, 7, seven);
    OK(fence_find(&many, 0, false, &fence, &error));
    CU_ASSERT_EQUAL(fence.beyond, 1);
    if (has_gnuplot()) {
        told(&many, NULL, "caption", text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "c; y: 1 of 7 leave the axis, up to -900");
        told(&many, NULL, "sprintf('%.3f', y_low)", text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "30.070");
    }
    chart_release(&few);
    chart_release(&many);
}

/* An interval that reaches below 0 leaves the axis of losses logarithmic. */
static void test_interval_on_log(void)
{
    static const double losses[] = {0.4, 0.2, 0.1};
    struct chart chart = chart_of("1");
    char text[64];

    add(&chart, ROLE_LOSS, 3, losses);
    chart.series[0].low[2] = -0.3;
    chart.series[0].high[2] = 0.5;
    if (has_gnuplot()) {
        told(&chart, NULL, "sprintf('%d %d %d', y2_log, y2_low > 0, y2_least > 0)", text,
             sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "1 1 1");
    }
    chart_release(&chart);
}

static void test_units(void)
{
    double factor;

    CU_ASSERT(axis_unit_factor("s", "ms", &factor));
    CU_ASSERT_EQUAL(factor, 1000);
    CU_ASSERT(axis_unit_factor("s", "h", &factor));
    CU_ASSERT_DOUBLE_EQUAL(7200 * factor, 2, 1e-12);
    CU_ASSERT(axis_unit_factor("share", "%", &factor));
    CU_ASSERT_EQUAL(factor, 100);
    CU_ASSERT(axis_unit_factor("1", "furlongs", &factor));
    CU_ASSERT_EQUAL(factor, 1);
    CU_ASSERT(!axis_unit_factor("J", "ms", &factor));
}

/* Labels, ranges in the unit that is asked for, scales, sizes. */
static void test_axes_as_asked(void)
{
    static const double seconds[] = {0.001, 0.01, 0.1};
    double range[] = {2, 200}, size[] = {6, 4};
    struct chart chart = chart_of("s");
    struct figure_style style = {.title = "it's one",
                                 .x = {.label = "", .unit = ""},
                                 .y = {true, "time", {range, 2}, AXIS_LOG, "ms"},
                                 .y2 = {.label = "", .unit = ""},
                                 .size = {size, 2},
                                 .legend = LEGEND_RIGHT,
                                 .theme = THEME_DARK};
    char text[256];

    add(&chart, ROLE_NETWORK, 3, seconds);
    if (has_gnuplot()) {
        told(&chart, &style, "sprintf('%g %g %d %s', y_low, y_high, y_log, y_label)", text,
             sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "0.002 0.2 1 time (ms)");
        told(&chart, &style, "y_tics", text, sizeof text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"10\" 0.01"));
        told(&chart, &style,
             "sprintf('%s %g %g %s %s', title_text, page_width, page_height_wanted, legend, theme)",
             text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "it's one 6 4 right dark");
        style.y.unit = "mJ";
        told(&chart, &style, "caption", text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "c; the unit asked for is none of this quantity");
    }
    chart_release(&chart);
}

/* Powers of ten as people write them. */
static void test_powers(void)
{
    struct axis axis = {1e10, 4e11, true};
    struct text tics = {0}, name = {0};

    axis_tics(&axis, "1", NULL, 0, &tics, &name);
    OK(text_status(&tics, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(tics.bytes, "\"10¹¹\" 100000000000"));
    CU_ASSERT_PTR_NOT_NULL(strstr(tics.bytes, "\"3·10¹⁰\" 30000000000"));
    CU_ASSERT_PTR_NULL(strstr(tics.bytes, "e+"));
    text_release(&tics);
    text_release(&name);
}

/* The key says once what all networks have in common. */
static void test_common_words(void)
{
    struct chart chart = chart_of("1");
    struct series *series;
    char text[128];

    OK(chart_add(&chart, "a", "network, unet, anew", ROLE_NETWORK, 1, &series, &error));
    OK(chart_add(&chart, "b", "network, unet, as seen", ROLE_NETWORK, 1, &series, &error));
    OK(chart_add(&chart, "c", "network, true labels", ROLE_PIPELINE, 1, &series, &error));
    if (has_gnuplot()) {
        told(&chart, NULL, "sprintf('%s|%s|%s', label[1], label[2], label[3])", text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, "anew|as seen|network, true labels");
    }
    chart_release(&chart);
}

/* A square of 8 x 8 within 32 x 32, of three channels, whose answer is off by 1/4. */
static void test_details(void)
{
    static float clean[3 * 32 * 32], answer[3 * 32 * 32], room[3 * 32 * 32];
    const struct shape shape = {3, 32, 32};
    struct image a = {shape, answer}, b = {shape, clean};

    for (size_t i = 0; i < shape_size(shape); i++) {
        size_t y = i / 32 % 32, x = i % 32;
        clean[i] = (float)i / 4096;
        answer[i] = clean[i] + (y >= 12 && y < 20 && x >= 20 && x < 28 ? -0.25F : 0);
    }
    struct image off = detail_difference(a, b, 3, room);
    CU_ASSERT_EQUAL(off.shape.channels, 3);
    CU_ASSERT_DOUBLE_EQUAL(off.pixels[12 * 32 + 20], 0.75, 1e-5);
    CU_ASSERT_EQUAL(off.pixels[0], 0);
    struct detail_cut cut = detail_choose(a, b);
    CU_ASSERT_EQUAL(cut.width, 8);
    CU_ASSERT_EQUAL(cut.height, 8);
    CU_ASSERT_EQUAL(cut.top, 12);
    CU_ASSERT_EQUAL(cut.left, 20);
    struct image large = detail_magnify(b, &cut, room);
    CU_ASSERT_EQUAL(large.shape.width, 32);
    CU_ASSERT_EQUAL(large.pixels[0], clean[12 * 32 + 20]);
    CU_ASSERT_EQUAL(large.pixels[3], clean[12 * 32 + 20]);
    CU_ASSERT_EQUAL(large.pixels[4], clean[12 * 32 + 21]);
    CU_ASSERT_EQUAL(large.pixels[shape_size(shape) - 1], clean[2 * 1024 + 19 * 32 + 27]);
}

void report_style_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_style", NULL, NULL);

    CU_add_test(suite, "a runaway curve is left out of the axis", test_fence);
    CU_add_test(suite, "marks far away", test_fence_of_marks);
    CU_add_test(suite, "intervals on logarithmic axes", test_interval_on_log);
    CU_add_test(suite, "units", test_units);
    CU_add_test(suite, "axes as asked for", test_axes_as_asked);
    CU_add_test(suite, "powers of ten", test_powers);
    CU_add_test(suite, "differences and cuts of examples", test_details);
    CU_add_test(suite, "common words of labels", test_common_words);
}
