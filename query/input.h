/*
 * input: flows on standard input.
 */
#ifndef QUERY_INPUT_H
#define QUERY_INPUT_H

#include <stdbool.h>

#include "base/err.h"

#define INPUT_PATH "/dev/stdin"

/* Somebody feeds us: a pipe, or a file in its place. */
bool input_is_fed(void);

/*
 * A flow file is read in several places at once: what comes through a pipe is
 * kept in a file without a name (below $TMPDIR, else /tmp), which then is
 * standard input.  Afterwards INPUT_PATH can be opened like any other file.
 */
int input_keep(struct err *err);

#endif
