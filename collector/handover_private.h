/* handover_private: the words both sides of a handover use. */
#ifndef COLLECTOR_HANDOVER_PRIVATE_H
#define COLLECTOR_HANDOVER_PRIVATE_H

/* Pair, pid file, standard error, sockets: descriptors. */
#define HANDOVER_ENV "NFSEN_HANDOVER"

#define HANDOVER_READY     "ready"
#define HANDOVER_RECEIVE   "receive"
#define HANDOVER_RECEIVING "receiving"
#define HANDOVER_BEGIN     "begin"
#define HANDOVER_RUNNING   "running"

#define HANDOVER_TEXT_MAX 65536

void handover_say(int fd, const char *text);

/*
 * One message into text, which has room for HANDOVER_TEXT_MAX; its length,
 * 0: the other side is gone, -1: nothing came in time.
 */
int handover_hear(int fd, char *text, int ms);

#endif
