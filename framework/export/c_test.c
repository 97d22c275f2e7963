/* The program that runs an exported network on stored examples. */
#include "export/c_header.h"
#include "export/c_layers.h"

#include <math.h>

static void print_images(const struct image_set *images, const char *name, const char *size,
                         const char *upper, struct text *text)
{
    text_append(text, "\nstatic const float %s[EXAMPLES][%s_%s_SIZE] = {\n", name, upper, size);
    for (size_t i = 0; i < images->count; i++) {
        struct image image = image_set_at(images, i);
        text_append(text, "    {\n");
        c_floats_print(image.pixels, shape_size(image.shape), text);
        text_append(text, "    },\n");
    }
    text_append(text, "};\n");
}

static const char comparison[] =
    "/* The same bits, or as near as TOLERANCE. */\n"
    "static int is_same(float a, float b)\n"
    "{\n"
    "    double difference = fabs((double)a - (double)b);\n"
    "\n"
    "    return memcmp(&a, &b, sizeof a) == 0 || (TOLERANCE > 0 && difference <= TOLERANCE);\n"
    "}\n"
    "\n"
    "/* Prints the first value that differs, and the largest difference. */\n"
    "static int check(int example, const float *expected, const float *got)\n"
    "{\n"
    "    int first = -1;\n"
    "    double most = 0;\n"
    "\n"
    "    for (int i = 0; i < SIZE; i++) {\n"
    "        double difference = fabs((double)got[i] - (double)expected[i]);\n"
    "        if (!is_same(got[i], expected[i]) && first < 0)\n"
    "            first = i;\n"
    "        if (!(difference <= most))\n"
    "            most = difference;\n"
    "    }\n"
    "    if (first < 0)\n"
    "        return 1;\n"
    "    printf(\"example %d, value %d: %.9g, expected %.9g; the largest difference is %g\\n\",\n"
    "           example + 1, first, (double)got[first], (double)expected[first], most);\n"
    "    return 0;\n"
    "}\n";

static const char comparison_doubt[] =
    "/* The same decision, and the same doubt. */\n"
    "static int check_doubt(int example, int on, double doubt)\n"
    "{\n"
    "    double difference = fabs(doubt - doubts[example]);\n"
    "    int same = difference <= TOLERANCE || (doubt != doubt && doubts[example] != "
    "doubts[example]);\n"
    "\n"
    "    if (same && on == handed_on[example])\n"
    "        return 1;\n"
    "    printf(\"example %d: %d, doubt %.17g; expected %d, %.17g\\n\", example + 1, on, doubt,\n"
    "           handed_on[example], doubts[example]);\n"
    "    return 0;\n"
    "}\n";

static void print_integers(const struct image_set *images, struct quantization how,
                           const char *name, const char *size, const char *upper, struct text *text)
{
    enum { IN_LINE = 16 };
    int8_t integer;

    text_append(text, "\nstatic const int8_t %s[EXAMPLES][%s_%s_SIZE] = {\n", name, upper, size);
    for (size_t i = 0; i < images->count; i++) {
        struct image image = image_set_at(images, i);
        size_t count = shape_size(image.shape);
        text_append(text, "    {\n");
        for (size_t k = 0; k < count; k++) {
            quantize_values(how, &image.pixels[k], 1, &integer);
            text_append(text, "%s%d%s", k % IN_LINE ? " " : "    ", integer,
                        k % IN_LINE == IN_LINE - 1 || k == count - 1 ? ",\n" : ",");
        }
        text_append(text, "    },\n");
    }
    text_append(text, "};\n");
}

static const char comparison_int8[] =
    "\nstatic int check_int8(int example, const int8_t *expected, const int8_t *got)\n"
    "{\n"
    "    for (int i = 0; i < SIZE; i++)\n"
    "        if (got[i] != expected[i]) {\n"
    "            printf(\"example %d, integer %d: %d, expected %d\\n\", example + 1, i, got[i],\n"
    "                   expected[i]);\n"
    "            return 0;\n"
    "        }\n"
    "    return 1;\n"
    "}\n";

/* The same examples in integers. What the outputs stand for is exact: they are the integers. */
static void print_integer_examples(const struct c_export *c, struct text *text)
{
    const struct quantized_network *quantized = c->exported->quantized;

    print_integers(c->exported->examples, quantized->input, "inputs_int8", "INPUT", c->upper, text);
    print_integers(c->exported->outputs, quantized_output(quantized), "outputs_int8", "OUTPUT",
                   c->upper, text);
    text_append(text, "%s", comparison_int8);
}

static void print_main(const struct c_export *c, struct text *text)
{
    bool integers = c_offers_integers(c);

    text_append(text,
                "\nint main(void)\n"
                "{\n"
                "    static float output[SIZE];\n"
                "%s"
                "    int passed = 0;\n\n"
                "    for (int i = 0; i < EXAMPLES; i++) {\n"
                "        %s_run(inputs[i], output);\n"
                "        passed += check(i, outputs[i], output);\n",
                integers ? "    static int8_t integers[SIZE];\n" : "", c->name);
    if (integers)
        text_append(text,
                    "        %s_run_int8(inputs_int8[i], integers);\n"
                    "        passed += check_int8(i, outputs_int8[i], integers);\n",
                    c->name);
    text_append(text, "    }\n"
                      "    printf(\"%%d passed, %%d failed\\n\", passed, CHECKS - passed);\n"
                      "    return passed < CHECKS;\n"
                      "}\n");
}

/* What the guard did with each example; in the pipeline's place, a function that is counted. */
static void print_guard_examples(const struct c_export *c, struct text *text)
{
    const struct exported_guard *guard = c->exported->guard;
    size_t count = c->exported->examples->count;

    text_append(text, "\nstatic const int handed_on[EXAMPLES] = {");
    for (size_t i = 0; i < count; i++)
        text_append(text, "%s%d", i ? ", " : "", guard->handed[i]);
    text_append(text, "};\nstatic const double doubts[EXAMPLES] = {\n");
    for (size_t i = 0; i < count; i++)
        text_append(text, isfinite(guard->doubts[i]) ? "    %.17g,\n" : "    NAN,\n",
                    guard->doubts[i]);
    text_append(text, "};\n\n%s", comparison_doubt);
    if (!guard->large)
        text_append(text,
                    "\nstatic int calls;\n\n"
                    "/* Gives %s. */\n"
                    "static int pipeline(const float *input, float *output, void *context)\n"
                    "{\n"
                    "    int example = *(const int *)context;\n\n"
                    "    calls++;\n"
                    "    memcpy(output, outputs[example], sizeof outputs[example]);\n"
                    "    return memcmp(input, inputs[example], sizeof inputs[example]) != 0;\n"
                    "}\n",
                    guard->pipeline_gives);
}

static void print_guard_main(const struct c_export *c, struct text *text)
{
    bool pipeline = !c->exported->guard->large;

    text_append(text,
                "\nint main(void)\n"
                "{\n"
                "    static float output[SIZE];\n"
                "    int passed = 0, kept = 0;\n\n"
                "    for (int i = 0; i < EXAMPLES; i++) {\n"
                "        int on = %s_run(inputs[i], output%s);\n"
                "        passed += check(i, outputs[i], output);\n"
                "        passed += check_doubt(i, on, %s_doubt());\n"
                "        kept += on == 0;\n"
                "    }\n",
                c->name, pipeline ? ", pipeline, &i" : "", c->name);
    if (pipeline)
        text_append(text, "    passed += calls == EXAMPLES - kept;\n");
    text_append(text, "    printf(\"%%d kept, %%d handed on\\n\", kept, EXAMPLES - kept);\n"
                      "    printf(\"%%d passed, %%d failed\\n\", passed, CHECKS - passed);\n"
                      "    return passed < CHECKS;\n"
                      "}\n");
}

/* Examples of float32, by the functions that there are. */
static size_t count_checks(const struct c_export *c)
{
    const struct exported_guard *guard = c->exported->guard;
    size_t count = c->exported->examples->count;

    return count * (c_offers_integers(c) || guard ? 2 : 1) + (guard && !guard->large ? 1 : 0);
}

void c_test_print(const struct c_export *c, struct text *text)
{
    text_append(
        text,
        "/*\n"
        " * Runs %s_run() on examples whose outputs are stored, and prints\n"
        " * \"N passed, N failed\". Returns 1 where an output differs in a bit. -DTOLERANCE=1e-4\n"
        " * lets values differ by that much, for compilers or processors that round otherwise;\n"
        " * see %s.h.\n"
        " */\n"
        "#include \"%s.h\"\n\n",
        c->name, c->name, c->name);
    text_append(text,
                "#include <math.h>\n#include <stdio.h>\n#include <string.h>\n\n"
                "#ifndef TOLERANCE\n#define TOLERANCE 0\n#endif\n\n"
                "enum { EXAMPLES = %zu, CHECKS = %zu, SIZE = %s_OUTPUT_SIZE };\n",
                c->exported->examples->count, count_checks(c), c->upper);
    if (c->exported->examples_are)
        text_append(text, "\n/* Of %s. */", c->exported->examples_are);
    print_images(c->exported->examples, "inputs", "INPUT", c->upper, text);
    print_images(c->exported->outputs, "outputs", "OUTPUT", c->upper, text);
    text_append(text, "\n%s", comparison);
    if (c_offers_integers(c))
        print_integer_examples(c, text);
    if (c->exported->guard) {
        print_guard_examples(c, text);
        print_guard_main(c, text);
    } else {
        print_main(c, text);
    }
}
