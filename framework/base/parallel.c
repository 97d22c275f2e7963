#include "base/parallel.h"

#include "base/work.h"

#include <omp.h>
#include <stdlib.h>

void parallel_for(int threads, size_t count, parallel_body *body, void *context)
{
    if (threads <= 1 || count <= 1) {
        for (size_t i = 0; i < count; i++)
            body(context, i, 0);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < count; i++)
        body(context, i, omp_get_thread_num());
}

struct counted {
    parallel_body *body;
    void *context;
    int work;
};

static void run_counted(void *context, size_t index, int thread)
{
    const struct counted *counted = context;

    counted->body(counted->context, index, thread);
    work_did(counted->work, 1);
}

void parallel_count(int threads, size_t count, const char *unit, parallel_body *body, void *context)
{
    struct counted counted = {body, context, work_begin(count, unit)};

    parallel_for(threads, count, run_counted, &counted);
    work_end(counted.work);
}

void parallel_rest(void)
{
    /* Bound threads of several processes would share the first processors. Settled by name, since
     * LLVM's library (14) fails an assertion of its own in a child for which it is left open. */
    setenv("OMP_PROC_BIND", "false", 0);
    omp_pause_resource_all(omp_pause_hard);
}

int parallel_processors(void)
{
    return omp_get_num_procs();
}
