/* Feeds every file of the folders named on the command line to a fuzz target, without a fuzzer. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
/* A target may define this one; then it is called first. */
int LLVMFuzzerInitialize(int *count, char ***arguments) __attribute__((weak));

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t size = 0, got;

    if (!file) {
        perror(path);
        return 1;
    }
    do {
        uint8_t *grown = realloc(bytes, size + 65536);
        if (!grown)
            abort();
        bytes = grown;
        got = fread(bytes + size, 1, 65536, file);
        size += got;
    } while (got);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

int main(int count, char **folders)
{
    unsigned passed = 0, failed = 0;

    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&count, &folders);
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(folders[i]);
        if (!folder) {
            perror(folders[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            if (replay(path) == 0)
                passed++;
            else
                failed++;
        }
        closedir(folder);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed || passed == 0;
}
