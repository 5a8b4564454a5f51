/*
 * fuzz_state: the file of templates.  The input as a file, and as the one
 * record of a file whose lengths and checksum are right: what that restores
 * can be written and read again, and is the same then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "decode/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 200000

/* Restore the file's only record and write it again. */
static void
turn(const struct buf *in, struct buf *out)
{
	const uint8_t *p = (const void *)in->data;
	struct budget budget = { ROOM };
	struct state_record r;
	struct exporter e;
	size_t pos = 0;
	if (!state_next(p, in->len, &pos, &r))
		abort();
	struct wire w = wire_init(state_record_key(&r), STATE_KEY_LEN);
	uint16_t port = wire_u16(&w);
	struct decode_head h = { .version = wire_u16(&w) == 9 ? 9 : 10,
		.id = 1 };
	struct addr ip = addr_v4(0x7f000001);
	exporter_init(&e, &ip, &h);
	e.budget = &budget;
	state_restore(&r, &e);
	(void)state_wanted(&e);
	state_begin(out, 1);
	state_put(out, port, &e);
	state_end(out);
	exporter_free(&e);
	if (budget.left != ROOM)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	struct buf in = BUF_EMPTY, once = BUF_EMPTY, twice = BUF_EMPTY;
	(void)state_check(data, size, &err);
	struct state_record r = { .p = data, .len = size };
	if (size < 4 || size > 60000)
		return 0;
	state_begin(&in, 1);
	state_copy(&in, &r);
	size_t len = size - 4;
	for (size_t i = 0; i < 4; i++)
		in.data[STATE_HEAD_LEN + i] = (char)(len >> 8 * (3 - i));
	state_end(&in);
	if (state_check((const void *)in.data, in.len, &err) == 0) {
		turn(&in, &once);
		if (state_check((const void *)once.data, once.len, &err) == -1)
			abort();
		turn(&once, &twice);
		if (once.len != twice.len)
			abort();
	}
	buf_free(&in);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
