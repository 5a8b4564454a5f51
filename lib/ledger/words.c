#include "ledger/words.h"

#include <inttypes.h>

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
ledger_words(const struct ledger_line *l, struct buf *out)
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
