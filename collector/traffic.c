#include "collector/traffic.h"

#include "collector/source.h"

static struct traffic *
interface(struct traffic_budget *b, struct sender *x, uint32_t index)
{
	struct traffic *t = table_find(&x->traffic, 0, index);
	if (t != NULL || b->used >= b->max)
		return t;
	b->used++;
	return table_put(&x->traffic, sizeof(*t), UINT32_MAX, NULL,
	    (struct table_key){ .id = index });
}

/* One way, and what came back the other; false: it is beyond the limit. */
static bool
count(struct traffic_budget *b, struct sender *x, uint32_t index,
    const struct traffic *more)
{
	struct traffic *t;
	if (index == 0)
		return true;
	if ((t = interface(b, x, index)) == NULL)
		return false;
	t->in_bytes += more->in_bytes;
	t->in_packets += more->in_packets;
	t->out_bytes += more->out_bytes;
	t->out_packets += more->out_packets;
	return true;
}

void
traffic_add(struct traffic_budget *b, struct sender *x, const struct flow *f)
{
	struct traffic in = { .in_bytes = f->bytes, .in_packets = f->packets };
	if (!flow_has(f, FE_MISC))
		return;
	if (flow_has(f, FE_CNT)) {
		in.out_bytes = f->out_bytes;
		in.out_packets = f->out_packets;
	}
	const struct traffic out = { .in_bytes = in.out_bytes,
		.in_packets = in.out_packets,
		.out_bytes = in.in_bytes,
		.out_packets = in.in_packets };
	bool first = count(b, x, f->in_if, &in);
	bool second = count(b, x, f->out_if, &out);
	b->left_out += !first || !second;
}

const struct traffic *
traffic_of(const struct sender *x, size_t *n)
{
	*n = x->traffic.n;
	return *n != 0 ? table_at(&x->traffic, 0) : NULL;
}

void
traffic_forget(struct traffic_budget *b, struct sender *x)
{
	b->used -= x->traffic.n;
	table_free(&x->traffic, NULL);
	x->traffic = (struct table){ 0 };
}

void
traffic_limit(struct sources *ss, size_t max)
{
	if (max < ss->traffic.used)
		for (struct source *s = ss->first; s != NULL; s = s->next)
			for (struct sender *x = s->senders; x != NULL;
			     x = x->next_sibling)
				traffic_forget(&ss->traffic, x);
	ss->traffic.max = max;
}
