#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "base/process.h"

#include "base/hash.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* State and start of process `pid` as /proc tells; false where it does not. */
static bool look_up(long pid, char *state, long long *started)
{
    char path[64], line[1024];
    const char *at = NULL;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fgets(line, sizeof line, file))
        at = strrchr(line, ')'); /* the name before may hold anything */
    fclose(file);
    /* proc(5): the state follows the name; 18 numbers later comes the start. */
    return at && sscanf(at + 1,
                        " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                        "%*d %lld",
                        state, started) == 2;
}

static void read_machine(char machine[PROCESS_MACHINE])
{
    char boot[48] = "", space[48] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);

    if (file && (!fgets(boot, sizeof boot, file) || strlen(boot) < 36))
        boot[0] = '\0';
    if (file)
        fclose(file);
    boot[strcspn(boot, "\n")] = '\0';
    machine[0] = '\0';
    if (boot[0] && length > 0)
        snprintf(machine, PROCESS_MACHINE, "%s-%s", boot, space);
    for (char *at = machine; *at; at++)
        if (isspace((unsigned char)*at) || *at == '/')
            *at = '_';
}

static struct process look_at_self(long pid)
{
    struct process self = {.host = "localhost", .pid = pid};
    char state;

    if (gethostname(self.host, sizeof self.host - 1) != 0 || !self.host[0])
        snprintf(self.host, sizeof self.host, "localhost");
    for (char *at = self.host; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            *at = '_';
    read_machine(self.machine);
    if (!look_up(self.pid, &state, &self.started))
        self.machine[0] = '\0';
    return self;
}

/* Asked for with every file that is written: /proc is read once a thread, and again after a fork.
 */
struct process process_self(void)
{
    static _Thread_local struct process self;
    long pid = (long)getpid();

    if (self.pid != pid)
        self = look_at_self(pid);
    return self;
}

bool process_gone(const struct process *process)
{
    struct process self = process_self();
    long long started;
    char state;

    if (!self.machine[0] || strcmp(self.machine, process->machine) != 0)
        return false;
    if (!look_up(process->pid, &state, &started))
        return kill((pid_t)process->pid, 0) != 0 && errno == ESRCH;
    return started != process->started || state == 'Z' || state == 'X';
}

/* FNV-1a: a machine's name is too long for a file's. */
static unsigned long long digest_of(const char *text)
{
    unsigned long long digest = 14695981039346656037ULL;

    for (; *text; text++)
        digest = (digest ^ (unsigned char)*text) * 1099511628211ULL;
    return digest;
}

void process_tag(const struct process *process, char tag[PROCESS_TAG])
{
    snprintf(tag, PROCESS_TAG, "%ld-%lld-%016llx", process->pid, process->started,
             digest_of(process->machine));
}

bool process_tag_gone(const char *tag)
{
    struct process self = process_self(), owner = self;
    unsigned long long machine;
    char again[PROCESS_TAG];

    if (sscanf(tag, "%9ld-%18lld-%16llx", &owner.pid, &owner.started, &machine) != 3 ||
        owner.pid <= 0)
        return false;
    process_tag(&owner, again); /* with this machine's name: another's tag is another */
    return strcmp(tag, again) == 0 && process_gone(&owner);
}

/* What tells this process from all others, on whatever machine. */
static enum status draw_name(long pid, char name[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    struct process self = process_self();
    struct timespec times[2];
    unsigned char noise[16] = {0};
    FILE *file = fopen("/dev/urandom", "re");

    /* Without noise the rest still tells processes apart. */
    if (file) {
        setvbuf(file, NULL, _IONBF, 0);
        if (fread(noise, 1, sizeof noise, file) != sizeof noise)
            memset(noise, 0, sizeof noise);
        fclose(file);
    }
    memset(times, 0, sizeof times);
    clock_gettime(CLOCK_REALTIME, &times[0]);
    clock_gettime(CLOCK_MONOTONIC, &times[1]);
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, self.host, error));
    TRY(hash_text(&hash, self.machine, error));
    TRY(hash_number(&hash, (uint64_t)pid, error));
    TRY(hash_number(&hash, (uint64_t)self.started, error));
    TRY(hash_bytes(&hash, times, sizeof times, error));
    TRY(hash_bytes(&hash, noise, sizeof noise, error));
    TRY(hash_end(&hash, name, error));
out:
    hash_release(&hash);
    return status;
}

/* Drawn once a thread, and again after a fork. */
enum status process_unique(char name[33], struct error *error)
{
    static _Thread_local struct {
        long pid;
        char name[HASH_TEXT];
    } drawn;
    static _Atomic uint64_t calls; /* of all threads */
    enum status status = STATUS_OK;
    struct hash hash = {0};
    char digest[HASH_TEXT];
    long pid = (long)getpid();

    if (drawn.pid != pid) {
        TRY(draw_name(pid, drawn.name, error));
        drawn.pid = pid;
    }
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, drawn.name, error));
    TRY(hash_number(&hash, ++calls, error));
    TRY(hash_end(&hash, digest, error));
    snprintf(name, 33, "%.32s", digest);
out:
    hash_release(&hash);
    return status;
}

enum status process_share(void *pointer_to_pointer, size_t bytes, struct error *error)
{
    void *block =
        mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED) {
        block = NULL;
        memcpy(pointer_to_pointer, &block, sizeof block);
        return error_system(error, "cannot share %zu bytes with other processes", bytes);
    }
    memcpy(pointer_to_pointer, &block, sizeof block);
    return STATUS_OK;
}

void process_unshare(void *block, size_t bytes)
{
    if (block)
        munmap(block, bytes ? bytes : 1);
}

static const struct {
    int number;
    const char *text;
} signals[] = {
    {SIGABRT, "crashed: aborted, for example by a failed assertion"},
    {SIGBUS, "crashed: bus error"},
    {SIGFPE, "crashed: arithmetic fault"},
    {SIGILL, "crashed: illegal instruction"},
    {SIGKILL, "killed"},
    {SIGSEGV, "crashed: segmentation fault"},
    {SIGSYS, "crashed: forbidden system call"},
    {SIGTERM, "terminated"},
    {SIGTRAP, "crashed: trap"},
    {SIGXCPU, "out of processor time"},
    {SIGXFSZ, "a file became too large"},
};

bool process_killed(int state, int *code, char *text, size_t size)
{
    const char *known = "ended";

    *code = WIFEXITED(state) ? WEXITSTATUS(state) : 0;
    if (!WIFSIGNALED(state))
        return false;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signals[i].number == WTERMSIG(state))
            known = signals[i].text;
    snprintf(text, size, "%s (signal %d)", known, WTERMSIG(state));
    return true;
}

bool process_killed_from_outside(int state)
{
    static const int outside[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT};

    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (WIFSIGNALED(state) && WTERMSIG(state) == outside[i])
            return true;
    return false;
}

enum status process_limit_memory(int64_t mebibytes, struct error *error)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, &limit) != 0)
        return error_system(error, "cannot read the memory limit");
    rlim_t wanted = (rlim_t)mebibytes << 20;
    if (limit.rlim_max == RLIM_INFINITY || wanted < limit.rlim_max)
        limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        return error_system(error, "cannot limit memory to %lld MiB", (long long)mebibytes);
    return STATUS_OK;
}
