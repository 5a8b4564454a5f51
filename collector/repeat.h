/*
 * repeat: datagrams of a source go on to other collectors as they came
 * (-R), from an address of ours, or (-A) with the exporter's own as sender,
 * which needs a raw socket and so the right to open one.
 *
 * Nothing waits: what a socket does not take at once is counted and gone.
 */
#ifndef COLLECTOR_REPEAT_H
#define COLLECTOR_REPEAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "conf/conf.h"

struct repeat {
	struct repeat_target {
		struct addr addr;
		uint16_t port;
		int fd;
		char *host;                        /* as configured */
		atomic_uint_fast64_t sent, failed; /* datagrams */
	} targets[CONF_REPEAT_MAX];
	size_t n;
	bool spoof;
};

/*
 * Resolve the targets and open a socket for each.  *out NULL with 0: the
 * source repeats nothing.
 */
int repeat_open(const struct conf_intake *in, struct repeat **out,
    struct err *err);
void repeat_close(struct repeat *r); /* NULL: nothing */

/* Does it do what `in` asks for? */
bool repeat_is(const struct repeat *r, const struct conf_intake *in);

/* Those of a configuration, by ident. */
struct repeaters {
	struct repeater {
		char *ident;
		struct repeat *repeat;
	} * r;
	size_t n;
};

/*
 * What the sources of c want, those of `have` (which stays whose it is) that
 * are the same among it.  -1: err names the source; *out is empty.
 */
int repeaters_open(const struct conf *c, const struct repeaters *have,
    struct repeaters *out, struct err *err);
struct repeat *repeaters_find(const struct repeaters *rs, const char *ident);

/* Close all but those that are in `but` as well (NULL: all). */
void repeaters_close(struct repeaters *rs, const struct repeaters *but);

/* One datagram that came from `from` to our port.  One thread at a time. */
void repeat_send(struct repeat *r, const struct addr *from, uint16_t port,
    const uint8_t *data, size_t len);

/*
 * The headers of a datagram from one address and port to another, of one
 * family, into buf (REPEAT_HEAD_MAX); their length.  data is for the checksum.
 */
#define REPEAT_HEAD_MAX 48
size_t repeat_head(uint8_t *buf, const struct addr *from, uint16_t from_port,
    const struct addr *to, uint16_t to_port, const uint8_t *data, size_t len);

#endif
