/* report/: figures drawn by gnuplot from a results file alone, and what can go wrong with that. */
#include "report/figures/figures.h"

#include "base/folder.h"
#include "report/charts/drawing.h"
#include "report/charts/gnuplot.h"
#include "tests/unit/report_results.h"

#include <unistd.h>

void report_drawing_suite(void);

static bool has_gnuplot(void)
{
    bool there = gnuplot_run("set terminal pdfcairo\nset terminal pngcairo\n", &error) == STATUS_OK;
    if (!there)
        printf("skipped: there is no gnuplot with cairo here\n");
    return there;
}

static size_t read_file(const char *directory, const char *name, unsigned char *bytes, size_t room)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(bytes, 1, room, file) : 0;
    if (file)
        fclose(file);
    return length;
}

static void count_path(void *context, const char *path)
{
    size_t *count = context;
    *count += access(path, R_OK) == 0;
}

static enum status draw(struct made *made, const char *home, const char *directory,
                        void (*say)(void *context, const char *path), void *context)
{
    const struct report_drawing drawing = {
        .home = home, .directory = directory, .say = say, .context = context};
    return report_draw(&made->file, &drawing, &error);
}

static void test_drawn(void)
{
    static unsigned char bytes[2][1 << 20];
    static const unsigned char signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const char *const names[] = {"curves", "examples", "performance_vs_computation"};
    struct made made = made_denoising("drawn.h5", 0);
    char directory[SCRATCH_PATH], name[64];
    size_t told = 0;

    OK(compute(&made.file, "{figures: [performance_vs_computation, curves, examples]}"));
    scratch_path(directory, "it's drawn/here");
    if (!has_gnuplot())
        goto out;
    OK(draw(&made, ".", directory, count_path, &told));
    CU_ASSERT_EQUAL(told, 9);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s.png", names[i]);
        size_t length = read_file(directory, name, bytes[0], sizeof bytes[0]);
        CU_ASSERT_FATAL(length > 2000);
        CU_ASSERT_EQUAL(memcmp(bytes[0], signature, sizeof signature), 0);
        /* IHDR: width 3.4 inches of 288 dots */
        CU_ASSERT_EQUAL(bytes[0][18] * 256 + bytes[0][19], 979);
        CU_ASSERT(bytes[0][22] * 256 + bytes[0][23] > 400);
        snprintf(name, sizeof name, "%s.csv.part", names[i]);
        CU_ASSERT_EQUAL(read_file(directory, name, bytes[0], 100), 0);
        snprintf(name, sizeof name, "%s.pdf", names[i]);
        CU_ASSERT_EQUAL(read_file(directory, name, bytes[0], 5), 5);
        CU_ASSERT_EQUAL(memcmp(bytes[0], "%PDF-", 5), 0);
    }
    /* the same once more, byte for byte: there is no date in it */
    size_t first = read_file(directory, "curves.pdf", bytes[0], sizeof bytes[0]);
    sleep(1);
    OK(draw(&made, ".", directory, NULL, NULL));
    size_t second = read_file(directory, "curves.pdf", bytes[1], sizeof bytes[1]);
    CU_ASSERT_EQUAL_FATAL(first, second);
    CU_ASSERT_EQUAL(memcmp(bytes[0], bytes[1], first), 0);
out:
    made_close(&made);
}

/* Six images with their classes, drawn as those of this data set; the picture's height in dots. */
static int class_sheet_height(const char *dataset)
{
    static const char *const variants[] = {"class", "pipeline_class", "network_class"};
    static unsigned char bytes[1 << 20];
    uint8_t classes[6] = {0, 1, 2, 3, 9, 9};
    float pixels[6 * 3 * 32 * 32] = {0.5f};
    struct hdf5_array images = {HDF5_FLOAT32, 4, {6, 3, 32, 32}, 0, pixels};
    struct hdf5_array numbers = {HDF5_UINT8, 1, {6}, 0, classes};
    char plan[64], path[64], directory[SCRATCH_PATH];

    snprintf(plan, sizeof plan, "dataset: {name: %s}\n", dataset);
    struct made made = made_begin("classes.h5", 1, plan);
    made_numbers(&made, 1);
    made_constant(&made, "network.test.accuracy", 0.5);
    made_status(&made, 0);
    OK(hdf5_write(&made.file, "/examples/00000/degraded", &images, NULL));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "/examples/00000/%s", variants[i]);
        OK(hdf5_write(&made.file, path, &numbers, NULL));
    }
    made_seal(&made);
    OK(compute(&made.file, "{figures: [examples]}"));
    OK(draw(&made, ".", scratch_path(directory, dataset), NULL, NULL));
    CU_ASSERT_FATAL(read_file(directory, "examples.png", bytes, sizeof bytes) > 2000);
    made_close(&made);
    return bytes[22] * 256 + bytes[23];
}

/* Names take more room than numbers: four images side by side, not six. */
static void test_class_names(void)
{
    if (has_gnuplot())
        CU_ASSERT(class_sheet_height("cifar10") > class_sheet_height("digits") + 300);
}

static void test_drawing_failures(void)
{
    struct made made = made_denoising("drawing.h5", 0);
    char directory[SCRATCH_PATH];
    enum status status = STATUS_MEMORY;
    unsigned char bytes[8];

    OK(compute(&made.file, "{figures: [examples]}"));
    scratch_path(directory, "drawing");
    bool there = has_gnuplot();
    for (size_t n = 1; there && status != STATUS_OK && n < 2000; n++) {
        memory_fail_at(n);
        status = draw(&made, ".", directory, NULL, NULL);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        CU_ASSERT_EQUAL(read_file(directory, "examples.png.part", bytes, sizeof bytes), 0);
        CU_ASSERT_EQUAL(read_file(directory, "examples.pixels.part", bytes, sizeof bytes), 0);
        if (n == 1)
            CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
    made_close(&made);
}

static void test_template_faults(void)
{
    struct made made = made_denoising("faults.h5", 0);
    char directory[SCRATCH_PATH], *path = getenv("PATH"), kept[4096];
    unsigned char bytes[8];

    snprintf(kept, sizeof kept, "%s", path ? path : "");
    OK(compute(&made.file, "{figures: [curves]}"));
    scratch_path(directory, "faults");
    if (has_gnuplot()) {
        CU_ASSERT_EQUAL(draw(&made, "no-such-home", directory, NULL, NULL), STATUS_IO);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "figure 'curves': gnuplot failed: "));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "no-such-home/plots/curves.gp"));
    }
    setenv("PATH", "/nonexistent", 1);
    CU_ASSERT_EQUAL(draw(&made, ".", directory, NULL, NULL), STATUS_UNAVAILABLE);
    setenv("PATH", kept, 1);
    CU_ASSERT_EQUAL(read_file(directory, "curves.csv", bytes, sizeof bytes), 0);
    CU_ASSERT_EQUAL(read_file(directory, "curves.csv.part", bytes, sizeof bytes), 0);
    made_close(&made);
}

/* An end, y_low or y_high, of the axis of a score of 0.9 with this interval, as gnuplot is told it.
 */
static double end_of_axis(const char *end, const char *label, const char *unit, double low,
                          double high)
{
    char home[SCRATCH_PATH], base[SCRATCH_PATH];
    unsigned char bytes[64] = {0};
    char template[64];
    struct chart chart = {.caption = "", .x = {"x", "1"}, .y = {{label, unit}, {"", "1"}}};
    struct series *series;

    scratch_path(home, "range");
    OK(folder_make(scratch_path(base, "range/plots"), &error));
    snprintf(template, sizeof template, "set print output\nprint sprintf('%%.6f', %s)\n", end);
    OK(drawing_file(scratch_path(base, "range/plots/range.gp"), template, strlen(template),
                    &error));
    OK(chart_add(&chart, "network", "network", ROLE_NETWORK, 1, &series, &error));
    series->x[0] = 1;
    series->y[0] = 0.9;
    series->low[0] = low;
    series->high[0] = high;
    OK(drawing_run(&(struct drawing){.template = "range.gp",
                                     .home = home,
                                     .base = scratch_path(base, "range/figure")},
                   &chart, &error));
    read_file(home, "figure.png", bytes, sizeof bytes - 1);
    chart_release(&chart);
    return atof((char *)bytes);
}

static double upper_end(const char *label, const char *unit, double high)
{
    return end_of_axis("y_high", label, unit, 0.7, high);
}

static double lower_end(const char *label, const char *unit, double low)
{
    return end_of_axis("y_low", label, unit, low, 0.95);
}

/* A padding of 6 % on either side, but no score that cannot be. */
static void test_range_of_scores(void)
{
    if (!has_gnuplot())
        return;
    CU_ASSERT_DOUBLE_EQUAL(upper_end("test SSIM", "1", 0.95), 0.965, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(upper_end("test SSIM", "1", 1.1), 1.124, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(upper_end("test accuracy", "share", 1.1), 1, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(upper_end("test SSIM", "1", NAN), 0.912, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(upper_end("train loss", "1", 1.1), 1.124, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(upper_end("test PSNR", "dB", 1.1), 1.124, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(lower_end("test accuracy", "share", 0.7), 0.685, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(lower_end("test accuracy", "share", -0.1), 0, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(lower_end("test SSIM", "1", -0.05), -0.11, 1e-6);
}

/* What is stored drives the drawing: a kind or a setting that is not known is told. */
static void test_stored_settings(void)
{
    struct made made = made_denoising("stored.h5", 0);
    struct arena arena = {0};
    const char *config;
    char directory[SCRATCH_PATH];

    OK(compute(&made.file, "{figures: [performance_vs_computation: {split: test}]}"));
    OK(hdf5_read_attribute_text(&made.file, "/figures/performance_vs_computation", "config", &arena,
                                &config, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(config, "split: test"));
    OK(hdf5_attribute_text(&made.file, "/figures/performance_vs_computation", "config",
                           "splot: test\n", &error));
    scratch_path(directory, "stored");
    CU_ASSERT_EQUAL(draw(&made, ".", directory, NULL, NULL), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "cannot read its stored settings: "));
    OK(hdf5_attribute_text(&made.file, "/figures/performance_vs_computation", "kind", "pie",
                           &error));
    CU_ASSERT_EQUAL(draw(&made, ".", directory, NULL, NULL), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "figure 'performance_vs_computation': unknown figure 'pie'");
    arena_release(&arena);
    made_close(&made);
}

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_FATAL(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* Figures that are as they were drawn from this file stay; others are drawn. */
static void test_drawn_before(void)
{
    char base[2 * SCRATCH_PATH], directory[SCRATCH_PATH], results[SCRATCH_PATH],
        cache[SCRATCH_PATH];
    struct figure_cache drawn;
    bool current = true;

    scratch_path(directory, "before");
    scratch_path(results, "before/results.h5");
    scratch_path(cache, "before/cache");
    OK(folder_make(directory, &error));
    snprintf(base, sizeof base, "%s/curves", directory);
    write_file(directory, "results.h5", "one");
    write_file(directory, "curves.csv", "1,2");
    write_file(directory, "curves.pdf", "%PDF");
    OK(figure_cache_begin(&drawn, cache, results, ".", &error));
    OK(figure_cache_remember(&drawn, "/figures/curves", base, &error)); /* not all of it is there */
    OK(figure_cache_look(&drawn, "/figures/curves", base, &current, &error));
    CU_ASSERT_FALSE(current);
    write_file(directory, "curves.png", "PNG");
    OK(figure_cache_remember(&drawn, "/figures/curves", base, &error));
    OK(figure_cache_look(&drawn, "/figures/curves", base, &current, &error));
    CU_ASSERT_TRUE(current);
    OK(figure_cache_look(&drawn, "/figures/curves_2", base, &current, &error));
    CU_ASSERT_FALSE(current);
    write_file(directory, "curves.pdf", "%PDG"); /* edited */
    OK(figure_cache_look(&drawn, "/figures/curves", base, &current, &error));
    CU_ASSERT_FALSE(current);
    write_file(directory, "curves.pdf", "%PDF");
    OK(figure_cache_look(&drawn, "/figures/curves", base, &current, &error));
    CU_ASSERT_TRUE(current);
    write_file(directory, "results.h5", "two files"); /* drawn from others */
    OK(figure_cache_begin(&drawn, cache, results, ".", &error));
    OK(figure_cache_look(&drawn, "/figures/curves", base, &current, &error));
    CU_ASSERT_FALSE(current);
}

void report_drawing_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_drawing", NULL, NULL);
    CU_add_test(suite, "figures are drawn whole, without a date", test_drawn);
    CU_add_test(suite, "classes by name", test_class_names);
    CU_add_test(suite, "drawing without memory leaves nothing", test_drawing_failures);
    CU_add_test(suite, "gnuplot's faults are told, nothing is left", test_template_faults);
    CU_add_test(suite, "no axis goes beyond the scores there are", test_range_of_scores);
    CU_add_test(suite, "settings come from the file", test_stored_settings);
    CU_add_test(suite, "what was drawn before is known again", test_drawn_before);
}
