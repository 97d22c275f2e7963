/* The experiment file that `understudy new` writes. */
#include "cli/verbs/new.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WHOLE_SIDE = 64, PATCH = 40, PATCHES = 4096, LENET_SIDE = 16, LENET_MOST = 128 };

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
    if (survey->class_count || (survey->uniform && survey->first.height <= WHOLE_SIDE &&
                                survey->first.width <= WHOLE_SIDE))
        return;
    text_append(text, "  patch: {size: %d, per_image: %zu}  # training on squares cut from them\n",
                survey->least < PATCH ? survey->least : PATCH,
                PATCHES / training < 1 ? (size_t)1 : PATCHES / training);
}

static void print_images(const struct new_survey *survey, struct text *text)
{
    text_append(text, "dataset:\n  name: recorded               # images as they are: nothing is "
                      "degraded\n");
    print_folder("inputs", survey->inputs, text);
    print_folder("labels", survey->labels, text);
    print_folder("truth", survey->truth, text);
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

    if (survey->class_count && survey->least < LENET_SIDE) {
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
                "train: {epochs: 20, batch: 16, learning_rate: 2.0e-3, schedule: cosine}\n\n"
                "grid:\n  network.width: %s    # how large must the network be?\n\n",
                network, widths);
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
        "experiment: %s\ntask: %s\n"
        "seed: 1\nreplicates: 2                  # trainings of each network, for "
        "intervals\n\n",
        name, name, name, name, name,
        survey->class_count ? "classify                 # images in, a class each out"
                            : "denoise                  # images in, images out");
    if (survey->class_count)
        print_classes(survey, text);
    else
        print_images(survey, text);
    text_append(text, "\npipeline:\n  stages:\n    - ");
    if (survey->labels)
        text_append(text, "recorded                 # its answers are in 'labels'");
    else
        new_print_stage(survey, text);
    text_append(text, "\n\n");
    print_network(survey, text);
    if (survey->few_levels)
        text_append(text,
                    "# The answers have %zu values or fewer: masks, which are learnt here as "
                    "images.\n",
                    survey->few_levels);
    if (!survey->known)
        text_append(text, "# There is no ground truth: agreement with the pipeline is judged "
                          "(network.test.agreement.*).\n");
    text_append(text, "figures:\n  - curves\n  - examples\n");
}
