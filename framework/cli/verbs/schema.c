/* `understudy schema`: JSON Schema of the files that users write, for editors. */
#include "cli/support/options.h"
#include "launch/launch.h"

#include <string.h>

static const struct verb verb = {
    .usage = "schema [OPTION …] [experiment|launcher]",
    .about =
        "Print the JSON Schema (draft 2020-12) of experiment files, or of the launchers in\n"
        "experiments/launchers. With it, an editor completes keys, shows help and marks mistakes.",
    .shared = OPTION_HOME,
    .most = 1,
};

static const struct schema_kind {
    const char *name;
    const struct field *fields;
    bool references;     /* ${network.width} */
    const char *include; /* the key that names included files */
} kinds[] = {{"experiment", experiment_fields, true, "include"},
             {"launcher", launch_fields, false, NULL}};

static int print_schema(const struct schema_kind *kind)
{
    struct text text = {0};

    text_append(&text,
                "{\n"
                "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                "  \"title\": \"Understudy %s\",\n"
                "  \"allOf\": [\n    ",
                kind->name);
    schema_json(kind->fields, kind->references, kind->include, 4, &text);
    text_append(&text, "\n  ]\n}\n");
    return options_write(&text);
}

int verb_schema(int argc, char **argv)
{
    struct options options;
    const struct schema_kind *kind = &kinds[0];
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    if (options.operand_count)
        kind = strcmp(options.operands[0], kinds[1].name) == 0 ? &kinds[1] : NULL;
    if (options.operand_count && strcmp(options.operands[0], kinds[0].name) == 0)
        kind = &kinds[0];
    result = options_families(&options, "");
    if (result == EXIT_DONE && !kind) {
        fprintf(stderr,
                "understudy schema: unknown kind of file '%s'; expected experiment or "
                "launcher\n",
                options.operands[0]);
        result = EXIT_USAGE;
    }
    if (result == EXIT_DONE)
        result = print_schema(kind);
    families_release();
    options_release(&options);
    return result;
}
