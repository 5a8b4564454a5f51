#include "admin/loss.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/fields.h"

#define SFLOW 9999 /* decode/decode.h */

static const struct {
	enum ledger_count count;
	const char *what;
} kinds[] = {
	{ LEDGER_SEQUENCE_LOST, "missing in sequence" },
	{ LEDGER_KERNEL_DROPS, "dropped by the kernel" },
	{ LEDGER_QUEUE_DROPS, "dropped in the queue" },
	{ LEDGER_UNKNOWN, "of unknown senders" },
	{ LEDGER_NO_ROOM, "of too many exporters" },
	{ LEDGER_BAD_VERSION, "of unknown protocols" },
	{ LEDGER_TRUNCATED, "truncated" },
	{ LEDGER_NO_TEMPLATE, "without template" },
	{ LEDGER_MALFORMED, "malformed" },
	{ LEDGER_UNWRITTEN, "not written" },
};

void
loss_of_line(const char *line, struct ledger_line *l)
{
	*l = (struct ledger_line){ 0 };
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		l->n[i] = fields_number(line, ledger_name[i]);
}

void
loss_words(const struct ledger_line *l, struct buf *out)
{
	const char *sep = "";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint64_t n = l->n[kinds[i].count];
		if (n == 0)
			continue;
		buf_printf(out, "%s%" PRIu64 " %s", sep, n, kinds[i].what);
		sep = ", ";
	}
}

char *
loss_protocol(const struct ledger_line *l, char *buf)
{
	if (l->version == SFLOW)
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "sflow");
	else if (l->version == 10)
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "ipfix");
	else
		(void)snprintf(buf, LOSS_PROTOCOL_MAX, "v%u", l->version);
	return buf;
}
