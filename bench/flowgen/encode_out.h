/*
 * encode_out: big endian bytes into a buffer that is large enough.  Private
 * to the encoders.
 */
#ifndef FLOWGEN_ENCODE_OUT_H
#define FLOWGEN_ENCODE_OUT_H

#include <stdint.h>
#include <string.h>

#include "base/be.h"
#include "encode.h"

struct out {
	uint8_t *start;
	uint8_t *p;
};

static inline void
put8(struct out *o, unsigned v)
{
	*o->p++ = (uint8_t)v;
}

static inline void
put16(struct out *o, unsigned v)
{
	be16_put(o->p, (uint16_t)v);
	o->p += 2;
}

static inline void
put32(struct out *o, uint32_t v)
{
	be32_put(o->p, v);
	o->p += sizeof(v);
}

static inline void
put64(struct out *o, uint64_t v)
{
	be64_put(o->p, v);
	o->p += sizeof(v);
}

static inline void
put_at16(uint8_t *p, size_t v)
{
	be16_put(p, (uint16_t)v);
}

/* NetFlow v1, v5, v7: encode_old.c */
void encode_old(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r);

/* sFlow v5: encode_sflow.c */
void encode_sflow(struct encode_stream *s, uint64_t now_ms, unsigned max_flows,
    struct out *o, struct encode_result *r);

#endif
