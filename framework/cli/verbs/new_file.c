/* The experiment file that `understudy new` writes. */
#include "cli/verbs/new.h"

#include "tasks/registry.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    WHOLE_SIDE = 64,
    PATCH = 40,
    PATCHES = 4096,
    LENET_SIDE = 16,
    LENET_MOST = 128,
    UNET_SIDE = 4
};

static void print_word(struct text *text, const char *word)
{
    text_append(text, "\"");
    for (; *word; word++)
        text_append(text, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word);
    text_append(text, "\"");
}

void new_print_stage(const struct new_survey *survey, struct text *text)
{
    text_append(text, "exec: {command: [");
    for (size_t i = 0; i < survey->word_count; i++) {
        text_append(text, "%s", i ? ", " : "");
        print_word(text, survey->words[i]);
    }
    text_append(text, "]%s%s}", survey->by_files ? ", protocol: files" : "",
                survey->persistent ? ", persistent: true" : "");
}

static void print_folder(const char *key, const char *folder, struct text *text)
{
    char here[PATH_ROOM], own[PATH_ROOM];

    if (!folder)
        return;
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (length > 1 && strncmp(folder, here, length) == 0 && folder[length] == '/')
        folder = path_print(own, ".%s", folder + length); /* beside the file: both may be moved */
    text_append(text, "  %s: ", key);
    print_word(text, folder);
    text_append(text, "\n");
}

/* Is something of each pixel asked for that is no brightness? */
static bool is_unet(const struct new_survey *survey)
{
    return survey->answers.content != CONTENT_IMAGE;
}

/* Does training see whole images? */
static bool is_whole(const struct new_survey *survey)
{
    bool small =
        survey->uniform && survey->first.height <= WHOLE_SIDE && survey->first.width <= WHOLE_SIDE;
    bool fits = !is_unet(survey) ||
                (survey->first.height % UNET_SIDE == 0 && survey->first.width % UNET_SIDE == 0);

    return survey->class_count || (small && fits);
}

static int patch_side(const struct new_survey *survey)
{
    int side = survey->least < PATCH ? survey->least : PATCH;

    return is_unet(survey) && side >= UNET_SIDE ? side / UNET_SIDE * UNET_SIDE : side;
}

/* How many images each split gets, but for those of a folder of test images. */
static void print_splits(const struct new_survey *survey, size_t manual, struct text *text)
{
    size_t test = survey->tests ? 0 : survey->count / 5, validation = survey->count / 10;
    size_t training = survey->count - test - validation - manual;

    text_append(text, "  manual: %-21zu# images whose truth may tune the pipeline%s\n", manual,
                survey->known ? "" : "; there is none");
    text_append(text, "  unlabelled: all              # %zu, which the network learns from\n",
                training);
    text_append(text, "  validation: %-17zu# for curves, and to choose by\n", validation);
    if (survey->tests)
        text_append(text, "  test: all                    # %zu; training never sees them\n",
                    survey->tested);
    else
        text_append(text, "  test: %-23zu# drawn once; training never sees them\n", test);
    if (is_whole(survey))
        return;
    text_append(text, "  patch: {size: %d, per_image: %zu}  # training on squares cut from them\n",
                patch_side(survey), PATCHES / training < 1 ? (size_t)1 : PATCHES / training);
}

/* What the samples of masks stand for. */
static void print_masks(const struct new_survey *survey, struct text *text)
{
    const struct new_answers *answers = &survey->answers;

    text_append(text, "  classes: [");
    for (size_t i = 0; i < answers->value_count; i++)
        text_append(text, "%sclass_%zu", i ? ", " : "", i);
    text_append(text, "]  # give them their names\n");
    if (!answers->plain) {
        text_append(text, "  values: [");
        for (size_t i = 0; i < answers->value_count; i++)
            text_append(text, "%s%.9g", i ? ", " : "", answers->values[i]);
        text_append(text, "]  # of the masks' pixels, in the order of the classes\n");
    }
    if (answers->ignores)
        text_append(text, "  ignore: %-21d# pixels whose class is not known\n", NEW_IGNORED);
}

/* What the samples of maps are. */
static void print_numbers(const struct new_survey *survey, struct text *text)
{
    int channels = survey->answers.channels;

    text_append(text, "  numbers: [");
    for (int i = 0; i < channels; i++)
        text_append(text, channels > 1 ? "%svalue_%d" : "%svalue", i ? ", " : "", i + 1);
    text_append(text, "]             # of each pixel: give %s name%s\n",
                channels > 1 ? "them their" : "it its", channels > 1 ? "s" : "");
}

static void print_images(const struct new_survey *survey, struct text *text)
{
    text_append(text, "dataset:\n  name: recorded               # images as they are: nothing is "
                      "degraded\n");
    print_folder("inputs", survey->inputs, text);
    print_folder("labels", survey->labels, text);
    print_folder("truth", survey->truth, text);
    if (survey->answers.content == CONTENT_MASK)
        print_masks(survey, text);
    else if (survey->answers.content == CONTENT_MAP)
        print_numbers(survey, text);
    text_append(text, "  colour: %s\n", survey->channels == 3 ? "colour" : "grey");
    print_splits(survey, survey->known / 4 < 10 ? survey->known / 4 : 10, text);
}

static void print_classes(const struct new_survey *survey, struct text *text)
{
    text_append(text, "dataset:\n  name: folder\n");
    print_folder("train_folder", survey->inputs, text);
    print_folder("test_folder", survey->tests, text);
    text_append(text,
                "  classes: [folders]           # %zu: each sub-folder is one, numbered in the "
                "order of their names\n  colour: %s\n",
                survey->class_count, survey->channels == 3 ? "colour" : "grey");
    print_splits(survey, survey->count / 20, text);
}

static void print_network(const struct new_survey *survey, struct text *text)
{
    const char *network = "{family: dncnn, depth: 5, width: 8}", *widths = "[4, 8, 16]";

    if (is_unet(survey)) {
        network = "{family: unet, width: 4}";
        widths = "[2, 4, 8]";
    } else if (survey->class_count && survey->least < LENET_SIDE) {
        network = "{family: mlp}";
        widths = "[16, 64, 256]";
    } else if (survey->class_count && survey->least <= LENET_MOST) {
        network = "{family: lenet5, width: 4}";
        widths = "[2, 4, 8]";
    } else if (survey->class_count) {
        network = "{family: mobilenet, depth: 1, width: 8, stride: 2}";
        widths = "[2, 4, 8]";
    }
    text_append(text,
                "network: %s    # `understudy describe family` lists others\n\n"
                "train: {epochs: 20, batch: 16, learning_rate: 2.0e-3, schedule: cosine%s}\n\n"
                "grid:\n  network.width: %s    # how large must the network be?\n\n",
                network, survey->answers.content == CONTENT_MAP ? ", loss: l1" : "", widths);
}

/* The task's name, and what goes in and comes out. */
static void print_task(const struct new_survey *survey, struct text *text)
{
    static const char *const about[CONTENTS] = {
        [CONTENT_IMAGE] = "images out",
        [CONTENT_SCORES] = "a class each out",
        [CONTENT_MASK] = "masks out: a class each pixel",
        [CONTENT_MAP] = "maps out: a number each pixel",
    };
    enum content labels = survey->class_count ? CONTENT_SCORES : survey->answers.content;

    text_append(text, "task: %-25s# images in, %s\n", task_of_labels(labels)->descriptor.name,
                about[labels]);
}

void new_print_file(const struct new_survey *survey, const char *name, struct text *text)
{
    text_append(
        text,
        "# Can a small network take the pipeline's place? Written by `understudy new`: change "
        "what you like.\n"
        "#\n#     understudy check --data %s.yaml    # reads every image\n"
        "#     understudy run %s.yaml             # results/%s.h5, plots/%s/\n"
        "#     understudy describe experiment     # every setting\n"
        "experiment: %s\n",
        name, name, name, name, name);
    print_task(survey, text);
    text_append(text, "seed: 1\nreplicates: 2                  # trainings of each network, for "
                      "intervals\n\n");
    if (survey->class_count)
        print_classes(survey, text);
    else
        print_images(survey, text);
    text_append(text, "\npipeline:\n  stages:\n    - ");
    if (survey->labels)
        text_append(text, "recorded                 # its answers are in 'labels'");
    else
        new_print_stage(survey, text);
    if (!survey->labels && survey->answers.content == CONTENT_MASK)
        text_append(text, "  # it answers the numbers of classes, from 0 on");
    text_append(text, "\n\n");
    print_network(survey, text);
    if (!survey->known)
        text_append(text, "# There is no ground truth: agreement with the pipeline is judged "
                          "(network.test.agreement.*).\n");
    text_append(text, "figures:\n  - curves\n  - examples\n");
}
