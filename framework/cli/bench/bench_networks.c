/* The reference networks of `understudy bench`. */
#include "cli/bench/bench.h"
#include "graph/family.h"

#include "results/csv.h"

#include <string.h>

#define COLOUR {3, 32, 32}, {10, 1, 1}, true, 128
#define PATCH {1, 40, 40}, {1, 40, 40}, false, 32

const struct bench_network bench_networks[] = {
    {"lenet5", "family: lenet5", {1, 28, 28}, {10, 1, 1}, true, 128},
    {"vgg_32_64_128", "{family: vgg, blocks: 3, convolutions: 2, width: 32}", COLOUR},
    {"vgg_64_128_256", "{family: vgg, blocks: 3, convolutions: 2, width: 64}", COLOUR},
    {"dncnn_7x32", "{family: dncnn, depth: 7, width: 32}", PATCH},
    {"dncnn_17x64", "{family: dncnn, depth: 17, width: 64}", PATCH},
    {"resnet9", "family: resnet9", COLOUR},
    {"mobilenet", "family: mobilenet", COLOUR},
};

const size_t bench_network_count = sizeof bench_networks / sizeof *bench_networks;

enum status bench_network_new(const struct bench_network *reference, struct network *network,
                              struct error *error)
{
    static const struct field fields[] = {
        {"family", FIELD_SELECT, 0, .registry = families_registry, .help = "kind of network"},
        {0},
    };
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct component family = {0};
    struct yaml_node *root = NULL;

    TRY(yaml_parse(&arena, reference->name, reference->network, strlen(reference->network), &root,
                   &found, error));
    TRY(schema_read(fields, root, "network", &family, &arena, &found, error));
    if (found.count) {
        *error = found.items[0];
        status = error->code;
        goto out;
    }
    TRY(network_new(network, &family, reference->input,
                    (struct answer){reference->classes ? CONTENT_SCORES : CONTENT_IMAGE,
                                    reference->target.channels},
                    error));
out:
    diagnostics_release(&found);
    arena_release(&arena);
    return status;
}

/* Those of matrix products; others, as in normalisation, are not what engines are judged by. */
static double node_multiply_adds(const struct network_node *node)
{
    struct layer_work work = {0};
    node->layer->count(node->config, node->in, node->out, &work);
    return work.m > 0 ? work.operations.multiply_adds : 0;
}

double bench_multiply_adds(const struct network *network)
{
    double sum = 0;
    for (size_t i = 0; i < network->count; i++)
        sum += node_multiply_adds(&network->nodes[i]);
    return sum;
}

/* "conv1 input" */
static void append_inputs(const struct network *network, const struct network_node *node,
                          struct text *text)
{
    for (int k = 0; k < node->layer->inputs; k++)
        text_append(text, "%s%s", k ? " " : "",
                    node->inputs[k] < 0 ? "input" : network->nodes[node->inputs[k]].name);
}

/* What was appended becomes a field, and `field` is empty again. */
static void end_field(struct csv *csv, struct text *field)
{
    csv_text(csv, field->bytes ? field->bytes : "");
    csv->text->failed |= field->failed;
    text_clear(field);
}

static void describe_node(const struct network *network, size_t i, struct csv *csv)
{
    const struct network_node *node = &network->nodes[i];
    struct component layer = {.kind = &node->layer->descriptor, .config = (void *)node->config};
    struct text field = {0};

    csv_text(csv, node->name);
    append_inputs(network, node, &field);
    end_field(csv, &field);
    schema_print_component(&layer, &field);
    end_field(csv, &field);
    text_append(&field, "%dx%dx%d", node->out.channels, node->out.height, node->out.width);
    end_field(csv, &field);
    csv_real(csv, (double)network_node_parameters(node));
    csv_real(csv, node_multiply_adds(node));
    csv_end_row(csv);
    text_release(&field);
}

void bench_network_describe(const struct bench_network *reference, const struct network *network,
                            struct text *text)
{
    struct csv csv = {.text = text};
    struct shape input = network->input;

    text_append(text, "%s,%d,input,,,%dx%dx%d,0,0\r\n", reference->name, reference->batch,
                input.channels, input.height, input.width);
    for (size_t i = 0; i < network->count; i++) {
        csv_text(&csv, reference->name);
        csv_real(&csv, reference->batch);
        describe_node(network, i, &csv);
    }
}
