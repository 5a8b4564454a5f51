/*
 * report: runs a query and prints what came of it.
 */
#ifndef QUERY_REPORT_H
#define QUERY_REPORT_H

#include "query/options.h"

/* The exit status. */
int report_query(struct options *o);

/* -I: the sum of the files' stat records. */
int report_info(const struct options *o);

#endif
