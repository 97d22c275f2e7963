#include "graph/network_json.h"

#include "base/text.h"

#include <inttypes.h>

enum status network_any_size(const struct component *family, const struct network *network,
                             struct answer answer, bool *any, struct error *error)
{
    enum status status = STATUS_OK;
    struct network other = {0};
    struct error refused = {0};
    struct shape larger = network->input;

    *any = false;
    larger.height = 2 * larger.height + 1;
    larger.width = 2 * larger.width + 1;
    TRY(family_fit(family, &larger, error));
    status = network_new(&other, family, larger, answer, &refused);
    if (status == STATUS_OK)
        *any = other.parameters == network->parameters && other.statistics == network->statistics;
    else if (status != STATUS_CONFIG)
        *error = refused;
    status = status == STATUS_CONFIG ? STATUS_OK : status;
out:
    network_release(&other);
    return status;
}

static void put_integer(struct json *json, const char *name, int64_t value)
{
    json_key(json, name);
    text_append(json->text, "%" PRId64, value);
}

static void put_shape(struct json *json, const char *name, struct shape shape)
{
    json_key(json, name);
    text_append(json->text, "[%d, %d, %d]", shape.channels, shape.height, shape.width);
}

/* Words are strings; numbers, true and false are spelt in YAML as in JSON. */
static void put_settings(struct json *json, const struct descriptor *kind, const void *config)
{
    bool first = true;

    json_key(json, "settings");
    text_append(json->text, "{");
    for (const struct field *field = kind->fields; field && field->name; field++) {
        bool word = field->type == FIELD_CHOICE || field->type == FIELD_TEXT;
        struct text value = {0};
        schema_print_value(field, (const char *)config + field->offset, &value);
        text_append(json->text, "%s", first ? "" : ", ");
        json_string(json, field->name);
        text_append(json->text, ": ");
        if (word)
            json_string(json, value.bytes ? value.bytes : "");
        else
            text_append(json->text, "%s", value.bytes ? value.bytes : "null");
        json->text->failed = json->text->failed || value.failed;
        text_release(&value);
        first = false;
    }
    text_append(json->text, "}");
}

static void put_inputs(struct json *json, const struct network *network,
                       const struct network_node *node)
{
    json_key(json, "from");
    text_append(json->text, "[");
    for (int i = 0; i < node->layer->inputs; i++) {
        text_append(json->text, "%s", i ? ", " : "");
        json_string(json, node->inputs[i] < 0 ? "input" : network->nodes[node->inputs[i]].name);
    }
    text_append(json->text, "]");
}

/* "weights": [16, 1, 3, 3]; "statistics": channels' means, then their variances. */
static void put_parameters(struct json *json, const struct network_node *node)
{
    json_key(json, "parameters");
    text_append(json->text, "{");
    for (int p = 0; p < node->parameter_count; p++) {
        const struct layer_parameter *parameter = &node->parameters[p];
        text_append(json->text, "%s", p ? ", " : "");
        json_string(json, parameter->name);
        text_append(json->text, ": [%d, %d, %d, %d]", parameter->dims[0], parameter->dims[1],
                    parameter->dims[2], parameter->dims[3]);
    }
    if (node->statistics)
        text_append(json->text, "%s\"statistics\": [%zu]", node->parameter_count ? ", " : "",
                    node->statistics);
    text_append(json->text, "}");
}

static void put_layer(struct json *json, const struct network *network,
                      const struct network_node *node)
{
    json_next(json);
    json_open(json, "{");
    json_pair(json, "name", node->name);
    json_pair(json, "layer", node->layer->descriptor.name);
    put_inputs(json, network, node);
    put_settings(json, &node->layer->descriptor, node->config);
    put_shape(json, "output", node->out);
    put_parameters(json, node);
    json_close(json, "}");
}

enum status network_json(struct json *json, const struct component *family,
                         const struct network *network, struct answer answer, struct error *error)
{
    struct shape multiple = {network->input.channels, 1, 1};
    bool any;

    PASS(network_any_size(family, network, answer, &any, error));
    PASS(family_fit(family, &multiple, error));
    json_pair(json, "family", family->kind->name);
    put_settings(json, family->kind, family->config);
    json_key(json, "input");
    json_open(json, "{");
    put_shape(json, "shape", network->input);
    json_pair_raw(json, "any_size", any ? "true" : "false");
    put_integer(json, "sides_multiple_of", multiple.height);
    json_pair(json, "values", "0 to 1, planar: channel, row, column");
    json_close(json, "}");
    json_key(json, "answer");
    json_open(json, "{");
    json_pair(json, "content", content_labels[answer.content]);
    put_integer(json, "count", answer.count);
    put_shape(json, "shape", network->output);
    json_close(json, "}");
    json_key(json, "layers");
    json_open(json, "[");
    for (size_t i = 0; i < network->count; i++)
        put_layer(json, network, &network->nodes[i]);
    json_close(json, "]");
    return text_status(json->text, error);
}
