#include "query/agg.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/nffile.h"

/* -A's names and the token that prints each. */
static const struct {
	const char *name;
	enum elem_id id;
	uint8_t family; /* 4 or 6: needs "/bits" */
	const char *token;
} fields[] = {
	{ "proto", EL_PROTO, 0, "%pr" },
	{ "srcport", EL_SRCPORT, 0, "%sp" },
	{ "dstport", EL_DSTPORT, 0, "%dp" },
	{ "tos", EL_SRCTOS, 0, "%tos" },
	{ "srctos", EL_SRCTOS, 0, "%stos" },
	{ "dsttos", EL_DSTTOS, 0, "%dtos" },
	{ "srcip4", EL_SRCIP, 4, "%sa" },
	{ "dstip4", EL_DSTIP, 4, "%da" },
	{ "srcip6", EL_SRCIP, 6, "%sa" },
	{ "dstip6", EL_DSTIP, 6, "%da" },
	{ "srcip", EL_SRCIP, 0, "%sa" },
	{ "dstip", EL_DSTIP, 0, "%da" },
	{ "srcnet", EL_SRCNET, 0, "%sn" },
	{ "dstnet", EL_DSTNET, 0, "%dn" },
	{ "xsrcip", EL_XSRCIP, 0, "%xsa" },
	{ "xdstip", EL_XDSTIP, 0, "%xda" },
	{ "xsrcport", EL_XSRCPORT, 0, "%xsp" },
	{ "xdstport", EL_XDSTPORT, 0, "%xdp" },
	{ "next", EL_NEXTHOP, 0, "%nh" },
	{ "bgpnext", EL_BGPNEXT, 0, "%nhb" },
	{ "router", EL_ROUTER, 0, "%ra" },
	{ "insrcmac", EL_INSRCMAC, 0, "%ismc" },
	{ "outdstmac", EL_OUTDSTMAC, 0, "%odmc" },
	{ "indstmac", EL_INDSTMAC, 0, "%idmc" },
	{ "outsrcmac", EL_OUTSRCMAC, 0, "%osmc" },
	{ "srcas", EL_SRCAS, 0, "%sas" },
	{ "dstas", EL_DSTAS, 0, "%das" },
	{ "nextas", EL_NEXTAS, 0, "%nas" },
	{ "prevas", EL_PREVAS, 0, "%pas" },
	{ "inif", EL_INIF, 0, "%in" },
	{ "outif", EL_OUTIF, 0, "%out" },
	{ "srcmask", EL_SRCMASK, 0, "%smk" },
	{ "dstmask", EL_DSTMASK, 0, "%dmk" },
	{ "mpls1", EL_MPLS1, 0, "%mpls1" },
	{ "mpls2", EL_MPLS1 + 1, 0, "%mpls2" },
	{ "mpls3", EL_MPLS1 + 2, 0, "%mpls3" },
	{ "mpls4", EL_MPLS1 + 3, 0, "%mpls4" },
	{ "mpls5", EL_MPLS1 + 4, 0, "%mpls5" },
	{ "mpls6", EL_MPLS1 + 5, 0, "%mpls6" },
	{ "mpls7", EL_MPLS1 + 6, 0, "%mpls7" },
	{ "mpls8", EL_MPLS1 + 7, 0, "%mpls8" },
	{ "mpls9", EL_MPLS1 + 8, 0, "%mpls9" },
	{ "mpls10", EL_MPLS10, 0, "%mpls10" },
	{ "srcvlan", EL_SRCVLAN, 0, "%svln" },
	{ "dstvlan", EL_DSTVLAN, 0, "%dvln" },
	{ "odid", EL_ODID, 0, "%odid" },
	{ "opid", EL_OPID, 0, "%opid" },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ---- what to group by --------------------------------------------------------- */

#define FIVE 5
static const enum elem_id five[FIVE] = { EL_PROTO, EL_SRCIP, EL_DSTIP,
	EL_SRCPORT, EL_DSTPORT };
static const enum elem_id reversed[FIVE] = { EL_PROTO, EL_DSTIP, EL_SRCIP,
	EL_DSTPORT, EL_SRCPORT };

static void
add_fields(struct key *k, const enum elem_id id[FIVE])
{
	for (size_t i = 0; i < FIVE; i++)
		(void)key_add(k, id[i]);
}

void
agg_default(struct agg *a, enum ways ways)
{
	*a = (struct agg){ .five_tuple = true, .ways = ways };
	add_fields(&a->key, five);
}

static int
parse_bits(size_t field, const char *word, const char *slash,
    unsigned long *bits, struct err *err)
{
	unsigned family = fields[field].family;
	if (slash == NULL)
		return err_set(err,
		    "'%s' needs number of subnet bits to "
		    "aggregate",
		    word);
	char *end;
	*bits = strtoul(slash + 1, &end, 10);
	if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || *bits == 0 ||
	    *bits > (family == 4 ? 32 : 128))
		return err_set(err,
		    "Subnet mask length '%s' out of range "
		    "for IPv%u",
		    slash + 1, family);
	return 0;
}

/* The field of this element, new or, for the other family, there already. */
static struct key_field *
field_of(struct agg *a, size_t field)
{
	for (size_t i = 0; i < a->key.n; i++)
		if (a->key.f[i].id == fields[field].id)
			return &a->key.f[i];
	a->token[a->key.n] = fields[field].token;
	return key_add(&a->key, fields[field].id);
}

static int
add_field(struct agg *a, const char *word, uint64_t *seen, struct err *err)
{
	const char *slash = strchr(word, '/');
	size_t n = slash != NULL ? (size_t)(slash - word) : strlen(word);
	size_t i = 0;
	while (i < FIELDS && (strlen(fields[i].name) != n ||
				 strncmp(fields[i].name, word, n) != 0))
		i++;
	if (i == FIELDS)
		return err_set(err, "Unknown aggregation field '%s'", word);
	if ((*seen >> i & 1) != 0)
		return err_set(err, "Duplicate aggregation mask: %s", word);
	*seen |= UINT64_C(1) << i;
	unsigned long bits = 0;
	if (fields[i].family != 0 &&
	    parse_bits(i, word, slash, &bits, err) == -1)
		return -1;
	if (fields[i].family == 0 && slash != NULL)
		return err_set(err,
		    "Need src4/dst4 or src6/dst6 for IPv4 or "
		    "IPv6 to aggregate with explicit netmask: '%s'",
		    word);
	struct key_field *f = field_of(a, i);
	if (fields[i].family == 4)
		f->mask4 = (uint8_t)bits;
	else if (fields[i].family == 6)
		f->mask6 = (uint8_t)bits;
	return 0;
}

_Static_assert(FIELDS <= 64, "one bit each in add_field's *seen");

int
agg_parse(struct agg *a, const char *list, struct err *err)
{
	char word[64];
	uint64_t seen = 0;
	*a = (struct agg){ 0 };
	for (const char *p = list; *p != '\0';) {
		size_t n = strcspn(p, ",");
		if (n >= sizeof(word) || a->key.n == KEY_FIELDS)
			return err_set(err, "Unknown aggregation field '%s'",
			    p);
		memcpy(word, p, n);
		word[n] = '\0';
		if (add_field(a, word, &seen, err) == -1)
			return -1;
		p += n + (p[n] == ',');
	}
	if (a->key.n == 0)
		return err_set(err, "Unknown aggregation field ''");
	return 0;
}

void
agg_format(const struct agg *a, struct buf *out)
{
	buf_adds(out, "%ts %td ");
	for (size_t i = 0; i < a->key.n; i++)
		buf_printf(out, " %s", a->token[i]);
	buf_adds(out, "  %pkt %byt %bps %bpp %fl");
}

/* ---- groups -------------------------------------------------------------------- */

void
agg_begin(struct agg *a, bool whole, const struct groups_conf *c)
{
	struct groups_conf mine = *c;
	mine.key[0] = a->key;
	mine.n_keys = 1;
	mine.ways = a->ways;
	if (a->ways != ONE_WAY)
		add_fields(&mine.key[1], reversed);
	mine.whole = a->five_tuple && whole;
	a->groups = groups_new(&mine);
}

void
agg_free(struct agg *a)
{
	groups_free(a->groups);
	a->groups = NULL;
}

uint64_t
agg_columns(const struct agg *a)
{
	return a->key.columns | COL_BIT(COL_FLAGS) | COL_BIT(COL_TOS);
}

static void
put_sums(const struct agg *a, const struct sums *s, struct flow *f)
{
	f->have |= FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_CNT);
	f->first = s->first;
	f->last = s->last;
	f->packets = s->packets;
	f->bytes = s->bytes;
	f->flows = s->flows;
	f->out_packets = s->out_packets;
	f->out_bytes = s->out_bytes;
	if (!a->five_tuple)
		return;
	f->tcp_flags = s->tcp_flags;
	f->src_tos = s->tos;
}

static bool
same_source(const struct flow *a, const struct flow *b)
{
	return a->src.hi == b->src.hi && a->src.lo == b->src.lo &&
	       a->src_port == b->src_port;
}

/* Source and destination of the key. */
static void
turn(struct flow *f)
{
	struct flow_ip6 ip = f->src;
	uint16_t port = f->src_port;
	f->src = f->dst;
	f->src_port = f->dst_port;
	f->dst = ip;
	f->dst_port = port;
}

/* What nfdump exchanges besides; masks stay where they are. */
static void
turn_rest(struct flow *f)
{
	uint32_t in = f->in_if, as = f->src_as;
	f->in_if = f->out_if;
	f->out_if = in;
	f->src_as = f->dst_as;
	f->dst_as = as;
}

void
agg_flow(const struct agg *a, const struct group *g, struct flow *f)
{
	memset(f, 0, sizeof(*f));
	if (g->record != NULL)
		(void)nffile_record_flow(g->record, f);
	const struct flow first = *f;
	for (size_t k = 0; k < g->key->n; k++) {
		struct elem_value v;
		key_value(g->key, k, g->bytes, &v);
		elem_store(g->key->f[k].id, &v, f);
	}
	if (g->turned)
		turn(f);
	if (g->record != NULL && a->ways != ONE_WAY && !same_source(&first, f))
		turn_rest(f);
	put_sums(a, g->sums, f);
}
