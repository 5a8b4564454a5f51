#include "query/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"

/* ---- columns ---------------------------------------------------------------- */

static void
pad(struct buf *b, int n)
{
	static const char blanks[] = "                                ";
	while (n > 0) {
		int k =
		    n < (int)sizeof(blanks) - 1 ? n : (int)sizeof(blanks) - 1;
		buf_add(b, blanks, (size_t)k);
		n -= k;
	}
}

void
text_right(struct buf *b, const char *s, int width)
{
	size_t n = strlen(s);
	pad(b, width - (int)n);
	buf_add(b, s, n);
}

void
text_left(struct buf *b, const char *s, int width)
{
	size_t n = strlen(s);
	buf_add(b, s, n);
	pad(b, width - (int)n);
}

void
text_number(struct buf *b, uint64_t v, int width)
{
	char digits[20];
	size_t n = 0;
	do {
		digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	pad(b, width - (int)n);
	buf_add(b, digits + sizeof(digits) - n, n);
}

/* ---- counters ----------------------------------------------------------------- */

char *
text_scaled(uint64_t v, bool plain, char *buf)
{
	static const struct {
		double unit;
		char letter;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' } };
	for (size_t i = 0; i < 3 && !plain; i++) {
		if ((double)v < units[i].unit)
			continue;
		(void)snprintf(buf, TEXT_SCALED_LEN, "%.1f %c",
		    (double)v / units[i].unit, units[i].letter);
		return buf;
	}
	(void)snprintf(buf, TEXT_SCALED_LEN, "%llu", (unsigned long long)v);
	return buf;
}

void
text_counter(struct buf *b, uint64_t v, bool plain, int width)
{
	char s[TEXT_SCALED_LEN];
	if (plain || v < 1000000)
		text_number(b, v, width);
	else
		text_right(b, text_scaled(v, plain, s), width);
}

/* ---- times -------------------------------------------------------------------- */

/* Listings are mostly in order of time: the last second is remembered. */
void
text_seconds(struct buf *b, uint64_t ms, char between)
{
	static uint64_t last = UINT64_MAX;
	static char text[64];
	if (ms / 1000 != last) {
		time_t t = (time_t)(ms / 1000);
		struct tm tm;
		last = ms / 1000;
		if (localtime_r(&t, &tm) == NULL ||
		    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
			(void)snprintf(text, sizeof(text), "<unknown>");
	}
	size_t at = b->len;
	buf_adds(b, text);
	char *blank = strchr(b->data + at, ' ');
	if (blank != NULL)
		*blank = between;
}

static void
three_digits(struct buf *b, uint64_t n)
{
	char s[4] = { (char)('0' + n / 100), (char)('0' + n / 10 % 10),
		(char)('0' + n % 10), '\0' };
	buf_add(b, s, 3);
}

void
text_time(struct buf *b, uint64_t ms, char between)
{
	text_seconds(b, ms, between);
	buf_addc(b, '.');
	three_digits(b, ms % 1000);
}

static void
two_digits(struct buf *b, uint64_t n, char behind)
{
	char s[3] = { (char)('0' + n / 10), (char)('0' + n % 10), behind };
	buf_add(b, s, 3);
}

void
text_duration(struct buf *b, uint64_t ms)
{
	uint64_t s = ms / 1000;
	if (s >= 86400) {
		text_number(b, s / 86400, 2);
		buf_add(b, "d ", 2);
	} else {
		pad(b, 4);
	}
	two_digits(b, s / 3600 % 24, ':');
	two_digits(b, s / 60 % 60, ':');
	two_digits(b, s % 60, '.');
	three_digits(b, ms % 1000);
}

void
text_millis(struct buf *b, uint64_t ms, int width)
{
	text_number(b, ms / 1000, width - 4);
	buf_addc(b, '.');
	three_digits(b, ms % 1000);
}

/* ---- addresses, flags --------------------------------------------------------- */

static char *
put_byte(char *p, unsigned n, char behind)
{
	if (n >= 100)
		*p++ = (char)('0' + n / 100);
	if (n >= 10)
		*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	*p++ = behind;
	return p;
}

char *
text_ip(const struct flow_ip6 *ip, bool v6, char *buf)
{
	if (v6) {
		struct addr a = addr_v6(ip->hi, ip->lo);
		return addr_str(&a, buf);
	}
	uint32_t a = (uint32_t)ip->lo;
	char *p = put_byte(buf, a >> 24, '.');
	p = put_byte(p, a >> 16 & 0xff, '.');
	p = put_byte(p, a >> 8 & 0xff, '.');
	(void)put_byte(p, a & 0xff, '\0');
	return buf;
}

char *
text_ip_short(const struct flow_ip6 *ip, bool v6, char *buf)
{
	(void)text_ip(ip, v6, buf);
	size_t n = strlen(buf);
	if (n > 16) {
		memcpy(buf + 7, "..", 2);
		memmove(buf + 9, buf + n - 7, 8);
	}
	return buf;
}

char *
text_flags(uint8_t flags, char *buf)
{
	static const char letters[] = "CEUAPRSF";
	for (int i = 0; i < 8; i++)
		buf[i] = (flags & (0x80 >> i)) != 0 ? letters[i] : '.';
	buf[8] = '\0';
	return buf;
}

char *
text_mac(uint64_t mac, char *buf)
{
	(void)snprintf(buf, TEXT_MAC_LEN, "%02x:%02x:%02x:%02x:%02x:%02x",
	    (unsigned)(mac >> 40 & 0xff), (unsigned)(mac >> 32 & 0xff),
	    (unsigned)(mac >> 24 & 0xff), (unsigned)(mac >> 16 & 0xff),
	    (unsigned)(mac >> 8 & 0xff), (unsigned)(mac & 0xff));
	return buf;
}

char *
text_mpls(uint32_t label, char *buf)
{
	(void)snprintf(buf, TEXT_MPLS_LEN, "%u-%u-%u", label >> 4 & 0xfffff,
	    label >> 1 & 7, label & 1);
	return buf;
}

/* ---- protocols ---------------------------------------------------------------- */

/* nfdump's five letters, as seen in its output. */
static const char *const protos[] = {
	NULL,
	"ICMP",
	"IGMP",
	"GGP",
	"IPIP",
	"ST",
	"TCP",
	"CBT",
	"EGP",
	"IGP",
	"BBN",
	"NVPII",
	"PUP",
	"ARGUS",
	"ENCOM",
	"XNET",
	"CHAOS",
	"UDP",
	"MUX",
	"DCN",
	"HMP",
	"PRM",
	"XNS",
	"Trnk1",
	"Trnk2",
	"Leaf1",
	"Leaf2",
	"RDP",
	"IRTP",
	"ISO-4",
	"NETBK",
	"MFESP",
	"MEINP",
	"DCCP",
	"3PC",
	"IDPR",
	"XTP",
	"DDP",
	"IDPR",
	"TP++",
	"IL",
	"IPv6",
	"SDRP",
	"Rte6",
	"Frag6",
	"IDRP",
	"RSVP",
	"GRE",
	"MHRP",
	"BNA",
	"ESP",
	"AH",
	"INLSP",
	"SWIPE",
	"NARP",
	"MOBIL",
	"TLSP",
	"SKIP",
	"ICMP6",
	"NOHE6",
	"OPTS6",
	"HOST",
	"CFTP",
	"NET",
	"SATNT",
	"KLAN",
	"RVD",
	"IPPC",
	"FS",
	"SATM",
	"VISA",
	"IPCV",
	"CPNX",
	"CPHB",
	"WSN",
	"PVP",
	"BSATM",
	"SUNND",
	"WBMON",
	"WBEXP",
	"ISOIP",
	"VMTP",
	"SVMTP",
	"VINES",
	"TTP",
	"NSIGP",
	"DGP",
	"TCF",
	"EIGRP",
	"OSPF",
	"S-RPC",
	"LARP",
	"MTP",
	"AX.25",
	"OS",
	"MICP",
	"SCCSP",
	"ETHIP",
	"ENCAP",
	NULL,
	"GMTP",
	"IFMP",
	"PNNI",
	"PIM",
	"ARIS",
	"SCPS",
	"QNX",
	"A/N",
	"IPcmp",
	"SNP",
	"CpqPP",
	"IPXIP",
	"VRRP",
	"PGM",
	"0hop",
	"L2TP",
	"DDX",
	"IATP",
	"STP",
	"SRP",
	"UTI",
	"SMP",
	"SM",
	"PTP",
	"ISIS4",
	"FIRE",
	"CRTP",
	"CRUDP",
	NULL,
	"IPLT",
	"SPS",
	"PIPE",
	"SCTP",
	"FC",
	NULL,
	"MHEAD",
	"UDP-L",
	"MPLS",
};

const char *
text_proto(uint8_t proto)
{
	static char numbers[256][4];
	if (proto < sizeof(protos) / sizeof(protos[0]) && protos[proto] != NULL)
		return protos[proto];
	(void)snprintf(numbers[proto], sizeof(numbers[proto]), "%u", proto);
	return numbers[proto];
}
