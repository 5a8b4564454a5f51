/*
 * kernel: the loops over columns.  Portable C is the definition; kernel_x86.c
 * has the same for vector units, chosen when the processor at hand has them.
 *
 * Columns hold `words` times 64 rows, bitmaps one word for 64 rows.
 */
#ifndef FILTER_KERNEL_H
#define FILTER_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"

/* Widths of columns. */
enum width { WIDTH_8, WIDTH_16, WIDTH_32, WIDTH_64, WIDTHS };

/* Rows whose value lies in one of n ranges (pairs lo, hi). */
typedef void kernel_ranges(const void *col, size_t words, const uint64_t *r,
    size_t n, uint64_t *out);

/* Rows where value & mask == want. */
typedef void kernel_mask(const void *col, size_t words, uint64_t mask,
    uint64_t want, uint64_t *out);

/*
 * Bitmaps: to = from & (x ^ flip), returning whether a bit is left; to |= (x
 * ^ flip) & want.  Bits of from and want above `words` are 0 up to the next
 * 8 words, and then those of `to` are.
 */
typedef uint64_t kernel_and(uint64_t *to, const uint64_t *from,
    const uint64_t *x, uint64_t flip, size_t words);
typedef void kernel_or(uint64_t *to, const uint64_t *x, uint64_t flip,
    const uint64_t *want, size_t words);

struct kernel_sums {
	uint64_t rows;
	uint64_t a;
	uint64_t b;
};

/*
 * Add count and the columns' sums over the rows of bits & mask[c] to sums[c],
 * for each of the classes.  Bits above `words` are 0 up to the next 8 words.
 */
#define KERNEL_CLASSES 4
typedef void kernel_sum(const uint64_t *bits,
    const uint64_t (*mask)[BATCH_WORDS], size_t words, const uint64_t *a,
    const uint64_t *b, struct kernel_sums *sums);

struct kernels {
	const char *name;
	kernel_ranges *ranges[WIDTHS];
	kernel_mask *mask[WIDTHS];
	kernel_and *and;
	kernel_or * or ;
	kernel_sum *sum;
};

extern const struct kernels kernels_portable;

/* The n-th set that this processor can run, best first; NULL past the end. */
const struct kernels *kernels_nth(size_t n);

static inline const struct kernels *
kernels_best(void)
{
	return kernels_nth(0);
}

/*
 * A set of many ranges as a bitmap over a window of values: bit i stands for
 * the values base + (i << shift) up to the next; set when any of them is in
 * the set.  With shift 0 that is the answer, else the ranges decide.
 */
#define LOOKUP_BITS 65536

struct lookup {
	uint64_t base;
	uint64_t span; /* largest value - base */
	unsigned shift;
	size_t n;
	const uint64_t *range; /* n pairs, borrowed */
	uint64_t bits[LOOKUP_BITS / 64];
};

void lookup_init(struct lookup *l, const uint64_t *range, size_t n);
void lookup_rows(const struct lookup *l, enum width width, const void *col,
    size_t words, uint64_t *out);

/* Is the value in one of n ascending ranges? */
int ranges_have(const uint64_t *range, size_t n, uint64_t v);

#endif
