#include "decode/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool
budget_take(struct budget *b, size_t n)
{
	if (b == NULL)
		return true;
	if (b->left < n)
		return false;
	b->left -= n;
	return true;
}

void
budget_give(struct budget *b, size_t n)
{
	if (b != NULL)
		b->left += n;
}

void *
table_at(const struct table *t, size_t i)
{
	return t->items + i * t->size;
}

/* Where the key is, or belongs. */
static size_t
place(const struct table *t, uint8_t kind, uint64_t id)
{
	size_t lo = 0, hi = t->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct table_key *k = table_at(t, mid);
		if (k->kind != kind ? k->kind < kind : k->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
is_at(const struct table *t, size_t i, uint8_t kind, uint64_t id)
{
	if (i == t->n)
		return false;
	const struct table_key *k = table_at(t, i);
	return k->kind == kind && k->id == id;
}

void *
table_find(const struct table *t, uint8_t kind, uint64_t id)
{
	size_t i = place(t, kind, id);
	return is_at(t, i, kind, id) ? table_at(t, i) : NULL;
}

static bool
grow(struct table *t, size_t size, uint32_t max, struct budget *b)
{
	uint32_t cap = t->cap != 0 ? t->cap * 2 : 2;
	if (cap > max)
		cap = max;
	if (cap == t->cap || !budget_take(b, (cap - t->cap) * size))
		return false;
	t->items = mem_realloc(t->items, cap, size);
	t->size = (uint16_t)size;
	t->cap = cap;
	return true;
}

void *
table_put(struct table *t, size_t size, uint32_t max, struct budget *b,
    struct table_key key)
{
	size_t i = place(t, key.kind, key.id);
	if (is_at(t, i, key.kind, key.id))
		return table_at(t, i);
	if (t->n == t->cap && !grow(t, size, max, b))
		return NULL;
	uint8_t *item = table_at(t, i);
	memmove(item + size, item, (t->n - i) * size);
	memset(item, 0, size);
	memcpy(item, &key, sizeof(key));
	t->n++;
	return item;
}

void
table_free(struct table *t, struct budget *b)
{
	budget_give(b, (size_t)t->cap * t->size);
	free(t->items);
	*t = (struct table){ 0 };
}
