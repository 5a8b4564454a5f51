/*
 * stream_listen: the TCP sockets that the configuration wants, one per
 * distinct port, for both families, and the certificates.
 */
#ifndef COLLECTOR_STREAM_LISTEN_H
#define COLLECTOR_STREAM_LISTEN_H

#include "base/err.h"
#include "collector/listen.h"
#include "collector/ports.h"
#include "collector/stream.h"
#include "conf/conf.h"

/*
 * Those of `have` (zeroed: none) that conf still wants and new ones for the
 * rest; certificates are read anew.  -1: err names port or file and cause,
 * nothing is open that was not.
 */
int stream_open(const struct conf *c, struct ports *ps,
    const struct stream_setup *have, struct stream_setup *out, struct err *err);

/* Those of s that are not in `next` (NULL: all). */
void stream_close(const struct stream_setup *s,
    const struct stream_setup *next);

/* Of `all`, those whose port and kind are in `next` as well. */
void stream_common(const struct stream_setup *all,
    const struct stream_setup *next, struct stream_setup *out);

/* Listening sockets that were there before; free it. */
void stream_inherit(struct stream_setup *s, const struct listeners *ls);

/* Frees the list and lets go of the certificates; sockets stay. */
void stream_free(struct stream_setup *s);

#endif
