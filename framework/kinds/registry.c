#include "kinds/registry.h"

#include "kinds/augmentation.h"
#include "kinds/dataset.h"
#include "kinds/degradation.h"
#include "kinds/engine.h"
#include "kinds/figure.h"
#include "kinds/filter.h"
#include "kinds/hardware.h"
#include "kinds/label_noise.h"
#include "kinds/launcher.h"
#include "kinds/layer.h"
#include "kinds/search.h"
#include "kinds/stage.h"
#include "kinds/training.h"

/* Each .def file is read twice: once to declare its symbols, once for the table of their
 * descriptors. */

#define ROW(name) extern const struct augmentation augmentation_##name;
#include "kinds/augmentations.def"
#undef ROW
#define ROW(name) extern const struct dataset dataset_##name;
#include "kinds/datasets.def"
#undef ROW
#define ROW(name) extern const struct degradation degradation_##name;
#include "kinds/degradations.def"
#undef ROW
#define ROW(name) extern const struct stage stage_##name;
#include "kinds/stages.def"
#undef ROW
#define ROW(name) extern const struct filter filter_##name;
#include "kinds/filters.def"
#undef ROW
#define ROW(name) extern const struct label_noise label_noise_##name;
#include "kinds/label_noises.def"
#undef ROW
#define ROW(name) extern const struct launcher launcher_##name;
#include "kinds/launchers.def"
#undef ROW
#define ROW(name) extern const struct layer layer_##name;
#include "kinds/layers.def"
#undef ROW
#define ROW(name) extern const struct engine engine_##name;
#include "kinds/engines.def"
#undef ROW
#define ROW(name) extern const struct loss loss_##name;
#include "kinds/losses.def"
#undef ROW
#define ROW(name) extern const struct optimizer optimizer_##name;
#include "kinds/optimizers.def"
#undef ROW
#define ROW(name) extern const struct schedule schedule_##name;
#include "kinds/schedules.def"
#undef ROW
#define ROW(name) extern const struct cost_model cost_model_##name;
#include "kinds/cost_models.def"
#undef ROW
#define ROW(name) extern const struct search_method search_##name;
#include "kinds/searches.def"
#undef ROW
#define ROW(name) extern const struct figure figure_##name;
#include "kinds/figures.def"
#undef ROW

/* The registry of `rows`, a static array of descriptors. */
#define REGISTRY(noun_, rows_)                                                                     \
    do {                                                                                           \
        static const struct registry registry = {noun_, sizeof rows_ / sizeof *rows_, rows_};      \
        return &registry;                                                                          \
    } while (0)

#define ROW(name) &augmentation_##name.descriptor,
const struct registry *registry_augmentations(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/augmentations.def"
    };
    REGISTRY("augmentation", rows);
}
#undef ROW

#define ROW(name) &dataset_##name.descriptor,
const struct registry *registry_datasets(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/datasets.def"
    };
    REGISTRY("data set", rows);
}
#undef ROW

#define ROW(name) &degradation_##name.descriptor,
const struct registry *registry_degradations(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/degradations.def"
    };
    REGISTRY("degradation", rows);
}
#undef ROW

#define ROW(name) &stage_##name.descriptor,
const struct registry *registry_stages(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/stages.def"
    };
    REGISTRY("stage", rows);
}
#undef ROW

#define ROW(name) &filter_##name.descriptor,
const struct registry *registry_filters(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/filters.def"
    };
    REGISTRY("filter", rows);
}
#undef ROW

#define ROW(name) &label_noise_##name.descriptor,
const struct registry *registry_label_noises(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/label_noises.def"
    };
    REGISTRY("source of label noise", rows);
}
#undef ROW

#define ROW(name) &launcher_##name.descriptor,
const struct registry *registry_launchers(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/launchers.def"
    };
    REGISTRY("launcher", rows);
}
#undef ROW

#define ROW(name) &layer_##name.descriptor,
const struct registry *registry_layers(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/layers.def"
    };
    REGISTRY("layer", rows);
}
#undef ROW

#define ROW(name) &engine_##name.descriptor,
const struct registry *registry_engines(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/engines.def"
    };
    REGISTRY("engine", rows);
}
#undef ROW

#define ROW(name) &loss_##name.descriptor,
const struct registry *registry_losses(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/losses.def"
    };
    REGISTRY("loss", rows);
}
#undef ROW

#define ROW(name) &optimizer_##name.descriptor,
const struct registry *registry_optimizers(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/optimizers.def"
    };
    REGISTRY("optimizer", rows);
}
#undef ROW

#define ROW(name) &schedule_##name.descriptor,
const struct registry *registry_schedules(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/schedules.def"
    };
    REGISTRY("schedule", rows);
}
#undef ROW

#define ROW(name) &cost_model_##name.descriptor,
const struct registry *registry_cost_models(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/cost_models.def"
    };
    REGISTRY("cost model", rows);
}
#undef ROW

#define ROW(name) &figure_##name.descriptor,
const struct registry *registry_figures(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/figures.def"
    };
    REGISTRY("figure", rows);
}
#undef ROW

#define ROW(name) &search_##name.descriptor,
const struct registry *registry_searches(void)
{
    static const struct descriptor *const rows[] = {
#include "kinds/searches.def"
    };
    REGISTRY("search method", rows);
}
#undef ROW
