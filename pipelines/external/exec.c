/*
 * Any program as a stage. Images go to it through a pipe, as NumPy's arrays, or through folders, as
 * image files (exec_npy.c, exec_files.c); what it answers is checked, kept, and asked for once
 * (exec_run.c).
 *
 * Answers depend on the command, its environment, the program itself, and the files named: keys
 * have the digests of all of them, so that an edited script labels anew.
 */
#include "pipelines/external/exec.h"

static const char *const protocols[] = {"files", "npy", NULL};
static const char *const formats[] = {"png", "png16", "tiff", NULL};
static const char *const trust[] = {"check", "no", "yes", NULL};

static const struct field fields[] = {
    {"command", FIELD_TEXTS, offsetof(struct exec, command),
     .help = "the program and its arguments, as a list; it runs in the experiment file's folder"},
    {"files", FIELD_TEXTS, offsetof(struct exec, files), .default_value = "[]",
     .help = "files and folders that the answers depend on, as modules and weights; the program, "
             "and arguments that are files, count by themselves"},
    {"environment", FIELD_TEXTS, offsetof(struct exec, environment), .default_value = "[]",
     .help = "NAME=value, a list; beside these, the program sees PATH, HOME, TMPDIR, LANG=C.UTF-8, "
             "and PYTHONPATH with the module 'understudy', alone"},
    {"protocol", FIELD_CHOICE, offsetof(struct exec, protocol), .default_value = "npy",
     .choices = protocols,
     .help = "npy: arrays through stdin and stdout; files: image files in the folders {in} and "
             "{out} of the command"},
    {"format", FIELD_CHOICE, offsetof(struct exec, format), .default_value = "png16",
     .choices = formats,
     .help = "of the files in {in}: PNG of 8 or 16 bits, TIFF of floats; those in {out} may have "
             "any that is read"},
    {"persistent", FIELD_BOOLEAN, offsetof(struct exec, persistent), .default_value = "false",
     .help = "the program answers batch after batch until its stdin ends; false: it is started "
             "for each"},
    {"batch", FIELD_INTEGER, offsetof(struct exec, batch), .minimum = 1, .maximum = 100000,
     .default_value = "16", .unit = "images", .help = "how many it is given at once, at most"},
    {"workers", FIELD_INTEGER, offsetof(struct exec, workers), .minimum = 1, .maximum = 256,
     .default_value = "1", .help = "programs that run at a time"},
    {"timeout", FIELD_REAL, offsetof(struct exec, timeout), .minimum = 0.01, .maximum = 1e6,
     .default_value = "300", .unit = "s", .help = "how long a batch may take, the start included"},
    {"deterministic", FIELD_CHOICE, offsetof(struct exec, deterministic), .default_value = "check",
     .choices = trust,
     .help = "does it give the same answer every time? check: it is asked twice for a few images; "
             "no, yes: it is not asked"},
    {"output", FIELD_CHOICE, offsetof(struct exec, output), .default_value = "answer",
     .choices = external_outputs,
     .help = "what it gives: the task's answer, or images or features for the stage behind it"},
    {"channels", FIELD_INTEGER, offsetof(struct exec, channels), .minimum = 0, .maximum = 65536,
     .default_value = "0", .help = "of the images that it gives; 0: as many as it is given"},
    {"ignore", FIELD_TEXT, offsetof(struct exec, ignore), .default_value = "''", .unsaid = true,
     .help = "the number that stands for 'not known' in masks and maps that it gives, as 255; NaN "
             "always does"},
    {"features", FIELD_INTEGER, offsetof(struct exec, features), .minimum = 0, .maximum = 1 << 24,
     .default_value = "0", .help = "how many numbers it gives with 'output: features'"},
    {"multiply_adds", FIELD_REAL, offsetof(struct exec, multiply_adds), .minimum = 0,
     .maximum = 1e12, .default_value = "0", .unit = "1/pixel",
     .help = "its work, where it is known, for figures that compare costs; 0: nobody knows"},
    {0},
};

const struct stage stage_exec = {
    .descriptor = {"exec", "a program of your own", NULL, fields, sizeof(struct exec), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_ANSWER,
    .gives = exec_gives,
    .settle = exec_settle,
    .shape = exec_shape,
    .key = exec_key,
    .check = exec_check,
    .start = exec_start,
    .release = exec_release,
    .run_all = exec_run,
    .count = exec_count,
};
