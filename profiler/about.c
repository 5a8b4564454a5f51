#include "profiler/about.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "nffile/bytes.h"
#include "nffile/nffile.h"

/* Where a record names its exporter. */
#define NOWHERE 0        /* it describes no flows, or is cut short */
#define WHOLE   SIZE_MAX /* names are of no exporter */

static size_t
sysid_at(const uint8_t *rec)
{
	uint16_t size = get16(rec + 2);
	switch (get16(rec)) {
	case REC_EXPORTER:
		return size >= 28 ? 26 : NOWHERE;
	case REC_SAMPLER:
		return size >= 24 ? 4 : NOWHERE;
	case REC_SAMPLER_OLD:
		return size >= 16 ? 14 : NOWHERE;
	case REC_NBAR:
	case REC_IFNAME:
	case REC_VRFNAME:
		return WHOLE;
	default:
		return NOWHERE;
	}
}

/* ---- numbers ----------------------------------------------------------------- */

uint16_t
about_sysid(const struct about *a, uint16_t sysid)
{
	return sysid < a->n_sysids ? a->sysids[sysid] : 0;
}

static void
number(struct about *a, uint16_t sysid, uint16_t *last)
{
	size_t n = (size_t)sysid + 1;
	if (n > a->n_sysids) {
		n = n > a->n_sysids * 2 ? n : a->n_sysids * 2;
		a->sysids = mem_realloc(a->sysids, n, sizeof(*a->sysids));
		memset(a->sysids + a->n_sysids, 0,
		    (n - a->n_sysids) * sizeof(*a->sysids));
		a->n_sysids = n;
	}
	if (a->sysids[sysid] == 0 && *last < UINT16_MAX)
		a->sysids[sysid] = ++*last;
}

/* ---- records ----------------------------------------------------------------- */

static const uint8_t *
record(const struct about *a, size_t bucket)
{
	return (const uint8_t *)a->records.data + a->buckets[bucket] - 1;
}

/* The bucket that has the record, or will. */
static size_t
find(const struct about *a, const uint8_t *rec)
{
	uint16_t size = get16(rec + 2);
	size_t mask = a->n_buckets - 1;
	size_t b = (size_t)hash_bytes(rec, size, hash_seed()) & mask;
	for (; a->buckets[b] != 0; b = (b + 1) & mask)
		if (get16(record(a, b) + 2) == size &&
		    memcmp(record(a, b), rec, size) == 0)
			break;
	return b;
}

static void
grow(struct about *a)
{
	size_t n = a->n_buckets != 0 ? a->n_buckets * 4 : 16;
	free(a->buckets);
	a->buckets = mem_calloc(n, sizeof(*a->buckets));
	a->n_buckets = n;
	for (size_t at = 0; at < a->records.len;) {
		const uint8_t *rec = (const uint8_t *)a->records.data + at;
		a->buckets[find(a, rec)] = at + 1;
		at += get16(rec + 2);
	}
}

void
about_add(struct about *a, const uint8_t *rec, uint16_t *last_sysid)
{
	size_t at = sysid_at(rec);
	size_t begin = a->records.len;
	if (at == NOWHERE)
		return;
	if (get16(rec) == REC_EXPORTER)
		number(a, get16(rec + at), last_sysid);
	if (a->n * 2 >= a->n_buckets)
		grow(a);
	/* A copy is what is looked for: with another number it is another. */
	buf_add(&a->records, rec, get16(rec + 2));
	uint8_t *copy = (uint8_t *)a->records.data + begin;
	if (at != WHOLE) {
		uint16_t sysid = about_sysid(a, get16(rec + at));
		memcpy(copy + at, &sysid, sizeof(sysid));
	}
	size_t b = find(a, copy);
	if (a->buckets[b] != 0) {
		a->records.len = begin;
		return;
	}
	a->buckets[b] = begin + 1;
	a->n++;
}

void
about_clear(struct about *a)
{
	buf_clear(&a->records);
	if (a->n != 0)
		memset(a->buckets, 0, a->n_buckets * sizeof(*a->buckets));
	a->n = 0;
	a->n_sysids = 0;
}

void
about_free(struct about *a)
{
	buf_free(&a->records);
	free(a->buckets);
	free(a->sysids);
	*a = (struct about){ 0 };
}
