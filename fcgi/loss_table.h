/*
 * loss_table: what was lost in the last slot and in the last day, a source
 * and a cause, as the ledger has it.
 */
#ifndef FCGI_LOSS_TABLE_H
#define FCGI_LOSS_TABLE_H

#include <stdbool.h>

#include "conf/conf.h"
#include "fcgi/http.h"
#include "ledger/ledger.h"

struct loss {
	int64_t slot; /* the last that is complete; its start, epoch seconds */
	struct ledger_line in_slot, in_day; /* sums */
};

/*
 * Of a source, or of a port that several share (LEDGER_PORT).  A ledger that
 * cannot be read has nothing.
 */
void loss_read(const struct conf *c, const char *source, int64_t now,
    struct loss *out);

void loss_table(const struct conf *c, const struct request *rq,
    struct response *rs);

#endif
