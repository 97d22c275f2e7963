/* Keys of a plan: each field changes those that depend on it, and no others. */
#include "tests/unit/plan_keys_of.h"
#include "tests/unit/plans.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>

void plan_keys_fields_suite(void);

/* What changing one field needs to stay sound. */
static const struct {
    const char *path, *value, *companion;
} special[] = {
    {"task", NULL, NULL}, /* changes everything: see test_task() */
    {"dataset.name", "leaves", NULL},
    {"dataset.overlap", "true", "dataset.name=mnist"}, /* not of a set that is generated */
    {"dataset.patch.per_image", "2", "dataset.patch.size=8"},
    {"pipeline.tune.metric", "psnr", NULL},
    {"pipeline.replace.from", "gaussian", NULL},
    {"pipeline.replace.to", "median", NULL},
    {"filter.method", "random", NULL},
    {"network.family", "autoencoder", NULL},
    {"dataset.overlap", NULL, NULL}, /* not of generated images: see test_stages() */
    {"train.batch", "64", NULL},
    {"train.optimizer", "sgd", NULL},
    {"train.schedule", "cosine", NULL},
    {"train.loss", NULL, NULL}, /* one fits denoising */
    {"train.engine", "reference", NULL},
    {"train.precision", NULL, NULL}, /* not every processor has another: see test_precision() */
    {"train.quantize.bits", "4", "quantize={}"},
    {"train.quantize.epochs", "3", "quantize={}"},
    {"train.quantize.learning_rate", "0.5", "quantize={}"},
    {"hardware", "[]", NULL},
    {"store.activations.layers", "all", NULL},
    {"quantize.percentile", "99", "quantize.calibration=percentile"},
    {"limits.minutes", NULL, NULL}, /* no result depends on them: see test_stages() */
    {"limits.memory_mb", NULL, NULL},
    {"limits.retries", NULL, NULL},
    {"limits.core_hours", NULL, NULL},
    {"select.metric", NULL, NULL}, /* chosen when all is done, by what is stored */
    {"select.within", NULL, NULL},
    {"select.of", NULL, NULL},
    {"select.minimise", NULL, NULL},
    {"select.hardware", NULL, NULL},
    {"select.score", NULL, NULL},
};

struct walk {
    struct keys base;
    size_t changed, data_changed;
};

static bool has_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 && (!text[length] || strchr(".[", text[length]));
}

/* With the field changed, the key must differ; the data's key only for what data depend on. */
static void expect_change(struct walk *walk, const char *path, const char *value,
                          const char *companion)
{
    bool data = has_prefix(path, "seed") || has_prefix(path, "pipeline") ||
                (has_prefix(path, "dataset") && !has_prefix(path, "dataset.patch"));
    char override[256];
    const char *overrides[] = {override, companion};
    struct keys keys = {"", ""}, base = walk->base;
    struct plan plan;

    if (companion) { /* compare with the companion alone */
        CU_ASSERT_EQUAL_FATAL(plans_try(&plan, plans_base, &companion, 1, true), 0);
        plans_keys(&plan, 0, base.trial, base.data);
        plan_release(&plan);
    }
    snprintf(override, sizeof override, "%s=%s", path, value);
    CU_ASSERT_EQUAL_FATAL(plans_try(&plan, plans_base, overrides, companion ? 2 : 1, true), 0);
    plans_keys(&plan, 0, keys.trial, keys.data);
    plan_release(&plan);
    bool new_trial = strcmp(keys.trial, base.trial) != 0;
    bool new_data = strcmp(keys.data, base.data) != 0;
    if (!new_trial || new_data != data)
        printf("%s: trial's key %s, data's key %s\n", override, new_trial ? "new" : "the same",
               new_data ? "new" : "the same");
    CU_ASSERT(new_trial);
    CU_ASSERT_EQUAL(new_data, data);
    walk->changed++;
    walk->data_changed += data;
}

/* Another value of the field's type and range. */
static void other_value(const struct field *field, const void *member, char value[64])
{
    int64_t number = 0;
    double real = 0;

    switch (field->type) {
    case FIELD_BOOLEAN: snprintf(value, 64, "%s", *(const bool *)member ? "false" : "true"); break;
    case FIELD_CHOICE:
        memcpy(&number, member, sizeof number);
        snprintf(value, 64, "%s", field->choices[number == 0]);
        break;
    case FIELD_REAL:
    case FIELD_SHARE:
        memcpy(&real, member, sizeof real);
        real = field->maximum == 0 || real * 1.5 + 0.01 <= field->maximum ? real * 1.5 + 0.01
                                                                          : real / 2;
        snprintf(value, 64, "%.17g", real);
        break;
    default:
        memcpy(&number, member, sizeof number);
        number += field->maximum == 0 || (double)number + 1 <= field->maximum ? 1 : -1;
        snprintf(value, 64, "%" PRId64, number);
        break;
    }
}

static void walk_fields(struct walk *walk, const char *prefix, const struct field *fields,
                        const void *record);

static void walk_component(struct walk *walk, const char *path, const struct component *component,
                           bool inside)
{
    char inner[256];

    if (!component->kind || component->tuned_count)
        return;
    snprintf(inner, sizeof inner, "%s%s%s", path, inside ? "" : ".",
             inside ? "" : component->kind->name);
    walk_fields(walk, inner, component->kind->fields, component->config);
}

static void walk_field(struct walk *walk, const char *prefix, const char *path,
                       const struct field *field, const void *member)
{
    const struct component_list *list = member;
    char value[64], item[300];

    if (field->type == FIELD_RECORD)
        walk_fields(walk, path, field->fields, member);
    else if (field->type == FIELD_SELECT)
        walk_component(walk, prefix, member, true);
    else if (field->type == FIELD_COMPONENT)
        walk_component(walk, path, member, false);
    for (size_t i = 0; field->type == FIELD_COMPONENTS && i < list->count; i++) {
        snprintf(item, sizeof item, "%s[%zu]", path, i);
        walk_component(walk, item, &list->items[i], false);
    }
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (strcmp(special[i].path, path) == 0) {
            if (special[i].value)
                expect_change(walk, path, special[i].value, special[i].companion);
            return;
        }
    if (field->type <= FIELD_SHARE || field->type == FIELD_CHOICE) {
        other_value(field, member, value);
        expect_change(walk, path, value, NULL);
    } else {
        CU_ASSERT_FATAL(field->type >= FIELD_RECORD); /* a text, without a row in special[] */
    }
}

static void walk_fields(struct walk *walk, const char *prefix, const struct field *fields,
                        const void *record)
{
    char path[256];

    for (; fields && fields->name; fields++) {
        bool top = !prefix[0];
        if (top && (strcmp(fields->name, "experiment") == 0 || strcmp(fields->name, "about") == 0 ||
                    strcmp(fields->name, "replicates") == 0 || fields->type == FIELD_NODE ||
                    strcmp(fields->name, "figures") == 0))
            continue;
        snprintf(path, sizeof path, "%s%s%s", prefix, top ? "" : ".", fields->name);
        walk_field(walk, prefix, path, fields, (const char *)record + fields->offset);
    }
}

static void test_every_field(void)
{
    struct walk walk = {.base = keys_of(plans_base)};
    struct plan plan;

    plans_load(&plan, "");
    walk_fields(&walk, "", experiment_fields, &plan.base);
    CU_ASSERT(walk.changed >= 35);
    CU_ASSERT(walk.data_changed >= 12);
    plan_release(&plan);
}

/* Where it is there; where it is not, the plan says so. */
static void test_precision(void)
{
    static const char *const override = "train.precision=bfloat16";
    struct walk walk = {.base = keys_of(plans_base)};
    struct plan plan;

    plans_load(&plan, "");
    const struct engine *engine = engine_of(plan.base.train.engine.kind);
    bool there = engine_check(engine, PRECISION_BFLOAT16, NULL) == STATUS_OK;
    plan_release(&plan);
    if (there) {
        expect_change(&walk, "train.precision", "bfloat16", NULL);
        return;
    }
    CU_ASSERT_EQUAL(plans_try(&plan, plans_base, (const char *const[]){override}, 1, false), 1);
    plan_release(&plan);
}

static void families(void)
{
    plans_families();
}

void plan_keys_fields_suite(void)
{
    CU_pSuite suite =
        CU_add_suite_with_setup_and_teardown("plan_keys_fields", NULL, NULL, families, NULL);
    CU_add_test(suite, "every field that matters counts", test_every_field);
    CU_add_test(suite, "the precision counts where there are two", test_precision);
}
