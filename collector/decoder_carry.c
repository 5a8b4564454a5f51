/*
 * What one decode thread leaves to the next, of another process or of this
 * one: exporters with their sessions over TCP, data that waits for a template,
 * and sequence numbers, as decode/state.h writes them.
 */
#include "collector/decoder_private.h"

static bool
goes_on(const struct sender *x)
{
	return x->session != 0 || x->e.waiting.n != 0 || x->e.sequence.known;
}

void
decoder_carry(struct decoder *d, struct buf *out)
{
	bool any = false;
	state_begin(out, (uint64_t)decoder_clock_ms(CLOCK_REALTIME));
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		for (struct sender *x = s->senders; x != NULL;
		     x = x->next_sibling)
			if (goes_on(x)) {
				state_put_all(out, x->port, &x->e, x->session);
				any = true;
			}
	if (any)
		state_end(out);
	else
		buf_clear(out);
}

void
decoder_go_on(struct decoder *d, const struct buf *carry)
{
	struct state_record r;
	struct err err;
	const uint8_t *data = (const void *)carry->data;
	size_t n = 0, lost = 0;
	if (state_check(data, carry->len, &err) == -1) {
		log_errx("what the collector before had begun is lost: %s",
		    err.msg);
		return;
	}
	for (size_t pos = 0; state_next(data, carry->len, &pos, &r);)
		if (sender_restore(&d->sources, &r) != NULL)
			n++;
		else
			lost++;
	log_info("going on with exporters=%zu left_out=%zu", n, lost);
}
