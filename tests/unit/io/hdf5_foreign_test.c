/* io/hdf5: files of others and damaged ones; errors; memory. */
#include "base/text.h"
#include "io/hdf5/hdf5.h"
#include "tests/unit/hdf5_written.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void hdf5_foreign_suite(void);

static void expect_message(enum status got, enum status expected, const char *part)
{
    CU_ASSERT_EQUAL(got, expected);
    if (!strstr(error.message, part))
        printf("message: %s; expected in it: %s\n", error.message, part);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, part));
}

static void test_errors(void)
{
    char path[SCRATCH_PATH];
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct hdf5_array array;
    const char **names;
    size_t count;

    expect_message(hdf5_open(&file, scratch_path(path, "missing.h5"), false, &error), STATUS_IO,
                   "missing.h5: No such file or directory");
    expect_message(hdf5_create(&file, scratch_path(path, "no/folder.h5"), &error), STATUS_IO,
                   "No such file or directory");
    FILE *plain = fopen(scratch_path(path, "plain.h5"), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(plain);
    fputs("this is no HDF5 file", plain);
    fclose(plain);
    expect_message(hdf5_open(&file, path, false, &error), STATUS_DATA, "not an HDF5 file");
    CU_ASSERT_EQUAL(file.file, 0);
    OK(hdf5_close(&file, &error));
    OK(hdf5_create(&file, scratch_path(path, "errors.h5"), &error));
    OK(hdf5_write_text(&file, "/a/text", "x", &error));
    expect_message(hdf5_write_text(&file, "/a/text", "x", &error), STATUS_IO,
                   "name already exists");
    expect_message(hdf5_write_text(&file, "/a/text/below", "x", &error), STATUS_IO, "/a/text");
    expect_message(hdf5_read(&file, "/a/other", &arena, &array, &error), STATUS_DATA,
                   "no /a/other in the file");
    expect_message(hdf5_read(&file, "/a", &arena, &array, &error), STATUS_DATA,
                   "/a cannot be read");
    expect_message(hdf5_list(&file, "/b", &arena, &names, &count, &error), STATUS_DATA,
                   "no group /b");
    expect_message(hdf5_attribute_text(&file, "/b", "name", "x", &error), STATUS_IO,
                   "attribute name of /b");
    OK(hdf5_close(&file, &error));
    arena_release(&arena);
}

static void test_format(void)
{
    static const int64_t versions[] = {0, 1, 2, 3, 99};
    char path[SCRATCH_PATH];
    struct hdf5 file = {0};

    OK(hdf5_create(&file, scratch_path(path, "format.h5"), &error));
    expect_message(hdf5_check_format(&file, 2, &error), STATUS_DATA,
                   "/ has no attribute 'format_version'");
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        OK(hdf5_attribute_integer(&file, "/", "format_version", versions[i], &error));
        bool reads = hdf5_check_format(&file, 2, &error) == STATUS_OK;
        CU_ASSERT_EQUAL(reads, versions[i] == 1 || versions[i] == 2);
    }
    expect_message(hdf5_check_format(&file, 2, &error), STATUS_DATA,
                   "format 99, of another version of understudy; this one reads formats 1 "
                   "to 2");
    OK(hdf5_attribute_text(&file, "/", "format_version", "1", &error));
    CU_ASSERT_EQUAL(hdf5_check_format(&file, 2, &error), STATUS_DATA);
    OK(hdf5_close(&file, &error));
}

/* Damage: a file cut short, and single bytes changed, are errors or other values, never worse. */
static void test_damaged(void)
{
    char path[SCRATCH_PATH], bad[SCRATCH_PATH], digest[65];
    static const char *const roots[] = {"/"};
    static unsigned char bytes[20000];
    unsigned refused = 0;

    write_same(scratch_path(path, "whole.h5"));
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    scratch_path(bad, "bad.h5");
    for (size_t i = 0; i < length; i += 23) {
        struct hdf5 h5 = {0};
        struct arena arena = {0};
        struct hdf5_array array;
        bool cut = i % 2;
        file = fopen(bad, "wb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        bytes[i] ^= 0x55;
        CU_ASSERT_EQUAL(fwrite(bytes, 1, cut ? i : length, file), cut ? i : length);
        bytes[i] ^= 0x55;
        fclose(file);
        enum status status = hdf5_open(&h5, bad, false, &error);
        if (status == STATUS_OK) {
            status = hdf5_read(&h5, "/a/b/c", &arena, &array, &error);
            if (status == STATUS_OK)
                status = hdf5_digest(&h5, roots, 1, digest, &error);
        }
        CU_ASSERT(!cut || status != STATUS_OK);
        refused += status != STATUS_OK;
        hdf5_abandon(&h5);
        arena_release(&arena);
    }
    CU_ASSERT(refused > length / 23 / 2);
}

static void test_h5py_reads(void)
{
    static const char *const texts[] = {"ä", "", "long text"};
    char path[SCRATCH_PATH];
    struct hdf5 file = {0};
    float values[6000];
    int64_t number = -5;
    uint8_t byte = 200;
    double real = 0.1;
    struct hdf5_array array = {
        .type = HDF5_FLOAT32, .rank = 3, .dims = {30, 20, 10}, .values = values};

    for (int i = 0; i < 6000; i++)
        values[i] = (float)i / 3;
    OK(hdf5_create(&file, scratch_path(path, "python.h5"), &error));
    OK(hdf5_write(&file, "/f/cube", &array, &error));
    array = (struct hdf5_array){.type = HDF5_INT64, .values = &number};
    OK(hdf5_write(&file, "/f/number", &array, &error));
    array = (struct hdf5_array){.type = HDF5_UINT8, .rank = 1, .dims = {1}, .values = &byte};
    OK(hdf5_write(&file, "/f/byte", &array, &error));
    array = (struct hdf5_array){.type = HDF5_FLOAT64, .values = &real};
    OK(hdf5_write(&file, "/f/real", &array, &error));
    OK(hdf5_write_texts(&file, "/f/texts", texts, 3, &error));
    OK(hdf5_write_text(&file, "/f/text", "größer", &error));
    OK(hdf5_attribute_text(&file, "/f", "name", "größer", &error));
    OK(hdf5_attribute_integer(&file, "/", "version", 3, &error));
    OK(hdf5_close(&file, &error));
    static const char script[] =
        "import sys, numpy as np\n"
        "f = h5py.File(sys.argv[1], 'r')\n"
        "c = f['f/cube']\n"
        "assert c.dtype == '<f4' and c.compression == 'gzip' and c.shuffle and c.chunks\n"
        "assert (c[:] == (np.arange(6000, dtype='f4') / np.float32(3)).reshape(30, 20, 10)).all()\n"
        "assert f['f/number'][()] == -5 and f['f/number'].dtype == '<i8'\n"
        "assert f['f/byte'][0] == 200 and f['f/byte'].dtype == 'u1'\n"
        "assert f['f/real'][()] == 0.1\n"
        "assert f['f/texts'].asstr()[:].tolist() == ['ä', '', 'long text']\n"
        "assert f['f/text'].asstr()[()] == 'größer' and f['f'].attrs['name'].decode() == 'größer'\n"
        "assert f.attrs['version'] == 3\n";
    CU_ASSERT(scratch_python("import h5py", script, path));
}

/* Files made0.h5, made1.h5 … that h5py makes, each by a few lines. Without h5py: false. */
static bool make_files(const char *const *lines, size_t step, size_t count)
{
    char path[SCRATCH_PATH], folder[SCRATCH_PATH];
    struct text script = {0};

    text_append(&script, "import sys, os, numpy as np\nfolder = sys.argv[1]\n");
    for (size_t i = 0; i < count; i++)
        text_append(&script,
                    "f = h5py.File(os.path.join(folder, 'made%zu.h5'), 'w')\n%s\nf.close()\n", i,
                    lines[i * step]);
    CU_ASSERT_EQUAL_FATAL(text_status(&script, &error), STATUS_OK);
    remove(scratch_path(path, "made0.h5"));
    CU_ASSERT_FATAL(scratch_python("import h5py", script.bytes, scratch_path(folder, ".")));
    text_release(&script);
    return access(path, R_OK) == 0; /* else skipped */
}

static void test_reads_h5py(void)
{
    static const char *const lines = "f['texts'] = ['one', '', 'größer']\n"
                                     "f['half'] = np.array([1.5], 'f2')\n"
                                     "f['short'] = np.array([[1, -2]], '>i2')\n"
                                     "f.attrs['text'] = 'of variable length'\n";
    char path[SCRATCH_PATH], digest[65];
    static const char *const roots[] = {"/texts", "/half", "/short"};
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct hdf5_array array;
    const char *text;

    if (!make_files(&lines, 1, 1))
        return;
    OK(hdf5_open(&file, scratch_path(path, "made0.h5"), false, &error));
    OK(hdf5_read(&file, "/texts", &arena, &array, &error));
    CU_ASSERT(array.type == HDF5_TEXT && array.dims[0] == 3 && array.text_size == 8);
    CU_ASSERT(strncmp(array.values, "one", 8) == 0);
    CU_ASSERT(memcmp((char *)array.values + 16, "größer", 8) == 0);
    OK(hdf5_read(&file, "/half", &arena, &array, &error));
    CU_ASSERT(array.type == HDF5_FLOAT32 && *(float *)array.values == 1.5F);
    OK(hdf5_read(&file, "/short", &arena, &array, &error));
    CU_ASSERT(array.type == HDF5_INT64 && ((int64_t *)array.values)[1] == -2);
    OK(hdf5_read_attribute_text(&file, "/", "text", &arena, &text, &error));
    CU_ASSERT_STRING_EQUAL(text, "of variable length");
    OK(hdf5_digest(&file, roots, 3, digest, &error));
    OK(hdf5_close(&file, &error));
    arena_release(&arena);
}

/* What this program never writes is refused on opening, whether or not anything reads it. */
static void test_implausible(void)
{
    static const char *const cases[][2] = {
        {"f['/a/b'] = h5py.SoftLink('/none')", "/a/b is a soft link"},
        {"f['/a/b'] = h5py.SoftLink('/a')", "/a/b is a soft link"},
        {"f['/a/b'] = h5py.ExternalLink('/etc/passwd', '/x')", "/a/b is a link to another file"},
        {"f['/a/x'] = 1\nf['/a/y'] = f['/a/x']", "is a second name for an object"},
        {"g = f.create_group('a')\ng['b'] = g",
         "/a/b is a second name for an object or for a group"},
        {"g = f\nfor i in range(17): g = g.create_group('deep')", "is nested in too many groups"},
        {"f['a'] = np.zeros((1, 1, 1, 1, 1))", "/a has no values, or more than 4 axes"},
        {"f['a'] = h5py.Empty('f8')", "/a has no values, or more than 4 axes"},
        {"f['a'] = np.zeros(2, [('a', 'i4'), ('b', 'f8')])", "/a is neither numbers nor text"},
        {"f['a'] = np.array([True])", "/a is neither numbers nor text"},
        {"f.create_dataset('a', (1,), h5py.ref_dtype)", "/a is neither numbers nor text"},
        {"f.create_dataset('a', (1,), h5py.vlen_dtype('i4'))", "/a is neither numbers nor text"},
        {"f['t'] = np.dtype('f8')", "/t is neither a group nor an array"},
        {"f['a'] = np.zeros(3, 'g')", "/a holds numbers of more than 8 bytes"},
        {"f.create_dataset('a', (1 << 50,), 'f8')", "/a has values that were never written"},
        {"f.create_dataset('a', (1 << 50,), 'f8', chunks=(1024,))",
         "/a has values that were never written"},
        {"f.create_dataset('a', (1 << 33, 1 << 31), 'f4', chunks=(8, 8))", "/a is too large"},
        {"f.create_dataset('a', (9,), 'f8', chunks=(3,))[3:] = 1",
         "/a has values that were never written"},
        {"f.create_dataset('a', (9,), 'f8', fletcher32=True)[:] = 1",
         "/a is compressed in a way that results files do not use"},
        {"f.create_dataset('a', (9,), 'f8', compression='lzf')[:] = 1",
         "/a is compressed in a way that results files do not use"},
        {"import zlib\nd = f.create_dataset('a', (700, 1 << 20), 'u1', chunks=(1, 1 << 20), "
         "compression='gzip')\nz = zlib.compress(bytes(1 << 20))\n"
         "for i in range(700): d.id.write_direct_chunk((i, 0), z)",
         "/a claims 734003200 bytes, which is not plausible in a file of"},
        {"f.create_dataset('a', (9,), 'u1', external=[(folder + '/raw', 0, 9)])[:] = 1",
         "/a has its values in other files"},
        {"v = h5py.VirtualLayout((4,), 'u1')\nv[:] = h5py.VirtualSource('other.h5', 'x', (4,))\n"
         "f.create_virtual_dataset('a', v)",
         "/a is a virtual dataset"},
        {"f.create_group('a\\nb')", "/ has a member whose name is not text"},
        {"f.create_group(b'a\\xff')", "/ has a member whose name is not text"},
        {"f.create_group('x' * 256)", "/ has a member whose name is not text, is too long"},
        {"f.create_group('\\x1b[2J')", "/ has a member whose name is not text"},
        {"f.attrs['a'] = [1, 2]", "/@a is neither one text nor one whole number"},
        {"f.attrs['a'] = 1.5", "/@a is neither one text nor one whole number"},
        {"f.attrs['a\\x1b'] = 1", "/ has an attribute whose name is not text"},
        {"for i in range(65): f.attrs[str(i)] = i", "/ has too many attributes"},
    };
    char path[SCRATCH_PATH];
    char name[32];
    struct hdf5 file = {0};

    if (!make_files(&cases[0][0], 2, sizeof cases / sizeof *cases))
        return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(name, sizeof name, "made%zu.h5", i);
        expect_message(hdf5_open(&file, scratch_path(path, name), false, &error), STATUS_DATA,
                       cases[i][1]);
        CU_ASSERT(strstr(error.message, path) == error.message);
        CU_ASSERT(file.file == 0 && !file.guard);
        hdf5_abandon(&file);
    }
}

/* No other kind of file is opened: a pipe would be waited for. */
static void test_no_regular_file(void)
{
    char path[SCRATCH_PATH];
    struct hdf5 file = {0};

    remove(scratch_path(path, "pipe.h5"));
    CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0666), 0);
    expect_message(hdf5_open(&file, path, false, &error), STATUS_DATA, "it is a pipe");
    expect_message(hdf5_open(&file, "/dev/zero", false, &error), STATUS_DATA, "or a device");
    remove(path);
}

static enum status everything(const char *path, struct arena *arena)
{
    static const char *const texts[] = {"a", "bc"};
    static const char *const roots[] = {"/g"};
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct hdf5_array array;
    const char **names, *text;
    size_t count;
    char digest[65];

    TRY(hdf5_create(&file, path, &error));
    TRY(hdf5_write_texts(&file, "/g/h/texts", texts, 2, &error));
    TRY(hdf5_attribute_text(&file, "/g", "name", "x", &error));
    TRY(hdf5_list(&file, "/g", arena, &names, &count, &error));
    TRY(hdf5_read(&file, "/g/h/texts", arena, &array, &error));
    TRY(hdf5_read_attribute_text(&file, "/g", "name", arena, &text, &error));
    TRY(hdf5_digest(&file, roots, 1, digest, &error));
    TRY(hdf5_close(&file, &error));
out:
    hdf5_abandon(&file);
    return status;
}

static void test_memory_faults(void)
{
    char path[SCRATCH_PATH];
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    scratch_path(path, "memory.h5");
    while (status != STATUS_OK && n < 1000) {
        struct arena arena = {0};
        memory_fail_at(++n);
        status = everything(path, &arena);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        arena_release(&arena);
    }
    CU_ASSERT(status == STATUS_OK && n > 5);
}

void hdf5_foreign_suite(void)
{
    CU_pSuite suite = CU_add_suite("hdf5_foreign", NULL, NULL);
    CU_add_test(suite, "errors say what HDF5 or the system said", test_errors);
    CU_add_test(suite, "damaged files are refused", test_damaged);
    CU_add_test(suite, "h5py reads what is written", test_h5py_reads);
    CU_add_test(suite, "the format's version", test_format);
    CU_add_test(suite, "what h5py writes is read", test_reads_h5py);
    CU_add_test(suite, "what this program never writes is refused", test_implausible);
    CU_add_test(suite, "a pipe or a device is refused", test_no_regular_file);
    CU_add_test(suite, "every failing allocation is told and leaks nothing", test_memory_faults);
}
