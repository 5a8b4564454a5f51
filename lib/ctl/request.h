/*
 * request: the text of one request into a struct ctl_request; the part of
 * the server that reads hostile bytes, apart so that it can be tested alone.
 *
 * As nfsend takes them: blanks before keys and values are dropped, the line
 * is split at its first '=', the last of several equal scalars wins, one
 * argument may follow the command on its line, a line ".." means ".", lines
 * that start with '.' and a letter (nfsend's internal settings) are skipped.
 */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include "ctl/ctl.h"

/*
 * Length of the first complete request in data, its "." line included; 0:
 * none yet.  *scan is where to go on looking, 0 at first, kept between
 * calls while data only grows.
 */
size_t ctl_request_end(const char *data, size_t len, size_t *scan);

/*
 * Take apart the len bytes that ctl_request_end found.  -1: err is the text
 * to answer; r is empty then.
 */
int ctl_request_parse(struct ctl_request *r, const char *data, size_t len,
    struct err *err);

void ctl_request_free(struct ctl_request *r);

#endif
