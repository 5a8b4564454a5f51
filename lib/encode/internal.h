/*
 * internal: what the encoders share.  Private to lib/encode.
 */
#ifndef ENCODE_INTERNAL_H
#define ENCODE_INTERNAL_H

#include <string.h>

#include "base/be.h"
#include "encode/element.h"
#include "encode/encode.h"

#define TEMPLATE_ELEMENTS 128 /* more than the table has for any flow */
#define TEMPLATE_FIRST    256

struct template
{
	uint64_t have;    /* with the bits below, what makes it another one */
	uint16_t nbar;    /* v9: bytes of the application's id */
	uint16_t id;      /* on the wire */
	uint16_t n;       /* elements */
	uint32_t fixed;   /* bytes of a record, texts left out */
	bool announced;   /* ever */
	uint64_t said_at; /* in which datagram */
	const struct element *element[TEMPLATE_ELEMENTS];
};

/* Bits of template.have beside those of flow elements. */
#define SHAPE_ICMP (UINT64_C(1) << 62)
#define SHAPE_SIX  (UINT64_C(1) << 63)
_Static_assert(FE_MAX < 62, "bits of shapes");

struct encoder {
	struct encode_opts o;
	encode_send *send;
	void *ctx;
	struct encode_counts n;
	unsigned on;        /* ON_V9, ON_IPFIX, 0 */
	uint64_t boot_ms;   /* epoch; SysUptime counts from here */
	uint64_t latest_ms; /* end of the last flow in the datagram */
	uint32_t sequence;
	/* the datagram at hand */
	unsigned records; /* data */
	unsigned items;   /* v9: templates and data */
	uint8_t *p;       /* next byte */
	uint8_t *set;     /* open set, NULL: none */
	uint16_t set_id;
	bool clipped; /* of the flow at hand, some number */
	/* v9, IPFIX */
	struct template *templates;
	size_t n_templates;
	size_t oldest;
	struct template *last; /* used */
	uint8_t data[ENCODE_MAX];
};

static inline void
put8(struct encoder *e, unsigned v)
{
	*e->p++ = (uint8_t)v;
}

static inline void
put16(struct encoder *e, unsigned v)
{
	be16_put(e->p, (uint16_t)v);
	e->p += 2;
}

static inline void
put32(struct encoder *e, uint32_t v)
{
	be32_put(e->p, v);
	e->p += sizeof(v);
}

static inline void
put64(struct encoder *e, uint64_t v)
{
	be64_put(e->p, v);
	e->p += sizeof(v);
}

static inline void
put_at16(uint8_t *p, size_t v)
{
	be16_put(p, (uint16_t)v);
}

static inline size_t
encoder_room(const struct encoder *e)
{
	return e->o.datagram - (size_t)(e->p - e->data);
}

/* At most `most`; what is more is noted. */
static inline uint64_t
clip(struct encoder *e, uint64_t v, uint64_t most)
{
	e->clipped |= v > most;
	return v > most ? most : v;
}

/* ms since boot on the wire; what lies outside is noted and at the edge. */
uint32_t encoder_uptime(struct encoder *e, uint64_t ms);

/* v5.c, sets.c; false: the flow cannot be expressed. */
bool v5_flow(struct encoder *e, const struct flow *f);
bool sets_flow(struct encoder *e, const struct flow *f);
void v5_finish(struct encoder *e);
void sets_finish(struct encoder *e);

#endif
