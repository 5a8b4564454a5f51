/*
 * books: the accounts of a period, from the ledger's files and from the
 * collector that has not written the running slot's yet.
 */
#ifndef ADMIN_BOOKS_H
#define ADMIN_BOOKS_H

#include "admin/admin.h"
#include "ctl/ctl.h"
#include "ledger/accounts.h"

struct books {
	int64_t from, to;         /* slots that start there, epoch seconds */
	const char *source;       /* only this one; NULL: all */
	struct accounts accounts; /* last_ms: when the collector knows */
	uint64_t bad;             /* lines that cannot be read */
	bool live;                /* the collector answered */
	struct ctl_result status; /* its answer to status */
};

/*
 * Fill in the accounts, sorted, for from, to and source.  A collector that
 * does not run is no error, one that does not answer is.
 */
int books_open(const struct conf *c, struct books *b, struct err *err);

/* The files alone, which lack the running slot; not sorted. */
int books_files(const struct conf *c, struct books *b, struct err *err);
void books_free(struct books *b);

/* "tcp" or "udp" as the collector has it, into buf; false: it does not know. */
bool books_transport(const struct ledger_sum *s, char *buf, size_t size);

/* Templates of it that the collector knows now; false: it does not tell. */
bool books_templates(const struct ledger_sum *s, uint64_t *n);

/* The exporter's i-th rule of sampling as the collector has it, or NULL. */
const char *books_sampler(const struct books *b, const struct ledger_sum *s,
    size_t i);

#endif
