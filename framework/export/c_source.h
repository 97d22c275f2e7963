/*
 * A trained network as C: one source file in C99 and its header, for any machine with a compiler.
 *
 * FOLDER/NAME.h declares NAME_run(), sizes and shapes; FOLDER/NAME.c has the network's layers as
 * plain functions, its weights as constant arrays and one static block of memory for all values in
 * between; FOLDER/NAME_test.c is a program that runs stored examples and compares. Nothing is
 * allocated. The results are those of the engine `reference`, bit for bit, where the compiler forms
 * no fused multiply-adds.
 *
 * A quantised network has weights and values of 8 bits, and gives the bits of quantized_run(). Real
 * numbers go in and come out; unless the last layer is in float32, NAME_run_int8() takes and gives
 * integers, whose scales and zero points the header defines.
 */
#ifndef UNDERSTUDY_EXPORT_C_SOURCE_H
#define UNDERSTUDY_EXPORT_C_SOURCE_H

#include "export/exported.h"

/*
 * Write the three files; the folder is made. NAME is c_source_name() of `name`. STATUS_UNAVAILABLE
 * names a layer that cannot be written, STATUS_DIVERGED a parameter or an example's output that is
 * not finite. STATUS_CONFIG where the network was quantised for images of another size.
 */
MUST_CHECK enum status export_c(const struct exported_network *exported, const char *folder,
                                const char *name, struct error *error);

/*
 * What the exported files and functions are called: `name` with '_' for everything that identifiers
 * in C cannot have, and "network_" before what could not begin one, or is a header of C itself.
 * STATUS_CONFIG where it has no letter or digit, or comes to more than 64 characters.
 */
MUST_CHECK enum status c_source_name(const char *name, struct text *identifier,
                                     struct error *error);

#endif
