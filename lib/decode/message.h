/*
 * message: a stream of bytes cut into IPFIX messages by the length in their
 * headers (RFC 7011 3.1): version u16 (10), length u16 of all of it, 16 to
 * 65535.
 *
 * Whole messages are given on from where they lie; only one that is not yet
 * whole is kept, in memory of the length it announces and no more.
 */
#ifndef DECODE_MESSAGE_H
#define DECODE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_HEADER 16
#define MESSAGE_MAX    65535

enum message_state {
	MESSAGE_NONE,        /* between two messages */
	MESSAGE_BEGUN,       /* one is not yet whole */
	MESSAGE_BAD_VERSION, /* no IPFIX: where messages end is not known */
	MESSAGE_BAD_LENGTH   /* shorter than a header: the same */
};

/* Zeroed: at the start of a stream. */
struct message_part {
	uint8_t *buf; /* NULL when none is begun */
	uint32_t n;   /* bytes there */
	uint32_t need;
};

/* Called per message; p is valid during the call. */
typedef void message_sink(void *ctx, const uint8_t *p, size_t len);

/*
 * Take the next n bytes of the stream.  After a BAD state nothing of the
 * stream can be used; call message_free and no more.
 */
enum message_state message_add(struct message_part *m, const uint8_t *p,
    size_t n, message_sink *sink, void *ctx);

/* What is begun is forgotten. */
void message_free(struct message_part *m);

#endif
