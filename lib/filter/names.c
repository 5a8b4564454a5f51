#include "filter/names.h"

#include <string.h>
#include <strings.h>

static const struct name protos[] = { { "0", 0 }, { "ICMP", 1 }, { "IGMP", 2 },
	{ "GGP", 3 }, { "IPIP", 4 }, { "ST", 5 }, { "TCP", 6 }, { "CBT", 7 },
	{ "EGP", 8 }, { "IGP", 9 }, { "BBN", 10 }, { "NVPII", 11 },
	{ "PUP", 12 }, { "ARGUS", 13 }, { "ENCOM", 14 }, { "XNET", 15 },
	{ "CHAOS", 16 }, { "UDP", 17 }, { "MUX", 18 }, { "DCN", 19 },
	{ "HMP", 20 }, { "PRM", 21 }, { "XNS", 22 }, { "Trnk1", 23 },
	{ "Trnk2", 24 }, { "Leaf1", 25 }, { "Leaf2", 26 }, { "RDP", 27 },
	{ "IRTP", 28 }, { "ISO-4", 29 }, { "NETBK", 30 }, { "MFESP", 31 },
	{ "MEINP", 32 }, { "DCCP", 33 }, { "3PC", 34 }, { "IDPR", 35 },
	{ "XTP", 36 }, { "DDP", 37 }, { "IDPR", 38 }, { "TP++", 39 },
	{ "IL", 40 }, { "IPv6", 41 }, { "SDRP", 42 }, { "Rte6", 43 },
	{ "Frag6", 44 }, { "IDRP", 45 }, { "RSVP", 46 }, { "GRE", 47 },
	{ "MHRP", 48 }, { "BNA", 49 }, { "ESP", 50 }, { "AH", 51 },
	{ "INLSP", 52 }, { "SWIPE", 53 }, { "NARP", 54 }, { "MOBIL", 55 },
	{ "TLSP", 56 }, { "SKIP", 57 }, { "ICMP6", 58 }, { "NOHE6", 59 },
	{ "OPTS6", 60 }, { "HOST", 61 }, { "CFTP", 62 }, { "NET", 63 },
	{ "SATNT", 64 }, { "KLAN", 65 }, { "RVD", 66 }, { "IPPC", 67 },
	{ "FS", 68 }, { "SATM", 69 }, { "VISA", 70 }, { "IPCV", 71 },
	{ "CPNX", 72 }, { "CPHB", 73 }, { "WSN", 74 }, { "PVP", 75 },
	{ "BSATM", 76 }, { "SUNND", 77 }, { "WBMON", 78 }, { "WBEXP", 79 },
	{ "ISOIP", 80 }, { "VMTP", 81 }, { "SVMTP", 82 }, { "VINES", 83 },
	{ "TTP", 84 }, { "NSIGP", 85 }, { "DGP", 86 }, { "TCF", 87 },
	{ "EIGRP", 88 }, { "OSPF", 89 }, { "S-RPC", 90 }, { "LARP", 91 },
	{ "MTP", 92 }, { "AX.25", 93 }, { "OS", 94 }, { "MICP", 95 },
	{ "SCCSP", 96 }, { "ETHIP", 97 }, { "ENCAP", 98 }, { "99", 99 },
	{ "GMTP", 100 }, { "IFMP", 101 }, { "PNNI", 102 }, { "PIM", 103 },
	{ "ARIS", 104 }, { "SCPS", 105 }, { "QNX", 106 }, { "A/N", 107 },
	{ "IPcmp", 108 }, { "SNP", 109 }, { "CpqPP", 110 }, { "IPXIP", 111 },
	{ "VRRP", 112 }, { "PGM", 113 }, { "0hop", 114 }, { "L2TP", 115 },
	{ "DDX", 116 }, { "IATP", 117 }, { "STP", 118 }, { "SRP", 119 },
	{ "UTI", 120 }, { "SMP", 121 }, { "SM", 122 }, { "PTP", 123 },
	{ "ISIS4", 124 }, { "FIRE", 125 }, { "CRTP", 126 }, { "CRUDP", 127 },
	{ "128", 128 }, { "IPLT", 129 }, { "SPS", 130 }, { "PIPE", 131 },
	{ "SCTP", 132 }, { "FC", 133 }, { "134", 134 }, { "MHEAD", 135 },
	{ "UDP-L", 136 }, { "MPLS", 137 } };

static const struct name fwdstats[] = {
	{ "ukwn", 0 },
	{ "forw", 1 },
	{ "frag", 2 },
	{ "drop", 16 },
	{ "dacld", 17 },
	{ "daclp", 18 },
	{ "noroute", 19 },
	{ "dadj", 20 },
	{ "dfrag", 21 },
	{ "dbadh", 22 },
	{ "dbadtlen", 23 },
	{ "dbadhlen", 24 },
	{ "dbadttl", 25 },
	{ "dpolicy", 26 },
	{ "dwred", 27 },
	{ "drpf", 28 },
	{ "dforus", 29 },
	{ "dbadof", 30 },
	{ "dhw", 31 },
	{ "term", 128 },
	{ "tadj", 129 },
	{ "tincadj", 130 },
	{ "tforus", 131 },
};

static const struct name flowdirs[] = { { "ingress", 0 }, { "egress", 1 } };

static const struct name asa_events[] = { { "ignore", 0 }, { "create", 1 },
	{ "delete", 2 }, { "denied", 3 }, { "alert", 4 }, { "update", 5 },
	{ "term", 2 }, { "deny", 3 } };

static const struct name asa_denials[] = { { "ingress", 1001 },
	{ "i-acl", 1001 }, { "egress", 1002 }, { "e-acl", 1002 },
	{ "interface", 1003 }, { "deny", 1003 }, { "access", 1003 },
	{ "nosyn", 1004 } };

static const struct name nat_events[] = { { "invalid", 0 }, { "add", 1 },
	{ "delete", 2 }, { "exhaust", 3 }, { "add44", 4 }, { "del44", 5 },
	{ "add64", 6 }, { "del64", 7 }, { "add44bib", 8 }, { "del44bib", 9 },
	{ "add64bib", 10 }, { "del64bib", 11 }, { "pexhaust", 12 },
	{ "quotaexh", 13 }, { "addaddr", 14 }, { "deladdr", 15 },
	{ "addpblk", 16 }, { "delpblk", 17 }, { "threshld", 18 },
	{ "create", 1 } };

static const struct name pf_actions[] = { { "pass", 0 }, { "block", 1 },
	{ "scrub", 2 }, { "noscrub", 3 }, { "nat", 4 }, { "nonat", 5 },
	{ "binat", 6 }, { "nobinat", 7 }, { "rdr", 8 }, { "nordr", 9 },
	{ "synblock", 10 }, { "defer", 11 }, { "match", 12 }, { "divert", 13 },
	{ "rt", 14 }, { "afrt", 15 } };

static const struct name pf_reasons[] = { { "match", 0 }, { "bad-offset", 1 },
	{ "fragment", 2 }, { "short", 3 }, { "normalize", 4 }, { "memory", 5 },
	{ "bad-timestamp", 6 }, { "congestion", 7 }, { "ip-option", 8 },
	{ "proto-cksum", 9 }, { "state-mismatch", 10 }, { "state-insert", 11 },
	{ "state-limit", 12 }, { "src-limit", 13 }, { "synproxy", 14 },
	{ "translate", 15 }, { "no-route", 16 } };

static const struct name pf_dirs[] = { { "inout", 0 }, { "in", 1 },
	{ "out", 2 } };

#define NAMES(w, table, p)                                                     \
	{                                                                      \
		.what = (w), .prefix = (p), .name = (table),                   \
		.n = sizeof(table) / sizeof((table)[0]),                       \
	}

const struct names names_proto = NAMES("protocol", protos, true);
const struct names names_fwdstat = NAMES("forwarding status", fwdstats, false);
const struct names names_flowdir = NAMES("direction", flowdirs, false);
const struct names names_asa_event = NAMES("event", asa_events, false);
const struct names names_asa_denied = NAMES("denial", asa_denials, false);
const struct names names_pf_action = NAMES("pf action", pf_actions, false);
const struct names names_pf_reason = NAMES("pf reason", pf_reasons, false);
const struct names names_pf_dir = NAMES("pf direction", pf_dirs, false);
const struct names names_nat_event = NAMES("NAT event", nat_events, false);

#define PREFIX_MAX 5

bool
names_find(const struct names *names, const char *text, uint64_t *number)
{
	size_t n = strlen(text);
	const struct name *hit = NULL;
	for (size_t i = 0; i < names->n && hit == NULL; i++)
		if (strcasecmp(names->name[i].text, text) == 0)
			hit = &names->name[i];
	/* `proto ip` is an error for nfdump, not the start of IPIP. */
	if (names->prefix && n != 0 && n <= PREFIX_MAX &&
	    strcasecmp(text, "ip") != 0)
		for (size_t i = 0; i < names->n && hit == NULL; i++)
			if (strncasecmp(names->name[i].text, text, n) == 0)
				hit = &names->name[i];
	if (hit == NULL)
		return false;
	*number = hit->number;
	return true;
}

/* What the lexer takes for one word that is no number. */
static bool
writable(const char *text)
{
	if (*text >= '0' && *text <= '9')
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (strchr("+/", *p) != NULL)
			return false;
	return true;
}

const char *
names_of(const struct names *names, uint64_t number)
{
	uint64_t again;
	for (size_t i = 0; i < names->n; i++) {
		const struct name *name = &names->name[i];
		if (name->number == number && writable(name->text) &&
		    names_find(names, name->text, &again) && again == number)
			return name->text;
	}
	return NULL;
}
