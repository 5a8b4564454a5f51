#include "decode/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "decode/engine.h"

struct waiting_set {
	struct waiting_set *older, *newer; /* of all */
	struct waiting_set *prev, *next;   /* of the exporter */
	struct exporter *e;
	uint64_t received_ms;
	uint64_t export_ms;
	uint32_t uptime;
	uint32_t serial; /* of its datagram in e->held; IPFIX */
	uint32_t len;
	uint16_t id;
	uint8_t data[];
};

#define MALLOC_OVERHEAD 16

static size_t
size_of(size_t len)
{
	return sizeof(struct waiting_set) + len + MALLOC_OVERHEAD;
}

void
waiting_init(struct waiting_store *s, size_t all, size_t each)
{
	*s = (struct waiting_store){ .budget = { all },
		.all = all,
		.each = each };
}

size_t
waiting_used(const struct waiting_store *s)
{
	return s->all - s->budget.left;
}

static void
unlink_set(struct exporter *e, struct waiting_set *x)
{
	struct waiting_store *s = e->store;
	struct waiting *own = &e->waiting;
	*(x == s->oldest ? &s->oldest : &x->older->newer) = x->newer;
	*(x == s->newest ? &s->newest : &x->newer->older) = x->older;
	*(x == own->first ? &own->first : &x->prev->next) = x->next;
	*(x == own->last ? &own->last : &x->next->prev) = x->prev;
	own->n--;
	own->bytes -= size_of(x->len);
	budget_give(&s->budget, size_of(x->len));
}

static void
link_set(struct waiting_set *x)
{
	struct waiting_store *s = x->e->store;
	struct waiting *own = &x->e->waiting;
	x->older = s->newest;
	x->prev = own->last;
	*(s->newest != NULL ? &s->newest->newer : &s->oldest) = x;
	*(own->last != NULL ? &own->last->next : &own->first) = x;
	s->newest = own->last = x;
	own->n++;
	own->bytes += size_of(x->len);
}

static void
give_up(struct exporter *e, struct waiting_set *x)
{
	unlink_set(e, x);
	e->stats.no_template++;
	held_close(e, x->serial, 0, 0, true);
	free(x);
}

void
waiting_limit(struct waiting_store *s, size_t all, size_t each)
{
	struct waiting_set *x, *next;
	for (x = s->oldest; x != NULL && waiting_used(s) > all; x = next) {
		next = x->newer;
		give_up(x->e, x);
	}
	s->budget.left = all - waiting_used(s);
	s->all = all;
	s->each = each;
}

/* False: it is larger than all there may be. */
static bool
make_room(struct exporter *e, size_t n)
{
	struct waiting_store *s = e->store;
	struct waiting_set *x, *next;
	for (x = e->waiting.first; e->waiting.bytes + n > s->each; x = next) {
		if (x == NULL)
			return false;
		next = x->next;
		give_up(e, x);
	}
	for (x = s->oldest; !budget_take(&s->budget, n); x = next) {
		if (x == NULL)
			return false;
		next = x->newer;
		give_up(x->e, x);
	}
	return true;
}

static bool
keep_set(struct exporter *e, const struct waiting_view *v, uint32_t serial)
{
	if (e->store == NULL || !make_room(e, size_of(v->len)))
		return false;
	struct waiting_set *x = mem_alloc(sizeof(*x) + v->len);
	*x = (struct waiting_set){ .e = e,
		.received_ms = v->received_ms,
		.export_ms = v->export_ms,
		.uptime = v->uptime,
		.serial = serial,
		.len = (uint32_t)v->len,
		.id = v->id };
	memcpy(x->data, v->data, v->len);
	link_set(x);
	return true;
}

bool
waiting_put(struct decoding *d, uint16_t id, const struct wire *w)
{
	struct exporter *e = d->e;
	const struct waiting_view v = { .received_ms = d->received_ms,
		.export_ms = d->export_ms,
		.uptime = d->uptime,
		.id = id,
		.data = w->p,
		.len = wire_left(w) };
	/* Not held: what is older than all that are. */
	return keep_set(e, &v, d->held ? d->serial : e->held.first - 1);
}

bool
waiting_next(const struct exporter *e, const struct waiting_set **at,
    struct waiting_view *v)
{
	const struct waiting_set *x =
	    *at == NULL ? e->waiting.first : (*at)->next;
	if (x == NULL)
		return false;
	*at = x;
	*v = (struct waiting_view){ .received_ms = x->received_ms,
		.export_ms = x->export_ms,
		.uptime = x->uptime,
		.id = x->id,
		.data = x->data,
		.len = x->len };
	return true;
}

bool
waiting_restore(struct exporter *e, const struct waiting_view *v)
{
	if (keep_set(e, v, e->held.first - 1))
		return true;
	e->stats.no_template++;
	return false;
}

static void
decode_set(struct decoding *now, const struct waiting_set *x,
    const struct template *t)
{
	struct decoding d = {
		.e = x->e,
		.proto = now->proto,
		.received_ms = x->received_ms,
		.export_ms = x->export_ms,
		.uptime = x->uptime,
		.sink = now->sink,
		.ctx = now->ctx,
	};
	struct decode_stats *st = &x->e->stats;
	uint64_t flows = st->flows;
	struct wire w = wire_init(x->data, x->len);
	records_decode(&d, t, &w);
	st->waited++;
	st->waited_flows += st->flows - flows;
	held_close(x->e, x->serial, d.records, d.options, d.uncounted);
}

/* Options first: they say how the flows are to be read. */
void
waiting_release(struct decoding *d)
{
	struct exporter *e = d->e;
	for (int options = 1; options >= 0; options--)
		for (struct waiting_set *x = e->waiting.first, *next; x != NULL;
		     x = next) {
			const struct template *t =
			    template_set_get(e->templates, x->id);
			next = x->next;
			if (t == NULL || t->options != (options == 1))
				continue;
			unlink_set(e, x);
			decode_set(d, x, t);
			free(x);
		}
}

/*
 * By the order of arrival.  What seems to come from the future was received
 * before the clock was set back.
 */
void
waiting_expire(struct waiting_store *s, uint64_t now_ms)
{
	for (struct waiting_set *x = s->oldest, *next; x != NULL; x = next) {
		uint64_t at = x->received_ms;
		if (at + WAITING_MS >= now_ms && at <= now_ms + WAITING_MS)
			return;
		next = x->newer;
		give_up(x->e, x);
	}
}

void
waiting_drop(struct exporter *e)
{
	for (struct waiting_set *x = e->waiting.first, *next; x != NULL;
	     x = next) {
		next = x->next;
		give_up(e, x);
	}
}
