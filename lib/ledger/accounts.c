#include "ledger/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static bool
same(const struct ledger_line *a, const struct ledger_line *b)
{
	return a->id == b->id && a->version == b->version &&
	       addr_eq(&a->exporter, &b->exporter) &&
	       addr_eq(&a->agent, &b->agent) &&
	       strcmp(a->source, b->source) == 0;
}

static uint64_t
hash_of(const struct ledger_line *l)
{
	uint64_t h = hash_bytes(l->source, strlen(l->source), hash_seed());
	h ^= hash_mix(l->exporter.hi, l->exporter.lo);
	h ^= hash_mix(l->agent.hi, ~l->agent.lo);
	return hash_mix(h, (uint64_t)l->id << 16 | l->version);
}

/* Where the account is in the index, or an empty place for it. */
static size_t
place(const struct accounts *a, const struct ledger_line *l)
{
	size_t i = hash_of(l) & (a->size - 1);
	while (a->index[i] != 0 && !same(&a->sums[a->index[i] - 1].l, l))
		i = (i + 1) & (a->size - 1);
	return i;
}

struct ledger_sum *
accounts_find(const struct accounts *a, const struct ledger_line *l)
{
	if (a->size == 0)
		return NULL;
	uint32_t at = a->index[place(a, l)];
	return at != 0 ? &a->sums[at - 1] : NULL;
}

static void
grow(struct accounts *a)
{
	a->size = a->size != 0 ? a->size * 2 : 64;
	free(a->index);
	a->index = mem_calloc(a->size, sizeof(*a->index));
	a->sums = mem_realloc(a->sums, a->size / 2, sizeof(*a->sums));
	for (size_t i = 0; i < a->n; i++)
		a->index[place(a, &a->sums[i].l)] = (uint32_t)i + 1;
}

void
accounts_take(void *ctx, const struct ledger_line *l)
{
	struct accounts *a = ctx;
	struct ledger_sum *s = accounts_find(a, l);
	if (s == NULL) {
		if (a->sums == NULL || a->n == a->size / 2)
			grow(a);
		a->index[place(a, l)] = (uint32_t)a->n + 1;
		a->sums[a->n++] = (struct ledger_sum){ .l = *l };
		return;
	}
	if (l->n[LEDGER_DATAGRAMS] != 0 && l->slot > s->l.slot) {
		s->l.slot = l->slot;
		s->l.length = l->length;
	}
	ledger_sum(&s->l, l);
}

static int
compare(const void *pa, const void *pb)
{
	const struct ledger_line *a = &((const struct ledger_sum *)pa)->l;
	const struct ledger_line *b = &((const struct ledger_sum *)pb)->l;
	int c = strcmp(a->source, b->source);
	if (c == 0)
		c = addr_cmp(&a->exporter, &b->exporter);
	if (c == 0)
		c = (a->version > b->version) - (a->version < b->version);
	if (c == 0)
		c = (a->id > b->id) - (a->id < b->id);
	return c != 0 ? c : addr_cmp(&a->agent, &b->agent);
}

void
accounts_sort(struct accounts *a)
{
	if (a->n != 0)
		qsort(a->sums, a->n, sizeof(*a->sums), compare);
	free(a->index);
	a->index = NULL;
	a->size = 0;
}

void
accounts_free(struct accounts *a)
{
	free(a->sums);
	free(a->index);
	*a = ACCOUNTS_EMPTY;
}
