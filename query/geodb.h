/*
 * geodb: which databases a query uses: -G's, else those of the configuration.
 */
#ifndef QUERY_GEODB_H
#define QUERY_GEODB_H

#include "base/err.h"
#include "filter/geo.h"

/*
 * arg: -G's, NULL when it was not given, "none" for none.  config: what
 * --config names, or NULL; without it a configuration that is not there or
 * not usable is none.  *g is NULL when there is none.  -1: err.
 */
int geodb_open(const char *arg, const char *config, struct geo **g,
    struct err *err);

#endif
