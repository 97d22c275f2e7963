/*
 * How claims work.
 *
 * Files in the folder:
 *
 *     KEY              a symbolic link to nowhere: its text names claim and owner
 *     KEY.TOKEN        the same; it succeeds the claim TOKEN, whose owner is taken for dead
 *     beats/PROCESS    a number that its process counts up every few seconds
 *
 * A link's text is "TOKEN HOST PID STARTED MACHINE". TOKEN is "PROCESS.SERIAL" and never comes
 * again: PROCESS is drawn by chance, SERIAL counts that process's claims. symlink() makes the link
 * with all of its text or fails with EEXIST, also between hosts that share a folder by NFS; links
 * are never changed or renamed, only created and removed.
 *
 * The owner of a key is found by walking: read KEY, then KEY.TOKEN of that, and so on; the last
 * link's owner owns the key. Nobody's is a key without the first link.
 *
 * Death. On the owner's own machine its process is looked up by number and start. Elsewhere an
 * observer remembers the count in beats/PROCESS and when, by its own monotonic clock, it saw that
 * for the first time; the owner is dead once that is `stale` seconds ago. So clocks need not agree.
 * The count is read by open(), which NFS answers from the server, not from a cache.
 *
 * Taking over the claim T is creating KEY.T. Argument that exactly one of any number of takers
 * wins: (1) Creation is exclusive, so one taker at most succeeds while KEY.T is there. (2) It is
 * removed in release() alone, by its owner and after KEY was removed. T never comes again: once
 * KEY.T has been there and is gone, no walk reaches T any more. (3) A taker that was slow, and
 * creates KEY.T after the winner is done with it, walks once more and finds that its link is not
 * the last of the chain. It removes it and has not won. A taker that wins and dies is an owner that
 * is dead: KEY.T is taken over like any other claim.
 *
 * What may still happen: an owner wakes up after it was taken for dead. It finds its successor when
 * it releases, and leaves the chain alone. Until then two work on one key, which claim.h allows.
 */
#include "run/claim.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "run/heartbeat.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN = 56, NAME = HASH_TEXT + TOKEN + 1, LONGEST_CHAIN = 100000 };

struct claim_link {
    char name[NAME]; /* of the file */
    char token[TOKEN];
    struct process owner;
};

struct claim_seen { /* an owner elsewhere */
    char token[TOKEN], count[HEARTBEAT_COUNT];
    double since;
};

struct held {
    char key[HASH_TEXT], token[TOKEN];
};

struct claims {
    double stale;
    char *folder;
    struct process self;
    char process[33];
    unsigned long serial;
    struct held *held;
    size_t held_count, held_capacity;
    struct claim_seen *seen;
    size_t seen_count, seen_capacity;
    struct heartbeat *heartbeat;
};

struct claims_options claims_options(const char *folder)
{
    return (struct claims_options){.folder = folder, .beat = 5, .stale = 30};
}

static const char *path_of(const char *folder, const char *name, char path[PATH_ROOM])
{
    return path_print(path, "%s/%s", folder, name);
}

static enum status read_link(const char *folder, struct claim_link *link, bool *found,
                             struct error *error)
{
    char path[PATH_ROOM], text[512];
    struct process *owner = &link->owner;
    ssize_t length = readlink(path_of(folder, link->name, path), text, sizeof text - 1);

    *found = length >= 0;
    if (length < 0)
        return errno == ENOENT ? STATUS_OK : error_system(error, "cannot read claim %s", path);
    text[length] = '\0';
    memset(owner, 0, sizeof *owner);
    if (sscanf(text, "%55s %64s %ld %lld %96s", link->token, owner->host, &owner->pid,
               &owner->started, owner->machine) != 5)
        return error_set(error, STATUS_DATA, "%s is not a claim; remove it", path);
    if (strcmp(owner->machine, "-") == 0)
        owner->machine[0] = '\0';
    return STATUS_OK;
}

/* The chain's last link; *length 0: there is none. *passed, unless NULL: is `token` among them? */
static enum status walk(const char *folder, const char *key, struct claim_link *last,
                        size_t *length, const char *token, bool *passed, struct error *error)
{
    struct claim_link next;
    bool found = true;

    *length = 0;
    snprintf(next.name, sizeof next.name, "%s", key);
    for (; *length < LONGEST_CHAIN; ++*length) {
        PASS(read_link(folder, &next, &found, error));
        if (!found)
            break;
        *last = next;
        if (passed && strcmp(next.token, token) == 0)
            *passed = true;
        snprintf(next.name, sizeof next.name, "%.64s.%s", key, last->token);
    }
    return STATUS_OK;
}

bool claim_owner(const char *folder, const char *key, struct process *owner)
{
    struct claim_link last;
    size_t length;

    if (walk(folder, key, &last, &length, NULL, NULL, NULL) != STATUS_OK || !length)
        return false;
    *owner = last.owner;
    return true;
}

/* What the token's process has counted up to. */
static void read_count(const struct claims *claims, const char *token, char count[HEARTBEAT_COUNT])
{
    char path[PATH_ROOM], name[TOKEN];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(token, "."), token);
    heartbeat_read(path_of(claims->folder, "beats", path), name, count);
}

static bool is_abandoned(struct claims *claims, const struct claim_link *link)
{
    char count[HEARTBEAT_COUNT];
    double now = clock_seconds();
    struct claim_seen *seen = NULL;

    if (process_gone(&link->owner))
        return true;
    read_count(claims, link->token, count);
    for (size_t i = 0; i < claims->seen_count && !seen; i++)
        if (strcmp(claims->seen[i].token, link->token) == 0)
            seen = &claims->seen[i];
    if (seen && strcmp(seen->count, count) == 0)
        return now - seen->since >= claims->stale;
    if (!seen) {
        /* Without the memory to remember it, it is as if it was never seen before. */
        if (memory_reserve(&claims->seen, &claims->seen_capacity, claims->seen_count + 1,
                           sizeof *claims->seen, NULL) != STATUS_OK)
            return false;
        seen = &claims->seen[claims->seen_count++];
        snprintf(seen->token, sizeof seen->token, "%s", link->token);
    }
    memcpy(seen->count, count, sizeof seen->count);
    seen->since = now;
    return false;
}

static void forget_seen(struct claims *claims, const char *token)
{
    for (size_t i = 0; i < claims->seen_count; i++)
        if (strcmp(claims->seen[i].token, token) == 0) {
            claims->seen[i] = claims->seen[--claims->seen_count];
            return;
        }
}

static struct held *find_held(struct claims *claims, const char *key)
{
    for (size_t i = 0; i < claims->held_count; i++)
        if (strcmp(claims->held[i].key, key) == 0)
            return &claims->held[i];
    return NULL;
}

/* Create the link `name`; false where it is there already. `token` gets the claim's. */
static enum status create(struct claims *claims, const char *name, char token[TOKEN], bool *created,
                          struct error *error)
{
    const struct process *self = &claims->self;
    struct claim_link own = {0};
    char path[PATH_ROOM], text[512];
    bool found;

    snprintf(token, TOKEN, "%s.%lu", claims->process, ++claims->serial);
    snprintf(text, sizeof text, "%s %s %ld %lld %s", token, self->host, self->pid, self->started,
             self->machine[0] ? self->machine : "-");
    *created = symlink(text, path_of(claims->folder, name, path)) == 0;
    if (*created)
        return STATUS_OK;
    if (errno != EEXIST)
        return error_system(error, "cannot claim %s", path);
    /* NFS may retry a request and then find its own link. */
    snprintf(own.name, sizeof own.name, "%s", name);
    if (read_link(claims->folder, &own, &found, NULL) == STATUS_OK && found)
        *created = strcmp(own.token, token) == 0;
    return STATUS_OK;
}

static void remove_link(const struct claims *claims, const char *name)
{
    char path[PATH_ROOM];
    unlink(path_of(claims->folder, name, path));
}

/* Create the link that `last` leaves room for; *mine where it then is the last of the chain. */
static enum status succeed(struct claims *claims, const char *key, const struct claim_link *last,
                           char token[TOKEN], bool *mine, struct error *error)
{
    char name[NAME];
    struct claim_link found;
    size_t length;
    bool reached = false;

    if (last)
        snprintf(name, sizeof name, "%.64s.%s", key, last->token);
    else
        snprintf(name, sizeof name, "%.64s", key);
    PASS(create(claims, name, token, mine, error));
    if (!*mine || !last)
        return STATUS_OK;
    PASS(walk(claims->folder, key, &found, &length, token, &reached, error));
    *mine = reached && strcmp(found.token, token) == 0;
    if (!reached) /* a link of the chain would stay, whoever has the last one */
        remove_link(claims, name);
    return STATUS_OK;
}

enum status claim_take(struct claims *claims, const char *key, bool *mine, struct error *error)
{
    struct claim_link last;
    size_t length;
    char token[TOKEN];

    *mine = find_held(claims, key) != NULL;
    if (*mine)
        return STATUS_OK;
    /* Room first: a claim that could not be remembered would never be released. */
    PASS(memory_reserve(&claims->held, &claims->held_capacity, claims->held_count + 1,
                        sizeof *claims->held, error));
    PASS(succeed(claims, key, NULL, token, mine, error));
    if (!*mine) {
        PASS(walk(claims->folder, key, &last, &length, NULL, NULL, error));
        if (!length || !is_abandoned(claims, &last))
            return STATUS_OK; /* released meanwhile: the next call will get it */
        PASS(succeed(claims, key, &last, token, mine, error));
        if (*mine)
            forget_seen(claims, last.token);
    }
    if (*mine) {
        struct held *held = &claims->held[claims->held_count++];
        snprintf(held->key, sizeof held->key, "%s", key);
        memcpy(held->token, token, sizeof held->token);
    }
    return STATUS_OK;
}

/* The first link goes first: from then on the others are out of anyone's way. */
static void release(struct claims *claims, const struct held *held)
{
    struct claim_link last, next;
    size_t length;
    bool found = true;

    if (walk(claims->folder, held->key, &last, &length, NULL, NULL, NULL) != STATUS_OK || !length ||
        strcmp(last.token, held->token) != 0)
        return; /* taken over */
    snprintf(next.name, sizeof next.name, "%s", held->key);
    while (read_link(claims->folder, &next, &found, NULL) == STATUS_OK && found) {
        remove_link(claims, next.name);
        if (strcmp(next.token, held->token) == 0)
            return;
        snprintf(next.name, sizeof next.name, "%.64s.%s", held->key, next.token);
    }
}

void claim_release(struct claims *claims, const char *key)
{
    struct held *held = find_held(claims, key);

    if (!held)
        return;
    release(claims, held);
    *held = claims->held[--claims->held_count];
}

enum status claims_open(struct claims **claims, const struct claims_options *options,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct claims *made = NULL;
    struct heartbeat_options beats = {options->beat, options->tick, options->context};
    char path[PATH_ROOM];

    *claims = NULL;
    TRY(memory_new(&made, 1, sizeof *made, error));
    made->stale = options->stale;
    made->self = process_self();
    TRY(memory_new(&made->folder, strlen(options->folder) + 1, 1, error));
    memcpy(made->folder, options->folder, strlen(options->folder) + 1);
    TRY(process_unique(made->process, error));
    TRY(folder_make(path_of(made->folder, "beats", path), error));
    if (options->beat > 0)
        TRY(heartbeat_start(&made->heartbeat, path, made->process, &beats, error));
    *claims = made;
out:
    if (status != STATUS_OK)
        claims_close(made);
    return status;
}

void claims_close(struct claims *claims)
{
    if (!claims)
        return;
    while (claims->held_count)
        claim_release(claims, claims->held[0].key);
    heartbeat_stop(claims->heartbeat);
    memory_free(claims->held);
    memory_free(claims->seen);
    memory_free(claims->folder);
    memory_free(claims);
}

void claims_sweep(struct claims *claims)
{
    char path[PATH_ROOM];
    struct process owner;
    struct dirent *entry;
    DIR *directory = opendir(claims->folder);
    bool mine;

    while (directory && (entry = readdir(directory))) {
        const char *key = entry->d_name;
        if (strchr(key, '.') || strcmp(key, "beats") == 0 || find_held(claims, key) ||
            !claim_owner(claims->folder, key, &owner) || !process_gone(&owner))
            continue;
        if (claim_take(claims, key, &mine, NULL) == STATUS_OK && mine)
            claim_release(claims, key);
    }
    if (directory)
        closedir(directory);
    heartbeat_tidy(path_of(claims->folder, "beats", path));
}
