/* `understudy schema`: JSON Schema of the experiment file, for editors. */
#include "cli/options.h"

static const struct verb verb = {
    .usage = "schema [OPTION …]",
    .about = "Print the JSON Schema (draft 2020-12) of experiment files. An editor that knows it\n"
             "completes keys, shows help and marks mistakes while one types.",
    .shared = OPTION_HOME,
};

int verb_schema(int argc, char **argv)
{
    struct options options;
    struct text text = {0};
    int result;

    if (!options_read(&options, &verb, argc, argv, &result))
        return result;
    result = options_families(&options);
    if (result == EXIT_DONE) {
        text_append(&text, "{\n"
                           "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                           "  \"title\": \"Understudy experiment\",\n"
                           "  \"allOf\": [\n    ");
        schema_json(experiment_fields, 4, &text);
        text_append(&text, "\n  ]\n}\n");
        result = options_write(&text);
    }
    text_release(&text);
    families_release();
    options_release(&options);
    return result;
}
