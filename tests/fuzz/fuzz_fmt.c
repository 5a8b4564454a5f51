/*
 * fuzz_fmt: what -o is given (names of formats, fmt:.. and csv:.. with
 * tokens) is refused with a message, or prints a flow without any element and
 * one with all of them, always the same.
 *
 * The first byte is what the flow's fields are made of, the rest the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "query/fmt.h"
#include "query/fmtconf.h"
#include "query/format.h"

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fill(struct flow *f, uint8_t byte)
{
	static const uint8_t label[] = "l\033bel";
	const struct flow_bytes some = { label, sizeof(label) };
	memset(f, byte, sizeof(*f));
	f->have = FLOW_BIT(FE_MAX) - 1;
	f->user = f->nbar = f->label = f->in_payload = f->out_payload = some;
	f->frame = f->pf_ifname = f->nokia_str = some;
}

static void
print(const struct format *f, const struct flow *flow, struct buf *b)
{
	format_head(f, b);
	format_flow(f, 1, flow, b);
	format_foot(f, b);
}

static void
print_twice(const struct format *f, const struct flow *flow)
{
	struct buf b = BUF_EMPTY, again = BUF_EMPTY;
	print(f, flow, &b);
	print(f, flow, &again);
	if (b.len != again.len ||
	    (b.len != 0 && memcmp(b.data, again.data, b.len) != 0))
		abort();
	buf_free(&b);
	buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fmt_named user[] = {
		{ "loop", "%loop", false, &user[1] },
		{ "mine", "%ts %mines", false, &user[2] },
		{ "mines", "%sa,%da", true, NULL },
	};
	struct format f = { .user = user, .plain = size % 2 == 0 };
	struct arena a = ARENA_EMPTY;
	struct flow none = { 0 }, all;
	struct err err = { .msg = "" };
	if (size == 0 || size > TEXT_MAX)
		return 0;
	char *text = calloc(1, size);
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	fill(&all, data[0]);
	if (format_parse(&f, text, &a, &err) == 0) {
		print_twice(&f, &none);
		print_twice(&f, &all);
	} else if (err.msg[0] == '\0') {
		abort();
	}
	arena_free(&a);
	free(text);
	return 0;
}
