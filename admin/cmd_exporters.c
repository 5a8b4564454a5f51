/* exporters: who sent what and what of it was lost, as a table or as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/books.h"
#include "admin/fields.h"
#include "admin/loss.h"
#include "admin/period.h"
#include "ledger/words.h"

/* ---- what a line says ----------------------------------------------------- */

/* When the last datagram came; by the ledger alone: the slot's end. */
static int64_t
last_seen(const struct ledger_sum *s)
{
	if (s->last_ms != 0)
		return s->last_ms / 1000;
	return s->l.n[LEDGER_DATAGRAMS] != 0 ? s->l.slot + s->l.length : 0;
}

static void
print_time(int64_t when, char *buf, size_t size)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (when == 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(buf, size, "%F %T", &tm) == 0)
		(void)snprintf(buf, size, "-");
}

/* The strongest rule that was applied: "1 of 1000 (id 7)". */
static void
print_rule(const struct books *b, const struct ledger_sum *s, struct buf *out)
{
	const char *line;
	char rule[16];
	for (size_t i = 0; (line = books_sampler(b, s, i)) != NULL; i++) {
		uint64_t packets = fields_number(line, "packets");
		uint64_t of = fields_number(line, "of");
		if (fields_number(line, "flows") == 0 ||
		    !fields_word(line, "rule", rule, sizeof(rule)))
			continue;
		buf_printf(out, "%" PRIu64 " of %" PRIu64 " (%s", packets,
		    packets + fields_number(line, "space"), rule);
		if (of != 0)
			buf_printf(out, " %" PRIu64, of);
		buf_addc(out, ')');
		return;
	}
	buf_addc(out, '-');
}

static const char *
exporter_name(const struct ledger_line *l, char *buf)
{
	if (l->exporter.family == ADDR_NONE)
		return "-";
	return addr_str(&l->exporter, buf);
}

/* ---- table ---------------------------------------------------------------- */

struct widths {
	int source, exporter, id;
};

static void
widen(int *w, size_t n)
{
	if ((int)n > *w)
		*w = (int)n;
}

static struct widths
measure(const struct books *b)
{
	struct widths w = { 6, 8, 2 };
	char text[ADDR_STRLEN];
	for (size_t i = 0; i < b->accounts.n; i++) {
		const struct ledger_line *l = &b->accounts.sums[i].l;
		widen(&w.source, strlen(l->source));
		widen(&w.exporter, strlen(exporter_name(l, text)));
		widen(&w.id,
		    (size_t)snprintf(text, sizeof(text), "%" PRIu32, l->id));
	}
	return w;
}

static void
print_row(const struct books *b, const struct ledger_sum *s,
    const struct widths *w)
{
	char ip[ADDR_STRLEN], seen[32], protocol[LOSS_PROTOCOL_MAX] = "-";
	char id[16] = "-";
	struct buf rule = BUF_EMPTY, lost = BUF_EMPTY;
	if (s->l.exporter.family != ADDR_NONE) {
		(void)loss_protocol(&s->l, protocol);
		(void)snprintf(id, sizeof(id), "%" PRIu32, s->l.id);
	}
	print_time(last_seen(s), seen, sizeof(seen));
	print_rule(b, s, &rule);
	(void)printf("%-*s  %-*s  %-8s  %*s  %12" PRIu64 "  %9" PRIu64
		     "  %-19s  %s\n",
	    w->source, s->l.source, w->exporter, exporter_name(&s->l, ip),
	    protocol, w->id, id, s->l.n[LEDGER_FLOWS], ledger_lost(&s->l), seen,
	    buf_str(&rule));
	ledger_words(&s->l, &lost);
	if (lost.len != 0)
		(void)printf("    lost: %s\n", buf_str(&lost));
	buf_free(&rule);
	buf_free(&lost);
}

static void
print_table(const struct books *b)
{
	char from[32], to[32];
	const struct widths w = measure(b);
	print_time(b->from, from, sizeof(from));
	print_time(b->to, to, sizeof(to));
	(void)printf("From %s to %s%s\n", from, to,
	    b->live ? "" : ", the collector is not running");
	if (b->accounts.n == 0) {
		(void)printf("No exporter sent anything.\n");
		return;
	}
	(void)printf("%-*s  %-*s  %-8s  %*s  %12s  %9s  %-19s  %s\n", w.source,
	    "Source", w.exporter, "Exporter", "Protocol", w.id, "Id", "Flows",
	    "Lost", "Last seen", "Sampling");
	for (size_t i = 0; i < b->accounts.n; i++)
		print_row(b, &b->accounts.sums[i], &w);
}

/* ---- JSON ----------------------------------------------------------------- */

/* Names, addresses and rules have nothing to escape in them. */
static void
print_json_samplers(const struct books *b, const struct ledger_sum *s)
{
	const char *line;
	char rule[16];
	(void)printf(",\"sampling\":[");
	for (size_t i = 0; (line = books_sampler(b, s, i)) != NULL; i++) {
		if (!fields_word(line, "rule", rule, sizeof(rule)))
			rule[0] = '\0';
		(void)printf("%s{\"rule\":\"%s\",\"of\":%" PRIu64
			     ",\"packets\":%" PRIu64 ",\"space\":%" PRIu64
			     ",\"flows\":%" PRIu64 "}",
		    i != 0 ? "," : "", rule, fields_number(line, "of"),
		    fields_number(line, "packets"),
		    fields_number(line, "space"), fields_number(line, "flows"));
	}
	(void)printf("]");
}

static void
print_json_account(const struct books *b, const struct ledger_sum *s)
{
	char text[ADDR_STRLEN], protocol[LOSS_PROTOCOL_MAX];
	uint64_t templates;
	const struct ledger_line *l = &s->l;
	(void)printf("{\"source\":\"%s\"", l->source);
	if (l->exporter.family != ADDR_NONE)
		(void)printf(",\"exporter\":\"%s\",\"protocol\":\"%s\","
			     "\"version\":%u,\"id\":%" PRIu32,
		    addr_str(&l->exporter, text), loss_protocol(l, protocol),
		    l->version, l->id);
	if (books_transport(s, text, sizeof(text)))
		(void)printf(",\"transport\":\"%s\"", text);
	if (books_templates(s, &templates))
		(void)printf(",\"templates_known\":%" PRIu64, templates);
	if (l->agent.family != ADDR_NONE)
		(void)printf(",\"agent\":\"%s\"", addr_str(&l->agent, text));
	(void)printf(",\"last_seen\":%" PRId64 ",\"lost\":%" PRIu64,
	    last_seen(s), ledger_lost(l));
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		(void)printf(",\"%s\":%" PRIu64, ledger_name[i], l->n[i]);
	if (l->exporter.family != ADDR_NONE)
		print_json_samplers(b, s);
	(void)printf("}");
}

static void
print_json(const struct books *b)
{
	(void)printf("{\"from\":%" PRId64 ",\"to\":%" PRId64
		     ",\"running\":%s,\"accounts\":[",
	    b->from, b->to, b->live ? "true" : "false");
	for (size_t i = 0; i < b->accounts.n; i++) {
		(void)printf("%s\n", i != 0 ? "," : "");
		print_json_account(b, &b->accounts.sums[i]);
	}
	(void)printf("\n]}\n");
}

int
cmd_exporters(struct admin *a)
{
	struct err err;
	struct books b = { .source = a->source };
	if (a->source != NULL && conf_source_find(a->c, a->source) == NULL &&
	    strncmp(a->source, "port:", 5) != 0) {
		(void)err_set(&err, "no source '%s' in %s", a->source, a->file);
		return admin_fail(&err);
	}
	if (period_of(a, (int64_t)time(NULL), &b.from, &b.to, &err) == -1)
		return admin_fail(&err);
	int rc = books_open(a->c, &b, &err);
	if (rc == -1)
		rc = admin_fail(&err);
	else if (a->json)
		print_json(&b);
	else
		print_table(&b);
	if (b.bad != 0)
		(void)fprintf(stderr,
		    "%" PRIu64 " lines of the ledger cannot be read\n", b.bad);
	books_free(&b);
	return rc;
}
