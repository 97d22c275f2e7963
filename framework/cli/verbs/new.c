/*
 * `understudy new NAME --inputs FOLDER …`: a first experiment file, written from what lies in
 * folders of images. It looks at every file, asks the pipeline for one image, and overwrites
 * nothing.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "cli/verbs/new.h"
#include "cli/support/options.h"
#include "cli/support/say.h"

#include "chain/chain.h"
#include "data/folder_classes.h"
#include "io/images/imagefiles.h"
#include "tasks/registry.h"
#include "train/stages/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LEAST_IMAGES = 8 };

static const char *inputs, *labels, *truth, *pipeline;

static const struct option_row rows[] = {
    {"inputs", 'i', "FOLDER", "images as they come from the camera, or sub-folders of classes",
     .value = &inputs},
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
        "Write a first experiment file, NAME.yaml, from folders of images, or of classes (one\n"
        "sub-folder each, perhaps below train and test): look at every image,\n"
        "run the pipeline on one of them, and choose a task, a family, sizes and a grid that\n"
        "takes minutes. Where labels or truth are masks or maps of numbers, the task is to give\n"
        "such. Needs --inputs, and --labels or --pipeline. Never overwrites a file.",
    .shared = OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
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
    size_t length = strlen(pipeline), used = 0;
    char *bytes = NULL, quote = '\0';
    bool within = false;

    PASS(arena_new(arena, &bytes, length + 1, 1, error));
    PASS(arena_new(arena, &survey->words, length + 1, sizeof *survey->words, error));
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
        return error_set(error, STATUS_CONFIG, "--pipeline: %s",
                         quote ? "a quote has no end" : "empty; expected a command");
    return STATUS_OK;
}

/* ---- the images */

/* The files of `folder`; where it holds none but sub-folders that do, these are classes. */
static enum status list_images(struct imagefiles *files, const char *folder, size_t *classes,
                               struct error *error)
{
    struct error none;
    struct folder_labels listed = {0};
    enum status status = imagefiles_list(files, folder, error);

    *classes = 0;
    if (status != STATUS_DATA)
        return status;
    imagefiles_release(files);
    *files = (struct imagefiles){0};
    if (folder_list_classes(files, folder, &listed, &none) == STATUS_OK) {
        status = STATUS_OK;
        for (size_t i = 0; i < files->count; i++) /* in the order of their names */
            *classes += i == 0 || strcmp(listed.names[i], listed.names[i - 1]) != 0;
    }
    folder_labels_release(&listed);
    return status;
}

/* `train` and `test` in the folder, where both are sets of classes, are its two parts. */
static enum status find_parts(struct new_survey *survey, struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const names[] = {"train", "test"};
    struct text paths[2] = {{0}, {0}};
    struct error none;
    size_t classes[2] = {0, 0};

    for (int i = 0; i < 2; i++) {
        struct imagefiles files = {0};
        TRY(path_join(&paths[i], survey->inputs, names[i], error));
        if (list_images(&files, paths[i].bytes, &classes[i], &none) == STATUS_OK && i)
            survey->tested = files.count;
        imagefiles_release(&files);
    }
    if (!classes[0] || !classes[1])
        goto out;
    TRY(absolute(paths[1].bytes, &survey->tests, error));
    free(survey->inputs);
    survey->inputs = NULL;
    TRY(absolute(paths[0].bytes, &survey->inputs, error));
out:
    for (int i = 0; i < 2; i++)
        text_release(&paths[i]);
    return status;
}

static void measure(struct new_survey *survey, const struct imagefiles *files)
{
    survey->count = files->count;
    survey->first = files->items[0].shape;
    survey->channels = survey->first.channels;
    survey->uniform = true;
    survey->least = survey->first.height;
    for (size_t i = 0; i < files->count; i++) {
        struct shape shape = files->items[i].shape;
        int side = shape.height < shape.width ? shape.height : shape.width;
        survey->least = side < survey->least ? side : survey->least;
        survey->uniform = survey->uniform && shape_equal(shape, survey->first);
        survey->channels = shape.channels < survey->channels ? shape.channels : survey->channels;
    }
}

/* What no experiment can be made of. */
static enum status refuse(const struct new_survey *survey, struct error *error)
{
    if (survey->count < LEAST_IMAGES)
        return error_set(error, STATUS_CONFIG,
                         "%s: %zu images; at least %d are needed for training and test", inputs,
                         survey->count, LEAST_IMAGES);
    if (survey->class_count && !pipeline)
        return error_set(error, STATUS_CONFIG,
                         "%s: its sub-folders are classes; expected --pipeline, a program that "
                         "names the class",
                         inputs);
    if (survey->class_count && (labels || truth))
        return error_set(error, STATUS_CONFIG,
                         "%s: its sub-folders are classes, and tell the truth; --labels and "
                         "--truth are for images",
                         inputs);
    if (survey->class_count && !survey->uniform)
        return error_set(error, STATUS_CONFIG,
                         "%s: images of different sizes; a classifier needs all of one size",
                         inputs);
    return STATUS_OK;
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

    TRY(find_parts(survey, error));
    TRY(list_images(&files, survey->inputs, &survey->class_count, error));
    TRY(hash_begin(&hash, error));
    TRY(imagefiles_look(&files, files.count, &hash, NULL, NULL, error));
    TRY(arena_copy(arena, files.items[0].name, strlen(files.items[0].name), &survey->name, error));
    measure(survey, &files);
    TRY(refuse(survey, error));
    files.channels = survey->channels == 3 ? 3 : 1;
    TRY(imagefiles_decode(&files, &first, 1, 1, image, &summary, &faulty, error));
    survey->real = summary.reals > 0;
    if (survey->class_count)
        survey->known = survey->count;
    if (files.left_out.length)
        say_line(stderr, "note: %s: left out: %s", survey->inputs, files.left_out.bytes);
out:
    hash_release(&hash);
    imagefiles_release(&files);
    return status;
}

/* What the answers are, and how many images have ground truth. */
static enum status look_at_answers(struct new_survey *survey, struct error *error)
{
    size_t labelled;

    PASS(new_look_at_answers(&survey->answers, survey->labels, &labelled, error));
    if (survey->truth) {
        PASS(new_look_at_answers(&survey->answers, survey->truth, &survey->known, error));
        survey->known = survey->known < survey->count ? survey->known : survey->count;
    }
    new_judge_answers(&survey->answers, survey->real);
    return STATUS_OK;
}

/* What the pipeline is to give. */
static struct answer wanted(const struct new_survey *survey)
{
    const struct new_answers *answers = &survey->answers;

    if (survey->class_count)
        return (struct answer){CONTENT_SCORES, (int)survey->class_count};
    switch (answers->content) {
    case CONTENT_MASK: return (struct answer){CONTENT_MASK, (int)answers->value_count};
    case CONTENT_MAP: return (struct answer){CONTENT_MAP, answers->channels};
    default: return (struct answer){CONTENT_IMAGE, 0};
    }
}

/* ---- the pipeline */

/* Ask the stage `text` for the images, twice where it is to stay; the first answer counts. */
static enum status ask(const struct new_survey *survey, const struct image_set *images, bool twice,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct field fields[] = {{"stages", FIELD_COMPONENTS, 0, .default_value = "[]",
                              .registry = registry_stages, .tunable = true},
                             {0}};
    struct component_list stages = {0};
    struct answer answer = wanted(survey);
    struct chain_examples examples = {.inputs = images, .answer = answer};
    struct image_names names = {.files = &survey->name};
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    struct chain chain = {0};
    struct image_set out = {0};
    struct arena arena = {0};
    struct text text = {0};

    text_append(&text, "stages:\n  - ");
    new_print_stage(survey, &text);
    TRY(text_status(&text, error));
    TRY(yaml_parse(&arena, "--pipeline", text.bytes, text.length, &root, &found, error));
    TRY(schema_read(fields, root, "", &stages, &arena, &found, error));
    if (!found.count)
        TRY(chain_check(&stages, task_of_labels(answer.content), images->shapes[0], answer,
                        "pipeline", &found, error));
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
    struct error unable;

    if (!pipeline)
        return STATUS_OK;
    survey->by_files = strstr(pipeline, "{in}") != NULL;
    PASS(ask(survey, images, false, error));
    if (survey->by_files)
        return STATUS_OK;
    survey->persistent = true;
    survey->persistent = ask(survey, images, true, &unable) == STATUS_OK;
    return STATUS_OK;
}

/* ---- the file */

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
    if (survey->class_count)
        say_line(stderr, "%zu classes, by sub-folder%s", survey->class_count,
                 survey->tests ? "; test images in a folder of their own" : "");
    if (survey->answers.content == CONTENT_MASK)
        say_line(stderr, "the answers are masks of %zu classes", survey->answers.value_count);
    if (survey->answers.content == CONTENT_MAP)
        say_line(stderr, "the answers are maps of %d number%s each pixel", survey->answers.channels,
                 survey->answers.channels > 1 ? "s" : "");
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
    TRY(look_at_answers(survey, error));
    TRY(try_pipeline(survey, &image, error));
    new_print_file(survey, name, &text);
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
    free(survey.tests);
    arena_release(&arena);
    options_release(&options);
    return result;
}
