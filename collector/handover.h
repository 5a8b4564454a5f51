/*
 * handover: another binary takes the place of the running collector on the
 * same sockets, and no datagram is lost.
 *
 *	old				new
 *	starts the program with its
 *	sockets and its pid file
 *					reads the configuration: "ready"
 *	receives no more: "receive"
 *	with the kernel's counts
 *					receives, into its queue: "receiving"
 *	finishes and names its
 *	files: "begin", with what
 *	goes on (carry.h)
 *					decodes, writes, is "running"
 *	ends
 *
 * Datagrams wait in the sockets for the blink between "receive" and
 * "receiving".  Each side sees the other's end: the old one goes on as if
 * nothing had been when the new one fails, the new one begins when the old
 * one dies.
 *
 * The new program has the caller's words and environment, and NFSEN_HANDOVER
 * names the descriptors.
 */
#ifndef COLLECTOR_HANDOVER_H
#define COLLECTOR_HANDOVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "collector/listen.h"

struct handover {
	int fd;     /* to the other side; -1: there is none */
	int pid_fd; /* new: the locked pid file */
	int err_fd; /* new: what standard error is later; old: to read it */
	pid_t pid;  /* old: of the new one */
};

#define HANDOVER_NONE                                                          \
	{                                                                      \
		.fd = -1, .pid_fd = -1, .err_fd = -1                           \
	}

/* How this program was called, to call it so again. */
struct program {
	char **argv;
	char *cwd;
};

/* Before anything changes the folder. */
void program_remember(struct program *p, char **argv);
void program_free(struct program *p);

/* ---- the old one ---------------------------------------------------------- */

/*
 * Have the helper start the program, and wait until it is ready.  -1: it
 * ended or said nothing in time; err has what it wrote on standard error.
 */
int handover_start(struct handover *h, const struct program *p,
    const struct listeners *ls, int pid_fd, int helper, struct err *err);

/* Nothing is received any more; until the new one does. */
int handover_receive(struct handover *h, const struct listeners *ls,
    struct err *err);

/*
 * All files have their names, and these n descriptors are to be had; until
 * the new one runs.
 */
int handover_begin(struct handover *h, const int *fds, size_t n,
    struct err *err);

/* After success or failure; a new one that failed is ended. */
void handover_end(struct handover *h, bool ok);

/* ---- the new one ---------------------------------------------------------- */

/*
 * What NFSEN_HANDOVER gives, or the sockets that systemd opened; ls (UDP) and
 * tcp (listening) are empty when there is neither.
 */
int handover_inherit(struct handover *h, struct listeners *ls,
    struct listeners *tcp, struct err *err);

/* Say "ready", until told to receive; ls gets the kernel's counts. */
int handover_ready(struct handover *h, struct listeners *ls, struct err *err);

/*
 * Say "receiving", until told to begin, or the old one is gone.  *fds are the
 * *n descriptors that came with it, free the list.
 */
void handover_receiving(struct handover *h, int **fds, size_t *n);

/* Say "running"; the other side is gone. */
void handover_running(struct handover *h);

#endif
