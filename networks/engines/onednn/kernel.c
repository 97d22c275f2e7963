#include "networks/engines/onednn/kernel.h"

#include "base/memory.h"
#include "networks/engines/tiles.h"

#include <assert.h>
#include <string.h>

bool onednn_takes_all;
bool onednn_keeps_plain = true;
dnnl_engine_t onednn_device;

enum status onednn_check(dnnl_status_t result, const char *what, struct error *error)
{
    if (result == dnnl_success)
        return STATUS_OK;
    if (result == dnnl_out_of_memory)
        return error_set(error, STATUS_MEMORY, "oneDNN: out of memory for %s", what);
    return error_set(error, STATUS_UNAVAILABLE, "oneDNN: %s failed (status %d)", what, (int)result);
}

enum status onednn_kernel_new(struct kernel_context *kernel_context, struct onednn_kernel **kernel,
                              struct error *error)
{
    PASS(memory_new(kernel, 1, sizeof **kernel, error));
    (*kernel)->kernel_context = kernel_context;
    (*kernel)->kernel.precision = kernel_context->precision;
    (*kernel)->next = kernel_context->kernels;
    kernel_context->kernels = *kernel;
    return STATUS_OK;
}

void onednn_kernel_clear(struct onednn_kernel *kernel)
{
    for (int s = 0; s < kernel->step_count; s++)
        if (kernel->steps[s].primitive)
            dnnl_primitive_destroy(kernel->steps[s].primitive);
    for (int d = 0; d < kernel->descriptor_count; d++)
        dnnl_primitive_desc_destroy(kernel->descriptors[d]);
    *kernel = (struct onednn_kernel){.kernel.precision = kernel->kernel_context->precision,
                                     .alone = kernel->alone,
                                     .next = kernel->next,
                                     .kernel_context = kernel->kernel_context};
}

void onednn_kernel_drop(struct kernel_context *kernel_context)
{
    struct onednn_kernel *kernel = kernel_context->kernels;

    kernel_context->kernels = kernel->next;
    onednn_kernel_clear(kernel);
    memory_free(kernel);
}

int onednn_round(const struct kernel_context *kernel_context, int channels)
{
    return (channels + kernel_context->block - 1) / kernel_context->block * kernel_context->block;
}

bool onednn_narrow(const struct kernel_context *kernel_context, const struct layout *layout,
                   int channels)
{
    return kernel_context->precision == PRECISION_FLOAT32 && !onednn_takes_all && !layout->form &&
           !layout->kept_plain && onednn_round(kernel_context, channels) > 2 * channels;
}

void onednn_plain(const struct kernel_context *kernel_context, struct shape shape,
                  dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims = {kernel_context->batch, shape.channels, shape.height, shape.width};
    dnnl_memory_desc_init_by_tag(md, 4, dims, dnnl_f32, dnnl_nchw);
}

void onednn_values(const struct kernel_context *kernel_context, struct shape shape,
                   dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims = {kernel_context->batch, onednn_round(kernel_context, shape.channels),
                        shape.height, shape.width};
    dnnl_memory_desc_init_by_tag(md, 4, dims, kernel_context->type, kernel_context->values);
}

void onednn_vector(size_t count, dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims = {(dnnl_dim_t)count};
    dnnl_memory_desc_init_by_tag(md, 1, dims, dnnl_f32, dnnl_a);
}

/* Of what is rounded up along `dim`, the first `size`. */
static dnnl_memory_desc_t view_of(const dnnl_memory_desc_t *md, int dim, int size)
{
    dnnl_memory_desc_t view = *md;
    bool blocked = false;

    for (int b = 0; b < md->format_desc.blocking.inner_nblks; b++)
        blocked = blocked || md->format_desc.blocking.inner_idxs[b] == dim;
    view.dims[dim] = size;
    if (!blocked)
        view.padded_dims[dim] = size;
    return view;
}

void onednn_laid(const struct kernel_context *kernel_context, const struct layout *layout,
                 struct shape shape, dnnl_memory_desc_t *md)
{
    if (layout->form)
        *md = *(const dnnl_memory_desc_t *)layout->form;
    else
        onednn_plain(kernel_context, shape, md);
}

static size_t aligned(size_t bytes)
{
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

int onednn_operand(struct onednn_kernel *kernel, const dnnl_memory_desc_t *md, enum place place)
{
    struct operand *operand = &kernel->operands[kernel->operand_count];

    size_t *room = place == PLACE_PACKED    ? &kernel->kernel.packed
                   : place == PLACE_SAVED   ? &kernel->kernel.saved
                   : place == PLACE_SCRATCH ? &kernel->kernel.scratch
                                            : NULL;

    assert(kernel->operand_count < MAX_OPERANDS);
    *operand = (struct operand){.md = *md, .place = place};
    if (room) {
        operand->offset = *room;
        *room += aligned(dnnl_memory_desc_get_size(md));
    }
    return kernel->operand_count++;
}

int onednn_alias(struct onednn_kernel *kernel, int operand, const dnnl_memory_desc_t *md,
                 size_t offset)
{
    assert(kernel->operand_count < MAX_OPERANDS);
    kernel->operands[kernel->operand_count] =
        (struct operand){.md = *md,
                         .place = kernel->operands[operand].place,
                         .offset = kernel->operands[operand].offset + offset};
    return kernel->operand_count++;
}

const dnnl_memory_desc_t *onednn_query(const_dnnl_primitive_desc_t descriptor, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(descriptor, what, 0);
}

/* What all primitives have in common: scratch memory is the caller's, and no environment variable
 * has float32 products done in less. */
static dnnl_status_t attributes(bool relu, float scale, dnnl_primitive_attr_t *attr)
{
    dnnl_status_t result = dnnl_primitive_attr_create(attr);
    dnnl_post_ops_t after = NULL;

    if (result == dnnl_success)
        result = dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
    if (result == dnnl_success)
        result = dnnl_primitive_attr_set_fpmath_mode(*attr, dnnl_fpmath_mode_strict);
    if (result == dnnl_success && scale != 1)
        result = dnnl_primitive_attr_set_output_scales(*attr, 1, 0, &scale);
    if (result == dnnl_success && relu)
        result = dnnl_post_ops_create(&after);
    if (result == dnnl_success && relu)
        result = dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0);
    if (result == dnnl_success && relu)
        result = dnnl_primitive_attr_set_post_ops(*attr, after);
    if (after)
        dnnl_post_ops_destroy(after);
    return result;
}

bool onednn_is_implementation(const_dnnl_primitive_desc_t descriptor, const char *begins)
{
    const char *name = "";
    dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name);
    return strncmp(name, begins, strlen(begins)) == 0;
}

/* The first implementation that the library offers and that is sound: convolutions by blocks of
 * products (brgconv) read past the end of a table of theirs while they generate code (2.6.3). */
static dnnl_status_t find_implementation(const_dnnl_op_desc_t wanted,
                                         const_dnnl_primitive_attr_t attr,
                                         const_dnnl_primitive_desc_t hint,
                                         dnnl_primitive_desc_t *descriptor)
{
    dnnl_primitive_desc_iterator_t iterator;
    dnnl_status_t result =
        dnnl_primitive_desc_iterator_create(&iterator, wanted, attr, onednn_device, hint);

    if (result != dnnl_success)
        return result;
    for (; result == dnnl_success; result = dnnl_primitive_desc_iterator_next(iterator)) {
        *descriptor = dnnl_primitive_desc_iterator_fetch(iterator);
        if (!*descriptor || !onednn_is_implementation(*descriptor, "brgconv:"))
            break;
        dnnl_primitive_desc_destroy(*descriptor);
        *descriptor = NULL;
    }
    dnnl_primitive_desc_iterator_destroy(iterator);
    if (result == dnnl_success)
        return *descriptor ? dnnl_success : dnnl_out_of_memory;
    return result == dnnl_iterator_ends ? dnnl_unimplemented : result;
}

enum status onednn_describe(struct onednn_kernel *kernel, const_dnnl_op_desc_t wanted, bool relu,
                            const_dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *descriptor,
                            const char *what, struct error *error)
{
    enum status status = STATUS_OK;
    dnnl_primitive_attr_t attr = NULL;

    assert(kernel->descriptor_count < MAX_DESCRIPTORS);
    TRY(onednn_check(attributes(relu, 1, &attr), what, error));
    dnnl_status_t result = find_implementation(wanted, attr, hint, descriptor);
    kernel->slow = kernel->slow || result == dnnl_unimplemented;
    TRY(onednn_check(result, what, error));
    kernel->descriptors[kernel->descriptor_count++] = *descriptor;
    kernel->slow = kernel->slow || (!kernel->alone && onednn_is_implementation(*descriptor, "ref"));
out:
    if (attr)
        dnnl_primitive_attr_destroy(attr);
    return status;
}

/* Scratch memory of a step: behind the kernel's own; to pack, among what is packed. */
static int scratchpad_operand(struct onednn_kernel *kernel, enum phase phase,
                              const_dnnl_primitive_desc_t descriptor)
{
    const dnnl_memory_desc_t *md = onednn_query(descriptor, dnnl_query_scratchpad_md);
    size_t bytes = md ? dnnl_memory_desc_get_size(md) : 0;

    if (bytes == 0)
        return -1;
    if (phase == PHASE_PACK)
        return onednn_operand(kernel, md, PLACE_PACKED);
    kernel->scratchpad = bytes > kernel->scratchpad ? bytes : kernel->scratchpad;
    return onednn_operand(kernel, md, PLACE_SCRATCHPAD);
}

enum status onednn_step(struct onednn_kernel *kernel, enum phase phase,
                        const_dnnl_primitive_desc_t descriptor, const struct argument *arguments,
                        int count, struct error *error)
{
    struct kernel_step *step = &kernel->steps[kernel->step_count];

    assert(kernel->step_count < MAX_STEPS && count < MAX_ARGUMENTS);
    PASS(onednn_check(dnnl_primitive_create(&step->primitive, descriptor), "a primitive", error));
    kernel->step_count++;
    step->phase = phase;
    memcpy(step->arguments, arguments, (size_t)count * sizeof *arguments);
    step->count = count;
    int scratchpad = scratchpad_operand(kernel, phase, descriptor);
    if (scratchpad >= 0)
        step->arguments[step->count++] = (struct argument){DNNL_ARG_SCRATCHPAD, scratchpad};
    return STATUS_OK;
}

void onednn_tiles(struct onednn_kernel *kernel, const struct conv_geometry *geometry, int x, int dy,
                  int dw, int db)
{
    struct kernel_step *step = &kernel->steps[kernel->step_count++];
    size_t bytes = tiles_scratch(geometry, kernel->kernel_context->batch);
    dnnl_dims_t dims = {(dnnl_dim_t)bytes};
    dnnl_memory_desc_t room;

    assert(kernel->step_count <= MAX_STEPS);
    dnnl_memory_desc_init_by_tag(&room, 1, dims, dnnl_u8, dnnl_a);
    kernel->scratchpad = bytes > kernel->scratchpad ? bytes : kernel->scratchpad;
    *step = (struct kernel_step){
        .own = OWN_TILES,
        .phase = PHASE_BACKWARD,
        .geometry = *geometry,
        .count = db < 0 ? 4 : 5,
        .arguments = {{DNNL_ARG_SRC, x},
                      {DNNL_ARG_DIFF_DST, dy},
                      {DNNL_ARG_DIFF_WEIGHTS, dw},
                      {DNNL_ARG_SCRATCHPAD, onednn_operand(kernel, &room, PLACE_SCRATCHPAD)},
                      {DNNL_ARG_DIFF_BIAS, db}}};
}

/* A step that copies all of `from` to `to`, of the same sizes, times `scale`. */
static enum status add_reorder(struct onednn_kernel *kernel, enum phase phase, int from, int to,
                               float scale, struct error *error)
{
    enum status status = STATUS_OK;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t descriptor;
    struct argument arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};

    assert(kernel->descriptor_count < MAX_DESCRIPTORS);
    TRY(onednn_check(attributes(false, scale, &attr), "a reorder", error));
    TRY(onednn_check(dnnl_reorder_primitive_desc_create(&descriptor, &kernel->operands[from].md,
                                                        onednn_device, &kernel->operands[to].md,
                                                        onednn_device, attr),
                     "a reorder", error));
    kernel->descriptors[kernel->descriptor_count++] = descriptor;
    TRY(onednn_step(kernel, phase, descriptor, arguments, 2, error));
out:
    if (attr)
        dnnl_primitive_attr_destroy(attr);
    return status;
}

/* The operand cut down to the smaller of both sizes along each dimension. */
static int common_part(struct onednn_kernel *kernel, int operand, int other)
{
    dnnl_memory_desc_t view = kernel->operands[operand].md;
    const dnnl_memory_desc_t *limit = &kernel->operands[other].md;
    bool cut = false;

    for (int d = 0; d < view.ndims; d++)
        if (view.dims[d] > limit->dims[d]) {
            view = view_of(&view, d, (int)limit->dims[d]);
            cut = true;
        }
    return cut ? onednn_alias(kernel, operand, &view, 0) : operand;
}

enum status onednn_copy(struct onednn_kernel *kernel, enum phase phase, int from, int to,
                        float scale, struct error *error)
{
    int source = common_part(kernel, from, to), target = common_part(kernel, to, from);
    return add_reorder(kernel, phase, source, target, scale, error);
}

enum status onednn_as(struct onednn_kernel *kernel, enum phase phase, int operand,
                      const dnnl_memory_desc_t *md, enum place place, int *found,
                      struct error *error)
{
    *found = operand;
    if (dnnl_memory_desc_equal(&kernel->operands[operand].md, md))
        return STATUS_OK;
    *found = onednn_operand(kernel, md, place);
    return onednn_copy(kernel, phase, operand, *found, 1, error);
}

enum precision onednn_precision(const dnnl_memory_desc_t *md)
{
    return md->data_type == dnnl_bf16 ? PRECISION_BFLOAT16 : PRECISION_FLOAT32;
}

void onednn_give(struct onednn_kernel *kernel, const struct request *request, int y)
{
    const dnnl_memory_desc_t *md = &kernel->operands[y].md;
    const struct layout *in = request->layouts;
    dnnl_memory_desc_t plain;

    onednn_plain(kernel->kernel_context, request->out, &plain);
    bool same = dnnl_memory_desc_equal(md, &plain);
    kernel->kernel.layout =
        (struct layout){.bytes = dnnl_memory_desc_get_size(md),
                        .precision = onednn_precision(md),
                        .form = same ? NULL : md,
                        .kept_plain = same && (in[0].kept_plain || in[1].kept_plain)};
}
