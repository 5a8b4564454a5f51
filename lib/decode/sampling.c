#include "decode/sampling.h"

#include <inttypes.h>
#include <stdio.h>

#include "decode/engine.h"

const char *
sampler_kind_name(enum sampler_kind kind)
{
	switch (kind) {
	case SAMPLER_OVERRIDE:
		return "override";
	case SAMPLER_RECORD:
		return "record";
	case SAMPLER_ID:
		return "id";
	case SAMPLER_INTERFACE:
		return "interface";
	case SAMPLER_GENERIC:
		return "generic";
	case SAMPLER_HEADER:
		return "header";
	case SAMPLER_DEFAULT:
		break;
	}
	return "default";
}

const struct sampler *
exporter_samplers(const struct exporter *e, size_t *n)
{
	*n = e->samplers.n;
	return (const void *)e->samplers.items;
}

char *
sampler_str(const struct sampler *s, char *buf)
{
	int n = snprintf(buf, SAMPLER_STRLEN, "%s",
	    sampler_kind_name((enum sampler_kind)s->key.kind));
	if (s->key.id != 0)
		n += snprintf(buf + n, SAMPLER_STRLEN - (size_t)n, " %" PRIu64,
		    s->key.id);
	(void)snprintf(buf + n, SAMPLER_STRLEN - (size_t)n,
	    ": %" PRIu32 " of %" PRIu64 ", %" PRIu64 " flows", s->packets,
	    (uint64_t)s->packets + s->space, s->flows);
	return buf;
}

/*
 * An interval counts one of so many; 306 alone is one as well, beside 305 it
 * is what is left out between.  False: nothing to apply.
 */
static bool
rate_of(const struct sampling_values *v, uint32_t *packets, uint32_t *space)
{
	*packets = 1;
	if (v->space != 0 && v->packets != 0) {
		*packets = v->packets;
		*space = v->space;
	} else if (v->space != 0)
		*space = v->space - 1;
	else if (v->interval != 0)
		*space = v->interval - 1;
	else if (v->size != 0 && v->population >= v->size) {
		*packets = v->size;
		*space = v->population - v->size;
	} else
		return false;
	return ((uint64_t)*packets + *space) / *packets <= SAMPLING_MAX;
}

static struct sampler *
put(struct decoding *d, enum sampler_kind kind, uint64_t id)
{
	struct exporter *e = d->e;
	struct sampler *s =
	    table_put(&e->samplers, sizeof(*s), DECODE_SAMPLERS_MAX, e->budget,
		(struct table_key){ .kind = (uint8_t)kind, .id = id });
	if (s != NULL)
		s->last_ms = d->received_ms;
	return s;
}

static void
set_rate(struct decoding *d, struct sampler *s, uint32_t packets,
    uint32_t space, uint16_t algorithm)
{
	if (s->changed != 0 && s->packets == packets && s->space == space &&
	    s->algorithm == algorithm)
		return;
	s->packets = packets;
	s->space = space;
	s->algorithm = algorithm;
	s->changed = ++d->e->samplers_changed;
}

void
sampling_learn(struct decoding *d, enum sampler_kind kind, uint64_t id,
    const struct sampling_values *v)
{
	uint32_t packets, space;
	if (!rate_of(v, &packets, &space)) {
		d->e->stats.refused +=
		    (v->space | v->interval | v->population) != 0;
		return;
	}
	struct sampler *s = put(d, kind, id);
	if (s == NULL) {
		d->e->stats.refused++;
		return;
	}
	set_rate(d, s, packets, space, v->algorithm);
}

void
sampling_restore(struct exporter *e, const struct sampler *s)
{
	if (s->packets == 0 ||
	    ((uint64_t)s->packets + s->space) / s->packets > SAMPLING_MAX)
		return;
	struct sampler *to = table_put(&e->samplers, sizeof(*to),
	    DECODE_SAMPLERS_MAX, e->budget, s->key);
	if (to == NULL)
		return;
	*to = *s;
	to->flows = 0;
	to->changed = ++e->samplers_changed;
}

/* A rule that is not announced by options; d->spare when there is no room. */
static struct sampler *
put_rule(struct decoding *d, enum sampler_kind kind, uint32_t packets,
    uint32_t space)
{
	struct sampler *s = put(d, kind, 0);
	if (s == NULL)
		s = &d->spare;
	set_rate(d, s, packets, space, s->algorithm);
	return s;
}

static struct sampler *
find(const struct decoding *d, enum sampler_kind kind, uint64_t id)
{
	return table_find(&d->e->samplers, (uint8_t)kind, id);
}

static struct sampler *
by_interface(const struct decoding *d, const struct flow *f)
{
	if (!flow_has(f, FE_MISC))
		return NULL;
	uint32_t near = f->dir == 1 ? f->out_if : f->in_if;
	uint32_t far = f->dir == 1 ? f->in_if : f->out_if;
	struct sampler *s = find(d, SAMPLER_INTERFACE, near);
	return s != NULL ? s : find(d, SAMPLER_INTERFACE, far);
}

static struct sampler *
pick(struct decoding *d, const struct flow *f,
    const struct sampling_values *own)
{
	const struct decode_opts *o = d->e->opts;
	uint32_t packets, space;
	if (o != NULL && o->sampling_override != 0)
		return put_rule(d, SAMPLER_OVERRIDE, 1,
		    o->sampling_override - 1);
	if (own != NULL && rate_of(own, &packets, &space) && space != 0)
		return put_rule(d, SAMPLER_RECORD, packets, space);
	struct sampler *s = NULL;
	if (flow_has(f, FE_SAMPLER))
		s = find(d, SAMPLER_ID, f->sampler_id);
	if (s == NULL)
		s = by_interface(d, f);
	if (s == NULL)
		s = find(d, SAMPLER_GENERIC, 0);
	if (s == NULL)
		s = find(d, SAMPLER_HEADER, 0);
	if (s == NULL && o != NULL && o->sampling > 1)
		s = put_rule(d, SAMPLER_DEFAULT, 1, o->sampling - 1);
	return s;
}

static uint64_t
scale(uint64_t v, const struct sampler *s)
{
	uint64_t total = (uint64_t)s->packets + s->space;
	return __builtin_mul_overflow(v, total, &v) ? UINT64_MAX
						    : v / s->packets;
}

bool
sampling_may_apply(const struct exporter *e)
{
	const struct decode_opts *o = e->opts;
	return e->samplers.n != 0 ||
	       (o != NULL && (o->sampling > 1 || o->sampling_override != 0));
}

void
sampling_apply(struct decoding *d, struct flow *f,
    const struct sampling_values *own)
{
	struct sampler *s = pick(d, f, own);
	if (s == NULL)
		return;
	s->flows++;
	if (s->space == 0)
		return;
	f->packets = scale(f->packets, s);
	f->bytes = scale(f->bytes, s);
	if (flow_has(f, FE_CNT)) {
		f->out_packets = scale(f->out_packets, s);
		f->out_bytes = scale(f->out_bytes, s);
	}
	f->flags |= FLOW_SAMPLED;
}

uint32_t
sampling_sample_rate(struct decoding *d, uint32_t source, uint32_t rate)
{
	const struct decode_opts *o = d->e->opts;
	bool override = o != NULL && o->sampling_override != 0;
	if (override)
		rate = o->sampling_override;
	enum sampler_kind kind = override ? SAMPLER_OVERRIDE : SAMPLER_RECORD;
	uint64_t id = override ? 0 : source;
	/* Samples of one source follow each other; no other rule comes here. */
	struct sampler *s = d->sample;
	if (s == NULL || s->key.kind != kind || s->key.id != id)
		s = d->sample = put(d, kind, id);
	if (s == NULL)
		return rate;
	set_rate(d, s, 1, rate != 0 ? rate - 1 : 0, s->algorithm);
	s->flows++;
	return rate;
}
