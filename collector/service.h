/*
 * service: the collector as a whole: sockets, threads and the configuration
 * that says what they do.
 */
#ifndef COLLECTOR_SERVICE_H
#define COLLECTOR_SERVICE_H

#include "base/err.h"
#include "collector/decoder.h"
#include "collector/listen.h"
#include "collector/receive.h"
#include "collector/ring.h"
#include "collector/writer.h"
#include "conf/conf.h"

#define SERVICE_QUEUE (64 * 1024 * 1024) /* bytes of datagrams */

struct service {
	struct conf *conf; /* running; the service's */
	struct listeners listeners;
	struct ports ports;
	struct ring ring;
	struct receiver receiver;
	struct decoder decoder;
	struct writer *writer;
	bool decoding, receiving; /* the threads run */
};

/* Open the sockets of conf, which the service takes over. */
int service_bind(struct service *s, struct conf *conf, struct err *err);

/* Start the threads; the folders of all sources must be there. */
int service_start(struct service *s, struct err *err);

/*
 * Load the config file anew and run by it.  -1: nothing has changed.  On
 * return the files of sources that went are finished and named.
 * Sockets of ports that stay are not touched; BINDADDR and BUFFLEN count
 * for new ones only.
 */
int service_reload(struct service *s, struct err *err);

/* Take what has arrived, finish and publish all files, end. */
void service_stop(struct service *s);

#endif
