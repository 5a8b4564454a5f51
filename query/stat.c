#include "query/stat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "query/text.h"

#define NONE EL_MAX

/* -s's names; b: the other side, counted as well. */
static const struct stat_element {
	const char *name;
	const char *title;
	enum elem_id a, b;
} elements[] = {
	{ "proto", "Protocol", EL_PROTO, NONE },
	{ "srcip", "Src IP Addr", EL_SRCIP, NONE },
	{ "dstip", "Dst IP Addr", EL_DSTIP, NONE },
	{ "ip", "IP Addr", EL_SRCIP, EL_DSTIP },
	{ "nhip", "Nexthop IP", EL_NEXTHOP, NONE },
	{ "nhbip", "Nexthop BGP IP", EL_BGPNEXT, NONE },
	{ "router", "Router IP", EL_ROUTER, NONE },
	{ "srcport", "Src Port", EL_SRCPORT, NONE },
	{ "dstport", "Dst Port", EL_DSTPORT, NONE },
	{ "port", "Port", EL_SRCPORT, EL_DSTPORT },
	{ "tos", "Tos", EL_SRCTOS, NONE },
	{ "srctos", "Tos", EL_SRCTOS, NONE },
	{ "dsttos", "Dst Tos", EL_DSTTOS, NONE },
	{ "dir", "Dir", EL_DIR, NONE },
	{ "srcas", "Src AS", EL_SRCAS, NONE },
	{ "dstas", "Dst AS", EL_DSTAS, NONE },
	{ "as", "AS", EL_SRCAS, EL_DSTAS },
	{ "prevas", "Prev AS", EL_PREVAS, NONE },
	{ "nextas", "Next AS", EL_NEXTAS, NONE },
	{ "inif", "Input If", EL_INIF, NONE },
	{ "outif", "Output If", EL_OUTIF, NONE },
	{ "if", "In/Out If", EL_INIF, EL_OUTIF },
	{ "srcmask", "Src Mask", EL_SRCMASK, NONE },
	{ "dstmask", "Dst Mask", EL_DSTMASK, NONE },
	{ "mask", "Mask", EL_SRCMASK, EL_DSTMASK },
	{ "srcvlan", "Src Vlan", EL_SRCVLAN, NONE },
	{ "dstvlan", "Dst Vlan", EL_DSTVLAN, NONE },
	{ "vlan", "Vlan", EL_SRCVLAN, EL_DSTVLAN },
	{ "insrcmac", "In Src Mac", EL_INSRCMAC, NONE },
	{ "outdstmac", "Out Dst Mac", EL_OUTDSTMAC, NONE },
	{ "indstmac", "In Dst Mac", EL_INDSTMAC, NONE },
	{ "outsrcmac", "Out Src Mac", EL_OUTSRCMAC, NONE },
	{ "srcmac", "Src Mac", EL_INSRCMAC, EL_OUTSRCMAC },
	{ "dstmac", "Dst Mac", EL_OUTDSTMAC, EL_INDSTMAC },
	{ "inmac", "In Mac", EL_INSRCMAC, EL_INDSTMAC },
	{ "outmac", "Out Mac", EL_OUTDSTMAC, EL_OUTSRCMAC },
	{ "mpls1", " MPLS lab 1", EL_MPLS1, NONE },
	{ "mpls2", " MPLS lab 2", EL_MPLS1 + 1, NONE },
	{ "mpls3", " MPLS lab 3", EL_MPLS1 + 2, NONE },
	{ "mpls4", " MPLS lab 4", EL_MPLS1 + 3, NONE },
	{ "mpls5", " MPLS lab 5", EL_MPLS1 + 4, NONE },
	{ "mpls6", " MPLS lab 6", EL_MPLS1 + 5, NONE },
	{ "mpls7", " MPLS lab 7", EL_MPLS1 + 6, NONE },
	{ "mpls8", " MPLS lab 8", EL_MPLS1 + 7, NONE },
	{ "mpls9", " MPLS lab 9", EL_MPLS1 + 8, NONE },
	{ "mpls10", "MPLS lab 10", EL_MPLS10, NONE },
	{ "cl", "Client Latency", EL_CLATENCY, NONE },
	{ "sl", "Server Latency", EL_SLATENCY, NONE },
	{ "al", "  Appl Latency", EL_ALATENCY, NONE },
	{ "odid", "obs domainID", EL_ODID, NONE },
	{ "opid", " obs PointID", EL_OPID, NONE },
	{ "xsrcip", "X-Src IP Addr", EL_XSRCIP, NONE },
	{ "xdstip", "X-Dst IP Addr", EL_XDSTIP, NONE },
	{ "xsrcport", " X-Src Port", EL_XSRCPORT, NONE },
	{ "xdstport", " X-Dst Port", EL_XDSTPORT, NONE },
	{ "nsrcip", "X-Src IP Addr", EL_XSRCIP, NONE },
	{ "ndstip", "X-Dst IP Addr", EL_XDSTIP, NONE },
	{ "nsrcport", " X-Src Port", EL_XSRCPORT, NONE },
	{ "ndstport", " X-Dst Port", EL_XDSTPORT, NONE },
	{ "natsrcip", "X-Src IP Addr", EL_XSRCIP, NONE },
	{ "natdstip", "X-Dst IP Addr", EL_XDSTIP, NONE },
	{ "natip", "X-IP Addr", EL_XSRCIP, EL_XDSTIP },
	{ "natsrcport", " X-Src Port", EL_XSRCPORT, NONE },
	{ "natdstport", " X-Dst Port", EL_XDSTPORT, NONE },
	{ "natport", "X-Port", EL_XSRCPORT, EL_XDSTPORT },
	{ "iacl", "Ingress ACL", EL_IACL, NONE },
	{ "eacl", "Egress ACL", EL_EACL, NONE },
	{ "event", " Event", EL_EVENT, NONE },
	{ "nevent", " Event", EL_EVENT, NONE },
	{ "xevent", "X-Event", EL_XEVENT, NONE },
	{ "flags", "TCPflags", EL_FLAGS, NONE },
	{ "tunproto", "Tun proto", EL_TUNPROTO, NONE },
	{ "ethertype", "Ethertype", EL_ETHERTYPE, NONE },
	{ "minttl", "Min TTL", EL_MINTTL, NONE },
	{ "maxttl", "Max TTL", EL_MAXTTL, NONE },
	{ "ivrf", " I-vrf-ID", EL_IVRF, NONE },
	{ "evrf", " E-vrf-ID", EL_EVRF, NONE },
};
#define ELEMENTS (sizeof(elements) / sizeof(elements[0]))

/* ---- the argument -------------------------------------------------------------- */

static int
parse_orders(const char *text, const char *p, uint32_t *orders, struct err *err)
{
	*orders = 0;
	while (*p == '/') {
		size_t n = strcspn(++p, "/");
		int o = order_parse(p, n);
		if (o == -1 || o >= ORDER_STAT_MAX)
			return err_set(err, "Unknown stat: '%s'!", text);
		*orders |= UINT32_C(1) << o;
		p += n;
	}
	if (*orders == 0)
		*orders = UINT32_C(1) << ORDER_FLOWS;
	return 0;
}

static const struct stat_element *
find_element(const char *name, size_t n)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (strlen(elements[i].name) == n &&
		    strncmp(elements[i].name, name, n) == 0)
			return &elements[i];
	return NULL;
}

static void
add_key(struct stat *s, enum elem_id id)
{
	struct key *k = &s->key[s->n_keys++];
	(void)key_add(k, id);
	if (s->by_proto && id != EL_PROTO)
		(void)key_add(k, EL_PROTO);
}

int
stat_parse(struct stat *s, const char *text, uint32_t *orders, struct err *err)
{
	size_t n = strcspn(text, ":/");
	const char *rest = text + n;
	*s = (struct stat){ 0 };
	if (rest[0] == ':' && rest[1] == 'p' &&
	    (rest[2] == '/' || rest[2] == '\0')) {
		s->by_proto = true;
		rest += 2;
	}
	if (rest[0] == ':')
		return err_set(err, "Unknown stat: '%s'!", text);
	if (parse_orders(text, rest, orders, err) == -1)
		return -1;
	if (n == 6 && strncmp(text, "record", n) == 0)
		return 1;
	s->what = find_element(text, n);
	if (s->what == NULL)
		return err_set(err, "Unknown stat: '%s'!", text);
	s->orders = *orders;
	s->by_proto |= s->what->a == EL_PROTO;
	add_key(s, s->what->a);
	if (s->what->b != NONE)
		add_key(s, s->what->b);
	return 0;
}

/* ---- counting ------------------------------------------------------------------ */

void
stat_begin(struct stat *s, const struct groups_conf *c)
{
	struct groups_conf mine = *c;
	for (size_t i = 0; i < s->n_keys; i++)
		mine.key[i] = s->key[i];
	mine.n_keys = s->n_keys;
	mine.whole = false;
	s->groups = groups_new(&mine);
}

void
stat_free(struct stat *s)
{
	groups_free(s->groups);
	s->groups = NULL;
}

uint64_t
stat_columns(const struct stat *s)
{
	return s->key[0].columns | s->key[1].columns | COL_BIT(COL_FLAGS) |
	       COL_BIT(COL_TOS);
}

/* ---- tables ---------------------------------------------------------------------- */

#define VALUE_LEN 64

static const char *
event_name(uint64_t event)
{
	static const char *const names[] = { "ignore", "CREATE", "DELETE",
		"DENIED", "ALERT", "UPDATE" };
	return event < sizeof(names) / sizeof(names[0]) ? names[event]
							: "UNKNOWN";
}

static const char *
value_text(enum elem_id id, const struct elem_value *v, bool full, char *s)
{
	switch (elem_kind(id)) {
	case KIND_IP:
		return full ? text_ip(&v->ip, v->v6, s)
			    : text_ip_short(&v->ip, v->v6, s);
	case KIND_MAC:
		return text_mac(v->n, s);
	case KIND_MPLS:
		return text_mpls((uint32_t)v->n, s);
	case KIND_HEX:
		(void)snprintf(s, VALUE_LEN, "0x%llx",
		    (unsigned long long)v->n);
		return s;
	case KIND_LATENCY:
		(void)snprintf(s, VALUE_LEN, "%.3f", (double)v->n / 1000);
		return s;
	case KIND_FLAGS:
		return text_flags((uint8_t)v->n, s);
	case KIND_EVENT:
		(void)snprintf(s, VALUE_LEN, "%s", event_name(v->n));
		return s;
	case KIND_NUMBER:
	case KIND_PROTO:
		break;
	}
	(void)snprintf(s, VALUE_LEN, "%llu", (unsigned long long)v->n);
	return s;
}

/* One group made ready to print. */
struct line {
	const struct stat *s;
	const struct stat_style *style;
	const struct sums *sums;
	struct rates r;
	struct elem_value value;
	const char *proto;
	uint64_t proto_number; /* 0: any */
	double share[3];       /* percent of flows, packets, bytes */
	char number[8];
};

static double
percent(uint64_t part, uint64_t whole)
{
	return whole != 0 ? (double)part * 100 / (double)whole : 0;
}

static void
shares(struct line *l, const struct totals *t)
{
	struct sums all = { .packets = t->packets,
		.bytes = t->bytes,
		.out_packets = t->out_packets,
		.out_bytes = t->out_bytes };
	/* Of both directions, whatever the order: as nfdump. */
	struct rates total = sums_rates(&all, DIR_BOTH);
	l->share[0] = percent(l->sums->flows, t->flows);
	l->share[1] = percent(l->r.packets, total.packets);
	l->share[2] = percent(l->r.bytes, total.bytes);
}

static struct line
make_line(const struct stat *s, const struct stat_style *style,
    const struct group *g, enum direction d)
{
	const struct key *k = g->key;
	struct line l = { .s = s,
		.style = style,
		.sums = g->sums,
		.proto = "any" };
	struct elem_value p;
	key_value(k, 0, g->bytes, &l.value);
	l.r = sums_rates(l.sums, d);
	if (s->by_proto) {
		key_value(k, k->n - 1, g->bytes, &p);
		l.proto_number = p.n;
		l.proto = text_proto((uint8_t)p.n);
		if (style->plain) {
			(void)snprintf(l.number, sizeof(l.number), "%u",
			    (unsigned)(p.n & 0xff));
			l.proto = NULL; /* number; l moves */
		}
	}
	return l;
}

static const char *
line_proto(const struct line *l)
{
	return l->proto != NULL ? l->proto : l->number;
}

static uint64_t
line_duration(const struct line *l)
{
	return l->sums->last > l->sums->first ? l->sums->last - l->sums->first
					      : 0;
}

static void
put_share(struct buf *b, uint64_t v, double share, bool plain)
{
	buf_addc(b, ' ');
	text_counter(b, v, plain, 8);
	buf_printf(b, "(%4.1f)", share);
}

static void
put_text_line(const struct line *l, struct buf *b)
{
	char s[VALUE_LEN];
	bool plain = l->style->plain, wide = l->style->wide6;
	text_time(b, l->sums->first, ' ');
	buf_addc(b, ' ');
	if (plain)
		text_millis(b, line_duration(l), 16);
	else
		text_duration(b, line_duration(l));
	buf_addc(b, ' ');
	text_left(b, line_proto(l), 5);
	buf_addc(b, ' ');
	text_right(b, value_text(l->s->what->a, &l->value, wide, s),
	    wide ? 39 : 17);
	put_share(b, l->sums->flows, l->share[0], plain);
	put_share(b, l->r.packets, l->share[1], plain);
	put_share(b, l->r.bytes, l->share[2], plain);
	buf_addc(b, ' ');
	text_counter(b, l->r.pps, plain, 8);
	buf_addc(b, ' ');
	text_counter(b, l->r.bps, plain, 8);
	buf_addc(b, ' ');
	text_number(b, l->r.bpp, 5);
	buf_addc(b, '\n');
}

#define ULL(v) ((unsigned long long)(v))

static void
put_csv_line(const struct line *l, struct buf *b)
{
	char s[VALUE_LEN];
	text_seconds(b, l->sums->first, ' ');
	buf_addc(b, ',');
	text_seconds(b, l->sums->last, ' ');
	buf_addc(b, ',');
	text_millis(b, line_duration(l), 0);
	buf_printf(b, ",%s,%s,%llu,%.1f,%llu,%.1f,%llu,%.1f,%llu,%llu,%llu\n",
	    line_proto(l), value_text(l->s->what->a, &l->value, true, s),
	    ULL(l->sums->flows), l->share[0], ULL(l->r.packets), l->share[1],
	    ULL(l->r.bytes), l->share[2], ULL(l->r.pps), ULL(l->r.bps),
	    ULL(l->r.bpp));
}

static void
put_pipe_line(const struct line *l, struct buf *b)
{
	const struct elem_value *v = &l->value;
	buf_printf(b, "%d|%llu|%llu|%llu", v->v6 ? 10 : 2, ULL(l->sums->first),
	    ULL(l->sums->last), ULL(l->proto_number));
	if (elem_kind(l->s->what->a) == KIND_IP)
		buf_printf(b, "|%llu|%llu|%llu|%llu", ULL(v->ip.hi >> 32),
		    ULL(v->ip.hi & 0xffffffff), ULL(v->ip.lo >> 32),
		    ULL(v->ip.lo & 0xffffffff));
	else
		buf_printf(b, "|%llu", ULL(v->n));
	buf_printf(b, "|%llu|%llu|%llu|%llu|%llu|%llu\n", ULL(l->sums->flows),
	    ULL(l->r.packets), ULL(l->r.bytes), ULL(l->r.pps), ULL(l->r.bps),
	    ULL(l->r.bpp));
}

static void
put_csv_head(enum direction d, struct buf *b)
{
	const char *p = d == DIR_IN ? "i" : d == DIR_OUT ? "o" : "";
	buf_printf(b,
	    "ts,te,td,pr,val,fl,flP,%spkt,%spktP,%sbyt,%sbytP,"
	    "%spps,%sbps,%sbpp\n",
	    p, p, p, p, p, p, p);
}

static void
put_head(const struct stat *s, const struct stat_style *style, enum order o,
    struct buf *b)
{
	if (style->quiet || style->mode == MODE_PIPE)
		return;
	if (style->mode == MODE_CSV) {
		put_csv_head(order_direction(o), b);
		return;
	}
	buf_adds(b, "Top ");
	if (style->top != 0)
		buf_printf(b, "%zu ", style->top);
	buf_printf(b,
	    "%s ordered by %s:\n"
	    "Date first seen                 Duration Proto ",
	    s->what->title, order_name(o));
	text_right(b, s->what->title, style->wide6 ? 39 : 17);
	buf_adds(b, "    Flows(%)     Packets(%)       Bytes(%)         pps"
		    "      bps   bpp\n");
}

struct table {
	const struct stat *s;
	const struct totals *t;
	const struct stat_style *style;
	enum direction d;
	struct buf *b;
};

static void
put_line(void *ctx, const struct group *g)
{
	const struct table *t = ctx;
	struct line l = make_line(t->s, t->style, g, t->d);
	shares(&l, t->t);
	if (t->style->mode == MODE_CSV)
		put_csv_line(&l, t->b);
	else if (t->style->mode == MODE_PIPE)
		put_pipe_line(&l, t->b);
	else
		put_text_line(&l, t->b);
}

static void
print_table(const struct stat *s, const struct totals *t,
    const struct stat_style *style, enum order o, struct buf *b)
{
	struct table table = { s, t, style, order_direction(o), b };
	put_head(s, style, o, b);
	groups_each(s->groups, (int)o, style->top, style->only, put_line,
	    &table);
	buf_addc(b, '\n');
}

void
stat_print(const struct stat *s, const struct totals *t,
    const struct stat_style *style, struct buf *b)
{
	for (int o = 0; o < ORDER_STAT_MAX; o++)
		if ((s->orders >> o & 1) != 0)
			print_table(s, t, style, (enum order)o, b);
}
