/*
 * elem: the elements of a flow that can be grouped by: -A's and -s's names,
 * where they come from, and keys made of them.
 */
#ifndef QUERY_ELEM_H
#define QUERY_ELEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/batch.h"
#include "flow/flow.h"

enum elem_id {
	EL_PROTO,
	EL_SRCPORT,
	EL_DSTPORT,
	EL_SRCIP,
	EL_DSTIP,
	EL_SRCTOS,
	EL_DSTTOS,
	EL_DIR,
	EL_SRCAS,
	EL_DSTAS,
	EL_PREVAS,
	EL_NEXTAS,
	EL_INIF,
	EL_OUTIF,
	EL_SRCMASK,
	EL_DSTMASK,
	EL_SRCVLAN,
	EL_DSTVLAN,
	EL_SRCNET, /* address cut by the flow's own mask */
	EL_DSTNET,
	EL_NEXTHOP,
	EL_BGPNEXT,
	EL_ROUTER,
	EL_INSRCMAC,
	EL_OUTDSTMAC,
	EL_INDSTMAC,
	EL_OUTSRCMAC,
	EL_MPLS1, /* .. EL_MPLS1 + 9 */
	EL_MPLS10 = EL_MPLS1 + 9,
	EL_XSRCIP,
	EL_XDSTIP,
	EL_XSRCPORT,
	EL_XDSTPORT,
	EL_ODID,
	EL_OPID,
	EL_IVRF,
	EL_EVRF,
	EL_CLATENCY,
	EL_SLATENCY,
	EL_ALATENCY,
	EL_FLAGS,
	EL_EVENT, /* of a firewall or, without one, of NAT */
	EL_XEVENT,
	EL_IACL,
	EL_EACL,
	EL_TUNPROTO,
	EL_ETHERTYPE,
	EL_MINTTL,
	EL_MAXTTL,
	EL_MAX
};

/* How a value is kept and shown. */
enum elem_kind {
	KIND_NUMBER,
	KIND_PROTO,
	KIND_IP,
	KIND_MAC,
	KIND_MPLS,
	KIND_HEX,
	KIND_LATENCY,
	KIND_FLAGS,
	KIND_EVENT
};

enum elem_kind elem_kind(enum elem_id id);

/* Columns a batch must have for it (0: taken from the whole record). */
uint64_t elem_columns(enum elem_id id);

/* The value as the flow field; addresses in *ip, others in *n. */
struct elem_value {
	struct flow_ip6 ip;
	bool v6;
	uint64_t n;
};

/* Put a value back into a flow, for printing a group. */
void elem_store(enum elem_id id, const struct elem_value *v, struct flow *f);

/* ---- keys ---------------------------------------------------------------- */

#define KEY_FIELDS 32

struct key_field {
	enum elem_id id;
	uint8_t mask4; /* bits of an IPv4 address to keep, 32: all */
	uint8_t mask6;
	uint16_t at; /* in the key */
	uint8_t size;
};

/*
 * A key: the fields, padded to whole words.  Addresses have four bytes in
 * narrow keys; in others 16, and in front one bit per field says that it is
 * IPv6.
 */
struct key {
	struct key_field f[KEY_FIELDS];
	size_t n;
	size_t len;
	uint64_t columns; /* that making it needs */
	bool whole;       /* some field is only in the whole record */
	bool narrow;      /* no IPv6 addresses */
};

/* What rows a narrow key is good for. */
enum key_use { KEY_ALL, KEY_IPV4, KEY_NONE };
enum key_use key_narrow_use(const struct key *k);

/* Add a field, at most KEY_FIELDS; returns it. */
struct key_field *key_add(struct key *k, enum elem_id id);

/* When all fields are there: offsets and length. */
void key_layout(struct key *k, bool narrow);

/* Keys of n rows, one behind the other. */
void key_make(const struct key *k, const struct batch *b, const uint16_t *rows,
    size_t n, uint8_t *keys);

/* Field i of a key. */
void key_value(const struct key *k, size_t i, const uint8_t *key,
    struct elem_value *v);

#endif
