#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/kept.h"

#define DIGIT_BITS 11
#define DIGITS     (1U << DIGIT_BITS)
#define FEW        32

static void
sort_few(struct kept_ref *r, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct kept_ref x = r[i];
		size_t k = i;
		for (; k > 0 && r[k - 1].key < x.key; k--)
			r[k] = r[k - 1];
		r[k] = x;
	}
}

/* One digit of what is missing to the greatest key. */
static void
sort_digit(const struct kept_ref *from, struct kept_ref *to, size_t n,
    uint64_t greatest, unsigned shift)
{
	size_t at[DIGITS] = { 0 }, sum = 0;
	for (size_t i = 0; i < n; i++)
		at[(greatest - from[i].key) >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		size_t here = at[d];
		at[d] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		to[at[(greatest - from[i].key) >> shift & (DIGITS - 1)]++] =
		    from[i];
}

/*
 * By digits from the last one on.  Keys of one query lie close together:
 * only digits in which they can differ are looked at.
 */
void
kept_sort(struct kept_ref *r, size_t n)
{
	uint64_t greatest = 0, least = UINT64_MAX;
	if (n <= FEW) {
		sort_few(r, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		greatest = r[i].key > greatest ? r[i].key : greatest;
		least = r[i].key < least ? r[i].key : least;
	}
	struct kept_ref *other = mem_realloc(NULL, n, sizeof(*other));
	struct kept_ref *from = r, *to = other;
	for (unsigned shift = 0; shift < 64 && (greatest - least) >> shift != 0;
	     shift += DIGIT_BITS) {
		sort_digit(from, to, n, greatest, shift);
		struct kept_ref *t = from;
		from = to;
		to = t;
	}
	if (from != r)
		memcpy(r, from, n * sizeof(*r));
	free(other);
}
