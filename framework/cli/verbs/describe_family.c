#include "cli/verbs/describe_family.h"

#include "cli/support/options.h"
#include "graph/network.h"
#include "results/csv.h"

#include <stdlib.h>
#include <string.h>

enum { CELL = 160, LONGEST_SIDE = 65536 };
enum { LAYER, KIND, INPUT, OUTPUT, PARAMETERS, MULTIPLY_ADDS, COLUMNS };

static const char *const columns[COLUMNS] = {"layer",  "kind",       "input",
                                             "output", "parameters", "multiply_adds"};

/* The operands as a mapping, each marked by itself as where it stands. */
static enum status parameters_parse(const struct family_request *request, struct arena *arena,
                                    struct yaml_node **mapping, struct diagnostics *found,
                                    struct error *error)
{
    struct yaml_node *nodes;

    PASS(arena_new(arena, mapping, 1, sizeof **mapping, error));
    PASS(arena_new(arena, &(*mapping)->keys, (size_t)request->count, sizeof(void *), error));
    PASS(arena_new(arena, &(*mapping)->items, (size_t)request->count, sizeof(void *), error));
    PASS(arena_new(arena, &nodes, 2 * (size_t)request->count, sizeof *nodes, error));
    (*mapping)->kind = YAML_MAPPING;
    for (int i = 0; i < request->count; i++) {
        struct yaml_node *key = &nodes[2 * i], *item = &nodes[2 * i + 1];
        const char *operand = request->parameters[i], *equals = strchr(operand, '=');
        key->mark = item->mark = (struct yaml_mark){operand, 0, 0};
        if (!equals || equals == operand || !equals[1]) {
            PASS(diagnostics_add(found, key->mark, "", error,
                                 "expected PARAMETER=VALUE, such as width=8"));
            continue;
        }
        PASS(arena_copy(arena, operand, (size_t)(equals - operand), &key->text, error));
        if (yaml_get(*mapping, key->text)) {
            PASS(diagnostics_add(found, key->mark, key->text, error, "given before"));
            continue;
        }
        item->text = equals + 1;
        (*mapping)->keys[(*mapping)->count] = key;
        (*mapping)->items[(*mapping)->count++] = item;
    }
    return STATUS_OK;
}

/* "3x32x32" from the option `name`: `count` numbers of 1 and more. */
static bool sizes_parse(const char *name, const char *option, const char *text, int count,
                        int *sizes)
{
    const char *at = text;

    for (int i = 0; i < count; i++) {
        char *end;
        long value = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : 0;
        if (value < 1 || value > LONGEST_SIDE || *end != (i < count - 1 ? 'x' : '\0')) {
            fprintf(stderr, "understudy describe: --%s %s: expected %s of 1 to %d, such as %s\n",
                    name, text, option, (int)LONGEST_SIDE, count == 1 ? "10" : "3x32x32");
            return false;
        }
        sizes[i] = (int)value;
        at = end + 1;
    }
    return true;
}

/* What a family gives first of all, if it serves several tasks. */
static enum content main_content(const struct descriptor *family)
{
    static const enum content order[] = {CONTENT_SCORES, CONTENT_IMAGE, CONTENT_MASK, CONTENT_MAP,
                                         CONTENT_NUMBERS};
    size_t i = 0;

    while (i + 1 < sizeof order / sizeof *order && !family_serves(family, order[i]))
        i++;
    return order[i];
}

/* The shape of the input, and what comes out. */
static bool shapes_parse(const struct descriptor *family, const struct family_request *request,
                         struct shape *input, struct answer *target)
{
    enum content content = main_content(family);
    int sizes[3] = {1, 28, 28}, outputs = 10;

    if (request->input &&
        !sizes_parse("input", "channels, height and width", request->input, 3, sizes))
        return false;
    if (content == CONTENT_IMAGE)
        outputs = sizes[0];
    else if (content != CONTENT_SCORES)
        outputs = content == CONTENT_MASK ? 2 : 1;
    if (request->outputs && !sizes_parse("outputs", "a number", request->outputs, 1, &outputs))
        return false;
    *input = (struct shape){sizes[0], sizes[1], sizes[2]};
    *target = (struct answer){content, outputs};
    return true;
}

static const char *input_name(const struct network *network, int input)
{
    return input < 0 ? "input" : network->nodes[input].name;
}

static void shape_text(struct shape shape, char text[CELL])
{
    snprintf(text, CELL, "%dx%dx%d", shape.channels, shape.height, shape.width);
}

/* "16x28x28"; with the names of what is read where that is not the layer before alone. */
static void inputs_text(const struct network *network, size_t n, char text[CELL])
{
    const struct network_node *node = &network->nodes[n];
    bool plain = node->layer->inputs == 1 && node->inputs[0] == (int)n - 1;
    size_t used = 0;

    for (int k = 0; k < node->layer->inputs && used < CELL; k++) {
        char shape[CELL];
        shape_text(node->in[k], shape);
        used += (size_t)snprintf(text + used, CELL - used, "%s%s%s%s", k ? " + " : "",
                                 plain ? "" : input_name(network, node->inputs[k]),
                                 plain ? "" : " ", shape);
    }
}

/* "1,068,298" */
static void grouped(double number, char text[CELL])
{
    char digits[64];
    int length = snprintf(digits, sizeof digits, "%.0f", number), used = 0;

    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

static void layer_fill(const struct network *network, size_t n, const struct layer_work *work,
                       char cells[COLUMNS][CELL])
{
    const struct network_node *node = &network->nodes[n];

    snprintf(cells[LAYER], CELL, "%s", node->name);
    snprintf(cells[KIND], CELL, "%s", node->layer->descriptor.name);
    inputs_text(network, n, cells[INPUT]);
    shape_text(node->out, cells[OUTPUT]);
    grouped((double)network_node_parameters(node), cells[PARAMETERS]);
    grouped(work->operations.multiply_adds, cells[MULTIPLY_ADDS]);
}

static void rows_append(char (*rows)[COLUMNS][CELL], size_t count, struct text *text)
{
    size_t widths[COLUMNS] = {0};

    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            widths[c] = strlen(rows[r][c]) > widths[c] ? strlen(rows[r][c]) : widths[c];
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < COLUMNS; c++)
            text_append(text, c < PARAMETERS ? "  %-*s" : "  %*s", (int)widths[c], rows[r][c]);
        text_append(text, "\n");
    }
}

static enum status table_append(const struct network *network, const struct layer_work *work,
                                struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    char(*rows)[COLUMNS][CELL] = NULL;
    size_t total = network->count + 1;

    TRY(memory_new(&rows, total + 1, sizeof *rows, error));
    for (size_t c = 0; c < COLUMNS; c++)
        snprintf(rows[0][c], CELL, "%s", columns[c]);
    for (size_t n = 0; n < network->count; n++)
        layer_fill(network, n, &work[n], rows[n + 1]);
    snprintf(rows[total][LAYER], CELL, "total");
    grouped((double)network->parameters, rows[total][PARAMETERS]);
    grouped(network_operations(network).multiply_adds, rows[total][MULTIPLY_ADDS]);
    rows_append(rows, total + 1, text);
out:
    memory_free(rows);
    return status;
}

static void csv_append(const struct network *network, const struct layer_work *work,
                       struct text *text)
{
    struct csv csv = {.text = text};
    char cell[CELL];

    for (size_t c = 0; c < COLUMNS; c++)
        csv_text(&csv, columns[c]);
    csv_end_row(&csv);
    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        csv_text(&csv, node->name);
        csv_text(&csv, node->layer->descriptor.name);
        inputs_text(network, n, cell);
        csv_text(&csv, cell);
        shape_text(node->out, cell);
        csv_text(&csv, cell);
        csv_real(&csv, (double)network_node_parameters(node));
        csv_real(&csv, work[n].operations.multiply_adds);
        csv_end_row(&csv);
    }
}

/* "dncnn on 1x28x28 gives 1x28x28, with depth 4, width 16" */
static void title_append(const struct component *family, const struct network *network,
                         struct text *text)
{
    const struct field *field = family->kind->fields;
    char input[CELL], output[CELL];

    shape_text(network->input, input);
    shape_text(network->output, output);
    text_append(text, "%s on %s gives %s", family->kind->name, input, output);
    for (size_t i = 0; field && field[i].name; i++)
        text_append(text, "%s%s %lld", i ? ", " : ", with ", field[i].name,
                    (long long)((const int64_t *)family->config)[i]);
    text_append(text, "\n\n");
}

static enum status network_append(const struct component *family,
                                  const struct family_request *request, struct shape input,
                                  struct answer target, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct layer_work *work = NULL;

    TRY(network_new(&network, family, input, target, error));
    TRY(memory_new(&work, network.count, sizeof *work, error));
    network_work(&network, work);
    if (request->csv) {
        csv_append(&network, work, text);
    } else {
        title_append(family, &network, text);
        TRY(table_append(&network, work, text, error));
    }
out:
    memory_free(work);
    network_release(&network);
    return status;
}

int describe_family(const struct descriptor *descriptor, const struct family_request *request,
                    struct text *text)
{
    enum status status = STATUS_OK;
    struct component family = {.kind = descriptor};
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct error error = {0};
    struct yaml_node *mapping;
    struct shape input;
    struct answer target;
    int result = EXIT_USAGE;

    TRY(parameters_parse(request, &arena, &mapping, &found, &error));
    TRY(arena_new(&arena, &family.config, descriptor->config_size + 1, 1, &error));
    TRY(schema_read(descriptor->fields, mapping, "", family.config, &arena, &found, &error));
    options_print_mistakes(&found);
    if (found.count == 0 && shapes_parse(descriptor, request, &input, &target)) {
        TRY(network_append(&family, request, input, target, text, &error));
        result = EXIT_DONE;
    }
out:
    if (status != STATUS_OK)
        result = options_fail(&error);
    diagnostics_release(&found);
    arena_release(&arena);
    return result;
}
