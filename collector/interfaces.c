#include "collector/interfaces.h"

#include <inttypes.h>
#include <string.h>

#include "decode/interface.h"
#include "decode/names.h"

/* Counter samples and names come in different protocols. */
#define SIBLINGS_MAX 1000 /* beyond this only an exporter's own names */

#define ADMIN_UP 1U
#define OPER_UP  2U

const struct exporter *
interfaces_named_by(const struct sender *x)
{
	size_t n;
	(void)exporter_names(&x->e, NAME_INTERFACE, &n);
	if (n != 0 || x->source->n_senders > SIBLINGS_MAX)
		return &x->e;
	for (const struct sender *y = x->source->senders; y != NULL;
	     y = y->next_sibling) {
		if (!addr_eq(&y->e.ip, &x->e.ip))
			continue;
		(void)exporter_names(&y->e, NAME_INTERFACE, &n);
		if (n != 0)
			return &y->e;
	}
	return &x->e;
}

static void
print_counters(struct buf *b, const struct interface *i)
{
	buf_printf(b,
	    " in_octets=%" PRIu64 " in_unicast=%" PRIu32
	    " in_multicast=%" PRIu32 " in_broadcast=%" PRIu32
	    " in_discards=%" PRIu32 " in_errors=%" PRIu32
	    " in_unknown=%" PRIu32,
	    i->in_octets, i->in_unicast, i->in_multicast, i->in_broadcast,
	    i->in_discards, i->in_errors, i->in_unknown);
	buf_printf(b,
	    " out_octets=%" PRIu64 " out_unicast=%" PRIu32
	    " out_multicast=%" PRIu32 " out_broadcast=%" PRIu32
	    " out_discards=%" PRIu32 " out_errors=%" PRIu32,
	    i->out_octets, i->out_unicast, i->out_multicast, i->out_broadcast,
	    i->out_discards, i->out_errors);
}

static const char *
up_down(uint32_t status, uint32_t bit)
{
	return (status & bit) != 0 ? "up" : "down";
}

static void
print_interface(struct buf *b, const struct sender *x,
    const struct interface *i, const struct name *name)
{
	char ip[ADDR_STRLEN], agent[ADDR_STRLEN];
	const struct exporter *e = &x->e;
	buf_printf(b,
	    "ident=%s ip=%s agent=%s id=%" PRIu32 " index=%" PRIu64
	    " received_ms=%" PRIu64 " samples=%" PRIu64 " type=%" PRIu32
	    " speed=%" PRIu64 " direction=%" PRIu32 " admin=%s oper=%s",
	    x->source->spec.ident, addr_str(&e->ip, ip),
	    addr_str(&e->agent, agent), e->id, i->key.id, i->received_ms,
	    i->samples, i->type, i->speed, i->direction,
	    up_down(i->status, ADMIN_UP), up_down(i->status, OPER_UP));
	print_counters(b, i);
	buf_printf(b, " promiscuous=%" PRIu32 " name=%s", i->promiscuous,
	    name != NULL ? name->name : "");
}

static void
report_sender(const struct sender *x, struct ctl_reply *reply, size_t *shown,
    size_t *left_out)
{
	size_t n;
	const struct interface *all = exporter_interfaces(&x->e, &n);
	if (n == 0)
		return;
	const struct exporter *names = interfaces_named_by(x);
	struct buf line = BUF_EMPTY;
	for (size_t i = 0; i < n; i++) {
		if (*shown == INTERFACES_SHOWN_MAX) {
			*left_out += n - i;
			break;
		}
		buf_clear(&line);
		print_interface(&line, x, &all[i],
		    exporter_name(names, NAME_INTERFACE, all[i].key.id));
		ctl_reply_add_array(reply, "interface", "%s", buf_str(&line));
		(*shown)++;
	}
	buf_free(&line);
}

void
interfaces_report(struct decoder *d, void *arg)
{
	const struct interfaces_request *r = arg;
	size_t shown = 0, left_out = 0;
	for (const struct source *s = d->sources.first; s != NULL; s = s->next)
		if (r->ident == NULL || strcmp(s->spec.ident, r->ident) == 0)
			for (const struct sender *x = s->senders; x != NULL;
			     x = x->next_sibling)
				report_sender(x, r->reply, &shown, &left_out);
	ctl_reply_add(r->reply, "left_out", "%zu", left_out);
}
