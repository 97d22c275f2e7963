/*
 * Loops over many values, compiled for wider vectors as well, of which the program takes those that
 * the processor has. Bits stay the same: lanes are computed one by one, and nothing is contracted.
 * Names of such functions differ across files: clang makes a symbol of each that the linker sees.
 */
#ifndef UNDERSTUDY_BASE_VECTORS_H
#define UNDERSTUDY_BASE_VECTORS_H

#if defined __x86_64__ && defined __linux__
#define WIDE_VECTORS __attribute__((target_clones("avx2", "default")))
/* For loops with much to compute for each value read: AVX-512 gains nothing where memory is slow.
 */
#define WIDEST_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE_VECTORS
#define WIDEST_VECTORS
#endif

#endif
