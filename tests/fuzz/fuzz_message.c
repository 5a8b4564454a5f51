/*
 * fuzz_message: a stream cut into messages.  The first byte says in pieces of
 * which size it comes; what comes out must be what went in, and the same as
 * when it comes at once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "decode/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	const uint8_t *at;
	size_t messages, bytes;
};

static void
take(void *ctx, const uint8_t *p, size_t len)
{
	struct sum *s = ctx;
	if (len < MESSAGE_HEADER || len > MESSAGE_MAX ||
	    memcmp(p, s->at, len) != 0)
		abort();
	s->at += len;
	s->bytes += len;
	s->messages++;
}

static enum message_state
run(const uint8_t *data, size_t size, size_t step, struct sum *sum)
{
	struct message_part m = { 0 };
	enum message_state state = MESSAGE_NONE;
	*sum = (struct sum){ .at = data };
	for (size_t at = 0; at < size && state <= MESSAGE_BEGUN; at += step) {
		size_t n = size - at < step ? size - at : step;
		state = message_add(&m, data + at, n, take, sum);
		if (state <= MESSAGE_BEGUN && sum->bytes + m.n != at + n)
			abort();
	}
	message_free(&m);
	return state;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole, pieces;
	if (size < 2)
		return 0;
	size_t step = (size_t)data[0] + 1;
	enum message_state a = run(data + 1, size - 1, size - 1, &whole);
	enum message_state b = run(data + 1, size - 1, step, &pieces);
	if (a != b || whole.messages != pieces.messages ||
	    whole.bytes != pieces.bytes)
		abort();
	return 0;
}
