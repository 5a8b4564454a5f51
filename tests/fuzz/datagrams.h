/*
 * datagrams: a fuzz input as several datagrams of one exporter, so that
 * templates of one are met by data of the next: u16 length, bytes, ...
 */
#ifndef FUZZ_DATAGRAMS_H
#define FUZZ_DATAGRAMS_H

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch what is borrowed, so that a bad pointer is noticed. */
static inline void
fuzz_sink(void *ctx, const struct flow *f)
{
	uint64_t *sum = ctx;
	*sum += f->have + f->bytes + f->first + f->last;
	if (flow_has(f, FE_NBAR))
		for (uint16_t i = 0; i < f->nbar.len; i++)
			*sum += f->nbar.p[i];
	if (flow_has(f, FE_INPAYLOAD) && f->in_payload.len != 0)
		*sum += f->in_payload.p[f->in_payload.len - 1];
	if (!flow_has(f, FE_GENERIC))
		abort();
}

static inline int
fuzz_datagrams(uint16_t version, const uint8_t *data, size_t size)
{
	struct addr ip = addr_v4(0x7f000001);
	struct decode_head h = { .version = version, .id = 1 };
	struct exporter e;
	uint64_t sum = 0;
	exporter_init(&e, &ip, &h);
	while (size >= 2) {
		size_t len = (size_t)(data[0] << 8 | data[1]);
		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		/* A copy of its own: reading past the end is seen. */
		uint8_t *copy = malloc(len != 0 ? len : 1);
		if (copy == NULL)
			abort();
		memcpy(copy, data, len);
		if (len >= 2) {
			copy[0] = 0;
			copy[1] = (uint8_t)version;
		}
		struct decode_head got;
		(void)decode_peek(copy, len, &got);
		decode_datagram(&e, copy, len, UINT64_C(1700000000000),
		    fuzz_sink, &sum);
		free(copy);
		data += len;
		size -= len;
	}
	exporter_free(&e);
	return sum == 1;
}

#endif
