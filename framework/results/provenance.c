#include "results/provenance.h"

#include "base/parallel.h"
#include "base/text.h"

#include <provenance.h> /* of the build folder, made by tools/provenance */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static const char *known(const char *text)
{
    return text && text[0] ? text : "unknown";
}

const char *provenance_version(void)
{
    return PROVENANCE_VERSION " (" PROVENANCE_COMPILER ")";
}

bool provenance_has_commit(void)
{
    return PROVENANCE_HAS_COMMIT;
}

enum status provenance_write(struct hdf5 *file, const struct engine *engine,
                             enum precision precision, const char *datasets, struct error *error)
{
    const char *const texts[][2] = {
        {"git_commit", PROVENANCE_COMMIT},
        {"sources_sha256", PROVENANCE_SOURCES},
        {"compiler", PROVENANCE_COMPILER},
        {"flags", PROVENANCE_FLAGS},
        {"libraries", PROVENANCE_LIBRARIES},
        {"engine", engine->descriptor.name},
        {"engine_version", known(engine->version())},
        {"instruction_set", known(engine->isa(precision))},
        {"datasets", datasets},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        PASS(hdf5_attribute_text(file, "/", texts[i][0], texts[i][1], error));
    if (PROVENANCE_HAS_COMMIT)
        PASS(hdf5_attribute_integer(file, "/", "git_dirty", PROVENANCE_DIRTY, error));
    if (provenance_diff[0])
        PASS(hdf5_write_text(file, "/provenance/diff", (const char *)provenance_diff, error));
    return STATUS_OK;
}

/* The processor's name as Linux tells it; "unknown" elsewhere. */
static void processor_name(char *name, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");

    snprintf(name, size, "unknown");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", strlen("model name")) == 0) {
            snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    fclose(file);
}

enum status environment_write(struct hdf5 *file, struct error *error)
{
    enum status status = STATUS_OK;
    struct utsname system = {.nodename = ""};
    struct tm utc = {.tm_sec = 0};
    time_t now = time(NULL);
    char cpu[256], clock_text[64] = "unknown";
    int64_t processors = parallel_processors();
    struct hdf5_array count = {.type = HDF5_INT64, .values = &processors};
    struct text system_text = {0};

    uname(&system);
    processor_name(cpu, sizeof cpu);
    if (gmtime_r(&now, &utc))
        strftime(clock_text, sizeof clock_text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    TRY(text_print(&system_text, error, "%s %s %s", system.sysname, system.release,
                   system.machine));
    TRY(hdf5_write_text(file, "/environment/host", known(system.nodename), error));
    TRY(hdf5_write_text(file, "/environment/system", system_text.bytes, error));
    TRY(hdf5_write_text(file, "/environment/cpu", cpu, error));
    TRY(hdf5_write_text(file, "/environment/clock", clock_text, error));
    TRY(hdf5_write(file, "/environment/processors", &count, error));
out:
    text_release(&system_text);
    return status;
}
