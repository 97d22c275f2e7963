#include "cli/support/options.h"
#include "cli/support/say.h"

#include "io/files/home.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 24, SHARED_OPTIONS = 5, FIRST_ROW = 1000 };

static const struct {
    unsigned bit; /* 0: every verb has it */
    char letter;
    const char *name, *argument, *help;
} shared[SHARED_OPTIONS] = {
    {OPTION_SET, 's', "set", "PATH=VALUE",
     "set a value of the experiment, such as train.epochs=2.\n"
     "If PATH is an axis of the grid, the axis is replaced, as\n"
     "in network.width=[4,8]; grid.PATH=[...] adds an axis"},
    {OPTION_ENGINE, 'e', "engine", "NAME", "same as --set train.engine=NAME"},
    {OPTION_ENGINE | OPTION_ISA, 'i', "isa", "NAME",
     "use the engine's kernels for avx2 or avx512, to get the same bits\non different processors "
     "(default: the best that this one has)"},
    {OPTION_HOME, 'H', "home", "DIRECTORY",
     "folder with networks/families and experiments/hardware\n"
     "(default: $UNDERSTUDY_HOME, or the checkout that contains\nthis program); your own lie "
     "beside "
     "the experiment file, or\nin folders that $UNDERSTUDY_PATH lists"},
    {0, 'h', "help", NULL, "show this help"},
};

static void print_option(char letter, const char *name, const char *argument, const char *help)
{
    char left[80], dash[8] = "    ";

    if (letter)
        snprintf(dash, sizeof dash, "-%c, ", letter);
    snprintf(left, sizeof left, "%s--%s%s%s", dash, name, argument ? " " : "",
             argument ? argument : "");
    printf("  %-24s ", left);
    for (const char *line = help; *line;) {
        size_t length = strcspn(line, "\n");
        printf("%s%.*s\n",
               line == help ? (strlen(left) > 24 ? "\n                           " : "")
                            : "                           ",
               (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void print_help(const struct verb *verb)
{
    printf("usage: understudy %s\n\n%s\n\n", verb->usage, verb->about);
    for (const struct option_row *row = verb->rows; row && row->name; row++)
        print_option(row->letter, row->name, row->argument, row->help);
    for (int i = 0; i < SHARED_OPTIONS; i++)
        if (!shared[i].bit || (verb->shared & shared[i].bit))
            print_option(shared[i].letter, shared[i].name, shared[i].argument, shared[i].help);
}

/* The table of getopt_long() and its letters. Shared options return their letter, the verb's own
 * FIRST_ROW + index. */
static void make_table(const struct verb *verb, struct option table[MOST_OPTIONS],
                       char letters[2 * MOST_OPTIONS + 2])
{
    size_t count = 0, used = 0;

    letters[used++] = ':';
    for (int i = 0; i < SHARED_OPTIONS; i++) {
        if (shared[i].bit && !(verb->shared & shared[i].bit))
            continue;
        table[count++] =
            (struct option){shared[i].name, shared[i].argument ? 1 : 0, NULL, shared[i].letter};
        letters[used++] = shared[i].letter;
        if (shared[i].argument)
            letters[used++] = ':';
    }
    for (const struct option_row *row = verb->rows; row && row->name && count < MOST_OPTIONS - 1;
         row++) {
        table[count++] = (struct option){row->name, row->argument ? 1 : 0, NULL,
                                         FIRST_ROW + (int)(row - verb->rows)};
        if (!row->letter)
            continue;
        letters[used++] = row->letter;
        if (row->argument)
            letters[used++] = ':';
    }
    table[count] = (struct option){0};
    letters[used] = '\0';
}

static int refuse(const char *name, const char *what, const char *detail)
{
    fprintf(stderr, "understudy %s: %s%s%s%s; see `understudy %s --help`\n", name, what,
            detail ? " '" : "", detail ? detail : "", detail ? "'" : "", name);
    return EXIT_USAGE;
}

/* What getopt_long() did not take: ':' a value is missing, '?' all else. It leaves optopt 0 where a
 * long name is unknown, the option's code where a long one was given a value that it does not take,
 * else the unknown letter, which may stand in the middle of an argument. */
static int refuse_option(const char *name, int code, const char *letters,
                         const struct option *table, char **argv)
{
    const char *given = argv[optind - 1], *nearest = NULL;
    char letter[] = {'-', (char)optopt, '\0'}, wrong[64];

    if (code == ':')
        return refuse(name, "missing value for option", given);
    if (optopt >= FIRST_ROW || (optopt && strchr(letters, optopt)))
        return refuse(name, "unexpected value for option", given);
    if (optopt)
        return refuse(name, "unknown option", letter);
    snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(given + 2, "="), given + 2);
    for (; table->name; table++)
        text_nearest(wrong, table->name, &nearest);
    if (!nearest)
        return refuse(name, "unknown option", given);
    fprintf(stderr, "understudy %s: unknown option '--%s'; did you mean '--%s'?\n", name, wrong,
            nearest);
    return EXIT_USAGE;
}

static int add_override(struct options *options, const char *text)
{
    struct error error;
    if (memory_grow(&options->overrides, options->override_count, options->override_count + 1,
                    sizeof *options->overrides, &error) != STATUS_OK)
        return options_fail(&error);
    options->overrides[options->override_count++] = text;
    return EXIT_DONE;
}

static const struct option_row *find_row(const struct verb *verb, int code)
{
    if (code >= FIRST_ROW)
        return &verb->rows[code - FIRST_ROW];
    for (const struct option_row *row = verb->rows; row && row->name; row++)
        if (row->letter == code)
            return row;
    return NULL;
}

/* Take one option of the table. Returns -1 to continue, else the exit status. */
static int take(struct options *options, const struct verb *verb, int code)
{
    const struct option_row *row = find_row(verb, code);

    if (row && row->argument) {
        *row->value = optarg;
    } else if (row) {
        *row->flag = true;
    } else if (code == 's') {
        int status = add_override(options, optarg);
        return status == EXIT_DONE ? -1 : status;
    } else if (code == 'e') {
        options->engine = optarg;
    } else if (code == 'i') {
        options->isa = optarg; /* startup_settle() has seen to it, before main() came here */
    } else if (code == 'H') {
        options->home = optarg;
    } else {
        print_help(verb);
        return EXIT_DONE;
    }
    return -1;
}

/* --home, else $UNDERSTUDY_HOME, else the program's checkout. Returns -1 to continue, else the
 * exit status. */
static int find_home(struct options *options)
{
    const char *said_by = "--home";
    struct error error = {0};
    enum status status;

    if (!options->home) {
        options->home = getenv("UNDERSTUDY_HOME");
        said_by = "UNDERSTUDY_HOME";
    }
    if (options->home && options->home[0]) {
        status = home_check(said_by, options->home, &error);
    } else {
        status = home_of_this(&options->found_home, &error);
        options->home = options->found_home.bytes;
    }
    return status == STATUS_OK ? -1 : options_fail(&error);
}

bool options_read(struct options *options, const struct verb *verb, int argc, char **argv,
                  int *exit_status)
{
    struct option table[MOST_OPTIONS];
    char letters[2 * MOST_OPTIONS + 2];
    int code, leave = -1;

    memset(options, 0, sizeof *options);
    make_table(verb, table, letters);
    optind = 1;
    opterr = 0;
    while (leave < 0 && (code = getopt_long(argc, argv, letters, table, NULL)) != -1)
        leave = code == ':' || code == '?' ? refuse_option(argv[0], code, letters, table, argv)
                                           : take(options, verb, code);
    options->operands = argv + optind;
    options->operand_count = argc - optind;
    if (leave < 0 && options->operand_count < verb->least)
        leave = refuse(argv[0], "too few operands", NULL);
    if (leave < 0 && verb->most >= 0 && options->operand_count > verb->most)
        leave = refuse(argv[0], "unexpected operand", options->operands[verb->most]);
    if (leave < 0 && (verb->shared & OPTION_HOME))
        leave = find_home(options);
    if (leave < 0)
        return true;
    options_release(options);
    *exit_status = leave;
    return false;
}

void options_release(struct options *options)
{
    memory_free(options->overrides);
    text_release(&options->found_home);
    memset(options, 0, sizeof *options);
}

void options_print_mistakes(struct diagnostics *found)
{
    char line[2048];

    diagnostics_sort(found);
    for (size_t i = 0; i < found->count; i++) {
        error_text(&found->items[i], line, sizeof line);
        say_line(stderr, "%s", line);
    }
    if (found->count)
        fprintf(stderr, "%zu mistake%s\n", found->count, found->count == 1 ? "" : "s");
}

int options_fail(const struct error *error)
{
    char line[2048];

    error_text(error, line, sizeof line);
    say_line(stderr, "understudy: %s", line);
    if (error->code == STATUS_INTERRUPTED)
        return EXIT_INTERRUPTED;
    return error->code == STATUS_CONFIG ? EXIT_USAGE : EXIT_FAILED;
}

enum status options_folders(const struct options *options, enum search_kind kind, const char *file,
                            struct arena *arena, struct text_list *folders, struct error *error)
{
    enum status status = STATUS_OK;
    struct text beside = {0};

    TRY(folder_of(file, &beside, error));
    TRY(search_folders(kind, beside.bytes, options->home, arena, folders, error));
out:
    text_release(&beside);
    return status;
}

int options_families(const struct options *options, const char *file)
{
    struct arena arena = {0};
    struct text_list folders;
    struct diagnostics found = {0};
    struct error error = {0};
    enum status status = STATUS_OK;
    int result = EXIT_DONE;

    TRY(options_folders(options, SEARCH_FAMILIES, file, &arena, &folders, &error));
    TRY(families_load(&folders, &found, &error));
    options_print_mistakes(&found);
    if (found.count)
        result = EXIT_USAGE;
out:
    if (status != STATUS_OK)
        result = options_fail(&error);
    diagnostics_release(&found);
    arena_release(&arena);
    return result;
}

int options_plan(const struct options *options, const char *file, struct plan *plan)
{
    struct plan_options wanted = {.overrides = options->overrides,
                                  .override_count = options->override_count,
                                  .engine = options->engine,
                                  .home = options->home};
    struct diagnostics found = {0};
    struct error error = {0};
    int result = families_registry()->count ? EXIT_DONE : options_families(options, file);

    if (result != EXIT_DONE)
        return result;
    if (plan_load(plan, file, &wanted, &found, &error) != STATUS_OK)
        result = options_fail(&error);
    options_print_mistakes(&found);
    if (found.count) {
        plan_release(plan);
        result = EXIT_USAGE;
    }
    diagnostics_release(&found);
    return result;
}

const char *options_data(const struct options *options, const char *given, struct text *place)
{
    if (!given)
        given = getenv("UNDERSTUDY_DATA");
    if (given)
        return given;
    text_append(place, "%s/data/raw", options->home);
    return place->bytes;
}

int options_write(struct text *text)
{
    struct error error = {0};
    int result = EXIT_DONE;

    if (text_status(text, &error) == STATUS_OK)
        say_data(text->bytes ? text->bytes : "", text->length);
    else
        result = options_fail(&error);
    if (result == EXIT_DONE && (ferror(stdout) || fflush(stdout) != 0)) {
        fprintf(stderr, "understudy: cannot write: %s\n", strerror(errno));
        result = EXIT_FAILED;
    }
    text_release(text);
    return result;
}

bool options_whole(const char *verb, const char *option, const char *text, long long least,
                   long long most, long long *value)
{
    char *end;

    if (!text)
        return true;
    long long number = strtoll(text, &end, 10);
    if (*end || end == text || number < least || number > most) {
        fprintf(stderr, "understudy %s: --%s: '%s'; expected a whole number, %lld to %lld\n", verb,
                option, text, least, most);
        return false;
    }
    *value = number;
    return true;
}
