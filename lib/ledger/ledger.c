#include "ledger/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const ledger_name[LEDGER_COUNTS] = {
	[LEDGER_DATAGRAMS] = "datagrams",
	[LEDGER_FLOWS] = "flows",
	[LEDGER_PACKETS] = "packets",
	[LEDGER_BYTES] = "bytes",
	[LEDGER_KERNEL_DROPS] = "kernel_drops",
	[LEDGER_QUEUE_DROPS] = "queue_drops",
	[LEDGER_UNKNOWN] = "unknown_sender",
	[LEDGER_NO_ROOM] = "no_room",
	[LEDGER_BAD_VERSION] = "bad_version",
	[LEDGER_TRUNCATED] = "truncated",
	[LEDGER_MALFORMED] = "malformed",
	[LEDGER_NO_TEMPLATE] = "no_template",
	[LEDGER_WAITED] = "waited",
	[LEDGER_NO_FIELD] = "no_field",
	[LEDGER_TEMPLATES_BAD] = "templates_bad",
	[LEDGER_SEQUENCE_GAPS] = "sequence_gaps",
	[LEDGER_SEQUENCE_LOST] = "sequence_lost",
	[LEDGER_UNWRITTEN] = "unwritten",
};

void
ledger_print(const struct ledger_line *l, struct buf *out)
{
	char ip[ADDR_STRLEN];
	buf_printf(out, "slot=%" PRId64 " length=%" PRIu32 " source=%s",
	    l->slot, l->length, l->source);
	if (l->exporter.family != ADDR_NONE)
		buf_printf(out, " exporter=%s version=%u id=%" PRIu32,
		    addr_str(&l->exporter, ip), l->version, l->id);
	if (l->agent.family != ADDR_NONE && !addr_eq(&l->agent, &l->exporter))
		buf_printf(out, " agent=%s", addr_str(&l->agent, ip));
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		if (l->n[i] != 0)
			buf_printf(out, " %s=%" PRIu64, ledger_name[i],
			    l->n[i]);
	buf_addc(out, '\n');
}

/* ---- reading one line ------------------------------------------------------- */

static bool
number(const char *s, size_t n, uint64_t max, uint64_t *v)
{
	uint64_t x = 0;
	if (n == 0 || n > 20)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9' ||
		    __builtin_mul_overflow(x, 10U, &x) ||
		    __builtin_add_overflow(x, (uint64_t)(s[i] - '0'), &x))
			return false;
	}
	*v = x;
	return x <= max;
}

static bool
is(const char *key, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(key, name, n) == 0;
}

static bool
take_address(const char *s, size_t n, struct addr *a)
{
	char text[ADDR_STRLEN];
	if (n >= sizeof(text))
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	return addr_parse(text, a);
}

/* False: the value is impossible.  Unknown keys are fine. */
static bool
take_pair(struct ledger_line *l, const char *key, size_t k, const char *s,
    size_t n)
{
	uint64_t v = 0;
	bool ok = true;
	if (is(key, k, "source")) {
		if (n == 0 || n >= sizeof(l->source))
			return false;
		memcpy(l->source, s, n);
		l->source[n] = '\0';
	} else if (is(key, k, "exporter")) {
		ok = take_address(s, n, &l->exporter);
	} else if (is(key, k, "agent")) {
		ok = take_address(s, n, &l->agent);
	} else if (is(key, k, "slot")) {
		ok = number(s, n, INT64_MAX, &v);
		l->slot = (int64_t)v;
	} else if (is(key, k, "length")) {
		ok = number(s, n, UINT32_MAX, &v) && v != 0;
		l->length = (uint32_t)v;
	} else if (is(key, k, "version")) {
		ok = number(s, n, UINT16_MAX, &v);
		l->version = (uint16_t)v;
	} else if (is(key, k, "id")) {
		ok = number(s, n, UINT32_MAX, &v);
		l->id = (uint32_t)v;
	} else {
		for (size_t i = 0; i < LEDGER_COUNTS; i++)
			if (is(key, k, ledger_name[i]))
				return number(s, n, UINT64_MAX, &l->n[i]);
	}
	return ok;
}

bool
ledger_parse(const char *text, size_t n, struct ledger_line *l)
{
	const char *p = text, *end = text + n;
	memset(l, 0, sizeof(*l));
	l->slot = -1;
	while (p < end) {
		const char *word = memchr(p, ' ', (size_t)(end - p));
		if (word == NULL)
			word = end;
		const char *eq = memchr(p, '=', (size_t)(word - p));
		if (eq == NULL || !take_pair(l, p, (size_t)(eq - p), eq + 1,
				      (size_t)(word - eq - 1)))
			return false;
		p = word < end ? word + 1 : end;
	}
	return l->slot >= 0 && l->length != 0 && l->source[0] != '\0';
}

/* ---- sums ------------------------------------------------------------------- */

void
ledger_sum(struct ledger_line *sum, const struct ledger_line *l)
{
	for (size_t i = 0; i < LEDGER_COUNTS; i++)
		sum->n[i] += l->n[i];
}

uint64_t
ledger_lost(const struct ledger_line *l)
{
	static const enum ledger_count lost[] = { LEDGER_KERNEL_DROPS,
		LEDGER_QUEUE_DROPS, LEDGER_UNKNOWN, LEDGER_NO_ROOM,
		LEDGER_BAD_VERSION, LEDGER_TRUNCATED, LEDGER_MALFORMED,
		LEDGER_NO_TEMPLATE, LEDGER_SEQUENCE_LOST, LEDGER_UNWRITTEN };
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		sum += l->n[lost[i]];
	return sum;
}
