/* fmt: lines made of tokens and text. */
#include <string.h>

#include "query/fmt.h"
#include "query/put.h"
#include "query/text.h"

void
fmt_head(const struct format *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_ops; i++) {
		const struct token *t = f->ops[i].token;
		if (t != NULL && t->wide && f->wide6)
			text_right(b, "", FMT_WIDE6);
		/* Text between tokens is blank in the heading. */
		if (t != NULL)
			buf_adds(b, t->head);
		else
			text_right(b, "", (int)f->ops[i].len);
	}
	buf_addc(b, '\n');
}

static inline void
add_text(struct buf *b, const struct fmt_op *op)
{
	char *p = put_room(b, op->len);
	if (op->len <= PUT_SLACK / 2)
		memcpy(p, op->text, PUT_SLACK / 2);
	else
		memcpy(p, op->text, op->len);
	put_end(b, p + op->len);
}

static void
put_line(const struct row *r)
{
	const struct format *f = r->f;
	for (size_t i = 0; i < f->n_ops; i++) {
		if (f->ops[i].token != NULL)
			f->ops[i].token->put(r);
		else
			add_text(r->b, &f->ops[i]);
	}
	buf_addc(r->b, '\n');
}

/* The outer packets of a tunnel, as a line of its own without counters. */
static void
put_tunnel(const struct row *line)
{
	const struct flow *flow = line->flow;
	bool v6 = flow_has(flow, FE_TUN6);
	struct flow outer = { .first = flow->first,
		.last = flow->last,
		.proto = (uint8_t)flow->tun_proto,
		.src = flow->tun_src,
		.dst = flow->tun_dst,
		.have =
		    FLOW_BIT(FE_GENERIC) | FLOW_BIT(v6 ? FE_IPV6 : FE_IPV4) };
	struct row r = *line;
	r.flow = &outer;
	r.no_flow = true;
	put_line(&r);
}

void
fmt_flow(const struct format *f, uint64_t number, const struct flow *flow,
    struct buf *b)
{
	struct row r = { .b = b, .f = f, .flow = flow, .number = number };
	if (flow_has(flow, FE_TUN4) || flow_has(flow, FE_TUN6))
		put_tunnel(&r);
	put_line(&r);
}
