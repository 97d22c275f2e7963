/* The same network in integers, for tests of what is exported: ranges from a few inputs, and what
 * quantized_run() answers. */
#ifndef UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_INT8_H
#define UNDERSTUDY_TESTS_UNIT_EXPORT_EXPORT_INT8_H

#include "graph/program.h"
#include "networks/engines/registry.h"
#include "quantize/run.h"

#include <string.h>

/* Widen the ranges by what the engine `reference` computes for one input. */
static inline enum status export_int8_observe(struct executor *executor,
                                              const struct network *network,
                                              const float *parameters, const float *statistics,
                                              struct activation_ranges *ranges, struct error *error)
{
    executor_forward(executor, parameters, statistics, (struct random_key){0}, 0);
    bool finite = value_range_add(&ranges->input, executor->input, shape_size(network->input));

    for (size_t i = 0; i < network->count; i++)
        finite &= value_range_add(&ranges->nodes[i], executor->nodes[i].copy,
                                  shape_size(network->nodes[i].out));
    return finite ? STATUS_OK : error_set(error, STATUS_DIVERGED, "a value is not finite");
}

static inline enum status export_int8_ranges(const struct network *network, const float *parameters,
                                             const float *statistics,
                                             const struct image_set *inputs,
                                             struct activation_ranges *ranges, struct error *error)
{
    enum status status = STATUS_OK;
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));
    struct program program = {0};
    struct executor executor = {0};

    ranges->count = network->count;
    TRY(memory_new(&ranges->nodes, network->count, sizeof *ranges->nodes, error));
    TRY(engine->start(error));
    TRY(program_new(&program, network, engine, PRECISION_FLOAT32, 1, PROGRAM_OBSERVE, error));
    TRY(executor_new(&executor, &program, NULL, error));
    program_pack(&program, parameters, statistics);
    for (size_t i = 0; i < inputs->count; i++) {
        memcpy(executor.input, image_set_at(inputs, i).pixels,
               shape_size(network->input) * sizeof(float));
        TRY(export_int8_observe(&executor, network, parameters, statistics, ranges, error));
    }
out:
    executor_release(&executor);
    program_release(&program);
    return status;
}

static inline enum status export_int8_new(struct quantized_network *quantized,
                                          const struct network *network, const float *parameters,
                                          const float *statistics, const struct image_set *inputs,
                                          struct error *error)
{
    enum status status = STATUS_OK;
    struct activation_ranges ranges = {0};

    TRY(export_int8_ranges(network, parameters, statistics, inputs, &ranges, error));
    TRY(quantized_new(quantized, network, parameters, statistics, &ranges, error));
out:
    activation_ranges_release(&ranges);
    return status;
}

/* `outputs` have their shapes. */
static inline enum status export_int8_answer(const struct quantized_network *quantized,
                                             const struct network *network,
                                             const struct image_set *inputs,
                                             struct image_set *outputs, struct error *error)
{
    enum status status = STATUS_OK;
    struct quantized_plan plan = {0};
    unsigned char *memory = NULL;

    TRY(quantized_plan_new(&plan, quantized, network, error));
    TRY(memory_new(&memory, plan.bytes, 1, error));
    for (size_t i = 0; i < inputs->count; i++)
        quantized_run(&plan, image_set_at(inputs, i).pixels, image_set_at(outputs, i).pixels,
                      memory);
out:
    quantized_plan_release(&plan);
    memory_free(memory);
    return status;
}

#endif
