#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/be.h"

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

bool
addr_parse(const char *s, struct addr *a)
{
	struct in_addr v4;
	uint8_t v6[16];
	if (inet_pton(AF_INET, s, &v4) == 1) {
		*a = addr_v4(ntohl(v4.s_addr));
		return true;
	}
	if (inet_pton(AF_INET6, s, v6) == 1) {
		*a = addr_v6(be64(v6), be64(v6 + 8));
		return true;
	}
	return false;
}

void
prefix_mask(struct prefix *p)
{
	unsigned len = p->len;
	if (p->addr.family == ADDR_V4) {
		if (len < 32)
			p->addr.lo &= ~(UINT64_C(0xffffffff) >> len);
		return;
	}
	if (len < 64) {
		p->addr.lo = 0;
		p->addr.hi &= len == 0 ? 0 : ~UINT64_C(0) << (64 - len);
	} else if (len < 128) {
		p->addr.lo &= len == 64 ? 0 : ~UINT64_C(0) << (128 - len);
	}
}

bool
prefix_parse(const char *s, struct prefix *p)
{
	char text[ADDR_STRLEN];
	const char *slash = strchr(s, '/');
	if (slash == NULL || (size_t)(slash - s) >= sizeof(text))
		return false;
	memcpy(text, s, (size_t)(slash - s));
	text[slash - s] = '\0';
	struct prefix r;
	if (!addr_parse(text, &r.addr))
		return false;
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	char *end;
	unsigned long len = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || len > (r.addr.family == ADDR_V4 ? 32 : 128))
		return false;
	r.len = (uint8_t)len;
	prefix_mask(&r);
	*p = r;
	return true;
}

bool
prefix_has(const struct prefix *p, const struct addr *a)
{
	if (a->family != p->addr.family)
		return false;
	struct prefix q = { .addr = *a, .len = p->len };
	prefix_mask(&q);
	return addr_eq(&q.addr, &p->addr);
}

char *
addr_str(const struct addr *a, char *buf)
{
	if (a->family == ADDR_V4) {
		struct in_addr v4 = { .s_addr = htonl((uint32_t)a->lo) };
		(void)inet_ntop(AF_INET, &v4, buf, ADDR_STRLEN);
	} else if (a->family == ADDR_V6) {
		uint8_t v6[16];
		be64_put(v6, a->hi);
		be64_put(v6 + 8, a->lo);
		(void)inet_ntop(AF_INET6, v6, buf, ADDR_STRLEN);
	} else {
		(void)snprintf(buf, ADDR_STRLEN, "-");
	}
	return buf;
}

char *
prefix_str(const struct prefix *p, char *buf)
{
	(void)addr_str(&p->addr, buf);
	size_t n = strlen(buf);
	(void)snprintf(buf + n, PREFIX_STRLEN - n, "/%u", p->len);
	return buf;
}

bool
addr_from_sockaddr(const struct sockaddr *sa, struct addr *a, uint16_t *port)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		*a = addr_v4(ntohl(in.sin_addr.s_addr));
		*port = ntohs(in.sin_port);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	struct sockaddr_in6 in6;
	memcpy(&in6, sa, sizeof(in6));
	*a = addr_v6(be64(in6.sin6_addr.s6_addr),
	    be64(in6.sin6_addr.s6_addr + 8));
	if (a->hi == 0 && a->lo >> 32 == 0xffff)
		*a = addr_v4((uint32_t)a->lo);
	*port = ntohs(in6.sin6_port);
	return true;
}

socklen_t
addr_to_sockaddr(const struct addr *a, uint16_t port,
    struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == ADDR_V4) {
		struct sockaddr_in in = { .sin_family = AF_INET,
			.sin_port = htons(port) };
		in.sin_addr.s_addr = htonl((uint32_t)a->lo);
		memcpy(ss, &in, sizeof(in));
		return sizeof(in);
	}
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	be64_put(in6.sin6_addr.s6_addr, a->hi);
	be64_put(in6.sin6_addr.s6_addr + 8, a->lo);
	memcpy(ss, &in6, sizeof(in6));
	return sizeof(in6);
}
