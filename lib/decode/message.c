#include "decode/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define VERSION     10
#define LENGTH_READ 4 /* bytes until the length is known */

/* What n bytes at p begin with; *need: how many it will be, as far as known. */
static enum message_state
look(const uint8_t *p, size_t n, uint32_t *need)
{
	*need = LENGTH_READ;
	if ((n >= 1 && p[0] != 0) || (n >= 2 && p[1] != VERSION))
		return MESSAGE_BAD_VERSION;
	if (n < LENGTH_READ)
		return MESSAGE_BEGUN;
	*need = (uint32_t)p[2] << 8 | p[3];
	if (*need < MESSAGE_HEADER)
		return MESSAGE_BAD_LENGTH;
	return n < *need ? MESSAGE_BEGUN : MESSAGE_NONE;
}

static void
begin(struct message_part *m, const uint8_t *p, size_t n, uint32_t need)
{
	m->buf = mem_alloc(need);
	memcpy(m->buf, p, n);
	m->n = (uint32_t)n;
	m->need = need;
}

/* More of the message begun; how many bytes of p were of use. */
static size_t
add_to_begun(struct message_part *m, const uint8_t *p, size_t n,
    enum message_state *state)
{
	size_t want = m->need - m->n;
	size_t take = n < want ? n : want;
	memcpy(m->buf + m->n, p, take);
	m->n += (uint32_t)take;
	uint32_t need;
	*state = look(m->buf, m->n, &need);
	if (*state == MESSAGE_BEGUN && need > m->need) {
		m->buf = mem_realloc(m->buf, need, 1);
		m->need = need;
	}
	return take;
}

enum message_state
message_add(struct message_part *m, const uint8_t *p, size_t n,
    message_sink *sink, void *ctx)
{
	enum message_state state =
	    m->buf != NULL ? MESSAGE_BEGUN : MESSAGE_NONE;
	while (n > 0) {
		uint32_t len;
		size_t took;
		if (m->buf != NULL) {
			took = add_to_begun(m, p, n, &state);
			if (state == MESSAGE_NONE) {
				sink(ctx, m->buf, m->n);
				message_free(m);
			}
		} else {
			state = look(p, n, &len);
			took = state == MESSAGE_NONE ? len : n;
			if (state == MESSAGE_NONE)
				sink(ctx, p, len);
			else if (state == MESSAGE_BEGUN)
				begin(m, p, n, len);
		}
		if (state > MESSAGE_BEGUN)
			break;
		p += took;
		n -= took;
	}
	return state;
}

void
message_free(struct message_part *m)
{
	free(m->buf);
	*m = (struct message_part){ 0 };
}
