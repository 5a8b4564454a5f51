/*
 * The arguments of nfsen-query that a web user writes: window, aggregation,
 * statistic, output format; told apart by the first letter.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "query/agg.h"
#include "query/format.h"
#include "query/stat.h"
#include "query/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_agg(const char *text)
{
	struct agg a;
	struct arena arena = ARENA_EMPTY;
	struct buf b = BUF_EMPTY;
	struct format f = { 0 };
	/* What is accepted can be printed. */
	if (agg_parse(&a, text, NULL) == 0) {
		agg_format(&a, &b);
		if (fmt_compile(&f, buf_str(&b), &arena, NULL) == -1)
			abort();
	}
	buf_free(&b);
	arena_free(&arena);
}

static void
try_format(const char *text)
{
	static const struct flow flow = { .have = FLOW_BIT(FE_TUN6) };
	struct arena arena = ARENA_EMPTY;
	struct buf b = BUF_EMPTY;
	struct format f = { 0 };
	if (format_parse(&f, text, &arena, NULL) == 0) {
		format_head(&f, &b);
		format_flow(&f, 1, &flow, &b);
		format_foot(&f, &b);
	}
	buf_free(&b);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct window w;
	uint32_t orders;
	struct stat s;
	if (size == 0)
		return 0;
	char *text = malloc(size);
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 'A':
		try_agg(text);
		break;
	case 'o':
		try_format(text);
		break;
	case 's':
		(void)stat_parse(&s, text, &orders, NULL);
		break;
	default:
		(void)window_take(text, &w, NULL);
	}
	free(text);
	return 0;
}
