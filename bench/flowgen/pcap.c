#include "pcap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ETHER_LEN 14
#define IP4_LEN   20
#define IP6_LEN   40

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

/* Internet checksum (RFC 1071) of n bytes, on top of a running sum. */
static uint32_t
sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	if (n % 2 != 0)
		sum += (uint32_t)p[n - 1] << 8;
	return sum;
}

static unsigned
fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* IP header of a packet of `len` bytes above it; returns header length. */
static size_t
put_ip(uint8_t *ip, const struct pcap_packet *p, size_t len)
{
	if (p->src.family == ADDR_V6) {
		put32(ip, UINT32_C(6) << 28 | (uint32_t)p->tos << 20);
		put16(ip + 4, (unsigned)len);
		ip[6] = p->proto;
		ip[7] = 60;
		put64(ip + 8, p->src.hi);
		put64(ip + 16, p->src.lo);
		put64(ip + 24, p->dst.hi);
		put64(ip + 32, p->dst.lo);
		return IP6_LEN;
	}
	ip[0] = 0x45;
	ip[1] = p->tos;
	put16(ip + 2, (unsigned)(len + IP4_LEN));
	put16(ip + 6, 0x4000);
	ip[8] = 60;
	ip[9] = p->proto;
	put32(ip + 12, (uint32_t)p->src.lo);
	put32(ip + 16, (uint32_t)p->dst.lo);
	put16(ip + 10, fold(sum16(0, ip, IP4_LEN)));
	return IP4_LEN;
}

/* Transport header; returns its length and where the checksum belongs. */
static size_t
put_transport(uint8_t *t, const struct pcap_packet *p, size_t room,
    size_t *check)
{
	switch (p->proto) {
	case 6:
		put16(t, p->src_port);
		put16(t + 2, p->dst_port);
		put32(t + 4, p->tcp_seq);
		put32(t + 8, (p->tcp_flags & 0x10) != 0 ? p->tcp_seq + 77 : 0);
		t[12] = 0x50;
		t[13] = p->tcp_flags;
		put16(t + 14, 64240);
		*check = 16;
		return 20;
	case 17:
		put16(t, p->src_port);
		put16(t + 2, p->dst_port);
		put16(t + 4, (unsigned)room);
		*check = 6;
		return 8;
	case 1:
	case 58:
		put16(t, p->dst_port);
		*check = 2;
		return 8;
	default:
		*check = 0;
		return 0;
	}
}

static void
put_checksum(uint8_t *ip, uint8_t *t, const struct pcap_packet *p, size_t len,
    size_t check)
{
	uint32_t sum = 0;
	if (check == 0)
		return;
	if (p->proto != 1) /* pseudo header */
		sum = p->proto + (uint32_t)len +
		      (p->src.family == ADDR_V6 ? sum16(0, ip + 8, 32)
						: sum16(0, ip + 12, 8));
	unsigned v = fold(sum16(sum, t, len));
	put16(t + check, v != 0 ? v : 0xffff);
}

void
pcap_write(FILE *f, const struct pcap_packet *p)
{
	uint8_t b[16 + PCAP_PACKET_MAX] = { 0 };
	uint8_t *ether = b + 16, *ip = ether + ETHER_LEN;
	bool v6 = p->src.family == ADDR_V6;
	size_t len = p->ip_len - (v6 ? (size_t)IP6_LEN : (size_t)IP4_LEN);
	uint8_t *t = ip + put_ip(ip, p, len);
	size_t check;
	size_t head = put_transport(t, p, len, &check);
	if (p->data != NULL)
		memcpy(t + head, p->data, p->data_len);
	put_checksum(ip, t, p, len, check);
	memcpy(ether, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
	put16(ether + 12, v6 ? 0x86dd : 0x0800);

	uint32_t total = (uint32_t)(ETHER_LEN + p->ip_len);
	uint32_t head32[4] = { (uint32_t)(p->time_us / 1000000),
		(uint32_t)(p->time_us % 1000000), total, total };
	memcpy(b, head32, sizeof(head32));
	(void)fwrite(b, 1, 16 + total, f);
}

FILE *
pcap_create(const char *path, struct err *err)
{
	/* magic, version 2.4, zone, accuracy, snap length, Ethernet */
	static const uint32_t head[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535,
		1 };
	FILE *f = fopen(path, "we");
	if (f == NULL)
		(void)err_set(err, "%s: %s", path, strerror(errno));
	else
		(void)fwrite(head, sizeof(head), 1, f);
	return f;
}

int
pcap_finish(FILE *f, struct err *err)
{
	int bad = ferror(f);
	if (fclose(f) != 0 || bad != 0)
		return err_set(err, "capture file: %s", strerror(errno));
	return 0;
}
