#include "decode/held.h"

#include <stdlib.h>

#include "base/mem.h"
#include "decode/engine.h"

/* NULL: settled already. */
static struct held *
at(const struct held_ring *r, uint32_t serial)
{
	if (serial - r->first >= r->n)
		return NULL;
	return &r->items[serial & (r->cap - 1)];
}

static bool
grow(struct exporter *e)
{
	struct held_ring *r = &e->held;
	uint32_t cap = r->cap != 0 ? r->cap * 2 : 2;
	size_t more = (cap - r->cap) * sizeof(*r->items);
	struct waiting *own = &e->waiting;
	if (own->bytes + more > e->store->each ||
	    !budget_take(&e->store->budget, more))
		return false;
	own->bytes += more;
	struct held *items = mem_calloc(cap, sizeof(*items));
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t serial = r->first + i;
		items[serial & (cap - 1)] = *at(r, serial);
	}
	free(r->items);
	r->items = items;
	r->cap = cap;
	return true;
}

void
held_free(struct exporter *e)
{
	struct held_ring *r = &e->held;
	size_t bytes = r->cap * sizeof(*r->items);
	if (r->cap != 0) {
		e->waiting.bytes -= bytes;
		budget_give(&e->store->budget, bytes);
	}
	free(r->items);
	/* Serials that sets still have are of nobody. */
	*r = (struct held_ring){ .first = r->first + r->n };
}

bool
held_begin(struct exporter *e, uint32_t number, uint64_t received_ms,
    uint32_t *serial)
{
	struct held_ring *r = &e->held;
	if (r->n == r->cap && !grow(e)) {
		held_free(e);
		e->sequence.known = false;
		return false;
	}
	*serial = r->first + r->n++;
	*at(r, *serial) = (struct held){ .received_ms = received_ms,
		.number = number,
		.open = 1 };
	return true;
}

void
held_open(struct exporter *e, uint32_t serial)
{
	struct held *h = at(&e->held, serial);
	if (h != NULL)
		h->open++;
}

void
held_close(struct exporter *e, uint32_t serial, uint32_t units,
    uint32_t options, bool unknown)
{
	struct held *h = at(&e->held, serial);
	if (h == NULL)
		return;
	h->open--;
	h->units += units;
	h->options += options;
	h->unknown |= unknown;
}

void
held_settle(struct exporter *e, uint64_t now_ms)
{
	struct held_ring *r = &e->held;
	if (r->cap == 0)
		return;
	while (r->n != 0) {
		const struct held *h = at(r, r->first);
		bool old = h->received_ms + HELD_MS < now_ms;
		if (h->open != 0 && !old)
			return;
		sequence_check(e, h->number, h->units, h->options);
		/* Nobody knows how many there were: start anew. */
		if (h->unknown || h->open != 0)
			e->sequence.known = false;
		r->first++;
		r->n--;
	}
	held_free(e);
}
