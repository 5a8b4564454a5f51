/* Tokens of protocols, routing and who sent the flow. */
#include "query/fmt.h"
#include "query/text.h"

#define NUMBER(name, expr, width)                                              \
	static void tk_##name(const struct row *r)                             \
	{                                                                      \
		text_number(r->b, r->flow->expr, width);                       \
	}
NUMBER(exp, exporter, 6)
NUMBER(fwd, fwd_status, 3)
NUMBER(tos, src_tos, 3)
NUMBER(stos, src_tos, 4)
NUMBER(dtos, dst_tos, 4)
NUMBER(in, in_if, 6)
NUMBER(out, out_if, 6)
NUMBER(smk, src_mask, 5)
NUMBER(dmk, dst_mask, 5)
NUMBER(bfd, biflow_dir, 3)
NUMBER(end, end_reason, 3)
NUMBER(svln, src_vlan, 5)
NUMBER(dvln, dst_vlan, 5)
NUMBER(sas, src_as, 6)
NUMBER(das, dst_as, 6)
NUMBER(nfc, conn_id, 10)
NUMBER(pbstart, block_start, 7)
NUMBER(pbend, block_end, 7)
NUMBER(pbstep, block_step, 7)
NUMBER(pbsize, block_size, 7)
NUMBER(ivrf, ingress_vrf, 10)
NUMBER(evrf, egress_vrf, 10)

static void
tk_pr(const struct row *r)
{
	if (r->f->plain)
		buf_printf(r->b, "%-5u", r->flow->proto);
	else
		text_left(r->b, text_proto(r->flow->proto), 5);
}

static void
tk_flg(const struct row *r)
{
	char s[TEXT_FLAGS_LEN];
	text_right(r->b,
	    text_flags(r->flow->proto == 6 ? r->flow->tcp_flags : 0, s), 8);
}

static void
tk_dir(const struct row *r)
{
	text_right(r->b, r->flow->dir == 0 ? "I" : "E", 3);
}

static void
tk_nas(const struct row *r)
{
	buf_addc(r->b, ' ');
	text_number(r->b, r->flow->next_as, 6);
}

static void
tk_pas(const struct row *r)
{
	buf_addc(r->b, ' ');
	text_number(r->b, r->flow->prev_as, 6);
}

static void
tk_eng(const struct row *r)
{
	buf_printf(r->b, "%3u/%-3u", r->flow->engine_type, r->flow->engine_id);
}

static void
tk_odid(const struct row *r)
{
	buf_printf(r->b, "0x%09x", r->flow->obs_domain);
}

static void
tk_opid(const struct row *r)
{
	buf_printf(r->b, "0x%010llx", (unsigned long long)r->flow->obs_point);
}

static void
tk_lbl(const struct row *r)
{
	struct buf text = BUF_EMPTY;
	if (flow_has(r->flow, FE_LABEL))
		fmt_put_text(&text, &r->flow->label);
	text_right(r->b, text.len != 0 ? buf_str(&text) : "<none>", 16);
	buf_free(&text);
}

static void
tk_nfv(const struct row *r)
{
	if ((r->flow->flags & FLOW_EVENT) != 0)
		buf_printf(r->b, "EVT%u", r->flow->nfversion);
	else if (r->flow->nfversion == 0)
		buf_adds(r->b, "FLO");
	else
		buf_printf(r->b, "Nv%u", r->flow->nfversion);
}

static void
tk_idt(const struct row *r)
{
	const char *ident = r->f->ident;
	text_left(r->b, ident != NULL ? ident : "", 12);
}

/* No exporter's group tags are kept. */
static void
tk_sgt(const struct row *r)
{
	text_number(r->b, 0, 5);
}

static void
tk_n(const struct row *r)
{
	buf_addc(r->b, '\n');
}

const struct token fmt_plain[] = {
	{ "nfv", "Ver", false, tk_nfv, 0 },
	{ "idt", "Ident       ", false, tk_idt, 0 },
	{ "sgt", "  SGT  ", false, tk_sgt, 0 },
	{ "eng", " engine", false, tk_eng, 0 },
	{ "exp", "Exp ID", false, tk_exp, 0 },
	{ "pr", "Proto", false, tk_pr, 0 },
	{ "flg", "   Flags", false, tk_flg, 0 },
	{ "fwd", "Fwd", false, tk_fwd, 0 },
	{ "tos", "Tos", false, tk_tos, 0 },
	{ "stos", "STos", false, tk_stos, 0 },
	{ "dtos", "DTos", false, tk_dtos, 0 },
	{ "in", " Input", false, tk_in, 0 },
	{ "out", "Output", false, tk_out, 0 },
	{ "smk", "SMask", false, tk_smk, 0 },
	{ "dmk", "DMask", false, tk_dmk, 0 },
	{ "dir", "Dir", false, tk_dir, 0 },
	{ "bfd", "Bfd", false, tk_bfd, 0 },
	{ "end", "End", false, tk_end, 0 },
	{ "svln", "SVlan", false, tk_svln, 0 },
	{ "dvln", "DVlan", false, tk_dvln, 0 },
	{ "sas", "Src AS", false, tk_sas, 0 },
	{ "das", "Dst AS", false, tk_das, 0 },
	{ "nas", "Next AS", false, tk_nas, 0 },
	{ "pas", "Prev AS", false, tk_pas, 0 },
	{ "lbl", "           label", false, tk_lbl, 0 },
	{ "nfc", "   Conn-ID", false, tk_nfc, 0 },
	{ "pbstart", "Pb-Start", false, tk_pbstart, 0 },
	{ "pbend", "Pb-End", false, tk_pbend, 0 },
	{ "pbstep", "Pb-Step", false, tk_pbstep, 0 },
	{ "pbsize", "Pb-Size", false, tk_pbsize, 0 },
	{ "odid", "obsDomainID", false, tk_odid, 0 },
	{ "opid", "  obsPointID", false, tk_opid, 0 },
	{ "vrf", "  I-VRF-ID", false, tk_ivrf, 0 },
	{ "ivrf", "  I-VRF-ID", false, tk_ivrf, 0 },
	{ "evrf", "  E-VRF-ID", false, tk_evrf, 0 },
	{ "n", "", false, tk_n, 0 },
	{ .name = NULL },
};
