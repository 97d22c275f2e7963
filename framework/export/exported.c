#include "export/exported.h"

#include "quantize/run.h"

struct shape exported_input(const struct exported_network *exported)
{
    return exported_before(exported) ? exported->before->steps[0].in : exported->network->input;
}

struct shape exported_output(const struct exported_network *exported)
{
    size_t count = exported_after(exported);

    return count ? exported->after->steps[count - 1].out : exported->network->output;
}

enum content exported_content(const struct exported_network *exported)
{
    return exported_after(exported) ? exported->after_content : exported->answer.content;
}

bool exported_has_classes(const struct exported_network *exported)
{
    enum content content = exported->answer.content;

    return !exported_after(exported) && (content == CONTENT_SCORES || content == CONTENT_MASK);
}

static enum status check_quantized(const struct exported_network *exported, struct error *error)
{
    struct quantized_plan plan;

    PASS(quantized_plan_new(&plan, exported->quantized, exported->network, error));
    quantized_plan_release(&plan);
    if (!shape_equal(exported->quantized->folded.network.input, exported->network->input))
        return error_set(error, STATUS_CONFIG,
                         "the network was quantised for images of another size");
    return STATUS_OK;
}

enum status exported_written(const struct exported_network *exported,
                             struct exported_network *written, struct error *error)
{
    *written = *exported;
    if (!exported->quantized)
        return STATUS_OK;
    written->network = &exported->quantized->folded.network;
    written->parameters = exported->quantized->folded.parameters;
    written->statistics = NULL;
    return check_quantized(exported, error);
}
