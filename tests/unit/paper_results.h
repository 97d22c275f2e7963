/* Results files and descriptions of a paper, made up. */
#ifndef UNDERSTUDY_TESTS_UNIT_PAPER_RESULTS_H
#define UNDERSTUDY_TESTS_UNIT_PAPER_RESULTS_H

#include "report/paper/paper_private.h"
#include "results/plan_compat.h"
#include "tests/unit/report_results.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* six.h5 in the tests' folder: two widths, three replicates, a figure. */
static void make_results(unsigned failed)
{
    struct made made = made_denoising("six.h5", failed);

    OK(hdf5_attribute_text(&made.file, "/", "content_sha256", digest, &error));
    OK(hdf5_attribute_text(&made.file, "/", "experiment", "six", &error));
    OK(compute(&made.file, "figures: [curves: {metric: ssim}]"));
    made_close(&made);
}

static void load(struct paper *paper, const char *file, struct text *told)
{
    struct diagnostics found = {0};
    char folder[SCRATCH_PATH], line[2048];

    scratch_path(folder, "");
    folder[strlen(folder) - 1] = '\0';
    OK(paper_load(paper, file, folder, &found, &error));
    diagnostics_sort(&found);
    text_append(told, "%s", "");
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        text_append(told, "%s\n", line);
    }
    diagnostics_release(&found);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
}

#endif
