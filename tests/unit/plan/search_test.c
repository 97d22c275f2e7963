/* The search methods: pure functions, so that everything about them can be tried here. */
#include "search/space.h"

#include "search/registry.h"
#include "search/sobol.h"
#include "tests/golden/search.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { MOST = 256, WIDTH = 4 };

static struct error error;

/* A method with its settings, and a search under way. */
struct course {
    struct arena arena;
    const struct search_method *method;
    void *config;
    struct search_space space;
    struct search_point points[MOST];
    double coordinates[MOST][WIDTH], objectives[MOST * 2];
    size_t count, rounds, objective_count;
};

typedef void judge_point(const struct search_point *point, double *objectives);

static void begin(struct course *course, const char *name, const char *settings)
{
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    memset(course, 0, sizeof *course);
    course->method = (const void *)registry_find(registry_searches(), name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(course->method);
    OK(arena_new(&course->arena, &course->config, course->method->descriptor.config_size, 1,
                 &error));
    OK(yaml_parse(&course->arena, "test", settings, strlen(settings), &root, &found, &error));
    OK(schema_read(course->method->descriptor.fields, root, "", course->config, &course->arena,
                   &found, &error));
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
}

/* One more round, judged; false after the last. `order` changes the order of judging alone. */
static bool go_on(struct course *course, uint64_t seed, judge_point *judge, uint64_t order)
{
    struct search_history history = {course->points, course->objectives, course->count,
                                     course->objective_count};
    size_t size = course->method->size(course->config, course->rounds), first = course->count;
    uint32_t places[MOST];
    struct random_stream stream =
        random_stream((struct random_key){order, 0}, RANDOM_SHUFFLE, course->rounds);

    CU_ASSERT_FATAL(first + size <= MOST);
    if (size == 0)
        return false;
    for (size_t i = 0; i < size; i++)
        course->points[first + i] = (struct search_point){
            .coordinates = course->coordinates[first + i], .round = course->rounds};
    OK(course->method->propose(course->config, &course->space, &history,
                               (struct random_key){seed, 0}, course->rounds, course->points + first,
                               &error));
    random_permutation(&stream, places, (uint32_t)size);
    for (size_t i = 0; i < size; i++) {
        size_t at = first + places[i];
        for (size_t d = 0; d < course->space.count; d++)
            course->points[at].coordinates[d] =
                search_snap(&course->space.ranges[d], course->points[at].coordinates[d]);
        judge(&course->points[at], course->objectives + at * course->objective_count);
    }
    course->count += size;
    course->rounds++;
    return true;
}

static void run(struct course *course, const struct search_range *ranges, size_t count,
                size_t objectives, uint64_t seed, judge_point *judge)
{
    course->space = (struct search_space){ranges, count};
    course->objective_count = objectives;
    course->count = course->rounds = 0;
    while (go_on(course, seed, judge, 0))
        continue;
}

/* What is judged: objective values of points. */

static void bowl(const struct search_point *point, double *objectives)
{
    static const double centre[WIDTH] = {0.3, 0.7, 0.2, 0.6};

    objectives[0] = 0;
    for (int d = 0; d < WIDTH; d++)
        objectives[0] += pow(point->coordinates[d] - centre[d], 2);
}

/* Branin's function, with three minima of 0.397887. */
static void branin(const struct search_point *point, double *objectives)
{
    double x = 15 * point->coordinates[0] - 5, y = 15 * point->coordinates[1];
    double pi = 3.141592653589793;
    double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;

    objectives[0] = a * a + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10 - 0.397887;
}

/* The third of four choices is the best by far, of ten whole numbers the eighth; then x. */
static const struct search_range mixed_ranges[] = {{4, false}, {10, true}, {0, true}};

static void mixed(const struct search_point *point, double *objectives)
{
    uint32_t choice = search_cell(&mixed_ranges[0], point->coordinates[0]);
    uint32_t number = search_cell(&mixed_ranges[1], point->coordinates[1]);

    objectives[0] = (choice == 2 ? 0 : 1) + 0.02 * pow((double)number - 7, 2) +
                    pow(point->coordinates[2] - 0.4, 2);
}

/* Two objectives against one another; points with x above 0.9 fail. */
static void trade(const struct search_point *point, double *objectives)
{
    double x = point->coordinates[0], y = point->coordinates[1];

    objectives[0] = x > 0.9 ? (double)NAN : x + y * y;
    objectives[1] = (1 - x) * (1 - x) + y * y;
}

static const struct search_range plain[WIDTH] = {{0, true}, {0, true}, {0, true}, {0, true}};

static void test_sobol_golden(void)
{
    for (int i = 0; i < GOLDEN_SOBOL_POINTS; i++)
        for (size_t d = 0; d < GOLDEN_SOBOL_DIMENSIONS; d++)
            CU_ASSERT_EQUAL(sobol_raw(golden_sobol[i].index, d) >> 2, golden_sobol[i].point[d]);
}

/* Every 64 points from a multiple of 64 on have one in each of 64 slices, along any axis; and in
 * the first two dimensions in any box of area 1/64. */
static void test_sobol_nets(void)
{
    enum { M = 6, POINTS = 1 << M };
    double points[POINTS][64];

    for (int scramble = 0; scramble < 2; scramble++)
        for (uint32_t block = 0; block < 4; block++) {
            for (uint32_t i = 0; i < POINTS; i++)
                sobol_point((struct random_key){5, 0}, block * POINTS + i, scramble, 64, points[i]);
            for (size_t d = 0; d < 64; d++) {
                uint64_t hit = 0;
                for (size_t i = 0; i < POINTS; i++)
                    hit |= (uint64_t)1 << (int)(points[i][d] * POINTS);
                CU_ASSERT_EQUAL(hit, UINT64_MAX);
            }
            for (int k = 0; k <= M; k++) {
                uint64_t hit = 0;
                for (size_t i = 0; i < POINTS; i++)
                    hit |= (uint64_t)1 << ((int)(points[i][0] * (1 << k)) * (1 << (M - k)) +
                                           (int)(points[i][1] * (1 << (M - k))));
                CU_ASSERT_EQUAL(hit, UINT64_MAX);
            }
        }
}

/* Bits are flipped by what stands above them: values that agree in their first bits go on doing so,
 * and a coordinate is uniform over the seeds. */
static void test_scrambling(void)
{
    double sum = 0;
    size_t other = 0;

    for (uint64_t seed = 0; seed < 200; seed++) {
        struct random_key key = {seed, 0};
        uint32_t a = 0xB5000000U, b = a ^ 0x00010000U;
        uint32_t x = sobol_scramble(key, 3, a), y = sobol_scramble(key, 3, b);
        CU_ASSERT_EQUAL(x >> 17, y >> 17);
        CU_ASSERT_NOT_EQUAL(x >> 16 & 1, y >> 16 & 1);
        CU_ASSERT_EQUAL(sobol_scramble(key, 3, a), x);
        other += sobol_scramble(key, 4, a) != x;
        sum += x / 4294967296.0;
    }
    CU_ASSERT_EQUAL(other, 200);
    CU_ASSERT(fabs(sum / 200 - 0.5) < 0.07); /* 0.0204 a standard deviation */
}

/* Point i is a function of seed and i alone. */
static void test_prefixes(void)
{
    static const char *const names[] = {"random", "sobol"};
    static struct course few, many;

    for (int i = 0; i < 2; i++) {
        begin(&few, names[i], "points: 10");
        begin(&many, names[i], "points: 100");
        run(&few, plain, 3, 1, 9, branin);
        run(&many, plain, 3, 1, 9, branin);
        CU_ASSERT_EQUAL(few.count, 10);
        CU_ASSERT_EQUAL(many.count, 100);
        CU_ASSERT_EQUAL(memcmp(few.coordinates, many.coordinates, 10 * sizeof *few.coordinates), 0);
        run(&many, plain, 3, 1, 10, branin);
        CU_ASSERT_NOT_EQUAL(few.coordinates[0][0], many.coordinates[0][0]);
        arena_release(&few.arena);
        arena_release(&many.arena);
    }
}

static const char *settings_of(const struct descriptor *row)
{
    return strcmp(row->name, "halving") == 0 ? "points: 30" : "points: 40";
}

/* What holds for every method. */
static void test_every_method(void)
{
    static const struct search_range ranges[] = {{0, true}, {3, false}, {17, true}};
    static struct course a, b;
    const struct registry *registry = registry_searches();

    for (size_t r = 0; r < registry->count; r++) {
        begin(&a, registry->rows[r]->name, settings_of(registry->rows[r]));
        begin(&b, registry->rows[r]->name, settings_of(registry->rows[r]));
        run(&a, ranges, 3, 2, 4, trade);
        CU_ASSERT(a.count >= 40 && a.rounds >= 1);
        CU_ASSERT_EQUAL(a.method->size(a.config, a.rounds + 1000), 0);
        for (size_t i = 0; i < a.count; i++)
            for (size_t d = 0; d < 3; d++)
                CU_ASSERT(a.coordinates[i][d] >= 0 && a.coordinates[i][d] < 1);
        /* Results that arrive in another order are the same results. */
        b.space = a.space;
        b.objective_count = 2;
        while (go_on(&b, 4, trade, 77))
            continue;
        CU_ASSERT_EQUAL(a.count, b.count);
        CU_ASSERT_EQUAL(memcmp(a.coordinates, b.coordinates, sizeof a.coordinates), 0);
        arena_release(&a.arena);
        arena_release(&b.arena);
    }
}

static void test_memory(void)
{
    static struct course course;
    const struct registry *registry = registry_searches();

    for (size_t r = 0; r < registry->count; r++) {
        begin(&course, registry->rows[r]->name, settings_of(registry->rows[r]));
        course.space = (struct search_space){plain, 2};
        course.objective_count = 2;
        CU_ASSERT(go_on(&course, 1, trade, 0));
        size_t size = course.method->size(course.config, 1);
        struct search_history history = {course.points, course.objectives, course.count, 2};
        enum status status = size ? STATUS_MEMORY : STATUS_OK;
        for (size_t i = 0; i < size; i++)
            course.points[course.count + i].coordinates = course.coordinates[course.count + i];
        for (size_t n = 1; status != STATUS_OK && n < 50; n++) {
            memory_fail_at(n);
            status = course.method->propose(course.config, &course.space, &history,
                                            (struct random_key){1, 0}, 1,
                                            course.points + course.count, &error);
            memory_fail_at(0);
            CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
            CU_ASSERT(status == STATUS_OK || n < 10);
        }
        CU_ASSERT_EQUAL(status, STATUS_OK);
        arena_release(&course.arena);
    }
}

static double best_of(const struct course *course)
{
    double best = (double)INFINITY;
    for (size_t i = 0; i < course->count; i++)
        best = fmin(best, course->objectives[i]);
    return best;
}

/* Over many seeds, what TPE finds with 64 points is better than what as many random points do. */
static void test_tpe(void)
{
    static const struct {
        const char *name;
        const struct search_range *ranges;
        size_t count;
        judge_point *judge;
        double least_ratio; /* of random's mean to TPE's */
        int least_wins;     /* of 60 */
    } cases[] = {
        {"bowl", plain, 4, bowl, 3, 55},
        {"branin", plain, 2, branin, 3, 42},
        {"mixed", mixed_ranges, 3, mixed, 20, 50},
    };
    static struct course tpe, lot;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double sums[2] = {0, 0};
        int wins = 0;
        begin(&tpe, "tpe", "{}");
        begin(&lot, "random", "points: 64");
        for (uint64_t seed = 0; seed < 60; seed++) {
            run(&tpe, cases[c].ranges, cases[c].count, 1, seed, cases[c].judge);
            run(&lot, cases[c].ranges, cases[c].count, 1, seed, cases[c].judge);
            CU_ASSERT_EQUAL(tpe.count, lot.count);
            CU_ASSERT_EQUAL(tpe.rounds, 7);
            sums[0] += best_of(&tpe);
            sums[1] += best_of(&lot);
            wins += best_of(&tpe) < best_of(&lot);
        }
        bool good = sums[1] > cases[c].least_ratio * sums[0] && wins >= cases[c].least_wins;
        CU_ASSERT(good);
        if (!good)
            printf("%s: random's best is %g times TPE's, which wins %d of 60\n", cases[c].name,
                   sums[1] / sums[0], wins);
        arena_release(&tpe.arena);
        arena_release(&lot.arena);
    }
}

/* Rungs: sizes, budgets, and that the best third of each goes on, in the order it stood in. */
static void test_halving(void)
{
    static struct course course;
    static const size_t sizes[] = {27, 9, 3, 1};
    static const double budgets[] = {2, 6, 18, 20};
    size_t first = 0;

    begin(&course, "halving", "{least: 2, most: 20}");
    run(&course, plain, 4, 1, 3, bowl);
    CU_ASSERT_EQUAL_FATAL(course.rounds, 4);
    for (size_t rung = 0; rung < 4; rung++) {
        double threshold = -1; /* the worst that goes on */
        for (size_t i = 0; i < sizes[rung]; i++) {
            CU_ASSERT_EQUAL(course.points[first + i].budget, budgets[rung]);
            CU_ASSERT_EQUAL(course.points[first + i].rung, rung);
        }
        size_t next = first + sizes[rung], kept = 0;
        if (rung == 3)
            break;
        for (size_t j = 0; j < sizes[rung + 1]; j++)
            threshold = fmax(threshold, course.objectives[next + j]);
        for (size_t i = 0; i < sizes[rung]; i++) {
            bool on = course.objectives[first + i] <= threshold;
            if (on)
                CU_ASSERT_EQUAL(memcmp(course.coordinates[first + i],
                                       course.coordinates[next + kept], sizeof(double[4])),
                                0);
            kept += on;
        }
        CU_ASSERT_EQUAL(kept, sizes[rung + 1]);
        CU_ASSERT(threshold >= 0);
        first = next;
    }
    arena_release(&course.arena);
}

/* A point that failed never goes on before one that did not. */
static void fail_most(const struct search_point *point, double *objectives)
{
    objectives[0] = point->coordinates[0] < 0.9 ? (double)NAN : 100;
}

static void test_halving_failures(void)
{
    static struct course course;

    begin(&course, "halving", "{points: 20, eta: 10, least: 1, most: 10}");
    run(&course, plain, 1, 1, 3, fail_most);
    CU_ASSERT_EQUAL_FATAL(course.count, 22);
    CU_ASSERT(course.coordinates[20][0] >= 0.9 && course.coordinates[21][0] >= 0.9);
    arena_release(&course.arena);
}

/* Points of one round spread, though they come from the same results. */
static void test_tpe_spread(void)
{
    static struct course course;

    begin(&course, "tpe", "{}");
    run(&course, plain, 2, 1, 8, branin);
    for (size_t i = 1; i < course.count; i++)
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(course.coordinates[i][0], course.coordinates[j][0]);
    arena_release(&course.arena);
}

/* Random values on a coarse raster, so that many are equal; some failed. */
static void make_values(uint64_t seed, double *values, size_t count, size_t width)
{
    struct random_stream stream = random_stream((struct random_key){seed, 0}, RANDOM_SHUFFLE, 1);

    for (size_t i = 0; i < count * width; i++) {
        uint32_t draw = random_below(&stream, 12);
        values[i] = draw == 11 ? (double)NAN : draw;
    }
}

static bool is_failed(const double *value, size_t width)
{
    bool any = false;
    for (size_t m = 0; m < width; m++)
        any = any || isnan(value[m]);
    return any;
}

/* By the definition, for each pair. */
static bool beaten(const double *values, size_t i, size_t j, size_t width)
{
    bool nowhere_worse = true, better = false;

    for (size_t m = 0; m < width; m++) {
        nowhere_worse = nowhere_worse && values[j * width + m] <= values[i * width + m];
        better = better || values[j * width + m] < values[i * width + m];
    }
    return nowhere_worse && better;
}

static void test_pareto(void)
{
    enum { COUNT = 40 };
    double values[COUNT * 3];
    bool front[COUNT];
    size_t sizes = 0;

    for (uint64_t seed = 0; seed < 150; seed++) {
        size_t width = 1 + seed % 3;
        make_values(seed, values, COUNT, width);
        memset(front, true, COUNT);
        search_front(values, COUNT, width, front);
        for (size_t i = 0; i < COUNT; i++) {
            bool expected = !is_failed(values + i * width, width);
            for (size_t j = 0; j < COUNT; j++)
                expected = expected &&
                           (is_failed(values + j * width, width) || !beaten(values, i, j, width));
            CU_ASSERT_EQUAL(front[i], expected);
            sizes += front[i];
        }
    }
    CU_ASSERT(sizes > 300);
}

/* The order: nobody stands behind what he dominates, the failed last, each point once; of one
 * objective, ascending with ties by number. */
static void test_order(void)
{
    enum { COUNT = 40 };
    double values[COUNT * 3];
    size_t order[COUNT];

    for (uint64_t seed = 0; seed < 150; seed++) {
        size_t width = 1 + seed % 3;
        uint64_t met = 0;
        make_values(seed, values, COUNT, width);
        OK(search_order(values, COUNT, width, order, &error));
        for (size_t i = 0; i < COUNT; i++) {
            met |= (uint64_t)1 << order[i];
            for (size_t j = 0; j < i; j++) {
                const double *before = values + order[j] * width,
                             *after = values + order[i] * width;
                CU_ASSERT(is_failed(after, width) || !is_failed(before, width));
                CU_ASSERT(is_failed(after, width) || !beaten(values, order[j], order[i], width));
                if (width == 1 && (*before == *after || is_failed(before, 1)))
                    CU_ASSERT(order[j] < order[i]);
            }
        }
        CU_ASSERT_EQUAL(met, ((uint64_t)1 << COUNT) - 1);
    }
    /* In one front the ends come first, then the loneliest. */
    static const double line[] = {0, 10, 1, 9, 2, 8, 6, 4, 10, 0};
    static const size_t expected[] = {0, 4, 3, 2, 1};
    OK(search_order(line, 5, 2, order, &error));
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(order[i], expected[i]);
}

void search_suite(void);
void search_suite(void)
{
    CU_pSuite suite = CU_add_suite("search", NULL, NULL);
    CU_add_test(suite, "Sobol's points are scipy's", test_sobol_golden);
    CU_add_test(suite, "Sobol's points are nets", test_sobol_nets);
    CU_add_test(suite, "scrambling keeps what bits have in common", test_scrambling);
    CU_add_test(suite, "more points add to those that there were", test_prefixes);
    CU_add_test(suite, "every method proposes the same for the same results", test_every_method);
    CU_add_test(suite, "any allocation may fail", test_memory);
    CU_add_test(suite, "halving lets the best go on", test_halving);
    CU_add_test(suite, "halving lets no failure go on", test_halving_failures);
    CU_add_test(suite, "Pareto's front is what the definition says", test_pareto);
    CU_add_test(suite, "the order of merit", test_order);
    CU_add_test(suite, "TPE's points of a round spread", test_tpe_spread);
    CU_add_test(suite, "TPE finds better points than random search", test_tpe);
}
