#include "fcgi/loss_table.h"

#include <stdio.h>

#include "base/file.h"
#include "base/slot.h"
#include "fcgi/html.h"
#include "fcgi/text.h"
#include "fcgi/view.h"
#include "ledger/words.h"

static void
take(void *ctx, const struct ledger_line *l)
{
	struct loss *x = ctx;
	ledger_sum(&x->in_day, l);
	if (l->slot == x->slot)
		ledger_sum(&x->in_slot, l);
}

void
loss_read(const struct conf *c, const char *source, int64_t now,
    struct loss *out)
{
	char dir[FILE_PATH_MAX];
	struct err err;
	*out = (struct loss){ .slot = slot_start(now, c->cycletime) -
				      c->cycletime };
	if (file_join(dir, c->profilestatdir, "live/.ledger"))
		(void)ledger_read(dir, source, now - LEDGER_DAY, now, take, out,
		    NULL, &err);
}

static void
cell(const struct ledger_line *l, struct response *rs)
{
	uint64_t n = ledger_lost(l);
	html(&rs->body,
	    n != 0 ? "<td class=\"num\"><b class=\"warn\">%s</b></td>"
		   : "<td class=\"num\">%s</td>",
	    text_full(&rs->arena, (double)n));
}

static void
row(const char *name, const struct loss *x, struct response *rs)
{
	struct buf words = BUF_EMPTY;
	ledger_words(&x->in_day, &words);
	html(&rs->body, "<tr><th scope=\"row\">%s</th>", name);
	cell(&x->in_slot, rs);
	cell(&x->in_day, rs);
	html(&rs->body, "<td>%s</td></tr>",
	    words.len != 0 ? buf_str(&words) : "nothing");
	buf_free(&words);
}

/* What nobody knows whose it was; only when there is something. */
static void
port_row(const struct conf *c, size_t i, int64_t now, struct response *rs)
{
	char name[sizeof(LEDGER_PORT) + 8];
	struct loss x;
	for (size_t k = 0; k < i; k++)
		if (c->sources[k].port == c->sources[i].port)
			return;
	(void)snprintf(name, sizeof(name), LEDGER_PORT,
	    (unsigned)c->sources[i].port);
	loss_read(c, name, now, &x);
	if (ledger_lost(&x.in_day) != 0)
		row(name, &x, rs);
}

void
loss_table(const struct conf *c, const struct request *rq, struct response *rs)
{
	struct buf *b = &rs->body;
	struct loss x;
	int64_t slot = slot_start(rq->now, c->cycletime) - c->cycletime;
	html(b, "<section class=\"card\" id=\"lost\"><div class=\"title\">"
		"<h2>Lost</h2></div><div class=\"scroll\"><table "
		"class=\"data\"><thead><tr><th scope=\"col\">Source</th>"
		"<th scope=\"col\" class=\"num\">");
	html(b, "Slot %s</th>", view_time_text(slot, &rs->arena));
	html(b, "<th scope=\"col\" class=\"num\">Last day</th>"
		"<th scope=\"col\">What, in the last day</th>"
		"</tr></thead><tbody>");
	for (size_t i = 0; i < c->n_sources; i++) {
		loss_read(c, c->sources[i].ident, rq->now, &x);
		row(c->sources[i].ident, &x, rs);
	}
	for (size_t i = 0; i < c->n_sources; i++)
		port_row(c, i, rq->now, rs);
	html(b, "</tbody></table></div><p class=\"note\">Flows and datagrams, "
		"from the ledger; each exporter's: <code>nfsen "
		"exporters</code>.</p></section>");
}
