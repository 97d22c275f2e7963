#include "base/hash.h"

#include <openssl/evp.h>
#include <string.h>

enum status hash_begin(struct hash *hash, struct error *error)
{
    hash->state = EVP_MD_CTX_new();
    if (!hash->state || EVP_DigestInit_ex(hash->state, EVP_sha256(), NULL) != 1) {
        hash_release(hash);
        return error_set(error, STATUS_MEMORY, "cannot start SHA-256");
    }
    return STATUS_OK;
}

enum status hash_bytes(struct hash *hash, const void *bytes, size_t length, struct error *error)
{
    if (length && EVP_DigestUpdate(hash->state, bytes, length) != 1)
        return error_set(error, STATUS_MEMORY, "SHA-256 failed");
    return STATUS_OK;
}

enum status hash_number(struct hash *hash, uint64_t number, struct error *error)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    return hash_bytes(hash, bytes, sizeof bytes, error);
}

enum status hash_text(struct hash *hash, const char *text, struct error *error)
{
    enum status status = hash_number(hash, strlen(text), error);
    return status != STATUS_OK ? status : hash_bytes(hash, text, strlen(text), error);
}

enum status hash_end(struct hash *hash, char digest[HASH_TEXT], struct error *error)
{
    static const char digits[] = "0123456789abcdef"; /* plans make millions of digests */
    unsigned char bytes[32];
    unsigned int length = 0;
    enum status status = STATUS_OK;

    if (EVP_DigestFinal_ex(hash->state, bytes, &length) != 1 || length != sizeof bytes)
        status = error_set(error, STATUS_MEMORY, "SHA-256 failed");
    for (size_t i = 0; status == STATUS_OK && i < sizeof bytes; i++) {
        digest[2 * i] = digits[bytes[i] >> 4];
        digest[2 * i + 1] = digits[bytes[i] & 15];
    }
    if (status == STATUS_OK)
        digest[2 * sizeof bytes] = '\0';
    hash_release(hash);
    return status;
}

enum status hash_of_bytes(const void *bytes, size_t length, char digest[HASH_TEXT],
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, bytes, length, error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

enum status hash_of_texts(const char *first, const char *second, char digest[HASH_TEXT],
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, first, error));
    if (second)
        TRY(hash_text(&hash, second, error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

bool hash_is_digest(const char *text)
{
    return strlen(text) == HASH_TEXT - 1 && strspn(text, "0123456789abcdef") == HASH_TEXT - 1;
}

void hash_release(struct hash *hash)
{
    EVP_MD_CTX_free(hash->state);
    hash->state = NULL;
}
