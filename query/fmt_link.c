/* Tokens of layer 2: MAC addresses and MPLS labels. */
#include "query/fmt.h"
#include "query/text.h"

static void
put_mpls(const struct row *r, int i)
{
	char s[TEXT_MPLS_LEN];
	text_right(r->b, text_mpls(r->flow->mpls[i], s), 12);
}

#define MPLS(n)                                                                \
	static void tk_mpls##n(const struct row *r)                            \
	{                                                                      \
		put_mpls(r, (n)-1);                                            \
	}
MPLS(1)
MPLS(2)
MPLS(3)
MPLS(4)
MPLS(5)
MPLS(6)
MPLS(7)
MPLS(8)
MPLS(9)
MPLS(10)

static void
tk_mpls(const struct row *r)
{
	for (int i = 0; i < 10; i++) {
		put_mpls(r, i);
		buf_addc(r->b, ' ');
	}
}

#define MAC(name, field)                                                       \
	static void tk_##name(const struct row *r)                             \
	{                                                                      \
		char s[TEXT_MAC_LEN];                                          \
		text_right(r->b, text_mac(r->flow->field, s), 17);             \
	}
MAC(ismc, in_src_mac)
MAC(odmc, out_dst_mac)
MAC(idmc, in_dst_mac)
MAC(osmc, out_src_mac)

const struct token fmt_link[] = {
	{ "mpls",
	    "                                               "
	    "MPLS labels 1-10                                  "
	    "                                 ",
	    false, tk_mpls, 0 },
	{ "mpls1", " MPLS lbl 1 ", false, tk_mpls1, 0 },
	{ "mpls2", " MPLS lbl 2 ", false, tk_mpls2, 0 },
	{ "mpls3", " MPLS lbl 3 ", false, tk_mpls3, 0 },
	{ "mpls4", " MPLS lbl 4 ", false, tk_mpls4, 0 },
	{ "mpls5", " MPLS lbl 5 ", false, tk_mpls5, 0 },
	{ "mpls6", " MPLS lbl 6 ", false, tk_mpls6, 0 },
	{ "mpls7", " MPLS lbl 7 ", false, tk_mpls7, 0 },
	{ "mpls8", " MPLS lbl 8 ", false, tk_mpls8, 0 },
	{ "mpls9", " MPLS lbl 9 ", false, tk_mpls9, 0 },
	{ "mpls10", " MPLS lbl 10", false, tk_mpls10, 0 },
	{ "ismc", "  In src MAC Addr", false, tk_ismc, 0 },
	{ "odmc", " Out dst MAC Addr", false, tk_odmc, 0 },
	{ "idmc", "  In dst MAC Addr", false, tk_idmc, 0 },
	{ "osmc", " Out src MAC Addr", false, tk_osmc, 0 },
	{ .name = NULL },
};
