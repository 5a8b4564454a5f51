/*
 * fmt: the tokens that fmt: lines are made of.  A token has a heading and a
 * function that adds its column; heading and column are of equal width.
 */
#ifndef QUERY_FMT_H
#define QUERY_FMT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "query/format.h"

#define FMT_WIDE6 23 /* more columns of an address with -6 */

/* What a token's function works on. */
struct row {
	struct buf *b;
	const struct format *f;
	const struct flow *flow;
	uint64_t number; /* of the flow among those printed, from 1 */
	bool no_flow;    /* the outer packets of a tunnel: counted elsewhere */
};

/* What a token needs beside the flow. */
#define FMT_NAMES 1 /* of interfaces, VRFs, applications */
#define FMT_GEO   2
#define FMT_WHOLE 4 /* more of the flow than aggregated ones keep */

struct token {
	const char *name;
	const char *head;
	bool wide; /* the heading moves right with -6 */
	void (*put)(const struct row *r);
	uint8_t needs; /* FMT_NAMES | .. */
};

struct fmt_op {
	const struct token *token; /* NULL: text */
	const char *text;          /* with PUT_SLACK bytes behind it */
	size_t len;
};

/* By theme, each ended by one without a name. */
extern const struct token fmt_times[];
extern const struct token fmt_counters[];
extern const struct token fmt_addresses[];
extern const struct token fmt_plain[];
extern const struct token fmt_link[];
extern const struct token fmt_events[];
extern const struct token fmt_geo[];
extern const struct token fmt_names[];
extern const struct token fmt_payload[];
extern const struct token fmt_newer[];

/* ---- what several themes use ------------------------------------------- */

void fmt_put_ip(const struct row *r, const struct flow_ip6 *ip, bool v6);

/* The network of an address. */
struct flow_ip6 fmt_network(const struct flow_ip6 *ip, bool v6, uint8_t mask);

bool fmt_is_icmp(const struct flow *f);

/* The address for databases of places. */
struct addr fmt_addr(const struct flow_ip6 *ip, bool v6);

#define FMT_GEO_LEN 3
char *fmt_country(const struct format *f, const struct addr *a, char *buf);

/* Names of codes; NULL where there is none. */
const char *fmt_nsel_event(uint8_t event);
const char *fmt_nat_event(uint8_t event);
const char *fmt_nsel_xevent(uint16_t xevent);

/* The event, which is of a firewall or of NAT. */
bool fmt_is_nsel(const struct flow *f);

/* "3..80": engine and selector of an application. */
#define FMT_APP_LEN 80
char *fmt_app(const struct flow_bytes *id, char *buf);

/* " eth0", " <ingress not found>", or "" where there are no names. */
void fmt_put_interface(const struct row *r, uint32_t id);
void fmt_put_vrf(const struct row *r, uint32_t id);
void fmt_put_app(const struct row *r);

/* Payload as text where it is printable, else as bytes. */
bool fmt_is_printable(const struct flow_bytes *b);
void fmt_put_bytes(struct buf *b, const struct flow_bytes *bytes);

/* Text of a flow: control characters become '?'. */
void fmt_put_text(struct buf *b, const struct flow_bytes *text);

/* ---- finding and compiling ---------------------------------------------- */

/* The longest token that text starts with, NULL: none. */
const struct token *fmt_find_token(const char *text, size_t *len);

#endif
