/*
 * service: the collector as a whole: sockets, threads and the configuration
 * that says what they do.
 */
#ifndef COLLECTOR_SERVICE_H
#define COLLECTOR_SERVICE_H

#include "base/err.h"
#include "collector/carry.h"
#include "collector/decoder.h"
#include "collector/launch.h"
#include "collector/listen.h"
#include "collector/metrics.h"
#include "collector/receivers.h"
#include "collector/repeat.h"
#include "collector/ring.h"
#include "collector/stream_listen.h"
#include "collector/writer.h"
#include "conf/conf.h"

#define SERVICE_QUEUE        (64 * 1024 * 1024) /* bytes of datagrams, in all */
#define SERVICE_STREAM_QUEUE (4 * 1024 * 1024)  /* of messages over TCP */

struct service {
	struct conf *conf; /* running; the service's */
	struct listeners listeners;
	struct stream_setup stream;
	struct repeaters repeaters;
	struct launch *launch; /* NULL: no commands are run */
	struct ports ports;
	struct receivers receivers;
	struct ring stream_ring;
	struct streams *streams;
	struct session_refusals refusals; /* outlive the streams */
	struct stream_counts stream_counts;
	struct decoder decoder;
	struct writer *writer;
	struct metrics *metrics;  /* NULL: not wanted */
	struct meter *meter;      /* NULL: not wanted */
	struct carry carry;       /* what goes on, while nobody has it */
	bool decoding, receiving; /* the threads run */
	int64_t since;            /* receiving; epoch seconds */
};

/*
 * Open the sockets of conf, which the service takes over, but for those
 * there are already (have_tcp: listening ones); of these the ones that conf
 * does not want are closed.
 */
int service_bind(struct service *s, struct conf *conf,
    const struct listeners *have, const struct listeners *have_tcp,
    struct err *err);

/* The kernel's counts so far of inherited sockets. */
void service_counts(struct service *s, const struct listeners *ls);

/* Could it start?  Nothing is begun. */
int service_check(const struct service *s, struct err *err);

/*
 * Receive datagrams into the queue; nothing is taken from it before
 * service_start.
 */
int service_receive(struct service *s, struct err *err);

/* Read connections over TCP, those of the carry among them. */
int service_listen(struct service *s, struct err *err);

/*
 * Start the helper that runs commands, before the threads; it closes our
 * sockets and n descriptors more (-1: none).
 */
int service_helper(struct service *s, const int *fds, size_t n,
    struct err *err);

/* Start the threads; the folders of all sources must be there. */
int service_start(struct service *s, struct err *err);

/*
 * For an upgrade: to stop in two steps, of which each can be taken back, by
 * service_receive and service_listen, and by service_start.  Sockets and
 * configuration stay, and what goes on is in the carry.
 */
void service_deafen(struct service *s);
void service_finish(struct service *s);

/*
 * Load the config file anew and run by it.  -1: nothing has changed.  On
 * return the files of sources that went are finished and named.
 * Connections to ports that stay are not touched, nor are sockets but as
 * sockets.h says.
 */
int service_reload(struct service *s, struct err *err);

/* Take what has arrived, finish and publish all files, end. */
void service_stop(struct service *s);

#endif
