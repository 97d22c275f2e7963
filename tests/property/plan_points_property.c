/*
 * A plan of many points is checked at few of them. Over random grids, that must come to the same as
 * checking every point as a plan of its own: the points that are sound alone are a plan together,
 * in whatever order their axes stand; and together with any one that is not, they are none.
 */
#include "tests/unit/plans.h"

#include "base/random.h"
#include "train/registry.h"

enum { MOST_AXES = 4, MOST_POINTS = 36, TRIED = 2 };

static const char base[][1200] = {
    "experiment: points\ntask: denoise\n"
    "dataset: {name: digits, manual: 9, unlabelled: 9, validation: 2, test: 5,\n"
    "  degrade: [gaussian_noise: {sigma: 30}]}\n"
    "pipeline: {stages: [median, gaussian]}\n"
    "network: {family: dncnn, width: 4, depth: 2}\n",
    "experiment: points\ntask: classify\n"
    "dataset: {name: digits, manual: 9, unlabelled: 9, validation: 2, test: 5}\n"
    "pipeline: {stages: [median, hog, linear_svm]}\n"
    "network: {family: lenet5}\n",
};

/* What checks look at, with values of which some do not go with some of another line's. Values are
 * separated by '|'. `task`: 'd', 'c', or ' ' for both. */
static const struct {
    char task;
    const char *path, *values;
} pool[] = {
    {' ', "dataset.name", "digits|leaves|mnist|cifar10"},
    {' ', "dataset.manual", "9|0|5"},
    {' ', "dataset.unlabelled", "9|0|all|20"},
    {' ', "dataset.validation", "2|0"},
    {' ', "dataset.test", "5|all"},
    {' ', "dataset.overlap", "false|true"},
    {'d', "dataset.patch", "{}|{size: 8}|{size: 8, per_image: 4}|{size: 40}"},
    {'d', "dataset.patch.size", "0|8|9|4|30"},
    {'d', "dataset.patch.per_image", "1|4"},
    {' ', "dataset.degrade", "[{gaussian_noise: {sigma: 64}}]|[]|[{blur: {sigma: 1}}]"},
    {'d', "pipeline.stages",
     "[median, gaussian]|[gaussian, median]|[gaussian: {sigma: {tune: [1, 2]}}]|[median, median]"},
    {'c', "pipeline.stages",
     "[median, hog, linear_svm]|[hog, linear_svm]|[gaussian, hog, {linear_svm: {cost: 2}}]"},
    {'d', "pipeline.stages[0]", "median|gaussian|{gaussian: {sigma: {tune: [1, 2]}}}"},
    {'d', "pipeline.replace.to", "gaussian|median"},
    {'d', "pipeline.replace.from", "median|gaussian"},
    {'c', "pipeline.replace.to", "linear_svm|hog|median"},
    {'c', "pipeline.replace.from", "median|hog|linear_svm"},
    {'d', "pipeline.replace", "{}|{to: median}|{from: gaussian}"},
    {' ', "pipeline.tune.metric", "auto|ssim|accuracy"},
    {' ', "label_noise",
     "[]|[{truth: {rate: 0.1}}]|[{operational: {rate: 0.1, degrade: [blur: {sigma: 1}]}}]"},
    {'d', "label_noise[0]", "{truth: {rate: 0.1}}|{coding_error: {rate: 0.2}}"},
    {'c', "label_noise[0]", "{truth: {rate: 0.1}}|{symmetric: {rate: 0.2}}|{coding_error: {}}"},
    {'d', "filter.method", "none|random|residual_trim|oracle|patch_residual"},
    {'c', "filter.method", "none|random|argmax_disagreement|oracle|confident_learning|aum"},
    {'c', "filter",
     "{method: aum, network: {family: lenet5}}|{method: none}|"
     "{method: aum, network: {family: dncnn}}"},
    {' ', "network.family", "dncnn|lenet5|mlp|unet"},
    {'d', "network.depth", "2|3"},
    {' ', "network", "{family: mlp}|{family: dncnn, width: 4}|{family: unet}|{family: lenet5}"},
    {' ', "train.labels", "pipeline|manual|truth"},
    {' ', "train.input", "degraded|redegraded"},
    {' ', "train.batch", "32|8|1"},
    {' ', "train.shard", "8|1|16"},
    {' ', "train.loss", "mse|{ssim: {}}|cross_entropy|l1"},
    {' ', "train.schedule",
     "constant|cosine|{step: {every: 2}}|step|{step: {every: 2, at: [0.5]}}"},
    {' ', "train.augment",
     "[]|[flip]|[{shift: {pixels: 2}}]|[{shift: {pixels: 8}}]|"
     "[{cutout: {size: 16}}]|[{cutout: {size: 8}}]"},
    {' ', "train.early_stopping.patience", "0|3"},
    {' ', "train.engine", "reference|openblas"},
    {' ', "train.precision", "float32|bfloat16"},
};

enum { LINES = sizeof pool / sizeof *pool };

struct axis {
    const char *path;
    const char *values[8];
    size_t lengths[8], count;
};

struct grid {
    const char *base;
    bool classify;
    struct axis axes[MOST_AXES];
    size_t count, points;
    bool sound[MOST_POINTS];
};

static size_t draw(struct random_stream *stream, size_t below)
{
    return (size_t)random_below(stream, (uint32_t)below);
}

/* Up to three of the line's values, in an order of chance. */
static void draw_axis(struct random_stream *stream, size_t line, struct axis *axis)
{
    axis->path = pool[line].path;
    axis->count = 0;
    for (const char *at = pool[line].values; *at; at += *at == '|') {
        axis->values[axis->count] = at;
        axis->lengths[axis->count] = strcspn(at, "|");
        at += axis->lengths[axis->count++];
    }
    for (size_t i = axis->count; i > 1; i--) {
        size_t j = draw(stream, i), length = axis->lengths[j];
        const char *value = axis->values[j];
        axis->values[j] = axis->values[i - 1];
        axis->lengths[j] = axis->lengths[i - 1];
        axis->values[i - 1] = value;
        axis->lengths[i - 1] = length;
    }
    axis->count = axis->count > 3 ? 3 : axis->count;
}

static bool touches(const char *a, const char *b)
{
    size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    const char *rest = strlen(a) < strlen(b) ? b + length : a + length;

    return strncmp(a, b, length) == 0 && (!*rest || *rest == '.' || *rest == '[');
}

/* Add the pool's line as an axis, where it goes with those before. */
static bool add_axis(struct random_stream *stream, struct grid *grid, size_t line)
{
    struct axis *axis = &grid->axes[grid->count];
    bool fits = pool[line].task == ' ' || pool[line].task == (grid->classify ? 'c' : 'd');

    for (size_t a = 0; a < grid->count; a++)
        fits = fits && !touches(pool[line].path, grid->axes[a].path);
    if (!fits)
        return false;
    draw_axis(stream, line, axis);
    if (grid->points * axis->count > MOST_POINTS)
        return false;
    grid->points *= axis->count;
    grid->count++;
    return true;
}

/* These two lines, in an order of chance, and up to two others. */
static bool draw_grid(struct random_stream *stream, bool classify, size_t one, size_t two,
                      struct grid *grid)
{
    bool swap = draw(stream, 2);
    size_t more = draw(stream, MOST_AXES - 1);

    *grid = (struct grid){.base = base[classify], .classify = classify, .points = 1};
    if (!add_axis(stream, grid, swap ? two : one) || !add_axis(stream, grid, swap ? one : two))
        return false;
    while (more-- > 0)
        add_axis(stream, grid, draw(stream, LINES));
    return true;
}

/* The first axis is the slowest. */
static size_t position(const struct grid *grid, size_t point, size_t axis)
{
    for (size_t a = grid->count - 1; a > axis; a--)
        point /= grid->axes[a].count;
    return point % grid->axes[axis].count;
}

static size_t mistakes_of(const char *yaml, const char *const *overrides, size_t count)
{
    struct plan plan;
    size_t mistakes = plans_try(&plan, yaml, overrides, count, false);

    plan_release(&plan);
    return mistakes;
}

static bool is_sound_alone(const struct grid *grid, size_t point)
{
    char texts[MOST_AXES][300];
    const char *overrides[MOST_AXES];

    for (size_t a = 0; a < grid->count; a++) {
        const struct axis *axis = &grid->axes[a];
        size_t p = position(grid, point, a);
        snprintf(texts[a], sizeof texts[a], "%s=%.*s", axis->path, (int)axis->lengths[p],
                 axis->values[p]);
        overrides[a] = texts[a];
    }
    return mistakes_of(grid->base, overrides, grid->count) == 0;
}

/* The grid without the points that are not sound, but for `with`; or with all of it backwards. */
static void print(const struct grid *grid, size_t with, bool backwards, struct text *yaml)
{
    bool all = true;

    text_clear(yaml);
    text_append(yaml, "%sgrid:\n", grid->base);
    for (size_t a = 0; a < grid->count; a++) {
        const struct axis *axis = &grid->axes[backwards ? grid->count - 1 - a : a];
        text_append(yaml, "  \"%s\": [", axis->path);
        for (size_t i = 0; i < axis->count; i++) {
            size_t value = backwards ? axis->count - 1 - i : i;
            text_append(yaml, "%s%.*s", i ? ", " : "", (int)axis->lengths[value],
                        axis->values[value]);
        }
        text_append(yaml, "]\n");
    }
    for (size_t p = 0; p < grid->points; p++) {
        if (grid->sound[p] || p == with)
            continue;
        text_append(yaml, all ? "exclude:\n  - {" : "  - {");
        all = false;
        for (size_t a = 0; a < grid->count; a++) {
            const struct axis *axis = &grid->axes[a];
            size_t i = position(grid, p, a);
            text_append(yaml, "%s\"%s\": [%.*s]", a ? ", " : "", axis->path, (int)axis->lengths[i],
                        axis->values[i]);
        }
        text_append(yaml, "}\n");
    }
}

/* Load the grid both ways: what the checks see first must not matter. */
static void expect(const struct grid *grid, size_t with, bool sound)
{
    struct text yaml = {0};

    for (int backwards = 0; backwards < 2; backwards++) {
        print(grid, with, backwards, &yaml);
        bool same = (mistakes_of(yaml.bytes, NULL, 0) == 0) == sound;
        CU_ASSERT(same);
        if (!same)
            printf("%s:\n%s", sound ? "refused, though each point is sound" : "passed", yaml.bytes);
    }
    text_release(&yaml);
}

static void compare(const struct grid *grid, struct random_stream *stream, size_t *told)
{
    size_t sound = 0;

    for (size_t p = 0; p < grid->points; p++)
        sound += grid->sound[p];
    if (sound > 0)
        expect(grid, grid->points, true);
    for (size_t i = 0; sound < grid->points && i < TRIED; i++) {
        size_t point = draw(stream, grid->points);
        while (grid->sound[point])
            point = (point + 1) % grid->points;
        expect(grid, point, false);
        *told += sound > 0;
    }
}

/* Every two lines of the pool stand together in one grid of each task. */
static void test_random_grids(void)
{
    size_t grids = 0, told = 0, sound = 0;

    for (size_t number = 0; number < (size_t)2 * LINES * LINES; number++) {
        struct random_stream stream =
            random_stream((struct random_key){.seed = 15}, RANDOM_SEARCH, number);
        size_t one = number / 2 / LINES, two = number / 2 % LINES;
        struct grid grid;
        if (one >= two || !draw_grid(&stream, number % 2, one, two, &grid))
            continue;
        for (size_t p = 0; p < grid.points; p++)
            sound += grid.sound[p] = is_sound_alone(&grid, p);
        compare(&grid, &stream, &told);
        grids++;
    }
    /* Else the grids say nothing. */
    CU_ASSERT(grids > 500 && told > grids / 4 && sound > grids);
}

/* A name, and the name with nothing said of it, are one value. */
static void test_same_meaning(void)
{
    static const struct {
        const char *path;
        const struct registry *(*rows)(void);
    } places[] = {{"train.schedule", registry_schedules}, {"train.optimizer", registry_optimizers}};
    char grid[200];

    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (size_t i = 0; i < places[p].rows()->count; i++) {
            const char *name = places[p].rows()->rows[i]->name;
            struct plan plan;
            snprintf(grid, sizeof grid, "%s=%s", places[p].path, name);
            const char *const alone[] = {grid};
            if (mistakes_of(base[0], alone, 1))
                continue; /* it has to be told more */
            snprintf(grid, sizeof grid, "grid={%s: [%s, {%s: {}}]}", places[p].path, name, name);
            size_t mistakes = plans_try(&plan, base[0], alone, 1, false);
            CU_ASSERT_EQUAL(mistakes, 1);
            plan_release(&plan);
        }
}

void plan_points_suite(void);
void plan_points_suite(void)
{
    CU_pSuite suite = CU_add_suite("plan_points", NULL, NULL);
    CU_add_test(suite, "families", plans_families);
    CU_add_test(suite, "values that mean the same stand once on an axis", test_same_meaning);
    CU_add_test(suite, "a plan is checked as its points are, one by one", test_random_grids);
}
