/*
 * Claims: one owner at a time, by many processes that race, die, and take over; none that lives is
 * robbed; one that slept does no harm.
 */
#include "run/claim.h"

#include "base/clock.h"
#include "base/folder.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void claim_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

enum { RACERS = 16 };

static struct error error;

static void sleep_for(double seconds)
{
    struct timespec time = {0, (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

static struct claims *open_claims(const char *folder, double beat, double stale)
{
    struct claims_options options = {.folder = folder, .beat = beat, .stale = stale};
    struct claims *claims = NULL;

    CU_ASSERT_EQUAL_FATAL(claims_open(&claims, &options, &error), STATUS_OK);
    return claims;
}

static bool take(struct claims *claims, const char *key)
{
    bool mine = false;
    CU_ASSERT_EQUAL(claim_take(claims, key, &mine, &error), STATUS_OK);
    return mine;
}

/* Links in the folder. */
static int links(const char *folder)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    int count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    while ((entry = readdir(directory)))
        count += entry->d_name[0] != '.' && strcmp(entry->d_name, "beats") != 0;
    closedir(directory);
    return count;
}

static void test_one_owner(void)
{
    char folder[SCRATCH_PATH];
    struct process owner;

    scratch_path(folder, "one");
    struct claims *a = open_claims(folder, 5, 30), *b = open_claims(folder, 5, 30);
    CU_ASSERT_FALSE(claim_owner(folder, "k", &owner));
    CU_ASSERT_TRUE(take(a, "k"));
    CU_ASSERT_TRUE(take(a, "k"));
    CU_ASSERT_FALSE(take(b, "k"));
    CU_ASSERT_TRUE(take(b, "other"));
    CU_ASSERT_TRUE(claim_owner(folder, "k", &owner));
    CU_ASSERT_EQUAL(owner.pid, (long)getpid());
    claim_release(b, "k"); /* is not b's */
    CU_ASSERT_FALSE(take(b, "k"));
    claim_release(a, "k");
    CU_ASSERT_TRUE(take(b, "k"));
    claims_close(a);
    CU_ASSERT_EQUAL(links(folder), 2);
    claims_close(b);
    CU_ASSERT_EQUAL(links(folder), 0);
    claims_close(NULL);
}

/* Whoever gives no sign for long enough is dead; that its process lives does not matter. */
static void test_silence(void)
{
    char folder[SCRATCH_PATH];

    scratch_path(folder, "silence");
    struct claims *dumb = open_claims(folder, 0, 30), *loud = open_claims(folder, 0.05, 30);
    struct claims *heir = open_claims(folder, 5, 0.4), *late = open_claims(folder, 5, 0.4);
    CU_ASSERT_TRUE(take(dumb, "dumb") && take(loud, "loud"));
    CU_ASSERT_FALSE(take(heir, "dumb") || take(heir, "loud"));
    double begin = clock_seconds();
    bool early = take(heir, "dumb");
    CU_ASSERT_TRUE(!early || clock_seconds() - begin > 0.3);
    for (int i = 0; i < 12; i++) {
        sleep_for(0.05);
        CU_ASSERT_FALSE(take(heir, "loud"));
    }
    CU_ASSERT_TRUE(take(heir, "dumb"));
    CU_ASSERT_FALSE(take(late, "dumb")); /* has not watched it for long enough */
    /* The one that slept wakes up, and does not disturb its heir. */
    claim_release(dumb, "dumb");
    CU_ASSERT_FALSE(take(dumb, "dumb"));
    CU_ASSERT_FALSE(take(late, "dumb"));
    claim_release(heir, "dumb");
    CU_ASSERT_TRUE(take(late, "dumb"));
    claims_close(dumb);
    claims_close(loud);
    claims_close(heir);
    claims_close(late);
    CU_ASSERT_EQUAL(links(folder), 0);
}

/* An owner of which nothing is known but its link, on a machine that is not this one. */
static void make_foreign(const char *folder, const char *key, const char *token)
{
    char path[SCRATCH_PATH + 80], text[256];

    snprintf(path, sizeof path, "%s/beats", folder);
    OK(folder_make(path, &error));
    snprintf(path, sizeof path, "%s/%s", folder, key);
    snprintf(text, sizeof text, "%s.1 elsewhere 1 1 other-boot", token);
    CU_ASSERT_EQUAL_FATAL(symlink(text, path), 0);
}

static void foreign_beat(const char *folder, const char *token, int count)
{
    char path[SCRATCH_PATH + 80];

    snprintf(path, sizeof path, "%s/beats/%s", folder, token);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%010d elsewhere 1 1 other-boot\n", count);
    fclose(file);
}

static void test_other_machine(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 80];

    make_foreign(scratch_path(folder, "foreign"), "k", "0123");
    struct claims *claims = open_claims(folder, 5, 0.3);
    for (int i = 0; i < 8; i++) { /* as long as it counts up it is alive */
        foreign_beat(folder, "0123", i);
        CU_ASSERT_FALSE(take(claims, "k"));
        sleep_for(0.1);
    }
    claims_sweep(claims); /* who knows whether it is dead, there */
    sleep_for(0.3);
    CU_ASSERT_TRUE(take(claims, "k"));
    claims_close(claims);
    CU_ASSERT_EQUAL(links(folder), 0);
    snprintf(path, sizeof path, "%s/beats/0123", folder);
    CU_ASSERT_EQUAL(access(path, F_OK), 0);
}

static void test_not_a_claim(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 8];
    bool mine;

    struct claims *claims = open_claims(scratch_path(folder, "strange"), 0, 30);
    snprintf(path, sizeof path, "%s/k", folder);
    CU_ASSERT_EQUAL_FATAL(symlink("somewhere", path), 0);
    CU_ASSERT_EQUAL(claim_take(claims, "k", &mine, &error), STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/k is not a claim; remove it"));
    claims_close(claims);
    scratch_path(folder, "file");
    fclose(fopen(folder, "w"));
    struct claims_options options = claims_options(folder);
    CU_ASSERT_EQUAL(claims_open(&claims, &options, &error), STATUS_IO);
    CU_ASSERT_PTR_NULL(claims);
}

static void leave_dead(const char *folder, int generations);

static void test_sweep(void)
{
    char folder[SCRATCH_PATH];

    struct claims *claims = open_claims(scratch_path(folder, "sweep"), 5, 30);
    leave_dead(folder, 3);
    CU_ASSERT_EQUAL(links(folder), 3);
    CU_ASSERT_TRUE(take(claims, "mine"));
    make_foreign(folder, "theirs", "0123");
    claims_sweep(claims);
    CU_ASSERT_EQUAL(links(folder), 2);
    claims_close(claims);
    CU_ASSERT_EQUAL(links(folder), 1);
}

/* ---- many processes */

struct race {
    atomic_int ready, go, winners, inside, together, deaths, turns;
};

static struct race *race_new(void)
{
    struct race *race;
    OK(process_share(&race, sizeof *race, &error));
    return race;
}

static void run_racers(struct race *race, const char *folder,
                       void (*body)(struct race *, struct claims *, int))
{
    for (int i = 0; i < RACERS; i++) {
        pid_t pid = fork();
        CU_ASSERT_FATAL(pid >= 0);
        if (pid)
            continue;
        struct claims_options options = {.folder = folder, .beat = 0, .stale = 60};
        struct claims *claims;
        if (claims_open(&claims, &options, &error) != STATUS_OK)
            _exit(9);
        atomic_fetch_add(&race->ready, 1);
        while (!atomic_load(&race->go))
            sleep_for(0.0002);
        body(race, claims, i);
        claims_close(claims);
        _exit(0);
    }
    while (atomic_load(&race->ready) < RACERS)
        sleep_for(0.0005);
    atomic_store(&race->go, 1);
    for (int i = 0, state; i < RACERS; i++) {
        CU_ASSERT_FATAL(wait(&state) > 0);
        CU_ASSERT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) != 9);
    }
}

/* Take it once; whoever has it keeps it until all have tried. */
static void try_once(struct race *race, struct claims *claims, int number)
{
    bool mine = false;

    (void)number;
    if (claim_take(claims, "k", &mine, NULL) != STATUS_OK)
        _exit(9);
    atomic_fetch_add(&race->winners, mine);
    atomic_fetch_add(&race->turns, 1);
    while (atomic_load(&race->turns) < RACERS)
        sleep_for(0.0005);
}

/* An owner that dies with its claim. */
static void leave_dead(const char *folder, int generations)
{
    for (int i = 0; i < generations; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct claims *claims = NULL;
            struct claims_options options = {.folder = folder, .stale = 60};
            bool mine = false;
            bool fine = claims_open(&claims, &options, NULL) == STATUS_OK &&
                        claim_take(claims, "k", &mine, NULL) == STATUS_OK && mine;
            _exit(fine ? 0 : 9);
        }
        int state;
        CU_ASSERT_EQUAL(waitpid(pid, &state, 0), pid);
        CU_ASSERT_EQUAL(state, 0);
    }
}

static void test_race(void)
{
    char folder[SCRATCH_PATH];

    scratch_path(folder, "race");
    for (int round = 0; round < 20; round++) { /* no owner; a dead one; an heir who died, too … */
        struct race *race = race_new();
        leave_dead(folder, round % 4);
        run_racers(race, folder, try_once);
        CU_ASSERT_EQUAL(atomic_load(&race->winners), 1);
        CU_ASSERT_EQUAL(links(folder), 0);
        process_unshare(race, sizeof *race);
    }
}

/* Come and go as often as possible; now and then, die with the claim: at most one is inside. */
static void come_and_go(struct race *race, struct claims *claims, int number)
{
    unsigned draw = (unsigned)number * 2654435761u;
    bool mine;

    for (int turn = 0; turn < 60; turn++) {
        if (claim_take(claims, "k", &mine, NULL) != STATUS_OK)
            _exit(9);
        if (!mine) {
            sleep_for(0.0001);
            continue;
        }
        atomic_fetch_add(&race->turns, 1);
        if (atomic_fetch_add(&race->inside, 1) != 0)
            atomic_fetch_add(&race->together, 1);
        draw = draw * 1664525u + 1013904223u;
        if (draw >> 28 == 0)
            sleep_for(0.001);
        atomic_fetch_sub(&race->inside, 1);
        if (draw >> 29 == 5) {
            atomic_fetch_add(&race->deaths, 1);
            _exit(0);
        }
        claim_release(claims, "k");
    }
}

static void test_never_two(void)
{
    char folder[SCRATCH_PATH];
    int turns = 0, deaths = 0;

    scratch_path(folder, "crowd");
    /* How often one gets in depends on the machine: until it was often enough to tell. */
    for (int round = 0; round < 8 || (round < 200 && (turns <= 100 || deaths <= 10)); round++) {
        struct race *race = race_new();
        run_racers(race, folder, come_and_go);
        CU_ASSERT_EQUAL(atomic_load(&race->together), 0);
        turns += atomic_load(&race->turns);
        deaths += atomic_load(&race->deaths);
        process_unshare(race, sizeof *race);
    }
    CU_ASSERT_TRUE(turns > 100 && deaths > 10);
    struct claims *claims = open_claims(folder, 0, 60);
    CU_ASSERT_TRUE(take(claims, "k")); /* the last one may have died with it */
    claims_close(claims);
    CU_ASSERT_EQUAL(links(folder), 0);
}

/* Who died, and who did not: the number alone says nothing. */
static void test_processes(void)
{
    struct process self = process_self(), other = self;
    char a[33], b[33];

    CU_ASSERT_FALSE(process_gone(&self));
    if (self.machine[0]) {
        other.started++;
        CU_ASSERT_TRUE(process_gone(&other));
        other = self;
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        other.pid = (long)pid;
        waitpid(pid, NULL, 0);
        CU_ASSERT_TRUE(process_gone(&other));
    }
    snprintf(other.machine, sizeof other.machine, "elsewhere");
    CU_ASSERT_FALSE(process_gone(&other));
    OK(process_unique(a, &error));
    OK(process_unique(b, &error));
    CU_ASSERT_EQUAL(strlen(a), 32);
    CU_ASSERT_STRING_NOT_EQUAL(a, b);
}

void claim_suite(void)
{
    CU_pSuite suite = CU_add_suite("claim", NULL, NULL);
    CU_add_test(suite, "a key has one owner", test_one_owner);
    CU_add_test(suite, "silence for long is death; whoever wakes up does no harm", test_silence);
    CU_add_test(suite, "owners elsewhere live as long as they count up", test_other_machine);
    CU_add_test(suite, "what the dead leave is swept away, and no more", test_sweep);
    CU_add_test(suite, "what is no claim is said", test_not_a_claim);
    CU_add_test(suite, "of many that race, for a dead one's claim too, one wins", test_race);
    CU_add_test(suite, "in a crowd where some die there are never two at once", test_never_two);
    CU_add_test(suite, "processes that have ended are told from those that have not",
                test_processes);
}
