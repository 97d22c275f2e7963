/* io/durable: unfinished files of processes that have ended are removed, those of others are not.
 */
#include "io/files/atomic_file.h"

#include "base/folder.h"
#include "base/process.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void atomic_file_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_FATAL(file != NULL && fclose(file) == 0);
}

/* Leave an unfinished file behind, as a process that is killed does. */
static void die_over(const char *path, char left[2 * SCRATCH_PATH])
{
    int ends[2];

    CU_ASSERT_FATAL(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct text part = {0};
        if (atomic_file_part(path, &part, &error) != STATUS_OK)
            _exit(1);
        touch(part.bytes);
        if (write(ends[1], part.bytes, part.length + 1) < 0)
            _exit(1);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    CU_ASSERT_FATAL(read(ends[0], left, 2 * SCRATCH_PATH - 1) > 0);
    close(ends[0]);
    close(ends[1]);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void test_sweep(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 16], other[SCRATCH_PATH + 64];
    char dead[2 * SCRATCH_PATH] = "", another[2 * SCRATCH_PATH] = "";
    struct text mine = {0};

    scratch_path(folder, "sweep");
    OK(folder_make(folder, &error));
    snprintf(path, sizeof path, "%s/source.yaml", folder);
    touch(path);
    OK(atomic_file_part(path, &mine, &error));
    touch(mine.bytes);
    die_over(path, dead);
    atomic_file_sweep_path(path);
    CU_ASSERT(!is_there(dead) && is_there(mine.bytes) && is_there(path));
    die_over(path, dead);
    snprintf(other, sizeof other, "%s/other", folder);
    die_over(other, another);
    /* Of another machine, or of an older version: nobody knows. */
    snprintf(other, sizeof other, "%s/source.yaml.0123.1-1-0123456789abcdef.part", folder);
    touch(other);
    CU_ASSERT(is_there(dead) && is_there(another));
    atomic_file_sweep(folder, "source.yaml");
    CU_ASSERT(!is_there(dead));
    CU_ASSERT(is_there(another) && is_there(mine.bytes) && is_there(other) && is_there(path));
    atomic_file_sweep(folder, "");
    CU_ASSERT(!is_there(another));
    CU_ASSERT(is_there(mine.bytes) && is_there(other) && is_there(path));
    unlink(mine.bytes);
    text_release(&mine);
}

/* What is no tag says nothing; what is cut or altered is none. */
static void test_tags(void)
{
    static const char *const bad[] = {"",
                                      "0123456789abcdef0123456789abcdef",
                                      "1",
                                      "1-2",
                                      "1-2-",
                                      "-1-2-3",
                                      "1-2-3",
                                      "x-y-z",
                                      "99999999999-1-1"};
    struct process self = process_self();
    char tag[PROCESS_TAG];
    bool gone;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT(!process_tag_gone(bad[i]));
    process_tag(&self, tag);
    CU_ASSERT(!process_tag_gone(tag));
    if (self.machine[0]) {
        self.started++; /* another process that had this number */
        process_tag(&self, tag);
        CU_ASSERT(process_tag_gone(tag));
        tag[strlen(tag) - 1] ^= 1;
        CU_ASSERT(!process_tag_gone(tag));
    }
    CU_ASSERT(!atomic_file_is_part("x.yaml", &gone) && !gone);
    CU_ASSERT(atomic_file_is_part("x.yaml.part", &gone) && !gone);
    CU_ASSERT(atomic_file_is_part(".part", &gone) && !gone);
    CU_ASSERT(!atomic_file_is_part("part", &gone));
}

void atomic_file_suite(void)
{
    CU_pSuite suite = CU_add_suite("atomic_file", NULL, NULL);

    CU_add_test(suite, "what the dead left is removed", test_sweep);
    CU_add_test(suite, "tags", test_tags);
}
