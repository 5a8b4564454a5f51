/*
 * sockets: the UDP sockets that a configuration wants, one per port or as many
 * as there are threads that receive (shard.h), and how they get from one configuration to the next without a datagram lost.
 *
 * A socket whose address, family or group is another now is opened anew while
 * the old one still receives; both have the port for the moment of the
 * change.  A buffer's length is changed in place.  A port that stays keeps as
 * many sockets as it has: senders would be given to others else, with what
 * they sent before still to be read.
 */
#ifndef COLLECTOR_SOCKETS_H
#define COLLECTOR_SOCKETS_H

#include <stdbool.h>

#include "base/err.h"
#include "collector/listen.h"
#include "collector/ports.h"
#include "conf/conf.h"

struct sockets_plan {
	const struct conf *conf;
	const struct conf *was; /* what `have` was opened for; NULL: unknown,
	                           and they stay as they are */
	struct ports *ports;
	size_t shards; /* sockets of a port that is new */
};

/* Does the collector listen for this source, over UDP or TCP? */
bool sockets_collect(const struct conf_source *cs);

/*
 * Those of `have` that conf still wants, and new ones for the rest.  -1: err
 * names port and cause, nothing is open that was not.
 */
int sockets_open(const struct sockets_plan *p, const struct listeners *have,
    struct listeners *out, struct err *err);

/* Those of ls whose socket is not in `but` as well (NULL: all). */
void sockets_close(const struct listeners *ls, const struct listeners *but);

/* Of `all`, those whose socket is in `next` as well. */
void sockets_common(const struct listeners *all, const struct listeners *next,
    struct listeners *out);

/*
 * From now on those in `next` receive where they have the port of another
 * one in ls.
 */
void sockets_turn(const struct listeners *ls, const struct listeners *next);

/* The old ones are closed: buffers as conf wants them now. */
void sockets_settle(const struct conf *was, const struct conf *conf,
    const struct listeners *ls);

#endif
