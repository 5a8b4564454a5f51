#include "encode/encode.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "encode/internal.h"

#define DAY_MS UINT64_C(86400000)
/*
 * An uptime has 32 bits of milliseconds, 49.7 days.  The boot is taken to be
 * some days before the first flow, so that later ones may begin earlier, and
 * again when flows leave what can be told.
 */
#define BOOT_BEFORE (15 * DAY_MS)
#define BOOT_AFTER  (45 * DAY_MS)

struct encoder *
encoder_new(const struct encode_opts *o, encode_send *send, void *ctx)
{
	assert(o->version == 5 || o->version == 9 || o->version == 10);
	assert(o->datagram >= ENCODE_MIN && o->datagram <= ENCODE_MAX);
	struct encoder *e = mem_calloc(1, sizeof(*e));
	e->o = *o;
	e->send = send;
	e->ctx = ctx;
	e->on = o->version == 9 ? ON_V9 : o->version == 10 ? ON_IPFIX : 0;
	e->p = e->data;
	return e;
}

void
encoder_free(struct encoder *e)
{
	if (e == NULL)
		return;
	free(e->templates);
	free(e);
}

const struct encode_counts *
encoder_counts(const struct encoder *e)
{
	return &e->n;
}

uint32_t
encoder_uptime(struct encoder *e, uint64_t ms)
{
	uint64_t since = ms > e->boot_ms ? ms - e->boot_ms : 0;
	e->clipped |= ms < e->boot_ms;
	return (uint32_t)clip(e, since, UINT32_MAX);
}

/* A boot from which this flow's times can be told; whole seconds, as v9's. */
static void
set_boot(struct encoder *e, const struct flow *f)
{
	if (e->boot_ms != 0 && f->first >= e->boot_ms &&
	    f->last < e->boot_ms + BOOT_AFTER)
		return;
	encoder_flush(e);
	uint64_t before =
	    f->first > BOOT_BEFORE ? f->first - BOOT_BEFORE : 1000;
	/* A flow of many days has its end right, if not both. */
	if (f->last > before + BOOT_AFTER)
		before = f->last - BOOT_AFTER;
	e->boot_ms = before - before % 1000;
}

static void
count_flow(struct encoder *e, const struct flow *f)
{
	uint64_t not_sent =
	    f->have & ~(FLOW_BIT(FE_EXPORTER4) | FLOW_BIT(FE_EXPORTER6));
	not_sent &= e->on != 0 ? ~element_all(e->on)
			       : ~(FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
				     FLOW_BIT(FE_MISC) | FLOW_BIT(FE_AS) |
				     FLOW_BIT(FE_NEXT4));
	/* v5 has a part of it. */
	if (e->on == 0 && flow_has(f, FE_MISC) &&
	    (f->dir | f->dst_tos | f->biflow_dir | f->end_reason) != 0)
		not_sent |= FLOW_BIT(FE_MISC);
	for (; not_sent != 0; not_sent &= not_sent - 1)
		e->n.left[__builtin_ctzll(not_sent)]++;
	e->n.flows++;
	e->n.clipped += e->clipped;
}

void
encoder_flow(struct encoder *e, const struct flow *f)
{
	set_boot(e, f);
	e->clipped = false;
	if (!(e->on != 0 ? sets_flow(e, f) : v5_flow(e, f)))
		return;
	e->records++;
	if (f->last > e->latest_ms)
		e->latest_ms = f->last;
	count_flow(e, f);
}

void
encoder_flush(struct encoder *e)
{
	if (e->records == 0)
		return;
	if (e->on != 0)
		sets_finish(e);
	else
		v5_finish(e);
	e->sequence += e->o.version == 9 ? 1 : e->records;
	e->send(e->ctx, e->data, (size_t)(e->p - e->data), e->records);
	e->n.datagrams++;
	e->records = e->items = 0;
	e->latest_ms = 0;
	e->p = e->data;
	e->set = NULL;
}
