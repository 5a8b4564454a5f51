/*
 * kernel_x86: the kernels for AVX2 and AVX-512, used when the processor and
 * the system have them.  Nothing on other architectures.
 */
#ifndef FILTER_KERNEL_X86_H
#define FILTER_KERNEL_X86_H

#include "filter/kernel.h"

/* As kernels_nth; past the end *n is lowered by the number of sets. */
const struct kernels *kernels_x86_nth(size_t *n);

#endif
