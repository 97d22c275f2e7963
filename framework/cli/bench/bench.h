/* What `understudy bench` measures, and with what. Private to framework/cli/bench/. */
#ifndef UNDERSTUDY_CLI_BENCH_BENCH_H
#define UNDERSTUDY_CLI_BENCH_BENCH_H

#include "base/memory.h"
#include "graph/network.h"
#include "train/train.h"

struct bench_network {   /* a reference network */
    const char *name;    /* in the output and for --network */
    const char *network; /* as the experiment file's `network:` section has it */
    struct shape input, target;
    bool classes; /* are learnt; else target values */
    int batch;    /* images of a minibatch */
};

#define BENCH_NETWORK_HEADER "network,batch,node,inputs,layer,output,parameters,multiply_adds\r\n"

extern const struct bench_network bench_networks[];
extern const size_t bench_network_count;

/* STATUS_CONFIG where the home has no such family. The caller releases the network. */
MUST_CHECK enum status bench_network_new(const struct bench_network *reference,
                                         struct network *network, struct error *error);
/* Rows of CSV below BENCH_NETWORK_HEADER: the input, then every node. */
void bench_network_describe(const struct bench_network *reference, const struct network *network,
                            struct text *text);
/* Multiply-adds of convolutions and dense layers, forward, on one image. */
double bench_multiply_adds(const struct network *network);

struct bench_setting {
    const struct bench_network *reference;
    const struct network *network; /* of the reference */
    const char *engine, *precision;
    int threads;
    int64_t shard;  /* images that one thread carries at a time; 0: the default of experiments */
    double seconds; /* to measure for, after warming up */
};

struct bench_result {
    double images_per_second;
    double peak_gflops;                   /* of multiply-adds, on as many threads */
    double memory_before_mib, memory_mib; /* resident: before buffers are made, and at most */
};

/*
 * Train the network on random images for a while and say how fast that was: whole steps, with
 * everything that a training does, the median over epochs of a few minibatches. STATUS_UNAVAILABLE
 * where engine or precision cannot run here.
 */
MUST_CHECK enum status bench_training(const struct bench_setting *setting,
                                      struct bench_result *result, struct error *error);

/* A piece of work, done by each thread (from 0). */
typedef void bench_work(void *context, size_t thread);
enum bench_clock {
    BENCH_WALL,      /* in the time that passed */
    BENCH_PROCESSOR, /* in each thread's processor time: whatever else runs here */
};
/* What `threads` threads do a second, where a piece is `amount`; measured for about `seconds`. */
double bench_rate(bench_work *work, void *context, double amount, int threads, double seconds,
                  enum bench_clock clock);

/*
 * 10^9 operations per second, a fused multiply-add being two, that `threads` threads reach at once
 * with the widest registers (in bfloat16: tiles) of this processor and no memory; measured for
 * about `seconds`. Where there is no fused multiply-add that this file knows, of multiplications
 * and additions one after the other.
 */
double bench_peak(enum precision precision, int threads, double seconds, enum bench_clock clock);

/* The field of this name in a table, or NULL. */
const struct field *bench_field(const struct field *fields, const char *name);

#endif
