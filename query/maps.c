/* maps: the extension maps of files of nfdump 1.6: -x. */
#include <stdio.h>

#include "nffile/bytes.h"
#include "nffile/nffile.h"
#include "query/files.h"

#define MAP_HEADER 8 /* type, size, number, size of the extensions */
#define NAMES      50

static const char *const names[NAMES] = {
	[1] = "Required extension: IPv4/IPv6 src/dst address",
	[2] = "Required extension: 4/8 byte input packets",
	[3] = "Required extension: 4/8 byte input bytes",
	[4] = "2 byte input/output interface index",
	[5] = "4 byte input/output interface index",
	[6] = "2 byte src/dst AS number",
	[7] = "4 byte src/dst AS number",
	[8] = "dst tos, direction, src/dst mask",
	[9] = "IPv4 next hop",
	[10] = "IPv6 next hop",
	[11] = "IPv4 BGP next IP",
	[12] = "IPv6 BGP next IP",
	[13] = "src/dst vlan id",
	[14] = "4 byte output packets",
	[15] = "8 byte output packets",
	[16] = "4 byte output bytes",
	[17] = "8 byte output bytes",
	[18] = "4 byte aggregated flows",
	[19] = "8 byte aggregated flows",
	[20] = "in src/out dst mac address",
	[21] = "in dst/out src mac address",
	[22] = "MPLS Labels",
	[23] = "IPv4 router IP addr",
	[24] = "IPv6 router IP addr",
	[25] = "router ID",
	[26] = "BGP adjacent prev/next AS",
	[27] = "time packet received",
	[37] = "NSEL Common block",
	[38] = "NSEL xlate ports",
	[39] = "NSEL xlate IPv4 addr",
	[40] = "NSEL xlate IPv6 addr",
	[41] = "NSEL ACL ingress/egress acl ID",
	[42] = "NSEL username",
	[43] = "NSEL max username",
	[45] = "nprobe/nfpcapd latency",
	[46] = "NEL Common block",
	[47] = "Compat NEL IPv4",
	[48] = "NAT Port Block Allocation",
};

static void
print_map(const uint8_t *rec)
{
	size_t size = get16(rec + 2);
	unsigned n = 0;
	(void)printf("Extension Map:\n"
		     "  Map ID   = %u\n"
		     "  Map Size = %zu\n"
		     "  Ext Size = %u\n",
	    get16(rec + 4), size, get16(rec + 6));
	for (size_t at = MAP_HEADER; at + 2 <= size; at += 2) {
		unsigned id = get16(rec + at);
		if (id == 0)
			break;
		(void)printf("  ID %3u, ext %3u = %s\n", ++n, id,
		    id < NAMES && names[id] != NULL ? names[id] : "(null)");
	}
	(void)putchar('\n');
}

static size_t
print_maps(const struct nffile_block *b)
{
	size_t n = 0, pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;) {
		if (get16(p) != REC_MAP || get16(p + 2) < MAP_HEADER)
			continue;
		print_map(p);
		n++;
	}
	return n;
}

int
files_maps(const char *path)
{
	struct nffile_reader r;
	struct nffile_block b;
	struct err err;
	int status = 0;
	size_t n = 0;
	if (nffile_open(&r, path, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		return EXIT_ARGS;
	}
	r.raw = true;
	(void)printf("\nDump all extension maps:\n"
		     "========================\n");
	enum nffile_next next;
	while ((next = nffile_read(&r, &b, &err)) != NFFILE_END) {
		if (next == NFFILE_BLOCK && r.header.version == 1)
			n += print_maps(&b);
		if (next == NFFILE_BLOCK)
			continue;
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		status = EXIT_DAMAGE;
		if (r.done)
			break;
	}
	if (n == 0)
		(void)puts("No 1.6.x extension definition records");
	nffile_close(&r);
	return status;
}
