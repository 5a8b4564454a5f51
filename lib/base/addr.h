/*
 * addr: one address type for IPv4 and IPv6, in host order, as flow files
 * keep them.  IPv4 sits in the low 32 bits of lo; hi is 0 then.  The two
 * families are never equal, also where the bits are (::1.2.3.4 is not
 * 1.2.3.4); a v4-mapped v6 address (::ffff:a.b.c.d) from a socket is IPv4.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum addr_family { ADDR_NONE = 0, ADDR_V4 = 4, ADDR_V6 = 6 };

struct addr {
	uint64_t hi;
	uint64_t lo;
	uint8_t family; /* enum addr_family */
};

struct prefix {
	struct addr addr; /* host bits are 0 */
	uint8_t len;      /* 0..32 or 0..128 */
};

#define ADDR_STRLEN   46 /* with NUL */
#define PREFIX_STRLEN 50

static inline struct addr
addr_v4(uint32_t a)
{
	return (struct addr){ .lo = a, .family = ADDR_V4 };
}

static inline struct addr
addr_v6(uint64_t hi, uint64_t lo)
{
	return (struct addr){ .hi = hi, .lo = lo, .family = ADDR_V6 };
}

static inline bool
addr_eq(const struct addr *a, const struct addr *b)
{
	return a->lo == b->lo && a->hi == b->hi && a->family == b->family;
}

/* Order: family, then value. */
int addr_cmp(const struct addr *a, const struct addr *b);

/* Full addresses only ("10.1.2" is none); false leaves *a untouched. */
bool addr_parse(const char *s, struct addr *a);

/* "a.b.c.d/n", "v6/n"; host bits are cleared. */
bool prefix_parse(const char *s, struct prefix *p);
bool prefix_has(const struct prefix *p, const struct addr *a);
void prefix_mask(struct prefix *p);

/* buf has ADDR_STRLEN (PREFIX_STRLEN) bytes; RFC 5952 text; returns buf. */
char *addr_str(const struct addr *a, char *buf);
char *prefix_str(const struct prefix *p, char *buf);

/* From and to socket addresses; port in host order. */
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *a,
    uint16_t *port);
socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port,
    struct sockaddr_storage *ss);

#endif
