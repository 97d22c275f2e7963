#include "chain/combination.h"

#include <string.h>

size_t combination_count(const struct component_list *list, size_t first)
{
    size_t count = 1;

    for (size_t i = first; i < list->count; i++)
        for (size_t j = 0; j < list->items[i].tuned_count; j++)
            if (!memory_multiply(count, list->items[i].tuned[j].count, &count))
                return SIZE_MAX;
    return count;
}

void combination_apply(const struct component_list *list, size_t number, void *const *configs)
{
    for (size_t i = list->count; i-- > 0;) {
        const struct component *component = &list->items[i];
        if (component->kind && component->kind->config_size)
            memcpy(configs[i], component->config, component->kind->config_size);
        for (size_t j = component->tuned_count; j-- > 0;) {
            size_t values = component->tuned[j].count;
            schema_apply_tuned(component, j, number % values, configs[i]);
            number /= values;
        }
    }
}

enum status combination_new(const struct component_list *list, void ***configs, struct error *error)
{
    enum status status = STATUS_OK;
    void **made = NULL;

    *configs = NULL;
    TRY(memory_new(&made, list->count, sizeof *made, error));
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind)
            TRY(memory_new(&made[i], 1, list->items[i].kind->config_size, error));
    *configs = made;
    made = NULL;
out:
    combination_free(made, list->count);
    return status;
}

void combination_free(void **configs, size_t count)
{
    for (size_t i = 0; configs && i < count; i++)
        memory_free(configs[i]);
    memory_free(configs);
}
