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

static void
two_digits(struct buf *b, uint64_t n)
{
	char s[2] = { (char)('0' + n / 10), (char)('0' + n % 10) };
	buf_add(b, s, 2);
}

/*
 * "yyyy-mm-dd HH:MM:" of the minutes at hand: the times of a listing lie
 * close together, and the C library is slow at this.
 */
static const char *
minute_text(uint64_t minute)
{
	static struct {
		uint64_t minute; /* + 1; 0: empty */
		char text[32];
	} known[16];
	size_t i = minute % (sizeof(known) / sizeof(known[0]));
	if (known[i].minute == minute + 1)
		return known[i].text;
	time_t t = (time_t)(minute * 60);
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(known[i].text, sizeof(known[i].text),
		"%Y-%m-%d %H:%M:", &tm) == 0)
		(void)snprintf(known[i].text, sizeof(known[i].text),
		    "<unknown> ");
	known[i].minute = minute + 1;
	return known[i].text;
}

void
text_seconds(struct buf *b, uint64_t ms, char between)
{
	uint64_t s = ms / 1000;
	const char *text = minute_text(s / 60);
	size_t date = strcspn(text, " ");
	buf_add(b, text, date);
	buf_addc(b, between);
	buf_adds(b, text + date + 1);
	two_digits(b, s % 60);
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
	two_digits(b, s / 3600 % 24);
	buf_addc(b, ':');
	two_digits(b, s / 60 % 60);
	buf_addc(b, ':');
	two_digits(b, s % 60);
	buf_addc(b, '.');
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
	static const char hex[] = "0123456789abcdef";
	char *p = buf;
	for (int shift = 40; shift >= 0; shift -= 8) {
		*p++ = hex[mac >> (shift + 4) & 15];
		*p++ = hex[mac >> shift & 15];
		*p++ = shift != 0 ? ':' : '\0';
	}
	return buf;
}

/* Decimal digits of n and then `behind`; returns what follows them. */
static char *
put_digits(char *p, uint32_t n, char behind)
{
	char digits[10];
	size_t k = 0;
	do {
		digits[k++] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	while (k > 0)
		*p++ = digits[--k];
	*p++ = behind;
	return p;
}

char *
text_mpls(uint32_t label, char *buf)
{
	char *p = put_digits(buf, label >> 4 & 0xfffff, '-');
	p = put_digits(p, label >> 1 & 7, '-');
	(void)put_digits(p, label & 1, '\0');
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
