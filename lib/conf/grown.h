/*
 * grown: sources that came by themselves, behind a dynamic one.
 *
 * PROFILESTATDIR/live/.dynamic has a line for each, in the order they came:
 *
 *   ADDRESS PARENT SINCE        192.0.2.7 new 1795444200
 *
 * PARENT is the ident of the dynamic source of %sources, SINCE epoch seconds.
 * The collector appends, whoever removes the source takes its line out; both
 * hold the file's lock.  conf_load has them among the sources, with the
 * parent's keys and the address as their only sender; one whose parent is
 * gone or no longer dynamic, or whose address a source of %sources on that
 * port has meanwhile, is left out.
 */
#ifndef CONF_GROWN_H
#define CONF_GROWN_H

#include <stdint.h>

#include "base/addr.h"
#include "conf/conf.h"

#define GROWN_FILE     "live/.dynamic" /* below PROFILESTATDIR */
#define GROWN_FILE_MAX (8 << 20)       /* bytes */

/* The address with hyphens for its dots and colons; no ident of %sources. */
char *grown_ident(const struct addr *a, char ident[ADDR_STRLEN]);

/* One more line of the file at `path`. */
int grown_add(const char *path, const struct addr *a, const char *parent,
    int64_t since, struct err *err);

/* Its lines are gone; also when there was none. */
int grown_drop(const struct conf *c, const char *ident, struct err *err);

/*
 * Have those in c's sources that the file has now and c has not.  Returns
 * how many they are, -1: the file cannot be read.
 */
int grown_load(struct conf *c, struct err *err);

/* c as if it had never come. */
void grown_forget(struct conf *c, const char *ident);

#endif
