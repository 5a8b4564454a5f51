/*
 * report: runs a query and prints what came of it.
 */
#ifndef QUERY_REPORT_H
#define QUERY_REPORT_H

#include "query/options.h"

/* The exit status. */
int report_query(struct options *o);

/* --explain: what the query would read; no flow is read. */
int report_explain(const struct options *o);

#endif
