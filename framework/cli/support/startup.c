#include "cli/support/startup.h"

#include "cli/support/options.h"
#include "interfaces/engine.h"
#include "networks/engines/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last --isa on the command line, or NULL. */
static const char *asked_for(int argc, char **argv)
{
    const char *isa = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--isa=", 6) == 0)
            isa = argv[i] + 6;
        else if ((strcmp(argv[i], "--isa") == 0 || strcmp(argv[i], "-i") == 0) && i + 1 < argc)
            isa = argv[i + 1];
        else if (strncmp(argv[i], "-i", 2) == 0)
            isa = argv[i] + 2;
    }
    return isa;
}

/* Put lines "NAME=VALUE" into the environment; true when that changed it. */
static bool put(const char *settings)
{
    bool changed = false;

    while (*settings) {
        size_t length = strcspn(settings, "\n"), name_length = strcspn(settings, "=");
        char name[64], value[64];
        snprintf(name, sizeof name, "%.*s", (int)name_length, settings);
        snprintf(value, sizeof value, "%.*s", (int)(length - name_length - 1),
                 settings + name_length + 1);
        const char *old = getenv(name);
        if (!old || strcmp(old, value) != 0)
            changed = setenv(name, value, 1) == 0 || changed;
        settings += length + (settings[length] == '\n');
    }
    return changed;
}

int startup_settle(int argc, char **argv, bool engines_run)
{
    const struct registry *engines = registry_engines();
    const char *isa = asked_for(argc, argv);
    bool changed = !getenv("OMP_WAIT_POLICY") && engines_run && put("OMP_WAIT_POLICY=passive");

    for (size_t i = 0; i < engines->count; i++) {
        const struct engine *engine = engine_of(engines->rows[i]);
        struct error error = {0};
        const char *setting = NULL;
        if (engine->environment && engine->environment(isa, &setting, &error) != STATUS_OK) {
            (void)options_fail(&error);
            return EXIT_USAGE;
        }
        if (setting && engines_run)
            changed = put(setting) || changed;
    }
    if (!changed)
        return EXIT_DONE;
    execv("/proc/self/exe", argv);
    fputs("understudy: cannot restart the program with the engine's settings; set them in "
          "the environment\n",
          stderr);
    return EXIT_FAILED;
}
