/*
 * wire: reading hostile bytes, big endian.  The cursor carries its bounds.
 * A read past the end gives 0, moves to the end and sets `bad`, which stays;
 * the caller reads straight on and asks once a record.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/be.h"

struct wire {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline struct wire
wire_init(const void *data, size_t len)
{
	/* Arithmetic on NULL is not defined, so "no bytes" points somewhere. */
	const uint8_t *p = data != NULL ? data : (const void *)"";
	return (struct wire){ .p = p, .end = p + len };
}

static inline size_t
wire_left(const struct wire *w)
{
	return (size_t)(w->end - w->p);
}

/* n bytes in place, or NULL and bad. */
static inline const uint8_t *
wire_bytes(struct wire *w, size_t n)
{
	if (wire_left(w) < n) {
		w->p = w->end;
		w->bad = true;
		return NULL;
	}
	const uint8_t *p = w->p;
	w->p += n;
	return p;
}

static inline void
wire_skip(struct wire *w, size_t n)
{
	(void)wire_bytes(w, n);
}

static inline uint8_t
wire_u8(struct wire *w)
{
	const uint8_t *p = wire_bytes(w, 1);
	return p != NULL ? p[0] : 0;
}

static inline uint16_t
wire_u16(struct wire *w)
{
	const uint8_t *p = wire_bytes(w, 2);
	return p != NULL ? be16(p) : 0;
}

static inline uint32_t
wire_u32(struct wire *w)
{
	const uint8_t *p = wire_bytes(w, 4);
	return p != NULL ? be32(p) : 0;
}

static inline uint64_t
wire_u64(struct wire *w)
{
	const uint8_t *p = wire_bytes(w, 8);
	return p != NULL ? be64(p) : 0;
}

/* A cursor over the next n bytes; bad (and empty) when there are fewer. */
static inline struct wire
wire_sub(struct wire *w, size_t n)
{
	const uint8_t *p = wire_bytes(w, n);
	if (p == NULL)
		return (struct wire){ .p = w->end, .end = w->end, .bad = true };
	return (struct wire){ .p = p, .end = p + n };
}

#endif
