/*
 * skipped: what the files of a query hold that could not be shown: said once
 * a query, on standard error, whatever the format of its output.
 */
#ifndef QUERY_SKIPPED_H
#define QUERY_SKIPPED_H

#include "query/scan.h"

void skipped_say(const struct scan *s);

#endif
