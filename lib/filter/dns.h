/*
 * dns: names and addresses in a DNS message (RFC 1035 section 4, RFC 3596)
 * that a flow's payload shows, whole or cut off.
 *
 * Names come as text without the last dot; a byte of a label that is not
 * printable, a dot within a label and a backslash become \DDD (RFC 4343
 * section 2.1), so that a text stands for one name only.
 *
 * Input is whatever somebody sent: compression pointers must go backwards,
 * names end after DNS_NAME_OCTETS, counts are bounded by the bytes there.
 * Work is linear in them: at most DNS_RECORDS_MAX records are looked at.
 */
#ifndef FILTER_DNS_H
#define FILTER_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/wire.h"

#define DNS_NAME_OCTETS 255                       /* on the wire */
#define DNS_NAME_TEXT   (DNS_NAME_OCTETS * 4 + 1) /* with NUL */
#define DNS_RECORDS_MAX 256                       /* a message */

struct dns {
	const uint8_t *message;
	size_t len;
	struct wire w; /* what follows */
	uint32_t questions;
	uint32_t records; /* answers, authority, additional */
	uint32_t seen;
};

/* What dns_next finds. */
struct dns_item {
	char name[DNS_NAME_TEXT];
	bool question;
	uint16_t type;    /* 1 A, 5 CNAME, 28 AAAA, ... */
	struct addr addr; /* of A and AAAA; family ADDR_NONE else */
};

/*
 * Is this a DNS message?  `tcp`: it begins with its length.  True when the
 * header makes sense and the first question, of a known class, is whole.
 */
bool dns_begin(struct dns *d, const uint8_t *p, size_t len, bool tcp);

/* The next question or record; false at the end and where it is cut off. */
bool dns_next(struct dns *d, struct dns_item *item);

#endif
