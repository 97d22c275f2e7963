/* `understudy cache`: what the cache holds, and less of it. */
#include "cli/support/options.h"
#include "cli/support/say.h"

#include "cache/cache.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *results = "results", *older, *to;
static bool prune, dry;

static const struct option_row rows[] = {
    {"results", 'r', "FOLDER", "folder that contains cache/ (results)", .value = &results},
    {"prune", 0, NULL,
     "remove leftovers of stopped programs and, with --older or --to,\nentries; never removes what "
     "a run is using",
     .flag = &prune},
    {"older", 0, "DAYS", "with --prune: remove entries not used for DAYS days", .value = &older},
    {"to", 0, "SIZE",
     "with --prune: remove the least recently used entries until\nSIZE is left, such as 500M or 2G",
     .value = &to},
    {"dry-run", 'n', NULL, "with --prune: only print what would be removed", .flag = &dry},
    {0},
};

static const struct verb verb = {
    .usage = "cache [OPTION …]",
    .about =
        "List what RESULTS/cache holds for each step: tuned values, labels, filtered items,\n"
        "trainings, trials. Removed entries are computed again when needed. Results files are\n"
        "not touched.",
    .rows = rows,
    .least = 0,
    .most = 0,
};

static void print_size(FILE *stream, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;

    while (bytes >= 1000 && unit < 4) {
        bytes /= 1000;
        unit++;
    }
    fprintf(stream, "%.*f %s", unit && bytes < 100 ? 1 : 0, bytes, units[unit]);
}

static void print_row(const char *name, const struct cache_usage *usage, int64_t now)
{
    printf("%-10s%10zu%8zu%13zu%16llu", name, usage->entries, usage->packfiles, usage->checkpoints,
           (unsigned long long)usage->bytes);
    if (usage->oldest)
        printf("%12.1f", (double)(now - usage->oldest) / 86400);
    putchar('\n');
}

static enum status list(struct cache *cache, struct error *error)
{
    struct cache_usage usage[TRIAL_STEPS], sum = {0};
    int64_t now = time(NULL);

    PASS(cache_usage(cache, usage, error));
    printf("%-10s%10s%8s%13s%16s%12s\n", "step", "entries", "packs", "checkpoints", "bytes",
           "oldest/days");
    for (int s = TRIAL_TUNE; s < TRIAL_STEPS; s++) {
        print_row(trial_step_names[s], &usage[s], now);
        sum.entries += usage[s].entries;
        sum.packfiles += usage[s].packfiles;
        sum.checkpoints += usage[s].checkpoints;
        sum.bytes += usage[s].bytes;
        if (usage[s].oldest && (!sum.oldest || usage[s].oldest < sum.oldest))
            sum.oldest = usage[s].oldest;
    }
    print_row("all", &sum, now);
    return STATUS_OK;
}

static bool read_days(double *seconds)
{
    char *end;

    *seconds = -1;
    if (!older)
        return true;
    double days = strtod(older, &end);
    if (*end || end == older || !(days >= 0 && days <= 1e6)) {
        fprintf(stderr, "understudy cache: --older: '%s'; expected days, 0 to 1000000\n", older);
        return false;
    }
    *seconds = 86400 * days;
    return true;
}

static bool read_size(uint64_t *bytes)
{
    static const char units[] = "kMGT";
    char *end;

    *bytes = UINT64_MAX;
    if (!to)
        return true;
    double value = strtod(to, &end);
    bool number = end != to && value >= 0 && value <= 1e15;
    const char *unit = number && *end ? strchr(units, *end) : NULL;
    if (unit) {
        value *= pow(1000, (double)(unit - units + 1));
        end++;
    }
    if (!number || *end || value > 1e18) {
        fprintf(stderr,
                "understudy cache: --to: '%s'; expected a number of bytes, as 500M or 2G "
                "(k, M, G, T: thousands)\n",
                to);
        return false;
    }
    *bytes = (uint64_t)value;
    return true;
}

static void print_pruned(const struct cache_pruned *pruned)
{
    fprintf(stdout,
            "%s %zu entr%s in %zu file%s, %zu leftover%s: ", dry ? "would remove" : "removed",
            pruned->entries, pruned->entries == 1 ? "y" : "ies", pruned->files,
            pruned->files == 1 ? "" : "s", pruned->leftovers, pruned->leftovers == 1 ? "" : "s");
    print_size(stdout, (double)pruned->bytes);
    fputs("; left: ", stdout);
    print_size(stdout, (double)pruned->left);
    putchar('\n');
    if (pruned->kept)
        printf("%zu file%s kept: a run is using %s\n", pruned->kept, pruned->kept == 1 ? "" : "s",
               pruned->kept == 1 ? "it" : "them");
}

static enum status do_prune(struct cache *cache, const struct cache_prune_options *options,
                            struct error *error)
{
    struct cache_pruned pruned;
    enum status status = cache_prune(cache, options, &pruned, error);

    if (status == STATUS_OK)
        print_pruned(&pruned);
    return status;
}

static void on_damaged(void *context, const struct error *damage)
{
    (void)context;
    say_line(stderr, "damaged: %s", damage->message);
}

int verb_cache(int argc, char **argv)
{
    struct options options;
    struct cache_prune_options prune_options;
    struct cache cache = {0};
    struct error error = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (!prune && (older || to || dry)) {
        fputs("understudy cache: --older, --to and --dry-run go with --prune\n", stderr);
        result = EXIT_USAGE;
        goto out;
    }
    prune_options.dry = dry;
    if (!read_days(&prune_options.older) || !read_size(&prune_options.to)) {
        result = EXIT_USAGE;
        goto out;
    }
    enum status status = cache_open(&cache, results, &error);
    cache.damaged = on_damaged;
    if (status == STATUS_OK)
        status = prune ? do_prune(&cache, &prune_options, &error) : list(&cache, &error);
    result = status == STATUS_OK ? EXIT_DONE : options_fail(&error);
out:
    cache_close(&cache);
    options_release(&options);
    return result;
}
