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

/* "begin 250" is followed by "more", of so many descriptors each at most. */
#define HANDOVER_MORE    "more"
#define HANDOVER_FDS     100
#define HANDOVER_FDS_MAX 8192

void handover_say(int fd, const char *text);

/* With at most HANDOVER_FDS descriptors. */
void handover_say_fds(int fd, const char *text, const int *fds, size_t n);

/* As handover_hear, and the descriptors that came along; *n has how many. */
int handover_hear_fds(int fd, char *text, int ms, int fds[HANDOVER_FDS],
    size_t *n);

/*
 * One message into text, which has room for HANDOVER_TEXT_MAX; its length,
 * 0: the other side is gone, -1: nothing came in time.
 */
int handover_hear(int fd, char *text, int ms);

#endif
