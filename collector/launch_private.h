/*
 * launch_private: what collector and helper say to each other.
 *
 * A command is "ident\0word\0word\0".  No ident is empty: what begins with a
 * zero is about a program that gets descriptors of ours, a kind and
 *
 *	F			descriptors beside the message, some at a time
 *	S cwd\0env\0word\0...	start it; the answer is its pid, or an error
 *				number below zero
 */
#ifndef COLLECTOR_LAUNCH_PRIVATE_H
#define COLLECTOR_LAUNCH_PRIVATE_H

#include <stddef.h>
#include <sys/types.h>

#define PROGRAM_FDS   2048 /* that it can get */
#define PROGRAM_BATCH 64   /* in one message */

/* The helper's: what it has for a program. */
struct program_start {
	int fds[PROGRAM_FDS];
	size_t n;
};

/* One message that begins with a zero, and its descriptors, n of them. */
void program_message(struct program_start *p, int fd, const char *text,
    size_t len, const int *fds, size_t n);

#endif
