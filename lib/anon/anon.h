/*
 * anon: flow records and files made anonymous.
 *
 * Addresses go through Crypto-PAn (cryptopan.h): source and destination, next
 * hops, BGP next hops, translated addresses, exporters, those of exporter
 * records included.  AS numbers become 0, and records say FLOW_ANON.  Left as
 * they are: user names, payloads, frames, labels, VLANs, the file's ident,
 * and unless asked for tunnels' and MAC addresses.
 */
#ifndef ANON_ANON_H
#define ANON_ANON_H

#include <stdbool.h>
#include <stdint.h>

#include "anon/cryptopan.h"
#include "base/err.h"
#include "nffile/layout.h"
#include "nffile/nffile.h"

struct anon {
	struct cryptopan *pan; /* the caller's */
	bool keep_src;         /* source address, also the translated one */
	bool keep_dst;
	bool tunnels; /* also addresses of tunnels */
	bool macs;    /* also MAC addresses */
	bool recode;  /* pack by codec, level; else as the file was */
	enum nffile_codec codec;
	int level;
	uint64_t from_ms, to_ms; /* only flows wholly within; 0: open */
};

struct anon_counts {
	uint64_t files;
	uint64_t flows;
	uint64_t outside;       /* flows not in the window */
	uint64_t unknown_elems; /* may hold what nobody knows; kept */
	uint64_t unknown;       /* records of unknown types, left out */
	uint64_t damaged;       /* flow records left out */
};

/*
 * A flow record as blocks have it, in place.  False: its elements do not fit,
 * and it is half done: throw it away.
 */
bool anon_record(const struct anon *a, uint8_t *rec, struct anon_counts *n);

/* An exporter record, in place. */
void anon_exporter(const struct anon *a, struct nffile_exporter *e);

/*
 * A finished file, into `to`, which may be the same: it appears whole or not
 * at all, with mode, owner (where we may) and time of `from`.  A file with
 * damage is an error when it would be replaced; else what can be read of it
 * is written, and err says what not with *partly set.
 */
int anon_file(const struct anon *a, const char *from, const char *to,
    struct anon_counts *n, bool *partly, struct err *err);

#endif
