#include "results/stored_network.h"

#include "base/text.h"
#include "graph/network_json.h"
#include "plan/plan.h"
#include "results/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where networks are: that of a selection by times is below /timing. */
static const char *const roots[] = {"", "/timing"};
enum { ROOTS = sizeof roots / sizeof *roots };

/* The root below which WHAT/TRIAL is; the first where it is nowhere. */
static const char *root_of(struct stored_network *stored, const char *what)
{
    char path[64];

    for (size_t r = 0; r < ROOTS; r++) {
        snprintf(path, sizeof path, "%s/%s/%05zu", roots[r], what, stored->trial);
        if (hdf5_is_group(&stored->file, path))
            return roots[r];
    }
    return roots[0];
}

/* "none", or the trials whose networks the file holds. */
static enum status list_networks(struct stored_network *stored, struct text *text,
                                 struct error *error)
{
    const char **names;
    size_t count, all = 0;
    char group[64];

    for (size_t r = 0; r < ROOTS; r++) {
        snprintf(group, sizeof group, "%s/network", roots[r]);
        if (!hdf5_is_group(&stored->file, group))
            continue;
        PASS(hdf5_list(&stored->file, group, &stored->arena, &names, &count, error));
        for (size_t i = 0; i < count; i++)
            text_append(text, "%s%ld",
                        all++       ? ", "
                        : count > 1 ? "those of trials "
                                    : "that of trial ",
                        strtol(names[i], NULL, 10));
    }
    if (!all)
        text_append(text, "none");
    return text_status(text, error);
}

/* The trial that the file says goes out; "" where it says none. */
static enum status read_kept(struct stored_network *stored, const char **kept, struct error *error)
{
    char group[64];

    *kept = "";
    for (size_t r = ROOTS; r-- > 0;) {
        snprintf(group, sizeof group, "%s/network", roots[r]);
        if (hdf5_is_group(&stored->file, group))
            return hdf5_read_attribute_text(&stored->file, group, "trial", &stored->arena, kept,
                                            error);
    }
    return STATUS_OK;
}

static enum status find_trial(struct stored_network *stored, const char *trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct text held = {0};
    const char *kept = trial;
    char path[64], *end;

    if (!trial)
        TRY(read_kept(stored, &kept, error));
    unsigned long number = strtoul(kept, &end, 10);
    if (trial && (*end || end == kept || kept[0] == '-' || number >= PLAN_MAX_TRIALS))
        TRY(error_set(error, STATUS_CONFIG, "--trial: '%s'; expected a trial's number", trial));
    stored->trial = number;
    snprintf(path, sizeof path, "%s/network/%05lu", root_of(stored, "network"), number);
    if (kept[0] && hdf5_is_group(&stored->file, path))
        goto out;
    TRY(list_networks(stored, &held, error));
    if (trial)
        TRY(error_set(error, STATUS_DATA,
                      "%s: holds no network of trial %s; networks: %s. `store: {parameters: true}` "
                      "keeps all of them",
                      stored->path, trial, held.bytes));
    TRY(error_set(error, STATUS_DATA,
                  "%s: holds no network; run the experiment again with this version: what was "
                  "trained before comes from the cache",
                  stored->path));
out:
    text_release(&held);
    return status;
}

static enum status damaged(const struct stored_network *stored, const char *key,
                           struct error *error)
{
    return error_set(error, STATUS_DATA, "%s: /network/%05zu/graph: '%s' is missing or no %s",
                     stored->path, stored->trial, key,
                     strcmp(key, "input.shape") == 0 ? "shape" : "whole number");
}

static enum status read_integer(const struct stored_network *stored, const char *key, int64_t most,
                                int64_t *value, struct error *error)
{
    const struct yaml_node *node = yaml_find(stored->root, key);

    if (!node || !yaml_integer(node, value) || *value < 0 || *value > most)
        return damaged(stored, key, error);
    return STATUS_OK;
}

static const char *read_text(const struct stored_network *stored, const char *key)
{
    const struct yaml_node *node = yaml_get(stored->root, key);

    return node && node->kind == YAML_SCALAR ? node->text : NULL;
}

static enum status read_shape(struct stored_network *stored, struct error *error)
{
    const struct yaml_node *shape = yaml_find(stored->root, "input.shape");
    int64_t sides[3];

    if (!shape || shape->kind != YAML_SEQUENCE || shape->count != 3)
        return damaged(stored, "input.shape", error);
    for (int i = 0; i < 3; i++)
        if (!yaml_integer(shape->items[i], &sides[i]) || sides[i] < 1 || sides[i] > IMAGEFILE_SIDE)
            return damaged(stored, "input.shape", error);
    stored->input = (struct shape){(int)sides[0], (int)sides[1], (int)sides[2]};
    return STATUS_OK;
}

static enum status read_graph(struct stored_network *stored, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    char path[64];
    int64_t count, combination, channels;

    snprintf(path, sizeof path, "%s/network/%05zu/graph", root_of(stored, "network"),
             stored->trial);
    TRY(hdf5_read_text(&stored->file, path, &stored->arena, &stored->graph, error));
    TRY(yaml_parse(&stored->arena, stored->path, stored->graph, strlen(stored->graph),
                   &stored->root, &found, error));
    if (found.count || !stored->root || stored->root->kind != YAML_MAPPING)
        TRY(error_set(error, STATUS_DATA, "%s: %s is no JSON object", stored->path, path));
    TRY(read_shape(stored, error));
    TRY(read_integer(stored, "answer.count", 65536, &count, error));
    TRY(read_integer(stored, "channels", IMAGEFILE_CHANNELS, &channels, error));
    TRY(read_integer(stored, "pipeline.combination", 1 << 20, &combination, error));
    stored->answer_count = (int)count;
    stored->channels = (int)channels;
    stored->combination = (size_t)combination;
    stored->names = read_text(stored, "names");
    stored->units = read_text(stored, "units");
out:
    diagnostics_release(&found);
    return status;
}

enum status stored_network_open(struct stored_network *stored, const char *path, const char *trial,
                                struct error *error)
{
    memset(stored, 0, sizeof *stored);
    stored->path = path;
    PASS(results_file_open(&stored->file, path, error));
    PASS(hdf5_read_text(&stored->file, "/plan/resolved", &stored->arena, &stored->resolved, error));
    PASS(find_trial(stored, trial, error));
    return read_graph(stored, error);
}

void stored_network_close(struct stored_network *stored)
{
    hdf5_abandon(&stored->file);
    arena_release(&stored->arena);
    memset(stored, 0, sizeof *stored);
}

enum status stored_network_scale(const struct stored_network *stored, struct imagefile_scale *scale,
                                 bool *automatic, struct error *error)
{
    const char *range = read_text(stored, "range");
    char tail;

    *scale = (struct imagefile_scale){0, 0};
    *automatic = range && strstr(range, "auto");
    if (!range || *automatic || strcmp(range, "[]") == 0)
        return STATUS_OK;
    if (sscanf(range, "[%lf, %lf%c", &scale->low, &scale->high, &tail) != 3 || tail != ']')
        return error_set(error, STATUS_DATA, "%s: /network/%05zu/graph: 'range' is '%s'",
                         stored->path, stored->trial, range);
    return STATUS_OK;
}

/* Are the layers those that the family's file gives today? */
static enum status check_graph(const struct stored_network *stored, const struct component *family,
                               const struct network *network, struct answer answer,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    struct json json = {.text = &text, .indent = 2};

    TRY(network_json(&json, family, network, answer, error));
    if (!strstr(stored->graph, text.bytes))
        TRY(error_set(error, STATUS_DATA,
                      "%s: the family '%s' has changed: what it gives now is not "
                      "/network/%05zu/graph",
                      stored->path, family->kind->name, stored->trial));
out:
    text_release(&text);
    return status;
}

/* One array of /parameters/TRIAL/NODE into its place. */
static enum status read_array(struct stored_network *stored, const char *node, const char *name,
                              size_t count, float *to, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array = {0};
    struct text path = {0};
    size_t held = 1;

    TRY(text_print(&path, error, "%s/parameters/%05zu/%s/%s", root_of(stored, "parameters"),
                   stored->trial, node, name));
    TRY(hdf5_read(&stored->file, path.bytes, &arena, &array, error));
    for (int d = 0; d < array.rank; d++)
        held *= array.dims[d];
    if (array.type != HDF5_FLOAT32 || held != count)
        TRY(error_set(error, STATUS_DATA, "%s: %s has not the %zu numbers of the graph",
                      stored->path, path.bytes, count));
    memcpy(to, array.values, count * sizeof *to);
out:
    arena_release(&arena);
    text_release(&path);
    return status;
}

static enum status read_node(struct stored_network *stored, const struct network_node *node,
                             float *parameters, float *statistics, struct error *error)
{
    for (int p = 0; p < node->parameter_count; p++)
        PASS(read_array(stored, node->name, node->parameters[p].name,
                        layer_parameter_size(&node->parameters[p]),
                        parameters + node->parameter_offset[p], error));
    if (node->statistics)
        PASS(read_array(stored, node->name, "statistics", node->statistics,
                        statistics + node->statistics_offset, error));
    return STATUS_OK;
}

enum status stored_network_parameters(struct stored_network *stored, const struct component *family,
                                      struct answer answer, float **parameters, float **statistics,
                                      size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};

    TRY(network_new(&network, family, stored->input, answer, error));
    TRY(check_graph(stored, family, &network, answer, error));
    *count = network.parameters;
    TRY(memory_new(parameters, network.parameters, sizeof(float), error));
    TRY(memory_new(statistics, network.statistics, sizeof(float), error));
    for (size_t i = 0; i < network.count; i++)
        TRY(read_node(stored, &network.nodes[i], *parameters, *statistics, error));
out:
    network_release(&network);
    return status;
}

/* Does it hold 0, as every range does? */
static bool is_range(struct value_range range)
{
    return isfinite(range.low) && isfinite(range.high) && range.low <= 0 && range.high >= 0;
}

enum status stored_network_ranges(struct stored_network *stored, size_t nodes,
                                  struct activation_ranges *ranges, bool *found,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array = {0};
    char path[64];
    bool good = true;

    memset(ranges, 0, sizeof *ranges);
    snprintf(path, sizeof path, "%s/network/%05zu/ranges", root_of(stored, "network"),
             stored->trial);
    *found = hdf5_exists(&stored->file, path);
    if (!*found)
        goto out;
    TRY(hdf5_read(&stored->file, path, &arena, &array, error));
    if (array.type != HDF5_FLOAT32 || array.rank != 2 || array.dims[0] != 1 + nodes ||
        array.dims[1] != 2)
        TRY(error_set(error, STATUS_DATA, "%s: %s has not two numbers for each of %zu nodes",
                      stored->path, path, nodes));
    TRY(memory_new(&ranges->nodes, nodes, sizeof *ranges->nodes, error));
    ranges->count = nodes;
    const float *values = array.values;
    for (size_t i = 0; i <= nodes; i++) {
        struct value_range *range = i ? &ranges->nodes[i - 1] : &ranges->input;
        *range = (struct value_range){values[2 * i], values[2 * i + 1]};
        good = good && is_range(*range);
    }
    if (!good)
        TRY(error_set(error, STATUS_DATA, "%s: %s holds what is no range around 0", stored->path,
                      path));
out:
    if (status != STATUS_OK)
        activation_ranges_release(ranges);
    arena_release(&arena);
    return status;
}

/* "a, b" as a list of `count`. */
static enum status split(const char *joined, size_t count, struct arena *arena, const char ***names,
                         struct error *error)
{
    *names = NULL;
    if (!joined)
        return STATUS_OK;
    PASS(arena_new(arena, names, count, sizeof **names, error));
    for (size_t i = 0; i < count; i++) {
        const char *end = strstr(joined, ", ");
        size_t length = end ? (size_t)(end - joined) : strlen(joined);
        PASS(arena_copy(arena, joined, length, &(*names)[i], error));
        joined += length + (end ? 2 : 0);
    }
    return STATUS_OK;
}

enum status stored_network_names(const struct stored_network *stored, struct arena *arena,
                                 const char ***names, const char ***units, struct error *error)
{
    size_t count = (size_t)stored->answer_count;

    PASS(split(stored->names, count, arena, names, error));
    return split(stored->units, count, arena, units, error);
}
