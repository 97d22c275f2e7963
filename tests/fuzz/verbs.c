/*
 * The program's verbs, each in a fork of one process: what a test with thousands of calls needs,
 * since a program with sanitizers takes longer to start than a verb takes. With arguments this is
 * the program itself; without, it can write nowhere but in the folder where it starts, and each
 * line of standard input is a call,
 *
 *     FILE <tab> VERB <tab> ARGUMENT …
 *
 * whose output goes to FILE, and each line of standard output is what became of it: exit status,
 * negative for a
 * signal, seconds of processor time, and the most kilobytes of memory that a process had.
 */
#define _GNU_SOURCE /* syscall */

#define main understudy_main
#include "../../framework/cli/main.c"
#undef main

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 16, SECONDS = 10 };

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    _exit(99);
}

static void limit(void)
{
    struct rlimit seconds = {SECONDS, SECONDS + 2};

    require(setrlimit(RLIMIT_CPU, &seconds) == 0, "setrlimit");
}

static void redirect(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    require(file >= 0 && dup2(file, STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0, path);
    require(nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0, "/dev/null");
    close(file);
    close(nothing);
}

static void call(char *line)
{
    char *arguments[MOST_ARGUMENTS + 2] = {NULL};
    int count = 0;

    for (char *part = strtok(line, "\t"); part && count <= MOST_ARGUMENTS;
         part = strtok(NULL, "\t"))
        arguments[count++] = part;
    require(count > 1, "call");
    redirect(arguments[0]);
    limit();
    exit(understudy_main(count, arguments));
}

static double seconds_of(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* In a process of its own, which may die. */
static void answer(char *line)
{
    struct rusage usage;
    int state = 0;
    pid_t child = fork();

    if (child == 0)
        call(line);
    require(child > 0 && wait4(child, &state, 0, &usage) == child, "fork");
    printf("%d %.3f %ld\n", WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state),
           seconds_of(&usage), usage.ru_maxrss);
    fflush(stdout);
}

/* Landlock's rights, to its third version: bit 14 is LANDLOCK_ACCESS_FS_TRUNCATE, which headers of
 * Linux 6.1 do not have. */
#define TO_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | 1ULL << 14)
#define TO_CHANGE                                                                                  \
    (TO_WRITE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                   \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
     LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

static void allow(int rules, const char *path, unsigned long long access)
{
    struct landlock_path_beneath_attr below = {.allowed_access = access};

    below.parent_fd = open(path, O_PATH | O_CLOEXEC);
    require(below.parent_fd >= 0, path);
    require(syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0,
            path);
    close(below.parent_fd);
}

/* In /tmp only files without a name are made, as by tmpfile(); LLVM's OpenMP registers itself in
 * /dev/shm. */
static void confine(void)
{
    struct landlock_ruleset_attr all = {.handled_access_fs = TO_CHANGE};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);

    require(rules >= 0, "Landlock of Linux 6.2");
    allow(rules, ".", TO_CHANGE);
    allow(rules, "/dev/shm", TO_CHANGE);
    allow(rules, "/tmp", TO_WRITE);
    allow(rules, "/dev/null", TO_WRITE);
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "prctl");
    require(syscall(SYS_landlock_restrict_self, rules, 0) == 0, "Landlock");
    close(rules);
}

static int serve(char **argv)
{
    char line[1000];

    require(startup_settle(1, argv, true) == EXIT_DONE, "start");
    confine();
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        answer(line);
    }
    return 0;
}

int main(int argc, char **argv)
{
    return argc > 1 ? understudy_main(argc, argv) : serve(argv);
}
