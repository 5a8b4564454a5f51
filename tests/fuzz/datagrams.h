/*
 * datagrams: a fuzz input as several datagrams, so that templates and options
 * of one are met by data of the next: u16 length, bytes, ...
 *
 * Each is given a version the target is about, its own where that is one of
 * them; each version is an exporter of its own, all within a small budget.
 */
#ifndef FUZZ_DATAGRAMS_H
#define FUZZ_DATAGRAMS_H

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/interface.h"
#include "decode/names.h"
#include "decode/sampling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch what is borrowed, so that a bad pointer is noticed. */
static inline uint64_t
fuzz_touch(const struct flow_bytes *b)
{
	uint64_t sum = 0;
	for (uint16_t i = 0; i < b->len; i++)
		sum += b->p[i];
	return sum;
}

static inline void
fuzz_sink(void *ctx, const struct flow *f)
{
	uint64_t *sum = ctx;
	*sum += f->have + f->bytes + f->first + f->last;
	if (flow_has(f, FE_NBAR))
		*sum += fuzz_touch(&f->nbar);
	if (flow_has(f, FE_INPAYLOAD))
		*sum += fuzz_touch(&f->in_payload);
	if (flow_has(f, FE_OUTPAYLOAD))
		*sum += fuzz_touch(&f->out_payload);
	if (flow_has(f, FE_USER))
		*sum += fuzz_touch(&f->user);
	if (flow_has(f, FE_FRAME))
		*sum += fuzz_touch(&f->frame);
	if (!flow_has(f, FE_GENERIC))
		abort();
	if (flow_has(f, FE_IPV4) && flow_has(f, FE_IPV6))
		abort();
}

/* What is kept of an exporter is within its limits and can be read. */
static inline void
fuzz_look(const struct exporter *e, uint64_t *sum)
{
	char buf[SAMPLER_STRLEN];
	size_t n;
	const struct sampler *s = exporter_samplers(e, &n);
	for (size_t i = 0; i < n; i++) {
		*sum += strlen(sampler_str(&s[i], buf));
		if (s[i].packets == 0)
			abort();
	}
	for (int k = NAME_INTERFACE; k <= NAME_APPLICATION; k++) {
		const struct name *x = exporter_names(e, (enum name_kind)k, &n);
		for (size_t i = 0; i < n; i++)
			*sum += strlen(x[i].name) + strlen(x[i].text);
	}
	const struct interface *x = exporter_interfaces(e, &n);
	for (size_t i = 0; i < n; i++)
		*sum += x[i].in_octets;
}

/* Templates that were kept can be loaded into another exporter. */
static inline void
fuzz_carry_over(const struct exporter *e)
{
	struct decode_head h = { .version = e->version, .id = e->id };
	struct exporter again;
	struct decode_template t;
	exporter_init(&again, &e->ip, &h);
	for (size_t pos = 0; exporter_template_next(e, &pos, &t);)
		if (!exporter_template_load(&again, &t))
			abort();
	exporter_free(&again);
}

#define FUZZ_VERSIONS 3

static inline void
fuzz_one(struct exporter *e, const uint8_t *data, size_t len, uint64_t *sum)
{
	struct decode_head h;
	uint16_t wire = e->version == DECODE_SFLOW ? 0 : e->version;
	/* A copy of its own: reading past the end is seen. */
	uint8_t *copy = malloc(len != 0 ? len : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	if (len >= 2) {
		copy[0] = 0;
		copy[1] = (uint8_t)wire;
	}
	(void)decode_peek(copy, len, &h);
	decode_datagram(e, copy, len, UINT64_C(1700000000000), fuzz_sink, sum);
	free(copy);
}

/* versions: those of the target, ended by 0; the first is the usual one. */
static inline int
fuzz_datagrams(const uint16_t *versions, const uint8_t *data, size_t size)
{
	static const struct decode_opts opts = { .sampling = 10,
		.tunnels = true };
	struct addr ip = addr_v4(0x7f000001);
	struct budget budget = { 100000 };
	struct waiting_store store;
	struct exporter e[FUZZ_VERSIONS];
	uint64_t sum = 0;
	size_t n = 0;
	waiting_init(&store, 20000, 15000);
	for (; versions[n] != 0; n++) {
		struct decode_head h = { .version = versions[n], .id = 1 };
		exporter_init(&e[n], &ip, &h);
		e[n].opts = &opts;
		e[n].budget = &budget;
		e[n].store = &store;
	}
	while (size >= 2) {
		size_t len = (size_t)(data[0] << 8 | data[1]);
		size_t which = 0;
		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		for (size_t i = 0; i < n && len >= 2; i++)
			if (versions[i] == data[1])
				which = i;
		fuzz_one(&e[which], data, len, &sum);
		data += len;
		size -= len;
	}
	for (size_t i = 0; i < n; i++) {
		fuzz_look(&e[i], &sum);
		fuzz_carry_over(&e[i]);
		exporter_free(&e[i]);
	}
	if (budget.left != 100000 || store.budget.left != 20000 ||
	    store.oldest != NULL)
		abort();
	return sum == 1;
}

#endif
