/*
 * Any text through the parser; what parses must print to what parses to the
 * same, and the batch engine must agree with the oracle on some flows.
 */
#include <stdlib.h>

#include "filter/filter.h"
#include "tests/unit/filter/flows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FLOWS 70
static struct flow flows[FLOWS];
static struct batch *batch;

static struct filter *
must_parse(const struct buf *b)
{
	struct filter_error fe;
	struct filter *f = filter_parse(buf_str(b), b->len, &fe);
	if (f == NULL)
		abort();
	return f;
}

static void
check_print(const struct filter *f)
{
	struct buf once = BUF_EMPTY, twice = BUF_EMPTY;
	filter_print(f, &once);
	struct filter *again = must_parse(&once);
	filter_print(again, &twice);
	if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	filter_free(again);
	buf_free(&once);
	buf_free(&twice);
}

static void
check_match(const struct filter *f)
{
	struct filterset *s = filterset_new();
	(void)filterset_add(s, f);
	filterset_compile(s);
	filterset_expander(s, flow_expand);
	filterset_file(s, "src0");
	filterset_eval(s, batch);
	const uint64_t *bits = filterset_bits(s, 0);
	for (size_t i = 0; i < FLOWS; i++)
		if (((bits[i / 64] >> (i % 64) & 1) != 0) !=
		    filter_match(f, &flows[i], "src0"))
			abort();
	filterset_free(s);
}

static void
prepare(void)
{
	struct rnd r = { 1 };
	for (size_t i = 0; i < FLOWS; i++) {
		flow_random(&r, &flows[i]);
		flows[i].number = i + 1;
	}
	batch = batch_of(flows, FLOWS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter_error fe;
	struct buf caret = BUF_EMPTY;
	const char *text = (const char *)data;
	if (batch == NULL)
		prepare();
	struct filter *f = filter_parse(text, size, &fe);
	if (f != NULL) {
		check_print(f);
		check_match(f);
	} else {
		filter_error_explain(&fe, &caret);
		buf_free(&caret);
	}
	filter_free(f);
	return 0;
}
