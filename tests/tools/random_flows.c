/*
 * random_flows FILE CODEC N SEED plain|all|names|ID: a flow file of N flows
 *
 *   plain   of everyday elements
 *   all     of any of those that nfdump 1.7.1 knows
 *   ID      of this element beside the counters and addresses
 *   names   as plain, with what describes their senders in front
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "nffile/codec.h"
#include "nffile/nffile.h"
#include "tests/unit/nffile/random_flow.h"

struct what {
	const char *word;
	unsigned long id; /* 0: a word */
};

static bool
is_word(const struct what *what, const char *word)
{
	return strcmp(what->word, word) == 0;
}

static void
next_flow(struct rnd *r, struct flow *f, const struct what *what)
{
	uint64_t base = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4);
	if (what->id == 0) {
		random_flow(r, f, is_word(what, "all"));
		return;
	}
	if (what->id == FE_IPV6)
		base = FLOW_BIT(FE_GENERIC);
	random_flow_of(r, f, base | FLOW_BIT(what->id));
}

/* Two exporters, with all that can be said of them. */
static int
describe(struct nffile_writer *w, struct err *err)
{
	static const uint8_t http[] = { 3, 0, 0, 80 }, dns[] = { 3, 0, 0, 53 };
	const struct nffile_exporter v4 = { .version = 9,
		.ip = { 0, 0xc0000201 },
		.family = AF_INET,
		.sysid = 1,
		.id = 7 };
	const struct nffile_exporter v6 = { .version = 10,
		.ip = { 0x20010db800000000, 1 },
		.family = AF_INET6,
		.sysid = 2,
		.id = 8 };
	const struct nffile_sampler sampler = { .sysid = 1,
		.method = 2,
		.id = 5,
		.packets = 1,
		.space = 99 };
	const struct nffile_app apps[] = {
		{ http, sizeof(http), "http", "World Wide Web" },
		{ dns, sizeof(dns), "dns", NULL },
	};
	const struct nffile_name ports[] = { { 1, "eth0" }, { 2, "xe-0/0/1" } };
	const struct nffile_name vrfs[] = { { 3, "red" }, { 4, "blue" } };
	const struct nffile_exporter_stat stats[] = { { 1, 3, 4, 5 },
		{ 2, 0, 6, 7 } };
	return nffile_add_exporter(w, &v4, err) == -1 ||
		       nffile_add_sampler(w, &sampler, err) == -1 ||
		       nffile_add_exporter(w, &v6, err) == -1 ||
		       nffile_add_apps(w, apps, 2, err) == -1 ||
		       nffile_add_names(w, REC_IFNAME, ports, 2, err) == -1 ||
		       nffile_add_names(w, REC_VRFNAME, vrfs, 2, err) == -1 ||
		       nffile_add_exporter_stats(w, stats, 2, err) == -1
		   ? -1
		   : 0;
}

/* One flow that uses the names. */
static int
named_flow(struct nffile_writer *w, struct rnd *r, struct err *err)
{
	static const uint8_t http[] = { 3, 0, 0, 80 };
	struct flow f;
	random_flow_of(r, &f,
	    FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) | FLOW_BIT(FE_MISC) |
		FLOW_BIT(FE_NBAR) | FLOW_BIT(FE_VRF));
	f.exporter = 1;
	f.in_if = 1;
	f.out_if = 2;
	f.ingress_vrf = 3;
	f.egress_vrf = 4;
	f.nbar = (struct flow_bytes){ http, sizeof(http) };
	return nffile_add_flow(w, &f, err);
}

static int
write_flows(struct nffile_writer *w, unsigned long n, uint64_t seed,
    const struct what *what, struct err *err)
{
	struct rnd r = { seed };
	if (is_word(what, "names") &&
	    (describe(w, err) == -1 || named_flow(w, &r, err) == -1))
		return -1;
	for (unsigned long i = 0; i < n; i++) {
		struct flow f;
		next_flow(&r, &f, what);
		if (nffile_add_flow(w, &f, err) == -1)
			return -1;
	}
	return nffile_finish(w, false, err);
}

static bool
parse_what(const char *word, struct what *what)
{
	char *end;
	*what = (struct what){ word, strtoul(word, &end, 10) };
	if (end != word)
		return *end == '\0' && what->id > FE_NULL && what->id < FE_MAX;
	return is_word(what, "plain") || is_word(what, "all") ||
	       is_word(what, "names");
}

int
main(int argc, char **argv)
{
	struct nffile_writer_opts o = { .creator = CREATOR_NFDUMP,
		.created = 1700000000,
		.ident = "random",
		.mode = 0644 };
	struct nffile_writer w = { .fd = -1 };
	struct what what;
	struct err err;
	if (argc != 6 || !parse_what(argv[5], &what)) {
		(void)fprintf(stderr, "usage: random_flows file codec n seed "
				      "plain|all|names|id\n");
		return 2;
	}
	if (what.id != 0)
		o.compat = COMPAT_NEWEST;
	if (codec_parse(argv[2], &o.codec, &o.level, &err) == -1 ||
	    nffile_create(&w, argv[1], &o, &err) == -1 ||
	    write_flows(&w, strtoul(argv[3], NULL, 10),
		strtoull(argv[4], NULL, 10), &what, &err) == -1) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	return 0;
}
