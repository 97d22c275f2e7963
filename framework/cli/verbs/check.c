/* `understudy check FILE …`: is anything wrong? */
#include "cli/support/options.h"

#include "base/parallel.h"
#include "base/work.h"
#include "forecast/survey.h"
#include "io/files/bytes.h"

#include <string.h>

static const char *folder;
static bool read_images;

static const struct option_row rows[] = {
    {"data", 0, NULL, "also read and decode every image of the data sets and report\nall defects",
     .flag = &read_images},
    {"directory", 'd', "FOLDER",
     "folder of the data sets ($UNDERSTUDY_DATA, or data/raw of the\nhome); `run` calls this "
     "--data",
     .value = &folder},
    {0},
};

static const struct verb verb = {
    .usage = "check [OPTION …] FILE …",
    .about =
        "Validate experiment files: check every trial of every file and report all mistakes.\n"
        "A folder of images that is missing or holds too few images is a mistake; a published\n"
        "data set that is not downloaded yet is only noted.\n"
        "Exit status 0: no mistakes; 2: mistakes.",
    .shared = OPTION_PLAN,
    .rows = rows,
    .least = 1,
    .most = -1,
};

/* Is it one of those that `make data` downloads? The manifest's keys are its lines "NAME:". */
static bool is_published(const void *context, const char *set)
{
    const char *const *home = context;
    struct text path = {0}, line = {0}, manifest = {0};
    struct bytes bytes = {0};
    bool is = false;

    text_append(&path, "%s/data/manifest.yaml", *home);
    text_append(&line, "\n%s:\n", set);
    if (text_status(&path, NULL) == STATUS_OK &&
        bytes_read(&bytes, path.bytes, 1 << 20, NULL) == STATUS_OK)
        text_append_bytes(&manifest, (const char *)bytes.data, bytes.length);
    if (manifest.length && text_status(&manifest, NULL) == STATUS_OK &&
        text_status(&line, NULL) == STATUS_OK)
        is = strstr(manifest.bytes, line.bytes) != NULL;
    bytes_release(&bytes);
    text_release(&path);
    text_release(&line);
    text_release(&manifest);
    return is;
}

static void print_notes(const char *file, const struct text *notes)
{
    for (const char *at = notes->length ? notes->bytes : ""; *at;) {
        size_t length = strcspn(at, "\n");
        fprintf(stderr, "%s: note: %.*s\n", file, (int)length, at);
        at += length + (at[length] == '\n');
    }
}

/* The files that the plan reads. */
static int check_data(const struct options *options, const char *file, struct plan *plan)
{
    struct survey survey = {0};
    struct text data = {0};
    struct error error;
    const char *home = options->home;
    struct survey_options wanted = {.data = options_data(options, folder, &data),
                                    .threads = parallel_processors(),
                                    .read = read_images,
                                    .published = is_published,
                                    .context = &home};
    int result = EXIT_DONE;

    work_step("reading data");
    if (text_status(&data, &error) != STATUS_OK ||
        survey_plan(&survey, plan, &wanted, &error) != STATUS_OK)
        result = options_fail(&error);
    work_step(NULL);
    print_notes(file, &survey.notes);
    options_print_mistakes(&survey.faults);
    if (survey.faults.count)
        result = EXIT_USAGE;
    survey_release(&survey);
    text_release(&data);
    return result;
}

static int check_file(const struct options *options, const char *file)
{
    struct plan plan;
    int result = options_plan(options, file, &plan);

    if (result != EXIT_DONE)
        return result;
    size_t count = plan_final_count(&plan);
    result = check_data(options, file, &plan);
    if (result == EXIT_DONE)
        printf("%s: %zu trial%s, no mistakes\n", file, count, count == 1 ? "" : "s");
    fflush(stdout); /* in step with the other files' mistakes, on stderr */
    plan_release(&plan);
    return result;
}

int verb_check(int argc, char **argv)
{
    struct options options;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = EXIT_DONE;
    for (int i = 0; i < options.operand_count; i++) {
        int one = check_file(&options, options.operands[i]);
        result = one > result ? one : result;
        families_release(); /* the next file may lie beside others */
    }
    options_release(&options);
    return result;
}
