/*
 * accounts: the ledger's lines summed up, one entry for each account: a
 * source's exporter, or what is the source's own.
 */
#ifndef LEDGER_ACCOUNTS_H
#define LEDGER_ACCOUNTS_H

#include "ledger/ledger.h"

struct ledger_sum {
	struct ledger_line l; /* slot, length: the last that had datagrams */
	int64_t last_ms;      /* the caller's; 0 */
	const void *more;     /* the caller's; NULL */
};

struct accounts {
	struct ledger_sum *sums;
	size_t n;
	uint32_t *index; /* hashed; positions + 1 in sums */
	size_t size;     /* of index; power of two */
};

#define ACCOUNTS_EMPTY ((struct accounts){ 0 })

/* A ledger_take; ctx is the struct accounts. */
void accounts_take(void *ctx, const struct ledger_line *l);

/* The account of a line, NULL: none yet. */
struct ledger_sum *accounts_find(const struct accounts *a,
    const struct ledger_line *l);

/* By source, exporter, version, id; nothing can be found or added then. */
void accounts_sort(struct accounts *a);
void accounts_free(struct accounts *a);

#endif
