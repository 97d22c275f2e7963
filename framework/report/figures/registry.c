#include "report/figures/registry.h"

#include "interfaces/figure.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct figure figure_##name;
#include "report/figures/figures.def"
#undef ROW

#define ROW(name) &figure_##name.descriptor,
const struct registry *registry_figures(void)
{
    static const struct descriptor *const rows[] = {
#include "report/figures/figures.def"
    };
    REGISTRY("figure", rows);
}
#undef ROW
