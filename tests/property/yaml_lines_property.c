/*
 * Mistakes are told in the line in which they are: one is planted at a known line of a random file
 * that is sound, and the line that is told is compared.
 */
#include "tests/unit/plans.h"

#include "base/random.h"

enum { FILES = 1500, MOST_LINES = 120, WIDTH = 200 };

struct file {
    char lines[MOST_LINES][WIDTH];
    size_t count;
};

static size_t draw(struct random_stream *stream, size_t below)
{
    return (size_t)random_below(stream, (uint32_t)below);
}

static void add(struct file *file, const char *line)
{
    CU_ASSERT_FATAL(file->count < MOST_LINES && strlen(line) < WIDTH - 40);
    snprintf(file->lines[file->count++], WIDTH, "%s", line);
}

/* Lines that say the same, one way or another; '\n' between them. */
static const char *const sections[][3] = {
    {"dataset: {name: digits, manual: 5, unlabelled: 20, validation: 5, test: 5}",
     "dataset: {name: digits, manual: 5,\n          unlabelled: 20, validation: 5,\n"
     "          test: 5}",
     "dataset:\n  name: digits\n  manual: 5\n  unlabelled: 20\n  validation: 5\n  test: 5\n"
     "  degrade:\n    - gaussian_noise: {sigma: 30}\n    - blur:\n        sigma: 1"},
    {"pipeline:\n  stages:\n    - median: {radius: 1}\n    - gaussian\n    - median",
     "pipeline: {stages: [median: {radius: 1},\n    gaussian,\n    median]}",
     "pipeline:\n    stages:\n    - median:\n        radius: 1\n    - gaussian:\n"
     "        sigma: {tune: [0.4,\n           0.8]}\n    tune:\n        metric: ssim"},
    {"network: {family: dncnn, depth: 3, width: 2}",
     "network:\n  family: dncnn\n  depth: 3\n  width: 2",
     "network:\n    depth: 3\n    width: 2\n    family: dncnn"},
    {"train:\n  epochs: 1\n  batch: 20\n  learning_rate: 0.01\n  schedule: cosine",
     "train: {epochs: 1, batch: 20,\n\n  learning_rate: 0.01, schedule: cosine}",
     "train:\n  epochs: 1\n  schedule:\n    step:\n      every: 2\n      factor: 0.5\n"
     "  batch: 20\n  early_stopping: {patience: 3}"},
    {"grid:\n  network.width: [2, 4]\n  train.epochs:\n    - 1\n    - 2",
     "grid: {network.width: [2, 4], train.epochs: [1, 2]}",
     "grid:\n  network.width: [2,\n    4]\n  train.epochs: [1, 2]"},
    {"about: \"a text: in quotes\"", "about: 'another one'", "about: a text without quotes"},
    {"seed: 7", "replicates: 2", "limits: {minutes: 5}"},
};

static void add_lines(struct file *file, struct random_stream *stream, const char *text)
{
    char line[WIDTH];

    while (*text) {
        size_t length = strcspn(text, "\n");
        if (draw(stream, 12) == 0)
            add(file, draw(stream, 2) ? "# a note: with a colon, and a [bracket" : "");
        snprintf(line, sizeof line, "%.*s%s", (int)length, text,
                 length && draw(stream, 8) == 0 ? "   # a note" : "");
        add(file, line);
        text += length + (text[length] == '\n');
    }
}

static void draw_file(struct random_stream *stream, struct file *file)
{
    enum { SECTIONS = sizeof sections / sizeof *sections };
    uint32_t order[SECTIONS];

    file->count = 0;
    random_permutation(stream, order, SECTIONS);
    add_lines(file, stream, draw(stream, 2) ? "experiment: x" : "experiment: \"x\"");
    add_lines(file, stream, "task: denoise");
    for (size_t i = 0; i < SECTIONS; i++)
        add_lines(file, stream, sections[order[i]][draw(stream, 3)]);
}

static size_t indent_of(const char *line)
{
    return strspn(line, " ");
}

/* "  key: value", both single words. */
static bool is_pair(const char *line)
{
    const char *key = line + indent_of(line);
    size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
    const char *value = key + length + 2;

    return length && key[length] == ':' && key[length + 1] == ' ' && *value &&
           !strchr("[{\"'#", *value) &&
           strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789.") == strcspn(value, " #") &&
           (!value[strcspn(value, " ")] || strstr(value, "   #"));
}

/* Is there a line before it in the same block? */
static bool is_later(const struct file *file, size_t at)
{
    const char *line = file->lines[at];
    size_t indent = indent_of(line);

    while (at-- > 0) {
        const char *before = file->lines[at];
        if (before[0] && before[0] != '#' && indent_of(before) <= indent)
            return indent_of(before) == indent && (before[indent] == '-') == (line[indent] == '-');
    }
    return false;
}

static void replace(char *line, size_t at, size_t length, const char *by)
{
    size_t added = strlen(by), rest = strlen(line + at + length) + 1;

    CU_ASSERT_FATAL(at + added + rest <= WIDTH);
    memmove(line + at + added, line + at + length, rest);
    memcpy(line + at, by, added);
}

/* Mistakes: each changes a line, where it can. */
static bool no_space(struct file *file, size_t at)
{
    char *line = file->lines[at];
    if (!is_pair(line))
        return false;
    replace(line, (size_t)(strchr(line, ':') - line), 2, ":");
    return true;
}

static bool no_colon(struct file *file, size_t at)
{
    char *line = file->lines[at];
    if (!is_pair(line))
        return false;
    replace(line, (size_t)(strchr(line, ':') - line), 1, "");
    return true;
}

static bool tab(struct file *file, size_t at)
{
    char *line = file->lines[at];
    if (indent_of(line) == 0 || !is_pair(line))
        return false;
    replace(line, 0, indent_of(line), "\t");
    return true;
}

static bool deeper(struct file *file, size_t at)
{
    char *line = file->lines[at];
    if ((!is_pair(line) && line[indent_of(line)] != '-') || !is_later(file, at))
        return false;
    replace(line, 0, 0, " ");
    return true;
}

static bool shallower(struct file *file, size_t at)
{
    char *line = file->lines[at];
    if (indent_of(line) == 0 || !is_pair(line) || !is_later(file, at))
        return false;
    replace(line, 0, 1, "");
    return true;
}

static bool close_no_bracket(struct file *file, size_t at)
{
    char *line = file->lines[at];
    size_t end = strcspn(line, "#");
    while (end > 0 && line[end - 1] == ' ')
        end--;
    if (line[0] == '#' || end == 0 || !strchr("]}", line[end - 1]))
        return false;
    replace(line, end - 1, 1, "");
    return true;
}

static bool close_too_much(struct file *file, size_t at)
{
    char *line = file->lines[at];
    const char *close = strpbrk(line, "]}");
    if (line[0] == '#' || !close)
        return false;
    replace(line, (size_t)(close - line), 0, "]");
    return true;
}

static bool no_comma(struct file *file, size_t at)
{
    char *line = file->lines[at];
    const char *comma = strchr(line, ',');
    if (line[0] == '#' || !comma)
        return false;
    replace(line, (size_t)(comma - line), 1, "");
    return true;
}

static bool no_quote(struct file *file, size_t at)
{
    char *line = file->lines[at];
    const char *quote = strrchr(line, line[strcspn(line, "\"'")]);
    if (line[0] == '#' || !*quote)
        return false;
    replace(line, (size_t)(quote - line), 1, "");
    return true;
}

static bool value(struct file *file, size_t at, const char *by)
{
    char *line = file->lines[at];
    const char *colon = strchr(line, ':');
    if (!is_pair(line) || !strchr("0123456789", colon[2]))
        return false;
    size_t start = (size_t)(colon - line) + 2;
    replace(line, start, strcspn(colon + 2, " "), by);
    return true;
}

static bool wrong_type(struct file *file, size_t at)
{
    return value(file, at, "many");
}

static bool out_of_range(struct file *file, size_t at)
{
    return value(file, at, "-7");
}

static bool unknown_alias(struct file *file, size_t at)
{
    return value(file, at, "*nobody");
}

static bool reserved(struct file *file, size_t at)
{
    return value(file, at, "@3");
}

static bool unknown_key(struct file *file, size_t at)
{
    char *line = file->lines[at];
    const char *key = line + indent_of(line);
    if (!is_pair(line) || strstr(line, "name:") || strstr(line, "family:"))
        return false; /* without them, nobody knows the others */
    replace(line, (size_t)(key - line), 0, "zz");
    return true;
}

/* The second of two is told. */
static bool twice(struct file *file, size_t at)
{
    if (at == 0 || !is_pair(file->lines[at - 1]) || file->count == MOST_LINES)
        return false;
    memmove(file->lines[at], file->lines[at - 1], (++file->count - at) * sizeof *file->lines);
    return true;
}

static const struct {
    const char *name;
    bool (*plant)(struct file *file, size_t at);
    bool only; /* no other mistake follows from it */
} mistakes[] = {
    {"no space behind a colon", no_space, false},
    {"no colon", no_colon, false},
    {"a tab", tab, true},
    {"a space too much", deeper, true},
    {"a space too few", shallower, true},
    {"a bracket is not closed", close_no_bracket, true},
    {"a bracket closes nothing", close_too_much, true},
    {"no comma", no_comma, false},
    {"a quote is not closed", no_quote, true},
    {"a wrong type", wrong_type, false},
    {"out of range", out_of_range, false},
    {"an unknown alias", unknown_alias, false},
    {"a reserved character", reserved, true},
    {"an unknown key", unknown_key, false},
    {"a key twice", twice, true},
};

static void load(const struct file *file, struct diagnostics *found, struct text *yaml)
{
    struct plan_options options = {.home = "."};
    struct error error = {0};
    struct plan plan;

    text_clear(yaml);
    for (size_t i = 0; i < file->count; i++)
        text_append(yaml, "%s\n", file->lines[i]);
    CU_ASSERT_EQUAL(
        plan_load_text(&plan, "x.yaml", yaml->bytes, yaml->length, &options, found, &error),
        STATUS_OK);
    plan_release(&plan);
}

static void print(const struct diagnostics *found, const struct text *yaml)
{
    char line[2048];

    printf("%s", yaml->bytes);
    for (size_t i = 0; i < found->count; i++) {
        error_text(&found->items[i], line, sizeof line);
        printf("%s\n", line);
    }
}

static bool is_told(const struct diagnostics *found, size_t line, bool only)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->items[i].where.line == (int)line)
            return !only || found->count == 1;
    return false;
}

static void test_planted(void)
{
    enum { KINDS = sizeof mistakes / sizeof *mistakes };
    size_t planted[KINDS] = {0};
    struct text yaml = {0};

    for (uint64_t number = 0; number < FILES; number++) {
        struct random_stream stream =
            random_stream((struct random_key){.seed = 13}, RANDOM_SEARCH, number);
        struct diagnostics found = {0};
        struct file file;
        size_t kind = number % KINDS, at = 0;
        draw_file(&stream, &file);
        load(&file, &found, &yaml);
        CU_ASSERT_EQUAL(found.count, 0);
        if (found.count)
            print(&found, &yaml);
        diagnostics_release(&found);
        bool done = false;
        for (int tries = 0; tries < 200 && !done; tries++)
            done = mistakes[kind].plant(&file, at = draw(&stream, file.count));
        if (!done)
            continue;
        planted[kind]++;
        load(&file, &found, &yaml);
        bool told = is_told(&found, at + 1, mistakes[kind].only);
        CU_ASSERT(told);
        if (!told) {
            printf("%s in line %zu:\n", mistakes[kind].name, at + 1);
            print(&found, &yaml);
        }
        diagnostics_release(&found);
    }
    for (size_t k = 0; k < KINDS; k++)
        CU_ASSERT(planted[k] > FILES / KINDS / 4);
    text_release(&yaml);
}

void yaml_lines_suite(void);
void yaml_lines_suite(void)
{
    CU_pSuite suite = CU_add_suite("yaml_lines", NULL, NULL);
    CU_add_test(suite, "families", plans_families);
    CU_add_test(suite, "a mistake is told in its line", test_planted);
}
