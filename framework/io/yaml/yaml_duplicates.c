#include "io/yaml/yaml_location.h"
#include "io/yaml/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

struct sorted_key {
    const char *text;
    size_t position;
};

static int compare_keys(const void *left, const void *right)
{
    const struct sorted_key *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

/* Sorting keeps a mapping of many keys from costing the square of their number. */
enum status yaml_remove_duplicates(struct yaml_node *node, const struct yaml_location *place,
                                   struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct sorted_key *order = NULL;
    size_t first = 0, kept = 0;

    if (node->count < 2)
        return STATUS_OK;
    TRY(memory_new(&order, node->count, sizeof *order, error));
    for (size_t i = 0; i < node->count; i++)
        order[i] = (struct sorted_key){node->keys[i]->text, i};
    qsort(order, node->count, sizeof *order, compare_keys);
    for (size_t i = 1; i < node->count; i++) {
        char path[YAML_LOCATION_TEXT];
        struct yaml_node **key = &node->keys[order[i].position];
        if (strcmp(order[first].text, order[i].text) != 0) {
            first = i;
            continue;
        }
        struct yaml_location here = {place, (*key)->text, 0, (*key)->mark};
        yaml_location_text(&here, path);
        TRY(diagnostics_add(found, (*key)->mark, path, error,
                            "duplicate key; the first is in line %d",
                            node->keys[order[first].position]->mark.line));
        *key = NULL;
    }
    for (size_t i = 0; i < node->count; i++)
        if (node->keys[i]) {
            node->keys[kept] = node->keys[i];
            node->items[kept++] = node->items[i];
        }
    node->count = kept;
out:
    memory_free(order);
    return status;
}
