/* `understudy bench`: how fast this machine trains the reference networks, what the runner costs,
 * and what stages cost. */
#include "cli/bench/bench.h"
#include "cli/bench/bench_exec.h"
#include "cli/bench/bench_host.h"
#include "cli/bench/bench_runner.h"
#include "cli/bench/bench_stages.h"
#include "cli/support/console.h"
#include "cli/support/options.h"

#include "base/parallel.h"
#include "base/processor.h"
#include "networks/engines/registry.h"
#include "results/csv.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHOICES = 64, MOST_THREADS = 1024, MOST_REPEATS = 1000 };

static const char *network_list, *engine_list, *precision_list, *thread_list, *shard_text,
    *seconds_text = "2", *trials_list = "1000,10000", *plan_text = "100000", *repeats_text = "31",
    *scratch;

static const struct option_row rows[] = {
    {"network", 'n', "LIST", "reference networks, separated by commas (all)",
     .value = &network_list},
    {"engine", 'e', "LIST", "engines, or all (the default of experiments)", .value = &engine_list},
    {"precision", 'p', "LIST", "float32, bfloat16 (all)", .value = &precision_list},
    {"threads", 't', "LIST", "numbers of threads (1 and all processors)", .value = &thread_list},
    {"shard", 0, "N", "images that one thread processes at a time (see train.shard)",
     .value = &shard_text},
    {"seconds", 0, "S", "measuring time for each line, after the warm-up (2)",
     .value = &seconds_text},
    {"trials", 0, "LIST", "runner: sizes of the grids to run, in trials (1000,10000)",
     .value = &trials_list},
    {"plan", 0, "N", "runner: size of the grid to plan, in trials (100000)", .value = &plan_text},
    {"repeats", 0, "N", "runner: number of program starts; exec, stages: of rounds (31)",
     .value = &repeats_text},
    {"scratch", 0, "FOLDER",
     "runner: parent of the temporary folder ($TMPDIR, or /tmp); stages: where images go",
     .value = &scratch},
    {0},
};

static const struct verb verb = {
    .usage = "bench [OPTION …] training|networks|host|runner|exec|stages",
    .about =
        "`training`: train the reference networks on random images. Prints a line of CSV for each\n"
        "network, engine, precision and number of threads: images/s of whole steps (forward, "
        "loss,\n"
        "backward, sum of gradients, SGD step; median over epochs of a few minibatches); 10^9\n"
        "operations/s, counted as 3 x forward and 2 x multiply-adds of convolutions and dense\n"
        "layers; the peak that a loop of fused multiply-adds reaches between epochs on the same\n"
        "number of threads, and the share of it; parameters; resident memory at the start and at\n"
        "its maximum. Precisions and engines that this machine lacks are skipped, with a note.\n"
        "`networks`: print the layers of the reference networks as CSV.\n"
        "`host`: measure arithmetic and bandwidths on the first of the numbers of threads, and "
        "print\n"
        "this machine as one for `hardware:`; keep it as hardware/host.yaml beside experiments.\n"
        "`runner`: measure the runner on grids of trials with almost no work: time, processor\n"
        "time and maximum resident memory of start-up, planning, running (one worker), a trial's\n"
        "own work and the overhead on it, merging all results, and a run that finds everything\n"
        "done. The limits that we guarantee are printed beside them (limit_…).\n"
        "`exec`: seconds an image of 321 x 481 to a program of your own and back, in several\n"
        "settings of the stage exec; the program is cat.\n"
        "`stages`: milliseconds of processor time that conventional stages take for an image of\n"
        "321 x 481, on one thread, the shortest of all rounds.\n"
        "`make bench` compares with PyTorch, Snakemake, OpenCV, scikit-image and SciPy.",
    .shared = OPTION_ISA | OPTION_HOME,
    .rows = rows,
    .least = 1,
    .most = 1,
};

#define TRAINING_HEADER                                                                            \
    "network,engine,precision,threads,images_per_second,gflop_per_second,peak_gflop_per_second,"   \
    "share_of_peak,parameters,memory_before_mib,memory_mib\r\n"

struct bench_choice { /* what to measure */
    bool networks[MOST_CHOICES], engines[MOST_CHOICES], precisions[MOST_CHOICES];
    int threads[MOST_CHOICES];
    size_t thread_count;
    int64_t shard;
    double seconds;
};

static const char *network_name(size_t i)
{
    return i < bench_network_count ? bench_networks[i].name : NULL;
}

static const char *engine_name(size_t i)
{
    return i < registry_engines()->count ? registry_engines()->rows[i]->name : NULL;
}

static const char *precision_name(size_t i)
{
    return bench_field(train_fields, "precision")->choices[i];
}

static int refuse(const char *option, const char *given, const char *expected)
{
    fprintf(stderr, "understudy bench: --%s: '%s'; expected %s\n", option, given, expected);
    return EXIT_USAGE;
}

/* "unknown network 'lenet'; did you mean 'lenet5'?" */
static int refuse_name(const char *noun, const char *given, const char *(*name)(size_t))
{
    const char *nearest = NULL;

    for (size_t i = 0; name(i); i++)
        text_nearest(given, name(i), &nearest);
    fprintf(stderr, "understudy bench: unknown %s '%s'; ", noun, given);
    if (nearest)
        fprintf(stderr, "did you mean '%s'?\n", nearest);
    else
        for (size_t i = 0; name(i); i++)
            fprintf(stderr, "%s%s%s", i ? ", " : "expected one of: ", name(i),
                    name(i + 1) ? "" : "\n");
    return EXIT_USAGE;
}

/* The next of "a,b,c", cut to `word`; false at the end. */
static bool next_word(const char **list, char word[64])
{
    size_t length = strcspn(*list, ",");

    if (!**list)
        return false;
    snprintf(word, 64, "%.*s", (int)length, *list);
    *list += length + ((*list)[length] == ',');
    return true;
}

/* Mark the names that the option lists; "all" is every one. */
static int choose(const char *noun, const char *list, const char *(*name)(size_t), bool *chosen)
{
    char word[64];

    if (!*list)
        return refuse(noun, list, "names separated by commas");
    while (next_word(&list, word)) {
        bool met = false, all = strcmp(word, "all") == 0;
        for (size_t i = 0; i < MOST_CHOICES && name(i); i++)
            if (all || strcmp(word, name(i)) == 0)
                met = chosen[i] = true;
        if (!met)
            return refuse_name(noun, word, name);
    }
    return EXIT_DONE;
}

/* A whole number from 1 to `most`. */
static bool read_whole(const char *text, int64_t most, int64_t *value)
{
    char *end;
    long long number = strtoll(text, &end, 10);

    *value = number;
    return *end == '\0' && end != text && number >= 1 && number <= most;
}

static int choose_threads(struct bench_choice *choice)
{
    const char *list = thread_list;
    char word[64];
    int64_t count;

    choice->threads[0] = 1;
    choice->threads[1] = parallel_processors();
    choice->thread_count = choice->threads[1] > 1 ? 2 : 1;
    if (!list)
        return EXIT_DONE;
    for (choice->thread_count = 0; next_word(&list, word);) {
        if (!read_whole(word, MOST_THREADS, &count))
            return refuse("threads", word, "whole numbers, 1 to 1024");
        if (choice->thread_count == MOST_CHOICES)
            return refuse("threads", thread_list, "fewer numbers");
        choice->threads[choice->thread_count++] = (int)count;
    }
    return choice->thread_count ? EXIT_DONE : refuse("threads", "", "whole numbers, 1 to 1024");
}

static int read_choice(struct bench_choice *choice)
{
    char *end;
    const char *usual = bench_field(train_fields, "engine")->default_value;
    int result;

    memset(choice, 0, sizeof *choice);
    choice->seconds = strtod(seconds_text, &end);
    if (*end || end == seconds_text || !(choice->seconds > 0 && choice->seconds <= 3600))
        return refuse("seconds", seconds_text, "a number above 0, up to 3600");
    if (shard_text && !read_whole(shard_text, 65536, &choice->shard))
        return refuse("shard", shard_text, "a whole number, 1 to 65536");
    result = choose("network", network_list ? network_list : "all", network_name, choice->networks);
    if (result == EXIT_DONE)
        result = choose("engine", engine_list ? engine_list : usual, engine_name, choice->engines);
    if (result == EXIT_DONE)
        result = choose("precision", precision_list ? precision_list : "all", precision_name,
                        choice->precisions);
    return result == EXIT_DONE ? choose_threads(choice) : result;
}

/* Start the chosen engines; those that this machine or build does not have are left out. */
static int start_engines(struct bench_choice *choice)
{
    for (size_t i = 0; engine_name(i); i++) {
        const struct engine *engine = engine_of(registry_engines()->rows[i]);
        struct error error = {0};
        if (!choice->engines[i] || engine->start(&error) == STATUS_OK)
            continue;
        (void)options_fail(&error);
        if (error.code != STATUS_UNAVAILABLE)
            return EXIT_FAILED;
        choice->engines[i] = false;
    }
    return EXIT_DONE;
}

/* A measured number, with four digits. */
static void measured(struct csv *csv, double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.4g", value);
    csv_real(csv, strtod(digits, NULL));
}

static int write_result(const struct bench_setting *setting, const struct bench_result *result)
{
    struct text text = {0};
    struct csv csv = {.text = &text};
    double gflops = 6 * bench_multiply_adds(setting->network) * result->images_per_second / 1e9;

    csv_text(&csv, setting->reference->name);
    csv_text(&csv, setting->engine);
    csv_text(&csv, setting->precision);
    csv_real(&csv, setting->threads);
    measured(&csv, result->images_per_second);
    measured(&csv, gflops);
    measured(&csv, result->peak_gflops);
    measured(&csv, gflops / result->peak_gflops);
    csv_real(&csv, (double)setting->network->parameters);
    measured(&csv, result->memory_before_mib);
    measured(&csv, result->memory_mib);
    csv_end_row(&csv);
    return options_write(&text);
}

/* One line. *lines counts those that were written. */
static int measure(const struct bench_setting *setting, size_t *lines)
{
    struct bench_result result;
    struct error error = {0};
    enum status status = bench_training(setting, &result, &error);

    if (status == STATUS_OK) {
        ++*lines;
        return write_result(setting, &result);
    }
    error_context(&error, "%s, %s, %s", setting->reference->name, setting->engine,
                  setting->precision);
    int failed = options_fail(&error);
    return status == STATUS_UNAVAILABLE ? EXIT_DONE : failed;
}

static int measure_network(const struct bench_choice *choice, const struct bench_network *reference,
                           const struct network *network, size_t *lines)
{
    struct bench_setting setting = {.reference = reference,
                                    .network = network,
                                    .shard = choice->shard,
                                    .seconds = choice->seconds};
    int result = EXIT_DONE;

    for (size_t e = 0; engine_name(e); e++)
        for (size_t p = 0; precision_name(p); p++)
            for (size_t t = 0; t < choice->thread_count && result == EXIT_DONE; t++) {
                if (!choice->engines[e] || !choice->precisions[p])
                    continue;
                setting.engine = engine_name(e);
                setting.precision = precision_name(p);
                setting.threads = choice->threads[t];
                result = measure(&setting, lines);
            }
    return result;
}

/* `training` or `networks`, for one reference network. *lines counts what is measured. */
static int serve(const struct bench_choice *choice, bool training,
                 const struct bench_network *reference, size_t *lines)
{
    struct network network = {0};
    struct text text = {0};
    struct error error = {0};
    int result;

    if (bench_network_new(reference, &network, &error) != STATUS_OK)
        return options_fail(&error);
    if (training) {
        result = measure_network(choice, reference, &network, lines);
    } else {
        bench_network_describe(reference, &network, &text);
        result = options_write(&text);
    }
    network_release(&network);
    return result;
}

static int bench(const struct bench_choice *choice, bool training)
{
    size_t lines = 0;
    int result = EXIT_DONE;

    const char *slower = precision_slower(PRECISION_BFLOAT16, processor_has(PROCESSOR_AMX));
    if (training && slower && choice->precisions[PRECISION_BFLOAT16])
        fprintf(stderr, "understudy bench: %s\n", slower);
    fputs(training ? TRAINING_HEADER : BENCH_NETWORK_HEADER, stdout);
    for (size_t i = 0; i < bench_network_count && result == EXIT_DONE; i++)
        if (choice->networks[i])
            result = serve(choice, training, &bench_networks[i], &lines);
    if (training && result == EXIT_DONE && lines == 0) {
        fputs("understudy bench: nothing was measured\n", stderr);
        result = EXIT_FAILED;
    }
    return result;
}

static int read_runner(struct bench_runner *runner, const struct options *options)
{
    const char *list = trials_list, *temporary = getenv("TMPDIR");
    char word[64];

    *runner = (struct bench_runner){.options = options,
                                    .scratch = scratch                   ? scratch
                                               : temporary && *temporary ? temporary
                                                                         : "/tmp"};
    while (next_word(&list, word)) {
        if (runner->size_count == BENCH_RUNNER_SIZES)
            return refuse("trials", trials_list, "fewer numbers");
        if (!read_whole(word, PLAN_MAX_TRIALS, &runner->trials[runner->size_count++]))
            return refuse("trials", word, "whole numbers, 1 to 1000000");
    }
    if (!runner->size_count)
        return refuse("trials", trials_list, "whole numbers, 1 to 1000000");
    if (!read_whole(plan_text, PLAN_MAX_TRIALS, &runner->planned))
        return refuse("plan", plan_text, "a whole number, 1 to 1000000");
    if (!read_whole(repeats_text, MOST_REPEATS, &runner->repeats))
        return refuse("repeats", repeats_text, "a whole number, 1 to 1000");
    return EXIT_DONE;
}

enum subject { TRAINING, NETWORKS, HOST, RUNNER, EXEC, STAGES };

static const char *subject_name(size_t i)
{
    static const char *const names[] = {"training", "networks", "host", "runner",
                                        "exec",     "stages",   NULL};
    return names[i];
}

static int read_subject(const char *name, enum subject *subject)
{
    for (*subject = TRAINING; *subject <= STAGES; ++*subject)
        if (strcmp(name, subject_name(*subject)) == 0)
            return EXIT_DONE;
    return refuse_name("subject", name, subject_name);
}

static int bench_subject(enum subject subject, const struct options *options)
{
    struct bench_choice choice;
    struct bench_runner runner;
    struct error error = {0};
    int result = subject >= RUNNER ? read_runner(&runner, options) : read_choice(&choice);

    if (result == EXIT_DONE)
        result = options_families(options, "");
    if (result == EXIT_DONE && subject > RUNNER) {
        families_release();
        enum status status = subject == EXEC
                                 ? bench_exec((size_t)runner.repeats, &error)
                                 : bench_stages((size_t)runner.repeats, scratch, &error);
        return status == STATUS_OK ? EXIT_DONE : options_fail(&error);
    }
    if (result == EXIT_DONE && subject == HOST) {
        families_release();
        return bench_host(choice.threads[0], choice.seconds, &error) == STATUS_OK
                   ? EXIT_DONE
                   : options_fail(&error);
    }
    if (result == EXIT_DONE && subject == TRAINING)
        result = start_engines(&choice);
    if (result == EXIT_DONE)
        result = subject == RUNNER ? bench_runner(&runner) : bench(&choice, subject == TRAINING);
    families_release();
    return result;
}

int verb_bench(int argc, char **argv)
{
    struct options options;
    enum subject subject;
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    console_close(); /* nothing but what is measured */
    result = read_subject(options.operands[0], &subject);
    if (result == EXIT_DONE)
        result = bench_subject(subject, &options);
    options_release(&options);
    return result;
}
