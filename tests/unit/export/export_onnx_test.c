/* ONNX models: the wire format, what their bytes say, and failures. What they compute is compared
 * with other programs by tests/export/run. */
#include "base/hash.h"
#include "base/memory.h"
#include "export/onnx.h"
#include "export/protobuf.h"
#include "networks/layers/registry.h"
#include "tests/unit/choose_family.h"
#include "tests/unit/export/export_cases.h"
#include "tests/unit/export/export_int8.h"

#include <CUnit/CUnit.h>
#include <string.h>

void export_onnx_suite(void);

/* Fields of messages, as in onnx.proto. */
enum { MODEL_GRAPH_FIELD = 7, METADATA = 14, NODE = 1, INITIALIZER = 5, INPUT = 11, OUTPUT = 12 };

static bool holds(const struct text *text, const char *bytes, size_t length)
{
    return text->length == length && memcmp(text->bytes, bytes, length) == 0;
}

#define HOLDS(text, literal) CU_ASSERT(holds(text, literal, sizeof(literal) - 1))

/* The first three are the examples of Protocol Buffers' documentation. */
static void test_wire(void)
{
    struct text message = {0}, outer = {0};
    const float values[] = {1, -2};
    const int8_t bytes[] = {1, -2};
    const int32_t words[] = {1, -2};

    protobuf_integer(&message, 1, 150);
    HOLDS(&message, "\x08\x96\x01");
    protobuf_message(&outer, 3, &message);
    HOLDS(&outer, "\x1a\x03\x08\x96\x01");
    CU_ASSERT_EQUAL(message.length, 0);
    protobuf_text(&message, 2, "testing");
    HOLDS(&message, "\x12\x07testing");
    text_clear(&message);
    protobuf_integer(&message, 1, -1);
    HOLDS(&message, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    text_clear(&message);
    protobuf_integer(&message, 20, 0);
    HOLDS(&message, "\xa0\x01\x00");
    text_clear(&message);
    protobuf_float(&message, 2, 1);
    HOLDS(&message, "\x15\x00\x00\x80\x3f");
    text_clear(&message);
    protobuf_floats(&message, 9, values, 2);
    HOLDS(&message, "\x4a\x08\x00\x00\x80\x3f\x00\x00\x00\xc0");
    text_clear(&message);
    protobuf_floats(&message, 9, NULL, 0);
    HOLDS(&message, "\x4a\x00");
    text_clear(&message);
    protobuf_bytes(&message, 9, bytes, 2);
    HOLDS(&message, "\x4a\x02\x01\xfe");
    text_clear(&message);
    protobuf_words(&message, 9, words, 2);
    HOLDS(&message, "\x4a\x08\x01\x00\x00\x00\xfe\xff\xff\xff");
    text_release(&message);
    text_release(&outer);
}

/* A field of a message: a number, or bytes. */
struct wire_field {
    int number;
    uint64_t value;
    const char *bytes;
    size_t length;
};

struct wire {
    const char *at, *end;
};

static uint64_t read_varint(struct wire *wire)
{
    uint64_t value = 0;

    for (int shift = 0; wire->at < wire->end && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char)*wire->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    CU_FAIL_FATAL("a number has no end");
    return 0;
}

static bool next_field(struct wire *wire, struct wire_field *field)
{
    if (wire->at == wire->end)
        return false;
    uint64_t tag = read_varint(wire);
    *field = (struct wire_field){.number = (int)(tag >> 3)};
    switch (tag & 7) {
    case 0: field->value = read_varint(wire); return true;
    case 2: field->length = (size_t)read_varint(wire); break;
    case 5: field->length = 4; break;
    default: CU_FAIL_FATAL("a type that is not written");
    }
    CU_ASSERT_FATAL(field->length <= (size_t)(wire->end - wire->at));
    field->bytes = wire->at;
    wire->at += field->length;
    return true;
}

static struct wire wire_of(const char *bytes, size_t length)
{
    return (struct wire){bytes, length ? bytes + length : bytes};
}

/* The first field of this number; fails where there is none. */
static struct wire_field find(struct wire wire, int number)
{
    struct wire_field field = {0};

    while (next_field(&wire, &field))
        if (field.number == number)
            return field;
    CU_FAIL_FATAL("a field is missing");
    return field;
}

enum { MOST_NAMES = 1024, NAME = 96 };

/* Names of values, in the order in which a graph gives them. */
struct names {
    char names[MOST_NAMES][NAME];
    size_t count;
};

static bool has_name(const struct names *names, const char *bytes, size_t length)
{
    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->names[i]) == length && memcmp(names->names[i], bytes, length) == 0)
            return true;
    return false;
}

static void add_name(struct names *names, struct wire_field name)
{
    CU_ASSERT_FALSE(has_name(names, name.bytes, name.length));
    CU_ASSERT_FATAL(names->count < MOST_NAMES && name.length < NAME);
    memcpy(names->names[names->count], name.bytes, name.length);
    names->names[names->count++][name.length] = '\0';
}

static bool is_name(struct wire_field name, const char *text)
{
    return name.length == strlen(text) && memcmp(name.bytes, text, name.length) == 0;
}

/* A tensor's dimensions are those of its values. */
static void check_tensor(struct wire tensor)
{
    struct wire_field field;
    uint64_t values = 1, given = 0, type = find(tensor, 2).value;
    enum { FLOAT = 1, INT8 = 3, INT32 = 6, INT64 = 7 };

    while (next_field(&tensor, &field)) {
        values *= field.number == 1 ? field.value : 1;
        given +=
            field.number == 9 ? field.length / (type == INT8 ? 1 : 4) : (size_t)(field.number == 7);
    }
    CU_ASSERT_EQUAL(values, given);
    CU_ASSERT(type == FLOAT || type == INT8 || type == INT32 || (type == INT64 && given == 2));
}

/* Nodes read what was given before, and no value has another's name. */
static void check_graph(struct wire graph, struct names *names)
{
    struct wire_field field, part;

    names->count = 0;
    add_name(names, find(wire_of(find(graph, INPUT).bytes, find(graph, INPUT).length), 1));
    while (next_field(&graph, &field)) {
        struct wire inner = wire_of(field.bytes, field.length);
        if (field.number == INITIALIZER) {
            add_name(names, find(inner, 8));
            check_tensor(inner);
        }
        while (field.number == NODE && next_field(&inner, &part)) {
            if (part.number == 1 && part.length)
                CU_ASSERT(has_name(names, part.bytes, part.length));
            if (part.number == 2)
                add_name(names, part);
        }
        if (field.number == OUTPUT)
            CU_ASSERT(has_name(names, find(inner, 1).bytes, find(inner, 1).length));
    }
}

/* One constant is called NODE.PART, and has these bytes. */
static void check_constant(struct wire graph, const char *node, const char *part,
                           const void *values, size_t bytes)
{
    struct wire_field field;
    size_t seen = 0;
    char name[NAME];

    snprintf(name, sizeof name, "%s.%s", node, part);
    while (next_field(&graph, &field)) {
        struct wire tensor = wire_of(field.bytes, field.length);
        if (field.number != INITIALIZER || !is_name(find(tensor, 8), name))
            continue;
        struct wire_field raw = find(tensor, 9);
        CU_ASSERT(raw.length == bytes && memcmp(raw.bytes, values, bytes) == 0);
        seen++;
    }
    CU_ASSERT_EQUAL(seen, 1);
}

/* Each parameter is there under its name, with its bytes. */
static void check_parameters(struct wire graph, const struct exported_network *exported)
{
    for (size_t i = 0; i < exported->network->count; i++)
        for (int k = 0; k < exported->network->nodes[i].parameter_count; k++) {
            const struct network_node *node = &exported->network->nodes[i];
            check_constant(graph, node->name, node->parameters[k].name,
                           exported->parameters + node->parameter_offset[k],
                           sizeof(float) * layer_parameter_size(&node->parameters[k]));
        }
}

/* So are integers, and what they stand for. Weights of transposed convolutions are in another
 * order. */
static void check_integers(struct wire graph, const struct quantized_network *quantized)
{
    for (size_t i = 0; i < quantized->count; i++) {
        const struct quantized_node *node = &quantized->nodes[i];
        if (!node->weights)
            continue;
        if (node->kind != QUANTIZED_TRANSPOSED_CONV)
            check_constant(graph, node->name, "weights_int8", node->weights,
                           node->channels * node->row);
        check_constant(graph, node->name, "weights_scale", node->weight_scales,
                       node->channels * sizeof(float));
        if (quantized_layer(quantized, i)->parameter_count > 1)
            check_constant(graph, node->name, "bias_int32", node->biases,
                           node->channels * sizeof(int32_t));
    }
}

/* The axis' name or size. */
static struct wire_field axis_of(struct wire graph, int end, int axis)
{
    struct wire_field field = find(graph, end);
    static const int way[] = {2, 1, 2}; /* type, tensor, shape */

    for (size_t i = 0; i < sizeof way / sizeof *way; i++)
        field = find(wire_of(field.bytes, field.length), way[i]);
    struct wire shape = wire_of(field.bytes, field.length);
    for (int i = 0; i <= axis; i++)
        CU_ASSERT_FATAL(next_field(&shape, &field));
    struct wire inner = wire_of(field.bytes, field.length);
    CU_ASSERT_FATAL(next_field(&inner, &field));
    return field;
}

static void check_sizes(struct wire graph, const struct export_case *item,
                        const struct exported_network *exported)
{
    struct shape in = exported->network->input, out = exported->network->output;
    struct wire_field height = axis_of(graph, INPUT, 2), width = axis_of(graph, INPUT, 3);

    CU_ASSERT(is_name(axis_of(graph, INPUT, 0), "batch"));
    CU_ASSERT(is_name(axis_of(graph, OUTPUT, 0), "batch"));
    CU_ASSERT_EQUAL(axis_of(graph, INPUT, 1).value, (uint64_t)in.channels);
    CU_ASSERT_EQUAL(axis_of(graph, OUTPUT, 1).value, (uint64_t)out.channels);
    if (item->any_size) {
        CU_ASSERT(is_name(height, "height") && is_name(width, "width"));
    } else {
        CU_ASSERT_EQUAL(height.value, (uint64_t)in.height);
        CU_ASSERT_EQUAL(width.value, (uint64_t)in.width);
    }
}

/* Families that halve images say so; what the caller gives along is there, too. */
static void check_facts(struct wire model, const struct export_case *item)
{
    const char *family = item->family.kind->name, *multiple = "1";
    bool halves = strcmp(family, "unet") == 0 || strcmp(family, "autoencoder") == 0;
    struct wire_field field;
    size_t seen = 0;

    if (halves) /* depth 2, or at its minimum */
        multiple = strstr(item->name, "_depth_") ? "2" : "4";
    while (next_field(&model, &field)) {
        struct wire entry = wire_of(field.bytes, field.length);
        if (field.number != METADATA)
            continue;
        if (is_name(find(entry, 1), "sides_multiple_of"))
            seen += is_name(find(entry, 2), multiple);
        if (is_name(find(entry, 1), "experiment"))
            seen += is_name(find(entry, 2), "export_cases");
    }
    CU_ASSERT_EQUAL(seen, 2);
}

static enum status check_model(void *context, const struct export_case *item,
                               const struct exported_network *exported, struct error *error)
{
    struct text model = {0}, again = {0};

    PASS(export_onnx(exported, &model, error));
    PASS(export_onnx(exported, &again, error));
    CU_ASSERT(holds(&again, model.bytes, model.length));
    struct wire whole = wire_of(model.bytes, model.length);
    struct wire_field field = find(whole, MODEL_GRAPH_FIELD);
    struct wire graph = wire_of(field.bytes, field.length);
    check_graph(graph, context);
    check_parameters(graph, exported);
    check_sizes(graph, item, exported);
    check_facts(whole, item);
    text_release(&model);
    text_release(&again);
    return STATUS_OK;
}

/* Each allocation may fail; at last, the bytes are those of `model`. */
static void fail_allocations(const struct exported_network *exported, const struct text *model)
{
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status != STATUS_OK; n++) {
        struct text less = {0};
        memory_fail_at(n);
        status = export_onnx(exported, &less, NULL);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_MEMORY || holds(&less, model->bytes, model->length));
        text_release(&less);
    }
}

/* The same in integers. */
static enum status check_quantized_model(void *context, const struct export_case *item,
                                         const struct exported_network *exported,
                                         struct error *error)
{
    enum status status = STATUS_OK;
    struct exported_network written = *exported;
    struct quantized_network quantized = {0};
    struct image_set inputs = {0};
    struct text model = {0};

    TRY(image_set_new_uniform(&inputs, 1, exported->network->input, error));
    for (size_t i = 0; i < inputs.offsets[1]; i++)
        inputs.pixels[i] = (float)(i % 11) / 10;
    TRY(export_int8_new(&quantized, exported->network, exported->parameters, exported->statistics,
                        &inputs, error));
    written.quantized = &quantized;
    TRY(export_onnx(&written, &model, error));
    struct wire_field field = find(wire_of(model.bytes, model.length), MODEL_GRAPH_FIELD);
    struct wire graph = wire_of(field.bytes, field.length);
    check_graph(graph, context);
    check_integers(graph, &quantized);
    check_sizes(graph, item, exported);
    if (strcmp(item->name, "map") == 0)
        fail_allocations(&written, &model);
out:
    image_set_release(&inputs);
    text_release(&model);
    quantized_release(&quantized);
    return status;
}

static void each_case(export_case_visitor *visit, void *context)
{
    struct error error = {0};

    load_families("networks/families");
    enum status status = export_cases_each(visit, context, &error);
    if (status != STATUS_OK)
        printf("%s\n", error.message);
    CU_ASSERT_EQUAL(status, STATUS_OK);
    families_release();
}

static void test_models(void)
{
    struct names *names = NULL;

    CU_ASSERT_EQUAL_FATAL(memory_new(&names, 1, sizeof *names, NULL), STATUS_OK);
    each_case(check_model, names);
    memory_free(names);
}

static void test_quantized_models(void)
{
    struct names *names = NULL;

    CU_ASSERT_EQUAL_FATAL(memory_new(&names, 1, sizeof *names, NULL), STATUS_OK);
    each_case(check_quantized_model, names);
    memory_free(names);
}

static void test_layers(void)
{
    const struct registry *layers = registry_layers();

    for (size_t i = 0; i < layers->count; i++) {
        CU_ASSERT(onnx_has_layer(layers->rows[i]->name));
        if (!onnx_has_layer(layers->rows[i]->name))
            printf("framework/export/onnx_layers.c has no row for '%s'\n", layers->rows[i]->name);
    }
    CU_ASSERT_FALSE(onnx_has_layer("mine"));
}

/* One case's bytes, on every machine and from every compiler; and what becomes of failures. */
static enum status check_one(void *context, const struct export_case *item,
                             const struct exported_network *exported, struct error *error)
{
    bool *seen = context;
    struct text model = {0};
    struct layer unknown = *exported->network->nodes[0].layer;
    struct error found = {0};
    char digest[HASH_TEXT];

    if (strcmp(item->name, "map") != 0)
        return STATUS_OK;
    *seen = true;
    PASS(export_onnx(exported, &model, error));
    PASS(hash_of_bytes(model.bytes, model.length, digest, error));
    CU_ASSERT_STRING_EQUAL(digest,
                           "15a3686d72bae96bf1c288707ca88d066529dbbdc1293d71abb14c1143f2d36b");
    fail_allocations(exported, &model);
    unknown.descriptor.name = "mine";
    exported->network->nodes[0].layer = &unknown;
    text_clear(&model);
    CU_ASSERT_EQUAL(export_onnx(exported, &model, &found), STATUS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(found.message, "conv: the layer 'mine' cannot be exported to ONNX");
    text_release(&model);
    return STATUS_OK;
}

static void test_one(void)
{
    bool seen = false;

    each_case(check_one, &seen);
    CU_ASSERT(seen);
}

void export_onnx_suite(void)
{
    CU_pSuite suite = CU_add_suite("export_onnx", NULL, NULL);
    CU_add_test(suite, "the wire format", test_wire);
    CU_add_test(suite, "every layer has a form", test_layers);
    CU_add_test(suite, "models of every family and layer hold together", test_models);
    CU_add_test(suite, "so do they in integers", test_quantized_models);
    CU_add_test(suite, "the same bytes; unknown layers, no memory", test_one);
}
