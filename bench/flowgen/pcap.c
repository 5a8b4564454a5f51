#include "pcap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/be.h"

#define ETHER_LEN 14
#define IP4_LEN   20
#define IP6_LEN   40

/* IP header of a packet of `len` bytes above it; returns header length. */
static size_t
put_ip(uint8_t *ip, const struct pcap_packet *p, size_t len)
{
	if (p->src.family == ADDR_V6) {
		be32_put(ip, UINT32_C(6) << 28 | (uint32_t)p->tos << 20);
		be16_put(ip + 4, (uint16_t)len);
		ip[6] = p->proto;
		ip[7] = 60;
		be64_put(ip + 8, p->src.hi);
		be64_put(ip + 16, p->src.lo);
		be64_put(ip + 24, p->dst.hi);
		be64_put(ip + 32, p->dst.lo);
		return IP6_LEN;
	}
	ip[0] = 0x45;
	ip[1] = p->tos;
	be16_put(ip + 2, (uint16_t)(len + IP4_LEN));
	be16_put(ip + 6, 0x4000);
	ip[8] = 60;
	ip[9] = p->proto;
	be32_put(ip + 12, (uint32_t)p->src.lo);
	be32_put(ip + 16, (uint32_t)p->dst.lo);
	be16_put(ip + 10, inet_checksum(inet_sum(0, ip, IP4_LEN)));
	return IP4_LEN;
}

/* Transport header; returns its length and where the checksum belongs. */
static size_t
put_transport(uint8_t *t, const struct pcap_packet *p, size_t room,
    size_t *check)
{
	switch (p->proto) {
	case 6:
		be16_put(t, p->src_port);
		be16_put(t + 2, p->dst_port);
		be32_put(t + 4, p->tcp_seq);
		be32_put(t + 8,
		    (p->tcp_flags & 0x10) != 0 ? p->tcp_seq + 77 : 0);
		t[12] = 0x50;
		t[13] = p->tcp_flags;
		be16_put(t + 14, 64240);
		*check = 16;
		return 20;
	case 17:
		be16_put(t, p->src_port);
		be16_put(t + 2, p->dst_port);
		be16_put(t + 4, (uint16_t)room);
		*check = 6;
		return 8;
	case 1:
	case 58:
		be16_put(t, p->dst_port);
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
		      (p->src.family == ADDR_V6 ? inet_sum(0, ip + 8, 32)
						: inet_sum(0, ip + 12, 8));
	uint16_t v = inet_checksum(inet_sum(sum, t, len));
	be16_put(t + check, v != 0 ? v : 0xffff);
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
	be16_put(ether + 12, v6 ? 0x86dd : 0x0800);

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
