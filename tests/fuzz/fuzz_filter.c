/*
 * Any text through the parser, with files, named filters and host names to
 * use; what parses must print to what parses without those to the same, and
 * the batch engine must agree with the oracle on some flows.
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

/* The same flows, with the same labels. */
static void
check_same(const struct filter *f, const struct filter *again)
{
	for (size_t i = 0; i < FLOWS; i++) {
		const char *a = filter_label(f, &flows[i], "src0");
		const char *b = filter_label(again, &flows[i], "src0");
		if (filter_match(f, &flows[i], "src0") !=
			filter_match(again, &flows[i], "src0") ||
		    (a == NULL) != (b == NULL) ||
		    (a != NULL && strcmp(a, b) != 0))
			abort();
	}
	if (filter_counts(f) != filter_counts(again) ||
	    filter_labels(f) != filter_labels(again))
		abort();
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
	check_same(f, again);
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

/* h0 is unknown, h1 has one address, ... */
static size_t
resolve(void *arg, const char *name, struct addr *a, size_t max)
{
	size_t n = (unsigned char)name[strlen(name) - 1] % 8;
	(void)arg;
	for (size_t i = 0; i < n && i < max; i++)
		a[i] = i % 2 == 0 ? addr_v4(0x0a000000 + (uint32_t)i)
				  : addr_v6(0, i);
	return n < max ? n : max;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct filter_options options = {
		.dir = "tests/fuzz/filter_files",
		.named = "tests/fuzz/filter_files",
		.resolve = resolve,
	};
	struct filter_error fe;
	struct buf caret = BUF_EMPTY;
	const char *text = (const char *)data;
	if (batch == NULL)
		prepare();
	struct filter *f = filter_parse_with(text, size, &options, &fe);
	if (f != NULL) {
		check_print(f);
		check_match(f);
	} else {
		filter_error_explain(&fe, &caret);
		filter_error_line(&fe, &caret);
		buf_free(&caret);
	}
	filter_free(f);
	return 0;
}
