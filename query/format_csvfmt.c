/*
 * csv: with tokens: one column each, named as in nfdump's later versions.
 * Numbers are plain, addresses in full, values without padding.
 */
#include <string.h>

#include "query/fmt.h"

static const struct {
	const char *token;
	const char *column;
} columns[] = {
	{ "al", "appLatency" },
	{ "bfd", "biDirection" },
	{ "bpp", "bpp" },
	{ "bps", "bps" },
	{ "byt", "bytes" },
	{ "cl", "clientLatency" },
	{ "cnt", "count" },
	{ "da", "dstAddr" },
	{ "das", "dstAS" },
	{ "dasn", "dstOrg" },
	{ "dc", "dstGeo" },
	{ "dir", "direction" },
	{ "dloc", "dstLocation" },
	{ "dmk", "dstMask" },
	{ "dn", "dstNet" },
	{ "dp", "dstPort" },
	{ "dtos", "dstTos" },
	{ "dvln", "dstVlan" },
	{ "eacl", "egressACL" },
	{ "end", "endReason" },
	{ "eng", "engine" },
	{ "eth", "etherType" },
	{ "evrf", "egressVrfID" },
	{ "evrfnam", "egressVrfName" },
	{ "evt", "event" },
	{ "exp", "exporterID" },
	{ "fl", "flows" },
	{ "flg", "flags" },
	{ "flid", "flowID" },
	{ "frag", "Frag" },
	{ "fwd", "fwdStatus" },
	{ "iacl", "ingressACL" },
	{ "ibyt", "inBytes" },
	{ "ic", "icmpCode" },
	{ "idmc", "inDstMac" },
	{ "idt", "Ident" },
	{ "in", "input" },
	{ "inam", "inputName" },
	{ "ipkt", "inPackets" },
	{ "isid", "inServiceID" },
	{ "ismc", "inSrcMac" },
	{ "it", "icmpTYpe" }, /* nfdump's spelling */
	{ "ivrf", "ingressVrfID" },
	{ "ivrfnam", "ingressVrfName" },
	{ "ja3", "ja3" },
	{ "ja4", "ja4" },
	{ "lbl", "label" },
	{ "maxttl", "maxTTL" },
	{ "minttl", "minTTL" },
	{ "mpls1", "mplsLabel1" },
	{ "mpls10", "mplsLabel10" },
	{ "mpls2", "mplsLabel2" },
	{ "mpls3", "mplsLabel3" },
	{ "mpls4", "mplsLabel4" },
	{ "mpls5", "mplsLabel5" },
	{ "mpls6", "mplsLabel6" },
	{ "mpls7", "mplsLabel7" },
	{ "mpls8", "mplsLabel8" },
	{ "mpls9", "mplsLabel9" },
	{ "msec", "eventTime" },
	{ "nas", "nextAS" },
	{ "nats", "natString" },
	{ "nbid", "nbarID" },
	{ "nbnam", "nbarName" },
	{ "nda", "dstXIP" },
	{ "ndp", "dstXPort" },
	{ "nevt", "event" },
	{ "nfc", "connectionID" },
	{ "nfv", "version" },
	{ "nh", "nextIP" },
	{ "nhb", "bgpNextIP" },
	{ "nsa", "srcXIP" },
	{ "nsp", "srcXPort" },
	{ "obyt", "outBytes" },
	{ "odid", "obsDomainID" },
	{ "odmc", "outDstMac" },
	{ "onam", "outputName" },
	{ "opid", "obsPointID" },
	{ "opkt", "outPackets" },
	{ "osid", "outServiceID" },
	{ "osmc", "outSrcMac" },
	{ "out", "output" },
	{ "pas", "prevAS" },
	{ "pbend", "pbEnd" },
	{ "pbsize", "pbSize" },
	{ "pbstart", "pbStart" },
	{ "pbstep", "pbStep" },
	{ "pfact", "pfAction" },
	{ "pfdir", "pfDirection" },
	{ "pfifn", "pfInterface" },
	{ "pfrea", "pfReason" },
	{ "pfrule", "pfRule" },
	{ "pkt", "packets" },
	{ "pps", "pps" },
	{ "pr", "proto" },
	{ "ra", "routerIP" },
	{ "sa", "srcAddr" },
	{ "sas", "srcAS" },
	{ "sasn", "srcOrg" },
	{ "sc", "srcGeo" },
	{ "sl", "serverLatency" },
	{ "sloc", "srcLocation" },
	{ "smk", "srcMask" },
	{ "sn", "srcNet" },
	{ "sni", "sni" },
	{ "sp", "srcPort" },
	{ "stos", "srcTos" },
	{ "svln", "srcVlan" },
	{ "td", "duration" },
	{ "tds", "duration" },
	{ "te", "lastSeen" },
	{ "teg", "lastSeen" },
	{ "ter", "lastSeen" },
	{ "tevt", "eventTime" },
	{ "tfs", "firstSeen" },
	{ "tls", "tlsVersion" },
	{ "tos", "tos" },
	{ "tr", "received" },
	{ "trg", "received" },
	{ "trr", "received" },
	{ "ts", "firstSeen" },
	{ "tsg", "firstSeen" },
	{ "tsr", "firstSeen" },
	{ "uname", "nselUser" },
	{ "vrf", "ingressVrfID" },
	{ "xda", "dstXIP" },
	{ "xdp", "dstXPort" },
	{ "xevt", "xEvent" },
	{ "xsa", "srcXIP" },
	{ "xsp", "srcXPort" },
};

static const char *
column(const struct token *t)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (strcmp(columns[i].token, t->name) == 0)
			return columns[i].column;
	return NULL;
}

/* Text between tokens: a comma, with or without blanks. */
static bool
is_separator(const char *text)
{
	return text[strspn(text, ", \t")] == '\0';
}

int
csvfmt_compile(struct format *f, const char *text, struct arena *a,
    struct err *err)
{
	f->mode = MODE_CSV_FMT;
	f->plain = f->wide6 = true;
	f->tag = false;
	if (fmt_compile(f, text, a, err) == -1)
		return -1;
	for (size_t i = 0; i < f->n_ops; i++) {
		const struct fmt_op *op = &f->ops[i];
		if (op->token == NULL && !is_separator(op->text))
			return err_set(err,
			    "Output format parse error at: %s\n"
			    "csv: has tokens with commas between them only",
			    op->text);
		if (op->token != NULL && column(op->token) == NULL)
			return err_set(err,
			    "Output format parse error at: %%%s\n"
			    "%%%s is no single value and so no column of csv:",
			    op->token->name, op->token->name);
	}
	return 0;
}

void
csvfmt_head(const struct format *f, struct buf *b)
{
	bool first = true;
	for (size_t i = 0; i < f->n_ops; i++) {
		if (f->ops[i].token == NULL)
			continue;
		buf_printf(b, "%s%s", first ? "" : ",",
		    column(f->ops[i].token));
		first = false;
	}
	buf_addc(b, '\n');
}

/* Values with commas and quotes stand in quotes (RFC 4180). */
static void
add_value(struct buf *b, const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	if (memchr(s, ',', n) == NULL && memchr(s, '"', n) == NULL) {
		buf_add(b, s, n);
		return;
	}
	buf_addc(b, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			buf_addc(b, '"');
		buf_addc(b, s[i]);
	}
	buf_addc(b, '"');
}

void
csvfmt_flow(const struct format *f, uint64_t number, const struct flow *flow,
    struct buf *b)
{
	struct buf value = BUF_EMPTY;
	struct row r = { .b = &value, .f = f, .flow = flow, .number = number };
	bool first = true;
	for (size_t i = 0; i < f->n_ops; i++) {
		if (f->ops[i].token == NULL)
			continue;
		buf_clear(&value);
		f->ops[i].token->put(&r);
		if (!first)
			buf_addc(b, ',');
		add_value(b, buf_str(&value), value.len);
		first = false;
	}
	buf_addc(b, '\n');
	buf_free(&value);
}
