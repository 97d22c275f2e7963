/* The trained network itself: its parameters, and the graph that they belong to. */
#include "trial/evaluation/evaluation.h"

#include "graph/network_json.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256, GRAPH_FORMAT = 1 };

enum status evaluation_parameters(struct record *record, const struct network *network,
                                  const struct trained *trained, struct error *error)
{
    char path[NAME];

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        for (int p = 0; p < node->parameter_count; p++) {
            const struct layer_parameter *parameter = &node->parameters[p];
            struct hdf5_array array = {.type = HDF5_FLOAT32,
                                       .rank = 4,
                                       .values = trained->parameters + node->parameter_offset[p]};
            for (int d = 0; d < 4; d++)
                array.dims[d] = (size_t)parameter->dims[d];
            snprintf(path, sizeof path, "parameters/%s/%s", node->name, parameter->name);
            PASS(record_array(record, path, &array, error));
        }
        if (node->statistics) {
            struct hdf5_array array = {.type = HDF5_FLOAT32,
                                       .rank = 1,
                                       .dims = {node->statistics},
                                       .values = trained->statistics + node->statistics_offset};
            snprintf(path, sizeof path, "parameters/%s/statistics", node->name);
            PASS(record_array(record, path, &array, error));
        }
    }
    return STATUS_OK;
}

/* What the pipeline was, of which the network takes the stages [first, last) over. */
static void put_pipeline(struct json *json, const struct splits *splits)
{
    json_key(json, "pipeline");
    json_open(json, "{");
    json_pair(json, "stages", splits->chosen.bytes ? splits->chosen.bytes : "");
    json_key(json, "combination");
    text_append(json->text, "%zu", splits->combination);
    json_key(json, "replaced");
    text_append(json->text, "[%zu, %zu]", splits->first, splits->last);
    json_close(json, "}");
}

/* Which stored values became 0 and 1, where the data set lets one choose. */
static void put_range(struct json *json, const struct component *source)
{
    for (const struct field *field = source->kind->fields; field && field->name; field++) {
        struct text value = {0};
        if (strcmp(field->name, "range") != 0)
            continue;
        schema_print_value(field, (const char *)source->config + field->offset, &value);
        json_pair(json, "range", value.bytes ? value.bytes : "");
        json->text->failed = json->text->failed || value.failed;
        text_release(&value);
    }
}

/* With ", " between: what the files say, else what the data set is known for. */
static void put_list(struct json *json, const char *name, const struct text *said,
                     const char *const *known)
{
    struct text text = {0};

    if (said->length)
        text_append(&text, "%s", said->bytes);
    for (size_t i = 0; !said->length && known && known[i]; i++)
        text_append(&text, "%s%s", i ? ", " : "", known[i]);
    if (text.length)
        json_pair(json, name, text.bytes);
    json->text->failed = json->text->failed || text.failed;
    text_release(&text);
}

static void put_names(struct json *json, const struct component *source,
                      const struct splits *splits)
{
    const struct dataset *dataset = dataset_of(source->kind);
    bool numbers = splits->task->labels == CONTENT_NUMBERS || splits->task->labels == CONTENT_MAP;
    bool classes = splits->task->labels == CONTENT_SCORES || splits->task->labels == CONTENT_MASK;

    if (numbers || classes)
        put_list(json, "names", &splits->label_names,
                 numbers ? dataset->number_names : dataset->class_names);
    if (numbers)
        put_list(json, "units", &splits->label_units, dataset->number_units);
}

static void put_data(struct json *json, const struct trial *trial, const struct splits *splits)
{
    json_pair(json, "task", splits->task->descriptor.name);
    json_pair(json, "dataset", trial->experiment.dataset.source.kind->name);
    json_pair(json, "dataset_sha256", splits->dataset_sha256);
    json_key(json, "channels");
    text_append(json->text, "%d", splits->items[SPLIT_TEST].input.shapes[0].channels);
    put_range(json, &trial->experiment.dataset.source);
    put_names(json, &trial->experiment.dataset.source, splits);
}

enum status evaluation_graph(struct record *record, const struct trial *trial,
                             const struct splits *splits, const struct network *network,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    struct json json = {.text = &text};

    json_open(&json, "{");
    json_key(&json, "format");
    text_append(&text, "%d", GRAPH_FORMAT);
    json_pair(&json, "experiment", trial->experiment.name);
    json_key(&json, "trial");
    text_append(&text, "%zu", trial->index);
    put_data(&json, trial, splits);
    put_pipeline(&json, splits);
    TRY(network_json(&json, &trial->experiment.network, network, splits_label(splits), error));
    json_close(&json, "}");
    TRY(text_status(&text, error));
    struct hdf5_array array = {
        .type = HDF5_TEXT, .text_size = text.length, .values = (char *)text.bytes};
    TRY(record_array(record, "network/graph", &array, error));
out:
    text_release(&text);
    return status;
}
