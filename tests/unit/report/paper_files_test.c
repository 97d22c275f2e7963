/* The paper's files: damaged ones, texts that are filled in, the check of all numbers, older
 * results. */
#include "report/paper/paper_private.h"
#include "results/plan_compat.h"
#include "tests/unit/paper_results.h"
#include "tests/unit/report_results.h"

#include <dirent.h>

void paper_files_suite(void);

static void read_text(const char *path, struct text *text)
{
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    text_append(text, "%s", "");
    CU_ASSERT_PTR_NOT_NULL(file);
    while (file && (got = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append_bytes(text, bytes, got);
    if (file)
        fclose(file);
}

static void test_bad_files(void)
{
    static const char folder[] = "tests/bad/paper";
    DIR *directory = opendir(folder);
    size_t count = 0;

    make_results(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct text told = {0}, expected = {0};
        struct paper paper;
        char path[512];
        const char *ending = strstr(entry->d_name, ".yaml");
        if (!ending)
            continue;
        snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        load(&paper, path, &told);
        paper_release(&paper);
        snprintf(path, sizeof path, "%s/%.*s.message", folder, (int)(ending - entry->d_name),
                 entry->d_name);
        read_text(path, &expected);
        CU_ASSERT_STRING_EQUAL(told.bytes, expected.bytes);
        if (strcmp(told.bytes, expected.bytes) != 0)
            printf("%s: found\n%s", path, told.bytes);
        text_release(&told);
        text_release(&expected);
        count++;
    }
    closedir(directory);
    CU_ASSERT_EQUAL(count, 10);
}

static const char whole[] =
    "results: [six]\n"
    "later: [seven]\n"
    "numbers:\n"
    "  - {name: Score, results: six, column: network.test.ssim, digits: 3}\n"
    "  - {name: Late, results: seven, column: network.test.ssim}\n"
    "tables:\n"
    "  - name: t\n"
    "    columns: lr\n"
    "    head: [what, score]\n"
    "    rows: [[network, \"${Score}!\"], [late, \"${Late}\"]]\n"
    "  - {name: late, columns: l, head: [a], rows: [[\"${Late}\"]]}\n"
    "figures:\n"
    "  - {name: f, results: six, figure: curves}\n"
    "  - {name: late, results: seven, figure: curves}\n";

/* What is there is written, what is to come is left out, and not a word of it is invented. */
static void test_texts(void)
{
    char path[SCRATCH_PATH];
    struct text told = {0}, text = {0};
    struct paper paper;

    make_results(0);
    write_file(scratch_path(path, "whole.yaml"), whole);
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    CU_ASSERT_PTR_NULL(paper.numbers[1].text);
    CU_ASSERT_PTR_NULL(paper.tables[1].text);
    CU_ASSERT_PTR_NULL(paper.figures[1].group);
    CU_ASSERT_STRING_EQUAL(paper.figures[0].group, "/figures/curves");
    CU_ASSERT_STRING_EQUAL(paper.tables[0].text,
                           "\\begin{tabular}{lr}\n\\toprule\nwhat & score \\\\\n\\midrule\n"
                           "network & 0.765! \\\\\n\\bottomrule\n\\end{tabular}\n");
    paper_numbers_text(&paper, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\\newcommand{\\Score}{0.765}% six\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\\csname paper@results:six\\endcsname"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\\csname paper@table:t\\endcsname"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "Late"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "seven"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, ":late"));
    text_clear(&text);
    paper_results_text(&paper, &text);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text.bytes, "six & 6 & -- & -- & \\digest{0123456789abcdef0123456789abcdef}"));
    text_release(&text);
    text_release(&told);
    paper_release(&paper);
}

static size_t verify(const struct paper *paper, const char *folder, struct text *csv)
{
    size_t differences = 0, compared = 0;

    text_clear(csv);
    OK(paper_verify(paper, folder, csv, &differences, &compared, &error));
    CU_ASSERT(compared + differences > 0);
    return differences;
}

/* Without figures, which need gnuplot: tests/cli has these. */
static void test_verify(void)
{
    char path[SCRATCH_PATH], out[SCRATCH_PATH], numbers[SCRATCH_PATH + 16];
    struct text told = {0}, csv = {0}, kept = {0};
    struct paper paper;

    make_results(0);
    write_file(scratch_path(path, "texts.yaml"),
               "results: [six]\nnumbers:\n"
               "  - {name: Score, results: six, column: network.test.ssim, digits: 3}\n");
    load(&paper, path, &told);
    CU_ASSERT_STRING_EQUAL(told.bytes, "");
    scratch_path(out, "out");
    CU_ASSERT_EQUAL(verify(&paper, out, &csv), 2); /* neither file is there */
    CU_ASSERT_PTR_NOT_NULL(strstr(csv.bytes, "number,numbers.tex,,(none),a file\r\n"));
    OK(paper_write(&paper, ".", out, &error));
    CU_ASSERT_EQUAL(verify(&paper, out, &csv), 0);
    snprintf(numbers, sizeof numbers, "%s/numbers.tex", out);
    read_text(numbers, &kept);
    char *score = strstr(kept.bytes, "0.765");
    CU_ASSERT_PTR_NOT_NULL_FATAL(score);
    score[4] = '6';
    write_file(numbers, kept.bytes);
    CU_ASSERT_EQUAL(verify(&paper, out, &csv), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(csv.bytes, "number,Score,,\\newcommand{\\Score}{0.766}% six,"
                                             "\\newcommand{\\Score}{0.765}% six\r\n"));
    text_append(&kept, "\\newcommand{\\Made}{1}\n");
    write_file(numbers, kept.bytes);
    CU_ASSERT_EQUAL(verify(&paper, out, &csv), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(csv.bytes, "number,Made,,\\newcommand{\\Made}{1},(none)\r\n"));
    text_release(&kept);
    text_release(&csv);
    text_release(&told);
    paper_release(&paper);
}

static void test_missing(void)
{
    char path[SCRATCH_PATH], expected[3 * SCRATCH_PATH], gone[SCRATCH_PATH];
    struct text told = {0};
    struct paper paper;

    write_file(scratch_path(path, "missing.yaml"), "results: [eight]\n");
    load(&paper, path, &told);
    snprintf(expected, sizeof expected,
             "%s:1:11: results[0]: %s is missing: make it with `understudy publish`, or list it "
             "under `later:`\n",
             path, scratch_path(gone, "eight.h5"));
    CU_ASSERT_STRING_EQUAL(told.bytes, expected);
    paper_release(&paper);
    text_clear(&told);
    write_file(gone, "no results");
    load(&paper, path, &told);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.bytes, "results[0]: "));
    paper_release(&paper);
    text_release(&told);
}

static const char older[] =
    "experiment: x\ntask: denoise\ndataset: {name: digits, manual: 4, "
    "unlabelled: 16, validation: 4, test: 8, degrade: [gaussian_noise: {sigma: "
    "32}]}\n"
    "pipeline: {stages: [median: {radius: 1}]}\n"
    "network: {family: dncnn, depth: 2, width: 2}\n"
    "train: {epochs: 1, batch: 8, shard: 4}\n";

/* A plan that lacks fields is the same where they stand at their defaults, and else is not. */
static void test_older(void)
{
    struct plan_options options = {.home = "."};
    struct diagnostics found = {0};
    struct text now = {0}, lacks = {0};
    struct plan plan;
    bool agree;

    OK(families_load(TEXTS("networks/families"), &found, &error));
    OK(plan_load_text(&plan, "x", older, strlen(older), &options, &found, &error));
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    OK(plan_resolved(&plan, &now, &error));
    plan_release(&plan);
    OK(plan_compat_agrees("x", older, now.bytes, &options, NULL, NULL, &found, &agree, &error));
    CU_ASSERT(agree);
    OK(plan_compat_lacks(older, now.bytes, &lacks, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(lacks.bytes, "dataset.overlap"));
    char *radius = strstr(now.bytes, "radius: 1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(radius);
    radius[8] = '2';
    OK(plan_compat_agrees("x", older, now.bytes, &options, NULL, NULL, &found, &agree, &error));
    CU_ASSERT_FALSE(agree);
    CU_ASSERT_EQUAL(found.count, 0);
    OK(plan_compat_agrees("x", "experiment: x\n", now.bytes, &options, NULL, NULL, &found, &agree,
                          &error));
    CU_ASSERT_FALSE(agree);
    CU_ASSERT(found.count > 0);
    families_release();
    diagnostics_release(&found);
    text_release(&now);
    text_release(&lacks);
}

void paper_files_suite(void)
{
    CU_pSuite suite = CU_add_suite("paper_files", NULL, NULL);
    CU_add_test(suite, "wrong descriptions", test_bad_files);
    CU_add_test(suite, "texts", test_texts);
    CU_add_test(suite, "verify", test_verify);
    CU_add_test(suite, "missing results", test_missing);
    CU_add_test(suite, "plans of older programs", test_older);
}
