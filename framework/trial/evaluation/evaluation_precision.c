/* Which precision each layer of a trained network computes in. */
#include "trial/evaluation/evaluation.h"

#include "graph/program.h"

#include <string.h>

/* One text a node, as layers/precision. */
static enum status record_nodes(struct record *record, const struct program *program,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = program->network->count, longest = strlen("bfloat16");
    char *texts = NULL;

    TRY(memory_new(&texts, count, longest, error));
    for (size_t i = 0; i < count; i++) {
        const char *name = precision_names[program->nodes[i].precision];
        memcpy(texts + i * longest, name, strlen(name));
    }
    struct hdf5_array array = {
        .type = HDF5_TEXT, .rank = 1, .dims = {count}, .text_size = longest, .values = texts};
    TRY(record_array(record, "layers/precision", &array, error));
out:
    memory_free(texts);
    return status;
}

enum status evaluation_precision(struct record *record, const struct trial *trial,
                                 const struct network *network, struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_settings *train = &trial->experiment.train;
    struct program program = {0};

    if (train->precision == PRECISION_FLOAT32)
        return STATUS_OK;
    TRY(program_new(&program, network, (const void *)train->engine.kind,
                    (enum precision)train->precision, (int)train->shard, PROGRAM_TRAIN, error));
    TRY(record_nodes(record, &program, error));
out:
    program_release(&program);
    return status;
}
