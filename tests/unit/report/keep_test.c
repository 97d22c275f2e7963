/* run/keep: results that are replaced are kept, whatever they are and wherever it is stopped. */
#include "results/results_keep.h"

#include "base/folder.h"
#include "io/hdf5/hdf5.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void keep_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void write_results(const char *path, const char *resolved, const char *digest, bool complete)
{
    struct hdf5 file = {0};

    unlink(path); /* it may be one file with what was kept */
    OK(hdf5_create(&file, path, &error));
    OK(hdf5_attribute_integer(&file, "/", "format_version", 1, &error));
    OK(hdf5_write_text(&file, "/plan/resolved", resolved, &error));
    OK(hdf5_attribute_text(&file, "/", "content_sha256", digest, &error));
    if (complete)
        OK(hdf5_attribute_text(&file, "/", "trials_sha256", "x", &error));
    OK(hdf5_close(&file, &error));
}

/* Does FOLDER/name hold these results? */
static bool holds(const char *folder, const char *name, const char *digest)
{
    char path[2 * SCRATCH_PATH];
    struct hdf5 file = {0};
    struct arena arena = {0};
    const char *found = "";

    snprintf(path, sizeof path, "%s/%s", folder, name);
    bool same = hdf5_open(&file, path, false, &error) == STATUS_OK &&
                hdf5_read_attribute_text(&file, "/", "content_sha256", &arena, &found, &error) ==
                    STATUS_OK &&
                strcmp(found, digest) == 0;
    hdf5_abandon(&file);
    arena_release(&arena);
    return same;
}

static bool is_there(const char *folder, const char *name)
{
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* A folder with results x.h5, and figures below plots/x. */
struct fixture {
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 8], plots[SCRATCH_PATH + 8];
};

static struct fixture make(const char *name, const char *resolved, const char *digest)
{
    struct fixture fixture;
    char figures[SCRATCH_PATH + 16];

    scratch_path(fixture.folder, name);
    snprintf(fixture.path, sizeof fixture.path, "%s/x.h5", fixture.folder);
    snprintf(fixture.plots, sizeof fixture.plots, "%s/plots", fixture.folder);
    snprintf(figures, sizeof figures, "%s/x", fixture.plots);
    OK(folder_make(figures, &error));
    write_results(fixture.path, resolved, digest, true);
    return fixture;
}

/* What is said of the old results when these come; "" where nothing is kept. */
static const char *come(const struct fixture *fixture, const char *resolved, const char *digest)
{
    static char said[4096];
    struct keep_new fresh = {fixture->path, resolved, digest, fixture->plots, true};
    struct text told = {0};

    OK(keep_old(&fresh, &told, &error));
    snprintf(said, sizeof said, "%s", told.bytes ? told.bytes : "");
    text_release(&told);
    return said;
}

static void test_what(void)
{
    struct fixture fixture = make("what", "a", "1");

    CU_ASSERT_STRING_EQUAL(come(&fixture, "a", "1"), "");
    CU_ASSERT(strstr(come(&fixture, "a", "2"), "has other results of this plan") != NULL);
    CU_ASSERT(holds(fixture.folder, "x~1.h5", "1"));
    write_results(fixture.path, "a", "3", false); /* a trial had failed: the plan goes on */
    CU_ASSERT_STRING_EQUAL(come(&fixture, "a", "2"), "");
    CU_ASSERT(strstr(come(&fixture, "b", "2"), "has the results of another plan") != NULL);
    CU_ASSERT(holds(fixture.folder, "x~2.h5", "3"));
    unlink(fixture.path);
    CU_ASSERT_STRING_EQUAL(come(&fixture, "b", "2"), "");
}

/* Files of other names, and numbers that are none. */
static void test_names(void)
{
    struct fixture fixture = make("names", "a", "1");
    static const char *const others[] = {"x~.h5",   "x~0.h5",  "x~01.h5", "x~7.h5.part",
                                         "xx~9.h5", "x~8x.h5", "x~-3.h5", "x~99999999999999999.h5"};
    char path[SCRATCH_PATH + 64];

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture.folder, others[i]);
        write_results(path, "z", "z", true);
    }
    (void)come(&fixture, "b", "2");
    CU_ASSERT(holds(fixture.folder, "x~1.h5", "1"));
    CU_ASSERT_EQUAL(keep_number("a~3/x~12.h5", "x"), 12);
    CU_ASSERT_EQUAL(keep_number("x~12.h5", "y"), 0);
    CU_ASSERT_EQUAL(keep_number("x~2/x.h5", "x"), 0);
}

/* Stopped before the new file is in place, by whatever: the same command finds what it kept. */
static void test_stopped(void)
{
    struct fixture fixture = make("stopped", "a", "1");
    char figures[SCRATCH_PATH + 16];

    CU_ASSERT(strstr(come(&fixture, "b", "2"), "x~1.h5, its figures as ") != NULL);
    CU_ASSERT(holds(fixture.folder, "x.h5", "1") && holds(fixture.folder, "x~1.h5", "1"));
    CU_ASSERT(is_there(fixture.plots, "x~1") && !is_there(fixture.plots, "x"));
    CU_ASSERT(strstr(come(&fixture, "b", "2"), "already kept as") != NULL);
    CU_ASSERT(!is_there(fixture.folder, "x~2.h5"));

    /* Between the two renames. */
    snprintf(figures, sizeof figures, "%s/x", fixture.plots);
    OK(folder_make(figures, &error));
    rmdir(strcat(figures, "~1"));
    CU_ASSERT(strstr(come(&fixture, "b", "2"), "plots/x~1") != NULL);
    CU_ASSERT(is_there(fixture.plots, "x~1") && !is_there(fixture.folder, "x~2.h5"));

    /* Those come back, and go again: with them a file of their own would only be the same. */
    write_results(fixture.path, "b", "2", true);
    (void)come(&fixture, "a", "1");
    CU_ASSERT(holds(fixture.folder, "x~2.h5", "2"));
    unlink(fixture.path);
    write_results(fixture.path, "a", "1", true);
    (void)come(&fixture, "b", "2");
    CU_ASSERT(!is_there(fixture.folder, "x~3.h5"));
}

/* Another process waits for the lock as long as it is held, and no longer: also after a kill. */
static void test_lock(void)
{
    struct fixture fixture = make("lock", "a", "1");
    int lock, ready[2], state;
    char byte;

    CU_ASSERT_FATAL(pipe(ready) == 0);
    pid_t other = fork();
    if (other == 0) {
        if (keep_lock(fixture.path, &lock, &error) == STATUS_OK && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    CU_ASSERT_FATAL(read(ready[0], &byte, 1) == 1);
    pid_t waits = fork();
    if (waits == 0) {
        alarm(60);
        _exit(keep_lock(fixture.path, &lock, &error) == STATUS_OK ? 0 : 1);
    }
    CU_ASSERT_EQUAL(waitpid(waits, &state, WNOHANG), 0);
    kill(other, SIGKILL);
    waitpid(other, &state, 0);
    waitpid(waits, &state, 0);
    CU_ASSERT(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    close(ready[0]);
    close(ready[1]);
    OK(keep_lock(fixture.path, &lock, &error));
    keep_unlock(lock);
}

void keep_suite(void)
{
    CU_pSuite suite = CU_add_suite("keep", NULL, NULL);

    CU_add_test(suite, "what is kept", test_what);
    CU_add_test(suite, "names", test_names);
    CU_add_test(suite, "stopped on the way", test_stopped);
    CU_add_test(suite, "lock", test_lock);
}
