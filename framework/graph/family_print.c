#include "graph/family.h"

#include "base/hash.h"

struct answer family_example_answer(enum content labels)
{
    bool classes = labels == CONTENT_SCORES || labels == CONTENT_FEATURES;

    return (struct answer){labels, classes ? 10 : labels == CONTENT_MASK ? 2 : 1};
}

enum status family_print_layers(const struct component *family, enum content labels,
                                struct text *text, struct error *error)
{
    struct arena arena = {0};
    struct text layers = {0};
    struct node_spec *nodes = NULL;
    char digest[HASH_TEXT];
    size_t count = 0;
    enum status status = STATUS_OK;

    TRY(family_expand(family, 1, family_example_answer(labels), &arena, &nodes, &count, error));
    for (size_t i = 0; i < count; i++) {
        const struct descriptor *layer = nodes[i].layer.kind;
        text_append(&layers, "layer %s from %d %d: ", nodes[i].name, nodes[i].inputs[0],
                    nodes[i].inputs[1]);
        schema_print_component(&nodes[i].layer, &layers);
        text_append(&layers, "\nlayer version: %s %d\n", layer->name, layer->version);
    }
    TRY(text_status(&layers, error));
    TRY(hash_of_bytes(layers.bytes, layers.length, digest, error));
    text_append(text, "network layers: %s\n", digest);
out:
    text_release(&layers);
    arena_release(&arena);
    return status;
}
