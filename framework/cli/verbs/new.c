/*
 * `understudy new NAME --inputs FOLDER …`: a first experiment file, written from what lies in
 * folders of images. It looks at every file, asks the pipeline for one image, and overwrites
 * nothing.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "cli/support/options.h"
#include "cli/support/say.h"

#include "chain/chain.h"
#include "io/images/imagefiles.h"
#include "tasks/registry.h"
#include "train/stages/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LEAST_IMAGES = 8, WHOLE_SIDE = 64, PATCH = 40, PATCHES = 4096 };

static const char *inputs, *labels, *truth, *pipeline;

static const struct option_row rows[] = {
    {"inputs", 'i', "FOLDER", "images as they come from the camera", .value = &inputs},
    {"labels", 'l', "FOLDER", "what the pipeline made of them, recorded earlier; the same names",
     .value = &labels},
    {"truth", 't', "FOLDER", "what they should be, for all, some or none; the same names",
     .value = &truth},
    {"pipeline", 'p', "COMMAND",
     "the pipeline as a program: \"python3 clean.py\", or with {in} and\n"
     "{out} for folders of image files",
     .value = &pipeline},
    {0},
};

static const struct verb verb = {
    .usage = "new [OPTION …] NAME",
    .about =
        "Write a first experiment file, NAME.yaml, from folders of images: look at every image,\n"
        "run the pipeline on one of them, and choose a family, sizes and a grid that takes\n"
        "minutes. Needs --inputs, and --labels or --pipeline. Never overwrites a file.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

/* What was found. */
struct new_survey {
    char *inputs, *labels, *truth; /* absolute; from malloc(); NULL: not given */
    size_t count, known;           /* images, and those with truth */
    int channels, least;           /* least: the smallest side */
    bool uniform, persistent;
    struct shape first;
    const char *name;   /* of the first image */
    const char **words; /* of the command */
    size_t word_count;
};

static enum status absolute(const char *folder, char **path, struct error *error)
{
    if (!folder)
        return STATUS_OK;
    *path = realpath(folder, NULL);
    return *path ? STATUS_OK : error_system(error, "cannot read %s", folder);
}

/* The words of the command, as a shell parts them: at blanks, but for those in quotes. */
static enum status split_command(struct new_survey *survey, struct arena *arena,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    size_t length = strlen(pipeline), used = 0;
    char *bytes = NULL, quote = '\0';
    bool within = false;

    TRY(arena_new(arena, &bytes, length + 1, 1, error));
    TRY(arena_new(arena, &survey->words, length + 1, sizeof *survey->words, error));
    for (const char *at = pipeline; *at; at++) {
        if (!quote && (*at == ' ' || *at == '\t')) {
            if (within)
                bytes[used++] = '\0';
            within = false;
            continue;
        }
        if (!within)
            survey->words[survey->word_count++] = bytes + used;
        within = true;
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? '\0' : *at;
        else
            bytes[used++] = *at;
    }
    bytes[used] = '\0';
    if (quote || !survey->word_count)
        TRY(error_set(error, STATUS_CONFIG, "--pipeline: %s",
                      quote ? "a quote has no end" : "empty; expected a command"));
out:
    return status;
}

/* Every image: how many, how large, how many channels. Decodes the first into `image`. */
static enum status look(struct new_survey *survey, struct arena *arena, struct image_set *image,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles files = {.channels = 0};
    struct imagefiles_summary summary = {0};
    struct hash hash = {0};
    const uint32_t first = 0;
    size_t faulty;

    TRY(imagefiles_list(&files, survey->inputs, error));
    TRY(hash_begin(&hash, error));
    TRY(imagefiles_look(&files, files.count, &hash, NULL, NULL, error));
    survey->count = files.count;
    TRY(arena_copy(arena, files.items[0].name, strlen(files.items[0].name), &survey->name, error));
    survey->first = files.items[0].shape;
    survey->channels = survey->first.channels;
    survey->uniform = true;
    survey->least = survey->first.height;
    for (size_t i = 0; i < files.count; i++) {
        struct shape shape = files.items[i].shape;
        int side = shape.height < shape.width ? shape.height : shape.width;
        survey->least = side < survey->least ? side : survey->least;
        survey->uniform = survey->uniform && shape_equal(shape, survey->first);
        survey->channels = shape.channels < survey->channels ? shape.channels : survey->channels;
    }
    if (survey->count < LEAST_IMAGES)
        TRY(error_set(error, STATUS_CONFIG,
                      "%s: %zu images; at least %d are needed for training and test", inputs,
                      survey->count, LEAST_IMAGES));
    files.channels = survey->channels == 3 ? 3 : 1;
    TRY(imagefiles_decode(&files, &first, 1, 1, image, &summary, &faulty, error));
    if (files.left_out.length)
        say_line(stderr, "note: %s: left out: %s", survey->inputs, files.left_out.bytes);
out:
    hash_release(&hash);
    imagefiles_release(&files);
    return status;
}

static enum status count_truth(struct new_survey *survey, struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles files = {0};

    if (!survey->truth)
        return STATUS_OK;
    TRY(imagefiles_list(&files, survey->truth, error));
    survey->known = files.count < survey->count ? files.count : survey->count;
out:
    imagefiles_release(&files);
    return status;
}

/* ---- the pipeline */

static void print_word(struct text *text, const char *word)
{
    text_append(text, "\"");
    for (; *word; word++)
        text_append(text, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word);
    text_append(text, "\"");
}

static void print_stage(const struct new_survey *survey, struct text *text)
{
    bool files = strstr(pipeline, "{in}") != NULL;

    text_append(text, "exec: {command: [");
    for (size_t i = 0; i < survey->word_count; i++) {
        text_append(text, "%s", i ? ", " : "");
        print_word(text, survey->words[i]);
    }
    text_append(text, "]%s%s}", files ? ", protocol: files" : "",
                survey->persistent ? ", persistent: true" : "");
}

/* Ask the stage `text` for the images, twice where it is to stay; the first answer counts. */
static enum status ask(const struct new_survey *survey, const struct image_set *images, bool twice,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct field fields[] = {{"stages", FIELD_COMPONENTS, 0, .fallback = "[]",
                              .registry = registry_stages, .tunable = true},
                             {0}};
    struct component_list stages = {0};
    struct chain_examples examples = {.inputs = images};
    struct image_names names = {.files = &survey->name};
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    struct chain chain = {0};
    struct image_set out = {0};
    struct arena arena = {0};
    struct text text = {0};

    text_append(&text, "stages:\n  - ");
    print_stage(survey, &text);
    TRY(text_status(&text, error));
    TRY(yaml_parse(&arena, "--pipeline", text.bytes, text.length, &root, &found, error));
    TRY(schema_read(fields, root, "", &stages, &arena, &found, error));
    if (!found.count)
        TRY(chain_check(&stages, task_find("denoise"), images->shapes[0], 0, "pipeline", &found,
                        error));
    if (found.count) {
        *error = found.items[0];
        status = error->code = STATUS_CONFIG;
        goto out;
    }
    TRY(chain_make(&chain, &stages, 0, false, &examples, (struct random_key){0, 0}, 1, NULL,
                   error));
    for (int time = 0; time < (twice ? 2 : 1); time++) {
        image_set_release(&out);
        TRY(chain_run(&chain, 0, 1, images, &names, 1, &out, error));
    }
out:
    chain_release(&chain);
    image_set_release(&out);
    diagnostics_release(&found);
    arena_release(&arena);
    text_release(&text);
    return status;
}

/* Does it work, and can it stay for the next batch? */
static enum status try_pipeline(struct new_survey *survey, const struct image_set *images,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct error unable;

    if (!pipeline)
        return STATUS_OK;
    TRY(ask(survey, images, false, error));
    if (strstr(pipeline, "{in}"))
        goto out;
    survey->persistent = true;
    survey->persistent = ask(survey, images, true, &unable) == STATUS_OK;
out:
    return status;
}

/* ---- the file */

static void print_dataset(const struct new_survey *survey, struct text *text)
{
    size_t test = survey->count / 5, validation = survey->count / 10;
    size_t manual = survey->known / 4 < 10 ? survey->known / 4 : 10;
    size_t training = survey->count - test - validation - manual;
    int side = survey->least < PATCH ? survey->least : PATCH;
    bool whole =
        survey->uniform && survey->first.height <= WHOLE_SIDE && survey->first.width <= WHOLE_SIDE;

    text_append(text, "dataset:\n  name: recorded               # images as they are: nothing is "
                      "degraded\n  inputs: ");
    print_word(text, survey->inputs);
    if (survey->labels) {
        text_append(text, "\n  labels: ");
        print_word(text, survey->labels);
    }
    if (survey->truth) {
        text_append(text, "\n  truth: ");
        print_word(text, survey->truth);
    }
    text_append(text, "\n  colour: %s\n", survey->channels == 3 ? "colour" : "grey");
    text_append(text, "  manual: %-21zu# images whose truth may tune the pipeline%s\n", manual,
                survey->known ? "" : "; there is none");
    text_append(text, "  unlabelled: all              # %zu, which the network learns from\n",
                training);
    text_append(text, "  validation: %-17zu# for curves, and to choose by\n", validation);
    text_append(text, "  test: %-23zu# drawn once; training never sees them\n", test);
    if (!whole)
        text_append(text,
                    "  patch: {size: %d, per_image: %zu}  # training on squares cut from them\n",
                    side, PATCHES / training < 1 ? (size_t)1 : PATCHES / training);
}

static void print_file(const struct new_survey *survey, const char *name, struct text *text)
{
    text_append(
        text,
        "# Can a small network take the pipeline's place? Written by `understudy new`: change "
        "what you like.\n"
        "#\n#     understudy check --data %s.yaml    # reads every image\n"
        "#     understudy run %s.yaml             # results/%s.h5, plots/%s/\n"
        "#     understudy describe experiment     # every setting\n"
        "experiment: %s\ntask: denoise                  # images in, images out\n"
        "seed: 1\nreplicates: 2                  # trainings of each network, for "
        "intervals\n\n",
        name, name, name, name, name);
    print_dataset(survey, text);
    text_append(text, "\npipeline:\n  stages:\n    - ");
    if (survey->labels)
        text_append(text, "recorded                 # its answers are in 'labels'");
    else
        print_stage(survey, text);
    text_append(
        text,
        "\n\nnetwork: {family: dncnn, depth: 5, width: 8}    # `understudy describe family` "
        "lists others\n\n"
        "train: {epochs: 20, batch: 16, learning_rate: 2.0e-3, schedule: cosine}\n\n"
        "grid:\n  network.width: [4, 8, 16]    # how large must the network be?\n\n"
        "%sfigures:\n  - curves\n  - examples\n",
        survey->known ? ""
                      : "# There is no ground truth: agreement with the pipeline is judged "
                        "(network.test.agreement.*).\n");
}

static enum status write_file(const char *path, const struct text *text, struct error *error)
{
    FILE *file = fopen(path, "wx");

    if (!file && errno == EEXIST)
        return error_set(error, STATUS_CONFIG,
                         "%s is there already, and is left as it is; choose another name", path);
    if (!file)
        return error_system(error, "cannot write %s", path);
    bool good = fwrite(text->bytes, 1, text->length, file) == text->length;
    if (fclose(file) != 0 || !good) {
        (void)remove(path);
        return error_system(error, "cannot write %s", path);
    }
    return STATUS_OK;
}

static void tell(const struct new_survey *survey, const char *path)
{
    say_line(stderr, "%zu images, %s%d x %d, %s; %zu with ground truth", survey->count,
             survey->uniform ? "" : "the first ", survey->first.width, survey->first.height,
             survey->channels == 3 ? "colour" : "grey", survey->known);
    if (pipeline)
        say_line(stderr, "the pipeline answers%s",
                 survey->persistent ? ", and stays for the next batch" : "");
    say_line(stdout, "%s", path);
}

static enum status make(const char *name, struct new_survey *survey, struct arena *arena,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set image = {0};
    struct text path = {0}, text = {0};
    struct stat facts;

    TRY(text_print(&path, error, "%s.yaml", name));
    if (stat(path.bytes, &facts) == 0) /* before the pipeline is run for nothing */
        TRY(error_set(error, STATUS_CONFIG,
                      "%s is there already, and is left as it is; choose another name",
                      path.bytes));
    TRY(absolute(inputs, &survey->inputs, error));
    TRY(absolute(labels, &survey->labels, error));
    TRY(absolute(truth, &survey->truth, error));
    if (pipeline)
        TRY(split_command(survey, arena, error));
    TRY(look(survey, arena, &image, error));
    TRY(count_truth(survey, error));
    TRY(try_pipeline(survey, &image, error));
    print_file(survey, name, &text);
    TRY(text_status(&text, error));
    TRY(write_file(path.bytes, &text, error));
    tell(survey, path.bytes);
out:
    image_set_release(&image);
    text_release(&path);
    text_release(&text);
    return status;
}

int verb_new(int argc, char **argv)
{
    struct options options;
    struct new_survey survey = {0};
    struct arena arena = {0};
    struct error error = {0};
    int result = EXIT_DONE;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    enum status status = STATUS_OK;
    if (!text_is_file_name(options.operands[0]))
        status = error_set(&error, STATUS_CONFIG,
                           "'%s' is no name; expected letters, digits, '_', '-' and '.'",
                           options.operands[0]);
    else if (!inputs || (!labels && !pipeline))
        status = error_set(&error, STATUS_CONFIG,
                           "expected --inputs, and --labels or --pipeline; see `understudy new "
                           "--help`");
    else
        status = make(options.operands[0], &survey, &arena, &error);
    if (status != STATUS_OK)
        result = options_fail(&error);
    free(survey.inputs);
    free(survey.labels);
    free(survey.truth);
    arena_release(&arena);
    options_release(&options);
    return result;
}
