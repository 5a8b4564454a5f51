/*
 * request: the text of one request into a struct ctl_request; the part of
 * the server that reads hostile bytes, apart so that it can be tested alone.
 *
 * As nfsend takes them: blanks before keys and values are dropped, the line
 * is split at its first '=', the last of several equal scalars wins, one
 * argument may follow the command on its line, a line ".." means ".", lines
 * that start with '.' and a letter are settings of the connection.
 *
 * A request is read in two steps, for an unknown command is refused before
 * anything is said about its arguments.
 */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include "ctl/ctl.h"

#define CTL_KEY_MAX     64
#define CTL_TIMEOUT_MAX 3600 /* seconds that a client may ask for */

/* What a client has set on its connection. */
struct ctl_talk {
	bool silent; /* .silent=1: requests are not repeated in replies */
	bool debug;  /* .debug=1: said back, no more */
	int timeout_ms;
};

enum ctl_kind {
	CTL_NOTHING, /* no line, or only settings: there is no reply */
	CTL_EMPTY,   /* an empty command line: a sign of life is asked for */
	CTL_BLANK,   /* blanks where the command should be; in r->command */
	CTL_COMMAND
};

/*
 * Length of the first complete request in data, its "." line included; 0:
 * none yet.  *scan is where to go on looking, 0 at first, kept between
 * calls while data only grows.
 */
size_t ctl_request_end(const char *data, size_t len, size_t *scan);

/*
 * The command of the len bytes that ctl_request_end found; settings among
 * them change talk at once and are told as lines in info.  -1: err is the
 * text to answer, r is empty.
 */
int ctl_request_read(struct ctl_request *r, struct ctl_talk *talk,
    const char *data, size_t len, enum ctl_kind *kind, struct buf *info,
    struct err *err);

/* Then its arguments.  -1: err is the text to answer; r keeps its command. */
int ctl_request_args(struct ctl_request *r, struct err *err);

/* "quit" and nothing else on its line. */
bool ctl_request_quits(const struct ctl_request *r);

/* The request said back, as nfsend does: lines that clients skip. */
void ctl_request_echo_command(const struct ctl_request *r, struct buf *out);
void ctl_request_echo_args(const struct ctl_request *r, struct buf *out);

void ctl_request_free(struct ctl_request *r);

#endif
